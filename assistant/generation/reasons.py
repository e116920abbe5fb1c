"""Why a product fits what was asked for, and what sets another apart from it: facts of the records, nothing else.

In: a query and the hits found for it. Out: `Fact`s, each a name and value as the record has it, and `Contrast`s
between two products. It writes no sentence (the wording modules do) and never compares what the records leave open.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from assistant.generation.conditions import missed_price
from assistant.generation.figures import attribute_value, is_nothing, leading_number, truth, unit_of
from assistant.generation.grammar import is_plural, word_set
from assistant.generation.variants import Choice, choose, found_under, value_of
from assistant.types import Evidence, Query
from knowledge_base.shop import ShopInfo
from knowledge_base.text import fold, has_cjk, stems
from knowledge_base.types import Condition, Hit, Product, Variant

ContrastKind = Literal["cheaper", "dearer", "rated", "lighter", "other"]
_MAX_VALUE_CHARS = 48
_WEIGHTS = frozenset({"weight", "item weight", "net weight", "重量", "净重", "整机重量", "产品重量"})
_LOGISTICS = ("package", "pallet", "master", "quantity per", "shipping", "minimum system", "dimensions", "storage temp",
              "operating", "storage relative", "包装")  # fmt: skip
_DULL = word_set(
    "id sku gtin ean upc mpn asin shop seller vendor supplier url image status model manufacturer condition oem "
    "code country of origin product type rohs compliance google product category age group warranty 货号 编号 "
    "型号 产地"
) | {"country of origin", "product type", "rohs compliance", "oem code", "google product category", "age group"}
_LABELS = frozenset(
    ("tag", "tags", "label", "labels", "keyword", "keywords", "collection", "collections", "标签", "关键词")
)
_SEPARATOR = re.compile(r"\s*[,;|、，；]\s*")

# Subjects that name no kind of thing.
_OPEN_STEMS = frozenset(
    stems(
        "gift gifts present presents something anything stuff thing things idea ideas surprise product products item "
        "items birthday christmas wedding anniversary"
    )
)
_OPEN_ZH = ("礼物", "礼品", "东西", "商品", "产品", "好物", "宝贝")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing the record says: an attribute or option with its value. `wish`: it answers a wish or a constraint."""

    name: str
    value: str
    wish: bool = True


@dataclass(frozen=True, slots=True)
class Measure:
    """What products are judged by. `key`: "price", "rating" or the usual name of the measure; `direction` 1: the most
    of it comes first; `name` as the record has it, "" where no record does."""

    key: str
    direction: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Contrast:
    """What sets a product apart from the lead. `fact` is the record's value where it is an attribute that differs."""

    kind: ContrastKind
    hit: Hit
    sku: Variant
    fact: Fact | None = None


def is_dull(name: str) -> bool:
    """Whether an attribute is logistics or a code that helps no shopper choose."""
    return fold(name) in _DULL or fold(name).startswith(_LOGISTICS) or is_label(name)


def is_label(name: str) -> bool:
    """Whether an attribute holds the words by which a shop files its products: one of them may be telling, its name and
    the others are not."""
    return fold(name) in _LABELS


def product_of(hit: Hit) -> Product:
    """The product of a product hit.

    Raises:
        ValueError: the hit is a passage.
    """
    if hit.entry.product is None:
        raise ValueError(f"{hit.entry.id} is no product")
    return hit.entry.product


def choice_of(hit: Hit, query: Query) -> Choice:
    """The variants of a hit that the query is about."""
    return choose(product_of(hit), query.filters, hit.variant_ids)


def shown_sku(choice: Choice, query: Query) -> Variant:
    """The one variant that stands for a choice: the dearest or cheapest where the query orders by price; else one in
    stock where the query chose among several, and the cheapest where it chose none."""
    if choice.narrowed and query.sort not in ("price_asc", "price_desc"):
        return next((sku for sku in choice.skus if sku.in_stock), choice.skus[0])
    sign = -1 if query.sort == "price_desc" else 1
    return min(choice.skus, key=lambda sku: (sku.price is None, sign * (sku.price or 0), sku.in_stock is False))


