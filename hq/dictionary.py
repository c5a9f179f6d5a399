"""Every column of HQ's database, with what it holds, why and for how long; refuses a column without its line.

Policy E21 and E5. A test compares this list with the tables, and docs/columns.md with this list.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hq import tables_desk, tables_door
from hq.database import metadata

TABLES: Final = (tables_desk, tables_door)
"""Imported so that `metadata` knows every table."""


class Holds(StrEnum):
    """What kind of data a column holds; the device's words (kiosk/store/columns.py) where they are the same."""

    IDENTITY = "identity"  # sealed: names and codes
    ATTENDANCE = "attendance"  # sealed: one event
    PROOF = "proof"  # hashes, signatures, certificates, signed papers
    SECRET = "secret"  # noqa: S105 - salts and hashes of passwords, codes and tokens
    PSEUDONYM = "pseudonym"  # blind indexes and random ids
    SETTING = "setting"
    TECHNICAL = "technical"


class Purpose(StrEnum):
    """Why a column exists: the purposes that the notice names (kiosk/rights/purposes.py)."""

    ATTENDANCE = "attendance"
    SECURITY = "security"
    OPERATION = "operation"
    PROOF = "proof"


class Kept(StrEnum):
    """For how long."""

    HQ = "as_long_as_hq"
    DEVICE = "as_long_as_the_device_is_known"
    PERIOD = "retention_period"  # kiosk-hq retention; until a sweep
    PERSON = "until_the_person_is_erased"
    HELD = "until_the_hold_ends"
    ACCOUNT = "as_long_as_the_account"
    SESSION = "until_the_session_ends"
    FEW = "the_newest_of_them"  # a bound, not a time: messages replaced, backups rotated, attempts crowded out
    FORTNIGHT = "14_days"
    DONE = "until_it_is_decided"


@dataclass(frozen=True, slots=True)
class Line:
    """One column."""

    table: str
    column: str
    holds: Holds
    purpose: Purpose
    kept: Kept


@dataclass(frozen=True, slots=True)
class _Alike:
    """Columns of one table that are alike; their names with blanks between."""

    table: str
    columns: str
    holds: Holds
    purpose: Purpose
    kept: Kept


