"""Cleaning, folding, words and languages of any string."""

from __future__ import annotations

import pytest

from knowledge_base.text import clean, fold, has_cjk, language_of, stems, visible, words


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("ｔｅｎｔ", "tent"),
        ("a\u200bb\u2060c\ufeff", "abc"),
        ("\u202eevil\u202c", "evil"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("nul\x00bell\x07esc\x1b", "nulbellesc"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("half \ud800 pair", "half  pair"),
        ("soft\u00adhyphen", "softhyphen"),
        ("", ""),
        ("保温杯 500ml", "保温杯 500ml"),
    ],
)
def test_cleaning_drops_what_no_reader_sees(dirty: str, cleaned: str) -> None:
    assert clean(dirty) == cleaned
    assert clean(cleaned) == cleaned


def test_clean_text_can_always_be_encoded() -> None:
    everything = "".join(map(chr, range(0x3000))) + "".join(map(chr, range(0xD700, 0xE100)))
    clean(everything).encode("utf-8")
    visible(everything).encode("utf-8")


def test_visible_text_keeps_full_width_punctuation() -> None:
    assert visible("您好，\u200b“￥１００”！") == "您好，“￥１００”！"


@pytest.mark.parametrize(
    ("text", "folded"),
    [("  Navy-Blue_XL ", "navy blue xl"), ("STRASSE", "strasse"), ("Straße", "strasse"), ("a—b–c", "a b c"), ("", "")],
)
def test_folding_makes_equal_things_equal(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("do you have tents?", "en"),
        ("有帐篷吗", "zh"),
        ("有 Fernway 帐篷吗", "zh"),
        ("is the tent called 云 in stock today?", "en"),
        ("$50?!", None),
        ("😀", None),
        ("", None),
    ],
)
def test_the_language_is_told_by_script(text: str, language: str | None) -> None:
    assert language_of(text) == language


def test_words_keep_their_places_and_chinese_runs_stay_whole() -> None:
    text = "Blue 保温杯 v1.5, XL."
    assert list(words(text)) == [("blue", 0, 4), ("保温杯", 5, 8), ("v1.5", 9, 13), ("xl", 15, 17)]


@pytest.mark.parametrize(
    ("one", "other"),
    [("jackets", "jacket"), ("grey", "gray"), ("litres", "liter"), ("2 people", "2 persons"), ("running", "run")],
)
def test_stems_meet_across_number_and_spelling(one: str, other: str) -> None:
    assert stems(one) == stems(other)


@pytest.mark.parametrize(
    ("text", "found"), [("abc", False), ("杯", True), ("カタカナ", False), ("한국어", False), ("", False)]
)
def test_only_chinese_characters_count_as_chinese(text: str, found: bool) -> None:
    assert has_cjk(text) is found
