"""What the records of a kind of thing look like: a laptop has a processor and a screen size, a laptop bag has neither.

In: products. Out: for some rows that are of a kind, how alike any others are by the names of their attributes and
options, the levels of their category and their stated type: the mean log-odds of these. It knows no values, no titles,
and no list of kinds.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.lexical import Rows, Scores
from knowledge_base.lists import Lists, Numbers, load_array, save_array
from knowledge_base.text import fold
from knowledge_base.types import Product

_ABSENT = -2.0  # log-odds of a feature that no record of the kind has
_MIN_ROWS = 2  # that share a feature before it says anything
_SAMPLE = 8192  # rows of a kind, evenly taken, that are enough to know it by


class Profiles:
    """The features of every row. Immutable; rows that were added lie beside those that were built.

    Many records have the same features: row i has those of list `profile[i]` of `features`, as places in `names`.
    `counts` is how many rows have each.
    """

    def __init__(self, names: Sequence[str], profile: Numbers, features: Lists, counts: NDArray[np.float64]) -> None:
        self._places = {name: place for place, name in enumerate(names)}
        self._profile, self._features, self._counts = profile, features, counts
        self._more: tuple[Numbers, ...] = ()

    @classmethod
    def build(cls, products: Iterable[Product]) -> Profiles:
        """The features of `products`; rows follow their order."""
        building = cls.Builder()
        for product in products:
            building.add(product)
        return building.build()

    def extended(self, products: Iterable[Product]) -> Self:
        """These, and `products` as further rows."""
        new = copy(self)
        new._places = dict(self._places)
        found = [sorted({new._places.setdefault(name, len(new._places)) for name in _features_of(p)}) for p in products]
        new._counts = np.append(self._counts, np.zeros(len(new._places) - len(self._places)))
        for own in found:
            new._counts[own] += 1
        new._more = (*self._more, *(np.array(own, dtype=np.int32) for own in found))
        return new

    @property
    def n_rows(self) -> int:
        """How many rows it describes."""
        return len(self._profile) + len(self._more)

    def likeness(self, of_kind: Rows, rows: Rows) -> Scores:
        """How like the rows `of_kind` each of `rows` is: mean log-odds, above 0 for alike; NaN where nothing is known.

        A feature that most records have says nothing, so that only what tells the kind from others counts.
        """
        found = np.full(len(rows), np.nan, dtype=np.float32)
        if not len(of_kind) or not len(self._places):
            return found
        sample = of_kind[:: -(-len(of_kind) // _SAMPLE)]
        _, features = self._of(sample)
        having = np.bincount(features, minlength=len(self._places)) * (len(of_kind) / len(sample))
        n, others = len(of_kind), max(self.n_rows - len(of_kind), 0)
        beside = np.maximum(self._counts - having, 0)  # a sample may have more of a feature than there is
        odds = np.log((having + 0.5) / (n + 1)) - np.log((beside + 0.5) / (others + 1))
        odds = np.where(having > 0, odds, _ABSENT)
        odds[self._counts < _MIN_ROWS] = np.nan
        places, features = self._of(rows)
        known = ~np.isnan(odds[features])
        sums = np.bincount(places[known], odds[features[known]], len(rows))
        counts = np.bincount(places[known], minlength=len(rows))
        found[counts > 0] = (sums[counts > 0] / counts[counts > 0]).astype(np.float32)
        return found

    def _of(self, rows: Rows) -> tuple[Rows, Numbers]:
        """All features of `rows`, and beside each the place in `rows` of the row that has it."""
        built = np.flatnonzero(rows < len(self._profile))
        profiles = self._profile[rows[built]]
        places = [np.repeat(built, self._features.lengths_of(profiles))]
        features = [self._features.gathered(profiles)]
        if len(built) < len(rows):
            for place in np.flatnonzero(rows >= len(self._profile)).tolist():
                own = self._more[int(rows[place]) - len(self._profile)]
                places.append(np.full(len(own), place))
                features.append(own)
        return np.concatenate(places), np.concatenate(features)

    def save(self, folder: Path) -> None:
        """Write into an empty `folder`, what was built. Raises `ValueError` where rows were added since."""
        if self._more:
            raise ValueError(f"{len(self._more)} rows were added since these profiles were built: build them anew")
        (folder / "names.json").write_text(json.dumps(list(self._places), ensure_ascii=False), encoding="utf-8")
        self._features.save(folder, "features")
        save_array(folder, "profile", self._profile)
        save_array(folder, "counts", self._counts)

    @classmethod
    def load(cls, folder: Path) -> Profiles:
        """What `save` wrote. The files must have been verified: nothing is checked here."""
        names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
        profile, counts = (load_array(folder, name) for name in ("profile", "counts"))
        return cls(names, profile, Lists.load(folder, "features"), counts)

    class Builder:
        """Collects products row by row."""

        def __init__(self) -> None:
            self._places: dict[str, int] = {}
            self._profiles: dict[bytes, int] = {}
            self._profile = array("i")

        def add(self, product: Product) -> None:
            """The product of the next row."""
            places = self._places
            own = sorted({places.setdefault(name, len(places)) for name in _features_of(product)})
            self._profile.append(self._profiles.setdefault(array("i", own).tobytes(), len(self._profiles)))

        def build(self) -> Profiles:
            """The features of all products."""
            profile = np.array(self._profile, dtype=np.int32)
            lengths = [len(found) // 4 for found in self._profiles]
            features = Lists.of_lengths(np.frombuffer(b"".join(self._profiles), dtype=np.int32), np.array(lengths, int))
            rows = np.bincount(profile, minlength=len(features))
            counts = np.bincount(features.numbers, rows[features.owners()], len(self._places)).astype(np.float64)
            return Profiles(tuple(self._places), profile, features, counts)


def _features_of(product: Product) -> Iterator[str]:
    """Names of attributes, of options, and the levels of the category."""
    yield from map(fold, product.attributes)
    if product.variants:
        yield from map(fold, product.option_values)
    yield from map(_level, product.category)


@lru_cache(maxsize=65536)
def _level(level: str) -> str:
    return f"> {fold(level)}"
