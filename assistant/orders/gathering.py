"""What may be said of orders in a turn: those the visit may show, what follows for them, and the passages for it.

In: a query about orders, the visit, and the shop's passages. Out: `Evidence`, and the query as it turned out to be. It
words nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.orders.facts import Terms, facts_of, order_meant
from assistant.orders.visit import Seen, Visit
from assistant.policies import Policies
from assistant.types import Evidence, Order, OrderFacts, Query
from knowledge_base.index import Index

_MAX_ORDERS = 5
_IT = re.compile(r"\b(?:it|this|that|them|these|those)\b|它|这|那", re.IGNORECASE)
_ALL = re.compile(r"\borders\b|\b(?:all|other|others|another|else)\b|全部|所有|其他|别的|另", re.IGNORECASE)


def order_evidence(query: Query, index: Index, visit: Visit | None, policies: Policies) -> tuple[Query, Evidence]:
    """The orders that a message is about; the shop's own words where there is none to show."""
    seen = visit.orders(query) if visit is not None else Seen()
    if visit is not None and seen.orders:
        return _told(query, index, visit, _in_question(query, visit, seen.orders), policies)
    evidence = Evidence(orders_state=seen.state)
    if query.order_ref or (visit is not None and visit.claim.fresh):
        query = replace(query, intents=tuple(i for i in query.intents if i != "policy"))
        return query, evidence
    if not policies.answer or query.intent == "complaint":
        return query, evidence
    if seen.state in ("", "ask", "none"):  # whoever has no order here is told how to find it
        query = replace(query, intents=("policy", "order_status"))
    return query, replace(evidence, passages=policies.answer if "policy" in query.intents else ())


def _told(
    query: Query, index: Index, visit: Visit, orders: tuple[Order, ...], policies: Policies
) -> tuple[Query, Evidence]:
    terms = Terms(index.passages.entries, index.products)
    if query.action in ("return", "cancel"):
        meant = order_meant(query, orders)
        orders = (meant,) if meant is not None else orders
    facts = tuple(_facts(query, order, terms, visit) for order in orders[:_MAX_ORDERS])
    passages = tuple({hit.entry.id: hit for found in facts for hit in found.passages}.values())
    others = tuple(i for i in query.intents if i != "policy") if query.action else query.intents
    if "policy" in others and not passages:
        passages = policies.answer
    elif "policy" in others:
        others = tuple(intent for intent in others if intent != "policy")
    return replace(query, intents=others), Evidence(passages=passages, orders=orders, order_facts=facts)


def _facts(query: Query, order: Order, terms: Terms, visit: Visit) -> OrderFacts:
    facts = facts_of(query, order, terms, visit.today)
    return replace(facts, on_click=query.action in visit.abilities)


def _in_question(query: Query, visit: Visit, orders: tuple[Order, ...]) -> tuple[Order, ...]:
    """The one order that was spoken of before, where the message names none and does not ask for others."""
    before = visit.shown_before
    points = _IT.search(query.text) or not re.search(r"order|parcel|package|单", query.text, re.IGNORECASE)
    if query.order_ref or len(before) != 1 or not points or _ALL.search(query.text):
        return orders
    return tuple(order for order in orders if order.id == before[0]) or orders
