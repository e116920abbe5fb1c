"""The unit of a column of bare numbers, learned from the catalogue itself.

In: products, one at a time. Out: for each column whose unit is plain, that unit and how it is known. A shop that
writes "display diagonal: 17" mostly says 43.2 cm (17") in the same product's title; where the number of an attribute
stands there with one unit, over enough products, with enough different numbers and far more often than the number of
another product would, the column has that unit. A column that is bare for two units of one dimension (512 MB and
16 GB) has the unit that each number goes with; one that mixes dimensions has none. It converts nothing and knows no
query.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from knowledge_base.quantities import Quantity, find_quantities
from knowledge_base.quantities.units import UNITS, unit_named
from knowledge_base.text import fold
from knowledge_base.types import Product

# What must be seen before a unit is taken, chosen on the 2,133 bare columns of an export of electronics: below these
# figures coincidences begin ("total number of SATA connectors" beside capacities in GB).
LEAST_PRODUCTS = 5  # that show the number with the unit
LEAST_VALUES = 3  # different numbers among them
LEAST_SHARE = 0.55  # of the products that show any figure in the unit
LEAST_LIFT = 0.35  # by which that share exceeds the share for another product's number
_RIVAL = 0.05  # share of the best unit's products from which another unit makes a column a mixed one
_RIVAL_LIFT = 0.1
_PER_VALUE = 2  # products that say the unit of one number in a mixed column, with _AGREEING of them saying the same
_AGREEING = 0.9

_ENOUGH = 1000  # products that a column is learned from
_MAX_VALUES = 300  # different numbers of a column that are counted one by one
_TEXT_CHARS = 600  # of a description that are read
_PLAIN = re.compile(r"\d{1,12}(?:\.\d{1,9})?")
_NO_MEASURES = frozenset({"money", "percent", "rating", "grade", "count"})
_PER = re.compile(r"\s?/\s?(?:m[²2]|s|sec|h|min|m|kg)(?![A-Za-z])|\s?(?:²|³|per\b)")  # "80 g/m²" is no mass
_COUNTS = re.compile(r"\b(?:numbers?|quantity|quantities|count|qty|version|id|code|year)\b|数量|个数|版本|编号|年份")


@dataclass(frozen=True, slots=True)
class ColumnUnit:
    """What the bare numbers of a column are in: `unit`, or for a mixed column what `by_value` says of each number.

    `shown` of `tested` products show the number with the unit; both 0 where the column's name says it.
    """

    unit: str
    shown: int = 0
    tested: int = 0
    by_value: Mapping[Decimal, str] | None = None

    def of(self, value: Decimal) -> str | None:
        """The unit of one bare number; None where it cannot be told."""
        return self.unit if self.by_value is None else self.by_value.get(value.normalize())

    def to_json(self) -> list[Any]:
        """A JSON value that `from_json` takes back."""
        by_value = None if self.by_value is None else {str(value): unit for value, unit in self.by_value.items()}
        return [self.unit, self.shown, self.tested, by_value]

    @classmethod
    def from_json(cls, written: Sequence[Any]) -> ColumnUnit:
        """What `to_json` wrote."""
        unit, shown, tested, by_value = written
        units = None if by_value is None else {Decimal(value): own for value, own in by_value.items()}
        return cls(unit, shown, tested, units)


@dataclass(slots=True)
class _Column:
    """What is known of one column so far."""

    tested: int = 0
    last: Decimal | None = None  # the number of another product, for what chance would show
    present: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    chance: Counter[str] = field(default_factory=Counter)
    values: dict[str, set[Decimal]] = field(default_factory=lambda: defaultdict(set))
    alone: dict[Decimal, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


class UnitEvidence:
    """Gathers evidence product by product; memory grows with the columns, not with the products."""

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}
        self._names: dict[str, str] = {}

    def add(self, product: Product) -> None:
        """What the texts of one product say of its bare numbers."""
        bare = [(key, value) for key, value in _bare_numbers(product) if self._open(key)]
        if not bare:
            return
        stated = _stated(f"{product.title}\n{(product.description or '')[:_TEXT_CHARS]}")
        if not stated:
            return
        for key, value in bare:
            _count(self._columns[key], value, stated)

    def _open(self, key: str) -> bool:
        column = self._columns.get(key)
        if column is None:
            column = self._columns[key] = _Column()
        return column.tested < _ENOUGH

    def settle(self) -> dict[str, ColumnUnit]:
        """The unit of every column (by folded name) that has a plain one."""
        found = {}
        for key, column in self._columns.items():
            said = unit_in_name(key)
            learned = _learned(key, column)
            if learned is not None and (said is None or _family(said) == _family(learned.unit)):
                found[key] = learned
            elif said is not None and learned is None:
                found[key] = ColumnUnit(said)
        return found


def learn_units(products: Iterable[Product]) -> dict[str, ColumnUnit]:
    """The units of the bare columns of these products."""
    evidence = UnitEvidence()
    for product in products:
        evidence.add(product)
    return evidence.settle()


def _bare_numbers(product: Product) -> Iterator[tuple[str, Decimal]]:
    for name, value in product.attributes.items():
        if _PLAIN.fullmatch(value):
            yield fold(name), Decimal(value).normalize()


def measures(text: str) -> tuple[Quantity, ...]:
    """The physical quantities of a text."""
    if not any(letter.isdigit() for letter in text):
        return ()
    found = (q for q in find_quantities(text) if q.unit and q.dimension not in _NO_MEASURES)
    return tuple(q for q in found if not _PER.match(text, q.end))


def _stated(text: str) -> dict[str, frozenset[Decimal]]:
    """The numbers that a text gives with each unit."""
    found: dict[str, set[Decimal]] = defaultdict(set)
    for quantity in measures(text):
        found[quantity.unit or ""] |= {quantity.low.normalize(), quantity.high.normalize()}
    return {unit: frozenset(values) for unit, values in found.items()}


def _count(column: _Column, value: Decimal, stated: Mapping[str, frozenset[Decimal]]) -> None:
    column.tested += 1
    shown = [unit for unit, values in stated.items() if value in values]
    column.present.update(stated.keys())
    column.shown.update(shown)
    for unit in shown:
        if len(column.values[unit]) < _MAX_VALUES:
            column.values[unit].add(value)
    families = Counter(_family(unit) for unit in shown)
    if len(column.alone) < _MAX_VALUES or value in column.alone:
        column.alone[value].update(unit for unit in shown if families[_family(unit)] == 1)
    if column.last is not None and column.last != value:
        column.chance.update(unit for unit, values in stated.items() if column.last in values)
    column.last = value


def _learned(key: str, column: _Column) -> ColumnUnit | None:
    """The unit that the texts show, None where there is none, or several of different dimensions."""
    if _COUNTS.search(key) or not column.shown:
        return None
    unit, shown = column.shown.most_common(1)[0]
    if not _shows(column, unit):
        return None
    for other, n in column.shown.items():
        if other != unit and n >= _RIVAL * shown and _family(other) != _family(unit) and _shows(column, other):
            return None
    rivals = [other for other in column.shown if other != unit and _rivals(column, unit, other)]
    by_value = _by_value(column, {unit, *rivals}) if rivals else None
    return ColumnUnit(unit, shown, column.present[unit], by_value)


def _shows(column: _Column, unit: str) -> bool:
    shown, present = column.shown[unit], column.present[unit]
    enough = shown >= LEAST_PRODUCTS and len(column.values[unit]) >= LEAST_VALUES
    return enough and shown >= LEAST_SHARE * present and shown - column.chance[unit] >= LEAST_LIFT * present


def _rivals(column: _Column, unit: str, other: str) -> bool:
    """Whether some of the numbers are in another unit of the same dimension."""
    if _family(other) != _family(unit) or len(column.values[other]) < LEAST_VALUES:
        return False
    alone = sum(counts[other] for counts in column.alone.values())
    lifted = column.shown[other] - column.chance[other] >= _RIVAL_LIFT * column.present[other]
    return lifted and alone >= max(LEAST_PRODUCTS, _RIVAL * column.shown[unit])


def _by_value(column: _Column, units: set[str]) -> dict[Decimal, str]:
    """For each number the unit that the products which show it agree on."""
    found = {}
    for value, counts in column.alone.items():
        said = {unit: counts[unit] for unit in units if counts[unit]}
        best = max(said, key=lambda unit: said[unit], default=None)
        if best and said[best] >= _PER_VALUE and said[best] >= _AGREEING * sum(said.values()):
            found[value] = best
    return found


@lru_cache(maxsize=512)
def _family(unit: str) -> str:
    known = unit_named(unit)
    return known.family if known else unit


# -- units in the names of columns -----------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    """Every spelling of a unit that may end a column's name, folded, to the unit."""
    found: dict[str, str] = {}
    for unit in UNITS:
        if unit.dimension in _NO_MEASURES:
            continue
        for spelling in (*unit.exact, *unit.glued, *unit.chinese):
            plain = re.sub(r"\(\?[!=].*\)|.\?", "", spelling)  # without what may not follow it in a text
            if plain and "(" not in plain:
                found.setdefault(fold(plain), unit.name)
        for word in unit.words:
            plain = fold(word.replace("?", ""))
            found.setdefault(plain, unit.name)
            found.setdefault(f"{plain}s", unit.name)
    found["feet"], found["inches"] = "ft", "inch"
    found["millimeters"] = found["millimetres"] = "mm"
    return found


_MARKED = re.compile(r"(?:[(\[（]\s*|_|/\s?|,\s?|\bin )(?P<unit>[^()\[\]（）_/,\s]+(?: [a-z]+)?)\s*[)\]）]?$")


@lru_cache(maxsize=4096)
def unit_in_name(key: str) -> str | None:
    """The unit that a column's folded name ends in: "weight (g)", "weight_g", "capacity gb", "size in inches"."""
    if _COUNTS.search(key):
        return None
    spellings = _spellings()
    if (marked := _MARKED.search(key)) and (unit := spellings.get(marked["unit"])):
        return unit if len(marked["unit"]) > 1 or marked["unit"] in "gmlwv克米升瓦" else None
    words = key.split()
    for n in (2, 1):
        last = " ".join(words[-n:])
        if len(words) > n and any(letter.isdigit() for letter in words[-n - 1]):
            continue  # "print speed 10x15 cm"
        # One letter is no unit by itself ("class a"), and two letters may be a word ("made in").
        if (
            len(words) > n
            and len(last) > 1
            and last not in ("in", "min", "bar", "cup", "day", "mo")
            and last in spellings
        ):
            return spellings[last]
    return None
