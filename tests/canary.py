"""Looks for planted names, codes, PINs, vectors and pictures in bytes, however they are spelled; uses no code of ours.

What is found is told by the label of what was planted and how it was spelled, so that a leak names its place.
"""

import logging
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

LEAST = 6
"""Bytes of a spelling; shorter ones come by chance."""
PIECE = 16
"""Bytes of a picture, and floats' worth of a vector, that are looked for together."""
_FIRST = 3
Spelled = Iterator[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Planted:
    """What must not be readable anywhere.

    Attributes:
        texts: label to text.
        vectors: label to numbers, one row.
        pictures: label to H x W x 3 uint8.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    vectors: Mapping[str, npt.NDArray[np.floating]] = field(default_factory=dict)
    pictures: Mapping[str, npt.NDArray[np.uint8]] = field(default_factory=dict)


class Searcher:
    """Finds every spelling of what was planted in one pass over the bytes, about 15 ms a MiB."""

    def __init__(self, planted: Planted) -> None:
        self._marks = np.zeros(1 << (8 * _FIRST), np.bool_)
        self._by_mark: dict[bytes, list[tuple[int, bytes, str]]] = {}
        self.spellings = 0
        for label, form in _forms(planted):
            if len(form) < LEAST:
                continue
            self.spellings += 1
            at = _mark(form)
            self._by_mark.setdefault(form[at : at + _FIRST], []).append((at, form, label))
            self._marks[int.from_bytes(form[at : at + _FIRST], "little")] = True

    def found_in(self, data: bytes) -> set[str]:
        """The labels of everything that stands in `data`."""
        row = np.frombuffer(data, np.uint8).astype(np.uint32)
        if len(row) < _FIRST:
            return set()
        threes = row[:-2] | row[1:-1] << np.uint32(8) | row[2:] << np.uint32(16)
        return {
            label
            for offset in np.flatnonzero(self._marks[threes]).tolist()
            for at, form, label in self._by_mark[data[offset : offset + _FIRST]]
            if offset >= at and data.startswith(form, offset - at)
        }

    def found_beneath(self, *places: Path) -> dict[str, set[str]]:
        """Each file beneath these directories that holds something, its own name included, and what."""
        found = {}
        for place in places:
            for path in sorted(place.rglob("*")):
                held = self.found_in(path.name.encode())
                if path.is_file() and not path.is_symlink():
                    held |= self.found_in(path.read_bytes())
                if held:
                    found[str(path.relative_to(place))] = held
        return found


def _mark(form: bytes) -> int:
    """Where the three bytes begin that a spelling is known by: not zeros, which lie everywhere."""
    return max(range(len(form) - _FIRST + 1), key=lambda at: len(set(form[at : at + _FIRST]) - {0}))


def _forms(planted: Planted) -> Spelled:
    for label, text in planted.texts.items():
        yield from _spelled(label, _texts(text))
    for label, vector in planted.vectors.items():
        yield from _spelled(label, _numbers(vector))
        yield from _decimals(label, vector)
    for label, picture in planted.pictures.items():
        yield from _spelled(label, _pixels(picture))


def _spelled(label: str, raw: Spelled) -> Spelled:
    """Each as it is, in hexadecimal, and in base64 at any place of a text."""
    for how, data in raw:
        named = f"{label} as {how}"
        yield named, data
        yield f"{named}, hex", data.hex().encode()
        yield f"{named}, HEX", data.hex().upper().encode()
        for shift in range(3):
            plain, safe = (encode(bytes(shift) + data) for encode in (b64encode, urlsafe_b64encode))
            # Only the letters that hang on the data alone: not the first after what stands before it, nor the last.
            own = slice((0, 2, 3)[shift], (shift + len(data)) * 8 // 6)
            yield f"{named}, base64 at {shift}", plain[own]
            if safe != plain:
                yield f"{named}, base64url at {shift}", safe[own]


def _texts(text: str) -> Spelled:
    for said in dict.fromkeys((text, text.lower(), text.upper())):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            yield encoding, said.encode(encoding)


def _numbers(vector: npt.NDArray[np.floating]) -> Spelled:
    """Any seven floats in a row hold four that begin at a multiple of four."""
    for start in range(0, len(vector) - 3, 4):
        some = vector[start : start + 4]
        for kind, how in (("<f4", "float32"), (">f4", "float32 big-endian"), ("<f8", "float64")):
            yield how, some.astype(kind).tobytes()
        yield "float64 big-endian", some.astype(">f8").tobytes()
        yield "float16", some.astype("<f2").tobytes()


def _decimals(label: str, vector: npt.NDArray[np.floating]) -> Spelled:
    """As a program prints them: one with seven digits or more, or three with four."""
    for start in range(0, len(vector) - 3, 4):
        some = [float(number) for number in vector[start : start + 3]]
        yield f"{label} as decimals", f"{abs(some[0]):.9f}"[1:9].encode()
        for between in (", ", ",", " "):
            yield f"{label} as decimals", between.join(f"{number:.4f}" for number in some).encode()


def _pixels(picture: npt.NDArray[np.uint8]) -> Spelled:
    """Any 31 bytes of a row hold 16 that begin at a multiple of 16."""
    planes = {"BGR": picture, "RGB": picture[:, :, ::-1], **{f"plane {n}": picture[:, :, n] for n in range(3)}}
    for how, plane in planes.items():
        for row in plane.reshape(len(plane), -1):
            line = row.tobytes()
            for start in range(0, len(line) - PIECE + 1, PIECE):
                yield how, line[start : start + PIECE]


def texts_of(people: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Label to text for names or codes; of a name of several words each long word by itself, too."""
    found = {}
    for label, text in people:
        found[label] = text
        found |= {f"{label}, {word}": word for word in text.split() if len(word) > LEAST and word != text}
    return found


@contextmanager
def logged(file: Path) -> Iterator[None]:
    """Everything that the programs in this process say, down to DEBUG."""
    root, handler = logging.getLogger(), logging.FileHandler(file)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(before)
        root.removeHandler(handler)
        handler.close()
