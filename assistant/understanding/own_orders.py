"""A message about an order of one's own: what is wanted done about it, and which one it is.

In: a turn with its reading. Out: the query with action, quantity and number, and the intents of a message that is about
an order before anything else. Whose order it is, is nobody's business here: a number is a claim.
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.types import Action, Intent, Query, Turn
from assistant.understanding.acting import action_of, asks_state, quantity_of
from assistant.understanding.intents import EMAIL, is_abuse, order_ref
from assistant.understanding.message import Reading
from knowledge_base.index import Index
from knowledge_base.text import stem

# An order's number beside no word for it: letters and digits as no model of the shop has them.
_CODE = re.compile(r"(?<![\w-])[A-Za-z]{1,4}-?\d{4,14}(?![\w-])", re.ASCII)


def with_own_order(turn: Turn, query: Query, reading: Reading, index: Index) -> Query:
    """The query with what is wanted done, how many, and the number of the order where one is named."""
    query = replace(query, action=_action(turn, reading), quantity=quantity_of(reading.text))
    return query if query.order_ref else replace(query, order_ref=_order_code(turn, query, reading, index))


def _action(turn: Turn, reading: Reading) -> Action:
    """What is wanted done; whoever answers with the number or address that was asked for still wants the same."""
    action = action_of(reading.text, _orders_shown(turn))
    claims = EMAIL.search(turn.text) or order_ref(turn.text)
    if action or reading.last is None:
        return action
    if reading.last.action == "cart":  # "which version?" "in moss, please"
        return "cart" if reading.constraints.filters.conditions and "question" not in reading.cues else ""
    return reading.last.action if claims else ""


def order_intents(turn: Turn, query: Query, reading: Reading) -> tuple[Intent, ...] | None:
    """The intents of a message that asks for something to be done about an order, or says whose one it is."""
    if "handoff" in reading.cues or is_abuse(reading.text):
        return None
    if query.action in ("return", "cancel"):
        return ("complaint", "order_status") if "complaint" in reading.cues else ("order_status", "policy")
    about_orders = reading.last is not None and "order_status" in reading.last.intents
    claims = query.order_ref or about_orders or "order" in reading.cues
    if EMAIL.search(turn.text) and claims and not reading.titles:
        return ("complaint", "order_status") if "complaint" in reading.cues else ("order_status",)
    if about_orders and not reading.titles and (query.order_ref or (_orders_shown(turn) and asks_state(reading.text))):
        return ("order_status",)
    if re.search(r"#[A-Za-z]{0,4}-?\d{4,}", turn.text) and query.order_ref and not reading.titles:
        return ("order_status",)  # "what's going on with #W7309535"
    named = query.order_ref is not None and order_ref(turn.text) is None  # "when will AP30292 arrive"
    return ("order_status",) if named and reading.cues & {"order", "policy"} else None


def _order_code(turn: Turn, query: Query, reading: Reading, index: Index) -> str | None:
    """A number that is an order's by what the message, or the one before, is about: "return AP30257"."""
    about_orders = reading.last is not None and "order_status" in reading.last.intents
    if not (about_orders or query.action in ("return", "cancel") or reading.cues & {"order", "policy"}):
        return None
    found = _CODE.search(EMAIL.sub(" ", turn.text))
    if found is None or reading.titles or index.facets.vocabulary.knows(stem(found[0].casefold())):
        return None
    return found[0]


def _orders_shown(turn: Turn) -> bool:
    last = next((message for message in reversed(turn.history) if message.role == "assistant"), None)
    return bool(last and last.orders)
