"""Which messages set products on the table side by side, and which ask for others."""

from __future__ import annotations

import pytest

from assistant.understanding.judging import judgement
from assistant.understanding.references import Reference

TABLE = ("a", "b", "c")


def _pointing(*ids: str) -> Reference:
    return Reference(ids, bool(ids), ("a",), TABLE, (), TABLE)


@pytest.mark.parametrize(
    ("text", "pointed", "ids", "asserted"),
    [
        ("which of the first two is lighter?", ("a", "b"), "ab", ""),
        ("is the second one lighter?", ("b",), "ba", "b"),
        ("is the second lighter than the third", ("b", "c"), "bc", "b"),
        ("is it cheaper than the third one?", ("c",), "ac", "a"),
        ("which is cheaper?", (), "abc", ""),
        ("which of these is the lightest?", TABLE, "abc", ""),
        ("前两款哪个更轻", ("a", "b"), "ab", ""),
        ("第二款比第三款便宜吗", ("b", "c"), "bc", "b"),
        ("哪个便宜", (), "abc", ""),
    ],
)
def test_products_on_the_table_are_judged(text: str, pointed: tuple[str, ...], ids: str, asserted: str) -> None:
    found = judgement(text, _pointing(*pointed))
    assert found is not None
    assert found.ids == tuple(ids) and found.asserted == asserted


@pytest.mark.parametrize(
    ("text", "pointed"),
    [
        ("anything lighter?", ()),
        ("do you have something cheaper than the first one", ("a",)),
        ("is there a lighter one", ()),
        ("lighter please", ()),
        ("which is the lightest?", ()),  # of all that were asked for, not of those shown
        ("有没有更轻的", ()),
        ("is the second one waterproof?", ("b",)),
        ("which of these is better?", TABLE),
    ],
)
def test_other_messages_judge_nothing(text: str, pointed: tuple[str, ...]) -> None:
    assert judgement(text, _pointing(*pointed)) is None


def test_the_other_one_is_not_taken_for_a_wish_for_others() -> None:
    reference = Reference(("b",), True, ("a",), ("a", "b"), ((3, 16),), ("a", "b"))
    found = judgement("is the other one better rated?", reference)
    assert found is not None and found.asserted == "b"


def test_one_product_alone_is_judged_against_nothing() -> None:
    assert judgement("is it lighter?", Reference(("a",), True, ("a",), ("a",), (), ("a",))) is None
