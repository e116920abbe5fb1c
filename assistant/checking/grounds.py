"""What the evidence lets a reply say: the figures, words and prices of every record that can be cited.

In: an `Evidence`. Out: one `Ground` per citable hit, with its text, and lookups over text that are cached because the
same passages serve many turns. It refuses to know what a draft says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from assistant.types import Evidence, Order
from knowledge_base.quantities import Quantity, convert, find_quantities
from knowledge_base.text import fold, stem
from knowledge_base.types import Hit, Product, Variant

_TOKEN = re.compile(r"[^\W_\u3400-\u9fff]+(?:[.,:/'’&+#-][^\W_\u3400-\u9fff]+)*|[\u3400-\u9fff]+", re.UNICODE)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATES = re.compile(
    rf"(?P<iso>(?<!\d)(\d{{4}})-(\d\d?)-(\d\d?)(?!\d))|(?P<zh>(?:(\d{{4}})年)?(\d{{1,2}})月(\d{{1,2}})[日号])"
    rf"|(?P<day>(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}\.?(?:,?\s(\d{{4}}))?)"
    rf"|(?P<month>\b{_MONTH}\.?\s(\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s(\d{{4}}))?)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Ground:
    """One citable record: [n], its product where it is one, and all its words."""

    n: int
    hit: Hit
    text: str
    product: Product | None = None


def grounds_of(evidence: Evidence) -> tuple[Ground, ...]:
    """The grounds in citation order."""
    found = []
    for n, hit in enumerate(evidence.hits, start=1):
        entry = hit.entry
        product = entry.product if entry.kind == "product" else None
        text = f"{entry.title}\n{entry.text}" if product is None else product_text(product, entry.text)
        found.append(Ground(n, hit, text, product))
    return tuple(found)


def product_text(product: Product, description: str = "") -> str:
    """All that a product's record says in words: title, brand, categories, attributes, options, description."""
    lines = [product.title, product.brand or "", " > ".join(product.category)]
    lines += [f"{name}: {value}" for name, value in product.attributes.items()]
    lines += [f"{name}: {', '.join(values)}" for name, values in product.option_values.items()]
    lines += [product.description or "", description if description != product.description else "", product.id]
    if product.added_on is not None:
        lines.append(product.added_on.isoformat())
    return "\n".join(line for line in lines if line)


def order_text(order: Order) -> str:
    """All that an order's record says in words."""
    lines = [order.id, order.status or "", order.placed_at or ""]
    for item in order.items:
        lines.append(f"{item.quantity} × {item.title} ({', '.join(item.options.values())}) {item.price or ''}")
    for parcel in order.shipments:
        lines.append(f"{parcel.carrier or ''} {parcel.tracking or ''} {parcel.status or ''}")
        lines += [f"{at} {text}" for at, text in parcel.events]
    return "\n".join([*lines, str(order.total or "")])


@lru_cache(maxsize=8192)
def quantities_in(text: str, currency: str | None) -> tuple[Quantity, ...]:
    """The quantities of a record's text."""
    return find_quantities(text, currency)


@lru_cache(maxsize=8192)
def tokens_in(text: str) -> frozenset[str]:
    """The folded tokens of a text, whole ("dv7-1211ea") and in parts ("dv7", "1211ea")."""
    found: set[str] = set()
    for match in _TOKEN.finditer(fold_marks(text)):
        token = match.group()
        found.add(token)
        found.update(part for part in re.split(r"[.,:/'’&+#-]", token) if part)
        found.update((token.replace("-", ""), token.replace(",", "")))
    return frozenset(found)


@lru_cache(maxsize=8192)
def stems_in(text: str) -> frozenset[str]:
    """The stems of a text's words, and every pair of Chinese characters."""
    folded = fold(text)
    found = {stem(word) for word in re.findall(r"[a-z]{3,}", folded)}
    for run in re.findall("[\u3400-\u9fff]+", folded):
        found.update(run[i : i + 2] for i in range(len(run) - 1))
    return frozenset(found)


@lru_cache(maxsize=8192)
def dates_in(text: str) -> frozenset[tuple[int, int]]:
    """The (month, day) of every date in a text; the year is left out, since replies often do."""
    return frozenset((month, day) for _, _, month, day in find_dates(text))


def find_dates(text: str) -> list[tuple[int, int, int, int]]:
    """(start, end, month, day) of every date with a day in a text."""
    found = []
    for match in _DATES.finditer(text):
        parts = [part for part in match.groups() if part is not None][1:]
        if match["iso"]:
            month, day = int(parts[1]), int(parts[2])
        elif match["zh"]:
            month, day = (int(part) for part in parts[-2:])
        elif match["day"]:
            day, month = int(parts[0]), _MONTHS.index(parts[1][:3].lower()) + 1
        else:
            month, day = _MONTHS.index(parts[0][:3].lower()) + 1, int(parts[1])
        found.append((match.start(), match.end(), month, day))
    return found


@lru_cache(maxsize=8192)
def fold_marks(text: str) -> str:
    """Folded text in which typographic marks are plain."""
    return fold_keeping_dashes(text).replace("’", "'").replace("“", '"').replace("”", '"')


