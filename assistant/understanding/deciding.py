"""A message and its conversation become a `Query`.

In: a `Turn` and the shop's index (its vocabulary, titles and products). Out: a self-contained `Query`. Nothing is
searched here and no model is asked. What one message says is read by `message`, what it changes of the conversation
by `follow_ups`; this module decides what kind of message it is and what it is about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from assistant.types import Intent, Query, Turn
from assistant.understanding import references
from assistant.understanding.asking import asked_facets, choices_asked
from assistant.understanding.asking_why import why_asked
from assistant.understanding.follow_ups import WHOLE_SHOP, follow_up, is_option
from assistant.understanding.intents import OPEN_WORDS, Cue, is_abuse, order_ref
from assistant.understanding.judging import judgement, supposed
from assistant.understanding.measures import judged_by
from assistant.understanding.message import MAX_REFERRED, Reading, blank, knows_kind, product_at, read
from assistant.understanding.own_orders import order_intents, with_own_order
from assistant.understanding.parties import room_for
from knowledge_base.colors import is_color_facet, is_color_word
from knowledge_base.constraints import parse_constraints, strip_filler
from knowledge_base.constraints.figures import rows_of_kind
from knowledge_base.constraints.word_lists import COMMON_STEMS
from knowledge_base.index import Index
from knowledge_base.text import fold, has_cjk, stem, words
from knowledge_base.types import Condition, Filters, Product
from knowledge_base.vocabulary import value_key

_MAX_TIED = 4  # a description that fits more titles than this names no product
_BETWEEN = re.compile(
    r"\b(?:and|or|vs\.?|versus|with|to|against|than)\b|[,，、:：?？]|和|跟|与|还是|以及|对比|比", re.I
)
_ALTERNATIVE = re.compile(r"\b(?:or|vs\.?|versus)\b|还是|哪个|哪款", re.I)
_EXPLICIT = re.compile(r"\bcompar(?!tment)|\bdifferen|\bvs\b|\bversus\b|\bor\b|对比|比较|区别|还是|相比|不同", re.I)
_COMPARING = re.compile(
    r"\bcompar(?!tment)\w+|\bwhat['’]s\b|\bhas the lower price\b|\bdifferences?\b|\bbetween\b|\bcan['’]?t decide\b|"
    r"\bwhich (?:one )?(?:is|costs?)\b|\bis\b|\bcosts?\b|"
    r"\b(?:cheaper|better|less|more)\b|比较|区别|哪个.*$|哪款.*$|有什么.*$|更?便宜|更?贵|价格",
    re.I,
)
_ASKS_HOW = re.compile(
    r"\b(?:how (?:do|can|to)|can i|could i|may i|is it possible)\b|怎么(?!还|没)|如何|能不能|可不可以|可以.{0,8}吗",
    re.I,
)
_ASKS_LEAVE = re.compile(rf"{_ASKS_HOW.pattern}|能.{{0,16}}吗", re.I)
_LIKES = re.compile(
    r"\b(?:likes?|loves?|enjoys?|into|fond of|fan of|keen on|crazy about|interested in|hobby is)"
    r"\s+(?P<en>[^,.;!?\d]{3,60})"
    r"|(?:喜欢|爱好?是?|热爱|迷上了?)(?P<zh>[^，。！？；,.!?;\d]{1,12})",
    re.I,
)
_PERSONS = frozenset(
    stem(word)
    for word in (
        "friend", "mother", "mom", "mum", "father", "dad", "wife", "husband", "sister", "brother", "son", "daughter",
        "girlfriend", "boyfriend", "partner", "aunt", "uncle", "grandma", "grandpa", "colleague", "boss", "teacher",
    )
)  # fmt: skip
_FOR_SOMEBODY = re.compile(r"送(?:给|人|礼|男|女|老|爸|妈|朋友|孩子|长辈|领导)|\ba (?:gift|present) for\b", re.I)
_ASKED: dict[Cue, str] = {"price": "price", "stock": "stock", "options": "options", "rating": "rating"}


def understand(turn: Turn, index: Index) -> Query:
    """What the shopper wants. Never raises on any text; an empty message is small talk."""
    reading = read(turn, index)
    bare = re.fullmatch(r"\W*(\d{4,9})\W*", reading.text) if not reading.titles else None
    ref = order_ref(turn.text) or (bare[1] if bare and reading.before is None else None)
    base = Query(reading.said, ("find",), reading.language, order_ref=ref)
    base = with_own_order(turn, base, reading, index)
    if of_order := order_intents(turn, base, reading):
        return replace(base, intents=of_order)
    if (why := why_asked(reading, index)) is not None:
        return why
    if early := _without_products(reading):
        return replace(base, intents=early)
    query = _about(_own_words(base, reading, index), reading, index)
    return _settle(replace(query, intents=_intents(reading, query, index)), reading, index)


def _without_products(reading: Reading) -> tuple[Intent, ...] | None:
    """The intents of a message that no product question can change, or None."""
    cues = reading.cues
    if not reading.text or cues & {"greeting", "thanks", "bye"}:
        return ("small_talk",)
    if re.fullmatch(r"\W*\d{4,9}\W*", reading.text) and not reading.titles and reading.before is None:
        return ("order_status",)  # hardly anything else is so short and all digits
    if "handoff" in cues:
        return ("handoff", "complaint") if "complaint" in cues else ("handoff",)
    if "complaint" in cues:
        if "order" in cues:
            return ("complaint", "order_status")
        # A policy may tell what will be done about what went wrong; bare abuse tells of nothing that did.
        return ("complaint",) if is_abuse(reading.text) and "policy" not in cues else ("complaint", "policy")
    if "order" in cues and not _ASKS_HOW.search(reading.text):
        return ("order_status", "policy") if "policy" in cues else ("order_status",)
    about_shop = reading.named or reading.constraints.mentions or reading.constraints.filters
    if order_ref(reading.text) and not about_shop and "policy" not in cues and reading.constraints.unexplained:
        return ("order_status",)
    if "off_topic" in cues and not about_shop:
        return ("out_of_scope",)
    if "identity" in cues and not about_shop:
        return ("small_talk",)
    return None


# -- what it is about ------------------------------------------------------------------------------------------------


def _own_words(base: Query, reading: Reading, index: Index) -> Query:
    """What the message says by itself."""
    constraints, extreme = reading.constraints, reading.extreme
    query = replace(
        base,
        subject=constraints.subject,
        filters=_without_titles(constraints.filters),
        wishes=(
            *(_or_in_title(wish) for wish in constraints.wishes),
            *_party(reading, index),
            *_unknown_colors(reading, index),
        ),
        sort=constraints.sort,
        limit=constraints.limit,
        terms=constraints.terms,
        search=constraints.residual,
        foreign_currency=constraints.foreign.unit if constraints.foreign else None,
        rank_by=extreme.names if extreme else (),
        rank_direction=extreme.direction if extreme else 1,
        rank_word=extreme.word if extreme else "",
        unexplained=constraints.unexplained,
        is_question="question" in reading.cues,
        wants_goods="policy" not in reading.cues and ("goods" in reading.cues or _wants_gift(reading)),
    )
    unknown = _wants_gift(reading) and constraints.subject and not knows_kind(constraints.subject, index)
    if constraints.subject and (unknown or OPEN_WORDS.fullmatch(constraints.subject)):
        terms = (stem(term.casefold()) for term in constraints.terms)
        known = [term for term in terms if index.facets.vocabulary.knows(term) and term not in _PERSONS]
        liked = _liked(reading.text) if _wants_gift(reading) else ""
        query = replace(query, subject="", search=liked or " ".join(known))
    return query


def _liked(text: str) -> str:
    """What the one whom a gift is for is said to like: "she loves cooking", "他喜欢钓鱼"; "" where nothing is said."""
    match = _LIKES.search(text)
    return strip_filler(match["en"] or match["zh"]) if match else ""


def _wants_gift(reading: Reading) -> bool:
    """ "I need a gift for my dad", and not "can you wrap it as a gift"."""
    gift = "open" in reading.cues or bool(_FOR_SOMEBODY.search(reading.text))
    return gift and not _ASKS_LEAVE.search(reading.text)


def _party(reading: Reading, index: Index) -> tuple[Condition, ...]:
    """What does for the people that the message speaks of; nothing where products of the kind count no people."""
    facets, constraints = index.facets, reading.constraints
    room = room_for(reading.party, facets.vocabulary) if reading.party else None
    if room is None or any(set(room.names) & set(wish.names) for wish in constraints.wishes):
        return ()
    every = (value.value for name in room.names for value in facets.vocabulary.values_of(name))
    counting = facets.product_mask(Filters(conditions=(replace(room, values=tuple(every)),)))
    return (room,) if (counting & rows_of_kind(constraints, facets, index.types)).any() else ()


def _unknown_colors(reading: Reading, index: Index) -> tuple[Condition, ...]:
    """Colours that were asked for and that no facet of the shop has: a wish that only a title can meet."""
    constraints = reading.constraints
    said = {word for term in (*constraints.terms, constraints.subject) for word in _color_words(term)}
    names = tuple(name.name for key, name in index.facets.vocabulary.names.items() if is_color_facet(key))
    return tuple(Condition((*names, "title"), (word,)) for word in sorted(said))


def _color_words(text: str) -> list[str]:
    if has_cjk(text):
        return [match for match in re.findall(r"[\u4e00-\u9fff]色", text) if is_color_word(match)]
    return [word for word, _, _ in words(text.casefold()) if is_color_word(word)]


def _without_titles(filters: Filters) -> Filters:
    """What is refused is refused in titles, too: "no glass" is no "Glass Teapot" whose material nobody filled in."""
    kept = ("brand", "category", "title")
    conditions = tuple(
        replace(c, names=(*c.names, "title"))
        if c.negated and c.values and c.values != ("yes",) and c.names[0] not in kept
        else c
        for c in filters.conditions
    )
    return replace(filters, conditions=conditions)


def _or_in_title(wish: Condition) -> Condition:
    """A value said without its facet may as well stand in the title: "imaging unit", "docking station"."""
    return replace(wish, names=(*wish.names, "title")) if wish.values else wish


def _about(query: Query, reading: Reading, index: Index) -> Query:
    """The query with the products it is about: compared, named, pointed at, or left over from the conversation."""
    shown = reading.reference.shown
    if (judged := _judged(query, reading, index)) is not None:
        return judged
    if "compare" in reading.cues or (len(reading.titles) > 1 and _ALTERNATIVE.search(reading.text)):
        several = _compared_names(reading, index)
        if not several and len(shown) > 1 and not knows_kind(query.subject, index):
            pointed = reading.reference.product_ids
            several = pointed if len(pointed) > 1 else shown[:4]
        if several:
            return _weighed(replace(query, refers_to=several, subject="", filters=Filters()), reading)
    if (choices := _choices(query, reading, index)) is not None:
        return choices
    if _points_nowhere(reading):
        return replace(query, subject="", filters=Filters(), wishes=(), search="", refers_to=(), beyond=True)
    if reading.reference.beyond and not reading.named and not knows_kind(query.subject, index):
        return replace(query, refers_to=reading.reference.table[:_MAX_TIED], subject="", filters=Filters(), beyond=True)
    if reading.named:
        among = tuple(i for i in reading.named if i in shown)
        return replace(query, refers_to=among if among and len(among) < len(reading.named) else reading.named)
    return follow_up(query, reading, index)


def _weighed(query: Query, reading: Reading) -> Query:
    """The comparison with what it goes by, where the message says so ("which is cheaper, the X or the Y?")."""
    wanted = judged_by(blank(reading.text, [(m.start, m.end) for m in reading.titles]))
    if wanted is None:
        return replace(query, rank_by=(), rank_word="")
    ids, direction = query.refers_to, wanted.direction
    return replace(
        query,
        rank_by=wanted.names,
        rank_direction=direction,
        rank_word=wanted.word,
        asserted=supposed(reading.text, ids),
    )


def _choices(query: Query, reading: Reading, index: Index) -> Query | None:
    """A question for the values of a facet over all products of a kind, or over what was looked for last; None for any
    other message, and for one about products that it names or that were talked about."""
    singled_out = reading.before is not None and bool(reading.before.refers_to)
    if reading.titles or reading.reference.explicit or reading.cues & {"policy", "count"}:
        return None
    found = choices_asked(reading.text, index.facets.vocabulary)
    if found is None:
        return None
    facet, span = found
    if _names_things(facet, index):
        return None
    if _is_thing(facet, index):
        return None
    own = parse_constraints(blank(reading.text, (span,)), index.facets.vocabulary, index.info.currency)
    if not own.subject and not own.filters and reading.search and not _names_all(reading):
        if singled_out or not (reading.search.subject or reading.search.filters):
            return None
        last = reading.search
        return replace(query, asks=(facet,), subject=last.subject, filters=last.filters, wishes=last.wishes)
    if singled_out and not own.subject:
        return None
    return replace(query, asks=(facet,), subject=own.subject, filters=own.filters, wishes=(), search=own.residual)


def _is_thing(facet: str, index: Index) -> bool:
    """Whether what is asked for is a thing that products are, or say they take: "which photo papers do you have"."""
    name = index.facets.vocabulary.names.get(value_key(facet))
    return name is not None and name.boolean


def _names_things(facet: str, index: Index) -> bool:
    """Whether a facet's name rather names things: "which photo papers do you have" asks for no yes or no."""
    name = index.facets.vocabulary.names.get(fold(facet))
    if name is None or name.key == "brand":
        return False
    return name.boolean or bool(index.types.ending(facet).sum() > name.n_products)


