"""How every row of a corpus fits a text: lexical, conceptual and dense evidence made one score.

In: an index, a text, for products a mask of the rows that may be found. Out: scores with the evidence they were made
of, so that others (answerability, the relevant set of a sort) can judge it too. It makes no hits and knows no filters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from knowledge_base.answer_forms import asks_amount, asks_duration
from knowledge_base.concepts import concepts
from knowledge_base.embedding import KNOWN_SHARE, Embedder
from knowledge_base.errors import VectorStoreError
from knowledge_base.fusion import in_turn, weighted
from knowledge_base.index import Corpus, Index
from knowledge_base.kinds import CALLED_SO, kind_scores
from knowledge_base.lexical import LexicalMatch, Mask, Rows, Scores, top_rows
from knowledge_base.query_expansion import is_request, query_words
from knowledge_base.text import fold, has_cjk, stem
from knowledge_base.topics import Agreement, Placement
from knowledge_base.translation import in_english
from knowledge_base.types import Condition, Filters

_CANDIDATES = 200  # nearest products of dense search that are fused; the others' cosines are not looked at
# Weights, chosen on real queries; docs/decisions.md has the figures. Products: beside a lexical score of at most 1.
_PRODUCT_DENSE, _PRODUCT_KIND, _PRODUCT_BRAND = 0.3, 0.25, 0.1
_ALONE = 0.4  # how much more it counts to be the thing where a text says nothing else
_LEAST_COVERED = 0.5  # of a Chinese text, in English words, for a model that reads no Chinese to be asked about it
_BY_SCORE = 40  # best products in the order of their scores; after them the readings of the text come in turn
_KIND_CANDIDATES = 3000  # best rows of which it is looked at what they are
# What of a passage is weighed, and how much (`benchmarks/answerability.py` fits both): where dense search takes part,
# and where it does not.
SIGNALS = (
    "words",
    "word_coverage",
    "concepts",
    "concept_coverage",
    "title_concept_coverage",
    "cosine",
    "title_cosine",
    "duration",
    "amount",
    "topic",
    "log_topic",
    "title_topic",
    "log_title_topic",
    "near_topic",
    "log_near_topic",
)
DENSE_WEIGHTS: tuple[float, ...] = (
    0.51,
    0.87,
    0.36,
    0.83,
    0.3,
    1.65,
    1.31,
    0.15,
    0.16,
    0.69,
    2.81,
    0.03,
    1.54,
    0.24,
    1.74,
)
SPARSE_WEIGHTS: tuple[float, ...] = (
    1.39,
    1.72,
    0.47,
    1.51,
    0.52,
    0.0,
    0.0,
    0.21,
    0.13,
    0.55,
    2.65,
    0.11,
    1.77,
    0.18,
    1.56,
)
_LEAST_TOPIC = 0.02  # agreement in topic below which differences mean nothing


@dataclass(frozen=True, slots=True)
class Ranking:
    """Scores of all rows (n,), 0 for what is not found, and what they rest on.

    `concepts`, `signals` (n, `SIGNALS`) and `placed` are None for products; `cosines` is None where dense search was
    left out: no embedder, or one that does not know the text or this corpus.
    """

    scores: Scores
    words: LexicalMatch
    concepts: LexicalMatch | None
    cosines: Scores | None
    signals: Scores | None = None
    placed: Placement | None = None


def rank_products(index: Index, text: str, mask: Mask | None = None) -> Ranking:
    """Every product held against `text`: its words, what kind of thing it is, and its nearness in meaning."""
    corpus = index.catalogue
    words = corpus.lexical.match(text, mask, other_names=True)
    cosines = None
    query, dense_weight = _encoded(corpus, index.embedder, text), _PRODUCT_DENSE
    if query is None and corpus.vectors is not None and has_cjk(text):
        english, covered = in_english(" ".join(query_words(text)))
        if covered >= _LEAST_COVERED:
            query, dense_weight = _encoded(corpus, index.embedder, english), _PRODUCT_DENSE * covered
    if query is not None:
        cosines = _product_cosines(corpus, query, words, mask)
    fused = weighted(words.scores, [] if cosines is None else [(cosines, dense_weight)])
    rows = top_rows(fused, _KIND_CANDIDATES)
    rows = rows[words.scores[rows] > 0]
    fused[rows] += _kind_weight(index, text) * np.minimum(kind_scores(index, text, rows) / np.float32(CALLED_SO), 1)
    fused[_of_brand(index, text) & (words.scores > 0)] += np.float32(_PRODUCT_BRAND)
    return Ranking(fused, words, None, cosines)


def _kind_weight(index: Index, text: str) -> np.float32:
    """How much it counts that a product is the thing a text names: the more, the less else the text says.

    "Tablet" says nothing but this, and how often a record has the word is chance; of "quiet keyboard for the office"
    every word counts.
    """
    if has_cjk(text):
        return np.float32(_PRODUCT_KIND)
    n_words = sum(not is_request(word) for word in index.catalogue.lexical.expansion.written(query_words(text)))
    return np.float32(_PRODUCT_KIND + _ALONE / max(n_words, 1) ** 3)


def best_products(index: Index, text: str, ranking: Ranking, k: int, mask: Mask | None = None) -> tuple[Rows, Scores]:
    """The `k` best rows of the ranking of a text (and mask), best first, and beside each the score of its place.

    Whoever looks past some dozens of one kind of thing did not mean them, or is not served by more of the same: from
    there on what scores best, has the words as they were said, has them under any name, and is nearest in meaning come
    in turn, so that every reading of the text has its best early.
    """
    rows = top_rows(ranking.scores, k)
    if len(rows) <= _BY_SCORE:
        return rows, ranking.scores[rows]
    said = index.catalogue.lexical.match(text, mask).scores
    readings = [said, ranking.words.scores, *([] if ranking.cosines is None else [ranking.cosines])]
    found = in_turn(rows[:_BY_SCORE], [rows[_BY_SCORE:], *(top_rows(scores, k) for scores in readings)], k)
    return found, np.sort(ranking.scores[found])[::-1]


def _product_cosines(corpus: Corpus, query: Scores, words: LexicalMatch, mask: Mask | None) -> Scores | None:
    """The cosines of the nearest products and of those that have most of the words; 0 of all others, None where the
    vectors cannot be had, which their store says once."""
    assert corpus.vectors is not None
    cosines = np.zeros(len(corpus.entries), dtype=np.float32)
    try:
        near, found = corpus.vectors.search(query, _CANDIDATES, mask)
        cosines[near] = np.maximum(found, 0)
        others = np.setdiff1d(words.top(_CANDIDATES), near)
        cosines[others] = np.maximum(corpus.vectors.cosines(query, others), 0)
    except VectorStoreError:
        return None
    return cosines


def _of_brand(index: Index, text: str) -> Mask:
    """The products of the brands that a text names: an adapter "for Dell" has the word, and is none of Dell's."""
    values = index.facets.vocabulary
    brands = [v.value for word in query_words(text) for v in values.values(stem(word)) if fold(v.name) == "brand"]
    if not brands:
        return np.zeros(len(index.catalogue.entries), dtype=bool)
    return index.facets.product_mask(Filters(conditions=(Condition(("brand",), tuple(brands)),)))


