"""Numbers of a message to bounds: price, rating, and measures that some facet of the catalogue has.

In: a marked text, the vocabulary and the shop's currency. Out: `Bounds`. A number that nothing bounds and that no
facet's name stands beside is left to those who read words.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from knowledge_base.constraints import cues
from knowledge_base.constraints.counts import count_condition, counted, whole
from knowledge_base.constraints.marked import How, MarkedText
from knowledge_base.constraints.naming import key_words, mark_measure_words, mark_name
from knowledge_base.constraints.result import Interval
from knowledge_base.constraints.word_lists import MEASURE_WORDS, SAME_MEASURES
from knowledge_base.quantities import Quantity, convert, find_quantities
from knowledge_base.text import has_cjk, stem, words
from knowledge_base.types import Condition, Filters
from knowledge_base.vocabulary import FacetName, Vocabulary, value_key

_AROUND = Decimal("0.2")  # "around 50" keeps 40 to 60
_DOMINANT = 2  # a facet is what an unnamed measure means when twice as many products carry it as any other


@dataclass(frozen=True, slots=True)
class Bounds:
    """`filters`: price and rating. `measures`: bounds on facets. `foreign`: a price in a currency not the shop's."""

    filters: Filters
    measures: tuple[Condition, ...]
    foreign: Quantity | None


def read_bounds(marked: MarkedText, vocabulary: Vocabulary, currency: str | None) -> Bounds:
    """What the numbers of a text bound; they are marked as read with the words around them that say so."""
    reader = _Reader(marked, vocabulary, currency)
    measures = tuple(reader.measures())
    return Bounds(reader.filters, measures, reader.foreign)


