"""The figures of every SKU, a column each: price, stock, rating, age, reviews, and the row of its product.

In: products. Out: arrays with a place for each SKU that ever was, those of one product side by side. Unknown is -1.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike, NDArray

from knowledge_base.lists import load_array, save_array
from knowledge_base.packed import PackedBuilder, PackedStrings
from knowledge_base.types import Product, Variant

UNKNOWN = -1
_SCALE = 10_000  # prices and ratings are kept as integers of 1/10,000: exact for every currency in use
_TYPES: Mapping[str, DTypeLike] = {
    "price": np.int64, "stock": np.int8, "rating": np.int64, "added": np.int32, "reviews": np.int64,
    "product": np.int32,
}  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """Figures by SKU. The SKUs of product p are `first_sku[p]` to `first_sku[p + 1]`; `ids` "" has no variant."""

    figures: Mapping[str, NDArray[np.integer]]
    first_sku: NDArray[np.int32]
    built_ids: PackedStrings
    more_ids: tuple[str, ...] = ()

    @property
    def n_products(self) -> int:
        """How many products there ever were."""
        return len(self.first_sku) - 1

    @property
    def n_skus(self) -> int:
        """How many SKUs there ever were."""
        return len(self.figures["product"])

    def sku_id(self, sku: int) -> str:
        """The id of a variant, "" for the only SKU of a product without variants."""
        n_built = len(self.built_ids)
        return self.built_ids[sku] if sku < n_built else self.more_ids[sku - n_built]

    def with_products(self, products: Sequence[Product]) -> Columns:
        """These and further rows."""
        building = self.Builder(self.n_products)
        for product in products:
            building.add(product)
        more = building.build()
        figures = {name: np.append(column, more.figures[name]) for name, column in self.figures.items()}
        first = np.append(self.first_sku, more.first_sku[1:] + np.int32(self.n_skus))
        return Columns(figures, first, self.built_ids, (*self.more_ids, *more.built_ids))

    def with_figures(self, products: Mapping[int, Product]) -> Columns:
        """These where the products at these rows have other figures; columns in which nothing differs are shared."""
        figures = dict(self.figures)
        for row, product in products.items():
            for sku, variant in enumerate(product.skus, int(self.first_sku[row])):
                for name, value in _figures(product, variant):
                    if figures[name][sku] != value:
                        if figures[name] is self.figures[name]:
                            figures[name] = figures[name].copy()
                        figures[name][sku] = value
        return replace(self, figures=figures)

    def save(self, folder: Path) -> None:
        """Write into `folder`: what was built, changes left out."""
        for name, column in self.figures.items():
            save_array(folder, f"figure.{name}", column)
        save_array(folder, "first_sku", self.first_sku)
        self.built_ids.save(folder, "sku_ids")

    @classmethod
    def load(cls, folder: Path) -> Columns:
        """What `save` wrote, left on disk; the files must have been verified."""
        figures = {name: load_array(folder, f"figure.{name}") for name in _TYPES}
        return cls(figures, load_array(folder, "first_sku"), PackedStrings.load(folder, "sku_ids"))

    class Builder:
        """Collects products row by row, from row `first` on."""

        def __init__(self, first: int = 0) -> None:
            self._found = {name: array("q") for name in _TYPES}
            self._first_sku = array("i", [0])
            self._ids = PackedBuilder()
            self._row = first

        def add(self, product: Product) -> range:
            """The next product; the SKUs it has."""
            first = len(self._found["product"])
            for variant in product.skus:
                for name, value in _figures(product, variant):
                    self._found[name].append(value)
                self._found["product"].append(self._row)
                self._ids.add(variant.id)
            self._row += 1
            self._first_sku.append(len(self._found["product"]))
            return range(first, len(self._found["product"]))

        def build(self) -> Columns:
            """All of them."""
            figures = {name: np.array(self._found[name], dtype=np.int64).astype(kind) for name, kind in _TYPES.items()}
            return Columns(figures, np.array(self._first_sku, dtype=np.int32), self._ids.build())


def scaled(value: Decimal | None) -> int:
    """A price or rating as the columns have it."""
    return UNKNOWN if value is None else int(value * _SCALE)


def _figures(product: Product, sku: Variant) -> Iterable[tuple[str, int]]:
    """The figures of one SKU."""
    yield "price", scaled(sku.price)
    yield "stock", UNKNOWN if sku.in_stock is None else int(sku.in_stock)
    yield "rating", scaled(product.rating)
    yield "reviews", UNKNOWN if product.review_count is None else product.review_count
    yield "added", UNKNOWN if product.added_on is None else product.added_on.toordinal()
