"""Gives frames, newest first to be had, from a USB camera, a file or the sample film; refuses to keep any of them."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kiosk.faults import Fault, FaultCode
from kiosk.vision.arrays import Image

WIDTH, HEIGHT = 640, 480
"""Pixels asked of a camera, and delivered by the sample film."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture. RAM only.

    Attributes:
        image: H x W x 3 uint8 BGR; nobody writes into it after it was handed on.
        taken_at: `time.monotonic()` seconds when it left the camera.
    """

    image: Image = field(repr=False)
    taken_at: float


class Camera(Protocol):
    """Anything that gives frames. One thread reads; the same thread closes."""

    def read(self, timeout_s: float) -> Frame:
        """Wait at most `timeout_s` seconds for a frame that was not given before.

        Raises:
            Fault: CAMERA_LOST when there is none, and there will be none until it is opened again.
        """

    def close(self) -> None:
        """Let the device go; a second call does nothing."""


def open_camera(spec: str) -> Camera:
    """Open what `spec` names.

    Args:
        spec: `sample` (the walk-up film), `file:PATH` (a video or a folder of pictures) or `v4l:/dev/v4l/by-id/...`.

    Raises:
        Fault: CAMERA_LOST when it does not open, CONFIG_INVALID when the words mean nothing.
    """
    kind, _, rest = spec.partition(":")
    if kind == "sample" and not rest:
        from kiosk.vision.film import SampleFilm, script  # noqa: PLC0415 - the film costs a second to make
        from kiosk.vision.sample_camera import SampleCamera  # noqa: PLC0415 - with the film

        return SampleCamera(SampleFilm(script()))
    if kind == "file" and rest:
        from kiosk.vision.file_camera import FileCamera  # noqa: PLC0415 - cv2 is loaded by those who need it

        return FileCamera(Path(rest))
    if kind == "v4l" and rest:
        from kiosk.vision.v4l_camera import V4lCamera  # noqa: PLC0415 - cv2 is loaded by those who need it

        return V4lCamera(rest)
    raise Fault(FaultCode.CONFIG_INVALID, "camera")


def wait_until(due: float, timeout_s: float) -> float:
    """Sleep until the monotonic time `due`, at most `timeout_s` seconds, and return the time now."""
    pause = min(due - time.monotonic(), timeout_s)
    if pause > 0:
        time.sleep(pause)
    return time.monotonic()
