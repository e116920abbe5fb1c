"""What a model itself wrote, before any check, held against the truth: what fewer bits or other rules change.

In: an assistant with a model, generated questions. Out: a `DraftRun`: which drafts stated the exact fact, what the
checks took out of them, how often the composer had to answer. Replies hide this: a sentence that is not true is taken
out of them, and the composer answers in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from assistant.evaluation.judge import judge
from assistant.evaluation.metrics import percentile
from assistant.evaluation.questions import Question
from assistant.evaluation.records import ShopRecords
from assistant.evaluation.replies import run_questions
from assistant.pipeline import Assistant
from assistant.sentences import SentenceSplitter
from assistant.trace import Trace
from assistant.types import Reply, Turn


@dataclass(frozen=True, slots=True)
class DraftRun:
    """Drafts of one run. `right`: by a question's id, whether its draft stated the fact. Of `sentences` the checks
    changed or dropped `changed`; in `fell_back` of the drafts the composer answered. Medians are over drafts."""

    right: dict[str, bool]
    sentences: int
    changed: int
    fell_back: int
    median_prompt_tokens: float
    median_first_ms: float

    @property
    def n(self) -> int:
        """How many questions a model was asked."""
        return len(self.right)


@dataclass(slots=True)
class _Recorded:
    """An assistant whose traces are kept, by the reply they belong to."""

    assistant: Assistant
    traces: dict[int, Trace] = field(default_factory=dict)

    async def answer(self, turn: Turn) -> Reply:
        """The checked reply."""
        async with aclosing(self.assistant.stream(turn)) as events:
            async for event in events:
                if event.kind == "done":
                    reply: Reply = event.data["reply"]
                    self.traces[id(reply)] = event.data["trace"]
                    return reply
        raise AssertionError("a stream ends with done")


async def judge_drafts(
    assistant: Assistant, questions: Sequence[Question], shop: ShopRecords, at_once: int
) -> DraftRun:
    """Every question asked; those that no model was asked for are left out.

    Raises:
        ValueError: the assistant has no model.
    """
    drafter = assistant.drafter
    if drafter is None:
        raise ValueError("the composer writes no drafts of its own: name a model with --model")
    recorded, records = _Recorded(assistant), shop.by_id()
    judged = await run_questions(recorded, questions, shop, at_once)
    drafted = [(one, recorded.traces[id(one.reply)]) for one in judged]
    drafted = [(one, trace) for one, trace in drafted if trace.asked is not None]
    right = {}
    for one, trace in drafted:
        said = replace(one.reply, text=trace.draft, products=())
        right[one.question.id] = judge(one.question, said, None, one.question.text, records, shop.currency).right
    tokens = [sum(drafter.count_tokens(text) for _, text in trace.prompt) for _, trace in drafted]
    first = [one.reply.timings_ms["first_text"] for one, _ in drafted if "first_text" in one.reply.timings_ms]
    return DraftRun(
        right,
        sum(_n_sentences(trace.draft) for _, trace in drafted),
        sum(len(trace.changed) for _, trace in drafted),
        sum(one.reply.fallback is not None for one, _ in drafted),
        percentile([float(n) for n in tokens], 0.5) if tokens else 0.0,
        percentile(first, 0.5) if first else 0.0,
    )


def _n_sentences(text: str) -> int:
    splitter = SentenceSplitter()
    return sum(bool(piece.strip()) for piece in (*splitter.feed(text), splitter.flush()))
