"""The first questions of a new conversation: about what this shop really has, and answerable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.openers import openers
from assistant.pipeline import Assistant
from assistant.types import Turn
from knowledge_base.index import Index
from knowledge_base.text import has_cjk
from tests.shops import write_shop


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_opener_is_answered_in_its_language(
    language: str, assistant: Assistant, assistant_zh: Assistant, run: Callable[[Assistant, str], object]
) -> None:
    shop = assistant if language == "en" else assistant_zh
    questions = shop.openers(language)
    assert 2 <= len(questions) <= 4
    for question in questions:
        assert has_cjk(question) is (language == "zh")
        run(shop, question)


@pytest.fixture
def run() -> Callable[[Assistant, str], object]:
    """Asks a question and checks that it is answered from the records."""
    import asyncio

    def ask(shop: Assistant, question: str) -> None:
        reply = asyncio.run(shop.answer(Turn("c", question)))
        assert reply.answered, question
        assert reply.products or reply.citations, question

    return ask


def test_a_shop_without_categories_and_prices_offers_nothing_it_cannot_answer(
    tmp_path: Path, open_small: Callable[[Path], Index]
) -> None:
    index = open_small(write_shop(tmp_path / "bare", products=[{"id": "x", "title": "Mystery"}]))
    assert all("Mystery" in q or q in {e.title for e in index.passages.entries} for q in openers(index, "en"))


def test_a_language_that_the_shop_does_not_speak_gets_no_foreign_words(index: Index) -> None:
    assert all(has_cjk(question) for question in openers(index, "zh"))
