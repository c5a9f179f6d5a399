"""Runs the errands beside the delivery, which never waits for them; refuses to hurry a server that says no."""

import logging
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from sync.config import Settings
from sync.delivery import PROBE_MS, backoff_ms
from sync.errand import WITHDRAWN, Desk, Errand, NotDone
from sync.errand_backups import Backups
from sync.errand_certificates import Certificates
from sync.errand_enrolment import Enrolment
from sync.errand_memory import Memory
from sync.errand_messages import Messages
from sync.errand_notices import Notices
from sync.errand_renewal import Renewal
from sync.errand_report import Reports
from sync.exchange import Exchange, ExchangeAbsent, ExchangeError, State, Status
from sync.line import UPLOAD_S, Line
from sync.register import NOT_REGISTERED, Register
from sync.replies import Kind, Refusal

MEMORY: Final = "errands.db"
LOOK_S: Final = 2.0
NEWS: Final = Messages.name
OUTGOING: Final = frozenset({Reports.name, Certificates.name, Backups.name})
"""What carries something about the device or its people to headquarters; the others only fetch, or prove who we are."""
LEAVE_S: Final = 5.0
LONGEST_MS: Final = 3_600_000
_OPENING: Final = threading.Lock()
_log = logging.getLogger("ambang.sync")


def due(next_at: int, now_ms: int) -> bool:
    """Whether it is time; a wait longer than any that is ever set means that the clock was set back."""
    return not 0 < next_at - now_ms <= LONGEST_MS


def pause_ms(refusal: Refusal, failures: int, chance: float) -> int:
    """How long to wait after an errand was not done.

    Args:
        refusal: why it was not.
        failures: in a row, 1 or more.
        chance: uniform in [0, 1).
    """
    if refusal.kind in (Kind.DOWN, Kind.UNKNOWN, Kind.FAULT):
        asked = refusal.retry_after_ms or 0
        return min(LONGEST_MS, max(asked, 1_000, backoff_ms(failures + 3, chance)))
    return PROBE_MS  # a person must repair something, or has to look


class Round:
    """One look at every errand of a list. A pause after a failure holds over restarts; the rest is not worth a write.

    Args:
        desk: what they work with.
        errands: in the order in which they are run.
        chance: returns a float, uniform in [0, 1).
    """

    def __init__(self, desk: Desk, errands: Sequence[Errand], chance: Callable[[], float] = random.random) -> None:
        self._desk = desk
        self._errands = errands
        self._chance = chance
        self._register = Register(desk.exchange, desk.settings.recipient)
        self._certificate = _stamp(desk.settings.hq.certificate)
        self._next = {errand.name: desk.memory.number(f"next:{errand.name}") for errand in errands}
        self._failures = {errand.name: desk.memory.number(f"failures:{errand.name}") for errand in errands}

    def run(self, now_ms: int, *, hurry: bool = False) -> dict[str, str]:
        """Run what is due, or all of them; returns the plain code of each that was not done.

        Raises:
            ExchangeError: the exchange or the memory is gone, damaged or locked.
        """
        failed: dict[str, str] = {}
        before, self._certificate = self._certificate, _stamp(self._desk.settings.hq.certificate)
        if self._certificate != before:
            self._next = dict.fromkeys(self._next, 0)  # whatever kept them waiting, it may be over
        held = OUTGOING if not self._register.admits() else frozenset()
        for errand in self._errands:
            if errand.name in held or (not hurry and not due(self._next[errand.name], now_ms)):
                continue
            try:
                errand.run(self._desk, now_ms)
            except NotDone as error:
                failed[errand.name] = error.refusal.detail
                self._later(errand.name, error.refusal, now_ms)
            else:
                self._well(errand.name, now_ms + errand.every_ms)
        self._tell(failed, now_ms)
        return failed | {errand.name: NOT_REGISTERED for errand in self._errands if errand.name in held}

    def bring_forward(self, name: str) -> None:
        """Make an errand due now, unless it failed the last time."""
        if not self._failures[name]:
            self._next[name] = 0

    def _tell(self, failed: Mapping[str, str], now_ms: int) -> None:
        """A withdrawn certificate is shown at the door also while nothing waits to be delivered; and its end is."""
        exchange = self._desk.exchange
        withdrawn = WITHDRAWN in failed.values()
        if not withdrawn and (failed or self._next.get(NEWS, 0) <= now_ms):  # nobody has answered us well just now
            return
        shown = exchange.status()
        if withdrawn and shown.detail != WITHDRAWN:
            exchange.put_status(Status(State.CONFIG, shown.last_ack_ms, WITHDRAWN))
        elif not withdrawn and shown.detail == WITHDRAWN:
            exchange.put_status(Status(State.OK, shown.last_ack_ms, ""))

    def _well(self, name: str, next_ms: int) -> None:
        self._next[name] = next_ms
        if self._failures[name]:
            self._failures[name] = 0
            self._desk.memory.drop(f"next:{name}", f"failures:{name}", f"trouble:{name}")
            _log.info("errand=%s outcome=done", name)

    def _later(self, name: str, refusal: Refusal, now_ms: int) -> None:
        failures = self._failures[name] = self._failures[name] + 1
        next_ms = self._next[name] = now_ms + pause_ms(refusal, failures, self._chance())
        if self._desk.memory.get(f"trouble:{name}") != refusal.detail:
            _log.warning("errand=%s outcome=%s", name, refusal.detail)
        repairable = refusal.kind not in (Kind.DOWN, Kind.UNKNOWN, Kind.FAULT)  # a restart says that it is repaired
        marks: dict[str, str | int] = {
            f"next:{name}": 0 if repairable else next_ms,
            f"failures:{name}": failures,
            f"trouble:{name}": refusal.detail,
        }
        self._desk.memory.keep_all(marks)


