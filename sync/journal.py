"""Sync's own memory: the batch on its way, the schedule, attempts, dead letters; refuses to forget before the act."""

import json
import logging
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final, Self

from sqlite_utils import Database

from sync import memory
from sync.database import SqliteFile
from sync.delivery import BatchState, Plan, Reason
from wire.sealed import Context, seal, unseal

KEY_ID: Final = b"EXCH"
ATTEMPTS_KEPT: Final = 1000
_log = logging.getLogger("ambang.sync")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One encoded batch; every attempt sends the same bytes.

    Args:
        batch: its UUID.
        encoded: the body, at most 1 MiB.
        size: the seq of its last row.
        head: the 32-byte hash of that row.
        rows: how many rows it has.
        events: ids of its events.
        waiting: how many events waited in these rows when it was made.
        state: pending, inflight or unknown.
    """

    batch: str
    encoded: bytes
    size: int
    head: bytes
    rows: int
    events: tuple[str, ...]
    waiting: int
    state: BatchState = BatchState.PENDING

    def __repr__(self) -> str:
        return f"Outgoing({self.batch}, size={self.size}, events={len(self.events)}, {self.state})"


@dataclass(frozen=True, slots=True)
class Letter:
    """An event that was set aside: why, how often, and when first and last (ms since 1970)."""

    event_id: str
    reason: str
    tries: int
    first_at: int
    last_at: int


class Journal:
    """The open batch is sealed at rest under the exchange key: it holds employee codes in the clear."""

    def __init__(self, file: SqliteFile, device: str, key: bytes) -> None:
        self.file = file
        self._device = device
        self._key = key

    @classmethod
    def open(cls, path: Path, device: str, key: bytes) -> Self:
        """Open sync.db, or make it where there is none; a damaged one is set aside as sync.db.damaged.

        HQ knows every event by its id, so nothing is lost with it. Raises ExchangeFailed.
        """
        file = memory.open_file(path)
        return cls(file, device, key)

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()

    def recover(self) -> None:
        """On start: whatever was in flight may have arrived."""
        with self.file.write() as database:
            database.execute(
                "UPDATE outgoing SET state = ? WHERE state = ?", (BatchState.UNKNOWN.value, BatchState.INFLIGHT.value)
            )
            database.execute("UPDATE attempts SET outcome = ? WHERE outcome IS NULL", (BatchState.UNKNOWN.value,))

    def hurry(self) -> None:
        """Whatever the schedule says, the next attempt is due."""
        with self.file.write() as database:
            database.execute("UPDATE plan SET next_attempt_at = 0")

    def plan(self) -> Plan:
        """The schedule; the default one before the first attempt."""
        with self.file.read() as database:
            found = database.execute(
                "SELECT attempts, next_attempt_at, row_limit, event_limit, strikes, suspects FROM plan"
            ).fetchone()
        return Plan(*found) if found else Plan()

    def outgoing(self) -> Outgoing | None:
        """The batch on its way, with the bytes that were stored before it was sent first.

        One that is spoilt is dropped: its events wait in the exchange as before.
        """
        with self.file.read() as database:
            found = database.execute(
                "SELECT batch, sealed, size, head, row_count, events, waiting, state FROM outgoing"
            ).fetchone()
        if found is None:
            return None
        batch, sealed, size, head, rows, events, waiting, state = found
        try:
            encoded = unseal(self._key, sealed, self._context(batch))
            return Outgoing(batch, encoded, size, head, rows, tuple(json.loads(events)), waiting, BatchState(state))
        except ValueError:  # altered, or sealed with another key than today's
            _log.warning("the stored batch does not open, and is made anew")
            with self.file.write() as database:
                database.execute("DELETE FROM outgoing")
            return None

    def send(self, outgoing: Outgoing, now_ms: int) -> None:
        """Commit, before a byte leaves, that this batch is in flight; a new one is stored with it."""
        with self.file.write() as database:
            changed = database.execute(
                "UPDATE outgoing SET state = ?, sent_at = ? WHERE batch = ?",
                (BatchState.INFLIGHT.value, now_ms, outgoing.batch),
            ).rowcount
            if not changed:
                sealed = seal(self._key, outgoing.encoded, self._context(outgoing.batch), kid=KEY_ID)
                database.execute(
                    "INSERT INTO outgoing VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        outgoing.batch,
                        sealed,
                        outgoing.size,
                        outgoing.head,
                        outgoing.rows,
                        json.dumps(outgoing.events),
                        outgoing.waiting,
                        BatchState.INFLIGHT.value,
                        now_ms,
                    ),
                )
            database.execute("INSERT INTO attempts (batch, sent_at) VALUES (?, ?)", (outgoing.batch, now_ms))

    def finish(  # noqa: PLR0913 - one commit has these parts
        self,
        batch: str,
        state: BatchState,
        plan: Plan,
        outcome: str,
        now_ms: int,
        *,
        settled: Iterable[str] = (),
        parked: Iterable[str] = (),
        reason: Reason = Reason.FIELD_REJECTED,
        generation: int | None = None,
    ) -> None:
        """Commit what became of an attempt, and the schedule that follows; a settled or rejected batch is forgotten."""
        with self.file.write() as database:
            if state in (BatchState.SETTLED, BatchState.REJECTED):
                database.execute("DELETE FROM outgoing WHERE batch = ?", (batch,))
            else:
                database.execute("UPDATE outgoing SET state = ? WHERE batch = ?", (state.value, batch))
            _put_plan(database, plan)
            database.execute(
                "UPDATE attempts SET ended_at = ?, outcome = ? WHERE batch = ? AND outcome IS NULL",
                (now_ms, outcome, batch),
            )
            database.execute("DELETE FROM attempts WHERE id <= (SELECT max(id) FROM attempts) - ?", (ATTEMPTS_KEPT,))
            if database.execute("SELECT 1 FROM letters LIMIT 1").fetchone():
                for event_id in settled:
                    database.execute("DELETE FROM letters WHERE event_id = ?", (event_id,))
            _put_letters(database, parked, reason, now_ms)
            if state is BatchState.SETTLED:
                database.execute("INSERT OR REPLACE INTO cursors VALUES ('last_ack_ms', ?)", (now_ms,))
            if generation is not None:
                database.execute("INSERT OR REPLACE INTO cursors VALUES ('generation', ?)", (generation,))

    def set_aside(self, event_ids: Iterable[str], reason: Reason, now_ms: int) -> None:
        """Write dead letters for events that never came as far as a batch."""
        with self.file.write() as database:
            _put_letters(database, event_ids, reason, now_ms)

    def letters(self) -> tuple[Letter, ...]:
        """Every event that is set aside, or was and is being tried again."""
        with self.file.read() as database:
            found = database.execute(
                "SELECT event_id, reason, tries, first_at, last_at FROM letters ORDER BY first_at, event_id"
            ).fetchall()
        return tuple(Letter(*row) for row in found)

    def drop_letter(self, event_id: str) -> None:
        """Inside a transaction of `file`: a person has taken this letter up."""
        self.file.database.execute("DELETE FROM letters WHERE event_id = ?", (event_id,))

    def cursor(self, name: str) -> int | None:
        """`last_ack_ms` (ms since 1970) or `generation` (of HQ's store); None before the first receipt."""
        with self.file.read() as database:
            found = database.execute("SELECT value FROM cursors WHERE name = ?", (name,)).fetchone()
        return int(found[0]) if found else None

    def attempts(self, limit: int = 20) -> tuple[tuple[str, int, int | None, str | None], ...]:
        """The latest attempts, newest first: batch, sent at, ended at (ms since 1970), outcome code."""
        with self.file.read() as database:
            found = database.execute(
                "SELECT batch, sent_at, ended_at, outcome FROM attempts ORDER BY id DESC LIMIT ?", (limit,)
            ).fetchall()
        return tuple(tuple(row) for row in found)

    def _context(self, batch: str) -> Context:
        return Context(store=self._device, table="outgoing", column="encoded", row=batch)


def _put_plan(database: Database, plan: Plan) -> None:
    database.execute("INSERT OR REPLACE INTO plan VALUES (1, ?, ?, ?, ?, ?, ?)", astuple(plan))


def _put_letters(database: Database, event_ids: Iterable[str], reason: Reason, now_ms: int) -> None:
    for event_id in event_ids:
        database.execute(
            "INSERT INTO letters VALUES (?1, ?2, 1, ?3, ?3)"
            " ON CONFLICT (event_id) DO UPDATE SET reason = ?2, tries = tries + 1, last_at = ?3",
            (event_id, reason.value, now_ms),
        )
