"""What else a thing is called: "laptop" and "notebook", 笔记本电脑 and "laptop".

In: the words of a query. Out: for each name of `glossary.txt` that stands in it, the other names of the same thing.
And narrower names: "ipad" for "tablet", but not the other way round. The file is general and in English and Chinese; it
knows no shop, and decides nothing about what is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge_base.text import fold, has_cjk, stem, words

_FILE = Path(__file__).with_name("glossary.txt")


@dataclass(frozen=True, slots=True)
class Named:
    """One name in a query: `said` are its words in lower case (a Chinese one is one word).

    `english` and `chinese` are the other names of the same thing, `narrower` those of its kinds in the same script.
    """

    said: tuple[str, ...]
    english: tuple[str, ...]
    chinese: tuple[str, ...]
    narrower: tuple[str, ...] = ()


def names_in(said: Sequence[str]) -> Iterator[Named]:
    """The names that stand in the words of a query (lower case, in order), the longest first at every place."""
    place = 0
    table, longest = _names()
    while place < len(said):
        if has_cjk(said[place]):
            yield from _chinese_names(said[place])
            place += 1
            continue
        for n in range(min(longest, len(said) - place), 0, -1):
            phrase = tuple(said[place : place + n])
            line = table.get(tuple(map(stem, phrase)))
            if line is not None:
                yield _named(phrase, line)
                place += n
                break
        else:
            place += 1


def named(word: str) -> Named | None:
    """A Chinese word as a name with its others; None if it is none."""
    line = _names()[0].get((word,))
    return None if line is None else _named((word,), line)


def is_name(word: str) -> bool:
    """Whether a Chinese word is in the glossary."""
    return (word,) in _names()[0]


def _chinese_names(run: str) -> Iterator[Named]:
    start = 0
    while start < len(run):
        for end in range(min(len(run), start + 8), start, -1):
            if (found := named(run[start:end])) is not None:
                yield found
                start = end
                break
        else:
            start += 1


def _named(phrase: tuple[str, ...], line: _Line) -> Named:
    own = tuple(map(stem, phrase))
    others = tuple(name for name in line.names if _key(name) != own)
    narrower = tuple(name for name in line.narrower if has_cjk(name) == has_cjk(phrase[0]))
    return Named(phrase, tuple(n for n in others if not has_cjk(n)), tuple(n for n in others if has_cjk(n)), narrower)


@dataclass(frozen=True, slots=True)
class _Line:
    """All that is known of one name: the `names` of the same thing, itself among them, and `narrower` ones."""

    names: tuple[str, ...]
    narrower: tuple[str, ...]


@cache
def _names() -> tuple[Mapping[tuple[str, ...], _Line], int]:
    """What is known of each name by its stems, and the length of the longest in words.

    A name on several lines stands for all of them.
    """
    same: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    narrower: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for line in _FILE.read_text(encoding="utf-8").split("\n"):
        if not line.strip() or line.startswith("#"):
            continue
        wide, narrow, below = line.partition(" > ")
        names = [fold(name) for part in wide.split("=") for name in part.split(",")]
        if not narrow:
            for name in names:
                same[_key(name)].update(dict.fromkeys(names))
            continue
        for other in dict.fromkeys(other for name in names for other in (name, *same[_key(name)])):
            same[_key(other)].setdefault(other)
            narrower[_key(other)].update(dict.fromkeys(map(fold, below.split(","))))
    found = {key: _Line(tuple(names), tuple(narrower.get(key, ()))) for key, names in same.items()}
    return found, max(map(len, found))


def _key(name: str) -> tuple[str, ...]:
    return tuple(stem(word) for word, _, _ in words(name))
