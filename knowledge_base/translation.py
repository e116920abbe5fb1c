"""Chinese shopping words in English and back, so that a question in one language finds a catalogue in the other.

In: a run of Chinese, or English words. Out: the run cut into words that are known, each with what it is called in the
other language; a text in plain English. `glossary.txt` has other names of the same thing, `chinese_words.txt` looser
translations, which serve to find things and are no names of them. It knows no shop.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge_base.glossary import is_name, named
from knowledge_base.quantities.units import UNITS
from knowledge_base.text import fold, has_cjk, stem, words

_FILE = Path(__file__).with_name("chinese_words.txt")
_MAX_CHARS = 8  # of a Chinese word
# What a cut costs: a character that is in no word, a word of one character, and any word at all.
_UNKNOWN, _SINGLE, _WORD = 100, 40, 1


@dataclass(frozen=True, slots=True)
class Piece:
    """A Chinese word with its English names, other Chinese names that do not have it in them, and `loose` translations
    that only say what it is about. No English at all: it is not known."""

    said: str
    names: tuple[str, ...]
    chinese: tuple[str, ...]
    loose: tuple[str, ...]

    @property
    def english(self) -> str:
        """One English word or phrase for it, "" for none."""
        return next(iter((*self.names, *self.loose)), "")


@cache
def pieces(run: str) -> tuple[Piece, ...]:
    """A run of Chinese cut so that as little as possible stays unknown, and in as few words."""
    found: list[tuple[int, int]] = [(0, 0)]  # the cost of the first characters, and where their last word begins
    for end in range(1, len(run) + 1):
        costs = [(found[end - 1][0] + _UNKNOWN, end - 1)]
        for start in range(max(0, end - _MAX_CHARS), end):
            if _known(run[start:end]):
                costs.append((found[start][0] + _WORD + _SINGLE * (end - start == 1), start))
        found.append(min(costs))
    cut: list[Piece] = []
    end = len(run)
    while end:
        start = found[end][1]
        cut.append(_piece(run[start:end]))
        end = start
    return tuple(reversed(cut))


def in_english(text: str) -> tuple[str, float]:
    """A text with its Chinese words in English, and which share of its Chinese characters that covers, 0..1.

    What is not known is left out. A text without Chinese is returned as it is, with a share of 1.
    """
    said: list[str] = []
    n_known = n_chinese = 0
    for word, _, _ in words(fold(text)):
        if not has_cjk(word):
            said.append(word)
            continue
        n_chinese += len(word)
        before = said[-1] if said else ""
        if (mixed := mixed_word(before, word)) is not None:
            said[-1] = mixed.english
            rest = word[len(mixed.said) - len(before) :]
        else:
            unit, rest = leading_unit(word) if before[-1:].isdigit() else ((), word)
            said.extend(unit[:1])
        n_known += len(word) - len(rest)
        for piece in pieces(rest):
            n_known += len(piece.said) * bool(piece.english)
            said.extend(filter(None, [piece.english]))
    english = " ".join(dict.fromkeys(said))
    return english, n_known / n_chinese if n_chinese else 1.0


def mixed_word(before: str, run: str) -> Piece | None:
    """A word of Latin letters and Chinese that a run begins with the rest of: "t恤", "u盘"; None for none."""
    if before.isascii() and before.isalnum():
        for end in range(min(len(run), _MAX_CHARS), 0, -1):
            if _known(before + run[:end]):
                return _piece(before + run[:end])
    return None


def leading_unit(run: str) -> tuple[tuple[str, ...], str]:
    """The English spellings of the unit that a run of Chinese after a number begins with, and what is left of it."""
    match = _units().match(run)
    if match is None:
        return (), run
    unit = UNITS[int(str(match.lastgroup)[1:].partition("_")[0])]
    spellings = dict.fromkeys(fold(s) for s in (*unit.exact, *unit.words, *unit.glued) if s.isalpha())
    return tuple(spellings), run[match.end() :]


def in_chinese(said: Sequence[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """English words that have a looser Chinese translation, the longest phrase first, with its Chinese words."""
    table, longest = _chinese_words()
    place = 0
    while place < len(said):
        for n in range(min(longest, len(said) - place), 0, -1):
            phrase = tuple(said[place : place + n])
            if (found := table.get(tuple(map(stem, phrase)))) is not None:
                yield phrase, found
                place += n
                break
        else:
            place += 1


def _known(word: str) -> bool:
    return is_name(word) or word in _english_words()


def _piece(word: str) -> Piece:
    found = named(word)
    loose = _english_words().get(word, ())
    if found is None:
        return Piece(word, (), (), loose)
    # A longer name that has the word in it is found by that.
    chinese = tuple(name for name in found.chinese if len(name) > 1 and word not in name)
    return Piece(word, found.english, chinese, loose)


@cache
def _lines() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(English, Chinese words) of every line of the file."""
    found = []
    for line in _FILE.read_text(encoding="utf-8").split("\n"):
        english, colon, listed = line.partition(":")
        if colon and not line.startswith("#"):
            found.append((fold(english), tuple(fold(word) for word in listed.split())))
    return tuple(found)


@cache
def _english_words() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for english, listed in _lines():
        for word in listed:
            found[word][english] = None
    return {word: tuple(english) for word, english in found.items()}


@cache
def _chinese_words() -> tuple[Mapping[tuple[str, ...], tuple[str, ...]], int]:
    found: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for english, listed in _lines():
        key = tuple(stem(word) for word, _, _ in words(english))
        found[key].update(dict.fromkeys(listed))
    return {key: tuple(listed) for key, listed in found.items()}, max(map(len, found))


@cache
def _units() -> re.Pattern[str]:
    """Any Chinese spelling of a unit, in a group that is called after the unit's place; longer spellings first."""
    spelled = [(spelling, place) for place, unit in enumerate(UNITS) for spelling in unit.chinese]
    spelled.sort(key=lambda pair: -len(re.sub(r"\(\?!.*?\)", "", pair[0])))
    return re.compile("|".join(f"(?P<u{i}_{n}>{s})" for n, (s, i) in enumerate(spelled)))
