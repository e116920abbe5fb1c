"""How sure a draft is: more where its source answers, less where nothing explains the question."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.confidence import COEFFICIENTS, FEATURES, confidence_of, way_of
from assistant.evaluation import confidence
from assistant.evaluation.confidence import Sure
from assistant.evaluation.passages import Paraphrase
from assistant.evaluation.records import ShopRecords, read_records
from assistant.handoff import reason_code
from assistant.pipeline import Assistant
from assistant.types import Evidence, Message, Part, Query, Told, Turn
from knowledge_base.types import Hit


@pytest.fixture
def records(small_shop: Path) -> ShopRecords:
    return read_records(small_shop)


async def sure_of(assistant: Assistant, records: ShopRecords, text: str) -> Sure:
    found = await confidence.measure(assistant, [], records, [Paraphrase("1", text, ("faq:none",))])
    return found[0]


def results(*pairs: tuple[float, bool]) -> list[Sure]:
    return [Sure("faq", "", "passages", sure, right, ()) for sure, right in pairs]


def test_every_way_has_a_weight_for_each_of_its_figures() -> None:
    assert {way: len(fitted.weights) for way, fitted in COEFFICIENTS.items()} == {
        way: len(names) for way, names in FEATURES.items()
    }


async def test_a_faq_question_in_its_own_words_is_surer_than_one_that_only_sounds_like_it(
    assistant: Assistant, records: ShopRecords
) -> None:
    exact = await sure_of(assistant, records, "How long do I have to return something?")
    vague = await sure_of(assistant, records, "can a friend in Alaska return the thing for me somewhere?")
    assert exact.confidence > 0.9
    assert vague.confidence < exact.confidence


async def test_words_that_nothing_explains_make_an_answer_from_products_less_sure(
    assistant: Assistant, records: ShopRecords
) -> None:
    plain = await sure_of(assistant, records, "how much is the Enamel Mug?")
    assert plain.way == "products"
    hits = tuple(Hit(assistant.index.catalogue.entries[0], 1.0, 1, "selected") for _ in range(1))
    part = Part(Query("a mug", ("find",), subject="mug"), Evidence(products=hits))
    odd = replace(part, query=replace(part.query, unexplained=("zorb", "quux", "glim")))
    assert confidence_of([odd], assistant.index) < confidence_of([part], assistant.index) - 0.05
    assert confidence_of([part, odd], assistant.index) == pytest.approx(
        min(confidence_of([part, part], assistant.index), confidence_of([odd, odd], assistant.index))
    )


def test_a_persons_own_words_are_as_sure_as_they_were(assistant: Assistant) -> None:
    part = Part(Query("how long?", ("policy",)), Evidence(answerable=False, told=(Told("90 days"),)))
    assert way_of(part) == "told"
    assert confidence_of([part], assistant.index) > 0.9


async def test_an_answer_below_what_the_shop_wants_goes_on_to_a_person(assistant: Assistant) -> None:
    strict = replace(assistant, min_confidence=0.995)
    reply = await strict.answer(Turn("c", "how much is the Enamel Mug?"))
    assert reply.handoff is not None
    assert reason_code(reply.handoff) == "low_confidence"
    assert (await strict.answer(Turn("c", "hello!"))).handoff is None
    assert (await assistant.answer(Turn("c", "how much is the Enamel Mug?"))).handoff is None
    asked = await strict.answer(Turn("c", "let me talk to a person", (Message("shopper", "hi"),)))
    assert asked.handoff is not None
    assert reason_code(asked.handoff) == "asked"


def test_the_figures_of_the_measurement_are_those_counted_by_hand() -> None:
    those = results((0.9, True), (0.9, False), (0.6, True), (0.6, True))
    assert confidence.calibration_error(those) == pytest.approx((2 * 0.4 + 2 * 0.4) / 4)
    assert confidence.brier(those) == pytest.approx((0.01 + 0.81 + 0.16 + 0.16) / 4)
    assert confidence.area_under_curve(those) == pytest.approx((0.5 + 0 + 0) / 3)
    assert [row[:4] for row in confidence.reliability(those)] == [
        ("0.50 to 0.70", 2, 0.6, 1.0),
        ("0.90 to 0.95", 2, 0.9, 0.5),
    ]


def test_a_fit_finds_the_figure_that_tells_right_from_wrong() -> None:
    n = len(FEATURES["declined"])
    told = [
        Sure("faq", "", "declined", 0.5, right, (2.0 * right - 1, *[0.0] * (n - 1))) for right in [True, False] * 20
    ]
    weights = confidence.fit(told)["declined"].weights
    assert weights[0] > 1
    assert weights[1:] == (0.0,) * (n - 1)
