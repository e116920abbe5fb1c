"""Everything that may be stated as fact in a turn, fetched from the knowledge base: the retrieve stage.

In: a `Query`, the index, the storefront and the verified shopper. Out: `Evidence`, and the query as it turned out to
be ("find" becomes "policy" when only a policy answers). Superlatives, counts and comparisons are computed over all
records, not over the best k. It writes no sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from assistant.generation.conditions import describe_filters
from assistant.generation.weighing import weigh
from assistant.storefront import Storefront
from assistant.types import Evidence, Order, Query
from assistant.understanding.intents import without_policy_words
from knowledge_base.aims import asks_service
from knowledge_base.answerability import answerable
from knowledge_base.constraints import strip_filler
from knowledge_base.index import Index
from knowledge_base.lexical import Mask
from knowledge_base.ranking import rank_products
from knowledge_base.retrieval import retrieve, select
from knowledge_base.text import fold, has_cjk, stem, words
from knowledge_base.types import Condition, Filters, Hit, Product, Sort

SHOWN = 4  # products of a reply that was not asked for a number
MAX_SHOWN = 10
_PASSAGES = 3
_POOL = 60  # candidates from which those about the subject are kept
_SAYS_ALL = 0.999  # share of words by idf that counts as every word
_DEPARTMENTS = 3  # named where nothing was found, or nothing in particular asked for
_REQUEST_WORDS = 5
_NEAR = 5  # products whose department is taken for the nearest
_THINGS_SHARE = 0.1  # of the products with the words in their title that must be the thing for its type to decide
_TOGETHER_SHARE = 0.3  # of these that must have the words side by side for the others to be something else
_SAYS_IT = 0.75  # share of the subject's words, by idf, that a product's text holds
_MEANS_IT = 0.5  # cosine from which a product is taken to be what was asked for in other words
_KIND_NAMES = (("category",), ("title",))  # conditions on these say what kind of thing is meant
_MANY_UNEXPLAINED = 3  # words from which a message is about more than products, whatever it bounds
ANSWERS = 0.5  # confidence from which passages are taken to answer
_SURELY_ANSWERS = 0.85  # the same for a message that bounds, orders or counts products
_SERVICE, _SURELY_SERVICE = 0.6, 0.9  # chance from which a message is taken to be, or surely is, about service


@dataclass(frozen=True, slots=True)
class _Found:
    hits: tuple[Hit, ...]
    total: int | None
    n_skus: int | None
    relaxed: tuple[str, ...] = ()
    measure: str | None = None


def gather(query: Query, index: Index, storefront: Storefront | None, shopper: str | None) -> tuple[Query, Evidence]:
    """Evidence for one turn. Orders are looked up for `shopper` alone, whatever the message says."""
    match query.intent:
        case "small_talk" | "out_of_scope" | "handoff":
            return query, Evidence()
        case "order_status":
            orders = _orders(query, storefront, shopper)
            passages, confidence = _passages(query, index)
            if confidence < ANSWERS:
                return query, Evidence(orders=orders)
            if not orders and not query.order_ref:  # whoever has no order here is told how to find it
                query = replace(query, intents=("policy", "order_status"))
            return query, Evidence(passages=passages if "policy" in query.intents else (), orders=orders)
        case "complaint":
            passages, confidence = _passages(query, index) if "policy" in query.intents else ((), 0.0)
            orders = _orders(query, storefront, shopper) if "order_status" in query.intents else ()
            return query, Evidence(passages=passages[:1] if confidence >= ANSWERS else (), orders=orders)
        case "policy":
            return _policy(query, index)
        case "compare":
            return _with_winner(query, index), _about(query, index)
    service = 0.0 if _asks_of_records(query) else asks_service(query.text, index.embedder)
    if service >= _SURELY_SERVICE and (told := _told_of_service(query, index)) is not None:
        return told
    if query.intent == "product_question":
        return query, _about(query, index)
    return _search(query, index, service)


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
    if _names_products(without_policy_words(query.search), index):
        found, evidence = _search(replace(query, intents=("find",), subject=query.subject or query.search), index)
        if evidence.products:
            return found, evidence
    return query, Evidence(passages=(), answerable=False)


def _names_products(text: str, index: Index) -> bool:
    """Whether every telling word of the text stands in the catalogue: then products are what it is about."""
    said = [stem(word) for word, _, _ in words(strip_filler(text))]
    return bool(said) and all(index.facets.vocabulary.knows(word) or has_cjk(word) for word in said)


def _asks_of_records(query: Query) -> bool:
    """Whether the records alone can answer: how many, which is the most, what a thing costs or whether it is there."""
    return query.intent in ("count", "superlative") or bool(set(query.asks) & {"price", "stock", "options", "rating"})


def _told_of_service(query: Query, index: Index) -> tuple[Query, Evidence] | None:
    """What the shop says to a message that is about its service, whatever products it names; None where it says
    nothing."""
    passages, confidence = _passages(query, index)
    if confidence < ANSWERS:
        return None
    about_shop = replace(query, intents=("policy",), subject="", filters=Filters(), wishes=(), refers_to=())
    return about_shop, Evidence(passages=passages)


# -- the products a message names -----------------------------------------------------------------------------------


def _with_winner(query: Query, index: Index) -> Query:
    """The comparison with the product that comes first in it, which "it" will mean in the next message."""
    products = [index.products[i] for i in query.refers_to if i in index.products]
    first = weigh(products, query.rank_by, query.rank_direction).first if query.rank_by else ()
    return replace(query, focus=first[0].product.id) if len(first) == 1 else query


def _about(query: Query, index: Index) -> Evidence:
    """The named products, each with the variants that the question picks, and what the shop says about them."""
    ids = [i for i in query.refers_to if i in index.products]
    hits = []
    for place, product_id in enumerate(ids, 1):
        row = index.product_rows[product_id]
        product = index.products[product_id]
        picked = index.facets.matching_variants(row, query.filters, query.sort) if query.filters.conditions else ()
        hits.append(Hit(index.catalogue.entries[row], 1.0, place, "selected", picked if product.variants else ()))
    passages: tuple[Hit, ...] = ()
    unknown = [name for name in query.asks if not _has_facet(name, ids, index)]
    if "policy" in query.intents or unknown:
        found, confidence = _passages(query, index, tuple(ids))
        own = tuple(hit for hit in found if hit.entry.product_id in ids)
        bar = ANSWERS if "policy" in query.intents else _SURELY_ANSWERS
        passages = found[:1] if confidence >= bar else own[:1] if own and unknown else ()
    own_words = bool(query.asks) and unknown == list(query.asks)
    if own_words and passages and query.intent == "product_question":
        return Evidence(passages=passages)
    return Evidence(products=tuple(hits), passages=passages, answerable=bool(hits) or bool(passages))


def _has_facet(name: str, ids: Sequence[str], index: Index) -> bool:
    if name in ("price", "stock", "options", "rating", "brand"):
        return True
    key = fold(name)
    return any(key in {fold(n) for n in (*index.products[i].attributes, *index.products[i].option_values)} for i in ids)


# -- the products a message describes ---------------------------------------------------------------------------------


def _search(query: Query, index: Index, service: float = 0.0) -> tuple[Query, Evidence]:
    """Products that fit; a passage that answers comes first where the catalogue does not explain the message.

    `service` is the chance that the message is about the shop's service: where no product meets it, that decides what
    is said to be missing.
    """
    shopping = _is_shopping(query)
    ask = query.unexplained and not _is_open(query) and not _is_request(query, index)
    passages, confidence = _passages(query, index) if ask else ((), 0.0)
    if query.wants_goods and not _say_any(passages, query.unexplained):
        passages, confidence = (), 0.0
    if confidence >= (_SURELY_ANSWERS if shopping else ANSWERS):
        return replace(query, intents=("policy",), subject="", filters=Filters(), wishes=()), Evidence(
            passages=passages
        )
    if query.asks and not query.refers_to:
        return query, _choices(query, index)
    if _is_open(query):
        return query, Evidence(_starting_points(query, index), departments=departments(index))
    settled, found = _relaxing(query, index)
    asks_more = query.unexplained and query.is_question and query.intent == "find" and not shopping
    if asks_more and not _told(query, found, index):
        if query.wants_goods:
            return query, Evidence(answerable=False, departments=departments(index, query.search))
        return replace(query, intents=("policy",)), Evidence(answerable=False)
    counted = query.intent in ("count", "superlative") and (_by_category(query) or _kind(query, index) is not None)
    if counted or (found.hits and not (found.relaxed and not settled.filters and not settled.subject)):
        evidence = Evidence(found.hits, (), found.total, found.n_skus, found.relaxed)
        return replace(query, rank_by=(found.measure,) if found.measure else ()), evidence
    if service >= _SERVICE:
        return _told_of_service(query, index) or (replace(query, intents=("policy",)), Evidence(answerable=False))
    passages, confidence = _passages(query, index)
    if confidence >= ANSWERS and not shopping and not query.wants_goods:
        return replace(query, intents=("policy",)), Evidence(passages=passages)
    near = () if found.hits or shopping else departments(index, query.search)
    hits = found.hits
    return query, Evidence(hits, (), found.total, found.n_skus, found.relaxed, bool(hits), departments=near)


def _is_request(query: Query, index: Index) -> bool:
    """Whether a message counts a kind of thing the shop has, or is a few words that name one, no question or story."""
    short = not query.is_question and len(query.text.split()) <= _REQUEST_WORDS
    if not short and query.intent != "count":
        return False
    heads = [head for head in _heads(query.subject) if len(head) > 1] if query.subject else []
    return _by_category(query) or any(len(index.facets.title_rows(head)) for head in heads)


def _choices(query: Query, index: Index) -> Evidence:
    """The values that the products asked about have of a facet, those of most products first."""
    found = _meeting(replace(query, intents=("count",), limit=MAX_SHOWN), index)
    of_kind = select(index, replace(query.filters, product_ids=_kind(query, index)))
    counts: Counter[str] = Counter()
    for product in (hit.entry.product for hit in of_kind.hits):
        if product is not None:
            counts.update(dict.fromkeys(_values_of(product, query.asks[0])).keys())
    choices = tuple((value, n) for value, n in counts.most_common() if value)
    return Evidence(found.hits[:SHOWN], (), of_kind.total, of_kind.n_skus, answerable=bool(choices), choices=choices)


def _values_of(product: Product, name: str) -> tuple[str, ...]:
    """What a product has of a facet, over its variants."""
    if name == "brand":
        return (product.brand or "",)
    options = next((values for option, values in product.option_values.items() if fold(option) == fold(name)), ())
    return (*options, *(value for other, value in product.attributes.items() if fold(other) == fold(name)))


def _say_any(passages: Sequence[Hit], asked: Sequence[str]) -> bool:
    """Whether the best passage speaks of what the catalogue does not explain."""
    if not passages:
        return False
    text = fold(f"{passages[0].entry.title} {passages[0].entry.text}")
    said = {stem(word) for word, _, _ in words(text)}
    return any(word in text if has_cjk(word) else stem(word) in said for word in asked)


def _is_open(query: Query) -> bool:
    """Whether a request names neither a kind of thing nor anything about it ("I need a gift for my dad")."""
    narrowed = query.filters.conditions or query.wishes or query.refers_to
    bare = not (query.subject or query.search or narrowed)
    return bare and query.wants_goods and query.intent == "recommend" and query.sort == "relevance"


def departments(index: Index, near: str = "") -> tuple[str, ...]:
    """The shop's departments with most products; those of what comes nearest to a text first. () without categories."""
    sizes = Counter(p.category[0] for p in index.products.values() if p.category)
    hits = retrieve(index, near, Filters(), _NEAR, ("product",)) if near else ()
    nearest = [hit.entry.product.category[0] for hit in hits if hit.entry.product and hit.entry.product.category]
    ordered = dict.fromkeys([*nearest[:1], *(name for name, _ in sizes.most_common())])
    return tuple(ordered)[:_DEPARTMENTS] if len(ordered) > 1 else ()


