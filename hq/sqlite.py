"""HQ's database as one file, hq.db: how it is made, marked and opened; refuses a file that is missing or not HQ's."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import TimeoutError as NoTurn

from hq.refusals import Refused

APPLICATION_ID = 0x414D4851  # "AMHQ"
BUSY_SECONDS = 10
_PRAGMAS = {
    "journal_mode": "truncate",  # with synchronous=FULL it lost none of 42,425 commits over power cuts
    "synchronous": 2,
    "foreign_keys": 1,
    "trusted_schema": 0,
    "secure_delete": 1,
    "temp_store": 2,
    "cell_size_check": 1,
}


def make(path: Path) -> Engine:
    """Make a new file, mode 0600, that is ours and holds nothing yet, and open it.

    Raises:
        Refused: there already is a file.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError as error:
        raise Refused(f"{path.name} already exists; HQ never writes over one.") from error
    with closing(_connect(path)) as connection:
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    return _engine(path)


def open_file(path: Path, *, foreign_keys: bool = True) -> Engine:
    """Open an existing file; its schema is not looked at.

    Raises:
        Refused: it is missing, damaged, or of another program.
    """
    if not path.is_file():
        raise Refused(f"There is no {path.name} in {path.parent}; `kiosk-hq init` makes one.")
    try:
        with closing(_connect(path)) as connection:
            mark = _pragma(connection, "application_id")
    except sqlite3.DatabaseError as error:
        raise Refused(f"{path.name} is damaged or is not a database.") from error
    if mark != APPLICATION_ID:
        raise Refused(f"{path.name} is not an HQ's database.")
    return _engine(path, foreign_keys=foreign_keys)


def revision(view: Connection) -> int:
    """The schema the file says it has, 0 for none."""
    found: int = view.exec_driver_sql("PRAGMA user_version").scalar_one()
    return found


def mark(work: Connection, number: int) -> None:
    """Write down the schema in the file's head, in the same transaction as the change itself."""
    work.exec_driver_sql(f"PRAGMA user_version={number:d}")


def _engine(path: Path, *, foreign_keys: bool = True) -> Engine:
    def creator() -> sqlite3.Connection:
        return _connect(path, foreign_keys=foreign_keys)

    # hide_parameters: an exception in the journal must not carry what was being stored.
    engine = create_engine("sqlite://", creator=creator, poolclass=QueuePool, hide_parameters=True)
    event.listen(engine, "begin", _begin)
    # Threads of one process queue here; SQLite's own waiting looks again and again and lets whoever is lucky go first.
    engine.update_execution_options(ambang_turn=Lock())
    return engine


@contextmanager
def turn(engine: Engine) -> Iterator[None]:
    """Be the one thread of this process that writes.

    Raises:
        sqlalchemy.exc.TimeoutError: others took ten seconds.
    """
    lock: Lock = engine.get_execution_options()["ambang_turn"]
    if not lock.acquire(timeout=BUSY_SECONDS):
        raise NoTurn("no turn to write")
    try:
        yield
    finally:
        lock.release()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("ambang_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _connect(path: Path, *, foreign_keys: bool = True) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    with ExitStack() as unless_ready:
        unless_ready.callback(connection.close)
        for name, wanted in (_PRAGMAS | {"foreign_keys": int(foreign_keys)}).items():
            connection.execute(f"PRAGMA {name}={wanted}")
            found = _pragma(connection, name)
            if found != wanted:
                raise sqlite3.OperationalError(f"PRAGMA {name} stayed {found}")
        unless_ready.pop_all()
    return connection


def _pragma(connection: sqlite3.Connection, name: str) -> int | str:
    row = connection.execute(f"PRAGMA {name}").fetchone()
    value: int | str = row[0]
    return value
