"""The products that meet a query: its filters, wishes and kind of thing; where none does, those that miss the least.

In: a `Query` and the index. Out: `Found`, and the query it answers. Superlatives and counts are taken over all records,
not over the best k.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from assistant.generation.conditions import describe_filters
from assistant.subjects import KIND_NAMES, by_category, of_kind, suitable
from assistant.types import Query
from knowledge_base.index import Index
from knowledge_base.retrieval import retrieve, select
from knowledge_base.text import fold
from knowledge_base.types import Condition, Filters, Hit, Sort

SHOWN = 4  # products of a reply that was not asked for a number
MAX_SHOWN = 10
_BEST = 3  # hits of which one that can be bought comes before one that cannot, where fewer are shown
CHILDREN = re.compile(
    r"\b(?:kid|child|children|bab(?:y|ie)|toddler|infant|boy|girl|junior|youth|teen)(?:['’]?s)?\b|[儿孩]童|小孩|孩子|宝宝|婴|幼儿|童(?![话年])",
    re.I,
)
_POOL = 60  # candidates from which those about the subject are kept


@dataclass(frozen=True, slots=True)
class Found:
    """Products, best first. `total` and `n_skus` where they were counted; `relaxed`: what was dropped to find any;
    `measure`: the facet that ordered them."""

    hits: tuple[Hit, ...]
    total: int | None
    n_skus: int | None
    relaxed: tuple[str, ...] = ()
    measure: str | None = None


def relaxing(query: Query, index: Index) -> tuple[Query, Found]:
    """What meets everything; else what meets all but one constraint, the least missed first; else nothing."""
    exact = meeting(query, index)
    if not exact.hits and query.intent not in ("count", "superlative"):
        exact = meeting(query, index, things=False)
    if not exact.hits and query.intent in ("find", "recommend") and by_category(query):
        exact = meeting(query, index, told=True)
    if exact.hits or query.intent in ("count",):
        return query, exact
    for dropped, looser in _looser(query):
        found = meeting(looser, index)
        if found.hits:
            words_dropped = describe_filters(dropped, index.info)
            return looser, replace(found, total=0, n_skus=0, relaxed=words_dropped)
    return query, exact


def _looser(query: Query) -> Iterator[tuple[Query, Query]]:
    """Pairs (what is dropped, the query without it): first single constraints, then all but the kind of thing."""
    bare = replace(query, filters=Filters(), wishes=())
    for wish in query.wishes:
        yield (
            replace(bare, wishes=(wish,)),
            replace(query, wishes=tuple(w for w in query.wishes if w != wish)),
        )
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
    droppable = [c for c in filters.conditions if not c.negated and c.names not in KIND_NAMES]
    for condition in sorted(droppable, key=lambda c: c.names == ("brand",)):
        rest = tuple(c for c in filters.conditions if c != condition)
        yield (
            replace(bare, filters=Filters(conditions=(condition,))),
            replace(query, filters=replace(filters, conditions=rest)),
        )
    if filters.price_min is not None or filters.price_max is not None:
        price = Filters(price_min=filters.price_min, price_max=filters.price_max)
        sort: Sort = "price_desc" if filters.price_max is None else "price_asc"
        free = replace(filters, price_min=None, price_max=None)
        yield replace(bare, filters=price), replace(query, filters=free, sort=sort)
    kind = tuple(c for c in filters.conditions if c.names in KIND_NAMES)
    if query.subject and (query.wishes or filters != Filters(conditions=kind)):
        dropped = replace(query, filters=replace(filters, conditions=tuple(droppable)))
        refused = tuple(c for c in filters.conditions if c.negated)  # what was refused is never offered
        yield dropped, replace(query, wishes=(), filters=Filters(conditions=(*kind, *refused)))


def meeting(query: Query, index: Index, things: bool = True, told: bool = False) -> Found:
    """The products that meet the filters and wishes and are of the subject's kind; `things`, `told` as in `of_kind`."""
    kind = of_kind(query, index, things, told)
    its_kind = replace(query.filters, conditions=tuple(c for c in query.filters.conditions if c.names == ("category",)))
    wishes = tuple(_stated(wish, replace(its_kind, product_ids=kind), index) for wish in query.wishes)
    filters = replace(query.filters, conditions=(*query.filters.conditions, *wishes), product_ids=kind)
    if query.rank_by:
        return _extreme(query, filters, index)
    over_records = query.intent in ("count", "superlative") or query.sort != "relevance" or not query.search
    if kind is None and query.subject and not by_category(query):
        # No title says it: only what search is sure of may be taken for it, in whatever order.
        pool = retrieve(index, query.search or query.subject, filters, _POOL, ("product",))
        sure = tuple(hit.entry.product.id for hit in suitable(pool, query, index) if hit.entry.product)
        filters, over_records = replace(filters, product_ids=sure), query.sort != "relevance"
    counted = select(index, filters, query.sort) if over_records or kind is not None else None
    if counted is not None and over_records:
        hits = counted.hits
    else:
        hits = retrieve(index, query.search, filters, _POOL, ("product",))
    kept = [hit for hit in hits if hit.entry.product and hit.entry.product.id not in query.exclude]
    if query.intent in ("find", "recommend") and query.sort == "relevance":
        kept = for_whom(kept, query)
    limit = min(query.limit or SHOWN, MAX_SHOWN)
    if limit < _BEST and query.intent in ("find", "recommend") and query.sort == "relevance":
        kept[:_BEST] = sorted(kept[:_BEST], key=_is_sold_out)  # who wants one wants one that can be bought
    shown = tuple(replace(hit, rank=place) for place, hit in enumerate(kept[:limit], 1))
    return Found(shown, counted.total if counted else None, counted.n_skus if counted else None)


