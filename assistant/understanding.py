"""A message and its conversation become a `Query`.

In: a `Turn` and the shop's index (its vocabulary, titles and products). Out: a self-contained `Query`. Nothing is
searched here and no model is asked: what a message constrains is read by `knowledge_base.constraints`, what it points
back to by `references`, the kind of message it is by `intents`. This module weighs the three.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from assistant import references
from assistant.asking import asked_facets
from assistant.intents import OPEN_WORDS, Cue, cues_of, order_ref
from assistant.measures import Wanted, more_or_less, most_or_least
from assistant.references import Reference
from assistant.types import Intent, Language, Query, Turn
from knowledge_base.constraints import Constraints, parse_constraints
from knowledge_base.cues import COMMON_STEMS, NEGATION_BEFORE
from knowledge_base.facets import parse_number
from knowledge_base.index import Index
from knowledge_base.text import clean, fold, language_of, stem, words
from knowledge_base.titles import TitleMention
from knowledge_base.types import Condition, Filters, Product

_CENT = Decimal("0.01")
_TYPE_FACETS = frozenset(
    ("product type", "type", "item type", "kind", "product kind", "产品类型", "商品类型", "类型", "品类", "种类")
)
_MAX_REFERRED = 6
_MAX_TIED = 4  # a description that fits more titles than this names no product
_GENERIC_TITLE_WORDS = 3  # a whole title no longer than this also names a kind of thing: "T-Shirt"


@dataclass(frozen=True, slots=True)
class _Reading:
    """All that was read from one message, before it is weighed."""

    text: str
    language: Language
    cues: frozenset[Cue]
    titles: tuple[TitleMention, ...]
    named: tuple[str, ...]
    reference: Reference
    constraints: Constraints
    before: Query | None
    search: Query | None
    extreme: Wanted | None


def understand(turn: Turn, index: Index) -> Query:
    """What the shopper wants. Never raises on any text; an empty message is small talk."""
    reading = _read(turn, index)
    base = Query(reading.text, ("find",), reading.language, order_ref=order_ref(reading.text))
    if early := _without_products(reading):
        return replace(base, intents=early)
    query = _about_products(base, reading, index)
    intents = _intents(reading, query)
    return _settle(replace(query, intents=intents), reading, index)


def _read(turn: Turn, index: Index) -> _Reading:
    text = clean(turn.text).strip()
    kinds = {stem(word) for word, _, _ in words(text) if len(index.types.named_by(word))}
    generic = index.facets.vocabulary.generic | kinds
    titles = tuple(
        mention
        for mention in index.facets.titles.mentions(text, COMMON_STEMS, generic)
        if mention.whole or not NEGATION_BEFORE.search(text[: mention.start])
    )
    outside = _blank(text, [(m.start, m.end) for m in titles])
    products = tuple(index.products.values())
    reference = references.resolve(outside, turn.history, turn.page_product_id, index.products)
    extreme = most_or_least(outside)
    own_words = _blank(
        text, [*reference.spans, *references.change_spans(outside), *([extreme.span] if extreme else ())]
    )
    protected = [(m.start, m.end) for m in titles if m.whole or _outweighs(m, text)]
    return _Reading(
        text,
        _language(turn, index),
        cues_of(outside),
        titles,
        _ordered_ids(titles, products),
        reference,
        parse_constraints(own_words, index.facets.vocabulary, index.info.currency, protected),
        references.last_query(turn.history),
        references.last_search(turn.history),
        extreme,
    )


def _blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with these stretches as spaces, so that offsets stay."""
    letters = list(text)
    for start, end in spans:
        letters[start:end] = " " * (end - start)
    return "".join(letters)


def _language(turn: Turn, index: Index) -> Language:
    """The message's own script; where it has none ("F6033?"), the conversation's, the browser's, the shop's."""
    own = language_of(turn.text)
    if own == "zh" or (own == "en" and re.search(r"[A-Za-z]{2,}\s+[A-Za-z]{2,}|[A-Za-z]{5,}", turn.text)):
        return "zh" if own == "zh" else "en"
    for message in reversed(turn.history):
        if message.role == "shopper" and (earlier := language_of(message.text)):
            return "zh" if earlier == "zh" else "en"
    return "zh" if (turn.locale or index.info.language).startswith("zh") else "en"


