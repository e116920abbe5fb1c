"""What a person of the shop is given to send is said by a person: nobody else is offered, nothing is promised."""

from __future__ import annotations

import pytest

from assistant.pipeline import Assistant
from assistant.types import Message, Turn


async def said(assistant: Assistant, text: str, *history: Message) -> str:
    return (await assistant.answer(Turn("c", text, tuple(history), for_person=True))).text


@pytest.mark.parametrize("text", ["I want to talk to a person", "can I speak to a human agent please"])
async def test_who_asked_for_a_person_has_one(assistant: Assistant, text: str) -> None:
    draft = await said(assistant, text)
    assert draft == "Hello, you are talking to a person now, and I have read what was written so far. How can I help?"


async def test_the_question_that_was_left_open_is_named_again(assistant: Assistant) -> None:
    open_question = Message("shopper", "Do you sponsor expeditions?")
    declined = Message("assistant", "I can't find that.", answered=False)
    draft = await said(assistant, "I want to talk to a person", open_question, declined)
    assert "You asked “Do you sponsor expeditions?”: let me look into that." in draft
    answered = Message("agent", "Yes, we do.")
    assert "You asked" not in await said(assistant, "I want to talk to a person", open_question, declined, answered)


async def test_chinese_shoppers_are_greeted_in_chinese(assistant_zh: Assistant) -> None:
    draft = await said(assistant_zh, "转人工客服")
    assert draft == "您好，现在由人工客服为您服务，刚才的对话我都看过了。请问有什么可以帮您？"


@pytest.mark.parametrize(
    "text", ["Do you sponsor expeditions to the moon?", "This is ridiculous, it arrived broken!", "I want a human, now"]
)
async def test_no_colleague_is_offered_by_a_person(assistant: Assistant, text: str) -> None:
    draft = await said(assistant, text)
    assert "colleague" not in draft
    assert "pass" not in draft
    assert assistant.info.handoff.get("email", "@") not in draft


async def test_the_assistant_itself_still_passes_on(assistant: Assistant) -> None:
    reply = await assistant.answer(Turn("c", "I want to talk to a person"))
    assert "pass you on to a colleague" in reply.text
    assert reply.handoff is not None


@pytest.mark.parametrize(
    "text",
    [
        "This is the third time my tent broke. I want to talk to a person!",
        "it is late and nobody answers! I want to talk to a person.",
    ],
)
async def test_who_is_upset_and_asks_for_a_person_is_both(assistant: Assistant, text: str) -> None:
    query = (await assistant.answer(Turn("c", text))).query
    assert {"handoff", "complaint"} <= set(query.intents)