def _names_all(reading: Reading) -> bool:
    return bool(WHOLE_SHOP.search(reading.text))


def _points_nowhere(reading: Reading) -> bool:
    """ "How much is the second one?" before anything was shown: nothing but pointing words and what is asked."""
    constraints = reading.constraints
    if re.fullmatch(r"\W*\d{1,3}\W*", reading.text) and not reading.titles:
        return True
    if reading.reference.shown or reading.titles or constraints.filters or constraints.wishes or constraints.mentions:
        return False
    if reading.cues & {"policy", "order", "count", "recommend", "open"} or constraints.unexplained:
        return False
    said = {stem(word) for word, _, _ in words(constraints.subject)}
    return references.points(reading.text) and said <= COMMON_STEMS


def _judged(query: Query, reading: Reading, index: Index) -> Query | None:
    """The query as a comparison of products on the table by one of their figures; None where it is none."""
    if reading.titles or reading.bounds_price or "count" in reading.cues:
        return None
    found = judgement(reading.text, reading.reference)
    if found is None or (not reading.reference.explicit and knows_kind(query.subject, index)):
        return None
    return replace(
        query,
        refers_to=found.ids,
        subject=reading.search.subject if reading.search else "",
        filters=Filters(),
        wishes=(),
        sort="relevance",
        rank_by=found.wanted.names,
        rank_direction=found.wanted.direction,
        rank_word=found.wanted.word,
        asserted=found.asserted,
    )


