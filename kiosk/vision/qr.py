"""Reads the one QR code in a picture as text; the home of zxingcpp. Refuses whatever no badge or slip can be."""

from typing import Final

import cv2
import numpy as np
import zxingcpp

from kiosk.vision.arrays import Image

MOST: Final = 200  # characters: a badge has 115, a slip at most 149
_COLOURS: Final = 3
_FORMATS: Final = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


def read(image: Image) -> str | None:
    """The text of a QR code; None without one, "" for one that can be no badge and no slip.

    That is a longer one, and one with a control character (NUL, line feed, an escape) or a letter beyond ASCII: what it
    says goes no further.

    Args:
        image: H x W x 3, uint8, BGR, or H x W grey; as it comes from the camera, not mirrored.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if image.ndim == _COLOURS else image
    found = zxingcpp.read_barcodes(
        np.ascontiguousarray(grey),
        formats=_FORMATS,
        try_invert=False,
        text_mode=zxingcpp.TextMode.Plain,
    )
    if not found:
        return None
    return next((code.text for code in found if plain(code.text)), "")


def plain(text: str) -> bool:
    """Whether a text may go further: 1 to 200 printing ASCII characters."""
    return 0 < len(text) <= MOST and text.isascii() and text.isprintable()
