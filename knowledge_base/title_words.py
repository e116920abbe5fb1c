"""The words of every title, and the titles that hold each word.

In: titles as words that compare equal, one space between. Out: the rows that hold a word, and how many; the title of a
row. What changes lies over what was built, which is shared: a change costs what it touches. It knows no language.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.lexicon import Lexicon, Numbering
from knowledge_base.lists import Lists, Numbers

_NONE: Numbers = np.empty(0, dtype=np.int32)


class TitleWords(Mapping[str, int]):
    """Titles by their words; as a mapping, in how many titles each word stands. Immutable.

    `tokens` are the words of each title in their order, `rows` the titles of each word, both by their numbers.
    """

    def __init__(self, words: Lexicon, tokens: Lists, rows: Lists) -> None:
        self._words, self._tokens, self._rows = words, tokens, rows
        self._n_built = self.n_rows = len(tokens)
        self._gone: NDArray[np.bool_] | None = None  # of the titles that were built, those that are others now
        self._titles: Mapping[int, str] = {}  # those that are others now, or were added
        self._fewer: Mapping[str, int] = {}  # in how many of the titles that are gone a word stood
        self._more: Mapping[str, Numbers] = {}  # the changed titles of a word

    @classmethod
    def of(cls, titles: Iterable[str]) -> TitleWords:
        """These titles, a row each."""
        building = cls.Builder()
        for title in titles:
            building.add(title)
        return building.build()

    def changed(self, titles: Mapping[int, str]) -> Self:
        """These where the rows given have other titles ("" for none); rows beyond the last are added."""
        new = copy(self)
        fewer, more = dict(self._fewer), dict(self._more)
        gone = np.zeros(self._n_built, dtype=np.bool_) if self._gone is None else self._gone.copy()
        for row, title in titles.items():
            before = set(self.title(row).split()) if row < self.n_rows else set()
            for word in before:
                if row in self._titles:
                    more[word] = more[word][more[word] != row]
                else:
                    fewer[word] = fewer.get(word, 0) + 1
            if row < self._n_built:
                gone[row] = True
            for word in set(title.split()):
                known = more.get(word, _NONE)
                more[word] = np.insert(known, np.searchsorted(known, row), np.int32(row))
        new._fewer, new._more, new._gone = fewer, more, gone
        new._titles = {**self._titles, **titles}
        new.n_rows = max(self.n_rows, *(row + 1 for row in titles), 0)
        return new

    @property
    def changes(self) -> Mapping[int, str]:
        """The titles that are not as they were built."""
        return self._titles

    @property
    def words(self) -> Lexicon:
        """The words that were built, by number."""
        return self._words

    @property
    def tokens(self) -> Lists:
        """The words of each title that was built, by number."""
        return self._tokens

    def title(self, row: int) -> str:
        """The title of a row, "" where there is none."""
        changed = self._titles.get(row)
        if changed is not None:
            return changed
        if row >= self._n_built:
            return ""
        return " ".join(self._words[number] for number in self._tokens[row].tolist())

    def rows(self, word: str) -> Numbers:
        """The rows whose titles hold the word, ascending."""
        number = self._words.find(word)
        found = self._rows[number] if number >= 0 else _NONE
        if self._fewer.get(word):
            found = self.kept(found)
        more = self._more.get(word, _NONE)
        if not len(more):
            return found
        found = np.concatenate((found, more))
        return found if len(found) == len(more) or more[0] > found[-len(more) - 1] else np.sort(found)

    def kept(self, rows: Numbers) -> Numbers:
        """Of rows that were built, those that are as they were built."""
        return rows if self._gone is None else rows[~self._gone[rows]]

    def beginning(self, words: list[str], rows: Numbers) -> Numbers:
        """Of `rows`, those whose titles begin with these words."""
        numbers = [self._words.find(word) for word in words]
        built = rows[rows < self._n_built]
        built = self.kept(built) if -1 not in numbers else _NONE
        built = built[self._tokens.lengths_of(built) >= len(words)]
        for place, number in enumerate(numbers):
            built = built[self._tokens.numbers[self._tokens.starts[built] + place] == number]
        others = [row for row in rows.tolist() if row in self._titles] if self._titles else []
        line = f"{' '.join(words)} "
        others = [row for row in others if f"{self._titles[row]} ".startswith(line)]
        return np.sort(np.append(built, np.array(others, dtype=np.int32))) if others else built

    def together(self, words: list[str], rows: Numbers) -> Numbers:
        """Of `rows` that hold all of these words, those where they stand side by side and in this order."""
        if len(words) < 2:
            return rows
        numbers = [self._words.find(word) for word in words]
        built = rows[rows < self._n_built]
        built = self.kept(built) if -1 not in numbers else _NONE
        lengths = self._tokens.lengths_of(built)
        tokens = self._tokens.gathered(built)
        owners = np.repeat(np.arange(len(built)), lengths)
        here = np.flatnonzero(tokens == numbers[0])
        for further, number in enumerate(numbers[1:], 1):
            here = here[here + further < len(tokens)]
            here = here[(tokens[here + further] == number) & (owners[here + further] == owners[here])]
        met = built[np.unique(owners[here])]
        line = f" {' '.join(words)} "
        others = [row for row in rows.tolist() if row in self._titles] if self._titles else []
        others = [row for row in others if line in f" {self._titles[row]} "]
        return np.sort(np.append(met, np.array(others, dtype=np.int32))) if others else met

    def _count(self, word: str) -> int:
        number = self._words.find(word)
        n = int(self._rows.starts[number + 1] - self._rows.starts[number]) if number >= 0 else 0
        return n + len(self._more.get(word, _NONE)) - self._fewer.get(word, 0)

    def __getitem__(self, word: str) -> int:
        if not (n := self._count(word)):
            raise KeyError(word)
        return n

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self._count(word) > 0

    def __iter__(self) -> Iterator[str]:
        for word in self._words:
            if word in self:
                yield word
        for word, rows in self._more.items():
            if len(rows) and self._words.find(word) < 0:
                yield word

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def save(self, folder: Path, name: str) -> None:
        """Write the files of that name into `folder`: what was built, changes left out."""
        self._words.save(folder, f"{name}.words")
        self._tokens.save(folder, f"{name}.tokens")
        self._rows.save(folder, f"{name}.rows")

    @classmethod
    def load(cls, folder: Path, name: str) -> TitleWords:
        """What `save` wrote, left on disk; the files must have been verified."""
        tokens, rows = (Lists.load(folder, f"{name}.{part}") for part in ("tokens", "rows"))
        return cls(Lexicon.load(folder, f"{name}.words"), tokens, rows)

    class Builder:
        """Collects titles row by row."""

        def __init__(self) -> None:
            self._number = Numbering()
            self._tokens, self._lengths = array("i"), array("i")

        def add(self, title: str) -> None:
            """The title of the next row."""
            found = title.split()
            self._tokens.extend(map(self._number, found))
            self._lengths.append(len(found))

        def build(self) -> TitleWords:
            """The words of all titles."""
            words, numbers = self._number.lexicon()
            tokens = Lists.of_lengths(numbers[np.array(self._tokens, dtype=np.int32)], np.array(self._lengths))
            return TitleWords(words, tokens, Lists.of_pairs(tokens.numbers, tokens.owners(), len(words)))
