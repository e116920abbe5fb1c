"""The products that meet a query: its filters, wishes and kind of thing; where none does, those that miss the least.

In: a `Query` and the index. Out: `Found`, and the query it answers. Superlatives and counts are taken over all records,
not over the best k.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from assistant.generation.conditions import describe_filters
from assistant.subjects import KIND_NAMES, beside, by_category, heads, kind_conditions, of_kind, suitable
from assistant.types import Query
from knowledge_base.index import Index
from knowledge_base.ranking import rank_products
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
_KIND_SHARE = 0.3  # of the products with a phrase in their titles that are called so, for it to name a kind
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
    spare: tuple[Query, Found] | None = None  # what is made for somebody else is told of where nothing else comes near
    for dropped, looser in _looser(query, index):
        found = meeting(looser, index)
        if found.hits:
            found = _nearest_in_meaning(found, query, index) if dropped.words else found
            near = replace(
                found, total=0, n_skus=0, relaxed=dropped.words or describe_filters(dropped.query, index.info)
            )
            if not _for_others(found.hits, query):
                return looser, near
            spare = spare or (looser, near)
    return spare or (query, exact)


@dataclass(frozen=True, slots=True)
class _Dropped:
    """What a looser query leaves out: constraints, or `words` that say it."""

    query: Query
    words: tuple[str, ...] = ()


def _looser(query: Query, index: Index) -> Iterator[tuple[_Dropped, Query]]:
    """Pairs (what is dropped, the query without it): first single constraints, then what the kind of thing is called
    beside its category, then all but the kind."""
    bare = replace(query, filters=Filters(), wishes=())
    for wish in query.wishes:
        rest = tuple(w for w in query.wishes if w != wish)
        yield _Dropped(replace(bare, wishes=(wish,))), replace(query, wishes=rest)
    filters = query.filters
    if filters.rating_min is not None:
        dropped = replace(bare, filters=Filters(rating_min=filters.rating_min))
        yield _Dropped(dropped), replace(query, filters=replace(filters, rating_min=None))
    if filters.in_stock is not None:
        dropped = replace(bare, filters=Filters(in_stock=filters.in_stock))
        yield _Dropped(dropped), replace(query, filters=replace(filters, in_stock=None))
    droppable = [c for c in filters.conditions if not c.negated and c.names not in KIND_NAMES]
    for condition in sorted(droppable, key=lambda c: c.names == ("brand",)):
        dropped = replace(bare, filters=Filters(conditions=(condition,)))
        left = tuple(c for c in filters.conditions if c != condition)
        yield _Dropped(dropped), replace(query, filters=replace(filters, conditions=left))
    if filters.price_min is not None or filters.price_max is not None:
        price = Filters(price_min=filters.price_min, price_max=filters.price_max)
        sort: Sort = "price_desc" if filters.price_max is None else "price_asc"
        free = replace(filters, price_min=None, price_max=None)
        yield _Dropped(replace(bare, filters=price)), replace(query, filters=free, sort=sort)
    if called := _called_otherwise(query, index):
        yield called
    kind = tuple(c for c in filters.conditions if c.names in KIND_NAMES)
    if query.subject and (query.wishes or filters != Filters(conditions=kind)):
        dropped = replace(query, filters=replace(filters, conditions=tuple(droppable)))
        refused = tuple(c for c in filters.conditions if c.negated)  # what was refused is never offered
        yield _Dropped(dropped), replace(query, wishes=(), filters=Filters(conditions=(*kind, *refused)))


def _called_otherwise(query: Query, index: Index) -> tuple[_Dropped, Query] | None:
    """ "Rain jackets" as any jackets, "rechargeable headlamps" as any headlamps; None where nothing beside the kind of
    thing was named."""
    if query.intent not in ("find", "recommend") or not query.subject:
        return None
    values = [value for c in kind_conditions(query) if c.names == ("category",) for value in c.values]
    if values:
        kind = values[-1] if beside(query.subject, " ".join(values)) else ""
    else:
        shorter = itertools.islice(heads(query.subject), 1, None)
        kind = next((phrase for phrase in shorter if _is_kind(phrase, index)), "")
    if not kind:
        return None
    name = query.subject
    words = f"名称不是“{name}”" if query.language == "zh" else f"called “{name}”"
    return _Dropped(query, (words,)), replace(query, subject=kind, limit=MAX_SHOWN)


def _is_kind(phrase: str, index: Index) -> bool:
    """Whether titles with a phrase often are such things: not so with "wireless", nor with "laptop" said of bags."""
    called = index.facets.called(phrase)
    n_called = int(called.sum())
    return n_called > 0 and int((called & index.types.ending(phrase)).sum()) >= _KIND_SHARE * n_called


def _nearest_in_meaning(found: Found, query: Query, index: Index) -> Found:
    """What was found, what means most nearly what the thing is called first; as it is without an embedder."""
    cosines = rank_products(index, query.subject).cosines
    if cosines is None:
        return found
    near = sorted(
        found.hits, key=lambda hit: -cosines[index.product_rows[hit.entry.product.id]] if hit.entry.product else 0
    )
    return replace(found, hits=tuple(replace(hit, rank=place) for place, hit in enumerate(near[:SHOWN], 1)))


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
    return list(hits) if _speaks_of_children(query) else sorted(hits, key=_is_for_children)


def _for_others(hits: Sequence[Hit], query: Query) -> bool:
    """Whether all of it is made for children, and nobody speaks of any."""
    return all(map(_is_for_children, hits)) and not _speaks_of_children(query)


def _speaks_of_children(query: Query) -> bool:
    wished = (value for condition in (*query.filters.conditions, *query.wishes) for value in condition.values)
    return bool(CHILDREN.search(" ".join((query.text, query.search, *query.terms, *wished))))


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
