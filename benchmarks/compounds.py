"""Two nouns as a shopper may ask for them, made from a catalogue's titles: those that name a thing, those that do not.

In: the names of a catalogue's products. Out: questions for `benchmarks.suitability`: two nouns that stand side by side
where a phrase ends in the second ("desk lamp"), which are there; and two that stand in one title where nothing that is
called by the second has the first ("light board" of "Mystic Light, ARGB Control Board"), which are not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from knowledge_base.kinds import called
from knowledge_base.text import fold, has_cjk, noun, words
from knowledge_base.types import Product

if TYPE_CHECKING:
    from benchmarks.suitability import Names

_TRIES = 60  # titles that are looked at for each question wanted
_LEAST_LETTERS = 3


def compounds(names: Names, rng: random.Random, n: int) -> Iterator[tuple[str, str, str, bool, list[int]]]:
    """At most `n` questions of either kind, as (text, kind, way, there, products to take away)."""
    there: set[str] = set()
    apart: set[str] = set()
    for _ in range(_TRIES * n):
        product = rng.choice(names.products)
        if len(there) < n:
            there.update(_side_by_side(names, product))
        if len(apart) < n and (phrase := _apart(names, product, rng)):
            apart.add(phrase)
    for found, is_there in ((there, True), (apart, False)):
        for phrase in sorted(found)[:n]:
            yield phrase, phrase, "compound", is_there, []


def _side_by_side(names: Names, product: Product) -> Iterator[str]:
    """Two nouns of a title, of which a phrase ends in the second and the product is called so."""
    row = names.index.product_rows[product.id]
    for first, second in pairwise(word for word, _, _ in words(fold(product.title))):
        named = row in names.ending(second) and row in called(names.index, second)
        if named and _is_noun(names, first) and second.isalpha():
            yield f"{first} {second}"


def _apart(names: Names, product: Product, rng: random.Random) -> str:
    """Two nouns of a title that name nothing in this order; "" where those tried do."""
    nouns = [word for word, _, _ in words(fold(product.title)) if _is_noun(names, word)]
    if len(nouns) < 2:
        return ""
    first, second = rng.choice(nouns), rng.choice(nouns)
    if noun(first) == noun(second) or names.index.product_rows[product.id] in names.ending(second):
        return ""
    place = {row: i for i, row in enumerate(names.index.product_rows.values())}
    own = [place[row] for row in called(names.index, second).tolist()]
    has = any(f" {noun(first)} " in part for i in own for part in (names.titles[i], *names.kinds[i]))
    together = any(f" {noun(first)} {noun(second)} " in title for title in names.titles)
    return f"{first} {second}" if len(own) > 1 and not has and not together else ""


def _is_noun(names: Names, word: str) -> bool:
    things = names.index.types._nouns.things
    return len(word) >= _LEAST_LETTERS and word.isalpha() and not has_cjk(word) and noun(word) in things
