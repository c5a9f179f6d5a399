"""Names the one defect of a face picture that a person can act on; refuses to judge who it is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import cv2
import numpy as np

from kiosk.vision.arrays import Floats, Image
from kiosk.vision.detect import DetectedFace

LEAST_SIZE: Final = 80.0
"""Pixels of face height in a frame of 480 lines (recognition.md: minimum face 80 px in 640x480)."""
MOST_SIZE: Final = 0.75
"""Of the frame's height."""
EDGE: Final = 0.18
"""The face's centre stays this share of the width away from either side."""
LEAST_BRIGHTNESS: Final = 40.0
LEAST_SHARPNESS: Final = 0.44
"""Measured on the film's eight people: below, a face scores under 0.8 against its own clean view."""
MOST_YAW: Final = 1.1
MOST_ROLL: Final = 30.0
MOST_SHARPNESS: Final = 0.70
"""Sharpness of the film's clearest faces; nothing is gained above."""
_LARGE: Final = 200.0
_MIDDLE: Final = 128.0


class Instruction(StrEnum):
    """What the screen asks, one at a time; left and right are the person's own."""

    NO_FACE = "no_face"
    ONE_PERSON = "one_person"
    CLOSER = "closer"
    BACK = "back"
    LEFT = "left"
    RIGHT = "right"
    MORE_LIGHT = "more_light"
    LOOK_HERE = "look_here"
    HOLD_STILL = "hold_still"
    BLINK = "blink"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured on one face.

    Attributes:
        size_px: height of the face's box in a frame scaled to 480 lines.
        filled: height of the box over the frame's height, 0..1.
        across: the box's centre over the frame's width, 0..1 from the image's left.
        brightness: mean grey of the aligned face, 0..255.
        sharpness: detail of 1 to 2 pixels of the aligned face over its detail of 2 to 5; 0.3 is blurred, 0.6 sharp.
        yaw: sideways turn: how far the nose is from the middle of the eyes along their line, over half their
            distance; 0 is frontal, about 1 a half profile.
        roll: degrees by which the eye line is turned.
    """

    size_px: float
    filled: float
    across: float
    brightness: float
    sharpness: float
    yaw: float
    roll: float

    @property
    def goodness(self) -> float:
        """How good a reference it makes, 0 to 1: the worst of sharpness, size and light; a turned head is no defect."""
        sharp = (self.sharpness - LEAST_SHARPNESS) / (MOST_SHARPNESS - LEAST_SHARPNESS)
        large = (self.size_px - LEAST_SIZE) / (_LARGE - LEAST_SIZE)
        light = 1 - abs(self.brightness - _MIDDLE) / _MIDDLE
        return min(max(min(sharp, large, light), 0.0), 1.0)

    @property
    def defect(self) -> Instruction | None:  # noqa: PLR0911 - a list of defects, worst first
        """The instruction that would mend the worst defect, or none."""
        if self.size_px < LEAST_SIZE:
            return Instruction.CLOSER
        if self.filled > MOST_SIZE:
            return Instruction.BACK
        if self.across < EDGE:
            return Instruction.LEFT
        if self.across > 1 - EDGE:
            return Instruction.RIGHT
        if self.brightness < LEAST_BRIGHTNESS:
            return Instruction.MORE_LIGHT
        if abs(self.yaw) > MOST_YAW or abs(self.roll) > MOST_ROLL:
            return Instruction.LOOK_HERE
        if self.sharpness < LEAST_SHARPNESS:
            return Instruction.HOLD_STILL
        return None


def measure(image: Image, face: DetectedFace, aligned: Image) -> Quality:
    """Measure a face.

    Args:
        image: the frame, H x W x 3 BGR; only its shape is used.
        face: from the detector.
        aligned: 112 x 112 x 3 BGR, from `align.aligned`.
    """
    height, width = image.shape[:2]
    grey = cv2.cvtColor(aligned, cv2.COLOR_BGR2GRAY)[16:, 12:100]
    yaw, roll = _pose(face.landmarks)
    filled = (face.box.y2 - face.box.y1) / height
    return Quality(
        size_px=filled * 480,
        filled=filled,
        across=face.box.centre[0] / width,
        brightness=float(grey.mean()),
        sharpness=_sharpness(np.asarray(grey, np.uint8)),
        yaw=yaw,
        roll=roll,
    )


def _sharpness(grey: Image) -> float:
    """Compare two bands of detail; the sensor's noise lies above both, so a dark picture is not a sharp one."""
    picture = grey.astype(np.float32)
    fine, middle, coarse = (cv2.GaussianBlur(picture, (0, 0), sigma) for sigma in (1.2, 2.4, 5.0))
    return float((fine - middle).std() / max(float((middle - coarse).std()), 1e-3))


def _pose(landmarks: Floats) -> tuple[float, float]:
    left, right, nose = landmarks[0], landmarks[1], landmarks[2]
    across = right - left
    distance = max(float(np.hypot(*across)), 1e-3)
    offset = float(np.dot(nose - (left + right) / 2, across)) / distance
    return offset / (distance / 2), float(np.degrees(np.arctan2(across[1], across[0])))
