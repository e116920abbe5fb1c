"""Which of a product's variants a query is about, held against the record alone.

In: a product, the ids that retrieval found to meet the filters, and the filters. Out: the variants meant, or which
options no variant has together and what comes nearest. It words nothing and ranks no products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.generation.figures import leading_number, truth
from knowledge_base.facets import parse_number
from knowledge_base.quantities.matching import meets as measure_meets
from knowledge_base.text import fold
from knowledge_base.types import Condition, Filters, Product, Variant
from knowledge_base.vocabulary import value_key


@dataclass(frozen=True, slots=True)
class Choice:
    """`skus` are the variants meant, in the query's order, never empty. `narrowed`: the query chose among several.

    `missing` are the option conditions that no one variant meets together; `skus` then hold the nearest variants.
    """

    skus: tuple[Variant, ...]
    narrowed: bool = False
    missing: tuple[Condition, ...] = ()


def choose(product: Product, filters: Filters, variant_ids: Sequence[str] = ()) -> Choice:
    """The variants that the filters pick. `variant_ids`: those that retrieval found to meet all filters."""
    if not product.variants:
        return Choice(product.skus)
    found = tuple(v for v in (product.variant(i) for i in variant_ids) if v is not None)
    if found:
        return Choice(found, narrowed=len(found) < len(product.variants))
    wanted = option_conditions(product, filters)
    if not wanted:
        return Choice(product.skus)
    met = tuple(v for v in product.variants if all(meets(product, v, c) for c in wanted))
    if met:
        return Choice(met, narrowed=len(met) < len(product.variants))
    return Choice(_nearest(product, wanted), narrowed=True, missing=wanted)


def option_conditions(product: Product, filters: Filters) -> tuple[Condition, ...]:
    """The conditions that speak of this product's options."""
    options = {fold(name) for name in product.option_values}
    stated = [c for c in filters.conditions if c.values or c.minimum is not None or c.maximum is not None]
    return tuple(c for c in stated if any(fold(name) in options for name in c.names))


def _nearest(product: Product, wanted: Sequence[Condition]) -> tuple[Variant, ...]:
    """Up to three variants that meet the most of the conditions; in stock and cheaper ones first."""

    def score(variant: Variant) -> int:
        return sum(meets(product, variant, condition) for condition in wanted)

    best = max(score(variant) for variant in product.variants)
    if not best:
        return product.variants
    near = [variant for variant in product.variants if score(variant) == best]
    return tuple(sorted(near, key=lambda v: (v.in_stock is False, v.price is None, v.price or Decimal(0))))[:3]


def value_of(product: Product, sku: Variant, name: str) -> str | None:
    """What the record says under a facet's name, for this variant; None where it says nothing."""
    key = fold(name)
    for known, value in (*sku.options.items(), *product.attributes.items()):
        if fold(known) == key:
            return value
    if key == "brand":
        return product.brand
    if key == "category":
        return product.category[-1] if product.category else None
    return None


def found_under(product: Product, sku: Variant, condition: Condition) -> tuple[str, str] | None:
    """The facet name and value by which this variant meets a plain condition; None where it does not."""
    for name in condition.names:
        value = value_of(product, sku, name)
        if fold(name) == "category" and product.category:
            value = next((level for level in product.category if _matches(level, condition)), value)
        if value is not None and _matches(value, condition):
            return name, value
    return None


def meets(product: Product, sku: Variant, condition: Condition) -> bool:
    """Whether the record says that this variant meets the condition; unknown passes a negated condition only."""
    if any(fold(name) == "title" for name in condition.names) and not condition.negated:
        title = fold(product.title)
        if any(fold(value) in title for value in condition.values):
            return True
    return (found_under(product, sku, condition) is None) == condition.negated


def _matches(value: str, condition: Condition) -> bool:
    if condition.minimum is None and condition.maximum is None:
        key = value_key(value)
        parts = {value_key(part) for part in value.replace("、", ",").replace(";", ",").split(",")} | {key}
        state = truth(value)
        return any(value_key(v) in parts or (state is not None and truth(v) is state) for v in condition.values)
    stated = parse_number(value)
    number, unit = stated or (leading_number(value), None)
    return number is not None and measure_meets(number, unit, condition.minimum, condition.maximum, condition.unit)
