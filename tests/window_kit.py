"""A kiosk in a real window of an X server of its own, and a real mouse before it."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from process_kit import ending

PROGRAM = Path(__file__).with_name("window_program.py")
SOON_S = 30.0


@dataclass(frozen=True, slots=True)
class Window:
    """A kiosk that runs in its window, seen and touched from outside."""

    program: "subprocess.Popen[str]"
    display: str
    log: Path

    def ask(self, **question: object) -> object:
        """One question, one answer; both within 30 s."""
        assert self.program.stdin is not None
        self.program.stdin.write(json.dumps(question) + "\n")
        self.program.stdin.flush()
        return self._heard()

    def _heard(self) -> object:
        assert self.program.stdout is not None
        ready, _, _ = select.select([self.program.stdout], [], [], SOON_S)
        assert ready, f"the kiosk does not answer: {self.log.read_text()[-2000:]}"
        line = self.program.stdout.readline()
        assert line, f"the kiosk has ended: {self.log.read_text()[-2000:]}"
        return json.loads(line)

    @property
    def page(self) -> str:
        return str(self.ask(page=True))

    @property
    def texts(self) -> list[str]:
        found = self.ask(texts=True)
        assert isinstance(found, list)
        return [str(each) for each in found]

    def until(self, holds: Callable[[], bool], otherwise: str, within_s: float = SOON_S) -> None:
        end = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < end, f"{otherwise}; {self.page} is shown: {self.texts}"
            time.sleep(0.05)

    def wait_for(self, *pages: str, within_s: float = SOON_S) -> None:
        self.until(lambda: self.page in pages, f"not {' or '.join(pages)}", within_s)

    def touch(self, name: str) -> None:
        """Move the pointer there and press, as the X server sees it; waits until it can be touched."""
        where: list[int] = []

        def there() -> bool:
            found = self.ask(where=name)
            where[:] = found if isinstance(found, list) else []
            return bool(where)

        self.until(there, f"{name} cannot be touched; there are {self.ask(names=True)}")
        self._x("mousemove", str(where[0]), str(where[1]), "click", "1")

    def hold(self, name: str, seconds: float) -> None:
        """Keep pressing."""
        where = self.ask(where=name)
        assert isinstance(where, list), f"{name} is not there"
        self._x("mousemove", str(where[0]), str(where[1]), "mousedown", "1")
        time.sleep(seconds)
        self._x("mouseup", "1")

    def type(self, text: str) -> None:
        """On our own keyboard, key by key, and hand it in."""
        for character in text:
            self.touch(f"key.{'space' if character == ' ' else character}")
        self.touch("key.enter")

    def press(self, *keys: str) -> None:
        """Keys and chords of a keyboard that somebody has plugged in, by xdotool's names."""
        self._x("key", *keys)

    def picture(self, path: Path) -> None:
        assert self.ask(picture=str(path)) is True

    def _x(self, *arguments: str) -> None:
        env = {**os.environ, "DISPLAY": self.display}
        subprocess.run(["xdotool", *arguments], env=env, check=True, timeout=SOON_S, capture_output=True)


@contextmanager
def shown(data: Path, size: str = "800x480") -> Iterator[Window]:
    """Run a kiosk on `data` (kiosk.toml and state/) in a window on an X server that is there for it alone."""
    log = data / "window.log"
    with server(size) as display:
        env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "QT_QUICK_BACKEND": "software"}
        env["PYTHONPATH"] = os.pathsep.join([str(PROGRAM.parents[1]), str(PROGRAM.parent)])
        with (
            log.open("w") as stream,
            ending(
                subprocess.Popen(
                    [sys.executable, str(PROGRAM), str(data)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=stream,
                    text=True,
                    env=env,
                )
            ) as program,
        ):
            window = Window(program, display, log)
            assert window._heard() is True
            yield window
            assert program.poll() is None, log.read_text()[-2000:]
            program.terminate()
            assert program.wait(SOON_S) == 0, log.read_text()[-2000:]
        warned = [line for line in log.read_text().splitlines() if "qml" in line.lower() or "Traceback" in line]
        assert warned == [], warned


@contextmanager
def server(size: str) -> Iterator[str]:
    """An X server without a screen, on a display that nobody uses, which listens on no port."""
    reading, writing = os.pipe()
    arguments = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
    with ending(
        subprocess.Popen(
            arguments,
            pass_fds=[writing],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    ) as started:
        os.close(writing)
        with os.fdopen(reading) as told:
            ready, _, _ = select.select([told], [], [], SOON_S)
            assert ready, "the X server does not start"
            yield f":{told.readline().strip()}"
        started.terminate()
