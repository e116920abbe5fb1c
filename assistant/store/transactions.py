"""What the parts of the store share: one database and one clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from assistant.store.database import Database


def utc_now() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


class Transactions:
    """One part of the store: methods that each are one transaction."""

    announces = False
    """Whether the shop's server is told of hand-offs: set by whoever delivers (`assistant.webhooks`)."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    def now(self) -> datetime:
        """The moment by the store's clock."""
        return self._now()