def _outweighs(mention: TitleMention, text: str) -> bool:
    """Whether a part of a title is telling enough that its words constrain nothing ("TK-350 wireless keyboard")."""
    return len(mention.rows) <= 2 and len(text[mention.start : mention.end].split()) >= 2


def _ordered_ids(titles: Iterable[TitleMention], products: Sequence[Product]) -> tuple[str, ...]:
    ids = (products[row].id for mention in titles for row in mention.rows)
    return tuple(dict.fromkeys(ids))[:_MAX_REFERRED]


def _without_products(reading: _Reading) -> tuple[Intent, ...] | None:
    """The intents of a message that no product question can change, or None."""
    cues = reading.cues
    if not reading.text or cues & {"greeting", "thanks", "bye"}:
        return ("small_talk",)
    if "handoff" in cues:
        return ("handoff",)
    if "complaint" in cues:
        return ("complaint", "order_status") if "order" in cues else ("complaint", "policy")
    if "order" in cues and not re.search(
        r"\b(?:how (?:do|can|to)|can i|could i|is it possible)\b|怎么|如何|能不能|可以", reading.text, re.I
    ):
        return ("order_status", "policy") if "policy" in cues else ("order_status",)
    about_shop = reading.named or reading.constraints.mentions or reading.constraints.filters
    if "off_topic" in cues and not about_shop:
        return ("out_of_scope",)
    if "identity" in cues and not about_shop:
        return ("small_talk",)
    return None


# -- what it is about ----------------------------------------------------------------------------------------------


def _about_products(base: Query, reading: _Reading, index: Index) -> Query:
    constraints = reading.constraints
    query = replace(
        base,
        subject=constraints.subject,
        filters=constraints.filters,
        wishes=constraints.wishes,
        sort=constraints.sort,
        limit=constraints.limit,
        terms=constraints.terms,
        search=constraints.residual,
        foreign_currency=constraints.foreign.unit if constraints.foreign else None,
        rank_by=reading.extreme.names if reading.extreme else (),
        rank_direction=reading.extreme.direction if reading.extreme else 1,
        rank_word=reading.extreme.word if reading.extreme else "",
    )
    if constraints.subject and OPEN_WORDS.fullmatch(constraints.subject):
        known = [term for term in constraints.terms if index.facets.vocabulary.knows(stem(term.casefold()))]
        query = replace(query, subject="", search=" ".join(known))
    if "compare" in reading.cues and (several := _compared_names(reading, index)):
        return replace(query, refers_to=several)
    if reading.named:
        shown = set(reading.reference.shown)
        among = tuple(i for i in reading.named if i in shown)
        return replace(query, refers_to=among if among and len(among) < len(reading.named) else reading.named)
    if "compare" in reading.cues and len(reading.reference.shown) > 1 and not _known_kind(constraints.subject, index):
        among = reading.reference.product_ids if len(reading.reference.product_ids) > 1 else reading.reference.shown[:4]
        return replace(query, refers_to=among, subject="", filters=Filters())
    if reading.reference.explicit and not _names_other_kind(reading, index):
        return _pointed_at(query, reading, index)
    if _continues(reading, index):
        return _refined(query, reading, index)
    return query


_BETWEEN = re.compile(r"\b(?:and|or|vs\.?|versus|with|to|against)\b|[,，、]|和|跟|与|还是|以及|对比", re.I)


def _compared_names(reading: _Reading, index: Index) -> tuple[str, ...]:
    """One product for each thing compared: named in full, or by the title that its words fit best; () below two."""
    products = tuple(index.products.values())
    rows = [min(m.rows, key=lambda r: _first_price(products[r])) for m in reading.titles]
    outside = _blank(reading.text, [(m.start, m.end) for m in reading.titles])
    for part in _BETWEEN.split(
        re.sub(r"\bcompar\w+|\bdifferences?\b|\bbetween\b|比较|区别|对比|哪个.*$|有什么.*$", "\x00", outside)
    ):
        stretch = part.strip("\x00 ?？.!。的")
        if len(stretch) >= 4 and len(near := index.facets.titles.nearest(stretch)) <= _MAX_TIED and near:
            rows.append(min(near, key=lambda r: _first_price(products[r])))
    ids = tuple(dict.fromkeys(products[row].id for row in rows))
    return ids[:_MAX_REFERRED] if len(ids) >= 2 else ()


