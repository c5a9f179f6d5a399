"""Finds faces with an SCRFD detector (nine outputs) on frames as they come; refuses to compute what nobody sees.

insightface's own class pads a 640x480 frame to 640x640 and decodes all 16,800 anchors; here the network runs on the
frame itself, and only anchors above the threshold are decoded.
"""

from typing import Final

import cv2
import numpy as np

from kiosk.vision.arrays import Floats, Image
from kiosk.vision.detect import Box, DetectedFace
from kiosk.vision.session import Session

SCORE: Final = 0.5
OVERLAP: Final = 0.4
"""insightface's own defaults."""
STRIDES: Final = (8, 16, 32)
_ANCHORS: Final = 2
_NO_POINTS: Final = np.zeros((0, 2), np.float32)


class Scrfd:
    """An SCRFD network with landmarks.

    Args:
        session: its layout's size is that of the frames, both sides multiples of 32: RGB, (x - 127.5) / 128.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def detect(self, image: Image) -> tuple[DetectedFace, ...]:
        """Find faces in an H x W x 3 BGR picture, largest first, with five landmarks and no further points."""
        answers = self._session.infer(image)
        across, down = self._session.layout.width, self._session.layout.height
        scale = np.array([image.shape[1] / across, image.shape[0] / down], np.float32)
        scores, boxes, points = self._decoded(answers, across)
        if not len(scores):
            return ()
        corners = boxes * np.tile(scale, 2)
        sides = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
        kept = np.asarray(cv2.dnn.NMSBoxes(sides.tolist(), scores.tolist(), SCORE, OVERLAP)).ravel()
        found = [
            DetectedFace(_box(corners[i], scores[i]), np.asarray(points[i] * scale, np.float32), _NO_POINTS)
            for i in kept
        ]
        return tuple(sorted(found, key=lambda face: -face.box.size))

    def _decoded(self, answers: list[Floats], width: int) -> tuple[Floats, Floats, Floats]:
        """Decode what is above the threshold: N scores, N x 4 corners, N x 5 x 2 points, in the layout's pixels."""
        scores, boxes, points = [], [], []
        for level, stride in enumerate(STRIDES):
            flat = answers[level].ravel()
            chosen = np.flatnonzero(flat >= SCORE)
            if not chosen.size:
                continue
            cells = chosen // _ANCHORS
            columns = width // stride
            at = np.stack([cells % columns, cells // columns], axis=1).astype(np.float32)
            distances = answers[level + 3].reshape(-1, 4)[chosen]
            scores.append(flat[chosen])
            boxes.append(np.concatenate([at - distances[:, :2], at + distances[:, 2:]], axis=1) * np.float32(stride))
            offsets = answers[level + 6].reshape(-1, 5, 2)[chosen]
            points.append((at[:, None] + offsets) * np.float32(stride))
        if not scores:
            return np.zeros(0, np.float32), np.zeros((0, 4), np.float32), np.zeros((0, 5, 2), np.float32)
        return np.concatenate(scores), np.concatenate(boxes), np.concatenate(points)


def _box(corners: Floats, score: np.float32) -> Box:
    x1, y1, x2, y2 = (float(each) for each in corners)
    return Box(x1, y1, x2, y2, float(score))
