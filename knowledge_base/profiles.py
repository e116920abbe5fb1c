"""What the records of a kind of thing look like: a laptop has a processor and a screen size, a laptop bag has neither.

In: products. Out: for some rows that are of a kind, how alike any others are by the names of their attributes and
options, the levels of their category and their stated type: the mean log-odds of these. It knows no values, no titles,
and no list of kinds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.lexical import Rows, Scores
from knowledge_base.text import fold
from knowledge_base.types import Product

_ABSENT = -2.0  # log-odds of a feature that no record of the kind has
_MIN_ROWS = 2  # that share a feature before it says anything


class Profiles:
    """The features of every row, compressed: those of row i are `features[starts[i]:starts[i + 1]]`. Immutable."""

    def __init__(self, names: Sequence[str], features: NDArray[np.int32], starts: Rows) -> None:
        self._names = tuple(names)
        self._features, self._starts = features, starts
        self._counts = np.bincount(features, minlength=len(names)).astype(np.float64)

    @classmethod
    def build(cls, products: Iterable[Product]) -> Profiles:
        """The features of `products`; rows follow their order."""
        return cls((), np.empty(0, np.int32), np.zeros(1, np.int64)).extended(products)

    def extended(self, products: Iterable[Product]) -> Profiles:
        """These, and `products` as further rows."""
        places = {name: place for place, name in enumerate(self._names)}
        features, starts = [self._features], [self._starts]
        end = int(self._starts[-1])
        for product in products:
            own = sorted({places.setdefault(name, len(places)) for name in _features_of(product)})
            features.append(np.array(own, dtype=np.int32))
            end += len(own)
            starts.append(np.array([end], dtype=np.int64))
        return Profiles(tuple(places), np.concatenate(features), np.concatenate(starts))

    @property
    def n_rows(self) -> int:
        """How many rows it describes."""
        return len(self._starts) - 1

    def likeness(self, of_kind: Rows, rows: Rows) -> Scores:
        """How like the rows `of_kind` each of `rows` is: mean log-odds, above 0 for alike; NaN where nothing is known.

        A feature that most records have says nothing, so that only what tells the kind from others counts.
        """
        found = np.full(len(rows), np.nan, dtype=np.float32)
        if not len(of_kind) or not len(self._names):
            return found
        _, features = self._of(of_kind)
        having = np.bincount(features, minlength=len(self._names)).astype(np.float64)
        n, others = len(of_kind), max(self.n_rows - len(of_kind), 0)
        odds = np.log((having + 0.5) / (n + 1)) - np.log((self._counts - having + 0.5) / (others + 1))
        odds = np.where(having > 0, odds, _ABSENT)
        odds[self._counts < _MIN_ROWS] = np.nan
        places, features = self._of(rows)
        known = ~np.isnan(odds[features])
        sums = np.bincount(places[known], odds[features[known]], len(rows))
        counts = np.bincount(places[known], minlength=len(rows))
        found[counts > 0] = (sums[counts > 0] / counts[counts > 0]).astype(np.float32)
        return found

    def _of(self, rows: Rows) -> tuple[Rows, NDArray[np.int32]]:
        """All features of `rows`, and beside each the place in `rows` of the row that has it."""
        lengths = self._starts[rows + 1] - self._starts[rows]
        places = np.repeat(np.arange(len(rows)), lengths)
        first = np.repeat(self._starts[rows] - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        return places, self._features[first + np.arange(int(lengths.sum()))]

    def save(self, folder: Path) -> None:
        """Write into an empty `folder`."""
        (folder / "names.json").write_text(json.dumps(self._names, ensure_ascii=False), encoding="utf-8")
        np.save(folder / "features.npy", self._features, allow_pickle=False)
        np.save(folder / "starts.npy", self._starts, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> Profiles:
        """What `save` wrote. The files must have been verified: nothing is checked here."""
        names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
        features, starts = (np.load(folder / f"{name}.npy", allow_pickle=False) for name in ("features", "starts"))
        return cls(names, features, starts)


def _features_of(product: Product) -> Iterator[str]:
    """Names of attributes, of options, and the levels of the category."""
    yield from (fold(name) for name in product.attributes)
    yield from (fold(name) for name in product.option_values)
    yield from (f"> {fold(level)}" for level in product.category)
