"""Vectors in FAISS: all compared where they are few, a graph (HNSW) over many, all that a narrow filter keeps.

In: normalised vectors, once, as float16. Out: positions and cosines, and one file, `vectors.faiss`, which is mapped
into memory and not read: all processes of a machine share its pages. It knows no rows and no text. What was measured
to choose the figures below: docs/decisions.md, `benchmarks/vector_scale.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from knowledge_base.lexical import Mask, Rows, Scores

_FILE = "vectors.faiss"
_LINKS, _BUILD_DEPTH = 32, 80  # HNSW: links a vector (M), candidates looked at for them (efConstruction)
_DEPTH = 192  # HNSW: candidates looked at for a query (efSearch) that no filter narrows
_EXACT_BELOW = 0.1  # share of the vectors that a filter keeps, below which all of these are compared
_PICK_BELOW = 0.02  # share of the vectors, below which picking them out is faster than passing over all others


class FaissStore:
    """A `VectorStore` over one FAISS index, flat or HNSW, of float16 vectors."""

    collection = ""

    def __init__(self, index: Any) -> None:
        faiss = _faiss()
        self._index = index
        self.is_graph = isinstance(index, faiss.IndexHNSW)
        self._flat = faiss.downcast_index(index.storage) if self.is_graph else index
        size = self._flat.code_size
        if index.ntotal:
            codes = faiss.rev_swig_ptr(self._flat.codes.data(), index.ntotal * size)
            self._codes = codes.reshape(index.ntotal, size)
        else:
            self._codes = np.empty((0, size), dtype=np.uint8)

    @classmethod
    def build(cls, parts: Iterator[Scores], dimension: int, graph: bool) -> FaissStore:
        """A store of the vectors in `parts`, flat or as a graph.

        A graph is built on all cores; which links it has then depends on their timing, what it finds hardly does.
        """
        faiss = _faiss()
        index = _flat(dimension)
        if graph:
            index = faiss.IndexHNSWSQ(dimension, faiss.ScalarQuantizer.QT_fp16, _LINKS, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efConstruction = _BUILD_DEPTH
            index.is_trained = index.storage.is_trained = True  # float16 has nothing to learn
        for part in parts:
            index.add(np.ascontiguousarray(part, dtype=np.float32))
        return cls(index)

    @property
    def dimension(self) -> int:
        """Floats a vector."""
        return int(self._index.d)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def nearest(self, query: Scores, n: int, allowed: Mask | None) -> tuple[Rows, Scores]:
        """The `n` nearest positions with their cosines; exact but for a graph that a wide filter or none narrows."""
        faiss = _faiss()
        faiss.omp_set_num_threads(1)  # of this thread: one query is too small to share out, waiting costs more
        kept = len(self) if allowed is None else int(np.count_nonzero(allowed))
        if allowed is not None and kept < _PICK_BELOW * len(self):
            picked = np.flatnonzero(allowed)
            cosines, places = self._picked(picked).search(query.reshape(1, -1), min(n, kept))
            return picked[places[0]], cosines[0]
        parameters: dict[str, Any] = {}
        if allowed is not None and kept < len(self):
            bits = np.packbits(allowed, bitorder="little")
            parameters["sel"] = faiss.IDSelectorBitmap(bits)  # the wrapper takes an array
        share = kept / max(len(self), 1)
        if self.is_graph and share >= _EXACT_BELOW:
            depth = int(max(_DEPTH, n) / share)
            by_graph = faiss.SearchParametersHNSW(efSearch=depth, **parameters)
            cosines, positions = self._index.search(query.reshape(1, -1), n, params=by_graph)
            if (positions[0] >= 0).all():
                return positions[0], cosines[0]
            # The graph led where the filter keeps little: what it keeps is elsewhere.
        exact = faiss.SearchParameters(**parameters)
        cosines, positions = self._flat.search(query.reshape(1, -1), n, params=exact)
        found = positions[0] >= 0
        return positions[0][found], cosines[0][found]

    def cosines(self, query: Scores, positions: Rows) -> Scores:
        """The cosine of `query` with the vector at each of `positions`."""
        found = np.empty(len(positions), dtype=np.float32)
        if len(positions):
            cosines, places = self._picked(positions).search(query.reshape(1, -1), len(positions))
            found[places[0]] = cosines[0]
        return found

    def _picked(self, positions: Rows) -> Any:
        """A flat index of the vectors at `positions`: float16 is multiplied four times as fast as numpy widens it."""
        faiss = _faiss()
        picked = _flat(self.dimension)
        faiss.copy_array_to_vector(self._codes[positions].ravel(), picked.codes)
        picked.ntotal = len(positions)
        return picked

    def vectors(self, positions: Rows) -> Scores:
        """The vectors at `positions`, (n, d)."""
        found: Scores = self._codes[positions].view(np.float16).astype(np.float32)
        return found

    def save(self, folder: Path) -> None:
        """Write the store into `folder`."""
        faiss = _faiss()
        faiss.write_index(self._index, str(folder / _FILE))

    @classmethod
    def load(cls, folder: Path) -> FaissStore:
        """What `save` wrote, mapped into memory. The file must have been verified."""
        faiss = _faiss()
        return cls(faiss.read_index(str(folder / _FILE), faiss.IO_FLAG_MMAP_IFC))


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
