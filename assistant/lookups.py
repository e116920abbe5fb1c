"""Answers to programs that ask for one thing: a search, a comparison, a policy, an order.

In: an assistant and what is asked. Out: a `Reply`, found and worded as every reply is, without a chat model: whoever
asks has one. It decides nothing that the pipeline does not.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace

from assistant.cards import citations, product_cards
from assistant.evidence import gather
from assistant.generation.composer import compose
from assistant.orders.attempts import NoAttempts
from assistant.pipeline import Assistant
from assistant.types import Language, Order, Query, Reply, Turn


async def ask(assistant: Assistant, text: str, address: str | None) -> Reply:
    """What the shop's records say to a question, in the question's language. `address` is where it came from.

    A program wrote the question: no order is looked up by what stands in it.
    """
    turn = Turn(_name(), text, address=address)
    return await replace(assistant, drafter=None, attempts=NoAttempts()).answer(turn)


async def compare(assistant: Assistant, product_ids: Sequence[str], language: Language) -> Reply | None:
    """Two or more products side by side, in their order; None where the shop does not have one of them."""
    ids = tuple(dict.fromkeys(product_ids))
    if not all(i in assistant.index.products for i in ids):
        return None
    text = {"en": "Compare them", "zh": "对比一下"}[language]
    return await asyncio.to_thread(_answer, assistant, Query(text, ("compare",), language, refers_to=ids))


async def orders(
    assistant: Assistant, shopper: str, number: str | None, language: Language
) -> tuple[Reply, tuple[Order, ...]]:
    """A verified shopper's order of that number, or all of theirs; none where it is somebody else's or nobody's."""
    text = {"en": "Where is my order?", "zh": "我的订单到哪了？"}[language]
    query = Query(text, ("order_status",), language, order_ref=number)

    def found() -> tuple[Reply, tuple[Order, ...]]:
        index = assistant.index
        turn = Turn(_name(), text, shopper=shopper)
        settled, evidence = gather(query, index, assistant.visit(turn))
        settled = replace(settled, intents=("order_status",))
        said = compose(settled, evidence, assistant.info)
        return Reply(said, settled, citations=citations(said, evidence)), evidence.orders

    return await asyncio.to_thread(found)


def _answer(assistant: Assistant, query: Query) -> Reply:
    index = assistant.index
    settled, evidence = gather(query, index, assistant.visit(Turn(_name(), query.text)))
    text = compose(settled, evidence, assistant.info)
    cards = product_cards(settled, evidence, assistant.info)
    return Reply(text, settled, cards, citations(text, evidence), answered=evidence.answerable)


def _name() -> str:
    return f"lookup-{secrets.token_hex(8)}"
