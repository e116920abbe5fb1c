"""Numbers with their units, found in what shoppers, merchants and models write, in English and Chinese.

In: any text, and the shop's currency. Out: `Quantity` values with offsets into that text. It refuses to know what a
quantity is about: "under", "around" and 左右 are the caller's business, and so is what a bare number counts.

One master pattern walks the text once. It also matches what only looks like a number, so that it is stepped over:
links, dates, telephone numbers, ordinals, citations, list numbers, versions and model names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from knowledge_base.quantities.number_patterns import (
    AND,
    AND_HALF,
    BELOW_ZERO,
    BETWEEN,
    BETWEEN_ZH,
    BRIDGE,
    BY,
    CHENG,
    CLASSIFIER,
    CUE,
    DEGREES,
    FEET,
    FIGURE_WORDS,
    GROUPS,
    INCHES,
    MASTER,
    MORE,
    MULTIPLIER,
    NAMES,
    NUMBERED,
    OUT_OF,
    RANGE_AHEAD,
    SMALL_CHANGE,
    TAIL,
    TIMES,
    UNIT,
    WIDE,
    WORD_BEFORE,
    ZHE,
)
from knowledge_base.quantities.numerals import parse_chinese, parse_digits, parse_english
from knowledge_base.quantities.units import (
    DOLLARS,
    KRONER,
    PREFIXES,
    SUFFIX_CHINESE,
    SUFFIX_SYMBOLS,
    SUFFIX_WORDS,
    YUAN,
    convert,
)

__all__ = ["Quantity", "convert", "find_quantities"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number or range of numbers in a text: `text[start:end]` is it with its currency or unit.

    `low` == `high` unless it is a range. `unit` is an ISO 4217 code for "money" (None: "dollars", and the shop's
    currency is unknown) and a name of `units.UNITS` for measures; None for a "count", a bare number. A rating is in
    stars of 5; a percentage off is the percentage ("八折" is 20); a grade is 一级, 二级.
    """

    start: int
    end: int
    low: Decimal
    high: Decimal
    unit: str | None
    dimension: str


def find_quantities(text: str, currency: str | None = None) -> tuple[Quantity, ...]:
    """The quantities of a text, in order, not overlapping. `currency` (ISO 4217) is the shop's, and settles "$".

    A range is one quantity from its first to its last character ("20 to 40 euros"; "between" is left out); where only
    one end has a unit the other takes it.
    """
    return tuple(_Scan(text, currency).run())


