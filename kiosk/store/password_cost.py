"""What one guess at an administrator's password costs on this device; refuses to go below 64 MiB and three passes."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from kiosk.store.database import StoreDatabase
from kiosk.store.vault import Cost, stretch

# RFC 9106 section 4, second choice; also where a device needs longer than a second for it.
LEAST: Final = Cost(memory_kib=65_536, passes=3, lanes=4)
SHORTEST_S: Final = 0.5
LONGEST_S: Final = 1.0
_AIM_S: Final = 0.7
_MOST_MEMORY_KIB: Final = 131_072  # a camera, a model and a screen want theirs
_MOST_PASSES: Final = 64
_SETTING: Final = "password_cost"


def calibrated(took: Callable[[Cost], float]) -> Cost:
    """The cost for which one stretch takes 0.5 to 1.0 s: more memory first, then more passes.

    Args:
        took: how many seconds one stretch of this cost takes on this device.

    Returns:
        `LEAST` where that takes 0.5 s or more.
    """
    cost, seconds = LEAST, took(LEAST)
    while seconds < SHORTEST_S and 2 * cost.memory_kib <= _MOST_MEMORY_KIB and 2 * seconds <= LONGEST_S:
        cost = replace(cost, memory_kib=2 * cost.memory_kib)
        seconds = took(cost)
    if seconds < SHORTEST_S:
        cost = replace(cost, passes=max(LEAST.passes, min(_MOST_PASSES, int(cost.passes * _AIM_S / seconds))))
    return cost


def took(cost: Cost) -> float:
    """How many seconds one stretch takes here and now: the shorter of two, for the first one also fetches memory."""
    return min(_once(cost), _once(cost))


def keep(database: StoreDatabase, cost: Cost, now_ms: int) -> None:
    """Write down what new passwords cost on this device, inside the current transaction."""
    database.run(
        "INSERT OR REPLACE INTO settings (name, value, row_version, changed_at, changed_by) VALUES (?, ?, 1, ?, '')",
        _SETTING,
        f"{cost.memory_kib}/{cost.passes}/{cost.lanes}",
        now_ms,
    )


def kept(database: StoreDatabase) -> Cost | None:
    """What `keep` wrote; None if nothing, or if it is less than `LEAST` (this file is not sealed) or absurdly much."""
    row = database.row("SELECT value FROM settings WHERE name = ?", _SETTING)
    parts = [] if row is None else str(row[0]).split("/")
    if len(parts) != len(("memory", "passes", "lanes")) or not all(part.isdecimal() for part in parts):
        return None
    cost = Cost(*map(int, parts))
    bounds = (
        (LEAST.memory_kib, cost.memory_kib, _MOST_MEMORY_KIB),
        (LEAST.passes, cost.passes, _MOST_PASSES),
        (LEAST.lanes, cost.lanes, LEAST.lanes),
    )
    return cost if all(least <= given <= most for least, given, most in bounds) else None


def _once(cost: Cost) -> float:
    began = time.perf_counter()
    stretch("calibration", bytes(16), b"", cost)
    return time.perf_counter() - began
