"""What is true of a shop's records: which SKUs meet a wish, which is cheapest, how many there are.

In: `Record`s and a `Wanted`. Out: sets and figures. Written against the raw records alone; it shares no code with the
assistant's own filters, so that a mistake there cannot hide here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.evaluation.records import Record, Sku, fold, singular


@dataclass(frozen=True, slots=True)
class Trait:
    """A value a SKU must have, or must not. `name` None: under any option or attribute."""

    value: str
    name: str | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question states about the thing itself, all of which one SKU must meet."""

    price_min: Decimal | None = None
    price_max: Decimal | None = None
    in_stock: bool = False
    brand: str | None = None
    rating_min: Decimal | None = None
    traits: tuple[Trait, ...] = ()


def same_value(stated: str, asked: str) -> bool:
    """Whether a recorded value is the asked one, or a list that holds it ("Black,Silver" holds "black")."""
    stated, asked = fold(stated), fold(asked)
    return stated == asked or asked in re.split(r"\s*[,;/、，；]\s*", stated)


def known_values(record: Record, sku: Sku, name: str | None) -> list[str]:
    """The values under that option or attribute name (folded), or under any."""
    pairs = [*sku.options.items(), *record.attributes.items()]
    return [value for key, value in pairs if name is None or fold(key) == fold(name)]


def has_trait(record: Record, sku: Sku, trait: Trait, loose: bool = False) -> bool:
    """Whether the SKU has what the trait names (or lacks it, where negated).

    `loose` gives the benefit of the doubt: the value may stand under another name, or in the title or description
    where the record states no value under the name; for a negated trait only a recorded value counts against the SKU.
    """
    stated = known_values(record, sku, trait.name)
    has = any(same_value(value, trait.value) for value in stated)
    if trait.negated:
        return not has
    if has or not loose:
        return has
    if any(same_value(value, trait.value) for value in known_values(record, sku, None)):
        return True
    return contains_words(record.everything, trait.value) or fold(trait.value) in ("yes", "是")


def contains_words(text: str, phrase: str) -> bool:
    """Whether the phrase stands in the folded text: by whole words, or anywhere for Chinese."""
    phrase = fold(phrase)
    if re.search(r"[\u4e00-\u9fff]", phrase):
        return phrase in text
    return re.search(rf"(?<![a-z0-9]){re.escape(phrase)}(?![a-z0-9])", text) is not None


def meets(record: Record, sku: Sku, wanted: Wanted, loose: bool = False) -> bool:
    """Whether one SKU of the record meets everything wanted; an unknown price or stock does not."""
    if wanted.price_max is not None and (sku.price is None or sku.price > wanted.price_max):
        return False
    if wanted.price_min is not None and (sku.price is None or sku.price < wanted.price_min):
        return False
    if wanted.in_stock and sku.in_stock is not True:
        return False
    if wanted.rating_min is not None and (record.rating is None or record.rating < wanted.rating_min):
        return False
    if wanted.brand is not None and not has_brand(record, sku, wanted.brand, loose):
        return False
    return all(has_trait(record, sku, trait, loose) for trait in wanted.traits)


def has_brand(record: Record, sku: Sku, brand: str, loose: bool = False) -> bool:
    """Whether the product (or the SKU, where brand is an option) is of that brand."""
    if record.brand is not None and fold(record.brand) == fold(brand):
        return True
    if any(fold(key) == "brand" and fold(value) == fold(brand) for key, value in sku.options.items()):
        return True
    return loose and contains_words(record.key, brand)


def matching(records: Iterable[Record], wanted: Wanted) -> list[tuple[Record, Sku]]:
    """Every SKU that meets the wish, with its record, in shop order."""
    return [(record, sku) for record in records for sku in record.skus if meets(record, sku, wanted)]


def product_ids(pairs: Iterable[tuple[Record, Sku]]) -> tuple[str, ...]:
    """The products of the pairs, each once, in order."""
    return tuple(dict.fromkeys(record.id for record, _ in pairs))


def extreme(pairs: Sequence[tuple[Record, Sku]], dearest: bool = False) -> tuple[Decimal, tuple[str, ...]] | None:
    """The lowest (highest) price and the products that have it; None where no price is known."""
    priced = [(sku.price, record.id) for record, sku in pairs if sku.price is not None]
    if not priced:
        return None
    best = (max if dearest else min)(price for price, _ in priced)
    return best, tuple(dict.fromkeys(product for price, product in priced if price == best))


def ladder(pairs: Sequence[tuple[Record, Sku]]) -> list[Decimal]:
    """Every product's lowest price among the pairs, ascending."""
    lowest: dict[str, Decimal] = {}
    for record, sku in pairs:
        if sku.price is not None and (record.id not in lowest or sku.price < lowest[record.id]):
            lowest[record.id] = sku.price
    return sorted(lowest.values())


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of thing ("tent", "电热水器") with the products a careful person would count as one.

    There is rarely one right reading of "how many keyboards": `readings` are sets of product ids, the strictest
    first. A product that is in none of them and does not even mention the name is certainly not one (`is_kind`).
    """

    name: str
    plural: str
    origin: str
    readings: tuple[frozenset[str], ...]

    def is_kind(self, record: Record) -> bool:
        """Whether a careful person could take the product for one of these."""
        if any(record.id in reading for reading in self.readings):
            return True
        names = (self.name.removesuffix(" product"), self.plural.removesuffix(" products"))
        if any(contains_words(record.everything, name) for name in names):
            return True
        words = re.findall(r"[^\W_]+", names[0])
        return names[0].isascii() and bool(words) and all(singular(word) in record.words for word in words)

    def pools(self, records: Sequence[Record]) -> list[list[Record]]:
        """The records of every reading."""
        return [[record for record in records if record.id in reading] for reading in self.readings]


def plural(noun: str) -> str:
    """A rough English plural of a phrase."""
    if re.search(r"[^\x00-\x7f]", noun) or not noun:
        return noun
    *rest, last = noun.split(" ")
    if singular(last) != last:
        return noun
    if re.search(r"(s|x|ch|sh)$", last):
        last += "es"
    elif last.endswith("mouse"):
        last = last[:-5] + "mice"
    elif re.search(r"(elf|alf|[^f]ife)$", last):
        last = re.sub(r"fe?$", "ves", last)
    elif re.search(r"[^aeiou]y$", last):
        last = last[:-1] + "ies"
    else:
        last += "s"
    return " ".join([*rest, last])


def singular_phrase(noun: str) -> str:
    """The phrase with its last word in the singular."""
    *rest, last = noun.split(" ")
    return " ".join([*rest, singular(last)])
