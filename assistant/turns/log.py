"""The events of conversations on their way to the store and from there to whoever follows.

In: events of many conversations at once. Out: the same to every follower in order, each once, and not before it is on
the disk. As many as are waiting share one transaction. A follower reads what is in memory where that joins on to what
it has seen, else the store; so nothing depends on having been told. It answers nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from assistant.store import NewEvent, Store, StoredEvent
from assistant.turns.writing import Writer

_KEPT: Final = 256  # newest events of a conversation in memory; an answer has some ten
_READ: Final = 500  # events of a conversation that are read at once
_HELD_BACK_S: Final = 0.05  # what only says that something is happening, in case something happens
_MOST_TOGETHER: Final = 500  # events in one transaction


class EventLog:
    """Appends events and tells followers, for one event loop."""

    def __init__(
        self,
        store: Store,
        threads: ThreadPoolExecutor,
        writer: Writer,
        when_left: Callable[[Channel], None] | None = None,
    ) -> None:
        """`when_left` is called when the last follower of a conversation has gone."""
        self._store = store
        self._when_left = when_left
        self._threads = threads
        self._writer = writer
        self._waiting: list[tuple[NewEvent, asyncio.Future[int | None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._more_than_status = asyncio.Event()
        self._channels: dict[str, Channel] = {}
        self.closed = False

    def append(self, event: NewEvent) -> asyncio.Future[int | None]:
        """Append one event; the future has its number once it is stored and followers are told.

        None: it was not taken, because its turn is over or another worker's. A StoreError: it could not be written.
        """
        stored: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((event, stored))
        if event.kind != "status":
            self._more_than_status.set()
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return stored

    def publish(self, conversation_id: str, events: Sequence[StoredEvent]) -> None:
        """Tell followers of events that were stored otherwise."""
        if (channel := self._channels.get(conversation_id)) is not None:
            channel.take(events)

    def channel(self, conversation_id: str, head: int = 0) -> Channel:
        """What is known of a conversation's newest events; `head` is the number that the newest has at least."""
        channel = self._channels.get(conversation_id)
        if channel is None:
            channel = self._channels[conversation_id] = Channel(conversation_id)
        channel.come_to(head)
        return channel

    def follow(self, conversation_id: str, after: int, head: int = 0) -> Following:
        """Follow a conversation from the event after number `after`. To be closed."""
        return Following(self, self.channel(conversation_id, head), after)

    def followed(self) -> list[str]:
        """The conversations that somebody follows here."""
        return [channel.conversation_id for channel in self._channels.values() if channel.followers]

    def left(self, channel: Channel) -> None:
        """A follower has gone."""
        if not channel.followers and self._when_left is not None:
            self._when_left(channel)
        self.let_go(channel)

    def let_go(self, channel: Channel) -> None:
        """Let go of a conversation that nobody follows and nobody answers here."""
        if not channel.followers and not channel.answering:
            self._channels.pop(channel.conversation_id, None)

    def come_to(self, heads: dict[str, int]) -> None:
        """Conversations have come so far, whoever wrote their events."""
        for conversation_id, head in heads.items():
            if (channel := self._channels.get(conversation_id)) is not None:
                channel.come_to(head)

    async def read(self, conversation_id: str, after: int) -> tuple[StoredEvent, ...]:
        """Events as the store has them."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._store.events, conversation_id, after, _READ)

    def close(self) -> None:
        """End every following; what is waiting is still stored."""
        self.closed = True
        self._more_than_status.set()
        for channel in self._channels.values():
            channel.wake()

    async def flush(self) -> None:
        """Return when nothing waits to be stored."""
        if self._writing is not None:
            await asyncio.wait([self._writing])

    async def _write(self) -> None:
        """Write until nothing waits. A status alone waits a little: the words that follow it share its transaction."""
        while self._waiting:
            with suppress(TimeoutError):
                async with asyncio.timeout(_HELD_BACK_S):
                    await self._more_than_status.wait()
            if not self.closed:
                self._more_than_status.clear()
            batch, self._waiting = self._waiting[:_MOST_TOGETHER], self._waiting[_MOST_TOGETHER:]
            if not await self._write_together(batch) and len(batch) > 1:
                for one in batch:  # what cannot be written must not take the others with it
                    await self._write_together([one])
        self._writing = None

    async def _write_together(self, batch: list[tuple[NewEvent, asyncio.Future[int | None]]]) -> bool:
        """Write events in one transaction; a single one that fails is told so."""
        writing = self._writer.do(self._store.append_events, [event for event, _ in batch])
        (outcome,) = await asyncio.gather(writing, return_exceptions=True)
        if isinstance(outcome, BaseException):
            if len(batch) == 1 and not batch[0][1].done():
                batch[0][1].set_exception(outcome)
            return False
        at = datetime.now(UTC)
        for (event, stored), seq in zip(batch, outcome, strict=True):
            if seq is not None:
                self.publish(event.conversation_id, [StoredEvent(seq, event.turn_id, event.kind, event.data, at)])
            if not stored.done():
                stored.set_result(seq)
        return True


class Channel:
    """The newest events of one conversation, and who waits for more.

    `answering` counts the turns that this worker answers or has in line.
    """

    def __init__(self, conversation_id: str) -> None:
        self.conversation_id = conversation_id
        self.head = 0
        self.followers = 0
        self.answering = 0
        self._newest: deque[StoredEvent] = deque(maxlen=_KEPT)
        self._waiting: set[asyncio.Future[None]] = set()

    def take(self, events: Sequence[StoredEvent]) -> None:
        """Events have been stored; those that do not join on to the ones before leave the followers to the store."""
        for event in events:
            if event.seq <= self.head:
                continue
            if event.seq != self.head + 1:
                self._newest.clear()
            if event.kind == "withdrawn":
                self._newest.clear()  # the words that were taken back are among them; the store has them no more
            self._newest.append(event)
            self.head = event.seq
        self.wake()

    def come_to(self, head: int) -> None:
        """The conversation has come so far; its events are the store's to tell."""
        if head > self.head:
            self.head = head
            self._newest.clear()
            self.wake()

    def after(self, seq: int) -> tuple[StoredEvent, ...] | None:
        """The events after a number; None where memory does not join on to it."""
        if self._newest and self._newest[0].seq <= seq + 1:
            return tuple(event for event in self._newest if event.seq > seq)
        return None

    async def wait(self, timeout_s: float) -> None:
        """Return when something is new, or after a while."""
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(told)
        try:
            await asyncio.wait([told], timeout=timeout_s)
        finally:
            self._waiting.discard(told)

    def wake(self) -> None:
        """Let everybody look again."""
        for told in self._waiting:
            if not told.done():
                told.set_result(None)
        self._waiting.clear()


