"""A line to the real HQ that cuts, stalls, delays, truncates, resets and spoils; what passes it is the real TLS."""

import random
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

FAULTS: Final = ("refuse", "reset up", "reset down", "end up", "end down", "stall up", "stall down", "spoil", "trickle")
HANDSHAKE: Final = 4000  # bytes; a fault comes anywhere from the first byte to well into a batch and its answer
UP_TO: Final = {"up": 120_000, "down": 12_000}


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one connection: which fault, after how many bytes, and how long each piece is held up."""

    fault: str
    after: int
    delay_s: float


class HostileLine:
    """Passes bytes to a port of this machine, half of the connections with a fault.

    Args:
        target: HQ's port.
        seed: which faults, and when.
        most_in_a_row: so many faulty connections at most, before one is good.
    """

    def __init__(self, target: int, seed: int, most_in_a_row: int) -> None:
        self.target = target
        self.faults: dict[str, int] = {}
        self.connections = 0
        self._random = random.Random(seed)  # noqa: S311 - a script that can be repeated, no secret
        self._most_in_a_row = most_in_a_row
        self._in_a_row = 0
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._begin(self._listen)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _begin(self, work: object, *given: object) -> None:
        thread = threading.Thread(target=work, args=given)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _fate(self) -> Fate:
        delay = self._random.choice((0.0, 0.0, 0.002, 0.02))
        if self._in_a_row >= self._most_in_a_row or self._random.random() < 0.5:
            self._in_a_row = 0
            return Fate("", 0, delay)
        self._in_a_row += 1
        fault = self._random.choice(FAULTS)
        self.faults[fault] = self.faults.get(fault, 0) + 1
        most = UP_TO["down" if "down" in fault else "up"]
        return Fate(fault, self._random.randrange(self._random.choice((HANDSHAKE, most))), delay)

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            fate = self._fate()
            if fate.fault == "refuse":
                _reset(client)
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:  # HQ is down
                _reset(client)
                continue
            for one in (client, server):
                one.settimeout(60)
                self._open.add(one)
            self._begin(self._pass, client, server, fate, "up")
            self._begin(self._pass, server, client, fate, "down")

    def _pass(self, source: socket.socket, sink: socket.socket, fate: Fate, way: str) -> None:
        passed = 0
        mine = fate.fault.endswith(way) or (fate.fault == "spoil" and way == "up")
        try:
            with suppress(OSError):
                while piece := source.recv(1 if fate.fault == "trickle" else 16_384):
                    if mine and passed + len(piece) > fate.after:
                        self._fail(piece[: fate.after - passed], source, sink, fate.fault)
                        if fate.fault != "spoil":
                            return
                        mine = False
                        piece = bytes([piece[0] ^ 0x40]) + piece[1:]
                    sink.sendall(piece)
                    passed += len(piece)
                    if fate.delay_s:
                        time.sleep(fate.delay_s if fate.fault != "trickle" else 0.0001)
        finally:
            for one in (source, sink):
                with suppress(OSError):  # the other thread wakes, and where a reset is meant nothing is said before it
                    one.shutdown(socket.SHUT_RD if fate.fault.startswith("reset") else socket.SHUT_RDWR)
                one.close()
                self._open.discard(one)

    @staticmethod
    def _fail(last: bytes, source: socket.socket, sink: socket.socket, fault: str) -> None:
        kind = fault.split(" ", maxsplit=1)[0]
        if kind == "spoil":
            return
        sink.sendall(last)
        if kind == "stall":
            time.sleep(1.0)
        if kind == "reset":
            for one in (source, sink):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _reset(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()
