"""Orders, reviews, price history and browsing events of a shop folder: rows checked and typed.

In: an opened shop. Out: records in file order, and the problems. Who may see an order is decided elsewhere
(`assistant.storefront`): here nothing knows a shopper.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from knowledge_base.importing.cells import (
    as_json,
    attributes_of,
    count_of,
    date_of,
    is_blank,
    rating_of,
    scalar,
    show,
    text_of,
)
from knowledge_base.importing.headers import header_key, header_keys
from knowledge_base.importing.money import parse_price
from knowledge_base.importing.prose import has_script, plain_text
from knowledge_base.importing.rows import Row
from knowledge_base.importing.tables import read_rows
from knowledge_base.shop import FileKind, Shop
from knowledge_base.types import Problem, Severity

T = TypeVar("T")

_HEADERS: Mapping[str, Mapping[str, str]] = {
    "orders": {
        "id": "id|order id|order number|order no|order|order ref|订单id|订单号|订单编号|bestellnummer",
        "customer_id": "customer id|customer|user id|buyer id|shopper id|client id|用户id|客户id|会员id|买家id",
        "email": "email|customer email|e mail|邮箱",
        "status": "status|order status|state|订单状态|状态|fulfillment status",
        "placed_at": "placed at|order date|created at|ordered at|date|下单时间|创建时间|bestelldatum",
        "items": "items|line items|products|订单商品列表|商品列表|商品",
        "shipments": "shipments|fulfillments|parcels|deliveries|物流|包裹",
        "total": "total|order total|total price|amount|grand total|订单总金额|总金额|实付金额|gesamtbetrag",
        "currency": "currency|货币|币种",
        "address": "address|shipping address|收货地址",
    },
    "items": {
        "product_id": "product id|product|sku|商品id|商品编号|lineitem sku",
        "variant_id": "variant id|item id|variation id|规格id",
        "title": "title|name|product name|item name|product title|商品名称|lineitem name",
        "options": "options|variant|规格",
        "price": "price|unit price|item price|单价|价格|lineitem price",
        "quantity": "quantity|qty|count|amount|数量|menge|lineitem quantity",
    },
    "shipments": {
        "carrier": "carrier|shipping company|company|物流公司|快递公司",
        "tracking": "tracking|tracking number|tracking id|tracking ids|tracking no|物流单号|快递单号",
        "status": "status|state|物流状态|状态",
        "events": "events|history|updates|tracking events|物流轨迹|轨迹",
        "variant_ids": "variant ids|item ids|items",
    },
    "steps": {
        "at": "at|time|date|timestamp|时间",
        "text": "text|description|message|event|status|描述|状态",
    },
    "reviews": {
        "product_id": "product id|product|item id|asin|sku|商品id",
        "text": "text|review|review text|comment|content|body|评论|评价|评论内容|内容|bewertung|commentaire|reseña",
        "rating": "rating|stars|score|overall|评分|星级|sterne|note|label",
        "at": "at|date|created at|time|review date|时间|评论时间|datum",
        "author": "author|user|user name|reviewer|name|reviewer name|用户|作者|昵称",
    },
    "prices": {
        "product_id": "product id|product|item id|id|sku|商品id",
        "at": "at|date|day|time|valid from|日期|时间|datum",
        "price": "price|price eur|amount|价格|preis|prix|precio",
    },
    "events": {
        "shopper_id": "shopper id|user id|customer id|visitor id|session id|用户id",
        "kind": "kind|event|event type|type|action|behavior|行为|事件",
        "product_id": "product id|product|item id|sku|商品id",
        "at": "at|time|timestamp|date|created at|event time|时间",
    },
}  # fmt: skip
_KINDS = {
    "view": "view", "viewed": "view", "pv": "view", "click": "view", "detail": "view", "product view": "view",
    "cart": "cart", "add to cart": "cart", "addtocart": "cart", "basket": "cart", "加购": "cart", "浏览": "view",
    "purchase": "purchase", "buy": "purchase", "order": "purchase", "transaction": "purchase", "购买": "purchase",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order as it was bought. `quantity` is at least 1."""

    product_id: str | None = None
    variant_id: str | None = None
    title: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    price: Decimal | None = None
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Parcel:
    """One shipment. `events` are (time as written, text), in the export's order."""

    carrier: str | None = None
    tracking: str | None = None
    status: str | None = None
    events: tuple[tuple[str, str], ...] = ()
    variant_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One order. `row` is where it stands in `file`."""

    id: str
    customer_id: str
    email: str | None = None
    status: str | None = None
    placed_at: str | None = None
    items: tuple[OrderLine, ...] = ()
    shipments: tuple[Parcel, ...] = ()
    total: Decimal | None = None
    currency: str | None = None
    file: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class Review:
    """What one buyer wrote of a product. `rating` is out of 5."""

    product_id: str
    text: str
    rating: Decimal | None = None
    at: date | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class PricePoint:
    """What a product cost from a day on."""

    product_id: str
    at: date
    price: Decimal


@dataclass(frozen=True, slots=True)
class ShopperEvent:
    """One look at a product, one put in the cart, one purchase. `at` is the time as written."""

    shopper_id: str
    kind: str
    product_id: str
    at: str | None = None


class _Row:
    """The cells of one row by canonical name, and the problems met in reading them."""

    def __init__(self, kind: str, file: str, number: int, cells: Mapping[str, Any]) -> None:
        self.file, self.number, self.cells = file, number, cells
        self.columns = _columns_of(kind, tuple(cells))
        self.problems: list[Problem] = []

    def raw(self, name: str) -> Any:
        column = self.columns.get(name)
        value = self.cells.get(column) if column else None
        return None if is_blank(value) else value

    def text(self, name: str) -> str | None:
        value = as_json(self.raw(name))
        return ", ".join(map(str, value)) if isinstance(value, list) else text_of(value)

    def complain(self, name: str, message: str, remedy: str, severity: Severity = "warning") -> None:
        value = self.raw(name)
        shown = None if value is None else show(value)
        column = self.columns.get(name, name)
        self.problems.append(Problem(self.file, self.number, column, shown, message, remedy, severity))

    def need(self, *names: str) -> bool:
        """Whether all of these are there; the first that is not is an error."""
        for name in names:
            if self.text(name) is None:
                self.complain(name, f"the row has no {name}", f"write the {name}", "error")
                return False
        return True

    def money(self, name: str, currency: str | None) -> Decimal | None:
        value = scalar(self.raw(name), "amount", "value", "price")
        if value is None:
            return None
        text = f"{value:f}" if isinstance(value, Decimal) else str(value)
        parsed = (
            None
            if isinstance(value, bool)
            else parse_price(text, currency, "." if not isinstance(value, str) else None)
        )
        if parsed is None or parsed.low != parsed.high:
            self.complain(name, "is no amount; it is unknown", "write it as 12.99")
            return None
        return parsed.low


def _columns_of(kind: str, headers: tuple[str, ...]) -> dict[str, str]:
    """Canonical name -> header; an exactly canonical header wins, then the order of the synonyms."""
    found: dict[str, str] = {}
    for name, names in _HEADERS[kind].items():
        if name in headers:
            found[name] = name
            continue
        ranks = {synonym: rank for rank, synonym in enumerate(names.split("|"))}
        matches = [(ranks[key], h) for h in headers for key in {*header_keys(h)[:1], header_key(h)} & ranks.keys()]
        if matches:
            found[name] = min(matches)[1]
    return found


def _read(shop: Shop, kind: FileKind, build: Callable[[_Row], T | None]) -> tuple[tuple[T, ...], tuple[Problem, ...]]:
    records: list[T] = []
    problems: list[Problem] = []
    for path in shop.files(kind):
        for found in _rows(path, shop.name_of(path)):
            if isinstance(found, Problem):
                problems.append(found)
                continue
            row = _Row(kind, shop.name_of(path), found.number, found.cells)
            record = build(row)
            problems += row.problems
            if record is not None:
                records.append(record)
    return tuple(records), tuple(problems)


def _rows(path: Path, name: str) -> Iterator[Row | Problem]:
    yield from read_rows(path, name)


# --- orders ---


def read_orders(shop: Shop) -> tuple[tuple[OrderRecord, ...], tuple[Problem, ...]]:
    """The shop's orders; rows of one order id in a table (one a line item) are one order."""
    found, problems = _read(shop, "orders", lambda row: _order(row, shop.info.currency))
    orders: dict[str, OrderRecord] = {}
    clashes = []
    for order in found:
        known = orders.get(order.id)
        if known is None:
            orders[order.id] = order
        elif known.customer_id == order.customer_id and known.file == order.file and len(order.items) == 1:
            orders[order.id] = replace(known, items=known.items + order.items)
        else:
            message = f"order {order.id} was there before; the first is kept"
            clashes.append(Problem(order.file, order.row, "id", order.id, message, "give each order an id of its own"))
    return tuple(orders.values()), problems + tuple(clashes)


