"""What headquarters told: rosters on their way, shifts, announcements; refuses a column without its line."""

from typing import Final

from kiosk.store.columns import (
    FLAG,
    HASH,
    INTEGER,
    MAX_SEALED,
    SEALED,
    Holds,
    Kept,
    Purpose,
    Table,
    columns,
    sql,
)

_STATES: Final = "('collecting', 'held', 'applying', 'applied', 'refused', 'overtaken')"

ROSTER_TABLES: Final = (
    Table(
        "rosters",
        columns(
            Holds.TECHNICAL,
            Purpose.COMPLIANCE,
            Kept.STORE,
            ("version", "INTEGER PRIMARY KEY CHECK (version >= 1)"),
            ("whole", "INTEGER NOT NULL CHECK (whole IN (0, 1))"),  # 1: who is not in it has left
            ("parts", "INTEGER NOT NULL CHECK (parts BETWEEN 1 AND 64)"),
            ("seen", "BLOB NOT NULL CHECK (length(seen) = 8)"),  # a bit for each part that is there
            ("people", INTEGER),
            ("removed", "INTEGER NOT NULL DEFAULT 0"),
            (
                "state",
                f"TEXT NOT NULL DEFAULT 'collecting' CHECK (state IN {_STATES})",
            ),
            ("reason", "TEXT NOT NULL DEFAULT ''"),
            ("taken_at", INTEGER),
        )
        + columns(Holds.PSEUDONYM, Purpose.COMPLIANCE, Kept.STORE, ("decided_by", "TEXT NOT NULL DEFAULT ''")),
    ),
    Table(
        "roster_entries",
        columns(
            Holds.PSEUDONYM,
            Purpose.ATTENDANCE,
            Kept.APPLIED,
            ("version", "INTEGER NOT NULL REFERENCES rosters (version)"),
            sql(HASH, "ref"),
            sql(HASH, "code_index"),
        )
        + columns(
            Holds.IDENTITY,
            Purpose.ATTENDANCE,
            Kept.APPLIED,
            ("sealed", f"BLOB CHECK (length(sealed) <= {MAX_SEALED})"),  # NULL: nothing of it has to be written
        )
        + columns(
            Holds.TECHNICAL,
            Purpose.ATTENDANCE,
            Kept.APPLIED,
            ("standing", "TEXT NOT NULL CHECK (standing IN ('active', 'suspended', 'left'))"),
            sql(FLAG, "waits"),  # 1: until somebody of this code or reference is erased
        ),
        ("PRIMARY KEY (version, ref)", "UNIQUE (version, code_index)"),
    ),
    Table(
        "told",
        columns(
            Holds.TECHNICAL,
            Purpose.OPERATION,
            Kept.REPLACED,
            ("kind", "TEXT NOT NULL CHECK (kind IN ('shift', 'announcement', 'trip', 'sibling', 'departure'))"),
            ("at", INTEGER),
        )
        + columns(Holds.PSEUDONYM, Purpose.OPERATION, Kept.REPLACED, sql(HASH, "name"))
        + columns(Holds.SETTING, Purpose.OPERATION, Kept.REPLACED, sql(SEALED, "sealed")),
        ("PRIMARY KEY (kind, name)",),
    ),
    Table(
        "refused",
        columns(
            Holds.TECHNICAL,
            Purpose.COMPLIANCE,
            Kept.STORE,
            ("kind", "TEXT NOT NULL"),
            ("reason", "TEXT NOT NULL"),
            ("times", INTEGER),
            ("message", INTEGER),
            ("at", INTEGER),
        ),
        ("PRIMARY KEY (kind, reason)",),
    ),
)