def _first_price(product: Product) -> Decimal:
    return product.price_range[0] if product.price_range else Decimal("Infinity")


def _pointed_at(query: Query, reading: _Reading, index: Index) -> Query:
    """ "The second one", "it", and with an option ("the blue one") those of them that have it."""
    ids = reading.reference.product_ids
    comparing = references.CHEAPER.search(reading.text) or references.OTHERS.search(reading.text)
    if comparing and not reading.cues & {"stock", "options", "rating"}:
        return _refined(replace(query, refers_to=()), reading, index)
    carried = _options_in_force(reading, index, ids) if not query.filters.conditions else query.filters.conditions
    search = reading.search
    return replace(
        query,
        refers_to=ids,
        subject=search.subject if search else "",
        filters=replace(query.filters, conditions=carried),
    )


def _options_in_force(reading: _Reading, index: Index, ids: Sequence[str]) -> tuple[Condition, ...]:
    """Option conditions of the last request that still pick a variant of the same product ("and is it in stock?")."""
    before = reading.before
    if before is None or not set(ids) & set(before.refers_to):
        return ()
    options = {fold(name) for i in ids for name in index.products[i].option_values}
    return tuple(c for c in before.filters.conditions if any(fold(n) in options for n in c.names))


def _names_other_kind(reading: _Reading, index: Index) -> bool:
    """Whether the message names a kind of thing that the products pointed at are not: a new request."""
    subject = reading.constraints.subject
    heads = [stem(w) for w, _, _ in words(subject)]
    if not heads or not _known_kind(subject, index):
        return False
    pointed = [index.products[i] for i in reading.reference.product_ids]
    said = {stem(w) for p in pointed for w, _, _ in words(" ".join((p.title, *p.category, *p.attributes)))}
    joined = fold(" ".join(" ".join((p.title, *p.category, *p.attributes, p.description or "")) for p in pointed))
    return not (set(heads) & said) and fold(subject) not in joined and "find" in reading.cues


def _known_kind(subject: str, index: Index) -> bool:
    return bool(subject) and bool(index.facets.title_rows(subject) or index.facets.vocabulary.values(_key(subject)))


def _key(text: str) -> str:
    return " ".join(stem(w) for w, _, _ in words(fold(text)))


def _continues(reading: _Reading, index: Index) -> bool:
    """Whether the message only makes sense as a change of the last request: it names no kind of thing of its own."""
    if reading.before is None and not reading.reference.focus:
        return False
    constraints = reading.constraints
    names_kind = any(m.role == "category" and not m.negated for m in constraints.mentions)
    if names_kind or _known_kind(constraints.subject, index):
        return False
    if reading.cues & {"policy", "order"} and not constraints.filters:
        return False
    own_kind = [w for w, _, _ in words(constraints.subject) if stem(w) not in COMMON_STEMS]
    if own_kind and (
        reading.cues & {"find", "count", "recommend"} or constraints.sort != "relevance" or reading.extreme
    ):
        return False
    changes = constraints.filters or constraints.wishes or constraints.sort != "relevance" or constraints.limit
    changes = changes or reading.extreme
    asks = reading.cues & {"price", "stock", "options", "rating", "compare"}
    compares = more_or_less(reading.text)
    more = any(p.search(reading.text) for p in (references.CHEAPER, references.DEARER, references.OTHERS))
    short = len(constraints.residual.split()) <= 3 or not constraints.subject
    focus = [index.products[i] for i in reading.reference.focus]
    attribute = bool(focus) and bool(asked_facets(reading.text, focus, constraints))
    return bool(changes or asks or compares or more or attribute) and (short or attribute)


