"""Product exports to `Product`s, with a row-numbered problem for everything refused, repaired or guessed.

In: an opened shop. Out: its products in the export's order, and the problems. The stages are `tables` (rows),
`profile` and `columns` (what each column is), `grouping` or `feeds` (which rows are one product), `products` (cells to
values). It knows no index and no conversation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from rapidfuzz import process

from knowledge_base.cells import date_of
from knowledge_base.columns import Columns, recognise
from knowledge_base.drafts import Draft
from knowledge_base.errors import ShopError
from knowledge_base.feeds import FeedKind, feed_drafts, feed_kind, feed_reading
from knowledge_base.grouping import drafts_of
from knowledge_base.money import currency_of, decimal_mark
from knowledge_base.products import Conventions, product_of
from knowledge_base.profile import Profile, profile
from knowledge_base.rows import Row
from knowledge_base.shop import Shop
from knowledge_base.tables import read_rows
from knowledge_base.types import Problem, Product, Severity

_PRICES = ("price", "sale_price", "list_price", "price_cents")


@dataclass(frozen=True, slots=True)
class Catalog:
    """What the product exports of a shop come to. `readings` says for each file what each column was read as.

    `rows` counts the data rows of all files, `refused` those of them that gave no product.
    """

    products: tuple[Product, ...] = ()
    problems: tuple[Problem, ...] = ()
    readings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rows: int = 0
    refused: int = 0


def read_products(shop: Shop) -> tuple[tuple[Product, ...], tuple[Problem, ...]]:
    """Every product of the shop, in the export's order, and what was wrong or guessed.

    Raises:
        ShopError: there is not one product; the message says why.
    """
    catalog = read_catalog(shop)
    if not catalog.products:
        errors = [p for p in catalog.problems if p.severity == "error"]
        why = f"{errors[0].file}: {errors[0].message}; {errors[0].remedy}" if errors else "the file has no rows"
        raise ShopError(f"no product could be read from {shop.folder}: {why}")
    return catalog.products, catalog.problems


def read_catalog(shop: Shop) -> Catalog:
    """As `read_products`, with what `check` tells beside it; it never raises for what the files hold."""
    products: dict[str, Product] = {}
    problems: list[Problem] = []
    readings: dict[str, Mapping[str, str]] = {}
    rows = refused = 0
    for path in shop.products:
        name = shop.name_of(path)
        plan = _plan(path, name, shop)
        readings[name] = plan.reading
        problems += plan.problems
        rows += plan.rows
        refused += sum(1 for p in plan.problems if p.severity == "error" and p.row is not None)
        for row, product, found in _products(path, name, plan):
            problems += found
            if product is None:
                refused += any(p.severity == "error" for p in found)
            elif product.id in products and plan.generated_ids:
                product = replace(product, id=_free_id(product.id, products))
                products[product.id] = product
            elif product.id in products:
                refused += 1
                message = f"the id {product.id} was there before; the first is kept"
                problems.append(Problem(name, row, "id", product.id, message, "give each product an id of its own"))
            else:
                products[product.id] = product
    return Catalog(tuple(products.values()), tuple(problems), readings, rows, refused)


def _free_id(wanted: str, taken: Mapping[str, Product]) -> str:
    count = 2
    while f"{wanted}-{count}" in taken:
        count += 1
    return f"{wanted}-{count}"


# --- one file: how to read it ---


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one file is read, decided after a first pass over all of it."""

    columns: Columns
    feed: FeedKind | None
    conventions: Conventions
    reading: Mapping[str, str]
    problems: tuple[Problem, ...]
    rows: int
    generated_ids: bool


