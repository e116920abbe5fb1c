"""Conversations over a merchant's own system: what it says is said, what it does not answer is not guessed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assistant.errors import StorefrontError
from assistant.pipeline import Assistant
from assistant.storefronts.http import Endpoint, HttpStorefront
from assistant.types import Message, Reply, Turn
from knowledge_base.index import Index
from tests.merchant import KEY, Merchant, merchant_server

DAY = timedelta(days=1)
MUG = {"product_id": "mug", "title": "Enamel Mug", "price": "12.50", "quantity": 1}


def _order(number: str, status: str, **more: Any) -> dict[str, Any]:
    who = {"customer_id": "ann", "email": "ann@example.com"}
    return {"id": number, **who, "status": status, "items": [MUG], "currency": "USD", "total": "12.50", **more}


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    delivered = [{"at": (datetime.now(UTC) - 3 * DAY).isoformat(), "text": "Delivered at the door"}]
    orders = [
        _order("M-1001", "shipped", expected=(datetime.now(UTC) + 2 * DAY).date().isoformat()),
        _order("M-1002", "delivered", shipments=[{"carrier": "DHL", "events": delivered}]),
        {**_order("M-1003", "processing"), "customer_id": "bob", "email": "bob@example.com"},
    ]
    with merchant_server(Merchant(orders=orders)) as running:
        yield running


@pytest.fixture
def assistant(index: Index, merchant: Merchant) -> Iterator[Assistant]:
    endpoint = Endpoint(merchant.url, KEY, frozenset(("return", "cancel")), timeout_s=5, look_up_s=0.0)
    with closing(HttpStorefront(endpoint)) as storefront:
        yield Assistant(index, storefront=storefront)


async def say(assistant: Assistant, text: str, shopper: str | None = "ann", *history: Message) -> Reply:
    return await assistant.answer(Turn("c", text, history, shopper))


async def test_the_day_that_the_shop_expects_is_said(assistant: Assistant) -> None:
    reply = await say(assistant, "where is my order M-1001?")
    assert reply.orders == ("M-1001",)
    assert "It is expected on" in reply.text and "estimate" not in reply.text


async def test_a_guest_is_shown_the_one_order_and_a_customer_only_hers(assistant: Assistant) -> None:
    assert (await say(assistant, "order M-1002, ann@example.com", None)).orders == ("M-1002",)
    texts = {
        (await say(assistant, f"where is my order {ref}?")).text.replace(ref, "N")
        for ref in ("M-1003", "M-9009", "M-1099")
    }
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("where is my order M-1001?", "order system is not answering"),
        ("我的订单M-1001到哪了", "订单系统暂时没有响应"),
        ("I want to return order M-1002", "order system is not answering"),
        ("cancel my order", "order system is not answering"),
    ],
)
@pytest.mark.parametrize("fault", [{"status": 500}, {"key": b"somebody else's key, as long as it needs to be"}])
async def test_what_the_shop_does_not_answer_is_not_guessed(
    assistant: Assistant, merchant: Merchant, text: str, said: str, fault: dict[str, Any]
) -> None:
    for name, value in fault.items():
        setattr(merchant, name, value)
    reply = await say(assistant, text)
    assert said in reply.text
    assert not reply.orders and not reply.proposals and "Mug" not in reply.text


async def test_a_return_reaches_the_shop_once_under_its_key(assistant: Assistant, merchant: Merchant) -> None:
    reply = await say(assistant, "I want to return order M-1002")
    (proposal,) = reply.proposals
    turn = Turn("c", "", (Message("shopper", "I want to return order M-1002"), reply.as_message()), "ann")
    merchant.status = 503
    with pytest.raises(StorefrontError):
        await assistant.carry_out(proposal, turn)
    merchant.status = 200
    done = [await assistant.carry_out(proposal, turn) for _ in range(2)]
    assert {(one.state, "R-1" in one.detail) for one in done} == {("done", True)}
    assert len(merchant.receipts) == 1
    bobs = await assistant.carry_out(proposal, replace(turn, shopper="bob"))
    assert bobs.state == "refused" and len(merchant.receipts) == 1
