"""Says whether the eyes of a face are closed; refuses eyes that lie outside the frame."""

import math
from typing import Final

import numpy as np

from kiosk.vision.arrays import Image
from kiosk.vision.detect import DetectedFace
from kiosk.vision.liveness import softmax
from kiosk.vision.session import Session

WIDENED: Final = 1.6
"""The square about an eye is its width times this (recognition.md, exact processing)."""
# Outer and inner corner and lids of each eye in the 68 points, counted from 0.
_EYES: Final = (slice(36, 42), slice(42, 48))
_LEAST_PX: Final = 6


class EyeNet:
    """fr_eye: a network from one eye to two logits, the first of them closed.

    Args:
        session: from 1x1x24x24 grey 0..1 to 1x2 float32.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def closed(self, image: Image, face: DetectedFace) -> float:
        """Return the probability, 0..1, that both eyes are closed: the smaller of the two; NaN when one is not there.

        Args:
            image: the frame, H x W x 3 BGR.
            face: whose 68 points say where the eyes are.
        """
        return min((self._one(image, face, eye) for eye in _EYES), key=lambda each: (not math.isnan(each), each))

    def _one(self, image: Image, face: DetectedFace, eye: slice) -> float:
        points = face.points[eye]
        side = int(float(np.ptp(points[:, 0])) * WIDENED)
        x, y = (int(each - side / 2) for each in points.mean(axis=0))
        height, width = image.shape[:2]
        if side < _LEAST_PX or x < 0 or y < 0 or x + side > width or y + side > height:
            return math.nan
        return float(softmax(self._session.infer(image[y : y + side, x : x + side])[0].ravel())[0])
