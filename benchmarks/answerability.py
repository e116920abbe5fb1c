"""Fits how passages are ranked and when they are taken to answer, and measures both on questions not fitted on.

    python -m benchmarks.answerability [--data .data] [--test]

Fitted are the weights of `knowledge_base.ranking` (listwise logistic regression, no weight below 0) and the
coefficients of `knowledge_base.answerability` (logistic regression): on the demo shops with
`benchmarks/data/questions.*.jsonl`, requests for products and the "tune" half of the evaluation's questions, and on
imagined shops (`benchmarks.imagined_shops`). Figures are of the demo shops. "from imagined" has the right source with
weights fitted on imagined shops alone; declining is cross-validated in five parts. Prints what to paste, a table, and
one JSON line; `--test` adds the totals of the parts held out.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.imagined_shops import HeldOut, hold_out, imagined_shop, questions_to
from knowledge_base import ranking
from knowledge_base.answerability import FEATURES, features
from knowledge_base.embedding import make_embedder
from knowledge_base.index import Index
from knowledge_base.opening import open_index
from knowledge_base.ranking import SIGNALS, rank_passages

_ROOT = Path(__file__).resolve().parent.parent
_SHOPS = {"en": "demo_shop", "zh": "demo_shop_zh"}
# Which questions each set of numbers is fitted on: language and embedder.
_FITS = {"with vectors": (("en", "auto"),), "without": (("zh", "auto"), ("en", "none"))}
_STEPS, _RATE, _RANKING_RIDGE, _RIDGE = 250, 2.0, 0.02, 0.01
_DECLINED_ANSWERABLE = 0.04  # of the questions to the demo shops that are fitted on
_PARTS = 5
_HELD_OUT = frozenset({"test", "fresh"})  # parts of the evaluation's questions that nothing is fitted on
_REAL_WEIGHT = 3.0  # of a question to a demo shop beside one to an imagined shop

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Question:
    """A question with the rows that answer it (none: it cannot be answered), and where it is from."""

    text: str
    gold: frozenset[int]
    origin: str


@dataclass(frozen=True)
class Point:
    """A question to one index with the signals of its passages; `real` where the shop is a demo shop."""

    index: Index
    group: str
    question: Question
    real: bool
    signals: Array


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


def _points(data: Path, name: str, held: HeldOut, shops: int) -> list[Point]:
    """Questions to the demo shop and to imagined ones, each with its signals."""
    found = []
    rng = random.Random(1)
    cache = data / "embeddings.sqlite3"
    for language, embedder in _FITS[name]:
        demo = open_index(_ROOT / "knowledge_base" / _SHOPS[language], data, embedder, progress=False)
        for question in read_questions(demo, language):
            found.append(_point(demo, f"{language} {embedder}", question, True))
        for _ in range(shops):
            shop = imagined_shop(demo, language, held, cache, rng)
            for text, gold, kind in questions_to(shop, language, held, rng):
                found.append(_point(shop, f"{language} {embedder}", Question(text, gold, kind), False))
    return found


def _point(index: Index, group: str, question: Question, real: bool) -> Point:
    signals = rank_passages(index, question.text).signals
    assert signals is not None
    return Point(index, group, question, real, signals.astype(np.float64))


def _fit_set(name: str, data: Path, held: HeldOut, shops: int, test: bool) -> dict[str, Any]:
    points = _points(data, name, held, shops)
    kept = [point for point in points if test or point.question.origin not in _HELD_OUT]
    seen = [point for point in kept if point.question.origin not in _HELD_OUT]
    answerable = [point for point in seen if point.question.gold]
    imagined = [point for point in answerable if not point.real]
    real = [point for point in answerable if point.real]
    transferred = _weights(imagined)
    weights = _weights([*imagined, *real * max(1, len(imagined) // (2 * len(real)))])
    fitted = tuple(round(float(w), 2) for w in weights)
    print(f"{name}: ranking weights {fitted}", flush=True)
    ranking.DENSE_WEIGHTS, ranking.SPARSE_WEIGHTS = (
        (fitted, ranking.SPARSE_WEIGHTS) if name == "with vectors" else (ranking.DENSE_WEIGHTS, fitted)
    )
    values = np.array([features(p.index, p.question.text, int(np.argmax(p.signals @ fitted)))[0] for p in kept])
    asked = np.array([p.question.origin not in _HELD_OUT for p in kept])
    answered = np.array([float(bool(p.question.gold)) for p in kept])
    is_real = np.array([p.real for p in kept])
    coefficients, intercept = fit(values[asked], answered[asked], is_real[asked], _REAL_WEIGHT)
    print(f"{name}: Coefficients((" + ", ".join(f"{w:.3f}" for w in coefficients) + f"), {intercept:.3f})")
    for feature, weight, spread in zip(FEATURES, coefficients, values.std(axis=0), strict=True):
        print(f"    {feature:24} {weight * spread:6.2f} a standard deviation")
    confident = values @ coefficients + intercept >= 0
    part = np.random.default_rng(0).permutation(np.arange(len(kept)) % _PARTS)
    for turn in range(_PARTS):
        rest, out = asked & ((part != turn) | ~is_real), asked & (part == turn) & is_real
        weights_of, bar = fit(values[rest], answered[rest], is_real[rest], _REAL_WEIGHT)
        confident[out] = values[out] @ weights_of + bar >= 0
    results: dict[str, Any] = {}
    for group in sorted({p.group for p in kept}):
        for origin in ("questions", "tune", "test", "fresh", "products"):
            rows = [i for i, p in enumerate(kept) if p.real and (p.group, p.question.origin) == (group, origin)]
            if rows:
                results[f"{group} {origin}"] = _figures([kept[i] for i in rows], confident[rows], weights, transferred)
    return results


def _weights(points: Sequence[Point]) -> Array:
    gold = [np.isin(np.arange(len(p.signals)), list(p.question.gold)).astype(float) for p in points]
    return fit_ranking([p.signals for p in points], gold)


def _figures(points: Sequence[Point], confident: Mask, weights: Array, transferred: Array) -> dict[str, Any]:
    answerable = [(p, sure) for p, sure in zip(points, confident, strict=True) if p.question.gold]
    rest = [sure for p, sure in zip(points, confident, strict=True) if not p.question.gold]

    def right(by: Array) -> float | None:
        firsts = [int(np.argmax(p.signals @ by)) in p.question.gold for p, _ in answerable]
        return round(float(np.mean(firsts)), 3) if firsts else None

    return {
        "n_answerable": len(answerable),
        "n_unanswerable": len(rest),
        "right_source_first": right(weights),
        "from_imagined": right(transferred),
        "answerable_declined": round(1 - float(np.mean([sure for _, sure in answerable])), 3) if answerable else None,
        "unanswerable_declined": round(1 - float(np.mean(rest)), 3) if rest else None,
    }


def main() -> int:
    """Fit both sets of numbers, print them and what they reach."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(".data"))
    parser.add_argument("--shops", type=int, default=3, help="imagined shops a language (default 3)")
    parser.add_argument("--test", action="store_true", help="also measure the parts that are held out")
    args = parser.parse_args()
    embedder = make_embedder("auto")
    assert embedder is not None
    held = hold_out(embedder, args.data / "embeddings.sqlite3")
    results: dict[str, Any] = {}
    for name in _FITS:
        results |= _fit_set(name, args.data, held, args.shops, args.test)
    for name, figures in results.items():
        print(name, "  ".join(f"{key} {value}" for key, value in figures.items()))
    print(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
