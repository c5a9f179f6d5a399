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
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtQuick import QQuickView

from kiosk import config
from kiosk.cli.run import log_to
from kiosk.screens.assembly import Assembly, assemble
from kiosk.store import roots
from kiosk.vision.camera import Camera, Frame, wait_until
from kiosk.vision.film import SampleFilm, script

if TYPE_CHECKING:
    from kiosk.vision.arrays import Image

LONG_S = 100_000.0
NOBODY = "nobody"


class OnStage:
    """A camera before which whoever is called stands still, or holds up a code."""

    def __init__(self) -> None:
        self._films: dict[str, SampleFilm] = {}
        self._card: Image | None = None
        self._who = NOBODY
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
            return Frame(card, now)
        if self._who not in self._films:
            self.call(self._who)
        film = self._films[self._who]
        at = film.duration_s - 1 if self._who == NOBODY else 10 + now % 1000
        return Frame(film.frame_at(at), now)

    def close(self) -> None:
        """Nothing to let go."""


class Answers(QObject):
    """Takes a question from another thread and answers it on Qt's."""

    asked = Signal(str)

    def __init__(self, kiosk: Assembly, window: QQuickView, camera: OnStage) -> None:
        super().__init__()
        self._kiosk, self._window, self._camera = kiosk, window, camera
        self.asked.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def _answer(self, line: str) -> None:
        sys.stdout.write(json.dumps(self._said(json.loads(line))) + "\n")
        sys.stdout.flush()

    def _said(self, question: dict[str, Any]) -> object:  # noqa: PLR0911 - one return a question
        match question:
            case {"where": str(name)}:
                found = [item for item in stage.items(self._window.contentItem()) if item.objectName() == name]
                if not found or not found[0].isEnabled():
                    return None
                middle = stage.place(found[0]).center()
                return [round(middle.x()) + self._window.x(), round(middle.y()) + self._window.y()]
            case {"texts": _}:
                return stage.texts(self._window)
            case {"page": _}:
                desk, door = self._kiosk.desk, self._kiosk.door
                return door.shown.page if desk.visit is None else desk.sheet.name
            case {"names": _}:
                return [i.objectName() for i in stage.items(self._window.contentItem()) if i.objectName()]
            case {"who": str(who)}:
                self._camera.call(who)
            case {"code": str(text)}:
                self._camera.hold_up(text)
            case {"picture": str(path)}:
                return self._window.grabWindow().save(path)
            case _:
                raise ValueError(question)
        return True


def main(data: str) -> int:
    """Run until the test says so by SIGTERM."""
    log_to(sys.stderr, "INFO")
    loaded = config.load(Path(data) / "kiosk.toml")
    camera = OnStage()

    def opened() -> Camera:
        return camera

    kiosk = assemble(loaded, roots.of(loaded.state), opened)
    kept: list[Answers] = []

    def begun(window: QQuickView) -> None:
        window.setPosition(0, 0)
        answers = Answers(kiosk, window, camera)
        kept.append(answers)

        def listen() -> None:
            for line in sys.stdin:
                answers.asked.emit(line)

        threading.Thread(target=listen, daemon=True).start()
        sys.stdout.write("true\n")
        sys.stdout.flush()

    return kiosk.run(begun)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
