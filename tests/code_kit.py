"""QR codes as a camera sees them, drawn by another program than the one that reads them, and a camera for them."""

import threading
import time

import cv2
import numpy as np
import segno

from kiosk.vision.arrays import Image
from kiosk.vision.camera import Frame

GREY = 110


def squares(text: str | bytes, side: int, *, level: str = "m") -> Image:
    """A code with its quiet zone, about `side` pixels wide, dark on nearly white."""
    code = segno.make(text, error=level, micro=False, boost_error=False)
    dark = np.array([list(row) for row in code.matrix_iter(border=4)], dtype=bool)
    fine = np.kron(dark, np.ones((8, 8), dtype=bool))
    drawn = np.where(fine, 20, 235).astype(np.uint8)
    return np.asarray(cv2.resize(drawn, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def held(  # noqa: PLR0913 - what may differ
    text: str | bytes,
    side: int = 260,
    *,
    angle: float = 0.0,
    blur: float = 0.0,
    light: float = 1.0,
    tilt: float = 0.0,
    size: tuple[int, int] = (640, 480),
    level: str = "m",
) -> Image:
    """A picture of somebody who holds up a code.

    Args:
        text: what it says.
        side: pixels from edge to edge of the code, quiet zone included.
        angle: degrees by which it is turned.
        blur: standard deviation in pixels.
        light: 1 is daylight.
        tilt: by how much the far edge is shorter, 0 to 1.
        size: width and height of the picture.
        level: of correction.
    """
    fine = squares(text, 8 * side // 2, level=level)
    whole, half = fine.shape[0], side / 2
    turn = np.deg2rad(angle)
    around = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    far = half * (1 - tilt)
    corners = np.array([[-half, -half], [half, -far], [half, far], [-half, half]]) @ around.T + np.array(size) / 2
    source = np.array([[0, 0], [whole, 0], [whole, whole], [0, whole]])
    way = cv2.getPerspectiveTransform(source.astype(np.float32), corners.astype(np.float32))
    large = cv2.warpPerspective(fine, np.diag([4.0, 4.0, 1.0]) @ way, (4 * size[0], 4 * size[1]), borderValue=GREY)
    sharp = cv2.resize(large, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    seen = cv2.GaussianBlur(sharp, (0, 0), blur) if blur else sharp
    noise = np.random.default_rng(1).normal(0, 4, sharp.shape)
    grey = (seen * light + noise).clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def nothing(size: tuple[int, int] = (640, 480)) -> Image:
    """A picture without any code."""
    return np.full((size[1], size[0], 3), GREY, dtype=np.uint8)


class Holding:
    """A camera before which a test holds one picture after the other."""

    def __init__(self) -> None:
        self._picture = nothing()
        self._lock = threading.Lock()

    def hold(self, picture: Image | None = None) -> None:
        with self._lock:
            self._picture = nothing() if picture is None else picture

    def read(self, _timeout_s: float) -> Frame:
        time.sleep(0.02)
        with self._lock:
            return Frame(self._picture, time.monotonic())

    def close(self) -> None:
        return
