"""BM25 indexes built from documents as they come, in little memory.

In: documents as fields of text, one after the other. Out: a `LexicalIndex`. Documents are kept as numbers, a chunk of
them at a time: each chunk is inverted by sorting and set aside on disk, and at the end the columns of the index are
made of the chunks' columns, some terms at a time. The scores are those of `bm25s` with method "lucene"
(https://arxiv.org/abs/2407.03618), to the bit. It searches nothing.
"""

from __future__ import annotations

import math
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.lexical import BM25_B, BM25_K1, LexicalIndex, Rows, Scores
from knowledge_base.packed import ArrayWriter
from knowledge_base.query_expansion import makes_compound
from knowledge_base.text import WORD, fold, stem, terms_of_word, tokens

_CHUNK_TERMS = 1 << 21  # occurrences of terms that are held in memory
_COLUMN_TERMS = 1 << 23  # entries of the columns that are made at a time
_CACHED_CHARS = 100  # of texts that are likely to come again: brands, categories, values
_MOST_TIMES = 0xFFFF  # that a term is counted in a document; beyond that nothing changes in a score
Columns = tuple[Scores, NDArray[np.int32], Rows]


def lexical_index(
    documents: Iterable[Mapping[str, str]],
    weights: Mapping[str, int],
    analyse: Callable[[str], list[str]] = tokens,
) -> LexicalIndex:
    """An index of `documents`, each a text a field; a field not named in `weights` is not searched."""
    builder = LexicalIndexBuilder(weights, analyse)
    for document in documents:
        builder.add(document)
    return builder.build()


