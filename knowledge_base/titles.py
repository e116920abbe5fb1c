"""Which products a text names: by their whole title, or by the part of it that tells them apart.

In: the catalogue's titles and a text. Out: stretches of the text with the rows of the products they name. It knows no
conversation; "the second one" is the assistant's business.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from knowledge_base.chinese_titles import ChineseTitles
from knowledge_base.lists import Numbers, intersection, load_array, save_array
from knowledge_base.text import clean, has_cjk, noun_key, stem, words
from knowledge_base.title_words import TitleWords
from knowledge_base.whole_titles import WholeTitles

_MAX_NAMED = 6  # a stretch that fits more products than this names none of them
_SHORT_NUMBER = re.compile(r"[\d.]{1,4}|[\d.]+[a-z]{1,3}")  # "100", "8gb": a figure, not a name
_CODE = re.compile(r"[a-z]+\d[a-z\d]*|\d+[a-z]+\d[a-z\d]*")  # "dv7", "b650m": a model's
_DEFINITE = re.compile(r"\b(?:the|your|this|that)\s+(?:\w+\s+)?$", re.IGNORECASE)
_MIN_BEGINNING_CHARS = 6
_BEGINNING = 3  # a title's first words, so many of them, name it
_RARE = 3  # a word in no more titles than this can tell products apart
_NONE: Numbers = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class TitleMention:
    """text[start:end] names the products at `rows`; several where the shop sells the same title more than once.

    `whole`: the complete title stands there. `weight` is the summed idf of the words that matched.
    """

    start: int
    end: int
    rows: tuple[int, ...]
    whole: bool
    weight: float


@dataclass(frozen=True, slots=True)
class _Token:
    key: str
    start: int
    end: int


class NounIndex:
    """Titles by the nouns they hold, in the singular or plural: "mounts" stands in "Wall Mount", not in "mounting kit".

    The titles are in `text.noun_key` form, one a row, "" for a product that is gone.
    """

    def __init__(self, titles: TitleWords) -> None:
        self.titles = titles

    @classmethod
    def of(cls, titles: Iterable[str]) -> NounIndex:
        """An index of these titles."""
        return cls(TitleWords.of(titles))

    def changed(self, titles: Mapping[int, str]) -> NounIndex:
        """This index with these rows' titles instead; rows beyond the last are added. Only these are made anew."""
        return NounIndex(self.titles.changed(titles))

    def holding(self, phrase: str) -> Numbers:
        """The rows whose titles hold every word of the phrase, in order; none for no words."""
        return _holding_all(self.titles, noun_key(phrase).split())

    def together(self, phrase: str) -> Numbers:
        """Of `holding`, those where the words stand side by side and in this order."""
        return self.titles.together(noun_key(phrase).split(), self.holding(phrase))


