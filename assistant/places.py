"""How many answers are written at once, and how many shoppers may wait for their turn.

In: shoppers who want an answer. Out: a place, a place in the line, or a refusal. It knows no message and no model.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class Overloaded(Exception):
    """Every place is taken and the line is full."""


class Places:
    """`places` answers at a time; `line` shoppers may wait for one, first come, first served."""

    def __init__(self, places: int, line: int) -> None:
        self._free = asyncio.Semaphore(places)
        self._most = places + line
        self._admitted = 0
        self._waiting = 0
        self._behind: deque[asyncio.Future[None]] = deque()
        self._lent: list[asyncio.Event] = []

    @property
    def full(self) -> bool:
        """Whether whoever came now would be refused."""
        return self._admitted >= self._most

    @property
    def waiting(self) -> int:
        """How many are in the line."""
        return self._waiting

    @property
    def admitted(self) -> int:
        """How many hold a place, wait for one, or were promised one."""
        return self._admitted

    def admit(self) -> None:
        """Let somebody into the line, who takes the place by `promised` or says `leave`.

        Raises:
            Overloaded: the line is full.
        """
        if self.full:
            raise Overloaded
        self._admitted += 1

    def leave(self) -> None:
        """Somebody who was admitted goes without having taken a place."""
        self._admitted -= 1

    @asynccontextmanager
    async def take(self, on_wait: Callable[[int], None]) -> AsyncIterator[None]:
        """Hold a place. `on_wait` is told how many are ahead when the shopper has to wait.

        Raises:
            Overloaded: the line is full.
        """
        self.admit()
        async with self.promised(on_wait):
            yield

    @asynccontextmanager
    async def promised(self, on_wait: Callable[[int], None]) -> AsyncIterator[None]:
        """Hold a place, having been admitted."""
        try:
            if self._free.locked() and not self._ask_back():
                on_wait(self._waiting)
            self._waiting += 1
            try:
                await self._free.acquire()
            finally:
                self._waiting -= 1
            try:
                yield
            finally:
                self._give_back()
        finally:
            self.leave()

    @asynccontextmanager
    async def behind(self) -> AsyncIterator[asyncio.Event]:
        """Hold a place that no shopper waits for: what is done in it may wait for all of them.

        The event says that one waits now: whoever holds the place is to give it back, and may come again.
        """
        while self._free.locked():
            told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._behind.append(told)
            try:
                await told
            except asyncio.CancelledError:
                if told in self._behind:
                    self._behind.remove(told)
                else:
                    self._call_next()  # in place of who was called and goes
                raise
        await self._free.acquire()  # at once: it is not locked
        wanted_back = asyncio.Event()
        self._lent.append(wanted_back)
        try:
            yield wanted_back
        finally:
            if wanted_back in self._lent:
                self._lent.remove(wanted_back)
            self._give_back()

    def _ask_back(self) -> bool:
        """Ask for a place that is lent to one of those behind, each once. False: there is none."""
        if self._lent:
            self._lent.pop().set()
            return True
        return False

    def _give_back(self) -> None:
        self._free.release()
        self._call_next()

    def _call_next(self) -> None:
        """Call one of those behind where a place is free."""
        while not self._free.locked() and self._behind:
            told = self._behind.popleft()
            if not told.done():  # else whoever waited is going
                told.set_result(None)
                return
