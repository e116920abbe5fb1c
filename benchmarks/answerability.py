"""Fits the coefficients of `knowledge_base.answerability`, and measures them on the questions they have not seen.

    python -m benchmarks.answerability [--data .data]

Paraphrased and unanswerable questions of both demo shops: half of each is for fitting ("tune"), half is held out
("test"). The intercept is set so that all but a few of the answerable questions of the first half are answered.
Prints the coefficients to paste, a table, and one JSON line.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.answerability import FEATURES, features
from knowledge_base.index import Index, open_index
from knowledge_base.retrieval import retrieve

_ROOT = Path(__file__).resolve().parent.parent
_SHOPS = {"en": "demo_shop", "zh": "demo_shop_zh"}
_RIDGE, _STEPS, _RATE = 0.05, 4000, 0.3
_DECLINED_ANSWERABLE = 0.03  # of the tuning half

Array = NDArray[np.float64]


def fit(values: Array, answered: Array) -> tuple[Array, float]:
    """Ridge-regularised logistic regression with balanced classes: weights and intercept for raw feature values."""
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = (values - mean) / spread
    share = answered.mean()
    importance = np.where(answered == 1, 0.5 / share, 0.5 / (1 - share))
    weights, bias = np.zeros(values.shape[1]), 0.0
    for _ in range(_STEPS):
        error = (1 / (1 + np.exp(-(scaled @ weights + bias))) - answered) * importance
        weights -= _RATE * (scaled.T @ error / len(error) + _RIDGE * weights)
        bias -= _RATE * error.mean()
    weights = weights / spread
    intercept = -float(np.quantile((values @ weights)[answered == 1], _DECLINED_ANSWERABLE))
    return weights, intercept


def questions(index: Index, language: str) -> list[dict[str, Any]]:
    """Every question with its split, whether it can be answered, its features, and whether the first hit is right."""
    found = []
    for name, answered in (("paraphrases", 1), ("unanswerable", 0)):
        path = _ROOT / "assistant" / "evaluation" / "data" / f"{name}.{language}.jsonl"
        for line in filter(None, path.read_text(encoding="utf-8").split("\n")):
            row = json.loads(line)
            hits = retrieve(index, row["text"], k=1, kinds=("faq", "policy"))
            entries = [entry.id for entry in index.passages.entries]
            values = (
                features(index, row["text"], entries.index(hits[0].entry.id))[0] if hits else (0.0,) * len(FEATURES)
            )
            right = bool(hits) and hits[0].entry.id in row.get("gold", ())
            found.append({"split": row["split"], "answered": answered, "values": values, "right": right})
    return found


def main() -> int:
    """Fit on one half, measure on the other, for each language's shop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(".data"))
    args = parser.parse_args()
    results = {}
    for language, shop in _SHOPS.items():
        rows = questions(open_index(_ROOT / "knowledge_base" / shop, args.data), language)
        tune = [row for row in rows if row["split"] == "tune"]
        values = np.array([row["values"] for row in tune])
        weights, intercept = fit(values, np.array([float(row["answered"]) for row in tune]))
        print(language, "Coefficients((" + ", ".join(f"{w:.3f}" for w in weights) + f"), {intercept:.3f})")
        for split in ("tune", "test"):
            part = [row for row in rows if row["split"] == split]
            confident = [float(np.dot(row["values"], weights)) + intercept >= 0 for row in part]
            pairs = list(zip(part, confident, strict=True))
            answerable = [kept for row, kept in pairs if row["answered"]]
            unanswerable = [kept for row, kept in pairs if not row["answered"]]
            results[f"{language} {split}"] = {
                "n_answerable": len(answerable),
                "n_unanswerable": len(unanswerable),
                "right_source_first": round(float(np.mean([row["right"] for row in part if row["answered"]])), 3),
                "answerable_declined": round(1 - float(np.mean(answerable)), 3),
                "unanswerable_declined": round(1 - float(np.mean(unanswerable)), 3),
            }
    for name, figures in results.items():
        print(name, "  ".join(f"{key} {value}" for key, value in figures.items()))
    print(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
