"""A message that only makes sense after the ones before it, written out as a query of its own.

In: a `Reading` whose words point back or leave the subject out, and the query made of its own words. Out: the query
with what it points at, or the last request changed by what it says. It finds nothing: `evidence` does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from assistant.types import Query
from assistant.understanding import references
from assistant.understanding.asking import asked_facets
from assistant.understanding.measures import Wanted
from assistant.understanding.message import Reading, knows_kind
from knowledge_base.constraints.word_lists import COMMON_STEMS
from knowledge_base.facets import parse_number
from knowledge_base.index import Index
from knowledge_base.text import fold, stem, words
from knowledge_base.types import Condition, Filters, Product
from knowledge_base.vocabulary import value_key

_MAX_SHOWN = 4  # of a list, asked about as a whole
_CENT = Decimal("0.01")
# "Your newest products": all that the shop sells, whatever was talked about before.
WHOLE_SHOP = re.compile(
    r"\b(?<!these )(?<!those )(?:products?|items?|things?|articles|goods)\b|\boverall\b|"
    r"\bin (?:the|your) (?:(?:whole|entire) )?(?:shop|store|range|catalogue)\b|"
    r"(?<![这那些])(?:商品|产品|东西)|全店|店里|全场",
    re.I,
)
_ASKS_OF_IT = re.compile(
    r"\b(?:does|do|is|are|has|have|will|can) (?:it|they|this one|that one|"
    r"(?:the )?(?:first|second|third|fourth|fifth|last|other)(?: one| two| three)?)\b",
    re.I,
)
_NOT_THAT = re.compile(r"^\W*(?:(?:no|but|please)\W+)*(?:not|anything but)\s+$|^\W*(?:不要|不想要|除了)$", re.I)
# "An electric one", "any waterproof ones", "some in red": one of a sort, and none that was shown.
_SORT_OF_ONE = re.compile(
    r"\b(?:an?|any|some|(?:have|got|me|about)(?! an?\b| any\b| some\b)) "
    r"(?P<said>(?!more\b|less\b|of\b)[a-z][\w'’-]*(?:[ -][a-z][\w'’-]*)?) ones?\b",
    re.I,
)
# "And one for kids?", "do you have one with a hood?"
_ONE_WITH = re.compile(
    r"^\W*(?:do you have |have you |got |is there )?(?:any|some) (?:in|with|without|under|from|made of)\b|"
    r"\b(?:and|about|have|got|there|any|want|need|like) ones? (?:for|with|without|in|from|that|which|under|made)\b",
    re.I,
)
_OF_THOSE = re.compile(
    r"(?:有没有|有|要|换个?|来个)?(?:适合|适用|带|能|可以).{1,12}的[吗么嘛呢]?\W*$"
)  # "有没有能防水的"
_ASKING = frozenset(("price", "stock", "options", "rating", "buy"))


def follow_up(query: Query, reading: Reading, index: Index) -> Query:
    """The query as the conversation makes it; unchanged where the message stands by itself."""
    reference = reading.reference
    if reference.explicit and _is_refused(reading):
        return replace(_refined(query, reading, index), exclude=reference.product_ids)
    if reference.explicit and not _names_other_kind(reading, index):
        if reading.wants_other and not reading.cues & {"stock", "options", "rating"}:
            return _refined(query, reading, index)
        if reading.bounds_price or reading.extreme:
            return _refined(query, reading, index)
        if _asks_stock_of_all(reading) and _points_at_it(reading):
            return pointed_at(query, reading, reference.shown[:_MAX_SHOWN], index)
        return pointed_at(query, reading, reference.product_ids, index)
    if reference.described and reading.search and (reading.search.subject or reading.search.search):
        return _refined(_asking_for(query, reference.described), reading, index)
    if (another := _another(query, reading, index)) is not None:
        return another
    if not _continues(reading, index):
        return query
    if _asks_stock_of_all(reading):
        return pointed_at(query, reading, reference.shown[:_MAX_SHOWN], index)
    return (
        _refined(query, reading, index)
        if _changes(reading, index)
        else pointed_at(query, reading, reference.focus, index)
    )


def _another(query: Query, reading: Reading, index: Index) -> Query | None:
    """ "What about an electric one?", "any waterproof ones?": what was looked for last, of that sort; else None."""
    last = reading.search
    if last is None or not (last.subject or last.filters.conditions) or reading.titles:
        return None
    if reading.change or reading.extreme:
        return None
    match = _SORT_OF_ONE.search(reading.text)
    said = match["said"] if match else ""
    if {word for word, _, _ in words(said.casefold())} & references.NO_DESCRIPTION:
        return None
    with_what = _ONE_WITH.search(reading.text) and not knows_kind(query.subject, index)
    if not said and not with_what and not _OF_THOSE.search(reading.text):
        return None
    refined = _refined(query, reading, index)
    if not said or query.filters.conditions or query.wishes:
        return refined
    return replace(refined, subject=f"{said} {last.subject}".strip(), search=f"{said} {last.search}".strip())


def _asks_stock_of_all(reading: Reading) -> bool:
    """ "Is it in stock?", "are there any left?" after a list of which none was singled out."""
    constraints, several = reading.constraints, len(reading.reference.shown) > 1
    singled_out = reading.before is not None and bool(reading.before.refers_to)
    bare = not (constraints.filters.conditions or constraints.wishes or constraints.mentions or reading.bounds_price)
    asks = "stock" in reading.cues and not reading.cues & {"price", "options", "rating", "count", "order"}
    return asks and several and not singled_out and bare and not reading.wants_other and not constraints.terms


def _is_refused(reading: Reading) -> bool:
    """ "Not the first one", "not the wood one": something else is wanted than what is pointed at."""
    spans = reading.reference.spans
    return bool(spans) and reading.search is not None and bool(_NOT_THAT.search(reading.text[: min(spans)[0]]))


def _points_at_it(reading: Reading) -> bool:
    """Whether it points by "it" or "this" alone, which after a list may be any of it."""
    spans = reading.reference.spans
    return bool(spans) and all(references.THIS.fullmatch(reading.text[start:end]) for start, end in spans)


def _asking_for(query: Query, described: str) -> Query:
    """ "The red one" of which none was shown: the last request, for one that is."""
    if query.filters.conditions or query.wishes:
        return query
    return replace(query, wishes=(Condition(("title",), (described,)),), search=described)


def pointed_at(query: Query, reading: Reading, ids: Sequence[str], index: Index) -> Query:
    """A question about these products. Options said before still hold, facet by facet, unless said anew."""
    carried = _merge_conditions(_options_in_force(reading, index, ids), query.filters.conditions)
    subject = reading.search.subject if reading.search else ""
    filters = replace(query.filters, conditions=carried)
    return replace(query, refers_to=tuple(ids), subject=subject, filters=filters)


def _options_in_force(reading: Reading, index: Index, ids: Sequence[str]) -> tuple[Condition, ...]:
    """Option conditions of the last request that still pick a variant of the same product ("and is it in stock?")."""
    before = reading.before
    if before is None or not (set(ids) & set(before.refers_to) or set(ids) & set(reading.reference.shown)):
        return ()
    options = {fold(name) for i in ids for name in index.products[i].option_values}
    said = (c for c in before.filters.conditions if not c.negated and any(fold(n) in options for n in c.names))
    rows = [index.product_rows[i] for i in ids]
    return tuple(c for c in said if index.facets.sku_count(Filters(conditions=(c,)), rows))


def _names_other_kind(reading: Reading, index: Index) -> bool:
    """Whether the message names a kind of thing that the products pointed at are not: a new request."""
    if _ASKS_OF_IT.search(reading.text):
        return False
    subject = reading.constraints.subject
    heads = {stem(w) for w, _, _ in words(subject)}
    if not heads or not len(index.facets.title_rows(subject)):
        return False
    pointed = [index.products[i] for i in reading.reference.product_ids]
    said = fold(" ".join(" ".join((p.title, *p.category, *p.attributes, p.description or "")) for p in pointed))
    return not (heads & {stem(w) for w, _, _ in words(said)}) and fold(subject) not in said


def _continues(reading: Reading, index: Index) -> bool:
    """Whether the message only makes sense as a change of the last request: it names no kind of thing of its own."""
    constraints, cues = reading.constraints, reading.cues
    if reading.before is None and not reading.reference.focus:
        return False
    if WHOLE_SHOP.search(reading.text) and not references.OTHERS.search(reading.text):
        return False
    names_kind = any(m.role == "category" and not m.negated and not m.purpose for m in constraints.mentions)
    if names_kind or knows_kind(constraints.subject, index):
        return False
    head = constraints.subject.split()[-1:]  # "hiking boots" are boots, whatever was talked about before
    if head and len(index.facets.title_rows(head[0])) and not _asks_attribute(reading, index):
        return False
    if cues & {"policy", "order"} and not constraints.filters and not _asks_attribute(reading, index):
        return False
    own_kind = [w for w, _, _ in words(constraints.subject) if stem(w) not in COMMON_STEMS]
    asks_for_kind = cues & {"find", "count", "recommend"} or constraints.sort != "relevance" or reading.extreme
    if own_kind and asks_for_kind and not _asks_attribute(reading, index):
        return False
    says = bool(constraints.filters or constraints.wishes or constraints.sort != "relevance" or constraints.limit)
    says = says or bool(reading.extreme or reading.wants_other or reading.bounds_price)
    return says or bool(cues & (_ASKING | {"compare"})) or _asks_attribute(reading, index)


def _asks_attribute(reading: Reading, index: Index) -> bool:
    focus = [index.products[i] for i in reading.reference.focus]
    return bool(focus) and bool(asked_facets(reading.text, focus, reading.constraints))


def _changes(reading: Reading, index: Index) -> bool:
    """Whether the message changes what is looked for, rather than asking about the product in focus."""
    constraints = reading.constraints
    focus = [index.products[i] for i in reading.reference.focus]
    if not focus or reading.wants_other or reading.bounds_price or reading.extreme or constraints.sort != "relevance":
        return True
    if "count" in reading.cues and not _asks_attribute(reading, index):
        return True
    if any(condition.negated for condition in constraints.filters.conditions):
        return True
    if reading.cues & _ASKING or _asks_attribute(reading, index):
        return False
    if constraints.filters.rating_min is not None or constraints.filters.in_stock is not None:
        return True
    about_one = len(reading.reference.shown) <= 1 or bool(reading.before and reading.before.refers_to)
    return not (about_one and all(is_option(c, focus) for c in constraints.filters.conditions))


def _refined(query: Query, reading: Reading, index: Index) -> Query:
    """The last request, changed by what this message says: its own conditions win, facet by facet."""
    before = _request_in_force(reading, index)
    if before is None:
        return query
    keeps_order = not reading.wants_other and not query.rank_by
    merged = replace(
        query,
        refers_to=(),
        subject=before.subject,
        search=" ".join(dict.fromkeys(f"{before.search} {query.search}".split())),
        filters=_merge_filters(before.filters, query.filters),
        wishes=_merge_conditions(before.wishes, query.wishes),
        terms=before.terms,
        sort=query.sort if query.sort != "relevance" or not keeps_order else before.sort,
        limit=query.limit or (before.limit if before.limit != 1 else None),
    )
    bounded = (query.filters.price_min, query.filters.price_max) != (None, None)
    merged = replace(
        merged,
        than_shown="" if bounded else before.than_shown,
        changes=tuple(change for change in before.changes if change[0] in merged.filters.conditions),
    )
    return _compared(merged, reading, index)


def _request_in_force(reading: Reading, index: Index) -> Query | None:
    """The request that "cheaper" changes: the last search, or the kind of the product that was talked about since."""
    focus = reading.reference.focus
    talked_about = reading.before.refers_to if reading.before else ()
    known = reading.search and (not talked_about or set(talked_about) <= set(reading.reference.shown))
    if known or not focus:
        return reading.search
    product = index.products[focus[0]]
    title = value_key(product.title)
    levels = [c for c in product.category if not title.startswith(value_key(c)) and c != product.brand]
    if not levels:  # the product itself: its versions are what there is to choose from
        named = Condition(("title",), (product.title,))
        return Query(
            reading.text,
            ("find",),
            subject=_said(product.title),
            search=product.title,
            filters=Filters(conditions=(named,)),
        )
    leaf = levels[-1]  # a last level that only repeats the brand is no kind of thing
    kind = Condition(("category",), (leaf,))
    return Query(reading.text, ("find",), subject=leaf, search=leaf, filters=Filters(conditions=(kind,)))


def _said(title: str) -> str:
    """A title that is a mere kind of thing ("Laptop"), as it is said in a sentence."""
    return title.lower() if re.fullmatch(r"(?:[A-Z][a-z]+ ?){1,2}", title) else title


def is_option(condition: Condition, products: Sequence[Product]) -> bool:
    """Whether the condition is on something that variants of these products differ by."""
    options = {fold(name) for product in products for name in product.option_values}
    return any(fold(name) in options for name in condition.names)


def _merge_filters(old: Filters, new: Filters) -> Filters:
    bounded = new.price_min is not None or new.price_max is not None
    return Filters(
        price_min=new.price_min if bounded else old.price_min,
        price_max=new.price_max if bounded else old.price_max,
        in_stock=new.in_stock if new.in_stock is not None else old.in_stock,
        rating_min=new.rating_min if new.rating_min is not None else old.rating_min,
        conditions=_merge_conditions(old.conditions, new.conditions),
        product_ids=old.product_ids,
    )


def _merge_conditions(old: Sequence[Condition], new: Sequence[Condition]) -> tuple[Condition, ...]:
    """ "Actually red": the new colour replaces the old one; categories and negations are kept beside each other."""

    def replaced(condition: Condition) -> bool:
        names = set(condition.names) - {"title"}
        return any(not c.negated and not condition.negated and names & (set(c.names) - {"title"}) for c in new)

    return tuple(dict.fromkeys([c for c in old if not replaced(c)] + list(new)))


def _compared(query: Query, reading: Reading, index: Index) -> Query:
    """ "Cheaper", "lighter", "anything else" as bounds against the products on the table."""
    shown = reading.reference.shown
    answer_alone = reading.before is not None and reading.before.intent == "superlative" and not reading.before.limit
    pointed = reading.reference.product_ids or (shown[:1] if answer_alone else shown)
    filters = replace(query.filters, product_ids=None)
    prices = [p for i in pointed for p in _shown_prices(i, reading, index)]
    if references.CHEAPER.search(reading.own) and prices and not reading.bounds_price:
        filters = replace(filters, price_max=min(prices) - _CENT, price_min=None)
        return replace(query, filters=filters, than_shown="cheaper")
    if references.DEARER.search(reading.own) and prices and not reading.bounds_price:
        filters = replace(filters, price_min=max(prices) + _CENT, price_max=None)
        return replace(query, filters=filters, than_shown="dearer")
    bound = _measure_bound(reading.change, index.products[pointed[0]]) if reading.change and pointed else None
    if bound is not None:
        filters = replace(filters, conditions=_merge_conditions(filters.conditions, (bound,)))
        word = reading.change.word if reading.change else ""
        return replace(query, filters=filters, exclude=tuple(pointed[:1]), changes=(*query.changes, (bound, word)))
    if references.OTHERS.search(reading.own) and shown:
        already = reading.before.exclude if reading.before else ()
        return replace(query, exclude=tuple(dict.fromkeys((*already, *shown))))
    return query


def _shown_prices(product_id: str, reading: Reading, index: Index) -> tuple[Decimal, ...]:
    """The price of the variant that the last reply showed of a product; of all of it where it showed no variant."""
    product = index.products[product_id]
    before = reading.before
    if before is not None and product.variants:
        row = index.product_rows[product_id]
        ids = index.facets.matching_variants(row, before.filters, before.sort)
        variant = product.variant(ids[0]) if ids else None
        if variant is not None and variant.price is not None:
            return (variant.price,)
    return product.price_range or ()


def _measure_bound(wanted: Wanted, product: Product) -> Condition | None:
    for name, value in product.attributes.items():
        key = fold(name)
        if any(key == n or key.endswith(f" {n}") for n in wanted.names) and (number := parse_number(value)):
            amount, unit = number
            step = abs(amount) * Decimal("0.001") or _CENT
            bound = amount + wanted.direction * step
            low, high = (bound, None) if wanted.direction > 0 else (None, bound)
            return Condition((name,), minimum=low, maximum=high, unit=unit)
    return None
