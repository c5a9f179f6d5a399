"""Finds faces with the optional YuNet detector; refuses its own five landmarks, which fail under roll."""

from typing import Final

import cv2
import numpy as np

from kiosk.vision.arrays import Floats, Image
from kiosk.vision.detect import Box, squares
from kiosk.vision.session import Session, tensor

SCORE: Final = 0.6
OVERLAP: Final = 0.3
STRIDES: Final = (8, 16, 32)
"""recognition.md, exact processing: score sqrt(cls * obj), NMS 0.3, padded right and below to a multiple of 32."""


class YuNet:
    """An anchor-free detector over three strides.

    Args:
        session: from 1x3xHxW, 0..255, to cls, obj, bbox and kps for each stride.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def detect(self, image: Image) -> tuple[Box, ...]:
        """Find faces in an H x W x 3 BGR picture, largest first."""
        height, width = image.shape[:2]
        pad = (0, -height % 32, 0, -width % 32)
        padded = image if not any(pad) else np.asarray(cv2.copyMakeBorder(image, *pad, cv2.BORDER_CONSTANT), np.uint8)
        answers = dict(zip(self._session.outputs, self._session.run(tensor(padded, self._session.layout)), strict=True))
        boxes, scores = [], []
        for stride in STRIDES:
            cls, obj = answers[f"cls_{stride}"][0, :, 0], answers[f"obj_{stride}"][0, :, 0]
            score = np.sqrt(np.clip(cls, 0, 1) * np.clip(obj, 0, 1))
            chosen = np.flatnonzero(score >= SCORE)
            boxes.append(_decoded(answers[f"bbox_{stride}"][0, chosen], chosen, stride, padded.shape[1] // stride))
            scores.append(score[chosen])
        return squares(np.concatenate(boxes), np.concatenate(scores), width, height, OVERLAP)


def _decoded(raw: Floats, cells: np.ndarray[tuple[int], np.dtype[np.intp]], stride: int, columns: int) -> Floats:
    """Turn offsets from cells into x1 y1 x2 y2 pixels."""
    cell = np.stack([cells % columns, cells // columns], axis=1).astype(np.float32)
    centre = (cell + raw[:, :2]) * stride
    half = np.exp(raw[:, 2:]) * stride / 2
    return np.concatenate([centre - half, centre + half], axis=1, dtype=np.float32)
