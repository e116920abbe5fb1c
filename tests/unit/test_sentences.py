"""Sentences come out of a stream whole, in order, and without losing a character."""

from __future__ import annotations

import random

import pytest

from assistant.sentences import LIMIT_CHARS, SentenceSplitter, split_sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One is here. Two is there.", ["One is here. ", "Two is there."]),
        ("It costs $3.50 today. Fine!", ["It costs $3.50 today. ", "Fine!"]),
        ("Made in the U.S. by hand. Good.", ["Made in the U.S. by hand. ", "Good."]),
        ("Take a shell, e.g. this one. Or not.", ["Take a shell, e.g. this one. ", "Or not."]),
        ("Take a shell, e.g. The North. Or not.", ["Take a shell, e.g. The North. ", "Or not."]),
        ("See https://a.example/x.html?y=1. Then go.", ["See https://a.example/x.html?y=1. ", "Then go."]),
        ("It is waterproof [1]. It is light [2].", ["It is waterproof [1]. ", "It is light [2]."]),
        ("It is waterproof. [1] It is light. [2]", ["It is waterproof. [1] ", "It is light. [2]"]),
        ("It is waterproof.[1] It is light.[2, 3]", ["It is waterproof.[1] ", "It is light.[2, 3]"]),
        ("Really?! Yes... Sure.", ["Really?! ", "Yes... ", "Sure."]),
        ("Mr. Smith, Dr. Who and No. 5 agree. Done.", ["Mr. Smith, Dr. Who and No. 5 agree. ", "Done."]),
        ('He said "Stop." Then left.', ['He said "Stop." ', "Then left."]),
        ("这款很好。那款也不错！要吗？", ["这款很好。", "那款也不错！", "要吗？"]),
        ("售价1299元[1]。评分4.8分。[2]有货。", ["售价1299元[1]。", "评分4.8分。[2]", "有货。"]),
        ("他说：“可以。”然后走了。", ["他说：“可以。”", "然后走了。"]),
        ("推荐这款。It is good. 不错。", ["推荐这款。", "It is good. ", "不错。"]),
        ("A line\nanother line\n\nmore", ["A line\n", "another line\n\n", "more"]),
        ("- First. Still first.\n- Second.\n", ["- First. Still first.\n", "- Second.\n"]),
        ("| A | B. C |\n|---|---|\n| 1. | 2 |\n", ["| A | B. C |\n", "|---|---|\n", "| 1. | 2 |\n"]),
        ("1. First thing. More.\n2. Second", ["1. First thing. More.\n", "2. Second"]),
        ("**Bold ends.** Next one.", ["**Bold ends.** ", "Next one."]),
        ("Open 9 a.m. to 5 p.m. daily. Come.", ["Open 9 a.m. to 5 p.m. daily. ", "Come."]),
        ("[See this. Now](https://a.example). Ok.", ["[See this. Now](https://a.example). ", "Ok."]),
        ("", []),
        ("\n\n", ["\n\n"]),
        ("no end", ["no end"]),
    ],
)
def test_a_text_is_cut_where_its_sentences_end(text: str, expected: list[str]) -> None:
    assert split_sentences(text) == expected


TEXTS = [
    "The Alpine Tent costs $1,299.00 [1]. It weighs 2.5 kg, e.g. for two. [2] Is it light? Yes!\n\n"
    "| a | b |\n|---|---|\n"
    "| 1. x | y |\n- item one. still\nEnd.",
    "这款60升热水器售价1,299.00元[1]。评分4.8分！[2]有货吗？有……\n- 第一。还是第一\n结束",
    "Dr. A. B. Smith said no. 5 is at www.x.example/a.b.c?d=e. See [here. now](http://y.example). Done",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("seed", range(20))
def test_the_cut_does_not_depend_on_how_the_stream_was_chopped(text: str, seed: int) -> None:
    rng = random.Random(seed)
    splitter, sentences, position = SentenceSplitter(), [], 0
    while position < len(text):
        step = rng.randint(1, 9)
        sentences += splitter.feed(text[position : position + step])
        position += step
    if rest := splitter.flush():
        sentences.append(rest)
    assert "".join(sentences) == text
    assert sentences == split_sentences(text)


def test_a_sentence_is_released_as_soon_as_the_next_one_begins() -> None:
    splitter = SentenceSplitter()
    assert splitter.feed("It is light.") == []
    assert splitter.feed(" ") == []
    assert splitter.feed("T") == ["It is light. "]
    assert splitter.flush() == "T"
    assert splitter.flush() == ""


@pytest.mark.parametrize(
    "text", ["word " * 2000, "x" * 9000, "字" * 9000, "- " + "item " * 2000, "[" * 5000, "a.b" * 4000, "e.g. " * 3000]
)
def test_a_sentence_that_never_ends_is_cut(text: str) -> None:
    sentences = split_sentences(text)
    assert "".join(sentences) == text
    assert max(map(len, sentences)) <= LIMIT_CHARS + 1


def test_nothing_is_held_back_beyond_the_limit() -> None:
    splitter = SentenceSplitter(limit=50)
    given = released = 0
    for _ in range(100):
        released += sum(map(len, splitter.feed("abc def ")))
        given += 8
        assert given - released <= 58
