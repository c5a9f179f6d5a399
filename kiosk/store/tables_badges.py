"""Whose badge is whose; refuses to keep what the QR code says, or a name beside it."""

from typing import Final

from kiosk.store.columns import HASH, INTEGER, SEALED, VERSIONED, Holds, Kept, Purpose, Table, columns, sql

BADGE_TABLES: Final = (
    Table(
        "badges",
        columns(
            Holds.PSEUDONYM,
            Purpose.PROTECTION,
            Kept.EMPLOYED,
            sql(HASH.replace("NOT NULL", "PRIMARY KEY"), "badge_index"),
            ("person", "TEXT NOT NULL REFERENCES people (id)"),
        )
        + columns(Holds.SECRET, Purpose.PROTECTION, Kept.EMPLOYED, sql(SEALED, "sealed"))
        + columns(
            Holds.TECHNICAL,
            Purpose.PROTECTION,
            Kept.EMPLOYED,
            ("state", "TEXT NOT NULL CHECK (state IN ('active', 'revoked'))"),
            *VERSIONED,
            ("changed_at", INTEGER),
        ),
        (),
        (
            "CREATE UNIQUE INDEX main.one_badge ON badges (person) WHERE state = 'active'",
            "CREATE INDEX main.badges_of_person ON badges (person)",
        ),
    ),
)
