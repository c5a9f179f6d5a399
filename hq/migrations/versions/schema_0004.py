"""Published privacy notices, for everybody to read."""

import sqlalchemy as sa
from alembic import op

from hq.refusals import Refused

revision = "0004"
down_revision = "0003"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Begin with none; each device sends what it has published."""
    op.create_table(
        "published_notices",
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("at", _BIG, autoincrement=False, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("effective", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("received", _BIG, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"]),
        sa.PrimaryKeyConstraint("device", "at"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Refuse: what a newer HQ has stored would be lost."""
    raise Refused("HQ's schema does not go back; restore the backup that was made before the upgrade.")
