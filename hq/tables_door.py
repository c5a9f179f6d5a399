"""The tables of the devices' door, in one metadata with hq.database; refuses what only one kind of database can do."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from hq.database import counters, metadata, upsert

_Big = BigInteger().with_variant(Integer, "sqlite")


def _table(name: str, *columns: Any) -> Table:  # noqa: ANN401 - SQLAlchemy's own signature
    return Table(name, metadata, *columns, sqlite_strict=True)


def _device(*, key: bool = True) -> "Column[str]":
    return Column("device", Text, ForeignKey("devices.id"), primary_key=key, nullable=False)


invitations: Final = _table(
    "invitations",
    _device(),  # one open invitation a device
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of the token
    Column("made", _Big, nullable=False),
    Column("expires", _Big, nullable=False),
    Column("failed", _Big, nullable=False),  # wrong tokens since it was made
    Column("used", _Big),
    Column("tls_key", LargeBinary),  # whose certificate was asked for with it
    Column("certificate", Text),  # so that a lost answer can be given again
)
installations: Final = _table(
    "installations",
    _device(),
    Column("installation", Text, primary_key=True),
    Column("first_at", _Big, nullable=False),
    Column("last_at", _Big, nullable=False),
)
reports: Final = _table(
    "reports",
    _device(),
    Column("at", _Big, primary_key=True, autoincrement=False),  # HQ's clock
    Column("body", Text, nullable=False),
)
messages: Final = _table(
    "messages",
    _device(),
    Column("number", _Big, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),  # a later one of the same kind and name takes its place
    Column("issued", _Big, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # names and codes
)
numbers: Final = _table("numbers", _device(), Column("last", _Big, nullable=False))  # of the messages of each device
standing: Final = _table(
    "standing",  # what holds for every device, and is told to a new one, too
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("issued", _Big, nullable=False),
    Column("ends", _Big, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
echoes: Final = _table(
    "echoes",  # departures that a device was told of: its own word about them is no news to the others
    _device(),
    Column("person", LargeBinary, primary_key=True),  # blind index of the employee code
    Column("parting", Text, primary_key=True),
)
backups: Final = _table(
    "backups",
    _device(),
    Column("id", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("size", _Big, nullable=False),
    Column("received", _Big, nullable=False),
)
erasure_certificates: Final = _table(
    "erasure_certificates",
    _device(),
    Column("id", Text, primary_key=True),
    Column("received", _Big, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
published_notices: Final = _table(
    "published_notices",  # of privacy, for everybody to read: nothing in it is sealed
    _device(),
    Column("at", _Big, primary_key=True, autoincrement=False),  # when the device published it, ms since 1970
    Column("version", Text, nullable=False),
    Column("effective", Text, nullable=False),  # YYYY-MM-DD
    Column("digest", Text, nullable=False),  # SHA-256 of its texts
    Column("received", _Big, nullable=False),
    Column("body", LargeBinary, nullable=False),  # as the device signed it
)


def put(work: Connection, table: Table, keys: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Insert a row, or change the one that is there under the same key; `keys` is the whole primary key."""
    row = upsert(work, table).values({**keys, **values})
    if values:
        work.execute(row.on_conflict_do_update(index_elements=list(keys), set_=dict(values)))
    else:
        work.execute(row.on_conflict_do_nothing())


def counted_on(work: Connection, name: str) -> int:
    """Add one to a counter of the whole HQ, which begins at 0, and return it."""
    row = upsert(work, counters).values(device="", name=name, value=1)
    more = row.on_conflict_do_update(index_elements=["device", "name"], set_={"value": counters.c.value + 1})
    return int(work.execute(more.returning(counters.c.value)).scalar_one())
