"""The verified shopper's orders: their state, when they come, and whether they may be sent back or stopped.

In: a scene. Out: a paragraph or a list. Orders are those of the evidence and no other is ever spoken of; every day that
is no record's own is said to be an estimate, with the passage it follows from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from assistant.generation.counter import cite, contact
from assistant.generation.figures import when
from assistant.generation.naming import option_words, shorten
from assistant.generation.scene import Scene
from assistant.storefront import folded
from assistant.types import Arrival, Order, OrderFacts, OrderItem, ReturnTerms
from knowledge_base.text import fold
from knowledge_base.types import Hit

_DONE = frozenset(
    [
        *("delivered", "cancelled", "canceled", "returned", "refunded", "completed"),
        *("已签收", "已取消", "已退款", "已完成", "已退货"),
    ]
)
_MAX_ORDERS = 4
_RETURN_LINKS = ("return", "退", "售后")


def order_status(scene: Scene) -> str:
    """The verified shopper's orders: the one asked about in full, several as a list; what is wanted done about one."""
    orders, ref = scene.evidence.orders, scene.query.order_ref
    if ref is not None:
        orders = tuple(order for order in orders if folded(order.id) == folded(ref))
    if not orders:
        return scene.say.no_order(ref or "", scene.evidence.orders_state, contact(scene))
    if scene.query.action in ("return", "cancel"):
        return _acted(scene, orders[0])
    if len(orders) == 1:
        return _one_order(scene, orders[0])
    newest, *others = sorted(orders, key=lambda o: (not _is_done(o), o.placed_at or ""), reverse=True)
    lines = [scene.say.order_line(o.id, o.status, _items(scene, o, 2), _day(scene, o)) for o in others[:_MAX_ORDERS]]
    return f"{_one_order(scene, newest)}\n\n{scene.say.orders_lead()}\n" + "\n".join(lines)


def _is_done(order: Order) -> bool:
    """Whether nothing more is to be expected of the order, so that the shopper rather asks about another."""
    return fold(order.status or "") in _DONE


def _day(scene: Scene, order: Order) -> str:
    return when(order.placed_at[:10], scene.query.language) if order.placed_at else ""


def _items(scene: Scene, order: Order, limit: int) -> list[str]:
    found = [_item(scene, item) for item in order.items if item.title]
    return found if len(found) <= limit + 1 else [*found[:limit], scene.say.more]


def _item(scene: Scene, item: OrderItem) -> str:
    options = option_words(item.options, scene.query.language)
    return scene.say.bought(item.quantity, shorten(item.title), options)


def _one_order(scene: Scene, order: Order) -> str:
    say = scene.say
    total = say.money(order.total, order.currency or scene.info.currency) if order.total is not None else ""
    sentences = [say.order(order.id, order.status, _items(scene, order, 5), total, _day(scene, order))]
    for shipment in order.shipments[:3]:
        at, event = shipment.events[-1] if shipment.events else ("", "")
        status = "" if fold(shipment.status or "") == fold(order.status or "") else shipment.status or ""
        stamp = when(at, scene.query.language) if at else ""
        sentences.append(say.shipment(shipment.carrier or "", shipment.tracking or "", stamp, event, status))
    facts = _facts(scene, order)
    if facts is not None and facts.arrival is not None:
        sentences.append(_arrival(scene, facts.arrival, facts.late))
    sentences += _requests(scene, order)
    return scene.say.gap.join(s for s in sentences if s)


def _requests(scene: Scene, order: Order) -> list[str]:
    """What was asked for before and the shop has yet to decide."""
    language = scene.query.language
    return [scene.say.requested(r.kind, when(r.at[:10], language), r.items) for r in order.requests]


def _facts(scene: Scene, order: Order) -> OrderFacts | None:
    return next((facts for facts in scene.evidence.order_facts if facts.order_id == order.id), None)


_LEANS = re.compile(r"(?:It|They|This|These) |[其该此这]")


def _cited(scene: Scene, quote: str, hit: Hit) -> str:
    """A sentence with its citation; one that leans on its heading ("It takes 3 days") with the heading before it."""
    heading = hit.entry.title.split(" > ")[-1]
    lead = f"{heading}{'：' if scene.query.language == 'zh' else ': '}" if _LEANS.match(quote) else ""
    return cite(f"{lead}{quote}", scene.mark(hit))


