"""Typing errors: the nearest known word to one that is not known.

In: the words that a catalogue is written in. Out: for an unknown word the known one that it most likely mistypes. It
knows no facets; ordinary English words are left alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Self

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge_base.packed import PackedStrings
from knowledge_base.text import has_cjk, stem

_LEAST = 4  # letters of a word that may be mistyped


@lru_cache(maxsize=1)
def _english_stems() -> frozenset[str]:
    """Stems of ordinary English words: whoever writes one means it, however near a product word it comes."""
    lines = (Path(__file__).parent / "english_words.txt").read_text(encoding="utf-8").split("\n")
    return frozenset(stem(word) for word in lines if word)


def is_english(word: str) -> bool:
    """Whether a lower-case word is an ordinary English one."""
    return stem(word) in _english_stems()


def _is_comparison(word: str) -> bool:
    """Whether a lower-case word compares by an ordinary adjective: "brightest" is no typing error of "brightness"."""
    for ending in ("est", "er"):
        if not word.endswith(ending):
            continue
        base = word.removesuffix(ending)
        bases = (
            base,
            f"{base}e",
            f"{base[:-1]}y" if base.endswith("i") else base,
            base[:-1] if base[-1:] == base[-2:-1] else base,
        )
        if any(len(form) > 2 and is_english(form) for form in bases):
            return True
    return False


def may_be_mistyped(word: str) -> bool:
    """Whether a lower-case word is one that typing errors are mended to."""
    return len(word) >= _LEAST and word.isalpha() and not has_cjk(word)


class Spellings:
    """The words that a typing error may be mended to. Immutable; those added lie over those that were built."""

    def __init__(self, words: PackedStrings) -> None:
        self._words = words
        self._more: frozenset[str] = frozenset()

    @classmethod
    def of(cls, words: Iterable[str]) -> Spellings:
        """Those of `words` that can be mistyped."""
        return cls(PackedStrings.of(sorted({word for word in words if may_be_mistyped(word)})))

    def with_words(self, words: Iterable[str]) -> Self:
        """These and `words`."""
        fresh = {word for word in words if may_be_mistyped(word) and word not in self}
        if not fresh:
            return self
        new = copy(self)
        new._more = self._more | fresh
        new.__dict__.pop("_more_by_size", None)
        return new

    def __contains__(self, word: str) -> bool:
        place = bisect_left(self._words, word)
        return (place < len(self._words) and self._words[place] == word) or word in self._more

    def __iter__(self) -> Iterator[str]:
        yield from self._words
        yield from self._more

    def correct(self, word: str, knows: Callable[[str], bool], n_titles: Callable[[str], int]) -> str | None:
        """The word that an unknown one most likely mistypes, as the shop writes it in lower case, or None.

        One edit, two from eight letters on; the first letter must be right. `knows` and `n_titles` are asked of stems:
        whether the catalogue still has the word, and in how many titles.
        """
        if not may_be_mistyped(word):
            return None
        key = stem(word)
        if knows(key) or key in _english_stems() or _is_comparison(word):
            return None
        edits = 1 if len(word) < 8 else 2
        near = [
            (distance, -n_titles(stem(found)), found)
            for size in range(len(word) - edits, len(word) + edits + 1)
            for table in (self._by_size(word[0]), self._more_by_size)
            for found, distance, _ in process.extract(
                word, table.get((word[0], size), ()), scorer=OSA.distance, score_cutoff=edits, limit=None
            )
            if knows(stem(found))
        ]
        return min(near)[2] if near else None

    def _by_size(self, letter: str) -> Mapping[tuple[str, int], list[str]]:
        """The words that were built and begin with a letter, by that and their length; read on first use."""
        if letter not in self._read:
            first, past = bisect_left(self._words, letter), bisect_left(self._words, chr(ord(letter) + 1))
            self._read[letter] = _sized(self._words[first:past])
        return self._read[letter]

    @cached_property
    def _read(self) -> dict[str, Mapping[tuple[str, int], list[str]]]:
        return {}

    @cached_property
    def _more_by_size(self) -> Mapping[tuple[str, int], list[str]]:
        return _sized(self._more)

    def save(self, folder: Path, name: str) -> None:
        """Write the files of that name into `folder`: what was built, changes left out."""
        self._words.save(folder, name)

    @classmethod
    def load(cls, folder: Path, name: str) -> Spellings:
        """What `save` wrote, left on disk; the files must have been verified."""
        return cls(PackedStrings.load(folder, name))


def _sized(words: Iterable[str]) -> Mapping[tuple[str, int], list[str]]:
    found: dict[tuple[str, int], list[str]] = {}
    for word in sorted(words):
        found.setdefault((word[0], len(word)), []).append(word)
    return found
