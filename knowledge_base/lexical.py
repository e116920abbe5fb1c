"""Lexical search: BM25 over weighted fields, filtered inside the query.

In: documents as fields of text, a query, a mask of the rows that may be found. Out: a score a row, and which share of
the query each row has. English words are stemmed, Chinese is cut into single characters and pairs of neighbours. It
knows no product, no price and no vector.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge_base.glossary import names_in
from knowledge_base.text import fold, has_cjk, stem, words

Rows = NDArray[np.int64]
Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]

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
_K1, _B = 1.2, 0.75
_VARIANT_WEIGHT = 0.8  # of a query word's other spellings: "head phones" for "headphones"
_PAIR_WEIGHT = 0.2  # of two neighbouring Chinese characters beside each of them alone
_COVERAGE_POWER = 0.5  # how much more a row counts that has all of the query
_MAX_LONGER = 8  # model numbers that an unknown part of one may stand for
_MIN_HALF = 3
_NAME_WEIGHT = 0.9  # of other names of the same thing: "notebook" for "laptop"
_TYPO_WEIGHT = 0.6  # of the word a typing error was mended to


def tokens(text: str) -> list[str]:
    """The index terms of a text in order: stems, and for Chinese single characters and pairs of neighbours."""
    found: list[str] = []
    for word, _, _ in words(fold(text)):
        if has_cjk(word):
            found.extend(word)
            found.extend(word[i : i + 2] for i in range(len(word) - 1))
        else:
            found.append(stem(word))
    return found


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


def top_rows(scores: Scores, k: int) -> Rows:
    """The rows of the `k` highest positive scores, best first; ties in row order."""
    rows = np.flatnonzero(scores > 0)
    if len(rows) > k:
        threshold = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= threshold]
    order = np.lexsort((rows, -scores[rows]))[:k]
    return rows[order].astype(np.int64)


_Way = tuple[tuple[int, ...], float]  # index terms that all must stand in a row, and how much that counts


@dataclass(frozen=True, slots=True)
class _Slot:
    """One thing a query wants, with the ways to say it."""

    weight: float
    ways: tuple[_Way, ...]


@dataclass(frozen=True, slots=True)
class LexicalMatch:
    """Every row's BM25 `scores` (n,) and its `coverage` (n,): the idf-weighted share of the query it has, 0..1.

    Rows outside the mask have 0 in both. `known` is the idf-weighted share of the query that any row at all has.
    """

    scores: Scores
    coverage: Scores
    known: float

    def top(self, k: int) -> Rows:
        """The best `k` rows with a score, best first."""
        return top_rows(self.scores, k)


class LexicalIndex:
    """BM25 over several fields of the same rows: a word counts as often as its field's weight says, and the lengths
    are those of the weighted text (BM25F with one length, https://doi.org/10.1145/1031171.1031181).

    `data`, `indices` and `indptr` are the scores `bm25s` precomputes, column by column: one column a term.
    `compounds` maps a word written in one to its two halves where the documents also have these side by side
    ("headphones": "head", "phones"), so that either spelling finds both. `mean_length` is that of a built document in
    weighted terms. `later` holds the rows and scores of documents added since by term, `alive` (n,) the rows that were
    not removed since; None: all of them.
    """

    def __init__(
        self,
        n_rows: int,
        vocabulary: Mapping[str, int],
        data: Scores,
        indices: NDArray[np.int32],
        indptr: Rows,
        compounds: Mapping[str, tuple[str, str]],
        mean_length: float,
        later: Mapping[int, tuple[NDArray[np.int32], Scores]] | None = None,
        alive: Mask | None = None,
        spellings: Sequence[str] | None = None,
    ) -> None:
        self.n_rows = n_rows
        self._vocabulary = dict(vocabulary)
        self._data, self._indices, self._indptr = data, indices, indptr
        self._compounds = dict(compounds)
        self._mean_length, self._later, self._alive = mean_length, later or {}, alive
        self._spellings = _spellings(self._vocabulary) if spellings is None else spellings

    @classmethod
    def build(
        cls,
        documents: Iterable[Mapping[str, str]],
        weights: Mapping[str, int],
        analyse: Callable[[str], list[str]] = tokens,
    ) -> LexicalIndex:
        """An index of `documents`, each a text a field; a field not named in `weights` is not searched."""
        vocabulary: dict[str, int] = {}
        rows, pairs = _term_ids(documents, weights, analyse, vocabulary)
        mean_length = sum(map(len, rows)) / len(rows) if rows else 0.0
        return cls(len(rows), vocabulary, *_bm25(rows, vocabulary), _compounds(pairs, vocabulary), mean_length)

    def changed(
        self,
        alive: Mask,
        documents: Iterable[Mapping[str, str]],
        weights: Mapping[str, int],
        analyse: Callable[[str], list[str]] = tokens,
    ) -> LexicalIndex:
        """This index with `documents` as further rows, of which those in `alive` (n,) can be found.

        New rows are scored with the word statistics of the build: good while they are few beside it.
        """
        vocabulary = dict(self._vocabulary)
        rows, pairs = _term_ids(documents, weights, analyse, vocabulary)
        found: dict[int, list[tuple[int, float]]] = {}
        n_built = max(len(alive) - len(rows), 1)
        for row, ids in enumerate(rows, self.n_rows):
            norm = _K1 * (1 - _B + _B * len(ids) / (self._mean_length or len(ids) or 1))
            for term, count in Counter(ids).items():
                n_having = max(len(self._built_column(term)[0]), 1)
                idf = math.log1p((n_built - n_having + 0.5) / (n_having + 0.5))
                found.setdefault(term, []).append((row, idf * count / (norm + count)))
        later = dict(self._later)
        for term, scored in found.items():
            more = np.array([row for row, _ in scored], dtype=np.int32), np.array([s for _, s in scored], np.float32)
            later[term] = more if term not in later else _joined(later[term], more)
        compounds = self._compounds | _compounds(pairs, vocabulary)
        built = (self._data, self._indices, self._indptr)
        n_rows = self.n_rows + len(rows)
        appeared = itertools.islice(vocabulary, len(self._vocabulary), None)
        spellings = [*self._spellings, *_spellings(appeared)]
        return LexicalIndex(n_rows, vocabulary, *built, compounds, self._mean_length, later, alive, spellings)

    def _built_column(self, term: int) -> tuple[NDArray[np.int32], Scores]:
        if term >= len(self._indptr) - 1:
            return np.empty(0, np.int32), np.empty(0, np.float32)
        start, end = int(self._indptr[term]), int(self._indptr[term + 1])
        return self._indices[start:end], self._data[start:end]

    def _column(self, term: int) -> tuple[NDArray[np.int32], Scores]:
        """The rows that have a term, and its score in each."""
        column = self._built_column(term)
        if term in self._later:
            column = _joined(column, self._later[term])
        if self._alive is not None:
            kept = self._alive[column[0]]
            column = column[0][kept], column[1][kept]
        return column

    def knows(self, term: str) -> bool:
        """Whether any row has this index term, as it stands."""
        return term in self._vocabulary and (self._alive is None or self._n_rows_with(term) > 0)

    def _known(self, term: str) -> int | None:
        """The number of an index term that some row has; None for any other."""
        return self._vocabulary.get(term) if self.knows(term) else None

    def match(
        self,
        query: str,
        mask: Mask | None = None,
        extra: Sequence[str] = (),
        other_names: bool = False,
    ) -> LexicalMatch:
        """Every row held against `query`; `extra` are further index terms that are wanted (concepts).

        With `other_names`, names of the same thing stand for those in the query: "notebook" for "laptop".
        """
        scores = np.zeros(self.n_rows, dtype=np.float32)
        coverage = np.zeros(self.n_rows, dtype=np.float32)
        wanted = known = 0.0
        for slot in self._slots(query, extra, other_names):
            best, n_hit = self._slot_scores(slot)
            idf = slot.weight * _idf(n_hit, self.n_rows)
            wanted += idf
            known += idf if n_hit else 0.0
            if n_hit:
                scores += best * np.float32(slot.weight)
                coverage[best > 0] += np.float32(idf)
        coverage /= np.float32(wanted or 1.0)
        # A row that has all of the query goes before one that has a part of it many times.
        scores *= coverage**_COVERAGE_POWER
        if mask is not None:
            scores, coverage = np.where(mask, scores, np.float32(0)), np.where(mask, coverage, np.float32(0))
        return LexicalMatch(scores, coverage, known / (wanted or 1.0))

    def _slot_scores(self, slot: _Slot) -> tuple[Scores, int]:
        """What each row scores for one wanted thing, (n,), and how many rows have it under any of its names.

        All names together are one term: each row's best counts, on the scale of how many rows have any of them.
        Otherwise the rarest name of a thing would win, and a thing with two names count twice.
        """
        best = np.zeros(self.n_rows, dtype=np.float32)
        for parts, share in slot.ways:
            rows, data = self._column(parts[0])
            data = data / np.float32(_idf(len(rows), self.n_rows))
            for part in parts[1:]:
                others, more = self._column(part)
                common, here, there = np.intersect1d(rows, others, assume_unique=True, return_indices=True)
                rows, data = common, data[here] + more[there] / np.float32(_idf(len(others), self.n_rows))
            best[rows] = np.maximum(best[rows], data * np.float32(share / len(parts)))
        n_hit = int(np.count_nonzero(best))
        return best * np.float32(_idf(n_hit, self.n_rows)), n_hit

    def _slots(self, query: str, extra: Sequence[str], with_names: bool) -> Iterator[_Slot]:
        """What a query wants, one index term or name of a thing after the other, each with every way to say it."""
        said = query_words(query)
        if with_names:
            said = [word for word in said if word not in _ASKING] or said
        said = self.written(said)
        other_names: dict[str, list[_Way]] = {}
        dropped: set[str] = set()
        for named in names_in(said) if with_names else ():
            ways = [way for other in named.english if (way := self._name(other, _NAME_WEIGHT))]
            if has_cjk(named.said[0]):
                ways += [way for other in named.chinese if len(other) > 1 and (way := self._name(other, _NAME_WEIGHT))]
                own = tokens(named.said[0])
                if ways and not any(self.knows(term) for term in own):
                    dropped.update(own)
                    yield _Slot(float(len(named.said[0])), tuple(ways))
            else:
                if not any(self.knows(stem(word)) for word in named.said):
                    ways += [way for other in named.chinese if (way := self._name(other, _NAME_WEIGHT))]
                for word in named.said:
                    other_names.setdefault(stem(word), []).extend(ways)
        for left, right in pairwise(said):
            index = self._known(stem(left + right))
            if index is not None and _makes_compound(left, right):
                for half in (left, right):
                    other_names.setdefault(stem(half), []).append(((index,), _VARIANT_WEIGHT))
        for term in dict.fromkeys(tokens(" ".join(said))):
            if term not in dropped:
                weight = _PAIR_WEIGHT if len(term) == 2 and has_cjk(term) else 1.0
                yield _Slot(weight, (*self._alternatives(term), *other_names.get(term, ())))
        yield from (_Slot(1.0, tuple(self._alternatives(term))) for term in extra)

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
        whole = self._known(stem(left + right))
        if whole is None or not _makes_compound(left, right):
            return False
        first, second = (self._known(stem(half)) for half in (left, right))
        n_both = 0
        if first is not None and second is not None:
            n_both = len(np.intersect1d(self._column(first)[0], self._column(second)[0], assume_unique=True))
        return len(self._column(whole)[0]) > n_both

    def _name(self, name: str, weight: float) -> _Way | None:
        """A name of a thing as one way to say it: rows must have all of its terms; None where no row can."""
        terms = [self._known(term) for term in tokens(name)]
        known = tuple(term for term in terms if term is not None)
        return (known, weight) if known and len(known) == len(terms) else None

    def _alternatives(self, term: str) -> Iterator[_Way]:
        """The ways to say one query term."""
        known = self._known(term)
        if known is not None:
            yield (known,), 1.0
        if has_cjk(term):
            return
        if known is not None:
            if term in self._compounds:
                yield tuple(self._vocabulary[half] for half in self._compounds[term]), _VARIANT_WEIGHT
        elif parts := self._parts(term):
            yield tuple(self._vocabulary[part] for part in parts), _VARIANT_WEIGHT
        elif any(c.isdigit() for c in term):
            yield from (((self._vocabulary[name],), _TYPO_WEIGHT) for name in self._near(term))
        elif near := self._near(term):
            yield tuple(self._vocabulary[name] for name in near), _TYPO_WEIGHT

    def _parts(self, word: str) -> tuple[str, ...]:
        """An unknown word's letters and digits apart, if these are known: "1tb" as "1", "tb"."""
        parts = tuple(stem(part) for part in _PARTS.findall(word))
        return parts if len(parts) > 1 and all(map(self.knows, parts)) else ()

    def _halves(self, word: str) -> tuple[str, ...]:
        """An unknown word as two known ones: "gamingchair" as "gaming", "chair"."""
        for cut in range(_MIN_HALF, len(word) - _MIN_HALF + 1):
            halves = (stem(word[:cut]), stem(word[cut:]))
            if all(map(self.knows, halves)):
                return halves
        return ()

    def _near(self, word: str) -> tuple[str, ...]:
        """Known words for an unknown one: longer model numbers that hold it, one mended word, or two halves."""
        if any(c.isdigit() for c in word):
            return tuple(name for name in self._vocabulary if word in name)[:_MAX_LONGER] if len(word) >= 3 else ()
        if len(word) < 4 or not word.isascii():
            return ()
        limit = 1 if len(word) < 8 else 2
        found = process.extract(word, self._spellings, scorer=OSA.distance, score_cutoff=limit, limit=8)
        # A typing error rarely hits the first letter; among equals the commoner word is likelier.
        near = [(distance, name[0] != word[0], -self._n_rows_with(name), name) for name, distance, _ in found]
        near = [candidate for candidate in near if candidate[2]]  # those of removed rows are known no more
        return (min(near)[3],) if near else self._halves(word)

    def _n_rows_with(self, term: str) -> int:
        return len(self._column(self._vocabulary[term])[0])

    def save(self, folder: Path) -> None:
        """Write the index into an empty `folder`: arrays without pickle, the rest as JSON."""
        for name, array in (("data", self._data), ("indices", self._indices), ("indptr", self._indptr)):
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        description = {
            "n_rows": self.n_rows,
            "vocabulary": list(self._vocabulary),
            "compounds": self._compounds,
            "mean_length": self._mean_length,
        }
        (folder / "lexical.json").write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """What `save` wrote. The files must have been verified: nothing is checked here."""
        description = json.loads((folder / "lexical.json").read_text(encoding="utf-8"))
        data, indices, indptr = (
            np.load(folder / f"{n}.npy", allow_pickle=False) for n in ("data", "indices", "indptr")
        )
        vocabulary = {term: index for index, term in enumerate(description["vocabulary"])}
        compounds = {whole: (left, right) for whole, (left, right) in description["compounds"].items()}
        return cls(description["n_rows"], vocabulary, data, indices, indptr, compounds, description["mean_length"])


def _spellings(terms: Iterable[str]) -> list[str]:
    """The terms that a typing error may be mended to."""
    return [term for term in terms if len(term) >= 4 and term.isascii() and term.isalpha()]


def _term_ids(
    documents: Iterable[Mapping[str, str]],
    weights: Mapping[str, int],
    analyse: Callable[[str], list[str]],
    vocabulary: dict[str, int],
) -> tuple[list[list[int]], set[tuple[str, str]]]:
    """Each document's weighted terms as numbers of `vocabulary`, which grows, and all pairs of neighbours."""
    rows: list[list[int]] = []
    pairs: set[tuple[str, str]] = set()
    for document in documents:
        ids: list[int] = []
        for name, weight in weights.items():
            found = analyse(document.get(name, ""))
            ids.extend([vocabulary.setdefault(term, len(vocabulary)) for term in found] * weight)
            pairs.update(pairwise(found))
        rows.append(ids)
    return rows, pairs


def _compounds(pairs: set[tuple[str, str]], vocabulary: Mapping[str, int]) -> dict[str, tuple[str, str]]:
    return {
        left + right: (left, right)
        for left, right in sorted(pairs)
        if left + right in vocabulary and _makes_compound(left, right)
    }


def _joined(
    first: tuple[NDArray[np.int32], Scores], second: tuple[NDArray[np.int32], Scores]
) -> tuple[NDArray[np.int32], Scores]:
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])


def _makes_compound(left: str, right: str) -> bool:
    """Whether two words may also be written in one: not figures, nor Chinese, which has no spaces."""
    return min(len(left), len(right)) >= 2 and left.isalpha() and right.isalpha() and not has_cjk(left + right)


def _idf(n_hit: int, n_rows: int) -> float:
    """How telling a term is that stands in so many of the rows, as Lucene's BM25 has it."""
    return float(np.log1p((n_rows - n_hit + 0.5) / (n_hit + 0.5)))


def _bm25(rows: list[list[int]], vocabulary: dict[str, int]) -> tuple[Scores, NDArray[np.int32], Rows]:
    """BM25 scores as compressed columns (data, indices, indptr) of documents given as term ids."""
    if not vocabulary:
        return np.empty(0, np.float32), np.empty(0, np.int32), np.zeros(1, np.int64)
    import bm25s

    model = bm25s.BM25(k1=_K1, b=_B, method="lucene")
    model.index((rows, vocabulary), create_empty_token=False, show_progress=False)
    scores = model.scores
    return (
        np.asarray(scores["data"], dtype=np.float32),
        np.asarray(scores["indices"], dtype=np.int32),
        np.asarray(scores["indptr"], dtype=np.int64),
    )