def fold_keeping_dashes(text: str) -> str:
    """Like `fold`, but a model's dashes stay: "dv7-1211ea" is one token."""
    return re.sub(r"\s+", " ", re.sub("[‐-―−]", "-", text)).casefold().strip()


def equal(said: Quantity, known: Quantity) -> bool:
    """Whether a figure in a draft is the figure of a record: same value, same kind, same or converted unit."""
    if said.dimension != known.dimension:
        return False
    if said.unit == known.unit or said.unit is None or known.unit is None:
        return said.low == known.low and said.high == known.high
    if said.dimension == "money":
        return False
    return _near(said.low, known.low, said.unit, known.unit) and _near(said.high, known.high, said.unit, known.unit)


def _near(said: Decimal, known: Decimal, unit: str, known_unit: str) -> bool:
    converted = convert(known, known_unit, unit)
    if converted is None:
        return False
    # A conversion is written rounded: within 1 %, or half a unit of the last written digit.
    exponent = said.as_tuple().exponent
    step = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0) / 2
    return abs(converted - said) <= max(abs(converted) / 100, min(step, abs(converted) / 20))


def narrowed(product: Product, words: str, default: tuple[str, ...] = (), near: str = "") -> tuple[Variant, ...]:
    """The variants whose options stand in `words`; without any, those of `default` ids, else all.

    `near` is the part of `words` next to the claim: of several values of one option those in it count. Empty where the
    words name a combination the product does not come in.
    """
    if not product.variants:
        return product.skus
    words = _DEPENDS.sub(" ", words)
    named = _standing(product, words)
    if near:
        closer = _standing(product, near)
        named = {name: closer.get(name, values) if len(values) > 1 else values for name, values in named.items()}
    if not named:
        chosen = tuple(v for v in product.variants if v.id in default)
        return chosen or product.variants
    fitting = tuple(v for v in product.variants if all(v.options.get(name) in values for name, values in named.items()))
    fitting = tuple(v for v in fitting if v.id in default) or fitting
    # A variant that has no other options is the one that is meant: "60W, daylight" is not the "60W, daylight, Wi-Fi".
    return tuple(v for v in fitting if set(v.options) == set(named)) or fitting


def _standing(product: Product, words: str) -> dict[str, set[str]]:
    """The options with those of their values that stand in the words, none within a longer one ("non-polarized")."""
    named: dict[str, set[str]] = {}
    spent: list[str] = []
    pairs = [(name, value) for name, values in product.option_values.items() for value in values]
    folded = f" {fold(words)} "
    for name, value in sorted(pairs, key=lambda pair: -len(pair[1])):
        if _stands(name, value, folded, words) and not any(
            _within(value, longer) and folded.count(fold(value)) <= folded.count(fold(longer)) for longer in spent
        ):
            named.setdefault(name, set()).add(value)
            spent.append(value)
    return named


# What a price depends on names no version: "from $5 to $9, depending on water resistance".
_DEPENDS = re.compile(r"(?i)depending on [^.;]*|因[^。；]*而异")


def names_option(product: Product, words: str) -> bool:
    """Whether any option's value stands in the words."""
    folded = f" {fold(words)} "
    return any(_stands(n, value, folded, words) for n, values in product.option_values.items() for value in values)


def _within(value: str, longer: str) -> bool:
    return value != longer and fold(value) in fold(longer)


def _stands(name: str, value: str, folded: str, words: str) -> bool:
    """Whether an option's value is named: sizes by case, yes and no by the option's name, numbers beside it."""
    plain, option = fold(value), fold(name)
    if plain in ("yes", "no", "是", "否", "true", "false"):
        if option not in folded:
            return False
        negative = bool(
            re.search(rf"(?:\b(?:not|no|non|without)\b[ -]?(?:a |an )?|不|无|非){re.escape(option)}", folded)
            or re.search(rf"{re.escape(option)}\W{{0,3}}(?:no\b|not\b|否|无)", folded)
        )
        return negative == (plain in ("no", "否", "false"))
    if len(value) <= 3 and value.isascii() and value.isalpha():
        return re.search(rf"(?<![A-Za-z0-9'-]){re.escape(value)}(?![A-Za-z0-9'-])", words) is not None
    if re.fullmatch(r"[\d./]+", plain):
        near = (
            rf"(?:{re.escape(option)}|size|no\.?|号|码|尺码)\W{{0,3}}(?:\w+ )?{re.escape(plain)}(?![\d.])"
            rf"|(?<![\d.]){re.escape(plain)}\W?\s?{re.escape(option)}"
        )
        listed = rf"(?:[:,：、/]\s?|\b(?:and|or) ){re.escape(plain)}(?=\s?(?:[,、)）/]|$| and | or ))"
        if re.search(listed, folded.rstrip()):
            return True
        alone = rf"(?<![\d.,$€£¥]){re.escape(plain)}(?![\d.]|\s?(?:元|块|usd|eur|gbp|cny))"
        return re.search(near, folded) is not None or (len(plain) >= 3 and re.search(alone, folded) is not None)
    if plain.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(plain)}(?![a-z0-9])", folded) is not None
    return plain in folded


def added_after(left: date | None, right: date | None) -> bool:
    """Whether `left` is known to be later than `right`."""
    return left is not None and right is not None and left > right
