"""Chinese titles, whose runs of characters have no word ends: those that stand in a text, those that hold a piece.

In: titles, and a text. Out: stretches of it that are a title or most of one, and rows. It knows no other titles.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge_base.lexicon import Lexicon, Numbering
from knowledge_base.lists import Lists, Numbers, intersection, load_array, save_array
from knowledge_base.text import has_cjk
from knowledge_base.title_words import TitleWords

_BEGINNING, _SHARE = 8, 0.6  # characters, and share of a title, that stand for all of it
_KEY_LENGTHS = (48, 32, 24, 16, 12, _BEGINNING)  # of the beginnings that titles are kept under
_EXACT = 2  # characters of a piece that is found without looking at titles
_NONE: Numbers = np.empty(0, dtype=np.int32)


class ChineseTitles:
    """The rows of titles with Chinese, by how they begin and by the single characters and pairs they hold. Immutable.

    Titles that changed are asked of `TitleWords` one by one, being few.
    """

    def __init__(self, beginnings: Lexicon, begun: Lists, grams: Lexicon, holding: Lists, lengths: Numbers) -> None:
        """`lengths` are those of the beginnings, in characters."""
        self._beginnings, self._begun, self._grams, self._holding = beginnings, begun, grams, holding
        self._lengths = lengths

    def standing(self, line: str, titles: TitleWords) -> list[tuple[int, str]]:
        """Where titles, and beginnings that are most of a title, first stand in a line of words; the longest first."""
        rows: dict[int, None] = {}
        for length in self._lengths.tolist():
            for stretch in {line[begin : begin + length] for begin in range(len(line) - length + 1)}:
                if (number := self._beginnings.find(stretch)) >= 0:
                    rows.update(dict.fromkeys(titles.kept(self._begun[number]).tolist()))
        rows.update(dict.fromkeys(row for row, title in titles.changes.items() if has_cjk(title)))
        first: dict[str, int] = {}
        for row in sorted(rows):
            first.setdefault(titles.title(row), row)
        whole: list[tuple[int, str]] = []
        begun: list[tuple[int, str]] = []
        for title in sorted(first, key=lambda title: (-len(title), first[title])):
            if (begin := line.find(title)) >= 0:
                whole.append((begin, title))
            elif (begin := line.find(title[:_BEGINNING])) >= 0:
                shared = shared_beginning(title, line[begin:])
                if shared >= _SHARE * len(title):
                    begun.append((begin, title[:shared]))
        return whole + begun

    def holding(self, pieces: Sequence[str], titles: TitleWords) -> Numbers:
        """The rows whose titles hold all of these pieces, anywhere in a word; at least one must be Chinese."""
        rows = self._having(pieces)
        found = titles.kept(rows) if rows is not None else _NONE
        exact = all(has_cjk(piece) and len(piece) <= _EXACT for piece in pieces)
        if not exact:
            met = [all(piece in titles.title(row) for piece in pieces) for row in found.tolist()]
            found = found[np.array(met, dtype=np.bool_)]
        changed = [row for row, title in titles.changes.items() if all(piece in title for piece in pieces)]
        return np.sort(np.append(found, np.array(changed, dtype=np.int32))) if changed else found

    def _having(self, pieces: Sequence[str]) -> Numbers | None:
        """The rows that were built with all pairs of the Chinese pieces; None for no such piece."""
        rows: Numbers | None = None
        for piece in pieces:
            grams = {piece} if len(piece) < _EXACT else {piece[i : i + 2] for i in range(len(piece) - 1)}
            for gram in sorted(grams) if has_cjk(piece) else ():
                number = self._grams.find(gram)
                own = self._holding[number] if number >= 0 else _NONE
                rows = own if rows is None else intersection(rows, own)
        return rows

    def has_run(self, piece: str, titles: TitleWords) -> bool:
        """Whether a run of Chinese in some title holds the piece; no run holds one that is not Chinese throughout."""
        if not piece or not all(map(has_cjk, piece)):
            return False
        rows = self._having([piece])
        built = titles.kept(rows) if rows is not None else _NONE
        if len(piece) <= _EXACT and len(built):
            return True
        return any(piece in titles.title(row) for row in (*built.tolist(), *titles.changes))

    def save(self, folder: Path, name: str) -> None:
        """Write the files of that name into `folder`."""
        self._beginnings.save(folder, f"{name}.beginnings")
        self._begun.save(folder, f"{name}.begun")
        self._grams.save(folder, f"{name}.grams")
        self._holding.save(folder, f"{name}.holding")
        save_array(folder, f"{name}.lengths", self._lengths)

    @classmethod
    def load(cls, folder: Path, name: str) -> ChineseTitles:
        """What `save` wrote, left on disk; the files must have been verified."""
        beginnings, grams = (Lexicon.load(folder, f"{name}.{part}") for part in ("beginnings", "grams"))
        begun, holding = (Lists.load(folder, f"{name}.{part}") for part in ("begun", "holding"))
        return cls(beginnings, begun, grams, holding, load_array(folder, f"{name}.lengths"))

    class Builder:
        """Collects titles row by row."""

        def __init__(self) -> None:
            self._beginning, self._gram = Numbering(), Numbering()
            self._beginnings, self._begun = array("i"), array("i")
            self._grams, self._holding = array("i"), array("i")
            self._n = 0

        def add(self, title: str) -> None:
            """The title of the next row, Chinese or not."""
            if has_cjk(title):
                self._beginnings.append(self._beginning(_key(title)))
                self._begun.append(self._n)
                for gram in {gram for word in title.split() if has_cjk(word) for gram in _grams(word)}:
                    self._grams.append(self._gram(gram))
                    self._holding.append(self._n)
            self._n += 1

        def build(self) -> ChineseTitles:
            """All of them."""
            beginnings, begun = _rows_by(self._beginning, self._beginnings, self._begun)
            grams, holding = _rows_by(self._gram, self._grams, self._holding)
            lengths = np.array(sorted({len(beginning) for beginning in beginnings}), dtype=np.int32)
            return ChineseTitles(beginnings, begun, grams, holding, lengths)


def _rows_by(number: Numbering, keys: array[int], rows: array[int]) -> tuple[Lexicon, Lists]:
    """The strings that were numbered, and the rows of each."""
    lexicon, numbers = number.lexicon()
    owners = numbers[np.array(keys, dtype=np.int32)]
    return lexicon, Lists.of_pairs(owners, np.array(rows, dtype=np.int32), len(lexicon))


def shared_beginning(left: str, right: str) -> int:
    """How many characters two texts begin with alike."""
    return next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def _key(title: str) -> str:
    """What of a title must stand in a text that has the title, or most of it."""
    if len(title) < _BEGINNING:
        return title
    needed = max(_BEGINNING, math.ceil(_SHARE * len(title)))
    return title[: next(length for length in _KEY_LENGTHS if length <= needed)]


def _grams(word: str) -> set[str]:
    """Characters and pairs of neighbours."""
    return {*word, *(word[i : i + 2] for i in range(len(word) - 1))}
