"""Reads a picture file; refuses a bomb before it is decoded, and whatever is not one whole picture."""

import os
import stat
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from kiosk.faults import Fault, FaultCode
from kiosk.vision.arrays import Image
from kiosk.vision.picture_header import Header, HeaderRefused, header

SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".ppm", ".pgm"})
"""Names that are looked at in a folder; what a file is, its contents say."""
MOST_BYTES: Final = 64 << 20
MOST_PIXELS: Final = 64_000_000
"""More than a 50-megapixel telephone makes; decoded, 192 MB."""
MOST_SIDE: Final = 20_000


def read(path: Path) -> Image:
    """Read one picture as its camera stood: H x W x 3 uint8 BGR, turned as its EXIF orientation says.

    Grey becomes three equal channels; 16 bits become 8; transparency is left out; CMYK is converted.

    Raises:
        Fault: PICTURE_REFUSED with the reason, never the name.
    """
    return decoded(contents(path))


def contents(path: Path) -> bytes:
    """Read a plain file of at most `MOST_BYTES` without waiting for a pipe or a device.

    Raises:
        Fault: PICTURE_REFUSED when it is no plain file, too large, or cannot be read.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        with os.fdopen(number, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise _refused("not a file")
            if found.st_size > MOST_BYTES:
                raise _refused("too many bytes")
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _refused("cannot be opened") from error
    if len(data) > MOST_BYTES:
        raise _refused("too many bytes")
    return data


def decoded(data: bytes) -> Image:
    """Decode the bytes of one picture, as `read` does.

    Raises:
        Fault: PICTURE_REFUSED with the reason.
    """
    try:
        says = header(data)
    except HeaderRefused as refused:
        raise _refused(str(refused)) from refused
    if says.width * says.height > MOST_PIXELS or max(says.width, says.height) > MOST_SIDE:
        raise _refused("too many pixels")
    image = _pixels(data)
    if image is None or not _fits(image, says):
        raise _refused("damaged")
    return image


def _pixels(data: bytes) -> Image | None:
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except (cv2.error, MemoryError):
        return None
    return None if image is None else np.asarray(image, np.uint8)


def _fits(image: Image, says: Header) -> bool:
    """Whether the pixels are as many as the header said, upright or turned a quarter."""
    return image.ndim == 3 and sorted(image.shape[:2]) == sorted((says.height, says.width))  # noqa: PLR2004 - rows, columns, channels


def _refused(reason: str) -> Fault:
    return Fault(FaultCode.PICTURE_REFUSED, reason)
