"""Texts placed on the map of what shoppers usually ask."""

from pathlib import Path

import numpy as np
import pytest

from knowledge_base.answer_forms import asks_amount, asks_duration, has_amount, has_duration
from knowledge_base.index import passage_texts
from knowledge_base.topic_model import TopicModel, read_topics, sources_sha256, topic_model
from knowledge_base.topics import Topics
from knowledge_base.types import Entry

RETURNS = Entry("faq:returns", "faq", "How long do I have to return something?", "You have 30 days from delivery.")
PARCEL = Entry("faq:parcel", "faq", "Where is my parcel?", "Follow the tracking number.")
POINTS = Entry("faq:points", "faq", "积分会过期吗？", "积分在第二年年底清零。")


@pytest.fixture(scope="module")
def topics() -> Topics:
    return Topics.build([passage_texts(entry) for entry in (RETURNS, PARCEL, POINTS)], [1, 1, 1], None, None)


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
    assert int(np.argmax(topics.agreement(topics.place(text, None, None)).whole)) == row


@pytest.mark.parametrize("text", ["is there parking at your shop", "有停车位吗", "", "   ", "???", "zzqx"])
def test_what_no_passage_is_about_agrees_with_none(topics: Topics, text: str) -> None:
    assert float(topics.agreement(topics.place(text, None, None)).whole.max()) < 0.2


def test_the_model_was_trained_on_the_questions_that_are_there() -> None:
    """After a change of `topics/*.txt` or `concepts.txt`: `python -m benchmarks.topics`."""
    assert topic_model().sources == sources_sha256()
    assert set(topic_model().names) == {topic.name for topic in read_topics()}


def test_every_topic_is_there_once_with_questions_in_both_languages() -> None:
    found = list(read_topics())
    assert len({topic.name for topic in found}) == len(found) > 100
    for topic in found:
        assert topic.definition, topic.name
        languages = {any("\u4e00" <= c <= "\u9fff" for c in question) for question in topic.questions}
        assert languages == {False, True}, topic.name


@pytest.mark.parametrize("text", ["how much is shipping", "运费多少", "退款 refund", "", "\0", "zzqx", "🙂" * 50])
def test_chances_add_up_to_one_or_say_nothing(text: str) -> None:
    chances = topic_model().chances(text)
    assert chances.min() >= 0
    assert float(chances.sum()) == pytest.approx(1.0, abs=1e-4) or not chances.any()


def test_a_model_reads_back_as_it_was_written(tmp_path: Path) -> None:
    whole = topic_model()
    whole.save(tmp_path / "model.npz")
    again = TopicModel.load(tmp_path / "model.npz")
    assert (again.names, again.terms.names, again.embedder) == (whole.names, whole.terms.names, whole.embedder)
    np.testing.assert_allclose(again.chances("how do I return it"), whole.chances("how do I return it"), atol=1e-3)


def test_words_in_which_shoppers_ask_are_known() -> None:
    assert topic_model().knows("refund")
    assert not topic_model().knows("zzqx")


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
