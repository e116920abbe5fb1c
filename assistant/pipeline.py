"""The stages in order: a question goes in at the top and comes out at the bottom as a checked reply.

    Turn ─► understand ─► gather ─► build_prompt ─► draft ─► check ─► Reply

Every stage is a plain function over values. Without a chat model, or when it fails or says too little that is true,
the composer drafts from the same evidence, and the reply says which wrote it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

from assistant.cards import citations, product_cards
from assistant.checks import check_sentence
from assistant.errors import ModelError
from assistant.evidence import gather
from assistant.generation import Drafter
from assistant.generation.composer import compare_table, compose, suggest, wants_table
from assistant.handoff import handoff_reason
from assistant.openers import openers
from assistant.prompt import build_prompt
from assistant.sentences import SentenceSplitter
from assistant.storefront import Storefront
from assistant.types import Event, Evidence, Finding, Language, Query, Reply, Turn
from assistant.understanding import understand
from knowledge_base.index import Index
from knowledge_base.shop import ShopInfo

_log = logging.getLogger(__name__)

_STATUS: Mapping[str, Mapping[Language, str]] = {
    "understand": {"en": "Reading your message", "zh": "正在理解您的问题"},
    "retrieve": {"en": "Looking through the shop", "zh": "正在查找店内资料"},
    "generate": {"en": "Writing the answer", "zh": "正在组织回答"},
    "check": {"en": "Checking every figure", "zh": "正在核对每个数字"},
}
_WRITTEN_BY_RECORDS = frozenset({"order_status", "handoff", "small_talk", "out_of_scope", "complaint"})
_TOO_LITTLE_CHARS = 24


@dataclass(frozen=True, slots=True)
class Assistant:
    """One shop's assistant. `drafter` None: the composer drafts every reply. `prompt_tokens` bounds a prompt."""

    index: Index
    drafter: Drafter | None = None
    storefront: Storefront | None = None
    prompt_tokens: int = 3000

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
        clock = _Clock()
        query = await asyncio.to_thread(understand, turn, self.index)
        clock.lap("understand")
        yield _status("retrieve", query)

        query, evidence = await asyncio.to_thread(gather, query, self.index, self.storefront, turn.shopper)
        clock.lap("retrieve")
        # Products that only nearly fit are told of, as such, and never shown as if they did.
        cards = () if evidence.relaxed else product_cards(query, evidence, self.info)
        if cards:
            yield Event("products", {"products": list(cards)})
        yield _status("generate", query)

        outcome = _Outcome()
        async with aclosing(self._draft(turn, query, evidence, outcome, clock)) as pieces:
            async for piece in pieces:
                clock.lap("first_text", once=True)
                yield Event("text", {"delta": piece})

        text = "".join(outcome.released).strip()
        sources = citations(text, evidence)
        if sources:
            yield Event("sources", {"citations": list(sources)})
        suggestions = suggest(query, evidence, self.info)
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
            timings_ms=clock.finish(),
        )
        _log_turn(turn, reply)
        yield Event("done", {"reply": reply})

    async def _draft(
        self, turn: Turn, query: Query, evidence: Evidence, outcome: _Outcome, clock: _Clock
    ) -> AsyncGenerator[str]:
        """Released text, piece by piece. What the model cannot say, or may not, the composer says."""
        if self.drafter is not None and query.intent not in _WRITTEN_BY_RECORDS and evidence.answerable:
            outcome.model = self.drafter.name
            try:
                async with aclosing(self._checked(self.drafter, turn, query, evidence, outcome, clock)) as sentences:
                    async for sentence in sentences:
                        outcome.released.append(sentence)
                        yield sentence
            except ModelError as error:
                outcome.fallback = str(error)
            if outcome.fallback is None and outcome.enough:
                if query.intent == "compare" and wants_table(query):
                    products = [hit.entry.product for hit in evidence.products if hit.entry.product]
                    marks = [f"[{n}]" for n in range(1, len(products) + 1)]
                    table = "\n\n" + compare_table(products, query, marks, self.info.currency)
                    outcome.released.append(table)
                    yield table
                return
            outcome.fallback = outcome.fallback or "too little of the draft was true"
            outcome.model = "composer"
        for paragraph in _pieces(compose(query, evidence, self.info, turn.history), bool(outcome.released)):
            outcome.released.append(paragraph)
            yield paragraph

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
        self.n_dropped += not kept.strip()
        return kept

    @property
    def enough(self) -> bool:
        """Whether what was released is an answer: some words, and no more sentences dropped than kept."""
        return len("".join(self.released).strip()) >= _TOO_LITTLE_CHARS and self.n_dropped <= len(self.released)


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


def _pieces(text: str, follows: bool) -> list[str]:
    """A composed text in the pieces in which a page should show it."""
    splitter = SentenceSplitter()
    pieces = [*splitter.feed(text), splitter.flush()]
    if follows and pieces:
        pieces[0] = "\n\n" + pieces[0]
    return [piece for piece in pieces if piece]


def _log_turn(turn: Turn, reply: Reply) -> None:
    """One line a turn: ids, timings and counts, never what was said."""
    _log.info(
        "turn conversation=%s intents=%s language=%s products=%d citations=%d findings=%d model=%s fallback=%s ms=%s",
        turn.conversation_id,
        ",".join(reply.query.intents),
        reply.query.language,
        len(reply.products),
        len(reply.citations),
        len(reply.findings),
        reply.model,
        bool(reply.fallback),
        dict(reply.timings_ms),
    )
