"""One cell at a time: what a merchant wrote to a typed value, or None.

In: a cell as `tables` delivers it (text, or a JSON value). Out: text, yes/no, counts, ratings, dates, lists, category
paths, attributes. None always means unknown; what is unclear is unknown. It knows no row and no column; conventions of
a whole column (decimal mark, rating scale, day first) are arguments.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from knowledge_base.importing.exact_json import load_json
from knowledge_base.importing.money import DecimalMark, parse_number
from knowledge_base.importing.prose import one_line
from knowledge_base.text import fold

_YES_WORDS = "yes y true t 1 ja oui si sí vrai wahr verdadero 是 有 对 on x ✓ ✔"
_NO_WORDS = "no n false f 0 nein non faux falsch falso 否 无 没有 不是 off ✗ ✘"
_YES, _NO = frozenset(_YES_WORDS.split()), frozenset(_NO_WORDS.split())
_IN = re.compile(
    r"\b(?:in ?stock|available|auf lager|lieferbar|verfügbar|vorrätig|sofort|en stock|disponible|en existencia|ready|"
    r"active|on sale|limited availability|instoreonly|onlineonly)\b|"
    r"有货|现货|有库存|库存充足|在售|已上架|上架|可售|有现货"
)
_OUT = re.compile(
    r"\b(?:out ?of ?stock|sold ?out|un ?available|not available|discontinued|nicht (?:auf lager|lieferbar|verfügbar|"
    r"vorrätig)|ausverkauft|vergriffen|rupture|épuisé|indisponible|agotado|no disponible|sin existencias|sin stock|"
    r"no stock|pre ?order|back ?order(?:ed)?|on backorder|inactive)\b|"
    r"缺货|无货|售罄|售完|断货|已下架|下架|无库存|没货|预售"
)
_SPLIT_PATH = re.compile(r"\s*(?:>+|»|›|→|\||\\|::|/(?!/))\s*")
_LONGEST_WORD = 9  # "undefined": of the words that stand for nothing, for yes or for no
_NOTHING = frozenset(("", "null", "none", "nan", "n/a", "na", "\\n", "-", "--", "undefined", "#n/a", "[]", "{}", "nil"))
_CACHED_CHARS = 60  # of values that are likely to come again
_HOME = frozenset(["home", "homepage", "home page", "startseite", "accueil", "inicio", "首页", "all", "root", "shop"])
_NAME_KEYS = ("name", "title", "label", "text", "key", "attribute", "type", "spec", "property", "名称", "属性", "参数")
_VALUE_KEYS = ("value", "values", "val", "option", "content", "text", "description", "值", "属性值", "内容")
_MONTH_NAMES = (
    "jan ene", "feb fév fev", "mar mär mrz", "apr avr abr", "may mai", "jun juin", "jul juil", "aug aoû ago", "sep",
    "oct okt", "nov", "dec dez déc dic",
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}


def as_json(value: Any) -> Any:
    """The list or object a text holds as JSON (or as Python or Ruby wrote it); else the value itself."""
    if not isinstance(value, str) or value[:1] not in ("[", "{") or value[-1:] not in ("]", "}"):
        return value
    for text in (value, value.replace('"=>', '":'), _requoted(value)):
        try:
            return load_json(text)
        except ValueError:
            continue
    return value


def _requoted(value: str) -> str:
    """A Python literal with its quotes as JSON has them: ['a', "b's"] to ["a", "b's"]."""
    text = re.sub(r"(?<=[\[{,:\s])'((?:[^'\\]|\\.|'(?![\]},:\s]))*)'(?=\s*[\]},:])", _double, value)
    return re.sub(
        r"\b(None|True|False)\b", lambda m: {"None": "null", "True": "true", "False": "false"}[m.group()], text
    )


def _double(match: re.Match[str]) -> str:
    return json.dumps(match.group(1).replace("\\'", "'"), ensure_ascii=False)


def scalar(value: Any, *keys: str) -> Any:
    """The one value of a cell: of an object that under the first of `keys` it has, of a list its first value."""
    value = as_json(value)
    for _ in range(4):
        if isinstance(value, dict):
            value = next((value[key] for key in keys if value.get(key) not in (None, "")), None)
        elif isinstance(value, list):
            value = next((item for item in value if item not in (None, "")), None)
        else:
            break
    return None if isinstance(value, dict | list) else value


def show(value: Any) -> str:
    """A cell as a problem shows it: short, on one line, ASCII controls escaped."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text[:80].replace("\n", " ") + ("…" if len(text) > 80 else "")


# --- text ---


