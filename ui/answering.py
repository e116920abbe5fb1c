"""One message on its way to an answer, as the page shows it.

In: a conversation and a message. Out: the conversation, whenever it is worth drawing again, to the end of the turn.
Whoever closes the iterator follows no longer, and what nobody follows is stopped. It answers nothing itself
(`assistant.turns` does), and it knows no HTML.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, aclosing, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from assistant.errors import StoreError, UnknownConversation
from assistant.places import Overloaded
from assistant.store import Store, StoredConversation, StoredTurn
from assistant.turns import Busy, Following, Turns, press
from assistant.types import Proposal
from ui.conversation import Conversation, Exchange
from ui.wording import wording

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

_log = logging.getLogger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")
_THREADS: Final = 8
_FRAME_S: Final = 0.04  # between two drawings of a running answer
_PATIENCE_S: Final = 0.12  # a state without words is drawn when no words have followed it by then
_LISTEN_S: Final = 15.0
_MOST_EVENTS: Final = 500


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the shopper. `replaces` is the number of the first message that it stands for."""

    text: str
    page_product_id: str | None = None
    address: str | None = None
    replaces: int | None = None


class Answering:
    """Lets messages of the page be answered; `opening` is the assistant as soon as it is there."""

    def __init__(self, opening: Future[Assistant], store: Store, turns: Turns) -> None:
        self._opening = opening
        self._store = store
        self._turns = turns
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="page")

    async def say(self, conversation: Conversation, said: Said) -> AsyncGenerator[Exchange | None]:
        """Post a message; then its exchange, whenever that is worth drawing again, until it is answered.

        None: it is no part of the conversation any more. The conversation must not be `posting` yet.
        """
        conversation.posting = True
        with ExitStack() as until_over:
            try:
                following, turn = await self._posted(conversation, said)
                until_over.enter_context(closing(following))
            except (Overloaded, Busy):
                yield conversation.refuse(said.text, wording(conversation.language).busy, said.replaces)
                return
            except StoreError:
                _log.exception("conversation %s: the message could not be taken", conversation.id)
                yield conversation.refuse(said.text, wording(conversation.language).failed, said.replaces)
                return
            finally:
                conversation.posting = False
            conversation.stored = True
            async with aclosing(self._drawings(following, conversation, turn.id)) as drawings:
                async for exchange in drawings:
                    yield exchange

    async def watch(self, conversation: Conversation) -> AsyncIterator[None]:
        """Whenever a conversation in which others speak is worth drawing again, until nobody is being answered."""
        while conversation.running:
            turn = next(entry.turn for entry in conversation.entries if isinstance(entry, Exchange) and entry.running)
            with closing(await self.follow(conversation)) as following:
                async for _ in self._drawings(following, conversation, turn):
                    yield
                yield
                if following.closed:
                    return

    async def follow(self, conversation: Conversation) -> Following:
        """Follow a conversation from where the page is. To be closed.

        Raises:
            StoreError: it could not be read.
        """
        return self._turns.follow(await self._as_stored(conversation), conversation.seq)

    async def catch_up(self, conversation: Conversation) -> None:
        """Take what others have said and done in the conversation meanwhile.

        Raises:
            StoreError: it could not be read.
        """
        while conversation.stored:
            events = await self.ask(self._store.events, conversation.id, conversation.seq, _MOST_EVENTS)
            conversation.take(events)
            if len(events) < _MOST_EVENTS:
                return

    async def stop(self, conversation: Conversation) -> None:
        """Stop what is being answered; what was answered so far stays."""
        if conversation.running:
            await self._turns.stop(conversation.id)

    async def press(self, conversation: Conversation, proposal_id: str, address: str | None) -> Proposal | None:
        """What became of a proposal of the conversation whose button was pressed; None where there is none.

        Raises:
            StorefrontError, StoreError: the shop gave no answer; the button may be pressed again.
        """
        stored = await self.ask(self._store.conversation, conversation.id)
        if stored is None:
            return None
        assistant = await asyncio.shield(asyncio.wrap_future(self._opening))
        return await press(assistant, self._store, self._turns.writer, stored, proposal_id, address)

    async def ask(self, function: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
        """Call the store in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: function(*arguments, **named))

    async def write(self, function: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
        """Call the store for something that writes: with others in one transaction."""
        return await self._turns.writer.do(function, *arguments, **named)

    async def _as_stored(self, conversation: Conversation) -> StoredConversation:
        """The conversation as it is stored, or will be with its first message."""
        stored = await self.ask(self._store.conversation, conversation.id) if conversation.stored else None
        if stored is None and conversation.stored:
            conversation.begin_anew()  # it was erased
        return stored or _as_known(conversation)

    async def _posted(self, conversation: Conversation, said: Said) -> tuple[Following, StoredTurn]:
        """A message posted, and its conversation followed from before it."""
        known = _as_known(conversation)
        with ExitStack() as unless_posted:
            following = unless_posted.enter_context(closing(self._turns.follow(known, conversation.seq)))
            try:
                turn = await self._turns.post(
                    known,
                    said.text,
                    page_product_id=said.page_product_id,
                    locale=conversation.locale,
                    replaces=said.replaces if conversation.stored else None,
                    address=said.address,
                    begins=not conversation.stored,
                    browser=conversation.browser,
                )
            except UnknownConversation:
                if not conversation.stored:
                    raise
                conversation.begin_anew()  # it was erased
                return await self._posted(conversation, said)
            unless_posted.pop_all()
            return following, turn

    async def _drawings(
        self, following: Following, conversation: Conversation, turn: str | None
    ) -> AsyncGenerator[Exchange | None]:
        """A turn's exchange whenever it is worth drawing again, to its end; None where it has been replaced.

        What has no words yet is held back a little, in case words follow: each drawing costs a few milliseconds, and
        with many shoppers at once their sum is what the last of them waits for.
        """
        loop = asyncio.get_running_loop()
        seen = False  # before its message is there, there is nothing to draw
        exchange = conversation.of_turn(turn)
        while not following.closed and (exchange.running if exchange is not None else not seen):
            conversation.take(await following.read(_LISTEN_S))
            deadline = loop.time() + _PATIENCE_S
            while (exchange := conversation.of_turn(turn)) is not None and exchange.running and not exchange.answer:
                if (left_s := deadline - loop.time()) <= 0 or following.closed:
                    break
                conversation.take(await following.read(left_s))
            if seen := seen or exchange is not None:
                yield exchange
                await asyncio.sleep(_FRAME_S if exchange is not None and exchange.answer else 0)
        if following.closed:
            conversation.take(await following.read(0))
        if following.closed or not seen:  # another that follows the conversation may have read it to its end
            yield conversation.of_turn(turn)


def _as_known(conversation: Conversation) -> StoredConversation:
    """The conversation as the page knows it, which is enough to speak in it."""
    now = datetime.now(UTC)
    return StoredConversation(conversation.id, now, now, locale=conversation.locale, last_seq=conversation.seq)
