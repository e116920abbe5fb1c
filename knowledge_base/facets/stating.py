"""What a product states: names, values and numbers of its facets, and which of its SKUs have them.

In: one product. Out: its facets one by one, and what each value is looked up as. It keeps nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

from knowledge_base.quantities import find_quantities
from knowledge_base.text import clean, fold
from knowledge_base.types import Product
from knowledge_base.vocabulary import Described

_PARTS = re.compile(r"\s*[,;|、，；]\s*|\s+/\s+")
_MAX_VALUE_CHARS = 120


def stated(product: Product) -> Iterator[tuple[str, str, range]]:
    """The facets of a product: a name, a value, and which of its SKUs have it."""
    for place, sku in enumerate(product.variants):
        for name, value in sku.options.items():
            yield name, value, range(place, place + 1)
    every = range(max(1, len(product.variants)))
    own = {fold(name) for name in product.option_values} if product.variants else frozenset[str]()
    if product.brand:
        yield "brand", product.brand, every
    for level in product.category:
        yield "category", level, every
    for name, value in product.attributes.items():
        if len(value) <= _MAX_VALUE_CHARS * 2 and not (own and fold(name) in own):
            yield name, value, every


def looked_up(name: str, value: str) -> Iterable[str]:
    """What a value is found by: itself and, where it is a list, its parts."""
    return _parts(value) if fold(name) not in ("brand", "category") else (value,)


def described(product: Product) -> Described:
    """How a product is described, for the vocabulary."""
    values = tuple((name, part) for name, value, _ in stated(product) for part in looked_up(name, value))
    return Described(product.title, values, frozenset(product.option_values))


@lru_cache(maxsize=65536)
def parse_number(value: str) -> tuple[Decimal, str | None] | None:
    """The number and unit that a whole attribute value states ("1.9 kg", "43.2"), or None for anything else."""
    text = clean(value).strip()
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return Decimal(text), None
    if re.match(r"[-−]\s?\d", text):
        positive = parse_number(text[1:])
        return (-positive[0], positive[1]) if positive else None
    if len(text) > 40 or not re.match(r"[\d.,]+", text):
        return None
    found = find_quantities(text)
    if len(found) != 1 or found[0].low != found[0].high or found[0].dimension == "money":
        return None
    quantity = found[0]
    if quantity.start > 0 or quantity.end < len(text):
        return None
    return quantity.low, quantity.unit


def _parts(value: str) -> Iterator[str]:
    """The value itself and, where it is a short list, its parts."""
    yield value
    if len(value) <= _MAX_VALUE_CHARS and not re.fullmatch(r"[\d.,\s]+", value):
        parts = [part for part in _PARTS.split(value) if part]
        if len(parts) > 1:
            yield from parts
