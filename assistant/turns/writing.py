"""Calls that write to the store, as many in one transaction as are waiting.

In: calls of many conversations at once. Out: what each returned or raised, once it is on the disk. Making a
transaction durable costs a write to the disk that everybody waits for; a hundred shoppers share one. PostgreSQL shares
it by itself: there calls run side by side, so that no transaction holds rows of several conversations. It knows none.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, ParamSpec, TypeVar

from assistant.errors import StoreError
from assistant.store import Store

_P = ParamSpec("_P")
_T = TypeVar("_T")
_MOST_TOGETHER: Final = 200  # calls in one transaction
_SIDE_BY_SIDE: Final = 8
_Waiting = tuple[Callable[[], Any], "asyncio.Future[Any]"]


class Writer:
    """Writes for one event loop. Calls of one conversation that wait for each other keep their order."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._shares = store.database.is_sqlite
        self._threads = ThreadPoolExecutor(1 if self._shares else _SIDE_BY_SIDE, thread_name_prefix="writer")
        self._waiting: deque[_Waiting] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def do(self, call: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
        """Make a call that writes; returns when what it wrote is on the disk.

        Raises:
            StoreError: it could not be written; nothing of this call was. And whatever the call raises.
        """
        loop = asyncio.get_running_loop()
        if not self._shares:
            return await loop.run_in_executor(self._threads, lambda: call(*arguments, **named))
        written: asyncio.Future[_T] = loop.create_future()
        self._waiting.append((lambda: call(*arguments, **named), written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await written

    async def close(self) -> None:
        """Return when nothing waits to be written, and free the threads."""
        if self._writing is not None:
            await asyncio.wait([self._writing])
        self._threads.shutdown(wait=False)

    async def _write(self) -> None:
        """Write until nothing waits."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(_MOST_TOGETHER, len(self._waiting)))]
            calls = [call for call, _ in batch]
            writing = loop.run_in_executor(self._threads, self._together, calls)
            outcome: Any = (await asyncio.gather(writing, return_exceptions=True))[0]
            outcomes: list[Any] = [outcome] * len(batch) if isinstance(outcome, BaseException) else outcome
            for (_, written), told in zip(batch, outcomes, strict=True):
                if written.done():  # whoever waited has gone
                    continue
                if isinstance(told, BaseException):
                    written.set_exception(told)
                else:
                    written.set_result(told)
        self._writing = None

    def _together(self, calls: list[Callable[[], Any]]) -> list[Any]:
        """What each call returned, or the error it raised; all the same one where nothing could be committed."""
        try:
            with self._store.database.together():
                return [_outcome(call) for call in calls]
        except StoreError as error:
            return [error] * len(calls)


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - told to whoever made the call, who waits in another thread
        return error
