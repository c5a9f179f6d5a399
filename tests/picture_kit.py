"""Makes picture files out of frames of the film, whole and mutated; as a program, reads them under a limit."""

import json
import random
import resource
import struct
import sys
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from kiosk.faults import Fault, FaultCode
from kiosk.vision.arrays import Image
from kiosk.vision.film import SUBJECTS, SampleFilm, script
from kiosk.vision.pictures import MOST_PIXELS, decoded

KINDS = (".jpg", ".png", ".webp", ".bmp")


def encoded(image: Image, suffix: str, *parameters: int) -> bytes:
    """The bytes of a picture file."""
    good, data = cv2.imencode(suffix, image, list(parameters))
    assert good
    return bytes(data)


def with_sums(data: bytes) -> bytes:
    """A PNG whose every chunk has the right checksum, so that a change inside it reaches the decoder."""
    out, at = bytearray(data), 8
    while at + 12 <= len(out):
        (length,) = struct.unpack_from(">I", out, at)
        if at + 12 + length > len(out):
            break
        struct.pack_into(">I", out, at + 8 + length, zlib.crc32(bytes(out[at + 4 : at + 8 + length])))
        at += 12 + length
    return bytes(out)


def _flipped(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 4, 40))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def _cut(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(len(data)) :]


def _hole(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(data))
    del data[at : at + dice.randrange(1, 300)]


def _twice(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(data))
    data[at:at] = data[at : at + dice.randrange(1, 300)]


def _extreme(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(min(len(data), 64) - 4)
    data[at : at + 4] = dice.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\x00\x00\xff\xff"))


def _head(data: bytearray, dice: random.Random) -> None:
    data[dice.randrange(min(len(data), 200))] = dice.randrange(256)


def _grown(data: bytearray, dice: random.Random) -> None:
    side = dice.choice((9_000, 40_000, 65_000))
    jpeg = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    if data.startswith(b"\x89PNG"):
        struct.pack_into(">II", data, 16, side, side)
    elif data.startswith(b"\xff\xd8") and 0 <= jpeg < len(data) - 9:
        struct.pack_into(">HH", data, jpeg + 5, side, side)
    elif data.startswith(b"BM") and len(data) > 26:
        struct.pack_into("<ii", data, 18, side, side)
    else:
        _extreme(data, dice)


CHANGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flipped,
    _cut,
    _hole,
    _twice,
    _extreme,
    _grown,
    _head,
)


def mutated(whole: bytes, seed: int) -> bytes:
    """One of many changed files; the same seed changes it the same way."""
    dice = random.Random(seed)  # noqa: S311 - the same files every time
    data = bytearray(whole)
    for _ in range(dice.choice((1, 1, 2))):
        if len(data) > 70:
            dice.choice(CHANGES)(data, dice)
    return with_sums(bytes(data)) if whole.startswith(b"\x89PNG") and dice.random() < 0.7 else bytes(data)


def sources(folder: Path) -> None:
    """Write what is mutated: a face of the film in every kind of file."""
    film = SampleFilm(script(SUBJECTS[:2], ()))
    image = np.ascontiguousarray(film.frame_at(3.0)[140:300, 240:400])
    for kind in KINDS:
        (folder / f"plain{kind}").write_bytes(encoded(image, kind))
    (folder / "progressive.jpg").write_bytes(encoded(image, ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1))
    (folder / "lossy.webp").write_bytes(encoded(image, ".webp", cv2.IMWRITE_WEBP_QUALITY, 60))


def _main(folder: Path, count: int, most_mebibytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (most_mebibytes << 20, most_mebibytes << 20))
    files = [path.read_bytes() for path in sorted(folder.iterdir())]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen: Counter[str] = Counter()
    for seed in range(count):
        try:
            found = decoded(mutated(files[seed % len(files)], seed))
        except Fault as fault:
            seen["refused" if fault.code is FaultCode.PICTURE_REFUSED else "other"] += 1
        else:
            assert found.dtype == np.uint8
            assert found.shape[2] == 3
            assert found.shape[0] * found.shape[1] <= MOST_PIXELS
            seen["read"] += 1
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    sys.stdout.write(json.dumps({**seen, "grown_mebibytes": grown}))


if __name__ == "__main__":
    _main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
