"""Whether the shop's questions and policies answer a text at all: a confidence, so that the rest can be declined.

In: an index, a text, the passages found for it. Out: 0..1; below 0.5 the passages should not be offered as an answer.
A logistic regression over eight figures of the ranking, with one set of coefficients where dense search took part
and one where it did not. `benchmarks/answerability.py` fits and measures them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.concepts import concepts
from knowledge_base.index import Index
from knowledge_base.ranking import rank_passages
from knowledge_base.types import Hit

FEATURES = (
    "word_coverage",
    "words_known",
    "concept_coverage",
    "concepts_known",
    "n_concepts",
    "concept_score",
    "margin",
    "cosine",
)
_MAX_CONCEPTS = 6
_FIFTH = 4  # the rank against which the best passage's lead is taken


@dataclass(frozen=True, slots=True)
class Coefficients:
    """A fitted logistic regression over `FEATURES`."""

    weights: tuple[float, ...]
    intercept: float


WITH_VECTORS = Coefficients((-0.225, 1.664, 1.958, 3.363, -0.421, 0.307, 3.244, 7.014), -7.843)
WITHOUT_VECTORS = Coefficients((-1.112, 1.906, 1.685, 2.035, -0.949, 0.443, 0.099, 0.000), -0.857)


def answerable(index: Index, text: str, hits: Sequence[Hit]) -> float:
    """How sure it is that the best of `hits` (questions and policies, best first) answers `text`; 0.0 without any."""
    rows = {entry.id: row for row, entry in enumerate(index.passages.entries)}
    row = next((rows[hit.entry.id] for hit in hits if hit.entry.id in rows), None)
    if row is None:
        return 0.0
    values, dense = features(index, text, row)
    fitted = WITH_VECTORS if dense else WITHOUT_VECTORS
    logit = fitted.intercept + sum(w * v for w, v in zip(fitted.weights, values, strict=True))
    return 1.0 / (1.0 + math.exp(-logit))


def features(index: Index, text: str, row: int) -> tuple[tuple[float, ...], bool]:
    """The figures of `FEATURES` for the passage in `row`, and whether dense search took part."""
    ranking = rank_passages(index, text)
    n_concepts = len(concepts(text))
    scores = np.sort(ranking.scores)[::-1]
    lead = (scores[0] - scores[min(_FIFTH, len(scores) - 1)]) / max(float(scores[0]), 1e-6)
    about = ranking.concepts
    values = (
        float(ranking.words.coverage[row]),
        ranking.words.known,
        float(about.coverage[row]) if about is not None else 0.0,
        about.known if about is not None and n_concepts else 0.0,
        float(min(n_concepts, _MAX_CONCEPTS)),
        float(about.scores[row]) if about is not None else 0.0,
        float(lead),
        float(ranking.cosines.max(initial=0.0)) if ranking.cosines is not None else 0.0,
    )
    return values, ranking.cosines is not None
