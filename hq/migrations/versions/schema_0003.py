"""Accounts with roles, the audit log and the desk's acts; what devices ask for and report besides their batches."""

import sqlalchemy as sa
from alembic import op

from hq.refusals import Refused

revision = "0003"
down_revision = "0002"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Sessions of the one access code end; the code itself makes the first account."""
    _desk()
    _door()
    op.drop_table("sessions")


def _desk() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("disabled", _BIG),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("passwords", sa.LargeBinary, nullable=False),
        sa.Column("changed", _BIG, nullable=False),
        sa.Column("code", sa.LargeBinary),
        sa.Column("code_until", _BIG),
        sa.Column("added", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        sqlite_strict=True,
    )
    op.create_table(
        "acknowledged",
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("seq", _BIG, autoincrement=False, nullable=False),
        sa.Column("times", _BIG, nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("device", "kind", "seq"),
        sqlite_strict=True,
    )
    op.create_table(
        "acts",
        sa.Column("seq", _BIG, autoincrement=False, nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("said", sa.LargeBinary, nullable=False),
        sa.Column("of", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("about", sa.LargeBinary),
        sa.Column("h", sa.LargeBinary, nullable=False),
        sa.Column("sig", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_strict=True,
    )
    op.create_table(
        "acts_head",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("seq", _BIG, nullable=False),
        sa.Column("h", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_table(
        "attempts",
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("failed", _BIG, nullable=False),
        sa.Column("next_at", _BIG, nullable=False),
        sa.Column("last_at", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("subject"),
        sqlite_strict=True,
    )
    op.create_table(
        "desk_sessions",
        sa.Column("token", sa.LargeBinary, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("opened", _BIG, nullable=False),
        sa.Column("seen", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("token"),
        sqlite_strict=True,
    )
    op.create_table(
        "dropped",
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("seq", _BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("device", "seq"),
        sqlite_strict=True,
    )
    op.create_table(
        "erasure_requests",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_table(
        "holds",
        sa.Column("person", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("since", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("person"),
        sqlite_strict=True,
    )
    op.create_table(
        "papers",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )


def _door() -> None:
    op.create_table(
        "standing",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("issued", _BIG, nullable=False),
        sa.Column("ends", _BIG, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("kind", "name"),
        sqlite_strict=True,
    )
    op.create_table(
        "backups",
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("size", _BIG, nullable=False),
        sa.Column("received", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"]),
        sa.PrimaryKeyConstraint("device", "id"),
        sqlite_strict=True,
    )
    op.create_table(
        "echoes",
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("person", sa.LargeBinary, nullable=False),
        sa.Column("parting", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"]),
        sa.PrimaryKeyConstraint("device", "person", "parting"),
        sqlite_strict=True,
    )
    op.create_table(
        "erasure_certificates",
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("received", _BIG, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"]),
        sa.PrimaryKeyConstraint("device", "id"),
        sqlite_strict=True,
    )
    op.create_table(
        "installations",
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("installation", sa.Text, nullable=False),
        sa.Column("first_at", _BIG, nullable=False),
        sa.Column("last_at", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"]),
        sa.PrimaryKeyConstraint("device", "installation"),
        sqlite_strict=True,
    )
    op.create_table(
        "invitations",
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("made", _BIG, nullable=False),
        sa.Column("expires", _BIG, nullable=False),
        sa.Column("failed", _BIG, nullable=False),
        sa.Column("used", _BIG),
        sa.Column("tls_key", sa.LargeBinary),
        sa.Column("certificate", sa.Text),
        sa.ForeignKeyConstraint(["device"], ["devices.id"]),
        sa.PrimaryKeyConstraint("device"),
        sqlite_strict=True,
    )
    op.create_table(
        "messages",
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("number", _BIG, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("issued", _BIG, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"]),
        sa.PrimaryKeyConstraint("device", "number"),
        sqlite_strict=True,
    )
    op.create_table(
        "numbers",
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("last", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"]),
        sa.PrimaryKeyConstraint("device"),
        sqlite_strict=True,
    )
    op.create_table(
        "reports",
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("at", _BIG, autoincrement=False, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"]),
        sa.PrimaryKeyConstraint("device", "at"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Refuse: what a newer HQ has stored would be lost."""
    raise Refused("HQ's schema does not go back; restore the backup that was made before the upgrade.")
