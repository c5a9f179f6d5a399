"""A kiosk in a real window of an X server of its own, and a real mouse before it."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from process_kit import ending

PROGRAM = Path(__file__).with_name("window_program.py")
SOON_S = 20.0


@dataclass(frozen=True, slots=True)
class Window:
    """A kiosk that runs in its window, seen and touched from outside."""

    program: "subprocess.Popen[str]"
    display: str
    log: Path
    taps: list[str] = field(default_factory=list)
    """What fingers have touched that is no key of a keyboard."""

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
    def store(self) -> dict[str, Any]:
        """What stands in the store of the kiosk that runs."""
        found = self.ask(store=True)
        assert isinstance(found, dict), found
        return found

    @property
    def names(self) -> list[str]:
        """Of everything that is shown."""
        found = self.ask(names=True)
        assert isinstance(found, list)
        return [str(each) for each in found]

    @property
    def windows(self) -> list[str]:
        """Every visible window that has a name, by its id."""
        found = self._x("search", "--onlyvisible", "--name", ".")
        return sorted(found.split())

    @property
    def texts(self) -> list[str]:
        found = self.ask(texts=True)
        assert isinstance(found, list)
        return [str(each) for each in found]

    def until(self, holds: Callable[[], bool], otherwise: str, within_s: float = SOON_S) -> None:
        end, seen = time.monotonic() + within_s, [self.page]
        while not holds():
            if (page := self.page) != seen[-1]:
                seen.append(page)
            assert time.monotonic() < end, f"{otherwise}, but {seen}; {self.texts}"
            time.sleep(0.02)

    def wait_for(self, *pages: str, within_s: float = SOON_S) -> None:
        self.until(lambda: self.page in pages, f"not {' or '.join(pages)}", within_s)

    def until_shown(self, text: str) -> None:
        self.until(lambda: any(text in each for each in self.texts), text)

    def touch(self, *names: str) -> None:
        """Move the pointer there and press, as the X server sees it; waits until it can be touched, and was."""
        for name in names:
            where: list[int] = []

            def there(name: str = name, where: list[int] = where) -> bool:
                found = self.ask(where=name)
                where[:] = found if isinstance(found, list) else []
                return bool(where)

            self.until(there, f"{name} cannot be touched; there are {self.names}")
            self._done("mousemove", str(where[0]), str(where[1]), "click", "1")
            if not name.startswith("key."):
                self.taps.append(name)

    def scroll_to(self, name: str) -> None:
        """Turn the screens of a list until this can be touched, and touch it."""
        self.until(lambda: self.ask(where="page.down") is not None or self.ask(where=name) is not None, name)
        while self.ask(where=name) is None:
            self.touch("page.down")
        self.touch(name)

    def hold(self, name: str, seconds: float) -> None:
        """Keep pressing."""
        where = self.ask(where=name)
        assert isinstance(where, list), f"{name} is not there"
        self._x("mousemove", str(where[0]), str(where[1]), "mousedown", "1")
        time.sleep(seconds)
        self._done("mouseup", "1")
        self.taps.append(name)

    def type(self, text: str) -> None:
        """On our own keyboard, key by key: capitals by the shift key, what is on another page of it by turning."""
        for character in text:
            key = "key.space" if character == " " else f"key.{character}"
            names = self._keys()
            if key not in names and character.isupper() and "key.shift" in names:
                key = key.lower()
                while key not in self._keys():
                    self.touch("key.signs")
                self.touch("key.shift")
            while key not in self._keys():
                self.touch("key.signs")
            self.touch(key)
        self.touch("key.enter")

    def _keys(self) -> list[str]:
        self.until(lambda: "key.enter" in self.names, "no keyboard")
        return self.names

    def home(self) -> None:
        """Whatever another test has left: everybody has gone, and the door waits."""
        self.ask(home=True)
        self.wait_for("idle")
        self.taps.clear()

    def write(self, text: str) -> None:
        """On a keyboard that somebody has plugged in, and hand it in."""
        self._x("type", "--delay", "4", text)
        self.press("Return")

    def press(self, *keys: str) -> None:
        """Keys and chords of a keyboard that somebody has plugged in, by xdotool's names."""
        self._done("key", *keys)

    def picture(self, path: Path) -> None:
        assert self.ask(picture=str(path)) is True

    def _done(self, *arguments: str) -> None:
        """Do it, and wait until the window has heard of its end."""
        before = self.ask(ended=True)
        self._x(*arguments)
        end = time.monotonic() + SOON_S
        while self.ask(ended=True) == before:
            assert time.monotonic() < end, f"the window hears nothing of {arguments}"
            time.sleep(0.005)

    def _x(self, *arguments: str) -> str:
        env = {**os.environ, "DISPLAY": self.display}
        command = ["xdotool", *arguments]
        return subprocess.run(command, env=env, check=True, timeout=SOON_S, capture_output=True, text=True).stdout


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
