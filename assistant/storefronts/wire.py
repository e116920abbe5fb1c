"""The JSON of a merchant's endpoints: what each answer must look like to be believed.

In: a body as it came. Out: values of the assistant, or a StorefrontError that says which field is wrong. Unknown fields
are passed over, so that a shop may say more; missing ones are unknown, but for those that an answer is about.
`docs/storefront.md` describes the same for those who implement it.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from assistant.errors import StorefrontError
from assistant.storefront import Offer, Receipt, oldest_first
from assistant.types import Order, OrderItem, OrderRequest, Shipment

MAX_ORDERS = 200
_Id = Annotated[str, Field(min_length=1, max_length=200)]
_Text = Annotated[str, Field(max_length=2000)]


def _exact(value: object) -> object:
    """Money is text or a whole number: a binary fraction would have lost its digits."""
    if isinstance(value, float):
        raise ValueError('write amounts as text: "12.99"')
    return value


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite() or not 0 <= value < 10**12:
        raise ValueError("is no amount")
    return value


def _moment(value: str) -> str:
    datetime.fromisoformat(value)
    return value


_Money = Annotated[Decimal, BeforeValidator(_exact), AfterValidator(_finite)]
_Time = Annotated[str, Field(max_length=40), AfterValidator(_moment)]


class _Wire(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class ItemWire(_Wire):
    """One line of an order."""

    product_id: _Id | None = None
    variant_id: _Id | None = None
    title: _Text = ""
    options: dict[str, _Text] = Field(default_factory=dict, max_length=30)
    price: Annotated[_Money, Field(strict=False)] | None = None
    quantity: Annotated[int, Field(ge=1, le=100_000)] = 1


class StepWire(_Wire):
    """One thing that happened to a parcel."""

    at: _Time
    text: _Text


class ShipmentWire(_Wire):
    """One parcel."""

    carrier: _Text | None = None
    tracking: _Text | None = None
    status: _Text | None = None
    events: list[StepWire] = Field(default_factory=list, max_length=200)
    variant_ids: list[_Id] = Field(default_factory=list, max_length=500)


class RequestWire(_Wire):
    """What was asked for the order before."""

    kind: Annotated[str, Field(pattern="^(return|cancel)$")]
    at: _Time
    items: list[_Text] = Field(default_factory=list, max_length=500)


class OrderWire(_Wire):
    """One order. `email` is only compared, and never kept."""

    id: _Id
    customer_id: _Id | None = None
    email: _Text | None = None
    status: _Text | None = None
    placed_at: _Time | None = None
    items: list[ItemWire] = Field(default_factory=list, max_length=500)
    shipments: list[ShipmentWire] = Field(default_factory=list, max_length=100)
    total: Annotated[_Money, Field(strict=False)] | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    expected: _Time | None = None
    requests: list[RequestWire] = Field(default_factory=list, max_length=50)

    def order(self, currency: str | None) -> Order:
        """As the assistant has it; amounts are in `currency` where the order names none."""
        return Order(
            id=self.id,
            customer_id=self.customer_id or "",
            status=self.status,
            placed_at=self.placed_at,
            items=tuple(
                OrderItem(i.product_id, i.variant_id, i.title, i.options, i.price, i.quantity) for i in self.items
            ),
            shipments=tuple(
                Shipment(
                    s.carrier,
                    s.tracking,
                    s.status,
                    oldest_first((step.at, step.text) for step in s.events),
                    tuple(s.variant_ids),
                )
                for s in self.shipments
            ),
            total=self.total,
            currency=self.currency or currency,
            expected=self.expected,
            requests=tuple(
                OrderRequest("cancel" if r.kind == "cancel" else "return", r.at, tuple(r.items)) for r in self.requests
            ),
        )


class OrdersAnswer(_Wire):
    """Of /orders."""

    orders: list[OrderWire] = Field(max_length=MAX_ORDERS)


class OrderAnswer(_Wire):
    """Of /orders/find and /orders/look-up: null where there is none, or not theirs."""

    order: OrderWire | None


class OfferWire(_Wire):
    """One price and stock."""

    product_id: _Id
    variant_id: _Id | None = None
    as_of: Annotated[AwareDatetime, Field(strict=False)]
    price: Annotated[_Money, Field(strict=False)] | None = None
    list_price: Annotated[_Money, Field(strict=False)] | None = None
    in_stock: bool | None = None
    stock: Annotated[int, Field(ge=0)] | None = None

    def offer(self) -> Offer:
        """As the assistant has it; a count says whether there is any."""
        in_stock = self.in_stock if self.stock is None else self.stock > 0
        at = self.as_of.isoformat(timespec="seconds")
        return Offer(self.product_id, self.variant_id, at, self.price, self.list_price, in_stock, self.stock)


class OffersAnswer(_Wire):
    """Of /offers."""

    offers: list[OfferWire] = Field(max_length=5000)


class ReceiptAnswer(_Wire):
    """Of /returns and /cancellations."""

    accepted: bool
    reference: Annotated[str, Field(max_length=200)] = ""
    reason: Annotated[str, Field(max_length=500)] = ""

    def receipt(self) -> Receipt:
        """As the assistant has it."""
        return Receipt(self.accepted, self.reference, self.reason)


A = TypeVar("A", bound=BaseModel)


def parsed(kind: type[A], body: bytes) -> A:
    """An answer of that kind.

    Raises:
        StorefrontError: it is none; the message names the first field that is wrong.
    """
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in found["loc"]) or "the body"
        raise StorefrontError(f"the shop's answer is not as agreed: {where}: {found['msg']}") from error