def _arrival(scene: Scene, arrival: Arrival, late: bool) -> str:
    say = scene.say

    def day(moment: date | None) -> str:
        return when(moment, scene.query.language) if moment is not None else ""

    if arrival.passage is None:
        return say.expected(day(arrival.last), late=late)
    quote = _cited(scene, arrival.quote, arrival.passage)
    shipped = arrival.counted_from == "shipped"
    if arrival.last is None:
        text = say.delivery_times(quote, day(arrival.since), shipped=shipped, late=late)
        return f"{text}{say.gap}{contact(scene)}" if late else text
    text = say.estimated(day(arrival.first), day(arrival.last), day(arrival.since), quote, shipped=shipped, late=late)
    return f"{text}{say.gap}{contact(scene)}" if late else text


# -- what is wanted done -----------------------------------------------------------------------------------------------


def _acted(scene: Scene, order: Order) -> str:
    facts = _facts(scene, order)
    before = _requests(scene, order)
    if facts is None:
        return _one_order(scene, order)
    if scene.query.action == "cancel":
        return scene.say.gap.join([*before, _cancelling(scene, order, facts)])
    if not facts.returns:
        return scene.say.gap.join([*before, scene.say.no_return_rule(order.id, contact(scene))])
    found = [terms for terms in (_without_asked(scene, order, terms) for terms in facts.returns) if terms.items]
    said = [sentence for terms in found for sentence in _returning(scene, order, facts, terms)]
    last = [text for text in dict.fromkeys(said) if said.count(text) > 1]  # once, at the end
    return scene.say.gap.join([*before, *(text for text in said if text not in last), *last])


def _without_asked(scene: Scene, order: Order, terms: ReturnTerms) -> ReturnTerms:
    """The terms without the items that were asked for already: there is no button for them any more."""
    asked = [request for request in order.requests if request.kind == "return"]
    names = {title for request in asked for title in request.items}
    if terms.state != "open" or not asked:
        return terms
    whole = any(not request.items for request in asked)
    left = tuple(i for i in terms.items if not whole and _item(scene, replace(order.items[i], quantity=1)) not in names)
    return replace(terms, items=left)


def _returning(scene: Scene, order: Order, facts: OrderFacts, terms: ReturnTerms) -> list[str]:
    say, language = scene.say, scene.query.language
    what = _named(scene, order, terms.items)
    quote = _cited(scene, terms.quote, terms.passage)
    since = when(terms.since, language) if terms.since else ""
    until = when(terms.until, language) if terms.until else ""
    delivered = terms.counted_from == "delivery"
    match terms.state:
        case "open":
            how = say.press_return() if facts.on_click else say.elsewhere(_return_link(scene), contact(scene))
            return [
                say.can_return(order.id, what, since, until, quote, delivered=delivered),
                how,
            ]
        case "over":
            return [
                say.too_late(order.id, what, since, until, quote, delivered=delivered),
                contact(scene),
            ]
        case "waiting":
            return [say.not_arrived(order.id, order.status, quote)]
        case "excluded":
            return [say.excluded(what, quote), contact(scene)]
        case "unclear":
            return [say.unclear_return(order.id, order.status, what, quote), contact(scene)]


def _named(scene: Scene, order: Order, places: Sequence[int]) -> str:
    """The items in words; "" where they are all that there is in the order."""
    if len(places) == len(order.items) > 1:
        return ""
    return scene.say.join([_item(scene, order.items[place]) for place in places])


def _return_link(scene: Scene) -> str:
    links = scene.info.links.items()
    return next((url for name, url in links if any(word in fold(name) for word in _RETURN_LINKS)), "")


def _cancelling(scene: Scene, order: Order, facts: OrderFacts) -> str:
    say = scene.say
    rule = _cited(scene, facts.cancel_quote, facts.cancel_passage) if facts.cancel_passage else ""
    text = say.cancel(order.id, order.status, facts.cancel)
    sentences = [text]
    if facts.cancel in ("open", "requested") and rule:
        sentences.append(say.rule(rule))
    if facts.cancel == "open":
        sentences.append(say.press_cancel() if facts.on_click else contact(scene))
    elif facts.cancel in (None, "left"):
        sentences.append(contact(scene))
    return say.gap.join(sentences)


__all__ = ["order_status"]
