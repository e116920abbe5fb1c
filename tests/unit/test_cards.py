"""Cards and citations: every figure from the record of the variant that is named."""

from __future__ import annotations

from dataclasses import replace

from assistant.cards import citations, product_cards
from assistant.types import Evidence
from knowledge_base.types import Filters
from tests.unit.composing import (
    DELIVERY,
    KETTLE,
    RETURNS,
    SHIRT,
    SHOP,
    SHOP_ZH,
    TENT,
    UNDER_200,
    ask,
    d,
    has,
    hit,
    shown,
    zh,
)


def test_a_card_without_a_choice_stands_for_the_whole_product() -> None:
    card = product_cards(ask("t-shirt", "find"), shown(SHIRT), SHOP)[0]
    assert (card.variant_id, card.price, card.price_max, card.in_stock) == (None, d("46.66"), d("54.00"), True)


def test_a_card_shows_the_variant_that_the_filters_chose() -> None:
    query = ask("blue in S", "find", filters=Filters(conditions=(has("color", "blue"), has("size", "S"))))
    card = product_cards(query, Evidence((hit(SHIRT, 1, ("s2",)),)), SHOP)[0]
    assert (card.variant_id, card.price, card.price_max, card.in_stock) == ("s2", d("54.00"), None, False)
    assert card.options == {"color": "blue", "size": "S"}


def test_of_several_matching_variants_one_in_stock_is_shown() -> None:
    query = ask("blue", "find", filters=Filters(conditions=(has("color", "blue"),)))
    assert product_cards(query, Evidence((hit(SHIRT, 1, ("s2", "s1")),)), SHOP)[0].variant_id == "s1"


def test_the_cheapest_is_shown_with_the_variant_that_makes_it_so() -> None:
    query = ask("cheapest t-shirt", "superlative", sort="price_asc")
    card = product_cards(query, Evidence((hit(SHIRT, 1, ("s3", "s4", "s1", "s2")),)), SHOP)[0]
    assert (card.variant_id, card.price) == ("s3", d("46.66"))


def test_unknown_figures_stay_unknown() -> None:
    bare = replace(TENT, price=None, in_stock=None, rating=None, review_count=None, currency=None)
    card = product_cards(ask("tent", "find"), shown(bare), SHOP_ZH)[0]
    assert (card.price, card.in_stock, card.rating, card.currency) == (None, None, None, "CNY")


def test_a_list_price_below_the_price_is_no_reduction() -> None:
    dear = replace(TENT, list_price=d("150"))
    cut = replace(TENT, list_price=d("250"))
    cards = product_cards(ask("tent", "find"), shown(dear, cut), SHOP)
    assert [card.list_price for card in cards] == [None, d("250")]


def test_the_reason_names_what_was_asked_for() -> None:
    query = ask("waterproof tent under $200", "find", subject="tent", filters=UNDER_200)
    assert product_cards(query, shown(TENT), SHOP)[0].reason == "Waterproof, under $200"
    query_zh = zh("300元以内", "find", filters=Filters(price_max=d("300")))
    assert product_cards(query_zh, shown(KETTLE), SHOP_ZH)[0].reason == "300元以内"
    assert product_cards(ask("returns?", "policy"), shown(TENT), SHOP)[0].reason == ""


def test_citations_are_those_of_the_text_with_the_words_they_rest_on() -> None:
    evidence = Evidence((hit(TENT),), (RETURNS, DELIVERY))
    text = "The Fernway [1] costs $189.00. It takes 3 to 5 business days [3]. Nothing [9]."
    found = citations(text, evidence)
    assert [(c.n, c.kind, c.quote) for c in found] == [
        (1, "product", "$189.00, in stock, rated 4.6 out of 5 by 212 reviewers"),
        (3, "policy", "It takes 3 to 5 business days."),
    ]


def test_a_text_without_citations_has_no_sources() -> None:
    assert citations("Hello.", Evidence((hit(TENT),))) == ()


def test_a_chinese_text_gets_chinese_facts() -> None:
    assert citations("这款[1]不错。", shown(KETTLE))[0].quote == "129元，有现货，评分4.6分（320条评价）"
