"""Every table and column of the two files, each with what it holds, why and for how long; refuses a column without."""

from typing import Final

from kiosk.store.columns import MAX_PAPER, MAX_SEALED, Column, Holds, Kept, Purpose, Table
from kiosk.store.columns import columns as _columns

__all__ = [
    "RECORDS",
    "RECORDS_ID",
    "TEMPLATES",
    "TEMPLATES_ID",
    "VERSION",
    "Column",
    "Holds",
    "Kept",
    "Purpose",
    "Table",
]

RECORDS_ID: Final = 0x414D4252  # "AMBR"
TEMPLATES_ID: Final = 0x414D4254  # "AMBT"
VERSION: Final = 1

_ID = "TEXT NOT NULL CHECK (length({0}) = 16)"
_HASH = "BLOB NOT NULL CHECK (length({0}) = 32)"
_SEALED = f"BLOB NOT NULL CHECK (length({{0}}) <= {MAX_SEALED})"
_FLAG = "INTEGER NOT NULL DEFAULT 0 CHECK ({0} IN (0, 1))"
_INTEGER = "INTEGER NOT NULL"
_ROSTER_STATES = "('collecting', 'held', 'applying', 'applied', 'refused', 'overtaken')"
_VERSIONED = (("schema", "INTEGER NOT NULL DEFAULT 1"), ("row_version", "INTEGER NOT NULL DEFAULT 1"))


def _sql(pattern: str, name: str) -> tuple[str, str]:
    return name, pattern.format(name)


def _only_one() -> tuple[str, str]:
    return "only_one", "INTEGER PRIMARY KEY CHECK (only_one = 1)"


