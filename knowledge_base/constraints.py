"""One message's own words read as constraints: what must hold, what is wished, in which order, and what is left.

In: a text, the vocabulary of a catalogue and the shop's currency. Out: `Constraints`. Numbers become price, rating or
measure bounds; words that the catalogue uses for its brands, categories, attributes and options become conditions;
"not" negates; what was said without naming its facet is a wish rather than a filter unless it names an option. It
knows no conversation: "cheaper" and "the second one" are the assistant's business.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from knowledge_base import cues
from knowledge_base.quantities import Quantity, convert, find_quantities
from knowledge_base.text import clean, fold, has_cjk, stem, words
from knowledge_base.types import Condition, Filters, Sort
from knowledge_base.vocabulary import MAX_PHRASE_WORDS, FacetName, FacetValue, Vocabulary, value_key

_AROUND = Decimal("0.2")  # "around 50" keeps 40 to 60
_NUMBER_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
_NUMBER_WORDS |= {"ten": 10} | {c: n for n, c in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_MAX_READ = 300  # characters in which unexplained words are looked for
_LOOK_BEHIND, _LOOK_AHEAD = 56, 200  # characters around a mention
_MAX_CLAUSES = 24  # of a message, the last ones, that may say what it is about
_DOMINANT = 2  # a facet is what an unnamed measure means when twice as many products carry it as any other

Role = Literal["brand", "category", "value", "boolean"]


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of the text that names facet values: where it stands, what it means, and how it was said.

    `named`: the facet itself was said too ("size M"). `purpose`: it follows "for" or "compatible with", so it says
    what the thing is for and not what it is.
    """

    start: int
    end: int
    role: Role
    names: tuple[str, ...]
    values: tuple[str, ...]
    named: bool = False
    negated: bool = False
    purpose: bool = False
    option: bool = False

    @property
    def condition(self) -> Condition:
        return Condition(self.names, self.values, negated=self.negated)


@dataclass(frozen=True, slots=True)
class Constraints:
    """What one message constrains. `filters` are hard; `wishes` are values said without their facet's name.

    `subject` names the kind of thing, "" where none is named. `residual` is the text to search for: without carrier
    phrases, bounds, sort words and what is negated. `terms` are its words outside the subject. `foreign` is a price
    bound in a currency that is not the shop's, which no filter can express. `corrections` maps a mistyped word to
    the known one it was read as. `unexplained` are words that are neither what a shop sells, by its titles and facets,
    nor the way requests are made: of "do you rent out tents" it is "rent".
    """

    filters: Filters = field(default_factory=Filters)
    wishes: tuple[Condition, ...] = ()
    sort: Sort = "relevance"
    limit: int | None = None
    subject: str = ""
    residual: str = ""
    terms: tuple[str, ...] = ()
    foreign: Quantity | None = None
    mentions: tuple[Mention, ...] = ()
    corrections: tuple[tuple[str, str], ...] = ()
    unexplained: tuple[str, ...] = ()


