"""What the assistant says follows the catalogue while it changes, also about what was shown before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.pipeline import Assistant
from assistant.storefront import FolderStorefront
from assistant.types import Message, Reply, Turn
from knowledge_base.entry_json import product_entry
from knowledge_base.live import LiveIndex
from knowledge_base.shop import open_shop
from knowledge_base.types import Entry, Product
from tests.shops import write_shop

FOLLOW_UPS = (
    "how much is the first one?",
    "is it in stock?",
    "compare the first two",
    "which one is lighter?",
    "the cheaper one",
    "only waterproof ones",
    "anything cheaper?",
    "how many are there?",
    "which colors does it come in?",
    "is the Fernway 2 Tent waterproof?",
    "tell me more about the second",
    "why do you recommend it?",
    "I'll take the first and the last one",
    "what about under $150?",
    "is there something similar?",
    "第一个多少钱？",
)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveIndex]:
    live = LiveIndex.open(write_shop(tmp_path / "shop"), tmp_path / "data", "none", progress=False)
    yield live
    live.close()


@pytest.fixture
async def assistant(live: LiveIndex, tmp_path: Path) -> AsyncIterator[Assistant]:
    yield Assistant(live, storefront=FolderStorefront(open_shop(tmp_path / "shop")))


async def say(assistant: Assistant, text: str, *history: Message, page: str | None = None) -> tuple[Reply, Message]:
    reply = await assistant.answer(Turn("chat", text, history, None, page))
    return reply, reply.as_message()


async def test_the_next_answer_states_the_new_price_and_the_new_product(assistant: Assistant, live: LiveIndex) -> None:
    reply, _ = await say(assistant, "how much is the Enamel Mug?")
    assert "$12.50" in reply.text
    mug = live.current.products["mug"]
    live.upsert([product_entry(replace(mug, price=Decimal("9.75"), in_stock=False))])
    reply, _ = await say(assistant, "how much is the Enamel Mug?")
    assert "$9.75" in reply.text and "12.50" not in reply.text
    live.upsert([product_entry(Product("canoe", "Heron Canoe", price=Decimal(899), currency="USD", in_stock=True))])
    live.upsert([Entry("faq:gift", "faq", "Do you wrap gifts?", "Yes, gift wrap costs $3.", "", "en")])
    reply, _ = await say(assistant, "do you have canoes?")
    assert [card.id for card in reply.products] == ["canoe"]
    reply, _ = await say(assistant, "do you wrap gifts?")
    assert "gift wrap costs $3" in reply.text
    live.delete(["product:canoe", "faq:gift"])
    reply, _ = await say(assistant, "do you have canoes?")
    assert "canoe" not in [card.id for card in reply.products]
    reply, _ = await say(assistant, "do you wrap gifts?")
    assert "$3" not in reply.text


@pytest.mark.parametrize("text", FOLLOW_UPS)
@pytest.mark.parametrize("gone", [("tent-2",), ("tent-2", "tent-4", "tent-solo")])
async def test_products_that_are_gone_since_are_not_spoken_of_as_if_sold(
    assistant: Assistant, live: LiveIndex, gone: tuple[str, ...], text: str
) -> None:
    first, said = await say(assistant, "show me tents")
    assert {card.id for card in first.products} == {"tent-2", "tent-4", "tent-solo"}
    _, again = await say(assistant, "is the Fernway 2 Tent in stock?", Message("shopper", "show me tents"), said)
    live.delete(f"product:{name}" for name in gone)
    history = (Message("shopper", "show me tents"), said, Message("shopper", "is it in stock?"), again)
    for told in (history, history[:2]):
        reply, _ = await say(assistant, text, *told)
        assert reply.text
        assert not {card.id for card in reply.products} & set(gone)
        assert not {citation.id.partition(":")[2] for citation in reply.citations} & set(gone)
        reply, _ = await say(assistant, text, *told, page=gone[0])
        assert not {card.id for card in reply.products} & set(gone)


async def test_a_variant_that_is_gone_since_is_not_spoken_of(assistant: Assistant, live: LiveIndex) -> None:
    _, said = await say(assistant, "how much is the Mistral Rain Jacket in blue, size M?")
    jacket = live.current.products["rain-jacket"]
    live.upsert([product_entry(replace(jacket, variants=jacket.variants[1:]))])
    for text in ("is it in stock?", "and how much?", "and in red?", "how many versions are there?"):
        reply, _ = await say(assistant, text, Message("shopper", "the rain jacket in blue, M?"), said)
        assert reply.text and "$89.00" not in reply.text
