"""The values the knowledge base is made of: products, entries, filters, hits.

Everything here is frozen: a stage returns a new value. Money is `Decimal` beside an ISO 4217 currency. Unknown is
`None`, never 0 or "". This module knows no file format, no index and no conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal

Kind = Literal["product", "faq", "policy", "computed"]
Sort = Literal["relevance", "price_asc", "price_desc", "rating", "newest"]
Stage = Literal["bm25", "dense", "fused", "reranked", "selected"]
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Variant:
    """One thing that can be put in a cart: a product's "blue, M".

    `options` maps an option's name as the shop writes it to this variant's value ({"color": "blue"}). `in_stock` is
    derived from `stock` by the importer where the export only counts; None means the shop does not say.
    """

    id: str
    options: Mapping[str, str] = field(default_factory=dict)
    price: Decimal | None = None
    list_price: Decimal | None = None
    stock: int | None = None
    in_stock: bool | None = None
    image: str | None = None

    @property
    def label(self) -> str:
        """The options' values in the shop's order: "blue, M"; empty for a product without variants."""
        return ", ".join(self.options.values())


@dataclass(frozen=True)
class Product:
    """One product as the shop's export states it.

    `category` runs from the department to the leaf. `attributes` maps a name to its value as text; yes/no values are
    "yes" and "no", lists are joined by ", ". `price` and `in_stock` at product level count only where there are no
    variants: read `skus`, `price_range` and `available` instead. `rating` is out of 5. `currency` is ISO 4217.
    """

    id: str
    title: str
    description: str | None = None
    brand: str | None = None
    category: tuple[str, ...] = ()
    price: Decimal | None = None
    list_price: Decimal | None = None
    currency: str | None = None
    stock: int | None = None
    in_stock: bool | None = None
    rating: Decimal | None = None
    review_count: int | None = None
    url: str | None = None
    image: str | None = None
    language: str | None = None
    added_on: date | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()

    @cached_property
    def skus(self) -> tuple[Variant, ...]:
        """What can be bought: the variants, or one nameless variant (id "") with the product's own figures."""
        if self.variants:
            return self.variants
        return (Variant("", {}, self.price, self.list_price, self.stock, self.in_stock, self.image),)

    @cached_property
    def price_range(self) -> tuple[Decimal, Decimal] | None:
        """The lowest and highest known price over `skus`; None where no price is known."""
        prices = [sku.price for sku in self.skus if sku.price is not None]
        return (min(prices), max(prices)) if prices else None

    @cached_property
    def available(self) -> bool | None:
        """True if any SKU is in stock, False if all are known to be out, None where the shop does not say."""
        states = [sku.in_stock for sku in self.skus]
        if any(states):
            return True
        return None if None in states else False

    @cached_property
    def option_values(self) -> Mapping[str, tuple[str, ...]]:
        """Every option's name with its values over the variants, in the shop's order."""
        values: dict[str, dict[str, None]] = {}
        for variant in self.variants:
            for name, value in variant.options.items():
                values.setdefault(name, {})[value] = None
        return {name: tuple(found) for name, found in values.items()}

    def variant(self, variant_id: str) -> Variant | None:
        """The variant of that id, or None."""
        return next((v for v in self.variants if v.id == variant_id), None)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found and cited: a product, a question with its answer, a passage of a policy.

    `id` is unique in the shop: "product:ID", "faq:ID", "policy:FILE#N". `title` is the product's title, the FAQ
    question or the passage's headings ("Returns > How long do I have"). `text` is what is searched and quoted: the
    answer or the passage; for a product its description (may be ""). `product_id` ties a FAQ entry to one product.
    `source` is the file it came from, relative to the shop folder; of a correction, who wrote it and when.
    `wordings` are other questions that a FAQ entry answers. `is_correction`: a person of the shop approved it because
    what was said before was wrong or missing, so it goes before other entries on the same matter.
    """

    id: str
    kind: Kind
    title: str
    text: str
    source: str = ""
    language: str | None = None
    url: str | None = None
    product_id: str | None = None
    product: Product | None = None
    wordings: tuple[str, ...] = ()
    is_correction: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """What one SKU must have: any of `values` (or a number in a range) under any of the facet `names`.

    Names are facet names: "brand", "category" (any level of the path), "title" (the words stand in the title) or the
    name of an attribute or option as the shop writes it. Values are as the shop writes them. `minimum` and `maximum`
    (inclusive) compare numbers in `unit`; with them `values` is empty. `negated`: the SKU must not have it; a SKU
    whose value is unknown passes a negated condition and fails a plain one.
    """

    names: tuple[str, ...]
    values: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    unit: str | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Filters:
    """Hard constraints, all of which one SKU must meet. The empty value keeps everything.

    Prices are in the shop's currency and inclusive. A SKU of unknown price fails a price filter, of unknown stock
    fails `in_stock=True`. `product_ids` None means any product; an empty tuple means none.
    """

    price_min: Decimal | None = None
    price_max: Decimal | None = None
    in_stock: bool | None = None
    rating_min: Decimal | None = None
    conditions: tuple[Condition, ...] = ()
    product_ids: tuple[str, ...] | None = None

    def __bool__(self) -> bool:
        return self != _KEEPS_ALL


_KEEPS_ALL = Filters()


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry that was found. `rank` is 1-based; `score` is comparable within one result of one `stage` only.

    `variant_ids` are the variants that meet the filters, in the order of the query's sort (cheapest first unless it
    says otherwise); empty where the product has no variants or no filter tells them apart.
    """

    entry: Entry
    score: float
    rank: int
    stage: Stage
    variant_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong or guessed in an export, for `python -m knowledge_base check`.

    `row` is 1-based and counts the file's own rows (header = row 1 in a table; the line in JSONL; the position in a
    JSON array); None is the file as a whole. "error": the row was refused; "warning": a value was set to unknown or
    repaired; "note": something was guessed ("column final_price read as price").
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    message: str
    remedy: str
    severity: Severity = "error"