def _compared_names(reading: Reading, index: Index) -> tuple[str, ...]:
    """One product for each thing compared: named in full, or by the title that its words fit best; () below two."""
    rows = [min(m.rows, key=lambda row: _first_price(product_at(row, index))) for m in reading.titles]
    outside = _COMPARING.sub("\x00", blank(reading.text, [(m.start, m.end) for m in reading.titles]))
    for part in _BETWEEN.split(outside) if len(rows) < 2 and _EXPLICIT.search(reading.text) else ():
        stretch = part.strip("\x00 ?？.!。的")
        near = index.facets.titles.nearest(stretch) if len(stretch) >= 4 else ()
        if 0 < len(near) <= _MAX_TIED:
            rows.append(min(near, key=lambda row: _first_price(product_at(row, index))))
    ids = tuple(dict.fromkeys(product_at(row, index).id for row in rows))
    return ids[:MAX_REFERRED] if len(ids) >= 2 else ()


def _first_price(product: Product) -> Decimal:
    return product.price_range[0] if product.price_range else Decimal("Infinity")


# -- what kind of message it is --------------------------------------------------------------------------------------


def _intents(reading: Reading, query: Query, index: Index) -> tuple[Intent, ...]:
    cues = reading.cues
    if query.beyond:
        return ("product_question",)
    if query.asks and not query.refers_to:
        return ("find",)
    if query.rank_by and len(query.refers_to) > 1:
        return ("compare",)
    asks_order = query.sort != "relevance" or bool(query.rank_by)
    found: list[Intent] = []
    alternatives = len(reading.titles) > 1 and bool(_ALTERNATIVE.search(reading.text))
    limited = len(reading.titles) == 1 and reading.bounds_price  # "which T-Shirts cost less than $9"
    if (
        "count" not in cues
        and not limited
        and ("compare" in cues or alternatives)
        and (
            len(query.refers_to) > 1
            or _compares_best(query)
            or re.search(r"\bcompar(?!tment)|对比|比较", reading.text, re.I)
        )
    ):
        found.append("compare")
    elif "count" in cues and not _asks_of_named(reading, query, index) and not _counts_days(reading):
        found.append("count")
    elif asks_order and not reading.names_one:
        found.append("superlative")
    elif query.refers_to and not _browses(reading, query) and not _about_shop(reading, query, index):
        found.append("product_question")
    paying = "price" in cues and bool(query.refers_to)  # "how much would I pay for it" asks for the price
    if "policy" in cues and not paying and (not found or found[0] == "product_question"):
        found.append("policy")
    if not found:
        found.append("recommend" if cues & {"recommend", "open"} else "find")
    return tuple(found)


