"""Vector search: the rows of a corpus nearest to a query, filtered inside the query, with all changes made since.

In: normalised vectors of some rows, a query vector, a mask of the rows that may be found. Out: rows with their cosine.
It knows no text. Where the vectors are and how they are searched is a `VectorStore`'s business: `faiss_store` keeps
them in the snapshot (exact, or in cells where they are many), `milvus_store` in a Milvus collection.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import VectorStoreError
from knowledge_base.lexical import Mask, Rows, Scores

MANY = 200_000  # vectors; below, comparing all takes no longer than encoding the query
MILVUS = "milvus.json"  # what a snapshot holds instead of vectors that are in Milvus
_MILVUS = "milvus:"


class VectorStore(Protocol):
    """Vectors at positions 0..n-1, which never change. Raises `VectorStoreAway` where a server does not answer."""

    @property
    def dimension(self) -> int:
        """Floats a vector."""

    @property
    def collection(self) -> str:
        """What they are called on a server; "" where they are in a file."""

    def __len__(self) -> int: ...

    def nearest(self, query: Scores, n: int, allowed: Mask | None) -> tuple[Rows, Scores]:
        """The `n` nearest positions with their cosines, best first; of the `allowed` (len,) only, None: of all."""

    def cosines(self, query: Scores, positions: Rows) -> Scores:
        """The cosine of `query` with the vector at each of `positions`."""

    def vectors(self, positions: Rows) -> Scores:
        """The vectors at `positions`, (n, d)."""

    def save(self, folder: Path) -> None:
        """Write what `load_store` needs into `folder`."""


@dataclass(frozen=True, slots=True)
class VectorPlace:
    """Where the vectors of a shop's products are kept: "faiss", in the snapshot, or "milvus:URI", on a server.

    `token` ("user:password" or an API key) is what the server asks for; it is not part of `spec`, so that no command
    line, snapshot or log holds it. `home`, the folder of the shop's index, and `version`, what it is made of, name the
    vectors on a server that keeps those of many.
    """

    spec: str = "faiss"
    token: str = field(default="", repr=False)
    home: Path | None = None
    version: str = ""

    def __post_init__(self) -> None:
        if self.spec != "faiss" and not (self.spec.startswith(_MILVUS) and self.uri):
            raise VectorStoreError(
                f"vectors are kept in `faiss` or `milvus:URI` (milvus:http://127.0.0.1:19530), not in {self.spec!r}"
            )

    @property
    def uri(self) -> str:
        """The server's address; "" for FAISS."""
        return self.spec.removeprefix(_MILVUS) if self.spec.startswith(_MILVUS) else ""


