"""The desk: everything an agent can see and do, for its routes and its screens alike.

In: an agent, whose session was checked before, and what they want. Out: values, and events that those who follow the
conversation are told of at once. Nothing reaches a shopper but by `send`. Whatever is not possible as things stand is a
`DeskError` in words that can be shown. It knows no screen and no request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from assistant.desk.beside import beside
from assistant.desk.drafting import Drafting, Wanted
from assistant.desk.translating import translation
from assistant.desk.values import OpenConversation
from assistant.errors import (
    ModelUnavailable,
    NothingToSay,
    NotYours,
    StaleDraft,
    StorefrontError,
    UnknownAgent,
    UnknownConversation,
    UnknownMessage,
)
from assistant.places import Places
from assistant.store import (
    Agent,
    CannedReply,
    Changed,
    Decision,
    Draft,
    DraftKind,
    Handoff,
    Note,
    QueueFilters,
    QueueItem,
    QueueView,
    Store,
    StoredEvent,
)
from assistant.turns import Turns
from assistant.types import Order
from knowledge_base.desk_settings import DeskSettings
from knowledge_base.text import visible

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

_P = ParamSpec("_P")
_T = TypeVar("_T")
_THREADS: Final = 4
_EARLIER: Final = 20  # conversations of the same shopper
_TRIES: Final = 3  # to draft while the shopper writes on
MESSAGE_CHARS: Final = 8000  # that an agent's message, note or kept reply may have


class Desk:
    """The desk of one shop at one worker."""

    def __init__(
        self,
        turns: Turns,
        opening: Future[Assistant],
        store: Store,
        places: Places,
        settings: DeskSettings | None = None,
    ) -> None:
        """From now on messages that are left to a person get a draft."""
        self.settings = settings or DeskSettings()
        self._turns = turns
        self._opening = opening
        self._store = store
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="desk")
        self._drafting = Drafting(opening, store, places, turns.writer)
        turns.when_left = self._drafting.begin

    async def close(self) -> None:
        """End what is being drafted; the desk is not used again."""
        await self._drafting.close()
        self._threads.shutdown(wait=False)

    # What there is to do.

    async def queue(
        self, agent: Agent, view: QueueView = "waiting", search: str = "", filters: QueueFilters | None = None
    ) -> tuple[QueueItem, ...]:
        """The lines of a view; see `Store.queue`.

        Raises:
            StoreError: they could not be read.
        """
        return await self._ask(self._store.queue, view, agent.id, search, filters)

    async def open(self, agent: Agent, conversation_id: str) -> OpenConversation:
        """A conversation with all that stands beside it. Where a person answers and there is no draft, one is begun.

        Raises:
            UnknownConversation: there is none of that id.
            StoreError: it could not be read.
        """
        found = await self._ask(self._look, conversation_id)
        if found.handoff is not None and not found.drafts and not self._drafting.is_making(conversation_id):
            last = next((message.role for message in reversed(found.messages) if message.withdrawn_at is None), None)
            if last is not None and last != "agent":
                self._drafting.begin(conversation_id)
        orders, problem = await self._orders(found.shopper)
        return OpenConversation(
            found.conversation,
            found.messages,
            found.handoff,
            found.drafts,
            self._drafting.is_making(conversation_id),
            orders,
            problem,
            found.earlier,
            found.notes,
        )

    async def seen(self, agent: Agent, conversation_id: str) -> bool:
        """Note that the agent has seen all that was said. False: the conversation is not theirs.

        Raises:
            StoreError: it could not be written.
        """
        return await self._turns.writer.do(self._store.see_messages, agent, conversation_id)

    # Whose a conversation is.

    async def claim(self, agent: Agent, conversation_id: str) -> Handoff:
        """Take a conversation in which somebody waits.

        Raises:
            Taken, HandoffOver, UnknownConversation, StoreError.
        """
        return await self._changed(self._store.claim_handoff, agent, conversation_id)

    async def take(self, agent: Agent, conversation_id: str) -> Handoff:
        """Take a conversation over, also one that the assistant has.

        Raises:
            Taken, UnknownConversation, StoreError.
        """
        return await self._changed(self._store.take_conversation, agent, conversation_id)

    async def release(self, agent: Agent, conversation_id: str) -> Handoff:
        """Let a conversation wait for another agent.

        Raises:
            NotYours, HandoffOver, UnknownConversation, StoreError.
        """
        return await self._changed(self._store.release_handoff, agent, conversation_id)

    async def reassign(self, lead: Agent, conversation_id: str, to_agent_id: str) -> Handoff:
        """Give a conversation to another agent; for leads.

        Raises:
            NotYours: no lead. UnknownAgent: there is none of that id, or they are disabled.
            HandoffOver, UnknownConversation, StoreError.
        """
        _must_lead(lead)
        to = await self._ask(self._store.agent, to_agent_id)
        if to is None or to.disabled:
            raise UnknownAgent(f"there is no agent {to_agent_id} who could take it")
        return await self._changed(self._store.reassign_handoff, lead, conversation_id, to)

    async def hand_back(self, agent: Agent, conversation_id: str) -> Handoff:
        """Let the assistant answer again.

        Raises:
            NotYours, HandoffOver, UnknownConversation, StoreError.
        """
        return await self._changed(self._store.end_handoff, agent, conversation_id, "handed_back")

    async def close_conversation(self, agent: Agent, conversation_id: str) -> Handoff:
        """Say that it is settled; should the shopper write again, the assistant answers.

        Raises:
            NotYours, HandoffOver, UnknownConversation, StoreError.
        """
        return await self._changed(self._store.end_handoff, agent, conversation_id, "closed")

    # What is drafted, sent and noted.

    async def draft(
        self,
        agent: Agent,
        conversation_id: str,
        kind: DraftKind = "first",
        instruction: str | None = None,
        language: str | None = None,
    ) -> Draft:
        """A draft of an answer to the shopper's newest message: the one there is, or with another `kind` a new one.

        Raises:
            StaleDraft: the shopper writes faster than drafts are made.
            NothingToAnswer: they have said nothing.
            NeedsModel, NoVariant: it cannot be had so.
            ModelError, StoreError, UnknownConversation.
        """
        for _ in range(_TRIES):
            made = await self._drafting.first(conversation_id) if kind == "first" else None
            if made is None or made.state != "open":
                wanted = Wanted("again" if kind == "first" else kind, instruction, language)
                if kind != "first" or made is not None:
                    made = await self._drafting.another(conversation_id, wanted)
            if made is not None:
                return made
        raise StaleDraft("the shopper is still writing: try again in a moment")

    async def translate(self, agent: Agent, conversation_id: str, message_id: int, language: str) -> str:
        """A message of a conversation in a language, for the agent's eyes; a model writes it, and it is kept nowhere.

        Raises:
            NeedsModel, ModelError, UnknownMessage, UnknownConversation, StoreError.
        """
        if await self._ask(self._store.conversation, conversation_id) is None:
            raise UnknownConversation(f"there is no conversation {conversation_id!r}")
        message = await self._ask(self._store.message, message_id)
        if message is None or message.conversation_id != conversation_id:
            raise UnknownMessage(f"message {message_id} is not in this conversation")
        if not self._is_open:
            raise ModelUnavailable("the model is still being loaded: try again in a moment")
        return await translation(self._opening.result().drafter, message.text, language)

    async def send(
        self,
        agent: Agent,
        conversation_id: str,
        text: str,
        key: str,
        draft_id: str | None = None,
        product_ids: Sequence[str] = (),
    ) -> StoredEvent:
        """Say something to the shopper, who sees it at once. The same `key` again sends nothing twice.

        Beside it stand the cards of `product_ids`, and those cards and sources of the draft that the text still names.

        Raises:
            NothingToSay: the text is empty or too long.
            StaleDraft: the shopper wrote since the draft was made; a new one is on its way.
            NotYours, HandoffOver, DraftOver, IdempotencyConflict, UnknownConversation, StoreError.
        """
        _check(text)
        draft = None if draft_id is None else await self._ask(self._store.draft, draft_id)
        index = self._opening.result().index if product_ids and self._is_open else None
        text, shown = beside(text, draft, product_ids, index)
        arguments = (agent, conversation_id, text, key, draft_id, shown)
        try:
            event = await self._turns.writer.do(self._store.send_message, *arguments)
        except StaleDraft:
            if not self._drafting.is_making(conversation_id):
                self._drafting.begin(conversation_id)
            raise
        self._turns.tell(conversation_id, [event])
        return event

    async def withdraw(self, agent: Agent, conversation_id: str, message_id: int) -> StoredEvent:
        """Take back what the agent sent a moment ago.

        Raises:
            TooLate, NotYours, UnknownMessage, StoreError.
        """
        within = timedelta(seconds=self.settings.undo_seconds)
        event = await self._turns.writer.do(self._store.withdraw_message, agent, conversation_id, message_id, within)
        self._turns.tell(conversation_id, [event])
        return event

    async def reject(self, agent: Agent, draft_id: str, reason: str | None = None) -> Decision:
        """Say that a draft is not to be sent, and why.

        Raises:
            NotYours, HandoffOver, DraftOver, StoreError.
        """
        return await self._turns.writer.do(self._store.reject_draft, agent, draft_id, reason)

    async def note(self, agent: Agent, conversation_id: str, text: str) -> Note:
        """Note something for the other agents.

        Raises:
            NothingToSay, UnknownConversation, StoreError.
        """
        _check(text)
        return await self._turns.writer.do(self._store.add_note, agent, conversation_id, text)

    async def canned_replies(self, agent: Agent) -> tuple[CannedReply, ...]:
        """The replies that are kept to be used again.

        Raises:
            StoreError: they could not be read.
        """
        return await self._ask(self._store.canned_replies)

    async def save_canned_reply(
        self, lead: Agent, title: str, text: str, language: str | None = None, reply_id: str | None = None
    ) -> CannedReply:
        """Keep a reply, or change one; for leads.

        Raises:
            NotYours: no lead. NothingToSay, UnknownMessage, StoreError.
        """
        _must_lead(lead)
        _check(title)
        _check(text)
        return await self._turns.writer.do(self._store.save_canned_reply, lead, title, text, language, reply_id)

    async def delete_canned_reply(self, lead: Agent, reply_id: str) -> bool:
        """Keep a reply no longer; for leads. False: there was none.

        Raises:
            NotYours: no lead. StoreError.
        """
        _must_lead(lead)
        return await self._turns.writer.do(self._store.delete_canned_reply, lead, reply_id)

    @property
    def _is_open(self) -> bool:
        """Whether the assistant is there."""
        return self._opening.done() and self._opening.exception() is None

    def _look(self, conversation_id: str) -> OpenConversation:
        store = self._store
        conversation = store.conversation(conversation_id)
        if conversation is None:
            raise UnknownConversation(f"there is no conversation {conversation_id!r}")
        earlier = () if conversation.shopper is None else store.conversations_of(conversation.shopper, _EARLIER + 1)
        return OpenConversation(
            conversation,
            store.history(conversation_id, withdrawn=True),
            store.handoff(conversation_id),
            store.open_drafts(conversation_id),
            earlier=tuple(one for one in earlier if one.id != conversation_id)[:_EARLIER],
            notes=store.notes(conversation_id),
        )

    async def _orders(self, shopper: str | None) -> tuple[tuple[Order, ...], str]:
        """A shopper's orders, and why there are none to be had."""
        if shopper is None or not self._is_open:
            return (), ""
        storefront = self._opening.result().storefront
        if storefront is None:
            return (), ""
        try:
            return await self._ask(storefront.orders, shopper), ""
        except StorefrontError as error:
            return (), str(error)

    async def _changed(self, change: Callable[_P, Changed], *arguments: _P.args, **named: _P.kwargs) -> Handoff:
        """Make a change, and tell who follows the conversation."""
        changed = await self._turns.writer.do(change, *arguments, **named)
        self._turns.tell(changed.handoff.conversation_id, changed.events)
        return changed.handoff

    async def _ask(self, function: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
        """Call something that waits in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: function(*arguments, **named))


def _must_lead(agent: Agent) -> None:
    if not agent.may("lead"):
        raise NotYours("this is for leads: ask one")


def _check(text: str) -> None:
    if not visible(text).strip():
        raise NothingToSay("there is nothing to read in it: write something")
    if len(text) > MESSAGE_CHARS:
        raise NothingToSay(f"it has {len(text):,} characters; the limit is {MESSAGE_CHARS:,}")
