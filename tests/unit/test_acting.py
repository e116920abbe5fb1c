"""What a shopper wants done is told from what a shopper asks about."""

from __future__ import annotations

import pytest

from assistant.types import Action
from assistant.understanding.acting import action_of, asks_state, quantity_of


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("I want to return my order", "return"),
        ("I'd like to return the jacket I bought last week", "return"),
        ("can I send back the shoes from order W1001", "return"),
        ("please refund order #W1001", "return"),
        ("I need to return these boots, they are too small", "return"),
        ("how can I return order 12345?", "return"),
        ("return #W6067464", "return"),
        ("I would like a refund for my last order", "return"),
        ("can you help me return my package", "return"),
        ("my parcel arrived and I want my money back", "return"),
        ("I received the wrong thing and want to send it back", "return"),
        ("Could I return the espresso machine I ordered?", "return"),
        ("I want to return everything in order W6067464", "return"),
        ("start a return for me", "return"),
        ("I'd like to return two items from my order please", "return"),
        ("我要退货", "return"),
        ("我想把这个订单退了", "return"),
        ("订单313271663680申请退货", "return"),
        ("帮我提交订单232400272153的退货申请", "return"),
        ("我买的热水器不合适，想退货", "return"),
        ("这个可以退吗，我昨天收到的", "return"),
        ("刚收到的货想退款", "return"),
        ("cancel my order", "cancel"),
        ("please cancel order #W7602708", "cancel"),
        ("I need to cancel my order because I no longer need it", "cancel"),
        ("can I still cancel my order?", "cancel"),
        ("I don't want order W1001 anymore, cancel please", "cancel"),
        ("取消订单", "cancel"),
        ("帮我取消刚才的订单", "cancel"),
        ("订单310995404460还没发货的话就取消", "cancel"),
        ("我不想要了，取消我的订单", "cancel"),
        ("what is your return policy", ""),
        ("how long can I return things", ""),
        ("can I return sale items?", ""),
        ("do you accept returns", ""),
        ("how do I return something?", ""),
        ("can I cancel after it shipped?", ""),
        ("are returns free", ""),
        ("do you refund shipping", ""),
        ("if I return it do I get store credit", ""),
        ("returns to a store possible?", ""),
        ("how do refunds work", ""),
        ("does it come with a money back guarantee", ""),
        ("退货政策是什么", ""),
        ("多久可以退货", ""),
        ("七天无理由退货吗", ""),
        ("退货运费谁出", ""),
        ("可以退吗", ""),
        ("什么商品不能退", ""),
        ("怎么取消订单", ""),
        ("how do I cancel an order", ""),
        ("cancel my subscription", ""),
        ("cancel my newsletter", ""),
        ("I'll take it", "cart"),
        ("add it to my cart", "cart"),
        ("add the blue one in M to my cart", "cart"),
        ("put two of those in my basket", "cart"),
        ("I'd like to buy the first one", "cart"),
        ("I want to buy this", "cart"),
        ("add to cart", "cart"),
        ("加入购物车", "cart"),
        ("我要这个", "cart"),
        ("把红色的加到购物车", "cart"),
        ("帮我下单", "cart"),
        ("就要这个了", "cart"),
        ("要第二个", "cart"),
        ("来两件", "cart"),
        ("I'll have the red one please", "cart"),
        ("how do I add something to my cart", ""),
        ("can I take it on a plane", ""),
        ("I'll take a look", ""),
        ("I'd like to have a look at tents", ""),
        ("can I buy online", ""),
        ("I want to take it back", ""),
        ("what size should I take", ""),
        ("I'll take it back to the store", ""),
        ("my cart is empty, why", ""),
        ("购物车怎么用", ""),
        ("我要一个帐篷", ""),
        ("我想买一个水壶", ""),
        ("要多少钱", ""),
    ],
)
def test_a_wish_is_no_question_about_the_terms(text: str, action: Action) -> None:
    assert action_of(text, order_shown=False) == action


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("can I return it?", "return"),
        ("I changed my mind, cancel it", "cancel"),
        ("可以退吗", "return"),
        ("能取消吗", "cancel"),
        ("how long can I return it?", ""),
        ("thanks", ""),
    ],
)
def test_it_is_the_order_that_was_spoken_of(text: str, action: Action) -> None:
    assert action_of(text, order_shown=True) == action


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("where is it", True),
        ("when will it arrive?", True),
        ("什么时候到", True),
        ("到哪了", True),
        ("thanks", False),
        ("how long does shipping usually take?", False),
        ("when are you open on the Saturday before the first Sunday", False),
    ],
)
def test_the_state_of_the_order_is_asked_for(text: str, asks: bool) -> None:
    assert asks_state(text) == asks


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("add two of them to my cart", 2), ("I'll take 3", 3), ("I'll take it", 1), ("来两件", 2), ("要5个", 5),
        ("I want two person tents", 1), ("add it", 1), ("双人帐篷", 1), ("add 0 of them", 1),
    ],
)  # fmt: skip
def test_how_many_are_wanted(text: str, quantity: int) -> None:
    assert quantity_of(text) == quantity
