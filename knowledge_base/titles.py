"""Which products a text names: by their whole title, or by the part of it that tells them apart.

In: the catalogue's titles and a text. Out: stretches of the text with the rows of the products they name. It knows no
conversation; "the second one" is the assistant's business.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from knowledge_base.text import clean, has_cjk, noun_key, stem, words

_MAX_NAMED = 6  # a stretch that fits more products than this names none of them
_SHORT_NUMBER = re.compile(r"[\d.]{1,4}|[\d.]+[a-z]{1,3}")  # "100", "8gb": a figure, not a name
_CODE = re.compile(r"[a-z]+\d[a-z\d]*|\d+[a-z]+\d[a-z\d]*")  # "dv7", "b650m": a model's
_DEFINITE = re.compile(r"\b(?:the|your|this|that)\s+(?:\w+\s+)?$", re.IGNORECASE)
_CHINESE_BEGINNING, _CHINESE_SHARE = 8, 0.6  # characters, and share of a title, that stand for all of it
_MIN_BEGINNING_CHARS = 6
_BEGINNING = 3  # a title's first words, so many of them, name it
_RARE = 3  # a word in no more titles than this can tell products apart


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

    `titles` in `text.noun_key` form, one a row, "" for a product that is gone.
    """

    def __init__(self, titles: Sequence[str]) -> None:
        self._titles = tuple(titles)
        self._rows: dict[str, set[int]] = defaultdict(set)
        for row, title in enumerate(titles):
            for word in title.split():
                self._rows[word].add(row)

    def changed(self, titles: Mapping[int, str]) -> NounIndex:
        """This index with these rows' titles instead; rows beyond the last are added. Only these are made anew."""
        new = copy(self)
        kept = [*self._titles, *[""] * (max([*titles, -1]) + 1 - len(self._titles))]
        new._rows = self._rows.copy()
        for row, title in titles.items():
            for word in set(kept[row].split()):
                _put(new._rows, word, new._rows[word] - {row})
            for word in set(title.split()):
                new._rows[word] = new._rows.get(word, set()) | {row}
            kept[row] = title
        new._titles = tuple(kept)
        return new

    def holding(self, phrase: str) -> list[int]:
        """The rows whose titles hold every word of the phrase, in order; none for no words."""
        found = [self._rows.get(key, set()) for key in noun_key(phrase).split()]
        return sorted(set.intersection(*found)) if found else []

    def together(self, phrase: str) -> list[int]:
        """Of `holding`, those where the words stand side by side and in this order."""
        key = f" {noun_key(phrase)} "
        return [row for row in self.holding(phrase) if key in f" {self._titles[row]} "]


