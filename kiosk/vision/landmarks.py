"""Places 68 points on a face and takes from them the five that alignment needs; refuses a box outside the frame."""

from typing import Final

import numpy as np

from kiosk.vision.arrays import Floats, Image
from kiosk.vision.detect import Box, DetectedFace
from kiosk.vision.session import Session

# Indices into the 68 points (0-based): eyelids of each eye, tip of the nose, corners of the mouth, outer and inner.
_LEFT_EYE: Final = [37, 38, 40, 41]
_RIGHT_EYE: Final = [43, 44, 46, 47]
_NOSE: Final = 30
_MOUTH_LEFT: Final = [48, 60]
_MOUTH_RIGHT: Final = [54, 64]


class Landmarks:
    """fr_landmark: a network from a 64x64 grey crop of the box to 68 points, 0..1 of the box.

    Args:
        session: gives 1x136 float32, x and y in turn.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def place(self, image: Image, box: Box) -> DetectedFace:
        """Place the points of the face in `box` on an H x W x 3 BGR picture."""
        x1, y1, x2, y2 = int(box.x1), int(box.y1), int(box.x2), int(box.y2)
        relative = self._session.infer(image[y1:y2, x1:x2])[0].reshape(68, 2)
        points = relative * np.array([x2 - x1, y2 - y1], np.float32) + np.array([x1, y1], np.float32)
        return DetectedFace(box, five(points), points)


def five(points: Floats) -> Floats:
    """Reduce 68 x 2 points to 5 x 2 (recognition.md, exact processing)."""
    return np.stack(
        [
            points[_LEFT_EYE].mean(axis=0),
            points[_RIGHT_EYE].mean(axis=0),
            points[_NOSE],
            points[_MOUTH_LEFT].mean(axis=0),
            points[_MOUTH_RIGHT].mean(axis=0),
        ]
    )
