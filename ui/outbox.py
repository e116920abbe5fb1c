"""Messages on their way to the store, as many in one transaction as are waiting.

In: messages of many conversations at once. Out: their ids, once they are on the disk. Making a transaction durable
costs a write to the disk that everybody waits for; ten shoppers share one. It knows no answer and no page.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from assistant.store import NewMessage, Store

if TYPE_CHECKING:
    Waiting = tuple[NewMessage, asyncio.Future[int]]


class Outbox:
    """Appends messages from one event loop; the store is written by one thread, so that no other is held up."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="outbox")
        self._waiting: list[Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def append(self, message: NewMessage) -> int:
        """Store one message and return its id.

        Raises:
            StoreError: it could not be written; nothing was.
        """
        stored: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((message, stored))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        return await stored

    async def _write(self) -> None:
        """Write until nothing waits."""
        while self._waiting:
            batch, self._waiting = self._waiting, []
            if not await self._write_together(batch) and len(batch) > 1:
                for one in batch:  # what cannot be written must not take the others with it
                    await self._write_together([one])
        self._writer = None

    async def _write_together(self, batch: list[Waiting]) -> bool:
        """Write messages in one transaction; a single one that fails is told so."""
        loop = asyncio.get_running_loop()
        writing = loop.run_in_executor(self._thread, self._store.append_messages, [message for message, _ in batch])
        (outcome,) = await asyncio.gather(writing, return_exceptions=True)
        if isinstance(outcome, BaseException):
            if len(batch) == 1 and not batch[0][1].done():
                batch[0][1].set_exception(outcome)
            return False
        for (_, stored), message_id in zip(batch, outcome, strict=True):
            if not stored.done():
                stored.set_result(message_id)
        return True