def rank_passages(index: Index, text: str) -> Ranking:
    """Every question and policy passage held against `text`: its words, what it is about, its nearness in meaning.

    Corrections come before what they correct.
    """
    ranking = _passages_ranked(index, text)
    scores = index.passages.precedence.applied(text, ranking.scores, lambda said: _passages_ranked(index, said).scores)
    return ranking if scores is ranking.scores else replace(ranking, scores=scores)


def _passages_ranked(index: Index, text: str) -> Ranking:
    corpus = index.passages
    n = len(corpus.entries)
    said = concepts(text)
    words = corpus.lexical.match(text)
    about, titles = (
        LexicalMatch(np.zeros(n, np.float32), np.zeros(n, np.float32), 0.0)
        if part is None
        else part.match("", extra=said)
        for part in (corpus.concepts, corpus.title_concepts)
    )
    query = _encoded(corpus, index.embedder, text)
    cosines, title_cosines = None, np.zeros(n, dtype=np.float32)
    if query is not None:
        assert corpus.vectors is not None
        cosines = np.maximum(corpus.vectors.cosines(query, np.arange(n)), 0)
        title_cosines = np.maximum(corpus.vectors.first_cosines(query), 0)
    placed, topic = None, Agreement(*np.zeros((3, n), dtype=np.float32))
    if corpus.topics is not None:
        placed = corpus.topics.place(text, query, index.embedder)
        topic = corpus.topics.agreement(placed)
    durations, amounts = corpus.figures
    signals = np.stack(
        [
            words.scores / 10,
            words.coverage,
            about.scores / 10,
            about.coverage,
            titles.coverage,
            cosines if cosines is not None else np.zeros(n),
            title_cosines,
            durations * asks_duration(text),
            amounts * asks_amount(text),
            topic.whole,
            _logarithm(topic.whole),
            topic.title,
            _logarithm(topic.title),
            topic.near,
            _logarithm(topic.near),
        ],
        axis=1,
    ).astype(np.float32)
    scores = signals @ np.array(DENSE_WEIGHTS if cosines is not None else SPARSE_WEIGHTS, dtype=np.float32)
    return Ranking(scores, words, about, cosines, signals, placed)


def _logarithm(agreed: Scores) -> Scores:
    """Agreement in topic so that twice as much counts alike at .05 and at .5; 0 for none."""
    found: Scores = np.log1p(agreed / np.float32(_LEAST_TOPIC)) / np.float32(4)
    return found


def _encoded(corpus: Corpus, embedder: Embedder | None, text: str) -> Scores | None:
    """The query's vector; None where dense search has nothing to say about this text."""
    if corpus.vectors is None or embedder is None or not text.strip() or embedder.known_share(text) < KNOWN_SHARE:
        return None
    return embedder.encode_query(text)
