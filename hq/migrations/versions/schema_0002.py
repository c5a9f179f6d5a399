"""Counters for each device, since one row for all keeps them waiting; batches know when they can be forgotten."""

import sqlalchemy as sa
from alembic import op

from hq.refusals import Refused

revision = "0002"
down_revision = "0001"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """What was counted so far keeps its number, under no device."""
    work = op.get_bind()
    counted = work.execute(sa.text("SELECT name, value FROM counters")).all()
    op.drop_table("counters")
    counters = op.create_table(
        "counters",
        sa.Column("device", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", _BIG, nullable=False),
        sqlite_strict=True,
    )
    if counted:
        op.bulk_insert(counters, [{"device": "", "name": row.name, "value": row.value} for row in counted])
    op.add_column("batches", sa.Column("stored", _BIG, nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    """Refuse: what a newer HQ has stored would be lost."""
    raise Refused("HQ's schema does not go back; restore the backup that was made before the upgrade.")