def _plan(path: Path, name: str, shop: Shop) -> _Plan:
    problems: list[Problem] = []
    count = 0

    def rows() -> Iterator[Row]:
        nonlocal count
        for found in read_rows(path, name):
            if isinstance(found, Row):
                count += 1
                yield found
            else:
                problems.append(found)

    profiles = profile(rows())
    refused = sum(1 for p in problems if p.severity == "error" and p.row is not None)
    kind = feed_kind(profiles)
    columns = recognise(profiles, shop.info.columns, count)
    conventions = _conventions(profiles, columns, kind, name, shop.info.currency)
    reading = feed_reading(kind, profiles) if kind else columns.reading()
    if count:
        problems += _feed_notes(kind, name) if kind else _column_notes(columns, name, profiles)
        problems += _convention_notes(conventions, profiles, columns, kind, name)
    elif not problems:
        problems.append(
            Problem(name, None, None, None, "the file has a header but no rows", "export it again", "error")
        )
    generated = kind is None and "id" not in columns.roles and "group" not in columns.roles
    return _Plan(columns, kind, conventions, reading, tuple(problems), count + refused, generated)


def _figures_of(profiles: Mapping[str, Profile], headers: Iterable[str]) -> list[str]:
    """The texts with digits of some columns; numbers of JSON have no ambiguous marks and are left out."""
    return [text for h in headers if h in profiles and not profiles[h].numbers for text in profiles[h].figures]


def _headers(
    profiles: Mapping[str, Profile], columns: Columns, kind: FeedKind | None, roles: Iterable[str]
) -> list[str]:
    """The headers that hold some roles, those inside a list of variants included."""
    if kind:
        reading = feed_reading(kind, profiles)
        return [header for header in profiles if reading[header] in roles]
    found = [header for role in roles for header in columns.roles.get(role, ())]
    nested = [h for v in columns.roles.get("variants", ()) for h in profiles if h.partition(".")[0] == v and "." in h]
    return found + [header for header in nested if header.rpartition(".")[2] in roles]


def _conventions(
    profiles: Mapping[str, Profile], columns: Columns, kind: FeedKind | None, name: str, currency: str | None
) -> Conventions:
    price_headers = _headers(profiles, columns, kind, _PRICES)
    mark, _ = decimal_mark(_figures_of(profiles, price_headers))
    ratings = [t for h in columns.roles.get("rating", ()) for t in profiles[h].figures]
    dates = [t for h in columns.roles.get("added_on", ()) for t in profiles[h].figures]
    stock = [t for h in columns.roles.get("in_stock", ()) for t in profiles[h].figures]
    named = {h: code for h in price_headers if (code := _header_currency(h, currency))}
    return Conventions(
        name,
        currency=currency or _common_currency(profiles, columns, price_headers),
        mark=mark,
        rating_scale=_rating_scale(ratings),
        day_first=_day_first(dates),
        counts=any(re.fullmatch(r"\d+", text.strip()) and int(text) > 1 for text in stock if len(text) < 12),
        header_currency=named,
    )


def _header_currency(header: str, default: str | None) -> str | None:
    """A currency that a price column's header names: "price_eur", "Price (USD)", "价格（元）"."""
    return (
        currency_of(re.sub(r"[_()\[\]（）]", " ", header), None)
        if currency_of(re.sub(r"[_()\[\]（）]", " ", header), default)
        else None
    )


def _common_currency(profiles: Mapping[str, Profile], columns: Columns, price_headers: Iterable[str]) -> str | None:
    """The currency that column, headers or prices name, where nobody stated the shop's."""
    texts = [t for h in columns.roles.get("currency", ()) for t in profiles[h].texts]
    texts += [re.sub(r"[_()\[\]（）]", " ", header) for header in price_headers]
    texts += [t for h in price_headers if h in profiles for t in list(profiles[h].texts)[:100]]
    return next((code for text in texts if (code := currency_of(text))), None)


def _rating_scale(ratings: list[str]) -> int:
    """5, or 10 or 100 where at least a fifth of the ratings need it."""
    numbers = [
        float(match[1].replace(",", "."))
        for text in ratings
        if (match := re.fullmatch(r"\s*(\d{1,3}(?:[.,]\d{1,4})?)\s*%?\s*", text))
    ]
    if not numbers:
        return 5
    if sum(1 for n in numbers if 10 < n <= 100) * 5 >= len(numbers):
        return 100
    return 10 if sum(1 for n in numbers if 5 < n <= 10) * 5 >= len(numbers) else 5


