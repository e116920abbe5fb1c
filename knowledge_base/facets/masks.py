"""Which SKUs and products meet a set of filters, in which order, and which are called by a phrase.

In: columns, numbers, values and titles. Out: boolean masks, counts and rows. A row of a column is one SKU (a variant,
or a product without variants), so that "blue, in M, under $50, in stock" must hold for one thing that can be bought.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from knowledge_base.facet_values import FacetValues
from knowledge_base.facets.columns import UNKNOWN, Columns, scaled
from knowledge_base.facets.numbers import NumericColumn, NumericColumns
from knowledge_base.lists import Numbers
from knowledge_base.product_types import states_type
from knowledge_base.quantities import convert
from knowledge_base.quantities.matching import spans
from knowledge_base.text import fold, has_cjk
from knowledge_base.title_figures import IN_TITLE, speaks_of
from knowledge_base.titles import NounIndex, TitleIndex
from knowledge_base.types import Condition, Filters, Sort
from knowledge_base.vocabulary import FacetName, Vocabulary, value_key

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int32]
_LAST = np.iinfo(np.int64).max  # sorts behind every figure
_ROUNDED = 0.01  # by which a title's figure in another unit may differ: 43.2 cm (17")
_ONE = Decimal(1)
_STATES = 0.5  # of the titles with a figure in some unit that must agree with a facet for it to state that facet


class Masks:
    """Masks, counts and orders over one catalogue. Immutable.

    `alive` (n_products,) are the rows that were not removed since. No mask has any other.
    """

    def __init__(
        self,
        columns: Columns,
        values: FacetValues,
        numbers: NumericColumns,
        titles: TitleIndex,
        nouns: NounIndex,
        vocabulary: Vocabulary,
        alive: Mask | None = None,
    ) -> None:
        self._columns, self._values, self._numbers = columns, values, numbers
        self._product = columns.figures["product"]
        self.titles, self.nouns = titles, nouns
        self.vocabulary = vocabulary
        self.n_products = columns.n_products
        self._alive = np.ones(self.n_products, dtype=np.bool_) if alive is None else alive
        self._alive_skus = self._alive[self._product]

    @property
    def n_skus(self) -> int:
        """How many SKUs there are."""
        return int(np.count_nonzero(self._alive_skus))

    def sku_mask(self, filters: Filters, rows: Sequence[int] | None = None) -> Mask:
        """Which SKUs meet every filter, a place for each that ever was.

        `rows`: product rows that `filters.product_ids` resolved to.
        """
        return self._met(filters, 0, self._columns.n_skus, rows)

    def product_mask(self, filters: Filters, rows: Sequence[int] | None = None) -> Mask:
        """Which products have at least one SKU that meets every filter: (n_products,)."""
        met = self.sku_mask(filters, rows)
        if len(met) == self.n_products:  # a SKU each
            return met
        return self._products(np.flatnonzero(met))

    def sku_count(self, filters: Filters, rows: Sequence[int] | None = None) -> int:
        """How many SKUs meet every filter."""
        return int(np.count_nonzero(self.sku_mask(filters, rows)))

    def matching_variants(self, row: int, filters: Filters, sort: Sort = "relevance") -> tuple[str, ...]:
        """The variants of product `row` that meet the filters, cheapest first (dearest first for "price_desc").

        Empty where the product has no variants, or where every one of them meets the filters.
        """
        first, past = int(self._columns.first_sku[row]), int(self._columns.first_sku[row + 1])
        if past - first == 1 and not self._columns.sku_id(first):
            return ()
        met = first + np.flatnonzero(self._met(filters, first, past))
        if len(met) == past - first and sort not in ("price_asc", "price_desc"):
            return ()
        prices = self._columns.figures["price"][met]
        keys = np.where(prices == UNKNOWN, _LAST, -prices if sort == "price_desc" else prices)
        return tuple(self._columns.sku_id(int(i)) for i in met[np.argsort(keys, kind="stable")])

    def order(self, rows: Sequence[int], filters: Filters, sort: Sort) -> list[int]:
        """Product rows in the order of `sort`, under the filters; unknown last, ties in the given order."""
        if sort == "relevance" or not len(rows):
            return list(rows)
        given = np.asarray(rows, dtype=np.int64)
        found: list[int] = given[self._places(given, filters, sort)].tolist()
        return found

    def _places(self, given: npt.NDArray[np.int64], filters: Filters, sort: Sort) -> npt.NDArray[np.int64]:
        """The places in `given` in the order of `sort`."""
        if sort in ("price_asc", "price_desc"):
            first = self._columns.first_sku[given].astype(np.int64)
            n = self._columns.first_sku[given + 1] - first
            starts = np.cumsum(n) - n  # of each product's SKUs among those of all of them
            skus = np.repeat(first - starts, n) + np.arange(int(n.sum()))
            prices = self._columns.figures["price"][skus]
            known = self.sku_mask(filters)[skus] & (prices != UNKNOWN)
            keys = np.where(known, prices if sort == "price_asc" else -prices, _LAST)
            return np.argsort(np.minimum.reduceat(keys, starts), kind="stable")
        leading = self._columns.first_sku[given]
        figures = self._columns.figures["rating" if sort == "rating" else "added"][leading].astype(np.int64)
        reviews = np.where(figures == UNKNOWN, 0, self._columns.figures["reviews"][leading]).astype(np.int64)
        return np.lexsort((-reviews, np.where(figures == UNKNOWN, _LAST, -figures)))

    def measured(self, rows: Sequence[int], names: Sequence[str]) -> tuple[str, Mapping[int, float]] | None:
        """Of the numeric facets that are named so (or end so), the one most of the rows have, with its value a row.

        A product's value is that of its first SKU. None where none of the rows has any of them.
        """
        wanted = np.zeros(self.n_products, dtype=np.bool_)
        wanted[np.asarray(rows, dtype=np.int64)] = True
        best: tuple[str, Mapping[int, float]] | None = None
        for name in names:
            for candidate in self._numbers.named(fold(name)):
                values: dict[int, float] = {}
                for column in self._numbers.parts(candidate):
                    products = self._product[column.rows]
                    found = np.flatnonzero(wanted[products])
                    for row, value in zip(products[found].tolist(), column.values[found].tolist(), strict=True):
                        values.setdefault(row, value)
                if values and (best is None or len(values) > len(best[1])):
                    best = (self.vocabulary.names[candidate].name, values)
            if best is not None:
                return best
        return None

    def called(self, phrase: str) -> Mask:
        """Products whose title calls them so, or whose stated type is the phrase: (n_products,).

        English titles must hold its words in the singular or plural; where none does, their stems ("crimp tool" for
        "crimping tool").
        """
        rows = self.nouns.holding(phrase) if not has_cjk(phrase) else ()
        mask = np.zeros(self.n_products, dtype=np.bool_)
        mask[rows if len(rows) else self.title_rows(phrase)] = True
        return mask | self.stated(phrase)

    def titled(self, phrase: str) -> Mask:
        """Products whose title has the words of the phrase side by side, in the singular or plural: (n_products,)."""
        mask = np.zeros(self.n_products, dtype=np.bool_)
        mask[self.nouns.together(phrase)] = True
        return mask

    def stated(self, phrase: str) -> Mask:
        """Products whose stated type is the phrase: (n_products,)."""
        mask = np.zeros(self.n_products, dtype=np.bool_)
        key = value_key(phrase)
        for value in self._values.any_length(key):
            if states_type(value.name):
                for skus in self._values.skus((fold(value.name), key)):
                    mask[self._product[skus]] = True
        return mask & self._alive

    def title_rows(self, phrase: str) -> Numbers:
        """Product rows whose title holds every word of the phrase (stemmed); Chinese must stand there as one run."""
        wanted = value_key(phrase)
        if has_cjk(wanted):
            return self.titles.rows_holding(wanted.split())
        return self.titles.rows_with(wanted.split())

    # -- figures that are said without a facet's name ----------------------------------------------------------------

    def measuring(self, unit: str, among: Mask) -> Iterator[tuple[FacetName, Rows, npt.NDArray[np.float64], str]]:
        """The facets whose numbers convert to a unit: which of the products among `among` have them, and what."""
        kept = (among & self._alive)[self._product]
        for key, own in self._numbers.units.items():
            name = self.vocabulary.names.get(key)
            if own is None or name is None or convert(_ONE, unit, own) is None:
                continue
            parts = [(column, kept[column.rows]) for column in self._numbers.parts(key)]
            rows = np.concatenate([self._product[column.rows[having]] for column, having in parts])
            if len(rows):
                values = np.concatenate([column.values[having] for column, having in parts])
                yield name, rows.astype(np.int32), values, own

    def titles_state(self, unit: str, name: str, among: Mask) -> bool:
        """Whether titles of products among `among` state a figure that converts to a unit; `name`: `in_titles`."""
        kept = (among & self._alive)[self._product]
        return any(
            column.unit is not None and convert(_ONE, unit, column.unit) is not None and kept[column.rows].any()
            for column in self._in_titles(name)
        )

    def units_in_titles(self, key: str, unit: str, among: Mask) -> set[str]:
        """The units in which titles of the products among `among` state what they have of the facet at `key`."""
        stated = np.full(self._columns.n_skus, np.nan)
        for column in self._numbers.parts(key):
            stated[column.rows] = column.values
        own, kept, found = self._numbers.units.get(key), among[self._product], set()
        for written in self._in_titles(IN_TITLE):
            factor = written.unit and own and convert(_ONE, written.unit, own)
            if not factor or not written.unit or written.unit == unit:
                continue
            beside = kept[written.rows] & ~np.isnan(stated[written.rows])
            agree = np.isclose(written.values[beside] * float(factor), stated[written.rows[beside]], rtol=_ROUNDED)
            if agree.any() and agree.sum() >= _STATES * len(agree):
                found.add(written.unit)
        return found

    def stand_together(self, stems: Sequence[str]) -> bool:
        """Whether some title has these stems one after the other."""
        return len(self.titles.titles.together(list(stems), self.titles.rows_with(stems))) > 0

    def _in_titles(self, name: str) -> Iterator[NumericColumn]:
        for key in self._numbers.units:
            if speaks_of(key, name):
                yield from self._numbers.parts(key)

    # -- one condition after the other -------------------------------------------------------------------------------

    def _met(self, filters: Filters, first: int, past: int, rows: Sequence[int] | None = None) -> Mask:
        """Which of the SKUs `first` to `past` meet every filter."""
        figures = {name: column[first:past] for name, column in self._columns.figures.items()}
        mask: Mask = self._alive_skus[first:past].copy()
        price, rating = figures["price"], figures["rating"]
        if filters.price_min is not None:
            mask &= (price != UNKNOWN) & (price >= scaled(filters.price_min))
        if filters.price_max is not None:
            mask &= (price != UNKNOWN) & (price <= scaled(filters.price_max))
        if filters.in_stock is not None:
            mask &= figures["stock"] == int(filters.in_stock)
        if filters.rating_min is not None:
            mask &= (rating != UNKNOWN) & (rating >= scaled(filters.rating_min))
        if rows is not None:
            wanted = np.zeros(self.n_products, dtype=np.bool_)
            wanted[np.asarray(rows, dtype=np.int64)] = True
            mask &= wanted[figures["product"]]
        for condition in filters.conditions:
            met = np.zeros(past - first, dtype=np.bool_)
            for skus in self._having(condition):
                if past - first < self._columns.n_skus:
                    skus = skus[slice(*np.searchsorted(skus, (first, past)))]
                met[skus - first if first else skus] = True
            mask &= ~met if condition.negated else met
        return mask

    def _having(self, condition: Condition) -> Iterator[Numbers]:
        """The SKUs that have what a condition says, in parts, each ascending."""
        if condition.minimum is not None or condition.maximum is not None:
            yield from self._measured_within(condition)
            return
        for name in condition.names:
            key = fold(name)
            if key == "title":
                for value in condition.values:
                    wanted = np.zeros(self.n_products, dtype=np.bool_)
                    wanted[self._titled_with(value)] = True
                    yield np.flatnonzero(wanted[self._product]).astype(np.int32)
            else:
                for value in condition.values:
                    yield from self._values.skus((key, value_key(value)))

    def _titled_with(self, value: str) -> Numbers:
        """Product rows whose title says a value; one with a number as it stands: 4 MB are no "Pentium 4"."""
        rows, said = self.title_rows(value), value_key(value).split()
        if has_cjk(value) or not any(word.isdigit() for word in said):
            return rows
        return self.titles.titles.together(said, rows)

    def _measured_within(self, condition: Condition) -> Iterator[Numbers]:
        """The SKUs whose number is within the bounds; titles count where none of the facets is stated."""
        titles = [name for name in condition.names if name.startswith(IN_TITLE)]
        stated = np.zeros(self._columns.n_skus if titles else 0, dtype=np.bool_)
        for name in condition.names:
            for column in self._numbers.parts(fold(name)):
                yield column.rows[_within(column, condition)]
                if titles:
                    stated[column.rows] = True
        for column in (column for name in titles for column in self._in_titles(name)):
            rows = column.rows[_within(column, condition)]
            yield rows[~stated[rows]]

    def _products(self, skus: npt.NDArray[np.int64]) -> Mask:
        mask = np.zeros(self.n_products, dtype=np.bool_)
        mask[self._product[skus]] = True
        return mask


def _within(column: NumericColumn, condition: Condition) -> Mask:
    """Which of a column's numbers meet the bounds of a condition."""
    met = np.zeros(len(column.rows), dtype=np.bool_)
    for low, high in spans(condition.minimum, condition.maximum, condition.unit, column.unit):
        span = np.ones(len(column.rows), dtype=np.bool_)
        if low is not None:
            span &= column.values >= low
        if high is not None:
            span &= column.values <= high
        met |= span
    return met
