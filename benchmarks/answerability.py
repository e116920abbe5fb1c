"""Fits how passages are ranked and when they are taken to answer, and measures both on questions not fitted on.

    python -m benchmarks.answerability [--data .data] [--test]

Fitted are the weights of `knowledge_base.ranking` (listwise logistic regression, no weight below 0) and the
coefficients of `knowledge_base.answerability` (logistic regression), on `benchmarks/data/questions.*.jsonl`,
the "tune" half of the paraphrased and unanswerable questions, and requests for products, which no passage
answers. But for "test", declining is cross-validated in five parts, and the right source is that of the weights just
fitted. Prints what to paste, a table, and one JSON line; `--test` adds the totals of the held-out half.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base import ranking
from knowledge_base.answerability import FEATURES, features
from knowledge_base.index import Index, open_index
from knowledge_base.ranking import SIGNALS, rank_passages
from knowledge_base.retrieval import retrieve

_ROOT = Path(__file__).resolve().parent.parent
_SHOPS = {"en": "demo_shop", "zh": "demo_shop_zh"}
# Which questions each set of numbers is fitted on: language and embedder.
_FITS = {"with vectors": (("en", "auto"),), "without": (("zh", "auto"), ("en", "none"))}
_STEPS, _RATE, _RANKING_RIDGE, _RIDGE = 250, 2.0, 0.02, 0.01
_DECLINED_ANSWERABLE = 0.04  # of the questions to the demo shops that are fitted on
_PARTS = 5

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Question:
    """A question with the rows that answer it (none: it cannot be answered), and where it is from."""

    text: str
    gold: frozenset[int]
    origin: str


def read_questions(index: Index, language: str) -> list[Question]:
    """All questions of a language; gold rows are those of the demo shop's index."""
    data = _ROOT / "assistant" / "evaluation" / "data"
    files = [_ROOT / "benchmarks" / "data" / f"questions.{language}.jsonl"]
    files += [_ROOT / "benchmarks" / "data" / f"products.{language}.jsonl"]
    files += [data / f"{name}.{language}.jsonl" for name in ("paraphrases", "unanswerable")]
    found = []
    for path in files:
        for line in filter(None, path.read_text(encoding="utf-8").split("\n")):
            row = json.loads(line)
            gold = frozenset(index.passages.places[name] for name in row.get("gold", ()))
            found.append(Question(row["text"], gold, row.get("split", path.stem.partition(".")[0])))
    return found


def fit_ranking(signals: Sequence[Array], gold: Sequence[Array]) -> Array:
    """Weights with which the right passages get most of the softmax; none is negative."""
    weights = np.ones(len(SIGNALS))
    for _ in range(_STEPS):
        slope = _RANKING_RIDGE * weights
        for values, right in zip(signals, gold, strict=True):
            scores = values @ weights
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            wanted = shares * right
            slope += (shares - wanted / (wanted.sum() + 1e-12)) @ values / len(signals)
        weights = np.maximum(weights - _RATE * slope, 0)
    return weights


def fit(values: Array, answered: Array, real: Mask, weight: float = 1.0) -> tuple[Array, float]:
    """Ridge-regularised logistic regression with balanced classes: weights and intercept for raw feature values.

    Rows that are not `real` are of imagined shops: the weights are fitted on them too, a real row counting `weight`
    times, but the bar is one that only few of the real answerable questions do not reach, in each language.
    """
    importance = np.where(real, weight, 1.0)
    mean = np.average(values, axis=0, weights=importance)
    spread = np.sqrt(np.average((values - mean) ** 2, axis=0, weights=importance)) + 1e-9
    scaled = np.hstack([(values - mean) / spread, np.ones((len(values), 1))])
    for side in (0, 1):
        importance[answered == side] *= 0.5 / importance[answered == side].sum()
    ridge = np.diag([_RIDGE] * values.shape[1] + [0.0])
    weights = np.zeros(scaled.shape[1])
    for _ in range(50):  # Newton's method
        chance = 1 / (1 + np.exp(-np.clip(scaled @ weights, -30, 30)))
        slope = scaled.T @ ((chance - answered) * importance) + ridge @ weights
        curve = (
            (scaled * (chance * (1 - chance) * importance)[:, None]).T @ scaled + ridge + 1e-9 * np.eye(len(weights))
        )
        weights -= np.linalg.solve(curve, slope)
    raw = weights[:-1] / spread
    chinese = values[:, FEATURES.index("chinese")] == 1
    raw[FEATURES.index("chinese")] = 0.0
    bars = [
        float(np.quantile((values @ raw)[(answered == 1) & real & part], _DECLINED_ANSWERABLE)) if part.any() else None
        for part in (~chinese, chinese)
    ]
    latin = bars[0] if bars[0] is not None else bars[1] or 0.0
    raw[FEATURES.index("chinese")] = 0.0 if bars[1] is None else latin - bars[1]
    return raw, -latin


