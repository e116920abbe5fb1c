"""One message on its way to an answer, as the page shows it.

In: a conversation and a message. Out: the states of its `Exchange`, as they change, the last one final; message and
answer are stored on the way. Stopping, waiting, overload and failure end in a state that says so. It knows no HTML.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from assistant.errors import AssistantError, StoreError
from assistant.places import Overloaded, Places
from assistant.store import NewMessage, Store
from assistant.trace import Trace
from assistant.types import Proposal, Turn
from ui.conversation import Conversation, Exchange, advance, stopped
from ui.outbox import Outbox
from ui.wording import wording

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

_log = logging.getLogger(__name__)
_FRAME_S: Final = 0.04  # between two drawings of a running answer
_PATIENCE_S: Final = 0.12  # a state without words is drawn when no words have followed it by then


class Answering:
    """Answers messages one conversation at a time, with `opening` the assistant as soon as it is there."""

    def __init__(self, opening: Future[Assistant], store: Store, places: Places) -> None:
        self._opening = opening
        self._store = store
        self._outbox = Outbox(store)
        self._places = places
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> int:
        """How many answers are under way or being stored."""
        return len(self._tasks)

    async def stop_all(self) -> None:
        """Stop every answer; returns when all have been stored as far as they came."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def answer(
        self,
        conversation: Conversation,
        exchange: Exchange,
        page_product_id: str | None = None,
        replaces: int | None = None,
    ) -> AsyncIterator[Exchange]:
        """The exchange whenever it is worth drawing again. Closing the iterator stops the answer.

        The conversation must not be answering yet; `conversation.exchanges` holds the result when this ends.
        `replaces` is the id of the first stored message that this one stands for.
        """
        turn = Turn(
            conversation.id,
            exchange.text,
            conversation.history(),
            page_product_id=page_product_id,
            locale=conversation.locale,
            address=conversation.address,
        )
        browser = None if conversation.exchanges else conversation.browser  # told with the first message
        asked = NewMessage(conversation.id, "shopper", exchange.text, replaces=replaces, browser=browser)
        conversation.exchanges.append(exchange)
        states: asyncio.Queue[Exchange | None] = asyncio.Queue()
        task = conversation.task = asyncio.create_task(self._run(turn, asked, exchange, states))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            drawn = None
            while (state := await _latest(states, _PATIENCE_S)) is not None:
                conversation.exchanges[-1] = state
                if not state.running:
                    conversation.task = None  # with the last words on the page the next message may come
                if state is not drawn:
                    yield state
                    drawn = state
                    await asyncio.sleep(_FRAME_S if state.answer else 0)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            if conversation.task is task:  # the page went away before the last words
                conversation.task = None
                while not states.empty():
                    conversation.exchanges[-1] = states.get_nowait() or conversation.exchanges[-1]
                conversation.exchanges[-1] = stopped(conversation.exchanges[-1])

    async def press(self, conversation: Conversation, proposal_id: str) -> Proposal | None:
        """What became of a proposal of the conversation whose button was pressed; None where there is none.

        Raises:
            StorefrontError, StoreError: the shop gave no answer; the button may be pressed again.
        """
        ids = conversation.id, proposal_id
        taken = await asyncio.to_thread(self._store.accept_proposal, *ids)
        if taken is None:
            taken = await asyncio.to_thread(self._store.proposal, *ids)
            if taken is None or taken.state != "accepted" or taken.kind == "add_to_cart":
                return taken  # else whoever took it is gone, or at it still: the shop acts on one request once
        assistant = await asyncio.shield(asyncio.wrap_future(self._opening))
        try:
            turn = Turn(conversation.id, "", conversation.history(), address=conversation.address)
            outcome = await assistant.carry_out(taken, turn)
        except AssistantError:
            await asyncio.to_thread(self._store.settle_proposal, *ids, "open")
            raise
        settled = await asyncio.to_thread(self._store.settle_proposal, *ids, outcome.state, outcome.detail)
        return settled or outcome

    async def _run(
        self, turn: Turn, asked: NewMessage, exchange: Exchange, states: asyncio.Queue[Exchange | None]
    ) -> None:
        """Answer one turn into `states`: None comes last, the final and stored exchange before it.

        The message is stored while its answer is being found; nothing is shown before it is stored.
        """
        words = wording(exchange.language)
        trace: Trace | None = None  # comes with the last word
        kept = asyncio.create_task(self._outbox.append(asked))

        def show(changed: Exchange) -> None:
            nonlocal exchange
            exchange = changed
            if kept.done():
                states.put_nowait(exchange)

        def wait(ahead: int) -> None:
            show(replace(exchange, status=words.waiting.format(ahead=ahead)))

        def shown_from_now_on(kept: asyncio.Task[int]) -> None:
            if not kept.cancelled() and kept.exception() is None and exchange.running:
                show(exchange)

        kept.add_done_callback(shown_from_now_on)
        try:
            async with self._places.take(wait):
                if not self._opening.done():
                    show(replace(exchange, status=words.opening))
                assistant = await asyncio.shield(asyncio.wrap_future(self._opening))
                turn = self._on_a_page_that_exists(turn, assistant)
                async with aclosing(assistant.stream(turn)) as events:
                    async for event in events:
                        following = advance(exchange, event)
                        trace = event.data.get("trace")
                        if following.answer:
                            await asyncio.shield(kept)
                        exchange = following
                        if exchange.running:
                            show(exchange)
            if exchange.running:
                raise RuntimeError("the answer ended without a last word")
            await asyncio.shield(kept)
        except asyncio.CancelledError:
            exchange = stopped(exchange)
        except Overloaded:
            exchange = replace(exchange, state="failed", status="", problem=words.busy)
        except Exception:  # noqa: BLE001 - the edge of a request: logged, told to the shopper, and survived
            _log.exception("conversation %s: the message could not be answered", turn.conversation_id)
            exchange = replace(exchange, state="failed", status="", problem=words.failed)
        finally:
            await asyncio.wait([kept])
            if kept.exception() is None:
                exchange = replace(exchange, asked_id=kept.result())
            show(await self._stored(turn, exchange, trace))
            states.put_nowait(None)

    async def _stored(self, turn: Turn, exchange: Exchange, trace: Trace | None) -> Exchange:
        """The exchange with its answer stored; without a message id where there is none or it could not be."""
        if not exchange.answer:
            return exchange
        answer = NewMessage(turn.conversation_id, "assistant", exchange.answer, exchange.reply, trace=trace)
        try:
            return replace(exchange, message_id=await self._outbox.append(answer))
        except StoreError:
            _log.exception("conversation %s: the answer could not be stored", turn.conversation_id)
            return exchange

    @staticmethod
    def _on_a_page_that_exists(turn: Turn, assistant: Assistant) -> Turn:
        """The turn without its product page where the shop has no such product."""
        known = turn.page_product_id is None or turn.page_product_id in assistant.index.products
        return turn if known else replace(turn, page_product_id=None)


async def _latest(states: asyncio.Queue[Exchange | None], patience_s: float) -> Exchange | None:
    """The next state, or the newest where several are there already; None after the last.

    A state without words is held back for `patience_s` in all, in case words follow: each drawing costs a few
    milliseconds, and with many shoppers at once their sum is what the last of them waits for.
    """
    state = await states.get()
    deadline = asyncio.get_running_loop().time() + patience_s
    while state is not None:
        try:
            if state.answer or not state.running:
                following = states.get_nowait()
            else:
                async with asyncio.timeout_at(deadline):
                    following = await states.get()
        except (asyncio.QueueEmpty, TimeoutError):
            break
        if following is None:
            states.put_nowait(None)
            break
        state = following
    return state
