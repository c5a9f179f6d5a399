"""The rows that wait in the outbox, what settles them and when they go; refuses what is no row of ours."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlite_utils import Database

from sync.database import ExchangeConflict, ExchangeForeign
from sync.entries import EVENT_ID, HASH_SIZE, MAX_SEALED, WORD, OutboxEntry

_COLUMNS: Final = "SELECT seq, event_id, commitment, sealed, settled_at IS NULL FROM outbox"
WAITING_AFTER: Final = f"{_COLUMNS} WHERE event_id IS NOT NULL AND settled_at IS NULL AND seq > ? ORDER BY seq LIMIT ?"
WAITING_ONE: Final = f"{_COLUMNS} WHERE event_id = ?"
OLDEST: Final = (
    "SELECT event_id FROM outbox WHERE event_id IS NOT NULL AND settled_at IS NULL AND (parked IS NULL OR ?)"
    " ORDER BY seq LIMIT 1"
)
ROWS: Final = """SELECT seq, commitment, body_digest, h,
    iif(settled_at IS NULL AND parked IS NULL, event_id, NULL),
    iif(settled_at IS NULL AND parked IS NULL, sealed, NULL)
    FROM outbox WHERE seq BETWEEN ? AND ? ORDER BY seq"""
PARKED: Final = "SELECT event_id FROM outbox WHERE event_id IS NOT NULL AND settled_at IS NULL AND parked IS NOT NULL"
DEAD: Final = (
    "SELECT event_id, parked FROM outbox WHERE event_id IS NOT NULL AND settled_at IS NULL AND parked IS NOT NULL"
    " ORDER BY seq LIMIT ?"
)
SET_ASIDE: Final = (
    "SELECT parked, count(*) FROM outbox WHERE event_id IS NOT NULL AND settled_at IS NULL"
    " AND parked IS NOT NULL GROUP BY parked LIMIT 100"
)
_SETTLED_TO: Final = (
    "SELECT coalesce((SELECT min(seq) - 1 FROM outbox WHERE event_id IS NOT NULL AND settled_at IS NULL),"
    " (SELECT max(seq) FROM outbox))"
)
BEHIND: Final = f"SELECT 1 FROM progress WHERE told < ({_SETTLED_TO})"  # noqa: S608 - our own text
# the last row and the row before the first that stays are the hashes that the next batches build on
_FIRST_TO_KEEP: Final = """SELECT coalesce(
    (SELECT min(seq) FROM outbox WHERE settled_at IS NULL OR settled_at BETWEEN ? AND ?), max(seq) + 1) - 1
    FROM outbox"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One event of the outbox: `commitment` is what it must fit, `sealed` None where wiped, `open`: unsettled."""

    seq: int
    event_id: str
    commitment: bytes
    sealed: bytes | None
    open: bool


@dataclass(frozen=True, slots=True)
class Dead:
    """One event that is set aside: its id and why, a plain word."""

    event_id: str
    reason: str


def dead_row(row: tuple[object, ...]) -> Dead:
    """Check a row (event_id, parked). Raises ExchangeForeign."""
    event_id, reason = row
    if not (isinstance(event_id, str) and EVENT_ID.match(event_id) and isinstance(reason, str)):
        raise ExchangeForeign("no dead letter")
    return Dead(event_id, reason if WORD.match(reason) else "unknown")


def waiting_row(row: tuple[object, ...]) -> Waiting:
    """Check a row (seq, event_id, commitment, sealed|None, open). Raises ExchangeForeign."""
    seq, event_id, commitment, sealed, still_open = row
    if not (
        isinstance(seq, int)
        and isinstance(event_id, str)
        and EVENT_ID.match(event_id)
        and isinstance(commitment, bytes)
        and len(commitment) == HASH_SIZE
        and (sealed is None or (isinstance(sealed, bytes) and len(sealed) <= MAX_SEALED))
    ):
        raise ExchangeForeign("no event in the outbox")
    return Waiting(seq, event_id, commitment, sealed, bool(still_open))


def settle_prefix(database: Database, event_ids: Sequence[str], now_ms: int) -> int:
    """Inside a transaction: see `Exchange.settle_delivered`."""
    settled = database.conn.executemany(
        "UPDATE outbox SET settled_at = ?, parked = NULL WHERE event_id = ? AND settled_at IS NULL",
        [(now_ms, event_id) for event_id in event_ids],
    ).rowcount
    found = database.execute("SELECT told FROM progress").fetchone()
    size = database.execute(_SETTLED_TO).fetchone()[0]
    if found is not None and size is not None and found[0] < size:
        database.execute(
            "UPDATE outbox SET settled_at = ? WHERE event_id IS NULL AND settled_at IS NULL AND seq BETWEEN ? AND ?",
            (now_ms, found[0] + 1, size),
        )
        database.execute("UPDATE progress SET told = ?", (size,))
        database.execute("DELETE FROM inbox WHERE kind = 'delivered'")
        database.execute(
            "INSERT INTO inbox (kind, body) VALUES ('delivered', ?)", (json.dumps({"size": size}).encode(),)
        )
    return max(0, settled)


def settled_long_ago(database: Database, kept: tuple[int, int]) -> bool:
    """Whether more rows than the one that stays were settled outside of `kept` (ms since 1970)."""
    stale = database.execute("SELECT 1 FROM outbox WHERE settled_at NOT BETWEEN ? AND ? LIMIT 2", kept).fetchall()
    return len(stale) > 1


def forget_settled(database: Database, kept: tuple[int, int]) -> int:
    """Inside a transaction: see `Exchange.purge`."""
    database.execute(
        "UPDATE outbox SET sealed = NULL WHERE settled_at NOT BETWEEN ? AND ? AND sealed IS NOT NULL", kept
    )
    keep = database.execute(_FIRST_TO_KEEP, kept).fetchone()[0]
    gone = database.execute("DELETE FROM outbox WHERE seq < ?", (keep,)).rowcount
    database.execute("DELETE FROM notes WHERE size < ?", (keep,))
    return int(gone)


def made_at(event_id: object) -> int:
    """When an event was made, ms since 1970: a UUIDv7 begins with it. Raises ExchangeForeign."""
    if not isinstance(event_id, str) or not EVENT_ID.match(event_id):
        raise ExchangeForeign("no event id")
    return int(event_id.replace("-", "")[:12], 16)


def must_be_same(database: Database, entry: OutboxEntry) -> None:
    """Raises ExchangeConflict for other content. The seal is another one each time, and does not count as content."""
    row = entry.row
    found = database.execute(
        "SELECT commitment, body_digest, h, event_id FROM outbox WHERE seq = ?", (row.seq,)
    ).fetchone()
    if found != (row.commitment, row.body_digest, row.h, entry.event_id):
        raise ExchangeConflict(f"other content for {row.seq}")
