"""The one place that reads the device's clocks; refuses to call a clock synchronised that nobody has set."""

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wire.event import Clock, ClockState

# systemd-timesyncd touches this file each time a server has set the clock (systemd-timesyncd.service(8)).
_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# A Raspberry Pi's crystal may drift by up to 50 parts in a million between two corrections.
_DRIFT = 50e-6
# What is stated while no server has set the clock: a day, the most that one date can be wrong by.
_UNSYNCED_UNCERTAINTY_S = 86_400


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


def read(zone: str) -> Reading:
    """Read wall clock, monotonic clock, boot id and how far the wall clock may be off."""
    wall = time.time()
    try:
        set_at = _SYNCHRONISED.stat().st_mtime
        state, uncertainty = ClockState.SYNCED, 1 + int(max(0.0, wall - set_at) * _DRIFT)
    except OSError:
        state, uncertainty = ClockState.UNSYNCED, _UNSYNCED_UNCERTAINTY_S
    return Reading(
        wall_ms=int(wall * 1000),
        monotonic_s=time.monotonic(),
        clock=Clock(
            zone=zone,
            boottime_ms=time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000,
            boot_id=_boot_id(),
            state=state,
            uncertainty_s=uncertainty,
        ),
    )


@cache
def _boot_id() -> str:
    return _BOOT_ID.read_text(encoding="ascii").strip()