def _line(text: str) -> str:
    return _short_line(text) if len(text) <= 100 else one_line(text)


@lru_cache(maxsize=65536)
def _short_line(text: str) -> str:
    return one_line(text)


def text_of(value: Any) -> str | None:
    """A value as one line of text: yes/no for booleans, the shortest decimal for numbers, lists joined by ", "."""
    if isinstance(value, str) and value[:1] not in ("[", "{"):
        return _line(value) or None
    value = as_json(value)
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return decimal_text(value)
    if isinstance(value, dict):
        named = scalar(value, *_NAME_KEYS, *_VALUE_KEYS)
        if named is not None:
            return text_of(named)
        parts = (f"{_line(str(k))}: {t}" for k, v in value.items() if (t := text_of(v)))
        return ", ".join(parts) or None
    if isinstance(value, list):
        return ", ".join(dict.fromkeys(t for item in value if (t := text_of(item)))) or None
    return _line(str(value)) or None


def decimal_text(value: float | Decimal) -> str | None:
    """A number in its shortest decimal form, never with an exponent; None for what is no finite, sensible number."""
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except (InvalidOperation, ValueError):
        return None
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return None
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0") else text


def attribute_text(value: Any) -> str | None:
    """An attribute's value as text: like `text_of`, and "true"/"false" written out count as yes/no.

    A lower-case "none" is a value ("backlight: none"); "None" and "NONE" are what programs write for nothing.
    """
    text = text_of(value)
    if text is None or len(text) > _LONGEST_WORD:
        return text
    lowered = text.casefold()
    if lowered in ("true", "false"):
        return "yes" if lowered == "true" else "no"
    if text == "none":
        return text
    return None if lowered in ("null", "none", "nan", "n/a", "\\n", "-", "--", "undefined", "#n/a") else text


def is_blank(value: Any) -> bool:
    """Whether a cell says nothing: empty, or one of the words programs write for nothing."""
    if isinstance(value, str):
        text = value.strip()
        return len(text) <= _LONGEST_WORD and text.casefold() in _NOTHING
    return value is None or value == [] or value == {}


# --- figures ---


def _lowered(text: str) -> str:
    """One line, case-folded, full-width characters made plain; dashes and signs stay."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def yes_no(value: Any) -> bool | None:
    """True, False, or None where the cell says neither."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().casefold()
    return True if text in _YES else False if text in _NO else None


def stock_of(value: Any) -> tuple[int | None, bool | None] | None:
    """(count, in stock) of a stock or availability cell, each None when not said; None when it says neither.

    A negative count (oversold) is 0.
    """
    value = scalar(value, "quantity", "qty", "stock", "available", "status", "value", "name")
    if isinstance(value, bool):
        return None, value
    return None if value is None else _stock(str(value))


@lru_cache(maxsize=4096)
def _stock(text: str) -> tuple[int | None, bool | None] | None:
    text = _lowered(re.sub(r".*schema\.org/", "", text))
    if number := re.fullmatch(
        r"(-?)(\d{1,9})(?:[.,]0+)?(?: ?(?:pcs?|pieces?|units?|stück|stk|uds?|件|个|台|只|套))?\.?", text
    ):
        count = 0 if number[1] else int(number[2])
        return count, count > 0
    if grouped := re.fullmatch(r"\d{1,3}([,.])\d{3}(?:\1\d{3})*", text):
        return int(text.replace(grouped[1], "")), True
    text = re.sub(r"(?<=[a-z])(?=(?:of)?stock\b)", " ", fold(text))
    if _OUT.search(text):
        return None, False
    if re.fullmatch(r"[>≥] ?\d+|\d+ ?\+", text) or _IN.search(text):
        count_in = re.search(r"\b(\d{1,6}) (?:available|in ?stock|left)|(?:only|nur|noch|仅剩) ?(\d{1,6})\b", text)
        if count_in:
            number_left = int(count_in[1] or count_in[2])
            return number_left, number_left > 0
        return None, True
    if left := re.search(r"(?:only|nur noch|noch|仅剩|剩余) ?(\d{1,6})", text):
        return int(left[1]), int(left[1]) > 0
    said = yes_no(text)
    return None if said is None else (None, said)


def rating_of(value: Any, scale: int = 5, mark: DecimalMark | None = None) -> Decimal | None:
    """A rating out of 5, exactly; None when it is none or outside its scale (5, 10 or 100)."""
    value = scalar(value, "stars", "average", "value", "rating", "ratingValue", "score", "rate")
    return None if value is None or isinstance(value, bool) else _rating(str(value), scale, mark)


