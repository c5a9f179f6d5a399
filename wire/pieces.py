"""A file cut into requests that the exchange takes, and put together again; refuses a piece of another file."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from wire import canonical, checks
from wire.errors import FormatError

PIECE_LIMIT: Final = 4_096  # bytes of one request in the exchange
PIECES_LIMIT: Final = 128
_AT_ONCE: Final = 2_880  # bytes, which become 3,840 characters of base64url
_NAME: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a file.

    Args:
        file: SHA-256 of the whole file in hexadecimal.
        number: from 1.
        of: how many there are.
        data: its bytes.
    """

    file: str
    number: int
    of: int
    data: bytes = field(repr=False)


def cut(data: bytes) -> tuple[bytes, ...]:
    """The pieces of a file of 1 to 368,640 bytes, each at most 4,096 bytes. Raises FormatError for another length."""
    parts = [data[start : start + _AT_ONCE] for start in range(0, len(data), _AT_ONCE)]
    if not 1 <= len(parts) <= PIECES_LIMIT:
        raise FormatError("pieces: length of the file")
    name = hashlib.sha256(data).hexdigest()
    return tuple(
        canonical.encode({"data": checks.to_base64url(part), "file": name, "number": number, "of": len(parts)})
        for number, part in enumerate(parts, start=1)
    )


def read(body: bytes) -> Piece:
    """Read one piece. Raises FormatError."""
    value = canonical.decode_canonical(body, limit=PIECE_LIMIT)
    found = canonical.fields(value, {"data": str, "file": str, "number": int, "of": int})
    if not _NAME.fullmatch(found["file"]):
        raise FormatError("pieces: file")
    of = checks.integer(found["of"], "of", 1, PIECES_LIMIT)
    number = checks.integer(found["number"], "number", 1, of)
    return Piece(found["file"], number, of, checks.base64url(found["data"]))


def joined(pieces: Iterable[Piece]) -> bytes | None:
    """The file that pieces of one name make; None as long as one is missing.

    Raises:
        FormatError: they contradict each other, or are not that file.
    """
    parts: dict[int, bytes] = {}
    names: set[tuple[str, int]] = set()
    for piece in pieces:
        names.add((piece.file, piece.of))
        if parts.setdefault(piece.number, piece.data) != piece.data:
            raise FormatError("pieces: two say different things")
    if len(names) != 1:
        raise FormatError("pieces: not of one file")
    name, of = names.pop()
    if len(parts) < of:
        return None
    data = b"".join(parts[number] for number in range(1, of + 1))
    if hashlib.sha256(data).hexdigest() != name:
        raise FormatError("pieces: not the file they name")
    return data