def _refined(query: Query, reading: _Reading, index: Index) -> Query:
    """The last request, changed by what this message says: its own conditions win, facet by facet."""
    before = reading.before
    focus = [index.products[i] for i in reading.reference.focus]
    asks = asked_facets(reading.text, focus, reading.constraints) if focus else ()
    more = any(p.search(reading.text) for p in (references.CHEAPER, references.DEARER, references.OTHERS))
    measure = more_or_less(reading.text)
    one = len(reading.reference.shown) == 1 or bool(before and before.refers_to)
    new_values = bool(query.filters or query.wishes or query.sort != "relevance" or query.rank_by)
    if focus and not more and not measure and (asks or one) and (not query.filters.price_max or one):
        picks_variant = all(_is_option(c, focus) for c in query.filters.conditions)
        plain = query.sort == "relevance" and not query.rank_by
        if (asks or new_values) and picks_variant and plain and query.filters.price_max is None:
            return (
                _pointed_at(
                    query,
                    replace(reading, reference=replace(reading.reference, product_ids=reading.reference.focus)),
                    index,
                )
                if not references.OTHERS.search(reading.text)
                else query
            )
    before = _request_in_force(reading, index)
    if before is None:
        return query
    merged = replace(
        query,
        subject=before.subject,
        search=" ".join(dict.fromkeys(f"{before.search} {query.search}".split())),
        filters=_merge_filters(before.filters, query.filters),
        wishes=_merge_conditions(before.wishes, query.wishes),
        terms=before.terms,
        sort=query.sort if query.sort != "relevance" else before.sort if not more else "relevance",
        limit=query.limit or before.limit,
    )
    return _compared(merged, reading, index)


def _request_in_force(reading: _Reading, index: Index) -> Query | None:
    """The request that "cheaper" changes: the last search, or the kind of the product that was talked about since."""
    focus = reading.reference.focus
    talked_about = reading.before.refers_to if reading.before else ()
    known = reading.search and (not talked_about or set(talked_about) <= set(reading.reference.shown))
    if known or not focus:
        return reading.search
    product = index.products[focus[0]]
    title = _key(product.title)
    levels = [level for level in product.category if not title.startswith(_key(level)) and level != product.brand]
    if not levels:
        return Query(reading.text, ("find",), search=product.title)
    leaf = levels[-1]  # a last level that only repeats the brand is no kind of thing
    kind = Condition(("category",), (leaf,))
    return Query(reading.text, ("find",), subject=leaf, search=leaf, filters=Filters(conditions=(kind,)))


def _is_option(condition: Condition, focus: Sequence[Product]) -> bool:
    options = {fold(name) for product in focus for name in product.option_values}
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
        return any(
            not c.negated and not condition.negated and set(c.names) & set(condition.names) and "title" not in c.names
            for c in new
        )

    return tuple(dict.fromkeys([c for c in old if not replaced(c)] + list(new)))


def _compared(query: Query, reading: _Reading, index: Index) -> Query:
    """ "Cheaper", "lighter", "anything else" as bounds against the products on the table."""
    shown = [index.products[i] for i in reading.reference.shown]
    pointed = [index.products[i] for i in (reading.reference.product_ids or ())] or shown
    prices = [p.price_range for p in pointed if p.price_range]
    text, filters = reading.text, query.filters
    own_bound = reading.constraints.filters.price_max is not None or reading.constraints.filters.price_min is not None
    if references.CHEAPER.search(text) and prices and not own_bound:
        lowest = min(low for low, _ in prices)
        filters = replace(filters, price_max=lowest - _CENT, price_min=None, product_ids=None)
        return replace(query, filters=filters, exclude=tuple(p.id for p in pointed), refers_to=())
    if references.DEARER.search(text) and prices and not own_bound:
        highest = max(high for _, high in prices)
        filters = replace(filters, price_min=highest + _CENT, price_max=None, product_ids=None)
        return replace(query, filters=filters, exclude=tuple(p.id for p in pointed), refers_to=())
    if (wanted := more_or_less(text)) and pointed:
        bound = _measure_bound(wanted, pointed[0])
        if bound:
            filters = replace(filters, conditions=_merge_conditions(filters.conditions, (bound,)))
            return replace(query, filters=filters, exclude=tuple(p.id for p in pointed), refers_to=())
    if references.OTHERS.search(text) and shown:
        already = tuple(dict.fromkeys((*query.exclude, *(reading.before.exclude if reading.before else ()))))
        return replace(query, exclude=(*already, *(p.id for p in shown)), refers_to=())
    return query


def _measure_bound(wanted: Wanted, product: Product) -> Condition | None:
    for name, value in product.attributes.items():
        if any(fold(name) == n or fold(name).endswith(n) for n in wanted.names) and (number := parse_number(value)):
            amount, unit = number
            step = abs(amount) * Decimal("0.001") or _CENT
            bound = amount + wanted.direction * step
            low, high = (bound, None) if wanted.direction > 0 else (None, bound)
            return Condition((name,), minimum=low, maximum=high, unit=unit)
    return None


