"""Reads the whole ledger to verify it, in pieces that make nobody wait; refuses to sign or to repair anything."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from kiosk.store import promises
from kiosk.store.chain import Promise, Row, Walked, walk
from kiosk.store.database import StoreDatabase
from kiosk.store.promises import Signer
from wire.errors import BrokenChain

# So many entries are read at once, about 30 ms: a check-in does not wait longer for the file.
_CHUNK: Final = 4096
_BEFORE_ALL: Final = -(2**63)
_ROWS: Final = (
    "SELECT s.seq, CAST(s.commitment AS BLOB), CAST(s.body_digest AS BLOB), CAST(s.h AS BLOB), CAST(b.sealed AS BLOB),"
    " u.seq FROM spine s LEFT JOIN bodies b ON b.seq = s.seq LEFT JOIN undelivered u ON u.seq = s.seq"
    " WHERE s.seq > ? AND s.seq <= ? ORDER BY s.seq LIMIT ?"
)
_CHECKPOINTS: Final = "SELECT size, CAST(note AS BLOB), CAST(countersigned AS BLOB) FROM checkpoints ORDER BY size"


@dataclass(frozen=True, slots=True)
class Audited:
    """What was verified.

    Attributes:
        walked: entries and bodies.
        checkpoints: kept checkpoints of the device.
        countersigned: checkpoints that headquarters has signed, too.
    """

    walked: Walked
    checkpoints: int
    countersigned: int


def audit(
    database: StoreDatabase,
    signer: Signer,
    others: Iterable[Promise] = (),
    *,
    step: Callable[[int], object] = lambda _: None,
) -> Audited:
    """Check every link, every body that is there, every checkpoint, every counter-signature and every other promise.

    What is appended meanwhile is left out.

    Args:
        database: of the store; only read.
        signer: whose signatures count.
        others: promises that are not in the store: anchors, notes from elsewhere.
        step: told after each piece how many entries it had.

    Raises:
        BrokenChain: names the first entry that is missing, altered, or not the one that was signed for.
        Fault: as for any reading of the store.
    """
    with database.read():
        last = _last(database)
        kept = database.rows(_CHECKPOINTS)
    promised = [*promises.of_checkpoints(kept, signer), *others]
    walked = walk(_chunks(database, last, step), signer.device, promised)
    return Audited(walked, len(kept), sum(row[2] is not None for row in kept))


def _last(database: StoreDatabase) -> int:
    """The last seq. Raises BrokenChain if a body lies beyond it."""
    last, body, waiting = (
        int((database.row(f"SELECT max(seq) FROM {table}") or (None,))[0] or 0)  # noqa: S608 - our own names
        for table in ("spine", "bodies", "undelivered")
    )
    if max(body, waiting) > last:
        raise BrokenChain(last + 1, "is missing, though its body is there")
    return last


def _chunks(database: StoreDatabase, last: int, step: Callable[[int], object]) -> Iterator[list[Row]]:
    after = _BEFORE_ALL
    while rows := _read(database, after, last):
        yield rows
        after = rows[-1][0]
        step(len(rows))


def _read(database: StoreDatabase, after: int, last: int) -> list[Row]:
    with database.read():
        return database.rows(_ROWS, after, last, _CHUNK)
