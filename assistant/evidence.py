"""Everything that may be stated as fact in a turn, fetched from the knowledge base: the retrieve stage.

In: a `Query`, the index, the storefront and the verified shopper. Out: `Evidence`, and the query as it turned out to
be ("find" becomes "policy" when only a policy answers). Superlatives, counts and comparisons are computed over all
records, not over the best k. It writes no sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.generation.conditions import describe_filters
from assistant.storefront import Storefront
from assistant.types import Evidence, Order, Query
from assistant.understanding import type_facets
from knowledge_base.answerability import answerable
from knowledge_base.index import Index
from knowledge_base.retrieval import rank, retrieve, select
from knowledge_base.text import fold, has_cjk, stem, words
from knowledge_base.types import Condition, Entry, Filters, Hit

SHOWN = 4  # products of a reply that was not asked for a number
MAX_SHOWN = 10
_PASSAGES = 3
_POOL = 60  # candidates from which those about the subject are kept
_SAYS_IT = 0.75  # share of the subject's words, by idf, that a product's text holds
_MEANS_IT = 0.5  # cosine from which a product is taken to be what was asked for in other words
ANSWERS = 0.5  # confidence from which passages are taken to answer


@dataclass(frozen=True, slots=True)
class _Found:
    hits: tuple[Hit, ...]
    total: int | None
    n_skus: int | None
    relaxed: tuple[str, ...] = ()


def gather(query: Query, index: Index, storefront: Storefront | None, shopper: str | None) -> tuple[Query, Evidence]:
    """Evidence for one turn. Orders are looked up for `shopper` alone, whatever the message says."""
    match query.intent:
        case "small_talk" | "out_of_scope" | "handoff":
            return query, Evidence()
        case "order_status":
            orders = _orders(query, storefront, shopper)
            passages, confidence = _passages(query, index)
            kept = passages if "policy" in query.intents and confidence >= ANSWERS else ()
            return query, Evidence(passages=kept, orders=orders)
        case "complaint":
            passages, confidence = _passages(query, index)
            orders = _orders(query, storefront, shopper) if "order_status" in query.intents else ()
            return query, Evidence(passages=passages[:1] if confidence >= ANSWERS else (), orders=orders)
        case "policy":
            return _policy(query, index)
        case "product_question" | "compare":
            return query, _about(query, index)
        case _:
            return _search(query, index)


def _orders(query: Query, storefront: Storefront | None, shopper: str | None) -> tuple[Order, ...]:
    if storefront is None or shopper is None:
        return ()
    if query.order_ref:
        order = storefront.order(shopper, query.order_ref)
        return (order,) if order else ()
    return storefront.orders(shopper)


def _passages(query: Query, index: Index, about: tuple[str, ...] | None = None) -> tuple[tuple[Hit, ...], float]:
    """The passages nearest to the question, and how sure it is that they answer it, in 0..1."""
    hits = retrieve(index, query.text, Filters(product_ids=about), _PASSAGES, ("faq", "policy"))
    return hits, (answerable(index, query.text, hits) if hits else 0.0)


def _policy(query: Query, index: Index) -> tuple[Query, Evidence]:
    passages, confidence = _passages(query, index)
    if confidence >= ANSWERS:
        return query, Evidence(passages=passages)
    if query.search and _names_products(query, index):
        found, evidence = _search(replace(query, intents=("find",), subject=query.subject or query.search), index)
        if evidence.products:
            return found, evidence
    return query, Evidence(passages=(), answerable=False)


def _names_products(query: Query, index: Index) -> bool:
    """Whether every telling word of the text stands in the catalogue: then products are what it is about."""
    said = [stem(word) for word, _, _ in words(query.search)]
    return bool(said) and all(index.facets.vocabulary.knows(word) or has_cjk(word) for word in said)


# -- the products a message names -----------------------------------------------------------------------------------


def _about(query: Query, index: Index) -> Evidence:
    """The named products, each with the variants that the question picks, and what the shop says about them."""
    ids = [i for i in query.refers_to if i in index.products]
    hits = []
    for rank, product_id in enumerate(ids, 1):
        row = index.product_rows[product_id]
        product = index.products[product_id]
        picked = index.facets.matching_variants(row, query.filters, query.sort) if query.filters.conditions else ()
        hits.append(Hit(_entry(index, row), 1.0, rank, "selected", picked if product.variants else ()))
    passages: tuple[Hit, ...] = ()
    unknown = [name for name in query.asks if not _has_facet(name, ids, index)]
    if "policy" in query.intents or unknown or not query.asks:
        found, confidence = _passages(query, index, tuple(ids))
        own = tuple(hit for hit in found if hit.entry.product_id in ids)
        passages = found[:1] if confidence >= ANSWERS else own[:1] if own and unknown else ()
    return Evidence(products=tuple(hits), passages=passages, answerable=bool(hits) or bool(passages))


def _entry(index: Index, row: int) -> Entry:
    return index.catalogue.entries[row]


def _has_facet(name: str, ids: Sequence[str], index: Index) -> bool:
    if name in ("price", "stock", "options", "rating", "brand"):
        return True
    key = fold(name)
    return any(key in {fold(n) for n in (*index.products[i].attributes, *index.products[i].option_values)} for i in ids)


# -- the products a message describes ---------------------------------------------------------------------------------


def _search(query: Query, index: Index) -> tuple[Query, Evidence]:
    settled, found = _relaxing(query, index)
    counted = query.intent in ("count", "superlative") and (found.hits or _known_kind(query, index))
    if counted or found.hits and not (found.relaxed and not settled.filters and not settled.subject):
        evidence = Evidence(found.hits, (), found.total, found.n_skus, found.relaxed)
        return query, evidence
    passages, confidence = _passages(query, index)
    if confidence >= ANSWERS:
        return replace(query, intents=("policy",)), Evidence(passages=passages)
    return query, Evidence(found.hits, (), found.total, found.n_skus, found.relaxed, answerable=bool(found.hits))


def _relaxing(query: Query, index: Index) -> tuple[Query, _Found]:
    """What meets everything; else what meets all but one constraint, the least missed first; else nothing."""
    exact = _meeting(query, index)
    if exact.hits or query.intent in ("count",):
        return query, exact
    for dropped, looser in _looser(query):
        found = _meeting(looser, index)
        if found.hits:
            words_dropped = describe_filters(dropped, index.info)
            return looser, replace(found, total=0, n_skus=0, relaxed=words_dropped)
    return query, exact


def _looser(query: Query) -> Iterator[tuple[Query, Query]]:
    """Pairs (what is dropped, the query without it): first single constraints, then all but the kind of thing."""
    bare = replace(query, filters=Filters(), wishes=())
    for wish in query.wishes:
        yield replace(bare, wishes=(wish,)), replace(query, wishes=tuple(w for w in query.wishes if w != wish))
    filters = query.filters
    if filters.rating_min is not None:
        yield (
            replace(bare, filters=Filters(rating_min=filters.rating_min)),
            replace(query, filters=replace(filters, rating_min=None)),
        )
    if filters.in_stock is not None:
        yield (
            replace(bare, filters=Filters(in_stock=filters.in_stock)),
            replace(query, filters=replace(filters, in_stock=None)),
        )
    droppable = [c for c in filters.conditions if not c.negated and c.names not in (("category",), ("title",))]
    for condition in sorted(droppable, key=lambda c: c.names == ("brand",)):
        rest = tuple(c for c in filters.conditions if c != condition)
        yield (
            replace(bare, filters=Filters(conditions=(condition,))),
            replace(query, filters=replace(filters, conditions=rest)),
        )
    if filters.price_min is not None or filters.price_max is not None:
        price = Filters(price_min=filters.price_min, price_max=filters.price_max)
        sort = "price_desc" if filters.price_max is None else "price_asc"
        free = replace(filters, price_min=None, price_max=None)
        yield replace(bare, filters=price), replace(query, filters=free, sort=sort)
    kind = tuple(c for c in filters.conditions if c.names in (("category",), ("title",)))
    if query.subject and (query.wishes or filters != Filters(conditions=kind)):
        dropped = replace(query, filters=replace(filters, conditions=tuple(droppable)))
        yield dropped, replace(query, wishes=(), filters=Filters(conditions=kind))


def _known_kind(query: Query, index: Index) -> bool:
    """Whether the catalogue has the kind of thing at all, so that "none" is a true answer."""
    return _by_category(query) or _kind_condition(query, index) is not None


def _meeting(query: Query, index: Index) -> _Found:
    """The products that meet the filters and wishes and are of the subject's kind."""
    conditions = (*query.filters.conditions, *query.wishes)
    kind = _kind_condition(query, index)
    if kind is not None:
        conditions = (*conditions, kind)
    filters = replace(query.filters, conditions=conditions)
    limit = min(query.limit or SHOWN, MAX_SHOWN)
    if query.intent in ("count", "superlative") or query.sort != "relevance" or not query.search:
        selection = select(
            index, filters, query.sort, None, "" if kind or not query.search or _by_category(query) else query.search
        )
        hits, total, n_skus = selection.hits, selection.total, selection.n_skus
    else:
        hits = retrieve(index, query.search, filters, _POOL, ("product",), query.sort)
        of_kind = kind is not None or _by_category(query)
        counted = select(index, filters) if of_kind and _is_exact(query, kind) else None
        total, n_skus = (counted.total, counted.n_skus) if counted else (None, None)
        if not of_kind and query.subject:
            hits = _suitable(hits, query, index)
    kept = [hit for hit in hits if hit.entry.product and hit.entry.product.id not in query.exclude]
    return _Found(tuple(replace(hit, rank=rank) for rank, hit in enumerate(kept[:limit], 1)), total, n_skus)


