"""Which of a shop's questions and passages contradict each other, and which speak of what is no longer so.

In: an index. Out: pairs of entries that answer one question with other figures, and entries whose product, or whose
price of a product, the catalogue does not have. Without a model only figures can be held against each other: entries
that contradict each other in words alone are not found. It changes nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from knowledge_base.constraints.word_lists import COMMON_STEMS
from knowledge_base.index import Index
from knowledge_base.matters import SAME_MATTER, same_matter
from knowledge_base.quantities import Quantity, convert, find_quantities
from knowledge_base.text import has_cjk, tokens
from knowledge_base.types import Entry, Product

_RIVALS = 3
_LEAST_SHARED, _SHARE = 2, 0.4  # telling words of two sentences about one thing: so many, and of the shorter
_ARTICLE = re.compile(r"an?\s", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?;。！？；])\s*(?=\D)")
_UNITS = {"time": "day", "mass": "g", "length": "cm", "volume": "l"}  # in which figures of a dimension are compared


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two entries on one matter; `figures` are those of each that the other does not have, as they are written."""

    first: Entry
    second: Entry
    figures: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stale:
    """An entry that speaks of what is not so: "product" (the one it is about is gone), or "price" (no variant costs
    that). `what` is the product's id, or the price as it is written."""

    entry: Entry
    why: str
    what: str


def rivals(index: Index, entry: Entry) -> tuple[Entry, ...]:
    """Other entries that answer the question of this one, the nearest first."""
    best: dict[int, float] = defaultdict(float)
    for question in (entry.title, *entry.wordings):
        for row, likeness in enumerate(same_matter(index, question).tolist()):
            best[row] = max(best[row], likeness)
    rows = sorted((row for row in best if best[row] >= SAME_MATTER), key=lambda row: -best[row])
    found = (index.passages.entries[row] for row in rows)
    about = (entry.product_id, None)
    others = (other for other in found if other.id != entry.id and other.product_id in about)
    return tuple(other for other, _ in zip(others, range(_RIVALS), strict=False))


def conflicts(index: Index) -> tuple[Conflict, ...]:
    """Every pair of entries that answer one question with other figures, each pair once."""
    found: dict[frozenset[str], Conflict] = {}
    for entry in index.passages.entries:
        for other in rivals(index, entry) if entry.kind == "faq" else ():
            pair = frozenset((entry.id, other.id))
            if pair not in found and (figures := _contradiction(entry, other, index)) is not None:
                found[pair] = Conflict(entry, other, figures)
    return tuple(found.values())


def _contradiction(first: Entry, second: Entry, index: Index) -> tuple[str, str] | None:
    """The figures of each that the other lacks, where sentences about one thing have some of a kind and share none."""
    for ours in _stated(first, index):
        for theirs in _stated(second, index):
            shared = ours.about & theirs.about
            if len(shared) < max(_LEAST_SHARED, _SHARE * min(len(ours.about), len(theirs.about))):
                continue
            for kind in ours.figures.keys() & theirs.figures.keys():
                if not ours.figures[kind].keys() & theirs.figures[kind].keys():
                    return ", ".join(ours.figures[kind].values()), ", ".join(theirs.figures[kind].values())
    return None


@dataclass(frozen=True, slots=True)
class _Stated:
    """A sentence with figures: its telling words, and what it measures in one unit, each as it is written."""

    about: frozenset[str]
    figures: dict[str, dict[Decimal, str]]


def _stated(entry: Entry, index: Index) -> Iterator[_Stated]:
    """The sentences of an entry that have figures; the words of its title count as theirs, but for a product's name."""
    heading = _telling(entry.title.rpartition(">")[2])
    if entry.product_id is not None and entry.product_id in index.products:
        heading -= _telling(index.products[entry.product_id].title)
    for sentence in _SENTENCE_END.split(entry.text):
        figures: dict[str, dict[Decimal, str]] = defaultdict(dict)
        for quantity in find_quantities(sentence, index.info.currency):
            written = sentence[quantity.start : quantity.end].strip()
            if quantity.dimension in ("count", "grade") or _ARTICLE.match(written):
                continue  # "a second tracking number" and "a day early" measure nothing
            for value in (quantity.low, quantity.high):
                kind, plain = _plain(quantity, value)
                figures[kind][plain] = written
        if figures:
            yield _Stated(heading | _telling(sentence), figures)


def _telling(text: str) -> frozenset[str]:
    """What a text is about: its stems without those that every sentence has; of Chinese the pairs of characters."""
    return frozenset(
        term
        for term in tokens(text)
        if term not in COMMON_STEMS and not term.isdigit() and (not has_cjk(term) or len(term) > 1)
    )


def _plain(quantity: Quantity, value: Decimal) -> tuple[str, Decimal]:
    unit = _UNITS.get(quantity.dimension)
    converted = convert(value, quantity.unit, unit) if unit and quantity.unit else None
    kind = quantity.dimension if converted is not None else f"{quantity.dimension} {quantity.unit}"
    return kind, (value if converted is None else converted).quantize(Decimal("0.001"))


def stale(index: Index) -> tuple[Stale, ...]:
    """Entries about a product that is gone, and entries about one product that name a price which it does not have."""
    return tuple(one for entry in index.passages.entries if entry.product_id for one in _stale(index, entry))


def _stale(index: Index, entry: Entry) -> Iterator[Stale]:
    assert entry.product_id is not None
    if entry.product_id not in index.product_rows:
        yield Stale(entry, "product", entry.product_id)
        return
    prices = set(_prices(index.products[entry.product_id]))
    for quantity in find_quantities(entry.text, index.info.currency) if prices else ():
        named = quantity.dimension == "money" and quantity.unit in (index.info.currency, None)
        if named and not {quantity.low, quantity.high} <= prices:
            yield Stale(entry, "price", entry.text[quantity.start : quantity.end].strip())


def _prices(product: Product) -> Iterator[Decimal]:
    for sku in product.skus:
        yield from (price for price in (sku.price, sku.list_price) if price is not None)