def _compares_best(query: Query) -> bool:
    """ "The difference between the two cheapest tents": several of a kind, which only the records can name."""
    return not query.refers_to and (query.limit or 0) > 1 and (query.sort != "relevance" or bool(query.rank_by))


_TERMS = re.compile(
    r"\b(?:how many|number of) (?:business |working )?(?:days?|weeks?|months?|years?|hours?|times?|points?)\b"
    r"|[几多少](?:个)?(?:天|小时|周|星期|月|年|工作日|次|积分)",
    re.I,
)


def _counts_days(reading: Reading) -> bool:
    """ "How many years guarantee", "how many days to return it": the shop's terms are asked for, not its products."""
    return "policy" in reading.cues and not reading.bounds_price and bool(_TERMS.search(reading.text))


def _about_shop(reading: Reading, query: Query, index: Index) -> bool:
    """ "How long can I send it back?": a policy asked of what was pointed at, and no facet of it."""
    if "policy" not in reading.cues or reading.titles or reading.cues & set(_ASKED):
        return False
    return not asked_facets(reading.text, [index.products[i] for i in query.refers_to], reading.constraints)


def _asks_of_named(reading: Reading, query: Query, index: Index) -> bool:
    """Whether "how many" asks for a measure of a product ("how many ports does it have") and counts no products."""
    products = [index.products[i] for i in query.refers_to]
    if not products or (reading.titles and reading.names_kind and not reading.cues & {"options"}):
        return False
    return bool(asked_facets(reading.outside, products, reading.constraints)) or not reading.titles