class Following:
    """One client's place in a conversation. `after` is the number of the last event it was given."""

    def __init__(self, log: EventLog, channel: Channel, after: int) -> None:
        self._log = log
        self._channel = channel
        self._open = True
        self.after = after
        channel.followers += 1

    @property
    def conversation_id(self) -> str:
        """Whose events these are."""
        return self._channel.conversation_id

    @property
    def closed(self) -> bool:
        """Whether nothing will follow: the server is going away."""
        return self._log.closed or not self._open

    async def read(self, timeout_s: float) -> tuple[StoredEvent, ...]:
        """The next events, at least one; none when the time is over or the server is going away.

        Raises:
            StoreError: they could not be read.
        """
        deadline = asyncio.get_running_loop().time() + timeout_s
        while True:
            if self._channel.head > self.after:
                known = self._channel.after(self.after)
                head = self._channel.head
                found = known if known is not None else await self._log.read(self.conversation_id, self.after)
                # Events of turns long over are thinned out: where none is left, the newest number is where one is.
                self.after = found[-1].seq if found else head
                if found:
                    return found
            left_s = deadline - asyncio.get_running_loop().time()
            if self.closed or left_s <= 0:
                return ()
            await self._channel.wait(left_s)

    def close(self) -> None:
        """Follow no longer."""
        if self._open:
            self._open = False
            self._channel.followers -= 1
            self._log.left(self._channel)
