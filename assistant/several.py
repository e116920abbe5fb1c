"""A message that asks two things, or for several kinds of things, answered part by part.

In: the turn. Out: its parts, each a query with its evidence; their evidence in one, and their drafts in one text whose
citations count through it. It words and finds nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.evidence import gather
from assistant.generation.colleague import beside
from assistant.generation.composer import compose
from assistant.orders.visit import Visit
from assistant.types import Evidence, Message, Part, Query, Turn
from assistant.understanding import kinds_in, questions_in, understand
from knowledge_base.index import Index
from knowledge_base.shop import ShopInfo
from knowledge_base.types import Hit

_ALONE = frozenset({"small_talk", "out_of_scope", "handoff", "complaint"})  # these answer a whole message
_SEARCHES = frozenset({"find", "recommend"})


def parts_of(turn: Turn, index: Index, visit: Visit | None) -> tuple[Part, ...]:
    """The parts of a message that asks different things; () where it is better understood as a whole."""
    questions = questions_in(turn.text)
    if len(questions) < 2:
        parts = tuple(_part(replace(turn, text=text), index, visit) for text in kinds_in(turn.text, index))
        return parts if parts and _are_searches(parts) else ()
    first = _part(replace(turn, text=questions[0]), index, visit)
    shown = tuple(hit.entry.product.id for hit in first.evidence.products if hit.entry.product)
    said = (Message("shopper", questions[0]), Message("assistant", "", shown, first.query, first.evidence.answerable))
    second = _part(replace(turn, text=questions[1], history=(*turn.history, *said)), index, visit)
    return (first, second) if _differ(first, second) else ()


def _part(turn: Turn, index: Index, visit: Visit | None) -> Part:
    return Part(*gather(understand(turn, index), index, visit))


def _are_searches(parts: Sequence[Part]) -> bool:
    """Whether the parts look for products of kinds of their own, one of which one product may be all there is; and some
    were found."""
    searches = [part.query for part in parts if part.query.intent in _SEARCHES and part.query.subject]
    only_one = [part for part in parts if part.query.intent == "product_question" and part.evidence.products]
    distinct = len({query.subject for query in searches}) == len(searches) > 0
    found = any(part.evidence.products for part in parts)
    return distinct and found and len(searches) + len(only_one) == len(parts)


def to_go_on_from(parts: Sequence[Part], evidence: Evidence) -> Evidence:
    """What the next question can be about: the last part's evidence, but all of a list of searches."""
    return evidence if len(parts) > 1 and _are_searches(parts) else parts[-1].evidence


def _differ(first: Part, second: Part) -> bool:
    """Whether two parts ask different things: not two facets of one product, nor one wish in two sentences."""
    one, other = first.query, second.query
    if {one.intent, other.intent} & _ALONE or one.beyond or other.beyond:
        return False
    if one.intent == other.intent == "product_question":
        return set(one.refers_to) != set(other.refers_to)
    if {one.intent, other.intent} <= _SEARCHES:
        return bool(one.subject and other.subject) and one.subject != other.subject
    return first.evidence.answerable or second.evidence.answerable


def merged_query(parts: Sequence[Part]) -> Query:
    """What the conversation goes on from: the last question, with the intents of them all."""
    last = parts[-1].query
    intents = dict.fromkeys([*last.intents, *(intent for part in parts for intent in part.query.intents)])
    return replace(last, intents=tuple(intents))


def merged_evidence(parts: Sequence[Part]) -> Evidence:
    """All that may be stated of all parts; the counts are the last one's."""
    products = _distinct([hit for part in parts for hit in part.evidence.products])
    passages = _distinct([hit for part in parts for hit in part.evidence.passages])
    orders = dict.fromkeys(order.id for part in parts for order in part.evidence.orders)
    by_id = {order.id: order for part in parts for order in part.evidence.orders}
    return replace(
        parts[-1].evidence,
        products=products,
        passages=passages,
        answerable=any(part.evidence.answerable for part in parts),
        orders=tuple(by_id[key] for key in orders),
        orders_state=next((state for part in parts if (state := part.evidence.orders_state)), ""),
        order_facts=tuple(facts for part in parts for facts in part.evidence.order_facts),
        as_of={key: at for part in parts for key, at in part.evidence.as_of.items()},
        told=tuple(dict.fromkeys(told for part in parts for told in part.evidence.told)),
    )


def compose_all(
    parts: Sequence[Part],
    evidence: Evidence,
    info: ShopInfo,
    history: tuple[Message, ...],
    for_person: bool = False,
) -> str:
    """The parts' drafts, one after the other; their citations are those of the merged evidence. Where a person of the
    shop spoke on the matter, what may be said beside their words; "" where that is nothing. `for_person`:
    see `compose`."""
    places = {hit.entry.id: n for n, hit in enumerate(evidence.hits, start=1)}
    texts: list[str] = []
    for part in parts:
        own = [places[hit.entry.id] for hit in part.evidence.hits]
        composed = compose(part.query, part.evidence, info, history, for_person)
        if part.evidence.told:
            composed = beside(composed, part.query, part.evidence, info.currency)
        text = re.sub(
            r"\[(\d{1,3})\]",
            lambda m, own=own: f"[{own[int(m[1]) - 1]}]" if 0 < int(m[1]) <= len(own) else m[0],  # type: ignore[misc]
            composed,
        )
        if text and text not in texts:
            texts.append(text)
    return "\n\n".join(texts)


def _distinct(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.entry.id, hit)
    return tuple(first.values())