def _by_category(query: Query) -> bool:
    return any(c.names in (("category",), ("title",)) and not c.negated for c in query.filters.conditions)


def _kind_condition(query: Query, index: Index) -> Condition | None:
    """The subject as a condition on titles and product types, for as many of its words as the catalogue knows.

    Beside a category filter only the whole subject counts ("external SSD" in the category SSD). None where no title
    has the subject's head word.
    """
    if not query.subject:
        return None
    names = ("title", *type_facets(index))
    by_category = _by_category(query)
    for phrase in (query.subject,) if by_category else _heads(query.subject):
        condition = Condition(names, (phrase,))
        beside = query.filters.conditions if by_category else ()
        if index.facets.product_mask(Filters(conditions=(*beside, condition))).any():
            return condition
    return None


def _is_exact(query: Query, kind: Condition | None) -> bool:
    """Whether the filters and the kind say all of the subject, so that a count of them is a count of it."""
    if kind is not None:
        return kind.values[0] == query.subject
    said = {stem(word) for word, _, _ in words(query.subject)}
    named = {stem(w) for c in query.filters.conditions for v in c.values for w, _, _ in words(v)}
    return said <= named or has_cjk(query.subject)


def _heads(subject: str) -> Iterator[str]:
    """The subject, and what is left as its first words (or Chinese characters) are dropped: "desk lamp", "lamp"."""
    if has_cjk(subject):
        last = subject.split()[-1]
        yield subject
        yield from (last[start:] for start in range(len(last) - 1))
        return
    said = subject.split()
    yield from (" ".join(said[start:]) for start in range(len(said)))


def _suitable(hits: Sequence[Hit], query: Query, index: Index) -> tuple[Hit, ...]:
    """Hits for a subject that no title or category has: those that say it elsewhere, or mean the same by far."""
    if not hits:
        return ()
    rows = [index.product_rows[hit.entry.product.id] for hit in hits if hit.entry.product]
    ranking = rank(index.catalogue, index.embedder, query.subject, None, 1.0)
    said = ranking.lexical.coverage >= _SAYS_IT
    meant = np.zeros_like(said) if ranking.cosines is None else ranking.cosines >= _MEANS_IT
    return tuple(hit for hit, row in zip(hits, rows, strict=True) if said[row] or meant[row])
