"""Counts what a store holds and how safe it is; refuses to look at a name, a code or an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.store import backup, outbox, sweep

if TYPE_CHECKING:
    from kiosk.store import Store

_COUNTS: Final = {
    "people": "SELECT count(*) FROM people",
    "restricted": "SELECT count(*) FROM people WHERE face_restricted OR attendance_restricted",
    "suspended": "SELECT count(*) FROM people WHERE state = 'suspended'",
    "leaving": "SELECT count(*) FROM people WHERE state = 'left'",
    "rosters_held": "SELECT count(*) FROM rosters WHERE state = 'held'",
    "departures_held": "SELECT count(*) FROM told WHERE kind = 'departure'",
    "messages_refused": "SELECT coalesce(sum(times), 0) FROM refused",
    "faces": "SELECT count(DISTINCT person) FROM faces",
    "references": "SELECT count(*) FROM faces",
    "pins": "SELECT count(*) FROM accounts WHERE role = 'employee'",
    "administrators": "SELECT count(*) FROM accounts WHERE role <> 'employee'",
    "keys": "SELECT count(*) FROM keys",
    "entries": "SELECT coalesce(max(seq), 0) FROM spine",
    "bodies": "SELECT count(*) FROM bodies",
    "undelivered": "SELECT count(*) FROM undelivered",
    "checkpoints": "SELECT count(*) FROM checkpoints",
    "quarantined": "SELECT count(*) FROM quarantine",
    "intents_done": "SELECT count(*) FROM intents WHERE done = 1",
}


@dataclass(frozen=True, slots=True)
class Anchored:
    """One place of the rollback anchor: how many generations it is behind the store; None if it is lost."""

    place: Path
    behind: int | None


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint: of how many entries, and when it was kept (ms UTC); 0 and None before the first."""

    size: int
    at: int | None


@dataclass(frozen=True, slots=True)
class Stats:
    """One look at a store.

    Attributes:
        counts: by name, see `_COUNTS`.
        files: bytes of each file in the directory of the store.
        free: bytes in the two databases that deletion has left for what comes next.
        open_intents: how many acts of each kind are not finished.
        security_level: what protects the root key.
        generation: see kiosk/store/anchor.py.
        kek_epoch: epoch of the root key's own key.
        store_key_epoch: epoch of the store key.
        anchors: every place that should have one.
        checkpoint: the newest of the device.
        countersigned: the newest that headquarters has signed.
        oldest_body: month of the oldest entry that can still be opened, "2024-11"; None if there is none.
        backups: when the last of each kind was made, ms UTC.
        swept: day of the last sweep, "2026-11-16"; None before the first.
    """

    counts: Mapping[str, int]
    files: Mapping[str, int]
    free: int
    open_intents: Mapping[str, int]
    security_level: str
    generation: int
    kek_epoch: int
    store_key_epoch: int
    anchors: tuple[Anchored, ...]
    checkpoint: Signed
    countersigned: Signed
    oldest_body: str | None
    backups: Mapping[str, int]
    swept: str | None


def stats(store: "Store") -> Stats:
    """Look at a store, also at one that its anchors refuse; nothing is written.

    Raises:
        Fault: as for any reading of the store.
    """
    database, day = store.database, sweep.last_day(store)
    with database.read():
        counts = {name: int((database.row(sql) or (0,))[0]) for name, sql in _COUNTS.items()}
        marks = database.row("SELECT generation, kek_epoch, store_key_epoch FROM store") or (0, 0, 0)
        oldest = database.row("SELECT period FROM bodies ORDER BY seq LIMIT 1")
        free = sum(_free(store, schema) for schema in ("main", "templates"))
        kinds = [intent.kind.value for intent in store.intents.all_open()]
        last = _signed(store, "SELECT size, created_at FROM checkpoints ORDER BY size DESC LIMIT 1")
        both = _signed(store, f"SELECT size, created_at FROM checkpoints WHERE size = {outbox.countersigned(store)}")  # noqa: S608
        anchors = tuple(
            Anchored(place, None if state is None else marks[0] - state.generation)
            for place, state in store.anchor.known().items()
        )
        backups = {kind.value: at for kind, at in backup.last_backup(store).items()}
    return Stats(
        counts=counts,
        files={path.name: path.stat().st_size for path in sorted(database.directory.iterdir()) if path.is_file()},
        free=free,
        open_intents={kind: kinds.count(kind) for kind in sorted(set(kinds))},
        security_level=store.security_level.value,
        generation=marks[0],
        kek_epoch=marks[1],
        store_key_epoch=marks[2],
        anchors=anchors,
        checkpoint=last,
        countersigned=both,
        oldest_body=None if oldest is None else oldest[0],
        backups=backups,
        swept=date.fromordinal(day).isoformat() if day else None,
    )


def _signed(store: "Store", sql: str) -> Signed:
    row = store.database.row(sql)
    return Signed(0, None) if row is None else Signed(int(row[0]), int(row[1]))


def _free(store: "Store", schema: str) -> int:
    pages, size = (store.database.rows(f"PRAGMA {schema}.{name}")[0][0] for name in ("freelist_count", "page_size"))
    return int(pages) * int(size)
