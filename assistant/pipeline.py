"""The stages in order: a question goes in at the top and comes out at the bottom as a checked reply.

    Turn ─► understand ─► gather ─► build_prompt ─► draft ─► check ─► Reply

Every stage is a plain function over values. Without a chat model, or when it fails or says too little that is true,
the composer drafts from the same evidence, and the reply says which wrote it.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from assistant.cards import citations, product_cards
from assistant.checks import check_sentence, is_enough
from assistant.errors import ModelError
from assistant.evidence import gather
from assistant.generation import Drafter
from assistant.generation.composer import compare_table, suggest, wants_table
from assistant.handoff import handoff_reason
from assistant.observing import TurnObserver, observed
from assistant.openers import openers
from assistant.orders.attempts import Attempts, MemoryAttempts
from assistant.orders.visit import Visit
from assistant.prompt import build_prompt
from assistant.sentences import SentenceSplitter
from assistant.several import Part, compose_all, merged_evidence, merged_query, parts_of, to_go_on_from
from assistant.storefront import Storefront
from assistant.types import Event, Evidence, Finding, Language, ProductCard, Query, Reply, Turn
from assistant.understanding import understand
from knowledge_base.index import Index
from knowledge_base.live import LiveIndex
from knowledge_base.shop import ShopInfo

_STATUS: Mapping[str, Mapping[Language, str]] = {
    "understand": {"en": "Reading your message", "zh": "正在理解您的问题"},
    "retrieve": {"en": "Looking through the shop", "zh": "正在查找店内资料"},
    "generate": {"en": "Writing the answer", "zh": "正在组织回答"},
    "check": {"en": "Checking every figure", "zh": "正在核对每个数字"},
}
_CITATION = re.compile(r"\[(\d{1,3})\]")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_WRITTEN_BY_RECORDS = frozenset({"order_status", "handoff", "small_talk", "out_of_scope", "complaint"})


@dataclass(frozen=True, slots=True)
class Assistant:
    """One shop's assistant. `drafter` None: the composer drafts every reply. `prompt_tokens` bounds a prompt.

    `catalogue` is what it answers from: an index, or one that follows its shop's changes. `attempts` counts guesses of
    order numbers: where several processes serve one shop they must share it. `observers` are told of each turn.
    """

    catalogue: Index | LiveIndex
    drafter: Drafter | None = None
    storefront: Storefront | None = None
    prompt_tokens: int = 3000
    attempts: Attempts = field(default_factory=MemoryAttempts)
    observers: tuple[TurnObserver, ...] = ()

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

    def openers(self, language: str) -> tuple[str, ...]:
        """Questions to begin with."""
        return openers(self.index, "zh" if language.startswith("zh") else "en")

    async def answer(self, turn: Turn) -> Reply:
        """The whole reply at once."""
        async with aclosing(self.stream(turn)) as events:
            async for event in events:
                if event.kind == "done":
                    reply: Reply = event.data["reply"]
                    return reply
        raise AssertionError("a stream ends with done")

    async def stream(self, turn: Turn) -> AsyncGenerator[Event]:
        """status*, products?, text+, sources?, suggestions?, handoff?, done. Closing it cancels the model."""
        async with aclosing(observed(turn, self._stream(turn), self.observers)) as events:
            async for event in events:
                yield event

    async def _stream(self, turn: Turn) -> AsyncGenerator[Event]:
        clock = _Clock()
        index, visit = self.index, Visit(self.storefront, self.attempts, turn)
        parts = await asyncio.to_thread(parts_of, turn, index, visit)
        query = merged_query(parts) if parts else await asyncio.to_thread(understand, turn, index)
        clock.lap("understand")
        yield _status("retrieve", query)

        if not parts:
            query, evidence = await asyncio.to_thread(gather, query, index, visit)
            parts = (Part(query, evidence),)
        evidence = merged_evidence(parts)
        clock.lap("retrieve")
        cards = self._cards(parts)
        if cards:
            yield Event("products", {"products": list(cards)})
        yield _status("generate", query)

        outcome = _Outcome()
        async with aclosing(self._draft(turn, parts, outcome, clock)) as pieces:
            async for piece in pieces:
                clock.lap("first_text", once=True)
                yield Event("text", {"delta": piece})

        text = "".join(outcome.released).strip()
        sources = citations(text, evidence)
        if sources:
            yield Event("sources", {"citations": list(sources)})
        suggestions = suggest(query, to_go_on_from(parts, evidence), self.info)
        if suggestions:
            yield Event("suggestions", {"suggestions": list(suggestions)})
        reason = handoff_reason(query, evidence, turn.history, self.info)
        if reason:
            yield Event("handoff", {"reason": reason})
        reply = Reply(
            text=text,
            query=query,
            products=cards,
            citations=sources,
            suggestions=suggestions,
            findings=tuple(outcome.findings),
            handoff=reason,
            model=outcome.model,
            fallback=outcome.fallback,
            answered=evidence.answerable,
            mentioned=() if cards else _named_in(text, evidence),
            orders=tuple(order.id for order in evidence.orders),
            timings_ms=clock.finish(),
        )
        yield Event("done", {"reply": reply})

    def _cards(self, parts: Sequence[Part]) -> tuple[ProductCard, ...]:
        """The products to show, each once. Those that only nearly fit are told of and never shown as if they did."""
        cards: dict[str, ProductCard] = {}
        for part in parts:
            for card in () if part.evidence.relaxed else product_cards(part.query, part.evidence, self.info):
                cards.setdefault(card.id, card)
        return tuple(cards.values())

    async def _draft(self, turn: Turn, parts: Sequence[Part], outcome: _Outcome, clock: _Clock) -> AsyncGenerator[str]:
        """Released text, piece by piece. What the model cannot say, or may not, the composer says."""
        query, evidence = parts[-1].query, merged_evidence(parts)
        by_records = len(parts) > 1 or query.beyond or evidence.choices or query.intent in _WRITTEN_BY_RECORDS
        if self.drafter is not None and not by_records and evidence.answerable:
            outcome.model = self.drafter.name
            try:
                async with aclosing(self._checked(self.drafter, turn, query, evidence, outcome, clock)) as sentences:
                    async for sentence in sentences:
                        outcome.released.append(sentence)
                        yield sentence
            except ModelError as error:
                outcome.fallback = str(error)
            if outcome.fallback is None and is_enough("".join(outcome.released), outcome.n_dropped):
                if query.intent == "compare" and wants_table(query):
                    products = [hit.entry.product for hit in evidence.products if hit.entry.product]
                    marks = [f"[{n}]" for n in range(1, len(products) + 1)]
                    table = "\n\n" + compare_table(products, query, marks, self.info.currency)
                    outcome.released.append(table)
                    yield table
                return
            outcome.fallback = outcome.fallback or "too little of the draft was true"
            outcome.model = "composer"
        said = "".join(outcome.released)
        pieces = _pieces(compose_all(parts, evidence, self.info, turn.history))
        fresh = [piece for piece in pieces if not _repeats(piece, said)]
        for place, paragraph in enumerate(fresh):
            shown = f"\n\n{paragraph}" if said and place == 0 else paragraph
            outcome.released.append(shown)
            yield shown

    async def _checked(
        self, drafter: Drafter, turn: Turn, query: Query, evidence: Evidence, outcome: _Outcome, clock: _Clock
    ) -> AsyncGenerator[str]:
        """The model's sentences that hold against the evidence, each released as soon as its checks pass."""
        prompt = build_prompt(turn, query, evidence, self.info, drafter.count_tokens, self.prompt_tokens)
        clock.lap("prompt")
        splitter = SentenceSplitter()
        async with aclosing(drafter.draft(prompt)) as deltas:  # type: ignore[type-var]
            async for delta in deltas:
                for sentence in splitter.feed(delta):
                    if kept := outcome.check(sentence, query, evidence, self.info):
                        yield kept
        if (rest := splitter.flush()) and (kept := outcome.check(rest, query, evidence, self.info)):
            yield kept