# -- what kind of message it is ------------------------------------------------------------------------------------


def _intents(reading: _Reading, query: Query) -> tuple[Intent, ...]:
    cues, text = reading.cues, reading.text
    on_table = len(reading.reference.shown)
    found: list[Intent] = []
    several = len(query.refers_to) > 1 or (on_table > 1 and not query.subject)
    if "compare" in cues and (several or "compar" in text.casefold() or "比" in text):
        found.append("compare")
    elif ("count" in cues and not query.refers_to and not {"price"} & cues) or (
        "count" in cues and query.refers_to and "find" in cues and _is_generic(reading)
    ):
        found.append("count")
    elif (query.sort != "relevance" or query.rank_by) and not (query.refers_to and not _is_generic(reading)):
        found.append("superlative")
    elif query.refers_to and not _browses(reading, query):
        found.append("product_question")
    if "policy" in cues and (not found or found[0] in ("product_question",)):
        found.append("policy")
    if not found:
        found.append("recommend" if "recommend" in cues or "open" in cues else "find")
    return tuple(found)


def _is_generic(reading: _Reading) -> bool:
    """Whether the titles named are short enough to name a kind of thing ("how many T-Shirts under $50")."""
    return all(m.whole and len(reading.text[m.start : m.end].split()) <= _GENERIC_TITLE_WORDS for m in reading.titles)


def _browses(reading: _Reading, query: Query) -> bool:
    """ "Do you have T-Shirts under $50": a whole short title with bounds asks for what there is, not about one thing."""
    if not reading.titles or not _is_generic(reading):
        return False
    asks = reading.cues & {"price", "stock", "options", "rating"}
    return "find" in reading.cues and not asks and bool(query.filters)


def _settle(query: Query, reading: _Reading, index: Index) -> Query:
    """What follows from the intents: facets asked about, what counts as the kind, what is no filter after all."""
    if query.intent in ("product_question", "compare"):
        return _question(query, reading, index)
    if query.intent == "policy":
        return replace(query, subject="", filters=Filters(), wishes=(), terms=())
    if reading.titles and query.refers_to and _is_generic(reading):
        titles = tuple(reading.text[m.start : m.end] for m in reading.titles)
        kind = Condition(("title",), titles)
        filters = replace(query.filters, conditions=(*query.filters.conditions, kind))
        return replace(query, subject=titles[0], filters=filters, refers_to=())
    return query


def _question(query: Query, reading: _Reading, index: Index) -> Query:
    products = [index.products[i] for i in query.refers_to if i in index.products]
    asks = list(asked_facets(reading.text, products, reading.constraints, _outside_titles(reading)))
    cued: dict[Cue, str] = {"price": "price", "stock": "stock", "options": "options", "rating": "rating"}
    for cue, facet in cued.items():
        if cue in reading.cues and facet not in asks and not (facet == "options" and asks):
            asks.append(facet)
    kept = tuple(c for c in query.filters.conditions if _is_option(c, products) or c.negated is None)
    in_stock = None if "stock" in asks else query.filters.in_stock
    filters = Filters(conditions=kept, in_stock=in_stock)
    refers_to = query.refers_to
    if query.intent == "compare" and len(refers_to) < 2:
        refers_to = tuple(dict.fromkeys((*refers_to, *reading.reference.shown)))[:4]
    elif kept and len(refers_to) > 1:
        matching = [i for i in refers_to if index.facets.sku_count(Filters(conditions=kept), [index.product_rows[i]])]
        refers_to = tuple(matching) or refers_to
    return replace(query, asks=tuple(asks), filters=filters, wishes=(), sort="relevance", refers_to=refers_to)


def _outside_titles(reading: _Reading) -> str:
    """The message without the titles, the pointing words and the options it names: what is asked stands outside."""
    options = [(m.start, m.end) for m in reading.constraints.mentions if m.option or m.role in ("brand", "category")]
    spans = [(m.start, m.end) for m in reading.titles] + list(reading.reference.spans) + options
    return _blank(reading.text, spans)


def type_facets(index: Index) -> tuple[str, ...]:
    """Names of this shop's facets that say what a product is."""
    names = index.facets.vocabulary.names
    return tuple(names[key].name for key in names if key in _TYPE_FACETS)
