"""The stages in order: a question goes in at the top and comes out at the bottom as a checked reply.

    Turn ─► understand ─► gather ─► build_prompt ─► draft ─► check ─► Reply

Every stage is a plain function over values. Without a chat model, or when it fails or says too little that is true,
the composer drafts from the same evidence, and the reply says which wrote it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from assistant.cards import citations, product_cards
from assistant.colleagues.bearing import with_told
from assistant.confidence import confidence_of
from assistant.drafting import Clock, Writer, Written, cited_products, with_notice
from assistant.evidence import gather
from assistant.generation import Drafter
from assistant.generation.composer import suggest
from assistant.handoff import handoff_reason
from assistant.observing import TurnObserver, observed
from assistant.openers import openers
from assistant.orders.attempts import Attempts, MemoryAttempts
from assistant.orders.visit import Freshness, Visit
from assistant.proposals import carry_out, propose
from assistant.rules import Rules
from assistant.several import merged_evidence, merged_query, parts_of, to_go_on_from
from assistant.storefront import Storefront
from assistant.trace import Trace, without_old_words
from assistant.types import Event, Evidence, Language, Part, ProductCard, Proposal, Query, Reply, Turn
from assistant.understanding import understand
from knowledge_base.index import Index
from knowledge_base.live import LiveIndex
from knowledge_base.shop import ShopInfo

_STATUS: Mapping[str, Mapping[Language, str]] = {
    "understand": {"en": "Reading your message", "zh": "正在理解您的问题"},
    "retrieve": {"en": "Looking through the shop", "zh": "正在查找店内资料"},
    "generate": {"en": "Writing the answer", "zh": "正在组织回答"},
    "wait": {"en": "This takes a little longer than usual", "zh": "比平时稍慢，请再等一会儿"},
}


@dataclass(frozen=True, slots=True)
class Assistant:
    """One shop's assistant. `drafter` None: the composer drafts every reply. `prompt_tokens` bounds a prompt.

    `catalogue` is what it answers from: an index, or one that follows its shop's changes. `attempts` counts guesses of
    order numbers: where several processes serve one shop they must share it. `observers` are told of each turn.
    `freshness` says when the records are so old that it must be said. `notice_s`, `rules`: see `Writer`.
    An answer that is likely right by less than `min_confidence` says that a person should take over; 0: none does.
    """

    catalogue: Index | LiveIndex
    drafter: Drafter | None = None
    storefront: Storefront | None = None
    prompt_tokens: int = 3000
    attempts: Attempts = field(default_factory=MemoryAttempts)
    observers: tuple[TurnObserver, ...] = ()
    freshness: Freshness | None = None
    notice_s: float = 3.0
    rules: Rules | None = None
    min_confidence: float = 0.0

    @property
    def index(self) -> Index:
        """The index as it is now; a turn asks for it once."""
        return self.catalogue.current if isinstance(self.catalogue, LiveIndex) else self.catalogue

    @property
    def info(self) -> ShopInfo:
        """The shop's name, language, currency, voice, greeting."""
        return self.index.info

    @property
    def model(self) -> str:
        """What drafts the replies, as a `--model` SPEC."""
        return self.drafter.name if self.drafter else "composer"

    def visit(self, turn: Turn) -> Visit:
        """The shop's own system for the length of one turn."""
        return Visit(self.storefront, self.attempts, turn, freshness=self.freshness)

    def openers(self, language: str) -> tuple[str, ...]:
        """Questions to begin with."""
        return openers(self.index, "zh" if language.startswith("zh") else "en")

    def understand(self, turn: Turn) -> Query:
        """What a message is about, all its questions together; nothing is looked for."""
        index = self.index
        parts = parts_of(turn, index, self.visit(turn))
        return merged_query(parts) if parts else understand(turn, index)

    async def answer(self, turn: Turn) -> Reply:
        """The whole reply at once."""
        async with aclosing(self.stream(turn)) as events:
            async for event in events:
                if event.kind == "done":
                    reply: Reply = event.data["reply"]
                    return reply
        raise AssertionError("a stream ends with done")

    async def stream(self, turn: Turn) -> AsyncGenerator[Event]:
        """status*, products?, text+, sources?, suggestions?, proposals?, handoff?, done. Closing it stops it all."""
        async with aclosing(observed(turn, self._stream(turn), self.observers)) as events:
            async for event in events:
                yield event

    async def _stream(self, turn: Turn) -> AsyncGenerator[Event]:
        clock = Clock()
        index, visit = self.index, self.visit(turn)
        parts = await asyncio.to_thread(parts_of, turn, index, visit)
        query = merged_query(parts) if parts else await asyncio.to_thread(understand, turn, index)
        clock.lap("understand")
        yield _status("retrieve", query)

        if not parts:
            parts = (Part(*await asyncio.to_thread(gather, query, index, visit)),)
        parts = await asyncio.to_thread(with_told, parts, turn, index)
        clock.lap("retrieve")
        writer = Writer(index.info, self.drafter, self.prompt_tokens, self.notice_s, self.rules)
        unsure = query.intent != "small_talk" and await asyncio.to_thread(self._is_unsure, parts, index)
        async with aclosing(told(turn, parts, writer, clock, index.manifest.fingerprint, unsure)) as events:
            async for event in events:
                yield event

    def _is_unsure(self, parts: Sequence[Part], index: Index) -> bool:
        return self.min_confidence > 0 and confidence_of(parts, index) < self.min_confidence

    async def carry_out(self, proposal: Proposal, turn: Turn) -> Proposal:
        """What became of a proposal whose button was pressed; owner and terms are checked anew before that.

        `turn` says who pressed it, in which conversation, and after what; its text counts for nothing.

        Raises:
            StorefrontError, StoreError: the shop gave no answer. Pressing again is safe: it acts on one request once.
        """
        return await asyncio.to_thread(carry_out, proposal, self.visit(replace(turn, text="")), self.index)


