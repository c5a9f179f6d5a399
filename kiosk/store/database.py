"""Opens the two files of the store as one database, by rules it reads back; refuses any file it did not make."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlite_utils import Database

from kiosk.faults import Fault, FaultCode
from kiosk.store import interrupted
from kiosk.store.files import refused
from kiosk.store.header import examine
from kiosk.store.schema import RECORDS, RECORDS_ID, TEMPLATES, TEMPLATES_ID, VERSION, Table

RECORDS_FILE: Final = "records.db"
TEMPLATES_FILE: Final = "templates.db"
_PATIENCE_S: Final = 20.0
# A whole check costs about 2 ms a MiB; of a larger file, what grows with the years is checked at night (sweep.py).
CHECKED_AT_OPEN: Final = 32 * 1024 * 1024
GROWING: Final = frozenset({"spine", "bodies", "template"})
_SCHEMAS: Final = {"main": (RECORDS, RECORDS_ID), "templates": (TEMPLATES, TEMPLATES_ID)}
# TRUNCATE + FULL: the default DELETE journal loses acknowledged commits when the power goes; see docs/storage.md.
_EACH_FILE: Final[dict[str, str | int]] = {"journal_mode": "truncate", "synchronous": 2, "secure_delete": 1}
# A draft is thrown away after a crash: it needs no journal, and each of its pages is written once.
_DRAFT: Final[dict[str, str | int]] = {"journal_mode": "off", "synchronous": 0, "secure_delete": 1}
_DRAFT_CACHE: Final = {"main.cache_size": -65_536}  # KiB
_CONNECTION: Final = {
    "foreign_keys": 1,
    "trusted_schema": 0,
    "temp_store": 2,
    "cell_size_check": 1,
    "cache_spill": 0,  # a spill would want the exclusive lock in mid-transaction, where BUSY cannot be retried
    "recursive_triggers": 0,
}
_LISTING: Final = "SELECT type, name, tbl_name, sql FROM {0}.sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"


class StoreDatabase:
    """records.db with templates.db attached: one connection, one transaction, one thread.

    Attributes:
        directory: where both files lie.
        forget: called whenever what was read before may no longer hold: after a rollback and after another process
            has committed. Whoever caches a key or a count adds itself here.
        advanced: called after a commit that moved the generation (`advance`); must not raise.
    """

    def __init__(self, directory: Path, *, draft: bool = False) -> None:
        self.directory = directory
        self._draft = draft
        self.forget: list[Callable[[], None]] = []
        self.advanced: list[Callable[[], None]] = []
        self._advancing = False
        self._seen: tuple[int, int] | None = None
        self._reading = False
        connection = sqlite3.connect(_address(directory / RECORDS_FILE), uri=True, timeout=10.0, isolation_level=None)
        try:
            self._connection = connection
            self._database = Database(connection, recursive_triggers=False, execute_plugins=False)
            self._prepare()
        except BaseException:
            connection.close()
            raise

    @classmethod
    def create(cls, directory: Path, *, draft: bool = False) -> "StoreDatabase":
        """Make both files, empty but for their tables, in a directory that holds neither.

        Args:
            directory: where.
            draft: nothing in them needs to survive a crash or a rollback before they are closed.

        Raises:
            Fault: DISK_FULL, DISK_FAILED (also if one of the files is there).
        """
        for name in (TEMPLATES_FILE, RECORDS_FILE):
            try:
                os.close(os.open(directory / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            except OSError as error:
                raise refused(directory / name, error) from error
        with translated(directory):
            database = cls(directory, draft=draft)
            try:
                database._lay_out()
            except BaseException:
                database.close()
                raise
        return database

    @classmethod
    def open(cls, directory: Path) -> "StoreDatabase":
        """Open an existing store and check that it is one.

        Raises:
            Fault: STORE_MISSING, STORE_DAMAGED (empty, truncated, malformed, moved after a cut), STORE_FOREIGN (of
                another program, another version, two stores), STORE_BUSY, DISK_FULL, DISK_FAILED. Nothing is changed.
        """
        for name, (_, application_id) in ((RECORDS_FILE, _SCHEMAS["main"]), (TEMPLATES_FILE, _SCHEMAS["templates"])):
            examine(directory / name, application_id)
        interrupted.check(directory, (RECORDS_FILE, TEMPLATES_FILE))
        with translated(directory):
            database = cls(directory)
            try:
                database._recognise()
            except BaseException:
                database.close()
                raise
        return database

    def _prepare(self) -> None:
        self._insist(f"ATTACH DATABASE '{_address(self.directory / TEMPLATES_FILE)}' AS templates")
        settings: dict[str, str | int] = dict(_CONNECTION)
        if self._draft:
            del settings["cache_spill"]  # nobody else has a draft open, and it may be larger than the memory
            settings |= _DRAFT_CACHE
        for schema in _SCHEMAS:
            each_file = _DRAFT if self._draft else _EACH_FILE
            settings |= {f"{schema}.{name}": value for name, value in each_file.items()}
        for name, value in settings.items():
            self._insist(f"PRAGMA {name} = {value}")
        for name, value in settings.items():
            if (found := self._insist(f"PRAGMA {name}").fetchone()) != (value,):
                raise RuntimeError(f"SQLite did not take {name} = {value}, it says {found}")

    def _lay_out(self) -> None:
        with self.write():
            for schema, (tables, application_id) in _SCHEMAS.items():
                for table in tables:
                    for statement in table.statements(schema):
                        self.run(statement)
                self.run(f"PRAGMA {schema}.application_id = {application_id}")
                self.run(f"PRAGMA {schema}.user_version = {VERSION}")

    def _recognise(self) -> None:
        """A table, trigger or view that we did not make could run or hide inside our own transactions."""
        for schema, (tables, application_id) in _SCHEMAS.items():
            path = self.directory / (RECORDS_FILE if schema == "main" else TEMPLATES_FILE)
            large = path.stat().st_size > CHECKED_AT_OPEN
            checks = [table.name for table in tables if table.name not in GROWING] if large else ["1"]
            for check in checks:  # a table, or the number of complaints at which to stop
                if self.rows(f"PRAGMA {schema}.quick_check({check})") != [("ok",)]:
                    raise Fault(FaultCode.STORE_DAMAGED, path.name)
            marks = [self.rows(f"PRAGMA {schema}.{name}")[0][0] for name in ("application_id", "user_version")]
            if marks != [application_id, VERSION] or self.rows(_LISTING.format(schema)) != _expected(tables):
                raise Fault(FaultCode.STORE_FOREIGN, f"{path.name}, schema {marks[1]}")
        ids = [self.row(f"SELECT store_id FROM {schema}.store") for schema in _SCHEMAS]  # noqa: S608 - our own names
        if None in ids:
            raise Fault(FaultCode.STORE_DAMAGED, "a file without the id of its store")
        if ids[0] != ids[1]:
            raise Fault(FaultCode.STORE_FOREIGN, f"{TEMPLATES_FILE} is of another store")

    @contextmanager
    def write(self) -> Iterator[None]:
        """One transaction over both files, durable when the outermost block ends; all of it is undone if it raises.

        Raises:
            Fault: DISK_FULL, DISK_FAILED, STORE_BUSY, STORE_DAMAGED.
        """
        if self._reading:
            raise RuntimeError("a write inside a read would be rolled back with it")
        if self._connection.in_transaction:
            yield
            return
        with translated(self.directory):
            self._insist("BEGIN IMMEDIATE")
            try:
                self._refresh()
                yield
                self._insist("COMMIT")
            except BaseException:
                self._advancing = False
                with suppress(sqlite3.Error):  # SQLite has already rolled back after a full disk
                    self._connection.rollback()
                self._let_go()
                raise
        if self._advancing:
            self._advancing = False
            for callback in self.advanced:
                callback()

    def advance(self) -> None:
        """Move the generation inside the current transaction: a copy of the store from before is told apart."""
        self.run("UPDATE store SET generation = generation + 1")
        self._advancing = True

    @contextmanager
    def read(self) -> Iterator[None]:
        """One consistent view of both files, without a write lock."""
        if self._connection.in_transaction:
            yield
            return
        with translated(self.directory):
            self._insist("BEGIN")
            self._reading = True
            try:
                self._insist("SELECT 1 FROM main.store, templates.store").fetchall()  # the shared locks, taken here
                self._refresh()
                yield
            finally:
                self._reading = False
                with suppress(sqlite3.Error):
                    self._connection.rollback()

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with translated(self.directory):
            return self._database.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        """The first row of a query, if there is one."""
        with translated(self.directory):
            found: tuple[Any, ...] | None = self._database.execute(sql, values).fetchone()
        return found

    def each(self, sql: str, *values: object) -> Generator[tuple[Any, ...], None, None]:
        """The rows of a query one by one, inside a `read` block; who leaves early closes it."""
        with translated(self.directory):
            yield from self._database.execute(sql, values)

    def run(self, sql: str, *values: object) -> int:
        """One statement inside a `write` block; returns how many rows it touched."""
        if self._reading or not self._connection.in_transaction:
            raise RuntimeError("every write stands inside one transaction")
        with translated(self.directory):
            return int(self._database.execute(sql, values).rowcount)

    def fill(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """The same statement for each of many rows, inside a `write` block."""
        if self._reading or not self._connection.in_transaction:
            raise RuntimeError("every write stands inside one transaction")
        with translated(self.directory):
            self._connection.executemany(sql, rows)

    def rewrite(self) -> None:
        """Write both files anew, without whatever deleted records left behind."""
        with translated(self.directory):
            for schema in _SCHEMAS:
                self._insist(f"VACUUM {schema}")

    def version(self) -> tuple[int, int]:
        """Two numbers that change when another connection has committed: one for each file."""
        with translated(self.directory):
            first, second = (self._insist(f"PRAGMA {schema}.data_version").fetchone()[0] for schema in _SCHEMAS)
        return int(first), int(second)

    def close(self) -> None:
        """Let go of both files."""
        self._connection.close()

    def _refresh(self) -> None:
        seen = self.version()
        if seen != self._seen:
            if self._seen is not None:
                self._let_go()
            self._seen = seen

    def _let_go(self) -> None:
        for callback in self.forget:
            callback()

    def _insist(self, statement: str) -> sqlite3.Cursor:
        """Run a statement that may find the file locked; a lock error reaches the caller only after 20 s."""
        patience = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return self._connection.execute(statement)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > patience:
                    raise
                time.sleep(0.01)


class FileCheck:
    """SQLite's own check of one file of a store, on a connection of its own that another thread may break off.

    Nobody can write while it goes on: whoever wants to calls `stop`.

    Args:
        path: records.db or templates.db.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def run(self, *, whole: bool = False) -> list[str] | None:
        """What is wrong, an empty list if nothing is; None if it was stopped.

        Args:
            whole: hold each index against its table as well (`integrity_check`), and each reference against its row.

        Raises:
            Fault: as for any reading of the store; a page that cannot be read is a finding, not a fault.
        """
        with translated(self._path.parent), closing(sqlite3.connect(_address(self._path), uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            with self._lock:
                self._connection = connection
            try:
                if self._stopped.is_set():
                    return None
                found = connection.execute(f"PRAGMA {'integrity' if whole else 'quick'}_check(20)").fetchall()
                lost = connection.execute("PRAGMA foreign_key_check").fetchmany(20) if whole else []
            except sqlite3.DatabaseError as error:
                if self._stopped.is_set():
                    return None
                if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CORRUPT:
                    raise
                return ["database disk image is malformed"]
            finally:
                with self._lock:
                    self._connection = None
        if self._stopped.is_set():
            return None
        return [*(line for (line,) in found if line != "ok"), *(f"{row[0]} without its {row[2]}" for row in lost)]

    def stop(self) -> None:
        """Break it off, from any thread; whoever waits for the file goes on within milliseconds.

        SQLite forgets an interruption that comes just before it begins: who still waits after a second calls again.
        """
        self._stopped.set()
        with self._lock:
            if self._connection is not None:
                self._connection.interrupt()


@contextmanager
def translated(directory: Path) -> Iterator[None]:
    """Turn what SQLite says about the world into a Fault; anything else it says is our own bug and passes through."""
    try:
        yield
    except sqlite3.Error as error:
        code = _code(error, directory)
        if code is None:
            raise
        raise Fault(code, getattr(error, "sqlite_errorname", "")) from error


def _code(error: sqlite3.Error, directory: Path) -> FaultCode | None:
    # Text that is not UTF-8 is Python's own complaint, without a number.
    unreadable = sqlite3.SQLITE_CORRUPT if "Could not decode" in str(error) else 0
    match getattr(error, "sqlite_errorcode", unreadable) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return FaultCode.DISK_FULL
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            with suppress(OSError):
                space = os.statvfs(directory)
                if space.f_blocks and not (space.f_bavail and (space.f_favail or not space.f_files)):
                    return FaultCode.DISK_FULL
            return FaultCode.DISK_FAILED
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return FaultCode.STORE_BUSY
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_FORMAT:
            return FaultCode.STORE_DAMAGED
        case _:
            return None


def _expected(tables: tuple[Table, ...]) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(":memory:")) as model:
        model.execute("ATTACH DATABASE ':memory:' AS templates")
        for table in tables:
            for statement in table.statements("main"):
                model.execute(statement)
        return model.execute(_LISTING.format("main")).fetchall()


def _address(path: Path) -> str:
    """A URI that never makes a file that is missing."""
    return f"file:{quote(str(path.resolve()))}?mode=rw"
