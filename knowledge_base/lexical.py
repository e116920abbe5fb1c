"""Lexical search: BM25 over weighted fields, filtered inside the query.

In: documents as fields of text, a query, a mask of the rows that may be found. Out: a score a row, and which share of
the query each row has. What a query asks for and how else that is said, `query_expansion` tells. It knows no product,
no price and no vector.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.packed import open_array
from knowledge_base.query_expansion import QueryExpansion, Slot, makes_compound
from knowledge_base.text import tokens

Rows = NDArray[np.int64]
Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]

BM25_K1, BM25_B = 1.2, 0.75
_COVERAGE_POWER = 0.5  # how much more a row counts that has all of the query
_FEW_KEPT = 0.3  # a filter that keeps fewer of the rows is applied before they are scored
_FEW = 0.02  # share of the rows, below which it is faster to sort those found than to mark them among all


def top_rows(scores: Scores, k: int) -> Rows:
    """The rows of the `k` highest positive scores, best first; ties in row order."""
    rows = np.flatnonzero(scores > 0)
    if len(rows) > k:
        threshold = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= threshold]
    order = np.lexsort((rows, -scores[rows]))[:k]
    return rows[order].astype(np.int64)


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

    `data`, `indices` and `indptr` are the scores, worked out at the build, column by column: one column a term.
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
        folder: Path | None = None,
    ) -> None:
        self.n_rows = n_rows
        self.vocabulary, self._folder = vocabulary, folder
        self._data, self._indices, self._indptr = data, indices, indptr
        self.compounds = dict(compounds)
        self._mean_length, self._later, self._alive = mean_length, later or {}, alive
        self.spellings: Sequence[str] = _spellings(self.vocabulary) if spellings is None else spellings
        self.expansion = QueryExpansion(self)

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
        vocabulary = dict(self.vocabulary)
        rows, pairs = _term_ids(documents, weights, analyse, vocabulary)
        found: dict[int, list[tuple[int, float]]] = {}
        n_built = max(len(alive) - len(rows), 1)
        for row, ids in enumerate(rows, self.n_rows):
            norm = BM25_K1 * (1 - BM25_B + BM25_B * len(ids) / (self._mean_length or len(ids) or 1))
            for term, count in Counter(ids).items():
                n_having = max(len(self._built_column(term)[0]), 1)
                idf = math.log1p((n_built - n_having + 0.5) / (n_having + 0.5))
                found.setdefault(term, []).append((row, idf * count / (norm + count)))
        later = dict(self._later)
        for term, scored in found.items():
            more = np.array([row for row, _ in scored], dtype=np.int32), np.array([s for _, s in scored], np.float32)
            later[term] = more if term not in later else _joined(later[term], more)
        compounds = self.compounds | _compounds(pairs, vocabulary)
        built = (self._data, self._indices, self._indptr)
        n_rows = self.n_rows + len(rows)
        appeared = itertools.islice(vocabulary, len(self.vocabulary), None)
        spellings = [*self.spellings, *_spellings(appeared)]
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
        return term in self.vocabulary and (self._alive is None or len(self.rows_with(self.vocabulary[term])) > 0)

    def rows_with(self, number: int) -> NDArray[np.int32]:
        """The rows that have the term of this number."""
        return self._column(number)[0]

    def number(self, term: str) -> int | None:
        """The number of an index term that some row has; None for any other."""
        return self.vocabulary.get(term) if self.knows(term) else None

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
        few = mask if mask is not None and np.count_nonzero(mask) < _FEW_KEPT * self.n_rows else None
        for slot in self.expansion.slots(query, extra, other_names):
            rows, best, n_having = self._slot_scores(slot, few)
            idf = slot.weight * _idf(n_having, self.n_rows)
            wanted += idf
            known += idf if n_having else 0.0
            scores[rows] += best * np.float32(slot.weight)
            coverage[rows] += np.float32(idf)
        some = np.flatnonzero(coverage)  # no other row is looked at: there are a million of them in a large catalogue
        coverage[some] /= np.float32(wanted or 1.0)
        # A row that has all of the query goes before one that has a part of it many times.
        scores[some] *= coverage[some] ** _COVERAGE_POWER
        if mask is not None:
            hidden = some[~mask[some]]
            scores[hidden] = coverage[hidden] = 0
        return LexicalMatch(scores, coverage, known / (wanted or 1.0))

    def telling(self, slot: Slot) -> float:
        """How telling one wanted thing is: the idf of the rows that have it under any of its names."""
        return _idf(self._slot_scores(slot)[2], self.n_rows)

    def _slot_scores(self, slot: Slot, mask: Mask | None = None) -> tuple[NDArray[np.int32], Scores, int]:
        """The rows that have one wanted thing under any of its names, in row order, what each scores for it, and how
        many rows have it; rows that `mask` hides are counted and not scored.

        All names together are one term: each row's best counts, on the scale of how many rows have any of them.
        Otherwise the rarest name of a thing would win, and a thing with two names count twice.
        """
        named: list[tuple[NDArray[np.int32], Scores]] = []
        for parts, share in slot.ways:
            rows, data = self._column(parts[0])
            data = data / np.float32(_idf(len(rows), self.n_rows))
            for part in parts[1:]:
                others, more = self._column(part)
                here, there = _common(rows, others)
                rows, data = rows[here], data[here] + more[there] / np.float32(_idf(len(others), self.n_rows))
            named.append((rows, data * np.float32(share / len(parts))))
        rows = _union([rows for rows, _ in named], self.n_rows)
        n_having = len(rows)
        if mask is not None:
            rows = rows[mask[rows]]
            kept = [mask[own] for own, _ in named]
            named = [(own[shown], data[shown]) for (own, data), shown in zip(named, kept, strict=True)]
        best = np.zeros(len(rows), dtype=np.float32)
        for own, data in named:
            at = np.searchsorted(rows, own)
            best[at] = np.maximum(best[at], data)
        return rows, best * np.float32(_idf(n_having, self.n_rows)), n_having

    def save(self, folder: Path) -> None:
        """Write the index into an empty `folder`: arrays without pickle, the rest as JSON."""
        if folder != self._folder:
            np.save(folder / "data.npy", self._data, allow_pickle=False)
            np.save(folder / "indices.npy", self._indices, allow_pickle=False)
        np.save(folder / "indptr.npy", self._indptr, allow_pickle=False)
        description = {
            "n_rows": self.n_rows,
            "vocabulary": list(self.vocabulary),
            "compounds": self.compounds,
            "mean_length": self._mean_length,
        }
        (folder / "lexical.json").write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """What `save` wrote. The files must have been verified: nothing is checked here."""
        description = json.loads((folder / "lexical.json").read_text(encoding="utf-8"))
        data, indices = (open_array(folder / f"{name}.npy") for name in ("data", "indices"))
        indptr = np.load(folder / "indptr.npy", allow_pickle=False)
        vocabulary = {term: index for index, term in enumerate(description["vocabulary"])}
        compounds = {whole: (left, right) for whole, (left, right) in description["compounds"].items()}
        return cls(description["n_rows"], vocabulary, data, indices, indptr, compounds, description["mean_length"])


def _union(found: Sequence[NDArray[np.int32]], n_rows: int) -> NDArray[np.int32]:
    """All rows of these, each once, in row order."""
    if len(found) == 1:
        return found[0]
    if sum(map(len, found)) < _FEW * n_rows:
        return np.unique(np.concatenate([np.empty(0, np.int32), *found]))
    seen = np.zeros(n_rows, dtype=np.bool_)
    for rows in found:
        seen[rows] = True
    return np.flatnonzero(seen).astype(np.int32)


def _common(rows: NDArray[np.int32], others: NDArray[np.int32]) -> tuple[Rows, Rows]:
    """Where the rows that are in both stand in the one and in the other; both are in row order."""
    if len(rows) > len(others):
        there, here = _common(others, rows)
        return here, there
    there = np.searchsorted(others, rows)
    there[there == len(others)] = 0
    here = np.flatnonzero(others[there] == rows) if len(others) else np.empty(0, np.int64)
    return here, there[here]


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
        if left + right in vocabulary and makes_compound(left, right)
    }


def _joined(
    first: tuple[NDArray[np.int32], Scores], second: tuple[NDArray[np.int32], Scores]
) -> tuple[NDArray[np.int32], Scores]:
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])


def _idf(n_hit: int, n_rows: int) -> float:
    """How telling a term is that stands in so many of the rows, as Lucene's BM25 has it."""
    return float(np.log1p((n_rows - n_hit + 0.5) / (n_hit + 0.5)))
