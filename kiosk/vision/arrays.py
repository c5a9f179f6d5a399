"""The three kinds of array that vision passes around; refuses float64 by having no name for it."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Image: TypeAlias = npt.NDArray[np.uint8]
"""H x W x 3, uint8, BGR (OpenCV's order), or H x W grey where a function says so."""

Floats: TypeAlias = npt.NDArray[np.float32]
"""float32 of the shape that the function states."""
