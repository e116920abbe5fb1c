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
from knowledge_base.query_expansion import query_terms
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
        0.907,
        -1.870,
        1.263,
        0.040,
        -0.235,
        3.390,
        -0.326,
        1.349,
        0.515,
        0.168,
        0.517,
        0.044,
        0.716,
        0.918,
        0.751,
        0.868,
        0.615,
        -0.206,
        0.068,
        0.030,
        0.408,
        -0.376,
        -1.701,
        1.675,
        -3.279,
        0.254,
        -1.115,
        -0.908,
        -1.056,
        0.000,
    ),
    -1.982,
)
WITHOUT_VECTORS = Coefficients(
    (
        2.343,
        -0.926,
        0.693,
        0.138,
        -0.105,
        0.000,
        0.000,
        0.547,
        0.008,
        -0.142,
        0.590,
        -0.108,
        1.511,
        0.465,
        0.287,
        1.093,
        0.222,
        -0.034,
        0.082,
        -0.169,
        -1.093,
        -0.757,
        -0.735,
        1.500,
        -9.400,
        0.099,
        -1.363,
        -1.430,
        -0.745,
        -0.617,
    ),
    0.368,
)


def answerable(index: Index, text: str, hits: Sequence[Hit], ranking: Ranking | None = None) -> float:
    """How sure it is that the best of `hits` (questions and policies, best first) answers `text`; 0.0 without any.

    `ranking` is that of the text where the caller has it.
    """
    places = index.passages.places
    row = next((places[hit.entry.id] for hit in hits if hit.entry.id in places), None)
    if row is None:
        return 0.0
    values, dense = features(index, text, row, ranking)
    fitted = WITH_VECTORS if dense else WITHOUT_VECTORS
    logit = fitted.intercept + sum(w * v for w, v in zip(fitted.weights, values, strict=True))
    return 1.0 / (1.0 + math.exp(-max(min(logit, 50.0), -50.0)))


def features(index: Index, text: str, row: int, ranking: Ranking | None = None) -> tuple[tuple[float, ...], bool]:
    """The figures of `FEATURES` for the passage in `row`, and whether dense search took part."""
    ranking = ranking or rank_passages(index, text)
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
