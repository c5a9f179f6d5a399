"""Reads the size of a picture from its first bytes; refuses what is cut short, moves, or is no picture."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_JPEG: Final = b"\xff\xd8\xff"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_JPEG_SCAN: Final = 0xDA
_PNM: Final = {b"P2": 1, b"P3": 3, b"P5": 1, b"P6": 3}
"""Channels of a portable grey or pixel map; P5 and P6 are binary."""


class HeaderRefused(ValueError):  # noqa: N818 - reads as what happened
    """Why this is no picture that can be read: a few English words."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself, before anything is decoded.

    Attributes:
        kind: jpeg, png, webp, bmp or pnm.
        width: pixels. height: pixels, both at least 1.
    """

    kind: str
    width: int
    height: int


def header(data: bytes) -> Header:
    """Read the header of a JPEG, PNG, WebP, BMP, PPM or PGM file; its contents decide, not its name.

    Sources: ITU-T T.81 annex B, W3C PNG (third edition), RFC 9649, BITMAPINFOHEADER, Netpbm's ppm(5) and pgm(5).

    Raises:
        HeaderRefused: for another kind of file, several pictures in one, a missing end or an impossible size.
    """
    try:
        found = _read(data)
    except (struct.error, IndexError) as error:
        raise HeaderRefused("cut short") from error
    if found.width < 1 or found.height < 1:
        raise HeaderRefused("no size")
    return found


def _read(data: bytes) -> Header:
    if data.startswith(_JPEG):
        return _jpeg(data)
    if data.startswith(_PNG):
        return _png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if data.startswith(b"BM"):
        return _bmp(data)
    if data[:2] in _PNM and data[2:3].isspace():
        return _pnm(data)
    raise HeaderRefused("not a JPEG, PNG, WebP, BMP, PPM or PGM picture")


def _jpeg(data: bytes) -> Header:
    found, end = None, len(data)
    for marker, at, length in _jpeg_segments(data):
        if marker in _JPEG_FRAMES:
            depth, height, width, channels = struct.unpack_from(">BHHB", data, at + 2)
            if depth != 8 or channels not in {1, 3, 4} or found is not None:  # noqa: PLR2004 - baseline and progressive
                raise HeaderRefused("an unusual JPEG")
            found = Header("jpeg", width, height)
        end = at + length
    if found is None:
        raise HeaderRefused("damaged")
    if data.find(b"\xff\xd9", end) < 0:
        raise HeaderRefused("cut short")
    return found


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Each marker up to the first scan, where its length stands, and that length, which counts its own two bytes."""
    at, marker = 2, 0
    while marker != _JPEG_SCAN:
        if data[at] != 0xFF:  # noqa: PLR2004 - every marker begins so, and may be preceded by more of it
            raise HeaderRefused("damaged")
        marker = data[at + 1]
        if marker == 0xFF or marker in _JPEG_BARE:  # noqa: PLR2004 - a fill byte
            at += 1 if marker == 0xFF else 2  # noqa: PLR2004
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker == 0xD9 or length < 2:  # noqa: PLR2004 - an end before any scan
            raise HeaderRefused("damaged")
        yield marker, at + 2, length
        at += 2 + length


def _png(data: bytes) -> Header:
    width, height = struct.unpack_from(">II", data, 16)
    at, kind, view = 8, b"", memoryview(data)
    while kind != b"IEND":
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        if at == 8 and (kind != b"IHDR" or length != 13):  # noqa: PLR2004 - the first chunk, and its length
            raise HeaderRefused("damaged")
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(view[at + 4 : at + 8 + length]) != checksum:
            raise HeaderRefused("damaged")
        if kind == b"acTL":
            raise HeaderRefused("several pictures in one file")
        at += 12 + length
    return Header("png", width, height)


def _webp(data: bytes) -> Header:
    (length,) = struct.unpack_from("<I", data, 4)
    if length + 8 > len(data):
        raise HeaderRefused("cut short")
    kind = data[12:16]
    if kind == b"VP8X":
        flags, low_w, high_w, low_h, high_h = struct.unpack_from("<B3xHBHB", data, 20)
        if flags & 0x02:
            raise HeaderRefused("several pictures in one file")
        return Header("webp", 1 + low_w + (high_w << 16), 1 + low_h + (high_h << 16))
    if kind == b"VP8L" and data[20] == 0x2F:  # noqa: PLR2004 - its signature
        (bits,) = struct.unpack_from("<I", data, 21)
        return Header("webp", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header("webp", width & 0x3FFF, height & 0x3FFF)
    raise HeaderRefused("damaged")


def _bmp(data: bytes) -> Header:
    start, size = struct.unpack_from("<II", data, 10)
    packed = 0
    if size == 12:  # noqa: PLR2004 - BITMAPCOREHEADER
        width, height, _, depth = struct.unpack_from("<HHHH", data, 18)
    else:
        width, height, _, depth, packed = struct.unpack_from("<iiHHI", data, 18)
    height = abs(height)
    if depth not in {1, 4, 8, 16, 24, 32} or width < 0 or packed not in {0, 1, 2, 3}:
        raise HeaderRefused("an unusual BMP")
    if packed in {0, 3} and start + (width * depth + 31) // 32 * 4 * height > len(data):
        raise HeaderRefused("cut short")
    return Header("bmp", width, height)


def _pnm(data: bytes) -> Header:
    at, figures = 2, list[int]()
    while len(figures) < 3:  # noqa: PLR2004 - width, height, greatest value
        if data[at : at + 1].isspace():
            at += 1
        elif data[at] == 0x23:  # noqa: PLR2004 - a comment, to the end of its line
            at = data.index(b"\n", at) if b"\n" in data[at:] else len(data)
        else:
            digits = bytearray()
            while data[at : at + 1].isdigit() and len(digits) < 10:  # noqa: PLR2004 - no picture is that wide
                digits += data[at : at + 1]
                at += 1
            if not digits:
                raise HeaderRefused("damaged")
            figures.append(int(digits))
    width, height, greatest = figures
    if not 0 < greatest <= 65535:  # noqa: PLR2004 - two bytes
        raise HeaderRefused("damaged")
    needed = width * height * _PNM[data[:2]] * (2 if greatest > 255 else 1)  # noqa: PLR2004 - one byte or two
    if data[:2] in {b"P5", b"P6"} and at + 1 + needed > len(data):
        raise HeaderRefused("cut short")
    return Header("pnm", width, height)
