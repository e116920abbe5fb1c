"""Tries of order numbers are counted for all workers together; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from assistant.orders.attempts import LIMIT, WINDOW, attempt_keys
from assistant.store import Store

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
A, B, C = (attempt_keys(name, None, name)[0] for name in "abc")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store.at_url(database_url)
    yield opened
    opened.close()


def test_five_tries_are_counted_under_each_key_and_age(store: Store) -> None:
    def tries(*keys: str, at: datetime = NOW) -> int:
        return sum(store.begin_attempt(keys, at) is not None for _ in range(LIMIT + 2))

    assert tries(A, B) == LIMIT
    assert tries(B, C) == 0
    assert tries(C) == LIMIT
    assert tries(A, at=NOW + WINDOW - timedelta(seconds=1)) == 0
    assert tries(A, at=NOW + WINDOW) == LIMIT


def test_a_right_try_is_taken_back(store: Store) -> None:
    for _ in range(LIMIT + 2):
        ticket = store.begin_attempt((A, B), NOW)
        assert ticket is not None
        store.forgive_attempt(ticket)


def test_tries_side_by_side_do_not_slip_through(store: Store, database_url: str) -> None:
    other = Store.at_url(database_url)
    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(lambda n: (store, other)[n % 2].begin_attempt((A, (B, C)[n % 2]), NOW), range(24)))
    other.close()
    assert sum(ticket is not None for ticket in begun) == LIMIT
