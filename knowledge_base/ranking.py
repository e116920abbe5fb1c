"""How every row of a corpus fits a text: lexical, conceptual and dense evidence made one score.

In: an index, a text, a mask of the rows that may be found. Out: scores with the evidence they were made of, so that
others (answerability, the relevant set of a sort) can judge it too. It makes no hits and knows no filters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from knowledge_base.concepts import concepts
from knowledge_base.embedding import KNOWN_SHARE, Embedder
from knowledge_base.fusion import weighted
from knowledge_base.index import Corpus, Index
from knowledge_base.lexical import LexicalMatch, Mask, Scores

_CANDIDATES = 200  # nearest products of dense search that are fused; the others' cosines are not looked at
# Weights, chosen on real queries; docs/decisions.md has the figures. Products: beside a lexical score of at most 1.
_PRODUCT_DENSE, _PRODUCT_KIND = 0.3, 0.12
# Passages: words and concepts in BM25's own units, a cosine of 1 as this many of them.
_PASSAGE_WORDS, _PASSAGE_CONCEPTS, _PASSAGE_DENSE = 0.5, 1.0, 20.0


@dataclass(frozen=True, slots=True)
class Ranking:
    """Scores of all rows (n,), 0 for what is not found, and what they rest on.

    `concepts` is None for products; `cosines` is None where dense search was left out: no embedder, or one that does
    not know the text or this corpus.
    """

    scores: Scores
    words: LexicalMatch
    concepts: LexicalMatch | None
    cosines: Scores | None


def rank_products(index: Index, text: str, mask: Mask | None = None) -> Ranking:
    """Every product held against `text`: its words, what kind of thing it is, and its nearness in meaning."""
    corpus = index.catalogue
    words = corpus.lexical.match(text, mask)
    cosines = None
    if (query := _encoded(corpus, index.embedder, text)) is not None:
        assert corpus.vectors is not None
        near, _ = corpus.vectors.search(query, _CANDIDATES, mask)
        rows = np.union1d(near, words.top(_CANDIDATES))
        cosines = np.zeros(len(corpus.entries), dtype=np.float32)
        cosines[rows] = np.maximum(corpus.vectors.cosines(query, rows), 0)
    fused = weighted(words.scores, [] if cosines is None else [(cosines, _PRODUCT_DENSE)])
    of_kind = (index.types.mask(text) & (fused > 0)).astype(np.float32)
    return Ranking(fused + of_kind * np.float32(_PRODUCT_KIND), words, None, cosines)


def rank_passages(index: Index, text: str, mask: Mask | None = None) -> Ranking:
    """Every question and policy passage held against `text`: its words, what it is about, its nearness in meaning."""
    corpus = index.passages
    words = corpus.lexical.match(text, mask)
    about = None if corpus.concepts is None else corpus.concepts.match("", mask, extra=concepts(text))
    fused = words.scores * np.float32(_PASSAGE_WORDS)
    if about is not None:
        fused = fused + about.scores * np.float32(_PASSAGE_CONCEPTS)
    cosines = None
    if (query := _encoded(corpus, index.embedder, text)) is not None:
        assert corpus.vectors is not None
        cosines = np.maximum(corpus.vectors.cosines(query, np.arange(len(corpus.entries))), 0)
        if mask is not None:
            cosines = np.where(mask, cosines, np.float32(0))
        fused = fused + cosines * np.float32(_PASSAGE_DENSE)
    return Ranking(fused, words, about, cosines)


def _encoded(corpus: Corpus, embedder: Embedder | None, text: str) -> Scores | None:
    """The query's vector; None where dense search has nothing to say about this text."""
    if corpus.vectors is None or embedder is None or not text.strip() or embedder.known_share(text) < KNOWN_SHARE:
        return None
    return embedder.encode_query(text)
