"""What a message points back to among the products on the table."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from assistant.types import Message, Query
from assistant.understanding.references import Reference, change_spans, last_query, last_search, resolve, shown_products
from knowledge_base.types import Product

PRODUCTS = {
    p.id: p
    for p in (
        Product("a", "A", price=Decimal(30), rating=Decimal("4.0"), attributes={"weight": "2 kg", "Bluetooth": "yes"}),
        Product("b", "B 华硕", brand="Asus", price=Decimal(10), rating=Decimal("4.9"), attributes={"weight": "1 kg"}),
        Product("c", "C", price=Decimal(20), attributes={"weight": "900 g", "waterproof": "yes"}),
        Product("d", "D"),
    )
}
SEARCH = Query("show me things", ("find",), subject="things")
HISTORY = (Message("shopper", "show me things"), Message("assistant", "Here.", ("a", "b", "c"), SEARCH))


def _resolve(text: str, history: tuple[Message, ...] = HISTORY, page: str | None = None) -> Reference:
    return resolve(text, history, page, PRODUCTS)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("the first one", "a"),
        ("tell me about the second one", "b"),
        ("the 2nd", "b"),
        ("is number 3 in stock?", "c"),
        ("option two please", "b"),
        ("the last one", "c"),
        ("the second and the third", "bc"),
        ("the first two", "ab"),
        ("the last two", "bc"),
        ("both", "abc"),
        ("all of them", "abc"),
        ("how much are these?", "abc"),
        ("the cheaper one", "b"),
        ("the cheapest one", "b"),
        ("the more expensive one", "a"),
        ("the best rated one", "b"),
        ("the lighter one", "c"),
        ("how much is the heaviest one", "a"),
        ("the Asus one", "b"),
        ("the waterproof one", "c"),
        ("the one with Bluetooth", "a"),
        ("轻的那款", "c"),
        ("华硕那款", "b"),
        ("is it waterproof?", "a"),
        ("how heavy is that one", "a"),
        ("第一个", "a"),
        ("第二款有货吗", "b"),
        ("第三个呢", "c"),
        ("最后一个多少钱", "c"),
        ("前两款", "ab"),
        ("它防水吗", "a"),
        ("这款多重", "a"),
        ("便宜的那款", "b"),
        ("贵的那个", "a"),
        ("这几款哪个好", "abc"),
    ],
)
def test_words_point_at_products_on_the_table(text: str, ids: str) -> None:
    found = _resolve(text)
    assert found.product_ids == tuple(ids)
    assert found.explicit
    assert found.shown == ("a", "b", "c")


@pytest.mark.parametrize(
    "text",
    ["show me tents", "for the first time", "what about mugs?", "do you ship to Canada", "有保温杯吗", "", "next week"],
)
def test_other_words_point_at_nothing(text: str) -> None:
    assert not _resolve(text).explicit


@pytest.mark.parametrize("text", ["the fifth one", "第六个", "number 6", "the other one"])
def test_a_place_beyond_the_list_points_at_nothing_and_says_so(text: str) -> None:
    found = _resolve(text)
    assert found.product_ids == () and found.beyond


def test_a_description_that_fits_nothing_shown_is_kept_as_said() -> None:
    found = _resolve("the red one")
    assert not found.explicit and found.described == "red"


def test_talk_of_one_product_does_not_clear_the_list_away() -> None:
    about_c = Query("the third one", ("product_question",), refers_to=("c",))
    history = (*HISTORY, Message("shopper", "the third one"), Message("assistant", "C.", ("c",), about_c))
    assert _resolve("the second one", history).product_ids == ("b",)
    assert _resolve("the cheaper one", history).product_ids == ("b",)
    assert _resolve("both", history).product_ids == ("a", "b", "c")


def test_a_new_search_does() -> None:
    history = (*HISTORY, Message("assistant", "Here.", ("d", "c"), replace(SEARCH, text="others")))
    assert _resolve("the first one", history).product_ids == ("d",)


def test_what_won_a_comparison_is_meant_by_it() -> None:
    compared = Query("which is lighter", ("compare",), refers_to=("a", "b"), focus="b")
    history = (*HISTORY, Message("assistant", "B.", ("a", "b"), compared))
    assert _resolve("how much is it?", history).product_ids == ("b",)
    assert _resolve("and the other one?", history).product_ids == ("a",)


@pytest.mark.parametrize("text", ["the second one", "it", "both", "第二个", "它"])
def test_nothing_is_pointed_at_before_anything_was_shown(text: str) -> None:
    assert _resolve(text, ()) == Reference((), False, (), ())


def test_the_product_talked_about_last_is_meant_by_it() -> None:
    about_c = Query("the third one", ("product_question",), refers_to=("c",))
    history = (*HISTORY, Message("shopper", "the third one"), Message("assistant", "C.", ("c",), about_c))
    assert _resolve("is it waterproof?", history).product_ids == ("c",)


def test_products_that_left_the_catalogue_are_pointed_at_no_more() -> None:
    history = (Message("assistant", "Here.", ("gone", "b"), SEARCH),)
    assert _resolve("the first one", history).product_ids == ("b",)


def test_the_page_is_meant_where_nothing_was_said_yet() -> None:
    found = _resolve("is it waterproof?", (), "d")
    assert found.product_ids == ("d",) and found.focus == ("d",)
    assert _resolve("is it waterproof?", (), "gone").product_ids == ()


@pytest.mark.parametrize("intent", ["small_talk", "policy", "order_status", "out_of_scope"])
def test_talk_of_something_else_does_not_end_a_search(intent: str) -> None:
    other = Message("assistant", "Hello!", (), Query("hi", (intent,)))  # type: ignore[arg-type]
    history = (*HISTORY, Message("shopper", "hi"), other)
    assert last_query(history) == SEARCH
    assert last_search(history) == SEARCH
    assert shown_products(history) == ("a", "b", "c")


@pytest.mark.parametrize(
    "text",
    ["anything cheaper?", "something less expensive", "any others?", "show me more", "anything lighter",
     "有没有便宜点的", "还有别的吗", "太贵了", "大一点的"],
)  # fmt: skip
def test_words_of_change_are_told_from_what_is_searched_for(text: str) -> None:
    spans = change_spans(text)
    assert spans
    assert all(0 <= start < end <= len(text) for start, end in spans)


@pytest.mark.parametrize("text", ["show me tents", "is it waterproof?", "最便宜的水壶", "the cheapest tent", ""])
def test_plain_requests_change_nothing(text: str) -> None:
    assert change_spans(text) == ()


@pytest.mark.parametrize("text", ["the second " * 400, "第" * 4000, "it " * 1300, "\x00\u202e😀", "both" * 1000])
def test_no_text_raises(text: str) -> None:
    assert set(_resolve(text).product_ids) <= set(PRODUCTS)