@dataclass(slots=True)
class _Outcome:
    """What drafting has come to so far."""

    released: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    n_dropped: int = 0
    model: str = "composer"
    fallback: str | None = None

    def check(self, sentence: str, query: Query, evidence: Evidence, info: ShopInfo) -> str:
        kept, findings = check_sentence(sentence, query, evidence, info, before="".join(self.released))
        self.findings.extend(findings)
        self.n_dropped += bool(sentence.strip()) and not kept.strip()
        return kept


class _Clock:
    """Milliseconds a stage took."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str, once: bool = False) -> None:
        now = time.perf_counter()
        if once and name in self._laps:
            return
        since = self._start if once else self._last
        self._laps[name] = round((now - since) * 1000, 2)
        self._last = now

    def finish(self) -> Mapping[str, float]:
        return {**self._laps, "total": round((time.perf_counter() - self._start) * 1000, 2)}


def _status(stage: str, query: Query) -> Event:
    return Event("status", {"stage": stage, "text": _STATUS[stage][query.language]})


def _pieces(text: str) -> list[str]:
    """A composed text in the pieces in which a page should show it."""
    splitter = SentenceSplitter()
    return [piece for piece in (*splitter.feed(text), splitter.flush()) if piece]


def _repeats(piece: str, said: str) -> bool:
    """Whether every figure of a composed sentence, with its source, stands in what a model said before it failed."""
    figures = set(_FIGURE.findall(_CITATION.sub(" ", piece)))
    sources, known = set(_CITATION.findall(piece)), set(_CITATION.findall(said))
    return bool(figures) and "|" not in piece and sources <= known and figures <= set(_FIGURE.findall(said))


def _named_in(text: str, evidence: Evidence) -> tuple[str, ...]:
    """The products that a text cites, in its order."""
    hits = evidence.hits
    cited = [hits[int(n) - 1] for n in _CITATION.findall(text) if 0 < int(n) <= len(hits)]
    return tuple(dict.fromkeys(hit.entry.product.id for hit in cited if hit.entry.product is not None))
