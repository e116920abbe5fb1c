"""Query expansion: what a query asks for, and every way in which the documents may say it.

In: a query, and the terms that a lexical index has. Out: `Slot`s, one for each thing that is wanted, with the index
terms that stand for it: the word itself, the word in two or in one, other names of the thing, and what a typing error
may have meant. Words that carry a request and not its subject are left out. It scores no row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge_base.glossary import names_in
from knowledge_base.text import fold, has_cjk, stem, tokens, words
from knowledge_base.translation import in_chinese, leading_unit, mixed_word, pieces
from knowledge_base.vocabulary import is_english

_PARTS = re.compile(r"[0-9]+(?:\.[0-9]+)?|[^\W0-9_]+")
# Words that carry a request, not its subject. Only queries lose them: in documents they are rare enough to do no harm.
_REQUEST_TEXT = """
    a an and any anything are around at be been but buy by can could did do does for from get give got had has
    have hello help her hi how i if in into is it item items its just let like look looking me my need of on one
    ones or our please product products recommend sell shall she should show so some someone something sort stuff
    such suggest than that the their them then there these they thing things this those to too us want wanted was
    we were what when where which who why will with would you your
"""
_REQUEST_WORDS = frozenset(_REQUEST_TEXT.split())
# What else may stand before a thing that is asked for, where products are looked for. Passages are about some of these.
_ASKING = frozenset(
    ("all", "each", "every", "find", "offer", "offers", "cheap", "cheaper", "cheapest", "best", "lowest")
)
_ASKING |= {"highest", "price", "deal", "deals", "top"}
_CHINESE_REQUEST = re.compile(
    "请问|我想要|我想买|我要买|我想|我要|想要|想买|帮我|给我|推荐|有没有|有什么|有哪些|哪些|什么|怎么样|你们|一下|[的了吗呢吧啊呀嘛么]"
)
_VARIANT_WEIGHT = 0.8  # of a query word's other spellings: "head phones" for "headphones"
_PAIR_WEIGHT = 0.2  # of two neighbouring Chinese characters beside each of them alone
_LATIN_WEIGHT = 2.0  # of a word in Latin letters among Chinese characters, of which two make a word
_MAX_LONGER = 8  # model numbers that an unknown part of one may stand for
_MIN_HALF = 3
_CHINESE_NOUN = 2  # characters that most Chinese words end in to say what a thing is
_NAME_WEIGHT = 0.9  # of other names of the same thing: "notebook" for "laptop"
_LOOSE_WEIGHT = 0.7  # of a translation that is no other name of the thing
_NOUN_WEIGHT = 0.4  # of the noun alone that such a translation ends in
_NARROWER_WEIGHT = 0.8  # of names of its kinds: "ipad" for "tablet"
_TYPO_WEIGHT = 0.6  # of the word a typing error was mended to


def is_request(word: str) -> bool:
    """Whether a word in lower case carries a request and not its subject."""
    return word in _REQUEST_WORDS or word in _ASKING


def query_words(text: str) -> list[str]:
    """The words of a query that name what is wanted; all of them where nothing else is left. May be empty."""
    folded = fold(text)
    every = [word for word, _, _ in words(folded)]
    if has_cjk(folded):
        folded = _CHINESE_REQUEST.sub(" ", folded)
    kept = [word for word, _, _ in words(folded) if word not in _REQUEST_WORDS]
    return kept or every


def query_terms(text: str) -> list[str]:
    """The distinct index terms of a query, in order."""
    return list(dict.fromkeys(tokens(" ".join(query_words(text)))))


def makes_compound(left: str, right: str) -> bool:
    """Whether two words may also be written in one: not figures, nor Chinese, which has no spaces."""
    return min(len(left), len(right)) >= 2 and left.isalpha() and right.isalpha() and not has_cjk(left + right)


Way = tuple[tuple[int, ...], float]  # index terms that all must stand in a row, and how much that counts


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing a query wants, with the ways to say it."""

    weight: float
    ways: tuple[Way, ...]


class Terms(Protocol):
    """What a lexical index says of its terms. Those that only removed rows have stay in `vocabulary`."""

    @property
    def vocabulary(self) -> Mapping[str, int]:
        """The number of every term."""
        ...

    @property
    def compounds(self) -> Mapping[str, tuple[str, str]]:
        """Words written in one whose two halves stand side by side somewhere."""
        ...

    @property
    def spellings(self) -> Sequence[str]:
        """The terms that a typing error may be mended to."""
        ...

    def knows(self, term: str) -> bool:
        """Whether any row has this term, as it stands."""
        ...

    def number(self, term: str) -> int | None:
        """The number of a term that some row has; None for any other."""
        ...

    def rows_with(self, number: int) -> NDArray[np.int32]:
        """The rows that have the term of this number."""
        ...


