"""Whether the catalogue has what a text asks for at all: a confidence, so that the nearest is not taken for the thing.

In: an index, a text that asks for products. Out: 0..1; below 0.5 nothing in the catalogue should be offered as what was
asked for. A logistic regression over what the best products' names, categories and types have of the text, how sure
the ranking is, and whether anything is called so. `benchmarks/suitability.py` fits and measures it. It knows no prices
and no limits, and says nothing about questions and policies: `answerability` does.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.glossary import names_in
from knowledge_base.index import Index
from knowledge_base.kinds import before_purpose, called
from knowledge_base.lexical import Rows, Scores, top_rows
from knowledge_base.product_types import states_type
from knowledge_base.query_expansion import Slot, is_request, query_words
from knowledge_base.ranking import Ranking, rank_products
from knowledge_base.text import fold, has_cjk, stem, tokens, words
from knowledge_base.types import Product

FEATURES = (
    "titled",
    "titled_first",
    "titled_mean",
    "whole_name",
    "side_by_side",
    "apart",
    "mended",
    "is_and_titled",
    "called_titled",
    "called_lacks",
    "covered",
    "covered_first",
    "known",
    "unheard",
    "head_titled",
    "head_is",
    "called",
    "none_called",
    "named",
    "named_not_called",
    "brand",
    "brand_only",
    "cosine",
    "cosine_mean",
    "cosine_titled",
    "longest_run",
    "one_word",
    "length",
    "wish",
    "wish_covered",
    "chinese",
)
SUITABLE = 0.5  # from which on the catalogue is taken to have what was asked for
_LOOKED_AT = 15  # best products whose names are read
_FEW, _SOME = 5, 10
_MAX_CALLED = 100
_CALLED_LOOKED_AT = 50  # best of the products that are called so whose names are read
_MAX_UNHEARD = 3
_WHOLE = 0.85  # share of a query, other names of a thing counting a little less, that is all of it
_MENDED = 0.7  # a way to say a word counts at most so much where it was taken for a typing error
_LONG, _LONG_CHINESE = 4, 8  # more words, or Chinese characters, than this are hardly a name
# What tells of a purpose instead of naming a thing.
_WISHING = re.compile(
    r"\b(?:something|anything|somewhere|(?:place|way) to|(?:want|need|have|like) to|my|our|we|too)\b|"
    "东西|办法|怎么|太|想(?!买|看|要)|用的|老是|不够|不方便",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Coefficients:
    """A fitted logistic regression over `FEATURES`."""

    weights: tuple[float, ...]
    intercept: float


WITH_VECTORS = Coefficients(
    (
        1.071,
        1.152,
        0.221,
        1.023,
        1.047,
        -1.024,
        -2.589,
        0.451,
        0.228,
        -5.173,
        0.298,
        0.308,
        1.035,
        0.191,
        -0.303,
        0.644,
        -0.005,
        0.344,
        -0.231,
        -0.131,
        -1.014,
        2.559,
        0.301,
        -0.687,
        0.696,
        2.190,
        -0.527,
        1.815,
        1.637,
        -0.148,
        1.143,
    ),
    -5.220,
)
WITHOUT_VECTORS = Coefficients(
    (
        1.130,
        1.189,
        0.073,
        1.051,
        1.136,
        -1.025,
        -2.705,
        0.418,
        0.226,
        -5.084,
        0.304,
        0.336,
        1.043,
        0.199,
        -0.235,
        0.898,
        -0.145,
        0.355,
        -0.228,
        -0.125,
        -0.947,
        2.567,
        0.000,
        0.000,
        0.000,
        2.138,
        -0.545,
        1.795,
        1.717,
        -0.178,
        1.078,
    ),
    -5.285,
)


def suitability(index: Index, text: str, ranking: Ranking | None = None) -> float:
    """How sure it is that a product is what `text` asks for, 0..1; `ranking` is the text's own, where it is known."""
    values, dense = features(index, text, ranking)
    fitted = WITH_VECTORS if dense else WITHOUT_VECTORS
    logit = fitted.intercept + sum(w * v for w, v in zip(fitted.weights, values, strict=True))
    return 1.0 / (1.0 + math.exp(-max(min(logit, 50.0), -50.0)))


