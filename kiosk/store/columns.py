"""What a column of the two files is: its SQL, what it holds, why and for how long; refuses none without."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# No sealed reference is longer: 4,096 float32 and a header; no sealed body or record comes near it either.
MAX_SEALED: Final = 20_000
# A notice in three languages is longer than any record of a person.
MAX_PAPER: Final = 262_144


class Holds(StrEnum):
    """What kind of data a column holds (policy E21)."""

    IDENTITY = "identity"  # sealed: name, employee code, language
    BIOMETRIC = "biometric"  # sealed under a key that dies with the consent
    ATTENDANCE = "attendance"  # sealed under a key of one person and month
    PROOF = "proof"  # hashes, signatures, consent records
    PAPER = "paper"  # sealed: requests, decisions, approvals and what else the data-protection desk keeps
    SECRET = "secret"  # noqa: S105 - wrapped keys and sealed password hashes
    PSEUDONYM = "pseudonym"  # random ids and keyed hashes, without meaning outside this store
    SETTING = "setting"
    TECHNICAL = "technical"


class Purpose(StrEnum):
    """Why a column exists (policy E5): the closed list."""

    ATTENDANCE = "attendance"
    FACE = "face_recognition"
    PROTECTION = "protection_of_access"
    COMPLIANCE = "proof_of_compliance"
    OPERATION = "operation_of_the_device"


class Kept(StrEnum):
    """How long (policy E8); the periods themselves are configuration."""

    CONSENT = "until_consent_ends"
    EMPLOYED = "until_the_person_is_erased"
    PERIOD = "attendance_retention_period"
    DELIVERED = "until_headquarters_has_counter_signed"
    DAY = "one_day"
    APPLIED = "until_the_roster_is_applied"
    REPLACED = "until_headquarters_replaces_it"
    PAPER = "period_of_this_kind_of_paper"
    STORE = "as_long_as_the_store"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its SQL and its line in the data dictionary."""

    name: str
    sql: str
    holds: Holds
    purpose: Purpose
    kept: Kept


@dataclass(frozen=True, slots=True)
class Table:
    """One STRICT table and its indexes."""

    name: str
    columns: tuple[Column, ...]
    rules: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()

    def statements(self, schema: str) -> tuple[str, ...]:
        """The SQL that makes the table in `schema` ("main" or "templates")."""
        lines = [f"{column.name} {column.sql}" for column in self.columns]
        body = ", ".join((*lines, *self.rules))
        return (f"CREATE TABLE {schema}.{self.name} ({body}) STRICT", *self.indexes)


def columns(holds: Holds, purpose: Purpose, kept: Kept, *columns: tuple[str, str]) -> tuple[Column, ...]:
    """Columns that are alike in what they hold, why and for how long: each is a name and its SQL."""
    return tuple(Column(name, sql, holds, purpose, kept) for name, sql in columns)


ID = "TEXT NOT NULL CHECK (length({0}) = 16)"
HASH = "BLOB NOT NULL CHECK (length({0}) = 32)"
SEALED = f"BLOB NOT NULL CHECK (length({{0}}) <= {MAX_SEALED})"
FLAG = "INTEGER NOT NULL DEFAULT 0 CHECK ({0} IN (0, 1))"
INTEGER = "INTEGER NOT NULL"
VERSIONED = (("schema", "INTEGER NOT NULL DEFAULT 1"), ("row_version", "INTEGER NOT NULL DEFAULT 1"))


def sql(pattern: str, name: str) -> tuple[str, str]:
    """A column whose rule names it: `{0}` in the pattern."""
    return name, pattern.format(name)


def only_one() -> tuple[str, str]:
    """The key of a table that has one row."""
    return "only_one", "INTEGER PRIMARY KEY CHECK (only_one = 1)"
