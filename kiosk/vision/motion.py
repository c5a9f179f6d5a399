"""Tells whether anything moved between two pictures; refuses to say what it was."""

from typing import Final

import cv2
import numpy as np

from kiosk.vision.arrays import Floats, Image

COLUMNS: Final = 40
ROWS: Final = 30
STRIDE: Final = 4
"""Every fourth line and column is enough for cells of 16 pixels, and a sixteenth of the work."""
LEAST_CHANGE: Final = 12.0
"""Grey levels by which one cell differs from the picture as a whole. The sample film's empty door, with its sensor
noise and a light that swings by 6%, stays at 7 from any frame to any other; the eight people who come in, dim, out of
focus and with a face of 85 pixels, are at 59 or more (measured)."""


def thumbnail(image: Image) -> Floats:
    """Shrink an H x W x 3 BGR picture to 30 x 40 grey cells, 0..255, from which nobody can be recognised.

    Their median is taken out, so that a lamp or the camera's own exposure is no motion.
    """
    few = np.ascontiguousarray(image[::STRIDE, ::STRIDE])
    grey = cv2.cvtColor(few, cv2.COLOR_BGR2GRAY)
    cells = cv2.resize(grey, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(cells - np.float32(np.median(cells)), np.float32)


def moved(before: Floats, now: Floats) -> bool:
    """Whether any cell of two `thumbnail`s changed by 12 grey levels; a cell that is not a number has moved."""
    return not bool((np.abs(now - before) < LEAST_CHANGE).all())
