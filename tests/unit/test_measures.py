"""Which measure a message wants more or less, or most or least, of."""

from __future__ import annotations

import pytest

from assistant.understanding.measures import judged_by, more_or_less, most_or_least


@pytest.mark.parametrize(
    ("text", "name", "direction"),
    [
        ("anything lighter?", "weight", -1),
        ("a heavier one", "weight", 1),
        ("do you have something bigger", "capacity", 1),
        ("smaller please", "capacity", -1),
        ("one with longer battery", "battery life", 1),
        ("does any last longer?", "battery life", 1),
        ("something quieter", "noise", -1),
        ("a more powerful one", "power", 1),
        ("a brighter lamp", "brightness", 1),
        ("is there a taller one", "height", 1),
        ("a longer cable", "length", 1),
        ("有没有轻一点的", "重量", -1),
        ("更大的有吗", "容量", 1),
        ("小一点的", "容量", -1),
        ("功率更大的", "功率", 1),
        ("噪音更小的", "噪音", -1),
    ],
)
def test_comparatives_name_a_measure_and_its_direction(text: str, name: str, direction: int) -> None:
    wanted = more_or_less(text)
    assert wanted is not None
    assert name in wanted.names and wanted.direction == direction
    assert text[slice(*wanted.span)] == wanted.word


@pytest.mark.parametrize(
    ("text", "name", "direction"),
    [
        ("the lightest tent", "weight", -1),
        ("which is the heaviest?", "weight", 1),
        ("your largest suitcase", "capacity", 1),
        ("smallest tent", "capacity", -1),
        ("longest lasting headphones", "battery life", 1),
        ("the quietest fan", "noise", -1),
        ("most powerful blender", "power", 1),
        ("laptop with the most memory?", "memory", 1),
        ("which has the lowest noise level?", "noise level", -1),
        ("最轻的帐篷", "重量", -1),
        ("容量最大的水壶", "容量", 1),
        ("噪音最小的风扇", "噪音", -1),
        ("功率最大的是哪款", "功率", 1),
    ],
)
def test_superlatives_name_a_measure_and_its_direction(text: str, name: str, direction: int) -> None:
    wanted = most_or_least(text)
    assert wanted is not None
    assert name in wanted.names and wanted.direction == direction
    assert text[slice(*wanted.span)] == wanted.word


@pytest.mark.parametrize(
    "text",
    ["the cheapest tent", "most expensive jacket", "best rated kettle", "highest price", "lowest priced mug",
     "最便宜的水壶", "最贵的", "评分最高的水壶", "most popular tents", "tents", "", "价格最低的"],
)  # fmt: skip
def test_prices_ratings_and_plain_words_are_no_measures(text: str) -> None:
    assert most_or_least(text) is None


@pytest.mark.parametrize(
    "text", ["", "tents", "is it waterproof?", "a light tent", "cheaper", "便宜点的", "大概多少钱"]
)
def test_a_message_without_a_comparison_wants_nothing_more(text: str) -> None:
    assert more_or_less(text) is None


@pytest.mark.parametrize(
    ("text", "name", "direction"),
    [
        ("which is cheaper?", "price", -1),
        ("is it more expensive?", "price", 1),
        ("which is better rated?", "rating", 1),
        ("which one has the lower rating", "rating", -1),
        ("which of them is lighter?", "weight", -1),
        ("which has more storage?", "storage", 1),
        ("which has the higher waterproof rating?", "waterproof rating", 1),
        ("哪个便宜", "price", -1),
        ("哪款评分高", "rating", 1),
        ("哪个轻", "重量", -1),
        ("哪款容量大", "容量", 1),
        ("第二款比第一款重吗", "重量", 1),
    ],
)
def test_what_products_are_judged_by(text: str, name: str, direction: int) -> None:
    wanted = judged_by(text)
    assert wanted is not None
    assert name in wanted.names and wanted.direction == direction


@pytest.mark.parametrize("text", ["which is better?", "compare them", "more options please", "哪个好", "多重"])
def test_who_asks_only_which_is_better_names_nothing_to_judge_by(text: str) -> None:
    assert judged_by(text) is None
