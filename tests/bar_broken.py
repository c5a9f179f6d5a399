"""Stores that ask less of the disk than the shipped one, or in another order: the bars must catch each of them."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from kiosk.store import database
from kiosk.store.database import StoreDatabase
from kiosk.store.foundation import Foundation
from kiosk.store.ledger import Entry, Ledger
from sync.database import SqliteFile
from wire.event import Event
from wire.signing import SigningKey

_JOURNAL, _SYNCHRONOUS = "truncate", 2


def _rules(journal_mode: str, synchronous: int) -> Callable[[], None]:
    """Open store and exchange by other rules.

    A store writes to two files at once, and SQLite makes such a commit durable by other means than the journal mode: by
    a super-journal, whose removal it syncs. So the spoilt store also writes to one file alone where it can.
    """

    def spoil() -> None:
        database._EACH_FILE.update(journal_mode=journal_mode, synchronous=synchronous)
        of_store, of_exchange = StoreDatabase._insist, SqliteFile._insist
        said = {
            f"PRAGMA journal_mode = {_JOURNAL}": f"PRAGMA journal_mode = {journal_mode}",
            f"PRAGMA synchronous = {_SYNCHRONOUS}": f"PRAGMA synchronous = {synchronous}",
            "PRAGMA journal_mode": f"SELECT '{_JOURNAL}'",
            "PRAGMA synchronous": f"SELECT {_SYNCHRONOUS}",
        }

        def insist_store(self: StoreDatabase, statement: str) -> sqlite3.Cursor:
            return of_store(self, "BEGIN" if statement == "BEGIN IMMEDIATE" else statement)

        def insist_exchange(self: SqliteFile, statement: str) -> sqlite3.Cursor:
            return of_exchange(self, said.get(statement, statement))

        StoreDatabase._insist = insist_store  # type: ignore[method-assign]
        SqliteFile._insist = insist_exchange  # type: ignore[method-assign]

    return spoil


def _anchor_first() -> None:
    """Write the anchor before the commit that it tells of."""

    def advance(self: StoreDatabase) -> None:
        self.run("UPDATE store SET generation = generation + 1")
        for callback in self.advanced:
            callback()

    StoreDatabase.advance = advance  # type: ignore[method-assign]


def _unsynced_files() -> None:
    """Put small files in their place without asking the disk to keep them."""

    os.fsync = lambda fd: None  # noqa: ARG005 - SQLite calls the system itself


def _commit_believed() -> None:
    """Take a commit that failed for one that is done."""
    of_store = StoreDatabase._insist

    def insist(self: StoreDatabase, statement: str) -> sqlite3.Cursor:
        try:
            return of_store(self, statement)
        except sqlite3.OperationalError:
            if statement != "COMMIT":
                raise
            self._connection.rollback()
            return self._connection.cursor()

    StoreDatabase._insist = insist  # type: ignore[method-assign]


def _untranslated() -> None:
    """Let what SQLite says through to whoever called."""

    def translated(_: Path) -> nullcontext[None]:
        return nullcontext()

    database.translated = translated  # type: ignore[assignment]


def _piece_by_piece() -> None:
    """Commit each statement by itself."""
    run = StoreDatabase.run

    def run_and_commit(self: StoreDatabase, sql: str, *values: object) -> int:
        touched = run(self, sql, *values)
        self._insist("COMMIT")
        self._insist("BEGIN IMMEDIATE")
        return touched

    StoreDatabase.run = run_and_commit  # type: ignore[method-assign]


def _clock_trusted() -> None:
    """Refuse an event whose wall clock has moved against the other clocks since the store was opened."""
    begin, append = Ledger.__init__, Ledger.append
    apart: dict[int, int] = {}

    def begun(self: Ledger, foundation: Foundation, device_id: str, signing: SigningKey) -> None:
        begin(self, foundation, device_id, signing)
        now = foundation.clock()
        apart[id(self)] = now.wall_ms - now.clock.boottime_ms

    def strict(self: Ledger, event: Event, person_id: str) -> Entry:
        if event.occurred_at - event.clock.boottime_ms != apart[id(self)]:
            raise ValueError("the clock cannot be right")
        return append(self, event, person_id)

    Ledger.__init__ = begun  # type: ignore[method-assign, assignment]
    Ledger.append = strict  # type: ignore[method-assign]


BROKEN: Final[dict[str, Callable[[], None]]] = {
    "DELETE+FULL": _rules("delete", 2),
    "WAL+NORMAL": _rules("wal", 1),
    "OFF": _rules("truncate", 0),
    "the anchor before the commit": _anchor_first,
    "small files unsynced": _unsynced_files,
}
# What a failing write must uncover; the power-cut bar is about the disk, this one about the program.
NEGLIGENT: Final[dict[str, Callable[[], None]]] = {
    "a failed commit is believed": _commit_believed,
    "SQLite's own errors": _untranslated,
    "piece by piece": _piece_by_piece,
}
# What a fault of the world must uncover, besides.
TRUSTING: Final[dict[str, Callable[[], None]]] = {"the clock is believed": _clock_trusted}
