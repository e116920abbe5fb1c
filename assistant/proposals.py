"""What a reply offers to do at the press of a button, and the doing of it.

In: a query with its evidence; later a proposal whose button was pressed, with a visit of whoever pressed it. Out:
`Proposal`s, none of which does anything by being made; later the same with what became of it. Nothing that a text says
is taken for a press, and nothing that a proposal says for true: owner, terms and stock are looked at again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from assistant.generation.figures import when
from assistant.generation.naming import option_words, shorten
from assistant.generation.variants import choose
from assistant.orders.facts import Terms, facts_of
from assistant.orders.visit import Visit
from assistant.storefront import OrderAction
from assistant.types import Evidence, Language, Order, OrderFacts, OrderItem, Proposal, Query, Turn
from knowledge_base.index import Index
from knowledge_base.text import has_cjk
from knowledge_base.types import Hit

_MAX = 4
_LABELS: Mapping[str, Mapping[Language, str]] = {
    "add_to_cart": {"en": "Add to basket: {item}", "zh": "加入购物车：{item}"},
    "return": {"en": "Request a return: {item}", "zh": "申请退货：{item}"},
    "cancel": {"en": "Ask to cancel order {order}", "zh": "申请取消订单 {order}"},
}
_SAID: Mapping[str, Mapping[Language, str]] = {
    "asked": {
        "en": "Your request has reached the shop{reference}; it will confirm it.",
        "zh": "您的申请已转给店铺{reference}，请等店铺确认。",
    },
    "asked before": {
        "en": "You asked for this on {day} already; the shop has yet to confirm it.",
        "zh": "您已在{day}申请过，请等店铺确认。",
    },
    "not theirs": {
        "en": "This order can't be found for you now. Please sign in, or give its number and e-mail address again.",
        "zh": "现在查不到您的这个订单。请重新登录，或者再告诉我订单号和下单邮箱。",
    },
    "not open": {
        "en": "By the shop's terms this is no longer possible. A colleague can help.",
        "zh": "按店铺规定，现在已经不能办理了，可以联系人工客服。",
    },
    "refused": {"en": "The shop did not accept the request.{reason}", "zh": "店铺没有接受这个申请。{reason}"},
    "gone": {"en": "This is no longer available.", "zh": "这件商品现在买不到了。"},
    "sold out": {"en": "This has just sold out.", "zh": "这件商品刚刚卖完了。"},
}


def propose(turn: Turn, query: Query, evidence: Evidence) -> tuple[Proposal, ...]:
    """What can be done by a click, in the order of the reply; () where nothing was asked for, or nothing is possible.

    The same turn of a conversation proposes the same under the same ids.
    """
    if query.action == "cart":
        made = [p for hit in evidence.products if (p := _cart(query, hit)) is not None] if _is_about(query) else []
    else:
        orders = {order.id: order for order in evidence.orders}
        made = [p for facts in evidence.order_facts for p in _of_order(query, orders[facts.order_id], facts)]
    return tuple(replace(proposal, id=_id(turn, proposal)) for proposal in made[:_MAX])


def _is_about(query: Query) -> bool:
    """Whether the products of the evidence are those that the shopper wants, and not what a search found."""
    return query.intent == "product_question" and bool(query.refers_to) and not query.beyond


def _cart(query: Query, hit: Hit) -> Proposal | None:
    """The one variant that is wanted; None where it is not clear which, or it is known to be sold out."""
    product = hit.entry.product
    if product is None or product.id not in query.refers_to:
        return None
    choice = choose(product, query.filters, hit.variant_ids)
    if choice.missing or len(choice.skus) != 1 or choice.skus[0].in_stock is False:
        return None
    sku = choice.skus[0]
    if sku.stock is not None and sku.stock < query.quantity:
        return None
    options = option_words(sku.options, query.language)
    item = f"{shorten(product.title)}{_in_brackets(options, query.language)}"
    if query.quantity > 1:
        item = f"{query.quantity} × {item}"
    label = _LABELS["add_to_cart"][query.language].format(item=item)
    return Proposal("", "add_to_cart", label, product.id, sku.id or None, query.quantity, item=item)


def _of_order(query: Query, order: Order, facts: OrderFacts) -> Iterator[Proposal]:
    if not facts.on_click:
        return
    if query.action == "cancel" and facts.cancel == "open":
        label = _LABELS["cancel"][query.language].format(order=order.id)
        yield Proposal("", "cancel", label, order_id=order.id, item=order.id)
    for place in sorted(place for terms in facts.returns if terms.state == "open" for place in terms.items):
        line = order.items[place]
        item = item_name(line, query.language)
        if _asked_before(order, "return", item) is None:
            label = _LABELS["return"][query.language].format(item=item)
            yield Proposal(
                "", "return", label, line.product_id, line.variant_id, line.quantity, order_id=order.id, item=item
            )


def item_name(line: OrderItem, language: Language) -> str:
    """An item of an order in words, as a shopper knows it."""
    return f"{shorten(line.title)}{_in_brackets(option_words(line.options, language), language)}"


def _in_brackets(options: str, language: Language) -> str:
    return "" if not options else f"（{options}）" if language == "zh" else f" ({options})"


def _id(turn: Turn, proposal: Proposal) -> str:
    parts = (turn.conversation_id, str(len(turn.history)), proposal.kind, proposal.order_id, proposal.product_id)
    told = "\n".join(str(part) for part in (*parts, proposal.variant_id, proposal.item))
    return hashlib.sha256(told.encode()).hexdigest()[:24]


# -- after the click ---------------------------------------------------------------------------------------------------


def carry_out(proposal: Proposal, visit: Visit, index: Index) -> Proposal:
    """What became of it: "accepted" where the page has to do it (the basket), "done" where the shop has the request,
    "refused" where it may not be done now; `detail` says why.

    Raises:
        StorefrontError, StoreError: the shop gave no answer; it may be carried out again.
    """
    language: Language = "zh" if has_cjk(proposal.label) else "en"
    if proposal.kind == "add_to_cart":
        return _into_cart(proposal, visit, index, language)
    order = visit.owned(proposal.order_id or "")
    if order is None:
        return _refused(proposal, "not theirs", language)
    titles = (proposal.item,) if proposal.kind == "return" else ()
    if (day := _asked_before(order, proposal.kind, proposal.item)) is not None:
        said = _SAID["asked before"][language].format(day=when(day, language))
        return replace(proposal, state="done", detail=said)
    place = _place_of(proposal, order, language)
    if not _is_open(proposal, order, place, visit, index):
        return _refused(proposal, "not open", language)
    items = (place,) if place is not None else ()
    key = hashlib.sha256(f"{proposal.kind}\n{order.id}\n{items}".encode()).hexdigest()[:32]
    kind = "cancel" if proposal.kind == "cancel" else "return"
    receipt = visit.act(OrderAction("cancel" if kind == "cancel" else "return", order.id, key, items, titles))
    if not receipt.accepted:
        reason = f" {receipt.reason}" if receipt.reason else ""
        return replace(proposal, state="refused", detail=_SAID["refused"][language].format(reason=reason))
    reference = f" ({receipt.reference})" if receipt.reference and receipt.reference != key else ""
    return replace(proposal, state="done", detail=_SAID["asked"][language].format(reference=reference))


def _into_cart(proposal: Proposal, visit: Visit, index: Index, language: Language) -> Proposal:
    product = index.products.get(proposal.product_id or "")
    sku = next((sku for sku in product.skus if sku.id == (proposal.variant_id or "")), None) if product else None
    if product is None or sku is None:
        return _refused(proposal, "gone", language)
    offers = visit.offers([product.id]).get(product.id, ())
    live = next((offer for offer in offers if (offer.variant_id or "") == sku.id), None)
    in_stock = live.in_stock if live is not None and live.in_stock is not None else sku.in_stock
    return _refused(proposal, "sold out", language) if in_stock is False else replace(proposal, state="accepted")


def _is_open(proposal: Proposal, order: Order, place: int | None, visit: Visit, index: Index) -> bool:
    """Whether the terms allow it today."""
    terms = Terms(index.passages.entries, index.products)
    action = "cancel" if proposal.kind == "cancel" else "return"
    facts = facts_of(Query("", ("order_status",), action=action), order, terms, visit.today)  # type: ignore[arg-type]
    if proposal.kind == "cancel":
        return facts.cancel == "open"
    return place is not None and any(found.state == "open" and place in found.items for found in facts.returns)


def _place_of(proposal: Proposal, order: Order, language: Language) -> int | None:
    """Where the item stands in the order; None where it does not, or the whole order is meant."""
    if proposal.kind == "cancel":
        return None
    wanted = (proposal.product_id, proposal.variant_id, proposal.item)
    found = ((i.product_id, i.variant_id, item_name(i, language)) for i in order.items)
    return next((place for place, item in enumerate(found) if item == wanted), None)


def _asked_before(order: Order, kind: str, item: str) -> date | None:
    """The day on which the same was asked for before; None where it was not."""
    for request in order.requests:
        if request.kind == kind and (kind == "cancel" or not request.items or item in request.items):
            return date.fromisoformat(request.at[:10])
    return None


def _refused(proposal: Proposal, why: str, language: Language) -> Proposal:
    return replace(proposal, state="refused", detail=_SAID[why][language])
