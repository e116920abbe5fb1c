"""The numbers that facets state, a column for each facet that has any, in one unit.

In: numbers as they are stated, SKU by SKU. Out: `NumericColumn`s. It reads no text.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.column_units import ColumnUnit
from knowledge_base.lists import Numbers, load_array, save_array
from knowledge_base.quantities import convert

_NO_UNIT = "unknown"  # of a bare number in a column of two units
Stated = tuple[Decimal, str | None]  # a number and its unit


@dataclass(frozen=True, slots=True)
class NumericColumn:
    """The numbers of one facet: `values[i]` (in the unit) belongs to SKU `rows[i]`. `unit` None: bare numbers.

    The rows ascend.
    """

    unit: str | None
    rows: Numbers
    values: NDArray[np.float64]


class NumericColumns:
    """The numeric facets by folded name. Immutable; numbers of added SKUs lie beside those that were built.

    `learned`: the units of columns whose numbers are stated without one.
    """

    def __init__(self, built: Mapping[str, NumericColumn], learned: Mapping[str, ColumnUnit] | None = None) -> None:
        self._built, self._learned = built, learned or {}
        self._more: Mapping[str, NumericColumn] = {}
        self.units: Mapping[str, str | None] = {name: column.unit for name, column in built.items()}

    def named(self, key: str) -> list[str]:
        """The facets of this folded name; where there is none, those that end so, what stands in brackets left out."""
        if key in self.units:
            return [key]
        return [name for name in self.units if _plain(name) == key or name.endswith(f" {key}")]

    def parts(self, name: str) -> Iterator[NumericColumn]:
        """The column of a facet, in parts of which each has further SKUs; nothing where it has no numbers."""
        if name in self.units:
            if name in self._built:
                yield self._built[name]
            if name in self._more:
                yield self._more[name]

    def changed(
        self, stated_before: Iterable[str], added: Mapping[str, Sequence[tuple[int, Stated]]], alive: NDArray[np.bool_]
    ) -> NumericColumns:
        """These with the numbers `added`, by SKU. Of the facets `stated_before` by products that are gone, those
        with no SKU `alive` left are dropped."""
        new = NumericColumns(self._built, self._learned)
        more, units = dict(self._more), dict(self.units)
        for name, stated in added.items():
            found = [(sku, _with_unit(number, self._learned.get(name))) for sku, number in stated]
            unit = units[name] if name in units else _common_unit(found)
            column = _column(found, unit)
            if column is None:
                continue
            old = more.get(name)
            units[name] = unit
            more[name] = column
            if old is not None:
                rows, values = np.append(old.rows, column.rows), np.append(old.values, column.values)
                more[name] = NumericColumn(unit, rows, values)
        new._more, new.units = more, units
        for name in units.keys() & set(stated_before):
            if not any(_any_alive(column.rows, alive) for column in new.parts(name)):
                del units[name]
                more.pop(name, None)
        return new

    def save(self, folder: Path) -> None:
        """Write into `folder`: what was built, changes left out."""
        columns = self._built.values()
        save_array(folder, "number.rows", np.concatenate([*(c.rows for c in columns), np.zeros(0, dtype=np.int32)]))
        save_array(folder, "number.values", np.concatenate([*(c.values for c in columns), np.zeros(0)]))
        learned = {name: unit.to_json() for name, unit in self._learned.items()}
        document = [(name, c.unit, len(c.rows), learned.get(name)) for name, c in self._built.items()]
        (folder / "numbers.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> NumericColumns:
        """What `save` wrote, left on disk; the files must have been verified."""
        rows, values = load_array(folder, "number.rows"), load_array(folder, "number.values")
        columns: dict[str, NumericColumn] = {}
        units: dict[str, ColumnUnit] = {}
        start = 0
        for name, unit, n, learned in json.loads((folder / "numbers.json").read_text(encoding="utf-8")):
            columns[name] = NumericColumn(unit, rows[start : start + n], values[start : start + n])
            if learned is not None:
                units[name] = ColumnUnit.from_json(learned)
            start += n
        return cls(columns, units)

    class Builder:
        """Collects numbers SKU by SKU, in the order of their rows."""

        def __init__(self) -> None:
            self._quantities: dict[Stated, int] = {}
            self._found: dict[str, tuple[array[int], array[int]]] = {}

        def quantity(self, stated: Stated) -> int:
            """The number of a quantity."""
            return self._quantities.setdefault(stated, len(self._quantities))

        def add(self, name: str, quantity: int, skus: Sequence[int]) -> None:
            """These SKUs state the quantity under a folded name."""
            found = self._found.get(name)
            if found is None:
                found = self._found[name] = array("i"), array("i")
            found[0].extend(skus)
            found[1].extend([quantity] * len(skus))

        def build(self, learned: Mapping[str, ColumnUnit]) -> tuple[NumericColumns, Mapping[str, str | None]]:
            """The columns, and the common unit of every facet that states a number, whether it has a column or not."""
            every = list(self._quantities)
            built: dict[str, NumericColumn] = {}
            units: dict[str, str | None] = {}
            for name, (rows, quantities) in self._found.items():
                numbers = np.array(quantities, dtype=np.int32)
                distinct, first, place, counts = np.unique(
                    numbers, return_index=True, return_inverse=True, return_counts=True
                )
                stated = [_with_unit(every[i], learned.get(name)) for i in distinct.tolist()]
                common: dict[str | None, int] = {}
                for i in np.argsort(first).tolist():  # of units as common as each other the first stated one
                    unit = stated[i][1]
                    common[unit] = common.get(unit, 0) + (int(counts[i]) if unit != _NO_UNIT else 0)
                units[name] = max(common, key=lambda unit: common[unit])
                values = np.array([_in_unit(number, units[name]) for number in stated])[place]
                known = ~np.isnan(values)
                if known.any():
                    skus = np.array(rows, dtype=np.int32)[known]
                    order = np.argsort(skus, kind="stable")
                    built[name] = NumericColumn(units[name], skus[order], values[known][order])
            return NumericColumns(built, {name: unit for name, unit in learned.items() if name in built}), units


def _with_unit(stated: Stated, learned: ColumnUnit | None) -> Stated:
    """A quantity with the unit that was learned for bare numbers; where it cannot be told, one that never converts."""
    value, unit = stated
    return stated if unit or learned is None else (value, learned.of(value) or _NO_UNIT)


@lru_cache(maxsize=65536)
def _plain(name: str) -> str:
    return re.sub(r"\W*\(.*\)$", "", name)


def _in_unit(stated: Stated, unit: str | None) -> float:
    """A number in this unit; NaN where its own does not convert to it."""
    value, own = stated
    converted = value if own == unit else convert(value, own, unit) if own and unit else None
    return np.nan if converted is None else float(converted)


def _common_unit(found: Sequence[tuple[int, Stated]]) -> str | None:
    counts: dict[str | None, int] = {}
    for _, (_, unit) in found:
        counts[unit] = counts.get(unit, 0) + 1
    return max(counts, key=lambda unit: counts[unit])


def _column(found: Sequence[tuple[int, Stated]], unit: str | None) -> NumericColumn | None:
    """One column in this unit; values whose own does not convert to it are left out."""
    pairs = sorted(((sku, _in_unit(stated, unit)) for sku, stated in found), key=lambda pair: pair[0])
    pairs = [pair for pair in pairs if not np.isnan(pair[1])]
    if not pairs:
        return None
    return NumericColumn(unit, np.array([p[0] for p in pairs], np.int32), np.array([p[1] for p in pairs], np.float64))


def _any_alive(rows: Numbers, alive: NDArray[np.bool_], at_once: int = 4096) -> bool:
    """Whether any of the SKUs is alive; the first few mostly tell."""
    return any(alive[rows[i : i + at_once]].any() for i in range(0, len(rows), at_once))
