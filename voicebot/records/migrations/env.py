"""Alembic's way in: runs the steps in the transaction that `engine` has begun, and makes no connection of its own."""

from alembic import context
from sqlalchemy import Connection

from voicebot.records.schema import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
