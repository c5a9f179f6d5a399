"""Reads a USB camera through Video4Linux; refuses a device that does not deliver pictures in time."""

import os
import time
from typing import Final

import cv2
import numpy as np

from kiosk.faults import Fault, FaultCode
from kiosk.vision.camera import HEIGHT, WIDTH, Frame

# OpenCV waits ten seconds for a silent device unless told otherwise before it opens one.
SELECT_TIMEOUT: Final = ("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
STALE_S: Final = 0.1
"""After a longer pause the driver's one buffer holds a picture from the pause's beginning."""


class V4lCamera:
    """A USB camera at 640x480, with one buffer so that a frame is never an old one.

    Args:
        device: a path under /dev/v4l/by-id, which stays the same over restarts.

    Raises:
        Fault: CAMERA_LOST when it does not open.
    """

    def __init__(self, device: str) -> None:
        os.environ.setdefault(*SELECT_TIMEOUT)
        self._video = cv2.VideoCapture(device, cv2.CAP_V4L2)
        if not self._video.isOpened():
            raise Fault(FaultCode.CAMERA_LOST, "v4l")
        self._video.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._video.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        self._video.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
        self._video.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._read_at = time.monotonic()

    def read(self, timeout_s: float) -> Frame:  # noqa: ARG002 - the driver has its own time limit, set above
        """Return the next frame; never one that was taken before the call, but by less than 0.1 s.

        Raises:
            Fault: CAMERA_LOST when the driver gives none within two seconds.
        """
        try:
            if time.monotonic() - self._read_at > STALE_S:
                self._video.grab()  # taken from the driver, neither decoded nor given
            good, image = self._video.read()
        except cv2.error as error:
            raise Fault(FaultCode.CAMERA_LOST, "v4l") from error
        if not good:
            raise Fault(FaultCode.CAMERA_LOST, "v4l")
        self._read_at = time.monotonic()
        return Frame(np.asarray(image, np.uint8), self._read_at)

    def close(self) -> None:
        """Let the device go."""
        self._video.release()
