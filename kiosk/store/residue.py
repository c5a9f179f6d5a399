"""Looks for deleted bytes in the files of the store; refuses to take the word of the database for it."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt

from kiosk.store.files import refused

# A record may lie in pieces; a piece this long does not occur by chance.
_PIECE: Final = 24
# So many pieces are looked for one after the other; more of them all at once.
_FEW: Final = 48
_BLOCK: Final = 1 << 20
_FIRST: Final = 3  # bytes of a piece that index the table of what may begin here


def residue(directory: Path, records: Iterable[bytes]) -> tuple[str, ...]:
    """The names of the files in `directory` (journals included) that still hold a piece of one of the records."""
    pieces = Pieces()
    pieces.add(records)
    return pieces.found_in(directory)


class Pieces:
    """Start, middle and end of deleted records: 72 bytes of each are remembered, however long it was."""

    def __init__(self) -> None:
        self._pieces: set[bytes] = set()

    def add(self, records: Iterable[bytes]) -> None:
        """Look for these, too: sealed records or wrapped keys."""
        for record in records:
            body = record[8:]  # after the header that many records share
            middle = max(0, len(body) // 2 - _PIECE // 2)
            found = {body[:_PIECE], body[middle : middle + _PIECE], body[-_PIECE:]}
            # What a card has overwritten with zeros says nothing, and lies everywhere; sealed bytes hardly repeat.
            self._pieces |= {piece for piece in found if 2 * len(set(piece)) > len(piece)}

    def add_heads(self, heads: Iterable[bytes]) -> None:
        """Look for these as they are: the first 20 bytes of sealed records, all that is known of some after a crash."""
        self._pieces |= set(heads)

    def __len__(self) -> int:
        """How many pieces are looked for."""
        return len(self._pieces)

    def found_in(self, directory: Path) -> tuple[str, ...]:
        """The names of the files in `directory` (journals included) that hold one of the pieces.

        Any number of pieces costs one pass over each file, about 10 ms a MiB on an x86-64 core.

        Raises:
            Fault: DISK_FAILED: a file cannot be read.
        """
        try:
            return tuple(path.name for path in sorted(directory.iterdir()) if path.is_file() and self._lie_at(path))
        except OSError as error:
            raise refused(directory, error) from error

    def lie_in(self, file: BinaryIO) -> bool:
        """Whether an open file holds one of the pieces; it is read, not mapped: others may shorten it meanwhile."""
        some = _one_by_one if len(self._pieces) <= _FEW or min(map(len, self._pieces)) < _FIRST else _all_at_once
        holds = some(self._pieces)
        rest = b""
        while self._pieces and (block := file.read(_BLOCK)):
            if holds(rest + block):
                return True
            rest = (rest + block)[-_PIECE:]
        return False

    def _lie_at(self, path: Path) -> bool:
        try:
            with path.open("rb") as file:
                return self.lie_in(file)
        except FileNotFoundError:  # another process has just put an anchor in its place
            return False


def _one_by_one(pieces: set[bytes]) -> Callable[[bytes], bool]:
    return lambda block: any(piece in block for piece in pieces)


def _all_at_once(pieces: set[bytes]) -> Callable[[bytes], bool]:
    """Only where the first three bytes are those of a piece, the whole piece is compared."""
    starts = np.zeros(1 << (8 * _FIRST), np.bool_)
    by_start: dict[bytes, list[bytes]] = {}
    for piece in pieces:
        by_start.setdefault(piece[:_FIRST], []).append(piece)
    starts[[int.from_bytes(start, "little") for start in by_start]] = True

    def holds(block: bytes) -> bool:
        return any(
            block.startswith(piece, offset)
            for offset in np.flatnonzero(starts[_threes(block)]).tolist()
            for piece in by_start[block[offset : offset + _FIRST]]
        )

    return holds


def _threes(block: bytes) -> npt.NDArray[np.uint32]:
    """The number that each three bytes in a row make, little-endian."""
    row = np.frombuffer(block, np.uint8).astype(np.uint32)
    count = max(0, len(row) - _FIRST + 1)
    found: npt.NDArray[np.uint32] = row[:count].copy()
    for place in range(1, _FIRST):
        found |= row[place : place + count] << np.uint32(8 * place)
    return found
