"""Texts placed on the map of what shoppers usually ask."""

import numpy as np
import pytest

from knowledge_base.answer_forms import asks_amount, asks_duration, has_amount, has_duration
from knowledge_base.topics import Topics, _charted, ordinary
from knowledge_base.types import Entry

RETURNS = Entry("faq:returns", "faq", "How long do I have to return something?", "You have 30 days from delivery.")
PARCEL = Entry("faq:parcel", "faq", "Where is my parcel?", "Follow the tracking number.")
POINTS = Entry("faq:points", "faq", "积分会过期吗？", "积分在第二年年底清零。")


@pytest.fixture(scope="module")
def topics() -> Topics:
    return Topics.build((RETURNS, PARCEL, POINTS), None, None, lambda texts: np.zeros((len(texts), 0), np.float32))


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("can I track my shipment", 1),
        ("what is your return period", 0),
        ("我的积分什么时候清零", 2),
        ("退货期限多长", 0),
    ],
)
def test_a_question_agrees_with_the_passage_of_its_topic_in_either_language(
    topics: Topics, text: str, row: int
) -> None:
    assert int(np.argmax(topics.agreement(topics.place(text, None)))) == row


@pytest.mark.parametrize("text", ["is there parking at your shop", "有停车位吗", "", "   ", "???", "zzqx"])
def test_what_no_passage_is_about_agrees_with_none(topics: Topics, text: str) -> None:
    assert float(topics.agreement(topics.place(text, None)).max()) < 0.2


def test_the_map_has_every_topic_once_and_both_languages() -> None:
    charted = _charted()
    assert len(set(charted.names)) == len(charted.names) > 100
    assert all(charted.questions)
    assert ordinary("refund")
    assert not ordinary("zzqx")


@pytest.mark.parametrize(
    ("asked", "duration", "amount"),
    [
        ("How long does it take?", True, False),
        ("运费多少钱", False, True),
        ("几天能到", True, False),
        ("hello", False, False),
    ],
)
def test_the_form_of_an_answer_is_read_from_the_question(asked: str, duration: bool, amount: bool) -> None:
    assert (asks_duration(asked), asks_amount(asked)) == (duration, amount)


@pytest.mark.parametrize(
    ("said", "duration", "amount"),
    [
        ("3 to 5 business days", True, False),
        ("It costs $5.95.", False, True),
        ("满59元包邮，2天到", True, True),
        ("Yes.", False, False),
    ],
)
def test_times_and_amounts_are_seen_in_a_passage(said: str, duration: bool, amount: bool) -> None:
    assert (has_duration(said), has_amount(said)) == (duration, amount)
