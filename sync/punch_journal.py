"""Where each event stands on its way to a backend that takes them one by one; refuses to forget before the act.

Employee codes do not lie here: whose event it is says a keyed hash, and what a person has decided about it is sealed.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Self, assert_never

from sqlite_utils import Database

from sync import amend, memory
from sync.amend import Amendment
from sync.database import SqliteFile
from sync.delivery import LONGEST_WAIT_MS
from sync.punch_rows import TRACK, Fresh, Punched, fresh_row, punched, put_tracks, track_of
from sync.punches import Line, Open, Paused, Track, blocks
from wire.errors import FormatError
from wire.sealed import Context, seal, unseal

KEY_ID: Final = b"EXCH"
TAG_SIZE: Final = 16
KEEP_SETTLED_MS: Final = 7 * 86_400_000
_PRUNED: Final = 5_000  # rows in one go
# the person's oldest event that is not settled; one step down the index for each person, however many events wait
_HEADS: Final = """WITH RECURSIVE people(person) AS (
    SELECT min(person) FROM punches WHERE blocks = 1
    UNION ALL
    SELECT (SELECT min(person) FROM punches WHERE blocks = 1 AND person > people.person)
        FROM people WHERE people.person IS NOT NULL),
heads AS (SELECT p.event_id, p.seq, p.person FROM people JOIN punches p ON p.event_id = (
    SELECT event_id FROM punches INDEXED BY punches_line WHERE blocks = 1 AND person = people.person
    ORDER BY seq, event_id LIMIT 1)
    WHERE p.state = 'pending' AND NOT (p.next_attempt_at > ?1 AND p.next_attempt_at <= ?2))
