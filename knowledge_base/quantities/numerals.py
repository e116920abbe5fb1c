"""Numerals to decimals: digits with any grouping, English number words, Chinese number characters.

In: the written number alone, without currency or unit. Out: its value, or None where it is none. It refuses to know
what stands around the number.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

CHINESE_NUMERAL = "零〇一二两三四五六七八九十百千万亿半"

_ONES = "zero one two three four five six seven eight nine ten"
_TEENS = "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS: dict[str, int] = {word: value for value, word in enumerate([*_ONES.split(), *_TEENS.split()])}
_WORDS |= {word: 10 * value for value, word in enumerate(_TENS.split(), start=2)}
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 1000, "grand": 1000, "million": 1_000_000}

_ANY = "|".join([*sorted([*_WORDS, *_SCALES], key=len, reverse=True)])
# "a year" and "an hour" are one of it; "a tent" is no number. "half a" goes with what follows.
_TIMED = r"(?=[ -](?:second|minute|hour|day|week|month|year|decade|kilo|litre|liter|metre|meter|dollar|buck)s?\b)"
ENGLISH_NUMERAL = (
    rf"(?:(?:an?|half[ ]an?)[ ](?:dozen|hundred|thousand|grand|million)|(?:{'|'.join(_WORDS)})(?![a-z]))"
    rf"(?:(?:[ -]|[ ]and[ ])(?:{_ANY})(?![a-z])){{0,8}}|half[ ]an?(?=[ ][a-z])|an?{_TIMED}"
)

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_POWERS = {"十": 10, "百": 100, "千": 1000}
_VULGAR = {"½": "0.5", "¼": "0.25", "¾": "0.75", "⅓": "0.3333", "⅔": "0.6667", "⅛": "0.125"}


def parse_digits(written: str, money: bool = False) -> Decimal | None:
    """A number in digits: "1,299.00", "1.299,00", "1'299", "1 299", "2½", "1 1/2".

    A comma before one or two digits is a decimal comma; with `money` a dot before three digits groups thousands.
    """
    if written[-1] in _VULGAR:
        return Decimal(written[:-1] or 0) + Decimal(_VULGAR[written[-1]])
    if match := re.fullmatch(r"(?:(\d+)[ -])?(\d+)/(\d+)", written):
        if not int(match[3]):
            return None
        return Decimal(match[1] or 0) + Decimal(match[2]) / Decimal(match[3])
    plain = written.replace("'", "").replace(" ", "")
    last_comma, last_dot = plain.rfind(","), plain.rfind(".")
    if last_comma > last_dot and len(plain) - last_comma <= 3:
        plain = plain.replace(".", "").replace(",", ".")
    else:
        plain = plain.replace(",", "")
        if plain.count(".") > 1 or (money and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", plain)):
            plain = plain.replace(".", "")
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def parse_english(written: str) -> Decimal | None:
    """A number in English words: "nineteen", "twenty-five", "two hundred and fifty", "half a dozen", "a", "half a"."""
    parts = [part for part in re.split(r"[ -]", written.lower()) if part != "and"]
    half = parts[0] == "half"
    parts = [part for part in parts if part not in ("half", "a", "an")]
    if not parts:
        return Decimal("0.5") if half else Decimal(1)
    total = current = 0
    for part in parts:
        if part in _WORDS:
            value = _WORDS[part]
            fits = current % 100 == 0 if value >= 10 else current % 10 == 0 and (current % 100 != 10)
            if not fits:
                return None  # "two five": two numbers, or none
            current += value
        else:
            scale = _SCALES[part]
            current = (current or 1) * scale
            if scale >= 1000:
                total, current = total + current, 0
    return Decimal(total + current) / (2 if half else 1)


def parse_chinese(written: str, positional: bool = False) -> tuple[Decimal, Decimal] | None:
    """A number in Chinese characters as (low, high): 两千, 三百五 (350), 二点五, 半; 三四 and 两三百 are ranges.

    `positional`: digits stand for themselves (八五 is 85), as before 折.
    """
    if written == "半":
        return (Decimal("0.5"),) * 2
    if not set(written) <= set(CHINESE_NUMERAL + "点"):
        return None
    whole, _, fraction = written.partition("点")
    if "半" in whole:
        return None
    if fraction:
        ends = _whole(whole, positional=True)
        if ends is None:
            return None
        return (ends[0] + Decimal("0." + "".join(str(_DIGITS[letter]) for letter in fraction)),) * 2
    return _whole(whole, positional)


def _whole(written: str, positional: bool) -> tuple[Decimal, Decimal] | None:
    if written and all(letter in _DIGITS for letter in written):
        digits = [_DIGITS[letter] for letter in written]
        if not positional and len(digits) == 2 and 0 < digits[0] < digits[1]:
            return Decimal(digits[0]), Decimal(digits[1])
        return (Decimal("".join(map(str, digits))),) * 2
    pair = re.search(r"([一二两三四五六七八九])([二三四五六七八九])(?=[十百千万]|$)", written)
    if pair and _DIGITS[pair[1]] < _DIGITS[pair[2]]:
        low = _sections(written[: pair.start()] + pair[1] + written[pair.end() :])
        high = _sections(written[: pair.start()] + pair[2] + written[pair.end() :])
    else:
        low = high = _sections(written)
    return None if low is None or high is None else (Decimal(low), Decimal(high))


def _sections(written: str) -> int | None:
    """The value of a number with 十 百 千 万 亿 in it; a last digit alone continues the power before it (三百五)."""
    total = section = 0
    digit: int | None = None
    power = 0  # of the last multiplier, 0 after a zero
    for letter in written:
        if letter in _DIGITS:
            if digit is not None and digit != 0:
                return None
            digit = _DIGITS[letter]
            power = 0 if digit == 0 else power
        elif letter in _POWERS:
            power = _POWERS[letter]
            section += (1 if digit is None else digit) * power
            digit = None
        else:
            power = 10_000 if letter == "万" else 100_000_000
            total = (total + section + (digit or 0) or 1) * power
            section, digit = 0, None
    if digit and power >= 100:
        digit *= power // 10
    return total + section + (digit or 0)