async def told(
    turn: Turn, parts: Sequence[Part], writer: Writer, clock: Clock, fingerprint: str, unsure: bool = False
) -> AsyncGenerator[Event]:
    """The rest of a turn, from what was understood and retrieved: written, checked, and told event by event."""
    query, evidence, info = merged_query(parts), merged_evidence(parts), writer.info
    cards = _cards(parts, info)
    if cards:
        yield Event("products", {"products": list(cards)})
    yield _status("generate", query)

    written = Written()
    async with (
        aclosing(writer.write(turn, parts, written, clock)) as written_pieces,
        aclosing(with_notice(written_pieces, writer.notice_s)) as pieces,
    ):
        async for piece in pieces:
            if piece is None:
                yield _status("wait", query)
                continue
            clock.lap("first_text", once=True)
            yield Event("text", {"delta": piece})

    text = "".join(written.released).strip()
    sources = citations(text, evidence)
    if sources:
        yield Event("sources", {"citations": list(sources)})
    suggestions = suggest(query, to_go_on_from(parts, evidence), info)
    if suggestions:
        yield Event("suggestions", {"suggestions": list(suggestions)})
    proposals = propose(turn, query, evidence)
    if proposals:
        yield Event("proposals", {"proposals": list(proposals)})
    reason = handoff_reason(query, evidence, turn.history, info, unsure)
    if reason:
        yield Event("handoff", {"reason": reason})
    reply = Reply(
        text=text,
        query=query,
        products=cards,
        citations=sources,
        suggestions=suggestions,
        proposals=proposals,
        findings=tuple(written.findings),
        handoff=reason,
        model=written.model,
        fallback=written.fallback,
        answered=evidence.answered,
        mentioned=() if cards else _mentioned(text, evidence),
        orders=tuple(order.id for order in evidence.orders),
        timings_ms=clock.finish(),
    )
    trace = Trace(
        without_old_words(turn),
        tuple(parts),
        info,
        fingerprint,
        written.asked,
        written.prompt,
        "".join(written.drafted),
        written.failure,
        tuple(written.changed),
        unsure,
    )
    yield Event("done", {"reply": reply, "trace": trace})


def _mentioned(text: str, evidence: Evidence) -> tuple[str, ...]:
    """The products that are spoken of without a card: "it" means them from here on."""
    told = tuple(product_id for one in evidence.told for product_id in one.products)
    shown = (hit.entry.product for hit in evidence.products if evidence.told)
    found = cited_products(text, evidence) or told or tuple(product.id for product in shown if product is not None)
    return tuple(dict.fromkeys(found))


def _cards(parts: Sequence[Part], info: ShopInfo) -> tuple[ProductCard, ...]:
    """The products to show, each once. Those that only nearly fit are told of and never shown as if they did; those of
    which a person of the shop said something else than the record are not shown."""
    cards: dict[str, ProductCard] = {}
    for part in parts:
        for card in (
            () if part.evidence.relaxed or part.evidence.told else product_cards(part.query, part.evidence, info)
        ):
            cards.setdefault(card.id, card)
    return tuple(cards.values())


def _status(stage: str, query: Query) -> Event:
    return Event("status", {"stage": stage, "text": _STATUS[stage][query.language]})
