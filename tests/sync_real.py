"""The real programs: a kiosk-hq and a kiosk-sync as processes of their own, and a line between them that can be cut."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, redirect_stderr, redirect_stdout, suppress
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from sync_house import Door, write_config

from hq import office
from hq.__main__ import main as kiosk_hq
from hq.export import everything
from sync.__main__ import main as kiosk_sync


class Programs:
    """Starts processes and ends every one of them."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as file:
            made = subprocess.Popen([sys.executable, "-m", *arguments], stdout=file, stderr=file)
        self._running.append(made)
        return made

    def close(self) -> None:
        for one in self._running:
            if one.poll() is None:
                one.kill()
            one.wait(20)


def run(main: Callable[[list[str]], int], *arguments: str) -> tuple[int, str, str]:
    """Run a command of ours here, without a new interpreter; returns its status, output and complaints."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        status = main(list(arguments))
    return status, out.getvalue(), err.getvalue()


class RealHq:
    """`kiosk-hq` for any number of doors; can be stopped and started again at the same port."""

    def __init__(self, folder: Path, programs: Programs, url: str | None = None) -> None:
        self._folder = folder
        self._programs = programs
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(exist_ok=True)
        self.log = folder / "hq.log"
        self.data = folder / "data"
        made = office.found(self.data, "main", ["127.0.0.1"], datetime.now(UTC), url)
        self.name, self.public, self.ca = made.name, made.public, self.data / "ca.pem"
        self.port = 0
        self.start()

    def register(self, door: Door) -> Path:
        """Let a door make its key, sign its request, and return its sync.toml."""
        config = self.config(door, self.port)
        assert kiosk_sync(["enrol-device", "--config", str(config)]) == 0
        added = run(
            kiosk_hq,
            *("device", "add", "--data", str(self.data), "--id", door.device),
            *("--public", door.key.public.hex(), "--csr", str(door.folder / "tls.csr")),
            *("--out", str(door.folder / "tls.pem")),
        )
        assert added[0] == 0, added
        return config

    def config(self, door: Door, port: int) -> Path:
        files = (door.folder / "tls.pem", door.folder / "tls.key")
        return write_config(door, f"https://127.0.0.1:{port}", self.name, self.public, self.ca, *files)

    def start(self) -> None:
        if self._process is not None:
            return
        ready = self._folder / "ready"
        ready.unlink(missing_ok=True)
        self._process = self._programs.start(
            *("hq", "serve", "--data", str(self.data), "--port", str(self.port), "--ready-file", str(ready)),
            log=self.log,
        )
        for _ in range(400):
            if ready.exists() and ready.read_text().strip():
                break
            assert self._process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        self.port = int(ready.read_text().strip().rsplit(":", 1)[1].rstrip("/"))

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(20)
        self._process = None

    def export(self) -> dict[str, Any]:
        with closing(office.open_office(self.data)) as opened:
            return everything(opened)


class Killer:
    """A line to HQ that kills the client when the reply comes, before it sees a byte of it; then it is honest."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.victim: subprocess.Popen[bytes] | None = None
        self.kills = 0
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(10)

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            self._sockets += [client, server]
            state = {"sent": 0}
            for act in (self._up, self._down):
                thread = threading.Thread(target=act, args=(client, server, state))
                self._threads.append(thread)
                thread.start()

    def _up(self, client: socket.socket, server: socket.socket, state: dict[str, int]) -> None:
        with suppress(OSError):
            while piece := client.recv(65536):
                state["sent"] += len(piece)
                server.sendall(piece)

    def _down(self, client: socket.socket, server: socket.socket, state: dict[str, int]) -> None:
        with suppress(OSError):
            while piece := server.recv(65536):
                victim = self.victim
                if victim is not None and state["sent"] > 6000:  # more than a handshake: the batch is there
                    server.settimeout(0.5)
                    with suppress(TimeoutError):
                        while server.recv(65536):  # HQ has said all that it had to say
                            pass
                    self.victim = None
                    os.kill(victim.pid, signal.SIGKILL)
                    victim.wait(20)
                    self.kills += 1
                    return
                client.sendall(piece)
