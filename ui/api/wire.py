"""The JSON bodies of the API, and values of the assistant as them.

In: requests as they come, and cards, replies, stored messages and events as the assistant has them. Out: checked
requests, and JSON values with pictures and links that may stand on a page. It stores nothing and asks nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from assistant.types import ProductCard
from ui.pictures import Pictures
from ui.rendering import safe_link

ID_PATTERN: Final = r"^[A-Za-z0-9_-]{1,64}$"
MAX_SEQ: Final = 2**31 - 1  # the largest number a database column of ours takes
Decimal = Annotated[str, Field(description="a decimal number", examples=["249.00"])]


MAX_QUERY_CHARS: Final = 500
MAX_PRODUCTS: Final = 200


def _storable(text: str) -> str:
    """Text that any database can hold; raises ValueError for what none can."""
    if "\x00" in text:
        raise ValueError("a null character cannot be stored")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("half a surrogate pair is no character") from None
    return text


Text = Annotated[str, AfterValidator(_storable)]
Locale = Annotated[
    str, Field(max_length=35, pattern=r"^[A-Za-z0-9-]+$", description="BCP 47", examples=["en-GB", "zh-CN"])
]
ProductId = Annotated[Text, Field(min_length=1, max_length=200, examples=["TN-102"])]


class Body(BaseModel):
    """What is sent: unknown members are refused, so that a typing error is seen."""

    model_config = ConfigDict(extra="forbid")


class Card(BaseModel):
    """A product as it is shown. Every figure comes from the shop's record; null is unknown."""

    id: str
    title: str
    variant_id: str | None = Field(None, description="the variant it stands for; null: the whole product")
    options: dict[str, str] = Field({}, examples=[{"Color": "Moss"}])
    price: Decimal | None = None
    price_max: Decimal | None = Field(None, description="where its variants have several prices: the highest")
    list_price: Decimal | None = Field(None, description="a higher price to strike out")
    currency: str | None = Field(None, examples=["USD"])
    in_stock: bool | None = None
    rating: Decimal | None = Field(None, description="out of 5")
    review_count: int | None = None
    url: str | None = None
    image: str | None = Field(None, description="a path on this server", examples=["/pictures/tent-green.svg"])
    category: list[str] = []
    reason: str = Field("", description="one line why it fits what was asked")


class Citation(BaseModel):
    """The source [n] of a reply."""

    n: int
    id: str
    kind: Literal["product", "faq", "policy", "computed"]
    title: str
    quote: str
    url: str | None = None


class Proposal(BaseModel):
    """Something that only the shopper's click does."""

    id: str
    kind: Literal["add_to_cart", "return", "cancel"]
    label: str
    product_id: str | None = None
    variant_id: str | None = None
    quantity: int | None = None
    order_id: str | None = None
    item: str | None = None
    state: Literal["open", "accepted", "done", "refused"] = "open"
    detail: str | None = None


class Message(BaseModel):
    """One message. What follows `at` is there where the assistant wrote it."""

    id: int
    role: Literal["shopper", "assistant", "agent"]
    text: str = Field(description="Markdown, of which links, emphasis, lists and tables are used")
    at: str = Field(description="ISO 8601, UTC")
    state: Literal["done", "stopped"] | None = Field(None, description="stopped: the answer broke off here")
    products: list[Card] = []
    citations: list[Citation] = []
    suggestions: list[str] = []
    proposals: list[Proposal] = []
    handoff: str | None = Field(None, description="why a person should take over")
    model: str | None = None
    fallback: str | None = Field(None, description="why the records answered in place of the model")
    language: str | None = None
    vote: Literal["up", "down"] | None = None


class Shop(BaseModel):
    """The shop."""

    id: str = Field(description="`aud` of its sign-in tokens")
    name: str
    language: str
    currency: str | None
    greeting: str
    openers: list[str] = Field(description="questions to begin with; empty while the assistant is being loaded")


class Openers(BaseModel):
    """Questions to begin with."""

    openers: list[str]


class Variant(BaseModel):
    """One thing that can be bought."""

    id: str
    options: dict[str, str]
    price: Decimal | None = None
    list_price: Decimal | None = None
    in_stock: bool | None = None


class ProductDetail(BaseModel):
    """A product with what its record says of it."""

    product: Card
    description: str | None
    brand: str | None
    attributes: dict[str, str]
    variants: list[Variant]


class Products(BaseModel):
    """Products that a search found, best first."""

    products: list[Card]


class ComparedRow(BaseModel):
    """One thing in which the products are compared; `values` are in their order, null where unknown."""

    name: str
    values: list[str | None]


class Comparison(BaseModel):
    """Products side by side."""

    products: list[Card]
    rows: list[ComparedRow]


class Pages:
    """Turns cards and replies into what a page may show, with the pictures of the shop as it is now."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    def card(self, card: Mapping[str, Any]) -> dict[str, Any]:
        """A card's JSON with its picture's address and a link that runs nothing."""
        category = tuple(card.get("category") or ())
        drawn = ProductCard(
            card["id"], card["title"], options=card.get("options") or {}, image=card.get("image"), category=category
        )
        return {**card, "url": safe_link(card.get("url")), "image": self._pictures.url(drawn)}

    def cards(self, cards: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Several cards."""
        return [self.card(card) for card in cards]

    @staticmethod
    def citation(citation: Mapping[str, Any]) -> dict[str, Any]:
        """A citation with a link that runs nothing."""
        return {**citation, "url": safe_link(citation.get("url"))}
