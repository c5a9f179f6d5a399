"""The chain under the ledger: what is kept for ever and reveals nothing; refuses a chain that does not follow."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from wire import checks
from wire.canonical import INTEGER_LIMIT
from wire.errors import BrokenChain, FormatError

HASH_SIZE = 32
SALT_SIZE = 16
_GENESIS = b"\0ambang-genesis-v1\0"
_EVENT = b"\0ambang-event-v1\0"
_LEDGER = b"\0ambang-ledger-v1\0"


@dataclass(frozen=True, slots=True)
class SpineRow:
    """One entry as everyone may know it.

    Args:
        seq: 1, 2, 3, ... to 2**53 - 1.
        commitment: 32 bytes, binds the clear event without revealing it.
        body_digest: 32 bytes, SHA-256 of the sealed body.
        h: 32 bytes, binds this entry and all before it.
    """

    seq: int
    commitment: bytes
    body_digest: bytes
    h: bytes

    def __post_init__(self) -> None:
        if type(self.seq) is not int or not 1 <= self.seq <= INTEGER_LIMIT:
            raise FormatError("seq: out of range")
        if not (type(self.commitment) is type(self.body_digest) is type(self.h) is bytes):
            raise FormatError("spine row: not bytes")
        if not (len(self.commitment) == len(self.body_digest) == len(self.h) == HASH_SIZE):
            raise FormatError("spine row: a hash is not 32 bytes")


def genesis(device: str) -> bytes:
    """Return the 32-byte hash before entry 1 of a device's ledger. Raises FormatError on a bad device id."""
    return sha256(_GENESIS + checks.device(device).encode()).digest()


def commitment(salt: bytes, clear: bytes) -> bytes:
    """Return SHA-256 over the domain, a 16-byte random salt and the clear event. Raises FormatError on another size."""
    return sha256(_EVENT + checks.exact(salt, "salt", SALT_SIZE) + clear).digest()


def body_digest(sealed: bytes) -> bytes:
    """Return SHA-256 of a sealed body."""
    return sha256(sealed).digest()


def link(h_prev: bytes, seq: int, commitment: bytes, body_digest: bytes) -> SpineRow:
    """Make the row that follows `h_prev` (32 bytes; `genesis(device)` before seq 1). Raises FormatError."""
    checks.integer(seq, "seq", 1, INTEGER_LIMIT)
    for part in (h_prev, commitment, body_digest):
        checks.exact(part, "hash", HASH_SIZE)
    return SpineRow(seq, commitment, body_digest, _step(h_prev, seq, commitment, body_digest))


def verify(rows: Iterable[SpineRow], h_prev: bytes, first_seq: int) -> bytes:
    """Walk rows in order; constant memory, about a million rows a second.

    Args:
        rows: entries `first_seq`, `first_seq + 1`, ...; may be empty.
        h_prev: the 32-byte hash of the entry before the first.
        first_seq: 1 or more.

    Returns:
        The hash of the last row, or `h_prev` if there is none.

    Raises:
        BrokenChain: names the first seq that is missing, repeated or does not follow.
    """
    return follow(((row.seq, row.commitment, row.body_digest, row.h) for row in rows), h_prev, first_seq)


def follow(rows: Iterable[tuple[int, bytes, bytes, bytes]], h_prev: bytes, first_seq: int) -> bytes:
    """`verify` for rows as a database or a file has them: (seq, commitment, body_digest, h), of any type and size.

    Raises:
        BrokenChain: as `verify`; also names the first seq with a part that is not 32 bytes.
    """
    head = checks.exact(h_prev, "hash", HASH_SIZE)
    seq = checks.integer(first_seq, "seq", 1, INTEGER_LIMIT)
    for found, commitment, digest, h in rows:
        if found != seq:
            gap = type(found) is int and found > seq
            raise BrokenChain(seq, "is missing" if gap else "has another one in its place")
        if not (type(commitment) is type(digest) is bytes and len(commitment) == len(digest) == HASH_SIZE):
            raise BrokenChain(seq, "has a hash that is not 32 bytes")  # else two of them could lend each other bytes
        head = sha256(_LEDGER + head + seq.to_bytes(8, "big") + commitment + digest).digest()
        if h != head:
            raise BrokenChain(seq, "does not follow from the entry before it")
        seq += 1
    return head


def _step(h_prev: bytes, seq: int, commitment: bytes, body_digest: bytes) -> bytes:
    return sha256(_LEDGER + h_prev + seq.to_bytes(8, "big") + commitment + body_digest).digest()
