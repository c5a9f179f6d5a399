"""Picture files: whatever is in them, there is one picture of a bounded size or one refusal."""

import json
import os
import socket
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from picture_kit import KINDS, encoded, sources, with_sums
from vision_kit import everybody

from kiosk.faults import Fault, FaultCode
from kiosk.vision import pictures
from kiosk.vision.arrays import Image
from kiosk.vision.file_camera import FileCamera
from kiosk.vision.pictures import decoded, read


def part_of_the_film() -> Image:
    return np.ascontiguousarray(everybody().frame_at(3.0)[100:400, 200:440])


def refusal(data: bytes) -> str:
    with pytest.raises(Fault) as caught:
        decoded(data)
    assert caught.value.code is FaultCode.PICTURE_REFUSED
    return caught.value.detail


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@pytest.mark.parametrize("suffix", [*KINDS, ".ppm", ".JPEG"])
def test_a_whole_picture_is_read_in_bgr(tmp_path: Path, suffix: str) -> None:
    image, path = part_of_the_film(), tmp_path / f"a{suffix}"
    path.write_bytes(encoded(image, suffix.lower()))
    found = read(path)
    assert found.shape == image.shape
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - image).mean() < 4


def test_grey_sixteen_bits_alpha_and_four_inks_become_three_channels_of_eight_bits() -> None:
    image = part_of_the_film()
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    alpha = np.dstack([image, np.full(image.shape[:2], 9, np.uint8)])
    for data, expected in (
        (encoded(np.asarray(grey), ".png"), grey),
        (encoded(np.asarray(grey), ".jpg"), grey),
        (encoded(np.asarray(grey), ".pgm"), grey),
        (encoded(np.asarray(grey.astype(np.uint16) * 257), ".png"), grey),
        (encoded(np.asarray(alpha), ".png"), image),
        (encoded(np.asarray(alpha), ".webp"), image),
    ):
        wide = expected if expected.ndim == 3 else np.repeat(expected[:, :, None], 3, axis=2)
        found = decoded(data)
        assert found.shape == image.shape
        assert np.abs(found.astype(int) - wide).mean() < 4


def test_a_picture_is_turned_as_its_camera_stood() -> None:
    image = part_of_the_film()
    plain = encoded(image, ".jpg")
    # TIFF header, one entry: tag 0x0112 (orientation), type SHORT, 6 = turn a quarter clockwise to see it upright.
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    turned = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]
    assert np.array_equal(decoded(turned), np.rot90(decoded(plain), -1))


def test_a_picture_that_is_cut_short_anywhere_is_refused() -> None:
    image = part_of_the_film()
    for suffix in (*KINDS, ".ppm"):
        whole = encoded(image, suffix)
        for share in (0.001, 0.01):
            assert refusal(whole[: int(len(whole) * share)])
        for share in (0.3, 0.9, 0.999):
            assert refusal(whole[: int(len(whole) * share)]) == "cut short"


def test_a_bomb_is_refused_by_the_size_in_its_header() -> None:
    image = part_of_the_film()
    jpeg = bytearray(encoded(image, ".jpg"))
    at = jpeg.index(b"\xff\xc0") + 5
    struct.pack_into(">HH", jpeg, at, 65000, 65000)
    png = bytearray(encoded(image, ".png"))
    struct.pack_into(">II", png, 16, 200_000, 200_000)
    webp = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<IB3x", 10, 0) + b"\xff\xff\xff" * 2
    for bomb in (bytes(jpeg), with_sums(bytes(png)), webp, b"P2\n30000 30000\n255\n0 "):
        assert refusal(bomb) == "too many pixels"
    assert refusal(b"BM" + struct.pack("<IIIIiiHHI", 0, 0, 54, 40, 30_000, 30_000, 1, 24, 0) + bytes(24)) == "cut short"


def test_what_is_no_single_picture_is_refused_with_its_reason() -> None:
    png = encoded(part_of_the_film(), ".png")
    moving = png[:33] + chunk(b"acTL", struct.pack(">II", 2, 0)) + png[33:]
    webp = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<IB3x", 10, 2) + b"\x10\0\0" * 2
    assert refusal(moving) == "several pictures in one file"
    assert refusal(webp) == "several pictures in one file"
    for other in (b"", b"GIF89a" + bytes(40), b"The text of a letter.", b"%PDF-1.7\n", b"II*\0" + bytes(40)):
        assert refusal(other) == "not a JPEG, PNG, WebP, BMP, PPM or PGM picture"
    assert refusal(b"P5\n0 4\n255\n" + bytes(20)) == "no size"
    assert refusal(b"P6 # made by hand\n2 2\n0\n" + bytes(20)) == "damaged"
    assert decoded(b"P6 # made by hand\n2 2\n255\n" + bytes(12)).shape == (2, 2, 3)


def test_what_is_no_plain_file_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe, sock = tmp_path / "a.jpg", tmp_path / "b.jpg"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(sock))
        for path in (pipe, sock, tmp_path, tmp_path / "none.jpg", Path("/dev/zero"), Path("a\0b")):
            with pytest.raises(Fault) as caught:
                read(path)
            assert caught.value.code is FaultCode.PICTURE_REFUSED
            assert str(tmp_path) not in str(caught.value)


def test_a_file_of_too_many_bytes_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(part_of_the_film(), ".png"))
    monkeypatch.setattr(pictures, "MOST_BYTES", 1000)
    # The second file says that it has none: one that grows while it is read is stopped too.
    for large in (path, Path("/proc/self/maps")):
        with pytest.raises(Fault, match="too many bytes"):
            read(large)


def test_a_folder_as_a_camera_leaves_out_a_bomb(tmp_path: Path) -> None:
    png = bytearray(encoded(part_of_the_film(), ".png"))
    (tmp_path / "b.png").write_bytes(png)
    struct.pack_into(">II", png, 16, 200_000, 200_000)
    (tmp_path / "a.png").write_bytes(with_sums(bytes(png)))
    camera = FileCamera(tmp_path, fps=200)
    assert camera.read(0.5).image.shape == part_of_the_film().shape
    assert camera.skipped == 1
    camera.close()


def test_two_thousand_mutated_files_give_a_picture_or_a_refusal_in_bounded_memory(
    tmp_path: Path,
) -> None:
    sources(tmp_path)
    kit = Path(__file__).with_name("picture_kit.py")
    done = subprocess.run(
        [sys.executable, str(kit), str(tmp_path), "2000", "1024"], check=True, capture_output=True, text=True
    )
    seen = json.loads(done.stdout)
    assert seen["read"] + seen["refused"] == 2000
    assert seen["read"] > 200
    assert seen["refused"] > 400
    assert seen["grown_mebibytes"] < 400
