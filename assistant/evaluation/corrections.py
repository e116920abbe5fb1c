"""Does an approved correction change the answers that it should, and no others?

In: an assistant's index, `Matter`s: what an agent corrects, and how other shoppers ask the same. Out: how often a
paraphrase is answered with the correction, and how often the answer to another question changed. Each correction is
tried alone, beside what the shop says; then all of them together. Nothing is written to the shop's journal.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.desk.learning import entry_of
from assistant.evaluation.metrics import wilson
from assistant.evaluation.passages import Paraphrase, declined
from assistant.pipeline import Assistant
from assistant.store import Correction
from assistant.types import Reply, Turn
from knowledge_base.changes import with_changes
from knowledge_base.index import Index
from knowledge_base.types import Entry

_DATA = Path(__file__).with_name("data")
SET_ASIDE = 25  # other questions that are asked again beside each correction alone


@dataclass(frozen=True, slots=True)
class Matter:
    """One correction and the questions that it answers. `about` are the sources and the ids of unanswerable questions
    on the same matter: an answer to those may change."""

    id: str
    kind: str
    split: str
    asked: str
    question: str
    answer: str
    mark: str
    paraphrases: tuple[str, ...]
    about: tuple[str, ...] = ()
    product_id: str | None = None

    @property
    def entry(self) -> Entry:
        """What the index has once this is approved."""
        now = datetime.now(UTC)
        product, wordings = self.product_id, (self.asked,)
        return entry_of(
            Correction(
                self.id, "approved", f"faq:{self.id}", self.question, self.answer, wordings, None, product, None,
                "agt", "Agent", now,
            )
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One question asked again: of which matter it is (None: of none), and whether it was answered as it should be."""

    text: str
    matter: Matter | None
    right: bool
    before: str
    after: str
    cited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the questions: `won` are the paraphrases, `kept` those whose answer may not change; likewise with
    all corrections live at once."""

    won: list[Asked] = field(default_factory=list)
    kept: list[Asked] = field(default_factory=list)
    won_together: list[Asked] = field(default_factory=list)
    kept_together: list[Asked] = field(default_factory=list)


def read_matters(language: str, split: str | None = None, path: Path | None = None) -> tuple[Matter, ...]:
    """The matters for a demo shop of that language, or of a file; only those of a `split` where one is named."""
    text = (path or _DATA / f"corrections.{language}.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.split("\n") if line.strip()]
    matters = (Matter(**{**row, "paraphrases": tuple(row["paraphrases"]), "about": tuple(row.get("about", ()))})
               for row in rows)  # fmt: skip
    return tuple(matter for matter in matters if split in (None, matter.split))


async def run(
    assistant: Assistant, matters: Sequence[Matter], others: Sequence[Paraphrase], seed: int, cache: Path | None = None
) -> Outcome:
    """Ask everything before and after. `others` are questions of no matter but those that name its sources; `cache`
    keeps embeddings from one correction to the next."""
    index, chance, outcome = assistant.index, random.Random(seed), Outcome()
    told: dict[str, Reply] = {}

    async def before(text: str) -> Reply:
        if text not in told:
            told[text] = await _ask(assistant, text)
        return told[text]

    for matter in matters:
        corrected = _with(assistant, index, [matter], cache)
        for text in matter.paraphrases:
            outcome.won.append(_judged(text, matter, await before(text), await _ask(corrected, text)))
        free = [text for other in matters if other is not matter for text in other.paraphrases]
        free += [one.text for one in others if not _is_about(one, [matter])]
        for text in chance.sample(free, min(SET_ASIDE, len(free))):
            outcome.kept.append(_judged(text, None, await before(text), await _ask(corrected, text)))
    corrected = _with(assistant, index, matters, cache)
    for matter in matters:
        for text in matter.paraphrases:
            outcome.won_together.append(_judged(text, matter, await before(text), await _ask(corrected, text)))
    for text in [one.text for one in others if not _is_about(one, matters)]:
        outcome.kept_together.append(_judged(text, None, await before(text), await _ask(corrected, text)))
    return outcome


def _with(assistant: Assistant, index: Index, matters: Sequence[Matter], cache: Path | None) -> Assistant:
    entries = {matter.entry.id: matter.entry for matter in matters}
    return replace(assistant, catalogue=with_changes(index, entries, cache))


async def _ask(assistant: Assistant, text: str) -> Reply:
    return await assistant.answer(Turn("corrections", text))


def _is_about(question: Paraphrase, matters: Sequence[Matter]) -> bool:
    about = {source for matter in matters for source in matter.about}
    return question.id in about or not about.isdisjoint(question.sources)


def _judged(text: str, matter: Matter | None, before: Reply, after: Reply) -> Asked:
    cited = tuple(citation.id for citation in sorted(after.citations, key=lambda citation: citation.n))
    if matter is None:
        return Asked(text, None, _said(before) == _said(after), before.text, after.text, cited)
    right = cited[:1] == (matter.entry.id,) and matter.mark in after.text and not declined(after)
    return Asked(text, matter, right, before.text, after.text, cited)


def _said(reply: Reply) -> tuple[Any, ...]:
    return reply.text, tuple(card.id for card in reply.products), tuple(citation.id for citation in reply.citations)


def summary(outcome: Outcome) -> dict[str, Any]:
    """Shares with their Wilson intervals: `changed` of the paraphrases, `disturbed` of the other questions."""
    found: dict[str, Any] = {}
    for name, won, kept in (
        ("", outcome.won, outcome.kept),
        ("_together", outcome.won_together, outcome.kept_together),
    ):
        right, wrong = sum(one.right for one in won), sum(not one.right for one in kept)
        found |= {
            f"paraphrases{name}": len(won),
            f"changed{name}": right / len(won) if won else 0.0,
            f"changed{name}_wilson95": wilson(right, len(won)),
            f"others{name}": len(kept),
            f"disturbed{name}": wrong / len(kept) if kept else 0.0,
            f"disturbed{name}_wilson95": wilson(wrong, len(kept)),
        }
    for split in sorted({one.matter.split for one in outcome.won if one.matter}):
        group = [one.right for one in outcome.won if one.matter and one.matter.split == split]
        found[f"changed_{split}"] = sum(group) / len(group)
        found[f"changed_{split}_wilson95"] = wilson(sum(group), len(group))
    return found


def by_kind(outcome: Outcome) -> list[tuple[str, int, int, float]]:
    """A row a kind of matter: name, paraphrases, changed, share."""
    rows = []
    for kind in dict.fromkeys(one.matter.kind for one in outcome.won if one.matter):
        group = [one for one in outcome.won if one.matter and one.matter.kind == kind]
        right = sum(one.right for one in group)
        rows.append((kind, len(group), right, right / len(group)))
    return rows


def failure_rows(outcome: Outcome) -> list[Mapping[str, Any]]:
    """What to read afterwards: paraphrases that were not answered with the correction, other answers that changed."""
    return [
        {
            "how": how,
            "matter": one.matter.id if one.matter else None,
            "text": one.text,
            "cited": one.cited,
            "before": one.before,
            "after": one.after,
        }
        for how, group in (
            ("alone", outcome.won),
            ("alone", outcome.kept),
            ("together", outcome.won_together),
            ("together", outcome.kept_together),
        )
        for one in group
        if not one.right
    ]
