"""The first schema: devices, their spine and events, roster, alarms, and the one access code of the page."""

import sqlalchemy as sa
from alembic import op

from hq.refusals import Refused

revision = "0001"
down_revision = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("public", sa.LargeBinary, nullable=False),
        sa.Column("added", _BIG, nullable=False),
        sa.Column("last_contact", _BIG),
        sa.Column("size", _BIG, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("generation", _BIG, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "certificates",
        sa.Column("serial", sa.Text, primary_key=True),
        sa.Column("device", sa.Text, sa.ForeignKey("devices.id"), nullable=False),
        sa.Column("not_after", _BIG, nullable=False),
        sa.Column("revoked", _BIG),
        sqlite_strict=True,
    )
    op.create_table(
        "spine",
        sa.Column("device", sa.Text, sa.ForeignKey("devices.id"), primary_key=True),
        sa.Column("seq", _BIG, primary_key=True, autoincrement=False),
        sa.Column("commitment", sa.LargeBinary, nullable=False),
        sa.Column("body_digest", sa.LargeBinary, nullable=False),
        sa.Column("h", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "events",
        sa.Column("device", sa.Text, primary_key=True),
        sa.Column("seq", _BIG, primary_key=True, autoincrement=False),
        sa.Column("event", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("received", _BIG, nullable=False),
        sa.UniqueConstraint("device", "event"),
        sa.ForeignKeyConstraint(["device", "seq"], ["spine.device", "spine.seq"]),
        sqlite_strict=True,
    )
    op.create_index("ix_events_received", "events", ["received"])
    op.create_table(
        "batches",
        sa.Column("device", sa.Text, sa.ForeignKey("devices.id"), primary_key=True),
        sa.Column("batch", sa.Text, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "roster",
        sa.Column("person", sa.LargeBinary, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("changed", _BIG, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "alarms",
        sa.Column("device", sa.Text, sa.ForeignKey("devices.id"), primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("seq", _BIG, primary_key=True, autoincrement=False),
        sa.Column("first_at", _BIG, nullable=False),
        sa.Column("last_at", _BIG, nullable=False),
        sa.Column("times", _BIG, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", _BIG, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "access",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("failed", _BIG, nullable=False),
        sa.Column("next_at", _BIG, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "sessions",
        sa.Column("token", sa.LargeBinary, primary_key=True),
        sa.Column("opened", _BIG, nullable=False),
        sa.Column("seen", _BIG, nullable=False),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Refuse: what a newer HQ has stored would be lost."""
    raise Refused("HQ's schema does not go back; restore the backup that was made before the upgrade.")
