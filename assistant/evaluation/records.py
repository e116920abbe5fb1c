"""A shop's raw records, for computing what is true.

In: a shop folder. Out: `Record`s with their `Sku`s, as the export states them. The pipeline's facets, constraints,
retrieval, understanding and composer are never imported here: ground truth must not share their mistakes. A canonical
`products.jsonl` is read by the few lines below; for other exports only the file parser is borrowed.
"""

from __future__ import annotations

import gzip
import html
import json
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Sku:
    """One thing that can be bought; `id` is "" for a product without variants. Unknown is None."""

    id: str
    options: Mapping[str, str] = field(default_factory=dict)
    price: Decimal | None = None
    list_price: Decimal | None = None
    in_stock: bool | None = None
    stock: int | None = None


@dataclass(frozen=True)
class Record:
    """One product as the export states it, with at least one SKU."""

    id: str
    title: str
    skus: tuple[Sku, ...]
    description: str = ""
    brand: str | None = None
    category: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    rating: Decimal | None = None
    review_count: int | None = None

    @cached_property
    def key(self) -> str:
        """The folded title."""
        return fold(self.title)

    @cached_property
    def words(self) -> frozenset[str]:
        """The folded words of the title, each also in the singular."""
        found = re.findall(r"[^\W_]+", self.key)
        return frozenset(found) | frozenset(singular(word) for word in found)

    @cached_property
    def everything(self) -> str:
        """All the record's text, folded."""
        return fold(" ".join([self.title, self.description, *self.category, *self.attributes.values()]))

    @cached_property
    def prices(self) -> tuple[Decimal, ...]:
        """The known prices of the SKUs, lowest first, each once."""
        return tuple(sorted({sku.price for sku in self.skus if sku.price is not None}))

    @cached_property
    def has_variants(self) -> bool:
        """Whether the SKUs are told apart by options."""
        return any(sku.options for sku in self.skus)

    @cached_property
    def available(self) -> bool | None:
        """True if any SKU is in stock, False if none is, None where the shop does not say."""
        states = [sku.in_stock for sku in self.skus]
        if any(states):
            return True
        return None if None in states else False


@dataclass(frozen=True, slots=True)
class ShopRecords:
    """What truth is computed from. `currency` is ISO 4217 or None."""

    folder: Path
    language: str
    currency: str | None
    records: tuple[Record, ...]

    def by_id(self) -> dict[str, Record]:
        """The records by product id."""
        return {record.id: record for record in self.records}


_TAG = re.compile(r"</?[A-Za-z][^<>]*>")  # mark-up in a title is nothing a shopper should see
# A shop that writes both means one thing: a "fibre optic cable" is a fiber optic cable.
_AMERICAN = {
    "fibre": "fiber", "colour": "color", "grey": "gray", "centre": "center", "metre": "meter", "litre": "liter",
}  # fmt: skip
_TWO_SPELLINGS = re.compile("|".join(_AMERICAN))


def fold(text: str) -> str:
    """A form in which equal things compare equal: NFKC, case-folded, dashes and spaces as one space, one spelling."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _TWO_SPELLINGS.sub(lambda match: _AMERICAN[match[0]], text)
    return re.sub(r"[\s_‐-―-]+", " ", text).strip()


def singular(word: str) -> str:
    """A rough English singular of one folded word; good enough to compare two words of one shop."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and re.search(r"(ches|shes|sses|xes)$", word):
        return word[:-2]
    if len(word) > 2 and word.endswith("s") and not word.endswith(("ss", "us", "is", "as", "ics", "lens", "ups")):
        return word[:-1]
    return word


def read_records(folder: Path) -> ShopRecords:
    """The shop's records, its language and currency.

    Raises:
        FileNotFoundError: the folder holds no shop.
        ShopError: an export other than canonical JSONL cannot be read.
    """
    settings: dict[str, Any] = {}
    if (folder / "shop.toml").exists():
        settings = tomllib.loads((folder / "shop.toml").read_text(encoding="utf-8"))
    for name in ("products.jsonl", "products.jsonl.gz"):
        if (folder / name).exists():
            records = tuple(_canonical(folder / name))
            break
    else:
        records = tuple(_imported(folder))
    return ShopRecords(folder, str(settings.get("language", "en")), settings.get("currency"), records)


def _canonical(path: Path) -> Iterator[Record]:
    """The rows of a canonical file; a row without id or title and the second row of an id are left out."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    seen: set[str] = set()
    for line in text.split("\n"):
        if not line.strip():
            continue
        row = json.loads(line)
        product_id, title = str(row.get("id") or ""), _TAG.sub("", html.unescape(str(row.get("title") or ""))).strip()
        if not product_id or not title or product_id in seen:
            continue
        seen.add(product_id)
        category = row.get("category") or ()
        path_parts = category.split(">") if isinstance(category, str) else category
        yield Record(
            id=product_id,
            title=title,
            skus=tuple(_sku(variant) for variant in row.get("variants") or ()) or (_sku({**row, "id": ""}),),
            description=html.unescape(str(row.get("description") or "")),
            brand=str(row["brand"]) if row.get("brand") else None,
            category=tuple(html.unescape(str(part)).strip() for part in path_parts if str(part).strip()),
            attributes={str(k): _text(v) for k, v in (row.get("attributes") or {}).items() if v not in (None, "")},
            rating=_number(row.get("rating")),
            review_count=int(row["review_count"]) if row.get("review_count") is not None else None,
        )


def _sku(row: Mapping[str, Any]) -> Sku:
    stock = int(row["stock"]) if isinstance(row.get("stock"), int | float) else None
    in_stock = row.get("in_stock")
    return Sku(
        id=str(row.get("id") or ""),
        options={str(k): _text(v) for k, v in (row.get("options") or {}).items()},
        price=_number(row.get("price")),
        list_price=_number(row.get("list_price")),
        in_stock=in_stock if isinstance(in_stock, bool) else (None if stock is None else stock > 0),
        stock=stock,
    )


def _text(value: Any) -> str:
    """One attribute value as text: yes and no for booleans, "3" for 3.0, lists joined."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    return html.unescape(str(value))


def _number(value: Any) -> Decimal | None:
    """A non-negative number, or None."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


def _imported(folder: Path) -> Iterator[Record]:
    """The rows of any other export, read by the product's file parser and nothing else of it."""
    from knowledge_base.catalog import read_products
    from knowledge_base.shop import open_shop

    products, _ = read_products(open_shop(folder))
    for product in products:
        skus = tuple(
            Sku(sku.id, dict(sku.options), sku.price, sku.list_price, sku.in_stock, sku.stock)
            for sku in product.variants
        )
        whole = Sku("", {}, product.price, product.list_price, product.in_stock, product.stock)
        yield Record(
            id=product.id,
            title=product.title,
            skus=skus or (whole,),
            description=product.description or "",
            brand=product.brand,
            category=tuple(product.category),
            attributes=dict(product.attributes),
            rating=product.rating,
            review_count=product.review_count,
        )
