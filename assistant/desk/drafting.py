"""Drafts for agents: what the assistant would answer, made beside the shoppers' answers and shown to nobody else.

In: conversations with a message for a person. Out: drafts in the store, one first draft a message. They are made in
places that no shopper waits for; a newer message ends the draft of the one before. A draft is stored when it is whole.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from assistant.confidence import confidence_of
from assistant.desk.variants import varied
from assistant.errors import NothingToAnswer
from assistant.places import Places
from assistant.store import Draft, DraftKind, NewDraft, Store
from assistant.trace import Trace
from assistant.turns import REMEMBERED, history_of, with_questions
from assistant.turns.writing import Writer
from assistant.types import Reply, Turn
from knowledge_base.text import visible

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

_log = logging.getLogger(__name__)
_AT_ONCE: Final = 4  # drafts that are made at the same time
_TRIES: Final = 4  # of which all but the last give way to a shopper who waits


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kind of draft: the first, or another one with an instruction or in a language."""

    kind: DraftKind = "first"
    instruction: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft before it is stored. `confidence` (0 to 1) that it is right; None: unknown."""

    reply: Reply
    trace: Trace | None = None
    confidence: float | None = None


async def draft_reply(assistant: Assistant, turn: Turn, wanted: Wanted, before: Draft | None = None) -> Drafted:
    """What the assistant would answer, or `before`, the draft that another one is wanted in place of, as it is wanted.

    Raises:
        NeedsModel, NoVariant: it cannot be had so.
    """
    quiet = replace(assistant, observers=())  # it is no answer to a shopper
    if before is not None and before.trace is not None:
        reply, trace = before.reply, before.trace
    else:
        reply, trace = await _answered(quiet, turn)
    sure = await asyncio.to_thread(confidence_of, trace.parts, assistant.index)
    if wanted.kind == "first" or (wanted.kind == "again" and not wanted.instruction):
        if before is not None:
            reply, trace = await _answered(quiet, turn)
        return Drafted(reply, trace, sure)
    reply, trace = await varied(quiet, turn, reply, trace, wanted.kind, wanted.instruction, wanted.language)
    return Drafted(reply, trace, sure)


async def _answered(assistant: Assistant, turn: Turn) -> tuple[Reply, Trace]:
    async with aclosing(assistant.stream(turn)) as events:
        async for event in events:
            if event.kind == "done":
                return replace(event.data["reply"], proposals=()), event.data["trace"]
    raise AssertionError("a stream ends with done")


class Drafting:
    """Makes drafts for one event loop, with `opening` the assistant as soon as it is there."""

    def __init__(self, opening: Future[Assistant], store: Store, places: Places, writer: Writer) -> None:
        self._opening = opening
        self._store = store
        self._places = places
        self._writer = writer
        self._making = asyncio.Semaphore(_AT_ONCE)
        self._first: dict[str, asyncio.Task[Draft | None]] = {}
        self._closed = False

    def begin(self, conversation_id: str) -> None:
        """Make the first draft of the newest message, unless there is one; what is made of an older message ends."""
        if self._closed:
            return
        if (known := self._first.pop(conversation_id, None)) is not None:
            known.cancel()
        task = asyncio.create_task(self._make(conversation_id, Wanted()))
        self._first[conversation_id] = task
        task.add_done_callback(lambda done: self._ended(conversation_id, done))

    def is_making(self, conversation_id: str) -> bool:
        """Whether a first draft is being made."""
        return conversation_id in self._first

    async def first(self, conversation_id: str) -> Draft | None:
        """The first draft of the newest message, made now where there is none; None where the shopper writes on."""
        while True:
            if conversation_id not in self._first:
                self.begin(conversation_id)
            task = self._first.get(conversation_id)
            if task is None:
                return None
            await asyncio.wait([task])
            if not task.cancelled():
                return task.result()

    async def another(self, conversation_id: str, wanted: Wanted) -> Draft | None:
        """Another draft of the newest message; None where the shopper wrote meanwhile."""
        return await self._make(conversation_id, wanted)

    async def close(self) -> None:
        """End what is being made; nothing of it is kept."""
        self._closed = True
        tasks = list(self._first.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _make(self, conversation_id: str, wanted: Wanted) -> Draft | None:
        assistant = await asyncio.shield(asyncio.wrap_future(self._opening))
        for tries_left in reversed(range(_TRIES)):
            async with self._making, self._places.behind() as wanted_back:
                found = await self._before(conversation_id, wanted, assistant)
                if isinstance(found, Draft):
                    return found
                turn, asked_id, before = found
                making = asyncio.create_task(draft_reply(assistant, turn, wanted, before))
                drafted = await _unless(making, wanted_back if tries_left else asyncio.Event())
            if drafted is not None:
                break
        assert drafted is not None
        new = NewDraft(
            conversation_id,
            asked_id,
            drafted.reply,
            wanted.kind,
            wanted.instruction,
            drafted.trace,
            drafted.confidence,
        )
        return await self._writer.do(self._store.add_draft, new)

    async def _before(
        self, conversation_id: str, wanted: Wanted, assistant: Assistant
    ) -> Draft | tuple[Turn, int, Draft | None]:
        """The draft there is already where the first one is wanted; else what to answer, and the newest draft of it."""
        drafts = await asyncio.to_thread(self._store.open_drafts, conversation_id)
        if wanted.kind == "first" and drafts:
            return drafts[0]
        turn, asked_id = await asyncio.to_thread(self._asked, conversation_id, assistant)
        if wanted.kind == "first" and (known := await asyncio.to_thread(self._store.first_draft, asked_id)):
            return known  # it was sent or rejected; another worker may have made it meanwhile
        return turn, asked_id, drafts[0] if drafts else None

    def _asked(self, conversation_id: str, assistant: Assistant) -> tuple[Turn, int]:
        """The newest message of the shopper as a turn, and its id.

        Raises:
            NothingToAnswer: they have said nothing.
        """
        conversation = self._store.conversation(conversation_id)
        earlier = self._store.history(conversation_id, REMEMBERED)
        asked = next((message for message in reversed(earlier) if message.role == "shopper"), None)
        if conversation is None or asked is None:
            raise NothingToAnswer("the shopper has said nothing yet that could be answered")
        posted = self._store.turn(asked.turn) if asked.turn is not None else None
        page = posted.page_product_id if posted is not None else conversation.page_product_id
        turn = Turn(
            conversation_id,
            visible(asked.text).strip(),
            history_of(earlier, asked.id, asked.replaces),
            shopper=conversation.shopper,
            page_product_id=page if page is not None and page in assistant.index.products else None,
            locale=posted.locale if posted is not None else conversation.locale,
            for_person=True,
        )
        return with_questions(turn, assistant.understand), asked.id

    def _ended(self, conversation_id: str, task: asyncio.Task[Draft | None]) -> None:
        if self._first.get(conversation_id) is task:
            del self._first[conversation_id]
        if not task.cancelled() and (failure := task.exception()) is not None:
            _log.error("conversation %s: no draft could be made", conversation_id, exc_info=failure)


async def _unless(making: asyncio.Task[Drafted], wanted_back: asyncio.Event) -> Drafted | None:
    """What is made; None, and it is ended, where its place was wanted back before that."""
    asked = asyncio.create_task(wanted_back.wait())
    try:
        await asyncio.wait({making, asked}, return_when=asyncio.FIRST_COMPLETED)
        return making.result() if making.done() else None
    finally:
        for task in (making, asked):
            task.cancel()
        await asyncio.gather(making, asked, return_exceptions=True)
