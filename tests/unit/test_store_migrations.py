"""A database of any earlier version is taken over without loss; one of a later version is refused with the remedy."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from assistant.errors import StoreError
from assistant.store import NewMessage, Store
from assistant.store.migrating import HEAD, MIGRATIONS
from assistant.store.tables import metadata
from tests.databases import PostgreSQL

# What version 0.1 wrote: the statements of its database, as SQLite shows them, at its schema versions 1 and 2.
VERSION_1 = """
CREATE TABLE schema_version (version INTEGER NOT NULL);
CREATE TABLE conversations (id VARCHAR(64) NOT NULL, started_at VARCHAR(32) NOT NULL, PRIMARY KEY (id));
CREATE TABLE messages (id INTEGER NOT NULL, conversation_id VARCHAR(64) NOT NULL, at VARCHAR(32) NOT NULL,
    role VARCHAR(16) NOT NULL, text TEXT NOT NULL, reply JSON, PRIMARY KEY (id),
    FOREIGN KEY(conversation_id) REFERENCES conversations (id));
CREATE INDEX ix_messages_conversation_id ON messages (conversation_id);
CREATE TABLE feedback (message_id INTEGER NOT NULL, vote VARCHAR(8) NOT NULL, at VARCHAR(32) NOT NULL,
    PRIMARY KEY (message_id), FOREIGN KEY(message_id) REFERENCES messages (id));
INSERT INTO schema_version VALUES (1);
INSERT INTO conversations VALUES ('a', '2026-11-01T00:00:00.000+00:00'), ('empty', '2026-11-02T00:00:00.000+00:00');
INSERT INTO messages VALUES (1, 'a', '2026-11-01T00:00:01.500+00:00', 'shopper', 'how much?', NULL),
    (2, 'a', '2026-11-01T00:00:02.000+00:00', 'assistant', 'It is $9.90.', '{"text": "It is $9.90.", "model": "m"}');
INSERT INTO feedback VALUES (2, 'up', '2026-11-01T00:00:03.000+00:00');
"""
VERSION_2 = (
    VERSION_1
    + """
CREATE TABLE browsers (browser VARCHAR(64) NOT NULL, conversation_id VARCHAR(64) NOT NULL, PRIMARY KEY (browser),
    FOREIGN KEY(conversation_id) REFERENCES conversations (id));
