"""sync.db: its tables and how it is opened, brought up to date or begun anew; refuses to go on with a damaged one."""

import logging
from pathlib import Path
from typing import Final

from sync.database import ExchangeForeign, SqliteFile

APPLICATION_ID: Final = 0x414D4253  # "AMBS"
SCHEMA_VERSION: Final = 2
_log = logging.getLogger("ambang.sync")
_BATCHES: Final = (
    """CREATE TABLE outgoing (
        only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
        batch TEXT NOT NULL,
        sealed BLOB NOT NULL,
        size INTEGER NOT NULL,
        head BLOB NOT NULL,
        row_count INTEGER NOT NULL,
        events TEXT NOT NULL,
        waiting INTEGER NOT NULL,
        state TEXT NOT NULL,
        sent_at INTEGER
    ) STRICT""",
    """CREATE TABLE attempts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        batch TEXT NOT NULL,
        sent_at INTEGER NOT NULL,
        ended_at INTEGER,
        outcome TEXT
    ) STRICT""",
    """CREATE TABLE plan (
        only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
        attempts INTEGER NOT NULL,
        next_attempt_at INTEGER NOT NULL,
        row_limit INTEGER NOT NULL,
        event_limit INTEGER,
        strikes INTEGER NOT NULL,
        suspects INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE letters (
        event_id TEXT PRIMARY KEY,
        reason TEXT NOT NULL,
        tries INTEGER NOT NULL,
        first_at INTEGER NOT NULL,
        last_at INTEGER NOT NULL
    ) STRICT""",
    "CREATE TABLE cursors (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT",
)
_PUNCHES: Final = (
    """CREATE TABLE punches (
        event_id TEXT PRIMARY KEY,
        seq INTEGER NOT NULL,
        person BLOB NOT NULL,
        state TEXT NOT NULL,
        blocks INTEGER NOT NULL,
        attempt INTEGER NOT NULL,
        sent_at INTEGER NOT NULL,
        next_attempt_at INTEGER NOT NULL,
        faults INTEGER NOT NULL,
        first_fault_at INTEGER NOT NULL,
        why TEXT NOT NULL,
        detail TEXT NOT NULL,
        changed_at INTEGER NOT NULL,
        amended BLOB,
        about BLOB
    ) STRICT""",
    "CREATE INDEX punches_line ON punches (person, seq, event_id) WHERE blocks = 1",
    "CREATE INDEX punches_pending ON punches (seq) WHERE state = 'pending'",
    "CREATE INDEX punches_uncertain ON punches (seq) WHERE state IN ('inflight', 'unknown')",
    "CREATE INDEX punches_dead ON punches (seq) WHERE state = 'dead'",
    "CREATE INDEX punches_settled ON punches (changed_at) WHERE state = 'settled'",
    """CREATE TABLE line (
        only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
        paused INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        next_attempt_at INTEGER NOT NULL,
        detail TEXT NOT NULL,
        sentence TEXT NOT NULL
    ) STRICT""",
    "CREATE TABLE marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    """CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        event_id TEXT NOT NULL,
        act TEXT NOT NULL,
        sealed BLOB NOT NULL
    ) STRICT""",
)
_SCHEMAS: Final = {1: _BATCHES, SCHEMA_VERSION: (*_BATCHES, *_PUNCHES)}


def open_file(path: Path) -> SqliteFile:
    """Open sync.db, or make it where there is none; a damaged one is set aside as sync.db.damaged.

    Nothing is lost with it: HQ knows every event by its id, and any other backend is asked before something is sent
    that may have been sent before (`damaged_at`). Raises ExchangeFailed.
    """
    try:
        return _whole(path)
    except ExchangeForeign as error:
        _log.error("%s: set aside, and begun anew", error)
    for suffix in ("-journal", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(path.with_name(f"{path.name}.damaged{suffix}"))
    return _whole(path)


def damaged_at(path: Path) -> int:
    """When the copy of this sync.db that was set aside was last written, ms since 1970; 0 if none was."""
    try:
        return path.with_name(f"{path.name}.damaged").stat().st_mtime_ns // 1_000_000
    except OSError:
        return 0


def _whole(path: Path) -> SqliteFile:
    fresh = not path.exists() or path.stat().st_size == 0
    try:
        file = _opened(path, SCHEMA_VERSION, create=fresh)
    except ExchangeForeign:
        old = _opened(path, 1, create=False)  # raises what it raised if it is not of that version either
        try:
            with old.write() as database:
                for statement in _PUNCHES:
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        finally:
            old.close()
        file = _opened(path, SCHEMA_VERSION, create=False)
    with file.read() as database:
        found = database.execute("PRAGMA quick_check(1)").fetchone()
    if found != ("ok",):
        file.close()
        raise ExchangeForeign(f"{path.name} is damaged")
    return file


def _opened(path: Path, version: int, *, create: bool) -> SqliteFile:
    schema = _SCHEMAS[version]
    return SqliteFile(path, application_id=APPLICATION_ID, version=version, schema=schema, create=create, mode=0o600)
