"""Finds a film that comes round again within one attempt; refuses to take a face that stands still for one."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from kiosk.vision.arrays import Floats
from kiosk.vision.micro_motion import IDENTICAL

LEAST_S: Final = 0.8
MOST_S: Final = 3.0
"""Shortest and longest period that is looked for, in seconds."""
LEAST_PAIRS: Final = 8
"""Frames that must have their double."""
AGAIN: Final = 0.990
"""Correlation that four of five doubles reach."""
BETWEEN: Final = 0.010
"""By how much frames half and three quarters of a period apart are less alike: a face that stood still has no period.
Measured with these two: films on a phone that stands 8 of 11 found in 4 s, people as the tests draw them 0 of 31."""
STEP_S: Final = 1 / 15
"""Periods are tried at this spacing."""
NEAR_S: Final = 0.05
"""A double is at most so far from where it should be."""
_MOST_OF_IT: Final = 0.75
_FIFTH: Final = 5


def period(times: Sequence[float], traces: Sequence[Floats]) -> float | None:
    """Return the seconds after which the frames return, or None.

    Args:
        times: when each frame was taken, ascending seconds.
        traces: from `micro_motion.trace`, one for each time.
    """
    if len(times) < 2 * LEAST_PAIRS:
        return None
    at = np.asarray([time - times[0] for time in times], np.float32)
    stacked = np.stack(traces)
    alike = stacked @ stacked.T
    best, found = 0.0, None
    for lag in np.arange(LEAST_S, min(float(at[-1]) * _MOST_OF_IT, MOST_S), STEP_S):
        again = _at_lag(at, alike, float(lag))
        if again < AGAIN:
            continue
        between = max(_at_lag(at, alike, float(lag) * part) for part in (0.5, 0.75))
        if (again - between >= BETWEEN or again >= IDENTICAL > between) and again - between > best:
            best, found = again - between, float(lag)
    return found


def _at_lag(at: Floats, alike: Floats, lag: float) -> float:
    """What four of five frames correlate with those `lag` seconds later; -1 when too few have one."""
    wanted = at + lag
    later = np.minimum(np.searchsorted(at, wanted), len(at) - 1)
    before = np.maximum(later - 1, 0)
    nearest = np.where(np.abs(at[before] - wanted) < np.abs(at[later] - wanted), before, later)
    near = np.flatnonzero(np.abs(at[nearest] - wanted) <= NEAR_S)
    if len(near) < LEAST_PAIRS:
        return -1.0
    fifth = len(near) // _FIFTH
    return float(np.partition(alike[near, nearest[near]], fifth)[fifth])
