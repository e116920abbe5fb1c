"""Trains the classifier of topics, `knowledge_base/topics/model.npz`, and measures it on questions kept aside.

    python -m benchmarks.topics [--folds 5] [--cache .data/embeddings.sqlite3]

In: the questions in `knowledge_base/topics/*.txt`. Out: the model file; with `--folds`, how often the right topic of
a question not trained on came first or among three, with and without vectors, and the topics mistaken most often.
A linear support vector machine over words, and a logistic regression over the bundled embedder's vectors.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from knowledge_base.embedding import KNOWN_SHARE, Embedder, EmbeddingCache, make_embedder
from knowledge_base.lexical import Scores
from knowledge_base.text import has_cjk
from knowledge_base.text_models import text_features
from knowledge_base.topic_model import MODEL, TopicModel, read_topics, sources_sha256

_LEAST_QUESTIONS = 3  # that a term must stand in
_NEAR_FOLDS = 3
_WORDS_C, _DENSE_C, _STEPS = 0.5, 30.0, 60

Labels = NDArray[np.int64]


def train(
    names: Sequence[str],
    questions: Sequence[str],
    topic_of: Labels,
    vectors: dict[str, Scores],
    embedder: str,
    near: Scores | None = None,
) -> TopicModel:
    """A model fitted on `questions`, each about topic `topic_of`; `vectors` of those the embedder knows.

    `near` is which topics are taken for which; None: counted on parts kept aside.
    """
    counted = [text_features(question) for question in questions]
    spread = Counter(term for terms in counted for term in terms)
    terms = sorted(term for term, count in spread.items() if count >= _LEAST_QUESTIONS)
    rarity = np.array([np.log(1 + len(questions) / (1 + spread[term])) for term in terms], dtype=np.float32)
    nothing = np.zeros(len(names), np.float32)
    empty = np.zeros((len(terms), len(names)), np.int8)
    dense = np.zeros((0, 0), np.float32)
    model = TopicModel(names, terms, rarity, empty, nothing, nothing, dense, nothing, dense)
    rows = [model.weighted(question) for question in questions]
    pointers = np.cumsum([0, *(len(columns) for columns, _ in rows)]).astype(np.int32)
    columns = np.concatenate([columns for columns, _ in rows]).astype(np.int32)
    matrix = csr_matrix((np.concatenate([w for _, w in rows]), columns, pointers), (len(questions), len(terms)))
    if near is None:
        near = _taken_for(matrix, topic_of, len(names))
    by_words = LinearSVC(C=_WORDS_C).fit(matrix, topic_of)
    scale = np.abs(by_words.coef_).max(axis=1) / 127
    whole = np.round(by_words.coef_ / scale[:, None]).astype(np.int8).T
    known = [place for place, question in enumerate(questions) if question in vectors]
    by_vectors = LogisticRegression(C=_DENSE_C, max_iter=_STEPS)
    by_vectors.fit(np.stack([vectors[questions[place]] for place in known]), topic_of[known])
    dense, dense_bias = np.zeros((by_vectors.coef_.shape[1], len(names))), np.full(len(names), -20.0)
    dense[:, by_vectors.classes_] = by_vectors.coef_.T
    dense_bias[by_vectors.classes_] = by_vectors.intercept_
    numbers = (scale, by_words.intercept_, dense, dense_bias)
    scale, bias, dense, dense_bias = (np.asarray(n, dtype=np.float32) for n in numbers)
    return TopicModel(
        names,
        terms,
        rarity,
        np.ascontiguousarray(whole),
        scale,
        bias,
        dense,
        dense_bias,
        near,
        embedder,
        sources_sha256(),
    )


def _taken_for(matrix: csr_matrix, topic_of: Labels, n_topics: int) -> Scores:
    """How much of a topic's questions a model that has not seen them takes for each topic; rows add up to 1."""
    found = np.zeros((n_topics, n_topics))
    fold = folds_of(topic_of, _NEAR_FOLDS)
    for held in range(_NEAR_FOLDS):
        model = LinearSVC(C=_WORDS_C).fit(matrix[fold != held], topic_of[fold != held])
        raised = np.exp(8.0 * model.decision_function(matrix[fold == held]))
        np.add.at(found, topic_of[fold == held], raised / raised.sum(axis=1, keepdims=True))
    return (found / found.sum(axis=1, keepdims=True)).astype(np.float32)


