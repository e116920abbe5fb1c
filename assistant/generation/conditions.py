"""The constraints of a query in words: "under $50", "waterproof", "300元以内", and the thing asked for with them all.

In: the filters of a query. Out: phrases in the query's language. It reads no record: whether a product meets the
constraints is none of its business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from assistant.generation.figures import attribute_name, is_nothing, money, plain, truth
from assistant.generation.grammar import (
    COLOUR_WORDS,
    a,
    adjectival,
    has_phrase,
    is_mass,
    is_plural,
    join,
    plural,
    singular,
)
from assistant.types import Language, Query
from knowledge_base.quantities import find_quantities
from knowledge_base.shop import ShopInfo
from knowledge_base.text import fold, has_cjk
from knowledge_base.title_figures import IN_TITLE
from knowledge_base.types import Condition, Filters
from knowledge_base.vocabulary import value_key

Place = Literal["before", "after", "which"]
_COLOURS = frozenset({"color", "colour", "颜色", "colors", "colours"})
_SIZES = frozenset({"size", "尺码", "尺寸", "码数", "shoe size"})
_PURPOSES = frozenset({"season", "activity", "use", "suitable for", "recommended for", "gender"})
_KINDS = frozenset({"type", "connectivity", "style", "fit", "pattern", "form factor"})  # said before the noun
_WEARERS = frozenset({"men", "women", "kids", "children", "girls", "boys", "babies", "toddlers", "adults"})
_PEOPLE = re.compile(r"(?P<low>\d{1,2})(?:\s*[-–~至到]\s*(?P<high>\d{1,2}))?\s*(?:people|persons?|人)", re.I)
_MAX_WISH_WORDS = 3
_UNITS = {"inch": "inches", "business_day": "business days", "count": "", "percent": "%", "pixels": "pixels"}
_UNITS_ZH = {
    "inch": "英寸", "kg": "公斤", "g": "克", "cm": "厘米", "mm": "毫米", "m": "米", "l": "升", "ml": "毫升",
    "hour": "小时", "minute": "分钟", "day": "天", "month": "个月", "year": "年", "w": "W", "percent": "%",
    "count": "",
}  # fmt: skip
_SYMBOLS = {
    "gb": "GB", "tb": "TB", "mb": "MB", "l": "L", "w": "W", "kw": "kW", "v": "V", "mah": "mAh", "wh": "Wh",
    "ghz": "GHz", "mhz": "MHz", "hz": "Hz", "db": "dB", "hour": "hours", "minute": "minutes", "day": "days",
    "month": "months", "year": "years", "week": "weeks", "celsius": "°C", "fahrenheit": "°F",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Phrase:
    """One constraint in words, and where it stands: before the noun ("waterproof"), after it ("under $50"), or in a
    clause ("which weighs …")."""

    text: str
    place: Place = "after"


def describe_filters(query: Query, info: ShopInfo) -> tuple[str, ...]:
    """Each constraint of the query in words of its language, in a stable order; the subject is none of them."""
    return tuple(phrase.text for phrase in phrases(query, info))


def phrases(query: Query, info: ShopInfo) -> tuple[Phrase, ...]:
    """The constraints with their place in a noun phrase."""
    filters, language, said = query.filters, query.language, dict(query.changes)
    found = [
        Phrase(said[condition], "before") if condition in said else _condition(condition, language)
        for condition in filters.conditions
        if not _is_subject(condition, query)
    ]
    units = [wish.unit for wish in query.wishes if wish.unit]
    found += [
        _wish(condition, language, named=condition.unit is not None and units.count(condition.unit) > 1)
        for condition in query.wishes
        if not _is_subject(condition, query)
    ]
    if unsaid := cheaper_or_dearer(query):
        found.append(Phrase(unsaid, "before"))
    elif price := price_words(filters, info.currency, language):
        found.append(Phrase(price))
    if filters.rating_min is not None:
        low = plain(filters.rating_min)
        found.append(Phrase(f"评分{low}以上" if language == "zh" else f"rated {low} or better"))
    if filters.in_stock is not None:
        words = ("有货", "缺货") if language == "zh" else ("in stock", "out of stock")
        found.append(Phrase(words[0] if filters.in_stock else words[1]))
    return tuple(dict.fromkeys(phrase for phrase in found if phrase.text))


def said_limit(query: Query) -> Decimal | None:
    """The price that the shopper named as the most to pay; None for none, a range, or a bound taken from a product."""
    limit = query.filters.price_max
    if limit is None or query.filters.price_min is not None:
        return None
    said = any(limit in (quantity.low, quantity.high) for quantity in find_quantities(query.text))
    return limit if said else None


def cheaper_or_dearer(query: Query) -> str:
    """ "cheaper" or "dearer" where the bound is taken from a product that was shown, not from the message."""
    words = {"cheaper": ("cheaper", "更便宜"), "dearer": ("dearer", "更贵")}
    return words[query.than_shown][query.language == "zh"] if query.than_shown else ""


def goes_further(query: Query) -> bool:
    """Whether more (or less) of something is asked for than what was shown had."""
    return bool(query.than_shown) or any(change in query.filters.conditions for change, _ in query.changes)


def missed_price(query: Query, relaxed: Sequence[str], info: ShopInfo) -> Literal["", "lowest", "highest"]:
    """Where nothing but the price was given up: the end of the prices that comes nearest to the limit; else ""."""
    words = cheaper_or_dearer(query) or price_words(query.filters, info.currency, query.language)
    if not words or set(relaxed) - {words, price_words(query.filters, info.currency, query.language)} or not relaxed:
        return ""
    return "highest" if query.filters.price_max is None else "lowest"


def price_words(filters: Filters, currency: str | None, language: Language) -> str:
    """The price limits in words; "" without any."""
    low, high = filters.price_min, filters.price_max

    def show(amount: Decimal) -> str:
        return money(amount, currency, language, bound=True)

    if language == "zh":
        if low is not None and high is not None:
            return f"{show(low)}到{show(high)}" if low != high else f"{show(low)}"
        if high is not None:
            return f"{show(high)}以内"
        return f"{show(low)}以上" if low is not None else ""
    if low is not None and high is not None:
        return f"between {show(low)} and {show(high)}" if low != high else f"at {show(low)}"
    if high is not None:
        return f"under {show(high)}"
    return f"over {show(low)}" if low is not None else ""


def wanted(query: Query, info: ShopInfo, *, many: bool = True, without: Sequence[str] = ()) -> str:
    """The thing asked for with its constraints: "waterproof tents under $200", "300元以内的防水帐篷".

    `without`: constraints (as `describe_filters` words them) to leave out.
    """
    kept = [phrase for phrase in phrases(query, info) if phrase.text not in without]
    if query.language == "zh":
        noun = query.subject or "商品"
        parts = [phrase.text for phrase in kept]
        return f"{'、'.join(parts)}的{noun}" if parts else noun
    noun = noun_of(query, many)
    before = [phrase.text for phrase in kept if phrase.place == "before"]
    after = [phrase.text for phrase in kept if phrase.place == "after"]
    which = [phrase.text for phrase in kept if phrase.place == "which"]
    having = [text for text in after if text.startswith("with ")]
    if len(having) > 1:
        after = [text for text in after if text not in having]
        after.insert(0, f"with {join([text.removeprefix('with ') for text in having])}")
    words = " ".join((*before, noun, *after))
    return f"{words} {join(which)}" if which else words


def noun_of(query: Query, many: bool) -> str:
    """The subject in singular or plural; "products" where none was named, or it is not English."""
    noun = query.subject
    if not noun:
        return "products" if many else "product"
    if has_cjk(noun) or is_mass(noun) or fold(noun).split()[-1] in COLOUR_WORDS:
        return noun
    return plural(noun) if many else (noun if is_plural(noun) and singular(noun) == noun else singular(noun))


def _is_subject(condition: Condition, query: Query) -> bool:
    """Whether the condition only says what the subject says: category "Tents" for "tent"."""
    if condition.negated or not query.subject or condition.minimum is not None or condition.maximum is not None:
        return False
    names = {fold(name) for name in condition.names}
    subject = set(value_key(query.subject).split())
    says = any(
        set(value_key(value).split()) & subject or fold(query.subject) in fold(value) for value in condition.values
    )
    return bool(names & {"category", "title", "product type"}) and says


def _condition(condition: Condition, language: Language) -> Phrase:
    name = attribute_name(condition.names[0]) if condition.names else ""
    if condition.minimum is not None or condition.maximum is not None:
        return _range(condition, "" if condition.names[0].startswith(IN_TITLE) else name, language)
    if not condition.values or not condition.names:
        return Phrase("")
    return _chinese(condition, name) if language == "zh" else _english(condition, name)


def _wish(condition: Condition, language: Language, named: bool = False) -> Phrase:
    """A value said without its facet, said back without it: "Bluetooth speakers", "35 L travel bags".

    `named`: with its facet all the same, where two of "16 GB 512 GB" could not be told apart.
    """
    if condition.minimum is not None and condition.minimum == condition.maximum and not named:
        return Phrase(_amount(condition.minimum, condition.unit or "", language), "before")
    values = _distinct(condition.values)
    key = fold(condition.names[0]) if condition.names else ""
    if not values:
        return _condition(condition, language)
    if language == "en" and len(values) == 1 and fold(values[0]) in _WEARERS:
        return Phrase(f"for {values[0].lower()}")
    if people := people_in(values):
        return Phrase(
            f"适合{people}人" if language == "zh" else f"for {people} people" if people > 1 else "for one person"
        )
    worded = key in _PURPOSES | _SIZES | {"brand", "material", "fabric"}
    if language == "zh" or len(values) > 2 or truth(values[0]) is not None or worded or condition.negated:
        return _condition(replace(condition, names=condition.names[:1]), language)
    value = join([value.lower() if fold(value) in COLOUR_WORDS else value for value in values], "or")
    return Phrase(value, "before") if len(value.split()) <= _MAX_WISH_WORDS else _condition(condition, language)


def people_in(values: Sequence[str]) -> int:
    """The number of people that all of these values hold ("1-2人", "2-4人": 2); 0 where they count none."""
    ranges = [_PEOPLE.fullmatch(value.strip()) for value in values]
    spans = [(int(m["low"]), int(m["high"] or m["low"])) for m in ranges if m]
    if not spans or len(spans) < len(values):
        return 0
    least, most = max(low for low, _ in spans), min(high for _, high in spans)
    return least if least <= most else min(low for low, _ in spans)


def _distinct(values: Sequence[str]) -> list[str]:
    """The values without those that differ in case alone."""
    return list({fold(value): value for value in reversed(values)}.values())[::-1]


def _english(condition: Condition, name: str) -> Phrase:
    key, values = fold(condition.names[0]), _distinct(condition.values)
    shown = join(values, "or")
    state = truth(values[0]) if len(values) == 1 else None
    if state is not None:
        positive = state is not condition.negated
        if adjectival(name):
            return Phrase(name, "before") if positive else Phrase(f"that are not {name}", "which")
        return Phrase(f"with {has_phrase(name)}" if positive else f"without {has_phrase(name)}")
    if is_nothing(values[0]) and len(values) == 1:
        return Phrase(f"without {name}" if not condition.negated else f"with {name}")
    if key == "brand":
        return Phrase(f"not from {shown}" if condition.negated else f"from {shown}")
    if key == "category":
        return Phrase(f"outside {shown}" if condition.negated else f"in {shown}")
    if key == "title":
        return Phrase(f"not named “{shown}”" if condition.negated else f"named “{shown}”")
    if key in _COLOURS or (condition.names[1:] and any(fold(other) in _COLOURS for other in condition.names)):
        return Phrase(f"not in {shown}" if condition.negated else f"in {shown}")
    if key in _SIZES:
        return Phrase(f"not in size {shown}" if condition.negated else f"in size {shown}")
    if key in ("material", "fabric"):
        return Phrase(f"not made of {shown}" if condition.negated else f"made of {shown}")
    if key in _KINDS and len(values) == 1 and not values[0][:1].isdigit():
        kind = shown.lower() if shown.istitle() and " " not in shown else shown
        return Phrase(f"not {kind}" if condition.negated else kind, "after" if condition.negated else "before")
    if key in _PURPOSES:
        return Phrase(f"not for {shown}" if condition.negated else f"for {shown}")
    what = f"{a(name)} of {shown}" if shown[:1].isdigit() and len(values) == 1 else f"{name} {shown}"
    return Phrase(f"without {what}" if condition.negated else f"with {what}")


def _chinese(condition: Condition, name: str) -> Phrase:
    key, values = fold(condition.names[0]), _distinct(condition.values)
    shown = "或".join(values)
    state = truth(values[0]) if len(values) == 1 else None
    if state is not None:
        positive = state is not condition.negated
        if has_cjk(name) and name[0] in "防可免含带":
            return Phrase(name if positive else f"不{name}")
        return Phrase(f"带{name}" if positive else f"不带{name}")
    if key == "brand":
        return Phrase(f"非{shown}品牌" if condition.negated else f"{shown}品牌")
    if key in ("category", "title"):
        return Phrase(f"非{shown}" if condition.negated else shown)
    if key in _COLOURS:
        return Phrase(f"非{shown}" if condition.negated else shown)
    return Phrase(f"{name}不是{shown}" if condition.negated else f"{name}为{shown}")


def _amount(value: Decimal, unit: str, language: Language) -> str:
    """A measure as a shopper says it before the thing: "27 inch", "1 TB", "2米"."""
    if language == "zh":
        return f"{plain(value)}{_UNITS_ZH.get(unit, _SYMBOLS.get(unit, unit))}"
    if unit == "inch":
        return f"{plain(value)}-inch"
    return f"{plain(value)} {_SYMBOLS.get(unit, unit).replace('_', ' ')}"


def _range(condition: Condition, name: str, language: Language) -> Phrase:
    low, high, unit = condition.minimum, condition.maximum, condition.unit or ""
    if language == "zh":
        sign = _UNITS_ZH.get(unit, _SYMBOLS.get(unit, unit))
        if low is not None and high is not None:
            text = f"{plain(low)}到{plain(high)}{sign}" if low != high else f"{plain(low)}{sign}"
        else:
            text = f"{plain(high)}{sign}以内" if high is not None else f"{plain(low or Decimal(0))}{sign}以上"
        return Phrase(f"{name}{'不在' if condition.negated else ''}{text}")
    sign = _UNITS.get(unit, _SYMBOLS.get(unit, unit)).replace("_", " ")
    gap = "" if sign in ("", "%") else " "
    if low is not None and high is not None:
        text = f"{plain(low)} to {plain(high)}{gap}{sign}" if low != high else f"{plain(low)}{gap}{sign}"
    elif high is not None:
        text = f"up to {plain(high)}{gap}{sign}"
    else:
        text = f"of at least {plain(low or Decimal(0))}{gap}{sign}"
    verb = "without" if condition.negated else "with"
    if not name:
        text = text.removeprefix("of ")
    return Phrase(f"{verb} {name} {text}" if name else f"{verb} {text}")
