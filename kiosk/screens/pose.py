"""Every state of the check-in screen, posed with made-up people and a drawn silhouette; refuses photographs."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QEventLoop, QSize, QTimer
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtQuick import QQuickItem, QQuickView

from kiosk.faults import FaultCode
from kiosk.flow.actions import Action, Button, LastAction, Method
from kiosk.flow.events import Beside, Instruction, Shift
from kiosk.flow.states import (
    Already,
    Badge,
    Confirming,
    Disputed,
    Idle,
    Looking,
    NotRecognised,
    OutOfService,
    PadReason,
    PinPad,
    Recorded,
    Resolving,
    Saving,
    Standing,
    State,
)
from kiosk.pages.posed import Posed
from kiosk.pages.sheet import Preview
from kiosk.pages.visit import Visit
from kiosk.screens import app
from kiosk.screens.desk import DeskPorts, Pages
from kiosk.screens.door import Door
from kiosk.screens.entry import Entry
from kiosk.screens.ports import DoorPorts
from kiosk.screens.preview import Picture, PreviewSource
from kiosk.screens.view import Around

NOW: Final = 1000.0
WALL: Final = datetime(2026, 8, 3, 7, 58, tzinfo=timezone(timedelta(hours=7), "WIB"))
LAYOUTS: Final = {"landscape": app.LANDSCAPE, "portrait": app.PORTRAIT}
_MS: Final = int(WALL.timestamp() * 1000)
_CALM = Around("Kantor Pusat, pintu timur", "Ani Wijaya, 4102", "3.1", 0, "ok")
_WAITING = Around("Kantor Pusat, pintu timur", "Ani Wijaya, 4102", "3.1", 3, "offline")
_TOLD = (
    ("id", "Rapat pukul 10.00, ruang Merapi."),
    ("en", "Meeting at 10:00 in room Merapi."),
    ("nl", "Vergadering om 10.00 uur, zaal Merapi."),
)
_NEWS = (
    ("id", "Jumat ini kantor tutup pukul 15.00. Ambil seragam baru di gudang sebelum Kamis, ya."),
    ("en", "This Friday the office closes at 15:00. Please fetch the new uniform before Thursday."),
    ("nl", "Vrijdag sluit het kantoor om 15.00 uur. Haal uw nieuwe uniform vóór donderdag op."),
)
_SHIFT = Shift("Pagi, gudang timur", 420, 930)
_BLIND = Standing(blind=FaultCode.CAMERA_LOST)
_UNRELEASED = Standing(blind=FaultCode.FACE_NOT_RELEASED)
_NO_MODEL = Standing(blind=FaultCode.MODEL_MISSING)
_YESTERDAY = LastAction(Action.IN, _MS - 14 * 3_600_000)


@dataclass(frozen=True, slots=True)
class Pose:
    """One picture of the set: a state, what was typed and what is true at the door."""

    name: str
    state: State
    entry: Entry = field(default_factory=Entry)
    around: Around = _CALM


def poses() -> tuple[Pose, ...]:
    """Return every state, and each of its faces that looks different."""
    ok, face = Standing(), Method.FACE
    until = NOW + 3.6

    def looking(instruction: Instruction, progress: float, left: float = 7.0, failures: int = 0) -> Looking:
        return Looking(ok, Button.IN, NOW + left, failures, instruction, progress)

    def recorded(
        *,
        changing: bool = False,
        standing: Standing = ok,
        worked: int | None = 12_000,
        beside: Beside = Beside(),  # noqa: B008 - frozen
    ) -> Recorded:
        args = (standing, "e", "p", "Siti R.", Action.OUT, face, None, _MS, worked, until)
        return Recorded(*args, changing=changing, beside=beside)

    return (
        Pose("idle", Idle()),
        Pose("idle-announcing", Idle(), around=replace(_WAITING, announcement=_TOLD)),
        Pose("idle-waiting", Idle(), around=_WAITING),
        Pose("idle-no-camera", Idle(_BLIND)),
        Pose("idle-unreleased", Idle(_UNRELEASED)),
        Pose("idle-two", Idle(), around=replace(_CALM, buttons=(Button.IN, Button.OUT))),
        Pose("idle-three", Idle(_NO_MODEL), around=replace(_WAITING, buttons=tuple(Button)[:3])),
        Pose("idle-four", Idle(), around=replace(_CALM, buttons=tuple(Button)[:4])),
        Pose("idle-one", Idle(), around=replace(_CALM, buttons=(Button.IN,), notice="")),
        Pose("looking", looking(Instruction.LOOK_HERE, 0.0)),
        Pose("looking-closer", looking(Instruction.CLOSER, 0.2)),
        Pose("looking-left", looking(Instruction.LEFT, 0.35)),
        Pose("looking-hold", looking(Instruction.HOLD_STILL, 0.8)),
        Pose("looking-dark", looking(Instruction.MORE_LIGHT, 0.1)),
        Pose("looking-uncover", looking(Instruction.UNCOVER, 0.1, 3.0)),
        Pose("looking-verifying", Looking(ok, Button.IN, NOW + 3, claimed="p")),
        Pose("looking-blink", looking(Instruction.BLINK, 0.5)),
        Pose("looking-turn-left", looking(Instruction.TURN_LEFT, 0.5)),
        Pose("looking-turn-right", looking(Instruction.TURN_RIGHT, 0.5)),
        Pose("looking-tested", looking(Instruction.LOOK_HERE, 0.0), around=replace(_CALM, liveness_tested=WALL.date())),
        Pose("looking-one-person", looking(Instruction.ONE_PERSON, 0.0, 3.0, 2)),
        Pose("pin-code", PinPad(ok, None, until), Entry("K1")),
        Pose("pin-letters", PinPad(ok, Button.IN, until), Entry("KTR-20", letters=True)),
        Pose("pin-digits", PinPad(ok, Button.OUT, until), Entry("KTR-2017", "4821", on_pin=True)),
        Pose("pin-near", PinPad(ok, Button.IN, until, PadReason.NEAR)),
        Pose("pin-paused", PinPad(ok, Button.IN, until, PadReason.PAUSED)),
        Pose("pin-no-camera", PinPad(_BLIND, Button.IN, until, PadReason.BLIND), Entry(letters=True)),
        Pose("pin-unreleased", PinPad(_UNRELEASED, Button.IN, until, PadReason.BLIND), Entry("K1")),
        Pose("pin-wait", PinPad(ok, Button.IN, until, refused=True, locked_until=NOW + 30), Entry("K1", on_pin=True)),
        Pose("pin-checking", PinPad(ok, Button.IN, until, checking=True), Entry("K1", "482165", on_pin=True)),
        Pose(
            "pin-badge",
            PinPad(ok, Button.IN, until, PadReason.BADGE, holder="p"),
            Entry(pin="48", on_pin=True, known=True),
        ),
        Pose(
            "pin-badge-refused",
            PinPad(ok, None, until, PadReason.BADGE, refused=True, holder="p"),
            Entry(on_pin=True, known=True),
        ),
        Pose("badge", Badge(ok, None, NOW + 19)),
        Pose("badge-action", Badge(_NO_MODEL, Button.TRIP, NOW + 19)),
        Pose("badge-refused", Badge(ok, Button.IN, NOW + 12, refused=True)),
        Pose("badge-checking", Badge(ok, None, NOW + 4, checking=True)),
        Pose("looking-pin-forward", looking(Instruction.CLOSER, 0.2, 3.0)),
        Pose("resolving", Resolving(ok, "p", Button.BREAK, face, until)),
        Pose("confirming", Confirming(ok, "p", "Budi S.", Action.IN, face, _YESTERDAY, choose=False, until=NOW + 8)),
        Pose(
            "confirming-long",
            Confirming(
                _NO_MODEL, "p", "Muhammadinejad W.", Action.OVERTIME_START, face, None, choose=False, until=until
            ),
        ),
        Pose("choosing", Confirming(ok, "p", "Budi S.", Action.OUT, Method.PIN, _YESTERDAY, choose=True, until=until)),
        Pose("saving", Saving(ok, "p", "Siti R.", Action.BREAK_START, face, None, until)),
        Pose("recorded", recorded()),
        Pose("recorded-waiting", recorded(standing=_BLIND), around=_WAITING),
        Pose("recorded-told", recorded(beside=Beside(_SHIFT, told=_NEWS)), around=_WAITING),
        Pose("recorded-held", recorded(beside=Beside(_SHIFT, held=True, told=_NEWS))),
        Pose("already", Already(ok, "p", "Siti R.", face, LastAction(Action.OVERTIME_START, _MS), until, until + 40)),
        Pose("recorded-trip", replace(recorded(worked=None), action=Action.TRIP_LEAVE)),
        Pose("recorded-changing", recorded(changing=True)),
        Pose("disputed", Disputed(ok, Button.IN, until)),
        Pose("refused", NotRecognised(ok, Button.IN, NOW + 6, 1)),
        Pose("refused-twice", NotRecognised(ok, Button.IN, NOW + 6, 2)),
        Pose("refused-pin", NotRecognised(_NO_MODEL, Button.IN, NOW + 6, 1)),
        Pose("refused-damaged", NotRecognised(ok, Button.IN, NOW + 6, 1, damaged=True)),
        Pose("out-disk", OutOfService(ok, FaultCode.DISK_FULL, until)),
        Pose("out-seal", OutOfService(ok, FaultCode.STORE_TAMPERED, until), around=Around(_CALM.site)),
        Pose("out-late", OutOfService(ok, FaultCode.SAVE_TIMED_OUT, until)),
        Pose("out-old", OutOfService(ok, FaultCode.STORE_ROLLED_BACK, until)),
        Pose("out-anchor", OutOfService(ok, FaultCode.ANCHOR_LOST, until)),
        Pose("out-key", OutOfService(ok, FaultCode.PROVIDER_FAILED, until)),
        Pose("out-phrase", OutOfService(ok, FaultCode.PASSPHRASE_WRONG, until)),
    )


@cache
def silhouette(width: int = 640, height: int = 480) -> Picture:
    """Return a drawn head and shoulders in blue green red, H x W x 3 uint8: a person who is nobody."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (columns - width / 2) / height, (rows - height / 2) / height
    light = 1.0 - np.clip(np.hypot(x + 0.2, y + 0.25), 0, 1)[..., None]
    image = np.array((64, 50, 40), np.float32) + light * np.array((50, 44, 40), np.float32)
    shape = _inside(x, y, _SHOULDERS) | _inside(x, y, _HEAD) | _inside(x, y, _NECK)
    image[shape] = (np.array((150, 128, 108), np.float32) + 50 * light)[shape]
    drawn: Picture = image.clip(0, 255).astype(np.uint8)
    return drawn


