"""What a model itself wrote, before any check, held against the truth: what fewer bits cost.

In: an assistant with a model, generated questions. Out: how many drafts there were and how many stated the exact fact.
Replies hide this: a sentence that is not true is taken out of them, and the composer answers in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from assistant.evaluation.judge import judge
from assistant.evaluation.questions import Question
from assistant.evaluation.records import ShopRecords
from assistant.evaluation.replies import run_questions
from assistant.pipeline import Assistant
from assistant.trace import Trace
from assistant.types import Reply, Turn


@dataclass(slots=True)
class _Recorded:
    """An assistant whose drafts are kept, in the order in which they came."""

    assistant: Assistant
    drafts: dict[int, str]

    async def answer(self, turn: Turn) -> Reply:
        """The checked reply."""
        async with aclosing(self.assistant.stream(turn)) as events:
            async for event in events:
                if event.kind == "done":
                    reply: Reply = event.data["reply"]
                    trace: Trace = event.data["trace"]
                    if trace.asked is not None:
                        self.drafts[id(reply)] = trace.draft
                    return reply
        raise AssertionError("a stream ends with done")


async def judge_drafts(
    assistant: Assistant, questions: Sequence[Question], shop: ShopRecords, at_once: int
) -> dict[str, bool]:
    """Whether the draft for each question stated its fact, by the question's id; questions that no model was asked for
    are left out."""
    recorded, records = _Recorded(assistant, {}), shop.by_id()
    judged = await run_questions(recorded, questions, shop, at_once)
    right = {}
    for one in judged:
        draft = recorded.drafts.get(id(one.reply))
        if draft is not None:
            said = replace(one.reply, text=draft, products=())
            right[one.question.id] = judge(one.question, said, None, one.question.text, records, shop.currency).right
    return right
