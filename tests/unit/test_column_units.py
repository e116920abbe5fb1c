"""Units of bare columns, learned from what titles and descriptions of the same products show."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from knowledge_base.column_units import LEAST_PRODUCTS, ColumnUnit, learn_units, unit_in_name
from knowledge_base.facets import Facets
from knowledge_base.types import Condition, Filters, Product

_SIZES = ("15.6", "17", "24", "27", "32", "13.3", "11.6")


def _screens(title: Callable[[str], str], name: str = "display diagonal") -> list[Product]:
    return [Product(size, title(size), attributes={name: size}) for size in _SIZES]


def test_a_number_that_titles_show_with_a_unit_has_that_unit() -> None:
    learned = learn_units(_screens(lambda size: f'Monitor {size}" black'))
    assert learned["display diagonal"] == ColumnUnit("inch", 7, 7)


def test_a_number_that_descriptions_show_with_a_unit_has_it_too() -> None:
    products = [
        Product(size, "Monitor", description=f"A screen of {size} inch.", attributes={"diagonal": size})
        for size in _SIZES
    ]
    assert learn_units(products)["diagonal"].unit == "inch"


def test_too_few_products_teach_nothing() -> None:
    assert learn_units(_screens(lambda size: f'Monitor {size}"')[: LEAST_PRODUCTS - 1]) == {}


def test_one_number_again_and_again_teaches_nothing() -> None:
    products = [Product(str(i), "Stick 4 GB", attributes={"cores": "4"}) for i in range(20)]
    assert learn_units(products) == {}


def test_numbers_that_agree_by_chance_teach_nothing() -> None:
    amounts, cores = (2, 4, 6, 8), (4, 2, 8, 6, 4)
    products = [
        Product(str(i), f"Laptop {amounts[i % 4]} GB", attributes={"cores": str(cores[i % 5])}) for i in range(60)
    ]
    assert learn_units(products) == {}


def test_a_column_that_counts_has_no_unit_whatever_titles_show() -> None:
    assert learn_units(_screens(lambda size: f'Monitor {size}"', "number of screens")) == {}


def test_a_rate_is_no_length_and_no_mass() -> None:
    assert learn_units(_screens(lambda weight: f"Paper {weight} g/m²", "media weight")) == {}


def test_a_column_of_two_dimensions_has_no_unit() -> None:
    drives = [Product(f"d{n}", f"Drive {n} GB", attributes={"capacity": str(n)}) for n in (250, 320, 500, 750, 80, 160)]
    bins = [Product(f"b{n}", f"Bin {n} L", attributes={"capacity": str(n)}) for n in (10, 20, 30, 40, 50, 60)]
    assert learn_units([*drives, *bins]) == {}


def test_a_column_of_two_units_of_one_dimension_takes_each_number_in_its_own() -> None:
    laptops = [
        Product(f"g{i}{n}", f"Laptop {n} GB RAM", attributes={"memory": str(n)})
        for n in (2, 4, 8, 16)
        for i in range(4)
    ]
    printers = [
        Product(f"m{i}{n}", f"Printer {n} MB", attributes={"memory": str(n)}) for n in (128, 256, 512) for i in range(3)
    ]
    learned = learn_units([*laptops, *printers])["memory"]
    assert (learned.of(Decimal(16)), learned.of(Decimal(512)), learned.of(Decimal(3))) == ("gb", "mb", None)


@pytest.mark.parametrize(
    ("name", "unit"),
    [("weight (g)", "g"), ("weight_kg", "kg"), ("capacity gb", "gb"), ("screen size in inches", "inch"),
     ("total megapixels", "mp"), ("重量(克)", "g"), ("class a", None), ("made in", None), ("number of gb", None),
     ("print speed 10x15 cm", None), ("display", None)],
)  # fmt: skip
def test_the_name_of_a_column_may_end_in_its_unit(name: str, unit: str | None) -> None:
    assert unit_in_name(name) == unit


def test_a_bound_in_another_unit_finds_what_a_learned_column_states() -> None:
    facets = Facets.build(_screens(lambda size: f'Monitor {size}"'))
    wide = Filters(conditions=(Condition(("display diagonal",), minimum=Decimal("68.6"), unit="cm"),))
    assert facets.product_mask(wide).tolist() == [size in ("27", "32") for size in _SIZES]


def test_what_was_learned_holds_for_products_that_are_added_later() -> None:
    facets = Facets.build(_screens(lambda size: f'Monitor {size}"'))
    changed = facets.changed({}, [Product("new", "A screen", attributes={"display diagonal": "27"})])
    asked = Filters(
        conditions=(Condition(("display diagonal",), minimum=Decimal(27), maximum=Decimal(27), unit="inch"),)
    )
    assert changed.product_mask(asked)[-1]


def test_what_was_learned_is_kept_with_the_columns(tmp_path: object) -> None:
    learned = ColumnUnit("gb", 5, 6, {Decimal(512): "mb"})
    assert ColumnUnit.from_json(learned.to_json()) == learned
