"""That something is new, told to every desk that is open, and the events of the conversation it shows.

In: one look at the store every quarter of a second for all desks of this worker, while there is one; a following of a
conversation. Out: server-sent events. It tells that there is something to look at again, and draws nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from typing import Any, Final

from starlette.responses import StreamingResponse

from assistant.errors import StoreError
from assistant.store import Pulse, StoredEvent
from assistant.turns import Following
from ui.desk.wire import event_json

_log = logging.getLogger(__name__)
EVERY_S: Final = 0.25
HEARTBEAT_S: Final = 15.0
_RETRY_MS: Final = 1000
Look = Callable[[frozenset[str]], Awaitable[Pulse]]


class Pulses:
    """Looks at the store for all desks of this worker together, and not at all while there is none."""

    def __init__(self, look: Look, every_s: float = EVERY_S) -> None:
        self._look = look
        self._every_s = every_s
        self._listeners: set[Listener] = set()
        self._opened: Counter[str] = Counter()
        self._looking: asyncio.Task[None] | None = None
        self.closed = False

    def listen(self, conversation_id: str | None = None) -> Listener:
        """Be told of changes, of that conversation too. To be closed."""
        listener = Listener(self, conversation_id)
        self._listeners.add(listener)
        if conversation_id is not None:
            self._opened[conversation_id] += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_again_and_again())
        return listener

    def leave(self, listener: Listener) -> None:
        """Tell a listener no more."""
        self._listeners.discard(listener)
        if listener.conversation_id is not None:
            self._opened[listener.conversation_id] -= 1
            self._opened += Counter()  # drops those at 0

    async def close(self) -> None:
        """End every listening."""
        self.closed = True
        for listener in self._listeners:
            listener.wake()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look_again_and_again(self) -> None:
        while self._listeners:
            try:
                pulse = await self._look(frozenset(self._opened))
            except StoreError as error:
                _log.error("the queue could not be looked at: %s", error)
            else:
                for listener in self._listeners:
                    listener.take(pulse)
            await asyncio.sleep(self._every_s)


class Listener:
    """One open desk. What it is told first is how things stand."""

    def __init__(self, pulses: Pulses, conversation_id: str | None) -> None:
        self.conversation_id = conversation_id
        self._pulses = pulses
        self._known: dict[str, Any] = {}
        self._news: dict[str, Any] = {}
        self._told = asyncio.Event()

    def take(self, pulse: Pulse) -> None:
        """Note what has changed since the last time."""
        now = {
            "queue": {"version": pulse.queue, "waiting": pulse.waiting},
            "said": {"version": pulse.said},
        }
        if self.conversation_id is not None and self.conversation_id in pulse.beside:
            now["beside"] = {"conversation": self.conversation_id, "version": pulse.beside[self.conversation_id]}
        for kind, data in now.items():
            if self._known.get(kind) != data:
                self._known[kind] = self._news[kind] = data
                self._told.set()

    def wake(self) -> None:
        """Let the reader look whether it is over."""
        self._told.set()

    async def read(self) -> dict[str, Any]:
        """What has changed, as soon as something has: of each kind the newest. Empty: the server is going away."""
        if not self._pulses.closed:
            await self._told.wait()
        self._told.clear()
        news, self._news = self._news, {}
        return news

    def close(self) -> None:
        """Listen no longer."""
        self._pulses.leave(self)


def live_response(
    listener: Listener, following: Following | None, heartbeat_s: float = HEARTBEAT_S
) -> StreamingResponse:
    """What changes, and the events of the conversation that is followed, until the client leaves."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_lines(listener, following, heartbeat_s), headers=headers, media_type="text/event-stream")


async def _lines(listener: Listener, following: Following | None, heartbeat_s: float) -> AsyncIterator[bytes]:
    async with AsyncExitStack() as stack:
        stack.callback(listener.close)
        if following is not None:
            stack.callback(following.close)
        lines: asyncio.Queue[bytes | None] = asyncio.Queue(100)
        for source in (_ticks(listener, lines), _events(following, lines)):
            task = asyncio.create_task(source)
            stack.push_async_callback(_ended, task)
        yield f"retry: {_RETRY_MS}\n\n".encode()
        while True:
            try:
                line = await asyncio.wait_for(lines.get(), heartbeat_s)
            except TimeoutError:
                line = b": still here\n\n"
            if line is None:
                return
            yield line


async def _ticks(listener: Listener, lines: asyncio.Queue[bytes | None]) -> None:
    while news := await listener.read():
        for kind, data in news.items():
            await lines.put(_line(kind, data))
    await lines.put(None)


async def _events(following: Following | None, lines: asyncio.Queue[bytes | None]) -> None:
    """The events of the conversation; where they cannot be read the client is to come again."""
    while following is not None and not following.closed:
        try:
            found = await following.read(HEARTBEAT_S)
        except StoreError:
            break
        for event in found:
            await lines.put(_event_line(event))
    if following is not None:
        await lines.put(None)


def _event_line(event: StoredEvent) -> bytes:
    return f"id: {event.seq}\n".encode() + _line(event.kind, event_json(event))


def _line(kind: str, data: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(task, return_exceptions=True)
