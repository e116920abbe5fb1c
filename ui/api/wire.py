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
    as_of: str | None = Field(None, description="ISO 8601: price and stock are from then, where they are old")


class Citation(BaseModel):
    """The source [n] of a reply."""

    n: int
    id: str
    kind: Literal["product", "faq", "policy", "computed"]
    title: str
    quote: str
    url: str | None = None


class Proposal(BaseModel):
    """Something that only the shopper's click does: add_to_cart by the page, return and cancel by the shop."""

    id: str
    kind: Literal["add_to_cart", "return", "cancel"]
    label: str = Field(description="the button, in the shopper's language")
    product_id: str | None = None
    variant_id: str | None = None
    quantity: int = 1
    order_id: str | None = None
    item: str = ""
    state: Literal["open", "accepted", "done", "refused"] = Field(
        "open", description="accepted: the page has to do it, or the shop has not answered yet"
    )
    detail: str = Field("", description="what came of it, in the shopper's language")


class CarriedOut(BaseModel):
    """What became of a proposal."""

    proposal: Proposal


class Message(BaseModel):
    """One message. What follows `name` is there where the assistant wrote it."""

    id: int
    role: Literal["shopper", "assistant", "agent"]
    text: str = Field(description="Markdown, of which links, emphasis, lists and tables are used")
    at: str = Field(description="ISO 8601, UTC")
    name: str | None = Field(None, description="the person's of the shop who wrote it")
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
    replaces: int | None = Field(None, description="that message and all before this one are no longer said")


class Answer(BaseModel):
    """How a turn ended."""

    turn: str
    state: Literal["done", "stopped"]
    message: Message | None = Field(description="null: nothing was said before it was stopped")


class NewConversation(Body):
    """A conversation to begin."""

    locale: Locale | None = Field(None, description="the shopper's")
    page_product_id: ProductId | None = Field(None, description="the product whose page the shopper looks at")


class StartedConversation(BaseModel):
    """A conversation that was begun."""

    id: str
    secret: str | None = Field(None, description="a guest's; it is told once")
    greeting: str
    openers: list[str]


class Conversation(BaseModel):
    """A conversation."""

    id: str
    started_at: str
    who: Literal["assistant", "waiting", "agent"] = Field(description="who answers; waiting: for a person")
    name: str | None = Field(None, description="that person's; not told in a list")
    last_seq: int = Field(description="the number of its newest event")
    running_turn: str | None


class Conversations(BaseModel):
    """Conversations, newest first."""

    conversations: list[Conversation]


class Claim(Body):
    """A guest's conversation to take over."""

    secret: Text = Field(min_length=1, max_length=200)


class NewMessage(Body):
    """Something the shopper says."""

    text: Text = Field(description="4,000 characters at most", examples=["A tent for two in the rain, under $300?"])
    page_product_id: ProductId | None = Field(None, description="the product whose page the shopper looks at")
    locale: Locale | None = Field(None, description="the shopper's; the message's own language wins")
    replaces: int | None = Field(
        None,
        ge=1,
        le=MAX_SEQ,
        description="the id of the first message that this one stands for: edited, or asked again",
    )


class Messages(BaseModel):
    """Messages, oldest first; `more`: others follow."""

    messages: list[Message]
    more: bool


class Stopped(BaseModel):
    """Whether there was an answer to stop."""

    stopped: bool


class Feedback(Body):
    """A vote on an answer; null takes it back."""

    vote: Literal["up", "down"] | None


class Shopper(BaseModel):
    """A signed-in shopper."""

    id: str


class Session(BaseModel):
    """A session of a signed-in shopper."""

    token: str = Field(description="to be sent as Authorization: Bearer")
    expires_at: str
    shopper: Shopper


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

    def message(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """A message with its cards and citations."""
        told = dict(message)
        if "products" in told:
            told["products"] = self.cards(told["products"])
            told["citations"] = [self.citation(citation) for citation in told["citations"]]
        return told

    def event(self, kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """An event's data."""
        if kind == "products":
            return {**data, "products": self.cards(data["products"])}
        if kind == "sources":
            return {**data, "citations": [self.citation(citation) for citation in data["citations"]]}
        if kind in ("done", "message") and data.get("message") is not None:
            return {**data, "message": self.message(data["message"])}
        return dict(data)
