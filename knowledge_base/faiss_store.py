"""Vectors in FAISS: all compared where they are few, else those of the cells that are nearest to the query.

In: normalised vectors, once, as float16. Out: positions and cosines, and one file, `vectors.faiss`, which is mapped
into memory and not read: all processes of a machine share its pages. It knows no rows and no text. Cells (an inverted
file) and not a graph, because they lose nothing under a filter: which cells are looked at depends on how many vectors
in them it keeps. What was measured: docs/decisions.md, `benchmarks/vector_scale.py`.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.lexical import Mask, Rows, Scores
from knowledge_base.progress import progress_bar

_FILE = "vectors.faiss"
_CELLS = 4.0  # cells for the square root of the number of vectors
_TRAINED_ON = 40  # vectors a cell that its centre is found from
_ROUNDS = 5  # of k-means
_ADDED = 16_384  # vectors put into their cells at a time
_LOOKED_AT, _LEAST = 0.05, 20_000  # share, and least number, of the vectors that a filter keeps that are compared
_PICK_BELOW = 0.02  # share of the vectors; fewer are picked out of a flat index faster than all others are passed over


class FaissStore:
    """A `VectorStore` over one FAISS index of float16 vectors, flat or in cells."""

    collection = ""

    def __init__(self, index: Any) -> None:
        self._index = index
        self.has_cells = hasattr(index, "invlists")
        # Per cell, or of all: where its vectors are, and the positions they have.
        self._codes: list[NDArray[np.uint8]]
        if self.has_cells:
            lists = index.invlists
            sizes = np.array([lists.list_size(cell) for cell in range(index.nlist)], dtype=np.int64)
            self._codes = [_bytes(lists.get_codes(cell), n, index.code_size) for cell, n in enumerate(sizes.tolist())]
            ids = [_ids(lists.get_ids(cell), n) for cell, n in enumerate(sizes.tolist())]
            self._order = np.concatenate(ids).astype(np.int32)  # positions, cell after cell
            self._starts = np.concatenate([[0], np.cumsum(sizes)])
            self._place = np.empty(len(self._order), dtype=np.int32)  # of every position, in `_order`
            self._place[self._order] = np.arange(len(self._order), dtype=np.int32)
            self._centres: Scores = index.quantizer.reconstruct_n(0, index.nlist)
        else:
            self._codes = [_bytes(index.codes.data(), index.ntotal, index.code_size)]

    @classmethod
    def build(cls, parts: Iterator[Scores], dimension: int, cells: bool, progress: bool = False) -> FaissStore:
        """A store of the vectors in `parts`, flat or in cells."""
        if not cells:
            index = _flat(dimension)
            for part in parts:
                index.add(np.ascontiguousarray(part, dtype=np.float32))
            return cls(index)
        with tempfile.TemporaryFile() as file:  # the centres are found from all, so all must come before one is kept
            n = 0
            for part in parts:
                file.write(np.ascontiguousarray(part, dtype=np.float16).tobytes())
                n += len(part)
            file.flush()
            vectors = np.memmap(file, dtype=np.float16, mode="r", shape=(n, dimension))
            return cls(_in_cells(vectors, progress))

    @property
    def dimension(self) -> int:
        """Floats a vector."""
        return int(self._index.d)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def nearest(self, query: Scores, n: int, allowed: Mask | None) -> tuple[Rows, Scores]:
        """The `n` nearest positions with their cosines; exact but where there are cells and a filter keeps many."""
        faiss = _faiss()
        faiss.omp_set_num_threads(1)  # of this thread: one query is too small to share out, waiting costs more
        kept = len(self) if allowed is None else int(np.count_nonzero(allowed))
        if allowed is not None and not self.has_cells and kept < _PICK_BELOW * len(self):
            picked = np.flatnonzero(allowed)
            cosines, places = self._picked(picked).search(query.reshape(1, -1), min(n, kept))
            return picked[places[0]], cosines[0]
        if kept == len(self):
            allowed = None
        if self.has_cells:
            cells = self._cells_near(query, allowed, max(int(_LOOKED_AT * kept), _LEAST, 10 * n))
            cosines, positions = self._search_cells(query, n, cells, allowed)
        else:
            exact = faiss.SearchParameters(**_filter(allowed))
            cosines, positions = self._index.search(query.reshape(1, -1), n, params=exact)
        found = positions[0] >= 0
        return positions[0][found], cosines[0][found]

    def _search_cells(self, query: Scores, n: int, cells: Rows, allowed: Mask | None) -> tuple[Scores, Rows]:
        """What FAISS has under this name in C++; its Python wrapper takes no filter."""
        faiss = _faiss()
        cosines, positions = np.empty((1, n), dtype=np.float32), np.empty((1, n), dtype=np.int64)
        query, unused = np.ascontiguousarray(query, dtype=np.float32), np.zeros(len(cells), dtype=np.float32)
        pointers = (faiss.swig_ptr(array) for array in (cells, unused, cosines, positions))
        among = faiss.SearchParametersIVF(nprobe=len(cells), **_filter(allowed))
        self._index.search_preassigned_c(1, faiss.swig_ptr(query), n, *pointers, False, among)
        return cosines, positions

    def _cells_near(self, query: Scores, allowed: Mask | None, enough: int) -> Rows:
        """The cells nearest to `query` that together have `enough` vectors which are allowed; none without any."""
        sizes = np.diff(self._starts)
        if allowed is not None:
            filled = np.flatnonzero(sizes)
            of_filled = np.add.reduceat(allowed[self._order], self._starts[:-1][filled], dtype=np.int64)
            sizes = np.zeros_like(sizes)
            sizes[filled] = of_filled
        near = np.argsort(-(self._centres @ query), kind="stable")
        near = near[sizes[near] > 0]
        return near[: int(np.searchsorted(np.cumsum(sizes[near]), enough)) + 1]

    def cosines(self, query: Scores, positions: Rows) -> Scores:
        """The cosine of `query` with the vector at each of `positions`."""
        if not len(positions):
            return np.empty(0, dtype=np.float32)
        _faiss().omp_set_num_threads(1)
        wanted, places = np.unique(positions, return_inverse=True)
        found = np.empty(len(wanted), dtype=np.float32)
        if self.has_cells:
            allowed = np.zeros(len(self), dtype=bool)
            allowed[wanted] = True
            cells = np.unique(np.searchsorted(self._starts, self._place[wanted], "right") - 1)
            cosines, at = self._search_cells(query, len(wanted), cells, allowed)
            found[np.searchsorted(wanted, at[0])] = cosines[0]
        else:
            cosines, at = self._picked(wanted).search(query.reshape(1, -1), len(wanted))
            found[at[0]] = cosines[0]
        return found[places]

    def _picked(self, positions: Rows) -> Any:
        """A flat index of the vectors at `positions`: float16 is multiplied four times as fast as numpy widens it."""
        picked = _flat(self.dimension)
        _faiss().copy_array_to_vector(self._bytes_at(positions).ravel(), picked.codes)
        picked.ntotal = len(positions)
        return picked

    def _bytes_at(self, positions: Rows) -> NDArray[np.uint8]:
        """The vectors at `positions` as they are kept, (n, 2 d) bytes."""
        if not self.has_cells:
            return self._codes[0][positions]
        places = self._place[positions]
        order = np.argsort(places, kind="stable")
        cells = np.searchsorted(self._starts, places[order], "right") - 1
        found = np.empty((len(positions), self._index.code_size), dtype=np.uint8)
        changes = np.flatnonzero(np.diff(cells, prepend=-1, append=-1)).tolist()
        for first, end in itertools.pairwise(changes):
            cell, those = int(cells[first]), order[first:end]
            found[those] = self._codes[cell][places[those] - self._starts[cell]]
        return found

    def vectors(self, positions: Rows) -> Scores:
        """The vectors at `positions`, (n, d)."""
        found: Scores = self._bytes_at(positions).view(np.float16).astype(np.float32)
        return found

    def save(self, folder: Path) -> None:
        """Write the store into `folder`."""
        _faiss().write_index(self._index, str(folder / _FILE))

    @classmethod
    def load(cls, folder: Path) -> FaissStore:
        """What `save` wrote, mapped into memory. The file must have been verified."""
        faiss = _faiss()
        return cls(faiss.read_index(str(folder / _FILE), faiss.IO_FLAG_MMAP_IFC))


def _in_cells(vectors: NDArray[np.float16], progress: bool) -> Any:
    """An index of `vectors` in cells, whose centres are found from some of them by k-means; the same every time."""
    faiss = _faiss()
    n, d = vectors.shape
    n_cells = max(1, int(_CELLS * n**0.5))
    centres = faiss.IndexFlatIP(d)
    index = faiss.IndexIVFScalarQuantizer(
        centres, d, n_cells, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT, False
    )
    index.cp.niter, index.cp.max_points_per_centroid, index.cp.min_points_per_centroid = _ROUNDS, _TRAINED_ON, 1
    some = np.sort(np.random.default_rng(0).choice(n, min(n, _TRAINED_ON * n_cells), replace=False))
    index.train(vectors[some].astype(np.float32))
    with progress_bar(None, "sorting vectors", "vector", n, progress) as bar:
        for start in range(0, n, _ADDED):
            index.add(vectors[start : start + _ADDED].astype(np.float32))
            bar.update(min(_ADDED, n - start))
    return index


def _filter(allowed: Mask | None) -> dict[str, Any]:
    """The parameter that keeps a search among the `allowed`."""
    return {} if allowed is None else {"sel": _faiss().IDSelectorBitmap(np.packbits(allowed, bitorder="little"))}


def _bytes(data: Any, n: int, size: int) -> NDArray[np.uint8]:
    """A view of `n` vectors of `size` bytes."""
    if not n:
        return np.empty((0, size), dtype=np.uint8)
    found: NDArray[np.uint8] = _faiss().rev_swig_ptr(data, n * size).reshape(n, size)
    return found


def _ids(data: Any, n: int) -> Rows:
    if not n:
        return np.empty(0, dtype=np.int64)
    found: Rows = _faiss().rev_swig_ptr(data, n)
    return found


def _faiss() -> Any:
    """The library, imported when it is first needed; its own types name half of what it has."""
    import faiss

    return faiss


def _flat(dimension: int) -> Any:
    """An empty index that compares all its vectors; float16 has nothing to learn."""
    faiss = _faiss()
    index = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    index.is_trained = True
    return index