def _starting_points(query: Query, index: Index) -> tuple[Hit, ...]:
    """What is rated best of each of the largest departments within the price named, where it can be bought."""
    hits = []
    for name in departments(index):
        found = select(index, _plus(query.filters, Condition(("category",), (name,))), "rating").hits
        hits += [hit for hit in found if hit.entry.product and hit.entry.product.available is not False][:1]
    if not hits:
        hits = list(select(index, query.filters, "rating", SHOWN).hits)
    return tuple(replace(hit, rank=place) for place, hit in enumerate(hits, 1))


def _is_shopping(query: Query) -> bool:
    """Whether the message bounds, orders or counts products, so that hardly a policy can be what is asked for."""
    if len(query.unexplained) >= _MANY_UNEXPLAINED:
        return False
    if query.intent in ("count", "superlative") and _by_category(query):
        return True
    filters = query.filters
    bounds = (filters.price_min, filters.price_max, filters.rating_min, filters.in_stock)
    narrowed = any(c.negated or c.names not in _KIND_NAMES for c in filters.conditions)
    ordered = query.sort != "relevance" or bool(query.rank_by) or query.limit is not None
    return any(bound is not None for bound in bounds) or narrowed or ordered or bool(query.wishes)


def _told(query: Query, found: _Found, index: Index) -> bool:
    """Whether some product found speaks of what the catalogue's words do not explain ("hiking", "camp kitchen")."""
    asked = {stem(word) for word in query.unexplained}
    for product in (hit.entry.product for hit in found.hits):
        if product is not None:
            text = " ".join(
                (product.title, product.description or "", *product.attributes, *product.attributes.values())
            )
            if has_cjk(text) and any(word in text for word in query.unexplained):
                return True
            if asked & {stem(word) for word, _, _ in words(fold(text))}:
                return True
    return False


