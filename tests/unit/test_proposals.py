"""Nothing is done without a click, and a click does nothing that is not theirs, allowed and asked for once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assistant.as_json import plain, revive
from assistant.errors import StorefrontError
from assistant.orders.attempts import MemoryAttempts
from assistant.orders.visit import Visit
from assistant.pipeline import Assistant
from assistant.proposals import carry_out
from assistant.storefront import FolderStorefront, OrderAction, Receipt
from assistant.trace import Trace
from assistant.types import Message, Proposal, Reply, Turn
from knowledge_base.index import Index
from knowledge_base.shop import open_shop
from tests.shops import write_shop

TODAY = datetime.now(UTC)
JACKET = {
    "product_id": "rain-jacket", "variant_id": "rain-red-m", "title": "Mistral Rain Jacket",
    "options": {"color": "red", "size": "M"}, "price": "79.50", "quantity": 1,
}  # fmt: skip


def _orders() -> list[dict[str, Any]]:
    """Ann's orders: one delivered five days ago, one long ago, one not sent yet, and one of Bob's."""

    def delivered(days: int) -> list[dict[str, Any]]:
        at = (TODAY - timedelta(days=days)).isoformat()
        return [{"carrier": "DHL", "tracking": "T1", "events": [{"at": at, "text": "Delivered at the door"}]}]

    mug = {"product_id": "mug", "title": "Enamel Mug", "price": "12.50", "quantity": 2}
    ann = {"customer_id": "ann", "email": "ann@example.com", "items": [mug]}
    return [
        {**ann, "id": "W1001", "status": "delivered", "items": [mug, JACKET], "shipments": delivered(5)},
        {**ann, "id": "W1002", "status": "delivered", "shipments": delivered(300)},
        {**ann, "id": "W1003", "status": "processing", "placed_at": TODAY.isoformat()},
        {**ann, "id": "W2001", "customer_id": "bob", "email": "bob@example.com", "status": "processing"},
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = write_shop(tmp_path / "shop")
    (made / "orders.jsonl").write_text("\n".join(json.dumps(order) for order in _orders()), encoding="utf-8")
    return made


@pytest.fixture
def shop(folder: Path, tmp_path: Path, index: Index) -> Assistant:
    """The small shop with Ann's orders, and requests kept in a file."""
    return Assistant(index, storefront=FolderStorefront(open_shop(folder), tmp_path / "requests.jsonl"))


async def talk(assistant: Assistant, *texts: str, shopper: str | None = "ann") -> tuple[Reply, Turn]:
    """The last reply, and the turn that a click after it comes with."""
    history: tuple[Message, ...] = ()
    for text in texts:
        reply = await assistant.answer(Turn("c", text, history, shopper))
        history = (*history, Message("shopper", text), reply.as_message())
    return reply, Turn("c", "", history, shopper)


def kept(tmp_path: Path) -> list[dict[str, Any]]:
    path = tmp_path / "requests.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


# -- what is proposed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "variant", "quantity"),
    [
        (("do you have rain jackets", "add the red one in M to my cart"), "rain-red-m", 1),
        (("how much is the Mistral Rain Jacket in red M?", "I'll take it"), "rain-red-m", 1),
        (("tell me about the Enamel Mug", "add two of them to my basket"), None, 2),
        (("介绍一下Enamel Mug", "加入购物车"), None, 1),
        (("tell me about the Mistral Rain Jacket", "add it to my cart", "the red one in M please"), "rain-red-m", 1),
    ],
)
async def test_a_variant_that_is_wanted_is_proposed_for_the_cart(
    shop: Assistant, texts: tuple[str, ...], variant: str | None, quantity: int
) -> None:
    (proposal,) = (await talk(shop, *texts))[0].proposals
    assert (proposal.kind, proposal.variant_id, proposal.quantity, proposal.state) == (
        "add_to_cart", variant, quantity, "open",
    )  # fmt: skip


