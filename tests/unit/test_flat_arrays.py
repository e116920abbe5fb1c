"""Words and lists kept in flat arrays, against dictionaries and sets."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.lexicon import Lexicon, Numbering
from knowledge_base.lists import Lists, intersection


@pytest.mark.parametrize("n", [0, 1, 2, 3, 50, 5000])
def test_every_string_is_found_under_its_number_and_no_other_is(n: int, tmp_path: Path) -> None:
    texts = [f"词 {i * 7919}é" for i in range(n)]
    lexicon, numbers = Lexicon.of(texts)
    lexicon.save(tmp_path, "words")
    for found in (lexicon, Lexicon.load(tmp_path, "words")):
        assert sorted(numbers.tolist()) == list(range(n)) and set(found) == set(texts)
        assert [found.find(text) for text in texts] == numbers.tolist()
        assert [found[number] for number in numbers.tolist()] == texts
        assert [found.find(text) for text in ("", "词", "no such word")] == [-1, -1, -1]


def test_numbers_follow_first_appearance() -> None:
    number = Numbering()
    assert [number(text) for text in ("b", "a", "b", "", "a")] == [0, 1, 0, 2, 1]
    lexicon, numbers = number.lexicon()
    assert [lexicon[i] for i in numbers.tolist()] == ["b", "a", ""]


@pytest.mark.parametrize("seed", range(20))
def test_lists_hold_each_number_once_in_order(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    pairs = [(chance.randrange(6), chance.randrange(9)) for _ in range(chance.randrange(40))]
    lists = Lists.of_pairs(np.array([p[0] for p in pairs], int), np.array([p[1] for p in pairs], int), 7)
    lists.save(tmp_path, "rows")
    wanted = [sorted({number for owner, number in pairs if owner == i}) for i in range(7)]
    for found in (lists, Lists.load(tmp_path, "rows")):
        assert [found[i].tolist() for i in range(7)] == wanted
        assert found.lengths.tolist() == [len(each) for each in wanted]
        places = np.array([chance.randrange(7) for _ in range(5)])
        assert found.gathered(places).tolist() == [number for place in places for number in wanted[place]]


@pytest.mark.parametrize("seed", range(30))
def test_intersections_are_those_of_sets(seed: int) -> None:
    chance = random.Random(seed)
    sizes = (0, 1, 5, 60, 3000)
    left, right = ({chance.randrange(4000) for _ in range(chance.choice(sizes))} for _ in range(2))
    found = intersection(np.array(sorted(left), np.int32), np.array(sorted(right), np.int32))
    assert found.tolist() == sorted(left & right)
