"""Which products a text names: by a whole title, by the telling part of one, or not at all."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from knowledge_base.titles import NounIndex, TitleIndex
from knowledge_base.vocabulary import value_key
from tests.timing import cpu_seconds

TITLES = [
    "Fernway 2 Tent",
    "Fernway 4 Tent",
    "Larch Solo Tent",
    "Mistral Rain Jacket",
    "Cairn Wool Jacket",
    "Nimbus KX-350 Wireless Keyboard",
    "Nimbus KX-500 Wireless Keyboard",
    "T-Shirt",
    "T-Shirt",
    "云朵电热水壶 1.7升",
    "山泉电热水壶 1.2升",
    "C++ (Primer) [5th] $ed.^*",
]
GENERIC = frozenset({"tent", "jacket", "keyboard", "wireless", "rain", "wool", "shirt", "t"})
IGNORE = frozenset({"the", "show", "is", "a", "and", "or", "compar", "how", "much", "do", "you", "have", "in", "for"})


@pytest.fixture(scope="module")
def titles() -> TitleIndex:
    return TitleIndex.of([value_key(title) for title in TITLES])


def _named(text: str, titles: TitleIndex) -> list[str]:
    return [TITLES[row] for m in titles.mentions(text, IGNORE, GENERIC) for row in m.rows]


@pytest.mark.parametrize("row", [i for i, title in enumerate(TITLES) if title != "T-Shirt"])
@pytest.mark.parametrize(
    "sentence", ["{}", "how much is the {}?", "IS THE {} WATERPROOF", "Compare {} or not", "{}多少钱？"]
)
def test_a_whole_title_names_its_product_alone(row: int, sentence: str, titles: TitleIndex) -> None:
    text = sentence.format(TITLES[row])
    (mention,) = (m for m in titles.mentions(text, IGNORE, GENERIC) if m.whole)
    assert mention.rows == (row,)
    assert value_key(text[mention.start : mention.end]) == value_key(TITLES[row])


def test_a_title_that_is_sold_twice_names_both(titles: TitleIndex) -> None:
    (mention,) = titles.mentions("how much is the T-shirt?", IGNORE, GENERIC)
    assert mention.rows == (7, 8)


def test_two_titles_in_one_text_are_both_named_in_text_order(titles: TitleIndex) -> None:
    assert _named("compare the Cairn Wool Jacket and the Fernway 2 Tent", titles) == [
        "Cairn Wool Jacket",
        "Fernway 2 Tent",
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("is the Mistral waterproof?", ["Mistral Rain Jacket"]),
        ("show the larch tent", ["Larch Solo Tent"]),
        ("how much is the KX-350", ["Nimbus KX-350 Wireless Keyboard"]),
        ("fernway tent", ["Fernway 2 Tent", "Fernway 4 Tent"]),
    ],
)
def test_the_telling_part_of_a_title_names_its_products(text: str, named: list[str], titles: TitleIndex) -> None:
    assert _named(text, titles) == named


@pytest.mark.parametrize(
    "text",
    [
        "do you have tents?",
        "a rain jacket",
        "wireless keyboards",
        "wool",
        "flamingo umbrella",
        "",
        "???",
        "100 8gb",
        "电热水壶",
    ],
)
def test_words_that_only_describe_name_nothing(text: str, titles: TitleIndex) -> None:
    assert _named(text, titles) == []


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("fernway two-person 4 tent", (1,)),
        ("nimbus keyboard", (5, 6)),
        ("the cairn", (4,)),
        ("flamingo umbrella", ()),
        ("", ()),
        ("cairn mistral larch", ()),
    ],
)
def test_the_nearest_title_holds_most_of_the_words(text: str, rows: tuple[int, ...], titles: TitleIndex) -> None:
    assert titles.nearest(text) == rows


def test_rarer_words_tell_more(titles: TitleIndex) -> None:
    assert titles.idf("cairn") > titles.idf("tent") > 0
    assert titles.idf("flamingo") == 0


@pytest.mark.parametrize(
    "text",
    ["", " ", "(" * 4000, ".*+?[]{}\\^$|" * 300, "Fernway 2 Tent " * 260, "云朵电热水壶" * 600,
     "\x00\u202e\ud800😀" * 900, "the " * 1300, "x" * 4000],
)  # fmt: skip
def test_no_text_raises_or_takes_long(text: str, titles: TitleIndex) -> None:
    def look() -> None:
        titles.mentions(text, IGNORE, GENERIC)
        titles.nearest(text)

    assert cpu_seconds(look, enough=0.2) < 0.2  # 100 ms on an idle core


def test_an_empty_catalogue_names_nothing() -> None:
    empty = TitleIndex.of([])
    assert empty.mentions("the Fernway 2 Tent") == ()
    assert empty.nearest("tent") == ()


def test_offsets_hold_for_a_title_inside_a_chinese_sentence(titles: TitleIndex) -> None:
    text = "请问云朵电热水壶 1.7升有货吗"
    (mention,) = titles.mentions(text, IGNORE, GENERIC)
    assert text[mention.start : mention.end] == "云朵电热水壶 1.7升"


WORDS = ("larch", "storm", "tent", "light", "head", "lamp", "headlamp", "帐篷", "雨衣帐篷", "x1")


def _any_title(chance: random.Random) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(1, 5)))


@pytest.mark.parametrize("seed", range(25))
def test_changed_and_stored_titles_are_found_as_in_an_index_built_anew(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    now = [_any_title(chance) for _ in range(8)]
    index = TitleIndex.of(now)
    index.save(tmp_path, "titles")
    index, nouns = TitleIndex.load(tmp_path, "titles"), NounIndex.of(now)
    for _ in range(8):
        changes = {row: chance.choice(("", _any_title(chance))) for row in chance.sample(range(len(now) + 2), 2)}
        changes |= {row: "" for row in range(len(now), max([*changes, 0]) + 1) if row not in changes}
        now += [""] * (max([*changes, 0]) + 1 - len(now))
        for row, title in changes.items():
            now[row] = title
        index = index.changed(changes, sum(map(bool, now)))
        nouns = nouns.changed(changes)
        anew, nouns_anew = TitleIndex.of(now), NounIndex.of(now)
        assert dict(index.titles) == dict(anew.titles)
        for _ in range(10):
            text = _any_title(chance)
            assert _spans(index, text) == _spans(anew, text)
            assert index.rows_with(text.split()).tolist() == anew.rows_with(text.split()).tolist()
            assert index.rows_with(text.split()).tolist() == [
                row for row, title in enumerate(now) if set(text.split()) <= set(title.split())
            ]
            for piece in ("帐篷", "雨衣帐", "雨", "衣"):
                holding = [row for row, title in enumerate(now) if piece in title]
                assert index.rows_holding([piece]).tolist() == anew.rows_holding([piece]).tolist() == holding
                assert index.has_run(piece) == bool(holding)
            together = [row for row, title in enumerate(now) if f" {text} " in f" {title} "]
            assert nouns.together(text).tolist() == nouns_anew.together(text).tolist() == together


def _spans(index: TitleIndex, text: str) -> list[tuple[int, int, tuple[int, ...], bool]]:
    return [(m.start, m.end, m.rows, m.whole) for m in index.mentions(text)]
