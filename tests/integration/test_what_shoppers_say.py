"""Requests as shoppers word them, on the demo shops without an embedder: what is shown first, and what is said.

Each conversation is messages parted by "|"; what is expected is of the last reply.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import knowledge_base
from assistant.pipeline import Assistant
from assistant.types import Message, Reply, Turn
from knowledge_base.index import Index

_DEMO = Path(knowledge_base.__file__).parent


@pytest.fixture(scope="module")
def demo(open_small: Callable[[Path], Index]) -> Assistant:
    return Assistant(open_small(_DEMO / "demo_shop"))


@pytest.fixture(scope="module")
def demo_zh(open_small: Callable[[Path], Index]) -> Assistant:
    return Assistant(open_small(_DEMO / "demo_shop_zh"))


async def _last(assistant: Assistant, conversation: str) -> Reply:
    history: tuple[Message, ...] = ()
    for text in conversation.split("|"):
        reply = await assistant.answer(Turn("chat", text, history))
        history = (*history, Message("shopper", text), reply.as_message())
    return reply


@pytest.mark.parametrize(
    ("conversation", "shown"),
    [
        ("sleeping bag for -10 C, max 1.5 kg", {"Eider -10 Down Bag"}),
        ("a sleeping bag good down to minus 10 degrees celsius", {"Eider -10 Down Bag", "Eider -20 Expedition Bag"}),
        ("tents that sleep 4", {"Hollow 4 Family Tent"}),
        ("I'm going camping with two kids, what tent would you take under 300?", {"Larkspur 3 Backpacking Tent"}),
        ("tent for a family of five under 350", {"Hollow 6 Family Tent"}),
        ("electric bike", {"Current City E-Bike", "Current Cargo E-Bike"}),
        ("bikes between 1000 and 3000|what about an electric one", {"Current City E-Bike"}),
        ("bikes|and one for kids?", {"Sparrow Kids Bike 20"}),
        ("tents under 700|a four-season one", {"Stormkeep 2 Expedition Tent", "Stormkeep 3 Expedition Tent"}),
        ("women's rain jacket in size M", {"Rainward Women's Shell Jacket"}),
        ("down jacket for women", {"Eiderlight Women's Down Jacket"}),
        ("need a jacket, 10000 mm, max 150 USD", {"Rainward Shell Jacket", "Rainward Women's Shell Jacket"}),
        ("compare the two cheapest tents", {"Skylark Pop-Up Tent", "Larkspur 1 Solo Tent"}),
        ("difference between your two most expensive bikes?", {"Current Cargo E-Bike", "Current City E-Bike"}),
    ],
)  # fmt: skip
async def test_what_is_shown_is_what_was_meant(demo: Assistant, conversation: str, shown: set[str]) -> None:
    reply = await _last(demo, conversation)
    assert {card.title for card in reply.products} == shown, reply.text


@pytest.mark.parametrize(
    ("conversation", "shown"),
    [
        ("电饭煲，两个人吃，预算300左右", {"禾光1.6升迷你电饭煲"}),
        ("一家五口用的空气炸锅", {"炊石5升可视空气炸锅"}),
        ("最便宜的两款电饭煲有什么区别", {"禾光1.6升迷你电饭煲", "禾光4升智能电饭煲"}),
        ("空气炸锅|哪个更省电", {"炊石2.5升小空气炸锅", "炊石5升可视空气炸锅"}),
    ],
)
async def test_what_is_shown_in_chinese_is_what_was_meant(
    demo_zh: Assistant, conversation: str, shown: set[str]
) -> None:
    reply = await _last(demo_zh, conversation)
    assert {card.title for card in reply.products} == shown, reply.text


@pytest.mark.parametrize(
    "conversation",
    [
        "kettle that heats water quickly",
        "my budget for a sleeping bag is between $70 and $300",
        "stove for the four of us",
    ],
)
async def test_what_the_shop_has_is_not_denied(demo: Assistant, conversation: str) -> None:
    reply = await _last(demo, conversation)
    assert reply.products and "can't find" not in reply.text and "have no" not in reply.text


async def test_a_word_beside_a_thing_is_no_second_product(demo: Assistant) -> None:
    reply = await _last(demo, "I want a backpack for school, with laptop compartment")
    assert reply.query.intent != "compare" and "Laptop Bank" not in reply.text


async def test_nobody_who_speaks_of_no_children_is_shown_a_childs_thing_first(demo: Assistant) -> None:
    reply = await _last(demo, "need a jacket for a rainy weekend")
    assert "Kids" not in reply.products[0].title
    assert "Cub Kids" in (await _last(demo, "a rain jacket for my kids")).products[0].title


async def test_a_gift_is_looked_for_among_what_the_one_likes(demo: Assistant) -> None:
    reply = await _last(demo, "I need a gift for my mother, she likes cooking, around 50 bucks")
    assert reply.products and {card.category[0] for card in reply.products} == {"Kitchen & Coffee"}


async def test_what_is_made_for_a_thing_is_no_near_miss_of_it(demo: Assistant) -> None:
    reply = await _last(demo, "gaming laptop")
    assert not reply.products and "Laptop Bank" not in reply.text


async def test_a_measure_that_no_record_states_is_said_to_be_missing_by_its_name(
    demo: Assistant, demo_zh: Assistant
) -> None:
    assert "noise" in (await _last(demo, "how loud is the Hearth Electric Kettle?")).text
    assert "净重" in (await _last(demo_zh, "云汀无线手持吸尘器有多重")).text


async def test_a_comparison_of_what_is_not_sold_says_so(demo: Assistant) -> None:
    assert "espresso machines" in (await _last(demo, "compare espresso machines")).text


@pytest.mark.parametrize("text", ["what do you sell?", "what categories do you have", "what products do you sell"])
async def test_what_is_sold_is_told_by_department(demo: Assistant, text: str) -> None:
    reply = await _last(demo, text)
    assert reply.text.startswith("We sell Camping (31), Kitchen & Coffee (28), ")


async def test_what_is_sold_is_told_in_chinese(demo_zh: Assistant) -> None:
    assert (await _last(demo_zh, "你们卖什么")).text.startswith("本店有手机数码配件（35款）、小家电（28款）")


async def test_what_people_think_of_a_product_is_its_rating(demo: Assistant, demo_zh: Assistant) -> None:
    assert "3.8 out of 5 by 940" in (await _last(demo, "what do people say about the Skylark Pop-Up Tent?")).text
    assert "4.7分（3240条评价）" in (await _last(demo_zh, "禾光4升智能电饭煲好用吗")).text
