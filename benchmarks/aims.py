"""Trains what tells questions about service from wishes for goods, `knowledge_base/aims/model.npz`, and measures it.

    python -m benchmarks.aims [--folds 5] [--cache .data/embeddings.sqlite3]

In: the questions in `knowledge_base/topics/*.txt`, whose topics of goods count as goods, and `aims/goods.txt`. Out:
the model file; with `--folds`, how many of either kind, not trained on, were told right.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from benchmarks.topics import known_vectors
from knowledge_base.aims import GOODS, MODEL, AimModel, aims_sha256
from knowledge_base.embedding import make_embedder
from knowledge_base.lexical import Scores
from knowledge_base.text import has_cjk
from knowledge_base.text_models import text_features
from knowledge_base.topic_model import read_topics

# Topics whose questions want goods, or know of them; and those that are about neither goods nor the shop.
GOODS_TOPICS = frozenset(
    {"product_price", "product_stock", "product_search", "product_facts", "which_is_best", "gift_ideas"}
)
NEITHER = frozenset(
    {"product_comparison_advice", "compatibility", "small_talk", "chit_chat", "homework_math", "world_facts", "jokes"}
)
_LEAST_MESSAGES = 3  # that a term must stand in
_C = 4.0


def train(messages: Sequence[str], service: Sequence[bool], vectors: Mapping[str, Scores], embedder: str) -> AimModel:
    """A model fitted on messages, each about service or goods; `vectors` of those the embedder knows."""
    spread = Counter(term for message in messages for term in text_features(message))
    terms = sorted(term for term, count in spread.items() if count >= _LEAST_MESSAGES)
    nothing = np.zeros(0, np.float32)
    blank = AimModel(terms, np.zeros((len(terms), 2), np.float32), nothing, nothing, "", "")
    rows = [blank.weighted(message) for message in messages]
    pointers = np.cumsum([0, *(len(places) for places, _ in rows)])
    places = np.concatenate([places for places, _ in rows])
    matrix = csr_matrix((np.concatenate([w for _, w in rows]), places, pointers), (len(messages), len(terms)))
    wanted = np.array(service)
    alone = LogisticRegression(C=_C, max_iter=300, class_weight="balanced").fit(matrix, wanted)
    known = np.array([i for i, message in enumerate(messages) if message in vectors])
    stacked = csr_matrix(np.stack([vectors[messages[i]] for i in known]))
    beside = LogisticRegression(C=_C, max_iter=300, class_weight="balanced")
    beside.fit(hstack([matrix[known], stacked]).tocsr(), wanted[known])
    words = np.stack([alone.coef_[0], beside.coef_[0, : len(terms)]], axis=1).astype(np.float32)
    intercepts = np.array([alone.intercept_[0], beside.intercept_[0]], dtype=np.float32)
    dense = beside.coef_[0, len(terms) :].astype(np.float32)
    return AimModel(terms, words, intercepts, dense, embedder, aims_sha256())


def read_messages() -> tuple[list[str], list[bool]]:
    """Messages, and whether each asks for service."""
    found = {}
    for topic in read_topics():
        if topic.name not in NEITHER:
            found |= dict.fromkeys(topic.questions, topic.name not in GOODS_TOPICS)
    lines = GOODS.read_text(encoding="utf-8").split("\n")
    found |= {line.strip(): False for line in lines if line.strip() and not line.startswith("#")}
    return list(found), list(found.values())


def main() -> int:
    """Train, save, and measure where asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=0, help="measure on so many parts kept aside (default: none)")
    parser.add_argument("--cache", type=Path, default=Path(".data") / "embeddings.sqlite3")
    options = parser.parse_args()
    messages, service = read_messages()
    embedder = make_embedder("auto")
    assert embedder is not None
    vectors = known_vectors(messages, embedder, options.cache)
    figures: dict[str, float] = {}
    if options.folds:
        fold = np.random.default_rng(0).permutation(len(messages)) % options.folds
        told: dict[str, list[bool]] = {}
        for held in range(options.folds):
            kept = np.flatnonzero(fold != held)
            model = train([messages[i] for i in kept], [service[i] for i in kept], vectors, embedder.name)
            for place in np.flatnonzero(fold == held):
                message = messages[place]
                label = f"{'zh' if has_cjk(message) else 'en'} {'service' if service[place] else 'goods'}"
                for beside, vector in (("", None), (" with vectors", vectors.get(message))):
                    if vector is not None or not beside:
                        chance = model.service(message, vector)
                        told.setdefault(label + beside, []).append((chance >= 0.5) == service[place])
                        told.setdefault(f"{label}{beside} sure", []).append(
                            chance >= 0.9 if service[place] else chance < 0.9
                        )
        figures = {label: round(float(np.mean(found)), 3) for label, found in sorted(told.items())}
    model = train(messages, service, vectors, embedder.name)
    model.save(MODEL)
    counts = {"messages": len(messages), "goods": service.count(False), "terms": len(model.terms.names)}
    print(json.dumps({**figures, **counts, "bytes": MODEL.stat().st_size}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
