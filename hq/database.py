"""hq.db: its tables and the one way to open it; refuses a file that is missing or is not HQ's."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    QueuePool,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
)

from hq.refusals import Refused

APPLICATION_ID = 0x414D4851  # "AMHQ"
SCHEMA = 1
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

_Big = BigInteger().with_variant(Integer, "sqlite")
metadata = MetaData()


def _table(name: str, *columns: Any) -> Table:  # noqa: ANN401 - SQLAlchemy's own signature
    return Table(name, metadata, *columns, sqlite_strict=True)


meta = _table("meta", Column("key", Text, primary_key=True), Column("value", Text, nullable=False))
devices = _table(
    "devices",
    Column("id", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("public", LargeBinary, nullable=False),
    Column("added", _Big, nullable=False),
    Column("last_contact", _Big),
    Column("size", _Big, nullable=False),  # rows of the spine held, 0..
    Column("head", LargeBinary, nullable=False),  # entry hash of the last of them
    Column("note", Text),  # the newest checkpoint, as the device signed it
    Column("generation", _Big, nullable=False),  # how often the head moved
)
certificates = _table(
    "certificates",
    Column("serial", Text, primary_key=True),
    Column("device", Text, ForeignKey("devices.id"), nullable=False),
    Column("not_after", _Big, nullable=False),
    Column("revoked", _Big),
)
spine = _table(
    "spine",
    Column("device", Text, ForeignKey("devices.id"), primary_key=True),
    Column("seq", _Big, primary_key=True, autoincrement=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("body_digest", LargeBinary, nullable=False),
    Column("h", LargeBinary, nullable=False),
)
events = _table(
    "events",
    Column("device", Text, primary_key=True),
    Column("seq", _Big, primary_key=True, autoincrement=False),
    Column("event", LargeBinary, nullable=False),  # blind index of the event id: the id itself tells the time
    Column("sealed", LargeBinary, nullable=False),  # salt and clear event
    Column("received", _Big, nullable=False, index=True),
    UniqueConstraint("device", "event"),
    ForeignKeyConstraint(["device", "seq"], ["spine.device", "spine.seq"]),
)
batches = _table(
    "batches",
    Column("device", Text, ForeignKey("devices.id"), primary_key=True),
    Column("batch", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
)
roster = _table(
    "roster",
    Column("person", LargeBinary, primary_key=True),  # blind index of the employee code
    Column("sealed", LargeBinary, nullable=False),
    Column("changed", _Big, nullable=False),
)
alarms = _table(
    "alarms",
    Column("device", Text, ForeignKey("devices.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("seq", _Big, primary_key=True, autoincrement=False),  # 0 where no row is to blame
    Column("first_at", _Big, nullable=False),
    Column("last_at", _Big, nullable=False),
    Column("times", _Big, nullable=False),
)
counters = _table("counters", Column("name", Text, primary_key=True), Column("value", _Big, nullable=False))
access = _table(
    "access",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("failed", _Big, nullable=False),
    Column("next_at", _Big, nullable=False),
)


def create(path: Path) -> Engine:
    """Make a new hq.db, mode 0600, and open it.

    Raises:
        Refused: there already is a file.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError as error:
        raise Refused(f"{path.name} already exists; HQ never writes over one.") from error
    connection = _connect(path)
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={SCHEMA}")
    connection.close()
    engine = _engine(path)
    with writing(engine) as work:
        metadata.create_all(work)
    return engine


def open_database(path: Path) -> Engine:
    """Open an existing hq.db.

    Raises:
        Refused: it is missing, empty, of another program, or of a newer schema.
    """
    if not path.is_file():
        raise Refused(f"There is no {path.name} in {path.parent}; `kiosk-hq init` makes one.")
    try:
        with closing(_connect(path)) as connection:
            marks = (_pragma(connection, "application_id"), _pragma(connection, "user_version"))
    except sqlite3.DatabaseError as error:
        raise Refused(f"{path.name} is damaged or is not a database.") from error
    if marks != (APPLICATION_ID, SCHEMA):
        raise Refused(f"{path.name} is not this HQ's database (schema {SCHEMA}).")
    return _engine(path)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that holds the write lock from its first moment (BEGIN IMMEDIATE) and is durable when it ends."""
    with engine.connect().execution_options(ambang_writes=True) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view for reading."""
    with engine.connect() as connection, connection.begin():
        yield connection


def _engine(path: Path) -> Engine:
    # hide_parameters: an exception in the journal must not carry what was being stored.
    engine = create_engine("sqlite://", creator=lambda: _connect(path), poolclass=QueuePool, hide_parameters=True)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("ambang_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    with ExitStack() as unless_ready:
        unless_ready.callback(connection.close)
        for name, wanted in _PRAGMAS.items():
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