def named_share(index: Index, text: str, rows: Sequence[int]) -> Scores:
    """Which share of a text, by how telling its words are, the name of each product in `rows` has: 0..1.

    A name is a title with brand, category and type. Words that are said in another way count a little less.
    """
    return _named(index, _slots(index, text), rows)[0]


def _slots(index: Index, text: str) -> tuple[list[Slot], Scores]:
    """What a text wants, and the share of each in it."""
    lexical = index.catalogue.lexical
    slots = list(lexical.expansion.slots(text, (), True))
    weights = np.array([slot.weight * lexical.telling(slot) for slot in slots], dtype=np.float32)
    return slots, weights / max(float(weights.sum()), 1e-9)


def _named(index: Index, wanted: tuple[list[Slot], Scores], rows: Sequence[int]) -> tuple[Scores, Scores]:
    """What the names of `rows` have of what is wanted: of all of it (rows,), and of each part (rows, parts)."""
    slots, weights = wanted
    names = [_name_terms(index, row) for row in rows]
    has = np.array([[_stands_in(slot, terms) for slot in slots] for terms in names], dtype=np.float32)
    has = has.reshape(len(rows), len(slots))
    return has @ weights, has


def features(index: Index, text: str, ranking: Ranking | None = None) -> tuple[tuple[float, ...], bool]:
    """The figures of `FEATURES` for a text, and whether dense search took part. `ranking` is the text's, if known."""
    ranking = ranking or rank_products(index, text)
    rows = top_rows(ranking.scores, _LOOKED_AT)
    lexical = index.catalogue.lexical
    slots, weights = _slots(index, text)
    titled, has = _named(index, (slots, weights), rows.tolist())
    mended = np.array(
        [bool(slot.ways) and max(share for _, share in slot.ways) <= _MENDED for slot in slots], dtype=bool
    )
    best = float(titled.max(initial=0.0))
    is_so = np.isin(rows, said_so := called(index, text))
    coverage, cosines = ranking.words.coverage, ranking.cosines
    cosine = _largest(cosines, _FEW) if cosines is not None else np.zeros(1)
    said = [word for word in query_words(text) if not is_request(word)] or query_words(text)
    unheard = [term for term in dict.fromkeys(tokens(" ".join(said))) if len(term) > 1 and not lexical.knows(term)]
    named = list(names_in(said))
    head = _head(text, said)
    head_slots = [place for place, slot in enumerate(slots) if head and _is_of(slot, head, index)]
    head_titled = float(has[:_SOME, head_slots].max(axis=1).mean()) if head_slots and len(rows) else 0.0
    brand = _brand_share(index, said)
    together = _side_by_side(index, said, rows)
    wish = float(_is_wish(text, said))
    called_titled = 0.0 if wish else _best_called(index, (slots, weights), said_so, ranking.scores)
    values = (
        best,
        float(titled[0]) if len(rows) else 0.0,
        float(titled[:_FEW].mean()) if len(rows) else 0.0,
        float(best >= _WHOLE),
        together,
        best * (1 - together) if len(said) > 1 and not has_cjk(text) else 0.0,
        float(weights @ mended),
        float((is_so[:_SOME] * titled[:_SOME]).max(initial=0.0)),
        called_titled,
        1 - called_titled if len(said_so) and len(said) > 1 and not wish else 0.0,
        float(coverage.max(initial=0.0)),
        float(coverage[rows[0]]) if len(rows) else 0.0,
        ranking.words.known,
        float(min(len(unheard), _MAX_UNHEARD)) / max(min(len(said), _MAX_UNHEARD), 1),
        head_titled,
        float(is_so[:_SOME].mean()) if len(rows) else 0.0,
        math.log1p(min(len(said_so), _MAX_CALLED)) / math.log1p(_MAX_CALLED),
        float(not len(said_so)),
        float(bool(named)),
        float(bool(named) and not len(said_so)),
        brand,
        float(brand == 1.0),
        float(cosine[0]),
        float(cosine.mean()),
        float((cosines[rows] * titled).max(initial=0.0)) if cosines is not None else 0.0,
        _longest_run(index, said, rows),
        float(len(said) == 1),
        math.log1p(len(said)),
        wish,
        wish * best,
        float(has_cjk(text)),
    )
    return values, cosines is not None