# Ellipses in units of the picture's height: centre y, half width, half height.
_HEAD, _NECK, _SHOULDERS = (-0.07, 0.155, 0.205), (0.16, 0.08, 0.16), (0.53, 0.36, 0.30)


def _inside(x: NDArray[np.float32], y: NDArray[np.float32], ellipse: tuple[float, float, float]) -> NDArray[np.bool_]:
    middle, wide, high = ellipse
    return (x / wide) ** 2 + ((y - middle) / high) ** 2 < 1


def still_door() -> Door:
    """Return a door whose clocks stand still and whose ports lead nowhere."""

    def nowhere(*_answers: object) -> None:
        return

    ports = DoorPorts(*[nowhere] * 8)
    return Door(ports, _CALM, monotonic=lambda: NOW, wall=lambda: WALL)


def still_pages() -> Pages:
    """Return pages whose clocks stand still and whose ports lead nowhere."""

    def nowhere(*_answers: object) -> None:
        return

    return Pages(DeskPorts(*[nowhere] * 3), monotonic=lambda: NOW, wall=lambda: WALL)


def settle(milliseconds: int = 60) -> None:
    """Let Qt work off what is queued; without an application no timer would ever end the wait."""
    app.application()
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


@dataclass(slots=True)
class Stage:
    """A window that shows one pose after another, without motion."""

    door: Door
    desk: Pages
    source: PreviewSource
    window: QQuickView
    shown: int = 0

    @classmethod
    def open(cls, size: QSize, *, light: bool = False, large: bool = False) -> "Stage":
        """Open an offscreen window of a size in pixels."""
        app.application()
        door, desk, source = still_door(), still_pages(), PreviewSource()
        window = app.build(door, desk, source, size=size, reduced_motion=True, light=light, large=large)
        window.show()
        return cls(door, desk, source, window)

    def show(self, pose: Pose, language: str) -> None:
        """Put one pose on the screen in a language."""
        self.desk.close()
        self.door.pose(Idle(), Entry(), pose.around, language)
        self.door.pose(pose.state, pose.entry, pose.around, language)
        if self.door.shown.page in {"looking", "badge"}:
            self._look()
        self.draw()

    def show_page(self, posed: Posed, language: str) -> None:
        """Put the first screen of one page on the screen in a language."""
        self.shown += 1
        visit = Visit((posed.page,), posed.visitor, NOW + 100, NOW, attempt=self.shown, typed=posed.typed)
        self.desk.pose(visit, language)
        if any(isinstance(block, Preview) for block in self.desk.sheet.body):
            self._look()
        self.draw()

    def screens(self) -> Iterator[int]:
        """Turn a long page from screen to screen and yield the number of each, beginning with 1."""
        yield 1
        # What a keyboard took the place of is deleted later: the newest is the one that is shown.
        bodies = self.window.rootObject().findChildren(QQuickItem, "body")
        if not bodies:
            return
        body = bodies[-1]
        screens = body.property("screens")
        for shown in range(1, screens):
            body.setProperty("shown", shown)
            self.draw()
            yield shown + 1
        if body.property("screens") != screens:
            raise RuntimeError(f"{screens} screens have become {body.property('screens')}")

    def draw(self) -> QImage:
        """Let the scene come to rest and return its picture; nothing is waited for, as nothing moves here."""
        for _ in range(3):
            QGuiApplication.processEvents()
            QGuiApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # no loop runs that would do it
            picture = self.window.grabWindow()
        return picture

    def _look(self) -> None:
        QGuiApplication.processEvents()
        self.source.show(silhouette())

    def close(self) -> None:
        """Close the window and let go of the scene."""
        app.dismantle(self.window)
        settle(10)