class _Reader:
    """The text while it is being read; `used` marks what has been understood."""

    def __init__(self, text: str, vocabulary: Vocabulary, currency: str | None) -> None:
        self.text, self.vocabulary, self.currency = text, vocabulary, currency
        # 1: understood and not to be searched for; 2: understood, still searched for; 3: likewise, but no kind of thing
        self.used = bytearray(len(text))
        self.filters = Filters()
        self.foreign: Quantity | None = None
        self.corrections: dict[str, str] = {}
        self._refusals: dict[int, int | None] = {}

    def free(self, start: int, end: int) -> bool:
        return not any(self.used[start:end])

    def mark(self, start: int, end: int, how: int = 1) -> None:
        self.used[start:end] = bytes([how]) * (end - start)

    def head(self, end: int) -> str:
        """What stands before `end`, as far as it can matter: the time to read a message must grow with its length."""
        return self.text[max(0, end - _LOOK_BEHIND) : end]

    def tail(self, start: int) -> str:
        """What follows `start`, as far as it can matter."""
        return self.text[start : start + _LOOK_AHEAD]

    def unread(self, start: int) -> str:
        """What follows `start`, as far as it can matter, without what has been read as a bound, a sort or stock."""
        span = range(start, min(start + _LOOK_AHEAD, len(self.text)))
        return "".join("\x00" if self.used[i] == 1 else self.text[i] for i in span)

    def before(self, pattern: re.Pattern[str], start: int) -> re.Match[str] | None:
        window = max(0, start - 48)
        match = pattern.search(self.text, window, start)
        return match if match and self.free(match.start(), match.end()) else None

    def after(self, pattern: re.Pattern[str], end: int) -> re.Match[str] | None:
        # Patterns are anchored with ^, which means the start of the string given, not of a window in it.
        match = pattern.match(self.text[end : end + 32])
        return match if match and self.free(end, end + match.end()) else None

    # -- order, number and stock -------------------------------------------------------------------------------------

    def sort(self) -> Sort:
        for name, pattern in cues.SORTS:
            if match := pattern.search(self.text):
                self.mark(match.start(), match.end())
                return name  # type: ignore[return-value]
        return "relevance"

    def limit(self) -> int | None:
        for pattern in cues.LIMITS:
            match = pattern.search(self.text)
            if match and not re.match(r"[.,]\d", self.text[match.end("n") :]):
                number = match["n"].casefold()
                counted = re.compile(r"\s*[款个件台种样条双只]").match(self.text, match.end("n"))
                cue = re.match(r"(?:top|first|best)\b|哪", match.group(), re.I)
                self.mark(match.start() if cue else match.start("n"), counted.end() if counted else match.end("n"))
                return _NUMBER_WORDS.get(number) or int(number) or None
        return None

    def stock(self) -> bool | None:
        if match := cues.IN_STOCK.search(self.text):
            if self.text[max(0, match.start() - 4) : match.start()].rstrip().endswith(("没", "不", "not", "no")):
                return None
            self.mark(match.start(), match.end())
            return True
        return None

    # -- numbers -----------------------------------------------------------------------------------------------------

    def quantities(self) -> list[Condition]:
        """Price and rating bounds go to `filters`; the measures that name a facet come back as conditions."""
        conditions = []
        for quantity in _joined(find_quantities(self.text, self.currency), self.text):
            if not self.free(quantity.start, quantity.end):
                continue
            bounds, start, end = self._bounds(quantity)
            if self._is_rating(quantity, start):
                low, _ = bounds or (quantity.low, None)
                self.filters = replace(self.filters, rating_min=low if low is not None else quantity.low)
                cue = self.before(cues.RATING_BEFORE, start)
                stars = self.after(cues.STARS_AFTER, quantity.end)
                self.mark(cue.start() if cue else start, max(end, quantity.end + stars.end() if stars else end))
            elif self._is_price(quantity, bounds):
                self._price(quantity, bounds or (None, quantity.high))
                self.mark(start, end)
            elif bounds is None and self._is_value(quantity):
                continue
            elif quantity.unit and (condition := self._measure(quantity, bounds, start, end)):
                conditions.append(condition)
                self.mark(start, end, 1 if bounds else 3)
        return conditions

    def _is_value(self, quantity: Quantity) -> bool:
        """Whether a measure stands in the text as some facet's value is written ("256GB SSD")."""
        following = [end for _, _, end in itertools.islice(words(self.tail(quantity.end)), 2)]
        ends = [quantity.end, *(quantity.end + end for end in following)]
        return any(self.vocabulary.values(value_key(self.text[quantity.start : end])) for end in ends)

    def _bounds(self, quantity: Quantity) -> tuple[tuple[Decimal | None, Decimal | None] | None, int, int]:
        """What the words around a number make of it: (minimum, maximum), or None, and the stretch they cover."""
        low, high = quantity.low, quantity.high
        at_most, at_least = self.before(cues.MAX_BEFORE, quantity.start), self.before(cues.MIN_BEFORE, quantity.start)
        about = self.before(cues.ABOUT_BEFORE, quantity.start) or self.after(cues.ABOUT_AFTER, quantity.end)
        start = min([quantity.start, *(m.start() for m in (at_most, at_least) if m)])
        end = quantity.end
        if at_most and at_least:  # "no less than" holds "less than": the longer cue is meant
            at_most, at_least = (at_most, None) if at_most.start() < at_least.start() else (None, at_least)
        after_max = None if at_least else self.after(cues.MAX_AFTER, quantity.end)
        after_min = None if at_most or at_least or after_max else self.after(cues.MIN_AFTER, quantity.end)
        if after := after_max or after_min or self.after(cues.ABOUT_AFTER, quantity.end):
            end = quantity.end + after.end()
        if low == high and (unsaid := re.search(r"[多来][^\d]*$", self.text[quantity.start : quantity.end])):
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
        return bool(self.before(cues.RATING_BEFORE, start) or self.after(cues.STARS_AFTER, quantity.end))

    def _is_price(self, quantity: Quantity, bounds: tuple[Decimal | None, Decimal | None] | None) -> bool:
        if quantity.dimension == "money":
            return True
        if quantity.dimension != "count" or quantity.unit or bounds is None:
            return False
        following = self.text[quantity.end : quantity.end + 24]
        if re.match(
            r"[A-Za-z]|\s*[A-Za-z]*-?(?:person|people|man|piece|pack|pcs|stars?|inch|years?|人|个|件|款|寸|岁)",
            following,
        ):
            return False
        named = re.match(r"\s*([A-Za-z]+)", following)
        if named and self.vocabulary.named(stem(named.group(1).casefold())):
            return False
        return quantity.low >= 5 or bool(cues.PRICE_WORD.search(self.text))

    def _price(self, quantity: Quantity, bounds: tuple[Decimal | None, Decimal | None]) -> None:
        if quantity.unit and self.currency and quantity.dimension == "money" and quantity.unit != self.currency:
            self.foreign = quantity
            return
        low, high = bounds
        old = self.filters
        self.filters = replace(
            old,
            price_min=low if low is not None else old.price_min,
            price_max=high if high is not None else old.price_max,
        )

    def _measure(
        self, quantity: Quantity, bounds: tuple[Decimal | None, Decimal | None] | None, start: int, end: int
    ) -> Condition | None:
        """A bound on a numeric facet: the one named beside the number, else the one this unit clearly means."""
        numeric = [n for n in self.vocabulary.names.values() if n.numeric and _same_dimension(n.unit, quantity)]
        if not numeric:
            return None
        around = f"{self.text[max(0, start - 30) : start]} {self.text[end : end + 20]}"
        said = {stem(cues.MEASURE_WORDS.get(word, word)) for word, _, _ in words(around)}
        named = [n for n in numeric if set(_key_words(n.key)) <= said or (has_cjk(n.key) and n.key in around)]
        chosen = max(named or numeric, key=lambda n: n.n_products)
        if named:
            self._mark_name(chosen)
            self._mark_measure_words(chosen, max(0, start - 30), start)
        else:
            others = [n.n_products for n in numeric if n is not chosen]
            rare = chosen.n_products * 50 < self.vocabulary.n_products
            if bounds is None or rare or (others and chosen.n_products < _DOMINANT * max(others)):
                return None
        low, high = bounds or (quantity.low, quantity.high)
        return Condition((chosen.name,), minimum=low, maximum=high, unit=quantity.unit)

    def _mark_name(self, name: FacetName) -> None:
        """The facet's name in the text is read: "battery life" of "20 hours battery life" is no kind of battery."""
        if (match := re.search(_name_pattern(name), self.text, re.I)) and self.free(match.start(), match.end()):
            self.mark(match.start(), match.end(), 3)

    def _mark_measure_words(self, name: FacetName, start: int, end: int) -> None:
        """ "weighing" of "tents weighing under 2 kg" only says which facet is bound."""
        keys = _key_words(name.key)
        for word, first, last in words(self.text[start:end]):
            if stem(cues.MEASURE_WORDS.get(word, "")) in keys and self.free(start + first, start + last):
                self.mark(start + first, start + last)

    def _mark_beside(self, name: FacetName, start: int, end: int) -> None:
        """The facet's name next to its value: "jackets size M" are no kind of size."""
        window = max(0, start - 40)
        pattern = _name_pattern(name)
        before = re.search(rf"{pattern}(?=\W*(?:(?:is|of|in)\b|[为是要选])?\W*$)", self.text[window:start], re.I)
        after = re.match(rf"\W*{pattern}", self.text[end : end + 40], re.I)
        for match, offset in ((before, window), (after, end)):
            if match and self.free(offset + match.start(), offset + match.end()):
                self.mark(offset + match.start(), offset + match.end(), 3)

    # -- words -------------------------------------------------------------------------------------------------------

    def mentions(self) -> list[Mention]:
        """Facet values in the text, longest first, in text order."""
        found = [*self._latin_mentions(), *self._chinese_mentions()]
        return sorted(found, key=lambda mention: mention.start)

    def _latin_mentions(self) -> Iterable[Mention]:
        tokens = [(stem(w), s, e) for w, s, e in words(self.text) if not has_cjk(w)]
        for i, (token, s, e) in enumerate(tokens):
            if (
                token not in cues.COMMON_STEMS
                and self.free(s, e)
                and (known := self.vocabulary.correct(self.text[s:e].casefold()))
                and self._is_facet_word(stem(known))
            ):
                self.corrections[self.text[s:e]] = known
                tokens[i] = (stem(known), s, e)
        single, joined = [token for token, _, _ in tokens], [_digits(token) for token, _, _ in tokens]
        for size in range(min(MAX_PHRASE_WORDS, len(tokens)), 0, -1):
            for i in range(len(tokens) - size + 1):
                key = " ".join(joined[i : i + size]) if size > 1 else single[i]
                if not (self.vocabulary.values(key) or self.vocabulary.named(key) or key in cues.SIZE_WORDS):
                    continue
                start, end = tokens[i][1], tokens[i + size - 1][2]
                if not self.free(start, end) or re.search(r"[.!?;,]\s", self.text[start:end]):
                    continue
                if mention := self._mention(key, start, end):
                    self.mark(start, end, 2)
                    yield mention

    def _chinese_mentions(self) -> Iterable[Mention]:
        longest = max((len(key) for key in self.vocabulary.chinese_values), default=0)
        folded = self.text.casefold()
        for size in range(longest, 0, -1):
            for start in range(len(folded) - size + 1):
                end = start + size
                key = folded[start:end]
                if key in self.vocabulary.chinese_values and self.free(start, end):
                    if size == 1 and not re.match(r"色|的", folded[end : end + 1]):
                        continue
                    if mention := self._mention(key, start, end):
                        self.mark(start, end, 2)
                        yield mention

    def _is_facet_word(self, word: str) -> bool:
        vocabulary = self.vocabulary
        return bool(vocabulary.values(word) or vocabulary.named(word) or vocabulary.title_counts.get(word))

    def _mention(self, key: str, start: int, end: int) -> Mention | None:
        sized = len(key) == 1 and key.isascii() and self._is_size(key, start, end)
        if not sized and (key in cues.STOP_STEMS or (len(key) == 1 and key.isascii()) or re.fullmatch(r"[\d. ]+", key)):
            return self._numbered_size(key, start, end)
        if key in cues.DEGREES and not self._means_a_value(start, end):
            return None
        values = self.vocabulary.values(key) or self._sized(key, start, end)
        booleans = () if values else tuple(name.name for name in self.vocabulary.named(key) if name.boolean)
        if not values and not booleans:
            return None
        negated = self._negation(start, end)
        purpose = bool(cues.PURPOSE_BEFORE.search(self.head(start)))
        brands = _of(values, "brand")
        categories = _of(values, "category")
        if brands and not categories:
            return Mention(start, end, "brand", ("brand",), brands, negated=negated, purpose=purpose)
        if categories:
            return Mention(start, end, "category", ("category",), categories, negated=negated, purpose=purpose)
        if values:
            return self._value_mention(values, start, end, negated, purpose)
        return Mention(start, end, "boolean", booleans, ("yes",), negated=negated, purpose=purpose)

    def _means_a_value(self, start: int, end: int) -> bool:
        """Whether a word of degree is meant as a value ("in long", "the long one") and not as in "long lasting"."""
        if cues.DEGREE_BEFORE.search(self.head(start)):
            return False
        return self._after_size_word(start) or bool(cues.DEGREE_AFTER.match(self.tail(end)))

    def _after_size_word(self, start: int) -> bool:
        """Whether a size is expected here: after "size" or "in", but not in "a large tent"."""
        plain = re.search(r"(?<!\bin )\ban?\s*$", self.head(start), re.I)
        return not plain and bool(cues.SIZE_BEFORE.search(self.head(start)))

    def _sized(self, key: str, start: int, end: int) -> Sequence[FacetValue]:
        """ "Medium" where the shop writes M: option values that stand for a size in words."""
        letters = cues.SIZE_WORDS.get(key)
        if not letters:
            return ()
        if not self._after_size_word(start) and not cues.SIZE_AFTER.match(self.tail(end)):
            return ()
        found = self.vocabulary.values(letters)
        return [value for value in found if self.vocabulary.names[fold(value.name)].is_option]

    def _value_mention(
        self, values: Sequence[FacetValue], start: int, end: int, negated: bool, purpose: bool
    ) -> Mention:
        beside = [self.vocabulary.names[fold(v.name)] for v in values]
        common = max(v.n_products for v in values)
        named = [
            n
            for n, v in zip(beside, values, strict=True)
            if self._named_beside(n, start, end, v.n_products * 10 >= common)
        ]
        for name in named:
            self._mark_beside(name, start, end)
        options = [n for n in beside if n.is_option]
        chosen = named or beside
        keys = {n.key for n in chosen}
        kept = [v for v in values if fold(v.name) in keys]
        return Mention(
            start,
            end,
            "value",
            tuple(dict.fromkeys(v.name for v in kept)),
            tuple(dict.fromkeys(v.value for v in kept)),
            named=bool(named),
            negated=negated,
            purpose=purpose,
            option=bool(options),
        )

    def _numbered_size(self, key: str, start: int, end: int) -> Mention | None:
        """A bare number counts as a value only beside its facet's name: "size 42", "42码"."""
        if key in cues.STOP_STEMS:
            return None
        named = [
            v
            for v in self.vocabulary.values(key)
            if self._named_beside(self.vocabulary.names[fold(v.name)], start, end)
        ]
        return self._value_mention(named, start, end, self._negation(start, end), False) if named else None

    def _is_size(self, key: str, start: int, end: int) -> bool:
        """A single letter counts as a size in capitals: after "in" or "size", or where it is an option's value."""
        if not self.text[start:end].isupper():
            return False
        options = [v for v in self.vocabulary.values(key) if self.vocabulary.names[fold(v.name)].is_option]
        if options and key in ("s", "m", "l") and not self.text.isupper() and self.text[start - 1 : start] not in "'’":
            return True
        return bool(cues.SIZE_BEFORE.search(self.head(start)) or cues.SIZE_AFTER.match(self.tail(end)))

    def _negation(self, start: int, end: int) -> bool:
        return self._refused_from(start) is not None or bool(cues.NEGATION_AFTER.match(self.tail(end)))

    def _refused_from(self, start: int) -> int | None:
        """Where the words begin that refuse what stands at `start`; None where it is not refused."""
        if start not in self._refusals:
            head = self.head(start)
            cue = cues.NEGATION_BEFORE.search(head)
            self._refusals[start] = start - len(head) + cue.start() if cue else None
        return self._refusals[start]

    def _named_beside(self, name: FacetName, start: int, end: int, common: bool = True) -> bool:
        """Whether the facet's own name stands right before or after the value ("size M", "red colour", "颜色红")."""
        key = " ".join(_key_words(name.key))
        before = " ".join(
            stem(w) for w, _, _ in words(self.text[max(0, start - 40) : start]) if w not in ("is", "of", "in")
        )
        after = " ".join(stem(w) for w, _, _ in words(self.text[end : end + 40]))
        if has_cjk(key):
            before_it = self.head(start).rstrip(" ：:是为要选")
            return before_it.endswith(name.key) or self.tail(end).lstrip().startswith(name.key)
        # Before the value any facet may be named; after it only one that many products have: "black toner cartridge"
        # names a kind of thing, though some product may have a facet "toner cartridge".
        return before.endswith(key) or (common and after.startswith(key))

    def refused(self, mentions: Iterable[Mention]) -> list[Condition]:
        """ "not Razer" where no facet has the word: titles must not hold it. Marks what it reads."""
        conditions = []
        read = bytearray(self.used)
        for mention in mentions:
            read[mention.start : mention.end] = b"\2" * (mention.end - mention.start)
        for match in cues.REFUSED_WORD.finditer(self.text):
            group = "en" if match["en"] else "zh"
            start, end = match.span(group)
            word = self.text[start:end]
            known = self.vocabulary.knows(stem(word.casefold())) or has_cjk(word)
            if any(read[start:end]) or not self.free(start, end) or not known:
                continue
            if stem(word.casefold()) not in cues.COMMON_STEMS:
                conditions.append(Condition(("title",), (word,), negated=True))
                self.mark(match.start(), match.end())
        return conditions

    # -- what is left ------------------------------------------------------------------------------------------------

    def _subject(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The subject of the clause that names something the catalogue knows ("I'm broke, cheapest keyboard"); of
        several the last that says it is wanted ("I need a shirt. Choose red"), else the last; of none the text's."""
        clauses = [(clause, *split_subject(strip_filler(clause))) for clause in _CLAUSE.split(text)[-_MAX_CLAUSES:]]
        named = [clause for clause in clauses if clause[1] and not self._only_names_facets(clause[1])]
        known = [clause for clause in named if self._knows_any(clause[1])]
        if not known:
            return split_subject(strip_filler(text))
        wanted = [clause for clause in known if cues.WANTING.search(clause[0])]
        _, subject, terms = (wanted or known)[-1]
        return subject, (*terms, *(word for clause in named if clause[1] != subject for word in clause[2]))

    def _knows_any(self, subject: str) -> bool:
        return has_cjk(subject) or any(self.vocabulary.knows(stem(word.casefold())) for word in subject.split())

    def _only_names_facets(self, subject: str) -> bool:
        """Whether nothing but facet names is left ("size" of "size M or L")."""
        keys = [stem(word) for word in subject.casefold().split()]
        return all(self.vocabulary.named(k) and not self.vocabulary.title_counts.get(k) for k in keys)

    def names_things(self, mention: Mention) -> bool:
        """Whether more titles than values hold the word: "camera" is a thing, though a bag has a camera compartment."""
        key = value_key(self.text[mention.start : mention.end])
        carriers = max((v.n_products for v in self.vocabulary.values(key)), default=0)
        return self.vocabulary.title_counts.get(key, 0) > carriers

    def _of_category(self, mentions: Iterable[Mention]) -> str:
        """The last category said, with the words of the catalogue right before it ("external SSD"); "" without one."""
        said = [m for m in mentions if m.role == "category" and not m.negated and not m.purpose]
        if not said:
            return ""
        start = said[-1].start
        for word, begin, end in reversed(list(words(self.text[: said[-1].start]))):
            adjacent = not self.text[end:start].strip(" -") and self.used[begin] != 1
            key = stem(word)
            if not adjacent or word in cues.STOP_WORDS or key in cues.NOISE or not self.vocabulary.knows(key):
                break
            if any(m.role != "category" and m.start <= begin < m.end for m in mentions):
                break
            start = begin
        return self.text[start : said[-1].end]

    def unexplained(self, mentions: Sequence[Mention], residual: str, subject: str) -> tuple[str, ...]:
        """Words of the residual that name nothing in the catalogue and do not merely ask."""
        text = self.text[:_MAX_READ]  # what stands further on explains nothing about what is wanted
        said = bytearray(used == 1 for used in self.used)  # bounds, sorts and parts of facets' values
        for mention in mentions:
            said[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
        named = "".join("\x00" if read else letter for letter, read in zip(text, said, strict=False))
        if has_cjk(residual):
            known = {piece for piece in re.split(r"\s+|的", subject) if piece and self._in_titles(piece)}
            pieces = re.split(r"\s+|的|\x00", strip_filler(named))
            return tuple(p for p in pieces if len(p) >= 2 and has_cjk(p) and p not in known and not self._in_titles(p))
        found = []
        for word, _, _ in words(strip_filler(named)):
            key = stem(word)
            asks = word in cues.STOP_WORDS or key in cues.COMMON_STEMS or key in cues.NOISE or len(word) < 3
            if not asks and word.isalpha() and not self.vocabulary.knows(key):
                found.append(word)
        return tuple(dict.fromkeys(found))

    def _in_titles(self, piece: str) -> bool:
        return any(piece in word for word in self.vocabulary.chinese_title_words)

    def left(self, mentions: Iterable[Mention]) -> tuple[str, str, tuple[str, ...]]:
        """(residual, subject, terms)."""
        text = list(self.text)
        for i, used in enumerate(self.used):
            if used == 1:
                text[i] = "\x00"
        for mention in mentions:
            if mention.negated:
                refused_from = self._refused_from(mention.start)
                start = mention.start if refused_from is None else refused_from
                after = cues.NEGATION_AFTER.match(self.tail(mention.end))
                end = mention.end + (after.end() if after else 0)
                text[start:end] = "\x00" * (end - start)
        residual = strip_filler("".join(text))
        for mention in mentions:
            if mention.role != "category":
                suffix = re.match(r"牌子?", self.text[mention.end :]) if mention.role == "brand" else None
                end = mention.end + (suffix.end() if suffix else 0)
                text[mention.start : end] = "\x00" * (end - mention.start)
        kind = "".join("\x00" if used == 3 else letter for letter, used in zip(text, self.used, strict=True))
        subject, terms = self._subject(kind)
        if not subject and 3 in self.used:  # "lithium battery": the facet's name is all that says what is wanted
            subject, terms = self._subject("".join(text))
        if category := self._of_category(mentions):
            kept = {stem(word) for word, _, _ in words(category)}
            others = (*terms, *(word for word in subject.split() if stem(word.casefold()) not in kept))
            subject, terms = category, tuple(dict.fromkeys(others))
        for typed, known in self.corrections.items():
            if known not in residual:
                residual = f"{residual} {known}".strip()
            subject = subject.replace(typed, known)
        return residual, subject, terms


# The dash of "USD 95-USD 150" and "300 dollars-350 dollars".
_SPAN = re.compile(
    r"(?<=\d)-(?=[A-Z]{3} ?\d|[$€£¥])|"
    r"(?:(?<=dollars)|(?<=euros)|(?<=euro)|(?<=EUR)|(?<=USD)|(?<=GBP)|(?<=bucks))-(?=\d)"
)
# "Is it leather", "是玻璃的吗": what follows is said of a thing and does not name it.
_SAID_OF_IT = re.compile(r"\b(?:in|is|are|it|one|ones|with|of|from|made)\s*$|(?:是|要|换成|用)\s*$", re.I)
_CLAUSE = re.compile(r"[,.!?;:，。！？；：\n]+(?![0-9])")


def _digits(word: str) -> str:
    """ "two" of "two people" as catalogues write it."""
    return str(_NUMBER_WORDS[word]) if word in _NUMBER_WORDS else word


def _name_pattern(name: FacetName) -> str:
    """A facet's name as a message may inflect it."""
    if has_cjk(name.key):
        return re.escape(name.key)
    return r"\W+".join(rf"\b{re.escape(word)}\w*" for word, _, _ in words(name.key))


def _key_words(key: str) -> list[str]:
    return [stem(word) for word, _, _ in words(key)]


def _of(values: Iterable[FacetValue], name: str) -> tuple[str, ...]:
    return tuple(value.value for value in values if value.name == name)


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


def strip_filler(text: str) -> str:
    """A text without carrier phrases and particles; "\\x00" separates stretches that were cut out already."""
    pieces = []
    for piece in re.split(r"[\x00\n,.!?;:，。！？；：、()（）\"“”]+(?![0-9])", cues.FILLER_PHRASES.sub(" ", text)):
        for chinese in cues.FILLER_ZH.split(piece) if has_cjk(piece) else (piece,):
            part = chinese.strip()
            if has_cjk(part):
                part = part.lstrip(cues.TRIM_START_ZH).rstrip(cues.TRIM_ZH).strip()
            tokens = part.split()
            while tokens and tokens[0].casefold().strip("'’") in cues.STOP_WORDS:
                tokens.pop(0)
            while tokens and tokens[-1].casefold().strip("'’") in cues.STOP_WORDS:
                tokens.pop()
            if tokens:
                pieces.append(" ".join(tokens))
    return " ".join(pieces)


_PREPOSITION = re.compile(
    r"\b(?:for|with|that|which|who|to|in|on|from|by|of|under|at|when|while|because|since)\b", re.I
)


def split_subject(text: str) -> tuple[str, tuple[str, ...]]:
    """("jacket", ("hiking",)) of "jacket for hiking": what stands before the first preposition, and the words after."""
    if has_cjk(text):
        parts = [part for part in re.split(r"\s+|的", text) if part]
        return (parts[-1] if parts else ""), tuple(parts[:-1])
    match = _PREPOSITION.search(text)
    head, tail = (text[: match.start()], text[match.end() :]) if match else (text, "")
    head_words = [
        w for w in head.split() if w.casefold() not in cues.STOP_WORDS and stem(w.casefold()) not in cues.NOISE
    ]
    if not head_words and match:
        return split_subject(tail)
    tail_words = [w for w, _, _ in words(tail) if w not in cues.STOP_WORDS]
    return " ".join(head_words), tuple(tail_words)


def _without_subject(mentions: Sequence[Mention], reader: _Reader) -> list[Mention]:
    """Mentions that constrain: in "black toner cartridge" the catalogue may call something "cartridge", but it is what
    the phrase is about, so it stays in the subject."""
    kept = list(mentions)
    for mention, following in itertools.pairwise(mentions):
        # "gaming mouse": two categories side by side are one compound, and its last word says what it is.
        beside = not reader.text[mention.end : following.start].strip(" -")
        if mention.role == following.role == "category" and beside and not mention.negated:
            kept.remove(mention)
    for mention in mentions:
        if mention.role != "value" or mention.named or mention.negated or mention.purpose:
            continue
        if mention.option and not reader.names_things(mention):
            continue
        rest = reader.unread(mention.end)
        head, _ = split_subject(strip_filler(rest)) if not _PREPOSITION.match(rest.lstrip()) else ("", ())
        before = _SAID_OF_IT.search(reader.head(mention.start))
        followed = any(other.start >= mention.end and other.role == "category" for other in mentions)
        if not head and not before and not followed:
            kept.remove(mention)
    return kept


def _merge(mentions: Iterable[Mention], text: str) -> list[Mention]:
    """`size M or L` is one condition with two values; a negation before the first covers the list."""
    merged: list[Mention] = []
    for mention in mentions:
        last = merged[-1] if merged else None
        between = text[last.end : mention.start] if last else ""
        if last and last.role == mention.role and between.strip() and cues.JOINED.match(between):
            shared = tuple(name for name in last.names if name in mention.names)
            listed = re.search(r"or|and|或|和|跟|还是|及|与|/|&", between, re.I)
            alike = 2 * len(shared) > len(set(last.names) | set(mention.names))
            if shared and (listed or alike):
                values = tuple(dict.fromkeys(last.values + mention.values))
                merged[-1] = replace(
                    last, end=mention.end, names=shared, values=values, named=last.named or mention.named
                )
                continue
        merged.append(mention)
    return merged


def parse_constraints(
    text: str, vocabulary: Vocabulary, currency: str | None, protected: Sequence[tuple[int, int]] = ()
) -> Constraints:
    """Read one message. `currency` is the shop's (ISO 4217), None where unknown. Never raises.

    `protected` are stretches of the cleaned text that are no constraints whatever they say: titles of products.
    """
    reader = _Reader(_SPAN.sub("~", clean(text)), vocabulary, currency)
    for start, end in protected:
        reader.mark(start, end, 2)
    sort, limit, stock = reader.sort(), reader.limit(), reader.stock()
    measures = reader.quantities()
    mentions = _merge(_without_subject(reader.mentions(), reader), reader.text)
    hard: list[Condition] = [*measures]
    wishes: list[Condition] = []
    for mention in mentions:
        if mention.purpose and not mention.negated and mention.role in ("brand", "category"):
            continue
        certain = mention.role in ("brand", "category") or mention.named or mention.negated or mention.option
        (hard if certain else wishes).append(mention.condition)
    hard.extend(reader.refused(mentions))
    residual, subject, terms = reader.left(mentions)
    filters = replace(reader.filters, in_stock=stock, conditions=tuple(dict.fromkeys(hard)))
    return Constraints(
        filters,
        tuple(dict.fromkeys(wishes)),
        sort,
        limit,
        subject,
        residual,
        terms,
        reader.foreign,
        tuple(mentions),
        tuple(reader.corrections.items()),
        reader.unexplained(mentions, residual, subject),
    )
