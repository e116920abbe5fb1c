"""What kind of thing each product is, learned from the catalogue itself: "laptop sleeve" is a sleeve, not a laptop.

In: products. Out: for each the head words of its kind, and for a query the products whose kind it names. A kind is the
leaf of the category, an attribute that states the product's type, and the head of the noun phrase in the title, as
`kind_words` learns it. It knows no list of products.
"""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import lru_cache
from pathlib import Path

import numpy as np

from knowledge_base.kind_words import PREPOSITIONS as PREPOSITIONS
from knowledge_base.kind_words import TYPE_NAMES, KindWords, title_head
from knowledge_base.kind_words import states_type as states_type
from knowledge_base.lexical import Mask, Rows
from knowledge_base.lexicon import Lexicon, Numbering
from knowledge_base.lists import Lists, Numbers, load_array, save_array
from knowledge_base.noun_phrases import NounCounts, Nouns, phrase_ends
from knowledge_base.packed import PackedBuilder
from knowledge_base.query_expansion import query_words
from knowledge_base.text import fold, has_cjk, noun, stem, words
from knowledge_base.types import Product

_NO_ROWS: Rows = np.empty(0, dtype=np.int64)


class RowsByWord:
    """The rows of each word, ascending. Immutable; those added lie over those that were built."""

    def __init__(self, words: Lexicon, rows: Lists) -> None:
        self.words, self.rows = words, rows
        self._more: Mapping[str, Rows] = {}

    def __getitem__(self, word: str) -> Rows:
        """The rows of a word, none for one that has none."""
        number = self.words.find(word)
        found = self.rows[number].astype(np.int64) if number >= 0 else _NO_ROWS
        more = self._more.get(word)
        return found if more is None else np.append(found, more)

    def __iter__(self) -> Iterator[str]:
        yield from self.words
        yield from (word for word in self._more if self.words.find(word) < 0)

    def extended(self, rows: Mapping[str, Sequence[int]]) -> RowsByWord:
        """These and further rows, beyond all others."""
        new = copy(self)
        new._more = {**self._more, **{w: np.append(self._more.get(w, _NO_ROWS), found) for w, found in rows.items()}}
        return new

    def save(self, folder: Path, name: str) -> None:
        """Write the files of that name into `folder`: what was built, changes left out."""
        self.words.save(folder, f"{name}.words")
        self.rows.save(folder, f"{name}.rows")

    @classmethod
    def load(cls, folder: Path, name: str) -> RowsByWord:
        """What `save` wrote, left on disk; the files must have been verified."""
        return cls(Lexicon.load(folder, f"{name}.words"), Lists.load(folder, f"{name}.rows"))

    class Builder:
        """Collects pairs of a word and a row."""

        def __init__(self) -> None:
            self.number = Numbering()
            self._words, self._rows = array("i"), array("i")

        def add(self, word: str, row: int) -> None:
            """The row has the word."""
            self._words.append(self.number(word))
            self._rows.append(row)

        def build(self) -> tuple[RowsByWord, Numbers]:
            """All of them, and the number of each word in order of first appearance."""
            lexicon, numbers = self.number.lexicon()
            found = numbers[np.array(self._words, dtype=np.int32)]
            return RowsByWord(
                lexicon, Lists.of_pairs(found, np.array(self._rows, dtype=np.int32), len(lexicon))
            ), numbers


