"""Messages between kiosk and sync as rows of the exchange; refuses a row that is none."""

from collections.abc import Sequence

from sqlite_utils import Database

from sync.database import ExchangeForeign
from sync.entries import WORD, Message


def post(database: Database, table: str, kind: str, body: bytes, instead_of: Sequence[int] = ()) -> int:
    """Add one to "inbox" or "requests" and take others out of the inbox, inside a transaction; returns its id."""
    database.conn.executemany("DELETE FROM inbox WHERE id = ?", [(each,) for each in instead_of])
    made = database.execute(f"INSERT INTO {table} (kind, body) VALUES (?, ?) RETURNING id", (kind, body))  # noqa: S608 - our own two names
    return int(made.fetchone()[0])


def messages(database: Database, table: str, after_id: int, limit: int) -> tuple[Message, ...]:
    """Those newer than `after_id`, oldest first. Raises ExchangeForeign."""
    found = list(database.table(table).rows_where("id > ?", [after_id], order_by="id", limit=limit))
    return tuple(_message(row["id"], row["kind"], row["body"], table) for row in found)


def newest(database: Database, kind: str) -> Message | None:
    """The newest of one kind in the inbox. Raises ExchangeForeign."""
    row = database.execute("SELECT id, body FROM inbox WHERE kind = ? ORDER BY id DESC LIMIT 1", (kind,)).fetchone()
    return None if row is None else _message(row[0], kind, row[1], "inbox")


def _message(number: int, kind: object, body: object, table: str) -> Message:
    if not (isinstance(kind, str) and WORD.match(kind) and isinstance(body, bytes)):
        raise ExchangeForeign(f"{table} holds no message at {number}")
    return Message(number, kind, body)
