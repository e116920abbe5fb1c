"""Titles as wholes: which stand in a text word by word, and which begin as a text does.

In: titles as words that compare equal, one space between. Out: rows. It knows no parts of titles, and of Chinese only
titles that are looked up as they are.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.lists import Numbers, load_array, save_array
from knowledge_base.packed import PackedStrings
from knowledge_base.text import has_cjk
from knowledge_base.title_words import TitleWords

_NONE: Numbers = np.empty(0, dtype=np.int32)


class WholeTitles:
    """The rows of each title. Immutable; what changed lies over what was built.

    `hashes` ascend, one for each of `rows`; `first_words` ascend; `longest` is the length in words of the longest
    title that has no Chinese in it.
    """

    def __init__(self, hashes: NDArray[np.uint64], rows: Numbers, first_words: PackedStrings, longest: int) -> None:
        self._hashes, self._rows, self._first_words, self._longest = hashes, rows, first_words, longest
        self._more: Mapping[str, tuple[int, ...]] = {}  # the changed rows of a title
        self._more_first: Mapping[str, frozenset[str]] = {}  # their titles by their first words

    def changed(self, before: Mapping[int, str], titles: Mapping[int, str], changes: Mapping[int, str]) -> Self:
        """These where the titles of rows are others than `before`; `changes` are those that were changed earlier."""
        new = copy(self)
        more, more_first = dict(self._more), dict(self._more_first)
        for row, title in before.items():
            if row in changes and title:
                more[title] = tuple(other for other in more[title] if other != row)
        for row, title in titles.items():
            if title:
                more[title] = tuple(sorted((*more.get(title, ()), row)))
                first = title.split()[0]
                more_first[first] = more_first.get(first, frozenset()) | {title}
        new._more = {title: rows for title, rows in more.items() if rows}
        new._more_first = more_first
        return new

    def rows(self, title: str, titles: TitleWords) -> Numbers:
        """The rows of exactly this title, in order."""
        found = self._built(title, titles)
        more = self._more.get(title)
        return np.sort(np.append(found, np.array(more, dtype=np.int32))) if more else found

    def standing(self, keys: Sequence[str], titles: TitleWords) -> Iterator[tuple[int, str]]:
        """Titles without Chinese that stand in a text of these words: the place of the first word, and the title."""
        known = [not has_cjk(key) and key in titles for key in keys]
        for first, key in enumerate(keys):
            if not known[first]:
                continue
            more = self._more_first.get(key, frozenset())
            if not more and not self._begins(key):
                continue
            line = key
            longest = max(self._longest, *(len(title.split()) for title in more)) if more else self._longest
            for past in range(first + 1, min(first + longest, len(keys)) + 1):
                if line in self._more or len(self._built(line, titles)):
                    yield first, line
                if past == len(keys) or not known[past]:
                    break
                line = f"{line} {keys[past]}"

    def beginning(self, line: str, titles: TitleWords) -> Numbers:
        """The rows whose titles begin with the line, the last word of which may be the beginning of one."""
        said = line.split()
        rows: list[Numbers] = []
        if said and line.endswith(" "):  # the last word is whole, and another follows
            found = titles.beginning(said, self._unchanged(titles.rows(said[0]), titles))
            rows.append(found[titles.tokens.lengths_of(found) > len(said)])
        elif len(said) == 1:
            place = bisect_left(self._first_words, line)
            while place < len(self._first_words) and (word := self._first_words[place]).startswith(line):
                rows.append(titles.beginning([word], self._unchanged(titles.rows(word), titles)))
                place += 1
        elif said:
            found = titles.rows(said[0])
            found = titles.beginning(said[:-1], self._unchanged(found, titles))
            found = found[titles.tokens.lengths_of(found) >= len(said)]
            last = titles.tokens.numbers[titles.tokens.starts[found] + len(said) - 1]
            meant = [n for n in np.unique(last).tolist() if titles.words[n].startswith(said[-1])]
            rows.append(found[np.isin(last, meant)])
        changed = [row for row, title in titles.changes.items() if title.startswith(line)]
        return np.unique(np.concatenate([*rows, np.array(changed, dtype=np.int32)]))

    @staticmethod
    def _unchanged(rows: Numbers, titles: TitleWords) -> Numbers:
        return titles.kept(rows[rows < len(titles.tokens)])

    def _begins(self, word: str) -> bool:
        place = bisect_left(self._first_words, word)
        return place < len(self._first_words) and self._first_words[place] == word

    def _built(self, title: str, titles: TitleWords) -> Numbers:
        key = np.uint64(_hash(title))
        first = int(np.searchsorted(self._hashes, key))
        if first == len(self._hashes) or self._hashes[first] != key:
            return _NONE
        found = titles.kept(self._rows[first : int(np.searchsorted(self._hashes, key, "right"))])
        return found if len(found) and titles.title(int(found[0])) == title else _NONE

    def save(self, folder: Path, name: str) -> None:
        """Write the files of that name into `folder`: what was built, changes left out."""
        save_array(folder, f"{name}.hashes", self._hashes)
        save_array(folder, f"{name}.rows", self._rows)
        save_array(folder, f"{name}.longest", np.array([self._longest]))
        self._first_words.save(folder, f"{name}.first")

    @classmethod
    def load(cls, folder: Path, name: str) -> WholeTitles:
        """What `save` wrote, left on disk; the files must have been verified."""
        hashes, rows, longest = (load_array(folder, f"{name}.{part}") for part in ("hashes", "rows", "longest"))
        return cls(hashes, rows, PackedStrings.load(folder, f"{name}.first"), int(longest[0]))

    class Builder:
        """Collects titles row by row."""

        def __init__(self) -> None:
            self._hashes, self._rows = array("Q"), array("i")
            self._first: set[str] = set()
            self._n = self._longest = 0

        def add(self, title: str) -> None:
            """The title of the next row."""
            if title:
                found = title.split()
                self._hashes.append(_hash(title))
                self._rows.append(self._n)
                self._first.add(found[0])
                if len(found) > self._longest and not has_cjk(title):
                    self._longest = len(found)
            self._n += 1

        def build(self) -> WholeTitles:
            """All of them."""
            hashes = np.array(self._hashes, dtype=np.uint64)
            order = np.argsort(hashes, kind="stable")
            rows = np.array(self._rows, dtype=np.int32)[order]
            return WholeTitles(hashes[order], rows, PackedStrings.of(sorted(self._first)), self._longest)


def _hash(title: str) -> int:
    return int.from_bytes(hashlib.blake2b(title.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
