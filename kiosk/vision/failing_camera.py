"""Makes another camera fail on purpose, so that what the door does then can be tried; refuses to fail by chance."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from kiosk.faults import Fault, FaultCode
from kiosk.vision.camera import Camera, Frame


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
        frame = self._inner.read(timeout_s)
        if failure is Failure.BLACK:
            return Frame(np.zeros_like(frame.image), frame.taken_at)
        if failure is Failure.HALF:
            return Frame(frame.image[: len(frame.image) // 2], frame.taken_at)
        return frame

    def close(self) -> None:
        """Close the inner camera."""
        self._inner.close()

    def _now(self) -> Failure | None:
        now = time.monotonic()
        return next((each.failure for each in self._plan if each.from_s <= now < each.to_s), None)
