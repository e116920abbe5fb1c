"""Which words of a title may say what kind of thing a product is: learned by counting over all titles.

In: products one by one. Out: how likely each word is to head a noun phrase, and the head of each title. Such words are
used by several brands, are no attribute's value, follow no number, and tend to end a phrase. It knows no list of
products and no language's grammar but English prepositions.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge_base.lists import Numbers
from knowledge_base.text import fold, has_cjk, stem, words
from knowledge_base.types import Product

# Attributes that state what a product is, and those that may state a mere variety ("type": "Original").
TYPE_NAMES = frozenset(
    ("product type", "product kind", "type of product", "item type", "商品类型", "产品类型", "商品种类", "品类", "类目")
)
_VARIETY_NAMES = frozenset(("type", "kind", "类型", "种类"))
# What follows one of these is what the thing is for, or comes with: "case for laptop" is a case.
PREPOSITIONS = frozenset(("for", "with", "and", "of", "to", "from", "in", "on", "by", "w", "without", "per"))
_BREAK, _PREPOSITION = "\0", "\0for"  # stand for themselves among the words of a title, as numbers 0 and 1
_MAX_VALUE_CHARS = 40
_MIN_PRODUCTS, _MIN_BRANDS = 3, 2
_MAX_SHARE = 0.4  # of a word's occurrences that may be an attribute's value, or follow a number


def states_type(name: str) -> bool:
    """Whether the values of an attribute or option of this name may say what kind of thing a product is."""
    key = fold(name)
    return key in TYPE_NAMES or key in _VARIETY_NAMES


def title_head(product: Product, headness: Mapping[str, float]) -> str:
    """The word that heads the noun phrase of a product's title, "" where none stands out."""
    title = [word for word, _, _, _ in _read(product)]
    return max(_phrase_ends(title, headness), key=headness.__getitem__, default="")


class KindWords:
    """Counts the words of titles, row by row; then tells what they are."""

    def __init__(self) -> None:
        self._numbers = {_BREAK: 0, _PREPOSITION: 1}
        self._brands: dict[str | None, int] = {}
        self._tokens, self._lengths = array("i"), array("i")
        self._counted, self._after_number, self._as_value = array("i"), array("i"), array("i")
        self._branded = array("q")  # a word and a brand, once a product

    def add(self, product: Product) -> None:
        """The product of the next row."""
        numbers, first = self._numbers, len(self._tokens)
        brand = self._brands.setdefault(product.brand, len(self._brands))
        for token, counted, after_number, as_value in _read(product):
            self._tokens.append(numbers.setdefault(token, len(numbers)))
            if counted:
                number = numbers.setdefault(counted, len(numbers))
                self._counted.append(number)
                if after_number:
                    self._after_number.append(number)
                if as_value:
                    self._as_value.append(number)
        self._lengths.append(len(self._tokens) - first)
        for number in set(self._tokens[first:]):
            if number > 1:
                self._branded.append(number << 32 | brand)

    def learned(self) -> tuple[dict[str, float], list[str], Numbers]:
        """How likely each word that may name a kind is to do so; the words, and for each row its head's, or -1."""
        tokens, n = np.array(self._tokens, dtype=np.int32), len(self._numbers)
        branded = np.array(self._branded, dtype=np.int64)
        products = np.bincount(branded >> 32, minlength=n)
        brands = np.bincount(np.unique(branded) >> 32, minlength=n)
        seen, after_number, as_value = (
            np.bincount(np.array(found, dtype=np.int32), minlength=n)
            for found in (self._counted, self._after_number, self._as_value)
        )
        generic = (products >= _MIN_PRODUCTS) & (after_number < _MAX_SHARE * seen) & (as_value < _MAX_SHARE * seen)
        if len(self._brands) >= _MIN_BRANDS:
            generic &= brands >= _MIN_BRANDS
        lengths = np.array(self._lengths, dtype=np.int64)
        following = np.append(tokens[1:], 0)
        following[np.cumsum(lengths)[lengths > 0] - 1] = 0
        ends = generic[tokens] & ~generic[following]
        standing = np.bincount(tokens[generic[tokens]], minlength=n)
        ending = np.bincount(tokens[ends], minlength=n)
        names = list(self._numbers)
        of_number = np.zeros(n)
        for i in np.flatnonzero(generic).tolist():
            share = (int(ending[i]) + 1) / (int(standing[i]) + 3)
            of_number[i] = share * math.log1p(int(products[i])) * math.log1p(int(brands[i]))
        headness = {
            names[i]: float(of_number[i]) for i in sorted(np.flatnonzero(generic).tolist(), key=names.__getitem__)
        }
        return headness, names, _heads(tokens, following, ends, of_number, lengths)


def _heads(
    tokens: Numbers,
    following: Numbers,
    ends: NDArray[np.bool_],
    headness: NDArray[np.float64],
    lengths: NDArray[np.int64],
) -> Numbers:
    """For each title the likeliest of the words that end a phrase, the first of equals; -1 for none.

    Of what follows a preposition after one, none counts.
    """
    heads = np.full(len(lengths), -1, dtype=np.int32)
    places = np.flatnonzero(ends)
    rows = np.repeat(np.arange(len(lengths)), lengths)[places]
    last = np.full(len(lengths), len(tokens), dtype=np.int64)
    stops = np.flatnonzero(following[places] == 1)
    np.minimum.at(last, rows[stops], places[stops])
    kept = places <= last[rows]
    places, rows = places[kept], rows[kept]
    order = np.lexsort((places, -headness[tokens[places]], rows))
    places, rows = places[order], rows[order]
    first = np.append(True, rows[1:] != rows[:-1])[: len(rows)]
    heads[rows[first]] = tokens[places[first]]
    return heads


def _read(product: Product) -> Iterator[tuple[str, str, bool, bool]]:
    """A title word by word as stems, with breaks for what is no part of a noun phrase: numbers, values, the brand,
    punctuation. Beside each the stem that counts, "" for none, whether it follows a number and is a value."""
    title = fold(product.title)
    brand = _stems(product.brand) if product.brand else frozenset[str]()
    values = frozenset[str]().union(*map(_value_stems, product.attributes, product.attributes.values()))
    end_before, after_number = 0, False
    for word, start, end in words(title):
        if title[end_before:start].strip():
            yield _BREAK, "", False, False
        end_before = end
        if word in PREPOSITIONS:
            yield _PREPOSITION, "", False, False
        elif not word.isalpha() or len(word) < 2 or (stemmed := stem(word)) in brand or has_cjk(word):
            yield _BREAK, "", False, False
        else:
            is_value = stemmed in values
            yield _BREAK if is_value else stemmed, stemmed, after_number, is_value
        after_number = word[0].isdigit()


@lru_cache(maxsize=65536)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word, _, _ in words(fold(text)))


@lru_cache(maxsize=65536)
def _value_stems(name: str, value: str) -> frozenset[str]:
    """The words of an attribute's value that is short and states no type."""
    return _stems(value) if len(value) <= _MAX_VALUE_CHARS and fold(name) not in TYPE_NAMES else frozenset()


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