@lru_cache(maxsize=4096)
def _rating(text: str, scale: int, mark: DecimalMark | None) -> Decimal | None:
    text = _lowered(text)
    if stars := re.fullmatch(r"([★⭐]*)[☆✩]*", text):
        return Decimal(len(stars[1])) if 0 < len(text) <= 5 and stars[1] else None
    match = re.match(r"(\d+(?:[.,]\d+)?)\s*(?:(?:/|out of|of|von|sur|de|aus|分,? ?满分)\s*(\d+)|(%))?", text)
    if not match or re.search(r"\d", text[match.end() :]) or text.startswith("-"):
        return None
    number = parse_number(match[1], mark or ("," if "," in match[1] else "."))
    out_of = int(match[2]) if match[2] else 100 if match[3] else scale
    if number is None or out_of not in (5, 10, 100, 1, 20) or number > out_of:
        return None
    rating = number * 5 / out_of
    return rating.normalize() if rating == rating.to_integral() and out_of != 5 else rating


def count_of(value: Any) -> int | None:
    """How many: "1,234", "(87)", "1.2k", "123 reviews", "1.5万"; None when it is no count or negative."""
    value = scalar(value, "count", "total", "reviewCount", "ratingCount", "value")
    if value is None or isinstance(value, bool):
        return None
    text = _lowered(str(value)).strip("()[] +")
    match = re.fullmatch(r"(\d[\d.,' ]*?) ?(k|m|万|w)?\+?(?: ?[^\W\d][^\d]*)?", text)
    if not match:
        return None
    digits = match[1].strip()
    if match[2]:
        number = parse_number(digits, "." if "." in digits else ",")
        times = {"k": 1000, "m": 1_000_000, "万": 10_000, "w": 10_000}[match[2]]
        return None if number is None else int(number * times)
    digits = re.sub(r"[.,]0+$", "", digits) if re.search(r"[.,]0{1,2}$", digits) else digits
    digits = re.sub(r"[.,' ](?=\d{3}(?:\D|$))", "", digits)
    return int(digits) if digits.isdigit() and len(digits) <= 12 else None


def date_of(value: Any, day_first: bool = True) -> date | None:
    """A calendar date in any common notation, or a Unix time; None otherwise. Years run from 1970 to 2100."""
    value = scalar(value, "date", "value")
    if value is None or isinstance(value, bool):
        return None
    text = unicodedata.normalize("NFKC", str(value)).strip()
    try:
        if re.fullmatch(r"\d{10}(?:\.\d+)?|\d{13}", text):
            return datetime.fromtimestamp(int(text[:10]), UTC).date()
        if match := re.match(r"(\d{4})[-/.年 ]?(\d{1,2})[-/.月 ]?(\d{1,2})(?!\d)", text):
            year, month, day = int(match[1]), int(match[2]), int(match[3])
        elif match := re.match(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4})(?!\d)", text):
            first, second, year = int(match[1]), int(match[3]), int(match[4])
            day, month = (
                (first, second) if (day_first or match[2] == "." or first > 12) and second <= 12 else (second, first)
            )
        elif match := re.match(
            r"(?:[a-z]{3,9}, )?(\d{1,2})\.? (?:de )?([^\W\d]{3,10})\.?,? (?:de )?(\d{4})", text.casefold()
        ):
            day, month, year = (
                int(match[1]),
                _MONTHS.get(match[2][:3], 0) or _MONTHS.get(match[2][:4], 0),
                int(match[3]),
            )
        elif match := re.match(r"([^\W\d]{3,10})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", text.casefold()):
            month, day, year = (
                _MONTHS.get(match[1][:3], 0) or _MONTHS.get(match[1][:4], 0),
                int(match[2]),
                int(match[3]),
            )
        else:
            return None
        return date(year, month, day) if 1970 <= year <= 2100 else None
    except (ValueError, OverflowError, OSError):
        return None


# --- lists, paths and attributes ---


def link_of(value: Any) -> str | None:
    """The first web address of a cell, or a path on the shop's own site; never a script, never with spaces."""
    value = as_json(value)
    if isinstance(value, list):
        return next((link for item in value if (link := link_of(item))), None)
    text = scalar(value, "url", "src", "href", "link", "image", "large", "original")
    if not isinstance(text, str):
        return None
    text = re.split(r"[,;|]\s*(?=https?://)|\s", text.strip())[0].strip()
    if re.match(r"//[\w.-]+\.[a-z]{2,}/", text):
        text = "https:" + text
    return (
        text
        if re.match(r"https?://[^\s<>\"']+$|/[^/\s<>\"'][^\s<>\"']*$|[\w./-]+\.(?:png|jpe?g|webp|gif|svg)$", text, re.I)
        else None
    )


