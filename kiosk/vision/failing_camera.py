"""Makes another camera fail on purpose, so that what the door does then can be tried; refuses to fail by chance."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np

from kiosk.faults import Fault, FaultCode
from kiosk.vision.arrays import Image
from kiosk.vision.camera import Camera, Frame

SLOW_S: Final = 1.0
TINY: Final = (120, 160)


class Failure(StrEnum):
    """What cameras do."""

    STALL = "stall"
    """No frame comes, and reading does not return in time."""
    UNPLUG = "unplug"
    """Reading fails at once, and so does opening."""
    BLACK = "black"
    """Frames come, with nothing on them."""
    HALF = "half"
    """Frames come with half their lines."""
    WRONG_SIZE = "wrong_size"
    """Frames come in the smallest size that the device has."""
    SLOW = "slow"
    """One frame a second."""
    FROZEN = "frozen"
    """The same frame for ever."""
    NOISE = "noise"
    """Frames without a picture: every pixel by chance."""
    WRONG_TYPE = "wrong_type"
    """Frames of another type of number."""
    GREY = "grey"
    """Frames without colour channels."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One failure, from and to in seconds of `time.monotonic()`."""

    failure: Failure
    from_s: float
    to_s: float


class FailingCamera:
    """A camera that fails by plan.

    Args:
        inner: the camera that works.
        plan: when it fails, and how.

    Raises:
        Fault: CAMERA_LOST when it is opened while unplugged.
    """

    def __init__(self, inner: Camera, plan: Sequence[Episode]) -> None:
        self._inner = inner
        self._plan = tuple(plan)
        self._kept: Image | None = None
        self._random = np.random.default_rng(5)
        if self._now() is Failure.UNPLUG:
            raise Fault(FaultCode.CAMERA_LOST, "unplugged")

    def read(self, timeout_s: float) -> Frame:
        """Read the inner camera, or fail.

        Raises:
            Fault: CAMERA_LOST while unplugged, and after a stall.
        """
        failure = self._now()
        if failure is Failure.UNPLUG:
            raise Fault(FaultCode.CAMERA_LOST, "unplugged")
        if failure is Failure.STALL:
            while self._now() is Failure.STALL:
                time.sleep(0.01)
            raise Fault(FaultCode.CAMERA_LOST, "stalled")
        if failure is Failure.SLOW:
            time.sleep(SLOW_S)
        frame = self._inner.read(timeout_s)
        if failure is not Failure.FROZEN:
            self._kept = None
        elif self._kept is None:
            self._kept = frame.image
        image = frame.image if self._kept is None else self._kept
        return Frame(image if failure is None else _spoilt(failure, image, self._random), frame.taken_at)

    def close(self) -> None:
        """Close the inner camera."""
        self._inner.close()

    def _now(self) -> Failure | None:
        now = time.monotonic()
        return next((each.failure for each in self._plan if each.from_s <= now < each.to_s), None)


def _spoilt(failure: Failure, image: Image, random: np.random.Generator) -> Any:  # noqa: ANN401 - no Image, on purpose
    if failure is Failure.BLACK:
        return np.zeros_like(image)
    if failure is Failure.HALF:
        return image[: len(image) // 2]
    if failure is Failure.WRONG_SIZE:
        return image[: TINY[0], : TINY[1]]
    if failure is Failure.NOISE:
        return random.integers(0, 256, image.shape, np.uint8)
    if failure is Failure.WRONG_TYPE:
        return image.astype(np.float32)
    return image[:, :, 0] if failure is Failure.GREY else image
