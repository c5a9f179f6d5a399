"""Plays the people of a demo with a mouse on the real window and notes what it shows; refuses to look behind it."""

import logging
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtQuick import QQuickItem, QQuickView

from kiosk.screens.assembly import Assembly
from kiosk.screens.preview import PreviewSource

LOG: Final = logging.getLogger("ambang.autopilot")
STEP_MS: Final = 40
READ_S: Final = 0.8  # how long a person looks at "recorded" before they walk on
LAST_TRY_S: Final = 1.2  # nobody tries again with less time than this left
_ENDS: Final = {"recorded": "recorded", "refused": "not_recognised", "out": "out_of_service"}


@dataclass(frozen=True, slots=True)
class Plan:
    """One visit to come; times in monotonic seconds.

    Attributes:
        kind: "face", "stranger" or "pin".
        who: employee code, None for a stranger.
        from_s: they come into view.
        act_s: they stand before the door and touch it.
        to_s: they are gone.
        action: the button's name, "in" or "out".
        pin: for kind "pin".
    """

    kind: str
    who: str | None
    from_s: float
    act_s: float
    to_s: float
    action: str
    pin: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """One visit as an onlooker noted it; UTC in ms since the epoch; shown is the last screen that told the outcome."""

    kind: str
    who: str | None
    from_ms: int
    to_ms: int
    shown: str


class Autopilot(QObject):
    """Carries out the plans one after the other and then ends the application.

    Args:
        window: the window to touch.
        source: whose painted pictures give the frame rate while somebody is looked at.
        plans: in the order of their times.
    """

    def __init__(self, window: QQuickView, source: PreviewSource, plans: Sequence[Plan]) -> None:
        super().__init__(window)
        self.turns: list[Turn] = []
        self.over = False
        self.looked_s = 0.0
        self.painted = 0
        self._window = window
        self._source = source
        self._script = self._day(plans)
        self._seen: tuple[float, int] | None = None
        self._timer = QTimer(self, interval=STEP_MS)
        self._timer.timeout.connect(self._step)

    def start(self) -> None:
        """Begin."""
        self._timer.start()

    @property
    def preview_fps(self) -> float:
        """Painted pictures a second while the camera was shown."""
        return self.painted / self.looked_s if self.looked_s else 0.0

    def _step(self) -> None:
        self._count()
        if next(self._script, "done") == "done":
            self._timer.stop()
            self.over = True
            QGuiApplication.quit()

    def _count(self) -> None:
        now, painted = time.monotonic(), self._source.painted
        if self._page() != "looking":
            self._seen = None
            return
        if self._seen is not None:
            self.looked_s += now - self._seen[0]
            self.painted += painted - self._seen[1]
        self._seen = now, painted

    def _day(self, plans: Sequence[Plan]) -> Iterator[None]:
        for plan in plans:
            while time.monotonic() < plan.act_s:
                yield
            began_ms = _now_ms() - round((time.monotonic() - plan.from_s) * 1000)
            shown = yield from self._pin(plan) if plan.kind == "pin" else self._face(plan)
            if shown == "recorded":
                yield from _wait(READ_S)
            yield from self._home()
            self.turns.append(Turn(plan.kind, plan.who, began_ms, _now_ms(), shown))
            LOG.info("a visit of kind %s ended on %s", plan.kind, shown)

    def _face(self, plan: Plan) -> Generator[None, None, str]:
        yield from self._home()
        self._touch(f"action.{plan.action}")
        shown = ""
        while time.monotonic() < plan.to_s:
            yield
            page = self._page()
            shown = _ENDS.get(page, page)
            if page == "confirming":
                self._touch("tap.yes")
            elif page == "refused" and plan.kind == "face" and time.monotonic() < plan.to_s - LAST_TRY_S:
                self._touch("tap.retry")
            elif page in _ENDS:
                break
        return shown

    def _pin(self, plan: Plan) -> Generator[None, None, str]:
        yield from self._home()
        self._touch("tap.pin")
        yield from self._until("pin")
        for key in (*(plan.who or ""), "enter", *plan.pin, "enter"):
            self._touch(f"key.{key}")
            yield
        shown = ""
        while time.monotonic() < plan.to_s:
            yield
            page = self._page()
            shown = _ENDS.get(page, page)
            if page == "confirming" and not self._touch("tap.yes"):
                self._touch(f"action.{plan.action}")
            elif page in _ENDS:
                break
        return shown

    def _home(self) -> Iterator[None]:
        while self._page() not in {"idle", "out"}:
            if not self._touch("tap.done"):
                self._touch("tap.cancel")
            yield

    def _until(self, page: str) -> Iterator[None]:
        while self._page() != page:
            yield

    def _page(self) -> str:
        root = self._window.rootObject()
        return "" if root is None else str(root.property("page"))

    def _touch(self, name: str) -> bool:
        """Press and release the left button in the middle of a visible, enabled item; False when there is none."""
        item = next((each for each in _items(self._window.contentItem()) if each.objectName() == name), None)
        if item is None or not item.isEnabled():
            return False
        where = item.mapToScene(QPointF(item.width() / 2, item.height() / 2))
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        for kind, button in ((QEvent.Type.MouseButtonPress, left), (QEvent.Type.MouseButtonRelease, none)):
            event = QMouseEvent(
                kind,
                where,
                self._window.mapToGlobal(where.toPoint()).toPointF(),
                left,
                button,
                Qt.KeyboardModifier.NoModifier,
            )
            QGuiApplication.sendEvent(self._window, event)
        return True


def drive(kiosk: Assembly, plans: Sequence[Plan]) -> Autopilot | None:
    """Run the app with somebody at the door until the last visit is over; None when something ended it before."""
    pilots: list[Autopilot] = []

    def begun(window: QQuickView) -> None:
        pilots.append(Autopilot(window, kiosk.source, plans))
        pilots[0].start()

    return pilots[0] if kiosk.run(begun) == 0 and pilots and pilots[0].over else None


def _items(item: QQuickItem) -> Iterator[QQuickItem]:
    """Walk every visible item."""
    if item.isVisible():
        yield item
        for child in item.childItems():
            yield from _items(child)


def _wait(seconds: float) -> Iterator[None]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        yield


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
