"""Opens one SQLite file so that two users may write it through power cuts; refuses a file that is not what we made."""

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlite_utils import Database

BUSY_PATIENCE_S: Final = 60.0
LONGEST_VALUE: Final = 2 << 20  # bytes; twice the largest that we store


class ExchangeError(Exception):
    """The exchange cannot be used as asked; the check-in on this device is never at stake."""


class ExchangeAbsent(ExchangeError):  # noqa: N818 - reads as the condition it names
    """There is no exchange yet: the file is missing or still empty."""


class ExchangeForeign(ExchangeError):  # noqa: N818 - reads as the condition it names
    """The file is not an exchange of this version, or is damaged, or holds what no honest writer puts there."""


class ExchangeConflict(ExchangeError):  # noqa: N818 - the contract's word
    """Other content for a sequence number that is already there, a gap, or a row that does not link."""


class ExchangeFailed(ExchangeError):  # noqa: N818 - reads as the condition it names
    """The disk or the lock refused for longer than is reasonable."""


class SqliteFile:
    """One SQLite file, opened by the rules of durability: TRUNCATE journal, full sync, immediate writes, BUSY retried.

    Used by the thread that made it. Raises ExchangeAbsent, ExchangeForeign, ExchangeFailed; never a lock error.
    """

    def __init__(  # noqa: PLR0913 - what makes a file ours
        self,
        path: Path,
        *,
        application_id: int,
        version: int,
        schema: Sequence[str],
        create: bool,
        mode: int = 0o660,
    ) -> None:
        self.path = path
        try:
            if create:
                _touch(path, mode)
            found = path.stat()
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not create:
                raise ExchangeAbsent(path.name) from error
            raise ExchangeFailed(f"{path.name}: {error.strerror}") from error
        if not create and found.st_size == 0:
            raise ExchangeAbsent(path.name)
        self._inode = (found.st_dev, found.st_ino)
        with _named(path):
            # rw: a file that the other side has just moved away is not made anew under our name
            address = f"{path.absolute().as_uri()}?mode=rw"
            self._connection = sqlite3.connect(address, uri=True, timeout=10.0, isolation_level=None)
            try:
                self.database = Database(self._connection, execute_plugins=False)
                self._prepare()
                if create:
                    self._create(application_id, version, schema)
                self._recognise(application_id, version, schema)
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self) -> None:
        # a row larger than anything we store is refused before it is read into memory
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        settings = {
            "journal_mode": "truncate",
            "synchronous": 2,
            "foreign_keys": 1,
            "trusted_schema": 0,
            "secure_delete": 1,
            "temp_store": 2,
            "cell_size_check": 1,
            "cache_spill": 0,  # a spill would take the exclusive lock in mid-transaction, where BUSY cannot be retried
        }
        for name, value in settings.items():
            self._insist(f"PRAGMA {name} = {value}")
            if (got := self._insist(f"PRAGMA {name}").fetchone()) != (value,):
                raise ExchangeForeign(f"{self.path.name}: {name} is {got}")

    def _create(self, application_id: int, version: int, schema: Sequence[str]) -> None:
        with self.write() as database:
            if self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() != (0,):
                raise ExchangeConflict(f"{self.path.name} exists already")
            for statement in schema:
                database.execute(statement)
            database.execute(f"PRAGMA application_id = {application_id}")
            database.execute(f"PRAGMA user_version = {version}")

    def _recognise(self, application_id: int, version: int, schema: Sequence[str]) -> None:
        """A trigger, view or column that we did not make would run or hide inside our own transactions."""
        listing = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name <> 'sqlite_sequence' ORDER BY 1, 2"
        model = sqlite3.connect(":memory:")
        for statement in schema:
            model.execute(statement)
        expected = model.execute(listing).fetchall()
        model.close()
        with self.read() as database:
            marks = tuple(
                database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
            )
            if marks != (application_id, version) or database.execute(listing).fetchall() != expected:
                raise ExchangeForeign(f"{self.path.name} is not ours or of another version")

    def _insist(self, statement: str) -> sqlite3.Cursor:
        patience = time.monotonic() + BUSY_PATIENCE_S
        while True:
            try:
                return self._connection.execute(statement)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    raise
                if time.monotonic() > patience:
                    raise ExchangeFailed(f"{self.path.name} stayed locked") from error
                time.sleep(0.01)

    @contextmanager
    def write(self) -> Iterator[Database]:
        """One transaction, durable when the block ends; rolled back if it raises."""
        with _named(self.path):
            self._insist("BEGIN IMMEDIATE")
            try:
                yield self.database
                self._insist("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.rollback()
                raise

    @contextmanager
    def read(self) -> Iterator[Database]:
        """One consistent view, without a write lock."""
        with _named(self.path):
            self._insist("BEGIN")
            try:
                self._insist("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()  # takes the shared lock here, retried
                yield self.database
            finally:
                with suppress(sqlite3.Error):
                    self._connection.rollback()

    def version(self) -> int:
        """A number that changes when another connection has committed."""
        with _named(self.path):
            return int(self._insist("PRAGMA data_version").fetchone()[0])

    def replaced(self) -> bool:
        """True if the path now leads to another file (or none): this one must be closed and opened again."""
        try:
            found = self.path.stat()
        except OSError:
            return True
        return (found.st_dev, found.st_ino) != self._inode

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def _touch(path: Path, mode: int) -> None:
    """Make an empty file with this mode, whatever the umask: SQLite gives a journal the mode that its file has then."""
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode)
        try:
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DataError as error:  # longer than the limit
        raise ExchangeForeign(f"{path.name}: {type(error).__name__}") from error
    except sqlite3.IntegrityError as error:
        raise ExchangeConflict(f"{path.name}: {error.sqlite_errorname}") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        damaged = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_ERROR)
        kind = ExchangeForeign if damaged else ExchangeFailed
        raise kind(f"{path.name}: {getattr(error, 'sqlite_errorname', type(error).__name__)}") from error