def _relaxing(query: Query, index: Index) -> tuple[Query, _Found]:
    """What meets everything; else what meets all but one constraint, the least missed first; else nothing."""
    exact = _meeting(query, index)
    if not exact.hits and query.intent not in ("count", "superlative"):
        exact = _meeting(query, index, things=False)
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
    droppable = [c for c in filters.conditions if not c.negated and c.names not in _KIND_NAMES]
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
    kind = tuple(c for c in filters.conditions if c.names in _KIND_NAMES)
    if query.subject and (query.wishes or filters != Filters(conditions=kind)):
        dropped = replace(query, filters=replace(filters, conditions=tuple(droppable)))
        refused = tuple(c for c in filters.conditions if c.negated)  # what was refused is never offered
        yield dropped, replace(query, wishes=(), filters=Filters(conditions=(*kind, *refused)))


def _meeting(query: Query, index: Index, things: bool = True) -> _Found:
    """The products that meet the filters and wishes and are of the subject's kind; `things` as in `_kind`."""
    kind = _kind(query, index, things)
    of_kind = replace(query.filters, conditions=tuple(c for c in query.filters.conditions if c.names == ("category",)))
    wishes = tuple(_stated(wish, replace(of_kind, product_ids=kind), index) for wish in query.wishes)
    filters = replace(query.filters, conditions=(*query.filters.conditions, *wishes), product_ids=kind)
    if query.rank_by:
        return _extreme(query, filters, index)
    over_records = query.intent in ("count", "superlative") or query.sort != "relevance" or not query.search
    if kind is None and query.subject and not _by_category(query):
        # No title says it: only what search is sure of may be taken for it, in whatever order.
        pool = retrieve(index, query.search or query.subject, filters, _POOL, ("product",))
        sure = tuple(hit.entry.product.id for hit in _suitable(pool, query, index) if hit.entry.product)
        filters, over_records = replace(filters, product_ids=sure), query.sort != "relevance"
    counted = select(index, filters, query.sort) if over_records or kind is not None else None
    if counted is not None and over_records:
        hits = counted.hits
    else:
        hits = retrieve(index, query.search, filters, _POOL, ("product",))
    kept = [hit for hit in hits if hit.entry.product and hit.entry.product.id not in query.exclude]
    limit = min(query.limit or SHOWN, MAX_SHOWN)
    shown = tuple(replace(hit, rank=place) for place, hit in enumerate(kept[:limit], 1))
    return _Found(shown, counted.total if counted else None, counted.n_skus if counted else None)


