"""Finds faces with the YuNet detector; refuses to let a score that is not a number choose a face."""

from typing import Final

import cv2
import numpy as np

from kiosk.vision.arrays import Floats, Image
from kiosk.vision.detect import NO_POINTS, Box, DetectedFace, chosen_squares
from kiosk.vision.session import Session, tensor

SCORE: Final = 0.6
OVERLAP: Final = 0.3
STRIDES: Final = (8, 16, 32)
"""recognition.md, exact processing: score sqrt(cls * obj), NMS 0.3, padded right and below to a multiple of 32."""


class YuNet:
    """An anchor-free detector over three strides, with five landmarks of its own.

    Under roll these five fail (45% false non-match at 30 degrees against under 1% with 68 points, recognition.md), so a
    pack that has 68 points takes only the boxes.

    Args:
        session: from 1x3xHxW, 0..255, to cls, obj, bbox and kps for each stride.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def detect(self, image: Image) -> tuple[Box, ...]:
        """Find faces in an H x W x 3 BGR picture, largest first."""
        return tuple(box for _, box in self._found(image, self._answers(image)))

    def faces(self, image: Image) -> tuple[DetectedFace, ...]:
        """Find faces with YuNet's own five landmarks and no further points, largest first."""
        answers = self._answers(image)
        columns = _padded(image.shape[1])
        return tuple(
            DetectedFace(box, _landmarks(answers[f"kps_{stride}"][0, cell], cell, stride, columns), NO_POINTS)
            for (stride, cell), box in self._found(image, answers)
        )

    def _answers(self, image: Image) -> dict[str, Floats]:
        height, width = image.shape[:2]
        pad = (0, _padded(height) - height, 0, _padded(width) - width)
        padded = image if not any(pad) else np.asarray(cv2.copyMakeBorder(image, *pad, cv2.BORDER_CONSTANT), np.uint8)
        return dict(zip(self._session.outputs, self._session.run(tensor(padded, self._session.layout)), strict=True))

    def _found(self, image: Image, answers: dict[str, Floats]) -> list[tuple[tuple[int, int], Box]]:
        """The faces' squares, each with the stride and the cell that it was found in."""
        height, width = image.shape[:2]
        boxes, scores = [], []
        places: list[tuple[int, int]] = []
        for stride in STRIDES:
            cls, obj = answers[f"cls_{stride}"][0, :, 0], answers[f"obj_{stride}"][0, :, 0]
            score = np.sqrt(np.clip(cls, 0, 1) * np.clip(obj, 0, 1))
            chosen = np.flatnonzero(score >= SCORE)
            boxes.append(_decoded(answers[f"bbox_{stride}"][0, chosen], chosen, stride, _padded(width) // stride))
            scores.append(score[chosen])
            places += [(stride, int(cell)) for cell in chosen]
        squares = chosen_squares(np.concatenate(boxes), np.concatenate(scores), width, height, OVERLAP)
        return [(places[row], box) for row, box in squares]


def _padded(length: int) -> int:
    return length + -length % 32


def _decoded(raw: Floats, cells: np.ndarray[tuple[int], np.dtype[np.intp]], stride: int, columns: int) -> Floats:
    """Turn offsets from cells into x1 y1 x2 y2 pixels."""
    cell = np.stack([cells % columns, cells // columns], axis=1).astype(np.float32)
    centre = (cell + raw[:, :2]) * stride
    half = np.exp(raw[:, 2:]) * stride / 2
    return np.concatenate([centre - half, centre + half], axis=1, dtype=np.float32)


def _landmarks(raw: Floats, cell: int, stride: int, width: int) -> Floats:
    """Turn ten offsets from a cell into 5 x 2 float32 pixels; YuNet's order of the five is ours."""
    columns = width // stride
    corner = np.array([cell % columns, cell // columns], np.float32)
    return np.asarray((raw.reshape(5, 2) + corner) * np.float32(stride), np.float32)
