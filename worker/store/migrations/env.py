"""Run by Alembic: the migrations, in the transaction of the connection that was handed in."""

from __future__ import annotations

from alembic import context

from worker.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
