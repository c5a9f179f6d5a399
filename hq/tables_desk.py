"""The tables of the people's side of HQ: accounts, acts, holds, papers; refuses none, it only says what they hold."""

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text

from hq.database import metadata

_Big = BigInteger().with_variant(Integer, "sqlite")


def _table(name: str, *columns: Any) -> Table:  # noqa: ANN401 - SQLAlchemy's own signature
    return Table(name, metadata, *columns, sqlite_strict=True)


accounts = _table(
    "accounts",
    Column("id", Text, primary_key=True),  # 16 hexadecimal digits, random
    Column("name", LargeBinary, nullable=False, unique=True),  # blind index of the folded name
    Column("sealed", LargeBinary, nullable=False),  # the name
    Column("roles", Text, nullable=False),  # in order, with blanks between
    Column("disabled", _Big),
    Column("salt", LargeBinary, nullable=False),
    Column("passwords", LargeBinary, nullable=False),  # 32 bytes each, the one in force first; empty before the first
    Column("changed", _Big, nullable=False),
    Column("code", LargeBinary),  # keyed hash of a one-time code; while there is one, no password opens
    Column("code_until", _Big),
    Column("added", _Big, nullable=False),
)
attempts = _table(
    "attempts",
    Column("subject", LargeBinary, primary_key=True),  # blind index of the name as it was typed
    Column("failed", _Big, nullable=False),
    Column("next_at", _Big, nullable=False),
    Column("last_at", _Big, nullable=False),
)
desk_sessions = _table(
    "desk_sessions",
    Column("token", LargeBinary, primary_key=True),  # SHA-256 of the cookie
    Column("account", Text, nullable=False),  # "" before there is one
    Column("opened", _Big, nullable=False),
    Column("seen", _Big, nullable=False),
)
acts = _table(
    "acts",
    Column("seq", _Big, primary_key=True, autoincrement=False),
    Column("at", _Big, nullable=False),
    Column("kind", Text, nullable=False),
    Column("said", LargeBinary, nullable=False),  # commitment to what is in `sealed`
    Column("of", LargeBinary, nullable=False),  # commitment to what is in `about`; zero bytes if nobody
    Column("sealed", LargeBinary, nullable=False),  # salt; who, and the rest
    Column("about", LargeBinary),  # salt; employee code; gone once that person is erased
    Column("h", LargeBinary, nullable=False),
    Column("sig", LargeBinary, nullable=False),
)
acts_head = _table(
    "acts_head",
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1: whoever adds an act changes this row first
    Column("seq", _Big, nullable=False),
    Column("h", LargeBinary, nullable=False),
)
acknowledged = _table(
    "acknowledged",
    Column("device", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("seq", _Big, primary_key=True, autoincrement=False),
    Column("times", _Big, nullable=False),  # how often it had rung by then
    Column("at", _Big, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # who, and the note
)
holds = _table(
    "holds",
    Column("person", LargeBinary, primary_key=True),  # blind index of the employee code, as in the roster
    Column("sealed", LargeBinary, nullable=False),  # code, reason, who
    Column("since", _Big, nullable=False),
)
dropped = _table(
    "dropped",  # entries whose event was swept or erased: a repeated delivery does not bring it back
    Column("device", Text, primary_key=True),
    Column("seq", _Big, primary_key=True, autoincrement=False),
)
papers = _table(
    "papers",  # signed reports of sweeps and certificates of erasures
    Column("id", Text, primary_key=True),  # 16 hexadecimal digits, random
    Column("kind", Text, nullable=False),
    Column("at", _Big, nullable=False),
    Column("body", Text, nullable=False),
)
erasure_requests = _table(
    "erasure_requests",
    Column("id", Text, primary_key=True),  # 16 hexadecimal digits, random
    Column("account", Text, nullable=False),  # who asked; somebody else has to confirm
    Column("sealed", LargeBinary, nullable=False),  # the employee code
    Column("at", _Big, nullable=False),
)
