"""Drafts to products: every cell read, every value that cannot be read set to unknown, and said so.

In: a `Draft` and the conventions of its file (decimal mark, rating scale, day first, currency). Out: a `Product` and
its problems, or no product and the error that refused it. It never guesses a figure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from knowledge_base.importing.cells import (
    as_json,
    attribute_name,
    attribute_text,
    attributes_of,
    count_of,
    date_of,
    is_blank,
    link_of,
    path_of,
    rating_of,
    scalar,
    show,
    stock_of,
    text_of,
    yes_no,
)
from knowledge_base.importing.drafts import Cell, Draft
from knowledge_base.importing.feeds import slug
from knowledge_base.importing.money import DecimalMark, ParsedPrice, currency_of, parse_price
from knowledge_base.importing.prose import has_script, plain_text
from knowledge_base.text import fold
from knowledge_base.types import Problem, Product, Severity, Variant

_UNIT = re.compile(
    r"^(.*\S)\s*[(\[（]\s*(kg|g|mg|lbs?|oz|cm|mm|m|in|inch|inches|ft|l|ml|cl|w|kw|v|a|hz|ghz|gb|tb|mb|mah|wh|db|°c|px|"
    r"公斤|千克|克|厘米|毫米|米|寸|英寸|升|毫升|瓦)\s*[)\]）]$",
    re.IGNORECASE,
)
_PLAIN_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_AMOUNT_KEYS = ("amount", "value", "price", "current", "final_price", "min", "low")
_CURRENCY_KEYS = ("currency", "currencyCode", "currency_code", "priceCurrency", "unit")
_BRANDS = frozenset(["brand", "brand name", "manufacturer", "品牌", "marke", "hersteller", "marque", "marca"])
MAX_TEXT_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class Conventions:
    """What holds for a whole file. `rating_scale` is 5, 10 or 100; `currency` is what a bare price is in.

    `header_currency` maps a price column to the currency its header names. `counts` says that the availability column
    holds counts rather than yes and no.
    """

    file: str
    currency: str | None = None
    mark: DecimalMark | None = None
    rating_scale: int = 5
    day_first: bool = True
    counts: bool = False
    header_currency: Mapping[str, str] = field(default_factory=dict)


class _Reader:
    """Reads the cells of one draft and keeps what was wrong with them."""

    def __init__(self, conventions: Conventions) -> None:
        self.conventions = conventions
        self.problems: list[Problem] = []

    def note(self, row: int, cell: Cell | None, message: str, remedy: str, severity: Severity = "warning") -> None:
        column, value = (cell.column, show(cell.value)) if cell else (None, None)
        self.problems.append(Problem(self.conventions.file, row, column, value, message, remedy, severity))

    def line(self, draft: Draft, role: str, limit: int = 400) -> str | None:
        """A one-line text; a script in it is dropped and reported."""
        cell = draft.first(role)
        if cell is None:
            return None
        value = scalar(cell.value, "name", "title", "value", "label")
        if isinstance(value, str) and has_script(value):
            self.note(draft.row, cell, "holds a script, which was removed", "remove the markup")
        text = text_of(value)
        return text[:limit].rstrip() if text else None

    def prose(self, draft: Draft) -> str | None:
        """The description: its first filled column as plain text, with the bullet points below it."""
        parts = []
        cells = [c for role in ("description", "features") if (c := draft.first(role))]
        for cell in cells:
            value = as_json(cell.value)
            lines = value if isinstance(value, list) else [value]
            raw = "\n".join(item if isinstance(item, str) else text_of(item) or "" for item in lines)
            if has_script(raw):
                self.note(draft.row, cell, "holds a script, which was removed", "remove the markup")
            text = plain_text(raw)
            if len(text) > MAX_TEXT_CHARS:
                message = f"has {len(text):,} characters; the first {MAX_TEXT_CHARS:,} were taken"
                self.note(draft.row, cell, message, "shorten it")
                text = text[:MAX_TEXT_CHARS].rsplit(" ", 1)[0]
            if text and text not in parts:
                parts.append(text)
        for cell in draft.cells.get("more", ()):
            if text := plain_text(text_of(cell.value) or ""):
                parts.append(f"{attribute_name(cell.column)}: {text}"[:MAX_TEXT_CHARS])
        return "\n".join(parts) or None

    def money(self, draft: Draft, role: str, currency: str | None) -> ParsedPrice | None:
        """A price of a role; None, with a warning, where it is unreadable, negative or 0."""
        cell = draft.first(role)
        if cell is None:
            return None
        value = as_json(cell.value)
        if isinstance(value, Mapping):
            named = scalar(value, *_CURRENCY_KEYS)
            currency = currency_of(str(named), currency) if named else currency
        value = scalar(value, *_AMOUNT_KEYS)
        mark = "." if isinstance(value, int | float | Decimal) else self.conventions.mark
        text = f"{value:f}" if isinstance(value, Decimal) else str(value)
        column_currency = self.conventions.header_currency.get(cell.column, currency)
        parsed = None if isinstance(value, bool) or value is None else parse_price(text, column_currency, mark)
        if parsed is None:
            negative = re.search(r"[-−–(]\s*\W?\s*\d", text) is not None
            message = "is negative; the price is unknown" if negative else "is no price; the price is unknown"
            self.note(draft.row, cell, message, "write it as 12.99, with its currency if it is not the shop's")
            return None
        if role == "price_cents":
            parsed = ParsedPrice(parsed.low / 100, parsed.high / 100, parsed.currency)
        if parsed.high == 0:
            self.note(draft.row, cell, "is 0; the price is unknown", "write the price, or leave the cell empty")
            return None
        return parsed

    def stock(self, draft: Draft) -> tuple[int | None, bool | None]:
        """(count, in stock); the count decides where both are said, unless the shop sells without stock."""
        count: int | None = None
        said: bool | None = None
        if cell := draft.first("stock"):
            found = stock_of(cell.value)
            if found is None:
                self.note(draft.row, cell, "is no number of pieces; the stock is unknown", "write a whole number")
            else:
                count, said = found
                if count == 0 and re.match(r"\s*-\s*\d", str(cell.value)):
                    self.note(draft.row, cell, "is negative; taken as 0, out of stock", "write 0")
        if cell := draft.first("in_stock"):
            found = stock_of(cell.value)
            flag = yes_no(cell.value)
            if found is None:
                self.note(draft.row, cell, "says neither in stock nor out of stock", "write yes or no")
            elif flag is not None and not self.conventions.counts:
                said = flag
            else:
                count = found[0] if count is None else count
                said = found[1]
        return count, said

    def rating(self, draft: Draft, reviews: int | None) -> Decimal | None:
        cell = draft.first("rating")
        if cell is None:
            return None
        if re.match(r"(?:no|not|none|keine?|aucune?|sin|暂无|无)\b|暂无", str(cell.value).strip().casefold()):
            return None
        scale = self.conventions.rating_scale
        rating = rating_of(cell.value, scale)
        if rating is None:
            self.note(draft.row, cell, f"is no rating from 0 to {scale}; the rating is unknown", "correct or empty it")
        # A product nobody rated is exported as 0 stars; that is no opinion.
        return None if rating is None or (rating == 0 and not reviews) else rating

    def category(self, draft: Draft, title: str) -> tuple[str, ...]:
        """The deepest path a path column gives, else the levels of the category columns in order."""
        for cell in draft.cells.get("category_path", ()):
            path = path_of(cell.value, title)
            if path and not all(step.isdigit() for step in path):
                return path
        steps: list[str] = []
        for cell in draft.cells.get("category", ()):
            for step in path_of(cell.value, title):
                if step not in steps and not step.isdigit():
                    steps.append(step)
        return tuple(steps)

    def attributes(self, draft: Draft) -> dict[str, str]:
        """Attribute columns, then what the specification columns hold; a name keeps its first value."""
        found: dict[str, str] = {}
        for name, cell in draft.attributes.items():
            self._attribute(found, draft.row, name, cell)
        for cell in draft.cells.get("attributes", ()):
            named = attributes_of(cell.value)
            if not named:
                if text := attribute_text(cell.value):
                    found.setdefault(attribute_name(cell.column), text)
                continue
            known = {fold(name) for name in found}
            found |= {name: text for name, text in named.items() if fold(name) not in known}
        return found

    def _attribute(self, found: dict[str, str], row: int, name: str, cell: Cell) -> None:
        value = as_json(cell.value)
        if isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(i, Mapping) for i in value)):
            named = attributes_of(value)
            if named and isinstance(value, list):
                found |= {key: text for key, text in named.items() if key not in found}
                return
        if isinstance(value, str) and has_script(value):
            self.note(row, cell, "holds a script, which was removed", "remove the markup")
        text = attribute_text(value)
        name = attribute_name(name)
        if not text or not name:
            return
        unit = _UNIT.match(name)
        if unit and _PLAIN_NUMBER.fullmatch(text):
            name, text = unit[1], f"{text} {unit[2]}"
        found.setdefault(name, text[:1000])


@dataclass(frozen=True, slots=True)
class _Figures:
    price: Decimal | None
    list_price: Decimal | None
    price_range: str | None
    currency: str | None


def _figures(reader: _Reader, draft: Draft, currency: str | None) -> _Figures:
    """Price and list price: a sale price wins over the price, which then is the list price; equal ones count once."""
    if cell := draft.first("currency"):
        named = currency_of(str(scalar(cell.value, "code", "name", "value")))
        if named is None:
            reader.note(draft.row, cell, "is no currency; the shop's is taken", "write an ISO code such as EUR")
        currency = named or currency
    regular = reader.money(draft, "price", currency) or reader.money(draft, "price_cents", currency)
    sale = reader.money(draft, "sale_price", currency)
    former = reader.money(draft, "list_price", currency)
    price = sale or regular or (former if not draft.first("price") and not draft.first("sale_price") else None)
    listed = former or (regular if sale else None)
    if price is None:
        return _Figures(None, None, None, currency)
    shown = None
    if price.low != price.high:
        cell = draft.first("sale_price" if sale else "price") or draft.first("list_price")
        reader.note(draft.row, cell, "is a range; the lowest price is taken", "give each variant a row with its price")
        shown = show(cell.value).strip() if cell else None
    list_price = listed.low if listed and listed.low > price.low and listed.currency == price.currency else None
    return _Figures(price.low, list_price, shown, price.currency or currency)


def product_of(draft: Draft, conventions: Conventions, generated_id: bool) -> tuple[Product | None, list[Problem]]:
    """The product of a draft and its problems; None where it was refused (the last problem says why).

    `generated_id` says that the file has no id column, so that the id is made from the title.
    """
    reader = _Reader(conventions)
    title = reader.line(draft, "title")
    if not title or (draft.short and not re.search(r"[^\W\d]", title)):
        message = "the product has no title" if not title else "the row is cut off and its title has no letters"
        reader.note(draft.row, draft.first("title"), message, "give it a title", "error")
        return None, reader.problems
    id_cell = draft.first("id")
    product_id = (
        text_of(scalar(id_cell.value, "id", "value", "$oid")) if id_cell else slug(title) if generated_id else None
    )
    if not product_id:
        reader.note(draft.row, id_cell, "the product has no id", "give it an id of its own", "error")
        return None, reader.problems
    figures = _figures(reader, draft, conventions.currency)
    stock, in_stock = reader.stock(draft)
    reviews = _count(reader, draft)
    attributes = reader.attributes(draft)
    if figures.price_range and not draft.variants:
        attributes.setdefault("price range", figures.price_range)
    variants = _variants(reader, draft, product_id, figures.currency)
    brand = reader.line(draft, "brand", 120)
    product = Product(
        id=product_id,
        title=title,
        description=reader.prose(draft),
        brand=brand or next((text for name, text in attributes.items() if fold(name) in _BRANDS), None),
        category=reader.category(draft, title),
        price=figures.price,
        list_price=figures.list_price,
        currency=next((c for c in [figures.currency] if c), conventions.currency),
        stock=stock,
        in_stock=in_stock,
        rating=reader.rating(draft, reviews),
        review_count=reviews,
        url=_link(reader, draft, "url"),
        image=_link(reader, draft, "image") or next((v.image for v in variants if v.image), None),
        language=_language(draft),
        added_on=_added_on(reader, draft),
        attributes=attributes,
        variants=variants,
    )
    return product, reader.problems


def _variants(reader: _Reader, draft: Draft, product_id: str, currency: str | None) -> tuple[Variant, ...]:
    found: dict[str, Variant] = {}
    for place, each in enumerate(draft.variants, 1):
        cell = each.first("variant_id") or each.first("id")
        variant_id = (text_of(cell.value) if cell else None) or "-".join(
            [slug(product_id) or product_id, slug("-".join(each.options.values())) or str(place)]
        )
        if variant_id in found:
            reader.note(
                each.row,
                cell,
                f"variant {variant_id} was there before; the first is kept",
                "give it its own id",
                "error",
            )
            continue
        figures = _figures(reader, each, currency)
        if figures.currency and currency and figures.currency != currency:
            message = f"is in {figures.currency}, its product in {currency}; the price is unknown"
            reader.note(each.row, each.first("price"), message, "use one currency a product")
            figures = _Figures(None, None, None, currency)
        stock, in_stock = reader.stock(each)
        own = dict(each.options)
        found[variant_id] = Variant(
            variant_id, own, figures.price, figures.list_price, stock, in_stock, _link(reader, each, "image")
        )
    return tuple(found.values())


def _count(reader: _Reader, draft: Draft) -> int | None:
    cell = draft.first("review_count")
    if cell is None:
        return None
    value = as_json(cell.value)
    count = len(value) if isinstance(value, list) else count_of(value)
    if count is None:
        reader.note(draft.row, cell, "is no number of reviews; it is unknown", "write a whole number")
    return count


def _link(reader: _Reader, draft: Draft, role: str) -> str | None:
    cells = [cell for cell in draft.cells.get(role, ()) if not is_blank(cell.value)]
    for cell in cells:
        if link := link_of(cell.value):
            return link
    if cells:
        reader.note(draft.row, cells[0], "is no web address; it was left out", "begin it with https://")
    return None


def _language(draft: Draft) -> str | None:
    cell = draft.first("language")
    text = text_of(cell.value) if cell else None
    return text if text and re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", text) else None


def _added_on(reader: _Reader, draft: Draft) -> Any:
    cell = draft.first("added_on")
    if cell is None:
        return None
    found = date_of(cell.value, reader.conventions.day_first)
    if found is None:
        reader.note(draft.row, cell, "is no date; it is unknown", "write it as 2026-01-31")
    return found
