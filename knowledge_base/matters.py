"""Whether two questions are about one matter: the likeness of a text to the questions that entries answer.

In: a text and the entries' questions, with their vectors where the embedder knows the language. Out: a likeness in
0..1 for every entry; from `SAME_MATTER` on they ask the same. Unlike the ranking of passages it reads no answer: an
answer speaks of more than it was asked for.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from knowledge_base.concepts import concepts
from knowledge_base.embedding import KNOWN_SHARE, Embedder
from knowledge_base.lexical import Rows, Scores
from knowledge_base.query_expansion import query_terms
from knowledge_base.types import Entry

if TYPE_CHECKING:
    from knowledge_base.index import Index

SAME_MATTER = 0.5


class Questions:
    """What entries are the answers to: the heading of each, and its other wordings."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries

    @cached_property
    def counts(self) -> Rows:
        """How many questions each entry has, (rows,)."""
        return np.array([1 + len(entry.wordings) for entry in self._entries], dtype=np.int64)

    @cached_property
    def _terms(self) -> tuple[tuple[frozenset[str], ...], ...]:
        """The terms of each question of each entry."""
        return tuple(
            tuple(_terms_of(text) for text in (entry.title.rpartition(" > ")[2], *entry.wordings))
            for entry in self._entries
        )

    @cached_property
    def _frequencies(self) -> Counter[str]:
        """In how many entries' questions each term is."""
        return Counter(term for questions in self._terms for term in frozenset().union(*questions))

    def overlap(self, text: str, rows: Sequence[int] | None = None) -> Scores:
        """How much the words of a text and of each entry's nearest question are the same, (rows,) of 0..1."""
        asked = _terms_of(text)
        found = np.zeros(len(self._entries), dtype=np.float32)
        whole = self._weight(asked)
        for row in range(len(self._entries)) if rows is None else rows:
            for question in self._terms[row]:
                shared = asked & question
                if shared:
                    both = 2 * self._weight(shared) / (whole + self._weight(question))
                    found[row] = max(found[row], both)
        return found

    def _weight(self, terms: frozenset[str]) -> float:
        n = len(self._entries) + 1
        return sum(math.log(1 + n / (1 + self._frequencies[term])) for term in terms)


def _terms_of(text: str) -> frozenset[str]:
    return frozenset((*query_terms(text), *concepts(text)))


def same_matter(index: Index, text: str) -> Scores:
    """How like a text is to the question that each passage answers, (rows,) of 0..1."""
    corpus = index.passages
    questions = corpus.questions
    words = questions.overlap(text)
    embedder = index.embedder
    if corpus.vectors is None or embedder is None or embedder.known_share(text) < KNOWN_SHARE:
        return _alone(words)
    cosines = np.maximum(corpus.vectors.first_cosines(embedder.encode_query(text), questions.counts), 0)
    found: Scores = (words + 2 * cosines) / np.float32(3)
    return found


def _alone(words: Scores) -> Scores:
    """Likeness by words where nothing else is known, on the scale of both: two ways to ask share few words."""
    found: Scores = words ** np.float32(0.7)
    return found


def likeness(texts: Sequence[str], embedder: Embedder | None) -> Scores:
    """How like each two of some questions are, (n, n) of 0..1, by their words and by the embedder if it knows both."""
    terms = [sorted(_terms_of(text)) for text in texts]
    columns = {term: column for column, term in enumerate(dict.fromkeys(term for found in terms for term in found))}
    has = np.zeros((len(texts), len(columns)), dtype=np.float32)
    for row, found in enumerate(terms):
        has[row, [columns[term] for term in found]] = 1
    weights = np.log1p((len(texts) + 1) / (1 + has.sum(axis=0)))
    own = has @ weights
    both = (has * weights) @ has.T
    shared: Scores = 2 * both / np.maximum(own[:, None] + own[None, :], np.float32(1e-6))
    alike = _alone(shared)
    if embedder is None:
        return alike
    known = [row for row, text in enumerate(texts) if embedder.known_share(text) >= KNOWN_SHARE]
    if known:
        vectors = embedder.encode_documents([texts[row] for row in known])
        cosines = np.maximum(vectors @ vectors.T, 0)
        alike[np.ix_(known, known)] = (shared[np.ix_(known, known)] + 2 * cosines) / np.float32(3)
    return alike
