"""Walks the ledger and holds it against every word given for it; refuses to pass over the first entry that is wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from operator import itemgetter
from typing import Final, TypeAlias

from wire.errors import BrokenChain
from wire.spine import follow, genesis

# seq, commitment, body digest, hash, sealed body (None: gone), seq again while headquarters has not signed for it.
Row: TypeAlias = tuple[int, bytes, bytes, bytes, bytes | None, int | None]
_SPINE: Final = itemgetter(0, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class Promise:
    """Somebody's word for the ledger.

    Attributes:
        size: after so many entries.
        head: the 32-byte hash of the last of them; None if the word itself is not genuine.
        by: whose word it is ("the checkpoint", "the rollback anchor"); or, without a head, what is wrong with it.
    """

    size: int
    head: bytes | None
    by: str

    def broken(self, last: int) -> BrokenChain:
        """What it means that a ledger of `last` entries does not keep this promise."""
        if self.head is None:
            return BrokenChain(max(1, min(self.size, last + 1)), self.by)
        if self.size > last:
            return BrokenChain(last + 1, f"is missing, though {self.by} counts {self.size} entries")
        return BrokenChain(max(1, self.size), f"is not the entry that {self.by} covers")


@dataclass(frozen=True, slots=True)
class Walked:
    """How many entries follow from each other, and how many bodies among them are the ones that were logged."""

    entries: int
    bodies: int


def walk(chunks: Iterable[Sequence[Row]], device: str, promises: Iterable[Promise]) -> Walked:
    """Check every link, every body that is there, and every promise.

    Args:
        chunks: the rows in order of seq, in pieces of any length.
        device: whose ledger it is.
        promises: in any order.

    Raises:
        BrokenChain: the first entry that is missing, altered, or not the one that was promised.
    """
    head, size, bodies = genesis(device), 0, 0
    ahead = sorted(promises, key=lambda promise: promise.size, reverse=True)
    while ahead and ahead[-1].size < 1:
        promise = ahead.pop()
        if promise.size < 0 or promise.head != head:
            raise promise.broken(0)
    for rows in chunks:
        wrong, rows = _links(rows, head, size)  # noqa: PLW2901 - what stands before a broken link is still looked at
        wrong += [BrokenChain(row[0], "has a sealed body that was altered") for row in rows if _altered(row)]
        wrong += [BrokenChain(row[0], _LOST) for row in rows if row[4] is None and row[5] is not None]
        while ahead and ahead[-1].size <= size + len(rows):
            promise = ahead.pop()
            if promise.head != rows[promise.size - size - 1][3]:
                wrong.append(promise.broken(promise.size))
        if wrong:
            raise min(wrong, key=lambda each: each.seq)
        if rows:
            head, size = rows[-1][3], rows[-1][0]
            bodies += sum(row[4] is not None for row in rows)
    if ahead:
        raise ahead[-1].broken(size)
    return Walked(size, bodies)


_LOST: Final = "has lost its body before it was delivered"


def _links(rows: Sequence[Row], head: bytes, size: int) -> tuple[list[BrokenChain], Sequence[Row]]:
    """What is wrong with the links, and the rows before it."""
    try:
        follow(map(_SPINE, rows), head, size + 1)
    except BrokenChain as broken:
        return [broken], rows[: broken.seq - size - 1]
    return [], rows


def _altered(row: Row) -> bool:
    return row[4] is not None and sha256(row[4]).digest() != row[2]
