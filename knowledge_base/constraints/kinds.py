"""Names of kinds of things in a text, before its words are read one by one: "docking station", "fiber patch cables".

In: a text and the catalogue's facets and kinds. Out: stretches that name a kind. Some facet may have the value
"Docking" or "Power supply" all the same; whether a word says which quality of the thing is wanted ("black toner") or
what the thing is ("docking station") is told by the products whose titles hold both: do they mostly state that value?
It reads no Chinese, which has no word ends, and nothing where the catalogue has categories.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import numpy as np

from knowledge_base.constraints import cues
from knowledge_base.constraints.word_lists import COMMON_STEMS, NOISE, STOP_WORDS
from knowledge_base.facets import Facets
from knowledge_base.product_types import ProductTypes
from knowledge_base.quantities import find_quantities
from knowledge_base.text import has_cjk, noun, stem, words
from knowledge_base.types import Condition, Filters
from knowledge_base.vocabulary import Vocabulary, value_key

_MAX_WORDS = 4
_CATEGORISED = 0.5  # of the products that must have a category for a shop to have categories
_LEAST_TITLES = 2  # that a name of a kind stands in
_MOSTLY_THINGS = 0.3  # of the titles with an everyday word in which it ends a phrase, for it to be meant as a thing
_STATED = 0.5  # of the products whose titles have a word that state it as a value, where it is one
# What follows the thing and one of these is said of it, and does not name it.
_PREPOSITION = re.compile(
    r"\b(?:with|without|has|have|having|in|by|from|for|featuring|including|that|which|of)\b", re.I
)
_HAVING = re.compile(r"\b(?:with|without|has|having|featuring|including|made of)(?: (?:an?|the))?\s*$", re.I)
_CLAUSE_END = re.compile(r"[.,;:!?]")
# Names that are made of little words.
_FIXED = re.compile(r"\b(?:all|two|three|2|3)[- ]in[- ]one|\b(?:plug|pick)[- ]and[- ]\w+|\b(?:add|clip)[- ]on\b", re.I)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int


def find_kinds(text: str, facets: Facets, types: ProductTypes) -> tuple[tuple[int, int], ...]:
    """The stretches of a text that name a kind of thing by the titles of products, in text order.

    None where the catalogue has categories: then those are its kinds, and titles only say which.
    """
    found: list[tuple[int, int]] = []
    if _has_categories(facets):
        return ()
    said = list(words(text))
    brands = _brand_words([word for word, _, _ in said], facets.vocabulary)
    unbranded = list(text)
    for _, start, end in (said[place] for place in brands):
        unbranded[start:end] = " " * (end - start)
    for run in _runs(text, said, brands):
        before = "".join(unbranded[max(0, run[0].start - 48) : run[0].start])  # "for my Epson printer"
        if cues.PURPOSE_BEFORE.search(before) or cues.NEGATION_BEFORE.search(before):
            continue
        since = text[found[-1][1] : run[0].start] if found else ""
        if (found and not _CLAUSE_END.search(since) and _PREPOSITION.search(since)) or _HAVING.search(before):
            continue
        kind = _named(run, facets, types)
        if kind and not (found and _stating(_text(kind), facets)):  # "a lamp, battery, under $20"
            found.append((kind[0].start, kind[-1].end))
    return tuple(found)


def _has_categories(facets: Facets) -> bool:
    category = facets.vocabulary.names.get("category")
    return category is not None and category.n_products >= _CATEGORISED * facets.n_products


def _runs(text: str, said: Sequence[tuple[str, int, int]], brands: Set[int]) -> Iterator[list[_Word]]:
    """Words that stand side by side and may be parts of one name; brands are none."""
    run: list[_Word] = []
    last = 0
    fixed = [match.span() for match in _FIXED.finditer(text)]
    measured = [(q.start, q.end) for q in find_quantities(text) if q.unit]  # the "v" of "100-240 V" names nothing
    for place, (word, start, end) in enumerate(said):
        if run and text[last:start] not in (" ", "-", "/"):
            yield run
            run = []
        last = end
        little = word in STOP_WORDS or stem(word) in NOISE or has_cjk(word)
        little = little or any(first <= start < past for first, past in measured)
        if place in brands or (little and not any(first <= start < past for first, past in fixed)):
            if run:
                yield run
            run = []
            continue
        run.append(_Word(word, start, end))
    if run:
        yield run


def _brand_words(said: Sequence[str], vocabulary: Vocabulary) -> set[int]:
    """The places of words that are, or are part of, a brand's name."""
    found: set[int] = set()
    for first in range(len(said)):
        for past in range(first + 1, min(first + _MAX_WORDS, len(said)) + 1):
            if any(value.name == "brand" for value in vocabulary.values(value_key(" ".join(said[first:past])))):
                found.update(range(first, past))
    return found


