"""How often somebody may try an order's number and address before having to wait.

In: what a try is counted by (the conversation, the address, the number). Out: whether it may be made. A try is counted
before it is made and taken back where it was right, so that tries side by side cannot slip through. Numbers and
addresses are kept as digests.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

LIMIT: Final = 5
WINDOW: Final = timedelta(minutes=15)
_MAX_KEYS = 100_000


class Attempts(Protocol):
    """The counter; one that several workers share is in the store."""

    def begin_attempt(self, keys: Sequence[str], now: datetime) -> int | None:
        """Count a try under each of the keys and return its ticket; None, and nothing counted, where one of them has
        `LIMIT` tries within the last `WINDOW`.

        Raises:
            StoreError: it could not be counted; the try must not be made.
        """
        ...

    def forgive_attempt(self, ticket: int) -> None:
        """Take a try back: it was right, or could not be made.

        Raises:
            StoreError: it stays counted.
        """
        ...


class NoAttempts:
    """Lets nobody try."""

    def begin_attempt(self, keys: Sequence[str], now: datetime) -> int | None:
        """None."""
        return None

    def forgive_attempt(self, ticket: int) -> None:
        """There is none to forgive."""


class MemoryAttempts:
    """A counter for one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tickets = itertools.count(1)
        self._tries: dict[str, dict[int, datetime]] = {}
        self._keys: dict[int, tuple[str, ...]] = {}

    def begin_attempt(self, keys: Sequence[str], now: datetime) -> int | None:
        """As the interface says; the oldest keys are forgotten where there are very many."""
        with self._lock:
            if any(len(self._fresh(key, now)) >= LIMIT for key in keys):
                return None
            ticket = next(self._tickets)
            self._keys[ticket] = tuple(keys)
            for key in keys:
                self._tries.setdefault(key, {})[ticket] = now
            while len(self._tries) > _MAX_KEYS:
                self._drop(next(iter(self._tries)))
            return ticket

    def forgive_attempt(self, ticket: int) -> None:
        """As the interface says."""
        with self._lock:
            for key in self._keys.pop(ticket, ()):
                self._tries.get(key, {}).pop(ticket, None)
                if not self._tries.get(key):
                    self._tries.pop(key, None)

    def _fresh(self, key: str, now: datetime) -> dict[int, datetime]:
        tries = {ticket: at for ticket, at in self._tries.get(key, {}).items() if now - at < WINDOW}
        if not tries:
            self._drop(key)
        elif key in self._tries:
            self._tries[key] = tries
        return tries

    def _drop(self, key: str) -> None:
        for ticket in self._tries.pop(key, {}):
            self._keys.pop(ticket, None)


def attempt_keys(conversation_id: str, address: str | None, ref: str) -> tuple[str, ...]:
    """What one try is counted by. `ref` is folded: one number in many spellings is one number."""
    named = [f"conversation:{conversation_id}", f"order:{ref}"] + ([f"address:{address}"] if address else [])
    return tuple(hashlib.sha256(name.encode()).hexdigest() for name in named)


def now() -> datetime:
    """The time tries are counted by."""
    return datetime.now(UTC)
