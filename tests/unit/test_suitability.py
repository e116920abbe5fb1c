"""Whether a shop has what is asked for at all: the nearest is not taken for the thing, in English and Chinese."""

from __future__ import annotations

import pytest

from knowledge_base.changes import with_changes
from knowledge_base.index import Index
from knowledge_base.suitability import FEATURES, SUITABLE, WITH_VECTORS, WITHOUT_VECTORS, named_share, suitability


@pytest.mark.parametrize("text", ["tent", "rain jacket", "do you have mugs", "Fernway", "wool jacket please", "tents"])
def test_what_the_shop_has_is_there(index: Index, text: str) -> None:
    assert suitability(index, text) >= SUITABLE


@pytest.mark.parametrize("text", ["submarine", "show me a drone", "garmin watch", "laptop", "board game", "person"])
def test_what_the_shop_does_not_have_is_not_there(index: Index, text: str) -> None:
    assert suitability(index, text) < SUITABLE


@pytest.mark.parametrize("text", ["mistral mug", "solo jacket"])
def test_words_that_the_thing_itself_does_not_bear_make_it_another_thing(index: Index, text: str) -> None:
    assert suitability(index, text) < SUITABLE


@pytest.mark.parametrize("text", ["电热水壶", "有没有水壶", "云朵"])
def test_what_a_chinese_shop_has_is_there(index_zh: Index, text: str) -> None:
    assert suitability(index_zh, text) >= SUITABLE


@pytest.mark.parametrize("text", ["潜水艇", "有笔记本电脑吗", "沙发", "想买手机"])
def test_what_a_chinese_shop_does_not_have_is_not_there(index_zh: Index, text: str) -> None:
    assert suitability(index_zh, text) < SUITABLE


def test_a_thing_is_not_there_once_the_last_of_it_is_gone(index: Index) -> None:
    without = with_changes(index, {f"product:{name}": None for name in ("tent-2", "tent-4", "tent-solo")})
    assert suitability(index, "tent") >= SUITABLE > suitability(without, "tent")


def test_a_wish_that_names_nothing_is_not_declined_for_its_words(index: Index) -> None:
    assert suitability(index, "I need something for hot coffee while we are camping in the mountains") >= SUITABLE


def test_a_name_has_a_share_of_the_words_that_are_asked_for(index: Index) -> None:
    rows = [index.product_rows[name] for name in ("rain-jacket", "wool-jacket", "mug")]
    rain, wool, mug = named_share(index, "rain jacket", rows).tolist()
    assert rain == pytest.approx(1.0)
    assert 0 < wool < 1
    assert mug == 0


def test_there_is_a_coefficient_for_every_figure() -> None:
    assert len(WITH_VECTORS.weights) == len(WITHOUT_VECTORS.weights) == len(FEATURES)


def test_an_empty_text_asks_for_nothing_that_is_there(index: Index) -> None:
    assert suitability(index, "") < SUITABLE