def _values(index: Index, question: Question) -> Array:
    hits = retrieve(index, question.text, k=1, kinds=("faq", "policy"))
    if not hits:
        return np.zeros(len(FEATURES))
    return np.array(features(index, question.text, index.passages.places[hits[0].entry.id])[0])


def _figures(questions: Sequence[Question], right: Sequence[bool], confident: Sequence[bool]) -> dict[str, Any]:
    answerable = [(r, c) for q, r, c in zip(questions, right, confident, strict=True) if q.gold]
    rest = [c for q, c in zip(questions, confident, strict=True) if not q.gold and q.origin != "products"]
    requests = [c for q, c in zip(questions, confident, strict=True) if q.origin == "products"]
    return {
        "n_answerable": len(answerable),
        "n_unanswerable": len(rest),
        "right_source_first": round(float(np.mean([r for r, _ in answerable])), 3) if answerable else None,
        "answerable_declined": round(1 - float(np.mean([c for _, c in answerable])), 3) if answerable else None,
        "unanswerable_declined": round(1 - float(np.mean(rest)), 3) if rest else None,
        "product_requests_declined": round(1 - float(np.mean(requests)), 3) if requests else None,
    }


def _cross_validated(questions: Sequence[Question], values: Array) -> list[bool]:
    part = np.random.default_rng(0).permutation(np.arange(len(questions)) % _PARTS)
    answered = np.array([float(bool(q.gold)) for q in questions])
    confident = np.zeros(len(questions), dtype=bool)
    for held in range(_PARTS):
        weights, intercept = fit(values[part != held], answered[part != held])
        confident[part == held] = values[part == held] @ weights + intercept >= 0
    return [bool(c) for c in confident]


def _fit_set(name: str, data: Path, test: bool) -> dict[str, Any]:
    results: dict[str, Any] = {}
    seen: list[tuple[Index, Question]] = []
    held: list[tuple[Index, Question]] = []
    for language, embedder in _FITS[name]:
        index = open_index(_ROOT / "knowledge_base" / _SHOPS[language], data, embedder, progress=False)
        for question in read_questions(index, language):
            (held if question.origin == "test" else seen).append((index, question))
    signals, gold = [], []
    for index, question in seen:
        if question.gold:
            found = rank_passages(index, question.text).signals
            assert found is not None
            signals.append(found.astype(np.float64))
            gold.append(np.isin(np.arange(len(found)), list(question.gold)).astype(float))
    weights = fit_ranking(signals, gold)
    fitted = tuple(round(float(w), 2) for w in weights)
    print(f"{name}: ranking weights {fitted}")
    ranking.DENSE_WEIGHTS, ranking.SPARSE_WEIGHTS = (
        (fitted, ranking.SPARSE_WEIGHTS) if name == "with vectors" else (ranking.DENSE_WEIGHTS, fitted)
    )
    values = np.array([_values(index, question) for index, question in seen])
    coefficients, intercept = fit(values, np.array([float(bool(q.gold)) for _, q in seen]))
    print(f"{name}: Coefficients((" + ", ".join(f"{w:.3f}" for w in coefficients) + f"), {intercept:.3f})")
    for feature, weight, spread in zip(FEATURES, coefficients, values.std(axis=0), strict=True):
        print(f"    {feature:24} {weight * spread:6.2f} a standard deviation")
    kept = _cross_validated([q for _, q in seen], values)
    groups = [(seen, kept)]
    if test:
        groups.append((held, [bool(_values(i, q) @ coefficients + intercept >= 0) for i, q in held]))
    for pairs, confident in groups:
        right = [
            bool(retrieve(i, q.text, k=1, kinds=("faq", "policy"))[:1]) and _first(i, q) in q.gold for i, q in pairs
        ]
        for language, embedder in _FITS[name]:
            for origin in ("questions", "tune", "test", "products"):
                mine = [
                    place
                    for place, (index, question) in enumerate(pairs)
                    if question.origin == origin
                    and index.info.language == language
                    and bool(index.manifest.embedder) == (embedder != "none")
                ]
                if mine:
                    results[f"{language} {embedder} {origin}"] = _figures(
                        [pairs[m][1] for m in mine], [right[m] for m in mine], [confident[m] for m in mine]
                    )
    return results


def _first(index: Index, question: Question) -> int | None:
    hits = retrieve(index, question.text, k=1, kinds=("faq", "policy"))
    return index.passages.places[hits[0].entry.id] if hits else None


def main() -> int:
    """Fit both sets of numbers, print them and what they reach."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(".data"))
    parser.add_argument("--test", action="store_true", help="also measure the held-out half")
    args = parser.parse_args()
    results: dict[str, Any] = {}
    for name in _FITS:
        results |= _fit_set(name, args.data, args.test)
    for name, figures in results.items():
        print(name, "  ".join(f"{key} {value}" for key, value in figures.items()))
    print(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
