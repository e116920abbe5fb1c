"""Killed at any moment, clients and server, the store has lost nothing that it acknowledged, and nothing twice."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.databases import PostgreSQL
from tests.killing_store import kill_at_random, look

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")


def test_nothing_acknowledged_is_lost_or_doubled_by_a_kill_on_sqlite(tmp_path: Path) -> None:
    database, told = tmp_path / "conversations.db", tmp_path / "told"
    *_, last = kill_at_random(f"sqlite:///{database}", told, n_kills=6, n_clients=3, most_chars=2500)
    assert last.is_sound, last
    assert last.n_acknowledged > 20

    with closing(sqlite3.connect(database)) as connection:  # a look that could not fail would prove nothing
        connection.execute("DELETE FROM messages WHERE id = (SELECT max(id) FROM messages WHERE role = 'assistant')")
        columns = "conversation_id, at, role, text, reply, replaces, turn_id"
        chosen = f"SELECT 100000, {columns} FROM messages LIMIT 1"
        connection.execute(f"INSERT INTO messages (id, {columns}) {chosen}")
        connection.execute("DELETE FROM events WHERE conversation_id = 'shared' AND seq = 1")
        connection.commit()
    worse = look(f"sqlite:///{database}", told)
    assert worse.lost and worse.doubled and worse.damaged, worse


def test_nothing_acknowledged_is_lost_or_doubled_by_a_kill_on_postgresql(
    tmp_path: Path, postgresql_server: PostgreSQL
) -> None:
    url = postgresql_server.new_database()
    *_, last = kill_at_random(url, tmp_path / "told", 6, n_clients=3, most_chars=2500, server=postgresql_server)
    assert last.is_sound, last
    assert last.n_acknowledged > 20
