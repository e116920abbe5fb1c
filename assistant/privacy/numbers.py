"""Telephone, card and ID numbers: what runs of digits are, however they are split.

In: folded text. Out: spans of numbers that lead to a person. Digits may be split by spaces, dashes, dots, brackets and
line breaks. A price, a measure, a date, an EAN or an order number is none: shape and check digits decide, and where
they cannot, the words before the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.privacy import checksums
from assistant.privacy.found import Cue, Found, Kind, cue_before

_DIGITS = re.compile(r"[0-9]+")
_JOINED = re.compile(r"[ \n]{0,3}[-./()_·]{0,2}[ \n]{0,3}")
_SEPARATOR_CHARS = 6
_MOST_DIGITS = 19
_LEAST_DIGITS = 7
_MOST_GROUPS = 7  # unless each is a single digit
_PREFIX = re.compile(r"(?:(?P<plus>\+)[ (]?|[(])$")
_UNIT = re.compile(
    r"[ ]?(?:mm|cm|m|km|kg|g|mg|lbs?|oz|mah|wh?|kw|v|a|ml|l|gb|tb|mb|hz|px|rpm|lm|usd|eur|gbp|cny|rmb|inch(?:es)?|in|ft"
    r"|%|°|元|块|件|个|只|公里|米|克|毫升|瓦|美元|cents?|stars?|reviews?|pcs|x)(?![A-Za-z])|[ ]?[€£¥%°]|[.,:][0-9]",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d")
_CHINESE_ID = re.compile(
    r"(?<![A-Za-z0-9])[1-8](?:[ \n]{0,2}[-./_·]?[ \n]{0,2}[0-9]){16}[ \n]{0,2}[-./_·]?[ \n]{0,2}[0-9Xx](?![A-Za-z0-9])"
)
_EXTENSION = re.compile(r"[ ]?(?:ext\.?|x|转|轉|分机|durchwahl)[ ]?[0-9]{1,5}(?![0-9])", re.IGNORECASE)
_SECURITY_CODE = re.compile(r"(?i:\b(?:cvv2?|cvc2?|cvn|security code)\b|安全码|校验码)[^\d\n]{0,12}(\d{3,4})(?!\d)")
_MOBILE_SHAPES = {(11,), (3, 4, 4), (3, 8), (7, 4), (5, 6), (4, 4, 3), (3, 3, 5), (1, 10), (4, 7), (1,) * 11}
_AMERICAN_SHAPES = {(10,), (3, 3, 4), (3, 7), (3, 3, 2, 2), (1,) * 10}


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive groups of digits, as one number."""

    digits: str
    shape: tuple[int, ...]
    written: str
    start: int
    end: int
    plus: bool
    cue: Cue | None


def numbers(text: str) -> Iterator[Found]:
    """The numbers of a folded text that lead to a person."""
    groups = list(_DIGITS.finditer(text))
    if sum(len(group[0]) for group in groups) < _LEAST_DIGITS:
        return
    done = 0
    for match in _CHINESE_ID.finditer(text):
        number = re.sub(r"[^0-9Xx]", "", match[0])
        if checksums.chinese_id_shape(number):
            yield Found("id", match.start(), match.end())
    for match in _SECURITY_CODE.finditer(text):
        yield Found("card", match.start(1), match.end(1))
    for first, group in enumerate(groups):
        if group.start() < done or _goes_on(text, groups, first):
            continue
        found = _number_at(text, groups, first)
        if found is not None:
            yield found
            done = found.end


def _number_at(text: str, groups: Sequence[re.Match[str]], first: int) -> Found | None:
    """The longest number that begins with this group."""
    start = groups[first].start()
    last = first
    n_digits = len(groups[first][0])
    while last + 1 < len(groups) and n_digits + len(groups[last + 1][0]) <= _MOST_DIGITS:
        gap = text[groups[last].end() : groups[last + 1].start()]
        if len(gap) > _SEPARATOR_CHARS or not _JOINED.fullmatch(gap):
            break
        last += 1
        n_digits += len(groups[last][0])
    if n_digits < _LEAST_DIGITS:
        return None
    if _is_part_of_another(text, start):
        return None
    prefix = _PREFIX.search(text, max(0, start - 2), start)
    cue = cue_before(text, start)
    parts = [group[0] for group in groups[first : last + 1]]
    for end in range(last, first - 1, -1):
        digits = "".join(parts[: end - first + 1])
        if len(digits) < _LEAST_DIGITS:
            return None
        stop = groups[end].end()
        after = text[stop : stop + 1]
        extended = _EXTENSION.match(text, stop)
        if not extended and ((after.isascii() and after.isalpha()) or _UNIT.match(text, stop)):
            continue
        shape = tuple(len(part) for part in parts[: end - first + 1])
        if len(shape) > _MOST_GROUPS and set(shape) != {1}:
            continue
        plus = prefix is not None and prefix["plus"] is not None
        run = _Run(digits, shape, text[start:stop], start, stop, plus, cue)
        if kind := _kind(run):
            extension = extended if kind == "phone" else None
            return Found(kind, start - len(prefix[0]) if prefix else start, extension.end() if extension else stop)
    return None


