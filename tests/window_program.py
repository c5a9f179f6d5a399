"""The whole kiosk in a window of its own, for tests that stand before it: `window_program.py DATA`.

What the camera sees is said on standard input, and where a button is, is answered on standard output, one JSON value a
line. Nothing here touches the screen: a finger comes from the X server.
"""

import json
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import segno
import stage
import window_store
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtQuick import QQuickView

from kiosk import config
from kiosk.cli.run import log_to
from kiosk.faults import Fault
from kiosk.screens import app
from kiosk.screens.assembly import Assembly, assemble, overlaid, run_on
from kiosk.store import roots
from kiosk.vision.camera import Camera, Frame, wait_until
from kiosk.vision.film import SampleFilm, script

if TYPE_CHECKING:
    from kiosk.vision.arrays import Image

LONG_S = 100_000.0
NOBODY = "nobody"
MOST = 255


class OnStage:
    """A camera before which whoever is called stands still, or holds up a code."""

    def __init__(self) -> None:
        self._films: dict[str, SampleFilm] = {}
        self._card: Image | None = None
        self._who = NOBODY
        self._rng = np.random.default_rng(7)
        self._grain = self._rng.integers(0, 2, 1_000_000, np.uint8)
        self._due = time.monotonic()

    def call(self, who: str) -> None:
        """Somebody of the sample film comes and stands there; `nobody` leaves the door empty."""
        if who not in self._films:
            subjects = () if who == NOBODY else (who,)
            self._films[who] = SampleFilm(script(subjects, (), approach_s=0.1, gap_s=0.1, stand_s=LONG_S))
        self._card = None
        self._who = who

    def hold_up(self, text: str) -> None:
        """A card with a QR code, at an arm's length."""
        modules = np.array([list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=4)])
        code = np.where(modules, 30, 235).astype(np.uint8)
        side = min(420, len(code) * 7)
        card = cv2.resize(code, (side, side), interpolation=cv2.INTER_NEAREST)
        picture = np.full((480, 640, 3), 90, np.uint8)
        picture[30 : 30 + side, 110 : 110 + side] = card[:, :, None]
        self._card = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), np.uint8)

    def read(self, timeout_s: float) -> Frame:
        """The next picture, thirty a second."""
        now = wait_until(self._due, timeout_s)
        self._due = max(self._due + 1 / 30, now)
        if (card := self._card) is not None:
            return Frame(self._grainy(card), now)
        if self._who not in self._films:
            self.call(self._who)
        film = self._films[self._who]
        at = film.duration_s - 1 if self._who == NOBODY else 10 + now % 1000
        return Frame(self._grainy(film.frame_at(at)), now)

    def _grainy(self, picture: "Image") -> "Image":
        """Brighter by one here and there, as a sensor is: a picture that stays the same is of a camera that hangs."""
        at = int(self._rng.integers(self._grain.size - picture.size))
        grain = self._grain[at : at + picture.size].reshape(picture.shape)
        return np.asarray(picture + grain * (picture < MOST), np.uint8)

    def close(self) -> None:
        """Nothing to let go."""


class Answers(QObject):
    """Takes a question from another thread and answers it on Qt's; the kiosk may be built anew meanwhile."""

    asked = Signal(str)
    found = Signal(object)
    kiosk: Assembly
    window: QQuickView

    def __init__(self, camera: OnStage) -> None:
        super().__init__()
        self._camera, self._ended = camera, 0
        self.asked.connect(self._answer, Qt.ConnectionType.QueuedConnection)
        self.found.connect(self._write, Qt.ConnectionType.QueuedConnection)

    def begin(self, window: QQuickView) -> None:
        """This window from now on."""
        window.setPosition(0, 0)
        window.installEventFilter(self)
        self.window = window

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Count what fingers and keys have ended; nothing is kept from the window."""
        self._ended += event.type() in {QEvent.Type.MouseButtonRelease, QEvent.Type.KeyRelease}
        return False

    def _answer(self, line: str) -> None:
        question = json.loads(line)
        if question == {"store": True}:
            self.kiosk.clerk.work(window_store.facts, self._told)
        else:
            self._write(self._said(question))

    def _told(self, found: dict[str, Any] | Fault) -> None:
        self.found.emit(str(found.code) if isinstance(found, Fault) else found)

    @staticmethod
    def _write(found: object) -> None:
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()

    def _said(self, question: dict[str, Any]) -> object:  # noqa: C901, PLR0911 - one return a question
        match question:
            case {"where": str(name)}:
                found = [item for item in stage.items(self.window.contentItem()) if item.objectName() == name]
                if not found or not found[0].isEnabled():
                    return None
                middle = stage.place(found[0]).center()
                return [round(middle.x()) + self.window.x(), round(middle.y()) + self.window.y()]
            case {"texts": _}:
                return stage.texts(self.window)
            case {"page": _}:
                desk, door = self.kiosk.desk, self.kiosk.door
                return door.shown.page if desk.visit is None else desk.sheet.name
            case {"names": _}:
                return [i.objectName() for i in stage.items(self.window.contentItem()) if i.objectName()]
            case {"ended": _}:
                return self._ended
            case {"home": _}:
                self._camera.call(NOBODY)
                self.kiosk.desk.stop()
                self.kiosk.door.tap("cancel")
            case {"who": str(who)}:
                self._camera.call(who)
            case {"code": str(text)}:
                self._camera.hold_up(text)
            case {"picture": str(path)}:
                return self.window.grabWindow().save(path)
            case _:
                raise ValueError(question)
        return True


def main(data: str) -> int:
    """Run until the test says so by SIGTERM; what is changed at the screen builds the kiosk anew, as in `kiosk run`."""
    log_to(sys.stderr, "INFO")
    loaded = config.load(Path(data) / "kiosk.toml")
    provider, camera = roots.of(loaded.state), OnStage()
    app.application()
    answers = Answers(camera)

    def opened() -> Camera:
        return camera

    def build() -> Assembly:
        answers.kiosk = assemble(overlaid(loaded, provider), provider, opened)
        return answers.kiosk

    def listen() -> None:
        for line in sys.stdin:
            answers.asked.emit(line)

    listening = threading.Thread(target=listen, daemon=True)

    def begun(window: QQuickView) -> None:
        answers.begin(window)
        if not listening.is_alive():
            listening.start()
            sys.stdout.write("true\n")
            sys.stdout.flush()

    return run_on(build, begun)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
