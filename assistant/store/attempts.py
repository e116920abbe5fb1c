"""How often an order's number and address were tried, counted for all workers that share the database.

In: what a try is counted by, as digests. Out: whether it may be made. It keeps no number, no address and nothing for
longer than the window.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from assistant.orders.attempts import LIMIT, WINDOW
from assistant.store.tables import order_attempts
from assistant.store.transactions import Transactions

_BIG: Final = 2**63  # tickets, and PostgreSQL's advisory locks


class OrderAttempts(Transactions):
    """The part of the store that counts tries: an `Attempts` that several workers share."""

    def begin_attempt(self, keys: Sequence[str], now: datetime) -> int | None:
        """Count a try under each of the keys and return its ticket; None, and nothing counted, where one has too many.

        Raises:
            StoreError: it could not be counted.
        """
        with self._database.writing("the try could not be counted") as connection:
            if not self._database.is_sqlite:  # SQLite has one writer anyway
                for lock in sorted(int(key[:16], 16) - _BIG for key in keys):
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
            connection.execute(order_attempts.delete().where(order_attempts.c.at <= now - WINDOW))
            counts = sa.select(sa.func.count()).where(order_attempts.c.key.in_(keys)).group_by(order_attempts.c.key)
            if max(connection.execute(counts).scalars(), default=0) >= LIMIT:
                return None
            ticket = secrets.randbelow(_BIG)
            connection.execute(order_attempts.insert(), [{"key": key, "ticket": ticket, "at": now} for key in keys])
            return ticket

    def forgive_attempt(self, ticket: int) -> None:
        """Take a try back.

        Raises:
            StoreError: it stays counted.
        """
        with self._database.writing("the try could not be taken back") as connection:
            connection.execute(order_attempts.delete().where(order_attempts.c.ticket == ticket))