class QueryExpansion:
    """Queries to slots, by the terms of one `index`."""

    def __init__(self, index: Terms) -> None:
        self._index = index

    def slots(self, query: str, extra: Sequence[str], with_names: bool) -> Iterator[Slot]:
        """What a query wants, one index term or name of a thing after the other, each with every way to say it."""
        said = query_words(query)
        if with_names:
            said = [word for word in said if word not in _ASKING] or said
        said = self.written(said)
        other_names: dict[str, list[Way]] = {}
        dropped: set[str] = set()
        if with_names:
            for word, before in zip(said, ["", *said], strict=False):
                if has_cjk(word):
                    yield from self._chinese_slots(word, before, other_names, dropped)
            self._add_english_names([word for word in said if not has_cjk(word)], other_names)
        names = {stem(word) for named in names_in(said) for word in named.said}
        for left, right in pairwise(said):
            index = self._index.number(stem(left + right))
            if index is not None and makes_compound(left, right):
                for half in (left, right):
                    other_names.setdefault(stem(half), []).append(((index,), _VARIANT_WEIGHT))
        latin_weight = _LATIN_WEIGHT if any(map(has_cjk, said)) else 1.0
        for term in dict.fromkeys(tokens(" ".join(said))):
            if term not in dropped:
                weight = latin_weight if not has_cjk(term) else _PAIR_WEIGHT if len(term) == 2 else 1.0
                meant = term in names or is_english(term)
                yield Slot(weight, (*self._alternatives(term, meant), *other_names.get(term, ())))
        yield from (Slot(1.0, tuple(self._alternatives(term))) for term in extra)

    def _chinese_slots(
        self, run: str, before: str, other_names: dict[str, list[Way]], dropped: set[str]
    ) -> Iterator[Slot]:
        """One thing for each Chinese word of which no row has a character but whose other names some row has; its
        terms are then `dropped`. Names of the others go to `other_names`, by term. `before` is the word before the run.
        """
        mixed = mixed_word(before, run)
        unit, rest = leading_unit(run) if before[-1:].isdigit() and mixed is None else ((), run)
        spelled = [way for spelling in unit if (way := self._name(spelling, 1.0))]
        for term in tokens(run[: len(run) - len(rest)]):
            other_names.setdefault(term, []).extend(spelled)
        cut = pieces(rest) if mixed is None else (mixed, *pieces(run[len(mixed.said) - len(before) :]))
        for piece in cut:
            ways = [way for other in piece.names if (way := self._name(other, _NAME_WEIGHT))]
            ways += [way for other in piece.chinese if (way := self._name(other, _NAME_WEIGHT))]
            narrower = [other for named in names_in([piece.said]) for other in named.narrower]
            ways += [way for other in narrower if (way := self._name(other, _NARROWER_WEIGHT))]
            if self._name(piece.said, 1.0) is None:
                ways += [way for phrase in piece.loose for way in self._loose(phrase)]
            own = tokens(piece.said)
            if ways and not any(self._index.knows(term) for term in own):
                dropped.update(own)
                yield Slot(float(len(piece.said)), tuple(ways))
            else:
                for term in own:
                    other_names.setdefault(term, []).extend(ways)

    def _add_english_names(self, said: Sequence[str], other_names: dict[str, list[Way]]) -> None:
        """Other names of what English words name, by term; in Chinese only of what no row calls so."""
        for named in names_in(said):
            ways = [way for other in named.english if (way := self._name(other, _NAME_WEIGHT))]
            ways += [way for other in named.narrower if (way := self._name(other, _NARROWER_WEIGHT))]
            if not any(self._index.knows(stem(word)) for word in named.said):
                ways += [way for other in named.chinese if (way := self._name(other, _NAME_WEIGHT))]
            for word in named.said:
                other_names.setdefault(stem(word), []).extend(ways)
        for phrase, chinese in in_chinese(said):
            if not any(self._index.knows(stem(word)) for word in phrase):
                ways = [way for other in chinese for way in self._loose(other)]
                for word in phrase:
                    other_names.setdefault(stem(word), []).extend(ways)

    def _loose(self, phrase: str) -> Iterator[Way]:
        """A translation as ways to say a thing: all of it, or the noun that it ends in."""
        alone = len(phrase) == 1  # one Chinese character, the noun that many words end in
        if way := self._name(phrase, _NOUN_WEIGHT if alone else _LOOSE_WEIGHT):
            yield way
        noun = phrase.rpartition(" ")[2]
        if noun == phrase:
            noun = phrase[-_CHINESE_NOUN:] if has_cjk(phrase) and len(phrase) > _CHINESE_NOUN else ""
        if noun and (way := self._name(noun, _NOUN_WEIGHT)):
            yield way

    def written(self, said: Sequence[str]) -> list[str]:
        """Query words with those in one that the documents more often write in one: "head set" as "headset"."""
        found: list[str] = []
        for word in said:
            if found and self._is_compound(found[-1], word):
                found[-1] += word
            else:
                found.append(word)
        return found

    def _is_compound(self, left: str, right: str) -> bool:
        """Whether more rows have the two words in one than have both of them anywhere."""
        whole = self._index.number(stem(left + right))
        if whole is None or not makes_compound(left, right):
            return False
        first, second = (self._index.number(stem(half)) for half in (left, right))
        n_both = 0
        if first is not None and second is not None:
            n_both = len(
                np.intersect1d(self._index.rows_with(first), self._index.rows_with(second), assume_unique=True)
            )
        return len(self._index.rows_with(whole)) > n_both

    def _name(self, name: str, weight: float) -> Way | None:
        """A name of a thing as one way to say it: rows must have all of its terms; None where no row can."""
        terms = [self._index.number(term) for term in tokens(name)]
        known = tuple(term for term in terms if term is not None)
        return (known, weight) if known and len(known) == len(terms) else None

    def _alternatives(self, term: str, meant: bool = False) -> Iterator[Way]:
        """The ways to say a query term. `meant`: it is a word of its own, and no typing error: no "hike" for "bike"."""
        known = self._index.number(term)
        if known is not None:
            yield (known,), 1.0
        if has_cjk(term):
            return
        if known is not None:
            if term in self._index.compounds:
                yield tuple(self._index.vocabulary[half] for half in self._index.compounds[term]), _VARIANT_WEIGHT
        elif any(c.isdigit() for c in term):
            parts = self._parts(term)
            if parts:
                yield tuple(self._index.vocabulary[part] for part in parts), _VARIANT_WEIGHT
            if parts and term[0].isdigit():  # an amount, "1tb", is no part of "11tb"
                return
            yield from (((self._index.vocabulary[name],), _TYPO_WEIGHT) for name in self._near(term))
        elif not meant and (near := self._near(term)):
            yield tuple(self._index.vocabulary[name] for name in near), _TYPO_WEIGHT

    def _parts(self, word: str) -> tuple[str, ...]:
        """An unknown word's letters and digits apart, if these are known: "1tb" as "1", "tb"."""
        parts = tuple(stem(part) for part in _PARTS.findall(word))
        return parts if len(parts) > 1 and all(map(self._index.knows, parts)) else ()

    def _halves(self, word: str) -> tuple[str, ...]:
        """An unknown word as two known ones: "gamingchair" as "gaming", "chair"."""
        for cut in range(_MIN_HALF, len(word) - _MIN_HALF + 1):
            halves = (stem(word[:cut]), stem(word[cut:]))
            if all(map(self._index.knows, halves)):
                return halves
        return ()

    def _near(self, word: str) -> tuple[str, ...]:
        """Known words for an unknown one: longer model numbers that hold it, one mended word, or two halves."""
        if any(c.isdigit() for c in word):
            return (
                tuple(name for name in self._index.vocabulary if word in name)[:_MAX_LONGER] if len(word) >= 3 else ()
            )
        if len(word) < 4 or not word.isascii():
            return ()
        limit = 1 if len(word) < 8 else 2
        found = process.extract(word, self._index.spellings, scorer=OSA.distance, score_cutoff=limit, limit=8)
        # A typing error rarely hits the first letter; among equals the commoner word is likelier.
        near = [(distance, name[0] != word[0], -self._n_rows_with(name), name) for name, distance, _ in found]
        near = [candidate for candidate in near if candidate[2]]  # those of removed rows are known no more
        return (min(near)[3],) if near else self._halves(word)

    def _n_rows_with(self, term: str) -> int:
        return len(self._index.rows_with(self._index.vocabulary[term]))
