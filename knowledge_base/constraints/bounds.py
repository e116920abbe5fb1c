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
from knowledge_base.constraints.naming import key_words, leading_role, mark_measure_words, mark_name, most_specific
from knowledge_base.constraints.result import Figure, Interval
from knowledge_base.constraints.word_lists import MEASURE_WORDS, SAME_MEASURES, STOP_WORDS
from knowledge_base.quantities import Quantity, convert, find_quantities
from knowledge_base.text import fold, has_cjk, stem, words
from knowledge_base.title_figures import beside
from knowledge_base.types import Condition, Filters
from knowledge_base.vocabulary import FacetName, Vocabulary, value_key

_AROUND = Decimal("0.2")  # "around 50" keeps 40 to 60
# What a thing can have without the facet being named; hours are mostly said of something else.
_PHYSICAL = frozenset(
    (
        "length", "mass", "volume", "data", "power", "energy", "charge", "frequency", "voltage", "current", "sound",
        "light", "luminance", "rotation", "pressure", "rate", "framerate", "pixels", "temperature",
    )
)  # fmt: skip
_TIMES_BEFORE, _TIMES_AFTER = re.compile(r"\d[^\s\d]{0,3}\s?[x×X*]\s?$"), re.compile(r"\s?[x×X*]\s?\d")
_MOSTLY = 5  # times as many products as have a measure as a value must have a number in its dimension
_DOMINANT = 2  # a facet is what an unnamed measure means when twice as many products carry it as any other


@dataclass(frozen=True, slots=True)
class Bounds:
    """`filters`: price and rating. `measures`: bounds on facets. `foreign`: a price in a currency not the shop's.

    `figures`: measures of something that the text does not name.
    """

    filters: Filters
    measures: tuple[Condition, ...]
    foreign: Quantity | None
    figures: tuple[Figure, ...] = ()


def read_bounds(marked: MarkedText, vocabulary: Vocabulary, currency: str | None) -> Bounds:
    """What the numbers of a text bound; they are marked as read with the words around them that say so."""
    reader = _Reader(marked, vocabulary, currency)
    measures = tuple(reader.measures())
    return Bounds(reader.filters, measures, reader.foreign, tuple(reader.figures))


