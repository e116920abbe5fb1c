"""Everything at the counter that is not about choosing products: policies, orders, complaints, people, small talk.

In: a scene. Out: a paragraph or two. Passages are quoted word for word with their citation; orders are those of the
evidence, which belong to the verified shopper, and no other order is ever spoken of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.generation.figures import when
from assistant.generation.naming import option_words, shorten
from assistant.generation.passages import Excerpt, adds, excerpt, join_sentences
from assistant.generation.scene import Scene
from assistant.generation.topics import topic_of
from assistant.storefront import folded
from assistant.types import Order
from knowledge_base.text import fold
from knowledge_base.types import Hit

_DONE = frozenset(
    [
        *("delivered", "cancelled", "canceled", "returned", "refunded", "completed"),
        *("已签收", "已取消", "已退款", "已完成", "已退货"),
    ]
)
_MAX_ORDERS = 4
_SECOND_SHARE = 0.7  # a second passage must match at least this much of the first one's match
_WAYS = ("email", "phone", "chat", "wechat", "whatsapp", "contact", "url", "电话", "邮箱", "微信", "客服")


def policy(scene: Scene) -> str:
    """The sentences of the best passage that answer, cited; one more from a second passage that adds something."""
    passages = scene.evidence.passages
    if not passages or not scene.evidence.answerable:
        return declined(scene)
    text = scene.query.text
    first, second = passages[0], passages[1] if len(passages) > 1 else None
    best = _excerpt(text, first)
    if not best.sentences:
        return declined(scene)
    parts = [_cited(best, scene.mark(first))]
    if second is not None:
        more = _excerpt(text, second, limit=1)
        own = more.score >= _SECOND_SHARE * best.score and more.score >= 0.8 and len(more.text) <= 240
        if more.sentences and own and adds(text, best.text, more.text):
            parts.append(_cited(more, scene.mark(second)))
    return ("" if scene.query.language == "zh" else " ").join(parts)


def _excerpt(question: str, hit: Hit, limit: int = 3) -> Excerpt:
    return excerpt(question, hit.entry.text, hit.entry.title, limit)


def _cited(found: Excerpt, mark: str) -> str:
    """The sentences with the citation before the final mark of each, so that each stands on its own."""
    return join_sentences([cite(sentence, mark) for sentence in found.sentences])


def cite(sentence: str, mark: str) -> str:
    """A quoted sentence with its citation: "Returns are free [2]."."""
    match = re.search(r"[.!?。！？；;:：]+[\"”』」)）]*$", sentence)
    if match is None:
        return f"{sentence} {mark}."
    chinese = match.group()[0] in "。！？；："
    return f"{sentence[: match.start()]}{'' if chinese else ' '}{mark}{match.group()}"


def declined(scene: Scene) -> str:
    """The shop's data does not answer: says so in the shopper's words, offers a person and what it can help with."""
    topic = topic_of(scene.query) if not scene.evidence.answerable else ""
    return scene.say.declined(topic, contact(scene), products=not scene.evidence.orders)


def contact(scene: Scene) -> str:
    """How to reach a person, from the shop's settings."""
    return scene.say.contact(_ways(scene.info.handoff, scene.query.language), scene.info.hours)


def _ways(handoff: Mapping[str, str], language: str) -> str:
    """The contacts among the hand-off settings; rules are not for the shopper's eyes."""
    found = []
    for key, value in handoff.items():
        if any(way in fold(key) for way in _WAYS) and value and "\n" not in value:
            found.append(value)
    return ("、" if language == "zh" else " or ").join(dict.fromkeys(found))


# -- orders ----------------------------------------------------------------------------------------------------------


def order_status(scene: Scene) -> str:
    """The state of the verified shopper's orders: the one asked about in full, several as a list."""
    orders, ref = scene.evidence.orders, scene.query.order_ref
    if ref is not None:
        orders = tuple(order for order in orders if folded(order.id) == folded(ref))
    if not orders:
        return scene.say.no_order(ref or "", scene.evidence.orders_state, contact(scene))
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
    language = scene.query.language
    found = [
        scene.say.bought(item.quantity, shorten(item.title), option_words(item.options, language))
        for item in order.items
        if item.title
    ]
    return found if len(found) <= limit + 1 else [*found[:limit], scene.say.more]


def _one_order(scene: Scene, order: Order) -> str:
    say = scene.say
    total = say.money(order.total, order.currency or scene.info.currency) if order.total is not None else ""
    sentences = [say.order(order.id, order.status, _items(scene, order, 5), total, _day(scene, order))]
    for shipment in order.shipments[:3]:
        at, event = shipment.events[-1] if shipment.events else ("", "")
        status = "" if fold(shipment.status or "") == fold(order.status or "") else shipment.status or ""
        stamp = when(at, scene.query.language) if at else ""
        sentences.append(say.shipment(shipment.carrier or "", shipment.tracking or "", stamp, event, status))
    return ("" if scene.query.language == "zh" else " ").join(s for s in sentences if s)


# -- people ----------------------------------------------------------------------------------------------------------


def complaint(scene: Scene) -> str:
    """Empathy first, then a concrete next step with a person."""
    gap = "" if scene.query.language == "zh" else " "
    step = scene.say.complaint_step(has_order=scene.query.order_ref is not None or bool(scene.evidence.orders))
    return f"{scene.say.sorry(scene.style)}{gap}{step}"


def handoff(scene: Scene) -> str:
    """To a person."""
    return scene.say.handoff(_ways(scene.info.handoff, scene.query.language), scene.info.hours)


_THANKS = re.compile(r"\b(?:thanks?|thank you|thx|cheers|appreciate)\b|谢|感谢|多谢", re.I)
_BYE = re.compile(r"\b(?:bye|goodbye|see you|good night|that'?s all)\b|再见|拜拜|回头见|晚安", re.I)
_WHO = re.compile(
    r"\b(?:who|what) are you\b|\bare you (?:a |an )?(?:human|bot|robot|ai|real|person|machine)|what can you do|"
    r"你是谁|你是什么|机器人|真人|人工智能|你能做什么|会什么|能帮",
    re.IGNORECASE,
)
_HOW = re.compile(r"\bhow(?:'s| are| is) (?:you|it going|things)\b|你好吗|最近怎么样", re.I)


def small_talk(scene: Scene) -> str:
    """Greeting, thanks, goodbye, who are you."""
    say, text, shop = scene.say, scene.query.text, scene.info.name
    if _WHO.search(text):
        return say.who(shop)
    if _BYE.search(text):
        return say.bye(shop)
    if _THANKS.search(text):
        return say.thanks(scene.style)
    if _HOW.search(text):
        return say.fine()
    own = scene.info.greeting if scene.info.language[:2] == scene.query.language else ""
    return say.greeting(shop, own)


def out_of_scope(scene: Scene) -> str:
    """One polite line back to the shop."""
    return scene.say.out_of_scope(scene.info.name)
