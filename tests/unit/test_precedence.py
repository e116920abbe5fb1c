"""A correction goes before what it corrects, and before nothing else."""

from __future__ import annotations

import pytest

from knowledge_base.changes import with_changes
from knowledge_base.index import Index
from knowledge_base.precedence import parts_of
from knowledge_base.ranking import rank_passages
from knowledge_base.types import Entry

LIST = Entry(
    "faq:list", "faq", "How long is the warranty?", "5 years on tents and packs, 24 months on lamps, 3 years on pans."
)
LAMPS = Entry(
    "faq:lamps",
    "faq",
    "How long are lamps under guarantee?",
    "Lamps have 36 months.",
    wordings=("warranty of a lamp?",),
    is_correction=True,
)


def _first(index: Index, text: str) -> str:
    scores = rank_passages(index, text).scores
    return index.passages.entries[int(scores.argmax())].id


@pytest.fixture(scope="module")
def corrected(index: Index) -> Index:
    return with_changes(index, {LIST.id: LIST, LAMPS.id: LAMPS})


def test_a_correction_answers_what_it_corrects(index: Index, corrected: Index) -> None:
    assert _first(with_changes(index, {LIST.id: LIST}), "how long is the warranty on lamps") == LIST.id
    assert _first(corrected, "how long is the warranty on lamps") == LAMPS.id


def test_what_it_does_not_correct_is_answered_as_before(index: Index, corrected: Index) -> None:
    for text in ("how long is the warranty on tents", "warranty of a pan: how long?"):
        assert _first(corrected, text) == LIST.id
    for entry in index.passages.entries:
        assert _first(corrected, entry.title) == _first(with_changes(index, {LIST.id: LIST}), entry.title)


def test_a_shop_without_corrections_is_ranked_by_score_alone(index: Index) -> None:
    scores = rank_passages(index, "warranty").scores
    assert index.passages.precedence.applied("warranty", scores, lambda _: scores) is scores


def test_a_correction_for_one_product_goes_before_no_other() -> None:
    from knowledge_base.precedence import Precedence

    lamp = Entry("faq:a", "faq", "How long does it burn?", "9 hours.", product_id="a")
    other = Entry("faq:b", "faq", "How long does it burn?", "5 hours.", product_id="b", is_correction=True)
    import numpy as np

    scores = np.array([2.0, 1.9], dtype=np.float32)
    assert Precedence((lamp, other)).applied("how long", scores, lambda _: scores).argmax() == 0
    same = Entry("faq:c", "faq", "How long does it burn?", "5 hours.", product_id="a", is_correction=True)
    assert Precedence((lamp, same)).applied("how long", scores, lambda _: scores).argmax() == 1


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "满59元包邮，不满收6元。新疆18元，满299元包邮。",
            ["满59元包邮，", "不满收6元。", "新疆18元，", "满299元包邮。"],
        ),
        (
            "Unused goods only, within 60 days, with two exceptions.",
            ["Unused goods only, within 60 days, with two exceptions."],
        ),
        ("One. Two.", ["One.", "Two."]),
        ("", [""]),
    ],
)
def test_a_list_is_taken_apart_at_its_figures(text: str, parts: list[str]) -> None:
    assert parts_of(text) == parts
