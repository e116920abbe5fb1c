"""Chinese questions over English catalogues and the reverse: words cut, put into the other language, and found."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.constraints import parse_constraints
from knowledge_base.index import Index, build_index
from knowledge_base.lexical import Scores
from knowledge_base.opening import open_index
from knowledge_base.ranking import rank_products
from knowledge_base.retrieval import retrieve, search, understood
from knowledge_base.shop import open_shop
from knowledge_base.translation import in_chinese, in_english, leading_unit, mixed_word, pieces
from knowledge_base.types import Product
from tests.embedders import WordEmbedder
from tests.shops import write_shop

ENGLISH = (
    "Apple USB-C to Lightning Cable 2 m",
    "Apple USB-C to Lightning Cable 1 m",
    "Hama HDMI Cable 2 m",
    "Apple iPad sleeve",
    "Sony wireless headphones",
    "Canvas hammock",
    "Camping stove with canister",
    "Men's T-Shirt, crew neck",
    "Sony remote control",
)
CHINESE = ("禾光电热水壶 1.7升", "拾棉珊瑚绒擦头巾", "砚白金属钢笔", "云汀扫拖机器人", "漫野反向长柄伞")


def shop_of(folder: Path, titles: Sequence[str], embedder: WordEmbedder | None = None) -> Index:
    products = [Product(str(i), title, None, None, (), Decimal(10), currency="EUR") for i, title in enumerate(titles)]
    return build_index(open_shop(write_shop(folder)), products, (), embedder)


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return shop_of(tmp_path_factory.mktemp("shops") / "english", ENGLISH)


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return shop_of(tmp_path_factory.mktemp("shops") / "chinese", CHINESE)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("羊毛毯", ["羊毛", "毯"]),
        ("二手笔记本电脑", ["二手", "笔记本电脑"]),
        ("徒步鞋", ["徒步鞋"]),
        ("魑魅鞋", ["魑", "魅", "鞋"]),
    ],
)
def test_a_run_of_chinese_is_cut_so_that_little_stays_unknown(run: str, words: list[str]) -> None:
    assert [piece.said for piece in pieces(run)] == words


@pytest.mark.parametrize(
    ("text", "said", "share"),
    [
        ("苹果 lightning 数据线 2米", "apple lightning cable 2 m", 1.0),
        ("1.5升电饭煲", "1.5 l rice cooker", 1.0),
        ("男士T恤", "men t shirt", 1.0),
        ("魑魅吊床", "hammock", 0.5),
        ("tent", "tent", 1.0),
        ("", "", 1.0),
    ],
)
def test_a_chinese_text_is_put_in_plain_english(text: str, said: str, share: float) -> None:
    assert in_english(text) == (said, share)


def test_a_unit_is_one_only_where_no_word_begins() -> None:
    assert leading_unit("米数据线") == (("m", "meter", "metre"), "数据线")
    assert leading_unit("米色外套") == ((), "米色外套")


def test_a_word_may_begin_with_latin_letters() -> None:
    assert (found := mixed_word("u", "盘读卡器")) is not None
    assert found.said == "u盘"
    assert mixed_word("tent", "读卡器") is None


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("苹果 lightning 数据线 2米", "Apple USB-C to Lightning Cable 2 m"),
        ("苹果的数据线，1米", "Apple USB-C to Lightning Cable 1 m"),
        ("索尼耳机", "Sony wireless headphones"),
        ("有没有吊床", "Canvas hammock"),
        ("露营气炉", "Camping stove with canister"),
        ("男士T恤", "Men's T-Shirt, crew neck"),
    ],
)
def test_a_chinese_question_finds_the_english_product(english: Index, query: str, title: str) -> None:
    assert search(english, query, understood(english, query))[0].entry.title == title


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("electric kettle", "禾光电热水壶 1.7升"),
        ("fountain pens", "砚白金属钢笔"),
        ("robot vacuum", "云汀扫拖机器人"),
        ("umbrella", "漫野反向长柄伞"),
    ],
)
def test_an_english_question_finds_the_chinese_product(chinese: Index, query: str, title: str) -> None:
    assert retrieve(chinese, query)[0].entry.title == title


def test_a_metre_after_a_number_is_no_beige(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "title": "Cable", "variants": [{"id": "a1", "options": {"Color": "Sand"}, "price": "5"}]},
        {"id": "b", "title": "Cord", "variants": [{"id": "b1", "options": {"Color": "Navy"}, "price": "5"}]},
    ]
    index = open_index(write_shop(tmp_path / "shop", products=rows), tmp_path / "data", "none", progress=False)
    assert parse_constraints("米色的", index.facets.vocabulary, "EUR").filters
    assert not parse_constraints("2米的数据线", index.facets.vocabulary, "EUR").filters


def test_what_a_catalogue_has_in_the_other_language_is_explained(english: Index, chinese: Index) -> None:
    def unexplained(index: Index, text: str) -> tuple[str, ...]:
        return parse_constraints(text, index.facets.vocabulary, "EUR").unexplained

    assert unexplained(english, "有没有吊床") == ()
    assert unexplained(english, "有没有皮划艇") == ("皮划艇",)
    assert unexplained(chinese, "fountain pen") == ()
    assert unexplained(chinese, "kayak") == ("kayak",)


def test_phrases_have_looser_chinese_words() -> None:
    assert list(in_chinese(["my", "fountain", "pens"])) == [(("fountain", "pens"), ("钢笔",))]


# -- dense search over both languages ----------------------------------------------------------------------------------


class BilingualEmbedder(WordEmbedder):
    """Stands for a multilingual model: it knows both languages, and one word of each is the same to it."""

    def known_share(self, text: str) -> float:
        return 1.0

    def encode_query(self, text: str) -> Scores:
        vector = super().encode_query(text.replace("晾衣绳", " washing line "))
        return vector / np.float32(np.linalg.norm(vector) or 1.0)


def test_a_model_that_knows_chinese_is_asked_about_chinese_questions(tmp_path: Path) -> None:
    index = shop_of(tmp_path / "shop", ("Washing line", *ENGLISH), BilingualEmbedder(dimension=64))
    ranking = rank_products(index, "晾衣绳")
    assert not in_english("晾衣绳")[0].startswith("washing")  # only the model can know it
    assert ranking.cosines is not None
    assert int(ranking.scores.argmax()) == 0


def test_a_model_that_knows_only_english_is_asked_in_english(tmp_path: Path) -> None:
    index = shop_of(tmp_path / "shop", ENGLISH, WordEmbedder(dimension=64))
    assert (cosines := rank_products(index, "索尼耳机").cosines) is not None
    assert ENGLISH[int(cosines.argmax())] == "Sony wireless headphones"
    assert rank_products(index, "魑魅魍魉").cosines is None


def test_a_chinese_catalogue_is_not_compared_with_english_words(tmp_path: Path) -> None:
    index = shop_of(tmp_path / "shop", CHINESE, WordEmbedder())
    assert rank_products(index, "钢笔").cosines is None