def _best_called(index: Index, wanted: tuple[list[Slot], Scores], rows: Rows, scores: Scores) -> float:
    """How much of what is wanted the name of one product has, 0..1, of those in `rows`, which are called so.

    Products whose names have all of the words need not be the thing: "Mystic Light, ARGB Control Board" is no light
    board, and of what is called a board, nothing has to do with light.
    """
    best = rows[np.argsort(-scores[rows], kind="stable")[:_CALLED_LOOKED_AT]]
    return float(_named(index, wanted, best.tolist())[0].max(initial=0.0))


def _largest(values: Scores, n: int) -> Scores:
    """The `n` largest values, in descending order."""
    return np.sort(np.partition(values, len(values) - n)[-n:])[::-1] if len(values) > n else np.sort(values)[::-1]


def _is_wish(text: str, said: Sequence[str]) -> bool:
    """Whether a text tells what a thing should do rather than how it is called."""
    n_chinese = sum(len(word) for word in said if has_cjk(word))
    return len(said) > _LONG or n_chinese > _LONG_CHINESE or _WISHING.search(text) is not None


def _name_terms(index: Index, row: int) -> frozenset[int]:
    """The index terms of what a product is called: its title, brand, category and stated type."""
    product = index.catalogue.entries[row].product
    if product is None:
        return frozenset()
    vocabulary = index.catalogue.lexical.vocabulary
    return frozenset(vocabulary[term] for term in tokens(_name(product)) if term in vocabulary)


def _name(product: Product) -> str:
    stated = [value for name, value in product.attributes.items() if states_type(name)]
    return " \n".join([product.title, product.brand or "", *product.category, *stated])


def _stands_in(slot: Slot, terms: frozenset[int]) -> float:
    """How well a name has one wanted thing: 1 for the word itself, less for other ways to say it, 0 for none."""
    return max((share for parts, share in slot.ways if all(part in terms for part in parts)), default=0.0)


def _head(text: str, said: Sequence[str]) -> str:
    if has_cjk(text):
        return said[-1] if said else ""
    heads = [word for word in query_words(before_purpose(text)) if word.isalpha() and not is_request(word)]
    return stem(heads[-1]) if heads else ""


def _is_of(slot: Slot, head: str, index: Index) -> bool:
    vocabulary = index.catalogue.lexical.vocabulary
    own = {vocabulary.get(term) for term in (tokens(head) if has_cjk(head) else [head])}
    return any(set(parts) & own for parts, _ in slot.ways[:1])


def _brand_share(index: Index, said: Sequence[str]) -> float:
    """The share of the words that are part of the name of a brand."""
    values = index.facets.vocabulary
    of_brand: set[int] = set()
    for first in range(len(said)):
        for past in range(first + 1, min(first + 3, len(said)) + 1):
            key = " ".join(map(stem, said[first:past]))
            if any(fold(value.name) == "brand" for value in values.values(key)):
                of_brand.update(range(first, past))
    return len(of_brand) / max(len(said), 1)


def _side_by_side(index: Index, said: Sequence[str], rows: Rows) -> float:
    """The share of the words, 0..1, that stand side by side and in this order in one title; 0 for Chinese."""
    wanted = [stem(word) for word in said]
    if any(map(has_cjk, wanted)):
        return 0.0
    found = 0
    for row in rows.tolist()[:_SOME]:
        title = " ".join(["", *(stem(word) for word, _, _ in words(fold(index.catalogue.entries[row].title))), ""])
        for first in range(len(wanted)):
            while first + found < len(wanted) and f" {' '.join(wanted[first : first + found + 1])} " in title:
                found += 1
    return found / max(len(wanted), 1)


def _longest_run(index: Index, said: Sequence[str], rows: Rows) -> float:
    """Of Chinese words, the share of the longest that stands in one piece in a title; 0 for other scripts."""
    runs = [word for word in said if has_cjk(word)]
    if not runs:
        return 0.0
    titles = [fold(index.catalogue.entries[row].title) for row in rows.tolist()[:_SOME]]
    found = 0
    for run in runs:
        for start in range(len(run)):
            while start + found < len(run) and any(run[start : start + found + 1] in title for title in titles):
                found += 1
    return found / max(map(len, runs))