def matching_facts(query: Query, product: Product, sku: Variant) -> tuple[Fact, ...]:
    """The facts by which a product meets the constraints and wishes, in the order in which they were stated.

    A wish that the record does not bear out gives no fact; neither does the subject's own category.
    """
    facts: dict[str, Fact] = {}
    for condition in (*query.filters.conditions, *query.wishes):
        fact = _fact(query, product, sku, condition)
        if fact is not None:
            facts.setdefault(fold(fact.name), fact)
    for fact in _term_facts(query, product, sku):
        facts.setdefault(fold(fact.name), fact)
    return tuple(facts.values())


def _fact(query: Query, product: Product, sku: Variant, condition: Condition) -> Fact | None:
    if condition.negated:
        return _negated_fact(product, sku, condition)
    found = found_under(product, sku, condition)
    if found is None:
        return None
    name, value = found
    if fold(name) in ("category", "title") or _says(query.subject, value) or _says(product.title, value):
        return None
    if is_label(name):
        meant = {stem for wished in condition.values for stem in stems(wished)}
        value = next((label for label in _SEPARATOR.split(value) if meant & set(stems(label))), "")
        return Fact(name, attribute_value(value, _MAX_VALUE_CHARS)) if value else None
    if len(value) > _MAX_VALUE_CHARS and condition.values:
        value = next((v for v in condition.values if fold(v) in fold(value)), value)
    return Fact(name, attribute_value(value, _MAX_VALUE_CHARS))


def _negated_fact(product: Product, sku: Variant, condition: Condition) -> Fact | None:
    """What it is instead: for "not leather", the material that the record names; "no" where the record says no."""
    for name in condition.names:
        value = value_of(product, sku, name)
        if (
            value is not None
            and fold(name) not in ("brand", "category")
            and found_under(product, sku, condition) is None
        ):
            return Fact(name, attribute_value(value, _MAX_VALUE_CHARS))
    return None


def _term_facts(query: Query, product: Product, sku: Variant) -> list[Fact]:
    """Attributes whose name or value holds a word of the request ("hiking" -> suitable for: hiking, climbing)."""
    wanted = {stem for term in query.terms for stem in stems(term)}
    if not wanted:
        return []
    facts = []
    for name, value in (*product.attributes.items(), *sku.options.items()):
        if len(value) > _MAX_VALUE_CHARS or is_dull(name) or truth(value) is False or is_nothing(value):
            continue
        text = f"{name} {value}"
        hit = (
            any(term in text for term in query.terms if len(term) > 1)
            if has_cjk(text)
            else any(word in wanted for word in stems(text if truth(value) else value))
        )
        if hit:
            facts.append(Fact(name, attribute_value(value, _MAX_VALUE_CHARS)))
    return facts[:2]


def telling_facts(product: Product, taken: Sequence[Fact], limit: int) -> tuple[Fact, ...]:
    """The first short attributes a shop lists, where it lists few enough that they are worth saying."""
    if len(product.attributes) > 12 or limit <= 0:
        return ()
    known = {fold(fact.name) for fact in taken}
    facts = []
    for name, value in product.attributes.items():
        said = fold(name) in known or is_dull(name) or _says(product.title, value)
        if said or len(value) > 32 or len(name.split()) > 3 or truth(value) is False or is_nothing(value):
            continue
        # A bare figure without its unit ("weight: 5300") does not tell a shopper much.
        if leading_number(value) is not None and not unit_of(value) and not _counts(name, value):
            continue
        facts.append(Fact(name, attribute_value(value), wish=False))
    return tuple(facts[:limit])


def _counts(name: str, value: str) -> bool:
    """Whether the bare figure is a number of things that the name tells: sleeps 2, doors 3."""
    return value.isdigit() and (fold(name) in ("sleeps", "seats") or (name.isascii() and is_plural(name)))


def _says(text: str, value: str) -> bool:
    """Whether the text holds the words of the value already."""
    if not text or truth(value) is not None:
        return False
    mine, theirs = stems(text), stems(value)
    if has_cjk(value):
        return fold(value) in fold(text)
    return bool(theirs) and set(theirs) <= set(mine)


def weight_of(product: Product, sku: Variant) -> Fact | None:
    """The product's own weight (not its package's), where the record states it with a unit."""
    for name, value in (*sku.options.items(), *product.attributes.items()):
        if fold(name).partition(" (")[0] in _WEIGHTS and leading_number(value) is not None and unit_of(value):
            return Fact(name, attribute_value(value))
    return None