def for_whom(hits: Sequence[Hit], query: Query) -> list[Hit]:
    """The hits in their order, what is made for children last where nobody speaks of children."""
    wished = (value for condition in (*query.filters.conditions, *query.wishes) for value in condition.values)
    if CHILDREN.search(" ".join((query.text, query.search, *query.terms, *wished))):
        return list(hits)
    return sorted(hits, key=_is_for_children)


def _is_for_children(hit: Hit) -> bool:
    product = hit.entry.product
    return product is not None and bool(
        CHILDREN.search(" ".join((product.title, *product.category, *product.attributes.values())))
    )


def _is_sold_out(hit: Hit) -> bool:
    return hit.entry.product is not None and hit.entry.product.available is False


def _stated(wish: Condition, its_kind: Filters, index: Index) -> Condition:
    """A wish in the facets that products of the kind have: a tent's "Waterproof rating" where it has no "Waterproof".

    Only yes/no wishes are carried over, to a measure of the same name that is above zero.
    """
    if wish.values != ("yes",) or index.facets.product_mask(plus(its_kind, wish), _rows(its_kind, index)).any():
        return wish
    for name in (n for n in wish.names if n != "title"):
        longer = tuple(f.name for key, f in index.facets.vocabulary.names.items() if key.startswith(f"{fold(name)} "))
        measure = Condition(longer, minimum=Decimal("0.0001"))
        if longer and index.facets.product_mask(plus(its_kind, measure), _rows(its_kind, index)).any():
            return measure
    return wish


def plus(filters: Filters, condition: Condition) -> Filters:
    return replace(filters, conditions=(*filters.conditions, condition))


def _rows(filters: Filters, index: Index) -> list[int] | None:
    if filters.product_ids is None:
        return None
    return [index.product_rows[i] for i in filters.product_ids]


def _extreme(query: Query, filters: Filters, index: Index) -> Found:
    """The products that meet the filters by one of their measures; none where the shop does not state it."""
    selection = select(index, filters)
    rows = [index.product_rows[hit.entry.product.id] for hit in selection.hits if hit.entry.product]
    measured = index.facets.measured(rows, query.rank_by)
    if measured is None:
        return Found((), selection.total, selection.n_skus)
    name, values = measured
    by_row = dict(zip(rows, selection.hits, strict=True))
    ordered = sorted(values, key=lambda row: query.rank_direction * -values[row])
    shown = tuple(replace(by_row[row], rank=place) for place, row in enumerate(ordered[: query.limit or SHOWN], 1))
    return Found(shown, selection.total, selection.n_skus, measure=name)