def _browses(reading: Reading, query: Query) -> bool:
    """ "Do you have T-Shirts under $50": a price limit asks for what there is, not about one thing."""
    asks = reading.cues & {"price", "stock", "options", "rating"}
    if reading.bounds_price:
        asks -= {"price"}  # "which T-Shirts cost less than $50"
    if not reading.titles or asks:
        return False
    return reading.bounds_price or query.filters.rating_min is not None


# -- what follows from it --------------------------------------------------------------------------------------------


def _settle(query: Query, reading: Reading, index: Index) -> Query:
    if query.intent == "compare" and not query.refers_to and knows_kind(query.subject, index):
        return query  # which of the kind are compared is for the records to say
    if query.intent == "compare" and not query.refers_to and query.subject and not reading.reference.shown:
        return replace(query, intents=("find",), wants_goods=True)  # nothing is called so
    if query.intent in ("product_question", "compare"):
        return _question(query, reading, index)
    if query.intent == "policy":
        return replace(query, subject="", filters=Filters(), wishes=(), terms=())
    if reading.titles and query.refers_to:
        # "How many T-Shirts under $50": the title names a kind here, the products whose titles hold it.
        named = [m for m in reading.titles if m.whole] or list(reading.titles)
        titles = tuple(reading.text[m.start : m.end] for m in named)
        filters = replace(query.filters, conditions=(*query.filters.conditions, Condition(("title",), titles)))
        return replace(query, subject=titles[0], filters=filters, refers_to=())
    return query