def _order(row: _Row, currency: str | None) -> OrderRecord | None:
    if not row.need("id", "customer_id"):
        return None
    currency = row.text("currency") or currency
    items = as_json(row.raw("items"))
    if items is None:
        line = _line(row, row.cells, currency)
        lines: tuple[OrderLine, ...] = (line,) if line.product_id or line.title else ()
    elif isinstance(items, list):
        lines = tuple(_line(row, item, currency) for item in items if isinstance(item, Mapping))
    else:
        row.complain("items", "is no list of items; they are unknown", 'write [{"product_id": …, "quantity": …}]')
        lines = ()
    shipments = as_json(row.raw("shipments"))
    parcels = [shipments] if isinstance(shipments, Mapping) else shipments if isinstance(shipments, list) else []
    return OrderRecord(
        id=row.text("id") or "",
        customer_id=row.text("customer_id") or "",
        email=row.text("email"),
        status=row.text("status"),
        placed_at=row.text("placed_at"),
        items=lines,
        shipments=tuple(_parcel(row, parcel) for parcel in parcels if isinstance(parcel, Mapping)),
        total=row.money("total", currency),
        currency=currency,
        file=row.file,
        row=row.number,
    )


def _line(row: _Row, cells: Mapping[str, Any], currency: str | None) -> OrderLine:
    line = _Row("items", row.file, row.number, cells)
    quantity = count_of(line.raw("quantity")) if line.raw("quantity") is not None else 1
    if not quantity:
        line.complain("quantity", "is no quantity; taken as 1", "write a whole number from 1")
    price = line.money("price", currency)
    row.problems += line.problems
    return OrderLine(
        line.text("product_id"),
        line.text("variant_id"),
        line.text("title"),
        attributes_of(line.raw("options")) if line.raw("options") is not None else {},
        price,
        quantity or 1,
    )


