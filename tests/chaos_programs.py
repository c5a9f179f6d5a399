"""A kiosk-sync of its own that says when it is ready, what memory it has, and is killed when a test says so."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sync_real import Programs

READY: Final = b"READY=1"
OVER: Final = b"OVER=1"
START_S: Final = 60.0


class Crew(Programs):
    """Programs that may also be files beside the tests, and may have another environment."""

    def script(self, *arguments: str, log: Path, **environment: str) -> "subprocess.Popen[bytes]":
        with log.open("ab") as file:
            command = [sys.executable, *arguments]
            made = subprocess.Popen(command, stdout=file, stderr=file, env={**os.environ, **environment})
        self._running = [one for one in self._running if one.poll() is None]
        self._running.append(made)
        return made


class Ear:
    """Hears what a daemon tells systemd; whoever does not listen would make it wait."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def forget(self) -> None:
        """What was said until now was said by one that is dead."""
        self._ready.clear()

    def ready(self, seconds: float = START_S) -> bool:
        """Wait until a daemon is ready."""
        return self._ready.wait(seconds)

    def close(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
            own.sendto(OVER, str(self.path))
        self._thread.join(10)
        self._socket.close()

    def _listen(self) -> None:
        while (heard := self._socket.recv(100)) != OVER:
            if heard == READY:
                self._ready.set()


def memory_kib(pid: int) -> tuple[int, int]:
    """What a process has now, and the most it ever had (VmRSS and VmHWM)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("VmRSS", "VmHWM"))}
    return int(found["VmRSS"]), int(found["VmHWM"])


def wait_for(what: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)
