"""The judge: right replies pass, and every way of being wrong is seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from assistant.evaluation.judge import Verdict, judge
from assistant.evaluation.questions import Answer, Question, Truth
from assistant.evaluation.records import Record, Sku
from assistant.evaluation.truth import Subject, Trait, Wanted
from assistant.evaluation.wrong_figures import wrong_figures
from assistant.types import Citation, ProductCard, Query, Reply

TENT = Record(
    "t1", "Fjell Dome Tent", (Sku("", price=Decimal("120.00"), in_stock=True, stock=3),), rating=Decimal("4.5")
)
TUNNEL = Record("t2", "Oase Tunnel Tent", (Sku("", price=Decimal("340.00"), in_stock=False, stock=0),))
SHIRT = Record(
    "s1",
    "Trail Shirt",
    (
        Sku("r", {"color": "red", "size": "M"}, Decimal("20.00"), in_stock=False),
        Sku("b", {"color": "blue", "size": "M"}, Decimal("22.50"), in_stock=True),
    ),
)
UNKNOWN = Record("u1", "Mystery Box", (Sku("", price=Decimal("9.00")),))
RECORDS: Mapping[str, Record] = {record.id: record for record in (TENT, TUNNEL, SHIRT, UNKNOWN)}
TENTS = Subject("tent", "tents", "category", (frozenset({"t1", "t2"}),))
QUERY = Query("?", ("find",))


def card(record: Record, variant: str | None = None) -> ProductCard:
    """An honest card."""
    skus = [sku for sku in record.skus if variant in (None, sku.id)]
    prices = [sku.price for sku in skus if sku.price is not None]
    states = [sku.in_stock for sku in skus]
    return ProductCard(
        record.id,
        record.title,
        variant,
        price=min(prices),
        price_max=max(prices) if len(set(prices)) > 1 else None,
        in_stock=True if any(states) else (None if None in states else False),
        rating=record.rating,
    )


def reply(text: str, *cards: ProductCard) -> Reply:
    """A reply that cites its cards in order."""
    citations = tuple(Citation(n, f"product:{c.id}", "product", c.title, "") for n, c in enumerate(cards, start=1))
    return Reply(text, QUERY, products=cards, citations=citations)


def verdict(truth: Truth, answer: Reply, before: Reply | None = None, text: str = "?") -> Verdict:
    question = Question("q1", "c1", "kind", "en", text, truth)
    return judge(question, answer, before, text, RECORDS, "USD")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("The Fjell Dome Tent [1] costs $120.00.", True),
        ("It is $120.", True),
        ("The Fjell Dome Tent [1] costs $112.00.", False),
        ("The Fjell Dome Tent [1] is lovely.", False),
    ],
)
def test_a_price_must_be_the_record_s(text: str, right: bool) -> None:
    assert verdict(Truth("price", ("t1",)), reply(text, card(TENT))).right is right


def test_the_right_price_beside_another_product_s_card_is_wrong() -> None:
    assert not verdict(Truth("price", ("t1",)), reply("It costs $120.00.", card(TUNNEL))).right


def test_a_product_of_several_prices_needs_both_ends() -> None:
    truth = Truth("price", ("s1",))
    assert verdict(truth, reply("Between $20.00 and $22.50 [1].", card(SHIRT))).right
    assert not verdict(truth, reply("It costs $20.00 [1].", card(SHIRT))).right


def test_a_named_variant_has_its_own_price_and_card() -> None:
    truth = Truth("price", ("s1",), skus=(("s1", "b"),))
    assert verdict(truth, reply("In blue it is $22.50 [1].", card(SHIRT, "b"))).right
    assert not verdict(truth, reply("In blue it is $22.50 [1].", card(SHIRT, "r"))).right
    assert not verdict(truth, reply("In blue it is $20.00 [1].", card(SHIRT, "b"))).right


@pytest.mark.parametrize(
    ("record", "text", "right"),
    [
        (TENT, "Yes, the Fjell Dome Tent [1] is in stock.", True),
        (TENT, "No, it is out of stock.", False),
        (TUNNEL, "抱歉，暂时缺货。", True),
        (TUNNEL, "Yes, it is available.", False),
        (SHIRT, "It is in stock in blue; out of stock in red.", True),
        (SHIRT, "It is out of stock.", False),
        (UNKNOWN, "The shop doesn't say whether it is in stock.", True),
        (UNKNOWN, "Yes, it is in stock.", False),
        (TENT, "It costs $120.00.", False),
    ],
)
def test_stock_must_be_answered_as_recorded(record: Record, text: str, right: bool) -> None:
    assert verdict(Truth("stock", (record.id,)), reply(text, card(record))).right is right


def test_every_value_of_an_option_must_be_named() -> None:
    truth = Truth("options", ("s1",), name="color")
    assert verdict(truth, reply("可选颜色有red、blue [1]", card(SHIRT))).right
    assert verdict(truth, reply("Red only [1]", card(SHIRT))).why == "missing ['blue']"


def test_the_cheapest_must_lead_with_its_price() -> None:
    answers = (Answer(price=Decimal("120.00"), products=("t1",)),)
    truth = Truth("extreme", subject=TENTS, answers=answers)
    assert verdict(truth, reply("The cheapest tent is the Fjell Dome Tent [1] at $120.00.", card(TENT))).right
    assert not verdict(truth, reply("The cheapest is the Oase Tunnel Tent [1] at $340.00.", card(TUNNEL))).right
    swapped = reply("Oase Tunnel Tent [1], or Fjell Dome Tent [2] at $120.00.", card(TUNNEL), card(TENT))
    assert not verdict(truth, swapped).right


@pytest.mark.parametrize(
    ("text", "right"),
    [("We have 2 tents.", True), ("We have two tents.", True), ("We have 3 tents.", False), ("", False)],
)
def test_a_count_must_be_the_record_s(text: str, right: bool) -> None:
    truth = Truth("count", subject=TENTS, answers=(Answer(n_products=2, n_skus=2),))
    assert verdict(truth, reply(text)).right is right


def test_a_count_of_one_product_means_its_variants() -> None:
    truth = Truth("count", subject=TENTS, answers=(Answer(n_products=1, n_skus=7),))
    assert verdict(truth, reply("1 laptop in 7 versions")).right
    assert not verdict(truth, reply("We have 1 laptop")).right


def test_a_count_of_none_is_said_in_words() -> None:
    truth = Truth("count", subject=TENTS, answers=(Answer(),))
    assert verdict(truth, reply("We have no tents under $5."), text="how many tents under $5").right


def test_a_shown_product_over_the_limit_is_counted_as_broken() -> None:
    wanted = Wanted(price_max=Decimal(200))
    truth = Truth("list", subject=TENTS, wanted=wanted, answers=(Answer(n_products=1, n_skus=1),))
    found = verdict(truth, reply("Fjell Dome Tent [1], Oase Tunnel Tent [2].", card(TENT), card(TUNNEL)))
    assert not found.right
    assert len(found.broken) == 1 and "340" in found.broken[0]


def test_a_product_over_the_limit_is_broken_by_its_citation_alone() -> None:
    truth = Truth(
        "list", subject=TENTS, wanted=Wanted(price_max=Decimal(200)), answers=(Answer(n_products=1, n_skus=1),)
    )
    full = reply("Fjell Dome Tent [1], or Oase Tunnel Tent [2].", card(TENT), card(TUNNEL))
    assert verdict(truth, replace(full, products=full.products[:1])).broken


def test_a_product_of_another_kind_is_counted_as_broken() -> None:
    truth = Truth("list", subject=TENTS, answers=(Answer(n_products=2, n_skus=2),))
    assert verdict(truth, reply("Look!", card(TENT), card(SHIRT)), text="show me tents").broken


def test_a_variant_must_meet_the_price_and_the_colour_together() -> None:
    wanted = Wanted(price_max=Decimal(21), traits=(Trait("blue", "color"),))
    shirts = Subject("shirt", "shirts", "category", (frozenset({"s1"}),))
    truth = Truth("list", subject=shirts, wanted=wanted, answers=(Answer(n_products=0),))
    assert verdict(truth, reply("The Trail Shirt [1] fits.", card(SHIRT))).broken
    told = verdict(
        truth, reply("No blue shirts under $21, I have none. Nearest: [1].", card(SHIRT)), text="blue, under $21"
    )
    assert told.right and told.relaxed and not told.broken


def test_the_cheaper_of_two_is_the_one_named_first() -> None:
    truth = Truth("cheaper_of_two", ("t2", "t1"))
    cards = (card(TENT), card(TUNNEL))
    assert verdict(truth, reply("The Fjell Dome Tent [1] is cheaper than the Oase Tunnel Tent [2].", *cards)).right
    assert not verdict(truth, reply("The Oase Tunnel Tent [2] is cheaper.", *cards)).right
    assert not verdict(truth, reply("One costs $120.00, the other $340.00.", *cards)).right


def test_the_second_one_is_the_second_card_before() -> None:
    before = reply("Two tents.", card(TENT), card(TUNNEL))
    truth = Truth("place_price", place=2)
    assert verdict(truth, reply("It costs $340.00 [1].", card(TUNNEL)), before).right
    assert not verdict(truth, reply("It costs $120.00 [1].", card(TENT)), before).right
    assert "only 0 cards" in verdict(truth, reply("It costs $340.00 [1].", card(TUNNEL)), reply("None.")).why


def test_anything_cheaper_must_be_cheaper() -> None:
    before = reply("The dearest.", card(TUNNEL))
    truth = Truth("cheaper", subject=TENTS)
    assert verdict(truth, reply("Fjell Dome Tent [1].", card(TENT)), before).right
    assert not verdict(truth, reply("Oase Tunnel Tent [1].", card(TUNNEL)), before).right
    assert not verdict(truth, reply("Nothing."), before).right


@pytest.mark.parametrize(
    "text",
    [
        "The Fjell Dome Tent [1] costs $99.00.",
        "The Fjell Dome Tent [1] costs $340.00 and the Oase Tunnel Tent [2] $120.00, so there.\nFjell [1]: $340.00",
        "The Fjell Dome Tent [1] is rated 4.9/5.",
        "Only 7 left of the Fjell Dome Tent [1].",
        "The Oase Tunnel Tent [2] is in stock.",
        "| | Fjell Dome Tent [1] | Oase Tunnel Tent [2] |\n|---|---|---|\n| Price | $340.00 | $120.00 |",
    ],
)
def test_a_wrong_figure_in_text_or_table_is_seen(text: str) -> None:
    assert wrong_figures(reply(text, card(TENT), card(TUNNEL)), RECORDS, "")


@pytest.mark.parametrize(
    "text",
    [
        "The Fjell Dome Tent [1] costs $120.00, rated 4.5/5, only 3 left. The Oase Tunnel Tent [2] is out of stock.",
        "Under your $200 there is the Fjell Dome Tent [1]; it saves $220.00 against the Oase Tunnel Tent [2].",
        "| | Fjell Dome Tent [1] | Oase Tunnel Tent [2] |\n|---|---|---|\n| Price | $120.00 | $340.00 |",
    ],
)
def test_true_figures_are_left_alone(text: str) -> None:
    assert wrong_figures(reply(text, card(TENT), card(TUNNEL)), RECORDS, "tents under $200") == ()


@pytest.mark.parametrize(
    "change",
    [
        {"price": Decimal("1.00")},
        {"price_max": Decimal("999.00")},
        {"list_price": Decimal("150.00")},
        {"rating": Decimal("5")},
        {"in_stock": False},
        {"title": "Another Tent"},
        {"id": "nope"},
        {"variant_id": "nope"},
    ],
)
def test_a_card_that_contradicts_its_record_is_seen(change: dict[str, object]) -> None:
    assert wrong_figures(reply("Look.", replace(card(TENT), **change)), RECORDS, "")  # type: ignore[arg-type]