class ProductTypes:
    """Rows by the head words of what they are. Immutable.

    `ends` are the rows by the nouns that phrases of their titles end in, `nouns` what was learned to find these.
    `headness` is how likely each word that may name a kind is to do so, as learned from the titles; `names` is for each
    row the number of the word it is called by, those of `ends` behind those of `rows`, -1 for none; `alive` (n_rows,)
    are the rows that were not removed since, None: all of them.
    """

    def __init__(
        self, rows: RowsByWord, ends: RowsByWord, headness: Mapping[str, float], nouns: Nouns, names: Numbers
    ) -> None:
        self._rows, self._ends, self._headness, self._nouns = rows, ends, headness, nouns
        self._names = names
        self._n_rows = len(names)
        self._more_names: Mapping[int, str] = {}
        self._alive: Mask | None = None
        self._chinese = sorted((head for head in rows if has_cjk(head)), key=lambda head: (-len(head), head))

    @classmethod
    def build(cls, products: Iterable[Product]) -> ProductTypes:
        """Learn the kinds of `products`; rows follow their order."""
        building = cls.Builder()
        for product in products:
            building.add(product)
        return building.build()

    def changed(self, alive: Mask, added: Sequence[Product]) -> ProductTypes:
        """These kinds with further rows, of which those in `alive` (n_rows,) are found; nothing is learned anew."""
        heads: dict[str, list[int]] = defaultdict(list)
        ends: dict[str, list[int]] = defaultdict(list)
        names = dict(self._more_names)
        for row, product in enumerate(added, self._n_rows):
            own = sorted({*_stated_heads(product), title_head(product, self._headness)} - {""})
            last = sorted(phrase_ends(product.title, product.brand, self._nouns))
            for found, table, more in ((own, self._rows, heads), (last, self._ends, ends)):
                for word in found:
                    more[word].append(row)
                if found:
                    names[row] = max(found, key=lambda word: len(table[word]))
        new = copy(self)
        new._rows, new._ends, new._more_names = self._rows.extended(heads), self._ends.extended(ends), names
        new._n_rows, new._alive = len(alive), alive
        if fresh := [head for head in heads if has_cjk(head) and head not in self._chinese]:
            new._chinese = sorted([*self._chinese, *fresh], key=lambda head: (-len(head), head))
        return new

    def named_by(self, query: str) -> Rows:
        """The rows whose kind the query's own head word names ("sleeve" in "sleeve for a laptop"), in row order."""
        if has_cjk(query):
            folded = fold(query)
            return next(
                (rows for head in self._chinese if head in folded and len(rows := self.of_head(head))), _NO_ROWS
            )
        return self.of_head(_query_head(query))

    def of_head(self, head: str) -> Rows:
        """The rows of a kind with this head word (a stem), in row order."""
        return self._alive_of(self._rows[head])

    def ending_in(self, word: str) -> Rows:
        """The rows with a noun phrase in their title that ends in the word, in the singular or plural, in row order.

        "Keyboard" is said of "Slim Keyboard, black", not of "Keyboard Cable", "Stand for Keyboard" or "Keyboard to
        USB Adapter".
        """
        return self._alive_of(self._ends[noun(word)])

    def ending(self, phrase: str) -> Mask:
        """`ending_in` of the phrase's last word, as a mask (n,)."""
        return self._mask(self.ending_in(phrase.split()[-1].casefold()))

    def mask(self, query: str) -> Mask:
        """`named_by` as a mask (n,)."""
        return self._mask(self.named_by(query))

    def name_of(self, row: int) -> str:
        """The word that a row is called by in its title, of several the commonest; "" where there is none."""
        if row >= len(self._names):
            return self._more_names.get(row, "")
        number = int(self._names[row])
        n_heads = len(self._rows.words)
        if number < n_heads:
            return self._rows.words[number] if number >= 0 else ""
        return self._ends.words[number - n_heads]

    def _mask(self, rows: Rows) -> Mask:
        mask = np.zeros(self._n_rows, dtype=bool)
        mask[rows] = True
        return mask

    def _alive_of(self, rows: Rows) -> Rows:
        return rows if self._alive is None else rows[self._alive[rows]]

    def save(self, folder: Path) -> None:
        """Write into an empty `folder`, what was built. Raises `ValueError` where rows changed since."""
        if self._alive is not None:
            raise ValueError("rows changed since these kinds were learned: learn them anew")
        self._rows.save(folder, "rows")
        self._ends.save(folder, "ends")
        save_array(folder, "names", self._names)
        document = {
            "headness": self._headness,
            "things": sorted(self._nouns.things),
            "units": sorted(self._nouns.units),
        }
        (folder / "types.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> ProductTypes:
        """What `save` wrote; the files must have been verified."""
        read = json.loads((folder / "types.json").read_text(encoding="utf-8"))
        nouns = Nouns(frozenset(read["things"]), frozenset(read["units"]))
        rows, ends = RowsByWord.load(folder, "rows"), RowsByWord.load(folder, "ends")
        return cls(rows, ends, read["headness"], nouns, load_array(folder, "names"))

    class Builder:
        """Collects products row by row."""

        def __init__(self) -> None:
            self._words, self._nouns = KindWords(), NounCounts()
            self._titles, self._brands = PackedBuilder(), PackedBuilder()
            self._heads = RowsByWord.Builder()
            self._n = 0

        def add(self, product: Product) -> None:
            """The product of the next row."""
            self._words.add(product)
            self._nouns.add(f"{product.title}\n{product.description or ''}")
            self._titles.add(product.title)
            self._brands.add(product.brand or "")
            for head in _stated_heads(product):
                self._heads.add(head, self._n)
            self._n += 1

        def build(self) -> ProductTypes:
            """What was learned of all products."""
            headness, names, heads = self._words.learned()
            for row in np.flatnonzero(heads >= 0).tolist():
                self._heads.add(names[heads[row]], row)
            rows, row_numbers = self._heads.build()
            nouns = self._nouns.learned(frozenset(noun(word) for word in rows if not has_cjk(word)))
            ending = RowsByWord.Builder()
            for row, (title, brand) in enumerate(zip(self._titles.build(), self._brands.build(), strict=True)):
                for word in sorted(phrase_ends(title, brand, nouns)):
                    ending.add(word, row)
            ends, end_numbers = ending.build()
            called = np.full(self._n, -1, dtype=np.int32)
            for table, numbers, first in ((rows, row_numbers, 0), (ends, end_numbers, len(rows.words))):
                for number in numbers[np.argsort(table.rows.lengths[numbers], kind="stable")].tolist():
                    called[table.rows[number]] = first + number
            return ProductTypes(rows, ends, headness, nouns, called)


def _stated_heads(product: Product) -> Iterator[str]:
    """The head words of the leaf of the category and of the attributes that state a type."""
    if product.category:
        yield from _heads_of(product.category[-1])
    for name, value in product.attributes.items():
        if fold(name) in TYPE_NAMES:
            yield from _heads_of(value)


def _query_head(query: str) -> str:
    """The stem of the last word before a preposition."""
    head = ""
    for word, _, _ in words(fold(query)):
        if word in PREPOSITIONS and head:
            break
        if word in query_words(word) and word.isalpha():
            head = stem(word)
    return head


@lru_cache(maxsize=65536)
def _heads_of(text: str) -> tuple[str, ...]:
    """The head words of a stated type: of "Cables & Adapters" both; a Chinese one is its own head."""
    found = []
    for part in fold(text).replace("/", "&").replace(",", "&").replace(" and ", "&").split("&"):
        said = [word for word, _, _ in words(part)]
        if said:
            found.append(said[-1] if has_cjk(said[-1]) else stem(said[-1]))
    return tuple(found)
