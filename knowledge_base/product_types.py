"""What kind of thing each product is, learned from the catalogue itself: "laptop sleeve" is a sleeve, not a laptop.

In: products. Out: for each the head words of its kind, and for a query the products whose kind it names. A kind is the
leaf of the category, an attribute that states the product's type, and the head of the noun phrase in the title. That
head is found by counting: words that several brands use, that are no attribute's value and follow no number, and that
tend to end such a phrase. It knows no list of products and no language's grammar but English prepositions.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from knowledge_base.lexical import Mask, Rows
from knowledge_base.noun_phrases import Nouns, learn_nouns, phrase_ends
from knowledge_base.query_expansion import query_words
from knowledge_base.text import fold, has_cjk, noun, stem, words
from knowledge_base.types import Product

# Attributes that state what a product is, and those that may state a mere variety ("type": "Original").
_TYPE_NAMES = frozenset(
    ("product type", "product kind", "type of product", "item type", "商品类型", "产品类型", "商品种类", "品类", "类目")
)
_VARIETY_NAMES = frozenset(("type", "kind", "类型", "种类"))
# What follows one of these is what the thing is for, or comes with: "case for laptop" is a case.
PREPOSITIONS = frozenset(("for", "with", "and", "of", "to", "from", "in", "on", "by", "w", "without", "per"))
_PREPOSITION, _BREAK = "\0for", "\0"  # stand for themselves among the words of a title
_MAX_VALUE_CHARS = 40
_MIN_PRODUCTS, _MIN_BRANDS = 3, 2
_NO_ROWS: Rows = np.empty(0, dtype=np.int64)
_MAX_SHARE = 0.4  # of a word's occurrences that may be an attribute's value, or follow a number


def states_type(name: str) -> bool:
    """Whether the values of an attribute or option of this name may say what kind of thing a product is."""
    key = fold(name)
    return key in _TYPE_NAMES or key in _VARIETY_NAMES


class ProductTypes:
    """Rows by the head words of what they are. Immutable.

    `ends` are the rows by the nouns that phrases of their titles end in, `nouns` what was learned to find these.
    `headness` is how likely each word that may name a kind is to do so, as learned from the titles; `alive` (n_rows,)
    are the rows that were not removed since, None: all of them.
    """

    def __init__(
        self,
        n_rows: int,
        rows: Mapping[str, Sequence[int] | Rows],
        ends: Mapping[str, Sequence[int] | Rows],
        headness: Mapping[str, float],
        nouns: Nouns,
        alive: Mask | None = None,
    ) -> None:
        self._n_rows = n_rows
        self._ends = {word: np.asarray(found, dtype=np.int64) for word, found in ends.items()}
        self._nouns = nouns
        self._rows = {head: np.asarray(found, dtype=np.int64) for head, found in rows.items()}
        self._headness = headness
        self._alive = alive
        self._chinese = sorted((head for head in rows if has_cjk(head)), key=len, reverse=True)

    @classmethod
    def build(cls, products: Sequence[Product]) -> ProductTypes:
        """Learn the kinds of `products`; rows follow their order."""
        counted = _Words()
        titles = [_title_words(product, counted) for product in products]
        headness = _headness(products, titles, counted)
        rows: dict[str, list[int]] = defaultdict(list)
        for row, product in enumerate(products):
            for head in _heads(product, titles[row], headness):
                rows[head].append(row)
        known = frozenset(noun(word) for word in rows if not has_cjk(word))
        nouns = learn_nouns([f"{product.title}\n{product.description or ''}" for product in products], known)
        return cls(len(products), rows, _ends(products, nouns), headness, nouns)

    def changed(self, alive: Mask, added: Sequence[Product]) -> ProductTypes:
        """These kinds with further rows, of which those in `alive` (n_rows,) are found; nothing is learned anew."""
        more: dict[str, list[int]] = defaultdict(list)
        for row, product in enumerate(added, self._n_rows):
            for head in _heads(product, _title_words(product, _Words()), self._headness):
                more[head].append(row)
        rows = self._rows | {head: np.append(self._rows.get(head, _NO_ROWS), found) for head, found in more.items()}
        ends = dict(self._ends)
        for word, found in _ends(added, self._nouns, self._n_rows).items():
            ends[word] = np.append(ends.get(word, _NO_ROWS), found)
        return ProductTypes(len(alive), rows, ends, self._headness, self._nouns, alive)

    def named_by(self, query: str) -> Rows:
        """The rows whose kind the query's own head word names ("sleeve" in "sleeve for a laptop"), in row order."""
        if has_cjk(query):
            folded = fold(query)
            return next(
                (rows for head in self._chinese if head in folded and len(rows := self._having(head))), _NO_ROWS
            )
        return self._having(_query_head(query))

    def of_head(self, head: str) -> Rows:
        """The rows of a kind with this head word (a stem), in row order."""
        return self._having(head)

    def ending_in(self, word: str) -> Rows:
        """The rows with a noun phrase in their title that ends in the word, in the singular or plural, in row order.

        "Keyboard" is said of "Slim Keyboard, black", not of "Keyboard Cable", "Stand for Keyboard" or "Keyboard to
        USB Adapter".
        """
        return self._alive_of(self._ends.get(noun(word), _NO_ROWS))

    def ending(self, phrase: str) -> Mask:
        """`ending_in` of the phrase's last word, as a mask (n,)."""
        mask = np.zeros(self._n_rows, dtype=bool)
        mask[self.ending_in(phrase.split()[-1].casefold())] = True
        return mask

    def name_of(self, row: int) -> str:
        """The word that a row is called by in its title, of several the commonest; "" where there is none."""
        return self._names.get(row, "")

    @cached_property
    def _names(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for table in (self._rows, self._ends):
            for word, rows in sorted(table.items(), key=lambda item: len(item[1])):
                found.update(dict.fromkeys(rows.tolist(), word))
        return found

    def _having(self, head: str) -> Rows:
        return self._alive_of(self._rows.get(head, _NO_ROWS))

    def _alive_of(self, rows: Rows) -> Rows:
        return rows if self._alive is None else rows[self._alive[rows]]

    def mask(self, query: str) -> Mask:
        """`named_by` as a mask (n,)."""
        mask = np.zeros(self._n_rows, dtype=bool)
        mask[self.named_by(query)] = True
        return mask

    def save(self, folder: Path) -> None:
        """Write into an empty `folder`."""
        document: dict[str, Any] = {"n_rows": self._n_rows, "headness": self._headness}
        document |= {"things": sorted(self._nouns.things), "units": sorted(self._nouns.units)}
        for name, table in (("rows", self._rows), ("ends", self._ends)):
            document[name] = {word: rows.tolist() for word, rows in table.items()}
        (folder / "types.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> ProductTypes:
        """What `save` wrote; the file must have been verified."""
        read = json.loads((folder / "types.json").read_text(encoding="utf-8"))
        nouns = Nouns(frozenset(read["things"]), frozenset(read["units"]))
        return cls(read["n_rows"], read["rows"], read["ends"], read["headness"], nouns)


def _ends(products: Sequence[Product], nouns: Nouns, first: int = 0) -> dict[str, list[int]]:
    """The rows of `products`, from `first` on, by the nouns that phrases of their titles end in."""
    found: dict[str, list[int]] = defaultdict(list)
    for row, product in enumerate(products, first):
        for word in phrase_ends(product.title, product.brand, nouns):
            found[word].append(row)
    return found


def _query_head(query: str) -> str:
    """The stem of the last word before a preposition."""
    head = ""
    for word, _, _ in words(fold(query)):
        if word in PREPOSITIONS and head:
            break
        if word in query_words(word) and word.isalpha():
            head = stem(word)
    return head


def _heads_of(text: str) -> Iterator[str]:
    """The head words of a stated type: of "Cables & Adapters" both; a Chinese one is its own head."""
    for part in fold(text).replace("/", "&").replace(",", "&").replace(" and ", "&").split("&"):
        found = [word for word, _, _ in words(part)]
        if found:
            yield found[-1] if has_cjk(found[-1]) else stem(found[-1])


@dataclass(slots=True)
class _Words:
    """What was counted about the words of all titles."""

    seen: Counter[str] = field(default_factory=Counter)
    after_number: Counter[str] = field(default_factory=Counter)
    as_value: Counter[str] = field(default_factory=Counter)
    products: Counter[str] = field(default_factory=Counter)
    brands: defaultdict[str, set[str | None]] = field(default_factory=lambda: defaultdict(set))

    def generic(self, one_brand: bool) -> frozenset[str]:
        """Words that may name a kind: common to several products and brands, mostly neither a value nor a unit."""
        return frozenset(
            word
            for word, n in self.products.items()
            if n >= _MIN_PRODUCTS
            and (one_brand or len(self.brands[word]) >= _MIN_BRANDS)
            and self.after_number[word] < _MAX_SHARE * self.seen[word]
            and self.as_value[word] < _MAX_SHARE * self.seen[word]
        )


def _headness(products: Sequence[Product], titles: Sequence[Sequence[str]], counted: _Words) -> dict[str, float]:
    """How likely each generic word of the titles is to be the head of a noun phrase."""
    one_brand = len({product.brand for product in products}) < _MIN_BRANDS
    generic = counted.generic(one_brand)
    seen: Counter[str] = Counter()
    ending: Counter[str] = Counter()
    for title in titles:
        for word, following in zip(title, [*title[1:], _BREAK], strict=True):
            if word in generic:
                seen[word] += 1
                ending[word] += following not in generic
    return {
        word: (ending[word] + 1)
        / (seen[word] + 3)
        * math.log1p(counted.products[word])
        * math.log1p(len(counted.brands[word]))
        for word in sorted(generic)
    }


def _heads(product: Product, title: Sequence[str], headness: Mapping[str, float]) -> set[str]:
    """The head words of what a product is: of its stated types, and of its title's noun phrase where one stands out."""
    stated = [product.category[-1]] if product.category else []
    stated.extend(v for name, v in product.attributes.items() if fold(name) in _TYPE_NAMES)
    heads = {head for text in stated for head in _heads_of(text)}
    heads.add(max(_phrase_ends(title, headness), key=headness.__getitem__, default=""))
    return heads - {""}


def _title_words(product: Product, counted: _Words) -> list[str]:
    """A title as stems, with breaks for what is no part of a noun phrase: numbers, values, the brand, punctuation."""
    title = fold(product.title)
    brand = {stem(word) for word, _, _ in words(fold(product.brand or ""))}
    values = {
        stem(word)
        for name, value in product.attributes.items()
        if len(value) <= _MAX_VALUE_CHARS and fold(name) not in _TYPE_NAMES
        for word, _, _ in words(fold(value))
    }
    found: list[str] = []
    end_before, after_number = 0, False
    for word, start, end in words(title):
        punctuated = bool(title[end_before:start].strip())
        end_before = end
        stemmed = stem(word)
        if punctuated:
            found.append(_BREAK)
        if word in PREPOSITIONS:
            found.append(_PREPOSITION)
        elif not word.isalpha() or len(word) < 2 or stemmed in brand or has_cjk(word):
            found.append(_BREAK)
        else:
            counted.seen[stemmed] += 1
            counted.after_number[stemmed] += after_number
            counted.as_value[stemmed] += stemmed in values
            found.append(_BREAK if stemmed in values else stemmed)
        after_number = word[0].isdigit()
    for stemmed in set(found) - {_BREAK, _PREPOSITION}:
        counted.products[stemmed] += 1
        counted.brands[stemmed].add(product.brand)
    return found


def _phrase_ends(title: Sequence[str], generic: Container[str]) -> Iterator[str]:
    """The last word of every run of generic words, up to the first preposition after one."""
    last = ""
    for word in [*title, _BREAK]:
        if word in generic:
            last = word
            continue
        if last:
            yield last
            if word == _PREPOSITION:
                return
        last = ""
