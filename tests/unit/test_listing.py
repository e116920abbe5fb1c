"""Which messages wish for several kinds of things, and which only seem to."""

from __future__ import annotations

import pytest

from assistant.understanding import kinds_in
from knowledge_base.index import Index


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("tents or jackets", ("tents", "jackets")),
        ("do you have tents, mugs and jackets?", ("do you have tents?", "do you have mugs?", "do you have jackets?")),
        ("show me tents and jackets under $100", ("show me tents under $100", "show me jackets under $100")),
        ("tents under $200 and jackets under $90", ("tents under $200", "jackets under $90")),
        (
            "I'm looking for a mug or a lantern please",
            ("I'm looking for a mug please", "I'm looking for a lantern please"),
        ),
        ("tents or hammocks", ("tents", "hammocks")),
    ],
)
def test_each_kind_of_a_list_is_a_message_of_its_own(text: str, kinds: tuple[str, ...], index: Index) -> None:
    assert kinds_in(text, index) == kinds


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("有没有电热水壶或者保温杯", ("有没有电热水壶", "有没有保温杯")),
        ("电热水壶和保温杯，100元以内", ("电热水壶，100元以内", "保温杯，100元以内")),
    ],
)
def test_each_kind_of_a_chinese_list_is_a_message_of_its_own(
    text: str, kinds: tuple[str, ...], index_zh: Index
) -> None:
    assert kinds_in(text, index_zh) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "red and blue jackets",
        "a waterproof and light tent",
        "a jacket for men and women",
        "something to put in a tent or jacket",
        "compare tents and jackets",
        "which is better, a tent or a jacket?",
        "the Fernway 2 Tent and the Larch Solo Tent",
        "a tent, 2 persons, waterproof",
        "a tent and everything",
        "tents",
        "",
        ", and or , 和 、",
    ],
)
def test_other_messages_stay_whole(text: str, index: Index) -> None:
    assert kinds_in(text, index) == ()


@pytest.mark.parametrize("text", ["红色和蓝色的保温杯", "电热水壶和保温杯有什么区别", "不锈钢或者玻璃的电热水壶"])
def test_other_chinese_messages_stay_whole(text: str, index_zh: Index) -> None:
    assert kinds_in(text, index_zh) == ()
