"""What a worker looks after beside its turns: now and then, or once, in tasks of its own.

In: looks at the store. Out: nothing; one that fails is logged, and the next one comes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from assistant.errors import StoreError

_log = logging.getLogger(__name__)
Look = Callable[[], Coroutine[Any, Any, None]]


class Background:
    """Tasks of one event loop, ended together."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def repeat(self, look: Look, every_s: float) -> None:
        """Look every so many seconds."""
        self._begin(partial(_again_and_again, look, every_s))

    def start(self, look: Look) -> None:
        """Look once, now."""
        self._begin(partial(_logged, look))

    async def close(self) -> None:
        """End all of them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, work: Look) -> None:
        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            _log.error("what looks after the turns has failed", exc_info=failure)


async def _again_and_again(look: Look, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        await _logged(look)


async def _logged(look: Look) -> None:
    try:
        await look()
    except StoreError as error:
        _log.error("the store could not be looked at: %s", error)
