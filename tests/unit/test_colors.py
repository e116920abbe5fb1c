"""Shoppers name colours plainly; shops name them Navy, Moss and 雾霾蓝."""

from __future__ import annotations

import pytest

from knowledge_base.colors import family_values, is_color_facet
from knowledge_base.constraints import parse_constraints
from knowledge_base.facets import Facets
from knowledge_base.types import Product, Variant


@pytest.mark.parametrize("name", ["Color", "colour", "Shade", "Frame color", "颜色", "颜色分类"])
def test_a_facet_of_colours_is_known_by_its_name(name: str) -> None:
    assert is_color_facet(name)


@pytest.mark.parametrize("name", ["Colorado edition", "Size", "Material", "尺码", "特色"])
def test_other_facets_are_not(name: str) -> None:
    assert not is_color_facet(name)


@pytest.mark.parametrize(
    ("asked", "values"),
    [
        ("blue", ("Navy", "Sky")),
        ("蓝色", ("Navy", "Sky")),
        ("green", ("Moss",)),
        ("red", ("Dark Rust",)),
        ("grey", ("Slate Heather",)),
        ("gray", ("Slate Heather",)),
    ],
)
def test_a_plain_colour_stands_for_the_shops_names(asked: str, values: tuple[str, ...]) -> None:
    shop = ["Navy", "Sky", "Moss", "Dark Rust", "Slate Heather"]
    assert family_values(shop)[asked] == values


@pytest.mark.parametrize(
    ("asked", "values"), [("蓝色", ("雾霾蓝", "深海军蓝")), ("红色", ("酒红色",)), ("blue", ("雾霾蓝", "深海军蓝"))]
)
def test_a_plain_colour_stands_for_chinese_names(asked: str, values: tuple[str, ...]) -> None:
    assert family_values(["雾霾蓝", "深海军蓝", "酒红色", "奶白"])[asked] == values


def test_a_colour_that_the_shop_has_means_that_colour_alone() -> None:
    assert "blue" not in family_values(["Blue", "Navy"])
    assert "红" not in family_values(["红色", "酒红"])


def test_a_colour_that_no_value_belongs_to_has_no_entry() -> None:
    assert "purple" not in family_values(["Navy", "Moss"])


def test_what_is_no_name_of_a_colour_belongs_to_no_family() -> None:
    assert family_values(["A", "12", "Limited edition of the navy yard 2024 collection"]) == {}


def _jacket(number: int, color: str) -> Product:
    variant = Variant(id=f"J{number}-{color}", options={"Color": color})
    return Product(id=f"J{number}", title=f"Jacket {number}", category=("Jackets",), variants=(variant,))


@pytest.mark.parametrize("text", ["a jacket in blue", "blue jacket", "bleu jackets", "jackets, 蓝色"])
def test_a_message_is_read_with_the_families(text: str) -> None:
    vocabulary = Facets.build([_jacket(1, "Navy"), _jacket(2, "Sky"), _jacket(3, "Moss")]).vocabulary
    conditions = parse_constraints(text, vocabulary, "USD").filters.conditions
    assert ("Navy", "Sky") in [condition.values for condition in conditions]
