"""The one place that reads the device's clocks; refuses to call a clock synchronised that nobody we know has set."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from wire.event import Clock, ClockState

# systemd-timesyncd touches this file each time a server has set the clock (systemd-timesyncd.service(8)).
_SYNCHRONISED: Final = Path("/run/systemd/timesync/synchronized")
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
# A Raspberry Pi's crystal may drift by up to 50 parts in a million between two corrections.
_DRIFT: Final = 50e-6
# What is stated while no server has set the clock: a day, the most that one date can be wrong by.
_UNSYNCED_UNCERTAINTY_S: Final = 86_400
_LONGEST_UNCERTAINTY_S: Final = 2**31 - 1
STEP_MS: Final = 2000
"""More than this is a step. CLOCK_BOOTTIME runs at the speed of the wall clock, corrections of the speed included, so
that nothing but a step parts them; a leap second stays below."""
# Both clocks are read at one moment only if the program was not put aside between them.
_AT_ONCE_MS: Final = 50
_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class Look:
    """All clocks at one moment, as the system shows them.

    Attributes:
        wall_ms: UTC, milliseconds since the epoch.
        boottime_ms: CLOCK_BOOTTIME in milliseconds: since the start of the system, sleep included; nobody can set it.
        monotonic_s: CLOCK_MONOTONIC in seconds.
        boot_id: UUID of this start.
        set_at_ms: when a server last set the wall clock, as the wall clock said then; None since the start.
    """

    wall_ms: int
    boottime_ms: int
    monotonic_s: float
    boot_id: str
    set_at_ms: int | None


@dataclass(frozen=True, slots=True)
class Bearings:
    """What is remembered of the wall clock from look to look, and from process to process.

    Attributes:
        boot: stands for the boot id; nothing can be compared across a start.
        offset_ms: how far the wall clock was ahead of CLOCK_BOOTTIME.
        set_at_ms: when a server last set it.
        error_ms: how far somebody unknown has moved it since then; 0 for not at all.
    """

    boot: int
    offset_ms: int
    set_at_ms: int | None
    error_ms: int


@dataclass(frozen=True, slots=True)
class Step:
    """The wall clock was moved by `by_ms` (forward is positive), by a server or by somebody else."""

    by_ms: int
    by_server: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at all clocks.

    Attributes:
        wall_ms: UTC, milliseconds since the epoch.
        monotonic_s: CLOCK_MONOTONIC in seconds.
        clock: what an event states about its own time.
    """

    wall_ms: int
    monotonic_s: float
    clock: Clock


def judge(known: Bearings | None, look: Look) -> tuple[Bearings, Step | None]:
    """Compare a look with what is remembered.

    Small steps add up: what is remembered moves on only when a step was noticed or a server has set the clock.

    Returns:
        What to remember now, and the step if the wall clock was moved by more than 2 s since.
    """
    boot, offset = boot_number(look.boot_id), look.wall_ms - look.boottime_ms
    if known is None or known.boot != boot:
        behind = 0 if look.set_at_ms is None else min(0, look.wall_ms - look.set_at_ms)
        error = behind if behind < -STEP_MS else 0  # it shows a time before the one that a server gave it
        return Bearings(boot, offset, look.set_at_ms, error), Step(error, by_server=False) if error else None
    moved = offset - known.offset_ms
    served = look.set_at_ms is not None and look.set_at_ms != known.set_at_ms
    stepped = abs(moved) > STEP_MS
    error = 0 if served else known.error_ms + (moved if stepped else 0)
    if not (served or stepped):
        return known, None
    return Bearings(boot, offset, look.set_at_ms, error), Step(moved, served) if stepped else None


def stated(bearings: Bearings, look: Look) -> tuple[ClockState, int]:
    """What an event may say of the wall clock: its state, and by how many seconds it may be wrong."""
    error = bearings.error_ms + look.wall_ms - look.boottime_ms - bearings.offset_ms
    state, uncertainty = ClockState.UNSYNCED, _UNSYNCED_UNCERTAINTY_S
    if look.set_at_ms is not None:
        since_ms = max(0, look.wall_ms - error - look.set_at_ms)
        state, uncertainty = ClockState.SYNCED, 1 + int(since_ms / 1000 * _DRIFT)
    uncertainty += -(-abs(error) // 1000)
    if abs(error) > STEP_MS:
        state = ClockState.STEPPED
    return state, min(uncertainty, _LONGEST_UNCERTAINTY_S)


class Watch:
    """The device's clocks under observation; may be called from any thread.

    Args:
        zone: IANA name of the site's time zone.
        look: reads the clocks.
    """

    def __init__(self, zone: str, look: Callable[[], Look] | None = None) -> None:
        self._zone = zone
        self._look = look or look_now
        self._lock = threading.Lock()
        self._bearings: Bearings | None = None
        self._untold: list[Step] = []
        self._taken_up = False

    def __call__(self) -> Reading:
        """Read all clocks; a step since the last time is remembered until it was `told`."""
        with self._lock:
            look = self._look()
            self._bearings, step = judge(self._bearings, look)
            if step is not None:
                self._untold.append(step)
            return _reading(self._zone, look, self._bearings)

    def take_up(self, known: Bearings | None) -> None:
        """Go on from what an earlier process remembered; only the first call counts."""
        with self._lock:
            if not self._taken_up and known is not None:
                self._bearings = known
                self._untold.clear()
            self._taken_up = True

    def remembered(self) -> tuple[Bearings | None, tuple[Step, ...]]:
        """What is known of the wall clock, and the steps that nobody has written down yet."""
        with self._lock:
            return self._bearings, tuple(self._untold)

    def told(self, count: int) -> None:
        """The oldest `count` steps are written down."""
        with self._lock:
            del self._untold[:count]


def read(zone: str) -> Reading:
    """Read wall clock, monotonic clock, boot id and how far the wall clock may be off; steps are not noticed."""
    look = look_now()
    return _reading(zone, look, judge(None, look)[0])


def look_now() -> Look:
    """Read the system's clocks, the wall clock and CLOCK_BOOTTIME within 50 ms of each other."""
    for _ in range(_TRIES):
        before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        wall = time.time_ns()
        after = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        if after - before <= _AT_ONCE_MS * 1_000_000:
            break
    return Look(
        wall_ms=wall // 1_000_000,
        boottime_ms=(before + after) // 2_000_000,
        monotonic_s=time.monotonic(),
        boot_id=_boot_id(),
        set_at_ms=_set_at(),
    )


def boot_number(boot_id: str) -> int:
    """60 bits of a boot id: a number that SQLite can hold."""
    return int(boot_id.replace("-", "")[-15:], 16)


def _reading(zone: str, look: Look, bearings: Bearings) -> Reading:
    state, uncertainty = stated(bearings, look)
    clock = Clock(zone=zone, boottime_ms=look.boottime_ms, boot_id=look.boot_id, state=state, uncertainty_s=uncertainty)
    return Reading(look.wall_ms, look.monotonic_s, clock)


def _set_at() -> int | None:
    try:
        return _SYNCHRONISED.stat().st_mtime_ns // 1_000_000
    except OSError:
        return None


@cache
def _boot_id() -> str:
    return _BOOT_ID.read_text(encoding="ascii").strip()