class LexicalIndexBuilder:
    """Takes documents one after the other, in row order.

    With a `folder`, which must exist, the index's columns are written there and stay on disk; else they are in memory.
    """

    def __init__(
        self, weights: Mapping[str, int], analyse: Callable[[str], list[str]] = tokens, folder: Path | None = None
    ) -> None:
        self._weights, self._folder = dict(weights), folder
        self._terms = _Terms(analyse)
        self._chunks = _Chunks(folder)
        self._pairs = _Pairs(self._terms.vocabulary)
        self._ids = array("i")  # the terms of a chunk's fields, one after the other
        self._field_ends = array("q")  # where each field of each row of the chunk ends
        self._lengths = array("q")  # of every row in weighted terms

    def add(self, fields: Mapping[str, str]) -> None:
        """Append one document."""
        length, ids = 0, self._ids
        for name, weight in self._weights.items():
            before = len(ids)
            self._terms.add(fields.get(name, ""), ids)
            self._field_ends.append(len(ids))
            length += weight * (len(ids) - before)
        self._lengths.append(length)
        if len(ids) >= _CHUNK_TERMS:
            self._close_chunk()

    def _close_chunk(self) -> None:
        """Invert the chunk: its rows and counts term by term."""
        n_fields, n_rows = len(self._weights), len(self._field_ends) // len(self._weights)
        if not n_rows:
            return
        ids, ends = np.array(self._ids, dtype=np.int64), np.array(self._field_ends)
        del self._ids[:], self._field_ends[:]
        counts = np.diff(ends, prepend=0)
        inner = np.ones(len(ids), dtype=bool)  # whether a term follows another of the same field
        inner[(ends - counts)[counts > 0]] = False
        self._pairs.add(ids[:-1][inner[1:]], ids[1:][inner[1:]])
        keys = ids * n_rows + np.repeat(np.arange(n_rows), counts.reshape(n_rows, n_fields).sum(axis=1))
        order = np.argsort(keys)
        keys = keys[order]
        weights = np.repeat(np.tile(np.array(list(self._weights.values())), n_rows), counts)[order]
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        times = np.add.reduceat(weights, first) if len(first) else weights
        keys = keys[first]
        self._chunks.add(keys // n_rows, keys % n_rows + len(self._lengths) - n_rows, times)

    def close(self) -> None:
        """Drop what was set aside on disk."""
        self._chunks.close()

    def build(self) -> LexicalIndex:
        """The index of all documents that were added."""
        self._close_chunk()
        lengths, vocabulary = np.array(self._lengths, dtype=np.int64), self._terms.vocabulary
        mean_length = float(lengths.mean()) if len(lengths) else 0.0
        columns = self._chunks.columns(lengths, len(vocabulary), self._folder)
        compounds = self._pairs.compounds()
        return LexicalIndex(len(lengths), vocabulary, *columns, compounds, mean_length, folder=self._folder)


class _Terms:
    """Texts to the numbers of their terms. Most words were seen before: a word's term is looked up, not made."""

    def __init__(self, analyse: Callable[[str], list[str]]) -> None:
        self.vocabulary: dict[str, int] = {}
        self._analyse = analyse
        self._words = _Words(self.vocabulary)

    def add(self, text: str, ids: array[int]) -> None:
        """Append the terms of a text, in order."""
        if not text:
            return
        if self._analyse is not tokens:
            ids.extend([self._number(term) for term in self._analyse(text)])
            return
        folded = fold(text) if len(text) <= _CACHED_CHARS else fold.__wrapped__(text)
        words = WORD.findall(folded)
        if folded.isascii():
            ids.extend(map(self._words.__getitem__, words))
            return
        for word in words:
            if word.isascii():
                ids.append(self._words[word])
            else:
                ids.extend([self._number(term) for term in terms_of_word(word.casefold())])

    def _number(self, term: str) -> int:
        return self.vocabulary.setdefault(term, len(self.vocabulary))


class _Words(dict[str, int]):
    """The number of the stem of every word in plain letters that was seen."""

    def __init__(self, vocabulary: dict[str, int]) -> None:
        self._vocabulary = vocabulary

    def __missing__(self, word: str) -> int:
        self[word] = number = self._vocabulary.setdefault(stem(word), len(self._vocabulary))
        return number


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What a chunk has of `terms` (m,): for each `ends` of its entries, of which `start` is the file's first byte."""

    terms: NDArray[np.int32]
    ends: Rows
    start: int


class _Chunks:
    """Inverted chunks in a nameless temporary file: rows (int32), then counts (uint16), term by term."""

    def __init__(self, folder: Path | None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # `close` closes it
        self._chunks: list[_Chunk] = []

    def add(self, terms: Rows, rows: Rows, times: Rows) -> None:
        """Append a chunk's entries, which are sorted by term and then by row."""
        if not len(terms):
            return
        last = np.append(np.flatnonzero(np.diff(terms)), len(terms) - 1)
        self._chunks.append(_Chunk(terms[last].astype(np.int32), last + 1, self._file.tell()))
        self._file.write(rows.astype(np.int32).tobytes())
        self._file.write(np.minimum(times, _MOST_TIMES).astype(np.uint16).tobytes())

    def close(self) -> None:
        """Drop the file."""
        self._file.close()

    def columns(self, lengths: Rows, n_terms: int, folder: Path | None) -> Columns:
        """Scores and rows, column by column, and where each column begins; documents have `lengths` (n,)."""
        n_having = np.zeros(n_terms, dtype=np.int64)
        for chunk in self._chunks:
            n_having[chunk.terms] += np.diff(chunk.ends, prepend=0)
        starts = np.concatenate(([0], np.cumsum(n_having)))
        idf, norms = _idfs(n_having, len(lengths)), _norms(lengths)
        data, indices = ArrayWriter(np.float32, folder, "data"), ArrayWriter(np.int32, folder, "indices")
        for first, last in _spans(starts):
            rows = np.empty(starts[last] - starts[first], np.int32)
            scores = np.empty(len(rows), np.float32)
            cursors = starts[first:last] - starts[first]
            for chunk in self._chunks:
                left, right = np.searchsorted(chunk.terms, (first, last))
                if left == right:
                    continue
                begin = int(chunk.ends[left - 1]) if left else 0
                found, times = self._read(chunk, begin, int(chunk.ends[right - 1]))
                counts = np.diff(chunk.ends[left:right], prepend=begin)
                terms = chunk.terms[left:right] - first
                shift = np.repeat(cursors[terms] - (np.cumsum(counts) - counts), counts)
                places = shift + np.arange(len(found))
                rows[places] = found
                scores[places] = np.repeat(idf[chunk.terms[left:right]], counts) * (times / (norms[found] + times))
                cursors[terms] += counts
            data.add(scores)
            indices.add(rows)
        self.close()
        return data.close(), indices.close(), starts

    def _read(self, chunk: _Chunk, begin: int, end: int) -> tuple[NDArray[np.int32], Scores]:
        """The rows and counts from entry `begin` to `end` of a chunk."""
        self._file.seek(chunk.start + 4 * begin)
        rows = np.frombuffer(self._file.read(4 * (end - begin)), np.int32)
        self._file.seek(chunk.start + 4 * int(chunk.ends[-1]) + 2 * begin)
        return rows, np.frombuffer(self._file.read(2 * (end - begin)), np.uint16).astype(np.float32)


def _spans(starts: Rows) -> Iterator[tuple[int, int]]:
    """Ranges of terms whose columns fit into memory together; at least one term each."""
    first = 0
    while first < len(starts) - 1:
        last = int(np.searchsorted(starts, starts[first] + _COLUMN_TERMS, "right")) - 1
        last = min(max(last, first + 1), len(starts) - 1)
        yield first, last
        first = last


def _idfs(n_having: Rows, n_rows: int) -> Scores:
    """How telling each term is."""
    distinct, places = np.unique(n_having, return_inverse=True)
    found = [math.log(1 + (n_rows - n + 0.5) / (n + 0.5)) for n in distinct.tolist()]
    return np.array(found, dtype=np.float32)[places]


def _norms(lengths: Rows) -> NDArray[np.float64]:
    """What a count is divided by, beside itself."""
    return BM25_K1 * ((1 - BM25_B) + BM25_B * lengths / (lengths.mean() if len(lengths) else 1.0))


class _Pairs:
    """Which terms stand side by side, of those that may be written in one; each pair is one number."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._vocabulary = vocabulary
        self._halves = bytearray()  # whether each term may be a half
        self._merged = np.empty(0, np.int64)
        self._fresh: list[Rows] = []
        self._n_fresh = 0

    def add(self, left: Rows, right: Rows) -> None:
        """Note that terms stand side by side."""
        fresh = islice(self._vocabulary, len(self._halves), None)
        self._halves.extend(makes_compound(term, term) for term in fresh)
        halves = np.frombuffer(bytes(self._halves), dtype=bool)
        kept = halves[left] & halves[right]
        self._fresh.append(np.unique(left[kept] << 32 | right[kept]))
        self._n_fresh += len(self._fresh[-1])
        if self._n_fresh > max(len(self._merged), _CHUNK_TERMS):
            self._merge()

    def _merge(self) -> None:
        self._merged = np.unique(np.concatenate([self._merged, *self._fresh]))
        self._fresh, self._n_fresh = [], 0

    def compounds(self) -> dict[str, tuple[str, str]]:
        """Words in one, with the halves that also stand side by side."""
        self._merge()
        names = list(self._vocabulary)
        found = []
        for first in range(0, len(self._merged), _CHUNK_TERMS):
            pairs = self._merged[first : first + _CHUNK_TERMS]
            for left, right in zip((pairs >> 32).tolist(), (pairs & 0xFFFFFFFF).tolist(), strict=True):
                if names[left] + names[right] in self._vocabulary:
                    found.append((names[left], names[right]))
        return {left + right: (left, right) for left, right in sorted(found)}