_ALIKE: Final = (
    _Alike("access", "id failed next_at", Holds.TECHNICAL, Purpose.SECURITY, Kept.DONE),
    _Alike("access", "salt digest", Holds.SECRET, Purpose.SECURITY, Kept.DONE),
    _Alike("accounts", "id name", Holds.PSEUDONYM, Purpose.SECURITY, Kept.ACCOUNT),
    _Alike("accounts", "sealed", Holds.IDENTITY, Purpose.SECURITY, Kept.ACCOUNT),
    _Alike("accounts", "roles disabled changed code_until added", Holds.TECHNICAL, Purpose.SECURITY, Kept.ACCOUNT),
    _Alike("accounts", "salt passwords code", Holds.SECRET, Purpose.SECURITY, Kept.ACCOUNT),
    _Alike("acknowledged", "device kind seq times at", Holds.TECHNICAL, Purpose.SECURITY, Kept.DEVICE),
    _Alike("acknowledged", "sealed", Holds.IDENTITY, Purpose.SECURITY, Kept.DEVICE),
    _Alike("acts", "seq at kind", Holds.TECHNICAL, Purpose.PROOF, Kept.HQ),
    _Alike("acts", "said of h sig", Holds.PROOF, Purpose.PROOF, Kept.HQ),
    _Alike("acts", "sealed", Holds.IDENTITY, Purpose.PROOF, Kept.HQ),
    _Alike("acts", "about", Holds.IDENTITY, Purpose.PROOF, Kept.PERSON),
    _Alike("acts_head", "id seq", Holds.TECHNICAL, Purpose.PROOF, Kept.HQ),
    _Alike("acts_head", "h", Holds.PROOF, Purpose.PROOF, Kept.HQ),
    _Alike("alarms", "device kind seq first_at last_at times", Holds.TECHNICAL, Purpose.SECURITY, Kept.DEVICE),
    _Alike("attempts", "subject", Holds.PSEUDONYM, Purpose.SECURITY, Kept.FEW),
    _Alike("attempts", "failed next_at last_at", Holds.TECHNICAL, Purpose.SECURITY, Kept.FEW),
    _Alike("backups", "device id size received", Holds.TECHNICAL, Purpose.OPERATION, Kept.FEW),
    _Alike("backups", "digest", Holds.PROOF, Purpose.OPERATION, Kept.FEW),
    _Alike("batches", "device batch stored", Holds.TECHNICAL, Purpose.OPERATION, Kept.FORTNIGHT),
    _Alike("batches", "digest", Holds.PROOF, Purpose.OPERATION, Kept.FORTNIGHT),
    _Alike("certificates", "serial device not_after revoked", Holds.TECHNICAL, Purpose.SECURITY, Kept.DEVICE),
    _Alike("counters", "device name value", Holds.TECHNICAL, Purpose.OPERATION, Kept.HQ),
    _Alike("desk_sessions", "token", Holds.SECRET, Purpose.SECURITY, Kept.SESSION),
    _Alike("desk_sessions", "account", Holds.PSEUDONYM, Purpose.SECURITY, Kept.SESSION),
    _Alike("desk_sessions", "opened seen", Holds.TECHNICAL, Purpose.SECURITY, Kept.SESSION),
    _Alike("devices", "id label added last_contact size generation", Holds.TECHNICAL, Purpose.OPERATION, Kept.DEVICE),
    _Alike("devices", "public head note", Holds.PROOF, Purpose.PROOF, Kept.DEVICE),
    _Alike("dropped", "device seq", Holds.TECHNICAL, Purpose.PROOF, Kept.HQ),
    _Alike("echoes", "device parting", Holds.TECHNICAL, Purpose.OPERATION, Kept.PERSON),
    _Alike("echoes", "person", Holds.PSEUDONYM, Purpose.OPERATION, Kept.PERSON),
    _Alike("erasure_certificates", "device id received", Holds.TECHNICAL, Purpose.PROOF, Kept.HQ),
    _Alike("erasure_certificates", "body", Holds.PROOF, Purpose.PROOF, Kept.HQ),
    _Alike("erasure_requests", "id account", Holds.PSEUDONYM, Purpose.PROOF, Kept.DONE),
    _Alike("erasure_requests", "sealed", Holds.IDENTITY, Purpose.PROOF, Kept.DONE),
    _Alike("erasure_requests", "at", Holds.TECHNICAL, Purpose.PROOF, Kept.DONE),
    _Alike("events", "device seq received", Holds.TECHNICAL, Purpose.ATTENDANCE, Kept.PERIOD),
    _Alike("events", "event", Holds.PSEUDONYM, Purpose.ATTENDANCE, Kept.PERIOD),
    _Alike("events", "sealed", Holds.ATTENDANCE, Purpose.ATTENDANCE, Kept.PERIOD),
    _Alike("holds", "person", Holds.PSEUDONYM, Purpose.PROOF, Kept.HELD),
    _Alike("holds", "sealed", Holds.IDENTITY, Purpose.PROOF, Kept.HELD),
    _Alike("holds", "since", Holds.TECHNICAL, Purpose.PROOF, Kept.HELD),
    _Alike("installations", "device installation first_at last_at", Holds.TECHNICAL, Purpose.SECURITY, Kept.FEW),
    _Alike("invitations", "device made expires failed used", Holds.TECHNICAL, Purpose.SECURITY, Kept.DEVICE),
    _Alike("invitations", "digest", Holds.SECRET, Purpose.SECURITY, Kept.DEVICE),
    _Alike("invitations", "tls_key certificate", Holds.PROOF, Purpose.SECURITY, Kept.DEVICE),
    _Alike("messages", "device number kind name issued", Holds.TECHNICAL, Purpose.OPERATION, Kept.FEW),
    _Alike("messages", "sealed", Holds.IDENTITY, Purpose.OPERATION, Kept.FEW),
    _Alike("meta", "key value", Holds.SETTING, Purpose.OPERATION, Kept.HQ),
    _Alike("numbers", "device last", Holds.TECHNICAL, Purpose.OPERATION, Kept.DEVICE),
    _Alike("papers", "id kind at", Holds.TECHNICAL, Purpose.PROOF, Kept.HQ),
    _Alike("papers", "body", Holds.PROOF, Purpose.PROOF, Kept.HQ),
    _Alike("published_notices", "device at version effective received", Holds.TECHNICAL, Purpose.PROOF, Kept.HQ),
    _Alike("published_notices", "digest body", Holds.PROOF, Purpose.PROOF, Kept.HQ),
    _Alike("reports", "device at body", Holds.TECHNICAL, Purpose.OPERATION, Kept.FORTNIGHT),
    _Alike("roster", "person", Holds.PSEUDONYM, Purpose.ATTENDANCE, Kept.PERSON),
    _Alike("roster", "sealed", Holds.IDENTITY, Purpose.ATTENDANCE, Kept.PERSON),
    _Alike("roster", "changed", Holds.TECHNICAL, Purpose.ATTENDANCE, Kept.PERSON),
    _Alike("spine", "device seq", Holds.TECHNICAL, Purpose.PROOF, Kept.HQ),
    _Alike("spine", "commitment body_digest h", Holds.PROOF, Purpose.PROOF, Kept.HQ),
    _Alike("standing", "kind name issued ends", Holds.TECHNICAL, Purpose.OPERATION, Kept.FEW),
    _Alike("standing", "sealed", Holds.IDENTITY, Purpose.OPERATION, Kept.FEW),
)


def lines() -> tuple[Line, ...]:
    """Every column of HQ, by table."""
    return tuple(
        Line(each.table, column, each.holds, each.purpose, each.kept)
        for each in _ALIKE
        for column in each.columns.split()
    )


def unlisted() -> frozenset[tuple[str, str]]:
    """Columns of the database without a line here, and lines without a column: there may be none."""
    there = {(table.name, column.name) for table in metadata.sorted_tables for column in table.columns}
    return frozenset(there ^ {(line.table, line.column) for line in lines()})
