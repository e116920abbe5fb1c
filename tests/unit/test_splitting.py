"""Which messages ask two things, and which only seem to."""

from __future__ import annotations

import pytest

from assistant.understanding.splitting import questions_in


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        (
            "how many headlamps do you have and which is the brightest?",
            ("how many headlamps do you have", "which is the brightest?"),
        ),
        (
            "Do you have tents? And how long does shipping take?",
            ("Do you have tents?", "And how long does shipping take?"),
        ),
        (
            "I am off to Norway. Do you have tents? What is your return policy?",
            ("I am off to Norway. Do you have tents?", "What is your return policy?"),
        ),
        ("有多少款帐篷，哪款最轻？", ("有多少款帐篷", "哪款最轻？")),
        ("有没有帐篷？多久能发货？", ("有没有帐篷？", "多久能发货？")),
    ],
)
def test_two_questions_are_told_apart(text: str, questions: tuple[str, str]) -> None:
    assert questions_in(text) == questions


@pytest.mark.parametrize(
    "text",
    [
        "do you have red and blue jackets?",
        "a tent for four and which weighs under 3 kg",
        "Hi! Do you have tents?",
        "compare the first and the second",
        "show me tents under $200 and above $100",
        "Do you have many mugs? How many?",
        "有红色和蓝色的夹克吗",
        "",
        "? ? ?",
        "what? " * 100,
    ],
)
def test_one_question_stays_whole(text: str) -> None:
    assert questions_in(text) == (text,)
