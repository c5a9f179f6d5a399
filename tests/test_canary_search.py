"""The search of the canary finds each spelling of what was planted, wherever it lies, and nothing that was not."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from canary import Planted, Searcher, texts_of

from kiosk.store.rotation import turned

NAME, PIN = "Zéfanya Qurniawaty", "59037142"
RNG = np.random.default_rng(6)
VECTOR = (RNG.normal(size=96) / 10).astype(np.float32)
MATRIX = np.linalg.qr(RNG.normal(size=(96, 96)))[0]
PICTURE = RNG.integers(0, 256, (24, 32, 3), np.uint8)
PLANTED = Planted(
    texts_of([("name", NAME), ("pin", PIN)]),
    {"vector": VECTOR, "turned vector": turned(MATRIX, VECTOR)},
    {"picture": PICTURE},
)
SEARCH = Searcher(PLANTED)
NOISE = RNG.integers(0, 256, 300_000, np.uint8).tobytes()

RAW: dict[str, bytes] = {
    "name": NAME.encode(),
    "name in small letters": NAME.lower().encode(),
    "name in UTF-16LE": NAME.encode("utf-16-le"),
    "name in UTF-16BE": NAME.encode("utf-16-be"),
    "surname alone": b"Qurniawaty",
    "pin": PIN.encode(),
    "pin in UTF-16BE": PIN.encode("utf-16-be"),
    "float32": VECTOR.tobytes(),
    "float32 big-endian": VECTOR.astype(">f4").tobytes(),
    "float64": VECTOR.astype("<f8").tobytes(),
    "float64 big-endian": VECTOR.astype(">f8").tobytes(),
    "float16": VECTOR.astype("<f2").tobytes(),
    "a piece of the vector": VECTOR[33:40].tobytes(),
    "turned": turned(MATRIX, VECTOR).tobytes(),
    "turned, float64 big-endian": turned(MATRIX, VECTOR).astype(">f8").tobytes(),
    "a row of the picture": PICTURE[7].tobytes(),
    "31 bytes of the picture": PICTURE[9].tobytes()[20:51],
    "the picture in RGB": PICTURE[:, :, ::-1].tobytes(),
    "one plane of the picture": PICTURE[:, :, 1].tobytes(),
}
ENCODED: dict[str, Callable[[bytes], bytes]] = {
    "raw": lambda data: data,
    "hex": lambda data: data.hex().encode(),
    "HEX": lambda data: data.hex().upper().encode(),
    "base64": b64encode,
    "base64 one later": lambda data: b64encode(b"?" + data),
    "base64 two later": lambda data: b64encode(b"??" + data),
    "base64 with more behind": lambda data: b64encode(b"?" + data + b"\xff\xff"),
    "base64url": lambda data: urlsafe_b64encode(b"??" + data),
}


@pytest.mark.parametrize("how", ENCODED)
def test_every_spelling_is_found_between_noise(how: str) -> None:
    missed = [what for what, data in RAW.items() if not SEARCH.found_in(NOISE[:999] + ENCODED[how](data) + NOISE[:99])]
    assert missed == []


@pytest.mark.parametrize("between", [", ", ",", " "])
def test_numbers_that_were_printed_are_found(between: str) -> None:
    assert SEARCH.found_in(between.join(f"{number:.4f}" for number in VECTOR[:12]).encode())
    assert SEARCH.found_in(f"scores={VECTOR[4]!r}".encode())
    assert SEARCH.found_in(str(VECTOR.tolist()).encode())


def test_nothing_is_found_where_nothing_was_planted() -> None:
    assert SEARCH.found_in(NOISE) == set()
    assert SEARCH.found_in(b64encode(NOISE)) == set()
    assert SEARCH.found_in(NOISE.hex().encode()) == set()
    assert SEARCH.found_in(bytes(10_000)) == set()
    assert SEARCH.found_in(b"") == SEARCH.found_in(b"ab") == set()
    assert SEARCH.spellings > 5_000


def test_what_is_found_says_what_and_how_and_in_which_file(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.log").write_bytes(b"pin=" + PIN.encode())
    (tmp_path / f"{NAME}.txt").write_bytes(b"")
    (tmp_path / "clean").write_bytes(NOISE)
    found = SEARCH.found_beneath(tmp_path)
    assert found["deep/a.log"] == {"pin as utf-8"}
    assert "name as utf-8" in found[f"{NAME}.txt"]
    assert set(found) == {"deep/a.log", f"{NAME}.txt"}
