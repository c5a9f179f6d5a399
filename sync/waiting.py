"""The rows that wait for a backend which signs nothing, and what settles them; refuses what is no row of ours."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlite_utils import Database

from sync.database import ExchangeForeign
from sync.entries import EVENT_ID, HASH_SIZE, MAX_SEALED

_COLUMNS: Final = "SELECT seq, event_id, commitment, sealed, settled_at IS NULL FROM outbox"
WAITING_AFTER: Final = f"{_COLUMNS} WHERE event_id IS NOT NULL AND settled_at IS NULL AND seq > ? ORDER BY seq LIMIT ?"
WAITING_ONE: Final = f"{_COLUMNS} WHERE event_id = ?"
OLDEST: Final = (
    "SELECT event_id FROM outbox WHERE event_id IS NOT NULL AND settled_at IS NULL AND parked IS NULL"
    " ORDER BY seq LIMIT 1"
)
_SETTLED_TO: Final = (
    "SELECT coalesce((SELECT min(seq) - 1 FROM outbox WHERE event_id IS NOT NULL AND settled_at IS NULL),"
    " (SELECT max(seq) FROM outbox))"
)
BEHIND: Final = f"SELECT 1 FROM progress WHERE told < ({_SETTLED_TO})"  # noqa: S608 - our own text


@dataclass(frozen=True, slots=True)
class Waiting:
    """One event of the outbox: `commitment` is what it must fit, `sealed` None where wiped, `open`: unsettled."""

    seq: int
    event_id: str
    commitment: bytes
    sealed: bytes | None
    open: bool


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