def _stated(wish: Condition, of_kind: Filters, index: Index) -> Condition:
    """A wish in the facets that products of the kind have: a tent's "Waterproof rating" where it has no "Waterproof".

    Only yes/no wishes are carried over, to a measure of the same name that is above zero.
    """
    if wish.values != ("yes",) or index.facets.product_mask(_plus(of_kind, wish), _rows(of_kind, index)).any():
        return wish
    for name in (n for n in wish.names if n != "title"):
        longer = tuple(f.name for key, f in index.facets.vocabulary.names.items() if key.startswith(f"{fold(name)} "))
        measure = Condition(longer, minimum=Decimal("0.0001"))
        if longer and index.facets.product_mask(_plus(of_kind, measure), _rows(of_kind, index)).any():
            return measure
    return wish


def _plus(filters: Filters, condition: Condition) -> Filters:
    return replace(filters, conditions=(*filters.conditions, condition))


def _rows(filters: Filters, index: Index) -> list[int] | None:
    if filters.product_ids is None:
        return None
    return [index.product_rows[i] for i in filters.product_ids]


def _extreme(query: Query, filters: Filters, index: Index) -> _Found:
    """The products that meet the filters by one of their measures; none where the shop does not state it."""
    selection = select(index, filters)
    rows = [index.product_rows[hit.entry.product.id] for hit in selection.hits if hit.entry.product]
    measured = index.facets.measured(rows, query.rank_by)
    if measured is None:
        return _Found((), selection.total, selection.n_skus)
    name, values = measured
    by_row = dict(zip(rows, selection.hits, strict=True))
    ordered = sorted(values, key=lambda row: query.rank_direction * -values[row])
    shown = tuple(replace(by_row[row], rank=place) for place, row in enumerate(ordered[: query.limit or SHOWN], 1))
    return _Found(shown, selection.total, selection.n_skus, measure=name)


