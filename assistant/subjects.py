"""Which products are what a subject names: a "desk lamp" is no lamp shade, and a laptop bag no laptop.

In: a `Query` and the index. Out: ids of products. Filters on anything but the kind of thing, wishes and order are
`matching`'s business.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from assistant.types import Query
from knowledge_base.glossary import names_in
from knowledge_base.index import Index
from knowledge_base.lexical import Mask
from knowledge_base.ranking import rank_products
from knowledge_base.text import fold, has_cjk, stem, words
from knowledge_base.types import Condition, Filters, Hit

KIND_NAMES = (("category",), ("title",))  # conditions on these say what kind of thing is meant
_SAYS_ALL = 0.999  # share of words by idf that counts as every word
_THINGS_SHARE = 0.1  # of the products with the words in their title that must be the thing for its type to decide
_TOGETHER_SHARE = 0.3  # of these that must have the words side by side for the others to be something else
_SAYS_IT = 0.75  # share of the subject's words, by idf, that a product's text holds
_MEANS_IT = 0.5  # cosine from which a product is taken to be what was asked for in other words


def by_category(query: Query) -> bool:
    return bool(kind_conditions(query))


def kind_conditions(query: Query) -> tuple[Condition, ...]:
    """The filters that say what kind of thing is meant."""
    return tuple(c for c in query.filters.conditions if c.names in KIND_NAMES and not c.negated)


def of_kind(query: Query, index: Index, things: bool = True, told: bool = False) -> tuple[str, ...] | None:
    """The ids of the products that are what the subject names; None where that cannot be told from the records.

    All of its words count: those that no title, category or product type holds must stand elsewhere in the product's
    text. `things`: without those that have the words in their titles only because they are made for it ("laptop" in
    "laptop bag"), unless they are counted. `told`: all of a named category of which the text tells the rest ("rain
    jackets": jackets that say they are for rain), whatever they are called.
    """
    if not query.subject:
        return query.filters.product_ids
    facets = index.facets
    named_kinds = kind_conditions(query)
    named = " ".join(value for condition in named_kinds for value in condition.values)
    if named_kinds and not beside(query.subject, named):
        return query.filters.product_ids
    for phrase in () if told and named_kinds else heads(query.subject):
        called = facets.called(phrase)
        if named_kinds:
            called &= facets.product_mask(Filters(conditions=named_kinds))
        mask = _things(called, phrase, query, index) if things and called.any() else called
        if query.intent in ("find", "recommend") or not called.any():
            mask = mask | _also_called(phrase, index, narrower_only=bool(called.any()))
        if mask.any():
            return _ids(_saying(mask, beside(query.subject, phrase), index), index)
    if named_kinds:
        mask = facets.product_mask(Filters(conditions=named_kinds))
        return _ids(_saying(mask, beside(query.subject, named), index), index)
    if query.intent not in ("count", "superlative"):
        return None
    return _ids(_saying(facets.product_mask(Filters()), query.subject, index), index)


def _also_called(phrase: str, index: Index, narrower_only: bool) -> Mask:
    """What has a narrower name than a phrase in its title ("shell jacket" for a rain jacket), and what has another name
    of the same thing ("E-Bike" for an electric bike)."""
    mask = np.zeros(index.facets.n_products, dtype=np.bool_)
    said = [word for word, _, _ in words(phrase.casefold())]
    for named in (named for named in names_in(said) if len(named.said) == len(said)):
        for name in (*named.narrower, *(() if narrower_only else (*named.english, *named.chinese))):
            mask |= index.facets.called(name)
    return mask


def _things(mask: Mask, phrase: str, query: Query, index: Index) -> Mask:
    """Of the products that have the words, those that are called so and are not made for it; for a count all."""
    if query.intent == "count":
        return mask
    stated = mask & index.facets.stated(phrase)
    ending = mask & index.types.ending(phrase)
    together = ending & index.facets.titled(phrase)
    ending = together if together.sum() >= _TOGETHER_SHARE * ending.sum() else ending
    for things in (stated, stated | ending, mask & index.types.mask(phrase)):
        if things.sum() >= _THINGS_SHARE * mask.sum():
            return things
    return stated | ending if (stated | ending).any() else mask


def _saying(mask: Mask, said: str, index: Index) -> Mask:
    """The rows of `mask` whose text holds every word of `said`; all of them where nothing is said."""
    if not said:
        return mask
    return mask & (index.catalogue.lexical.match(said).coverage >= _SAYS_ALL)


def beside(subject: str, phrase: str) -> str:
    """The subject's words that are not in the phrase."""
    if has_cjk(subject):
        return ""
    known = {stem(word) for word, _, _ in words(fold(phrase))}
    return " ".join(w for w in subject.split() if stem(w.casefold()) not in known)


def _ids(mask: Mask, index: Index) -> tuple[str, ...]:
    entries = index.catalogue.entries
    return tuple(p.id for row in np.flatnonzero(mask).tolist() if (p := entries[row].product))


def heads(subject: str) -> Iterator[str]:
    """The subject, and what is left as its first words (or Chinese characters) are dropped: "desk lamp", "lamp"."""
    if has_cjk(subject):
        last = subject.split()[-1]
        yield subject
        yield from (last[start:] for start in range(len(last) - 1))
        return
    said = subject.split()
    yield from (" ".join(said[start:]) for start in range(len(said)))
    yield from (" ".join(said[:end]) for end in range(len(said) - 1, 0, -1))  # "headlamp rechargeable"


def suitable(hits: Sequence[Hit], query: Query, index: Index) -> tuple[Hit, ...]:
    """Hits for a subject that no title or category has: those that say it elsewhere, or mean the same by far."""
    if not hits:
        return ()
    rows = [index.product_rows[hit.entry.product.id] for hit in hits if hit.entry.product]
    ranking = rank_products(index, query.subject)
    said = ranking.words.coverage >= _SAYS_IT
    meant = np.zeros_like(said) if ranking.cosines is None else ranking.cosines >= _MEANS_IT
    return tuple(hit for hit, row in zip(hits, rows, strict=True) if said[row] or meant[row])