class TitleIndex:
    """Look-up from text to titles, which are in `vocabulary.value_key` form, one a row. Use `of`, or a `Builder`."""

    def __init__(
        self, titles: TitleWords, whole: WholeTitles, chinese: ChineseTitles, last: Numbers, n_titles: int
    ) -> None:
        """`last`: by number of a word, how many titles it is the last of that is all letters."""
        self.titles, self._whole, self._chinese, self._last = titles, whole, chinese, last
        self._last_changed: Mapping[str, int] = {}
        self._n = max(1, n_titles)

    @classmethod
    def of(cls, titles: Iterable[str]) -> TitleIndex:
        """An index of these titles."""
        building = cls.Builder()
        for title in titles:
            building.add(title)
        return building.build()

    def changed(self, titles: Mapping[int, str], n_titles: int) -> Self:
        """This index with these rows' titles instead ("" for a product that is gone); `n_titles` there are in all.

        Only what the changed titles touch is made anew.
        """
        new = copy(self)
        new._n = max(1, n_titles)
        before = {row: self.titles.title(row) for row in titles}
        last = dict(self._last_changed)
        for sign, table in ((-1, before), (1, titles)):
            for title in table.values():
                for word in _last_word(title):
                    last[word] = last.get(word, 0) + sign
        new._last_changed = last
        new.titles = self.titles.changed(titles)
        new._whole = self._whole.changed(before, titles, self.titles.changes)
        return new

    def idf(self, word: str) -> float:
        """How telling a stemmed word is; 0 for one that stands in no title."""
        found = self.titles.get(word, 0)
        return math.log(1 + self._n / found) if found else 0.0

    def rows_with(self, keys: Sequence[str]) -> Numbers:
        """The rows whose titles hold all of these stemmed words, in order; none for no words."""
        return _holding_all(self.titles, keys)

    def rows_holding(self, pieces: Sequence[str]) -> Numbers:
        """The rows whose titles hold all of these pieces, of which at least one is Chinese, anywhere in a word."""
        return self._chinese.holding(pieces, self.titles)

    def has_run(self, piece: str) -> bool:
        """Whether a run of Chinese in some title holds the piece, which must be Chinese throughout."""
        return self._chinese.has_run(piece, self.titles)

    def mentions(
        self, text: str, ignore: Container[str] = (), generic: Container[str] = ()
    ) -> tuple[TitleMention, ...]:
        """The products a text names, in text order.

        `ignore`: stems that are no part of a name ("show", "under"). `generic`: stems that may be part of one but tell
        no product from another ("tent", "blue").
        """
        text = clean(text)
        tokens = [_Token(stem(word), start, end) for word, start, end in words(text)]
        whole = self._whole_titles(tokens)
        taken = [(m.start, m.end) for m in whole]
        partial = _Parts(self, text, tokens, taken, ignore, generic).found()
        return tuple(sorted((*whole, *partial), key=lambda mention: mention.start))

    def nearest(self, text: str) -> tuple[int, ...]:
        """The rows whose titles hold most of a text that is meant to name one product; () where none has two thirds.

        "Most" is by idf over the words that stand in any title; ties are all returned.
        """
        line = " ".join(stem(word) for word, _, _ in words(clean(text)))
        if len(line) >= _MIN_BEGINNING_CHARS and len(begun := self._beginning(line)):
            return tuple(begun.tolist())
        known = {key: self.idf(key) for key in dict.fromkeys(line.split()) if key in self.titles}
        if not known:
            return ()
        scores = np.zeros(self.titles.n_rows)
        for key, weight in known.items():
            scores[self.titles.rows(key)] += weight
        best = float(scores.max())
        if best < sum(known.values()) * 2 / 3:
            return ()
        return tuple(np.flatnonzero(scores >= best - 1e-9).tolist())

    def ends_in(self, word: str) -> int:
        """How many titles have the word as the last that is all letters."""
        number = self.titles.words.find(word)
        return (int(self._last[number]) if number >= 0 else 0) + self._last_changed.get(word, 0)

    def _beginning(self, line: str) -> Numbers:
        """The rows whose titles begin with the line, the last word of which may be the beginning of one."""
        return self._whole.beginning(line, self.titles)

    def _whole_titles(self, tokens: Sequence[_Token]) -> list[TitleMention]:
        starts, position = [], 0
        for token in tokens:
            starts.append(position)
            position += len(token.key) + 1
        line = " ".join(token.key for token in tokens)
        candidates = [(starts[i], title) for i, title in self._whole.standing([t.key for t in tokens], self.titles)]
        candidates += self._chinese.standing(line, self.titles)
        found: list[TitleMention] = []
        used = bytearray(len(line) + 1)
        for begin, title in sorted(candidates, key=lambda c: -len(c[1])):
            end = begin + len(title)
            if any(used[begin:end]):
                continue
            used[begin:end] = b"\x01" * len(title)
            first, last = bisect_right(starts, begin) - 1, bisect_right(starts, end - 1) - 1
            start = tokens[first].start + (begin - starts[first])
            stop = tokens[last].start + (end - starts[last]) if has_cjk(tokens[last].key) else tokens[last].end
            weight = sum(self.idf(word) for word in title.split())
            rows = self._whole.rows(title, self.titles)
            whole = len(rows) > 0
            named = rows.tolist() if whole else self._chinese_beginning(title)
            found.append(TitleMention(start, stop, tuple(named), whole, weight))
        return found

    def _chinese_beginning(self, line: str) -> list[int]:
        """The rows whose titles have Chinese and begin with the line, those of the longest titles first."""
        found = {row: self.titles.title(row) for row in self._beginning(line).tolist()}
        first: dict[str, int] = {}
        for row, title in found.items():
            first.setdefault(title, row)
        chinese = [row for row, title in found.items() if has_cjk(title)]
        return sorted(chinese, key=lambda row: (-len(found[row]), first[found[row]], row))

    def save(self, folder: Path, name: str) -> None:
        """Write the files of that name into `folder`: what was built, changes left out."""
        self.titles.save(folder, f"{name}.titles")
        self._whole.save(folder, f"{name}.whole")
        self._chinese.save(folder, f"{name}.chinese")
        save_array(folder, f"{name}.last", self._last)

    @classmethod
    def load(cls, folder: Path, name: str) -> TitleIndex:
        """What `save` wrote, left on disk; the files must have been verified."""
        titles = TitleWords.load(folder, f"{name}.titles")
        whole, chinese = WholeTitles.load(folder, f"{name}.whole"), ChineseTitles.load(folder, f"{name}.chinese")
        return cls(titles, whole, chinese, load_array(folder, f"{name}.last"), titles.n_rows)

    class Builder:
        """Collects titles row by row."""

        def __init__(self) -> None:
            self._titles, self._whole = TitleWords.Builder(), WholeTitles.Builder()
            self._chinese = ChineseTitles.Builder()

        def add(self, title: str) -> None:
            """The title of the next row."""
            for part in (self._titles, self._whole, self._chinese):
                part.add(title)

        def build(self) -> TitleIndex:
            """The index of all titles."""
            titles = self._titles.build()
            last = _last_words(titles)
            return TitleIndex(titles, self._whole.build(), self._chinese.build(), last, titles.n_rows)


