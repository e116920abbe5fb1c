"""How far each product is what a query names, and not merely made for it: a laptop, not a laptop bag.

In: a query, the kinds learned from titles and categories, the profiles of the records. Out: for rows a score of 0..1.
Titles say which products are called so; what most of these have in their records tells the others apart, so that a
"laptop sleeve" in a title is no laptop. It ranks nothing and knows no words but those the catalogue uses.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knowledge_base.glossary import names_in
from knowledge_base.index import Index
from knowledge_base.lexical import Rows, Scores
from knowledge_base.product_types import PREPOSITIONS
from knowledge_base.query_expansion import is_request, query_words
from knowledge_base.text import fold, has_cjk, stem, words
from knowledge_base.translation import pieces
from knowledge_base.types import Condition, Filters

_MIN_NAMED = 3  # products that are called so, from which on their records tell what such a thing is
_ENOUGH_NAMED = 400  # of them, from all over the catalogue, whose records tell as much as those of all would
_MIDDLE, _STEEPNESS = 0.5, 2.0  # of the logistic curve from likeness to score; docs/decisions.md
_RELATIVE = frozenset(("that", "which", "who", "whose", "where", "suitable", "compatible", "available"))
CALLED_SO = 0.8  # of a product whose record tells nothing, but whose title calls it so


def kind_scores(index: Index, query: str, rows: Rows) -> Scores:
    """For each of `rows` how far it is what the query's head word, or another name of the same thing, names: 0..1.

    Where fewer than a few products are called so, their records are not compared.
    """
    named = called(index, query)
    if len(named) < _MIN_NAMED:
        return np.isin(rows, named).astype(np.float32) * np.float32(CALLED_SO)
    named_so, named = named, named[:: len(named) // _ENOUGH_NAMED + 1]
    own = index.profiles.likeness(named, named)
    likeness = index.profiles.likeness(named[np.isnan(own) | (own > 0)], rows)
    alike = 1 / (1 + np.exp(-_STEEPNESS * (likeness - _MIDDLE)))
    return np.where(np.isnan(likeness), np.isin(rows, named_so) * CALLED_SO, alike).astype(np.float32)


def called(index: Index, query: str) -> Rows:
    """The rows whose title, category or stated type calls them by the query's head word or another name of it."""
    if has_cjk(query):
        own = index.types.named_by(query)
        return own if len(own) else _called_in_english(index, query)
    said = index.catalogue.lexical.expansion.written(query_words(before_purpose(query)))
    heads = [word for word in said if word.isalpha()][-1:]
    for named in names_in(said):
        if list(named.said[-1:]) == heads:
            heads.extend((*named.english, *named.narrower))
    if not heads:
        return np.empty(0, dtype=np.int64)
    ending = [*(_ending_in(index, name) for name in heads), *(_in_category(index, name) for name in heads)]
    if len(rows := _any_of(ending)) >= _MIN_NAMED:
        return rows
    return _any_of([index.types.of_head(stem(word)) for word in heads])


def _any_of(found: Sequence[Rows]) -> Rows:
    """The rows that stand in any of these, each ascending."""
    found = [rows for rows in found if len(rows)]
    if len(found) < 2:
        return found[0] if found else np.empty(0, dtype=np.int64)
    having = np.zeros(max(int(rows[-1]) for rows in found) + 1, dtype=np.bool_)
    for rows in found:
        having[rows] = True
    return np.flatnonzero(having)


def _ending_in(index: Index, name: str) -> Rows:
    """The rows whose titles end a phrase in a name; one of several words must stand there whole: a "tablet PC" is a
    tablet, and not every PC is one."""
    *before, last = name.split()
    rows = index.types.ending_in(last)
    return np.intersect1d(rows, index.facets.nouns.together(name)).astype(np.int64) if before else rows


def _called_in_english(index: Index, query: str) -> Rows:
    """The rows that are called by the English name of what a Chinese query names last."""
    said = [piece for run in query_words(query) if has_cjk(run) for piece in pieces(run)]
    for piece in reversed(said):
        names = [name for name in piece.names if " " not in name] or [name.split()[-1] for name in piece.loose]
        found = [index.types.ending_in(name) for name in names]
        if len(rows := _any_of(found)):
            return rows
    return np.empty(0, dtype=np.int64)


def _in_category(index: Index, word: str) -> Rows:
    """The rows with a category, at any level, of that name."""
    names = [v.value for v in index.facets.vocabulary.values(stem(word)) if v.name == "category"]
    if not names:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(index.facets.product_mask(Filters(conditions=(Condition(("category",), tuple(names)),))))


def before_purpose(query: str) -> str:
    """What a query asks for without what that is for, comes with or comes from: "case" of "case for a laptop"."""
    folded = fold(query)
    begun = False
    for word, start, _ in words(folded):
        if begun and (word in PREPOSITIONS or word in _RELATIVE):
            return folded[:start]
        begun = begun or not is_request(word)
    return folded
