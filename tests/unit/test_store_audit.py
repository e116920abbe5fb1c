"""What was done at the desk is written down in a chain: whatever is done to it afterwards shows, and where."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from assistant.store import AuditFault, AuditHead, Store
from assistant.store.audit import FIRST_HASH, append_audit
from assistant.store.tables import audit, audit_head, conversations

N_ROWS = 6
COLUMNS = ("at", "agent_id", "action", "subject", "data", "previous_hash", "hash")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store.at_url(database_url)
    yield opened
    opened.close()


@pytest.fixture
def kept(store: Store) -> Store:
    """A store in which six things were done."""
    for number in range(1, N_ROWS + 1):
        store.record("draft.sent", f"conversation {number}", "agt_1", {"draft": number, "seconds": 1.5, "new": None})
    return store


def _change(store: Store, *statements: sa.sql.dml.UpdateBase) -> None:
    with store.database.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def _rows(store: Store) -> list[dict[str, Any]]:
    with store.database.engine.begin() as connection:
        return [dict(row._mapping) for row in connection.execute(sa.select(audit).order_by(audit.c.number))]


@contextmanager
def tampered(store: Store, *statements: sa.sql.dml.UpdateBase) -> Iterator[AuditFault]:
    """What is found after somebody has changed the rows so; afterwards they are as they were."""
    rows, head = _rows(store), store.audit_head()
    _change(store, *statements)
    fault = store.verify_audit()
    assert fault is not None
    yield fault
    _change(
        store,
        audit.delete(),
        audit.insert().values(rows),
        audit_head.update().values(number=head.number, hash=head.hash),
    )
    assert store.verify_audit() is None


def test_a_chain_as_it_was_written_holds(kept: Store) -> None:
    assert kept.verify_audit() is None
    assert [row.number for row in kept.whole_audit()] == list(range(1, N_ROWS + 1))
    newest = kept.audit_rows(limit=2)
    assert [row.subject for row in newest] == ["conversation 6", "conversation 5"]
    assert newest[0].previous_hash == newest[1].hash
    assert newest[0].data == {"draft": 6, "seconds": 1.5, "new": None}
    assert kept.audit_head() == AuditHead(N_ROWS, newest[0].hash)
    assert [row.number for row in kept.audit_rows(before=3)] == [2, 1]
    assert kept.audit_rows(subject="conversation 4")[0].number == 4
    assert kept.audit_rows(agent_id="agt_2") == ()


def test_an_empty_chain_holds(store: Store) -> None:
    assert store.verify_audit() is None
    assert store.audit_head() == AuditHead(0, FIRST_HASH)


def test_any_altered_value_shows(kept: Store) -> None:
    for column, number in itertools.product(COLUMNS, (1, 3, N_ROWS)):
        other = {"at": datetime(2026, 1, 1, tzinfo=UTC), "data": {"draft": 7}}.get(column, "0123456789abcdef")
        with tampered(kept, audit.update().where(audit.c.number == number).values({column: other})) as fault:
            assert fault.number == number, column


def test_any_removed_row_shows_the_last_too(kept: Store) -> None:
    for number in range(1, N_ROWS + 1):
        with tampered(kept, audit.delete().where(audit.c.number == number)) as fault:
            assert fault.number == number
            kept.record("draft.sent", "conversation 7", "agt_1")  # what comes later hides nothing
            later = kept.verify_audit()
            assert later is not None
            assert later.number == number


def test_closing_the_gap_shows(kept: Store) -> None:
    for number in range(2, N_ROWS + 1):
        moved = [audit.update().where(audit.c.number == n).values(number=n - 1) for n in range(number, N_ROWS + 1)]
        with tampered(kept, audit.delete().where(audit.c.number == number - 1), *moved) as fault:
            assert fault.number == number - 1


def test_any_inserted_row_shows(kept: Store) -> None:
    rows = _rows(kept)
    for number in range(1, N_ROWS + 2):
        row = {**rows[min(number, N_ROWS) - 1], "number": number, "subject": "conversation 9"}
        moved = [audit.update().where(audit.c.number == n).values(number=n + 1) for n in range(N_ROWS, number - 1, -1)]
        with tampered(kept, *moved, audit.insert().values(row)) as fault:
            assert fault.number == number


def test_swapped_rows_show(kept: Store) -> None:
    for one, other in itertools.combinations(range(1, N_ROWS + 1), 2):
        swapping = [(one, 99), (other, one), (99, other)]
        swap = [audit.update().where(audit.c.number == was).values(number=to) for was, to in swapping]
        with tampered(kept, *swap) as fault:
            assert fault.number == one


def test_a_chain_written_anew_shows_against_a_hash_that_was_noted_down(kept: Store) -> None:
    noted = kept.audit_head()
    _change(kept, audit.delete(), audit_head.delete())
    for number in range(1, N_ROWS + 1):
        kept.record("draft.sent", f"conversation {number}", "agt_2")
    assert kept.verify_audit() is None  # which is as much as the database alone can tell
    fault = kept.verify_audit(noted)
    assert fault is not None
    assert fault.number == N_ROWS
    _change(kept, audit.delete(), audit_head.delete())
    assert kept.verify_audit(noted) is not None


def test_a_head_that_was_taken_away_shows_whatever_comes_later(kept: Store) -> None:
    _change(kept, audit_head.delete())
    assert kept.verify_audit() is not None
    kept.record("draft.sent", "conversation 7", "agt_1")
    fault = kept.verify_audit()
    assert fault is not None
    assert "head" in fault.what


def test_what_is_undone_leaves_no_row(store: Store) -> None:
    def begin_and_fail() -> None:
        with store.database.writing() as connection:
            now = datetime.now(UTC)
            connection.execute(conversations.insert().values(id="c", started_at=now, last_at=now))
            append_audit(connection, now, "chat.taken", "c", "agt_1")
            raise LookupError

    with pytest.raises(LookupError):
        begin_and_fail()
    assert store.audit_head().number == 0
    store.record("chat.taken", "d", "agt_1")
    assert store.verify_audit() is None


def test_the_chain_never_forks(store: Store, database_url: str) -> None:
    other = Store.at_url(database_url)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: (store, other)[n % 2].record("chat.taken", str(n), "agt_1"), range(60)))
    other.close()
    assert store.verify_audit() is None
    assert store.audit_head().number == 60
