"""The one database that kiosk and sync both open; it trusts neither side: every size, type and link is checked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from sqlite_utils import Database

from sync.database import (
    ExchangeAbsent,
    ExchangeConflict,
    ExchangeError,
    ExchangeFailed,
    ExchangeForeign,
    SqliteFile,
)
from sync.entries import (
    APPLICATION_ID,
    KEEP_SETTLED_MS,
    MAX_ENTRIES,
    SCHEMA,
    SCHEMA_VERSION,
    WORD,
    Level,
    Message,
    OutboxEntry,
    State,
    Status,
    Taken,
    Unsettled,
    checkpoint_text,
    linked_entries,
    read_status,
    spelled,
    whole_number,
)
from sync.mail import messages, newest, post
from sync.waiting import (
    BEHIND,
    DEAD,
    OLDEST,
    PARKED,
    ROWS,
    SET_ASIDE,
    WAITING_AFTER,
    WAITING_ONE,
    Dead,
    Waiting,
    dead_row,
    forget_settled,
    made_at,
    must_be_same,
    settle_prefix,
    settled_long_ago,
    waiting_row,
)
from wire.spine import link

__all__ = [
    "Dead",
    "Exchange",
    "ExchangeAbsent",
    "ExchangeConflict",
    "ExchangeError",
    "ExchangeFailed",
    "ExchangeForeign",
    "Level",
    "Message",
    "OutboxEntry",
    "State",
    "Status",
    "Taken",
    "Unsettled",
]

FIRST_TO_SEND: Final = """SELECT min(seq) FROM (
    SELECT min(seq) AS seq FROM outbox WHERE seq > (SELECT countersigned FROM progress)
    UNION ALL
    SELECT min(seq) FROM outbox WHERE event_id IS NOT NULL AND settled_at IS NULL AND parked IS NULL)"""


class Exchange:
    """What the kiosk hands to sync and what sync hands back; each method says which side calls it."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    @classmethod
    def create(cls, path: Path) -> Self:
        """Kiosk: make the tables in a missing or still empty file (0660); refuses any other with ExchangeConflict."""
        return cls._at(path, create=True)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Either side: raises ExchangeAbsent for a missing or empty file, ExchangeForeign for one that is not ours."""
        return cls._at(path, create=False)

    @classmethod
    def _at(cls, path: Path, *, create: bool) -> Self:
        return cls(
            SqliteFile(path, application_id=APPLICATION_ID, version=SCHEMA_VERSION, schema=SCHEMA, create=create)
        )

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def version(self) -> int:
        """Changes when the other side has committed something: cheap enough to ask twice a second."""
        return self._file.version()

    def replaced(self) -> bool:
        """True if the path leads to another file by now."""
        return self._file.replaced()

    # the kiosk's side

    def append(self, entries: Sequence[OutboxEntry], note: str, *, h_prev: bytes | None = None) -> None:
        """Kiosk: add ledger entries in order with the checkpoint that covers exactly the last one; again is harmless.

        Args:
            entries: 1 to 500, contiguous; those already there (or settled and gone) must be the same and are skipped.
            note: the signed checkpoint whose size is the last seq and whose hash is its h.
            h_prev: the hash before the first entry; needed only when a lost exchange is rebuilt from a seq above 1.

        Raises:
            ExchangeConflict: same seq with other content, a gap, a row that does not link, a note of another size.
        """
        if not 1 <= len(entries) <= MAX_ENTRIES:
            raise ValueError(f"1 to {MAX_ENTRIES} entries an append")
        if note.split("\n")[1:2] != [str(entries[-1].row.seq)]:
            raise ExchangeConflict("the checkpoint does not cover the last entry")
        with self._file.write() as database:
            first, last = database.execute("SELECT min(seq), max(seq) FROM outbox").fetchone()
            fresh: list[OutboxEntry] = []
            for entry in entries:
                if last is not None and entry.row.seq <= last:
                    if entry.row.seq >= first:
                        must_be_same(database, entry)
                else:
                    fresh.append(entry)
            if fresh:
                self._extend(database, fresh, last, h_prev)
            database.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (entries[-1].row.seq, note))

    def _extend(self, database: Database, fresh: Sequence[OutboxEntry], last: int | None, h_prev: bytes | None) -> None:
        if last is None:
            last = fresh[0].row.seq - 1
            if (last > 0) != (h_prev is not None):
                raise ExchangeConflict("only a rebuilt exchange begins above 1, and then with the hash before it")
            database.execute("INSERT INTO progress VALUES (1, ?1, ?2, ?1, NULL, ?1)", (last, h_prev))
            head = h_prev
        else:
            head = database.execute("SELECT h FROM outbox WHERE seq = ?", (last,)).fetchone()[0]
        for entry in fresh:
            row = entry.row
            if row.seq != last + 1:
                raise ExchangeConflict(f"a gap before {row.seq}")
            if head is not None and link(head, row.seq, row.commitment, row.body_digest).h != row.h:
                raise ExchangeConflict(f"entry {row.seq} does not follow from the one before it")
            last, head = row.seq, row.h
        database.table("outbox").insert_all(
            {
                "seq": entry.row.seq,
                "commitment": entry.row.commitment,
                "body_digest": entry.row.body_digest,
                "h": entry.row.h,
                "event_id": entry.event_id,
                "sealed": entry.sealed,
            }
            for entry in fresh
        )

    def last_seq(self) -> int | None:
        """Kiosk: the highest sequence number handed over so far; None for a new exchange."""
        with self._file.read() as database:
            seq = database.execute("SELECT max(seq) FROM outbox").fetchone()[0]
        return whole_number(seq)

    def unsettled(self) -> Unsettled:
        """Kiosk: the events that HQ has not yet receipted."""
        with self._file.read() as database:
            count, oldest, parked = database.execute(
                "SELECT count(*), min(seq), count(parked) FROM outbox WHERE event_id IS NOT NULL AND settled_at IS NULL"
            ).fetchone()
        return Unsettled(whole_number(count) or 0, whole_number(oldest), whole_number(parked) or 0)

    def status(self) -> Status:
        """Kiosk: what sync last said; anything that is not a status reads as offline."""
        with self._file.read() as database:
            found = database.execute("SELECT state, last_ack_ms, detail FROM status").fetchone()
        if found is None:
            return Status(State.STARTING, None, "")
        return read_status(*found)

    def inbox(self, after_id: int, limit: int = 100) -> tuple[Message, ...]:
        """Kiosk: messages newer than `after_id`, oldest first; bodies still have to be verified."""
        return self._messages("inbox", after_id, limit)

    def newest(self, kind: str) -> Message | None:
        """Either side: the newest message of one kind in the inbox; None if there is none."""
        with self._file.read() as database:
            return newest(database, kind)

    def dead(self, limit: int) -> tuple[Dead, ...]:
        """Kiosk: the events that are set aside, oldest first, and why; each reason a plain word."""
        with self._file.read() as database:
            return tuple(dead_row(row) for row in database.execute(DEAD, (limit,)).fetchall())

    def request(self, kind: str, body: bytes) -> int:
        """Kiosk: ask sync for something; returns the id of the request."""
        return self._post("requests", kind, body)

    # sync's side

    def take(self, limit: int, events: int | None = None) -> Taken | None:
        """Sync: the next rows to send, or None; they end at a checkpoint, at most `limit` rows if one is that near.

        Args:
            limit: rows, 1 to 500.
            events: at most that many events travel with the rows (0: the bare spine); None for all of them.

        Raises:
            ExchangeForeign: rows that are no rows, do not link, or are more than a batch can hold.
        """
        with self._file.read() as database:
            start = database.execute(FIRST_TO_SEND).fetchone()[0]
            if start is None:
                return None
            end = database.execute(
                "SELECT coalesce((SELECT max(size) FROM notes WHERE size BETWEEN ?1 AND ?2),"
                " (SELECT min(size) FROM notes WHERE size >= ?1))",
                (start, start + limit - 1),
            ).fetchone()[0]
            if end is None:
                return None
            if not (isinstance(start, int) and isinstance(end, int) and 0 <= end - start < MAX_ENTRIES):
                raise ExchangeForeign("no checkpoint within reach")
            note = database.execute("SELECT note FROM notes WHERE size = ?", (end,)).fetchone()[0]
            rows = database.execute(ROWS, (start, end)).fetchall()
            before = database.execute("SELECT h FROM outbox WHERE seq = ?", (start - 1,)).fetchone()
            base, base_head = database.execute("SELECT base, base_head FROM progress").fetchone()
        h_prev = before[0] if before else base_head
        if before is None and base != start - 1:
            raise ExchangeForeign("the row before the first is gone")
        waiting = sum(row[4] is not None for row in rows)
        return Taken(h_prev, linked_entries(rows, start, end, h_prev, events), checkpoint_text(note), waiting)

    def settle(
        self, event_ids: Sequence[str], size: int, note: str, now_ms: int, *, status: Status | None = None
    ) -> int:
        """Sync: HQ has signed for these events and counter-signed this size; returns how many events were still open.

        The rows without events up to `size` are settled with it, and `status` is put in the same transaction. The
        note becomes the one message "receipt" as soon as no event up to its size waits any more: what the kiosk keeps
        for a lost exchange it may then forget.
        """
        with self._file.write() as database:
            if status is not None:
                _put(database, status)
            settled = database.conn.executemany(
                "UPDATE outbox SET settled_at = ?, parked = NULL WHERE event_id = ? AND settled_at IS NULL",
                [(now_ms, event_id) for event_id in event_ids],
            ).rowcount
            before = database.execute("SELECT countersigned FROM progress").fetchone()
            grown = database.execute(
                "UPDATE progress SET countersigned = ?1, note = ?2"
                " WHERE countersigned < ?1 AND ?1 <= (SELECT max(seq) FROM outbox)",
                (size, note),
            ).rowcount
            if grown:
                database.execute(
                    "UPDATE outbox SET settled_at = ?"
                    " WHERE event_id IS NULL AND settled_at IS NULL AND seq BETWEEN ? AND ?",
                    (now_ms, before[0] + 1, size),
                )
            told = database.execute(
                "UPDATE progress SET told = countersigned WHERE told < countersigned AND NOT EXISTS ("
                " SELECT 1 FROM outbox WHERE event_id IS NOT NULL AND settled_at IS NULL AND seq <= countersigned)"
            ).rowcount
            if told:
                database.execute("DELETE FROM inbox WHERE kind = 'receipt'")
                database.execute("INSERT INTO inbox (kind, body) SELECT 'receipt', CAST(note AS BLOB) FROM progress")
        return settled

    def waiting(self, after: int, limit: int) -> tuple[Waiting, ...]:
        """Sync: events that are not settled, with a seq above `after`, oldest first. Raises ExchangeForeign."""
        with self._file.read() as database:
            rows = database.execute(WAITING_AFTER, (after, limit)).fetchall()
        return tuple(map(waiting_row, rows))

    def find(self, event_id: str) -> Waiting | None:
        """Sync: the sealed event, also a settled one as long as it is kept; None if it is not here (any more)."""
        with self._file.read() as database:
            rows = database.execute(WAITING_ONE, (event_id,)).fetchall()
        return next(map(waiting_row, rows), None)

    def settle_delivered(self, event_ids: Sequence[str], now_ms: int, status: Status | None = None) -> int:
        """Sync: these events are with a backend that signs nothing, or with a person; returns how many were open.

        Rows without events settle by themselves. Up to where nothing waits any more, the kiosk is told so in the one
        message "delivered" ({"size": n}), and may forget what it keeps for a lost exchange.
        """
        with self._file.write() as database:
            if status is not None:
                _put(database, status)
            return settle_prefix(database, event_ids, now_ms)

    def behind(self) -> bool:
        """Sync: whether rows without events have come that nothing holds up (`settle_delivered` with no event)."""
        with self._file.read() as database:
            return database.execute(BEHIND).fetchone() is not None

    def told(self) -> int:
        """Sync: up to where the kiosk was told that nothing waits; 0 before the first time."""
        with self._file.read() as database:
            found = database.execute("SELECT max(told) FROM progress").fetchone()
        return whole_number(found[0]) or 0

    def countersigned(self) -> int:
        """Sync: the size that HQ has last counter-signed; 0 before the first."""
        with self._file.read() as database:
            found = database.execute("SELECT countersigned FROM progress").fetchone()
        return (whole_number(found[0]) or 0) if found else 0

    def park(self, event_ids: Sequence[str], reason: str | None) -> None:
        """Sync: set events aside for a reason like `field_rejected`, that the others go on; None: try them again."""
        with self._file.write() as database:
            database.conn.executemany(
                "UPDATE outbox SET parked = ?1 WHERE event_id = ?2 AND settled_at IS NULL AND parked IS NOT ?1",
                [(reason, event_id) for event_id in event_ids],
            )

    def parked(self) -> tuple[str, ...]:
        """Sync: ids of the events that are set aside."""
        with self._file.read() as database:
            return tuple(str(row[0]) for row in database.execute(PARKED).fetchall())

    def purge(self, now_ms: int) -> int:
        """Sync: forget what was settled an hour ago; returns rows removed. Nothing unsettled is ever deleted.

        The sealed event goes in any case; the row goes too unless an older one still waits, and the last one stays.
        What was settled later than now, by a clock that was wrong, would stay for years: it goes as well.
        """
        kept = (now_ms - KEEP_SETTLED_MS, now_ms)
        with self._file.read() as database:  # most of the time there is nothing to do, and a write costs flash
            if not settled_long_ago(database, kept):
                return 0
        with self._file.write() as database:
            return forget_settled(database, kept)

    def put_status(self, status: Status) -> None:
        """Sync: tell the kiosk how the delivery goes."""
        with self._file.write() as database:
            _put(database, status)

    def inbox_add(self, kind: str, body: bytes, *, instead_of: Sequence[int] = ()) -> int:
        """Sync: hand one message to the kiosk, and take back those that it makes void; returns its id."""
        return self._post("inbox", kind, body, instead_of)

    def inbox_change(self, row: int, body: bytes) -> None:
        """Sync: another spelling of a message that lies there."""
        with self._file.write() as database:
            database.execute("UPDATE inbox SET body = ? WHERE id = ?", (body, row))

    def requests(self, after_id: int, limit: int = 100) -> tuple[Message, ...]:
        """Sync: what the kiosk asks for, oldest first."""
        return self._messages("requests", after_id, limit)

    def answered(self, ids: Sequence[int]) -> None:
        """Sync: these requests are done, durably and elsewhere; they are forgotten."""
        with self._file.write() as database:
            database.conn.executemany("DELETE FROM requests WHERE id = ?", [(number,) for number in ids])

    def set_aside(self) -> dict[str, int]:
        """Sync: how many events are set aside, by reason."""
        with self._file.read() as database:
            found = database.execute(SET_ASIDE).fetchall()
        return {str(reason): whole_number(count) or 0 for reason, count in found}

    def oldest_waiting(self, *, set_aside: bool = True) -> int | None:
        """Sync: when the oldest open event was made, by its UUIDv7 (ms since 1970); also one that is set aside?"""
        with self._file.read() as database:
            found = database.execute(OLDEST, (set_aside,)).fetchall()
        return made_at(found[0][0]) if found else None

    def _post(self, table: str, kind: str, body: bytes, instead_of: Sequence[int] = ()) -> int:
        if not WORD.match(kind):
            raise ValueError("kind is a plain word")
        with self._file.write() as database:
            return post(database, table, kind, body, instead_of)

    def _messages(self, table: str, after_id: int, limit: int) -> tuple[Message, ...]:
        with self._file.read() as database:
            return messages(database, table, after_id, limit)


def _put(database: Database, status: Status) -> None:
    row = (status.state.value, status.last_ack_ms, spelled(status))
    database.execute("INSERT OR REPLACE INTO status VALUES (1, ?, ?, ?)", row)
