"""Corrections before what they correct: the trust order among entries that answer the same question.

In: a text, and how the passages fit it. Out: the scores, in which a correction comes just before the entry that would
have answered, where that is what it corrects and the text asks for the part that it corrects; and just after it, where
the correction is about something narrower that the text does not name. What a correction corrects is what answers its
own question: nobody has to say so. It changes no other score.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from knowledge_base.concepts import concepts
from knowledge_base.lexical import Rows, Scores
from knowledge_base.query_expansion import query_terms
from knowledge_base.text import has_cjk
from knowledge_base.types import Entry

_NEAR = 0.5  # share of the best score that a correction needs to be on the matter at all
_AS_GOOD = 0.85  # share of the best score from which an entry answers a question, too
_CLOSE = 0.7  # share of a correction's score from which an entry that is wider than it answers better
_FEW, _RARE = 3, 0.08  # entries, and share of them, that may speak of what tells entries apart
_SOME = 500  # entries that are looked at for that
_PART = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；])|\n+")
_PIECE = re.compile(r"(?<=,)(?!\d)\s*|(?<=，)")
_COVERS = 0.5  # of the best part's likeness, from which another part is corrected, too

Rank = Callable[[str], Scores]
"""Scores of all entries for a text, without any precedence."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What one correction corrects: the rows of the entries, and of each the parts that it speaks of. `wider` are the
    rows of those that answer its question, too, each with what the question is about and the entry is not."""

    parts: dict[int, frozenset[int]]
    wider: dict[int, frozenset[str]]


class Precedence:
    """The trust order among some entries. Safe between threads: what it remembers is computed alike by all."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self.corrections: Rows = np.array([i for i, e in enumerate(entries) if e.is_correction], dtype=np.int64)
        self._others = np.array([not entry.is_correction for entry in entries], dtype=bool)
        self._corrected: dict[int, Corrected] = {}
        self._words: dict[int, frozenset[str]] = {}
        self._parts: dict[int, tuple[frozenset[str], ...]] = {}

    def applied(self, text: str, scores: Scores, rank: Rank) -> Scores:
        """The scores (rows,) of entries for a text, in the order of trust; the very same where nothing is corrected."""
        others = np.where(self._others, scores, np.float32(0))
        if not len(self.corrections) or not others.any():
            return scores
        best = int(np.argmax(others))
        said, top = _terms(text), float(scores[best])
        near = [row for row in self.corrections.tolist() if scores[row] >= top * _NEAR]
        before = [row for row in near if self._corrects(row, best, said, rank)]
        after = [row for row in near if top < scores[row] <= top / _CLOSE and self._is_narrower(row, best, said, rank)]
        if not before and not after:
            return scores
        found = scores.copy()
        for place, row in enumerate(sorted(before, key=lambda row: float(scores[row]))):
            found[row] = max(found[row], np.float32(top * (1.001 + place / 1000)))
        found[after] = np.float32(top * 0.999)
        return found

    def _corrects(self, row: int, other: int, said: frozenset[str], rank: Rank) -> bool:
        """Whether a correction is of that part of another entry which the words that were said ask for."""
        ours, theirs = self._entries[row], self._entries[other]
        if ours.product_id is not None and ours.product_id != theirs.product_id:
            return False
        parts = self._corrected_by(row, rank).parts.get(other)
        if parts is None or said & _names(theirs.title) - self._said(row):
            return False
        likeness = self._likeness(other, said)
        return max(likeness[part] for part in parts) >= max(likeness)

    def _is_narrower(self, row: int, other: int, said: frozenset[str], rank: Rank) -> bool:
        """Whether a correction is about something that was not named, and the other entry is not."""
        missing = self._corrected_by(row, rank).wider.get(other)
        return missing is not None and said.isdisjoint(missing)

    def _corrected_by(self, row: int, rank: Rank) -> Corrected:
        if row not in self._corrected:
            entry = self._entries[row]
            about = frozenset(concepts(entry.title)) - self._usual
            told = {other: about & self._said(other) for other in self._beside(entry, rank)}
            most = next(iter(told.values()), frozenset())
            parts = {other: self._covered(other, self._said(row)) for other in told if told[other] >= most}
            wider = {other: most - told[other] for other in told if not told[other] >= most}
            self._corrected[row] = Corrected(parts, wider)
        return self._corrected[row]

    def _beside(self, entry: Entry, rank: Rank) -> list[int]:
        """The entries that answer the questions of a correction beside it, first the best for its main question."""
        found: dict[int, None] = {}
        for question in (entry.title, *entry.wordings):
            scores = np.where(self._others, rank(question), np.float32(0))
            best = int(np.argmax(scores))
            if scores[best] > 0:
                found |= {best: None, **dict.fromkeys(np.flatnonzero(scores >= scores[best] * _AS_GOOD).tolist())}
        return list(found)

    @cached_property
    def _usual(self) -> frozenset[str]:
        """What many entries speak of, like times and costs: it tells none of them apart."""
        some = range(0, len(self._entries), max(len(self._entries) // _SOME, 1))
        counts = Counter(term for row in some for term in self._said(row))
        return frozenset(term for term, n in counts.items() if n > max(_FEW, _RARE * len(some)))

    def _said(self, row: int) -> frozenset[str]:
        """All words of an entry."""
        if row not in self._words:
            entry = self._entries[row]
            self._words[row] = _terms(" \n".join((entry.title, entry.text, *entry.wordings)))
        return self._words[row]

    def _covered(self, other: int, own: frozenset[str]) -> frozenset[int]:
        likeness = self._likeness(other, own)
        bar = max(likeness) * _COVERS
        return frozenset(part for part, value in enumerate(likeness) if value >= bar)

    def _likeness(self, row: int, terms: frozenset[str]) -> list[float]:
        """How much of the terms each part of an entry has; what all parts have tells nothing."""
        parts = self._parts_of(row)
        counts = Counter(term for part in parts for term in part)
        weights = {term: math.log(1 + len(parts) / counts[term]) for term in terms if term in counts}
        return [sum(weights[term] for term in terms & part) for part in parts]

    def _parts_of(self, row: int) -> tuple[frozenset[str], ...]:
        if row not in self._parts:
            self._parts[row] = tuple(map(_terms, parts_of(self._entries[row].text)))
        return self._parts[row]


def parts_of(text: str) -> list[str]:
    """The parts of an answer that each tell one thing: its sentences, and of a list the pieces with a figure each.

    >>> parts_of("5 years on tents and packs, 24 months on electronics. Lights, chargers and such: 2 years.")
    ['5 years on tents and packs,', '24 months on electronics.', 'Lights, chargers and such: 2 years.']
    """
    found = []
    for sentence in _PART.split(text):
        held = ""
        for piece in _PIECE.split(sentence):
            if held and _has_figure(held) and _has_figure(piece):
                found.append(held)
                held = ""
            held = f"{held} {piece}".strip()
        if held:
            found.append(held)
    return found or [text]


def _has_figure(text: str) -> bool:
    return re.search(r"\d|[一二三四五六七八九十两]+[天年月元小]", text) is not None


def _names(question: str) -> frozenset[str]:
    """The words of a question that no usual topic of shops has: of "will it fit a Boston shoe", "boston". None
    in Chinese, where pairs of characters are no words."""
    terms = (term for term in query_terms(question) if not has_cjk(term))
    return frozenset(term for term in terms if not concepts(term))


def _terms(text: str) -> frozenset[str]:
    """Words and concepts; of Chinese pairs of characters, because single ones stand everywhere."""
    return frozenset((*(term for term in query_terms(text) if len(term) > 1 or not has_cjk(term)), *concepts(text)))
