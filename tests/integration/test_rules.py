"""A shop's own rules reach the model, change nothing of the checks, and can be held against the built-in ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.evaluation.generator import Generator
from assistant.evaluation.models import rule_rows, run_rules
from assistant.evaluation.records import read_records
from assistant.pipeline import Assistant
from assistant.rules import built_in_rules, read_rules
from assistant.types import Prompt, Turn
from knowledge_base.index import Index
from tests.fakes import FakeDrafter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "system.en.md").write_text("\ufeffYou sell for {{shop}}. {{voice}} Say BREVITY.\n", encoding="utf-8")
    return tmp_path


def test_a_language_without_a_file_gets_the_built_in_rules(folder: Path) -> None:
    rules = read_rules(folder)
    assert rules["en"] == "You sell for {{shop}}. {{voice}} Say BREVITY."
    assert rules["zh"] == built_in_rules()["zh"]


@pytest.mark.parametrize(("text", "why"), [(None, "no rules in"), ("", "has 0 characters"), ("x" * 20_001, "20,001")])
def test_rules_that_cannot_be_used_say_so(tmp_path: Path, text: str | None, why: str) -> None:
    if text is not None:
        (tmp_path / "system.en.md").write_text(text)
    with pytest.raises(SettingsError, match=why):
        read_rules(tmp_path)


async def test_the_model_gets_the_shops_rules_and_a_false_figure_is_dropped_all_the_same(
    index: Index, folder: Path
) -> None:
    drafter = FakeDrafter("The Fernway 2 Tent costs $1.00 [1]. It is waterproof [1]. It suits two people [1].")
    assistant = Assistant(index, drafter, rules=read_rules(folder))
    reply = await assistant.answer(Turn("c", "tell me about the Fernway 2 Tent"))
    assert drafter.prompts[0].messages[0][1].startswith(f"You sell for {index.info.name}.")
    assert "$1.00" not in reply.text


async def test_two_sets_of_rules_are_held_against_each_other(index: Index, small_shop: Path, folder: Path) -> None:
    def brief(prompt: Prompt) -> str:
        """With the shop's own rules it says what stands in the evidence, with the built-in ones nothing of use."""
        evidence = prompt.messages[-1][1]
        return evidence if "BREVITY" in prompt.messages[0][1] else "I would rather not say."

    shop = read_records(small_shop)
    questions = list(Generator(shop, 3, None).questions(40))
    sets = {"built-in": built_in_rules(), "mine": read_rules(folder)}
    runs = await run_rules(replace(Assistant(index), drafter=FakeDrafter(brief)), sets, questions, shop, 4)
    assert runs["built-in"].n == runs["mine"].n > 5
    assert sum(runs["mine"].right.values()) > sum(runs["built-in"].right.values())
    assert runs["built-in"].fell_back == runs["built-in"].n
    first, second = rule_rows(runs)
    assert first[3] == "0 / 0"
    assert str(second[3]).endswith(" / 0")
    assert int(str(second[6])) < int(str(first[6]))  # shorter rules, fewer tokens


async def test_an_assistant_without_a_model_has_no_drafts_to_judge(index: Index, small_shop: Path) -> None:
    with pytest.raises(ValueError, match="name a model"):
        await run_rules(Assistant(index), {"built-in": built_in_rules()}, [], read_records(small_shop), 1)
