"""Products by one of their figures: price, rating or a measure such as weight, where the records state it.

In: products and what they are judged by. Out: each with its figure, in one unit, the one that has most (or least) of
it first, and those whose record does not say. It words nothing, and compares nothing across currencies or units.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.generation.figures import attribute_value, plain
from knowledge_base.facets import parse_number
from knowledge_base.quantities.units import convert
from knowledge_base.text import fold, stems
from knowledge_base.types import Product


@dataclass(frozen=True, slots=True)
class Weighed:
    """One product's figure. `number` is comparable within one weighing; `name` and `value` are as the record has them.

    For a price or rating `name` is "price" or "rating", and `value` is empty for a price: who words it knows how.
    """

    product: Product
    number: Decimal
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Weighing:
    """`ranked` begins with what was asked for; `unknown` are products without the figure. `comparable` is False where
    figures stand in units or currencies that cannot be set side by side."""

    ranked: tuple[Weighed, ...]
    unknown: tuple[Product, ...]
    comparable: bool = True

    @property
    def first(self) -> tuple[Weighed, ...]:
        """The products that share the first place."""
        return tuple(item for item in self.ranked if item.number == self.ranked[0].number)


def weigh(products: Sequence[Product], names: Sequence[str], direction: int) -> Weighing:
    """The products by the first of the named measures that most of them state; `direction` 1: the most of it first."""
    best: tuple[Weighed, ...] = ()
    comparable = True
    for key in _columns(products, names):
        found = tuple(item for product in products if (item := _figure(product, key)) is not None)
        if len(found) <= len(best):
            continue
        in_one_unit = _in_one_unit(found)
        best, comparable = in_one_unit or found, in_one_unit is not None
    known = {item.product.id for item in best}
    ranked = tuple(sorted(best, key=lambda item: -direction * item.number)) if comparable else best
    return Weighing(ranked, tuple(p for p in products if p.id not in known), comparable)


def _columns(products: Sequence[Product], names: Sequence[str]) -> Iterable[str]:
    """Folded attribute names that go by these names: equal, with words before ("net weight"), same stems."""
    stated = list(dict.fromkeys(fold(name) for product in products for name in product.attributes))
    for name in names:
        key = fold(name)
        if key in ("price", "rating"):
            yield key
            continue
        bare = {other: other.partition(" (")[0] for other in stated}
        yield from (other for other in stated if bare[other] == key)
        yield from (other for other in stated if bare[other] != key and bare[other].endswith(f" {key}"))
        wanted = set(stems(key))
        yield from (other for other in stated if wanted and wanted < set(stems(other)) and not other.endswith(key))


def _figure(product: Product, key: str) -> Weighed | None:
    if key == "price":
        span = product.price_range
        return Weighed(product, span[0], "price", "") if span else None
    if key == "rating":
        return Weighed(product, product.rating, "rating", plain(product.rating)) if product.rating is not None else None
    for name, value in product.attributes.items():
        if fold(name) == key and (number := parse_number(value)) is not None:
            return Weighed(product, number[0], name, attribute_value(value))
    return None


def _in_one_unit(found: Sequence[Weighed]) -> tuple[Weighed, ...] | None:
    """The figures converted to the first one's unit; None where one of them cannot be."""
    if not found or found[0].name == "rating":
        return tuple(found)
    if found[0].name == "price":
        return tuple(found) if len({item.product.currency for item in found}) == 1 else None
    units = [(parse_number(item.value) or (item.number, None))[1] for item in found]
    converted = []
    for item, unit in zip(found, units, strict=True):
        if unit == units[0]:
            converted.append(item)
            continue
        number = convert(item.number, unit, units[0]) if unit and units[0] else None
        if number is None:
            return None
        converted.append(Weighed(item.product, number, item.name, item.value))
    return tuple(converted)
