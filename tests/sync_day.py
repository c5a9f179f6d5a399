"""A daemon whose clock is ours, in a house with an HQ that can be told to misbehave."""

import socket

from sync_house import Behaviour, Call, FakeHq, House

from sync.backends.hq import HqBackend
from sync.config import read
from sync.daemon import Daemon
from sync.exchange import Exchange
from sync.journal import Journal
from sync.transport import Transport

HOUR_MS = 3_600_000


class Day:
    """A daemon whose clock is ours."""

    def __init__(self, home: House, total_s: float = 5.0) -> None:
        self.home = home
        self.now = 1_750_000_000_000
        self.exchange = Exchange.open(home.door.path)
        self.journal = Journal.open(home.door.folder / "sync.db", home.door.device, home.door.exchange_key)
        settings = read(home.config)
        self.transport = Transport(
            frozenset({"127.0.0.1"}), settings.hq.ca, settings.hq.certificate, settings.hq.key, total_s
        )
        self.daemon = Daemon(
            home.door.device,
            home.door.exchange_key,
            exchange=self.exchange,
            journal=self.journal,
            backend=HqBackend(settings.hq, settings.device_public, lambda: self.transport),
            clock=lambda: self.now,
            chance=lambda: 0.5,
        )

    def pass_by(self, seconds: int) -> None:
        """Let time go by, with every step that becomes due."""
        end = self.now + seconds * 1000
        while self.now <= end:
            while self.daemon.step():
                pass
            self.now += max(1000, min(seconds * 20, 600_000))

    def waiting(self) -> int:
        return self.exchange.unsettled().events

    def close(self) -> None:
        self.transport.close()
        self.journal.close()
        self.exchange.close()


def everything_arrived_once(day: Day) -> bool:
    return (
        day.waiting() == 0
        and set(day.home.hq.stored) == set(day.home.door.ids)
        and day.home.hq.doubled == 0
        and day.exchange.countersigned() == day.home.door.seq
    )


def raw(data: bytes) -> Behaviour:
    def act(_: FakeHq, call: Call) -> None:
        call.line.sendall(data)
        socket.socket.shutdown(call.line, socket.SHUT_RDWR)

    return act


def status(status: str, body: bytes = b"{}", *headers: str, kind: str = "application/problem+json") -> Behaviour:
    return lambda _, call: call.answer(status, body, *headers, kind=kind)
