"""Runs generated questions through the assistant and judges every reply.

In: an `Assistant`, questions, the shop's records. Out: `Judged` replies, and their sums. Conversations run beside
each other; the turns of one follow each other.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.evaluation.judge import Verdict, judge
from assistant.evaluation.metrics import percentile, wilson
from assistant.evaluation.questions import Question
from assistant.evaluation.records import Record, ShopRecords
from assistant.types import Message, Reply, Turn


class Answers(Protocol):
    """What is evaluated: anything that answers a turn."""

    async def answer(self, turn: Turn) -> Reply:
        """The checked reply."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """One question, its reply and the verdict on it. `took_ms` is the whole reply's time."""

    question: Question
    reply: Reply
    verdict: Verdict
    took_ms: float


async def run_questions(
    assistant: Answers, questions: Iterable[Question], shop: ShopRecords, at_once: int = 1
) -> list[Judged]:
    """Every question answered and judged, in the questions' order."""
    conversations: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        conversations[question.conversation].append(question)
    places, records = asyncio.Semaphore(at_once), shop.by_id()

    async def one(turns: Sequence[Question]) -> list[Judged]:
        async with places:
            return await _conversation(assistant, turns, records, shop.currency)

    judged = await asyncio.gather(*(one(turns) for turns in conversations.values()))
    return [result for results in judged for result in results]


async def _conversation(
    assistant: Answers, turns: Sequence[Question], records: Mapping[str, Record], currency: str | None
) -> list[Judged]:
    history: tuple[Message, ...] = ()
    before: Reply | None = None
    judged = []
    for question in turns:
        started = time.perf_counter()
        reply = await assistant.answer(Turn(question.conversation, question.text, history))
        took_ms = (time.perf_counter() - started) * 1000
        said = " ".join([*(m.text for m in history if m.role == "shopper"), question.text])
        judged.append(Judged(question, reply, judge(question, reply, before, said, records, currency), took_ms))
        shown = tuple(dict.fromkeys(card.id for card in reply.products))
        history += (
            Message("shopper", question.text),
            Message("assistant", reply.text, shown, reply.query, reply.answered),
        )
        before = reply
    return judged


def summary(judged: Sequence[Judged]) -> dict[str, Any]:
    """The sums of a run: accuracy with its Wilson interval, wrong figures, broken constraints, times."""
    n, right = len(judged), sum(result.verdict.right for result in judged)
    return {
        "n": n,
        "right": right,
        "accuracy": right / n if n else 0.0,
        "wilson95": wilson(right, n),
        "wrong_figures": sum(len(result.verdict.wrong_figures) for result in judged),
        "broken_constraints": sum(len(result.verdict.broken) for result in judged),
        "relaxed_shown": sum(len(result.verdict.relaxed) for result in judged),
        "first_reading": dict(Counter(str(r.verdict.reading) for r in judged if r.verdict.reading is not None)),
        "mistyped": sum(r.question.mistyped for r in judged),
        "mistyped_right": sum(r.question.mistyped and r.verdict.right for r in judged),
        "median_ms": percentile([r.took_ms for r in judged], 0.5),
        "p95_ms": percentile([r.took_ms for r in judged], 0.95),
    }


def by_kind(judged: Sequence[Judged]) -> list[tuple[str, int, int, float, int, int]]:
    """A row a kind: name, n, right, share, wrong figures, broken constraints; the weakest first."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for result in judged:
        groups[result.question.kind].append(result)
    rows = []
    for kind, group in groups.items():
        right = sum(r.verdict.right for r in group)
        wrong = sum(len(r.verdict.wrong_figures) for r in group)
        broken = sum(len(r.verdict.broken) for r in group)
        rows.append((kind, len(group), right, right / len(group), wrong, broken))
    return sorted(rows, key=lambda row: (row[3], row[0]))


def failure_row(result: Judged) -> dict[str, Any]:
    """One failed reply for the failure file: question, truth, reply, and why."""
    reply, verdict = result.reply, result.verdict
    query = reply.query
    return {
        **result.question.to_json(),
        "why": verdict.why,
        "wrong_figures": verdict.wrong_figures,
        "broken": verdict.broken,
        "reply": reply.text,
        "cards": [
            [card.id, card.variant_id, card.title[:60], str(card.price), str(card.price_max), card.in_stock]
            for card in reply.products
        ],
        "query": {
            "intents": query.intents, "subject": query.subject, "filters": str(query.filters), "sort": query.sort,
            "refers_to": query.refers_to, "asks": query.asks, "limit": query.limit,
        },
    }  # fmt: skip