RECORDS: Final = (
    Table(
        "store",
        _columns(
            Holds.TECHNICAL,
            Purpose.OPERATION,
            Kept.STORE,
            _only_one(),
            ("store_id", "TEXT NOT NULL CHECK (length(store_id) = 32)"),
            _sql(_ID, "device_id"),
            _sql(_HASH, "device_public"),
            ("kek_epoch", _INTEGER),
            ("store_key_epoch", _INTEGER),
            ("generation", _INTEGER),
            ("created_at", _INTEGER),
        ),
    ),
    Table(
        "keys",
        _columns(Holds.SECRET, Purpose.PROTECTION, Kept.STORE, ("kind", "TEXT NOT NULL"), _sql(_SEALED, "wrapped"))
        + _columns(Holds.PSEUDONYM, Purpose.PROTECTION, Kept.EMPLOYED, ("person", "TEXT NOT NULL DEFAULT ''"))
        + _columns(
            Holds.TECHNICAL,
            Purpose.PROTECTION,
            Kept.PERIOD,
            ("period", "TEXT NOT NULL DEFAULT ''"),
            ("epoch", "INTEGER NOT NULL DEFAULT 1"),
            ("wrapped_by", _INTEGER),
            *_VERSIONED,
            ("created_at", _INTEGER),
        ),
        ("PRIMARY KEY (kind, person, period, epoch)",),
        ("CREATE INDEX main.keys_of_person ON keys (person) WHERE person <> ''",),
    ),
    Table(
        "people",
        _columns(
            Holds.PSEUDONYM,
            Purpose.ATTENDANCE,
            Kept.EMPLOYED,
            ("id", "TEXT PRIMARY KEY CHECK (length(id) = 16)"),
            ("code_index", "BLOB NOT NULL UNIQUE CHECK (length(code_index) = 32)"),
            ("external_index", "BLOB UNIQUE CHECK (length(external_index) = 32)"),
            ("roster_digest", "BLOB CHECK (length(roster_digest) = 32)"),
        )
        + _columns(Holds.IDENTITY, Purpose.ATTENDANCE, Kept.EMPLOYED, _sql(_SEALED, "profile"))
        + _columns(
            Holds.TECHNICAL,
            Purpose.COMPLIANCE,
            Kept.EMPLOYED,
            *_VERSIONED,
            ("state", "TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'left'))"),
            _sql(_FLAG, "face_restricted"),
            _sql(_FLAG, "attendance_restricted"),
            ("source", "TEXT NOT NULL CHECK (source IN ('admin', 'roster'))"),
            ("informed_at", "INTEGER"),
            ("created_at", _INTEGER),
        ),
    ),
    Table(
        "bases",
        _columns(
            Holds.PROOF,
            Purpose.COMPLIANCE,
            Kept.EMPLOYED,
            ("id", "TEXT PRIMARY KEY CHECK (length(id) = 16)"),
            ("person", "TEXT NOT NULL REFERENCES people (id)"),
            ("state", "TEXT NOT NULL CHECK (state IN ('active', 'ended'))"),
            _sql(_HASH, "digest"),
            _sql(_SEALED, "record"),
            *_VERSIONED,
            ("began_at", _INTEGER),
            ("ended_at", "INTEGER"),
        ),
        (),
        ("CREATE UNIQUE INDEX main.one_active_basis ON bases (person) WHERE state = 'active'",),
    ),
    Table(
        "faces",
        _columns(
            Holds.PSEUDONYM,
            Purpose.FACE,
            Kept.CONSENT,
            ("template", "TEXT PRIMARY KEY CHECK (length(template) = 16)"),
            ("person", "TEXT NOT NULL REFERENCES people (id)"),
            ("basis", "TEXT NOT NULL REFERENCES bases (id)"),
        )
        + _columns(
            Holds.TECHNICAL,
            Purpose.FACE,
            Kept.CONSENT,
            ("model", "TEXT NOT NULL"),
            ("dim", "INTEGER NOT NULL CHECK (dim BETWEEN 2 AND 4096)"),
            ("epoch", _INTEGER),
            *_VERSIONED,
        ),
        (),
        ("CREATE INDEX main.faces_of_person ON faces (person)",),
    ),
    Table(
        "accounts",
        _columns(
            Holds.PSEUDONYM,
            Purpose.PROTECTION,
            Kept.EMPLOYED,
            ("id", "TEXT PRIMARY KEY CHECK (length(id) = 16)"),
            ("role", "TEXT NOT NULL"),
            ("person", "TEXT REFERENCES people (id)"),
        )
        + _columns(Holds.SECRET, Purpose.PROTECTION, Kept.EMPLOYED, _sql(_SEALED, "secret"))
        + _columns(
            Holds.TECHNICAL,
            Purpose.PROTECTION,
            Kept.EMPLOYED,
            ("state", "TEXT NOT NULL DEFAULT 'active'"),
            *_VERSIONED,
            ("changed_at", _INTEGER),
        ),
        (),
        ("CREATE UNIQUE INDEX main.one_account ON accounts (person, role) WHERE person IS NOT NULL",),
    ),
    Table(
        "attempts",
        _columns(
            Holds.PSEUDONYM,
            Purpose.PROTECTION,
            Kept.DAY,
            ("subject", "BLOB PRIMARY KEY CHECK (length(subject) = 32)"),
            ("failures", _INTEGER),
            ("boot_id", "TEXT NOT NULL"),
            ("boottime_ms", _INTEGER),
            ("wall_ms", _INTEGER),
        ),
    ),
    Table(
        "spine",
        _columns(
            Holds.PROOF,
            Purpose.COMPLIANCE,
            Kept.STORE,
            ("seq", "INTEGER PRIMARY KEY CHECK (seq >= 1)"),
            _sql(_HASH, "commitment"),
            _sql(_HASH, "body_digest"),
            _sql(_HASH, "h"),
        ),
    ),
    Table(
        "bodies",
        _columns(
            Holds.PSEUDONYM,
            Purpose.ATTENDANCE,
            Kept.PERIOD,
            ("seq", "INTEGER PRIMARY KEY REFERENCES spine (seq)"),
            ("event_id", "TEXT NOT NULL UNIQUE CHECK (length(event_id) = 36)"),
            ("tag", "BLOB NOT NULL UNIQUE CHECK (length(tag) = 16)"),
        )
        + _columns(Holds.ATTENDANCE, Purpose.ATTENDANCE, Kept.PERIOD, _sql(_SEALED, "sealed"))
        + _columns(
            Holds.TECHNICAL,
            Purpose.ATTENDANCE,
            Kept.PERIOD,
            ("period", "TEXT NOT NULL"),
            ("audience", "INTEGER NOT NULL CHECK (audience IN (0, 1))"),  # 1: meant for headquarters
            *_VERSIONED,
        ),
    ),
    Table(
        "undelivered",
        _columns(
            Holds.PSEUDONYM,
            Purpose.ATTENDANCE,
            Kept.DELIVERED,
            ("seq", "INTEGER PRIMARY KEY REFERENCES spine (seq)"),
            ("person", "TEXT NOT NULL"),
            ("period", "TEXT NOT NULL"),
        ),
    ),
    Table(
        "checkpoints",
        _columns(
            Holds.PROOF,
            Purpose.COMPLIANCE,
            Kept.STORE,
            ("size", "INTEGER PRIMARY KEY"),
            ("note", "TEXT NOT NULL"),
            ("countersigned", "TEXT"),
            ("created_at", _INTEGER),
        ),
    ),
    Table(
        "intents",
        _columns(
            Holds.PSEUDONYM,
            Purpose.COMPLIANCE,
            Kept.STORE,
            ("id", "TEXT PRIMARY KEY CHECK (length(id) = 16)"),
            ("kind", "TEXT NOT NULL"),
            ("subject", "TEXT NOT NULL DEFAULT ''"),
            ("event_id", "TEXT UNIQUE"),
            ("detail", f"BLOB CHECK (length(detail) <= {MAX_SEALED})"),
            *_VERSIONED,
            ("created_at", _INTEGER),
            _sql(_FLAG, "done"),
            ("done_at", "INTEGER"),
        ),
    ),
    Table(
        "rosters",
        _columns(
            Holds.TECHNICAL,
            Purpose.COMPLIANCE,
            Kept.STORE,
            ("version", "INTEGER PRIMARY KEY CHECK (version >= 1)"),
            ("whole", "INTEGER NOT NULL CHECK (whole IN (0, 1))"),  # 1: who is not in it has left
            ("parts", "INTEGER NOT NULL CHECK (parts BETWEEN 1 AND 64)"),
            ("seen", "BLOB NOT NULL CHECK (length(seen) = 8)"),  # a bit for each part that is there
            ("people", _INTEGER),
            ("removed", "INTEGER NOT NULL DEFAULT 0"),
            (
                "state",
                f"TEXT NOT NULL DEFAULT 'collecting' CHECK (state IN {_ROSTER_STATES})",
            ),
            ("reason", "TEXT NOT NULL DEFAULT ''"),
            ("taken_at", _INTEGER),
        )
        + _columns(Holds.PSEUDONYM, Purpose.COMPLIANCE, Kept.STORE, ("decided_by", "TEXT NOT NULL DEFAULT ''")),
    ),
    Table(
        "roster_entries",
        _columns(
            Holds.PSEUDONYM,
            Purpose.ATTENDANCE,
            Kept.APPLIED,
            ("version", "INTEGER NOT NULL REFERENCES rosters (version)"),
            _sql(_HASH, "ref"),
            _sql(_HASH, "code_index"),
        )
        + _columns(
            Holds.IDENTITY,
            Purpose.ATTENDANCE,
            Kept.APPLIED,
            ("sealed", f"BLOB CHECK (length(sealed) <= {MAX_SEALED})"),  # NULL: nothing of it has to be written
        )
        + _columns(
            Holds.TECHNICAL,
            Purpose.ATTENDANCE,
            Kept.APPLIED,
            ("standing", "TEXT NOT NULL CHECK (standing IN ('active', 'suspended', 'left'))"),
            _sql(_FLAG, "waits"),  # 1: until somebody of this code or reference is erased
        ),
        ("PRIMARY KEY (version, ref)", "UNIQUE (version, code_index)"),
    ),
    Table(
        "told",
        _columns(
            Holds.TECHNICAL,
            Purpose.OPERATION,
            Kept.REPLACED,
            ("kind", "TEXT NOT NULL CHECK (kind IN ('shift', 'announcement', 'trip', 'sibling', 'departure'))"),
            ("at", _INTEGER),
        )
        + _columns(Holds.PSEUDONYM, Purpose.OPERATION, Kept.REPLACED, _sql(_HASH, "name"))
        + _columns(Holds.SETTING, Purpose.OPERATION, Kept.REPLACED, _sql(_SEALED, "sealed")),
        ("PRIMARY KEY (kind, name)",),
    ),
    Table(
        "refused",
        _columns(
            Holds.TECHNICAL,
            Purpose.COMPLIANCE,
            Kept.STORE,
            ("kind", "TEXT NOT NULL"),
            ("reason", "TEXT NOT NULL"),
            ("times", _INTEGER),
            ("message", _INTEGER),
            ("at", _INTEGER),
        ),
        ("PRIMARY KEY (kind, reason)",),
    ),
    Table(
        "papers",
        _columns(
            Holds.PSEUDONYM,
            Purpose.COMPLIANCE,
            Kept.PAPER,
            ("id", "TEXT PRIMARY KEY CHECK (length(id) = 16)"),
            ("person", "TEXT NOT NULL DEFAULT '' CHECK (length(person) IN (0, 16))"),
        )
        + _columns(
            Holds.PAPER,
            Purpose.COMPLIANCE,
            Kept.PAPER,
            ("sealed", f"BLOB CHECK (length(sealed) <= {MAX_PAPER})"),  # NULL: the person is erased
        )
        + _columns(
            Holds.TECHNICAL,
            Purpose.COMPLIANCE,
            Kept.PAPER,
            *_VERSIONED,
            ("kind", "TEXT NOT NULL"),
            ("state", "TEXT NOT NULL"),
            ("due_at", "INTEGER"),
            ("created_at", _INTEGER),
            ("changed_at", _INTEGER),
            ("closed_at", "INTEGER"),
        ),
        (),
        ("CREATE INDEX main.papers_of_kind ON papers (kind, person)",),
    ),
    Table(
        "settings",
        _columns(
            Holds.SETTING,
            Purpose.OPERATION,
            Kept.STORE,
            ("name", "TEXT PRIMARY KEY"),
            ("value", "TEXT NOT NULL"),
            ("row_version", "INTEGER NOT NULL DEFAULT 1"),
            ("changed_at", _INTEGER),
            ("changed_by", "TEXT NOT NULL"),
        ),
    ),
    Table(
        "quarantine",
        _columns(
            Holds.TECHNICAL,
            Purpose.COMPLIANCE,
            Kept.STORE,
            ("id", "INTEGER PRIMARY KEY"),
            ("place", "TEXT NOT NULL"),
            ("row", "TEXT NOT NULL"),
            ("reason", "TEXT NOT NULL"),
            ("found_at", _INTEGER),
        )
        + _columns(Holds.PSEUDONYM, Purpose.COMPLIANCE, Kept.EMPLOYED, ("person", "TEXT NOT NULL DEFAULT ''"))
        + _columns(Holds.BIOMETRIC, Purpose.COMPLIANCE, Kept.CONSENT, ("sealed", "BLOB")),
        ("UNIQUE (place, row)",),
    ),
    Table(
        "watermarks",
        _columns(
            Holds.TECHNICAL, Purpose.OPERATION, Kept.STORE, ("name", "TEXT PRIMARY KEY"), ("value", "INTEGER NOT NULL")
        ),
    ),
)

TEMPLATES: Final = (
    Table(
        "store",
        _columns(
            Holds.TECHNICAL,
            Purpose.OPERATION,
            Kept.STORE,
            _only_one(),
            ("store_id", "TEXT NOT NULL CHECK (length(store_id) = 32)"),
        ),
    ),
    Table(
        "template",
        _columns(
            Holds.PSEUDONYM,
            Purpose.FACE,
            Kept.CONSENT,
            ("id", "TEXT PRIMARY KEY CHECK (length(id) = 16)"),
        )
        + _columns(Holds.BIOMETRIC, Purpose.FACE, Kept.CONSENT, _sql(_SEALED, "sealed")),
    ),
)
