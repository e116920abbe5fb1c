"""Figures of drafts and their records, over drafts that the composer writes from the small shops."""

from __future__ import annotations

import pytest

from assistant.desk.figures import Figure, find_figures
from assistant.pipeline import Assistant
from assistant.trace import Trace
from assistant.types import Evidence, Language, Turn
from knowledge_base.shop import ShopInfo

ASKED = (
    "What does the Fernway 2 Tent weigh and cost?",
    "Compare the Fernway 2 Tent and the Fernway 4 Tent",
    "Is the rain jacket in stock in red?",
    "How well is the Mistral Rain Jacket rated?",
    "A mug",
)


async def drafted(assistant: Assistant, text: str) -> tuple[str, list[Evidence]]:
    async for event in assistant.stream(Turn("c", text)):
        if event.kind == "done":
            trace: Trace = event.data["trace"]
            return event.data["reply"].text, [part.evidence for part in trace.parts]
    raise AssertionError("a stream ends with done")


def said(text: str, figures: list[Figure]) -> dict[str, bool]:
    return {text[figure.start : figure.end]: bool(figure.records) for figure in figures}


@pytest.mark.parametrize("asked", ASKED)
async def test_every_figure_of_a_draft_from_the_records_has_its_record(assistant: Assistant, asked: str) -> None:
    text, evidences = await drafted(assistant, asked)
    figures = find_figures(text, evidences, assistant.info, "en")

    assert figures, text
    for figure in figures:
        assert figure.records, f"{text[figure.start : figure.end]!r} of {text!r}"


async def test_a_chinese_draft_is_read_as_well(assistant_zh: Assistant) -> None:
    text, evidences = await drafted(assistant_zh, "云朵电热水壶多少钱？容量多大？")
    found = said(text, find_figures(text, evidences, assistant_zh.info, "zh"))

    assert found
    assert all(found.values()), (text, found)


@pytest.mark.parametrize(("wrong", "figure"), [("$188.00", "$188.00"), ("1.8 kg", "1.8 kg"), ("rated 4.1", "4.1")])
async def test_a_figure_that_no_record_has_is_told_apart(assistant: Assistant, wrong: str, figure: str) -> None:
    _, evidences = await drafted(assistant, "What does the Fernway 2 Tent weigh and cost?")
    text = f"The Fernway 2 Tent costs $189.00 [1]. It is {wrong}."
    found = said(text, find_figures(text, evidences, assistant.info, "en"))

    assert found["$189.00"]
    assert not next(held for said_, held in found.items() if figure in said_)


async def test_the_record_that_the_sentence_cites_comes_first(assistant: Assistant) -> None:
    _, evidences = await drafted(assistant, "Compare the Fernway 2 Tent and the Fernway 4 Tent")
    text = "The Fernway 4 Tent costs $329.00 [2]."
    (figure,) = find_figures(text, evidences, assistant.info, "en")

    assert figure.records[0].title == "Fernway 4 Tent"
    assert "329" in figure.records[0].line


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("We answer from 9 a.m. to 6 p.m.", True),
        ("1. First\n2. Second", None),
        ("See [1] and [2].", None),
        ("By 3 March 2026", False),
    ],
)
def test_what_is_no_figure_is_not_marked_and_the_shops_own_words_count(text: str, figures: bool | None) -> None:
    info = ShopInfo("Alder & Pine", hours="Monday to Friday, 9 a.m. to 6 p.m.")
    language: Language = "en"
    found = said(text, find_figures(text, (), info, language))

    assert set(found.values()) == (set() if figures is None else {figures}), found
