"""Vector search: exact inner products over FAISS, filtered inside the query.

In: normalised vectors of some rows, a query vector, a mask of the rows that may be found. Out: rows with their cosine.
It knows no text. One small class, so that a graph index or a vector database can take its place; nothing is pickled.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.lexical import Mask, Rows, Scores


class VectorIndex:
    """An exact (flat) index. `rows` maps a position in it to a row of the corpus.

    A row may have no vector, or several (a question and its answer): then its nearest one counts. `later` (m, d) are
    vectors added since it was built, at the positions after its own; `alive` (n_rows,) the rows that were not removed
    since, None: all of them.
    """

    def __init__(
        self, flat: Any, rows: Rows, n_rows: int, later: Scores | None = None, alive: Mask | None = None
    ) -> None:
        self._flat = flat
        self._rows = rows
        self.n_rows = n_rows
        self._later = np.empty((0, flat.d), dtype=np.float32) if later is None else later
        self._alive = alive
        self._per_row = int(np.bincount(rows).max()) if len(rows) else 0

    @classmethod
    def build(cls, vectors: Scores, rows: Rows, n_rows: int) -> VectorIndex:
        """An index of `vectors` (n, d), each of the row of the same place in `rows`, out of `n_rows` in all."""
        import faiss

        flat = faiss.IndexFlatIP(vectors.shape[1])
        flat.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(flat, rows, n_rows)

    def changed(self, alive: Mask, vectors: Scores, rows: Rows) -> VectorIndex:
        """This index with further `vectors` (m, d) of `rows`; only the rows of `alive` (n_rows,) are found."""
        later = np.concatenate([self._later, vectors.astype(np.float32)])
        return VectorIndex(self._flat, np.concatenate([self._rows, rows]), len(alive), later, alive)

    @property
    def dimension(self) -> int:
        """Floats a vector."""
        return int(self._flat.d)

    def __len__(self) -> int:
        return len(self._rows)

    def search(self, query: Scores, k: int, mask: Mask | None = None) -> tuple[Rows, Scores]:
        """The `k` nearest rows within `mask` with their cosines, best first; fewer where there are fewer."""
        if self._alive is not None:
            mask = self._alive if mask is None else mask & self._alive
        allowed = None if mask is None else mask[self._rows]
        n = min(k * self._per_row, len(self._rows) if allowed is None else int(np.count_nonzero(allowed)))
        if n == 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        built = self._flat.ntotal
        positions, cosines = self._nearest_built(query, n, None if allowed is None else allowed[:built])
        if len(self._later):
            places = np.arange(built, len(self._rows))
            if allowed is not None:
                places = places[allowed[built:]]
            positions = np.concatenate([positions, places])
            cosines = np.concatenate([cosines, self._later[places - built] @ query])
            best = np.argsort(-cosines, kind="stable")[:n]
            positions, cosines = positions[best], cosines[best]
        rows = self._rows[positions]
        _, first = np.unique(rows, return_index=True)
        first.sort()
        return rows[first[:k]], cosines[first[:k]]

    def _nearest_built(self, query: Scores, n: int, allowed: Mask | None) -> tuple[Rows, Scores]:
        """Positions of the `n` nearest of the vectors it was built with, and their cosines, best first."""
        import faiss

        parameters = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg,arg-type]  # the Python wrapper takes an array
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        faiss.omp_set_num_threads(1)  # of this thread: one query is too small to share out, waiting costs more
        cosines, positions = self._flat.search(query.reshape(1, -1), n, params=parameters)
        kept = positions[0] >= 0
        return positions[0][kept], cosines[0][kept]

    def _vectors(self, positions: Rows) -> Scores:
        built = self._flat.ntotal
        found = np.empty((len(positions), self._flat.d), dtype=np.float32)
        old = positions < built
        if old.any():
            found[old] = self._flat.reconstruct_batch(positions[old])
        found[~old] = self._later[positions[~old] - built]
        return found

    def cosines(self, query: Scores, rows: Rows) -> Scores:
        """The cosine of `query` with each of `rows`; 0 where a row has no vector."""
        place = np.full(self.n_rows, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        positions = np.flatnonzero(place[self._rows] >= 0)
        found = np.full(len(rows), -np.inf, dtype=np.float32)
        if len(positions):
            np.maximum.at(found, place[self._rows[positions]], self._vectors(positions) @ query)
        return np.where(np.isfinite(found), found, np.float32(0))

    def of_row(self, row: int) -> Scores:
        """All vectors of a row, (n, d), in the order in which they were given."""
        return self._vectors(np.flatnonzero(self._rows == row))

    def first_cosines(self, query: Scores) -> Scores:
        """The cosine of `query` with the first vector of every row (a title's); 0 where a row has none."""
        rows, first = np.unique(self._rows, return_index=True)
        found = np.zeros(self.n_rows, dtype=np.float32)
        found[rows] = self._vectors(first) @ query
        return found

    def save(self, folder: Path) -> None:
        """Write the index into an empty `folder`."""
        import faiss

        faiss.write_index(self._flat, str(folder / "vectors.faiss"))
        np.save(folder / "rows.npy", self._rows, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, n_rows: int) -> VectorIndex:
        """What `save` wrote. The files must have been verified: FAISS loads altered ones without a word."""
        import faiss

        flat = faiss.read_index(str(folder / "vectors.faiss"))
        rows: NDArray[np.int64] = np.load(folder / "rows.npy", allow_pickle=False)
        return cls(flat, rows, n_rows)
