"""Finds faces with the default pack's detector; refuses boxes that are not finite."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from kiosk.vision.arrays import Floats, Image
from kiosk.vision.session import Session

SCORE: Final = 0.65
"""Least probability of a face (recognition.md, exact processing)."""
OVERLAP: Final = 0.4
"""Intersection over union above which two boxes are one face (same source)."""


@dataclass(frozen=True, slots=True)
class Box:
    """A square about a face, in pixels, clamped to the frame (so a face at the edge has a narrower box)."""

    x1: float
    y1: float
    x2: float
    y2: float
    score: float

    @property
    def size(self) -> float:
        """The longer side in pixels."""
        return max(self.x2 - self.x1, self.y2 - self.y1)

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, x and y in pixels."""
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFace:
    """A face in a frame. RAM only.

    Attributes:
        box: where.
        landmarks: 5 x 2 float32 pixels: the image's left eye, right eye, nose, left and right corner of the mouth.
        points: 68 x 2 float32 pixels, the usual 68-point scheme counted from 0; `NO_POINTS`, which is 0 x 2, where the
            pack has a detector with five landmarks of its own. Whoever needs the 68 asks `len(points)` first.
    """

    box: Box
    landmarks: Floats = field(repr=False)
    points: Floats = field(repr=False)


SECOND_FACE: Final = 0.5
"""A second face counts from this share of the largest one's size: a passer-by far behind does not."""


def several(faces: Sequence[DetectedFace]) -> bool:
    """Whether there is a second face that counts; `faces` are the largest first."""
    return len(faces) > 1 and faces[1].box.size >= SECOND_FACE * faces[0].box.size


NO_POINTS: Final = np.zeros((0, 2), np.float32)
"""The points of a pack that has only the five landmarks."""
NO_POINTS.setflags(write=False)


class Detector:
    """fr_detect: a network from a 320x240 picture to 4,420 decoded boxes, 0..1 of the frame's width and height.

    Args:
        session: gives scores 1x4420x2 and boxes 1x4420x4 (x1 y1 x2 y2).
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def detect(self, image: Image) -> tuple[Box, ...]:
        """Find faces in an H x W x 3 BGR picture, largest first."""
        scores, boxes = self._session.infer(image)
        faces = scores[0, :, 1]
        chosen = np.flatnonzero(faces >= SCORE)
        if not chosen.size:
            return ()
        height, width = image.shape[:2]
        scale = np.array([width, height, width, height], np.float32)
        return squares(boxes[0, chosen] * scale, faces[chosen], width, height, OVERLAP)


def squares(boxes: Floats, scores: Floats, width: int, height: int, overlap: float) -> tuple[Box, ...]:
    """Suppress overlapping boxes, square the rest to their height, clamp them to the frame; largest first.

    Args:
        boxes: N x 4 float32 pixels, x1 y1 x2 y2.
        scores: N float32.
        width: of the frame in pixels.
        height: of the frame in pixels.
        overlap: intersection over union above which the lower score goes.
    """
    return tuple(box for _, box in chosen_squares(boxes, scores, width, height, overlap))


def chosen_squares(boxes: Floats, scores: Floats, width: int, height: int, overlap: float) -> list[tuple[int, Box]]:
    """Do what `squares` does, and tell with each square which row of `boxes` it was made of."""
    rows = np.flatnonzero(np.isfinite(boxes).all(axis=1) & np.isfinite(scores))
    found = []
    for i in _suppressed(boxes[rows], scores[rows], overlap):
        row = int(rows[i])
        x1, y1, x2, y2 = (float(v) for v in boxes[row])
        half, x, y = (y2 - y1) / 2, (x1 + x2) / 2, (y1 + y2) / 2
        box = Box(
            max(x - half, 0.0),
            max(y - half, 0.0),
            min(x + half, width - 1.0),
            min(y + half, height - 1.0),
            float(scores[row]),
        )
        if box.x2 - box.x1 >= 1 and box.y2 - box.y1 >= 1:
            found.append((row, box))
    return sorted(found, key=lambda pair: -pair[1].size)


def _suppressed(boxes: Floats, scores: Floats, overlap: float) -> list[int]:
    order = list(np.argsort(-scores))
    areas = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1)
    kept: list[int] = []
    while order:
        best = int(order.pop(0))
        kept.append(best)
        rest = np.array(order, np.intp)
        if not rest.size:
            break
        shared = np.minimum(boxes[rest, 2:], boxes[best, 2:]) - np.maximum(boxes[rest, :2], boxes[best, :2])
        both = np.prod(np.maximum(shared, 0), axis=1)
        union = areas[rest] + areas[best] - both
        order = [int(i) for i, part, whole in zip(rest, both, union, strict=True) if part <= overlap * whole]
    return kept