@pytest.mark.parametrize(
    "texts",
    [
        ("do you have rain jackets",),
        ("tell me about the Mistral Rain Jacket", "I'll take it"),  # which one?
        ("tell me about the Mistral Rain Jacket", "add the blue one in L to my cart"),  # sold out
        ("add a helicopter to my cart",),
        ("tell me about the Fernway 2 Tent", "add 9 of them to my cart"),  # four are left
        ("tell me about the Mistral Rain Jacket", "I'll take it", "is the red one in M waterproof?"),
        ("hello",),
        ("how long can I return something?",),
        ("where is my order W1003?",),
        ("return order W1002",),  # too late
        ("cancel order W1001",),  # delivered
        ("cancel order W2001",),  # not hers
    ],
)
async def test_nothing_is_proposed_that_is_not_wanted_clear_and_possible(
    shop: Assistant, texts: tuple[str, ...]
) -> None:
    assert (await talk(shop, *texts))[0].proposals == ()


async def test_a_return_is_proposed_item_by_item_and_a_cancellation_whole(shop: Assistant) -> None:
    reply, _ = await talk(shop, "I want to return order W1001")
    assert [(p.kind, p.order_id, p.item) for p in reply.proposals] == [
        ("return", "W1001", "Enamel Mug"),
        ("return", "W1001", "Mistral Rain Jacket (red, M)"),
    ]
    assert "45 days" in reply.text and reply.citations
    (only,) = (await talk(shop, "I want to send back the jacket I bought"))[0].proposals
    assert only.variant_id == "rain-red-m"
    (cancel,) = (await talk(shop, "please cancel my order"))[0].proposals
    assert (cancel.kind, cancel.order_id) == ("cancel", "W1003")


async def test_proposals_stream_as_an_event_before_the_end(shop: Assistant) -> None:
    events = [event async for event in shop.stream(Turn("c", "please cancel my order", (), "ann"))]
    kinds = [event.kind for event in events]
    assert kinds.index("proposals") < kinds.index("done")
    assert events[-1].data["reply"].proposals == tuple(events[kinds.index("proposals")].data["proposals"])


async def test_the_same_turn_proposes_the_same_id_and_another_conversation_another(shop: Assistant) -> None:
    turns = [Turn(name, "please cancel my order", (), "ann") for name in ("c", "c", "d")]
    one, again, other = [(await shop.answer(turn)).proposals[0].id for turn in turns]
    assert one == again != other


async def test_what_an_answer_was_made_of_can_be_kept_and_read_again(shop: Assistant) -> None:
    for text in ("I want to return order W1001", "cancel order W1003", "where is order W1003?"):
        events = [event async for event in shop.stream(Turn("c", text, (), "ann"))]
        trace = events[-1].data["trace"]
        assert trace.parts[0].evidence.order_facts
        assert revive(Trace, json.loads(json.dumps(plain(trace)))) == trace


# -- what a click does -------------------------------------------------------------------------------------------------


async def _press(shop: Assistant, *texts: str, shopper: str | None = "ann") -> Proposal:
    reply, turn = await talk(shop, *texts, shopper=shopper)
    return await shop.carry_out(reply.proposals[0], turn)


async def test_nothing_is_kept_before_the_click_and_once_after_it(shop: Assistant, tmp_path: Path) -> None:
    reply, turn = await talk(shop, "please cancel my order", "yes, do it now, I confirm")
    assert kept(tmp_path) == []
    reply, turn = await talk(shop, "please cancel my order")
    done = await asyncio.gather(*(shop.carry_out(reply.proposals[0], turn) for _ in range(4)))
    assert {proposal.state for proposal in done} == {"done"}
    assert [(asked["kind"], asked["order_id"]) for asked in kept(tmp_path)] == [("cancel", "W1003")]
    shown, _ = await talk(shop, "where is order W1003?")
    assert "you asked to cancel it" in shown.text
    assert (await talk(shop, "cancel order W1003"))[0].proposals == ()


async def test_an_item_is_asked_for_once_whichever_button_is_pressed(shop: Assistant, tmp_path: Path) -> None:
    first, turn = await talk(shop, "return order W1001")
    again, later = await talk(shop, "hello", "return order W1001")
    assert first.proposals[0].id != again.proposals[0].id
    assert (await shop.carry_out(first.proposals[0], turn)).state == "done"
    second = await shop.carry_out(again.proposals[0], later)
    assert (second.state, len(kept(tmp_path))) == ("done", 1)
    rest, turn = await talk(shop, "return order W1001")
    assert [p.item for p in rest.proposals] == ["Mistral Rain Jacket (red, M)"]
    assert rest.text.count("Enamel Mug") == 1 and "you asked to send back Enamel Mug" in rest.text
    assert (await shop.carry_out(rest.proposals[0], turn)).state == "done"
    none_left, _ = await talk(shop, "return order W1001")
    assert not none_left.proposals and "button" not in none_left.text


