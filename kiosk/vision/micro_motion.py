"""Says whether a face lives a little between frames or stands as still as a picture; refuses to call movement alive."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from kiosk.vision.arrays import Floats, Image

INNER: Final = (slice(16, 104), slice(14, 98))
"""Rows and columns of the aligned 112 x 112 face that show skin, eyes and mouth, and little of what is behind."""
SIDE: Final = 44
"""The face is compared at this many pixels: what is finer is the sensor's noise."""
IDENTICAL: Final = 0.99995
"""Correlation that no two pictures of a sensor reach: the very same frame again."""
STILL: Final = 0.985
"""Correlation of a static picture's aligned crops (recognition.md, presentation attacks)."""
LEAST_S: Final = 1.0
"""Seconds over which a face must have stood still before that says anything."""
LEAST_FRAMES: Final = 3


def trace(crop: Image) -> Floats | None:
    """Return what of an aligned face is compared later: 1,936 float32, mean 0, length 1; None for an even surface.

    Args:
        crop: 112 x 112 x 3 BGR, from `align.aligned`.
    """
    grey = cv2.cvtColor(crop[INNER], cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    small -= small.mean()
    length = float(np.linalg.norm(small))
    return np.asarray(small / length, np.float32) if length > SIDE else None


def stillness(traces: Sequence[Floats]) -> float:
    """Return the lowest correlation of any two frames, -1..1: how still the face stood all the time."""
    stacked = np.stack(traces)
    return float((stacked @ stacked.T).min())


def identical(traces: Sequence[Floats]) -> bool:
    """Whether each frame is the one before it again: a stuck or a feigned camera, never a sensor."""
    if len(traces) < LEAST_FRAMES:
        return False
    stacked = np.stack(traces)
    return bool((np.einsum("ij,ij->i", stacked[1:], stacked[:-1]) >= IDENTICAL).all())
