"""A database brought to the newest schema, whatever version left it.

In: a `Database`. Out: the same with the tables that `tables` names. The steps are Alembic's, in `migrations/versions`,
one transaction for all of them; one process at a time. Databases from before Alembic, which counted in a table
`schema_version`, are taken over as they are.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from assistant.errors import StoreError
from assistant.store.database import Database

MIGRATIONS: Final = Path(__file__).parent / "migrations"
HEAD: Final = "0009"  # the newest of them; a test compares
_LAST_COUNTED: Final = 2  # the last schema version that was counted and not Alembic's
_LOCK: Final = 4_711_020_001  # of PostgreSQL's advisory locks: any number that nobody else takes


def migrate(database: Database) -> None:
    """Bring a database up to date.

    Raises:
        StoreError: a newer version wrote it, or it cannot be changed.
    """
    with database.reading("the database could not be read") as connection:
        if _revision(connection) == HEAD:
            return
    with database.writing("the database could not be brought up to date") as connection:
        if not database.is_sqlite:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        revision = _revision(connection)
        if revision is None and (counted := _counted(connection)):
            if counted > _LAST_COUNTED:
                raise _newer(f"version {counted}", str(_LAST_COUNTED))
            if counted < _LAST_COUNTED:
                _know_browsers_and_edits(connection)
            revision = "0001"
            _upgrade(connection, stamped=revision)
        elif revision != HEAD:
            if revision is not None and revision > HEAD:
                raise _newer(f"revision {revision}", HEAD)
            _upgrade(connection)


def _newer(found: str, known: str) -> StoreError:
    return StoreError(f"the database has {found}, this program knows {known}: use the newer program")


def _revision(connection: sa.Connection) -> str | None:
    """Alembic's mark, None where there is none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _counted(connection: sa.Connection) -> int:
    """The version of a database from before Alembic; 0 for an empty one."""
    if not sa.inspect(connection).has_table("schema_version"):
        return 0
    return int(connection.execute(sa.text("SELECT version FROM schema_version")).scalar() or 0)


def _upgrade(connection: sa.Connection, stamped: str | None = None) -> None:
    """Run the steps that are missing; `stamped` is the revision that the database is known to have."""
    # Imported here: a start with an up-to-date database needs none of it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of how Alembic reads a path, not ours to change
        if stamped is not None:
            command.stamp(config, stamped)
        command.upgrade(config, "head")


def _know_browsers_and_edits(connection: sa.Connection) -> None:
    """Counted version 1 becomes 2."""
    connection.execute(
        sa.text(
            "CREATE TABLE IF NOT EXISTS browsers (browser VARCHAR(64) NOT NULL, conversation_id VARCHAR(64) NOT NULL, "
            "PRIMARY KEY (browser), FOREIGN KEY(conversation_id) REFERENCES conversations (id))"
        )
    )
    if "replaces" not in {column["name"] for column in sa.inspect(connection).get_columns("messages")}:
        connection.execute(sa.text("ALTER TABLE messages ADD COLUMN replaces INTEGER"))
