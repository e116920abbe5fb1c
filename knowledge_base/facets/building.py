"""Facets of a catalogue: made from products one by one, kept in files, changed where products change.

In: products. Out: `Facets`. What a value is looked up as is worked out once for all products that have it. Changes lie
over what was built: what no change touches is shared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge_base.column_units import UnitEvidence
from knowledge_base.facet_values import FacetValues, Place
from knowledge_base.facets.columns import Columns
from knowledge_base.facets.masks import Masks
from knowledge_base.facets.numbers import NumericColumns, Stated
from knowledge_base.facets.stating import described, looked_up, parse_number, stated
from knowledge_base.spellings import may_be_mistyped
from knowledge_base.text import fold, noun, noun_key, stem, words
from knowledge_base.title_figures import title_figures
from knowledge_base.title_words import TitleWords
from knowledge_base.titles import NounIndex, TitleIndex
from knowledge_base.types import Product
from knowledge_base.vocabulary import ChangedValues, FacetName, Vocabulary, value_key

_MAX_KNOWN = 200_000  # values whose reading is remembered while products are read
_YES_NO = frozenset({"yes", "no"})


class Facets(Masks):
    """Masks, counts and orders over one catalogue, and the words it is described in. Immutable once built or loaded."""

    @classmethod
    def build(cls, products: Iterable[Product]) -> Facets:
        """Facets of `products`; rows follow their order."""
        building = cls.Builder()
        for product in products:
            building.add(product)
        return building.build()

    def changed(self, gone: Mapping[int, Product], added: Sequence[Product]) -> Facets:
        """These facets without the products at the rows of `gone`, and with further rows for `added`.

        Only what these products touch is made anew.
        """
        columns = self._columns.with_products(added)
        skus: dict[Place, list[int]] = defaultdict(list)
        numbers: dict[str, list[tuple[int, Stated]]] = defaultdict(list)
        for row, product in enumerate(added, self.n_products):
            for name, value, places in stated(product):
                key, first = fold(name), int(columns.first_sku[row])
                own = range(first + places.start, first + places.stop)
                for part in looked_up(name, value):
                    skus[key, value_key(part)].extend(own)
                if number := parse_number(value):
                    numbers[key].extend((sku, number) for sku in own)
            for key, number in title_figures(product.title):
                skus_of_it = range(int(columns.first_sku[row]), int(columns.first_sku[row + 1]))
                numbers[key].extend((sku, number) for sku in skus_of_it)
        alive = np.append(self._alive, np.ones(len(added), dtype=np.bool_))
        alive[list(gone)] = False
        stated_before = {fold(name) for product in gone.values() for name, _, _ in stated(product)}
        numeric = self._numbers.changed(stated_before, numbers, alive[columns.figures["product"]])
        left, came = [*map(described, gone.values())], [*map(described, added)]
        values, touched, grown = self._values.changed([d.carried for d in left], [d.carried for d in came])
        values = values.with_skus(skus)
        rows = range(self.n_products, self.n_products + len(added))
        titles = dict.fromkeys(gone, "") | {row: value_key(p.title) for row, p in zip(rows, added, strict=True)}
        nouns = dict.fromkeys(gone, "") | {row: noun_key(p.title) for row, p in zip(rows, added, strict=True)}
        title_index = self.titles.changed(titles, int(np.count_nonzero(alive)))
        changed = ChangedValues(values, touched, grown)
        vocabulary = self.vocabulary.changed(left, came, numeric.units, changed, title_index)
        return Facets(columns, values, numeric, title_index, self.nouns.changed(nouns), vocabulary, alive)

    def with_figures(self, products: Mapping[int, Product]) -> Facets:
        """These facets where the products at these rows have other prices, stocks or ratings, and nothing else."""
        new = copy(self)
        new._columns = self._columns.with_figures(products)
        return new

    def save(self, folder: Path) -> None:
        """Write into an empty `folder`, nothing pickled. Raises `ValueError` where products came or went since."""
        if self.titles.titles.changes:
            raise ValueError("products came or went since these facets were built: build them anew")
        self._columns.save(folder)
        self._values.save(folder, "values")
        self._numbers.save(folder)
        self.titles.save(folder, "titles")
        self.nouns.titles.save(folder, "nouns")
        self.vocabulary.save(folder, "vocabulary")

    @classmethod
    def load(cls, folder: Path) -> Facets:
        """What `save` wrote. The caller has verified the files' sha256 before."""
        columns, numbers = Columns.load(folder), NumericColumns.load(folder)
        values, titles = FacetValues.load(folder, "values"), TitleIndex.load(folder, "titles")
        nouns = NounIndex(TitleWords.load(folder, "nouns"))
        vocabulary = Vocabulary.load(folder, "vocabulary", values, titles)
        return cls(columns, values, numbers, titles, nouns, vocabulary)

    class Builder:
        """Collects products row by row."""

        def __init__(self) -> None:
            self._columns, self._numbers = Columns.Builder(), NumericColumns.Builder()
            self._values = FacetValues.Builder()
            self._titles, self._nouns = TitleIndex.Builder(), TitleWords.Builder()
            self._units = UnitEvidence()
            self._said: set[str] = set()  # words that can be mistyped
            self._known: dict[tuple[str, str], _Read] = {}
            self._carriers: list[int] = []  # products by number of a facet
            self._options: set[str] = set()
            self._n = 0

        def add(self, product: Product) -> None:
            """The product of the next row."""
            skus = self._columns.add(product)
            names: set[int] = set()
            shared: list[int] = []  # values of all SKUs
            for name, value, places in stated(product):
                read = self._known.get((name, value))
                if read is None:
                    read = self._read(name, value)
                own = skus[places.start : places.stop]
                if len(own) == len(skus):
                    shared += read.values
                else:
                    self._values.add(read.values, own)
                if read.quantity is not None:
                    self._numbers.add(read.key, read.quantity, own)
                names.add(read.name)
            self._values.add(shared, skus)
            for number in names:
                self._carriers[number] += 1
            if product.variants:
                self._options.update(map(fold, product.option_values))
            for key, quantity in title_figures(product.title):
                self._numbers.add(key, self._numbers.quantity(quantity), skus)
            self._units.add(product)
            said = [word for word, _, _ in words(fold(product.title))]
            self._titles.add(" ".join(map(stem, said)))
            self._nouns.add(" ".join(map(noun, said)))
            self._hear(said)
            self._n += 1

        def build(self) -> Facets:
            """The facets of all products."""
            columns, titles = self._columns.build(), self._titles.build()
            values = self._values.build(columns.figures["product"])
            numbers, units = self._numbers.build(self._units.settle())
            names = [self._name(number, values, units) for number in range(len(values.names))]
            for name in names:
                self._hear(word for word, _, _ in words(name.key))
            vocabulary = Vocabulary.of(names, values, titles, self._said, self._n)
            return Facets(columns, values, numbers, titles, NounIndex(self._nouns.build()), vocabulary)

        def _read(self, name: str, value: str) -> _Read:
            """What a value is looked up as and which number it is, worked out on its first use."""
            facet = self._values.name(name)
            if facet == len(self._carriers):
                self._carriers.append(0)
            found = []
            for part in looked_up(name, value):
                n_before = len(self._values)
                found.append(self._values.value(facet, part))
                if len(self._values) > n_before:
                    self._hear(word for word, _, _ in words(fold(part)))
            number = parse_number(value)
            read = _Read(
                facet,
                fold(name),
                tuple(dict.fromkeys(found)),
                None if number is None else self._numbers.quantity(number),
            )
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            self._known[name, value] = read
            return read

        def _hear(self, said: Iterable[str]) -> None:
            self._said.update(word for word in said if word not in self._said and may_be_mistyped(word))

        def _name(self, number: int, values: FacetValues, units: Mapping[str, str | None]) -> FacetName:
            name, span = values.names[number], values.span(number)
            key, n_values = fold(name), span.stop - span.start
            boolean = n_values <= len(_YES_NO) and {values.keys[key] for key in values.key_of[span].tolist()} <= _YES_NO
            return FacetName(
                key, name, self._carriers[number], n_values, key in self._options, boolean, key in units, units.get(key)
            )


@dataclass(frozen=True, slots=True)
class _Read:
    """A value under a name: the number of the facet and its folded name, the numbers of its values, its quantity."""

    name: int
    key: str
    values: tuple[int, ...]
    quantity: int | None