def _goes_on(text: str, groups: Sequence[re.Match[str]], place: int) -> bool:
    """Whether a single digit only goes on a row of such digits: a number begins where the row does."""
    before, group = groups[place - 1] if place else None, groups[place]
    return (
        before is not None
        and len(group[0]) == len(before[0]) == 1
        and _JOINED.fullmatch(text, before.end(), group.start()) is not None
    )


def _is_part_of_another(text: str, start: int) -> bool:
    """Whether what stands before the digits makes them a price, a model number or the rest of a decimal."""
    before = text[start - 1 : start]
    if (before and before in "$€£¥#") or re.search(r"[0-9][.,:]$", text[max(0, start - 2) : start]):
        return True
    return before.isascii() and before.isalpha() and cue_before(text, start, touching=True) in (None, "thing")


def _kind(run: _Run) -> Kind | None:
    digits, cue = run.digits, run.cue
    if len(set(digits)) == 1:
        return None
    if run.plus:
        return "phone" if 8 <= len(digits) <= 15 and digits[0] != "0" else None
    if _DATE.match(run.written) and cue not in ("card", "id"):
        return None
    if (
        cue != "thing"
        and checksums.card_number(digits)
        and not (len(digits) == 13 and checksums.gtin(digits))
        and _is_even(run.shape)
    ):
        return "card"
    if cue == "card" and 12 <= len(digits) <= 19:
        return "card"
    if _is_id(run):
        return "id"
    if cue == "account" and 6 <= len(digits) <= 19:
        return "account"
    return "phone" if _is_phone(run) else None


def _is_even(shape: tuple[int, ...]) -> bool:
    """Whether groups look like those of one number: all single digits, or hardly any."""
    return len(shape) == 1 or set(shape) == {1} or sum(size == 1 for size in shape) <= 1


def _is_id(run: _Run) -> bool:
    digits, shape, cue = run.digits, run.shape, run.cue
    if cue == "id":
        return 6 <= len(digits) <= 19
    dashed = "-" in run.written
    if shape == (3, 2, 4) and dashed:  # a US social security or taxpayer number
        return digits[:3] not in ("000", "666") and digits[3:5] != "00" and digits[5:] != "0000"
    if shape == (3, 3, 3, 2) and dashed:  # a Brazilian CPF
        return True
    if shape == (6, 7) and dashed:  # a Korean registration number
        return digits[6] in "12345678" and "01" <= digits[2:4] <= "12" and "01" <= digits[4:6] <= "31"
    return shape == (2, 3, 3, 3) and checksums.german_tax_id(digits)


def _is_phone(run: _Run) -> bool:
    digits, shape, cue = run.digits, run.shape, run.cue
    n = len(digits)
    bare = len(shape) == 1
    if bare and checksums.gtin(digits) and n != 8 and cue != "phone":
        return False
    if cue == "thing" and bare:
        return False
    local, groups = digits, shape
    for code in ("0086", "86"):
        if digits.startswith(code + "1") and n == len(code) + 11:
            local, groups = digits[len(code) :], shape[1:] if shape[0] == len(code) else (11,)
    if re.fullmatch(r"1[3-9][0-9]{9}", local):
        return groups in _MOBILE_SHAPES or cue == "phone" or ("\n" in run.written)
    if n == 11 and digits[0] == "1" and (shape[0] == 1 or cue == "phone"):
        local, groups = digits[1:], shape[1:] or (10,)
    if re.fullmatch(r"[2-9][0-9]{2}[2-9][0-9]{6}", local) and groups in _AMERICAN_SHAPES:
        return run.written.count("/") in (0, len(shape) - 1)
    if re.fullmatch(r"[48]00[0-9]{7}", digits) and shape in {(3, 3, 4), (3, 4, 3), (3, 7)}:
        return True
    if shape == (5, 5) and digits[0] in "6789":
        return True
    if digits.startswith("00") and digits[2] != "0" and 11 <= n <= 17 and _is_even(shape):
        return True
    if digits[0] == "0" and digits[1] != "0" and _is_even(shape):
        if bare:
            return 10 <= n <= 11 or (n in (9, 12) and cue == "phone") or (n == 12 and digits[1] in "3456789")
        if "." in run.written and set(shape) != {2} and cue != "phone":
            return False  # so are article numbers written
        if "-" in run.written and shape[-1] < 3 and cue != "phone":
            return False  # likewise
        return 9 <= n <= 13 and 2 <= shape[0] <= 6
    return cue == "phone" and n <= 15 and (set(shape) == {1} or min(shape) >= 2) and (bare or max(shape) <= 8)
