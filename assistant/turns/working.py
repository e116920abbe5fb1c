"""The turns of one worker: which runs, which waits, which is stopped, and which are taken over from a dead worker.

In: messages posted here, followers, other workers' turns as the store tells of them. Out: turns that end. It draws up
no answer.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, ParamSpec, TypeVar

from assistant.errors import StoreError, TurnOver
from assistant.places import Overloaded, Places
from assistant.store import (
    Mood,
    NewHandoff,
    Store,
    StoredConversation,
    StoredEvent,
    StoredMessage,
    StoredTurn,
    TurnState,
)
from assistant.turns.background import Background
from assistant.turns.history import REMEMBERED, has_gaps, history_of, with_questions
from assistant.turns.lines import Busy, Line, Posted, Timing
from assistant.turns.log import Channel, EventLog, Following
from assistant.turns.running import OPENING, WAITING, Running
from assistant.turns.writing import Writer
from assistant.types import Event, Query, Turn
from knowledge_base.desk_settings import DeskSettings
from knowledge_base.text import visible

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

_log = logging.getLogger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")
_THREADS: Final = 8  # for what the store is asked beside the events
_IN_LINE: Final = 4  # messages of one conversation that may wait for their answers


class Turns:
    """Posts, follows and stops turns for one event loop; `opening` holds the assistant once it is loaded.

    `writer` is what everything that writes goes through, so that it shares transactions.
    """

    def __init__(
        self,
        opening: Future[Assistant],
        store: Store,
        places: Places,
        timing: Timing | None = None,
        desk: DeskSettings | None = None,
    ) -> None:
        """`desk` says who answers when; None: the assistant does, always."""
        self.when_left: Callable[[str], None] = lambda conversation_id: None
        """Told of each conversation in which a message was left to a person."""
        self._desk = desk or DeskSettings()
        self._opening = opening
        self._store = store
        self._places = places
        self._timing = timing or Timing()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="turns")
        self.writer = Writer(store)
        self._events = EventLog(store, self._threads, self.writer, self._left)
        self._lines: dict[str, Line] = {}
        self._here: set[str] = set()  # ids of turns in line or running here
        self._elsewhere: frozenset[str] = frozenset()  # conversations in which other workers answer
        self._background = Background()
        self._closing = False
        self.worker = secrets.token_urlsafe(9)

    @property
    def running(self) -> int:
        """How many turns are answered or wait here."""
        return len(self._here)

    def start(self) -> None:
        """Begin to look after other workers' events and turns."""
        for look, every_s in (
            (self._look_at_heads, self._timing.tick),
            (self._renew, self._timing.renew),
            (self._sweep, self._timing.sweep),
        ):
            self._background.repeat(look, every_s)

    async def close(self, grace_s: float = 0.0) -> None:
        """End: no turn begins any more, those that run have `grace_s` to finish and are stopped then.

        Turns in line stay in the store for another worker.
        """
        self._closing = True
        workers = [line.worker for line in self._lines.values() if line.worker is not None]
        if workers and grace_s:
            await asyncio.wait(workers, timeout=grace_s)
        for line in self._lines.values():
            if line.answering is not None:
                line.answering.cancel()
        if workers:
            await asyncio.wait(workers)
        await self._background.close()
        self._events.close()
        await self._events.flush()
        await self.writer.close()
        self._threads.shutdown(wait=False)

    async def post(
        self,
        conversation: StoredConversation,
        text: str,
        *,
        key: str | None = None,
        page_product_id: str | None = None,
        locale: str | None = None,
        replaces: int | None = None,
        address: str | None = None,
        begins: bool = False,
        browser: str | None = None,
    ) -> StoredTurn:
        """Store a message and have it answered. The same `key` again is the turn of the first time.

        `address` is where it came from, None where that cannot be told. `begins`: the conversation is not stored yet
        and begins with it, as the one that `browser` is in.
        Follow the conversation from before the turn's first event, and at once: a turn that nobody follows is stopped.

        Raises:
            Overloaded: the line for a place is full; nothing was stored.
            Busy: too many messages of this conversation wait already; nothing was stored.
            IdempotencyConflict: the key was used for another message.
            UnknownMessage: `replaces` is no message of the conversation.
            StoreError: it could not be stored.
        """
        line = self._line(conversation.id)
        line.channel.answering += 1
        try:
            if self._closing:
                raise Overloaded
            if key is not None and (line.posted or self._places.full):
                known = await self._ask(self._store.turn_by_key, conversation.id, key)
                if known is not None and known.text == text and known.replaces == replaces:
                    return known
            if len(line.posted) >= _IN_LINE:
                raise Busy
            self._places.admit()
            with ExitStack() as unless_put:
                unless_put.callback(self._places.leave)
                is_next = not line.posted

                def posted() -> tuple[StoredTurn, bool, Sequence[StoredEvent]]:
                    turn = self._store.post_turn(
                        conversation.id,
                        text,
                        key=key,
                        page_product_id=page_product_id,
                        locale=locale,
                        replaces=replaces,
                        begins=begins,
                        browser=browser,
                    )
                    new = turn.state == "queued" and turn.id not in self._here
                    claimed = new and is_next and self._store.claim_turn(turn.id, self.worker, self._timing.lease)
                    return turn, claimed, self._store.events(conversation.id, turn.first_seq - 1, 1)

                turn, claimed, told = await self.writer.do(posted)
                self._events.publish(conversation.id, told)
                if claimed or (turn.state == "queued" and turn.id not in self._here):
                    unless_put.pop_all()
                    mine = replace(turn, state="running") if claimed else turn
                    self._put(line, Posted(mine, conversation.shopper, address, admitted=True))
            return turn
        finally:
            line.channel.answering -= 1
            self._tidy(line)

    def follow(self, conversation: StoredConversation, after: int) -> Following:
        """Follow a conversation's events after number `after`. To be closed."""
        following = self._events.follow(conversation.id, after, conversation.last_seq)
        if conversation.running_turn is not None and conversation.running_turn not in self._here:
            self._background.start(partial(self._tell_followed, [conversation.id], self._timing.elsewhere))
        return following

    def tell(self, conversation_id: str, events: Sequence[StoredEvent]) -> None:
        """Tell who follows a conversation here of events that were stored by others than its turns."""
        self._events.publish(conversation_id, events)

    async def stop(self, conversation_id: str) -> bool:
        """Stop what is being answered, or waits first. False: nothing is or does.

        Raises:
            StoreError: it could not be stored.
        """
        asked = await self.writer.do(self._store.request_stop, conversation_id)
        line = self._lines.get(conversation_id)
        if asked and line is not None and line.answering is not None:
            line.answering.cancel()
        return asked

    # One conversation's line.

    def _line(self, conversation_id: str) -> Line:
        line = self._lines.get(conversation_id)
        if line is None:
            line = self._lines[conversation_id] = Line(self._events.channel(conversation_id))
            line.left_at = asyncio.get_running_loop().time()
        return line

    def _tidy(self, line: Line) -> None:
        """Let go of a conversation that nothing is answered in."""
        if not line.channel.answering and not line.posted and line.worker is None:
            if line.looking is not None:
                line.looking.cancel()
            self._lines.pop(line.channel.conversation_id, None)
            self._events.let_go(line.channel)

    def _put(self, line: Line, posted: Posted) -> None:
        line.posted.append(posted)
        line.channel.answering += 1
        self._here.add(posted.turn.id)
        if line.worker is None:
            line.worker = asyncio.create_task(self._work(line))

    async def _work(self, line: Line) -> None:
        """Answer the line's turns, one after the other."""
        try:
            while line.posted and not self._closing:
                await self._take(line, line.posted[0])
                self._done_with(line, line.posted.popleft())
        finally:
            while line.posted:  # the server goes away; they wait in the store
                posted = line.posted.popleft()
                if posted.admitted:
                    self._places.leave()
                self._done_with(line, posted)
            line.worker = None
            self._tidy(line)

    def _done_with(self, line: Line, posted: Posted) -> None:
        self._here.discard(posted.turn.id)
        line.channel.answering -= 1

    async def _take(self, line: Line, posted: Posted) -> None:
        """Answer one turn when there is a place for it, unless another worker does."""
        running = line.running = Running(posted.turn, self.worker, self._events)
        task = line.answering = asyncio.create_task(self._answer(line, posted, running))
        try:
            await asyncio.wait([task])
            failure = None if task.cancelled() else task.exception()
            if isinstance(failure, (TurnOver, Overloaded)):
                return  # another worker has it, or will find it
            if failure is not None:
                _log.error("turn %s could not be answered", posted.turn.id, exc_info=failure)
            state: TurnState = "stopped" if task.cancelled() else "done" if failure is None else "failed"
            await self._finish(line, running, state, claimed=posted.turn.state == "running")
        finally:
            if posted.admitted:  # it did not come to have a place
                self._places.leave()
                posted.admitted = False
            line.running = line.answering = None

    async def _answer(self, line: Line, posted: Posted, running: Running) -> None:
        """Claim a turn and let the assistant answer it.

        Raises:
            TurnOver: another worker has it.
            Overloaded: it was not let into the line of places, and the line is full.
        """

        def wait(ahead: int) -> None:
            text = WAITING[running.language].format(ahead=ahead)
            running.put(Event("status", {"stage": "understand", "text": text}))

        place = self._places.promised(wait) if posted.admitted else self._places.take(wait)
        await self._claim(posted)
        self._look_for_followers(line)
        posted.admitted = False  # the place gives itself back from here on
        async with place:
            held, earlier = await self._ask(self._before, posted.turn.conversation_id)
            if held == "by agent" or (held == "for agent" and not self._desk.is_by_intent):
                running.leave(None if held == "by agent" else self._waiting(running))
                return
            if not self._opening.done():
                await running.tell(Event("status", {"stage": "understand", "text": OPENING[running.language]}))
            assistant = await asyncio.shield(asyncio.wrap_future(self._opening))
            turn = posted.turn
            page = turn.page_product_id
            asked = Turn(
                turn.conversation_id,
                visible(turn.text).strip(),
                history_of(earlier, turn.message_id, turn.replaces),
                shopper=posted.shopper,
                page_product_id=page if page is not None and page in assistant.index.products else None,
                locale=turn.locale,
                address=posted.address,
            )
            if has_gaps(asked.history):
                asked = await asyncio.to_thread(with_questions, asked, assistant.understand)
            if held == "for agent":
                query = await asyncio.to_thread(assistant.understand, asked)
                if self._desk.mode_of(query.intents, self._store.now()) == "copilot":
                    running.leave(self._waiting(running, query))
                    return
            await running.answer(assistant, asked)

    def _before(self, conversation_id: str) -> tuple[Literal["by agent", "for agent", ""], tuple[StoredMessage, ...]]:
        """Whose a conversation is, and what was said in it."""
        held = self._held(conversation_id)
        return held, () if held == "by agent" else self._store.history(conversation_id, REMEMBERED)

    def _held(self, conversation_id: str) -> Literal["by agent", "for agent", ""]:
        """Whether an agent has the conversation now, or messages may have to wait for one."""
        conversation = self._store.conversation(conversation_id)
        if conversation is not None and conversation.who == "agent":
            return "by agent"
        now = self._store.now()
        asks = self._desk.asks_for_people and (self._desk.is_by_intent or self._desk.mode_at(now) == "copilot")
        return "for agent" if asks and self._store.has_agents() else ""

    def _waiting(self, running: Running, query: Query | None = None) -> NewHandoff:
        """The hand-off of a message that waits for an agent by the shop's settings."""
        notice = self._desk.notice(running.language)
        if query is None:
            return NewHandoff("copilot", language=running.language, notice=notice)
        mood: Mood = "upset" if "complaint" in query.intents else "calm"
        return NewHandoff("copilot", query.intent, query.language, mood, query.order_ref, notice)

    async def _claim(self, posted: Posted) -> None:
        """Return when the turn is this worker's.

        Raises:
            TurnOver: another worker has it, or it is finished.
        """
        while posted.turn.state == "queued":
            if await self.writer.do(self._store.claim_turn, posted.turn.id, self.worker, self._timing.lease):
                posted.turn = replace(posted.turn, state="running")
                return
            now = await self._ask(self._store.turn, posted.turn.id)
            if now is None or now.state != "queued":
                raise TurnOver(f"turn {posted.turn.id!r} is answered by another worker")
            await asyncio.sleep(self._timing.tick)  # an earlier one of this conversation runs at another worker

    async def _finish(self, line: Line, running: Running, state: TurnState, claimed: bool = True) -> None:
        """Store the end of a turn and tell followers."""
        try:
            await running.stored()
        except StoreError:
            _log.warning("turn %s: not all that was told could be stored", running.turn.id)
        ends, text, events = running.end(state)

        def events_of_end(message: StoredMessage | None) -> Sequence[tuple[str, Mapping[str, Any]]]:
            return events if events is not None else [("done", running.done(ends, message))]

        owner = self.worker if claimed else None
        try:
            finished = await self.writer.do(
                self._store.finish_turn,
                running.turn.id,
                ends,
                text,
                running.reply,
                events_of_end,
                owner=owner,
                trace=running.trace,
                handoff=running.asks_for_a_person(),
            )
        except TurnOver:
            return
        except StoreError:
            _log.exception("turn %s: its end could not be stored", running.turn.id)
            return
        self._events.publish(line.channel.conversation_id, finished.events)
        if running.left_to_a_person:
            self.when_left(line.channel.conversation_id)

    def _left(self, channel: Channel) -> None:
        """The last follower of a conversation has gone."""
        line = self._lines.get(channel.conversation_id)
        if line is not None:
            line.left_at = asyncio.get_running_loop().time()
            self._look_for_followers(line)
        elif channel.conversation_id in self._elsewhere:
            self._background.start(partial(self._tell_followed, [channel.conversation_id], 0.0))

    def _look_for_followers(self, line: Line) -> None:
        """Stop what is answered in a conversation that nobody has followed for a while."""
        if line.channel.followers or line.looking is not None or line.answering is None:
            return
        loop = asyncio.get_running_loop()
        in_s = line.left_at + self._timing.abandoned - loop.time()
        if line.followed_elsewhere:
            in_s = min(in_s, self._timing.tick)
        line.looking = loop.call_later(in_s, lambda: self._background.start(partial(self._stop_unless_followed, line)))

    async def _stop_unless_followed(self, line: Line) -> None:
        """Stop unless somebody follows, here or at another worker."""
        line.looking = None
        running, answering, loop = line.running, line.answering, asyncio.get_running_loop()
        if running is None or answering is None or line.channel.followers:
            return
        line.followed_elsewhere = await self._ask(self._store.followed, running.turn.id)
        if line.followed_elsewhere:
            line.left_at = loop.time()
        left_long_ago = loop.time() - line.left_at >= self._timing.abandoned
        if left_long_ago and not line.channel.followers and line.answering is answering:
            answering.cancel()
        else:
            self._look_for_followers(line)

    # What other workers do.

    async def _look_at_heads(self) -> None:
        """See how far followed conversations have come, and tell who answers elsewhere that they are followed."""
        followed = self._events.followed()
        if not followed:
            return
        heads, elsewhere = await asyncio.gather(
            self._ask(self._store.heads, followed), self._ask(self._store.answered_elsewhere, self.worker)
        )
        self._events.come_to(heads)
        self._elsewhere = elsewhere
        if watched := elsewhere.intersection(followed):
            await self._tell_followed(sorted(watched), self._timing.elsewhere)

    async def _tell_followed(self, conversation_ids: list[str], for_s: float) -> None:
        await self.writer.do(self._store.mark_followed, conversation_ids, for_s)

    async def _renew(self) -> None:
        """Keep the turns that run here, and end those that are to be stopped or were lost."""
        here = {
            line.running.turn.id: line
            for line in self._lines.values()
            if line.running is not None and line.posted and line.posted[0].turn.state == "running"
        }
        if not here:
            return
        for turn_id in await self.writer.do(self._store.renew_turns, self.worker, list(here), self._timing.lease):
            line = here[turn_id]
            if line.answering is not None and line.running is not None and line.running.turn.id == turn_id:
                line.answering.cancel()

    async def _sweep(self) -> None:
        """Take care of turns that nobody answers."""
        if self._closing or self._places.full:
            return
        for turn in await self._ask(self._store.orphaned_turns, None, self._timing.unclaimed):
            if turn.id in self._here:
                continue
            conversation = await self._ask(self._store.conversation, turn.conversation_id)
            if conversation is None:
                continue
            if turn.state == "running":
                taken = await self.writer.do(self._store.take_turn_over, turn.id, self.worker, self._timing.lease)
                if taken is None:
                    continue
                turn = taken
                if await self._was_shown(turn):
                    line = self._line(turn.conversation_id)
                    await self._finish(line, Running(turn, self.worker, self._events), "failed")
                    self._tidy(line)
                    continue
            self._put(
                self._line(turn.conversation_id),
                Posted(turn, conversation.shopper, None, admitted=False),
            )

    async def _was_shown(self, turn: StoredTurn) -> bool:
        """Whether any of its answer may have been seen."""
        events = await self._ask(self._store.events, turn.conversation_id, turn.first_seq)
        return any(event.turn_id == turn.id and event.kind != "status" for event in events)

    async def _ask(self, function: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
        """Call the store in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: function(*arguments, **named))