def _named(run: Sequence[_Word], facets: Facets, types: ProductTypes) -> Sequence[_Word]:
    """The longest name of a kind that the run ends in, before figures and unknown words; empty where there is none."""
    for end in range(len(run), 0, -1):
        if not run[end - 1].text.isalpha():
            continue
        if any(word.text.isalpha() and facets.vocabulary.knows(stem(word.text)) for word in run[end:]):
            return ()
        for begin in range(max(0, end - _MAX_WORDS), end):
            phrase = run[begin:end]
            if _cuts_value(run[:end], begin, facets) or not _names_things(phrase, facets, types):
                continue
            if not _qualified(phrase, facets):
                return phrase
    return ()


def _cuts_value(run: Sequence[_Word], begin: int, facets: Facets) -> bool:
    """Whether a value stands across the place where a name would begin: "USB Type-C" of "USB Type-C dock"."""
    return any(
        facets.vocabulary.values(value_key(_text(run[first:past])))
        for first in range(max(0, begin - 2), begin)
        for past in range(begin + 1, len(run))
    )


def _names_things(phrase: Sequence[_Word], facets: Facets, types: ProductTypes) -> bool:
    """Whether products state the phrase as their type, or titles have it where a noun phrase ends."""
    text, head = _text(phrase), phrase[-1].text
    common = len(phrase) == 1 and stem(head) in COMMON_STEMS
    if facets.stated(text).sum() >= _LEAST_TITLES and not common:
        return True
    ending = types.ending_in(head)
    rows = facets.nouns.together(text)
    if len(ending) < _LEAST_TITLES or len(rows) < _LEAST_TITLES:
        return len(rows) >= _LEAST_TITLES and head != noun(head) and not common  # what is said in the plural is a thing
    if common:
        # "Stands" and "watches" are things where the shop has such, "stand" and "watch" are mostly done.
        return head != noun(head) and len(ending) >= _MOSTLY_THINGS * len(rows)
    return bool(np.isin(rows, ending).any())


def _text(phrase: Sequence[_Word]) -> str:
    return " ".join(word.text for word in phrase)


def _qualified(phrase: Sequence[_Word], facets: Facets) -> bool:
    """Whether words before the last are a value that products called so mostly state: "black" of "black toner"."""
    rows = facets.nouns.holding(_text(phrase))
    called = np.zeros(facets.n_products, dtype=np.bool_)
    called[rows] = True
    for begin in range(len(phrase)):
        for end in range(begin + 1, len(phrase)):
            stated = _stating(_text(phrase[begin:end]), facets)
            if stated is not None and (facets.product_mask(stated) & called).sum() >= _STATED * len(rows):
                return True
    return False


def _stating(phrase: str, facets: Facets) -> Filters | None:
    """The filter that the phrase would be as a facet's value, or as the name of one that says yes; None if neither."""
    key = value_key(phrase)
    values = facets.vocabulary.values(key)
    if values:
        names = tuple(dict.fromkeys(value.name for value in values))
        return Filters(conditions=(Condition(names, tuple(dict.fromkeys(value.value for value in values))),))
    said = tuple(name.name for name in facets.vocabulary.named(key) if name.boolean)
    return Filters(conditions=(Condition(said, ("yes",)),)) if said else None
