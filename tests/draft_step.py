"""Draft the next step of the schema: `python tests/draft_step.py > FILE` beside the last; then read and correct it.

It says what a database of the last step lacks of the tables that the modules of hq/ declare. Raise SCHEMA in
hq/database.py only after it has run. What has to become of rows that are there, nobody but you can write.
"""

import importlib
import pkgutil
import sys
import tempfile
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext

import hq
from hq import database, schema

FILE = '''"""TELL IN ONE SENTENCE WHAT THIS STEP IS FOR."""

import sqlalchemy as sa
from alembic import op

from hq.refusals import Refused

revision = "{number:04}"
down_revision = "{before:04}"


def upgrade() -> None:
    """TELL WHAT BECOMES OF THE ROWS THAT ARE THERE."""
    {steps}


def downgrade() -> None:
    """Refuse: what a newer HQ has stored would be lost."""
    raise Refused("HQ's schema does not go back; restore the backup that was made before the upgrade.")
'''


def declare_every_table() -> None:
    """Import all of hq/, so that `database.metadata` is whole."""
    for module in pkgutil.iter_modules(hq.__path__, "hq."):
        importlib.import_module(module.name)


def draft() -> str:
    declare_every_table()
    with tempfile.TemporaryDirectory() as folder:
        engine = schema.create(Path(folder) / "hq.db")
        with engine.connect() as view:
            options = {"compare_type": True, "compare_server_default": True}
            found = produce_migrations(MigrationContext.configure(view, opts=options), database.metadata)
        engine.dispose()
    assert found.upgrade_ops is not None
    lines = render_python_code(found.upgrade_ops).splitlines()
    steps = "\n".join(line for line in lines if "###" not in line).strip()
    return FILE.format(number=database.SCHEMA + 1, before=database.SCHEMA, steps=steps)


if __name__ == "__main__":
    sys.stdout.write(draft())