def path_of(value: Any, title: str = "") -> tuple[str, ...]:
    """A category path from the department to the leaf: JSON list, breadcrumb, "a > b", "a/b", "a|b".

    A leading "Home" and a trailing product title are no categories.
    """
    value = as_json(value)
    if isinstance(value, dict):
        named = scalar(value, "name", "title", "label", "path", "breadcrumb")
        steps: Iterable[Any] = [named] if named is not None else value.values()
    elif isinstance(value, list) and not (len(value) == 1 and isinstance(value[0], str)):
        steps = value
    else:
        text = str(value[0] if isinstance(value, list) else value)
        if ">" in text and "," in text:  # WooCommerce: several paths; the deepest says most
            text = max(text.split(","), key=lambda path: path.count(">"))
        steps = _SPLIT_PATH.split(
            text if " / " in text or not re.search(r"[>»›→|\\]|::", text) else text.replace("/", "\ue000")
        )
    names = []
    for step in steps:
        found = text_of(step) if not isinstance(step, list) else " > ".join(path_of(step))
        if found and (name := found.replace("\ue000", "/").strip(" /")) and name not in names:
            names.append(name)
    if names and fold(names[0]) in _HOME:
        names = names[1:]
    if len(names) > 1 and title and fold(names[-1]) == fold(title):
        names = names[:-1]
    return tuple(names)


def attributes_of(value: Any) -> dict[str, str]:
    """Named values of a cell: an object, a list of {name, value}, "Color: red; Size: M"; nested groups are opened."""
    found: dict[str, list[str]] = {}
    for name, text in _named(as_json(value)):
        known = found.setdefault(name, [])
        if text not in known:
            known.append(text)
    return {name: ", ".join(texts) for name, texts in found.items()}


def _named(value: Any, depth: int = 0, listed: bool = False, alone: bool = False) -> Iterator[tuple[str, str]]:
    if depth > 3:
        return
    if isinstance(value, list):
        for item in value:
            yield from _named(as_json(item), depth + 1, listed=True, alone=len(value) == 1)
    elif isinstance(value, dict):
        pair = _pair(value) if listed else None
        if pair is not None:
            if (key := attribute_name(pair[0])) and (text := attribute_text(pair[1])):
                yield key, text
            return
        if listed and len(value) > 1 and not alone:
            return  # records of something else, such as accessories
        for raw, item in value.items():
            if isinstance(item, str | bool | int | Decimal):
                if (found := _named_value(str(raw), item)) is not None:
                    yield found
                continue
            group = isinstance(item, dict) and scalar(item, "value", "values") is None
            if group or (isinstance(item, list) and any(isinstance(part, dict) for part in item)):
                yield from _named(item, depth + 1)
            elif (key := attribute_name(str(raw))) and (text := attribute_text(item)):
                yield key, text
    elif isinstance(value, str):
        for part in re.split(r"[;；|\n]+", value):
            name, mark, text = re.sub(r"^[\s•*-]+", "", part).partition("：" if "：" in part else ":")
            if mark and 0 < len(name) <= 40 and (key := attribute_name(name)) and (shown := attribute_text(text)):
                yield key, shown


def _named_value(name: str, value: str | bool | int | Decimal) -> tuple[str, str] | None:
    """An attribute as it is shown; None where it says nothing."""
    if isinstance(value, str) and len(value) > _CACHED_CHARS:
        key, text = attribute_name(name), attribute_text(value)
        return (key, text) if key and text else None
    return _short_named_value(name, value)


@lru_cache(maxsize=1 << 17, typed=True)
def _short_named_value(name: str, value: str | bool | int | Decimal) -> tuple[str, str] | None:
    key, text = attribute_name(name), attribute_text(value)
    return (key, text) if key and text else None


def _pair(item: Mapping[str, Any]) -> tuple[str, Any] | None:
    """(name, value) of one object in a list of named values; None where the object is something else."""
    name_key = next((key for key in _NAME_KEYS if isinstance(item.get(key), str)), None)
    value_key = next((key for key in _VALUE_KEYS if item.get(key) is not None and key != name_key), None)
    if name_key is None or value_key is None or len(item) > 6:
        return None
    return item[name_key], item[value_key]


@lru_cache(maxsize=65536)
def attribute_name(name: str) -> str:
    """A facet's name as the shop writes it, with underscores as spaces and without a colon at its end."""
    return one_line(name.replace("_", " ")).strip(" :：")
