"""The log of the door: sealed bodies on a chain of hashes; refuses to say "appended" before the disk has it."""

import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.acts import Detail, LocalKind
from kiosk.store.audit import audit
from kiosk.store.foundation import Foundation
from kiosk.store.keys import REMEMBERED, KeyKind
from kiosk.store.promises import Signer
from kiosk.store.vault import Place, tag
from wire import canonical, checkpoint
from wire.errors import BrokenChain, FormatError
from wire.event import CLEAR_LIMIT, Event, clear, uuid7
from wire.signing import SigningKey
from wire.spine import SALT_SIZE, SpineRow, body_digest, commitment, genesis, link

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKPOINT_EVERY: Final = 64
LOCAL_FORMAT: Final = "ambang.local.v1"


@dataclass(frozen=True, slots=True)
class Entry:
    """One appended entry: its place in the ledger (1, 2, 3, ...) and its UUIDv7."""

    seq: int
    event_id: str


@dataclass(frozen=True, slots=True)
class Stored:
    """One entry as it lies in the store; event_id is None once its body is gone."""

    row: SpineRow
    event_id: str | None
    for_headquarters: bool


class Ledger:
    """The ledger of one device.

    Attributes:
        hold: is asked before an event becomes an entry: holds one that may not go on, and gives the seq of the entry
            that commits to it; None for all others.
    """

    def __init__(self, foundation: Foundation, device: str, signing: SigningKey) -> None:
        self.device = device
        self._database = foundation.database
        self._vault = foundation.vault
        self._keys = foundation.keys
        self._clock = foundation.clock
        self._signing = signing
        self._counts: dict[tuple[str, str], int] = {}
        self.hold: Callable[[Event, str], int | None] = lambda _event, _person: None
        self._database.forget.append(self._counts.clear)

    def append(self, event: Event, person_id: str) -> Entry:
        """Append what a person did; durable on return. The same event again is harmless.

        Args:
            event: as headquarters will get it; its `person` is the employee code.
            person_id: whose it is; the body is sealed under that person's key of the month.

        Raises:
            Fault: DISK_FULL, DISK_FAILED, STORE_BUSY, PERSON_UNKNOWN.
            FormatError: the event has no spelling, or its id was used for another.

        What somebody does whose attendance is restricted is held (`hold`, kiosk/store/held.py), and no entry for
        headquarters.
        """
        with self._database.write():
            if self._database.row("SELECT 1 FROM people WHERE id = ?", person_id) is None:
                raise Fault(FaultCode.PERSON_UNKNOWN)
            if (seq := self.hold(event, person_id)) is not None:
                return Entry(seq, event.event_id)
            return self._append(event, person_id)

    def part(self, event: Event) -> Entry:
        """Append a last word about somebody who is gone, for headquarters; durable on return.

        It is sealed under a key of its own, for a random id that is nobody's, which dies once headquarters has signed
        for the entry (`parting.forget`).

        Raises:
            Fault: DISK_FULL, DISK_FAILED, STORE_BUSY.
            FormatError: the event has no spelling.
        """
        return self._append(event, secrets.token_hex(8))

    def _append(self, event: Event, person_id: str) -> Entry:
        body = clear(event, self.device)
        if len(body) > CLEAR_LIMIT:
            raise FormatError("event: too long")
        period = month(event.occurred_at)
        with self._database.write():
            key = self._keys.obtain(KeyKind.RECORD, person=person_id, period=period)
            known = self._database.row("SELECT seq, sealed FROM bodies WHERE event_id = ?", event.event_id)
            if known is not None:
                if self._vault.unseal(key, known[1], body_place(known[0], person_id))[SALT_SIZE:] != body:
                    raise FormatError("event: this id belongs to another event")
                return Entry(int(known[0]), event.event_id)
            seq = self._add(event.event_id, body, key, person_id, period)
            self._database.run("INSERT INTO undelivered (seq, person, period) VALUES (?, ?, ?)", seq, person_id, period)
        return Entry(seq, event.event_id)

    def append_local(self, kind: LocalKind, detail: Detail) -> Entry:
        """Append what the device did; only its hash ever leaves. Inside a `write` block it is part of that transaction.

        Raises:
            Fault: DISK_FULL, DISK_FAILED, STORE_BUSY.
        """
        now = self._clock()
        event_id = uuid7(now.wall_ms, os.urandom(10))
        body = canonical.encode(
            {
                "format": LOCAL_FORMAT,
                "id": event_id,
                "kind": kind.value,
                "occurred_at": now.wall_ms,
                "clock": {
                    "zone": now.clock.zone,
                    "boottime_ms": now.clock.boottime_ms,
                    "boot_id": now.clock.boot_id,
                    "state": now.clock.state.value,
                    "uncertainty_s": now.clock.uncertainty_s,
                },
                "detail": dict(detail),
            }
        )
        period = month(now.wall_ms)
        with self._database.write():
            key = self._keys.obtain(KeyKind.DEVICE, period=period)
            return Entry(self._add(event_id, body, key, "", period), event_id)

    def size(self) -> int:
        """How many entries there are."""
        return self._head()[0]

    def note(self, size: int | None = None) -> str:
        """The signed checkpoint of the first `size` entries (all, if None); the same size gives the same bytes."""
        with self._database.read():
            last, head = self._head() if size is None else (size, self.hash_at(size))
            return checkpoint.sign(checkpoint.Checkpoint(self.device, last, head), self._signing)

    def checkpoint(self) -> str:
        """Sign the head of the ledger and keep the note, unless it is kept already; returns it.

        Called by the kiosk every 60 s and when it stops; `append` does it by itself every 64 entries.
        """
        with self._database.read():
            size, _ = self._head()
            kept = self._database.row("SELECT note FROM checkpoints WHERE size = ?", size)
        if kept is not None or size == 0:
            return self.note() if kept is None else str(kept[0])
        with self._database.write():
            self._keep_checkpoint()
        return self.note()

    def verify(self) -> int:
        """Check every link, body and checkpoint (kiosk/store/audit.py checks more); returns the number of entries.

        Raises:
            BrokenChain: names the first entry that is missing, altered, or not the one a checkpoint covers.
        """
        return audit(self._database, Signer(self.device, self._signing.public, {})).walked.entries

    def entries_since(self, seq: int, limit: int = 1000) -> list[Stored]:
        """The entries after `seq`, oldest first."""
        rows = self._database.rows(
            "SELECT s.seq, s.commitment, s.body_digest, s.h, b.event_id, coalesce(b.audience, 0) FROM spine s"
            " LEFT JOIN bodies b ON b.seq = s.seq WHERE s.seq > ? ORDER BY s.seq LIMIT ?",
            seq,
            limit,
        )
        return [Stored(SpineRow(*row[:4]), row[4], bool(row[5])) for row in rows]

    def hash_at(self, size: int) -> bytes:
        """The hash after `size` entries; that of the device for 0. Raises BrokenChain if there is no such entry."""
        if size == 0:
            return genesis(self.device)
        row = self._database.row("SELECT h FROM spine WHERE seq = ?", size)
        if row is None:
            raise BrokenChain(size, "there is no such entry")
        return bytes(row[0])

    def plain(self, seq: int, sealed: bytes, person_id: str, period: str) -> bytes | None:
        """Salt (16 bytes) and clear event of one entry, or None if its key is gone. Raises FormatError if altered."""
        kind = KeyKind.RECORD if person_id else KeyKind.DEVICE
        key = self._keys.get(kind, person=person_id, period=period)
        return None if key is None else self._vault.unseal(key, sealed, body_place(seq, person_id))

    def count(self, person_id: str, period: str) -> int:
        """How many entries a person (or the device, "") has in a month; 0 if the key is gone.

        Raises:
            FormatError: the key of that month was altered.
        """
        kind = KeyKind.RECORD if person_id else KeyKind.DEVICE
        key = self._keys.get(kind, person=person_id, period=period)
        if key is None:
            return 0
        known = self._counts.get((person_id, period))
        if known is None:
            known = self._first_free(key)
        while self._has(key, known):
            known += 1
        self._remember(person_id, period, known)
        return known

    def body(self, person_id: str, period: str, number: int) -> tuple[int, bytes] | None:
        """Seq and sealed body of the `number`-th entry (0, 1, ...) of a person's month."""
        kind = KeyKind.RECORD if person_id else KeyKind.DEVICE
        key = self._keys.get(kind, person=person_id, period=period)
        row = None if key is None else self._database.row(_BY_TAG, tag(key, number))
        return None if row is None else (int(row[0]), bytes(row[1]))

    def local_acts(self, period: str) -> list[tuple[int, dict[str, Any]]]:
        """The local acts of a month ("2026-11"), oldest first, each with its seq. Raises FormatError if altered."""
        found = []
        with self._database.read():
            for number in range(self.count("", period)):
                body = self.body("", period, number)
                plain = None if body is None else self.plain(*body, "", period)
                if body is not None and plain is not None:
                    found.append((body[0], json.loads(plain[SALT_SIZE:])))
        return found

    def _add(self, event_id: str, body: bytes, key: bytes, person_id: str, period: str) -> int:
        size, head = self._head()
        seq, salt, number = size + 1, os.urandom(SALT_SIZE), self.count(person_id, period)
        sealed = self._vault.seal(key, salt + body, body_place(seq, person_id))
        row = link(head, seq, commitment(salt, body), body_digest(sealed))
        self._database.run("INSERT INTO spine VALUES (?, ?, ?, ?)", seq, row.commitment, row.body_digest, row.h)
        self._database.run(
            "INSERT INTO bodies (seq, event_id, tag, sealed, period, audience) VALUES (?, ?, ?, ?, ?, ?)",
            seq,
            event_id,
            tag(key, number),
            sealed,
            period,
            int(bool(person_id)),
        )
        self._remember(person_id, period, number + 1)
        if seq % CHECKPOINT_EVERY == 0:
            self._keep_checkpoint()
        return seq

    def _remember(self, person_id: str, period: str, count: int) -> None:
        if len(self._counts) >= REMEMBERED:
            self._counts.clear()
        self._counts[person_id, period] = count

    def _keep_checkpoint(self) -> None:
        size, _ = self._head()
        self._database.run(  # only the last one can be of that kind: kept for the minute between two others
            "DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints WHERE size < ?)"
            " AND size % ? <> 0 AND countersigned IS NULL",
            size,
            CHECKPOINT_EVERY,
        )
        self._database.run(
            "INSERT OR IGNORE INTO checkpoints (size, note, created_at) VALUES (?, ?, ?)",
            size,
            self.note(),
            self._clock().wall_ms,
        )
        self._database.advance()

    def _head(self) -> tuple[int, bytes]:
        row = self._database.row("SELECT seq, h FROM spine ORDER BY seq DESC LIMIT 1")
        return (0, genesis(self.device)) if row is None else (int(row[0]), bytes(row[1]))

    def _has(self, key: bytes, number: int) -> bool:
        return self._database.row(_BY_TAG, tag(key, number)) is not None

    def _first_free(self, key: bytes) -> int:
        """Numbers are given without gaps: double until one is free, then halve."""
        low, high = -1, 1
        while self._has(key, high - 1):
            low, high = high - 1, high * 2
        high -= 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._has(key, middle) else (low, middle)
        return high


_BY_TAG: Final = "SELECT seq, sealed FROM bodies WHERE tag = ?"


def month(wall_ms: int) -> str:
    """The period of a moment (ms UTC), "YYYY-MM" in UTC."""
    return f"{datetime.fromtimestamp(wall_ms / 1000, UTC):%Y-%m}"


def body_place(seq: int, person_id: str) -> Place:
    """Where a body is sealed."""
    return Place("bodies", "sealed", str(seq), person_id)
