"""The shop's own system as the assistant sees it: the interface a merchant implements, and one that reads the folder.

In: who the shopper is, as verified elsewhere, or an order number with an e-mail address, as claimed. Out: orders, live
figures, and receipts of what was asked for by a click. An order is found only for the shopper it belongs to, or where
number and e-mail both fit: "not yours", "wrong" and "no such order" are the same None, so that nobody can probe for
order numbers. How often somebody may try is `orders.attempts`' business; no model ever calls any of this.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Literal, Protocol

from assistant.storefronts.requests import Asked, RequestLog
from assistant.types import Order, OrderItem, Shipment
from knowledge_base.importing.records import OrderRecord, read_orders
from knowledge_base.shop import Shop

Ability = Literal["offers", "return", "cancel"]
_LOOK_S = 1.0  # between two looks at whether the orders' files changed


@dataclass(frozen=True, slots=True)
class Offer:
    """What one thing costs and whether it is there, as the shop says now. `variant_id` is None for a product without
    variants. Unknown is None; `as_of` is when the figures were true, ISO 8601 with a time zone."""

    product_id: str
    variant_id: str | None
    as_of: str
    price: Decimal | None = None
    list_price: Decimal | None = None
    in_stock: bool | None = None
    stock: int | None = None


@dataclass(frozen=True, slots=True)
class OrderAction:
    """What the shopper asked for by a click: `items` are positions in the order (from 0), empty for the whole of it.

    `key` is the same however often one click is sent: a storefront acts on it once.
    """

    kind: Literal["return", "cancel"]
    order_id: str
    key: str
    items: tuple[int, ...] = ()
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of an `OrderAction`. `reference` is the shop's number for it and `reason` why it was refused, both in
    the shop's words and "" where it gives none."""

    accepted: bool
    reference: str = ""
    reason: str = ""


class Storefront(Protocol):
    """What a merchant's system must answer. Called from several threads at a time.

    Every method raises StorefrontError where it cannot answer for sure: nothing is guessed in its place.
    """

    @property
    def abilities(self) -> frozenset[Ability]:
        """What it does beside showing orders; a method of any other ability is never called."""
        ...

    def orders(self, shopper: str) -> tuple[Order, ...]:
        """The shopper's orders, newest first; empty where there are none or the shopper is unknown."""
        ...

    def order(self, shopper: str, ref: str) -> Order | None:
        """The shopper's order of that number; None where there is none or it is somebody else's."""
        ...

    def look_up(self, ref: str, email: str) -> Order | None:
        """The order of that number placed with that address; None where either does not fit, whichever it is.

        It takes as long for a wrong address, somebody else's order and no order at all.
        """
        ...

    def offers(self, product_ids: Sequence[str]) -> tuple[Offer, ...]:
        """What the products' variants cost now; empty where nothing is known that the shop's records do not say."""
        ...

    def act(self, action: OrderAction) -> Receipt:
        """Ask the shop to take back or stop an order whose owner was verified just now; kept for good on return."""
        ...

    def close(self) -> None:
        """Give back what it holds; it is not used again."""
        ...


