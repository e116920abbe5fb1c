"""Why a product fits and what sets others apart: only what the records state in the same terms."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.generation.reasons import (
    Fact,
    contrasts,
    is_open,
    matching_facts,
    names_nothing,
    telling_facts,
    weight_of,
)
from assistant.generation.variants import choose, meets
from assistant.types import Evidence, Query
from knowledge_base.types import Condition, Filters, Product
from tests.unit.composing import KETTLE, SHIRT, TENT, TENT_GONE, TENT_HEAVY, ask, d, has, hit, shown, zh


def test_constraints_and_wishes_that_the_record_meets_are_reasons_in_their_order() -> None:
    query = ask(
        "x", "find", filters=Filters(conditions=(has("waterproof", "yes"),)), wishes=(has("material", "nylon"),)
    )
    assert matching_facts(query, TENT, TENT.skus[0]) == (Fact("waterproof", "yes"), Fact("material", "Nylon"))


def test_what_the_record_does_not_bear_out_is_no_reason() -> None:
    query = ask("x", "find", wishes=(has("touchscreen", "yes"), has("color", "green")))
    assert matching_facts(query, TENT, TENT.skus[0]) == ()


def test_the_subject_is_no_reason() -> None:
    query = ask("x", "find", subject="tent", filters=Filters(conditions=(has("category", "Tents"),)))
    assert matching_facts(query, TENT, TENT.skus[0]) == ()


def test_a_word_of_the_request_finds_the_attribute_that_says_it() -> None:
    hiking = replace(TENT, attributes={"suitable for": "hiking, cycling", "weight": "1.9 kg"})
    query = ask("x", "find", terms=("hike",))
    assert matching_facts(query, hiking, hiking.skus[0]) == (Fact("suitable for", "hiking, cycling"),)


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        (Condition(("weight",), maximum=d("2"), unit="kg"), True),
        (Condition(("weight",), maximum=d("1500"), unit="g"), False),
        (Condition(("weight",), minimum=d("4"), unit="lb"), True),
        (Condition(("weight",), maximum=d("2"), unit="l"), False),
        (Condition(("colour", "material"), ("NYLON",)), True),
        (Condition(("material",), ("nylon",), negated=True), False),
        (Condition(("fabric",), ("nylon",), negated=True), True),
        (Condition(("fabric",), ("nylon",)), False),
        (Condition(("category",), ("Camping",)), True),
        (Condition(("brand",), ("fernway",)), True),
        (Condition(("title",), ("fernway",)), True),
    ],
)
def test_conditions_held_against_a_record(condition: Condition, met: bool) -> None:
    assert meets(TENT, TENT.skus[0], condition) is met


def test_the_variants_a_query_picks() -> None:
    blue = choose(SHIRT, Filters(conditions=(has("color", "blue"),)))
    assert [v.id for v in blue.skus] == ["s1", "s2"]
    assert blue.narrowed
    assert choose(SHIRT, Filters()).narrowed is False
    assert [v.id for v in choose(SHIRT, Filters(), ("s4",)).skus] == ["s4"]


def test_a_combination_that_no_variant_has_gives_the_nearest() -> None:
    wanted = (has("color", "blue"), has("size", "L"))
    choice = choose(SHIRT, Filters(conditions=wanted))
    assert choice.missing == wanted
    assert [v.id for v in choice.skus] == ["s1", "s4", "s2"]


def test_others_are_set_apart_by_price_rating_and_weight() -> None:
    query = ask("tent", "find")
    light = replace(TENT_HEAVY, id="t5", attributes={"weight": "1.1 kg"}, rating=None, price=d("300"))
    hits = shown(TENT, TENT_HEAVY, light).products
    found = contrasts(query, hits, hits[0], 3)
    assert [(c.kind, c.hit.rank) for c in found] == [("cheaper", 2), ("lighter", 3)]


def test_weights_in_other_units_are_not_compared() -> None:
    grams = replace(TENT_HEAVY, price=d("500"), rating=None, attributes={"weight": "900 g"})
    hits = shown(TENT, grams).products
    assert [c.kind for c in contrasts(ask("x", "find"), hits, hits[0], 2)] == ["dearer"]
    assert weight_of(replace(TENT, attributes={"weight": "5300"}), TENT.skus[0]) is None


def test_what_is_sold_out_is_no_alternative_while_another_is_there() -> None:
    hits = shown(TENT, TENT_GONE, TENT_HEAVY).products
    assert [c.hit.rank for c in contrasts(ask("x", "find"), hits, hits[0], 3)] == [3]


def test_bare_figures_and_codes_are_not_worth_telling() -> None:
    raw = replace(TENT, attributes={"weight": "5300", "EAN": "4001234", "package width": "12 cm", "lid": "glass"})
    assert telling_facts(raw, (), 3) == (Fact("lid", "glass", wish=False),)
    assert telling_facts(replace(TENT, attributes={f"a{n}": "x" for n in range(30)}), (), 2) == ()


@pytest.mark.parametrize("subject", ["", "gift", "birthday present", "something", "礼物", "送妈妈的礼物"])
def test_subjects_that_name_nothing(subject: str) -> None:
    assert names_nothing(subject)


def test_a_request_is_open_until_it_says_something_of_the_products() -> None:
    evidence = shown(TENT, KETTLE)
    assert is_open(ask("I need a gift", "recommend", subject="gift"), evidence)
    assert not is_open(ask("tent", "find", subject="tent"), evidence)
    assert not is_open(ask("a gift", "recommend", terms=("camping",)), evidence)
    assert not is_open(zh("电水壶", "find", terms=("电水壶",)), Evidence((hit(KETTLE),)))


@pytest.mark.parametrize("name", ["Tags", "tag", "标签"])
def test_of_a_label_only_the_part_that_was_asked_for_is_a_reason(name: str) -> None:
    pendant = Product("p", "Chain", attributes={name: "Gold, Pendant, Gifts"})
    wished = Query("gold chain", ("find",), wishes=(Condition((name, "title"), ("Gold",)),))
    assert [fact.value for fact in matching_facts(wished, pendant, pendant.skus[0])] == ["Gold"]
    assert telling_facts(pendant, (), 2) == ()
