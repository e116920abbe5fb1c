"""What Alembic runs before a migration: it is given a connection by `migrating` and opens none."""

from __future__ import annotations

from alembic import context

from assistant.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite's is, where transactions are begun explicitly
)
with context.begin_transaction():
    context.run_migrations()
