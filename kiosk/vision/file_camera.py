"""Plays a video or a folder of pictures as a camera; refuses to stop at a picture that cannot be read."""

import logging
import time
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from kiosk.faults import Fault, FaultCode
from kiosk.vision import pictures
from kiosk.vision.arrays import Image
from kiosk.vision.camera import Frame, wait_until

LOG: Final = logging.getLogger("ambang.camera")


class FileCamera:
    """A video, or a folder's pictures in the order of their names.

    Args:
        path: the video or the folder.
        fps: frames a second for a folder; a video has its own unless this is given.
        loop: begin again at the end; otherwise the camera is lost there.

    Raises:
        Fault: CAMERA_LOST when there is nothing to play.
    """

    def __init__(self, path: Path, fps: float | None = None, *, loop: bool = True) -> None:
        self.skipped = 0
        self._loop = loop
        self._pictures: list[Path] = []
        self._video: cv2.VideoCapture | None = None
        self._at = 0
        if path.is_dir():
            self._pictures = sorted(each for each in path.iterdir() if each.suffix.lower() in pictures.SUFFIXES)
            self._period = 1 / (fps or 10.0)
        elif path.is_file():
            self._video = cv2.VideoCapture(str(path))
            self._period = 1 / (fps or self._video.get(cv2.CAP_PROP_FPS) or 30.0)
        if not self._pictures and (self._video is None or not self._video.isOpened()):
            raise Fault(FaultCode.CAMERA_LOST, "file")
        self._due = time.monotonic()

    def read(self, timeout_s: float) -> Frame:
        """Wait for the next picture's time and return it.

        Raises:
            Fault: CAMERA_LOST at the end, or when no picture can be read.
        """
        image = self._next_picture() if self._video is None else self._next_of(self._video)
        now = wait_until(self._due, timeout_s)
        self._due = max(self._due + self._period, now)
        return Frame(image, now)

    def close(self) -> None:
        """Let the file go."""
        if self._video is not None:
            self._video.release()
        self._pictures = []

    def _next_picture(self) -> Image:
        for _ in range(len(self._pictures)):
            if self._at >= len(self._pictures):
                if not self._loop:
                    break
                self._at = 0
            path = self._pictures[self._at]
            self._at += 1
            try:
                return pictures.read(path)
            except Fault as refused:
                self.skipped += 1
                LOG.warning("picture %d of the folder is skipped: %s", self._at, refused.detail)
        raise Fault(FaultCode.CAMERA_LOST, "file")

    def _next_of(self, video: cv2.VideoCapture) -> Image:
        good, image = video.read()
        if not good and self._loop:
            video.set(cv2.CAP_PROP_POS_FRAMES, 0)
            good, image = video.read()
        if not good:
            raise Fault(FaultCode.CAMERA_LOST, "file")
        return np.asarray(image, np.uint8)
