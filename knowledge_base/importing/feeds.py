"""Product exports of Shopify and WooCommerce to drafts, by their documented columns.

Shopify: https://help.shopify.com/en/manual/products/import-export/using-csv — rows of one Handle are one product; a
row has a variant, a picture, or both. WooCommerce:
https://woocommerce.com/document/product-csv-importer-exporter/ — variations name their parent by SKU or "id:NN".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Literal

from knowledge_base.importing.cells import attribute_text, date_of, is_blank, text_of
from knowledge_base.importing.drafts import Cell, Draft, cells_of
from knowledge_base.importing.rows import Row
from knowledge_base.text import fold
from knowledge_base.types import Problem

FeedKind = Literal["shopify", "woocommerce"]

_SHOPIFY_PRODUCT = {
    "id": ("Handle",),
    "title": ("Title",),
    "description": ("Body (HTML)", "Body HTML", "Body"),
    "brand": ("Vendor",),
    "category_path": ("Product Category", "Standard Product Type"),
    "category": ("Custom Product Type", "Type"),
    "image": ("Image Src",),
    "price": ("Variant Price",),
    "list_price": ("Variant Compare At Price",),
    "stock": ("Variant Inventory Qty",),
}
_SHOPIFY_VARIANT = {
    "variant_id": ("Variant SKU",),
    "price": ("Variant Price",),
    "list_price": ("Variant Compare At Price",),
    "stock": ("Variant Inventory Qty",),
    "image": ("Variant Image",),
}
_WOO_PRODUCT = {
    "id": ("ID", "SKU"),
    "title": ("Name",),
    "description": ("Description", "Short description"),
    "brand": ("Brands", "Brand"),
    "category_path": ("Categories",),
    "image": ("Images",),
    "price": ("Regular price",),
    "sale_price": ("Sale price",),
    "in_stock": ("In stock?",),
    "stock": ("Stock",),
    "url": ("External URL",),
}
_UNITS = re.compile(r"(Weight|Length|Width|Height) \((\w+)\)$")


def feed_kind(headers: Iterable[str]) -> FeedKind | None:
    """Which of the two exports these headers are; None for any other."""
    known = set(headers)
    if {"Handle", "Title"} <= known and known & {"Variant Price", "Option1 Name", "Option1 Value"}:
        return "shopify"
    if {"Type", "Name"} <= known and known & {"Parent", "Regular price"} and known & {"SKU", "ID"}:
        return "woocommerce"
    return None


def feed_reading(kind: FeedKind, headers: Iterable[str]) -> dict[str, str]:
    """What each column of such an export is read as, for people."""
    tables = (_SHOPIFY_PRODUCT, _SHOPIFY_VARIANT) if kind == "shopify" else (_WOO_PRODUCT,)
    roles = {header: role for table in tables for role, found in table.items() for header in found}
    said = {}
    for header in headers:
        if re.match(r"Option\d |Attribute \d+ (?:name|value)", header):
            said[header] = "option"
        elif header in roles:
            said[header] = roles[header]
        elif header in ("Parent", "Type", "Published", "Status", "Visibility in catalog"):
            said[header] = "structure"
        elif header == "Tags" or _UNITS.match(header) or ".metafields." in header or _google_name(header):
            said[header] = "attribute"
        else:
            said[header] = "not used"
    return said


def feed_drafts(kind: FeedKind, rows: Iterable[Row], name: str) -> Iterator[Draft | Problem]:
    """The products of such an export, and a note for each that the shop does not show."""
    return _shopify(rows, name) if kind == "shopify" else _woocommerce(rows, name)


def slug(text: str) -> str:
    """A text as part of an id: folded, words joined by "-"."""
    return re.sub(r"[^\w]+", "-", fold(text)).strip("-")


# --- Shopify ---


def _shopify(rows: Iterable[Row], name: str) -> Iterator[Draft | Problem]:
    products: dict[str, list[Row]] = {}
    counted = False
    for row in rows:
        handle = text_of(row.cells.get("Handle"))
        if handle is None:
            yield Problem(name, row.number, "Handle", None, "the row has no Handle", "give the product a Handle")
            continue
        products.setdefault(handle, []).append(row)
        counted = counted or bool(row.cells.get("Variant Inventory Tracker")) or _quantity(row) != "0"
    for members in products.values():
        head = next((row for row in members if not is_blank(row.cells.get("Title"))), members[0])
        status = str(head.cells.get("Status", "active")).casefold()
        if status not in ("active", "") or str(head.cells.get("Published", "true")).casefold() == "false":
            yield _hidden(name, head, "Status" if status != "active" else "Published")
            continue
        yield _shopify_product(head, members, counted)


def _quantity(row: Row) -> str:
    return str(row.cells.get("Variant Inventory Qty", "0")).strip() or "0"


def _shopify_product(head: Row, members: list[Row], counted: bool) -> Draft:
    names = {i: name for i in (1, 2, 3) if (name := text_of(head.cells.get(f"Option{i} Name")))}
    lines = [row for row in members if row.cells.get("Option1 Value") or row.cells.get("Variant Price")]
    handle = text_of(head.cells["Handle"]) or ""
    variants = []
    for row in lines:
        options = {}
        for i, option in names.items():
            value = attribute_text(row.cells.get(f"Option{i} Value"))
            if value and not (option == "Title" and value == "Default Title"):
                options[option] = value
        cells = _shopify_stock(row, cells_of(row.cells, _SHOPIFY_VARIANT), counted)
        if "variant_id" not in cells and options:
            cells["variant_id"] = (Cell("Handle", f"{handle}-{slug('-'.join(options.values()))}"),)
        variants.append(Draft(row.number, cells, options=options, short=row.short))
    product = _shopify_stock(head, cells_of(head.cells, _SHOPIFY_PRODUCT), counted)
    if "image" not in product:
        image = next((row.cells["Image Src"] for row in members if not is_blank(row.cells.get("Image Src"))), None)
        product |= {"image": (Cell("Image Src", image),)} if image else {}
    attributes = {
        shown: Cell(header, value)
        for header, value in head.cells.items()
        if not is_blank(value) and (shown := _shopify_attribute(header))
    }
    single = len(variants) == 1 and not variants[0].options
    return Draft(head.number, product, attributes, variants=() if single else tuple(variants), short=head.short)


def _shopify_stock(row: Row, cells: dict[str, tuple[Cell, ...]], counted: bool) -> dict[str, tuple[Cell, ...]]:
    """Stock as Shopify sells: with the policy "continue" it never ends; where nothing is counted, 0 says nothing."""
    if str(row.cells.get("Variant Inventory Policy", "")).casefold() == "continue":
        cells["in_stock"] = (Cell("Variant Inventory Policy", True),)
    if not counted:
        cells.pop("stock", None)
    return cells


def _shopify_attribute(header: str) -> str | None:
    if header == "Tags":
        return "tags"
    if ".metafields." in header:
        return header.partition(" (")[0].strip() or None
    return _google_name(header)


def _google_name(header: str) -> str | None:
    match = re.fullmatch(r"Google Shopping / (Gender|Age Group|Condition|MPN)", header)
    return match[1].casefold() if match else None


def _hidden(name: str, row: Row, column: str) -> Problem:
    shown = str(row.cells.get(column, ""))
    message, remedy = "the product is not shown in the shop and was left out", "publish it to have it taken"
    return Problem(name, row.number, column, shown, message, remedy, "note")


# --- WooCommerce ---


def _woocommerce(rows: Iterable[Row], name: str) -> Iterator[Draft | Problem]:
    products: list[Row] = []
    by_ref: dict[str, Row] = {}
    variations: dict[int, list[Row]] = {}
    waiting = []
    for row in rows:
        kind = str(row.cells.get("Type", "simple")).casefold()
        if "variation" in kind:
            waiting.append(row)
            continue
        products.append(row)
        for ref in (row.cells.get("SKU"), f"id:{row.cells['ID']}" if row.cells.get("ID") else None):
            if ref:
                by_ref.setdefault(str(ref), row)
    for row in waiting:
        ref = str(row.cells.get("Parent", ""))
        if parent := by_ref.get(ref):
            variations.setdefault(parent.number, []).append(row)
            continue
        message = "the variation's parent is not in the file; it was taken as a product of its own"
        yield Problem(name, row.number, "Parent", ref, message, "export the parent too", "warning")
        products.append(row)
    today = datetime.now(UTC).date()
    for row in products:
        published = str(row.cells.get("Published", "1"))
        if published in ("0", "-1") or str(row.cells.get("Visibility in catalog", "")) == "hidden":
            yield _hidden(name, row, "Published" if published != "1" else "Visibility in catalog")
            continue
        children = [r for r in variations.get(row.number, ()) if str(r.cells.get("Published", "1")) not in ("0", "-1")]
        yield _woo_product(row, children, today)


def _woo_product(row: Row, children: list[Row], today: date) -> Draft:
    declared = _woo_attributes(row.cells)
    options = {fold(n): n for child in children for n in _woo_attributes(child.cells)}
    cells = _woo_cells(row, today)
    attributes: dict[str, Cell] = {}
    for name, text in declared.items():
        if fold(name) not in options:
            values = (part.replace("\\,", ",") for part in re.split(r"(?<!\\),\s*", text))
            attributes[name] = Cell(name, list(values))
    if not is_blank(row.cells.get("Tags")):
        attributes["tags"] = Cell("Tags", row.cells["Tags"])
    for header, value in row.cells.items():
        if (unit := _UNITS.match(header)) and not is_blank(value):
            attributes[unit[1].casefold()] = Cell(header, f"{value} {unit[2]}")
    variants = []
    for child in children:
        own = _woo_cells(child, today)
        own["variant_id"] = own.pop(
            "id", (Cell("SKU", f"{row.cells.get('SKU') or row.cells.get('ID')}-{child.number}"),)
        )
        if not {"stock", "in_stock"} & set(own) and "in_stock" in cells:
            own["in_stock"] = cells["in_stock"]
        chosen = {name: t for name, value in _woo_attributes(child.cells).items() if (t := attribute_text(value))}
        variants.append(Draft(child.number, own, options=chosen, short=child.short))
    return replace(Draft(row.number, cells, attributes, short=row.short), variants=tuple(variants))


def _woo_cells(row: Row, today: date) -> dict[str, tuple[Cell, ...]]:
    cells = cells_of(row.cells, _WOO_PRODUCT)
    starts, ends = date_of(row.cells.get("Date sale price starts")), date_of(row.cells.get("Date sale price ends"))
    if (starts and today < starts) or (ends and today > ends):
        cells.pop("sale_price", None)
    return cells


def _woo_attributes(cells: Mapping[str, Any]) -> dict[str, str]:
    """Attribute names with their value(s) of one row, in its order."""
    found = {}
    for header, value in cells.items():
        place = re.fullmatch(r"Attribute (\d+) name", header)
        if place and not is_blank(value):
            text = cells.get(f"Attribute {place[1]} value(s)")
            if not is_blank(text):
                found[str(value).removeprefix("pa_").strip()] = str(text)
    return found