def _parcel(row: _Row, cells: Mapping[str, Any]) -> Parcel:
    parcel = _Row("shipments", row.file, row.number, cells)
    events = as_json(parcel.raw("events"))
    steps = []
    for item in events if isinstance(events, list) else []:
        if isinstance(item, Mapping):
            step = _Row("steps", row.file, row.number, item)
            steps.append((step.text("at") or "", step.text("text") or ""))
    ids = as_json(parcel.raw("variant_ids"))
    return Parcel(
        parcel.text("carrier"),
        parcel.text("tracking"),
        parcel.text("status"),
        tuple(step for step in steps if any(step)),
        tuple(t for i in ids if not isinstance(i, Mapping) and (t := text_of(i))) if isinstance(ids, list) else (),
    )


# --- reviews, prices, events ---


def read_reviews(shop: Shop) -> tuple[tuple[Review, ...], tuple[Problem, ...]]:
    """The shop's reviews; rows without a product or a text are refused."""
    return _read(shop, "reviews", _review)


def _review(row: _Row) -> Review | None:
    if not row.need("product_id", "text"):
        return None
    raw = str(scalar(row.raw("text"), "text", "body") or "")
    if has_script(raw):
        row.complain("text", "holds a script, which was removed", "remove the markup")
    text = plain_text(raw)
    if not text:
        row.complain("text", "the review is empty", "remove the row", "error")
        return None
    rating = rating_of(row.raw("rating")) if row.raw("rating") is not None else None
    if rating is None and row.raw("rating") is not None:
        row.complain("rating", "is no rating from 0 to 5; it is unknown", "correct or empty it")
    return Review(row.text("product_id") or "", text, rating, _day(row), row.text("author"))


def _day(row: _Row) -> date | None:
    value = row.raw("at")
    found = date_of(value) if value is not None else None
    if value is not None and found is None:
        row.complain("at", "is no date; it is unknown", "write it as 2026-01-31")
    return found


def read_prices(shop: Shop) -> tuple[tuple[PricePoint, ...], tuple[Problem, ...]]:
    """The shop's price history; rows without a readable day or price are refused."""
    return _read(shop, "prices", lambda row: _price(row, shop.info.currency))


def _price(row: _Row, currency: str | None) -> PricePoint | None:
    if not row.need("product_id", "at", "price"):
        return None
    at, price = date_of(row.raw("at")), row.money("price", currency)
    if at is None:
        row.complain("at", "is no date", "write it as 2026-01-31", "error")
    elif price is None:
        row.complain("price", "the row has no price", "write it as 12.99", "error")
    else:
        return PricePoint(row.text("product_id") or "", at, price)
    return None


def read_events(shop: Shop) -> tuple[tuple[ShopperEvent, ...], tuple[Problem, ...]]:
    """The shop's events; a row of another kind than view, cart and purchase is refused."""
    return _read(shop, "events", _event)


def _event(row: _Row) -> ShopperEvent | None:
    if not row.need("shopper_id", "kind", "product_id"):
        return None
    kind = _KINDS.get(re.sub(r"[\s_-]+", " ", (row.text("kind") or "").casefold()).strip())
    if kind is None:
        row.complain("kind", "is none of view, cart and purchase", "write one of these", "error")
        return None
    return ShopperEvent(row.text("shopper_id") or "", kind, row.text("product_id") or "", row.text("at"))