def _by_category(query: Query) -> bool:
    return bool(_kind_conditions(query))


def _kind_conditions(query: Query) -> tuple[Condition, ...]:
    """The filters that say what kind of thing is meant."""
    return tuple(c for c in query.filters.conditions if c.names in _KIND_NAMES and not c.negated)


def _kind(query: Query, index: Index, things: bool = True) -> tuple[str, ...] | None:
    """The ids of the products that are what the subject names; None where that cannot be told from the records.

    All of its words count: those that no title, category or product type holds must stand elsewhere in the product's
    text. `things`: without those that have the words in their titles only because they are made for it ("laptop" in
    "laptop bag"), unless they are counted.
    """
    if not query.subject:
        return query.filters.product_ids
    facets = index.facets
    beside = _kind_conditions(query)
    named = " ".join(value for condition in beside for value in condition.values)
    if beside and not _without(query.subject, named):
        return query.filters.product_ids
    for phrase in _heads(query.subject):
        mask = facets.called(phrase)
        if beside:
            mask &= facets.product_mask(Filters(conditions=beside))
        if not mask.any():
            continue
        return _ids(
            _saying(_things(mask, phrase, query, index) if things else mask, _without(query.subject, phrase), index),
            index,
        )
    if beside:
        mask = facets.product_mask(Filters(conditions=beside))
        return _ids(_saying(mask, _without(query.subject, named), index), index)
    if query.intent not in ("count", "superlative"):
        return None
    return _ids(_saying(facets.product_mask(Filters()), query.subject, index), index)


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


def _without(subject: str, phrase: str) -> str:
    """The subject's words that are not in the phrase."""
    if has_cjk(subject):
        return ""
    known = {stem(word) for word, _, _ in words(fold(phrase))}
    return " ".join(w for w in subject.split() if stem(w.casefold()) not in known)


def _ids(mask: Mask, index: Index) -> tuple[str, ...]:
    entries = index.catalogue.entries
    return tuple(p.id for row in np.flatnonzero(mask).tolist() if (p := entries[row].product))


def _heads(subject: str) -> Iterator[str]:
    """The subject, and what is left as its first words (or Chinese characters) are dropped: "desk lamp", "lamp"."""
    if has_cjk(subject):
        last = subject.split()[-1]
        yield subject
        yield from (last[start:] for start in range(len(last) - 1))
        return
    said = subject.split()
    yield from (" ".join(said[start:]) for start in range(len(said)))
    yield from (" ".join(said[:end]) for end in range(len(said) - 1, 0, -1))  # "headlamp rechargeable"


def _suitable(hits: Sequence[Hit], query: Query, index: Index) -> tuple[Hit, ...]:
    """Hits for a subject that no title or category has: those that say it elsewhere, or mean the same by far."""
    if not hits:
        return ()
    rows = [index.product_rows[hit.entry.product.id] for hit in hits if hit.entry.product]
    ranking = rank_products(index, query.subject)
    said = ranking.words.coverage >= _SAYS_IT
    meant = np.zeros_like(said) if ranking.cosines is None else ranking.cosines >= _MEANS_IT
    return tuple(hit for hit, row in zip(hits, rows, strict=True) if said[row] or meant[row])
