"""HQ's tables and the two ways into them, reading and writing; refuses a database that is not HQ's or of this schema.

SQLite has one writer at a time. With PostgreSQL `writing` is the same by an advisory lock, so that whoever reads and
then decides is right with either; only the intake of batches goes without it, alone with the row of its device.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Connection,
    Engine,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.dialects import postgresql as postgresql_dialect
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import DBAPIError, IntegrityError

from hq import postgresql, sqlite
from hq.house import House, read_secret
from hq.refusals import Refused

SCHEMA = 4
"""The schema this HQ works with: the number of the last file in hq/migrations/versions."""
Place: TypeAlias = "Path | URL"
"""Where a database is: the file of SQLite, or the URL of PostgreSQL."""
_IN_THE_WAY = frozenset({"40001", "40P01"})
"""serialization_failure and deadlock_detected."""
_WRITER = 0x414D4851
"""PostgreSQL's number for the lock of whoever writes alone: "AMHQ"."""

Big = BigInteger().with_variant(Integer, "sqlite")
metadata = MetaData()
"""Every table of HQ, also of the modules that have tables of their own."""


def table(name: str, *columns: Any) -> Table:  # noqa: ANN401 - SQLAlchemy's own signature
    """A table of HQ; with SQLite its types are strict."""
    return Table(name, metadata, *columns, sqlite_strict=True)


meta = table("meta", Column("key", Text, primary_key=True), Column("value", Text, nullable=False))
devices = table(
    "devices",
    Column("id", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("public", LargeBinary, nullable=False),
    Column("added", Big, nullable=False),
    Column("last_contact", Big),
    Column("size", Big, nullable=False),  # rows of the spine held, 0..
    Column("head", LargeBinary, nullable=False),  # entry hash of the last of them
    Column("note", Text),  # the newest checkpoint, as the device signed it
    Column("generation", Big, nullable=False),  # how often the head moved
)
certificates = table(
    "certificates",
    Column("serial", Text, primary_key=True),
    Column("device", Text, ForeignKey("devices.id"), nullable=False),
    Column("not_after", Big, nullable=False),
    Column("revoked", Big),
)
spine = table(
    "spine",
    Column("device", Text, ForeignKey("devices.id"), primary_key=True),
    Column("seq", Big, primary_key=True, autoincrement=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("body_digest", LargeBinary, nullable=False),
    Column("h", LargeBinary, nullable=False),
)
events = table(
    "events",
    Column("device", Text, primary_key=True),
    Column("seq", Big, primary_key=True, autoincrement=False),
    Column("event", LargeBinary, nullable=False),  # blind index of the event id: the id itself tells the time
    Column("sealed", LargeBinary, nullable=False),  # salt and clear event
    Column("received", Big, nullable=False, index=True),
    UniqueConstraint("device", "event"),
    ForeignKeyConstraint(["device", "seq"], ["spine.device", "spine.seq"]),
)
batches = table(
    "batches",
    Column("device", Text, ForeignKey("devices.id"), primary_key=True),
    Column("batch", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("stored", Big, nullable=False, server_default=text("0")),
)
roster = table(
    "roster",
    Column("person", LargeBinary, primary_key=True),  # blind index of the employee code
    Column("sealed", LargeBinary, nullable=False),
    Column("changed", Big, nullable=False),
)
alarms = table(
    "alarms",
    Column("device", Text, ForeignKey("devices.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("seq", Big, primary_key=True, autoincrement=False),  # 0 where no row is to blame
    Column("first_at", Big, nullable=False),
    Column("last_at", Big, nullable=False),
    Column("times", Big, nullable=False),
)
counters = table(
    "counters",
    Column("device", Text, primary_key=True, default=""),  # "" for what is not counted per device, or was not yet
    Column("name", Text, primary_key=True),
    Column("value", Big, nullable=False),
)
access = table(
    "access",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("failed", Big, nullable=False),
    Column("next_at", Big, nullable=False),
)


def place_of(house: House) -> Place:
    """Where the database of this HQ is: what `database.url` says, else hq.db.

    Raises:
        Refused: others can read database.url, or it holds no URL.
    """
    if not house.database_url.exists():
        return house.database
    return postgresql.read_url(read_secret(house.database_url).decode(errors="replace"))


def connect(place: Place) -> Engine:
    """Open a database, of whatever schema.

    Raises:
        Refused: it is missing, empty, of another program, or does not answer.
    """
    return sqlite.open_file(place) if isinstance(place, Path) else postgresql.connect(place)


def open_database(place: Place) -> Engine:
    """Open an existing database.

    Raises:
        Refused: as `connect`, or it is of an older or a newer schema.
    """
    engine = connect(place)
    with reading(engine) as view:
        found = revision(view)
    if found != SCHEMA:
        engine.dispose()
        name = place.name if isinstance(place, Path) else "The PostgreSQL database"
        raise Refused(_mismatch(name, found))
    return engine


def revision(view: Connection) -> int:
    """The number of the schema in a database; 0 where there is none."""
    return sqlite.revision(view) if view.dialect.name == "sqlite" else postgresql.revision(view)


@contextmanager
def writing(engine: Engine, *, alone: bool = True) -> Iterator[Connection]:
    """One transaction that is the only one to write from its first moment, and is durable when it ends.

    Args:
        engine: of either database.
        alone: False lets PostgreSQL have other writers at the same time: the caller must lock the rows that it decides
            upon (SELECT ... FOR UPDATE). SQLite has one writer in any case (BEGIN IMMEDIATE).
    """
    is_file = engine.dialect.name == "sqlite"
    with (
        sqlite.turn(engine) if is_file else nullcontext(),
        engine.connect().execution_options(ambang_writes=True) as connection,
        connection.begin(),
    ):
        if alone and not is_file:
            connection.execute(select(func.pg_advisory_xact_lock(_WRITER)))
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view for reading."""
    options = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def may_succeed_later(error: DBAPIError) -> bool:
    """Whether the same transaction, run once more, may well succeed: another one was in its way, or the line broke."""
    code = getattr(error.orig, "sqlstate", None)  # psycopg's
    return isinstance(error, IntegrityError) or error.connection_invalidated or code in _IN_THE_WAY


@contextmanager
def glancing(engine: Engine) -> Iterator[Connection]:
    """A connection for one statement that only reads; PostgreSQL is then asked once, with a transaction thrice."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def upsert(work: Connection, into: Table) -> "sqlite_dialect.Insert | postgresql_dialect.Insert":
    """An INSERT that can say what happens ON CONFLICT, in the words of this connection's database."""
    return sqlite_dialect.insert(into) if work.dialect.name == "sqlite" else postgresql_dialect.insert(into)


def _mismatch(name: str, found: int) -> str:
    if found == 0:
        return f"{name} holds no HQ; `kiosk-hq init` makes one."
    if found < SCHEMA:
        return f"{name} has schema {found}, this HQ needs {SCHEMA}: make a backup, then `kiosk-hq database upgrade`."
    return f"{name} has schema {found}, which a newer HQ made; this one knows schema {SCHEMA}. Install the newer one."
