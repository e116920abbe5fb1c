"""Orders of the verified shopper: the interface a merchant implements, and one that reads the shop folder.

Who the shopper is comes from the signed session, never from text or a model. An order is found only for the shopper it
belongs to: "not yours" and "no such order" are the same None, so that nobody can probe for order numbers.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Protocol

from assistant.types import Order, OrderItem, Shipment
from knowledge_base.importing.records import OrderRecord, read_orders
from knowledge_base.shop import Shop


class Storefront(Protocol):
    """What a merchant's order system must answer."""

    def orders(self, shopper: str) -> tuple[Order, ...]:
        """The shopper's orders, newest first; empty where there are none or the shopper is unknown."""
        ...

    def order(self, shopper: str, ref: str) -> Order | None:
        """The shopper's order of that number; None where there is none or it is somebody else's."""
        ...


class FolderStorefront:
    """Orders from `orders.*` of a shop folder, read once. A shopper is a `customer_id` there."""

    def __init__(self, shop: Shop) -> None:
        records, _ = read_orders(shop)
        self._by_shopper: dict[str, list[OrderRecord]] = {}
        for record in records:
            self._by_shopper.setdefault(record.customer_id, []).append(record)
        for mine in self._by_shopper.values():
            mine.sort(key=lambda record: record.placed_at or "", reverse=True)

    def orders(self, shopper: str) -> tuple[Order, ...]:
        """The shopper's orders, newest first (in file order where no date is known)."""
        return tuple(_order(record) for record in self._by_shopper.get(shopper, ()))

    def order(self, shopper: str, ref: str) -> Order | None:
        """The shopper's order of that number, written with or without "#", in any case, with any spaces or dashes."""
        wanted = _folded(ref)
        mine = self._by_shopper.get(shopper, ()) if wanted else ()
        return next((_order(record) for record in mine if _folded(record.id) == wanted), None)


def _folded(ref: str) -> str:
    """An order number as compared: letters and digits only, case-folded."""
    return "".join(c for c in unicodedata.normalize("NFKC", ref).casefold() if c.isalnum())


def _order(record: OrderRecord) -> Order:
    return Order(
        id=record.id,
        customer_id=record.customer_id,
        status=record.status,
        placed_at=record.placed_at,
        items=tuple(
            OrderItem(line.product_id, line.variant_id, line.title or "", line.options, line.price, line.quantity)
            for line in record.items
        ),
        shipments=tuple(
            Shipment(p.carrier, p.tracking, p.status, _oldest_first(p.events), p.variant_ids) for p in record.shipments
        ),
        total=record.total,
        currency=record.currency,
    )


def _oldest_first(events: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Events by time where all have one in ISO 8601, which sorts as text; else as they came."""
    events = tuple(events)
    return tuple(sorted(events, key=lambda event: event[0])) if all(at[:4].isdigit() for at, _ in events) else events
