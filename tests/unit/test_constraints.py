"""One message read as constraints: bounds, negations, options, sorts, limits, subjects, in English and Chinese."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from knowledge_base.constraints import Constraints, parse_constraints
from knowledge_base.facets import Facets
from knowledge_base.index import Index
from knowledge_base.types import Condition, Product, Sort, Variant


def _read(text: str, index: Index) -> Constraints:
    return parse_constraints(text, index.facets.vocabulary, index.info.currency)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _value(constraints: Constraints, name: str) -> set[str]:
    """The values asked for under one facet, hard or wished, negated ones with a leading "!"."""
    return {
        ("!" if c.negated else "") + value
        for c in (*constraints.filters.conditions, *constraints.wishes)
        if name in c.names
        for value in c.values
    }


# -- numbers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("tents under $50", None, "50"),
        ("tents below 50 dollars", None, "50"),
        ("a tent for less than fifty dollars", None, "50"),
        ("tent no more than $200", None, "200"),
        ("tent not over $200", None, "200"),
        ("tents up to 200", None, "200"),
        ("tents at most 200", None, "200"),
        ("tents cheaper than $100", None, "100"),
        ("my budget is 200 dollars for a tent", None, "200"),
        ("I have $150 for a tent", None, "150"),
        ("I can spend 150 bucks on a tent", None, "150"),
        ("I'm willing to pay up to 150 for a tent", None, "150"),
        ("tents $100 max", None, "100"),
        ("tents $50 or less", None, "50"),
        ("tents under 1,299.00", None, "1299"),
        ("tents under $1.5k", None, "1500"),
        ("a tent within 150", None, "150"),
        ("tents between $100 and $200", "100", "200"),
        ("tents between 100 and 200 dollars", "100", "200"),
        ("tents from 100 to 200", "100", "200"),
        ("tents $100-$200", "100", "200"),
        ("tents in the USD 95-USD 150 range", "95", "150"),
        ("tents 300 dollars-350 dollars", "300", "350"),
        ("tents in the $100 to $200 range", "100", "200"),
        ("tents priced from $250 up to $300", "250", "300"),
        ("tents over $100", "100", None),
        ("tents at least $100", "100", None),
        ("tents $100 or more", "100", None),
        ("tents $100+", "100", None),
        ("tents starting at $150", "150", None),
        ("around $100 tents", "80", "120"),
        ("tents about 100 dollars", "80", "120"),
    ],
)
def test_english_price_bounds_are_read(text: str, low: str | None, high: str | None, index: Index) -> None:
    found = _read(text, index)
    assert (found.filters.price_min, found.filters.price_max) == (_decimal(low), _decimal(high))
    assert found.subject.rstrip("s") == "tent"
    assert found.filters.rating_min is None


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("300块以内的电热水壶", None, "300"),
        ("一百元以下的电热水壶", None, "100"),
        ("不超过100元的电热水壶", None, "100"),
        ("两百块钱以内电热水壶", None, "200"),
        ("￥100以内的电热水壶", None, "100"),
        ("三百五以内的电热水壶", None, "350"),
        ("预算100，想买个电热水壶", None, "100"),
        ("我最多花100，想买个电热水壶", None, "100"),
        ("电热水壶，100元封顶", None, "100"),
        ("预算两千左右的电热水壶", None, "2400"),
        ("50到100元的电热水壶", "50", "100"),
        ("50-100块的电热水壶", "50", "100"),
        ("价格在50到100之间的电热水壶", "50", "100"),
        ("200以上300以下的电热水壶", "200", "300"),
        ("大于100小于200元的电热水壶", "100", "200"),
        ("两百到三百的电热水壶", "200", "300"),
        ("100元以上的电热水壶", "100", None),
        ("不低于100元的电热水壶", "100", None),
        ("100左右的电热水壶", "80", "120"),
        ("一百多块钱的电热水壶", "100", "200"),
        ("一百来块的电热水壶", "80", "120"),
    ],
)
def test_chinese_price_bounds_are_read(text: str, low: str | None, high: str | None, index_zh: Index) -> None:
    found = _read(text, index_zh)
    assert (found.filters.price_min, found.filters.price_max) == (_decimal(low), _decimal(high))
    assert found.subject == "电热水壶"


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("tents under 40 euros", "EUR"),
        ("tents between 20 and 40 euros", "EUR"),
        ("tents under £30", "GBP"),
        ("tents below 300元", "CNY"),
    ],
)
def test_a_bound_in_a_foreign_currency_is_told_and_not_filtered_by(text: str, currency: str, index: Index) -> None:
    found = _read(text, index)
    assert found.foreign is not None and found.foreign.unit == currency
    assert (found.filters.price_min, found.filters.price_max) == (None, None)


@pytest.mark.parametrize(("text", "currency"), [("200欧元以内的电热水壶", "EUR"), ("30美元以下的保温杯", "USD")])
def test_a_foreign_currency_is_told_in_chinese(text: str, currency: str, index_zh: Index) -> None:
    found = _read(text, index_zh)
    assert found.foreign is not None and found.foreign.unit == currency
    assert found.filters.price_max is None


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("tents rated 4.5 or higher", "4.5"),
        ("tents rated 4 or higher", "4"),
        ("tents with at least 4 stars", "4"),
        ("tents with a rating above 4", "4"),
        ("tents rated over 4.2", "4.2"),
        ("4.5+ stars tents", "4.5"),
        ("tents with 4+ star rating", "4"),
        ("4 stars and up tents", "4"),
        ("tents above 4.5 stars", "4.5"),
    ],
)
def test_english_rating_bounds_are_read(text: str, rating: str, index: Index) -> None:
    found = _read(text, index)
    assert found.filters.rating_min == Decimal(rating)
    assert (found.filters.price_min, found.filters.price_max, found.limit) == (None, None, None)
    assert found.subject == "tents"


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("评分4.5以上的电热水壶", "4.5"),
        ("4.5分以上的电热水壶", "4.5"),
        ("评分不低于4.5的电热水壶", "4.5"),
        ("好评4.5分以上的电热水壶", "4.5"),
        ("四星以上的电热水壶", "4"),
        ("四点五分以上的电热水壶", "4.5"),
    ],
)
def test_chinese_rating_bounds_are_read(text: str, rating: str, index_zh: Index) -> None:
    found = _read(text, index_zh)
    assert found.filters.rating_min == Decimal(rating)
    assert found.filters.price_min is None
    assert found.subject == "电热水壶"


@pytest.mark.parametrize(
    "text",
    ["tents in stock", "only available tents", "which tents are available now", "tents not out of stock",
     "tents that are in stock"],
)  # fmt: skip
def test_stock_is_read(text: str, index: Index) -> None:
    found = _read(text, index)
    assert found.filters.in_stock is True
    assert found.subject == "tents"


@pytest.mark.parametrize("text", ["有货的电热水壶", "电热水壶有现货吗", "只要现货的电热水壶"])
def test_chinese_stock_is_read(text: str, index_zh: Index) -> None:
    found = _read(text, index_zh)
    assert found.filters.in_stock is True
    assert found.subject == "电热水壶"


@pytest.mark.parametrize("text", ["tents", "which tents are not in stock", "is the tent out of stock"])
def test_what_is_not_asked_to_be_in_stock_is_not_filtered(text: str, index: Index) -> None:
    assert _read(text, index).filters.in_stock is None


def _meeting(found: Constraints, index: Index) -> set[str]:
    mask = index.facets.product_mask(found.filters)
    return {product_id for product_id, row in index.product_rows.items() if mask[row]}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("tents under 2 kg", {"tent-2", "tent-solo"}),
        ("tents weighing less than 2 kg", {"tent-2", "tent-solo"}),
        ("tents not heavier than 2 kg", {"tent-2", "tent-solo"}),
        ("tents of 2kg or less", {"tent-2", "tent-solo"}),
        ("tents that weigh under two kilos", {"tent-2", "tent-solo"}),
        ("tents up to 2000 g", {"tent-2", "tent-solo"}),
        ("tents at least 2kg", {"tent-4"}),
        ("tents heavier than 2 kg", {"tent-4"}),
        ("tents lighter than 4 lb", {"tent-solo"}),
        ("mugs at least 300 ml", {"mug"}),
        ("mugs over 0.3 liters", {"mug"}),
        ("mugs over 0.4 liters", set()),
        ("mugs with a capacity of 350 ml", {"mug"}),
    ],
)
def test_measures_bound_the_facet_that_has_them(text: str, ids: set[str], index: Index) -> None:
    found = _read(text, index)
    assert _meeting(found, index) == ids
    assert found.filters.price_max is None and found.filters.price_min is None
    assert found.subject in ("tents", "mugs")


@pytest.mark.parametrize(
    ("text", "name", "low", "unit"),
    [
        ("1.5升以上的电热水壶", "容量", "1.5", "l"),
        ("容量大于1.5升的电热水壶", "容量", "1.5", "l"),
        ("功率不低于1600瓦的电热水壶", "功率", "1600", "w"),
    ],
)
def test_chinese_measures_bound_the_facet_that_has_them(
    text: str, name: str, low: str, unit: str, index_zh: Index
) -> None:
    found = _read(text, index_zh)
    bounds = [c for c in found.filters.conditions if name in c.names]
    assert [(c.minimum, c.maximum, (c.unit or "").casefold()) for c in bounds] == [(Decimal(low), None, unit)]
    assert found.filters.price_min is None
    assert found.subject == "电热水壶"


def test_memory_of_at_least_so_much_bounds_the_memory() -> None:
    laptops = [
        Product(str(n), f"Nimbus {n}", category=("Laptops",), attributes={"memory": f"{n} GB", "storage": "1 TB"})
        for n in (8, 16, 32)
    ]
    facets = Facets.build(laptops)
    found = parse_constraints("laptops with at least 16GB memory", facets.vocabulary, "USD")
    assert facets.product_mask(found.filters).tolist() == [False, True, True]
    assert found.subject == "laptops"


@pytest.mark.parametrize(
    "text", ["tents for 2 people", "show me 5 tents", "top 3 tents", "tent for my 2 kids", "5 tents"]
)
def test_numbers_of_things_are_no_prices(text: str, index: Index) -> None:
    found = _read(text, index).filters
    assert (found.price_min, found.price_max, found.rating_min) == (None, None, None)


@pytest.fixture(scope="module")
def counting() -> Facets:
    """A shop whose values count people in words and whose facets count doors in bare numbers."""
    tents = [
        Product(f"t{n}", f"Dune {n}", category=("Tents",), attributes={"Capacity": f"{n} people", "Doors": str(n // 2)})
        for n in (2, 3, 4, 6)
    ]
    bags = [
        Product("b", "Haul Bag", category=("Bags",), attributes={"Volume": "40 L", "Size": "42"}),
        Product("c", "Haul Cup", category=("Cups",), attributes={"Capacity": "1.2 L", "Size": "44"}),
    ]
    return Facets.build([*tents, *bags])


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("tents for at least 3 people", "346"),
        ("tents for 3 or more people", "346"),
        ("tents for 4+ people", "46"),
        ("tents for 4 people or more", "46"),
        ("tents for more than two persons", "346"),
        ("tents for fewer than 4 people", "23"),
        ("tents for up to three people", "23"),
        ("tents for 3 to 4 people", "34"),
        ("tents that sleep at least 4", "46"),
        ("tents for at least 10 people", ""),
        ("tents with at least 2 doors", "46"),
    ],
)
def test_bounds_on_counted_things_bound_the_facet_that_counts_them(text: str, ids: str, counting: Facets) -> None:
    found = parse_constraints(text, counting.vocabulary, "USD")
    assert "".join(n for n, met in zip("2346bc", counting.product_mask(found.filters), strict=True) if met) == ids
    assert (found.filters.price_min, found.filters.price_max) == (None, None)
    assert found.subject == "tents"


def test_a_count_that_no_product_has_is_kept_in_the_shops_words(counting: Facets) -> None:
    found = parse_constraints("tents for at least 10 people", counting.vocabulary, "USD")
    assert Condition(("Capacity",), minimum=Decimal(10), unit="people") in found.filters.conditions


def test_counts_in_ranges_are_met_where_they_overlap() -> None:
    values = ("1-2人", "3-6人", "8人")
    facets = Facets.build([Product(v, f"帐篷{v[0]}", attributes={"适用人数": v}) for v in values])
    for text, met in {
        "至少4人的帐篷": [0, 1, 1],
        "4人以上的帐篷": [0, 1, 1],
        "不超过三人的帐篷": [1, 1, 0],
        "3到5人的帐篷": [0, 1, 0],
    }.items():
        found = parse_constraints(text, facets.vocabulary, "CNY")
        assert facets.product_mask(found.filters).tolist() == [bool(m) for m in met]
        assert found.filters.price_min is None and found.filters.price_max is None
        assert found.subject == "帐篷"


@pytest.mark.parametrize(
    ("text", "met"),
    [("anything no bigger than 42", "b"), ("anything bigger than 42", "c"), ("bags no bigger than 50 litres", "b"),
     ("bags no bigger than 30 litres", "")],
)  # fmt: skip
def test_what_is_compared_in_size_is_no_price(text: str, met: str, counting: Facets) -> None:
    found = parse_constraints(text, counting.vocabulary, "USD")
    assert (found.filters.price_min, found.filters.price_max) == (None, None)
    assert "".join(n for n, m in zip("2346bc", counting.product_mask(found.filters), strict=True) if m) == met


# -- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("jackets not red", "color", {"!red"}),
        ("jacket, but not blue", "color", {"!blue"}),
        ("no wool jackets", "material", {"!wool"}),
        ("jackets without wool", "material", {"!wool"}),
        ("non-wool jacket", "material", {"!wool"}),
        ("a jacket that isn't wool", "material", {"!wool"}),
        ("I don't want wool, show jackets", "material", {"!wool"}),
        ("anything but red jackets", "color", {"!red"}),
        ("jackets in any colour but red", "color", {"!red"}),
        ("jackets except red", "color", {"!red"}),
        ("jackets other than Larch", "brand", {"!Larch"}),
        ("not Larch jackets", "brand", {"!Larch"}),
        ("jackets that aren't red or blue", "color", {"!red", "!blue"}),
        ("jackets neither red nor blue", "color", {"!red", "!blue"}),
        ("jackets size M", "size", {"M"}),
        ("jackets in size M or L", "size", {"M", "L"}),
        ("jackets in M", "size", {"M"}),
        ("red jackets in XL", "size", {"XL"}),
        ("red jackets in XL", "color", {"red"}),
        ("blue or red jackets", "color", {"blue", "red"}),
        ("nylon jackets", "material", {"nylon"}),
        ("jackets made of wool", "material", {"wool"}),
        ("waterproof jackets", "waterproof", {"yes"}),
        ("jackets that are not waterproof", "waterproof", {"!yes"}),
        ("Larch jackets", "brand", {"Larch"}),
    ],
)
def test_values_and_their_negations_are_read(text: str, name: str, values: set[str], index: Index) -> None:
    found = _read(text, index)
    assert _value(found, name) == values
    assert found.subject.rstrip("s") == "jacket"


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("不要红色的保温杯", "颜色", {"!红色"}),
        ("保温杯不要红色", "颜色", {"!红色"}),
        ("保温杯，红色的不要", "颜色", {"!红色"}),
        ("除了红色还有什么保温杯", "颜色", {"!红色"}),
        ("红色或蓝色的保温杯", "颜色", {"红色", "蓝色"}),
        ("红色的保温杯", "颜色", {"红色"}),
        ("蓝色500ml保温杯", "容量", {"500ml"}),
        ("不锈钢保温杯", "材质", {"不锈钢"}),
        ("材质不锈钢的保温杯", "材质", {"不锈钢"}),
        ("非不锈钢的保温杯", "材质", {"!不锈钢"}),
        ("不要暖阳的保温杯", "brand", {"!暖阳"}),
        ("暖阳牌保温杯", "brand", {"暖阳"}),
    ],
)
def test_chinese_values_and_their_negations_are_read(text: str, name: str, values: set[str], index_zh: Index) -> None:
    found = _read(text, index_zh)
    assert _value(found, name) == values
    assert found.subject == "保温杯"
    assert "!保温杯" not in _value(found, "category")


@pytest.fixture(scope="module")
def straps() -> Facets:
    """A shop where one facet's name is part of another's, and values stand under several facets."""
    watch = tuple(
        Variant(f"{strap}-{dial}", {"strap material": strap, "dial color": dial})
        for strap in ("metal", "leather", "silicone")
        for dial in ("black", "white")
    )
    lamp = {"material": "metal", "color": "black", "waterproof": "no", "size": "80%", "finish": "leather"}
    coat = {"material": "recycled nylon", "color": "white", "waterproof": "yes"}
    return Facets.build(
        (
            Product("w", "Wristwatch", variants=watch),
            Product("l", "Lamp", attributes=lamp),
            Product("c", "Coat", attributes=coat),
        )
    )


@pytest.mark.parametrize(
    ("text", "name", "values", "stock"),
    [
        ("any Wristwatch in strap material metal, black left?", "strap material", {"metal"}, True),
        ("any Wristwatch in strap material metal, black left?", "material", set(), True),
        ("Wristwatch in strap material metal", "strap material", {"metal"}, None),
        ("Watch, strap material metal, leather or silicone", "strap material", {"metal", "leather", "silicone"}, None),
        ("Lamp in material metal", "material", {"metal"}, None),
        ("Lamps not in material metal", "material", {"!metal"}, None),
        ("Do you have coats that aren't recycled nylon?", "material", {"!recycled nylon"}, None),
        ("coats that aren't material recycled nylon", "material", {"!recycled nylon"}, None),
        ("Lamp, waterproof no, black", "waterproof", {"no"}, None),
        ("how much is the Coat in waterproof yes?", "waterproof", {"yes"}, None),
        ("Lamp (black, 80%)", "size", {"80%"}, None),
        ("a Lamp that isn't sold out", "color", set(), True),
        ("the left Lamp in black", "color", {"black"}, None),
        ("a black Lamp, right to left", "color", {"black"}, None),
    ],
)  # fmt: skip
def test_values_belong_to_the_facet_that_is_named(
    text: str, name: str, values: set[str], stock: bool | None, straps: Facets
) -> None:
    found = parse_constraints(text, straps.vocabulary, "USD")
    assert _value(found, name) == values
    assert found.filters.in_stock is stock


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("颜色红色或白色的毛巾", {"红色", "白色"}),
        ("红色和白色的毛巾", {"红色", "白色"}),
        ("颜色红色、白色或者蓝色的毛巾", {"红色", "白色", "蓝色"}),
        ("不要颜色红色的毛巾", {"!红色"}),
        ("毛巾，别要红色的", {"!红色"}),
        ("不要红色和白色的毛巾", {"!红色", "!白色"}),
        ("带件数5件的毛巾", set()),
        ("件数15件的毛巾", set()),
    ],
)
def test_chinese_lists_and_named_facets_are_read(text: str, values: set[str]) -> None:
    towels = [
        Product(colour, f"毛巾{n}", attributes={"颜色": colour, "件数": f"{n}件"})
        for n, colour in enumerate(("红色", "白色", "蓝色", "绿色", "黑色"), 1)
    ]
    found = parse_constraints(text, Facets.build(towels).vocabulary, "CNY")
    assert _value(found, "颜色") == values
    assert _value(found, "件数") == ({"5件"} if "件数5" in text else set())
    assert found.subject.endswith("毛巾") and ("15" in text or found.unexplained == ())


def test_one_character_is_a_value_beside_its_facet_and_a_known_kind() -> None:
    boards = [Product(wood, "砧板", category=("刀具砧板",), attributes={"材质": wood}) for wood in ("竹", "木")]
    vocabulary = Facets.build(boards).vocabulary
    assert _value(parse_constraints("低于80块钱的材质竹刀具砧板有吗", vocabulary, "CNY"), "材质") == {"竹"}
    assert _value(parse_constraints("材质竹炭的砧板", vocabulary, "CNY"), "材质") == set()


@pytest.fixture(scope="module")
def trousers() -> Facets:
    """A shop whose options have values that are also words of degree."""
    variants = (Variant("l", {"Length": "Long"}), Variant("r", {"Length": "Regular"}))
    boots = {"Ankle height": "high", "Fuel": "any"}
    return Facets.build(
        (
            Product("t", "Hiking Trousers", category=("Trousers",), variants=variants),
            Product("b", "Hiking Boots", category=("Boots",), attributes=boots),
            Product("f", "Bike Lights", category=("Lights",)),
        )
    )


@pytest.mark.parametrize(
    "text",
    ["how long does delivery take", "long lasting trousers", "high quality boots", "are there any boots",
     "a light jacket", "light weight boots", "how long are the trousers?"],
)  # fmt: skip
def test_words_of_degree_are_no_values(text: str, trousers: Facets) -> None:
    found = parse_constraints(text, trousers.vocabulary, "USD")
    named = {name for c in (*found.filters.conditions, *found.wishes) for name in c.names} - {"category"}
    assert named == set()
    assert all("Lights" not in c.values for c in found.filters.conditions)


@pytest.mark.parametrize(
    "text", ["trousers in long", "trousers, length long", "the long one", "trousers in the long version"]
)
def test_words_of_degree_are_values_where_they_are_meant_as_such(text: str, trousers: Facets) -> None:
    found = parse_constraints(text, trousers.vocabulary, "USD")
    assert Condition(("Length",), ("Long",)) in found.filters.conditions


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("jackets in size medium", {"M"}),
        ("jackets in large", {"L"}),
        ("jacket in x-large", {"XL"}),
        ("jackets, size extra large", {"XL"}),
        ("do you have the blue L", {"L"}),
        ("a large tent", set()),
        ("JACKETS IN M", {"M"}),
        ("I'm a big fan of jackets", set()),
    ],
)
def test_sizes_are_read_in_letters_and_in_words(text: str, sizes: set[str], index: Index) -> None:
    assert _value(_read(text, index), "size") == sizes


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("I'm broke, your cheapest jacket?", "jacket"),
        ("I need a jacket. Please choose a red one", "jacket"),
        ("a pair of jackets", "jackets"),
        ("I am interested in tents", "tents"),
        ("I need some help with finding a tent", "tent"),
    ],
)
def test_the_subject_is_the_thing_that_is_wanted(text: str, subject: str, index: Index) -> None:
    assert _read(text, index).subject.split()[-1] == subject


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("jakcets under $100", "category", "Jackets"),
        ("jaket", "category", "Jackets"),
        ("Fernwey tents", "brand", "Fernway"),
        ("waterproff tents", "waterproof", "yes"),
    ],
)
def test_typing_errors_are_read_as_the_word_they_mistype(text: str, name: str, value: str, index: Index) -> None:
    found = _read(text, index)
    assert value in _value(found, name)
    assert found.corrections


@pytest.mark.parametrize("text", ["tents", "tent", "TENTS", "Tent?", "ｔｅｎｔｓ"])
def test_plural_case_and_width_make_no_difference(text: str, index: Index) -> None:
    assert _value(_read(text, index), "category") == {"Tents"}


def test_words_that_the_catalogue_does_not_use_constrain_nothing(index: Index) -> None:
    found = _read("do you have any flamingo umbrellas?", index)
    assert not found.filters and not found.wishes
    assert "umbrellas" in found.subject


def test_a_name_that_is_protected_constrains_nothing(index: Index) -> None:
    text = "the Cairn Wool Jacket"
    start = text.index("Cairn")
    found = parse_constraints(text, index.facets.vocabulary, "USD", [(start, len(text))])
    assert not found.filters and not found.wishes


@pytest.mark.parametrize(
    ("text", "sort", "limit"),
    [
        ("cheapest tent", "price_asc", None),
        ("the 3 cheapest tents", "price_asc", 3),
        ("three cheapest tents", "price_asc", 3),
        ("tents, cheapest first", "price_asc", None),
        ("tents sorted by price low to high", "price_asc", None),
        ("which tent costs the least", "price_asc", None),
        ("most expensive tents", "price_desc", None),
        ("your dearest tent", "price_desc", None),
        ("top 2 best rated tents", "rating", 2),
        ("top rated 3 tents", "rating", 3),
        ("newest tents", "newest", None),
        ("show me two tents", "relevance", 2),
        ("which 40 cm tent is the cheapest", "price_asc", None),
        ("cheapest 4 tents", "price_asc", 4),
        ("tents", "relevance", None),
    ],
)
def test_english_sorts_and_limits_are_read(text: str, sort: Sort, limit: int | None, index: Index) -> None:
    found = _read(text, index)
    assert (found.sort, found.limit) == (sort, limit)
    assert found.subject.rstrip("s") == "tent"


def test_a_number_with_a_unit_is_no_limit(index: Index) -> None:
    assert _read("cheapest 40 l tent", index).limit is None


@pytest.mark.parametrize(
    ("text", "sort", "limit"),
    [
        ("最便宜的电热水壶", "price_asc", None),
        ("最便宜的三款电热水壶", "price_asc", 3),
        ("哪3款电热水壶最便宜？", "price_asc", 3),
        ("给我看看最便宜的三款电热水壶", "price_asc", 3),
        ("预算不多，最便宜的电热水壶是哪个？", "price_asc", None),
        ("电热水壶哪个便宜", "price_asc", None),
        ("最贵的电热水壶", "price_desc", None),
        ("评分最高的电热水壶", "rating", None),
        ("推荐三款电热水壶", "relevance", 3),
        ("最新款电热水壶", "newest", None),
    ],
)
def test_chinese_sorts_and_limits_are_read(text: str, sort: Sort, limit: int | None, index_zh: Index) -> None:
    found = _read(text, index_zh)
    assert (found.sort, found.limit) == (sort, limit)
    assert found.subject == "电热水壶"


@pytest.mark.parametrize(
    ("text", "subject", "terms"),
    [
        ("a tent for camping with my family", "tent", {"camping", "family"}),
        ("I'm looking for a jacket for a rainy hike", "jacket", {"rainy", "hike"}),
        ("do you have any lanterns?", "lanterns", set()),
        ("hello, could you please show me mugs?", "mugs", set()),
    ],
)
def test_subject_and_terms_are_told_apart(text: str, subject: str, terms: set[str], index: Index) -> None:
    found = _read(text, index)
    assert (found.subject, set(found.terms)) == (subject, terms)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("我想买个保温杯", "保温杯"),
        ("请问你们有没有适合送礼的保温杯？", "保温杯"),
        ("我想买个台灯", "台灯"),
        ("想买双肩包", "双肩包"),
        ("哪个保温杯好", "保温杯"),
        ("100元以内的保温杯有多少款", "保温杯"),
    ],
)
def test_chinese_subjects_lose_particles_and_nothing_else(text: str, subject: str, index_zh: Index) -> None:
    assert _read(text, index_zh).subject == subject


def test_everything_at_once_is_read_from_one_sentence(index: Index) -> None:
    found = _read("show me 2 red or blue Larch jackets in M under $90, in stock, rated 4+ stars, not wool", index)
    filters = found.filters
    assert (filters.price_max, filters.in_stock, filters.rating_min) == (Decimal(90), True, Decimal(4))
    assert _value(found, "color") == {"red", "blue"}
    assert _value(found, "size") == {"M"}
    assert _value(found, "brand") == {"Larch"}
    assert _value(found, "material") == {"!wool"}
    assert (found.subject, found.limit) == ("jackets", 2)


HOSTILE = {
    "empty": "",
    "blank": " \t\n ",
    "long": "waterproof tent under $" * 200,
    "one long word": "x" * 4000,
    "digits": "9" * 4000,
    "huge price": "tents under $" + "9" * 60,
    "exponent": "tents under 1e999999",
    "emoji": "😀🏕️🔥👩‍👩‍👧‍👦" * 100,
    "control": "tents\x00under\x07 $50\x1b[31m",
    "right to left": "\u202etents under $50\u202c\u200f",
    "zero width": "t\u200be\u200bn\u200bt\u200bs",
    "regex": "tents (.*)+ [a-z]{1,99} \\d+ ^$ |?*",
    "nested": "(" * 2000 + ")" * 2000,
    "not not": "not " * 900,
    "or or": "red or " * 500,
    "commas": "," * 4000,
    "spaces": " " * 4000 + "$50",
    "chinese": "不要红色的" * 800,
    "chinese numbers": "一百二十三万亿" * 500,
    "superscripts": "tents under ²³ kg ½ ٣٤",
    "lone surrogate": "tents \ud800 under $50",
    "currency signs": "$€£¥" * 1000,
    "percent": "100% % %% %s %d {0} {}",
    "html": "<script>alert(1)</script>" * 100,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_raises_or_takes_long(text: str, index: Index, index_zh: Index) -> None:
    for shop in (index, index_zh):
        assert min(_seconds(text, shop) for _ in range(4)) < 0.1 * BUSY


BUSY = 2  # a core that others share takes about twice the 100 ms that are allowed on an idle one


def _seconds(text: str, index: Index) -> float:
    """Processor time, so that a busy machine changes nothing."""
    start = time.process_time()
    _read(text, index)
    return time.process_time() - start


@pytest.mark.parametrize(
    ("text", "subject"),
    [("你家电热水壶有多少款", "电热水壶"), ("你们家电器有哪些", "电器"), ("你家家具有多少款", "家具")],
)
def test_your_shop_is_no_part_of_what_it_sells(text: str, subject: str, index_zh: Index) -> None:
    assert _read(text, index_zh).subject == subject


def test_a_value_written_with_a_number_in_words_is_found_as_it_stands() -> None:
    cap = Product(id="c", title="Mesh Cap", category=("Caps",), attributes={"Fit": "one-size"})
    tent = Product(id="t", title="Dome Tent", category=("Tents",), attributes={"Sleeps": "2 people"})
    vocabulary = Facets.build([cap, tent]).vocabulary
    for text, value in (
        ("a one-size cap with fit one-size", "one-size"),
        ("a tent that sleeps two people", "2 people"),
    ):
        found = parse_constraints(text, vocabulary, "USD")
        conditions = (*found.filters.conditions, *found.wishes)
        assert any(value in condition.values for condition in conditions), text


@pytest.mark.parametrize(
    "text", ["can you narrow it down to under $2?", "I'd rather stay below $2", "keep it under $2"]
)
def test_a_narrowed_budget_names_no_kind_of_thing(text: str) -> None:
    cap = Product(id="c", title="Mesh Cap", category=("Caps",))
    assert parse_constraints(text, Facets.build([cap]).vocabulary, "USD").subject == ""


def test_available_in_the_name_of_a_facet_says_nothing_of_stock() -> None:
    vocabulary = Facets.build([Product("a", "Fern Lamp", attributes={"available colours": "red"})]).vocabulary
    assert parse_constraints("lamp with available colours red", vocabulary, None).filters.in_stock is None
    assert parse_constraints("which lamps are available?", vocabulary, None).filters.in_stock


def test_a_range_of_volts_is_no_price() -> None:
    vocabulary = Facets.build([Product("a", "Adapter", attributes={"input voltage": "100-240"})]).vocabulary
    for text in ("adapter 100-240", "adapter 100-240 V"):
        assert parse_constraints(text, vocabulary, "USD").filters.price_max is None
    assert parse_constraints("adapters between 100 and 240", vocabulary, "USD").filters.price_max == 240
