"""Whether the shop's questions and policies answer a text at all: a confidence, so that the rest can be declined.

In: an index, a text, the passages found for it. Out: 0..1; below 0.5 the passages should not be offered as an answer.
A logistic regression over a few figures of the ranking, with one set of coefficients where dense search took part
and one where it did not. `benchmarks/answerability.py` fits and measures them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.concepts import concepts
from knowledge_base.index import Index
from knowledge_base.lexical import query_terms
from knowledge_base.ranking import SIGNALS, Ranking, rank_passages
from knowledge_base.text import has_cjk
from knowledge_base.topics import ordinary
from knowledge_base.types import Hit

FEATURES = (
    *SIGNALS,
    "words_known",
    "concepts_known",
    "n_concepts",
    "score",
    "margin",
    "foreign",
    "uncovered",
    "typical",
    "unheard",
    "unheard_share",
    "catalogue",
    "catalogue_lead",
    "chinese",
)
_MAX_CONCEPTS, _MAX_UNHEARD = 6, 3
_OWN_TOPIC = 0.2  # share of the passage's main topic from which another is also its own
_COVERED = 0.25  # share of a passage that a topic needs to be one that the shop speaks of
_FIFTH = 4  # the rank against which the best passage's lead is taken


@dataclass(frozen=True, slots=True)
class Coefficients:
    """A fitted logistic regression over `FEATURES`."""

    weights: tuple[float, ...]
    intercept: float


WITH_VECTORS = Coefficients(
    (
        -0.472,
        -3.172,
        0.653,
        0.251,
        -0.868,
        7.402,
        -2.188,
        0.777,
        0.359,
        1.048,
        0.258,
        0.953,
        1.258,
        -0.199,
        0.061,
        0.164,
        -2.452,
        -1.062,
        0.008,
        0.242,
        -1.417,
        -0.951,
        -3.033,
        0.000,
    ),
    -1.740,
)
WITHOUT_VECTORS = Coefficients(
    (
        1.883,
        -2.405,
        3.195,
        0.261,
        -0.972,
        0.000,
        0.000,
        1.091,
        0.143,
        -0.020,
        1.564,
        1.361,
        0.838,
        -0.101,
        0.091,
        0.032,
        -0.512,
        -2.606,
        -1.744,
        0.433,
        -1.248,
        -2.492,
        -3.189,
        -1.451,
    ),
    2.440,
)


def answerable(index: Index, text: str, hits: Sequence[Hit]) -> float:
    """How sure it is that the best of `hits` (questions and policies, best first) answers `text`; 0.0 without any."""
    places = index.passages.places
    row = next((places[hit.entry.id] for hit in hits if hit.entry.id in places), None)
    if row is None:
        return 0.0
    values, dense = features(index, text, row)
    fitted = WITH_VECTORS if dense else WITHOUT_VECTORS
    logit = fitted.intercept + sum(w * v for w, v in zip(fitted.weights, values, strict=True))
    return 1.0 / (1.0 + math.exp(-max(min(logit, 50.0), -50.0)))


def features(index: Index, text: str, row: int) -> tuple[tuple[float, ...], bool]:
    """The figures of `FEATURES` for the passage in `row`, and whether dense search took part."""
    ranking = rank_passages(index, text)
    n_concepts = len(concepts(text))
    scores = np.sort(ranking.scores)[::-1]
    about = ranking.concepts
    unheard, share = _unheard(index, text)
    assert ranking.signals is not None
    catalogue = float(index.catalogue.lexical.match(text).coverage.max(initial=0.0))
    values = (
        *(float(value) for value in ranking.signals[row]),
        ranking.words.known,
        about.known if about is not None and n_concepts else 0.0,
        float(min(n_concepts, _MAX_CONCEPTS)),
        float(ranking.scores[row]),
        float(scores[0] - scores[min(_FIFTH, len(scores) - 1)]),
        *_topics(index, ranking, row),
        unheard,
        share,
        catalogue,
        max(catalogue - float(ranking.words.coverage[row]), 0.0),
        float(has_cjk(text)),
    )
    return values, ranking.cosines is not None


def _topics(index: Index, ranking: Ranking, row: int) -> tuple[float, float, float]:
    """How much nearer the text is to another topic than to those of the passage, how much of it is about topics that
    no passage has, and how near it is to its nearest topic."""
    topics, placed = index.passages.topics, ranking.placed
    if topics is None or placed is None:
        return 0.0, 0.0, 0.0
    mine = topics.shares[row]
    own = float(np.max(placed.nearness * (mine >= mine.max() * _OWN_TOPIC)))
    uncovered = float(placed.shares[topics.shares.max(axis=0) < _COVERED].sum())
    return float(placed.nearness.max()) - own, uncovered, float(placed.nearness.max())


def _unheard(index: Index, text: str) -> tuple[float, float]:
    """How many of the terms neither the passages have, nor shoppers' usual questions; and their share."""
    terms = [term for term in query_terms(text) if len(term) > 1 or not has_cjk(term)]
    new = [term for term in terms if not index.passages.lexical.knows(term) and not ordinary(term)]
    return float(min(len(new), _MAX_UNHEARD)), len(new) / max(len(terms), 1)
