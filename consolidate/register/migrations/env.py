"""Run by alembic: applies steps on the connection that the register holds, in its transaction."""

from __future__ import annotations

from alembic import context

from consolidate.register.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
)
context.run_migrations()