def _question(query: Query, reading: Reading, index: Index) -> Query:
    """A question about known products: the facets it asks for, and the options that pick variants."""
    products = [index.products[i] for i in query.refers_to if i in index.products]
    asks = list(asked_facets(reading.text, products, reading.constraints, reading.outside))
    if query.rank_by:  # what is left besides what decides is no further question
        asks = [name for name in asks if _is_facet(name, products)]
    cued = [facet for cue, facet in _ASKED.items() if cue in reading.cues]
    if any("rating" in name.casefold() for name in asks):  # "the waterproof rating" is none by shoppers
        cued = [facet for facet in cued if facet != "rating"]
    if cued:
        # "Is the blue one in stock": what is left besides "in stock" is no further question.
        asks = [name for name in asks if _is_facet(name, products)]
    asks += [facet for facet in cued if facet not in asks and not (facet == "options" and asks)]
    if "buy" in reading.cues or query.action == "cart":
        asks = [*(name for name in asks if name in _ASKED.values()), "order"]
    if not asks and "find" in reading.cues:
        asks = ["stock"]
    kept = tuple(c for c in query.filters.conditions if is_option(c, products))
    kept += tuple(color for c in query.wishes if (color := _missing_color(c, products)) is not None)
    in_stock = None if "stock" in asks else query.filters.in_stock
    refers_to = query.refers_to
    if query.intent == "compare" and len(refers_to) < 2:
        refers_to = tuple(dict.fromkeys((*refers_to, *reading.reference.shown)))[:4]
    elif kept and len(refers_to) > 1:
        wanted = Filters(conditions=kept)
        having = tuple(i for i in refers_to if index.facets.sku_count(wanted, [index.product_rows[i]]))
        refers_to = having or refers_to
    filters = Filters(conditions=kept, in_stock=in_stock)
    return replace(query, asks=tuple(asks), filters=filters, wishes=(), sort="relevance", refers_to=refers_to)


def _missing_color(wish: Condition, products: Sequence[Product]) -> Condition | None:
    """ "Is it available in purple?": a colour that the shop does not have, as a wish for the product's own colour."""
    names = tuple(n for p in products for n in p.option_values if is_color_facet(n))
    return replace(wish, names=names) if names and all(is_color_word(v) for v in wish.values) else None


def _is_facet(name: str, products: Sequence[Product]) -> bool:
    return name == "brand" or any(name in p.attributes or name in p.option_values for p in products)
