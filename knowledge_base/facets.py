"""Typed columns of the catalogue, and from them the rows that meet a set of filters.

In: the shop's products. Out: boolean masks over products, the variants that meet the filters, rows in price or rating
order, and the vocabulary that queries are read with. A row of a column is one SKU (a variant, or a product without
variants), so that "blue, in M, under $50, in stock" must hold for one thing that can be bought. It knows no query
language and no ranking by relevance.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge_base.product_types import states_type
from knowledge_base.quantities import convert, find_quantities
from knowledge_base.text import clean, fold, has_cjk, noun_key
from knowledge_base.titles import NounIndex, TitleIndex
from knowledge_base.types import Condition, Filters, Product, Sort, Variant
from knowledge_base.vocabulary import Described, Vocabulary, value_key

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int32]
_Postings = dict[str, dict[str, list[int]]]
_Numbers = dict[str, list[tuple[int, Decimal, str | None]]]

_SCALE = 10_000  # prices and ratings are kept as integers of 1/10,000: exact for every currency in use
_UNKNOWN = -1
_FIGURES = ("price", "stock", "rating", "added", "product", "reviews")
_NAMES_FILE, _COLUMNS_FILE = "facets.json", "facets.npz"
_PARTS = re.compile(r"\s*[,;|、，；]\s*|\s+/\s+")
_MAX_VALUE_CHARS = 120


@dataclass(frozen=True, slots=True)
class NumericColumn:
    """The numbers of one facet: `values[i]` (in the unit) belongs to SKU `rows[i]`. `unit` None: bare numbers."""

    unit: str | None
    rows: Rows
    values: npt.NDArray[np.float64]


def _scaled(value: Decimal | None) -> int:
    return _UNKNOWN if value is None else int(value * _SCALE)


def _parts(value: str) -> Iterator[str]:
    """The value itself and, where it is a short list, its parts."""
    yield value
    if len(value) <= _MAX_VALUE_CHARS and not re.fullmatch(r"[\d.,\s]+", value):
        parts = [part for part in _PARTS.split(value) if part]
        if len(parts) > 1:
            yield from parts


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


class Facets:
    """Masks, counts and orders over one catalogue. Immutable after `build` or `load`.

    `alive` (n_products,) are the rows that were not removed since, None: all of them. No mask has any other.
    """

    def __init__(
        self,
        columns: Mapping[str, npt.NDArray[np.int64]],
        sku_ids: Sequence[str],
        postings: Mapping[str, Mapping[str, Rows]],
        numbers: Mapping[str, NumericColumn],
        titles: Sequence[str],
        nouns: Sequence[str],
        vocabulary: Vocabulary,
        alive: Mask | None = None,
    ) -> None:
        self._columns = columns
        self._price, self._stock = columns["price"], columns["stock"]
        self._rating, self._added = columns["rating"], columns["added"]
        self._product = columns["product"]
        self._reviews = columns["reviews"]
        self._sku_ids = tuple(sku_ids)
        self._postings = postings
        self._numbers = numbers
        self._titles = tuple(titles)
        self._nouns = tuple(nouns)
        self.vocabulary = vocabulary
        self.n_products = len(self._titles)
        self._alive = np.ones(self.n_products, dtype=np.bool_) if alive is None else alive
        self._alive_skus = self._alive[self._product]
        self._first_sku = np.searchsorted(self._product, np.arange(self.n_products + 1))

    # -- building and keeping ----------------------------------------------------------------------------------------

    @classmethod
    def build(cls, products: Sequence[Product]) -> Facets:
        """Columns over `products`; rows follow their order."""
        columns: dict[str, list[int]] = {name: [] for name in _FIGURES}
        sku_ids: list[str] = []
        postings: _Postings = defaultdict(lambda: defaultdict(list))
        numbers: _Numbers = defaultdict(list)
        vocabulary = Vocabulary.Builder()
        for row, product in enumerate(products):
            _add(product, row, columns, sku_ids, postings, numbers)
            for name, value, _ in _stated(product):
                for part in _looked_up(name, value):
                    vocabulary.add(name, part, row)
            for name in product.option_values:
                vocabulary.mark_option(name)
        titles = [value_key(product.title) for product in products]
        vocabulary.add_titles([product.title for product in products])
        return cls(
            {name: np.asarray(values, dtype=np.int64) for name, values in columns.items()},
            sku_ids,
            {
                name: {value: np.unique(np.asarray(rows, dtype=np.int32)) for value, rows in values.items()}
                for name, values in postings.items()
            },
            {
                name: column
                for name, found in numbers.items()
                if (column := _numeric_column(found, _common_unit(found)))
            },
            titles,
            [noun_key(product.title) for product in products],
            vocabulary.build({name: _common_unit(found) for name, found in numbers.items()}),
        )

    def changed(self, gone: Mapping[int, Product], added: Sequence[Product]) -> Facets:
        """These facets without the products at the rows of `gone`, and with further rows for `added`.

        Only what these products touch is made anew.
        """
        more: dict[str, list[int]] = {name: [] for name in _FIGURES}
        sku_ids = list(self._sku_ids)
        added_postings: _Postings = defaultdict(lambda: defaultdict(list))
        added_numbers: _Numbers = defaultdict(list)
        for row, product in enumerate(added, self.n_products):
            _add(product, row, more, sku_ids, added_postings, added_numbers)
        columns = {name: np.append(self._columns[name], np.asarray(found, np.int64)) for name, found in more.items()}
        postings = dict(self._postings)
        for name, values in added_postings.items():
            column = dict(postings.get(name, {}))
            for value, skus in values.items():
                fresh = np.unique(np.asarray(skus, dtype=np.int32))
                column[value] = np.append(column[value], fresh) if value in column else fresh
            postings[name] = column
        numbers = dict(self._numbers)
        for name, found in added_numbers.items():
            old = numbers.get(name)
            fresh_numbers = _numeric_column(found, old.unit if old else _common_unit(found))
            if old and fresh_numbers:
                rows = np.append(old.rows, fresh_numbers.rows)
                numbers[name] = NumericColumn(old.unit, rows, np.append(old.values, fresh_numbers.values))
            elif fresh_numbers:
                numbers[name] = fresh_numbers
        alive = np.append(self._alive, np.ones(len(added), dtype=np.bool_))
        alive[list(gone)] = False
        for name in {fold(name) for product in gone.values() for name, _, _ in _stated(product)} & numbers.keys():
            if not alive[columns["product"][numbers[name].rows]].any():
                del numbers[name]
        titles = dict.fromkeys(gone, "") | {
            row: value_key(product.title) for row, product in enumerate(added, self.n_products)
        }
        units = {name: column.unit for name, column in numbers.items()}
        vocabulary = self.vocabulary.changed([*map(_described, gone.values())], [*map(_described, added)], units)
        nouns = dict.fromkeys(gone, "") | {
            row: noun_key(product.title) for row, product in enumerate(added, self.n_products)
        }
        none = [""] * len(added)
        written = [titles.get(row, title) for row, title in enumerate([*self._titles, *none])]
        called = [nouns.get(row, title) for row, title in enumerate([*self._nouns, *none])]
        new = Facets(columns, sku_ids, postings, numbers, written, called, vocabulary, alive)
        if "titles" in self.__dict__:  # else nobody has looked a title up yet
            new.__dict__["titles"] = self.titles.changed(titles, int(alive.sum()))
        if "nouns" in self.__dict__:
            new.__dict__["nouns"] = self.nouns.changed(nouns)
        return new

    def with_figures(self, products: Mapping[int, Product]) -> Facets:
        """These facets where the products at these rows have other prices, stocks or ratings, and nothing else."""
        new = copy(self)
        new._columns = {name: column.copy() for name, column in self._columns.items()}
        for row, product in products.items():
            for place, sku in enumerate(product.skus, int(self._first_sku[row])):
                for name, value in _figures(product, sku).items():
                    new._columns[name][place] = value
        new._price, new._stock = new._columns["price"], new._columns["stock"]
        new._rating, new._added, new._reviews = (new._columns[name] for name in ("rating", "added", "reviews"))
        return new

    @property
    def n_skus(self) -> int:
        """How many SKUs there are."""
        return int(np.count_nonzero(self._alive_skus))

    def save(self, folder: Path) -> None:
        """Write `facets.npz` (no pickle) and `facets.json` into an existing folder."""
        names = [(name, list(values)) for name, values in self._postings.items()]
        lists = [rows for values in self._postings.values() for rows in values.values()]
        empty = np.zeros(0, dtype=np.int32)
        arrays: dict[str, Any] = {
            "price": self._price, "stock": self._stock, "rating": self._rating, "added": self._added,
            "product": self._product, "reviews": self._reviews,
            "posting_rows": np.concatenate([*lists, empty]),
            "posting_ends": np.cumsum([len(rows) for rows in lists], dtype=np.int64),
            "number_rows": np.concatenate([*(c.rows for c in self._numbers.values()), empty]),
            "number_values": np.concatenate([*(c.values for c in self._numbers.values()), np.zeros(0)]),
            "number_ends": np.cumsum([len(c.rows) for c in self._numbers.values()], dtype=np.int64),
        }  # fmt: skip
        with (folder / _COLUMNS_FILE).open("wb") as file:
            np.savez(file, **arrays)
        document = {
            "sku_ids": self._sku_ids,
            "titles": self._titles,
            "nouns": self._nouns,
            "postings": names,
            "numbers": [(name, column.unit) for name, column in self._numbers.items()],
            "vocabulary": self.vocabulary.to_json(),
        }
        (folder / _NAMES_FILE).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Facets:
        """What `save` wrote. The caller has verified the files' sha256 before."""
        document = json.loads((folder / _NAMES_FILE).read_text(encoding="utf-8"))
        with np.load(folder / _COLUMNS_FILE, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        ends = arrays["posting_ends"].tolist()
        postings: dict[str, dict[str, Rows]] = {}
        position = start = 0
        for name, values in document["postings"]:
            postings[name] = {}
            for value in values:
                end = ends[position]
                postings[name][value] = arrays["posting_rows"][start:end]
                position, start = position + 1, end
        numbers = {}
        starts = [0, *arrays["number_ends"].tolist()]
        for i, (name, unit) in enumerate(document["numbers"]):
            span = slice(starts[i], starts[i + 1])
            numbers[name] = NumericColumn(unit, arrays["number_rows"][span], arrays["number_values"][span])
        columns = {name: arrays[name] for name in _FIGURES}
        vocabulary = Vocabulary.from_json(document["vocabulary"])
        titles, nouns = document["titles"], document["nouns"]
        return cls(columns, document["sku_ids"], postings, numbers, titles, nouns, vocabulary)

    # -- masks -------------------------------------------------------------------------------------------------------

    def sku_mask(self, filters: Filters, rows: Sequence[int] | None = None) -> Mask:
        """Which SKUs meet every filter, a place for each that ever was.

        `rows`: product rows that `filters.product_ids` resolved to.
        """
        mask = self._alive_skus.copy()
        if filters.price_min is not None:
            mask &= (self._price != _UNKNOWN) & (self._price >= _scaled(filters.price_min))
        if filters.price_max is not None:
            mask &= (self._price != _UNKNOWN) & (self._price <= _scaled(filters.price_max))
        if filters.in_stock is not None:
            mask &= self._stock == int(filters.in_stock)
        if filters.rating_min is not None:
            mask &= (self._rating != _UNKNOWN) & (self._rating >= _scaled(filters.rating_min))
        if rows is not None:
            mask &= np.isin(self._product, np.asarray(rows, dtype=np.int64))
        for condition in filters.conditions:
            met = self._condition_mask(condition)
            mask &= ~met if condition.negated else met
        return mask

    def product_mask(self, filters: Filters, rows: Sequence[int] | None = None) -> Mask:
        """Which products have at least one SKU that meets every filter: (n_products,)."""
        mask = np.zeros(self.n_products, dtype=np.bool_)
        mask[self._product[self.sku_mask(filters, rows)]] = True
        return mask

    def sku_count(self, filters: Filters, rows: Sequence[int] | None = None) -> int:
        """How many SKUs meet every filter."""
        return int(self.sku_mask(filters, rows).sum())

    def matching_variants(self, row: int, filters: Filters, sort: Sort = "relevance") -> tuple[str, ...]:
        """The variants of product `row` that meet the filters, cheapest first (dearest first for "price_desc").

        Empty where the product has no variants, or where every one of them meets the filters.
        """
        first, last = int(self._first_sku[row]), int(self._first_sku[row + 1])
        if last - first == 1 and not self._sku_ids[first]:
            return ()
        skus = np.arange(first, last)
        met = skus[self.sku_mask(filters)[first:last]]
        if len(met) == len(skus) and sort not in ("price_asc", "price_desc"):
            return ()
        prices = self._price[met]
        keys = np.where(prices == _UNKNOWN, np.iinfo(np.int64).max, -prices if sort == "price_desc" else prices)
        return tuple(self._sku_ids[i] for i in met[np.argsort(keys, kind="stable")])

    def order(self, rows: Sequence[int], filters: Filters, sort: Sort) -> list[int]:
        """Product rows in the order of `sort`, under the filters; unknown last, ties in the given order."""
        if sort == "relevance":
            return list(rows)
        mask = self.sku_mask(filters)
        keyed = [(self._sort_key(row, mask, sort), position, row) for position, row in enumerate(rows)]
        return [row for _, _, row in sorted(keyed)]

    def measured(self, rows: Sequence[int], names: Sequence[str]) -> tuple[str, Mapping[int, float]] | None:
        """Of the numeric facets that are named so (or end so), the one most of the rows have, with its value a row.

        A product's value is that of its first SKU. None where none of the rows has any of them.
        """
        wanted = set(rows)
        best: tuple[str, Mapping[int, float]] | None = None
        for name in names:
            key = fold(name)
            close = [n for n in self._numbers if n == key] or [
                n for n in self._numbers if re.sub(r"\W*\(.*\)$", "", n) == key or n.endswith(f" {key}")
            ]
            for candidate in close:
                column = self._numbers[candidate]
                values: dict[int, float] = {}
                for sku, value in zip(column.rows.tolist(), column.values.tolist(), strict=True):
                    row = int(self._product[sku])
                    if row in wanted:
                        values.setdefault(row, value)
                if values and (best is None or len(values) > len(best[1])):
                    best = (self.vocabulary.names[candidate].name, values)
            if best is not None:
                return best
        return None

    def _sort_key(self, row: int, mask: Mask, sort: Sort) -> tuple[int, int, int]:
        span = slice(int(self._first_sku[row]), int(self._first_sku[row + 1]))
        if sort in ("price_asc", "price_desc"):
            prices = self._price[span][mask[span]]
            prices = prices[prices != _UNKNOWN]
            if not len(prices):
                return (1, 0, 0)
            return (0, int(prices.min()), 0) if sort == "price_asc" else (0, -int(prices.max()), 0)
        column = self._rating if sort == "rating" else self._added
        value = int(column[span.start])
        return (1, 0, 0) if value == _UNKNOWN else (0, -value, -int(self._reviews[span.start]))

    def _condition_mask(self, condition: Condition) -> Mask:
        mask = np.zeros(len(self._sku_ids), dtype=np.bool_)
        for name in condition.names:
            key = fold(name)
            if condition.minimum is not None or condition.maximum is not None:
                self._mark_range(mask, key, condition)
            elif key == "title":
                for value in condition.values:
                    mask |= np.isin(self._product, self.title_rows(value))
            else:
                column = self._postings.get(key, {})
                for value in condition.values:
                    if (rows := column.get(value_key(value))) is not None:
                        mask[rows] = True
        return mask

    def _mark_range(self, mask: Mask, key: str, condition: Condition) -> None:
        column = self._numbers.get(key)
        if column is None:
            return
        low, high = condition.minimum, condition.maximum
        if condition.unit and column.unit and condition.unit != column.unit:
            low = None if low is None else convert(low, condition.unit, column.unit)
            high = None if high is None else convert(high, condition.unit, column.unit)
            if low is None and high is None:
                return
        within = np.ones(len(column.rows), dtype=np.bool_)
        slack = 1e-9  # a converted bound ("2 lb") must not exclude the value it equals
        if low is not None:
            within &= column.values >= float(low) * (1 - slack)
        if high is not None:
            within &= column.values <= float(high) * (1 + slack)
        mask[column.rows[within]] = True

    @cached_property
    def _types(self) -> tuple[Mapping[str, Rows], ...]:
        return tuple(values for name, values in self._postings.items() if states_type(name))

    @cached_property
    def titles(self) -> TitleIndex:
        """Look-up from a text to the products it names; built on first use."""
        return TitleIndex(self._titles)

    @cached_property
    def nouns(self) -> NounIndex:
        """Look-up from a phrase to the titles that hold its nouns; built on first use."""
        return NounIndex(self._nouns)

    def called(self, phrase: str) -> Mask:
        """Products whose title calls them so, or whose stated type is the phrase: (n_products,).

        English titles must hold its words in the singular or plural; where none does, their stems ("crimp tool" for
        "crimping tool").
        """
        mask = np.zeros(self.n_products, dtype=np.bool_)
        mask[(self.nouns.holding(phrase) if not has_cjk(phrase) else ()) or self.title_rows(phrase)] = True
        return mask | self.stated(phrase)

    def titled(self, phrase: str) -> Mask:
        """Products whose title has the words of the phrase side by side, in the singular or plural: (n_products,)."""
        mask = np.zeros(self.n_products, dtype=np.bool_)
        mask[self.nouns.together(phrase)] = True
        return mask

    def stated(self, phrase: str) -> Mask:
        """Products whose stated type is the phrase: (n_products,)."""
        mask = np.zeros(self.n_products, dtype=np.bool_)
        for values in self._types:
            if (skus := values.get(value_key(phrase))) is not None:
                mask[self._product[skus]] = True
        return mask & self._alive

    def title_rows(self, phrase: str) -> list[int]:
        """Product rows whose title holds every word of the phrase (stemmed); Chinese must stand there as one run."""
        wanted = value_key(phrase)
        if not wanted:
            return []
        if has_cjk(wanted):
            return [row for row, title in enumerate(self._titles) if all(w in title for w in wanted.split())]
        return self.titles.rows_with(wanted.split())


def _figures(product: Product, sku: Variant) -> dict[str, int]:
    """The typed columns of one SKU."""
    return {
        "price": _scaled(sku.price),
        "stock": _UNKNOWN if sku.in_stock is None else int(sku.in_stock),
        "rating": _scaled(product.rating),
        "reviews": _UNKNOWN if product.review_count is None else product.review_count,
        "added": _UNKNOWN if product.added_on is None else product.added_on.toordinal(),
    }


def _stated(product: Product) -> Iterator[tuple[str, str, range]]:
    """The facets of a product: a name, a value, and which of its SKUs have it."""
    for place, sku in enumerate(product.skus):
        for name, value in sku.options.items():
            yield name, value, range(place, place + 1)
    every = range(len(product.skus))
    own = {fold(name) for name in product.option_values}
    if product.brand:
        yield "brand", product.brand, every
    for level in product.category:
        yield "category", level, every
    for name, value in product.attributes.items():
        if fold(name) not in own and len(value) <= _MAX_VALUE_CHARS * 2:
            yield name, value, every


def _looked_up(name: str, value: str) -> Iterable[str]:
    """What a value is found by: itself and, where it is a list, its parts."""
    return _parts(value) if fold(name) not in ("brand", "category") else (value,)


def _described(product: Product) -> Described:
    values = tuple((name, part) for name, value, _ in _stated(product) for part in _looked_up(name, value))
    return Described(product.title, values, frozenset(product.option_values))


def _add(
    product: Product,
    row: int,
    columns: dict[str, list[int]],
    sku_ids: list[str],
    postings: _Postings,
    numbers: _Numbers,
) -> None:
    """Append what a product at `row` has to the columns."""
    first = len(sku_ids)
    for sku in product.skus:
        for column, figure in _figures(product, sku).items():
            columns[column].append(figure)
        columns["product"].append(row)
        sku_ids.append(sku.id)
    for name, value, places in _stated(product):
        key, skus = fold(name), range(first + places.start, first + places.stop)
        for part in _looked_up(name, value):
            postings[key][value_key(part)].extend(skus)
        if number := parse_number(value):
            numbers[key].extend((sku, *number) for sku in skus)


def _common_unit(found: Sequence[tuple[int, Decimal, str | None]]) -> str | None:
    counts: dict[str | None, int] = defaultdict(int)
    for _, _, unit in found:
        counts[unit] += 1
    return max(counts, key=lambda unit: counts[unit])


def _numeric_column(found: Sequence[tuple[int, Decimal, str | None]], unit: str | None) -> NumericColumn | None:
    """One column in this unit; values whose own does not convert to it are left out."""
    rows, values = [], []
    for sku, value, own in found:
        converted = value if own == unit else convert(value, own, unit) if own and unit else None
        if converted is not None:
            rows.append(sku)
            values.append(float(converted))
    return NumericColumn(unit, np.asarray(rows, dtype=np.int32), np.asarray(values)) if rows else None
