"""What alembic runs for every upgrade: the caller's own transaction; refuses to open a connection by itself."""

from alembic import context
from sqlalchemy import Connection

from hq.database import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