class Errands:
    """Two threads beside the delivery: small errands, and the backups, which may take an hour.

    Args:
        settings: of sync.
        clock: returns ms since 1970.
    """

    def __init__(self, settings: Settings, clock: Callable[[], int]) -> None:
        self._settings = settings
        self._clock = clock
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._receipted = threading.Event()
        self._bug: BaseException | None = None
        host = settings.recipient.host
        air = settings.through_air
        quick, patient = Line(settings.hq, host, through_air=air), Line(settings.hq, host, UPLOAD_S, through_air=air)
        self._lanes = [(quick, _small()), (patient, [Backups()])]
        self._threads = [
            threading.Thread(target=self._work, args=lane, name="ambang-errands", daemon=True) for lane in self._lanes
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def nudge(self) -> None:
        """Something was receipted: there may be news; returns at once."""
        self._receipted.set()
        self._woken.set()

    def check(self) -> None:
        """Raise what an errand died of, if one did: a mistake of our own must not go unnoticed."""
        if self._bug is not None:
            raise self._bug

    def stop(self) -> None:
        """Cut what is under way; it is gone on with at the next start. May be called from a signal handler."""
        self._stopping.set()
        self._woken.set()
        for line, _ in self._lanes:
            line.stop()

    def join(self) -> None:
        """Wait, no longer than 5 s each, for what was cut."""
        for thread in self._threads:
            thread.join(LEAVE_S)

    def _work(self, line: Line, errands: Sequence[Errand]) -> None:
        try:
            with closing(line):
                while not self._stopping.is_set():
                    self._open(line, errands)
        except BaseException as error:
            self._bug = error
            raise

    def _open(self, line: Line, errands: Sequence[Errand]) -> None:
        try:
            with (
                closing(Exchange.open(self._settings.exchange)) as exchange,
                closing(_remembered(self._settings)) as memory,
            ):
                desk = Desk(self._settings, exchange, memory, line.transport)
                work = Round(desk, errands)
                while not self._stopping.is_set() and not exchange.replaced():
                    if any(errand.name == NEWS for errand in errands) and self._receipted.is_set():
                        self._receipted.clear()
                        work.bring_forward(NEWS)
                    work.run(self._clock())
                    self._woken.wait(LOOK_S)
                    self._woken.clear()
        except ExchangeAbsent:
            self._stopping.wait(LOOK_S)
        except ExchangeError as error:
            _log.error("errands: %s: %s", type(error).__name__, error)
            self._stopping.wait(LOOK_S)


def run_all(settings: Settings, now_ms: int) -> dict[str, str]:
    """Run every errand once, whatever its time; returns the plain code of each that was not done.

    Raises:
        ExchangeError: the exchange or the memory cannot be used.
    """
    host = settings.recipient.host
    with (
        closing(Exchange.open(settings.exchange)) as exchange,
        closing(_remembered(settings)) as memory,
        closing(Line(settings.hq, host, UPLOAD_S, through_air=settings.through_air)) as line,
    ):
        return Round(Desk(settings, exchange, memory, line.transport), [*_small(), Backups()]).run(now_ms, hurry=True)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _remembered(settings: Settings) -> Memory:
    with _OPENING:  # two threads must not both make it
        return Memory.open(settings.journal.with_name(MEMORY))


def _small() -> list[Errand]:
    return [Enrolment(), Renewal(), Messages(), Certificates(), Notices(), Reports()]
