"""Which facets of a product a question asks about."""

from __future__ import annotations

import pytest

from assistant.understanding.asking import asked_facets, choices_asked
from knowledge_base.constraints import parse_constraints
from knowledge_base.facets import Facets
from knowledge_base.index import Index
from knowledge_base.types import Product, Variant

KETTLE = Product(
    "k",
    "Aurora Kettle",
    attributes={
        "Capacity": "1.7 l", "Weight": "1.1 kg", "Material": "steel", "Dishwasher safe": "no", "Waterproof": "no",
        "Battery life": "10 h", "Country of origin": "Portugal", "Noise level": "60 dB", "Cable length": "0.8 m",
    },
    variants=(Variant("r", {"Color": "red"}), Variant("b", {"Color": "blue"})),
)  # fmt: skip
POT = Product(
    "p", "山泉电热水壶", attributes={"容量": "1.2升", "材质": "玻璃", "功率": "1500W", "净重": "0.9kg", "防水": "否"}
)


def _asked(text: str, product: Product) -> tuple[str, ...]:
    vocabulary = Facets.build((product,)).vocabulary
    return asked_facets(text, (product,), parse_constraints(text, vocabulary, None), text)


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        ("how heavy is it?", "Weight"),
        ("what does it weigh", "Weight"),
        ("how much does it hold?", "Capacity"),
        ("what's the capacity", "Capacity"),
        ("is it dishwasher safe?", "Dishwasher safe"),
        ("is it waterproof?", "Waterproof"),
        ("what is it made of?", "Material"),
        ("is it steel?", "Material"),
        ("where was it made in?", "Country of origin"),
        ("how long does the battery last?", "Battery life"),
        ("how loud is it?", "Noise level"),
        ("how long is the cable?", "Cable length"),
        ("who makes it?", "brand"),
    ],
)
def test_a_question_asks_for_the_facet_that_answers_it(text: str, facet: str) -> None:
    assert _asked(text, KETTLE)[:1] == (facet,)


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        ("多重", "净重"),
        ("能装多少水，几升的", "容量"),
        ("什么材质的？", "材质"),
        ("功率多大", "功率"),
        ("是玻璃的吗", "材质"),
        ("能防水吗", "防水"),
        ("什么牌子的", "brand"),
    ],
)
def test_a_chinese_question_asks_for_the_facet_that_answers_it(text: str, facet: str) -> None:
    assert facet in _asked(text, POT)


def test_a_question_that_no_facet_answers_keeps_its_own_words() -> None:
    (asked,) = _asked("is it microwave proof?", KETTLE)
    assert "microwave" in asked


@pytest.mark.parametrize("text", ["how much is it?", "tell me about it", "", "and $40?", "那300块的呢"])
def test_no_particular_facet_is_asked_for_where_none_is_named(text: str) -> None:
    assert _asked(text, KETTLE) == ()


def test_two_facets_are_both_asked_for() -> None:
    assert set(_asked("what are its weight and capacity?", KETTLE)) == {"Weight", "Capacity"}


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        ("which brands of tents do you have?", "brand"),
        ("what sizes do the jackets come in?", "size"),
        ("color options", "color"),
        ("what is your cheapest tent?", None),
        ("which tents do you have?", None),
        ("how much is it?", None),
    ],
)
def test_a_message_may_ask_for_the_values_of_a_facet(text: str, facet: str | None, index: Index) -> None:
    found = choices_asked(text, index.facets.vocabulary)
    assert (found[0] if found else None) == facet
