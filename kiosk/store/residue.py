"""Looks for deleted bytes in the files of the store; refuses to take the word of the database for it."""

import mmap
from pathlib import Path
from typing import Final

# A record may lie in pieces; a piece this long does not occur by chance.
_PIECE: Final = 24


def residue(directory: Path, records: list[bytes]) -> tuple[str, ...]:
    """The names of the files in `directory` (journals included) that still hold a piece of one of the records."""
    pieces = [piece for record in records for piece in _pieces(record)]
    return tuple(
        path.name for path in sorted(directory.iterdir()) if path.is_file() and pieces and _holds(path, pieces)
    )


def _pieces(record: bytes) -> list[bytes]:
    """The start (after the header that many records share), the middle and the end."""
    body = record[8:]
    middle = max(0, len(body) // 2 - _PIECE // 2)
    return [body[:_PIECE], body[middle : middle + _PIECE], body[-_PIECE:]]


def _holds(path: Path, pieces: list[bytes]) -> bool:
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return any(content.find(piece) >= 0 for piece in pieces)
