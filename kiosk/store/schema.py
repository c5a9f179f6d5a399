"""Every table and column of the two files, each with what it holds, why and for how long; refuses a column without."""

from typing import Final

from kiosk.store.columns import (
    FLAG,
    HASH,
    ID,
    INTEGER,
    MAX_SEALED,
    SEALED,
    VERSIONED,
    Column,
    Holds,
    Kept,
    Purpose,
    Table,
    columns,
    only_one,
    sql,
)
from kiosk.store.face_mode import FACE_MODES
from kiosk.store.tables_badges import BADGE_TABLES
from kiosk.store.tables_desk import DESK_TABLES
from kiosk.store.tables_roster import ROSTER_TABLES

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

RECORDS: Final = (
    Table(
        "store",
        columns(
            Holds.TECHNICAL,
            Purpose.OPERATION,
            Kept.STORE,
            only_one(),
            ("store_id", "TEXT NOT NULL CHECK (length(store_id) = 32)"),
            sql(ID, "device_id"),
            sql(HASH, "device_public"),
            ("kek_epoch", INTEGER),
            ("store_key_epoch", INTEGER),
            ("generation", INTEGER),
            ("created_at", INTEGER),
        ),
    ),
    Table(
        "keys",
        columns(Holds.SECRET, Purpose.PROTECTION, Kept.STORE, ("kind", "TEXT NOT NULL"), sql(SEALED, "wrapped"))
        + columns(Holds.PSEUDONYM, Purpose.PROTECTION, Kept.EMPLOYED, ("person", "TEXT NOT NULL DEFAULT ''"))
        + columns(
            Holds.TECHNICAL,
            Purpose.PROTECTION,
            Kept.PERIOD,
            ("period", "TEXT NOT NULL DEFAULT ''"),
            ("epoch", "INTEGER NOT NULL DEFAULT 1"),
            ("wrapped_by", INTEGER),
            *VERSIONED,
            ("created_at", INTEGER),
        ),
        ("PRIMARY KEY (kind, person, period, epoch)",),
        ("CREATE INDEX main.keys_of_person ON keys (person) WHERE person <> ''",),
    ),
    Table(
        "people",
        columns(
            Holds.PSEUDONYM,
            Purpose.ATTENDANCE,
            Kept.EMPLOYED,
            ("id", "TEXT PRIMARY KEY CHECK (length(id) = 16)"),
            ("code_index", "BLOB NOT NULL UNIQUE CHECK (length(code_index) = 32)"),
            ("external_index", "BLOB UNIQUE CHECK (length(external_index) = 32)"),
            ("roster_digest", "BLOB CHECK (length(roster_digest) = 32)"),
        )
        + columns(Holds.IDENTITY, Purpose.ATTENDANCE, Kept.EMPLOYED, sql(SEALED, "profile"))
        + columns(
            Holds.TECHNICAL,
            Purpose.COMPLIANCE,
            Kept.EMPLOYED,
            *VERSIONED,
            ("state", "TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'left'))"),
            sql(FLAG, "face_restricted"),
            sql(FLAG, "attendance_restricted"),
            ("face_mode", f"TEXT NOT NULL DEFAULT 'site' CHECK (face_mode IN {FACE_MODES})"),
            sql(FLAG, "minor"),
            ("source", "TEXT NOT NULL CHECK (source IN ('admin', 'roster'))"),
            ("informed_at", "INTEGER"),
            ("created_at", INTEGER),
        ),
    ),
    Table(
        "bases",
        columns(
            Holds.PROOF,
            Purpose.COMPLIANCE,
            Kept.EMPLOYED,
            ("id", "TEXT PRIMARY KEY CHECK (length(id) = 16)"),
            ("person", "TEXT NOT NULL REFERENCES people (id)"),
            ("state", "TEXT NOT NULL CHECK (state IN ('active', 'ended'))"),
            sql(HASH, "digest"),
            sql(SEALED, "record"),
            *VERSIONED,
            ("began_at", INTEGER),
            ("ended_at", "INTEGER"),
            (
                "good_until",
                "INTEGER",
            ),  # ms UTC; from then on nobody is matched on it, until it is renewed; NULL: no limit
        ),
        (),
        ("CREATE UNIQUE INDEX main.one_active_basis ON bases (person) WHERE state = 'active'",),
    ),
    Table(
        "faces",
        columns(
            Holds.PSEUDONYM,
            Purpose.FACE,
            Kept.CONSENT,
            ("template", "TEXT PRIMARY KEY CHECK (length(template) = 16)"),
            ("person", "TEXT NOT NULL REFERENCES people (id)"),
            ("basis", "TEXT NOT NULL REFERENCES bases (id)"),
        )
        + columns(
            Holds.TECHNICAL,
            Purpose.FACE,
            Kept.CONSENT,
            ("model", "TEXT NOT NULL"),
            ("dim", "INTEGER NOT NULL CHECK (dim BETWEEN 2 AND 4096)"),
            ("epoch", INTEGER),
            *VERSIONED,
        ),
        (),
        ("CREATE INDEX main.faces_of_person ON faces (person)",),
    ),
    Table(
        "accounts",
        columns(
            Holds.PSEUDONYM,
            Purpose.PROTECTION,
            Kept.EMPLOYED,
            ("id", "TEXT PRIMARY KEY CHECK (length(id) = 16)"),
            ("role", "TEXT NOT NULL"),
            ("person", "TEXT REFERENCES people (id)"),
        )
        + columns(Holds.SECRET, Purpose.PROTECTION, Kept.EMPLOYED, sql(SEALED, "secret"))
        + columns(
            Holds.TECHNICAL,
            Purpose.PROTECTION,
            Kept.EMPLOYED,
            ("state", "TEXT NOT NULL DEFAULT 'active'"),
            *VERSIONED,
            ("changed_at", INTEGER),
        ),
        (),
        ("CREATE UNIQUE INDEX main.one_account ON accounts (person, role) WHERE person IS NOT NULL",),
    ),
    *BADGE_TABLES,
    Table(
        "attempts",
        columns(
            Holds.PSEUDONYM,
            Purpose.PROTECTION,
            Kept.DAY,
            ("subject", "BLOB PRIMARY KEY CHECK (length(subject) = 32)"),
            ("failures", INTEGER),
            ("boot_id", "TEXT NOT NULL"),
            ("boottime_ms", INTEGER),
            ("wall_ms", INTEGER),
        ),
    ),
    Table(
        "spine",
        columns(
            Holds.PROOF,
            Purpose.COMPLIANCE,
            Kept.STORE,
            ("seq", "INTEGER PRIMARY KEY CHECK (seq >= 1)"),
            sql(HASH, "commitment"),
            sql(HASH, "body_digest"),
            sql(HASH, "h"),
        ),
    ),
    Table(
        "bodies",
        columns(
            Holds.PSEUDONYM,
            Purpose.ATTENDANCE,
            Kept.PERIOD,
            ("seq", "INTEGER PRIMARY KEY REFERENCES spine (seq)"),
            ("event_id", "TEXT NOT NULL UNIQUE CHECK (length(event_id) = 36)"),
            ("tag", "BLOB NOT NULL UNIQUE CHECK (length(tag) = 16)"),
        )
        + columns(Holds.ATTENDANCE, Purpose.ATTENDANCE, Kept.PERIOD, sql(SEALED, "sealed"))
        + columns(
            Holds.TECHNICAL,
            Purpose.ATTENDANCE,
            Kept.PERIOD,
            ("period", "TEXT NOT NULL"),
            ("audience", "INTEGER NOT NULL CHECK (audience IN (0, 1))"),  # 1: meant for headquarters
            *VERSIONED,
        ),
    ),
    Table(
        "undelivered",
        columns(
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
        columns(
            Holds.PROOF,
            Purpose.COMPLIANCE,
            Kept.STORE,
            ("size", "INTEGER PRIMARY KEY"),
            ("note", "TEXT NOT NULL"),
            ("countersigned", "TEXT"),
            ("created_at", INTEGER),
        ),
    ),
    Table(
        "intents",
        columns(
            Holds.PSEUDONYM,
            Purpose.COMPLIANCE,
            Kept.STORE,
            ("id", "TEXT PRIMARY KEY CHECK (length(id) = 16)"),
            ("kind", "TEXT NOT NULL"),
            ("subject", "TEXT NOT NULL DEFAULT ''"),
            ("event_id", "TEXT UNIQUE"),
            ("detail", f"BLOB CHECK (length(detail) <= {MAX_SEALED})"),
            *VERSIONED,
            ("created_at", INTEGER),
            sql(FLAG, "done"),
            ("done_at", "INTEGER"),
        ),
    ),
    *ROSTER_TABLES,
    *DESK_TABLES,
    Table(
        "settings",
        columns(
            Holds.SETTING,
            Purpose.OPERATION,
            Kept.STORE,
            ("name", "TEXT PRIMARY KEY"),
            ("value", "TEXT NOT NULL"),
            ("row_version", "INTEGER NOT NULL DEFAULT 1"),
            ("changed_at", INTEGER),
            ("changed_by", "TEXT NOT NULL"),
        ),
    ),
    Table(
        "quarantine",
        columns(
            Holds.TECHNICAL,
            Purpose.COMPLIANCE,
            Kept.STORE,
            ("id", "INTEGER PRIMARY KEY"),
            ("place", "TEXT NOT NULL"),
            ("row", "TEXT NOT NULL"),
            ("reason", "TEXT NOT NULL"),
            ("found_at", INTEGER),
        )
        + columns(Holds.PSEUDONYM, Purpose.COMPLIANCE, Kept.EMPLOYED, ("person", "TEXT NOT NULL DEFAULT ''"))
        + columns(Holds.BIOMETRIC, Purpose.COMPLIANCE, Kept.CONSENT, ("sealed", "BLOB")),
        ("UNIQUE (place, row)",),
    ),
    Table(
        "watermarks",
        columns(
            Holds.TECHNICAL, Purpose.OPERATION, Kept.STORE, ("name", "TEXT PRIMARY KEY"), ("value", "INTEGER NOT NULL")
        ),
    ),
)

TEMPLATES: Final = (
    Table(
        "store",
        columns(
            Holds.TECHNICAL,
            Purpose.OPERATION,
            Kept.STORE,
            only_one(),
            ("store_id", "TEXT NOT NULL CHECK (length(store_id) = 32)"),
        ),
    ),
    Table(
        "template",
        columns(
            Holds.PSEUDONYM,
            Purpose.FACE,
            Kept.CONSENT,
            ("id", "TEXT PRIMARY KEY CHECK (length(id) = 16)"),
        )
        + columns(Holds.BIOMETRIC, Purpose.FACE, Kept.CONSENT, sql(SEALED, "sealed")),
    ),
)