def contrasts(query: Query, hits: Sequence[Hit], lead: Hit, limit: int) -> tuple[Contrast, ...]:
    """What sets up to `limit` of the other hits apart from the lead, the most useful difference first."""
    base_product, base = product_of(lead), shown_sku(choice_of(lead, query), query)
    others = [(hit, product_of(hit), shown_sku(choice_of(hit, query), query)) for hit in hits if hit is not lead]
    others = [item for item in others if item[2].in_stock is not False] or others
    found: list[Contrast] = []

    def add(kind: ContrastKind, item: tuple[Hit, Product, Variant], fact: Fact | None = None) -> None:
        if all(contrast.hit is not item[0] for contrast in found):
            found.append(Contrast(kind, item[0], item[2], fact))

    priced = [item for item in others if item[2].price is not None]
    if base.price is not None and (cheaper := [i for i in priced if (i[2].price or 0) < base.price]):
        add("cheaper", min(cheaper, key=lambda item: item[2].price or Decimal(0)))
    if (rating := base_product.rating) is not None:
        better = [i for i in others if i[1].rating is not None and i[1].rating > rating]
        if better:
            add("rated", max(better, key=lambda item: (item[1].rating or Decimal(0), item[1].review_count or 0)))
    if (mine := weight_of(base_product, base)) is not None:
        lighter = [(w, i) for i in others if (w := weight_of(i[1], i[2])) and _less(w.value, mine.value)]
        if lighter:
            add("lighter", lighter[0][1], lighter[0][0])
    for item in others:
        fact = _different(base_product, base, item[1])
        dearer = base.price is not None and item[2].price is not None and item[2].price > base.price
        again = any(contrast.kind == "dearer" for contrast in found)
        add("dearer" if dearer and not again else "other", item, fact)
    return tuple(found[:limit])


def _less(left: str, right: str) -> bool:
    a, b = leading_number(left), leading_number(right)
    return a is not None and b is not None and unit_of(left) == unit_of(right) and a < b


def _different(mine: Product, my_sku: Variant, theirs: Product) -> Fact | None:
    """The first short attribute that both records state and that differs."""
    if len(theirs.attributes) > 24:
        return None
    for name, value in theirs.attributes.items():
        other = value_of(mine, my_sku, name)
        plain_figure = leading_number(value) is not None and not unit_of(value)
        usable = len(value) <= 32 and fold(name) not in _DULL and not plain_figure and not is_nothing(value)
        if other is not None and usable and truth(value) is not False and fold(other) != fold(value):
            return Fact(name, attribute_value(value), wish=False)
    return None


def near_hit(query: Query, evidence: Evidence, info: ShopInfo) -> Hit:
    """Of products that nearly fit, the nearest: by price where only the price was given up, else the first."""
    end = missed_price(query, evidence.relaxed, info)
    priced = [(span, hit) for hit in evidence.products if (span := product_of(hit).price_range) is not None]
    if not end or not priced:
        return evidence.products[0]
    return min(priced, key=lambda item: item[0][0] if end == "lowest" else -item[0][1])[1]


def names_nothing(subject: str) -> bool:
    """Whether a subject says nothing of the kind of thing: "gift", "something", "适合送妈妈的礼物", ""."""
    return set(stems(subject)) <= _OPEN_STEMS or subject.endswith(_OPEN_ZH)


def is_gift(query: Query) -> bool:
    """Whether it is to be a present."""
    return bool({"gift", "present", "birthday"} & set(stems(query.text))) or any(
        w in query.text for w in ("礼物", "礼品", "送")
    )


def is_open(query: Query, evidence: Evidence) -> bool:
    """Whether a request says so little that asking back serves better than recommending ("I need a gift")."""
    if not names_nothing(query.subject):
        return False
    if query.filters.conditions or query.wishes or query.refers_to or query.sort != "relevance":
        return False
    return not any(_speaks_of(product_of(hit), term) for hit in evidence.products[:2] for term in query.terms)


def _speaks_of(product: Product, term: str) -> bool:
    text = " ".join((product.title, *product.category, *product.attributes.values(), *product.option_values))
    if has_cjk(term):
        return len(term) > 1 and term in text
    words = set(stems(text))
    return any(word in words for word in stems(term))
