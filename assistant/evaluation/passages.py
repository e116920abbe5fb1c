"""FAQ and policies asked in other words, and questions the shop's data does not answer.

In: an assistant, `Paraphrase`s with their right sources, unanswerable questions. Out: how often the first citation is
a right one, how often an unanswerable question is declined, how often an answerable one is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.evaluation.metrics import wilson
from assistant.evaluation.replies import Answers
from assistant.types import Reply, Turn

_DECLINES = re.compile(
    r"(?:do(?:es)?n['’]t|do not|does not|can['’]t|cannot|could not|couldn['’]t) "
    r"(?:know|say|tell|find|see|have|help|answer|cover|mention|list)"
    r"|no information|not (?:sure|something i|stated|listed|mentioned)|unable to|only help with"
    r"|outside what|nothing (?:about|on) that|isn['’]t (?:something|stated|mentioned|listed)"
    r"|不清楚|不知道|不确定|无法|没有(?:找到|查到|说明|提到|相关|写|这方面|资料)|查不到|未(?:找到|提及|说明)|帮不上|不能回答"
    r"|抱歉|没有.{0,12}信息|资料里没有",
    re.IGNORECASE,
)
# Said beside a cited passage, only these decline: the passage itself may say what is "not covered".
_NO_ANSWER = re.compile(
    r"(?:can['’]t|cannot|could not|couldn['’]t) find (?:an answer|that|anything)|do(?:es)? not mention|rather not guess"
    r"|没有找到.{0,8}答案|没有写明|不想随便猜",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """One question with the ids of the entries that answer it; none for an unanswerable one."""

    id: str
    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question: whether it was declined, and whether a right source came first, or at all."""

    question: Paraphrase
    reply: Reply
    declined: bool
    first_right: bool
    any_right: bool


def read_paraphrases(path: Path, split: str | None = None) -> tuple[Paraphrase, ...]:
    """The questions of a JSONL file: `id`, `text` (or `question`), `sources` (or `gold`, `source`; a list or one).

    With `split`, only the rows whose `split` is that one.

    Raises:
        ValueError: a row has no text; the message names the line.
    """
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1):
        if not line.strip():
            continue
        row = json.loads(line)
        if split is not None and row.get("split") != split:
            continue
        text = row.get("text") or row.get("question")
        if not text:
            raise ValueError(f'{path}, line {number}: no "text"; a row is {{"id", "text", "sources": [...]}}')
        gold = row.get("sources") or row.get("gold") or row.get("source") or ()
        sources = (gold,) if isinstance(gold, str) else tuple(gold)
        found.append(Paraphrase(str(row.get("id") or number), str(text), tuple(map(str, sources))))
    return tuple(found)


def declined(reply: Reply) -> bool:
    """Whether the reply says that it does not know, or hands over, instead of stating an answer."""
    if any(citation.kind in ("faq", "policy") for citation in reply.citations):
        return _NO_ANSWER.search(reply.text) is not None
    return bool(_DECLINES.search(reply.text)) or reply.handoff is not None or not reply.text.strip()


def same_source(cited: str, gold: str) -> bool:
    """Whether a citation names a right source: the entry, or, for a gold policy without "#N", any of its passages."""
    if cited == gold or cited.split(":", 1)[-1] == gold:
        return True
    return "#" not in gold and cited.split("#")[0] in (gold, f"policy:{gold}")


async def ask(assistant: Answers, questions: Sequence[Paraphrase]) -> list[Outcome]:
    """Every question asked on its own, in order."""
    outcomes = []
    for question in questions:
        reply = await assistant.answer(Turn(f"faq-{question.id}", question.text))
        cited = [citation.id for citation in sorted(reply.citations, key=lambda citation: citation.n)]
        right = [any(same_source(entry, gold) for gold in question.sources) for entry in cited]
        outcomes.append(Outcome(question, reply, declined(reply), right[:1] == [True], any(right)))
    return outcomes


def summary(answerable: Sequence[Outcome], unanswerable: Sequence[Outcome]) -> dict[str, Any]:
    """Shares with their Wilson intervals; a declined answerable question never counts as right."""
    right = sum(o.first_right and not o.declined for o in answerable)
    lost = sum(o.declined for o in answerable)
    refused = sum(o.declined for o in unanswerable)
    return {
        "n": len(answerable) + len(unanswerable),
        "answerable": len(answerable),
        "right_source_first": right / len(answerable) if answerable else 0.0,
        "right_source_first_wilson95": wilson(right, len(answerable)),
        "right_source_cited": sum(o.any_right for o in answerable) / len(answerable) if answerable else 0.0,
        "answerable_declined": lost / len(answerable) if answerable else 0.0,
        "answerable_declined_wilson95": wilson(lost, len(answerable)),
        "unanswerable": len(unanswerable),
        "unanswerable_declined": refused / len(unanswerable) if unanswerable else 0.0,
        "unanswerable_declined_wilson95": wilson(refused, len(unanswerable)),
    }


def failure_rows(answerable: Sequence[Outcome], unanswerable: Sequence[Outcome]) -> list[dict[str, Any]]:
    """What to read afterwards: answerable questions declined or wrongly sourced, unanswerable ones answered."""
    failed = [o for o in answerable if o.declined or not o.first_right] + [o for o in unanswerable if not o.declined]
    return [
        {
            "id": o.question.id,
            "text": o.question.text,
            "sources": o.question.sources,
            "cited": [c.id for c in o.reply.citations],
            "declined": o.declined,
            "intents": o.reply.query.intents,
            "reply": o.reply.text,
        }
        for o in failed
    ]
