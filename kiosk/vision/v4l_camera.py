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

    def read(self, timeout_s: float) -> Frame:  # noqa: ARG002 - the driver has its own time limit, set above
        """Return the next frame.

        Raises:
            Fault: CAMERA_LOST when the driver gives none within two seconds.
        """
        good, image = self._video.read()
        if not good:
            raise Fault(FaultCode.CAMERA_LOST, "v4l")
        return Frame(np.asarray(image, np.uint8), time.monotonic())

    def close(self) -> None:
        """Let the device go."""
        self._video.release()