class _Reader:
    def __init__(self, marked: MarkedText, vocabulary: Vocabulary, currency: str | None) -> None:
        self._marked, self._vocabulary, self._currency = marked, vocabulary, currency
        self.filters = Filters()
        self.foreign: Quantity | None = None
        self.figures: list[Figure] = []

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
            elif bounds is None and self._is_value(quantity) and not self._mostly_numbers(quantity):
                if quantity.dimension in _PHYSICAL and not (self._is_option(quantity) or self._is_side(quantity)):
                    self._figure(quantity, None, value=True)
            elif quantity.low != quantity.high and self._is_value(quantity):
                continue  # "dumbbells in 30-50 lbs", as the shop writes it
            elif quantity.unit and (condition := self._measure(quantity, bounds, start, end)):
                yield condition
                self._marked.mark(start, end, How.READ if bounds else How.FACET)
            elif quantity.dimension in _PHYSICAL and not self._is_side(quantity):
                mains = self._is_mains(quantity)
                if not mains:
                    self._figure(quantity, bounds)
                self._marked.mark(start, end, How.READ if bounds and not mains else How.FACET)

    def _figure(
        self, quantity: Quantity, bounds: Interval | None, value: bool = False, guess: Condition | None = None
    ) -> None:
        low, high = bounds or (quantity.low, quantity.high)
        before, after = beside(self._marked.text, quantity.start, quantity.end)
        if not value or not self._begins_value(quantity):
            self._mark_role(quantity.end, after)
        unit = quantity.unit or ""
        self.figures.append(Figure(quantity.start, quantity.end, low, high, unit, before, after, value, guess))

    def _mostly_numbers(self, quantity: Quantity) -> bool:
        """Whether a measure that is some facet's value is far more often a number of a facet in its dimension."""
        if quantity.dimension not in _PHYSICAL or self._is_option(quantity):
            return False
        values = self._vocabulary.values(value_key(self._marked.text[quantity.start : quantity.end]))
        carriers = max((value.n_products for value in values), default=0)
        numeric = [
            n.n_products for n in self._vocabulary.names.values() if n.numeric and _same_dimension(n.unit, quantity)
        ]
        return bool(values) and max(numeric, default=0) >= _MOSTLY * carriers

    def _is_side(self, quantity: Quantity) -> bool:
        """Whether a length is one of several sides: "1.5×2.4m"."""
        before, after = self._marked.head(quantity.start), self._marked.tail(quantity.end)
        return bool(_TIMES_BEFORE.search(before) or _TIMES_AFTER.match(after))

    def _is_mains(self, quantity: Quantity) -> bool:
        """Whether a range of volts says what something can be plugged into, and asks for nothing between its ends."""
        return quantity.dimension == "voltage" and quantity.low != quantity.high

    def _begins_value(self, quantity: Quantity) -> bool:
        """Whether a value goes on after the measure: "256GB SSD"."""
        following = next(words(self._marked.tail(quantity.end)), None)
        end = quantity.end + (following[2] if following else 0)
        return bool(self._vocabulary.values(value_key(self._marked.text[quantity.start : end])))

    def _mark_role(self, end: int, after: str) -> None:
        """The "RAM" of "16 GB RAM laptop" is no laptop, and that of "16 GB RAM" no value of another facet."""
        begin = end + len(after) - len(after.lstrip())
        past = begin + leading_role(after)
        if past == begin or not self._marked.free(begin, past):
            return
        following = next(words(self._marked.tail(past)), None)
        if (
            following is not None
            and following[0] not in STOP_WORDS
            and not self._marked.tail(past)[: following[1]].strip()
        ):
            self._marked.mark(begin, past, How.FACET)
        elif not any(
            value.name == "category" for value in self._vocabulary.values(value_key(self._marked.text[begin:past]))
        ):
            self._marked.mark(begin, past, How.SEARCHED)

    def _is_option(self, quantity: Quantity) -> bool:
        """Whether the measure, as it is written, is the value of an option, which a variant has or has not."""
        values = self._vocabulary.values(value_key(self._marked.text[quantity.start : quantity.end]))
        names = self._vocabulary.names
        return any(fold(value.name) in names and names[fold(value.name)].is_option for value in values)

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
        if quantity.low != quantity.high and self._is_value(quantity) and not self._speaks_of_price(quantity):
            return False  # "power adapter 100-240"
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

    def _speaks_of_price(self, quantity: Quantity) -> bool:
        head = self._marked.head(quantity.start)
        return bool(cues.PRICE_WORD.search(self._marked.text) or re.search(r"\b(?:between|from)\s*$", head, re.I))

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
        around = f"{self._unnamed(max(0, start - 30), quantity.start)} {self._unnamed(end, end + 20)}"
        said = {stem(MEASURE_WORDS.get(word, word)) for word, _, _ in words(around)}
        named = [n for n in numeric if set(key_words(n.key)) <= said or (has_cjk(n.key) and n.key in around)]
        chosen = max(most_specific(named) or numeric, key=lambda n: n.n_products)
        if named:
            if start < quantity.start and self._marked.text[start : quantity.start].strip().casefold() in chosen.key:
                bounds, start = None, quantity.start  # "Fits up to 195 cm" is what that facet says, and no bound
            mark_name(self._marked, chosen)
            mark_measure_words(self._marked, chosen, max(0, start - 30), start)
        else:
            others = [n.n_products for n in numeric if n is not chosen and not _alike(n, chosen)]
            rare = chosen.n_products * 50 < self._vocabulary.n_products
            if bounds is None or rare or (others and chosen.n_products < _DOMINANT * max(others)):
                return None
        low, high = bounds or (quantity.low, quantity.high)
        names = (chosen.name, *(n.name for n in numeric if n is not chosen and _alike(n, chosen)))
        condition = Condition(names, minimum=low, maximum=high, unit=quantity.unit)
        if not named and quantity.dimension in _PHYSICAL:
            self._figure(quantity, bounds, guess=condition)
        return condition

    def _unnamed(self, start: int, end: int) -> str:
        """A stretch of the text without what names a kind of thing: an "uninterruptible power supply" of 400 W."""
        stretch = zip(self._marked.text[start:end], self._marked.used[start:end], strict=True)
        return "".join(" " if used == How.SEARCHED else letter for letter, used in stretch)


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
