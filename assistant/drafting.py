"""From evidence to checked text: the model's sentences that hold, or what the composer says from the records.

In: the parts of a message with what may be stated about each. Out: text, released piece by piece as soon as it may be
shown, and a `Written` that says how it came about. It retrieves nothing and shows no card.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from assistant.checks import check_sentence, is_enough
from assistant.errors import ModelError
from assistant.generation import Drafter
from assistant.generation.colleague import going_on, quoted
from assistant.generation.composer import compare_table, wants_table
from assistant.prompt import build_prompt
from assistant.rules import Rules
from assistant.sentences import SentenceSplitter
from assistant.several import compose_all, merged_evidence
from assistant.trace import Change
from assistant.types import Evidence, Finding, Part, Query, Turn
from knowledge_base.shop import ShopInfo

_CITATION = re.compile(r"\[(\d{1,3})\]")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_WRITTEN_BY_RECORDS = frozenset({"order_status", "handoff", "small_talk", "out_of_scope", "complaint"})


class Clock:
    """Milliseconds a stage took."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str, once: bool = False) -> None:
        """The stage of that name ends now; with `once`, counted from the start and the first time alone."""
        now = time.perf_counter()
        if once and name in self._laps:
            return
        since = self._start if once else self._last
        self._laps[name] = round((now - since) * 1000, 2)
        self._last = now

    def finish(self) -> Mapping[str, float]:
        """All stages, and "total"."""
        return {**self._laps, "total": round((time.perf_counter() - self._start) * 1000, 2)}


@dataclass(slots=True)
class Written:
    """What drafting has come to so far. `asked`, `prompt`, `drafted`, `changed` and `failure` are for the trace."""

    released: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    n_dropped: int = 0
    model: str = "composer"
    fallback: str | None = None
    asked: str | None = None
    prompt: tuple[tuple[str, str], ...] = ()
    drafted: list[str] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    failure: str | None = None

    def check(self, sentence: str, query: Query, evidence: Evidence, info: ShopInfo) -> str:
        """What may be released of a sentence."""
        kept, findings = check_sentence(sentence, query, evidence, info, before="".join(self.released))
        self.findings.extend(findings)
        self.n_dropped += bool(sentence.strip()) and not kept.strip()
        if kept != sentence:
            self.changed.append(Change(sentence, kept))
        return kept


@dataclass(frozen=True, slots=True)
class Writer:
    """Who words a reply: `drafter`, or the composer where that is None. `prompt_tokens` bounds a prompt.

    `notice_s`: after so many seconds without a word the shopper is told that it takes longer. `rules` stand in place of
    the built-in ones in a prompt.
    """

    info: ShopInfo
    drafter: Drafter | None = None
    prompt_tokens: int = 3000
    notice_s: float = 3.0
    rules: Rules | None = None

    async def write(self, turn: Turn, parts: Sequence[Part], written: Written, clock: Clock) -> AsyncGenerator[str]:
        """Released text, piece by piece. What the model cannot say, or may not, the composer says."""
        query, evidence = parts[-1].query, merged_evidence(parts)
        by_records = len(parts) > 1 or query.beyond or bool(evidence.choices or query.action)
        by_records = by_records or query.intent in _WRITTEN_BY_RECORDS or any(told.answers for told in evidence.told)
        for told in evidence.told:  # first of all, and word for word, whoever writes the rest
            shown = f"{quoted(told, query.language, turn.for_person)}\n\n"
            written.released.append(shown)
            yield shown
        n_told = len(written.released)
        if self.drafter is not None and not by_records and evidence.answerable:
            written.model = written.asked = self.drafter.name
            try:
                async with aclosing(self._checked(self.drafter, turn, query, evidence, written, clock)) as sentences:
                    async for sentence in sentences:
                        written.released.append(sentence)
                        yield sentence
            except ModelError as error:
                written.fallback = written.failure = str(error)
            if written.fallback is None and is_enough("".join(written.released[n_told:]), written.n_dropped):
                if query.intent == "compare" and wants_table(query):
                    products = [hit.entry.product for hit in evidence.products if hit.entry.product]
                    marks = [f"[{n}]" for n in range(1, len(products) + 1)]
                    table = "\n\n" + compare_table(products, query, marks, self.info.currency)
                    written.released.append(table)
                    yield table
                return
            written.fallback = written.fallback or "too little of the draft was true"
            written.model = "composer"
        said = "".join(written.released)
        composed = compose_all(parts, evidence, self.info, turn.history, turn.for_person)
        if not composed and n_told == len(written.released):
            composed = going_on(query.language, turn.for_person)
        fresh = [piece for piece in _pieces(composed) if not _repeats(piece, said)]
        for place, paragraph in enumerate(fresh):
            shown = f"\n\n{paragraph}" if said.strip() and not said.endswith("\n\n") and place == 0 else paragraph
            written.released.append(shown)
            yield shown

    async def _checked(
        self, drafter: Drafter, turn: Turn, query: Query, evidence: Evidence, written: Written, clock: Clock
    ) -> AsyncGenerator[str]:
        """The model's sentences that hold against the evidence, each released as soon as its checks pass."""
        budget = self.prompt_tokens
        prompt = build_prompt(turn, query, evidence, self.info, drafter.count_tokens, budget, rules=self.rules)
        written.prompt = prompt.messages
        clock.lap("prompt")
        splitter = SentenceSplitter()
        async with aclosing(drafter.draft(prompt)) as deltas:  # type: ignore[type-var]
            async for delta in deltas:
                written.drafted.append(delta)
                for sentence in splitter.feed(delta):
                    if kept := written.check(sentence, query, evidence, self.info):
                        yield kept
        if (rest := splitter.flush()) and (kept := written.check(rest, query, evidence, self.info)):
            yield kept


async def with_notice(pieces: AsyncGenerator[str], after_s: float) -> AsyncGenerator[str | None]:
    """The pieces, with None before the first one where that is not there after so many seconds."""
    first = asyncio.create_task(_next(pieces))
    try:
        await asyncio.wait({first}, timeout=after_s)
        if not first.done():
            yield None
        piece = await first
    finally:
        if first.cancel():
            await asyncio.wait({first})
    if piece is not None:
        yield piece
        async for piece in pieces:
            yield piece


async def _next(pieces: AsyncGenerator[str]) -> str | None:
    return await anext(pieces, None)


def cited_products(text: str, evidence: Evidence) -> tuple[str, ...]:
    """The products that a text cites, in its order."""
    hits = evidence.hits
    cited = [hits[int(n) - 1] for n in _CITATION.findall(text) if 0 < int(n) <= len(hits)]
    return tuple(dict.fromkeys(hit.entry.product.id for hit in cited if hit.entry.product is not None))


def _pieces(text: str) -> list[str]:
    """A composed text in the pieces in which a page should show it."""
    splitter = SentenceSplitter()
    return [piece for piece in (*splitter.feed(text), splitter.flush()) if piece]


def _repeats(piece: str, said: str) -> bool:
    """Whether every figure of a composed sentence, with its source, stands in what a model said before it failed."""
    figures = set(_FIGURE.findall(_CITATION.sub(" ", piece)))
    sources, known = set(_CITATION.findall(piece)), set(_CITATION.findall(said))
    return bool(figures) and "|" not in piece and sources <= known and figures <= set(_FIGURE.findall(said))
