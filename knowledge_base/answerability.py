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
    "covered",
    "products",
    "unheard",
    "unheard_share",
    "catalogue",
    "catalogue_lead",
    "chinese",
)
_MAX_CONCEPTS, _MAX_UNHEARD = 6, 3
PRODUCT_TOPICS = (
    "product_price",
    "product_stock",
    "product_search",
    "product_facts",
    "which_is_best",
    "gift_ideas",
)
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
        1.213,
        -1.928,
        1.329,
        0.077,
        -0.219,
        3.480,
        -0.419,
        1.382,
        0.508,
        0.262,
        0.738,
        -0.159,
        0.730,
        0.879,
        0.394,
        -0.157,
        0.085,
        0.053,
        0.368,
        -0.417,
        -1.577,
        1.918,
        -3.319,
        0.007,
        -0.480,
        -1.022,
        -0.625,
        0.000,
    ),
    -1.867,
)
WITHOUT_VECTORS = Coefficients(
    (
        2.498,
        -1.147,
        1.628,
        0.017,
        0.083,
        0.000,
        0.000,
        0.804,
        0.112,
        -0.286,
        0.829,
        -0.120,
        1.189,
        0.713,
        0.293,
        -0.030,
        0.085,
        -0.155,
        -1.193,
        -0.779,
        -0.560,
        1.289,
        -9.207,
        0.101,
        -1.077,
        -1.415,
        -0.569,
        -0.161,
    ),
    0.548,
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


def _topics(index: Index, ranking: Ranking, row: int) -> tuple[float, ...]:
    """How much likelier the text is about another topic than about those of the passage, how much of it is about
    topics that no passage has, how sure its topic is, how well the passages cover it, and how much it is about
    products."""
    topics, placed = index.passages.topics, ranking.placed
    if topics is None or placed is None:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    mine, spoken = topics.shares[row], topics.shares.max(axis=0)
    own = float(np.max(placed.shares * (mine >= mine.max() * _OWN_TOPIC)))
    about_products = placed.shares[[topics.model.places[name] for name in PRODUCT_TOPICS]].sum()
    return (
        float(placed.shares.max()) - own,
        float(placed.shares[spoken < _COVERED].sum()),
        float(placed.shares.max()),
        float(placed.shares @ spoken),
        float(about_products),
    )


def _unheard(index: Index, text: str) -> tuple[float, float]:
    """How many of the terms neither the passages have, nor shoppers' usual questions; and their share."""
    terms = [term for term in query_terms(text) if len(term) > 1 or not has_cjk(term)]
    topics = index.passages.topics
    new = [
        term
        for term in terms
        if not index.passages.lexical.knows(term) and not (topics is not None and topics.model.knows(term))
    ]
    return float(min(len(new), _MAX_UNHEARD)), len(new) / max(len(terms), 1)
