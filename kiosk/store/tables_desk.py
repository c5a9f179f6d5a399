"""What the data-protection desk keeps; refuses a column without its line in the data dictionary."""

from typing import Final

from kiosk.store.columns import (
    INTEGER,
    MAX_PAPER,
    VERSIONED,
    Holds,
    Kept,
    Purpose,
    Table,
    columns,
)

DESK_TABLES: Final = (
    Table(
        "papers",
        columns(
            Holds.PSEUDONYM,
            Purpose.COMPLIANCE,
            Kept.PAPER,
            ("id", "TEXT PRIMARY KEY CHECK (length(id) = 16)"),
            ("person", "TEXT NOT NULL DEFAULT '' CHECK (length(person) IN (0, 16))"),
        )
        + columns(
            Holds.PAPER,
            Purpose.COMPLIANCE,
            Kept.PAPER,
            ("sealed", f"BLOB CHECK (length(sealed) <= {MAX_PAPER})"),  # NULL: the person is erased
        )
        + columns(
            Holds.TECHNICAL,
            Purpose.COMPLIANCE,
            Kept.PAPER,
            *VERSIONED,
            ("kind", "TEXT NOT NULL"),
            ("state", "TEXT NOT NULL"),
            ("due_at", "INTEGER"),
            ("created_at", INTEGER),
            ("changed_at", INTEGER),
            ("closed_at", "INTEGER"),
        ),
        (),
        ("CREATE INDEX main.papers_of_kind ON papers (kind, person)",),
    ),
)
