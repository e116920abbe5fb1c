"""What a shopper says of herself is not taken for what she wants."""

from __future__ import annotations

import pytest

from assistant.types import Turn
from assistant.understanding import understand
from assistant.understanding.persons import about_writer
from knowledge_base.index import Index


def left(text: str) -> str:
    """The text without what speaks of its writer."""
    kept = list(text)
    for start, end in about_writer(text):
        kept[start:end] = " " * (end - start)
    return " ".join("".join(kept).split())


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Do you have tents? you can reach me at jo@gore-tex.com", "Do you have tents?"),
        ("call me on +49 151 2345678 about the sleeping bags under 100", "about the sleeping bags under 100"),
        ("My name is Lisa Green, my e-mail is lisa@webbing.org. Do you sell straps?", ", . Do you sell straps?"),
        ("我叫李雷，我的手机号是13812345678，有没有电热水壶？", "， ，有没有电热水壶？"),
        ("请联系我：lilei@kettle.com，台灯多少钱", "，台灯多少钱"),
    ],
)
def test_contacts_and_a_name_are_left_out_with_what_leads_up_to_them(text: str, rest: str) -> None:
    assert left(text) == rest.replace("， ，", "， ，")


@pytest.mark.parametrize(
    "text",
    [
        "a waterproof jacket in M under $80",
        "is the 2000-mm tent heavier than 2.5 kg",
        "my phone is too slow, which one is faster?",
        "I want a red phone case for my number plate",
        "is there a mobile 5G router?",
        "我想要一个1.5升的电热水壶，200元以内",
        "叫外卖用的保温袋有吗",
    ],
)
def test_a_wish_is_left_whole(text: str) -> None:
    assert left(text) == text


def test_an_address_is_no_wish(index: Index) -> None:
    asked = understand(Turn("c", "show me tents"), index)
    with_contact = understand(Turn("c", "show me tents, you can reach me at ann@red-jackets.com"), index)
    assert (with_contact.filters, with_contact.wishes, with_contact.intent) == (
        asked.filters, asked.wishes, asked.intent,
    )  # fmt: skip
