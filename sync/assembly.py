"""Builds the delivery that sync.toml asks for, and what is done beside it; refuses to build two."""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, assert_never

from sync.asked import AskedChore, Means
from sync.backends.csv_drop import CsvBackend
from sync.backends.frappe import FrappeBackend
from sync.backends.hq import HqBackend
from sync.backends.odoo import OdooBackend
from sync.config import Csv, Frappe, Hq, Odoo, Settings, backend_word, secret
from sync.contract import Backend
from sync.courier import Courier
from sync.daemon import Daemon
from sync.entries import Status
from sync.exchange import Exchange
from sync.journal import Journal
from sync.letters import Letters
from sync.letters_hq import HqLetters
from sync.letters_punches import PunchLetters
from sync.line import Line
from sync.preflight import asked_for
from sync.pulls import Chore, Pulls
from sync.punch_journal import PunchJournal
from sync.register import Register


class Delivery(Protocol):
    """The work loop's step, whatever it delivers to."""

    @property
    def status(self) -> Status:
        """What the kiosk was told last."""
        ...

    def step(self) -> bool:
        """Do a little; True if more may follow at once. Raises ExchangeError."""
        ...

    def hurry(self) -> None:
        """Make the next attempt now, whatever the schedule says."""
        ...


@dataclass(frozen=True, slots=True)
class Work:
    """What the loop calls: the delivery, and the chores beside it."""

    delivery: Delivery
    chores: Sequence[Chore]

    def do_chores(self, now_ms: int) -> None:
        """Let each chore decide whether it is due. Raises ExchangeError."""
        for chore in self.chores:
            chore.step(now_ms)


def line_of(settings: Settings) -> Line | None:
    """The line to the recipient; None where a folder is the recipient."""
    if isinstance(settings.target, Csv):
        return None
    return Line(settings.target, settings.recipient.host, through_air=settings.through_air)


def backend_of(settings: Settings, line: Line | None) -> Backend | HqBackend:
    """The backend that sync.toml names."""
    if line is None or isinstance(settings.target, Csv):
        assert isinstance(settings.target, Csv)  # noqa: S101 - `line_of` says so
        return CsvBackend(settings.target, settings.device)
    match settings.target:
        case Hq():
            return HqBackend(settings.target, settings.device_public, line.transport)
        case Frappe():
            return FrappeBackend(settings.target, settings.device, line.transport, settings.actions)
        case Odoo():
            return OdooBackend(settings.target, settings.device, line.transport, settings.actions)
        case _:
            assert_never(settings.target)


@contextmanager
def work_of(settings: Settings, exchange: Exchange, line: Line | None, clock: Callable[[], int]) -> Iterator[Work]:
    """Build the delivery with its own memory, which is closed in the end. Raises ExchangeError."""
    backend, key = backend_of(settings, line), secret(settings.exchange_key)
    register = Register(exchange, settings.recipient)

    def disk() -> float:
        return disk_used(settings.journal)

    with ExitStack() as stack:
        if isinstance(backend, HqBackend):
            journal = stack.enter_context(closing(Journal.open(settings.journal, settings.device, key)))
            daemon = Daemon(
                settings.device,
                key,
                exchange=exchange,
                journal=journal,
                backend=backend,
                clock=clock,
                disk=disk,
                admits=register.admits,
            )
            letters = HqLetters(settings.device, key, journal, exchange)
            yield Work(daemon, (_asked(settings, exchange, letters, backend, line),))
            return
        punches = stack.enter_context(closing(PunchJournal.open(settings.journal, settings.device, key)))
        courier = Courier(
            settings.device,
            key,
            exchange=exchange,
            journal=punches,
            backend=backend,
            clock=clock,
            steady=steady_ms,
            disk=disk,
            admits=register.admits,
        )
        pulls = Pulls(settings.device, key, exchange, punches, backend, courier.pause)
        of_punches = PunchLetters(settings.device, key, punches, exchange)
        yield Work(courier, (pulls, _asked(settings, exchange, of_punches, backend, line)))


def _asked(
    settings: Settings, exchange: Exchange, letters: Letters, backend: Backend | HqBackend, line: Line | None
) -> Chore:
    certificate = settings.target.certificate if isinstance(settings.target, Hq) else None
    means = Means(
        settings.device,
        backend_word(settings.target),
        letters,
        lambda now_ms: asked_for(settings, backend, line, now_ms),
        certificate,
        settings.journal.parent,
    )
    return AskedChore(exchange, means)


def steady_ms() -> int:
    """A clock that nobody sets and that goes on while the machine sleeps, in ms."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def disk_used(beside: Path) -> float:
    """The used share of the disk that holds this file, 0 to 1."""
    try:
        found = shutil.disk_usage(beside.parent)
    except OSError:
        return 0.0
    return found.used / found.total if found.total else 0.0
