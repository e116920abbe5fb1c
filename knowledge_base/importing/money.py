"""Prices as merchants write them.

In: a price cell ("US $12.99", "1.299,00", "¥1,299", "$10 - $20"). Out: exact decimals and an ISO 4217 currency. It
knows no product; it never rounds, never uses binary floating point, and answers None rather than guess a figure.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal

DecimalMark = Literal[".", ","]

_ISO_4217 = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP "
    "CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF "
    "IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD "
    "MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB "
    "RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD "
    "UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"
)
CURRENCIES = frozenset(_ISO_4217.split())

# What a currency is written as, longest first at each place. A tuple: which one is meant depends on the shop's own.
_DOLLARS = ("USD", "AUD", "CAD", "HKD", "NZD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP", "BBD", "BSD", "JMD", "TTD")
_SIGNS: dict[str, tuple[str, ...]] = {
    "us$": ("USD",), "us $": ("USD",), "u.s. $": ("USD",), "a$": ("AUD",), "au$": ("AUD",), "au $": ("AUD",),
    "c$": ("CAD",), "ca$": ("CAD",), "c $": ("CAD",), "hk$": ("HKD",), "nt$": ("TWD",), "nz$": ("NZD",), "s$": ("SGD",),
    "mx$": ("MXN",), "r$": ("BRL",), "$": _DOLLARS, "dollars": _DOLLARS, "dollar": _DOLLARS, "€": ("EUR",),
    "euros": ("EUR",), "euro": ("EUR",), "£": ("GBP", "EGP", "SYP"), "pounds": ("GBP",), "¥": ("CNY", "JPY"),
    "cn¥": ("CNY",), "jp¥": ("JPY",), "元": ("CNY", "TWD", "HKD"), "块": ("CNY",), "圆": ("CNY",), "人民币": ("CNY",),
    "rmb": ("CNY",), "yuan": ("CNY",), "円": ("JPY",), "日元": ("JPY",), "yen": ("JPY",), "美元": ("USD",),
    "美金": ("USD",), "欧元": ("EUR",), "英镑": ("GBP",), "港币": ("HKD",), "港元": ("HKD",), "新台币": ("TWD",),
    "₹": ("INR",), "rs.": ("INR", "PKR", "LKR", "NPR"), "rs": ("INR", "PKR", "LKR", "NPR"), "₩": ("KRW",),
    "원": ("KRW",), "₽": ("RUB",), "руб.": ("RUB",), "руб": ("RUB",), "zł": ("PLN",), "zl": ("PLN",), "kč": ("CZK",),
    "kr.": ("SEK", "DKK", "NOK", "ISK"), "kr": ("SEK", "DKK", "NOK", "ISK"), "sfr.": ("CHF",), "fr.": ("CHF",),
    "₺": ("TRY",), "tl": ("TRY",), "₫": ("VND",), "฿": ("THB",), "₴": ("UAH",), "₪": ("ILS",), "rm": ("MYR",),
    "rp": ("IDR",), "₱": ("PHP",), "лв": ("BGN",), "ft": ("HUF",), "lei": ("RON",), "₦": ("NGN",), "₵": ("GHS",),
}  # fmt: skip
_NO_CENTS = frozenset({"JPY", "KRW", "VND", "IDR", "CLP", "PYG", "HUF", "ISK", "UGX", "XAF", "XOF"})
_COMMA_CENTS = frozenset({"EUR", "DKK", "NOK", "SEK", "PLN", "CZK", "HUF", "RON", "BGN", "TRY", "BRL", "RUB", "UAH"})

_SIGN = re.compile(
    "|".join(
        (rf"(?<![a-z]){re.escape(sign)}" if sign[0].isalpha() and sign.isascii() else re.escape(sign))
        + (r"(?![a-z])" if sign[-1].isalpha() and sign.isascii() else "")
        for sign in sorted(_SIGNS, key=len, reverse=True)
    )
)
_CODE = re.compile(r"(?<![A-Za-z])([A-Za-z]{3})(?![A-Za-z])")
_NUMBER = re.compile(r"\d(?:[\d.,'’]|[ \u00a0\u202f](?=\d{3}(?!\d)))*")
_MINUS = re.compile(r"(?:^|[^\d.,\s])\s*[-−‐–]\s*\d|^\s*[-−–]|^\(.*\)$")
_RANGE = re.compile(r"^(?:[-–—~～/]|to|bis|à|a|hasta|and|until|至|到)$")
# Words that stand beside a price and change nothing; anything else makes the cell no price.
_FILLER = re.compile(
    r"\b(?:from|starting|at|only|now|price|sale|each|ea|per|piece|pc|pcs|unit|ab|nur|jetzt|je|stück|stk|preis|vk|uvp|"
    r"inkl|incl|excl|exkl|zzgl|mwst|ust|vat|tax|tva|iva|ttc|ht|brutto|netto|gross|net|à partir de|à|dès|de|desde|solo|"
    r"seulement|prix|precio|approx|ca|about|rrp|msrp|list)\b\.?|[约起价格售仅/:()*+,.\-–—~～]|每件|/件"
)


@dataclass(frozen=True, slots=True)
class ParsedPrice:
    """A price that was read: `low` equals `high` unless the cell holds a range. `currency` None: nobody said."""

    low: Decimal
    high: Decimal
    currency: str | None


@lru_cache(maxsize=65536)
def parse_price(text: str, default_currency: str | None, mark: DecimalMark | None = None) -> ParsedPrice | None:
    """Read one price cell; None when it is no price, is negative, or is too unclear to state as fact.

    `default_currency` is what a bare number or an ambiguous sign ("$", "¥", "kr") is in. `mark` is the decimal mark
    of the whole column (see `decimal_mark`); without it the cell is judged alone: "1,299" is a thousand, "1,29" is not.

    >>> parse_price("US $1,299.50", None)
    ParsedPrice(low=Decimal('1299.50'), high=Decimal('1299.50'), currency='USD')
    """
    text = unicodedata.normalize("NFKC", text).strip().casefold()
    if len(text) > 80 or "%" in text or not any(c.isdigit() for c in text):
        return None
    currency, rest = _take_currency(text, default_currency)
    if _MINUS.search(rest.strip()):
        return None
    found = list(_NUMBER.finditer(rest))
    if not 1 <= len(found) <= 2:
        return None
    times = 10_000 if rest[found[-1].end() :].strip().startswith("万") else 1
    outside = [
        rest[: found[0].start()],
        rest[found[-1].end() :].replace("万", "", 1) if times > 1 else rest[found[-1].end() :],
    ]
    if any(_FILLER.sub(" ", part).strip() for part in outside):
        return None
    if len(found) == 2 and not _RANGE.match(rest[found[0].end() : found[1].start()].strip()):
        return None
    amounts = [parse_number(match.group(), mark, currency) for match in found]
    if any(amount is None for amount in amounts):
        return None
    low, high = sorted(amount * times for amount in (amounts[0], amounts[-1]) if amount is not None)
    return ParsedPrice(low, high, currency)


def currency_of(text: str, default: str | None = None) -> str | None:
    """The currency a text names ("price (EUR)", "¥1,299", "usd"), or `default`."""
    return _take_currency(unicodedata.normalize("NFKC", text).casefold(), default)[0]


def _take_currency(text: str, default: str | None) -> tuple[str | None, str]:
    """The currency named in a case-folded text, and the text without what names it."""
    for match in _CODE.finditer(text):
        code = match.group().upper()
        if code in CURRENCIES and code not in ("ALL", "TOP", "TRY", "CUP", "MOP"):
            rest = _SIGN.sub(" ", text[: match.start()] + " " + text[match.end() :])
            return code, rest.replace(match.group(), " ")
    meant: str | None = None
    for match in _SIGN.finditer(text):
        choices = _SIGNS[match.group()]
        meant = default if default in choices else choices[0]
        break
    return (meant, _SIGN.sub(" ", text)) if meant else (default, text)


def parse_number(text: str, mark: DecimalMark | None = None, currency: str | None = None) -> Decimal | None:
    """An unsigned number with any thousands grouping, exactly; None when the grouping makes no sense."""
    digits = re.sub(r"[\s'’]", "", text)
    digits = re.sub(r"[.,]-*$", "", digits)
    commas, dots = digits.count(","), digits.count(".")
    if commas and dots:
        mark = "," if digits.rfind(",") > digits.rfind(".") else "."
    elif commas + dots > 1:
        mark = "." if commas else ","
    elif commas + dots == 1 and not _is_ambiguous(digits):
        mark = "," if commas else "."
    elif commas + dots == 1 and mark is None:
        mark = "," if dots and (currency in _NO_CENTS or currency in _COMMA_CENTS) else "."
    whole, _, fraction = digits.partition(mark or ".")
    group = "," if mark == "." else "."
    if group in fraction or (
        group in whole
        and not re.fullmatch(rf"\d{{1,3}}(?:{re.escape(group)}\d{{2,3}})*{re.escape(group)}\d{{3}}", whole)
    ):
        return None
    whole = whole.replace(group, "")
    if not whole.isascii() or not (whole + fraction).isdigit() or len(whole) > 15 or len(fraction) > 12:
        return None
    try:
        return Decimal(f"{whole}.{fraction}" if fraction else whole)
    except InvalidOperation:
        return None


def _is_ambiguous(digits: str) -> bool:
    """Whether one mark stands before exactly three digits, so that it may be either: "1.299", "1,299"."""
    return re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits) is not None


def decimal_mark(values: Iterable[str]) -> tuple[DecimalMark | None, bool]:
    """The decimal mark a column of prices uses, by its clear cells; None when every cell reads the same either way.

    The second value says whether there are ambiguous cells ("1.299") whose reading hangs on it.
    """
    votes: Counter[DecimalMark] = Counter()
    ambiguous = False
    for value in values:
        for match in _NUMBER.finditer(unicodedata.normalize("NFKC", value)):
            digits = re.sub(r"[\s'’]|[.,]-*$", "", match.group())
            commas, dots = digits.count(","), digits.count(".")
            if not commas and not dots:
                continue
            if _is_ambiguous(digits):
                ambiguous = True
            elif commas and dots:
                votes["," if digits.rfind(",") > digits.rfind(".") else "."] += 1
            elif commas + dots > 1:
                votes["." if commas else ","] += 1
            else:
                votes["," if commas else "."] += 1
    if not votes:
        return None, ambiguous
    return votes.most_common(1)[0][0], ambiguous