class TitleIndex:
    """Look-up from text to titles. `titles` in `vocabulary.value_key` form, one a row."""

    def __init__(self, titles: Sequence[str]) -> None:
        self._n = max(1, len(titles))
        self._titles = tuple(titles)
        self._whole: dict[str, list[int]] = defaultdict(list)
        self._rows: dict[str, set[int]] = defaultdict(set)
        self._last: Counter[str] = Counter()
        for row, title in enumerate(titles):
            self._last.update([word for word in title.split() if word.isalpha()][-1:])
            self._whole[title].append(row)
            for word in set(title.split()):
                self._rows[word].add(row)
        # A title is looked for only where its first word stands; Chinese runs have no word ends, so those are scanned.
        self._latin: dict[str, list[str]] = defaultdict(list)
        self._chinese: list[str] = []
        for title in self._whole:
            if has_cjk(title):
                self._chinese.append(title)
            elif title:
                self._latin[title.split()[0]].append(title)
        for bucket in self._latin.values():
            bucket.sort(key=len, reverse=True)
        self._chinese.sort(key=len, reverse=True)

    def changed(self, titles: Mapping[int, str], n_titles: int) -> TitleIndex:
        """This index with these rows' titles instead ("" for a product that is gone); `n_titles` there are in all.

        Only what the changed titles touch is made anew.
        """
        before = {row: self._titles[row] for row in titles if row < len(self._titles)}
        more = [""] * (max([*titles, -1]) + 1 - len(self._titles))
        new = copy(self)
        new._n = max(1, n_titles)
        kept = [*self._titles, *more]
        for row, title in titles.items():
            kept[row] = title
        new._titles = tuple(kept)
        new._whole, new._rows, new._last = self._whole.copy(), self._rows.copy(), self._last.copy()
        for row, title in before.items():
            new._last.subtract([word for word in title.split() if word.isalpha()][-1:])
            _put(new._whole, title, [r for r in new._whole[title] if r != row])
            for word in set(title.split()):
                _put(new._rows, word, new._rows[word] - {row})
        for row, title in titles.items():
            new._last.update([word for word in title.split() if word.isalpha()][-1:])
            new._whole[title] = sorted([*new._whole.get(title, ()), row])
            for word in set(title.split()):
                new._rows[word] = new._rows.get(word, set()) | {row}
        touched = {*before.values(), *titles.values()} - {""}
        new._latin = self._latin.copy()
        for first in {title.split()[0] for title in touched if not has_cjk(title)}:
            bucket = {*self._latin.get(first, ()), *(t for t in touched if t.split()[0] == first and not has_cjk(t))}
            _put(new._latin, first, sorted((t for t in bucket if t in new._whole), key=len, reverse=True))
        if chinese := {title for title in touched if has_cjk(title)}:
            every = {title for title in {*self._chinese, *chinese} if title in new._whole}
            new._chinese = sorted(every, key=len, reverse=True)
        return new

    def idf(self, word: str) -> float:
        """How telling a stemmed word is; 0 for one that stands in no title."""
        found = len(self._rows.get(word, ()))
        return math.log(1 + self._n / found) if found else 0.0

    def rows_with(self, keys: Sequence[str]) -> list[int]:
        """The rows whose titles hold all of these stemmed words, in order; none for no words."""
        found = [self._rows.get(key, set()) for key in keys]
        return sorted(set.intersection(*found)) if found else []

    def mentions(
        self, text: str, ignore: Collection[str] = (), generic: Collection[str] = ()
    ) -> tuple[TitleMention, ...]:
        """The products a text names, in text order.

        `ignore`: stems that are no part of a name ("show", "under"). `generic`: stems that may be part of one but tell
        no product from another ("tent", "blue").
        """
        text = clean(text)
        tokens = [_Token(stem(word), start, end) for word, start, end in words(text)]
        whole = self._whole_titles(tokens)
        taken = [(m.start, m.end) for m in whole]
        partial = self._parts(text, tokens, taken, frozenset(ignore), frozenset(generic))
        return tuple(sorted((*whole, *partial), key=lambda mention: mention.start))

    def nearest(self, text: str) -> tuple[int, ...]:
        """The rows whose titles hold most of a text that is meant to name one product; () where none has two thirds.

        "Most" is by idf over the words that stand in any title; ties are all returned.
        """
        line = " ".join(stem(word) for word, _, _ in words(clean(text)))
        if len(line) >= _MIN_BEGINNING_CHARS:
            begun = tuple(row for row, title in enumerate(self._titles) if title.startswith(line))
            if begun:
                return begun
        keys = set(line.split())
        known = {key: self.idf(key) for key in keys if key in self._rows}
        if not known:
            return ()
        scores: dict[int, float] = defaultdict(float)
        for key, weight in known.items():
            for row in self._rows[key]:
                scores[row] += weight
        best = max(scores.values())
        if best < sum(known.values()) * 2 / 3:
            return ()
        return tuple(sorted(row for row, score in scores.items() if score >= best - 1e-9))

    def _whole_titles(self, tokens: Sequence[_Token]) -> list[TitleMention]:
        starts, position = [], 0
        for token in tokens:
            starts.append(position)
            position += len(token.key) + 1
        line = " ".join(token.key for token in tokens)
        found: list[TitleMention] = []
        used = bytearray(len(line) + 1)

        def take(begin: int, title: str) -> None:
            end = begin + len(title)
            if any(used[begin:end]):
                return
            used[begin:end] = b"\x01" * len(title)
            first, last = bisect_right(starts, begin) - 1, bisect_right(starts, end - 1) - 1
            start = tokens[first].start + (begin - starts[first])
            stop = tokens[last].start + (end - starts[last]) if has_cjk(tokens[last].key) else tokens[last].end
            weight = sum(self.idf(word) for word in title.split())
            rows = self._whole.get(title) or [r for t in self._chinese if t.startswith(title) for r in self._whole[t]]
            found.append(TitleMention(start, stop, tuple(rows), title in self._whole, weight))

        candidates: list[tuple[int, str]] = []
        for token, begin in zip(tokens, starts, strict=True):
            for title in self._latin.get(token.key, ()):
                if line.startswith(title, begin) and line[begin + len(title) : begin + len(title) + 1] in ("", " "):
                    candidates.append((begin, title))
        for title in self._chinese:
            if len(title) <= len(line) and (begin := line.find(title)) >= 0:
                candidates.append((begin, title))
        for title in self._chinese:
            if (begin := line.find(title[:_CHINESE_BEGINNING])) < 0 or title in line:
                continue
            stretch = _shared_beginning(title, line[begin:])
            if stretch >= _CHINESE_SHARE * len(title):
                candidates.append((begin, title[:stretch]))
        for begin, title in sorted(candidates, key=lambda c: -len(c[1])):
            take(begin, title)
        return found

    def _parts(
        self,
        text: str,
        tokens: Sequence[_Token],
        taken: Sequence[tuple[int, int]],
        ignore: frozenset[str],
        generic: frozenset[str],
    ) -> list[TitleMention]:
        """Stretches of words that stand together in a few titles and in no others."""
        found: list[TitleMention] = []
        i = 0
        while i < len(tokens):
            rows, last, telling = self._grow(text, tokens, i, taken, ignore, generic)
            if rows and telling and len(rows) <= _MAX_NAMED:
                keys = {token.key for token in tokens[i : last + 1]}
                weight = sum(self.idf(key) for key in keys)
                found.append(TitleMention(tokens[i].start, tokens[last].end, tuple(sorted(rows)), False, weight))
                i = last + 1
            else:
                i += 1
        return found

    def _grow(
        self,
        text: str,
        tokens: Sequence[_Token],
        first: int,
        taken: Sequence[tuple[int, int]],
        ignore: frozenset[str],
        generic: frozenset[str],
    ) -> tuple[set[int], int, bool]:
        """The rows whose titles hold all the words from `first` on, for as long as there are any."""
        rows: set[int] = set()
        last, telling = first, False
        if tokens[first].key in ignore:
            return rows, first, False
        for i in range(first, len(tokens)):
            key = tokens[i].key
            if i > first and any(mark in text[tokens[i - 1].end : tokens[i].start] for mark in ",;?!:|"):
                break
            if i > first and key in ignore:
                if rows & self._rows.get(key, set()):
                    continue
                break
            free = not any(start <= tokens[i].start < end for start, end in taken)
            own = self._rows.get(key, set()) if free and not has_cjk(key) else set()
            grown = own if i == first else rows & own
            if not grown:
                break
            rows, last = grown, i
            name = len(key) > 1 and key not in generic and not _SHORT_NUMBER.fullmatch(key)
            if name and self._last[key] * 2 >= len(own):
                # "Glint 200 Headlamp": the last word says what it is. It names a product only if there is just one.
                name = len(own) == 1 and bool(_DEFINITE.search(text[: tokens[i].start]))
            telling = telling or (name and len(own) <= _RARE)
            telling = telling or (len(rows) <= _MAX_NAMED and name and bool(_CODE.fullmatch(key)))
        keys = [token.key for token in tokens[first : last + 1]]
        begun = {row for row in rows if self._titles[row].split()[: len(keys)] == keys}
        if begun and len(keys) >= _BEGINNING:
            return begun, last, True  # the beginning of a title names those that begin so
        return rows, last, telling


def _put(table: dict[str, Any], key: str, found: Any) -> None:
    """Keep what was found under a key; nothing found, no key."""
    if found:
        table[key] = found
    else:
        table.pop(key, None)


def _shared_beginning(left: str, right: str) -> int:
    """How many characters two texts begin with alike."""
    return next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