def _day_first(dates: list[str]) -> bool:
    """Whether 3/4/2026 is in April: where a first part above 12 says so, or no second part does."""
    parts = [match for text in dates if (match := re.match(r"\s*(\d{1,2})[-/ ](\d{1,2})[-/ ]\d{4}", text))]
    return any(int(m[1]) > 12 for m in parts) or not any(int(m[2]) > 12 for m in parts)


# --- one file: what was guessed ---


def _note(name: str, column: str | None, message: str, remedy: str, severity: Severity = "note") -> Problem:
    return Problem(name, None, column, None, message, remedy, severity)


def _feed_notes(kind: FeedKind, name: str) -> list[Problem]:
    product = "Shopify" if kind == "shopify" else "WooCommerce"
    return [_note(name, None, f"read as a {product} product export", "rename a column if it is not one")]


def _column_notes(columns: Columns, name: str, profiles: Mapping[str, Profile]) -> list[Problem]:
    remedy = "name the right column under [products.columns] in shop.toml if this is wrong"
    notes = []
    for role, header in columns.missing:
        best = process.extractOne(header, list(profiles), score_cutoff=50)
        hint = f"did you mean {best[0]!r}?" if best else f"its columns are {', '.join(list(profiles)[:20])}"
        message = f"shop.toml reads {role} from {header!r}, which this file does not have"
        notes.append(_note(name, header, message, hint, "warning"))
    reading = columns.reading()
    for header in profiles:
        if header in columns.guessed:
            notes.append(_note(name, header, f"read as {reading[header]}", remedy))
        elif header in columns.unused and profiles[header].filled:
            notes.append(_note(name, header, reading[header], remedy))
        elif header in columns.attributes:
            notes.append(_note(name, header, f"read as {reading[header]}", remedy))
    if "title" not in columns.roles:
        message = f"no column looks like the title; its columns are {', '.join(list(profiles)[:20])}"
        notes.append(
            _note(name, None, message, 'say which it is: [products.columns] title = "…" in shop.toml', "error")
        )
    if "id" not in columns.roles and "group" not in columns.roles:
        notes.append(_note(name, None, "no column looks like an id; ids are made from the titles", "add an id column"))
    return notes


def _convention_notes(
    conventions: Conventions, profiles: Mapping[str, Profile], columns: Columns, kind: FeedKind | None, name: str
) -> list[Problem]:
    notes = []
    headers = _headers(profiles, columns, kind, _PRICES)
    mark, ambiguous = decimal_mark(_figures_of(profiles, headers))
    if headers and (mark == "," or ambiguous):
        shown = mark or "as each price reads best: 1,299 is a thousand"
        message = f"the decimal mark of the prices was taken to be {shown!r}" if mark else f"prices are read {shown}"
        notes.append(_note(name, headers[0], message, "write 1299.00 without a thousands mark if this is wrong"))
    if conventions.rating_scale != 5:
        message = f"ratings are out of {conventions.rating_scale}; they are shown out of 5"
        notes.append(_note(name, columns.roles["rating"][0], message, "export ratings out of 5 if this is wrong"))
    dates = [t for h in columns.roles.get("added_on", ()) for t in profiles[h].figures]
    if any(re.match(r"\s*\d{1,2}[-/]\d{1,2}[-/]\d{4}", t) and date_of(t) for t in dates):
        message = f"dates such as {dates[0]} are read {'day' if conventions.day_first else 'month'} first"
        notes.append(_note(name, columns.roles["added_on"][0], message, "write dates as 2026-01-31 if this is wrong"))
    return notes


# --- one file: its products ---


def _products(path: Path, name: str, plan: _Plan) -> Iterator[tuple[int, Product | None, list[Problem]]]:
    """(row, product or None, problems) of every product of a file, in its order."""
    if not plan.feed and "title" not in plan.columns.roles:
        return
    rows = (found for found in read_rows(path, name) if isinstance(found, Row))
    drafts: Iterable[Draft | Problem] = (
        feed_drafts(plan.feed, rows, name) if plan.feed else drafts_of(rows, plan.columns)
    )
    for draft in drafts:
        if isinstance(draft, Problem):
            yield draft.row or 0, None, [draft]
        else:
            product, problems = product_of(draft, plan.conventions, plan.generated_ids)
            yield draft.row, product, problems