class _Reader:
    def __init__(self, marked: MarkedText, vocabulary: Vocabulary, currency: str | None) -> None:
        self._marked, self._vocabulary, self._currency = marked, vocabulary, currency
        self.filters = Filters()
        self.foreign: Quantity | None = None

    def measures(self) -> Iterable[Condition]:
        """Price and rating bounds go to `filters`; the measures that name a facet come back as conditions."""
        for quantity in _joined(find_quantities(self._marked.text, self._currency), self._marked.text):
            if not self._marked.free(quantity.start, quantity.end):
                continue
            bounds, start, end = self._bounds(quantity)
            if self._is_rating(quantity, start):
                low, _ = bounds or (quantity.low, None)
                self.filters = replace(self.filters, rating_min=low if low is not None else quantity.low)
                cue = self._marked.before(cues.RATING_BEFORE, start)
                stars = self._marked.after(cues.STARS_AFTER, quantity.end)
                self._marked.mark(cue.start() if cue else start, max(end, quantity.end + stars.end() if stars else end))
            elif count := self._count(quantity, bounds, start, end):
                yield count[0]
                self._marked.mark(start, count[1])
            elif self._is_price(quantity, bounds):
                self._price(quantity, bounds or (None, quantity.high))
                self._marked.mark(start, end)
            elif bounds is None and self._is_value(quantity):
                continue
            elif quantity.unit and (condition := self._measure(quantity, bounds, start, end)):
                yield condition
                self._marked.mark(start, end, How.READ if bounds else How.FACET)

    def _count(self, quantity: Quantity, bounds: Interval | None, start: int, end: int) -> tuple[Condition, int] | None:
        """The condition that a bounded number of people, pieces or ports is, and where it ends."""
        thing = counted(self._marked, quantity, end)
        if thing is None or (quantity.low != quantity.high and self._is_value(quantity)):  # "6-8人" as it is written
            return None
        if bounds is None and (after := self._marked.after(cues.MIN_AFTER, thing.end)):  # "3 people or more"
            bounds, thing = (quantity.low, None), replace(thing, end=thing.end + after.end())
        elif bounds is None and (after := self._marked.after(cues.MAX_AFTER, thing.end)):
            bounds, thing = (None, quantity.high), replace(thing, end=thing.end + after.end())
        if bounds is None or not self._marked.free(quantity.start, thing.end):
            return None
        cue = self._marked.text[start : quantity.start]
        condition = count_condition(self._vocabulary, thing, whole(bounds, cue))
        return (condition, thing.end) if condition else None

    def _is_value(self, quantity: Quantity) -> bool:
        """Whether a measure stands in the text as some facet's value is written ("256GB SSD")."""
        following = [end for _, _, end in itertools.islice(words(self._marked.tail(quantity.end)), 2)]
        ends = [quantity.end, *(quantity.end + end for end in following)]
        return any(self._vocabulary.values(value_key(self._marked.text[quantity.start : end])) for end in ends)

    def _bounds(self, quantity: Quantity) -> tuple[Interval | None, int, int]:
        """What the words around a number make of it: (minimum, maximum), or None, and the stretch they cover."""
        low, high = quantity.low, quantity.high
        at_most, at_least = (
            self._marked.before(cues.MAX_BEFORE, quantity.start),
            self._marked.before(cues.MIN_BEFORE, quantity.start),
        )
        about = self._marked.before(cues.ABOUT_BEFORE, quantity.start) or self._marked.after(
            cues.ABOUT_AFTER, quantity.end
        )
        start = min([quantity.start, *(m.start() for m in (at_most, at_least) if m)])
        end = quantity.end
        if at_most and at_least:  # "no less than" holds "less than": the longer cue is meant
            at_most, at_least = (at_most, None) if at_most.start() < at_least.start() else (None, at_least)
        after_max = None if at_least else self._marked.after(cues.MAX_AFTER, quantity.end)
        after_min = None if at_most or at_least or after_max else self._marked.after(cues.MIN_AFTER, quantity.end)
        if after := after_max or after_min or self._marked.after(cues.ABOUT_AFTER, quantity.end):
            end = quantity.end + after.end()
        if low == high and (unsaid := re.search(r"[多来][^\d]*$", self._marked.text[quantity.start : quantity.end])):
            step = Decimal(10) ** low.adjusted()  # "一百多块": from one hundred to two; "一百来块": around that
            low, high = (low, low + step) if unsaid.group()[0] == "多" else (low * (1 - _AROUND), low * (1 + _AROUND))
            return ((None, high) if at_most or after_max else (low, high)), start, end
        if low != high:
            return (low, high), start, end
        if at_most or after_max:
            softened = high * (1 + _AROUND) if about and not after_max else high
            return (None, softened), start, end
        if at_least or after_min:
            return (low, None), start, end
        if about:
            start = min(start, about.start()) if about.re is cues.ABOUT_BEFORE else start
            return (low * (1 - _AROUND), high * (1 + _AROUND)), start, end
        return None, start, end

    def _is_rating(self, quantity: Quantity, start: int) -> bool:
        if quantity.dimension == "rating":
            return True
        if quantity.dimension != "count" or quantity.high > 5:
            return False
        return bool(
            self._marked.before(cues.RATING_BEFORE, start) or self._marked.after(cues.STARS_AFTER, quantity.end)
        )

    def _is_price(self, quantity: Quantity, bounds: Interval | None) -> bool:
        if quantity.dimension == "money":
            return True
        if quantity.dimension != "count" or quantity.unit or bounds is None:
            return False
        following = self._marked.text[quantity.end : quantity.end + 24]
        if re.match(
            r"[A-Za-z]|\s*[A-Za-z]*-?(?:person|people|man|piece|pack|pcs|stars?|inch|years?|人|个|件|款|寸|岁)",
            following,
        ):
            return False
        named = re.match(r"\s*([A-Za-z]+)", following)
        if named and self._vocabulary.named(stem(named.group(1).casefold())):
            return False
        if cues.COMPARED_SIZE.search(self._marked.head(quantity.start)):  # "no bigger than 42" is no price
            return False
        return quantity.low >= 5 or bool(cues.PRICE_WORD.search(self._marked.text))

    def _price(self, quantity: Quantity, bounds: Interval) -> None:
        if quantity.unit and self._currency and quantity.dimension == "money" and quantity.unit != self._currency:
            self.foreign = quantity
            return
        low, high = bounds
        old = self.filters
        self.filters = replace(
            old,
            price_min=low if low is not None else old.price_min,
            price_max=high if high is not None else old.price_max,
        )

    def _measure(self, quantity: Quantity, bounds: Interval | None, start: int, end: int) -> Condition | None:
        """A bound on a numeric facet: the one named beside the number, else the one this unit clearly means."""
        numeric = [n for n in self._vocabulary.names.values() if n.numeric and _same_dimension(n.unit, quantity)]
        if not numeric:
            return None
        around = f"{self._marked.text[max(0, start - 30) : start]} {self._marked.text[end : end + 20]}"
        said = {stem(MEASURE_WORDS.get(word, word)) for word, _, _ in words(around)}
        named = [n for n in numeric if set(key_words(n.key)) <= said or (has_cjk(n.key) and n.key in around)]
        chosen = max(named or numeric, key=lambda n: n.n_products)
        if named:
            mark_name(self._marked, chosen)
            mark_measure_words(self._marked, chosen, max(0, start - 30), start)
        else:
            others = [n.n_products for n in numeric if n is not chosen and not _alike(n, chosen)]
            rare = chosen.n_products * 50 < self._vocabulary.n_products
            if bounds is None or rare or (others and chosen.n_products < _DOMINANT * max(others)):
                return None
        low, high = bounds or (quantity.low, quantity.high)
        names = (chosen.name, *(n.name for n in numeric if n is not chosen and _alike(n, chosen)))
        return Condition(names, minimum=low, maximum=high, unit=quantity.unit)


def _alike(one: FacetName, other: FacetName) -> bool:
    """Whether two facets are one measure under two names, as "capacity" of mugs and "volume" of bags."""
    return any({one.key, other.key} <= names for names in SAME_MEASURES)


def _same_dimension(unit: str | None, quantity: Quantity) -> bool:
    return unit is not None and quantity.unit is not None and convert(Decimal(1), quantity.unit, unit) is not None


_RANGE = re.compile(r"\s*(?:-|–|—|~|to|up to|and|through|until|till|到|至)\s*", re.I)


def _joined(quantities: Sequence[Quantity], text: str) -> list[Quantity]:
    """Quantities with two that are the ends of one range joined: "40 EUR to 300 EUR", "between $250 and $300"."""
    found: list[Quantity] = []
    for quantity in quantities:
        last = found[-1] if found else None
        between = text[last.end : quantity.start] if last else ""
        if last and _RANGE.fullmatch(between) and last.low == last.high and quantity.low == quantity.high:
            spans = "and" not in between or re.search(r"\b(?:between|from)\s*$", text[: last.start], re.I)
            same = last.unit == quantity.unit or None in (last.unit, quantity.unit)
            if spans and same and last.high < quantity.low:
                dimension = quantity.dimension if quantity.unit else last.dimension
                unit = quantity.unit or last.unit
                found[-1] = Quantity(last.start, quantity.end, last.low, quantity.high, unit, dimension)
                continue
        found.append(quantity)
    return found
