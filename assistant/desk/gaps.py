"""What shoppers ask and the shop does not say: unanswered questions grouped, the most asked first.

In: the store's unanswered questions, and an index for its embedder and words. Out: `Gap`s with counts and examples
without personal data. A group is what is like its first question; without vectors (Chinese) words decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from assistant.desk.stripping import stripped_question
from assistant.store import Store, UnansweredQuestion
from knowledge_base.index import Index
from knowledge_base.matters import likeness
from knowledge_base.text import language_of

MOST_EXAMPLES = 5
_ALIKE = 0.4  # from which two questions are one gap


@dataclass(frozen=True, slots=True)
class Gap:
    """A matter that was asked `count` times in vain. `question` is the example most like the others; `answer` is what
    an agent last told somebody who asked, None where nobody did; `message_ids` are the questions, the newest first."""

    question: str
    count: int
    examples: tuple[str, ...]
    language: str | None
    first_at: datetime
    last_at: datetime
    message_ids: tuple[int, ...]
    answered_message_id: int | None = None


def gaps(store: Store, index: Index, since: datetime, limit: int = 50) -> tuple[Gap, ...]:
    """The gaps of questions asked since then, the most asked first.

    Raises:
        StoreError: the questions cannot be read.
    """
    asked = [(one, text) for one in store.unanswered_questions(since) if (text := stripped_question(one.text))]
    groups = grouped([text for _, text in asked], index)
    found = [_gap([asked[i] for i in group]) for group in groups]
    return tuple(sorted(found, key=lambda gap: (-gap.count, -gap.message_ids[0]))[:limit])


def grouped(texts: Sequence[str], index: Index) -> list[list[int]]:
    """The places of texts that ask the same, as groups; the text most like the others of its group comes first."""
    alike = likeness(texts, index.embedder)
    left = np.ones(len(texts), dtype=bool)
    groups: list[list[int]] = []
    near = alike >= _ALIKE
    while left.any():
        degree = (near & left[None, :]).sum(axis=1) * left
        middle = int(np.argmax(degree))
        members = np.flatnonzero(near[middle] & left)
        order = sorted(members.tolist(), key=lambda row: (row != middle, -float(alike[middle, row])))
        groups.append(order)
        left[members] = False
    return groups


def _gap(group: Sequence[tuple[UnansweredQuestion, str]]) -> Gap:
    texts = list(dict.fromkeys(text for _, text in group))
    newest = sorted((one for one, _ in group), key=lambda one: -one.message_id)
    answered = next((one.message_id for one in newest if one.agent_text), None)
    times = [one.at for one in newest]
    return Gap(
        texts[0],
        len(group),
        tuple(texts[:MOST_EXAMPLES]),
        language_of(texts[0]),
        min(times),
        max(times),
        tuple(one.message_id for one in newest),
        answered,
    )
