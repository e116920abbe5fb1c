"""Figures as a shopper reads them: money, ratings, dates and attribute values.

In: a value of a record. Out: its words in English or Chinese, with exactly the digits of the record. Nothing is
rounded, converted or computed here, so that every figure in a reply can be found in the record it cites.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from assistant.types import Language
from knowledge_base.quantities import find_quantities
from knowledge_base.text import fold

YES = frozenset({"yes", "true", "y", "是", "有", "支持"})
NO = frozenset({"no", "false", "n", "否", "无", "没有", "不支持"})
NOTHING = frozenset({"none", "n/a", "na", "not applicable", "无", "不适用"})

# The currencies that have a sign of their own; the others are written with their ISO code.
_SIGNS = {
    "USD": "$", "EUR": "€", "GBP": "£", "CNY": "¥", "JPY": "¥", "INR": "₹", "KRW": "₩", "AUD": "A$", "CAD": "C$",
    "HKD": "HK$", "NZD": "NZ$", "SGD": "S$", "TWD": "NT$", "BRL": "R$", "MXN": "MX$", "ILS": "₪", "TRY": "₺",
    "VND": "₫", "PHP": "₱", "THB": "฿", "UAH": "₴",
}  # fmt: skip
# In Chinese.
CURRENCY_NAMES = {
    "CNY": "元", "USD": "美元", "EUR": "欧元", "GBP": "英镑", "JPY": "日元", "HKD": "港元", "TWD": "新台币",
    "KRW": "韩元", "AUD": "澳元", "CAD": "加元", "SGD": "新加坡元", "INR": "卢比", "CHF": "瑞士法郎",
    "THB": "泰铢",
}  # fmt: skip
_WHOLE = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def plain(number: Decimal) -> str:
    """A number without trailing zeros or exponent: 4.50 -> "4.5", 1E+3 -> "1000"."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(amount: Decimal, currency: str | None, language: Language, *, bound: bool = False) -> str:
    """An amount as shops write it: "$1,299.00", "1299元"; a plain figure where the currency is unknown.

    `bound`: the amount is a limit that the shopper named, so that "$50.00" is written "$50".
    """
    exact = amount == amount.to_integral_value()
    decimals = 0 if currency in _WHOLE or (exact and (bound or language == "zh")) else 2
    if -amount.as_tuple().exponent > 2 and not exact:  # type: ignore[operator]  # a record is finite
        decimals = len(plain(amount).partition(".")[2])
    if language == "zh":
        digits = f"{amount:.{decimals}f}"
        if currency is None:
            return digits
        name = CURRENCY_NAMES.get(currency)
        return f"{digits}{name}" if name else f"{digits} {currency}"
    digits = f"{amount:,.{decimals}f}"
    if currency is None:
        return digits
    sign = _SIGNS.get(currency)
    return f"{sign}{digits}" if sign else f"{currency} {digits}"


def when(text: str | date, language: Language) -> str:
    """A day, with its time of day where the record has one; text that is no ISO 8601 time is returned as it is."""
    if isinstance(text, str):
        try:
            stamp = datetime.fromisoformat(text.strip())
        except ValueError:
            return text.strip()
        day: date = stamp.date()
        clock = f"{stamp:%H:%M}" if len(text.strip()) > 10 else ""
    else:
        day, clock = text, ""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日" + (f" {clock}" if clock else "")
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}" + (f", {clock}" if clock else "")


def attribute_name(name: str) -> str:
    """An attribute's name for reading: "display_diagonal" -> "display diagonal", "weight  t t " -> "weight"."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", name.replace("_", " "))
    spaced = re.sub(r"\s+", " ", spaced).strip(" :：")
    spaced = re.sub(r"(?:\(s\)|(?<=[a-z]{3}) s)(?=$|\s)", "s", spaced)  # "connector(s)"
    spaced = re.sub(r"\s([a-z])\s\1$", "", spaced)  # "operating temperature  t t ": a symbol that lost its marks
    return spaced if re.search(r"[A-Z]{2}|[A-Z][a-z]*[A-Z]|[0-9]", spaced) else spaced.lower()


def attribute_value(value: str, limit: int | None = None) -> str:
    """An attribute's value for reading: "17.0" -> "17"; one line; cut at a comma or word within `limit` characters."""
    text = re.sub(r"\s+", " ", value.replace("\\n", " ")).strip()
    if re.fullmatch(r"-?\d+\.\d+", text):
        return plain(Decimal(text))
    text = re.sub(r"^(\d+)\.0(?= )", r"\1", re.sub(r",(?=[^\s\d])", ", ", text))
    if limit is None or len(text) <= limit:
        return text
    cut = max(text.rfind(mark, 0, limit) for mark in (", ", "; ", "、", "，", "；", ". "))
    if cut < limit // 3:
        cut = text.rfind(" ", 0, limit) if " " in text[:limit] else limit
    return text[:cut].rstrip(" ,;、，；") + " …"


def truth(value: str) -> bool | None:
    """True for a yes, False for a no, None for anything else."""
    word = fold(value)
    return True if word in YES else False if word in NO else None


def is_nothing(value: str) -> bool:
    """Whether the value says that there is none of it: {"armrest": "none"}."""
    return fold(value) in NOTHING


def leading_number(value: str) -> Decimal | None:
    """The number with which a value starts ("1.9 kg" -> 1.9), or None."""
    match = re.match(r"\s*(-?\d+(?:,\d{3})*(?:\.\d+)?)", value)
    return Decimal(match.group(1).replace(",", "")) if match else None


def is_measured(value: str) -> bool:
    """Whether the whole value is one figure with its unit: "1.9 kg", "150分钟", not "316不锈钢" or "5300"."""
    found = find_quantities(value)
    return len(found) == 1 and found[0].unit is not None and (found[0].start, found[0].end) == (0, len(value))


def unit_of(value: str) -> str:
    """What follows the leading number, folded: "1.9 kg" -> "kg"; "" where nothing does."""
    return fold(re.sub(r"^\s*-?\d+(?:,\d{3})*(?:\.\d+)?\s*-?", "", value))
