"""One shopper's conversation as a page shows it.

In: the shopper's messages and the `Event`s of their answers. Out: a list of `Exchange` values to draw, and the history
for the next `Turn`. It knows no HTML, no Gradio and no storage.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.types import Citation, Event, Language, Message, ProductCard, Proposal, Query, Reply

State = Literal["waiting", "streaming", "done", "stopped", "failed"]
Vote = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message of the shopper and what has been answered so far.

    `number` counts the messages of the conversation, those that were edited or asked again too. `typed`: it was
    written in the message box, not pressed. `asked_id` names the stored message, None until it is stored.
    `status` says what is happening before the first words. `problem` is what to tell the shopper in state "failed".
    `reply` is there once the answer is complete. `message_id` names the stored answer, None when unstored.
    """

    text: str
    language: Language
    number: int = 0
    state: State = "waiting"
    status: str = ""
    answer: str = ""
    products: tuple[ProductCard, ...] = ()
    citations: tuple[Citation, ...] = ()
    suggestions: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    handoff: str | None = None
    problem: str = ""
    retry: bool = True
    reply: Reply | None = None
    message_id: int | None = None
    vote: Vote | None = None
    typed: bool = False
    asked_id: int | None = None

    @property
    def running(self) -> bool:
        """Whether the answer is still coming."""
        return self.state in ("waiting", "streaming")

    @property
    def query(self) -> Query | None:
        """What the message was understood as, once the answer is complete."""
        return self.reply.query if self.reply else None


def advance(exchange: Exchange, event: Event) -> Exchange:
    """The exchange after one more event of its answer."""
    data = event.data
    match event.kind:
        case "status":
            return replace(exchange, status=str(data.get("text", "")))
        case "text":
            return replace(exchange, state="streaming", answer=exchange.answer + data["delta"])
        case "products":
            return replace(exchange, products=tuple(data["products"]))
        case "sources":
            return replace(exchange, citations=tuple(data["citations"]))
        case "suggestions":
            return replace(exchange, suggestions=tuple(data["suggestions"]))
        case "proposals":
            return replace(exchange, proposals=tuple(data["proposals"]))
        case "handoff":
            return replace(exchange, handoff=str(data["reason"]))
        case "error":
            return replace(
                exchange, state="failed", status="", problem=str(data.get("message", "")), retry=bool(data.get("retry"))
            )
        case "done":
            return finished(exchange, data["reply"])


def finished(exchange: Exchange, reply: Reply) -> Exchange:
    """The exchange with its complete reply: what was streamed gives way to what the reply holds."""
    return replace(
        exchange,
        state="done",
        status="",
        language=reply.query.language,
        answer=reply.text,
        products=reply.products,
        citations=reply.citations,
        suggestions=reply.suggestions,
        proposals=reply.proposals,
        handoff=reply.handoff,
        reply=reply,
    )


def settled(exchange: Exchange, outcomes: Mapping[str, Proposal]) -> Exchange:
    """The exchange with what became of its proposals, by their ids."""
    return replace(exchange, proposals=tuple(outcomes.get(made.id, made) for made in exchange.proposals))


def stopped(exchange: Exchange) -> Exchange:
    """The exchange when the shopper stopped it: what was answered so far stays."""
    return replace(exchange, state="stopped", status="") if exchange.running else exchange


@dataclass(slots=True, eq=False, weakref_slot=True)
class Conversation:
    """What a browser's open pages hold: only this object changes, and only from their own events.

    `id` is unguessable. `browser` may find it again, None where it cannot be told from others. `address` is where its
    page was opened from. `task` writes the answer while one is on its way; cancelling it stops the answer.
    """

    language: Language
    locale: str | None = None
    browser: str | None = None
    id: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    exchanges: list[Exchange] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    n_asked: int = 0
    address: str | None = None

    def next_number(self) -> int:
        """The number of the next message."""
        self.n_asked += 1
        return self.n_asked

    def history(self) -> tuple[Message, ...]:
        """The messages before the next one, oldest first; exchanges that failed left no trace."""
        messages: list[Message] = []
        for exchange in self.exchanges:
            if exchange.state not in ("done", "stopped"):
                continue
            messages.append(Message("shopper", exchange.text))
            if exchange.reply is not None:
                messages.append(exchange.reply.as_message())
            elif exchange.answer:
                shown = tuple(card.id for card in exchange.products)
                messages.append(Message("assistant", exchange.answer, shown, exchange.query))
        return tuple(messages)


@dataclass(slots=True, eq=False)
class Session:
    """One open page; no conversation before it has opened. `page_product_id` is the product it stands beside."""

    conversation: Conversation | None = None
    page_product_id: str | None = None