class _Scan:
    """One walk over one text."""

    def __init__(self, text: str, currency: str | None) -> None:
        self.text = text.translate(WIDE)
        self.currency = currency
        self.found: list[Quantity] = []
        self.quotes = 0  # straight quotes before `self.quoted_to` that are no inch marks
        self.quoted_to = 0
        self.tentative: set[int] = set()  # starts of what is a number only as the first half of a range: 三到五天

    def run(self) -> list[Quantity]:
        position = 0
        while match := MASTER.search(self.text, position):
            quantity, after = self.read(match)
            if quantity is not None:
                self.found.append(quantity)
            position = after if after > match.start() else match.end()
        return self.merge_ranges()

    def read(self, match: re.Match[str]) -> tuple[Quantity | None, int]:
        """What one match of the master pattern stands for, and where to go on."""
        kind = match.lastgroup
        start, end = match.span()
        if kind == "money":
            return self.money(match)
        if kind == "zhpercent":
            words = match["zhpercent"]
            values = (Decimal(words),) * 2 if words[0].isascii() else parse_chinese(words)
            return (None if values is None else Quantity(start, end, *values, "percent", "percent")), end
        if kind == "half":
            return Quantity(start, end, Decimal(50), Decimal(50), "percent", "percent"), end
        if kind == "digits":
            value = parse_digits(match["digits"])
            if value is None:
                return None, TAIL.match(self.text, end).end()  # type: ignore[union-attr]
            return self.number(start, end, value, value, match["digits"])
        if kind == "english":
            value = parse_english(match["english"])
            return (None, end) if value is None else self.worded(start, end, value, match["english"])
        if kind == "chinese":
            return self.chinese(start, end, match["chinese"])
        return None, end

    def money(self, match: re.Match[str]) -> tuple[Quantity | None, int]:
        start, end = match.span()
        value = parse_digits(match["money"], money=True)
        if value is None:
            return None, end
        prefix = match["prefix"]
        unit = self.resolve(PREFIXES.get(prefix, prefix))
        value, end = self.multiply(value, end)
        if (after := UNIT.match(self.text, end)) and after.lastgroup in ("code", "currency", "symbol", "zhmoney"):
            named = self.currency_of(after)
            if named == unit or prefix in ("$", "¥"):
                unit, end = named, after.end()
        elif re.match(r"[A-Za-z]", self.text[end : end + 1]) and after is None:
            return None, TAIL.match(self.text, end).end()  # type: ignore[union-attr]
        return Quantity(start, end, value, value, unit, "money"), end

    def number(self, start: int, end: int, low: Decimal, high: Decimal, written: str) -> tuple[Quantity | None, int]:
        """A number in digits: with its multiplier and unit, or bare, or part of a name."""
        if found := self.with_unit(start, end, low, high, written):
            return found, found.end
        more = MORE.match(self.text, end)
        if more and (found := self.with_unit(start, more.end(), low, high, written)):
            return found, found.end
        value, after = self.multiply(low, end)
        if after != end:
            if found := self.with_unit(start, after, value, value, ""):
                return found, found.end
            if self.text[after - 1] in "kK" and self.is_resolution(start, low, after):
                return None, after
            return Quantity(start, after, value, value, None, "count"), after
        following = self.text[end : end + 1]
        if following.isascii() and (following.isalnum() or following == "_"):
            if not BY.match(self.text, end) or not self.text[end + 1 : end + 3].strip()[:1].isdigit():
                return None, TAIL.match(self.text, end).end()  # type: ignore[union-attr]
        elif following in ("-", "/") and re.match(
            r"[-/]\d+[A-Za-z]{1,2}(?:\d|-)|-in-\d|/\d", self.text[end : end + 12]
        ):
            return None, TAIL.match(self.text, end).end()  # type: ignore[union-attr]
        if self.is_named(start) or (
            written.isdigit() and (len(written) >= 8 or (len(written) > 1 and written[0] == "0"))
        ):
            return None, end
        if "," in written and re.fullmatch(r"\d+,\d{1,2}", written):  # "sizes 3,5": without a unit no decimal comma
            first = written.split(",")[0]
            return Quantity(start, start + len(first), Decimal(first), Decimal(first), None, "count"), start + len(
                first
            ) + 1
        if counted := CLASSIFIER.match(self.text, end):
            return Quantity(start, counted.end(), low, high, None, "count"), counted.end()
        return Quantity(start, end, low, high, None, "count"), end

    def worded(self, start: int, end: int, value: Decimal, written: str) -> tuple[Quantity | None, int]:
        """An English number in words."""
        if found := self.with_unit(start, end, value, value, ""):
            return found, found.end
        if value < 1 or written.lower() in ("one", "a", "an") or re.match("-[A-Za-z]", self.text[end : end + 2]):
            return self.perhaps(start, end, value, value) if written.lower() == "one" else None, end
        if re.match(r"(?i:[ ]+of[ ]+(?:a|the)[ ]+kind)", self.text[end : end + 20]):
            return None, end
        if written.lower().endswith("grand"):
            return Quantity(start, end, value, value, self.resolve("$"), "money"), end
        return Quantity(start, end, value, value, None, "count"), end

    def chinese(self, start: int, end: int, written: str) -> tuple[Quantity | None, int]:
        """A number in Chinese characters; alone a single one is no number ("一样", "三星")."""
        if zhe := ZHE.match(self.text, end):
            digits = parse_chinese(written, positional=True)
            return (None, zhe.end()) if digits is None else (self.discount(start, zhe.end(), digits[0]), zhe.end())
        values = parse_chinese(written)
        if values is None:
            return None, end
        low, high = values
        more = MORE.match(self.text, end)
        after = more.end() if more else end
        if found := self.with_unit(start, after, low, high, ""):
            return found, found.end
        if len(written) == 1 and (cheng := CHENG.match(self.text, end)) and written not in "半两":
            return Quantity(start, cheng.end(), low * 10, high * 10, "percent", "percent"), cheng.end()
        if counted := CLASSIFIER.match(self.text, after):
            return (
                None if written == "半" else Quantity(start, counted.end(), low, high, None, "count")
            ), counted.end()
        big = any(letter in written for letter in "百千万") and len(written) > 1
        if big or (len(written) > 1 and written[0] not in "零〇" and "十" in written):
            return Quantity(start, end, low, high, None, "count"), end
        return self.perhaps(start, end, low, high), end

    def perhaps(self, start: int, end: int, low: Decimal, high: Decimal) -> Quantity | None:
        """A number that counts only if a range follows."""
        if not RANGE_AHEAD.match(self.text, end):
            return None
        self.tentative.add(start)
        return Quantity(start, end, low, high, None, "count")

    def with_unit(self, start: int, end: int, low: Decimal, high: Decimal, written: str) -> Quantity | None:
        """The number that ends at `end` with the unit that follows, or None."""
        if written and (zhe := ZHE.match(self.text, end)):
            return self.discount(start, zhe.end(), low)
        if written and (out_of := OUT_OF.match(self.text, end)):
            best = Decimal(10 if out_of["of"] in ("10", "ten") else 5)
            if low <= best:
                return Quantity(start, out_of.end(), low * 5 / best, high * 5 / best, "star", "rating")
        if written and (feet := FEET.match(self.text, end)):
            value = low * 12 + Decimal(feet[1])
            return Quantity(start, feet.end(), value, value, "inch", "length")
        inches = INCHES.match(self.text, end)
        if inches and ('"' not in inches[0] or self.is_inch_mark(start, low)):
            self.quoted_to = max(self.quoted_to, inches.end())
            return Quantity(start, inches.end(), low, high, "inch", "length")
        half_before = AND_HALF.match(self.text, end)
        match = UNIT.match(self.text, half_before.end() if half_before else end)
        if match is None:
            if (written or low > 1) and low <= 5 and CUE.search(self.text, max(0, start - 12), start):
                return Quantity(start, end, low, high, "star", "rating")
            return self.below_zero(start, end, low, high) if written else None
        if half_before:
            low, high = low + Decimal("0.5"), high + Decimal("0.5")
        if "," in written and re.fullmatch(r"\d+,\d{1,2}", written):
            low = high = Decimal(written.replace(",", "."))
        return self.measured(start, low, high, written, match)

    def below_zero(self, start: int, end: int, low: Decimal, high: Decimal) -> Quantity | None:
        """ "-10 C": a letter alone is a unit only after a number below zero."""
        sign, letter = BELOW_ZERO.search(self.text, max(0, start - 12), start), DEGREES.match(self.text, end)
        if sign is None or letter is None:
            return None
        unit = "celsius" if letter[1].upper() == "C" else "fahrenheit"
        return Quantity(sign.start(), letter.end(), -high, -low, unit, "temperature")

    def measured(self, start: int, low: Decimal, high: Decimal, written: str, match: re.Match[str]) -> Quantity | None:
        kind, end = match.lastgroup or "", match.end()
        if kind in ("cents", "mao"):
            scale = Decimal("0.01") if kind == "cents" else Decimal("0.1")
            unit = self.resolve("元") if kind == "mao" else ("EUR" if self.currency == "EUR" else self.resolve("$"))
            return Quantity(start, end, low * scale, high * scale, unit, "money")
        if kind in ("code", "currency", "symbol", "zhmoney"):
            if re.fullmatch(r"\d{1,3}\.\d{3}", written):  # "1.299 €"
                low = high = low * 1000
            if kind == "zhmoney" and (change := SMALL_CHANGE.match(self.text, end)):
                tenths = Decimal(change[1] if change[1].isascii() else "零一二三四五六七八九".index(change[1])) / 10
                low, high, end = low + tenths, high + tenths, change.end()
            return Quantity(start, end, low, high, self.currency_of(match), "money")
        unit, dimension = GROUPS[kind]
        if unit == "lb" and "pound" in match[0].lower() and self.currency == "GBP":
            return Quantity(start, end, low, high, "GBP", "money")
        if dimension == "rating" and low > 5:
            if "分" not in match[0] or low > 10:
                return None
            low, high = low / 2, high / 2
        if dimension == "temperature" and (sign := BELOW_ZERO.search(self.text, max(0, start - 12), start)):
            start, low, high = sign.start(), -high, -low
        if (half := AND_HALF.match(self.text, end)) and dimension in ("time", "mass", "length"):
            low, high, end = low + Decimal("0.5"), high + Decimal("0.5"), half.end()
        return Quantity(start, end, low, high, unit, dimension)

    def multiply(self, value: Decimal, end: int) -> tuple[Decimal, int]:
        """A following "k", "thousand", 万 …, and 1万2."""
        while match := MULTIPLIER.match(self.text, end):
            if match["k"]:
                return value * 1000, match.end()
            times = TIMES[(match["word"] or match["zh"]).lower()]
            value, end = value * times, match.end()
            if match["more"] and times >= 100:
                value += int(match["more"]) * times // 10
                break
        return value, end

    def discount(self, start: int, end: int, zhe: Decimal) -> Quantity | None:
        """八折 pays 80 %, 85折 pays 85 %: what is off."""
        paid = zhe * 10 if zhe < 10 else zhe
        return Quantity(start, end, 100 - paid, 100 - paid, "percent", "percent") if 0 < paid < 100 else None

    def resolve(self, sign: str) -> str | None:
        """The ISO code a currency sign means in this shop."""
        own = self.currency
        if sign == "$":
            return own if own in DOLLARS or own is None else "USD"
        if sign == "¥":
            return "JPY" if own == "JPY" else "CNY"
        if sign == "元":
            return own if own in YUAN else "CNY"
        if sign == "kr":
            return own if own in KRONER or own is None else "SEK"
        return sign

    def currency_of(self, match: re.Match[str]) -> str | None:
        said = match[0].strip(" -")
        if match.lastgroup == "code":
            return said.upper()
        if match.lastgroup == "symbol":
            return self.resolve(SUFFIX_SYMBOLS[said])
        if match.lastgroup == "zhmoney":
            return self.resolve(SUFFIX_CHINESE[said])
        word = said.lower()
        return self.resolve(SUFFIX_WORDS.get(word) or SUFFIX_WORDS[word.removesuffix("s")])

    def is_inch_mark(self, start: int, value: Decimal) -> bool:
        """Whether the quotation mark after a number means inches: not where one is open that it may close."""
        self.quotes += self.text.count('"', self.quoted_to, start)
        self.quoted_to = max(self.quoted_to, start)
        return self.quotes % 2 == 0 and value < 500

    def is_resolution(self, start: int, value: Decimal, end: int) -> bool:
        """Whether "4K" is a screen's sharpness, not four thousand."""
        if self.text[end - 1] == "K" and value in (2, 4, 5, 6, 8):
            return True
        before = self.text[max(0, start - 12) : start].lower()
        return value in (4, 8) and not re.search(
            r"(?:under|below|over|than|around|about|budget|to|-|<|以下|预算)\s?$", before
        )

    def is_named(self, start: int) -> bool:
        """Whether a bare number belongs to the word before it: "iPhone 15", "USB 3.0", "Galaxy 24"."""
        if NUMBERED.search(self.text, max(0, start - 8), start):
            return True
        match = WORD_BEFORE.search(self.text, max(0, start - 24), start)
        if match is None:
            return False
        word, before = match[1], self.text[: match.start(1)].rstrip(' "*_(')[-1:] if match.start(1) < 4000 else "x"
        if word.lower() in NAMES:
            return True
        if word.lower() in FIGURE_WORDS or word.islower():
            return False
        if not word[1:].islower() and len(word) > 1:  # "WLAN 802.11", "MacBook 14"
            return True
        sentence_start = before in ("", ".", "!", "?", "\n", ":", ";", "|", "-") or not before.isascii()
        return not sentence_start

    def merge_ranges(self) -> list[Quantity]:
        """Two neighbours that make one range, and units shared along "60 x 40 cm"."""
        merged: list[Quantity] = []
        for quantity in self.found:
            if merged and (joined := self.join(merged[-1], quantity)) is not None:
                merged[-1] = joined
            else:
                merged.append(quantity)
        merged = [q for q in merged if q.start not in self.tentative or q.low != q.high]
        for i in range(len(merged) - 2, -1, -1):
            left, right = merged[i], merged[i + 1]
            shared = left.dimension == "count" and right.dimension in ("length", "pixels")
            if shared and BY.fullmatch(self.text, left.end, right.start):
                merged[i] = replace(left, unit=right.unit, dimension=right.dimension)
        return merged

    def join(self, left: Quantity, right: Quantity) -> Quantity | None:
        """The range from `left` to `right`, or None where they are two quantities."""
        if right.start - left.end > 9 or left.low != left.high or right.low != right.high:
            return None
        between = bool(BETWEEN.search(self.text, max(0, left.start - 16), left.start))
        around = between or bool(BETWEEN_ZH.match(self.text, right.end))
        if not BRIDGE.fullmatch(self.text, left.end, right.start) and not (
            around and AND.fullmatch(self.text, left.end, right.start)
        ):
            return None
        low, high, unit, dimension = left.low, right.high, right.unit, right.dimension
        if left.dimension == "count" and right.dimension != "count":
            low = self.share_multiplier(left, right)
        elif right.dimension == "count" and left.dimension != "count":
            unit, dimension = left.unit, left.dimension
        elif left.dimension != right.dimension:
            return None
        elif left.dimension == "count":
            low = self.share_multiplier(left, right)
        elif left.unit != right.unit:
            converted = convert(low, left.unit or "", right.unit or "")
            if converted is None:
                return None
            low = converted
        if low > high:
            if not around:
                return None
            low, high = high, low
        return Quantity(left.start, right.end, low, high, unit, dimension)

    def share_multiplier(self, left: Quantity, right: Quantity) -> Decimal:
        """ "2-3万" and "2-3k": the first number takes the second's multiplier."""
        said = self.text[right.start : right.end]
        written = self.text[left.start : left.end]
        for letter, times in (("万", 10_000), ("千", 1000), ("k", 1000), ("K", 1000), ("百", 100)):
            if (
                letter in said
                and re.fullmatch(r"[\d.]+|[一二两三四五六七八九]", written)
                and left.low < right.low / times * 10
            ):
                return left.low * times if left.low * times <= right.low else left.low
        return left.low
