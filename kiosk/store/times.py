"""Corrects a time that no server had set by a later look at the same boot's clocks; refuses to compare two boots."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from wire.event import Clock, ClockState

_DRIFT_PPM: Final = 50
"""Parts in a million by which a Raspberry Pi's crystal may be wrong, as in kiosk/clock.py."""
_SLEWED_S: Final = 1
"""A server moves the clock without a step by less than 0.4 s (systemd-timesyncd), CLOCK_BOOTTIME with it; the rest is
rounding to milliseconds."""
_LONGEST_S: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Moment:
    """What the clocks said at one moment: wall clock in ms UTC, and the others."""

    wall_ms: int
    clock: Clock


@dataclass(frozen=True, slots=True)
class Corrected:
    """When something was.

    Attributes:
        wall_ms: ms UTC.
        uncertainty_s: how far that may be off, in seconds.
        by: the reading that it was corrected by; None if it stands as it was.
    """

    wall_ms: int
    uncertainty_s: int
    by: Moment | None


def corrected(moment: Moment, readings: Iterable[Moment]) -> Corrected:
    """The best that is known of when something was.

    CLOCK_BOOTTIME cannot be set: what it counted between the moment and a reading of the same boot whose wall clock a
    server had set, taken off that wall clock, gives the time. Of several readings the one that leaves the least
    uncertainty counts; none makes it worse.

    Args:
        moment: what was logged; a time that a server had set is taken as it is.
        readings: what was logged at other moments, in any order: later ones of the same boot, as a rule.
    """
    best = Corrected(moment.wall_ms, moment.clock.uncertainty_s, None)
    if moment.clock.state is ClockState.SYNCED:
        return best
    for reading in readings:
        clock = reading.clock
        if clock.state is ClockState.SYNCED and clock.boot_id == moment.clock.boot_id:
            since_ms = clock.boottime_ms - moment.clock.boottime_ms
            drift_s = -(-abs(since_ms) * _DRIFT_PPM // 1_000_000_000)
            uncertainty = min(clock.uncertainty_s + _SLEWED_S + drift_s, _LONGEST_S)
            if uncertainty < best.uncertainty_s:
                best = Corrected(reading.wall_ms - since_ms, uncertainty, reading)
    return best