class VectorIndex:
    """The vectors of a corpus of `n_rows`. `rows` says of which row each position of `store` is; None: of its own.

    A row may have no vector, or several (a question and its answer): then its nearest one counts. `later` (m, d) are
    vectors of `later_rows` added since the store was filled; `alive` (n_rows,) the rows that were not removed since,
    None: all of them.
    """

    def __init__(
        self,
        store: VectorStore,
        rows: Rows | None,
        n_rows: int,
        later: Scores | None = None,
        later_rows: Rows | None = None,
        alive: Mask | None = None,
    ) -> None:
        self._store = store
        self._rows = rows
        self.n_rows = n_rows
        self._later = np.empty((0, store.dimension), dtype=np.float32) if later is None else later
        self._later_rows = np.empty(0, dtype=np.int64) if later_rows is None else later_rows
        self._alive = alive
        self._per_row = max(
            (int(np.bincount(r).max()) for r in (rows, later_rows) if r is not None and len(r)), default=1
        )

    @classmethod
    def build(
        cls,
        vectors: Scores,
        rows: Rows,
        n_rows: int,
        place: VectorPlace | None = None,
    ) -> VectorIndex:
        """An index of `vectors`, (n, d), each of the row of the same place in `rows`, out of `n_rows` in all."""
        found = cls.of_parts(iter([(rows, vectors)]), n_rows, place)
        assert found is not None
        return found

    @classmethod
    def of_parts(
        cls,
        parts: Iterator[tuple[Rows, Scores]],
        n_rows: int,
        place: VectorPlace | None = None,
        progress: bool = False,
    ) -> VectorIndex | None:
        """`build` of what comes in parts, so that all vectors are never in memory twice; None where nothing comes.

        Raises:
            VectorStoreError: the server cannot be reached, or its client is not installed.
        """
        first = next(parts, None)
        if first is None:
            return None
        taken: list[Rows] = []

        def vectors() -> Iterator[Scores]:
            for rows, part in chain([first], parts):
                taken.append(rows)
                yield part

        store: VectorStore
        if place is None or not place.uri:
            from knowledge_base.faiss_store import FaissStore

            store = FaissStore.build(vectors(), first[1].shape[1], n_rows >= MANY, progress)
        else:
            from knowledge_base.milvus_store import MilvusStore

            store = MilvusStore.build(vectors(), first[1].shape[1], place, graph=n_rows >= MANY)
        return cls(store, _or_none(np.concatenate(taken)), n_rows)

    @property
    def collection(self) -> str:
        """Where the vectors are on their server; "" where they are in the snapshot."""
        return self._store.collection

    def changed(self, alive: Mask, vectors: Scores, rows: Rows) -> VectorIndex:
        """This index with `vectors` (m, d) of further `rows` that had none; only the rows of `alive` are found."""
        kept = vectors.astype(np.float16).astype(np.float32)  # as exact as the others, so that building changes nothing
        later, later_rows = np.concatenate([self._later, kept]), np.concatenate([self._later_rows, rows])
        return VectorIndex(self._store, self._rows, len(alive), later, later_rows, alive)

    @property
    def dimension(self) -> int:
        """Floats a vector."""
        return self._store.dimension

    def __len__(self) -> int:
        return len(self._store) + len(self._later)

    def search(self, query: Scores, k: int, mask: Mask | None = None) -> tuple[Rows, Scores]:
        """The `k` nearest rows within `mask` with their cosines, best first; fewer where there are fewer."""
        if self._alive is not None:
            mask = self._alive if mask is None else mask & self._alive
        built = len(self._store)
        allowed = None if mask is None else mask[:built] if self._rows is None else mask[self._rows]
        n = min(k * self._per_row, built if allowed is None else int(np.count_nonzero(allowed)))
        positions, cosines = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        if n:
            positions, cosines = self._store.nearest(query, n, allowed)
        rows = positions if self._rows is None else self._rows[positions]
        if len(self._later):
            fit = np.arange(len(self._later)) if mask is None else np.flatnonzero(mask[self._later_rows])
            rows = np.concatenate([rows, self._later_rows[fit]])
            cosines = np.concatenate([cosines, self._later[fit] @ query])
            best = np.argsort(-cosines, kind="stable")
            rows, cosines = rows[best], cosines[best]
        _, first = np.unique(rows, return_index=True)
        first.sort()
        return rows[first[:k]], cosines[first[:k]]

    def cosines(self, query: Scores, rows: Rows) -> Scores:
        """The cosine of `query` with each of `rows`; 0 where a row has no vector."""
        found = np.full(len(rows), -np.inf, dtype=np.float32)
        places, positions = self._positions(rows)
        if len(positions):
            np.maximum.at(found, places, self._cosines(query, positions))
        return np.where(np.isfinite(found), found, np.float32(0))

    def of_row(self, row: int) -> Scores:
        """All vectors of a row, (n, d), in the order in which they were given."""
        _, positions = self._positions(np.array([row], dtype=np.int64))
        built = len(self._store)
        if not len(positions):
            return np.empty((0, self.dimension), dtype=np.float32)
        return self._later[positions - built] if positions[0] >= built else self._store.vectors(positions)

    def first_cosines(self, query: Scores, counts: Rows | None = None) -> Scores:
        """The best cosine of `query` with the first vectors of every row, `counts` (rows,) of each or one (a title's);
        0 where a row has none."""
        order, sorted_rows = self._by_row
        found = np.zeros(self.n_rows, dtype=np.float32)
        if len(sorted_rows):
            first = np.flatnonzero(np.diff(sorted_rows, prepend=-1))
            place = np.arange(len(sorted_rows)) - np.repeat(first, np.diff(first, append=len(sorted_rows)))
            chosen = np.flatnonzero(place < (1 if counts is None else counts[sorted_rows]))
            np.maximum.at(found, sorted_rows[chosen], self._cosines(query, order[chosen]))
        return found

    def _cosines(self, query: Scores, positions: Rows) -> Scores:
        built = len(self._store)
        old = positions < built
        if old.all():
            return self._store.cosines(query, positions)
        found = np.empty(len(positions), dtype=np.float32)
        if old.any():
            found[old] = self._store.cosines(query, positions[old])
        found[~old] = self._later[positions[~old] - built] @ query
        return found

    @cached_property
    def _by_row(self) -> tuple[Rows, Rows]:
        """All positions in the order of their rows, and these rows."""
        built = np.arange(len(self._store), dtype=np.int64) if self._rows is None else self._rows
        rows = np.concatenate([built, self._later_rows])
        order = np.argsort(rows, kind="stable")
        return order, rows[order]

    def _positions(self, rows: Rows) -> tuple[Rows, Rows]:
        """The positions of all vectors of `rows`, and of which place in `rows` each is."""
        if self._rows is None and not len(self._later):
            places = np.flatnonzero((rows >= 0) & (rows < len(self._store)))
            return places, rows[places]
        order, sorted_rows = self._by_row
        first, end = np.searchsorted(sorted_rows, rows, "left"), np.searchsorted(sorted_rows, rows, "right")
        counts = end - first
        places = np.repeat(np.arange(len(rows)), counts)
        within = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
        return places, order[np.repeat(first, counts) + within]

    def save(self, folder: Path) -> None:
        """Write the index into an empty `folder`: as it was built, without changes."""
        self._store.save(folder)
        rows = np.arange(len(self._store)) if self._rows is None else self._rows
        np.save(folder / "rows.npy", rows, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, n_rows: int, place: VectorPlace | None = None) -> VectorIndex:
        """What `save` wrote. The files must have been verified: FAISS loads altered ones without a word.

        Raises:
            VectorStoreError: the vectors are on a server that does not have them, or not at `place`.
        """
        store: VectorStore
        if (folder / MILVUS).exists():
            from knowledge_base.milvus_store import MilvusStore

            store = MilvusStore.load(folder, place or VectorPlace())
        else:
            from knowledge_base.faiss_store import FaissStore

            store = FaissStore.load(folder)
        rows: NDArray[np.int64] = np.load(folder / "rows.npy", allow_pickle=False)
        return cls(store, _or_none(rows), n_rows)


def _or_none(rows: Rows) -> Rows | None:
    """None where every position is its own row: then no search has to look it up."""
    return None if len(rows) == 0 or np.array_equal(rows, np.arange(len(rows))) else rows