class _Parts:
    """Stretches of words of one text that stand together in a few titles and in no others."""

    def __init__(
        self,
        index: TitleIndex,
        text: str,
        tokens: Sequence[_Token],
        taken: Sequence[tuple[int, int]],
        ignore: Container[str],
        generic: Container[str],
    ) -> None:
        self._index, self._text, self._tokens = index, text, tokens
        self._ignored = [token.key in ignore for token in tokens]
        self._generic = generic
        self._free = [not any(start <= token.start < end for start, end in taken) for token in tokens]
        self._rows: dict[str, Numbers] = {}

    def found(self) -> list[TitleMention]:
        """The mentions, in text order."""
        found: list[TitleMention] = []
        i = 0
        while i < len(self._tokens):
            rows, last, telling = self._grow(i)
            if telling and 0 < len(rows) <= _MAX_NAMED:
                keys = dict.fromkeys(token.key for token in self._tokens[i : last + 1])
                weight = sum(self._index.idf(key) for key in keys)
                start, end = self._tokens[i].start, self._tokens[last].end
                found.append(TitleMention(start, end, tuple(rows.tolist()), False, weight))
                i = last + 1
            else:
                i += 1
        return found

    def _own(self, key: str) -> Numbers:
        if key not in self._rows:
            self._rows[key] = self._index.titles.rows(key)
        return self._rows[key]

    def _grow(self, first: int) -> tuple[Numbers, int, bool]:
        """The rows whose titles hold all the words from `first` on, for as long as there are any."""
        tokens, text = self._tokens, self._text
        rows, last, telling = _NONE, first, False
        if self._ignored[first]:
            return rows, first, False
        for i in range(first, len(tokens)):
            key = tokens[i].key
            if i > first and any(mark in text[tokens[i - 1].end : tokens[i].start] for mark in ",;?!:|"):
                break
            if i > first and self._ignored[i]:
                if len(intersection(rows, self._own(key))):
                    continue
                break
            own = self._own(key) if self._free[i] and not has_cjk(key) else _NONE
            grown = own if i == first else intersection(rows, own)
            if not len(grown):
                break
            rows, last = grown, i
            name = len(key) > 1 and key not in self._generic and not _SHORT_NUMBER.fullmatch(key)
            if name and self._index.ends_in(key) * 2 >= len(own):
                # "Glint 200 Headlamp": the last word says what it is. It names a product only if there is just one.
                name = len(own) == 1 and bool(_DEFINITE.search(text[: tokens[i].start]))
            telling = telling or (name and len(own) <= _RARE)
            telling = telling or (len(rows) <= _MAX_NAMED and name and bool(_CODE.fullmatch(key)))
        keys = [token.key for token in tokens[first : last + 1]]
        if len(keys) >= _BEGINNING and len(begun := self._index.titles.beginning(keys, rows)):
            return begun, last, True  # the beginning of a title names those that begin so
        return rows, last, telling


def _holding_all(titles: TitleWords, keys: Sequence[str]) -> Numbers:
    """The rows of the titles that hold every word; none for no words."""
    found: Numbers | None = None
    for own in sorted((titles.rows(key) for key in dict.fromkeys(keys)), key=len):
        found = own if found is None else intersection(found, own)
    return _NONE if found is None else found


def _last_word(title: str) -> list[str]:
    """The last word of a title that is all letters, if there is one."""
    return [word for word in title.split() if word.isalpha()][-1:]


def _last_words(titles: TitleWords) -> Numbers:
    """By number of a word, how many titles it is the last of that is all letters."""
    letters = np.fromiter((word.isalpha() for word in titles.words), np.bool_, len(titles.words))
    places = np.flatnonzero(letters[titles.tokens.numbers])
    owners = titles.tokens.owners()[places]
    last = places[np.append(owners[1:] != owners[:-1], np.ones(min(1, len(owners)), dtype=np.bool_))]
    return np.bincount(titles.tokens.numbers[last], minlength=len(letters)).astype(np.int32)