class FolderStorefront:
    """Orders from `orders.*` of a shop folder, read again when the files change. A shopper is a `customer_id` there.

    With `requests`, returns and cancellations are kept in that file for the merchant to work through, and shown with
    their orders; without, there is nothing to click. The export itself is never written to.
    """

    def __init__(self, shop: Shop, requests: Path | None = None) -> None:
        self._shop = shop
        self._log = RequestLog(requests) if requests is not None else None
        self._lock = threading.Lock()
        self._looked_at, self._seen = time.monotonic(), _stamps(shop)
        self._orders = _Orders(read_orders(shop)[0])

    @property
    def abilities(self) -> frozenset[Ability]:
        """Returns and cancellations where they can be kept; figures change with the folder, not beside it."""
        return frozenset[Ability](("return", "cancel") if self._log is not None else ())

    def orders(self, shopper: str) -> tuple[Order, ...]:
        """The shopper's orders, newest first (in file order where no date is known)."""
        return tuple(self._with_requests(order) for order in self._current().of(shopper))

    def order(self, shopper: str, ref: str) -> Order | None:
        """The shopper's order of that number, written with or without "#", in any case, with any spaces or dashes."""
        wanted = folded(ref)
        mine = self._current().of(shopper) if wanted else ()
        return next((self._with_requests(order) for order in mine if folded(order.id) == wanted), None)

    def look_up(self, ref: str, email: str) -> Order | None:
        """The order of that number and address. One comparison is made whatever is asked for."""
        found = self._current().look_up(ref, email)
        return self._with_requests(found) if found is not None else None

    def offers(self, product_ids: Sequence[str]) -> tuple[Offer, ...]:
        """None: a folder's figures are those of the records."""
        return ()

    def act(self, action: OrderAction) -> Receipt:
        """Write the request down for the merchant; the same key is written once."""
        if self._log is None:
            return Receipt(False)
        kept = self._log.append(Asked(action.key, action.kind, action.order_id, action.items, action.titles))
        return Receipt(True, kept.key)

    def close(self) -> None:
        """Nothing is held open."""

    def _current(self) -> _Orders:
        with self._lock:
            if time.monotonic() - self._looked_at >= _LOOK_S:
                self._looked_at = time.monotonic()
                stamps = _stamps(self._shop)
                if stamps != self._seen:
                    self._seen, self._orders = stamps, _Orders(read_orders(self._shop)[0])
            return self._orders

    def _with_requests(self, order: Order) -> Order:
        asked = self._log.of(order.id) if self._log is not None else ()
        return replace(order, requests=tuple(request.shown for request in asked)) if asked else order


class _Orders:
    """Orders by who placed them and by their number."""

    def __init__(self, records: Iterable[OrderRecord]) -> None:
        self._by_shopper: dict[str, list[Order]] = {}
        self._by_ref: dict[str, list[tuple[bytes, Order]]] = {}
        for record in records:
            order = _order(record)
            self._by_shopper.setdefault(record.customer_id, []).append(order)
            self._by_ref.setdefault(folded(record.id), []).append((email_digest(record.email or ""), order))
        for mine in self._by_shopper.values():
            mine.sort(key=lambda order: order.placed_at or "", reverse=True)

    def of(self, shopper: str) -> Sequence[Order]:
        return self._by_shopper.get(shopper, ())

    def look_up(self, ref: str, email: str) -> Order | None:
        claimed = email_digest(email)
        found = None
        for digest, order in self._by_ref.get(folded(ref), _NONE):
            if hmac.compare_digest(digest, claimed):
                found = order
        return found


def folded(ref: str) -> str:
    """An order number as compared: letters and digits only, case-folded."""
    return "".join(c for c in unicodedata.normalize("NFKC", ref).casefold() if c.isalnum())


def same_email(left: str, right: str) -> bool:
    """Whether two addresses are one, compared in the same time whether they are or not; an empty one fits none."""
    return hmac.compare_digest(email_digest(left), email_digest(right))


def email_digest(email: str) -> bytes:
    """What an address is compared by: of one length for all, and no address's own where there is none."""
    plain = unicodedata.normalize("NFKC", email).strip().casefold()
    return hashlib.sha256(plain.encode()).digest() if "@" in plain else secrets.token_bytes(32)


_NONE: Sequence[tuple[bytes, Order | None]] = ((secrets.token_bytes(32), None),)  # compared where no order is


def _stamps(shop: Shop) -> tuple[tuple[str, int, int], ...]:
    """When the orders' files were written; one that is being replaced counts as not there."""
    stamps = []
    for path in shop.orders:
        try:
            found = path.stat()
        except OSError:
            continue
        stamps.append((str(path), found.st_mtime_ns, found.st_size))
    return tuple(stamps)


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
            Shipment(p.carrier, p.tracking, p.status, oldest_first(p.events), p.variant_ids) for p in record.shipments
        ),
        total=record.total,
        currency=record.currency,
    )


def oldest_first(events: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Events by time where all have one in ISO 8601, which sorts as text; else as they came."""
    events = tuple(events)
    return tuple(sorted(events, key=lambda event: event[0])) if all(at[:4].isdigit() for at, _ in events) else events
