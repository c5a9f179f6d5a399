"""The pages' QObject: turns touches into events and effects into port calls; it decides nothing."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, assert_never, cast

from PySide6.QtCore import Property, QObject, Qt, QTimer, Signal, Slot

from kiosk import words
from kiosk.pages import visit as vi
from kiosk.pages.page import At, Employee, Nobody, Official, Page, Visitor
from kiosk.pages.sheet import AskedKind, Sheet
from kiosk.pages.visit import Visit
from kiosk.rights.qr_code import modules
from kiosk.screens.door import local_now
from kiosk.screens.spelling import Spelled

TICK_MS = 250
WARN_S = 20.0
DIGITS: Final = "1234567890"
NOBODY: Final = Nobody()
_CLOSED: dict[str, object] = {"page": ""}


@dataclass(frozen=True, slots=True)
class DeskPorts:
    """What the pages may ask for; each call returns at once, answers come through `Pages.post`.

    Args:
        work: do this with the store; the answer is Did or DidNot.
        watch: use the camera; the answers are Saw.
        unwatch: the camera rests.
    """

    work: Callable[[vi.Work, str], None]
    watch: Callable[[vi.Watch], None]
    unwatch: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Opening:
    """Where a visit begins, and who is known already."""

    page: Page
    visitor: Visitor = NOBODY


class Pages(QObject):
    """Drives a visit on the Qt thread; there is one at a time, or none.

    Args:
        ports: what the pages may ask for.
        areas: where a visit may begin, by name; None where it cannot begin now.
        language: the site's language, until somebody chooses.
        scramble: the digits of a PIN stand in another order each time.
        monotonic: seconds that never go back.
        wall: local time to show.
    """

    viewChanged = Signal()  # noqa: N815 - QML's spelling
    wordsChanged = Signal()  # noqa: N815 - QML's spelling
    opened = Signal()
    closed = Signal()
    spoken = Signal(str)
    _posted = Signal(object)

    def __init__(  # noqa: PLR0913 - each has its own reason and a default
        self,
        ports: DeskPorts,
        areas: Mapping[str, Callable[[], Opening | None]] = MappingProxyType({}),
        *,
        language: str = "id",
        scramble: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = local_now,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._ports, self._areas, self._language = ports, areas, language
        self._monotonic, self._wall = monotonic, wall
        self._scramble, self._order, self._revealed = scramble, (0, DIGITS), 0
        self._visit: Visit | None = None
        self._attempts = 0
        self._shown: tuple[Sheet, str] | None = None
        self._view = _CLOSED
        self._posted.connect(self._handle, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)

    # -- from other threads -------------------------------------------------------------------------------------------

    def post(self, event: vi.Event) -> None:
        """Hand in an answer from any thread; it is handled on the Qt thread, in order."""
        self._posted.emit(event)

    # -- for QML ------------------------------------------------------------------------------------------------------

    def _get_view(self) -> dict[str, object]:
        return self._view

    def _get_words(self) -> dict[str, str]:
        return dict(words.scene(self._language))

    view = Property("QVariantMap", _get_view, notify=viewChanged)  # type: ignore[arg-type]
    words = Property("QVariantMap", _get_words, notify=wordsChanged)  # type: ignore[arg-type]

    @Slot(str, str)
    def open(self, area: str, language: str) -> None:
        """Begin a visit in an area, in the language that the door speaks now; one that is not there is no area."""
        begin = self._areas.get(area)
        opening = None if begin is None else begin()
        if opening is not None:
            self.begin(opening.page, language, opening.visitor)

    @Slot(str)
    def tap(self, key: str) -> None:
        """A row or a button of the page."""
        self._handle(vi.Tapped(key))

    @Slot()
    def back(self) -> None:
        """One page back."""
        self._handle(vi.BackTapped())

    @Slot()
    def leave(self) -> None:
        """End the visit."""
        self._handle(vi.LeaveTapped())

    @Slot()
    def touch(self) -> None:
        """Somebody is there."""
        self._handle(vi.Touched())

    @Slot(str)
    def key(self, character: str) -> None:
        """One character, if it may stand here."""
        if self._visit is None or self._shown is None:
            return
        asked = self._shown[0].asked
        if asked is not None and vi.takes(asked, character, self._visit.typed):
            self._handle(vi.Typed(character))

    @Slot()
    def erase(self) -> None:
        """Take one character back."""
        self._handle(vi.Erased())

    @Slot()
    def enter(self) -> None:
        """Hand in what was typed, once it is long enough."""
        if self._visit is None or self._shown is None:
            return
        asked = self._shown[0].asked
        if asked is not None and len(self._visit.typed.strip()) >= asked.least:
            self._handle(vi.Entered())

    @Slot()
    def reveal(self) -> None:
        """Show the password that is being typed, or hide it again; another page hides it too. A PIN is never shown."""
        visit = self._visit
        if visit is not None and not visit.busy and self._shown and _may_be_seen(self._shown[0]):
            self._revealed = 0 if self._revealed == visit.attempt else visit.attempt
            self._handle(vi.Touched())

    @Slot(str)
    def speak(self, language: str) -> None:
        """Change the language by one tap."""
        if language in words.LANGUAGES:
            self._set_language(language)
            self.spoken.emit(language)
            self._handle(vi.Touched())

    @Slot()
    def tick(self) -> None:
        """Let time pass; the timer calls it four times a second while a visit is open."""
        self._handle(vi.Tick())

    # -- inside -------------------------------------------------------------------------------------------------------

    @property
    def visit(self) -> Visit | None:
        """The visit that is open, for tests and for whoever must not disturb it."""
        return self._visit

    @property
    def typing(self) -> bool:
        """Whether a keyboard that is plugged in may type here."""
        return self._shown is not None and self._shown[0].asked is not None

    def begin(self, page: Page, language: str, visitor: Visitor = NOBODY) -> None:
        """Open a visit; one that is open stays as it is."""
        if self._visit is not None:
            return
        self._set_language(language)
        self._visit, effects = vi.begin(page, self._monotonic(), visitor, self._attempts)
        self._timer.start()
        self._refresh()
        self.opened.emit()
        self._carry_out(effects)

    def pose(self, visit: Visit, language: str) -> None:
        """Show a page without carrying anything out; only `kiosk screens` and tests call it."""
        self._visit = visit
        self._set_language(language)
        self._refresh()

    def close(self) -> None:
        """Show no page any more, without carrying anything out; only `kiosk screens` and tests call it."""
        self._visit = None
        self._refresh()

    @property
    def sheet(self) -> Sheet:
        """What is shown. Raises LookupError when no visit is open."""
        if self._shown is None:
            raise LookupError("no page is open")
        return self._shown[0]

    def stop(self) -> None:
        """End the visit, if there is one."""
        self._handle(vi.LeaveTapped())

    @Slot(object)
    def _handle(self, event: vi.Event) -> None:
        if self._visit is None:
            return
        self._attempts = self._visit.attempt
        self._visit, effects = vi.step(self._visit, event, self._monotonic())
        self._refresh()
        self._carry_out(effects)

    def _carry_out(self, effects: tuple[vi.Effect, ...]) -> None:
        for effect in effects:
            match effect:
                case vi.Work():
                    self._ports.work(effect, self._language)
                case vi.Watch():
                    self._ports.watch(effect)
                case vi.Unwatch():
                    self._ports.unwatch()
                case vi.Speaks(language):
                    self.speak(language)
                case vi.Close():
                    self._timer.stop()
                    self.closed.emit()
                case _:
                    assert_never(effect)

    def _set_language(self, language: str) -> None:
        if language != self._language:
            self._language = language
            self.wordsChanged.emit()

    def _refresh(self) -> None:
        view = self._described()
        if view != self._view:
            self._view = view
            self.viewChanged.emit()

    def _described(self) -> dict[str, object]:
        visit = self._visit
        if visit is None:
            self._shown = None
            return _CLOSED
        now, wall = self._monotonic(), self._wall()
        at = At(self._language, Spelled(self._language, wall), visit.visitor, now, wall)
        sheet = visit.page.sheet(at)
        self._shown = sheet, self._language
        left = visit.until - now
        return {
            **_drawn(sheet),
            "page": "sheet" if sheet.asked is None else "typing",
            "serial": visit.attempt,
            "depth": len(visit.stack),
            "language": self._language,
            "busy": visit.busy,
            "who": _who(at),
            "whose": "" if isinstance(visit.visitor, Nobody) else visit.visitor.name,
            "locking": round(left) if left <= WARN_S and not isinstance(visit.visitor, Nobody) else -1,
            "order": self._ordered(sheet, visit),
            **_typed(sheet, visit, revealed=_may_be_seen(sheet) and self._revealed == visit.attempt),
        }

    def _ordered(self, sheet: Sheet, visit: Visit) -> str:
        """The digits as the keyboard has them: for a PIN in an order of its own on each page, if the site asks so."""
        if not self._scramble or sheet.asked is None or sheet.asked.kind is not AskedKind.PIN:
            return DIGITS
        if self._order[0] != visit.attempt:
            self._order = visit.attempt, scrambled()
        return self._order[1]


def scrambled() -> str:
    """The ten digits in an order that nobody can guess."""
    digits = list(DIGITS)
    secrets.SystemRandom().shuffle(digits)
    return "".join(digits)


def _may_be_seen(sheet: Sheet) -> bool:
    return sheet.asked is not None and sheet.asked.kind is AskedKind.SECRET


def _typed(sheet: Sheet, visit: Visit, *, revealed: bool) -> dict[str, object]:
    asked = sheet.asked
    if asked is None:
        return {"typed": "", "dots": -1, "ready": False, "revealed": False}
    secret = asked.kind in {AskedKind.SECRET, AskedKind.PIN} and not revealed
    ready = len(visit.typed.strip()) >= asked.least
    return {
        "typed": "" if secret else visit.typed,
        "dots": len(visit.typed) if secret else -1,
        "ready": ready,
        "revealed": revealed,
    }


def _drawn(sheet: Sheet) -> dict[str, object]:
    """The sheet as QML takes it: lists for tuples, and the dark modules of each QR code."""
    drawn = asdict(sheet)
    drawn["body"] = [_block(block) for block in drawn["body"]]
    drawn["acts"] = list(drawn["acts"])
    return drawn


def _block(block: dict[str, object]) -> dict[str, object]:
    match block["kind"]:
        case "code":
            return {**block, "modules": list(modules(str(block["text"])))}
        case "preview":
            return {**block, "meters": list(cast("tuple[object, ...]", block["meters"]))}
        case _:
            return block


def _who(at: At) -> str:
    match at.visitor:
        case Nobody():
            return ""
        case Employee(_, name):
            return name
        case Official(login, name):
            return at.say("pages.session", name=name, role=at.say(f"pages.role.{login.role.value}"))
        case _:
            assert_never(at.visitor)