def folds_of(topic_of: Labels, n_folds: int) -> Labels:
    """A fold for every question, each topic spread over all of them."""
    rng = np.random.default_rng(0)
    found = np.zeros(len(topic_of), dtype=np.int64)
    for topic in np.unique(topic_of):
        places = rng.permutation(np.flatnonzero(topic_of == topic))
        found[places] = np.arange(len(places)) % n_folds
    return found


def known_vectors(questions: Sequence[str], embedder: Embedder, cache: Path) -> dict[str, Scores]:
    """The vectors of the questions that the embedder knows."""
    known = [question for question in questions if embedder.known_share(question) >= KNOWN_SHARE]
    return dict(zip(known, EmbeddingCache(cache).encode(embedder, known, progress=True), strict=True))


def measure(
    names: Sequence[str], questions: Sequence[str], topic_of: Labels, vectors: dict[str, Scores], n_folds: int
) -> dict[str, float]:
    """Prints the topics mistaken most often; the shares of held-out questions whose topic came first, or among 3."""
    fold = folds_of(topic_of, n_folds)
    right: dict[str, list[tuple[bool, bool, float]]] = defaultdict(list)
    mistaken: Counter[tuple[str, str]] = Counter()
    for held in range(n_folds):
        kept = np.flatnonzero(fold != held)
        model = train(names, [questions[i] for i in kept], topic_of[kept], vectors, "", np.zeros((0, 0), np.float32))
        for place in np.flatnonzero(fold == held):
            question = questions[place]
            language = "zh" if has_cjk(question) else "en"
            for label, vector in ((language, None), (f"{language} with vectors", vectors.get(question))):
                if vector is None and label != language:
                    continue
                chances = model.chances(question, vector)
                order = np.argsort(-chances)[:3]
                own = topic_of[place]
                right[label].append((order[0] == own, own in order, -float(np.log(chances[own] + 1e-9))))
                if order[0] != own and (vector is not None or language == "zh"):
                    mistaken[names[own], names[order[0]]] += 1
    for (own, other), count in mistaken.most_common(40):
        print(f"{count:4} of {own} taken for {other}")
    figures = {}
    for label, found in sorted(right.items()):
        first, among, surprise = np.mean(np.array(found, dtype=float), axis=0)
        figures |= {f"{label} n": len(found), f"{label} first": round(float(first), 3)}
        figures |= {f"{label} among 3": round(float(among), 3), f"{label} surprise": round(float(surprise), 3)}
    return figures


def main() -> int:
    """Train, save, and measure where asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=0, help="measure on so many parts kept aside (default: none)")
    parser.add_argument("--cache", type=Path, default=Path(".data") / "embeddings.sqlite3")
    options = parser.parse_args()
    pairs = sorted({(topic.name, question) for topic in read_topics() for question in topic.questions})
    names = sorted({name for name, _ in pairs})
    questions = [question for _, question in pairs]
    topic_of = np.array([names.index(name) for name, _ in pairs], dtype=np.int64)
    embedder = make_embedder("auto")
    assert embedder is not None
    vectors = known_vectors(questions, embedder, options.cache)
    figures: dict[str, float] = {}
    if options.folds:
        figures = measure(names, questions, topic_of, vectors, options.folds)
    model = train(names, questions, topic_of, vectors, embedder.name)
    model.save(MODEL)
    figures |= {"topics": len(names), "questions": len(questions), "terms": len(model.terms.names)}
    print(json.dumps({**figures, "bytes": MODEL.stat().st_size}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
