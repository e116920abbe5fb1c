"""Names and values of facets, and which SKUs have each value.

In: names and values while products are read. Out: values by name and by the words they are looked up with, how many
products carry each, and the rows of the SKUs that do. A value is known by its facet's folded name and by its key. What
changes lies over what was built, which is shared. It reads no query and holds no numbers.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.lexicon import Lexicon, Numbering
from knowledge_base.lists import Lists, Numbers, load_array, save_array
from knowledge_base.packed import PackedBuilder, PackedStrings
from knowledge_base.text import fold, stems

MAX_PHRASE_WORDS = 6
_LONGEST = MAX_PHRASE_WORDS * 2  # words of a value that can be looked up
_NONE: Numbers = np.empty(0, dtype=np.int32)


@lru_cache(maxsize=262144)
def value_key(text: str) -> str:
    """The form in which values, names and titles compare equal: folded, stemmed, one space between words."""
    return " ".join(stems(text))


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of one facet, as the shop writes it, and on how many products it stands."""

    name: str
    value: str
    n_products: int


Place = tuple[str, str]  # a facet's folded name, and the key of one of its values


class FacetValues:
    """The values of all facets, those of one facet side by side. Immutable.

    Value i is `texts[i]` as the shop first writes it, has the key `key_of[i]` and stands on `n_products[i]` products
    and on the SKUs `skus[i]`; the values of facet n (as in `names`, as the shop writes them) are `starts[n]` to
    `starts[n + 1]`. `of_key` lists the values of a key, the one on most products first.
    """

    def __init__(
        self,
        names: Sequence[str],
        starts: NDArray[np.int64],
        texts: PackedStrings,
        keys: Lexicon,
        key_of: Numbers,
        of_key: Lists,
        n_products: Numbers,
        skus: Lists,
    ) -> None:
        self.names = tuple(names)
        self.keys, self.key_of, self.of_key, self.n_products = keys, key_of, of_key, n_products
        self._numbers = {fold(name): number for number, name in enumerate(self.names)}
        self._starts, self._texts, self._skus = starts, texts, skus
        self._changed: Mapping[Place, FacetValue | None] = {}
        self._by_key: Mapping[str, tuple[FacetValue, ...]] = {}  # of every key that a change touched
        self._appeared: Mapping[str, tuple[str, ...]] = {}  # keys of new values by the name of their facet
        self._more_skus: Mapping[Place, Numbers] = {}

    # -- looking up --------------------------------------------------------------------------------------------------

    def values(self, key: str) -> Sequence[FacetValue]:
        """The values of this key that are short enough to be said, the one on most products first."""
        return [value for value in self.any_length(key) if _can_be_said(value.value)]

    def any_length(self, key: str) -> Sequence[FacetValue]:
        """The values of this key, the one on most products first."""
        changed = self._by_key.get(key)
        return self._built(key) if changed is None else changed

    def value(self, place: Place) -> FacetValue | None:
        """The value of a facet that has this key, or None."""
        if place in self._changed:
            return self._changed[place]
        number = self._number(place)
        return None if number is None else self._value(number)

    def values_of(self, name: str) -> list[FacetValue]:
        """All values of a facet, by its folded name, that are short enough to be said."""
        found: list[FacetValue | None] = []
        number = self._numbers.get(name)
        touched = name in self._appeared
        if number is not None:
            for i in range(int(self._starts[number]), int(self._starts[number + 1])):
                if touched and (place := (name, self.keys[int(self.key_of[i])])) in self._changed:
                    found.append(self._changed[place])
                else:
                    found.append(self._value(i))
        found.extend(self._changed.get((name, key)) for key in self._appeared.get(name, ()))
        return [value for value in found if value is not None and _can_be_said(value.value)]

    def skus(self, place: Place) -> Iterator[Numbers]:
        """The SKUs that have a value, in parts, each ascending."""
        number = self._number(place)
        if number is not None:
            yield self._skus[number]
        more = self._more_skus.get(place)
        if more is not None:
            yield more

    def _number(self, place: Place) -> int | None:
        name, key = self._numbers.get(place[0]), self.keys.find(place[1])
        if name is None or key < 0:
            return None
        start, end = self._starts[name], self._starts[name + 1]
        return next((i for i in self.of_key[key].tolist() if start <= i < end), None)

    def _value(self, number: int) -> FacetValue:
        name = int(np.searchsorted(self._starts, number, "right")) - 1
        return FacetValue(self.names[name], self._texts[number], int(self.n_products[number]))

    def can_be_said(self) -> NDArray[np.bool_]:
        """Which values, as they were built, are short enough to be said."""
        return np.fromiter((_can_be_said(text) for text in self._texts), np.bool_, len(self._texts))

    def span(self, name: int) -> slice:
        """The values of facet `name` as they were built."""
        return slice(int(self._starts[name]), int(self._starts[name + 1]))

    # -- changing ----------------------------------------------------------------------------------------------------

    def changed(
        self, gone: Iterable[Mapping[Place, tuple[str, str]]], added: Iterable[Mapping[Place, tuple[str, str]]]
    ) -> tuple[Self, frozenset[Place], Mapping[str, int]]:
        """These without the values that products had, and with those of others, each by its place and as written.

        Also the places whose number of products changed, and by how many values each facet has grown. The SKUs of the
        products that are gone stay: no mask has them.
        """
        counts: Counter[Place] = Counter()
        written: dict[Place, tuple[str, str]] = {}
        for sign, products in ((1, added), (-1, gone)):
            for carried in products:
                written = {**carried, **written}
                counts.update(dict.fromkeys(carried, sign))
        touched = frozenset(place for place, more in counts.items() if more)
        changed, by_key, appeared = dict(self._changed), dict(self._by_key), dict(self._appeared)
        grown: Counter[str] = Counter()
        replaced: dict[str, dict[str, FacetValue | None]] = defaultdict(dict)  # by key, then by the facet as written
        for name, key in touched:
            old = self.value((name, key))
            number = self._numbers.get(name)
            shown, text = (old.name, old.value) if old else written[name, key]
            n_products = (old.n_products if old else 0) + counts[name, key]
            new = FacetValue(self.names[number] if number is not None else shown, text, n_products)
            kept = new if n_products > 0 else None
            grown[name] += (kept is not None) - (old is not None)
            fresh = self._number((name, key)) is None
            changed[name, key] = kept
            appeared[name] = (*(k for k in appeared.get(name, ()) if k != key), *((key,) if fresh and kept else ()))
            replaced[key][old.name if old else new.name] = kept
        for key, values in replaced.items():
            others = [value for value in self.any_length(key) if value.name not in values]
            kept_values = [value for value in values.values() if value]
            by_key[key] = tuple(sorted([*others, *kept_values], key=lambda value: -value.n_products))
        new_values = copy(self)
        new_values._changed, new_values._by_key, new_values._appeared = changed, by_key, appeared
        return new_values, touched, grown

    def with_skus(self, skus: Mapping[Place, Sequence[int]]) -> Self:
        """These with further SKUs, beyond all others, that have these values."""
        new = copy(self)
        more = dict(self._more_skus)
        for place, rows in skus.items():
            fresh = np.unique(np.array(rows, dtype=np.int32))
            more[place] = np.append(more[place], fresh) if place in more else fresh
        new._more_skus = more
        return new

    def _built(self, key: str) -> list[FacetValue]:
        number = self.keys.find(key)
        return [] if number < 0 else [self._value(i) for i in self.of_key[number].tolist()]

    # -- keeping -----------------------------------------------------------------------------------------------------

    def save(self, folder: Path, name: str) -> None:
        """Write the files of that name into `folder`: what was built, changes left out."""
        PackedStrings.of(self.names).save(folder, f"{name}.names")
        self._texts.save(folder, f"{name}.texts")
        self.keys.save(folder, f"{name}.keys")
        self.of_key.save(folder, f"{name}.of_key")
        self._skus.save(folder, f"{name}.skus")
        for part, column in (("starts", self._starts), ("key_of", self.key_of), ("n_products", self.n_products)):
            save_array(folder, f"{name}.{part}", column)

    @classmethod
    def load(cls, folder: Path, name: str) -> FacetValues:
        """What `save` wrote, left on disk; the files must have been verified."""
        names, texts = (PackedStrings.load(folder, f"{name}.{part}") for part in ("names", "texts"))
        of_key, skus = (Lists.load(folder, f"{name}.{part}") for part in ("of_key", "skus"))
        starts, key_of, n_products = (
            load_array(folder, f"{name}.{part}") for part in ("starts", "key_of", "n_products")
        )
        keys = Lexicon.load(folder, f"{name}.keys")
        return cls(list(names), starts, texts, keys, key_of, of_key, n_products, skus)

    class Builder:
        """Collects values SKU by SKU."""

        def __init__(self) -> None:
            self.names: list[str] = []  # as first written
            self._name, self._key = Numbering(), Numbering()
            self._texts = PackedBuilder()
            self._numbers: dict[int, int] = {}
            self._name_of, self._key_of = array("i"), array("i")
            self._values, self._skus = array("i"), array("i")

        def name(self, name: str) -> int:
            """The number of a facet."""
            number = self._name(fold(name))
            if number == len(self.names):
                self.names.append(name)
            return number

        def value(self, name: int, value: str) -> int:
            """The number of a value of a facet."""
            key = self._key(value_key(value))
            number = self._numbers.setdefault(name << 32 | key, len(self._name_of))
            if number == len(self._name_of):
                self._texts.add(value)
                self._name_of.append(name)
                self._key_of.append(key)
            return number

        def __len__(self) -> int:
            """How many values there are."""
            return len(self._name_of)

        def add(self, values: Sequence[int], skus: Iterable[int]) -> None:
            """Each of these SKUs has these values."""
            for sku in skus:
                self._values.extend(values)
                self._skus.extend([sku] * len(values))

        def build(self, product_of: NDArray[np.integer]) -> FacetValues:
            """All values; `product_of` is the row of each SKU's product."""
            keys, key_numbers = self._key.lexicon()
            name_of = np.array(self._name_of, dtype=np.int32)
            order = np.argsort(name_of, kind="stable")
            numbers = np.empty(len(order), dtype=np.int32)
            numbers[order] = np.arange(len(order), dtype=np.int32)
            values, skus = np.frombuffer(self._values, np.int32), np.frombuffer(self._skus, np.int32)
            lists = Lists.of_pairs(numbers[values], skus, len(order))
            key_of = key_numbers[np.array(self._key_of, dtype=np.int32)][order]
            n_products = _products_of(lists, product_of)
            by_key = np.lexsort((np.arange(len(order)), -n_products, key_of))
            return FacetValues(
                self.names,
                np.searchsorted(name_of[order], np.arange(len(self.names) + 1)),
                self._texts.build().take(order),
                keys,
                key_of,
                Lists.of_lengths(by_key, np.bincount(key_of, minlength=len(keys))),
                n_products,
                lists,
            )


def _products_of(skus: Lists, product_of: NDArray[np.integer]) -> Numbers:
    """On how many products the SKUs of each list are; SKUs of one product are neighbours."""
    if not len(skus.numbers):
        return np.zeros(len(skus), dtype=np.int32)
    products, owners = product_of[skus.numbers], skus.owners()
    another = np.append(True, (products[1:] != products[:-1]) | (owners[1:] != owners[:-1]))
    return np.bincount(owners[another], minlength=len(skus)).astype(np.int32)


def _can_be_said(value: str) -> bool:
    return len(value.split()) <= _LONGEST