"""
_ONE_EACH: Final = _HEADS + "SELECT event_id FROM heads ORDER BY seq LIMIT ?3"  # noqa: S608 - our own text
_SEVERAL: Final = f"""{_HEADS} SELECT event_id FROM punches INDEXED BY punches_pending
    WHERE state = 'pending' AND person IN (SELECT person FROM heads)
    AND NOT (next_attempt_at > ?1 AND next_attempt_at <= ?2) ORDER BY seq LIMIT ?3"""  # noqa: S608 - our own text
_NOBODY_BEFORE: Final = """NOT EXISTS (SELECT 1 FROM punches q INDEXED BY punches_line WHERE q.blocks = 1
    AND q.person = punches.person AND (q.seq, q.event_id) < (punches.seq, punches.event_id)
    AND (q.state <> 'inflight' OR NOT ?3))"""


class PunchJournal:
    """The tables of sync.db for a backend that takes events one by one.

    Args:
        file: sync.db.
        device: whose ledger it is.
        key: the exchange key, 32 bytes.
    """

    def __init__(self, file: SqliteFile, device: str, key: bytes) -> None:
        self.file = file
        self._device = device
        self._key = key
        self._tag_key = hmac.digest(key, b"ambang punches of one person", "sha256")

    @classmethod
    def open(cls, path: Path, device: str, key: bytes) -> Self:
        """Open or make sync.db (`memory.open_file`). Raises ExchangeFailed."""
        return cls(memory.open_file(path), device, key)

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()

    def tag(self, person: str) -> bytes:
        """Whose event it is, in 16 bytes that say nothing without the exchange key."""
        return hmac.digest(self._tag_key, person.encode(), hashlib.sha256)[:TAG_SIZE]

    def version(self) -> int:
        """Changes when another program has committed something."""
        return self.file.version()

    # what came

    def recover(self, now_ms: int) -> None:
        """On start: whatever was in flight may have arrived; hold and schedule do not outlast a clock set back."""
        with self.file.write() as database:
            database.execute("UPDATE punches SET state = 'unknown', next_attempt_at = 0 WHERE state = 'inflight'")
        self.steady(now_ms)

    def steady(self, now_ms: int) -> None:
        """After the clock was set back the hold of what is uncertain begins anew (`punches.steadied`)."""
        with self.file.read() as database:
            late = "state = 'unknown' AND sent_at > ?"
            if database.execute(f"SELECT 1 FROM punches WHERE {late} LIMIT 1", (now_ms,)).fetchone() is None:  # noqa: S608 - our own text
                return
        with self.file.write() as database:
            database.execute(f"UPDATE punches SET sent_at = ?1 WHERE {late.replace('?', '?1')}", (now_ms,))  # noqa: S608 - our own text

    def known(self, event_ids: Sequence[str]) -> dict[str, bool]:
        """Those that are remembered, and whether they are settled."""
        with self.file.read() as database:
            found = [
                database.execute(
                    "SELECT event_id, state = 'settled' FROM punches WHERE event_id = ?", (each,)
                ).fetchone()
                for each in event_ids
            ]
        return {row[0]: bool(row[1]) for row in found if row is not None}

    def absorb(self, fresh: Iterable[Fresh], high: int, now_ms: int, *, pairs: bool) -> None:
        """Remember new events, and the highest seq that was ever seen."""
        with self.file.write() as database:
            database.conn.executemany(
                f"INSERT OR IGNORE INTO punches (event_id, seq, person, about, changed_at, blocks, {TRACK})"  # noqa: S608 - our own text
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [fresh_row(one, now_ms, pairs=pairs) for one in fresh],
            )
            if high > _mark(database, "high"):
                _put_mark(database, "high", high)

    def number(self, name: str) -> int | None:
        """A durable number: `high` (the highest seq ever seen), `stored_at` or `last_ack_ms` (ms since 1970)."""
        text = self.text(name)
        return None if text is None else int(text)

    def text(self, name: str) -> str | None:
        """A durable word, like the cursor of the roster."""
        with self.file.read() as database:
            found = database.execute("SELECT value FROM marks WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def put(self, name: str, value: str | int) -> None:
        """Keep a durable word or number."""
        with self.file.write() as database:
            _put_mark(database, name, value)

    # what is due

    def ready(self, limit: int, now_ms: int, *, whole: bool) -> tuple[str, ...]:
        """Ids of events that may be sent now, oldest first: one of each person, several only where a push is whole."""
        with self.file.read() as database:
            query = _SEVERAL if whole else _ONE_EACH
            rows = database.execute(query, (now_ms, now_ms + LONGEST_WAIT_MS, limit)).fetchall()
        return tuple(row[0] for row in rows)

    def uncertain(self, limit: int, hold_ms: int, now_ms: int) -> tuple[Punched, ...]:
        """Events that the backend may be asked about now, oldest first."""
        with self.file.read() as database:
            rows = database.execute(
                f"SELECT event_id, seq, changed_at, {TRACK} FROM punches INDEXED BY punches_uncertain"  # noqa: S608 - our own text
                " WHERE state IN ('inflight', 'unknown') AND state = 'unknown' AND sent_at <= ?1 - ?2"
                " AND NOT (next_attempt_at > ?1 AND next_attempt_at <= ?3) ORDER BY seq LIMIT ?4",
                (now_ms, hold_ms, now_ms + LONGEST_WAIT_MS, limit),
            ).fetchall()
        return tuple(map(punched, rows))

    def held(self, hold_ms: int, now_ms: int) -> dict[str, int]:
        """The events whose hold is not over, and when each was sent."""
        with self.file.read() as database:
            rows = database.execute(
                "SELECT event_id, sent_at FROM punches INDEXED BY punches_uncertain"
                " WHERE state IN ('inflight', 'unknown') AND state = 'unknown' AND sent_at > ?",
                (now_ms - hold_ms,),
            ).fetchall()
        return {row[0]: int(row[1]) for row in rows}

    def begin(self, event_ids: Sequence[str], now_ms: int, *, whole: bool) -> dict[str, Track]:
        """Commit, before a byte leaves, that these are in flight; returns those that still may be, in their order."""
        begun = {}
        with self.file.write() as database:
            for event_id in event_ids:
                changed = database.execute(
                    "UPDATE punches SET state = 'inflight', attempt = attempt + 1, sent_at = ?1, changed_at = ?1"  # noqa: S608 - our own text
                    f" WHERE event_id = ?2 AND state = 'pending' AND {_NOBODY_BEFORE}",
                    (now_ms, event_id, whole),
                ).rowcount
                if changed:
                    row = database.execute(f"SELECT {TRACK} FROM punches WHERE event_id = ?", (event_id,)).fetchone()  # noqa: S608 - our own text
                    begun[event_id] = track_of(row)
        return begun

    def finish(self, tracks: Mapping[str, Track], line: Line, now_ms: int, *, pairs: bool, stored: bool) -> None:
        """Commit what became of them, and the schedule that follows.

        Args:
            tracks: each event's new track.
            line: the schedule.
            now_ms: now.
            pairs: whether the backend keeps pairs.
            stored: whether the backend has taken one of them in.
        """
        with self.file.write() as database:
            put_tracks(database, tracks, now_ms, pairs=pairs)
            _put_line(database, line)
            if stored:
                _put_mark(database, "stored_at", now_ms)
                _put_mark(database, "last_ack_ms", now_ms)

    def hurry(self) -> None:
        """Whatever waits for its time may be tried now; the hold stays."""
        with self.file.write() as database:
            database.execute(
                "UPDATE punches SET next_attempt_at = 0 WHERE state IN ('pending', 'unknown') AND next_attempt_at > 0"
            )

    def realign(self, *, pairs: bool) -> None:
        """Dead letters hold up their person in a backend of pairs only: after a change of the backend, count anew."""
        with self.file.write() as database:
            rows = database.execute(
                f"SELECT event_id, blocks, {TRACK} FROM punches INDEXED BY punches_dead WHERE state = 'dead'"  # noqa: S608 - our own text
            ).fetchall()
            for event_id, before, *track in rows:
                now = blocks(track_of(track).state, pairs=pairs)
                if now != bool(before):
                    database.execute("UPDATE punches SET blocks = ? WHERE event_id = ?", (now, event_id))

    # the line

    def line(self) -> Line:
        """The schedule; an open line before the first attempt."""
        with self.file.read() as database:
            found = database.execute("SELECT paused, attempts, next_attempt_at, detail, sentence FROM line").fetchone()
        if found is None:
            return Open()
        is_paused, attempts, next_attempt_at, detail, sentence = found
        return Paused(detail, sentence, next_attempt_at) if is_paused else Open(attempts, next_attempt_at)

    def put_line(self, line: Line) -> None:
        """Commit the schedule."""
        with self.file.write() as database:
            _put_line(database, line)

    # what is remembered

    def find(self, event_id: str) -> Punched | None:
        """One event; None if it is not remembered."""
        with self.file.read() as database:
            row = database.execute(
                f"SELECT event_id, seq, changed_at, {TRACK} FROM punches WHERE event_id = ?",  # noqa: S608 - our own text
                (event_id,),
            ).fetchone()
        return None if row is None else punched(row)

    def dead(self) -> tuple[Punched, ...]:
        """Every dead letter, oldest first."""
        with self.file.read() as database:
            rows = database.execute(
                f"SELECT event_id, seq, changed_at, {TRACK} FROM punches INDEXED BY punches_dead"  # noqa: S608 - our own text
                " WHERE state = 'dead' ORDER BY seq"
            ).fetchall()
        return tuple(map(punched, rows))

    def dead_beside(self, event_id: str, why: str) -> tuple[str, ...]:
        """The dead letters for one reason of the person whose event this is, oldest first."""
        with self.file.read() as database:
            rows = database.execute(
                "SELECT event_id FROM punches INDEXED BY punches_dead WHERE state = 'dead' AND why = ?"
                " AND person = (SELECT person FROM punches WHERE event_id = ?) ORDER BY seq",
                (why, event_id),
            ).fetchall()
        return tuple(row[0] for row in rows)

    def decide(self, event_id: str, track: Track, now_ms: int, decided: tuple[Amendment, str] | None = None) -> None:
        """Inside a transaction of `file`: what a person wants, of which only what is not settled holds up others.

        Args:
            event_id: a dead letter.
            track: where it stands now.
            now_ms: now.
            decided: how it is amended, and under which employee code it goes.
        """
        database = self.file.database
        put_tracks(database, {event_id: track}, now_ms, pairs=False)
        if decided is not None:
            amendment, person = decided
            sealed = seal(self._key, amend.encode(amendment), self._context("amended", event_id), kid=KEY_ID)
            database.execute(
                "UPDATE punches SET amended = ?, person = ? WHERE event_id = ?", (sealed, self.tag(person), event_id)
            )

    def counts(self) -> dict[str, int]:
        """How many events are in each state."""
        with self.file.read() as database:
            rows = database.execute("SELECT state, count(*) FROM punches GROUP BY state").fetchall()
        return {str(state): int(count) for state, count in rows}

    def amendment(self, event_id: str) -> Amendment:
        """What a person has decided about it; one that does not open counts as none, and the event dies again."""
        with self.file.read() as database:
            found = database.execute("SELECT amended FROM punches WHERE event_id = ?", (event_id,)).fetchone()
        if found is None or found[0] is None:
            return Amendment()
        try:
            return amend.decode(unseal(self._key, found[0], self._context("amended", event_id)))
        except FormatError:
            return Amendment()

    def sealed_about(self, event_id: str, clear: bytes) -> bytes:
        """The event that another one is about, sealed to the place beside the other one."""
        return seal(self._key, clear, self._context("about", event_id), kid=KEY_ID)

    def about(self, event_id: str) -> bytes | None:
        """The event that this one is about, as `wire.event.clear` spells it, if it was kept and opens."""
        with self.file.read() as database:
            found = database.execute("SELECT about FROM punches WHERE event_id = ?", (event_id,)).fetchone()
        if found is None or found[0] is None:
            return None
        try:
            return unseal(self._key, found[0], self._context("about", event_id))
        except FormatError:
            return None

    def prune(self, told: int, now_ms: int) -> int:
        """Forget, a week after, what is settled below the size that the kiosk was told; returns how many.

        Whatever stands above it must be known for as long as a lost exchange may bring it again.
        """
        kept = (now_ms - KEEP_SETTLED_MS, now_ms)
        with self.file.read() as database:
            old = database.execute(
                "SELECT event_id FROM punches INDEXED BY punches_settled"
                " WHERE state = 'settled' AND changed_at NOT BETWEEN ? AND ? AND seq <= ? LIMIT ?",
                (*kept, told, _PRUNED),
            ).fetchall()
        if not old:
            return 0
        with self.file.write() as database:
            database.conn.executemany("DELETE FROM punches WHERE event_id = ?", old)
        return len(old)

    def _context(self, column: str, event_id: str) -> Context:
        return Context(store=self._device, table="punches", column=column, row=event_id)


def _mark(database: Database, name: str) -> int:
    found = database.execute("SELECT value FROM marks WHERE name = ?", (name,)).fetchone()
    return -1 if found is None else int(found[0])


def _put_mark(database: Database, name: str, value: str | int) -> None:
    database.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (name, str(value)))


def _put_line(database: Database, line: Line) -> None:
    match line:
        case Open(attempts, next_attempt_at, _):
            row = (1, 0, attempts, next_attempt_at, "", "")
        case Paused(detail, sentence, next_attempt_at):
            row = (1, 1, 0, next_attempt_at, detail, sentence)
        case _:
            assert_never(line)
    database.execute("INSERT OR REPLACE INTO line VALUES (?, ?, ?, ?, ?, ?)", row)
