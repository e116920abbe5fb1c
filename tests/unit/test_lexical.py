"""Lexical search: words, spellings, Chinese, weights, masks, and the way to disk and back."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.lexical import LexicalIndex, top_rows
from knowledge_base.lexical_build import lexical_index
from knowledge_base.query_expansion import query_words
from knowledge_base.text import tokens

TITLES = (
    "Trailhead two-person tent",
    "Wireless headphones with microphone",
    "Head torch for phones",
    "USB hub with 4 ports",
    "Tent pegs, set of 10",
    "电热水器 60升",
    "燃气热水器 16升",
)


@pytest.fixture(scope="module")
def index() -> LexicalIndex:
    return lexical_index([{"title": title} for title in TITLES], {"title": 1})


def first(index: LexicalIndex, query: str) -> str | None:
    rows = index.match(query).top(1)
    return TITLES[rows[0]] if len(rows) else None


def test_chinese_is_cut_into_characters_and_pairs_and_english_is_stemmed() -> None:
    assert tokens("热水器 Tents") == ["热", "水", "器", "热水", "水器", "tent"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tents for two persons", "Trailhead two-person tent"),
        ("do you have a usb hub", "USB hub with 4 ports"),
        ("headphone", "Wireless headphones with microphone"),
        ("head phones microphone", "Wireless headphones with microphone"),
        ("hedphones", "Wireless headphones with microphone"),
        ("usbhub", "USB hub with 4 ports"),
        ("我想要电热水器", "电热水器 60升"),
        ("燃气热水器有什么推荐的吗", "燃气热水器 16升"),
    ],
)
def test_finds_other_forms_of_the_same_words(index: LexicalIndex, query: str, expected: str) -> None:
    assert first(index, query) == expected


def best(titles: list[str], query: str) -> str:
    index = lexical_index([{"title": title} for title in titles], {"title": 1})
    return titles[index.match(query, other_names=True).top(1)[0]]


def test_another_chinese_name_of_the_same_thing_is_found_in_a_chinese_catalogue() -> None:
    assert best(["排气扇", "插花花瓶", "六位接线板 3米", "陶瓷花盆"], "排插") == "六位接线板 3米"


def test_a_model_number_written_together_with_another_is_found() -> None:
    titles = ["尼康镜头 z 卡口 62 毫米", "尼康全画幅微单机身Z62Z72套机", "佳能机身", "索尼机身", "尼康镜头盖"]
    assert best(titles, "尼康z62机身") == "尼康全画幅微单机身Z62Z72套机"


def test_a_name_in_latin_letters_weighs_as_a_word_among_chinese_characters() -> None:
    titles = ["线上音乐课程", "UGREEN 充电头", "商用果糖线上设备", "商店柜台摆件", "宠物店线材", "店铺海报"]
    assert best(titles, "ugreen的商店") == "UGREEN 充电头"


def test_an_amount_is_no_part_of_a_longer_one() -> None:
    assert best(["SSD 11TB", "SSD 1 TB"], "1tb") == "SSD 1 TB"


@pytest.mark.parametrize("query", ["pets", "hob"])
def test_an_ordinary_word_or_name_is_no_typing_error_of_another(index: LexicalIndex, query: str) -> None:
    assert first(index, query) is None
    assert lexical_index([{"title": "hiking boots"}], {"title": 1}).match("biking").known == 0.0


@pytest.mark.parametrize("query", ["", "   ", "???", "zzzzqqqq", "\0", "\u200b"])
def test_finds_nothing_for_a_query_without_known_words(index: LexicalIndex, query: str) -> None:
    match = index.match(query)
    assert len(match.top(5)) == 0
    assert match.known == 0.0


@pytest.mark.parametrize("kept", [(4,), (0, 3), (), (0, 1, 2, 3, 4)])
@pytest.mark.parametrize("query", ["tent", "tents for the rain", "laptop bag", "帐篷", "nothing of it"])
def test_a_mask_changes_no_score_of_what_it_keeps(index: LexicalIndex, kept: tuple[int, ...], query: str) -> None:
    mask = np.zeros(len(TITLES), dtype=bool)
    mask[list(kept)] = True
    whole, part = index.match(query, other_names=True), index.match(query, mask, other_names=True)
    assert part.scores[mask].tolist() == whole.scores[mask].tolist()
    assert part.coverage[mask].tolist() == whole.coverage[mask].tolist()
    assert not part.scores[~mask].any() and not part.coverage[~mask].any()
    assert part.known == whole.known


def test_a_row_outside_the_mask_is_never_found(index: LexicalIndex) -> None:
    mask = np.ones(len(TITLES), dtype=bool)
    mask[0] = False
    assert index.match("tent", mask).top(5).tolist() == [4]


def test_coverage_is_the_share_of_the_query_a_row_has(index: LexicalIndex) -> None:
    coverage = index.match("usb tent hub").coverage
    assert coverage[3] > coverage[0] > 0
    assert index.match("usb hub").coverage[3] == pytest.approx(1.0)


def test_a_query_of_request_words_only_keeps_them() -> None:
    assert query_words("do you have") == ["do", "you", "have"]
    assert query_words("do you have socks") == ["socks"]


def test_scores_are_those_of_the_bm25_formula() -> None:
    documents = ["red shoe", "red red hat", "blue hat on a shelf"]
    index = lexical_index([{"t": d} for d in documents], {"t": 1})
    lengths = [len(d.split()) for d in documents]
    k1, b, mean = 1.2, 0.75, sum(lengths) / 3
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    expected = [
        idf * tf / (tf + k1 * (1 - b + b * length / mean)) for tf, length in zip((1, 2, 0), lengths, strict=True)
    ]
    assert index.match("red").scores == pytest.approx(expected, rel=1e-5)


def test_a_field_of_more_weight_counts_more() -> None:
    documents = [{"title": "lamp", "text": "desk"}, {"title": "desk", "text": "lamp"}]
    index = lexical_index(documents, {"title": 3, "text": 1})
    assert index.match("desk").top(2).tolist() == [1, 0]


def test_an_index_read_back_scores_the_same(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    again = LexicalIndex.load(tmp_path)
    for query in ("tent", "hedphones", "热水器"):
        assert again.match(query).scores.tolist() == index.match(query).scores.tolist()


def test_an_index_of_nothing_finds_nothing(tmp_path: Path) -> None:
    empty = lexical_index([], {"title": 1})
    empty.save(tmp_path)
    assert len(LexicalIndex.load(tmp_path).match("tent").top(3)) == 0


def test_ties_are_in_row_order() -> None:
    assert top_rows(np.array([0.5, 1.0, 0.5, 0.5, 0.0], dtype=np.float32), 3).tolist() == [1, 0, 2]
