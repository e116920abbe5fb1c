"""Masks, counts, orders and stored columns, against records read one by one with code that shares nothing with them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.facets import Facets, parse_number
from knowledge_base.types import Condition, Filters, Product, Sort, Variant
from tests.vocabularies import known_of

_COLORS = ("Red", "Blue", "Dark Blue", "Black")
_SIZES = ("S", "M", "L")
_BRANDS = ("Larch", "Cairn", None)
_MATERIALS = ("wool", "cotton", None)
_CATEGORIES = (("Clothing", "Jackets"), ("Clothing", "Hats"), ("Camping",), ())


def _catalogue(seed: int) -> tuple[Product, ...]:
    """A small random catalogue: with and without variants, with unknown price, stock, rating, brand and category."""
    random_ = random.Random(seed)

    def price() -> Decimal | None:
        return None if random_.random() < 0.15 else Decimal(random_.randint(100, 9999)) / 100

    def stocked() -> bool | None:
        return random_.choice((True, True, False, None))

    products = []
    for i in range(random_.randint(5, 25)):
        variants = tuple(
            Variant(
                f"v{i}-{n}",
                {"Color": random_.choice(_COLORS), "Size": random_.choice(_SIZES)},
                price(),
                in_stock=stocked(),
            )
            for n in range(random_.choice((0, 0, 1, 2, 5)))
        )
        attributes = {"weight": f"{random_.randint(1, 40) / 10} kg"} if random_.random() < 0.7 else {}
        if material := random_.choice(_MATERIALS):
            attributes["material"] = material
        products.append(
            Product(
                f"p{i}",
                f"Thing {i}",
                brand=random_.choice(_BRANDS),
                category=random_.choice(_CATEGORIES),
                price=price(),
                in_stock=stocked(),
                rating=None if random_.random() < 0.2 else Decimal(random_.randint(10, 50)) / 10,
                review_count=random_.choice((None, 0, 3, 90)),
                added_on=random_.choice((None, date(2026, 1, random_.randint(1, 28)))),
                attributes=attributes,
                variants=variants,
            )
        )
    return tuple(products)


def _filters(seed: int) -> Filters:
    random_ = random.Random(seed)
    conditions = []
    if random_.random() < 0.5:
        conditions.append(Condition(("Color",), tuple(random_.sample(_COLORS, random_.randint(1, 2)))))
    if random_.random() < 0.4:
        conditions.append(Condition(("Size",), (random_.choice(_SIZES),), negated=random_.random() < 0.4))
    if random_.random() < 0.3:
        conditions.append(Condition(("brand",), ("Larch",), negated=random_.random() < 0.5))
    if random_.random() < 0.3:
        conditions.append(Condition(("category",), (random_.choice(("Clothing", "Hats", "Camping")),)))
    if random_.random() < 0.3:
        low, high = sorted((Decimal(random_.randint(1, 40)) / 10, Decimal(random_.randint(1, 40)) / 10))
        conditions.append(Condition(("weight",), minimum=low, maximum=high, unit="kg", negated=random_.random() < 0.3))
    if random_.random() < 0.3:
        conditions.append(Condition(("material",), ("wool",), negated=random_.random() < 0.5))
    price = [Decimal(random_.randint(100, 9999)) / 100 for _ in range(2)]
    return Filters(
        price_min=min(price) if random_.random() < 0.3 else None,
        price_max=max(price) if random_.random() < 0.5 else None,
        in_stock=random_.choice((None, None, True, False)),
        rating_min=Decimal(random_.randint(10, 50)) / 10 if random_.random() < 0.3 else None,
        conditions=tuple(conditions),
    )


def _has(product: Product, sku: Variant, condition: Condition) -> bool:
    """Whether one SKU has what a condition states, negation aside, by looking at the record alone."""
    for name in condition.names:
        if name == "brand":
            values = [product.brand] if product.brand else []
        elif name == "category":
            values = list(product.category)
        else:
            values = [v for n, v in (*sku.options.items(), *product.attributes.items()) if n == name]
        if condition.minimum is not None or condition.maximum is not None:
            numbers = [Decimal(value.removesuffix(" kg")) for value in values]
            low, high = condition.minimum or Decimal(-999), condition.maximum or Decimal(999)
            if any(low <= number <= high for number in numbers):
                return True
        elif set(values) & set(condition.values):
            return True
    return False


def _meets(product: Product, sku: Variant, filters: Filters) -> bool:
    if filters.price_min is not None and (sku.price is None or sku.price < filters.price_min):
        return False
    if filters.price_max is not None and (sku.price is None or sku.price > filters.price_max):
        return False
    if filters.in_stock is not None and sku.in_stock is not filters.in_stock:
        return False
    if filters.rating_min is not None and (product.rating is None or product.rating < filters.rating_min):
        return False
    return all(_has(product, sku, condition) is not condition.negated for condition in filters.conditions)


@pytest.mark.parametrize("seed", range(60))
def test_masks_and_counts_equal_reading_every_record(seed: int) -> None:
    products = _catalogue(seed)
    facets = Facets.build(products)
    for n in range(20):
        filters = _filters(seed * 1000 + n)
        skus = [[sku for sku in p.skus if _meets(p, sku, filters)] for p in products]
        assert facets.product_mask(filters).tolist() == [bool(found) for found in skus], filters
        assert facets.sku_count(filters) == sum(map(len, skus)), filters
        for row, (product, found) in enumerate(zip(products, skus, strict=True)):
            variants = facets.matching_variants(row, filters)
            if not product.variants or len(found) == len(product.variants):
                assert variants == ()
            else:
                assert set(variants) == {sku.id for sku in found}, filters
                prices = [v.price for i in variants if (v := product.variant(i)) and v.price is not None]
                assert prices == sorted(prices)


@pytest.mark.parametrize("seed", range(20))
def test_saved_columns_load_to_the_same_answers(seed: int, tmp_path: Path) -> None:
    products = _catalogue(seed)
    built = Facets.build(products)
    built.save(tmp_path)
    loaded = Facets.load(tmp_path)
    assert known_of(loaded.vocabulary) == known_of(built.vocabulary)
    assert (loaded.n_products, loaded.n_skus) == (built.n_products, built.n_skus)
    for n in range(20):
        filters = _filters(seed * 777 + n)
        assert np.array_equal(loaded.sku_mask(filters), built.sku_mask(filters))
        for sort in ("price_asc", "price_desc", "rating", "newest"):
            rows = range(len(products))
            assert loaded.order(rows, filters, sort) == built.order(rows, filters, sort)
    assert np.array_equal(loaded.title_rows("thing 3"), built.title_rows("thing 3"))


def test_an_empty_catalogue_is_built_saved_and_loaded(tmp_path: Path) -> None:
    built = Facets.build(())
    built.save(tmp_path)
    loaded = Facets.load(tmp_path)
    assert loaded.product_mask(Filters()).tolist() == []
    assert loaded.sku_count(Filters(price_max=Decimal(5))) == 0
    assert loaded.order((), Filters(), "price_asc") == []


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("sort", ["price_asc", "price_desc", "rating", "newest"])
def test_sorted_rows_follow_the_records_and_unknown_comes_last(seed: int, sort: Sort) -> None:
    products = _catalogue(seed)
    filters = Filters(in_stock=True)
    facets = Facets.build(products)
    rows = np.flatnonzero(facets.product_mask(filters)).tolist()

    def key(row: int) -> Decimal | None:
        product = products[row]
        prices = [s.price for s in product.skus if s.in_stock and s.price is not None]
        if sort == "price_asc":
            return min(prices) if prices else None
        if sort == "price_desc":
            return -max(prices) if prices else None
        if sort == "rating":
            return None if product.rating is None else -product.rating
        return None if product.added_on is None else Decimal(-product.added_on.toordinal())

    ordered = facets.order(rows, filters, sort)
    assert sorted(ordered) == rows
    keys = [key(row) for row in ordered]
    known = [k for k in keys if k is not None]
    assert known == sorted(known)
    assert None not in keys[: len(known)]


def _jacket() -> Product:
    return Product(
        "j",
        "Rain Jacket",
        rating=Decimal("4.0"),
        variants=(
            Variant("red-m", {"color": "red", "size": "M"}, Decimal(80), in_stock=False),
            Variant("red-l", {"color": "red", "size": "L"}, Decimal(120), in_stock=True),
            Variant("blue-m", {"color": "blue", "size": "M"}, Decimal(60), in_stock=True),
        ),
    )


def _condition(name: str, *values: str, negated: bool = False) -> Condition:
    return Condition((name,), values, negated=negated)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        # each alone is met by some variant, all together by none
        (Filters(in_stock=True, conditions=(_condition("color", "red"), _condition("size", "M"))), None),
        (Filters(price_max=Decimal(100), in_stock=True, conditions=(_condition("color", "red"),)), None),
        (Filters(price_max=Decimal(70), conditions=(_condition("size", "L"),)), None),
        (Filters(price_max=Decimal(100), conditions=(_condition("color", "red"),)), ("red-m",)),
        (Filters(in_stock=True, conditions=(_condition("color", "red", "blue"),)), ("blue-m", "red-l")),
        (Filters(conditions=(_condition("color", "red", negated=True),)), ("blue-m",)),
        (Filters(in_stock=False), ("red-m",)),
        (Filters(price_min=Decimal(120), price_max=Decimal(120)), ("red-l",)),
    ],
)
def test_price_stock_and_options_must_hold_for_one_variant(filters: Filters, expected: tuple[str, ...] | None) -> None:
    facets = Facets.build((_jacket(),))
    assert facets.product_mask(filters).tolist() == [expected is not None]
    assert facets.matching_variants(0, filters) == (expected or ())


def test_dearest_first_lists_a_products_variants_dearest_first() -> None:
    facets = Facets.build((_jacket(),))
    assert facets.matching_variants(0, Filters(in_stock=True), "price_desc") == ("red-l", "blue-m")
    assert facets.matching_variants(0, Filters(), "price_asc") == ("blue-m", "red-m", "red-l")


@pytest.mark.parametrize(
    "filters",
    [Filters(price_max=Decimal(10**6)), Filters(price_min=Decimal(0)), Filters(in_stock=True), Filters(in_stock=False),
     Filters(rating_min=Decimal(0)), Filters(conditions=(_condition("color", "red"),))],
)  # fmt: skip
def test_what_is_unknown_meets_no_bound(filters: Filters) -> None:
    assert not Facets.build((Product("x", "Mystery"),)).product_mask(filters).any()


def test_what_is_unknown_passes_a_negation() -> None:
    facets = Facets.build((Product("x", "Mystery"),))
    assert facets.product_mask(Filters(conditions=(_condition("color", "red", negated=True),))).all()


def test_product_rows_narrow_the_mask() -> None:
    facets = Facets.build((Product("a", "A", price=Decimal(1)), Product("b", "B", price=Decimal(2))))
    assert facets.product_mask(Filters(price_max=Decimal(5)), [1]).tolist() == [False, True]
    assert facets.product_mask(Filters(), []).tolist() == [False, False]


def test_measures_compare_across_units() -> None:
    facets = Facets.build(
        (
            Product("g", "A", attributes={"weight": "950 g"}),
            Product("k", "B", attributes={"weight": "1.2 kg"}),
            Product("t", "C", attributes={"weight": "light"}),
        )
    )
    light = Condition(("weight",), maximum=Decimal(1), unit="kg")
    assert facets.product_mask(Filters(conditions=(light,))).tolist() == [True, False, False]
    heavy = Condition(("weight",), minimum=Decimal("1000"), unit="g")
    assert facets.product_mask(Filters(conditions=(heavy,))).tolist() == [False, True, False]


def test_a_converted_bound_keeps_the_value_it_equals() -> None:
    facets = Facets.build((Product("a", "A", attributes={"weight": "2 lb"}),))
    assert facets.product_mask(Filters(conditions=(Condition(("weight",), maximum=Decimal(2), unit="lb"),))).all()


def test_a_unit_of_another_dimension_meets_nothing() -> None:
    facets = Facets.build((Product("a", "A", attributes={"weight": "2 kg"}),))
    assert not facets.product_mask(Filters(conditions=(Condition(("weight",), minimum=Decimal(1), unit="m"),))).any()


def test_listed_values_are_found_by_each_of_their_parts() -> None:
    facets = Facets.build((Product("a", "A", attributes={"Ports": "USB-C, HDMI"}),))
    for value in ("usb-c", "HDMI", "USB-C, HDMI"):
        assert facets.product_mask(Filters(conditions=(_condition("ports", value),))).all(), value
    assert not facets.product_mask(Filters(conditions=(_condition("ports", "VGA"),))).any()


@pytest.mark.parametrize(
    ("phrase", "titles"),
    [
        ("jackets", ["Rain Jacket", "Wool Jacket"]),
        ("rain jacket", ["Rain Jacket"]),
        ("jacket rain", ["Rain Jacket"]),
        ("jack", []),
        ("", []),
        ("保温杯", ["暖阳保温杯"]),
        ("杯", ["暖阳保温杯", "马克杯"]),
        ("温保", []),
    ],
)
def test_titles_are_found_by_all_the_words_of_a_phrase(phrase: str, titles: list[str]) -> None:
    names = ["Rain Jacket", "Wool Jacket", "暖阳保温杯", "马克杯"]
    facets = Facets.build([Product(str(i), name) for i, name in enumerate(names)])
    assert [names[row] for row in facets.title_rows(phrase)] == titles


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("43.2", (Decimal("43.2"), None)),
        ("1.9 kg", (Decimal("1.9"), "kg")),
        ("-5", (Decimal(-5), None)),
        ("about two", None),
        ("2 x 4 cm", None),
        ("$20", None),
        ("12 - 15 kg", None),
        ("", None),
        ("9" * 400, (Decimal("9" * 400), None)),
    ],
)
def test_a_value_is_a_number_only_as_a_whole(value: str, number: tuple[Decimal, str | None] | None) -> None:
    assert parse_number(value) == number


@pytest.mark.parametrize("value", ["9" * 400, "1e999", "NaN", "Infinity", "٣", "³", "1,2,3,4", "0" * 300 + "kg"])
def test_odd_numbers_in_attributes_build_and_answer(value: str, tmp_path: Path) -> None:
    facets = Facets.build((Product("a", "A", attributes={"weight": value}), Product("b", "B", price=Decimal("9e12"))))
    facets.save(tmp_path)
    bound = Condition(("weight",), minimum=Decimal(1), unit="kg")
    assert Facets.load(tmp_path).product_mask(Filters(conditions=(bound,))).shape == (2,)


def _measured(weights: Sequence[str]) -> Facets:
    return Facets.build([Product(str(i), f"P{i}", attributes={"Net weight": w}) for i, w in enumerate(weights)])


def test_a_measure_is_found_by_the_end_of_its_name_and_in_one_unit() -> None:
    found = _measured(["900 g", "1.5 kg", "unknown", "0.2 kg"]).measured(range(4), ("weight",))
    assert found is not None
    name, values = found
    assert name == "Net weight"
    assert sorted(values, key=lambda row: values[row]) == [3, 0, 1]


def test_no_measure_is_found_where_no_product_states_it() -> None:
    facets = _measured(["900 g", "unknown"])
    assert facets.measured([0, 1], ("height",)) is None
    assert facets.measured([1], ("weight",)) is None