async def test_a_guest_can_ask_for_the_order_that_was_verified(shop: Assistant, tmp_path: Path) -> None:
    done = await _press(shop, "I want to return order W1001", "it is ANN@example.com", shopper=None)
    assert done.state == "done"
    assert [asked["titles"] for asked in kept(tmp_path)] == [["Enamel Mug"]]


@pytest.mark.parametrize("shopper", [None, "bob", ""])
async def test_somebody_elses_click_does_nothing(shop: Assistant, tmp_path: Path, shopper: str | None) -> None:
    reply, _ = await talk(shop, "please cancel my order")
    refused = await shop.carry_out(reply.proposals[0], Turn("c", "", (), shopper))
    assert (refused.state, kept(tmp_path)) == ("refused", [])


@pytest.mark.parametrize(
    "change",
    [
        {"order_id": "W2001"}, {"order_id": "W9999"}, {"order_id": None}, {"order_id": "W1001"},
        {"kind": "return", "order_id": "W1002", "item": "Enamel Mug", "product_id": "mug"},
        {"kind": "return", "order_id": "W1001", "item": "Gold Bar"},
    ],
)  # fmt: skip
async def test_a_proposal_is_not_believed_but_checked(shop: Assistant, tmp_path: Path, change: dict[str, Any]) -> None:
    reply, turn = await talk(shop, "please cancel my order")
    forged = replace(reply.proposals[0], **change)
    assert ((await shop.carry_out(forged, turn)).state, kept(tmp_path)) == ("refused", [])


async def test_terms_that_ended_meanwhile_end_the_proposal(shop: Assistant, tmp_path: Path) -> None:
    reply, turn = await talk(shop, "return order W1001")
    later = Visit(shop.storefront, MemoryAttempts(), turn, lambda: TODAY + timedelta(days=60))
    assert carry_out(reply.proposals[0], later, shop.index).state == "refused"
    assert kept(tmp_path) == []


async def test_the_cart_is_the_pages_own_unless_the_thing_is_gone(shop: Assistant) -> None:
    reply, turn = await talk(shop, "tell me about the Enamel Mug", "add it to my cart")
    (proposal,) = reply.proposals
    assert (await shop.carry_out(proposal, turn)).state == "accepted"
    for change in ({"product_id": "gone"}, {"variant_id": "gone"}, {"product_id": "tent-4"}):
        assert (await shop.carry_out(replace(proposal, **change), turn)).state == "refused"


class Answers(FolderStorefront):
    """The folder's orders, with an answer of one's own to a click."""

    answer: Callable[[OrderAction], Receipt]

    def act(self, action: OrderAction) -> Receipt:
        return self.answer(action)


async def test_what_the_shop_says_is_said(folder: Path, tmp_path: Path, index: Index) -> None:
    storefront = Answers(open_shop(folder), tmp_path / "requests.jsonl")
    storefront.answer = lambda action: Receipt(False, reason="It is packed already.")
    refused = await _press(Assistant(index, storefront=storefront), "please cancel my order")
    assert refused.state == "refused" and "It is packed already." in refused.detail
    storefront.answer = lambda action: Receipt(True, reference="R-17")
    done = await _press(Assistant(index, storefront=storefront), "请取消我的订单")
    assert done.state == "done" and "R-17" in done.detail and "申请" in done.detail

    def down(action: OrderAction) -> Receipt:
        raise StorefrontError("down")

    storefront.answer = down
    with pytest.raises(StorefrontError):
        await _press(Assistant(index, storefront=storefront), "please cancel my order")


async def test_a_shop_that_takes_no_requests_gets_none(folder: Path, index: Index) -> None:
    plain = Assistant(index, storefront=FolderStorefront(open_shop(folder)))
    reply, _ = await talk(plain, "return order W1001")
    assert reply.proposals == () and "button" not in reply.text
