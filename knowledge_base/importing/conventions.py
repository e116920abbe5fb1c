"""What holds for a whole export: decimal mark, rating scale, day or month first, currency.

In: the profiles of its columns and what they are. Out: the `Conventions` its cells are read by, and a note for each
that was guessed. It reads no single row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from knowledge_base.importing.cells import date_of
from knowledge_base.importing.columns import Columns
from knowledge_base.importing.feeds import FeedKind, feed_reading
from knowledge_base.importing.money import currency_of, decimal_mark
from knowledge_base.importing.products import Conventions
from knowledge_base.importing.profile import Profile
from knowledge_base.types import Problem, Severity

_PRICES = ("price", "sale_price", "list_price", "price_cents")


def note(name: str, column: str | None, message: str, remedy: str, severity: Severity = "note") -> Problem:
    """A problem of a file or one of its columns."""
    return Problem(name, None, column, None, message, remedy, severity)


def figures_of(profiles: Mapping[str, Profile], headers: Iterable[str]) -> list[str]:
    """The texts with digits of some columns; numbers of JSON have no ambiguous marks and are left out."""
    return [text for h in headers if h in profiles and not profiles[h].numbers for text in profiles[h].figures]


def price_headers(profiles: Mapping[str, Profile], columns: Columns, kind: FeedKind | None) -> list[str]:
    """Every column that holds prices, those of variants included."""
    return headers_of(profiles, columns, kind, _PRICES)


def headers_of(
    profiles: Mapping[str, Profile], columns: Columns, kind: FeedKind | None, roles: Iterable[str]
) -> list[str]:
    """The headers that hold some roles, those inside a list of variants included."""
    if kind:
        reading = feed_reading(kind, profiles)
        return [header for header in profiles if reading[header] in roles]
    found = [header for role in roles for header in columns.roles.get(role, ())]
    nested = [h for v in columns.roles.get("variants", ()) for h in profiles if h.partition(".")[0] == v and "." in h]
    return found + [header for header in nested if header.rpartition(".")[2] in roles]


def conventions_of(
    profiles: Mapping[str, Profile], columns: Columns, kind: FeedKind | None, name: str, currency: str | None
) -> Conventions:
    """How the cells of one file are read. `currency` is the shop's, None where nobody stated it."""
    priced = price_headers(profiles, columns, kind)
    mark, _ = decimal_mark(figures_of(profiles, priced))
    ratings = {t: n for h in columns.roles.get("rating", ())[:1] for t, n in profiles[h].figures.items()}
    dates = [t for h in columns.roles.get("added_on", ()) for t in profiles[h].figures]
    stock = [t for h in columns.roles.get("in_stock", ()) for t in profiles[h].figures]
    named = {h: code for h in priced if (code := header_currency_of(h, currency))}
    return Conventions(
        name,
        currency=currency or common_currency(profiles, columns, priced),
        mark=mark,
        rating_scale=rating_scale_of(ratings),
        day_first=day_first_of(dates),
        counts=any(re.fullmatch(r"\d+", text.strip()) and int(text) > 1 for text in stock if len(text) < 12),
        header_currency=named,
    )


def header_currency_of(header: str, default: str | None) -> str | None:
    """A currency that a price column's header names: "price_eur", "Price (USD)", "价格（元）"."""
    text = re.sub(r"[_()\[\]（）]", " ", header)
    return currency_of(text, default) if currency_of(text) else None


def common_currency(profiles: Mapping[str, Profile], columns: Columns, priced: Iterable[str]) -> str | None:
    """The currency that column, headers or prices name, where nobody stated the shop's."""
    texts = [t for h in columns.roles.get("currency", ()) for t in profiles[h].texts]
    texts += [re.sub(r"[_()\[\]（）]", " ", header) for header in priced]
    texts += [t for h in priced if h in profiles for t in list(profiles[h].texts)[:100]]
    return next((code for text in texts if (code := currency_of(text))), None)


def rating_scale_of(ratings: Mapping[str, int]) -> int:
    """5, or 10 or 100 where so many ratings (text -> how often) need it that they are no slips."""
    counts: dict[float, int] = {}
    for text, count in ratings.items():
        if match := re.fullmatch(r"\s*(\d{1,3}(?:[.,]\d{1,4})?)\s*%?\s*", text):
            number = float(match[1].replace(",", "."))
            counts[number] = counts.get(number, 0) + count
    total = sum(counts.values())
    if total and sum(count for number, count in counts.items() if 10 < number <= 100) >= 0.4 * total:
        return 100
    return 10 if total and sum(count for number, count in counts.items() if 5 < number <= 10) >= 0.4 * total else 5


def day_first_of(dates: list[str]) -> bool:
    """Whether 3/4/2026 is in April: where a first part above 12 says so, or no second part does."""
    parts = [match for text in dates if (match := re.match(r"\s*(\d{1,2})[-/ ](\d{1,2})[-/ ]\d{4}", text))]
    return any(int(m[1]) > 12 for m in parts) or not any(int(m[2]) > 12 for m in parts)


def convention_notes(
    conventions: Conventions, profiles: Mapping[str, Profile], columns: Columns, kind: FeedKind | None, name: str
) -> list[Problem]:
    """A note for every convention that was guessed and could be wrong."""
    notes = []
    headers = price_headers(profiles, columns, kind)
    mark, ambiguous = decimal_mark(figures_of(profiles, headers))
    if headers and (mark == "," or ambiguous):
        shown = mark or "each by itself, so that 1,299 is a thousand"
        message = f"the decimal mark of the prices was taken to be {shown!r}" if mark else f"prices are read {shown}"
        notes.append(note(name, headers[0], message, "write 1299.00 without a thousands mark if this is wrong"))
    if conventions.rating_scale != 5:
        message = f"ratings are out of {conventions.rating_scale}; they are shown out of 5"
        notes.append(note(name, columns.roles["rating"][0], message, "export ratings out of 5 if this is wrong"))
    dates = [t for h in columns.roles.get("added_on", ()) for t in profiles[h].figures]
    if any(re.match(r"\s*\d{1,2}[-/]\d{1,2}[-/]\d{4}", t) and date_of(t) for t in dates):
        message = f"dates such as {dates[0]} are read {'day' if conventions.day_first else 'month'} first"
        notes.append(note(name, columns.roles["added_on"][0], message, "write dates as 2026-01-31 if this is wrong"))
    return notes
