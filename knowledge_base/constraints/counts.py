"""Bounds on counted things: "at least 3 people", "至少4人", "3 or more ports".

In: a bounded number in a marked text, and the vocabulary. Out: a condition on the facet that counts in the word beside
the number, by its values ("4 people") or by its name ("Ports"). Money and measures are not its business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from knowledge_base.constraints import cues
from knowledge_base.constraints.marked import MarkedText
from knowledge_base.constraints.result import Interval
from knowledge_base.constraints.word_lists import NUMBER_WORDS
from knowledge_base.quantities import Quantity
from knowledge_base.text import stem
from knowledge_base.types import Condition
from knowledge_base.vocabulary import Vocabulary, value_key

_WORD_AFTER = re.compile(r"(?:\s*-\s*|\s*)([A-Za-z]{2,})\b")
_CHINESE_AFTER = re.compile(r"个?([人位层档])")
_SLEEPS = re.compile(
    r"\b(?:sleeps?|sleeping|fits?|seats?|(?:big|large) enough for)\W*(?:(?:at|up|least|most|to)\W+)*$", re.I
)
_MORE_THAN = re.compile(r"\s*(?:over|above|more than|bigger than|larger than|exceeding|>(?!=)|超过|大于|多于)", re.I)
_LESS_THAN = re.compile(r"\s*(?:under|below|(?:less|fewer|smaller) than|<(?!=)|少于|小于|低于|不到)", re.I)
_SAME = {"man": "person", "men": "person", "adult": "person", "位": "人"}
_USUAL = range(1, 21)  # counts by which a facet that counts in some word is found
_COUNT = re.compile(r"(\d+)(?: (\d+))? (\S+)")  # "4 person", "3 6 人": values as the vocabulary keys them


@dataclass(frozen=True, slots=True)
class Counted:
    """The word a number counts, as the vocabulary would key it, and where what says so ends."""

    word: str
    end: int


def counted(marked: MarkedText, quantity: Quantity, end: int) -> Counted | None:
    """The word that is counted; `end` is where the number ends, or the cue after it ("3 or more people")."""
    if quantity.dimension != "count" or quantity.unit:
        return None
    last = marked.text[quantity.end - 1]
    if "\u4e00" <= last <= "\u9fff" and last not in NUMBER_WORDS:
        return Counted(_SAME.get(last, last), end)
    if match := _CHINESE_AFTER.match(marked.text, quantity.end):
        return Counted(_SAME.get(match[1], match[1]), max(end, match.end()))
    if cues.COMPARED_SIZE.search(marked.head(quantity.start)):
        return Counted("size", end)
    if match := _WORD_AFTER.match(marked.text, end):
        word = stem(match[1].casefold())
        return Counted(_SAME.get(word, word), match.end())
    if _SLEEPS.search(marked.head(quantity.start)):
        return Counted("person", end)
    return None


def whole(bounds: Interval, cue: str) -> Interval:
    """The bounds in whole things: "more than 2 people" begins at 3, "fewer than 4" ends at 3."""
    low, high = bounds
    if low is not None and high is None and _MORE_THAN.match(cue):
        return low + 1, None
    if high is not None and low is None and _LESS_THAN.match(cue):
        return None, high - 1
    return bounds


def count_condition(vocabulary: Vocabulary, thing: Counted, bounds: Interval) -> Condition | None:
    """The bound on the facets that count in this word; None where no facet does."""
    low, high = bounds
    named = [name for name in vocabulary.named(thing.word) if name.numeric and name.unit is None]
    if named:
        return Condition((named[0].name,), minimum=low, maximum=high)
    names = _counting_in(vocabulary, thing.word, bounds)
    values = [value for name in names for value in _within(vocabulary, name, thing.word, bounds)]
    if not names:
        return None
    if values:
        return Condition(names, tuple(dict.fromkeys(values)))
    return Condition(
        names, minimum=low, maximum=high, unit=_as_written(vocabulary, names[0], thing.word)
    )  # none has it


def people_values(vocabulary: Vocabulary, word: str, number: int) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The facets that count in a word ("people"), and their values for a number: those that say it ("2-4 people"), else
    the least above it; None where no facet counts so."""
    names = _counting_in(vocabulary, word, (Decimal(number), Decimal(number)))
    exact = [value for name in names for value in _within(vocabulary, name, word, (Decimal(number), Decimal(number)))]
    more = [value for name in names for value in _within(vocabulary, name, word, (Decimal(number), None))]
    values = tuple(dict.fromkeys(exact or more))
    return (names, values) if values else None


def _counting_in(vocabulary: Vocabulary, word: str, bounds: Interval) -> tuple[str, ...]:
    """Facets with a value such as "4 people"."""
    counts = [*_USUAL, *(int(bound) for bound in bounds if bound is not None)]
    keys = [f"{n} {word}" for n in counts] + [f"{n} {m} {word}" for n in _USUAL for m in _USUAL if n < m]
    return tuple(dict.fromkeys(v.name for key in keys for v in vocabulary.values(key) if v.name != "category"))


def _as_written(vocabulary: Vocabulary, name: str, word: str) -> str:
    """The counted word as the shop writes it: "people" of "4 people"."""
    written = [v.value for v in vocabulary.values_of(name) if value_key(v.value).endswith(f" {word}")]
    return re.sub(r"^[\d\W]+", "", written[-1]) if written else word


def _within(vocabulary: Vocabulary, name: str, word: str, bounds: Interval) -> Iterator[str]:
    """The facet's values that state a count, or a range of counts, within the bounds."""
    low, high = bounds
    for value in vocabulary.values_of(name):
        match = _COUNT.fullmatch(value_key(value.value))
        if match and match[3] == word:
            least, most = Decimal(match[1]), Decimal(match[2] or match[1])
            if (low is None or most >= low) and (high is None or least <= high):
                yield value.value