ALTER TABLE messages ADD COLUMN replaces INTEGER;
UPDATE schema_version SET version = 2;
INSERT INTO browsers VALUES ('ann', 'a');
INSERT INTO messages VALUES (3, 'a', '2026-11-01T00:01:00.000+00:00', 'shopper', 'how much, really?', NULL, 1);
"""
)


def old_database(folder: Path, statements: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "conversations.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(statements)
    return path


@pytest.mark.parametrize("statements", [VERSION_1, VERSION_2], ids=["version 1", "version 2"])
def test_a_released_database_is_taken_over_without_loss(tmp_path: Path, statements: str) -> None:
    old_database(tmp_path, statements)

    store = Store.open(tmp_path)
    first, second, *rest = store.history("a")
    assert (first.text, first.role, first.turn, first.at.isoformat()) == (
        "how much?", "shopper", None, "2026-11-01T00:00:01.500000+00:00",
    )  # fmt: skip
    assert (second.text, second.vote) == ("It is $9.90.", "up")
    assert second.reply == {"text": "It is $9.90.", "model": "m"}
    assert [(message.text, message.replaces) for message in rest] == (
        [("how much, really?", 1)] if statements is VERSION_2 else []
    )
    assert store.current_conversation("ann") == ("a" if statements is VERSION_2 else None)
    known, empty = store.conversation("a"), store.conversation("empty")
    assert known is not None and empty is not None
    assert known.last_at == (rest or [second])[-1].at
    assert (known.last_seq, known.shopper, known.who) == (0, None, "assistant")
    assert empty.last_at == empty.started_at

    store.append_messages([NewMessage("a", "shopper", "better", replaces=1, browser="ann")])
    turn = store.post_turn("a", "and in red?")
    assert (turn.number, turn.first_seq) == (1, 1)
    store.close()


def test_the_migrations_make_the_tables_that_the_program_names(database_url: str) -> None:
    store = Store.at_url(database_url)
    with store.database.engine.connect() as connection:
        compared = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": False, "compare_server_default": False}),
            metadata,
        )
    store.close()
    assert [difference for difference in compared if "schema_version" not in str(difference)] == []


def test_a_database_that_was_taken_over_is_like_a_new_one(tmp_path: Path) -> None:
    def schema(folder: Path) -> dict[str, list[tuple[str, str, bool]]]:
        store = Store.open(folder)
        inspector = sa.inspect(store.database.engine)
        found = {
            table: sorted((c["name"], str(c["type"]), bool(c["nullable"])) for c in inspector.get_columns(table))
            + sorted((str(i["name"]), str(i["column_names"]), bool(i["unique"])) for i in inspector.get_indexes(table))
            + sorted(
                (str(f["constrained_columns"]), f["referred_table"], True) for f in inspector.get_foreign_keys(table)
            )
            for table in inspector.get_table_names()
        }
        store.close()
        return found

    old_database(tmp_path / "old", VERSION_1)
    assert schema(tmp_path / "old") == schema(tmp_path / "new")


def test_the_newest_migration_is_the_one_the_program_looks_for() -> None:
    numbers = sorted(re.match(r"\d{4}", path.name)[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))  # type: ignore[index]
    assert numbers[-1] == HEAD
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


@pytest.mark.parametrize(
    "later",
    ["UPDATE alembic_version SET version_num = '9999'", "DROP TABLE alembic_version"],
    ids=["revision", "count"],
)
def test_a_database_of_a_newer_version_is_refused_with_the_remedy(tmp_path: Path, later: str) -> None:
    Store.open(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "conversations.db")) as connection:
        connection.execute(later)
        connection.commit()

    with pytest.raises(StoreError, match="newer program"):
        Store.open(tmp_path)


def test_the_last_release_refuses_a_database_of_this_one(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "conversations.db")) as connection:
        (version,) = connection.execute("SELECT version FROM schema_version").fetchone()
    assert version > 2  # which is all that it looks at


def test_a_migration_that_fails_leaves_the_old_database_as_it_was(tmp_path: Path) -> None:
    path = old_database(tmp_path, VERSION_2 + "CREATE TABLE events (something INTEGER);")

    with pytest.raises(StoreError, match="events"):
        Store.open(tmp_path)

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version FROM schema_version").fetchall() == [(2,)]
        assert "turn_id" not in json.dumps(connection.execute("PRAGMA table_info(messages)").fetchall())
        assert connection.execute("SELECT count(*) FROM messages").fetchall() == [(3,)]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_several_that_start_at_once_migrate_once(tmp_path: Path, postgresql_server: PostgreSQL) -> None:
    old_database(tmp_path, VERSION_2)
    for url in (f"sqlite:///{tmp_path / 'conversations.db'}", postgresql_server.new_database()):
        failed: list[StoreError] = []

        def start(url: str = url, failed: list[StoreError] = failed) -> None:
            try:
                Store.at_url(url).close()
            except StoreError as error:
                failed.append(error)

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://somewhere/shop", "sqlite:/// or postgresql://"),
        ("not a url", "cannot be used"),
        ("postgresql://ann:hunter2@127.0.0.1:1/shop", "cannot be kept in postgresql"),
    ],
)
def test_a_database_that_cannot_be_used_is_refused_in_one_line_without_its_password(url: str, says: str) -> None:
    with pytest.raises(StoreError, match=re.escape(says)) as refused:
        Store.at_url(url)
    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)
