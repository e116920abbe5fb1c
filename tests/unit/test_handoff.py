"""When a person should take over."""

from __future__ import annotations

import pytest

from assistant.handoff import handoff_reason
from assistant.types import Evidence, Intent, Language, Message, Query
from knowledge_base.shop import ShopInfo
from knowledge_base.text import has_cjk

INFO = ShopInfo(name="Small Shop")
UNANSWERED = Message("assistant", "I don't know.", answered=False)
ANSWERED = Message("assistant", "Yes.")
ASKED = Message("shopper", "and?")


def _reason(
    intents: tuple[Intent, ...],
    answerable: bool = True,
    history: tuple[Message, ...] = (),
    language: Language = "en",
) -> str | None:
    return handoff_reason(Query("x", intents, language), Evidence(answerable=answerable), history, INFO)


@pytest.mark.parametrize("intents", [("handoff",), ("complaint", "policy"), ("complaint", "order_status")])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_person_takes_over_when_asked_for_or_needed(intents: tuple[Intent, ...], language: Language) -> None:
    reason = _reason(intents, language=language)
    assert reason
    assert has_cjk(reason) is (language == "zh")


@pytest.mark.parametrize("intent", ["find", "policy", "product_question", "small_talk", "order_status"])
def test_nobody_takes_over_while_questions_are_answered(intent: Intent) -> None:
    assert _reason((intent,)) is None
    assert _reason((intent,), history=(ASKED, UNANSWERED, ASKED)) is None


def test_one_miss_is_not_enough() -> None:
    assert _reason(("policy",), answerable=False) is None
    assert _reason(("policy",), answerable=False, history=(ASKED, UNANSWERED, ASKED, ANSWERED)) is None


def test_the_second_miss_in_a_row_brings_a_person() -> None:
    assert _reason(("policy",), answerable=False, history=(ASKED, ANSWERED, ASKED, UNANSWERED, ASKED)) is not None
