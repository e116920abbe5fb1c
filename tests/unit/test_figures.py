"""Measures said without a facet's name: which facet they are, by what products of the kind state."""

from __future__ import annotations

from decimal import Decimal

import pytest

from knowledge_base.constraints import Constraints, find_kinds, parse_constraints, settle_figures
from knowledge_base.facets import Facets
from knowledge_base.product_types import ProductTypes
from knowledge_base.quantities.matching import meets
from knowledge_base.types import Filters, Product


def _laptop(n: str, memory: int, disk: int, size: str) -> Product:
    attributes = {"internal memory": f"{memory} GB", "total storage capacity": f"{disk} GB", "display diagonal": size}
    return Product(n, f"Arbor Laptop {n}", attributes=attributes | {"width": "360 mm", "depth": "250 mm"})


_PRODUCTS = [
    _laptop("a", 8, 256, '15.6"'),
    _laptop("b", 16, 512, '15.6"'),
    _laptop("c", 16, 1024, '17"'),
    _laptop("d", 4, 16, '11.6"'),
    Product("e", 'Fern Monitor 27" black', attributes={"width": "610 mm"}),
    Product("f", "Fern Monitor with 10 m cable", attributes={"display diagonal": "24 inch"}),
    Product("g", "Fern Monitor large", attributes={"display diagonal": "68.6 cm"}),
    Product("h", "Moss Drive 1TB SSD"),
    Product("i", "Moss Drive 1000 GB SSD"),
    Product("j", "Moss Drive 500GB SSD"),
    Product("k", "Reed HDMI Cable 2 m"),
    Product("l", "Reed HDMI Cable 6.6 ft"),
    Product("m", "Reed HDMI Cable 5 m"),
]
_FACETS, _TYPES = Facets.build(_PRODUCTS), ProductTypes.build(_PRODUCTS)


def _read(text: str) -> Constraints:
    kinds = find_kinds(text, _FACETS, _TYPES)
    return settle_figures(parse_constraints(text, _FACETS.vocabulary, "USD", (), kinds), _FACETS, _TYPES)


def _met(found: Constraints) -> str:
    conditions = (*found.filters.conditions, *found.wishes)
    mask = _FACETS.product_mask(Filters(conditions=conditions)) if conditions else [False] * len(_PRODUCTS)
    return "".join(product.id for product, met in zip(_PRODUCTS, mask, strict=True) if met)


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("27 inch monitor", "eg"), ('27" monitor', "eg"), ("68.6 cm monitor", "eg"), ("27寸 monitor", "eg"),
        ("24 inch monitor", "f"), ("16 GB RAM laptop", "bc"), ("laptop with 16 GB of RAM", "bc"),
        ("512 GB laptop", "b"), ("15.6 inch laptop", "ab"), ("15,6 Zoll laptop", "ab"),
        ("1TB SSD", "hi"), ("1000 GB SSD", "hi"), ("1T固态硬盘", "chi"), ("500 GB SSD", "j"),
        ("2 m HDMI cable", "kl"), ("200 cm HDMI cable", "kl"),
    ],
)  # fmt: skip
def test_a_measure_is_a_wish_on_the_facet_that_products_of_the_kind_have_it_in(text: str, met: str) -> None:
    found = _read(text)
    assert _met(found) == met
    assert not found.filters.conditions


@pytest.mark.parametrize(
    ("text", "met"),
    [("monitor of at least 25 inches", "eg"), ("laptop with at least 16 GB RAM", "bc"), ("HDMI cable over 3 m", "m"),
     ("HDMI cable under 3 m", "kl")],
)  # fmt: skip
def test_a_bounded_measure_is_a_filter(text: str, met: str) -> None:
    found = _read(text)
    kind = {"monitor": "efg", "laptop": "abcd", "HDMI": "klm"}[
        next(w for w in text.split() if w in ("monitor", "laptop", "HDMI"))
    ]
    assert "".join(n for n in _met(found) if n in kind) == met
    assert not found.wishes


def test_a_measure_that_no_product_of_the_kind_has_stays_a_wish_that_nothing_meets() -> None:
    found = _read("37 inch monitor")
    assert len(found.wishes) == 1 and _met(found) == ""


def test_a_measure_in_a_dimension_that_the_kind_does_not_state_is_a_mere_word() -> None:
    found = _read("laptop 5000 lumen")
    assert not found.wishes and not found.filters.conditions


def test_a_figure_of_the_cable_is_no_figure_of_the_monitor() -> None:
    assert _met(_read("300 inch monitor")) == ""  # 10 m of cable are some 394 inches, a screen is never said in metres


@pytest.mark.parametrize(
    ("value", "own", "asked", "unit", "met"),
    [("68.6", "cm", "27", "inch", True), ("27.5", "inch", "27", "inch", False), ("1024", "gb", "1", "tb", True),
     ("1000", "gb", "1", "tb", True), ("512", "gb", "500", "gb", False), ("4096", "mb", "4", "gb", True),
     ("6.6", "ft", "2", "m", True), ("2.1", "m", "2", "m", False), ("2", "kg", "2", "m", False)],
)  # fmt: skip
def test_a_measure_is_met_by_what_rounds_to_it_and_is_sold_under_its_name(
    value: str, own: str, asked: str, unit: str, met: bool
) -> None:
    assert meets(Decimal(value), own, Decimal(asked), Decimal(asked), unit) is met


@pytest.mark.parametrize(
    ("value", "own", "low", "high", "unit", "met"),
    [("1024", "gb", None, "1", "tb", True), ("2001", "g", None, "2", "kg", False),
     ("1000", "gb", "1024", None, "gb", True), ("0.9", "kg", "2", None, "lb", False)],
)  # fmt: skip
def test_a_bound_does_not_exclude_what_is_sold_under_its_name(
    value: str, own: str, low: str | None, high: str | None, unit: str, met: bool
) -> None:
    ends = (Decimal(low) if low else None, Decimal(high) if high else None)
    assert meets(Decimal(value), own, *ends, unit) is met


def test_one_of_several_sides_is_no_figure_of_its_own() -> None:
    curtains = Facets.build([Product("a", "Curtain", attributes={"size": "1.5×2.4m"}), Product("b", "Curtain 2.4 m")])
    assert not parse_constraints("curtain 1.5×2.4m", curtains.vocabulary, "USD").figures
    assert parse_constraints("curtain 2.4 m", curtains.vocabulary, "USD").figures


def test_a_bounding_word_in_the_name_of_a_facet_bounds_nothing() -> None:
    names = {"a": {"Fits up to": "195 cm"}, "b": {"Fits up to": "185 cm"}, "c": {"Fits": "150 cm"}}
    bags = Facets.build([Product(n, "Sleeping Bag", attributes=stated) for n, stated in names.items()])
    found = parse_constraints("sleeping bag with Fits up to 195 cm", bags.vocabulary, "USD")
    assert bags.product_mask(found.filters).tolist() == [True, False, False]
