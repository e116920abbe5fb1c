"""The values that flow from a question to a checked reply, in the order in which they appear.

    Turn ─understand─► Query ─retrieve─► Evidence ─build_prompt─► Prompt ─generate─► text ─check─► Finding ─► Reply

All are frozen; a stage returns a new value. Identity, storage and screens are not their business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from knowledge_base.types import Condition, Filters, Hit, Kind, Sort

Intent = Literal[
    "find",  # "do you have a waterproof jacket under $80"
    "recommend",  # "what would you take for a weekend in the rain"
    "product_question",  # "is it waterproof?", "how much is the blue one in M?"
    "compare",  # "compare the first two"
    "count",  # "how many tents do you have under $200"
    "superlative",  # "your cheapest tent"
    "policy",  # "how long can I send it back"
    "order_status",  # "where is my order"
    "complaint",  # "this is the second broken one, I am furious"
    "handoff",  # "let me talk to a person"
    "small_talk",  # "hi", "thanks"
    "out_of_scope",  # "write me a poem about France"
]
Language = Literal["en", "zh"]
Role = Literal["shopper", "assistant", "agent"]
CheckAction = Literal["note", "rewrite", "refuse", "handoff"]
EventKind = Literal["status", "text", "products", "sources", "suggestions", "proposals", "handoff", "done", "error"]
Action = Literal["", "cart", "return", "cancel"]
ProposalKind = Literal["add_to_cart", "return", "cancel"]
ProposalState = Literal["open", "accepted", "done", "refused"]
OrdersState = Literal["", "ask", "none", "locked", "unreachable"]


@dataclass(frozen=True, slots=True)
class Message:
    """One earlier message. For an assistant's: the products it showed, in order, the query it answered, whether the
    shop's data had an answer, and the numbers of the orders it showed. `by` is the name of the person of the shop who
    wrote an agent's, "" where none is known."""

    role: Role
    text: str
    product_ids: tuple[str, ...] = ()
    query: Query | None = None
    answered: bool = True
    orders: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message to answer. `shopper` is the verified customer id or None; it never comes from the text.

    `history` is oldest first and does not hold this message. `page_product_id` is the product whose page the shopper
    is looking at. `locale` (BCP 47) is the browser's; the message's own language wins. `address` is where the message
    came from, as guesses of order numbers are counted; None where it cannot be told. `for_person`: the reply is a draft
    that a person of the shop sends in their own name.
    """

    conversation_id: str
    text: str
    history: tuple[Message, ...] = ()
    shopper: str | None = None
    page_product_id: str | None = None
    locale: str | None = None
    address: str | None = None
    for_person: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What the shopper wants, self-contained: nothing in it needs the conversation to be understood.

    `text` is the message with what it refers back to written out. `intents` come most important first and are never
    empty. `subject` names the kind of thing ("tent", "电热水器"), "" when none was named. `filters` are hard; `wishes`
    are soft ("preferably light"). `refers_to` are the products the message is about, in its order: named by title,
    pointed at ("the second one") or carried over. `asks` are the facet names asked about ("price", "stock",
    "options", "rating", "delivery" or an attribute's name), in the message's order. `limit` is how many products
    were asked for. `order_ref` is an order number in the message. `terms` are other words of the request, for the
    reason why a product fits ("hiking", "winter"). `search` is the text to search products with: without bounds,
    sort words and carrier phrases. `exclude` are products the shopper has seen and wants others than.
    `foreign_currency` is the ISO 4217 code of a price bound that is not in the shop's currency, so that no filter
    expresses it. `rank_by` are the names that the facet of a superlative may have ("lightest": weight), the one the
    shop has alone once evidence is gathered; `rank_direction` is -1 where the least is wanted, and `rank_word` how
    it was said ("lightest"). `unexplained` are words that nothing the shop sells accounts for ("rent" of "do you
    rent out tents"), and `is_question` whether the message asks rather than describes: together they tell questions
    that only the shop's FAQ and policies could answer. `than_shown`: the price bound is not the shopper's figure
    but "cheaper" (or "dearer") than what was shown, so it must not be stated as one; `changes` are
    such bounds on measures, each with how it was said ("lighter"). A comparison's `rank_by` may also be ("price",)
    or ("rating",), and `asserted` is the product of which a question supposes that it comes first ("is
    the second one lighter?"). `focus` is the product that "it" means from here on, "" where `refers_to` tells.
    `beyond`: it points where nothing is, at a place that the list does not have; `refers_to` is the list, empty
    where nothing was shown yet. `wants_goods`: it asks whether the shop sells something, which no policy answers.
    """

    text: str
    intents: tuple[Intent, ...]
    language: Language = "en"
    subject: str = ""
    filters: Filters = field(default_factory=Filters)
    wishes: tuple[Condition, ...] = ()
    sort: Sort = "relevance"
    limit: int | None = None
    refers_to: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    order_ref: str | None = None
    terms: tuple[str, ...] = ()
    search: str = ""
    exclude: tuple[str, ...] = ()
    foreign_currency: str | None = None
    rank_by: tuple[str, ...] = ()
    rank_direction: int = 1
    rank_word: str = ""
    unexplained: tuple[str, ...] = ()
    is_question: bool = False
    than_shown: Literal["", "cheaper", "dearer"] = ""
    changes: tuple[tuple[Condition, str], ...] = ()
    asserted: str = ""
    focus: str = ""
    beyond: bool = False
    wants_goods: bool = False
    action: Action = ""
    quantity: int = 1

    @property
    def intent(self) -> Intent:
        """The most important intent."""
        return self.intents[0]


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One line of an order, as it was bought."""

    product_id: str | None
    variant_id: str | None
    title: str
    options: Mapping[str, str]
    price: Decimal | None
    quantity: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """One parcel. `events` are (ISO 8601 time, text), oldest first."""

    carrier: str | None
    tracking: str | None
    status: str | None
    events: tuple[tuple[str, str], ...] = ()
    variant_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What was asked for an order by a click and the shop has yet to decide: `at` is ISO 8601, `items` their titles,
    empty where the whole order is meant."""

    kind: Literal["return", "cancel"]
    at: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """An order whose owner was verified, by sign-in or by number and e-mail; nothing else may ever hold one.

    `expected` is the day (ISO 8601) on which the carrier or the shop says that it arrives; None where neither does.
    """

    id: str
    customer_id: str
    status: str | None
    placed_at: str | None
    items: tuple[OrderItem, ...]
    shipments: tuple[Shipment, ...]
    total: Decimal | None
    currency: str | None
    expected: str | None = None
    requests: tuple[OrderRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnTerms:
    """Whether some of an order may be sent back, and the passage that says so.

    "open": until `until`, counted from `since`. "over": that day has passed. "waiting": it has not arrived yet, and the
    time runs from then. "excluded": a passage speaks of just these goods, and the shopper must read it.
    "unclear": the passage or the order lacks what would decide. `items` are positions in the order; `quote` is the
    passage's sentence.
    """

    state: Literal["open", "over", "waiting", "excluded", "unclear"]
    passage: Hit
    quote: str
    items: tuple[int, ...]
    days: int = 0
    since: date | None = None
    until: date | None = None
    counted_from: Literal["delivery", "order"] = "delivery"


@dataclass(frozen=True, slots=True)
class Arrival:
    """When an order should arrive. Without a `passage` a carrier or the shop said so of this very order; else it is an
    estimate from the stated `days` counted from `since`, on which it was "shipped" or "placed"; where the passage gives
    several ranges, no day follows from it and `first` and `last` are None."""

    first: date | None
    last: date | None
    since: date | None = None
    counted_from: Literal["", "shipped", "placed"] = ""
    passage: Hit | None = None
    quote: str = ""


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What follows for one order from its record and the shop's passages. `cancel` tells whether it can still be
    stopped: "open" where it has not left, else why not; None where its state does not tell. None elsewhere: nothing
    was asked that needs it, or nothing follows. `on_click`: the shop takes the request from here. `late`: the last day
    of `arrival` has passed."""

    order_id: str
    returns: tuple[ReturnTerms, ...] = ()
    arrival: Arrival | None = None
    cancel: Literal["open", "requested", "left", "arrived", "cancelled"] | None = None
    cancel_passage: Hit | None = None
    cancel_quote: str = ""
    on_click: bool = False
    late: bool = False

    @property
    def passages(self) -> tuple[Hit, ...]:
        """What all this rests on, each once."""
        found = [terms.passage for terms in self.returns] + [self.cancel_passage]
        found += [self.arrival.passage if self.arrival else None]
        return tuple({hit.entry.id: hit for hit in found if hit is not None}.values())


@dataclass(frozen=True, slots=True)
class Told:
    """Words of a person of the shop in this conversation that bear on the question: evidence of it, and of no other.

    `by` is who wrote them, "" where no name is known; `matters` what they are about ("returns", "price"), and
    `products` the ids of those they can be about. `answers`: they are the answer, so that nothing else on the matter
    may be stated; else they only touch it.
    """

    text: str
    by: str = ""
    matters: tuple[str, ...] = ()
    answers: bool = True
    products: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that may be stated as fact in this turn. Citation [n] is the n-th of `hits` (products first), 1-based.

    `products` are what the reply may show, in order. `passages` are FAQ and policy entries, best first. `total` is
    how many products meet subject and filters over the whole catalogue, and None when nothing was counted.
    `n_skus` counts their variants likewise. `relaxed` names constraints that had to be dropped for `products`
    to be non-empty, so these products do NOT meet them; in words of the query's language ("under $50", "waterproof").
    `answerable`: the shop's data answers this question; where False nothing here may be stated as the answer.
    `orders` belong to the verified shopper; `orders_state` says why there are none: the guest has yet to give number
    and e-mail ("ask"), they fit no order ("none"), too many were tried ("locked"), the shop's system gave no answer.
    `order_facts` follow from them. `as_of` has the time (ISO 8601) of products whose figures are older than the shop
    would have them shown without saying so. `departments` are what the shop sells, where nothing that was asked for was
    found or nothing in particular was asked for. `choices` are the values of the facet asked about ("which brands of
    tents do you have") with how many products have each. `told` is what a person of the shop said on the matter in this
    conversation: it goes before what the records say.
    """

    products: tuple[Hit, ...] = ()
    passages: tuple[Hit, ...] = ()
    total: int | None = None
    n_skus: int | None = None
    relaxed: tuple[str, ...] = ()
    answerable: bool = True
    orders: tuple[Order, ...] = ()
    departments: tuple[str, ...] = ()
    choices: tuple[tuple[str, int], ...] = ()
    orders_state: OrdersState = ""
    order_facts: tuple[OrderFacts, ...] = ()
    as_of: Mapping[str, str] = field(default_factory=dict)
    told: tuple[Told, ...] = ()

    @property
    def answered(self) -> bool:
        """Whether the shop's data answer, or somebody of the shop did."""
        return self.answerable or any(told.answers for told in self.told)

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Everything that can be cited, in citation order."""
        return self.products + self.passages


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a message with what may be stated about it; the second is understood after the first."""

    query: Query
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a chat model is given: `messages` as (role, content) with role "system", "user" or "assistant".

    `public` is what the shop says of itself outside the evidence: contacts and links. No personal data is in it.
    """

    messages: tuple[tuple[str, str], ...]
    evidence: Evidence
    n_tokens: int
    public: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw. `action` is what was done about it."""

    check: str
    action: CheckAction
    detail: str


@dataclass(frozen=True, slots=True)
class ProductCard:
    """What the page shows of one product: every figure from the record of the named variant.

    `price` is None when unknown; `price_max` is set when the card stands for variants of several prices. `variant_id`
    is None when the card stands for the whole product. `reason` says in one line why it fits, "" when there is
    nothing specific to say. `as_of` is the time (ISO 8601) of price and stock where they are so old that it
    must be said.
    """

    id: str
    title: str
    variant_id: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    price: Decimal | None = None
    price_max: Decimal | None = None
    list_price: Decimal | None = None
    currency: str | None = None
    in_stock: bool | None = None
    rating: Decimal | None = None
    review_count: int | None = None
    url: str | None = None
    image: str | None = None
    category: tuple[str, ...] = ()
    reason: str = ""
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something that is done when the shopper presses its button, and never before.

    `label` is the button, in the shopper's language. "add_to_cart" has product, variant (None where the product has
    none) and quantity; "return" the order and the item; "cancel" the order. `item` names it for people. `detail` says
    what came of it, or why it was refused.
    """

    id: str
    kind: ProposalKind
    label: str
    product_id: str | None = None
    variant_id: str | None = None
    quantity: int = 1
    order_id: str | None = None
    item: str = ""
    state: ProposalState = "open"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """Source [n] of a reply: `id` is the entry's id, `quote` the words it rests on."""

    n: int
    id: str
    kind: Kind
    title: str
    quote: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the shopper gets. `text` is Markdown. `model` names what wrote it ("composer", "hf:…", …).

    `handoff` is None, or why a person should take over, in words of the reply's language. `timings_ms` has a value a
    stage: "understand", "retrieve", "prompt", "first_text", "total". `fallback` says why the composer had to answer
    in the model's place; None where it did not. `answered`: the shop's data had an answer. `mentioned` are the products
    that the text names where none is shown. `orders` are the numbers of the orders it speaks of.
    """

    text: str
    query: Query
    products: tuple[ProductCard, ...] = ()
    citations: tuple[Citation, ...] = ()
    suggestions: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    findings: tuple[Finding, ...] = ()
    handoff: str | None = None
    model: str = "composer"
    fallback: str | None = None
    answered: bool = True
    mentioned: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    def as_message(self) -> Message:
        """This reply as history for the next turn."""
        shown = tuple(card.id for card in self.products) or self.mentioned
        return Message("assistant", self.text, shown, self.query, self.answered, self.orders)


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a streamed reply; the one vocabulary of page, HTTP stream, widget and desk.

    kind         data
    status       {"stage": "understand" | "retrieve" | "generate" | "wait", "text": shown while waiting}
    text         {"delta": the next released sentence(s), Markdown}
    products     {"products": [ProductCard, …]}
    sources      {"citations": [Citation, …]}
    suggestions  {"suggestions": [str, …]}
    proposals    {"proposals": [Proposal, …]}
    handoff      {"reason": str}
    done         {"reply": Reply, "trace": what it was made of (`assistant.trace`), to be stored beside it, never shown}
    error        {"message": fit for the shopper, "retry": bool}
    """

    kind: EventKind
    data: Mapping[str, Any] = field(default_factory=dict)
