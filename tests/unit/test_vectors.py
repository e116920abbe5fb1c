"""Vector search finds what comparing all finds, under any filter and after changes, and survives the way to disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.faiss_store import FaissStore
from knowledge_base.lexical import Scores
from knowledge_base.vectors import MANY as MANY_VECTORS
from knowledge_base.vectors import VectorIndex


def unit(rows: int, dimension: int = 16, seed: int = 0) -> Scores:
    """Random vectors of length 1, as exact as they are kept."""
    vectors = np.random.default_rng(seed).normal(size=(rows, dimension))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float16).astype(np.float32)


def grouped(rows: int, groups: int, seed: int = 0) -> Scores:
    """Vectors in groups, as those of a catalogue are."""
    generator = np.random.default_rng(seed)
    vectors = unit(groups, 48, seed)[generator.integers(groups, size=rows)] + generator.normal(0, 0.12, size=(rows, 48))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)


def best(vectors: Scores, query: Scores, mask: np.ndarray, k: int = 10) -> list[int]:
    """The rows that comparing all finds."""
    return [int(row) for row in np.argsort(-(vectors @ query), kind="stable") if mask[row]][:k]


VECTORS = unit(200)
QUERY = unit(1, seed=1)[0]


@pytest.fixture
def index() -> VectorIndex:
    return VectorIndex.build(VECTORS, np.arange(200), 200)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 1.0])
def test_equals_a_brute_force_search_under_any_filter(index: VectorIndex, share: float) -> None:
    mask = np.random.default_rng(2).random(200) < share
    rows, cosines = index.search(QUERY, 10, mask)
    expected = best(VECTORS, QUERY, mask)
    assert rows.tolist() == expected
    assert cosines == pytest.approx((VECTORS @ QUERY)[expected], abs=1e-5)


def test_a_filter_that_keeps_nothing_finds_nothing(index: VectorIndex) -> None:
    rows, cosines = index.search(QUERY, 10, np.zeros(200, dtype=bool))
    assert len(rows) == len(cosines) == 0


def test_the_nearest_of_several_vectors_of_a_row_counts() -> None:
    index = VectorIndex.build(VECTORS[:6], np.array([0, 0, 0, 1, 1, 2]), 4)
    rows, cosines = index.search(QUERY, 3)
    expected = [max(VECTORS[i] @ QUERY for i in group) for group in ((0, 1, 2), (3, 4), (5,))]
    assert sorted(rows.tolist()) == [0, 1, 2]
    assert dict(zip(rows.tolist(), cosines.tolist(), strict=True)) == pytest.approx(dict(enumerate(expected)), abs=1e-5)
    assert index.cosines(QUERY, np.array([2, 3, 0])) == pytest.approx([expected[2], 0.0, expected[0]], abs=1e-5)
    assert index.first_cosines(QUERY) == pytest.approx([*(VECTORS[[0, 3, 5]] @ QUERY), 0.0], abs=1e-5)
    assert index.of_row(1).tolist() == VECTORS[3:5].tolist()
    assert index.of_row(3).shape == (0, 16)


def in_order() -> VectorIndex:
    return VectorIndex.build(VECTORS, np.arange(200), 200)


def several() -> VectorIndex:
    return VectorIndex.build(VECTORS, np.arange(200) // 2, 100)


def in_cells() -> VectorIndex:
    return VectorIndex(FaissStore.build(iter([VECTORS]), 16, cells=True), None, 200)


@pytest.mark.parametrize("built", [in_order, several, in_cells], ids=["a vector a row", "several", "cells"])
@pytest.mark.parametrize("share", [0.02, 0.3, 1.0])
def test_a_changed_index_finds_what_one_built_anew_finds(built: Callable[[], VectorIndex], share: float) -> None:
    index = built()
    n = index.n_rows
    alive = np.ones(n + 20, dtype=bool)
    alive[::7] = False
    rows, vectors = np.arange(n, n + 20), unit(20, seed=3)
    changed = index.changed(alive[: n + 10], vectors[:10], rows[:10]).changed(alive, vectors[10:], rows[10:])
    old = np.arange(200) if built is not several else np.arange(200) // 2
    anew = VectorIndex.build(np.concatenate([VECTORS, vectors]), np.concatenate([old, rows]), n + 20)

    mask = np.random.default_rng(4).random(n + 20) < share
    found, cosines = changed.search(QUERY, 10, mask)
    expected, expected_cosines = anew.search(QUERY, 10, mask & alive)
    assert found.tolist() == expected.tolist()
    assert cosines == pytest.approx(expected_cosines, abs=1e-6)
    asked = np.array([n + 3, 5, n + 15, 0, 5])
    assert changed.cosines(QUERY, asked) == pytest.approx(anew.cosines(QUERY, asked), abs=1e-6)
    assert changed.first_cosines(QUERY) == pytest.approx(anew.first_cosines(QUERY), abs=1e-6)
    assert [changed.of_row(row).tolist() for row in (3, n + 3)] == [anew.of_row(row).tolist() for row in (3, n + 3)]
    assert index.search(QUERY, 10)[0].tolist() == built().search(QUERY, 10)[0].tolist()


@pytest.mark.parametrize("cells", [False, True])
def test_an_index_read_back_finds_the_same_and_can_be_changed(tmp_path: Path, cells: bool) -> None:
    index = VectorIndex(FaissStore.build(iter([VECTORS[:90], VECTORS[90:]]), 16, cells=cells), None, 200)
    index.save(tmp_path)
    again = VectorIndex.load(tmp_path, 200)
    assert again.search(QUERY, 5)[0].tolist() == index.search(QUERY, 5)[0].tolist()
    assert again.dimension == 16
    more = again.changed(np.ones(201, dtype=bool), QUERY[np.newaxis], np.array([200]))
    assert more.search(QUERY, 1)[0].tolist() == [200]


# -- cells over many vectors ------------------------------------------------------------------------------------------

MANY = grouped(6000, 80)
QUERIES = grouped(60, 80, seed=5)


@pytest.fixture(scope="module")
def cells() -> VectorIndex:
    return VectorIndex(FaissStore.build(iter([MANY]), 48, cells=True), None, len(MANY))


def apart(share: float) -> np.ndarray:
    """The rows nearest to one of them: for nearly all queries a department that they are not about."""
    nearness = MANY @ MANY[17]
    return nearness >= np.quantile(nearness, 1 - share)


def at_random(share: float) -> np.ndarray:
    return np.random.default_rng(6).random(len(MANY)) < share


@pytest.mark.parametrize("share", [1.0, 0.9, 0.5, 0.2, 0.1, 0.05, 0.01, 0.001])
@pytest.mark.parametrize("kept", [at_random, apart])
def test_cells_find_nearly_all_of_the_nearest_under_any_filter(
    cells: VectorIndex, kept: Callable[[float], np.ndarray], share: float
) -> None:
    mask = kept(share)
    found = expected = 0
    for query in QUERIES:
        wanted = set(best(MANY, query, mask))
        rows = cells.search(query, 10, mask)[0].tolist()
        assert mask[rows].all() and len(rows) == len(wanted)
        found += len(wanted & set(rows))
        expected += len(wanted)
    assert found / expected >= 0.95


def test_cells_are_only_made_where_there_are_many_vectors() -> None:
    few, many = (
        VectorIndex.of_parts(iter([(np.arange(200), VECTORS)]), n_rows) for n_rows in (MANY_VECTORS - 1, MANY_VECTORS)
    )
    assert few is not None and many is not None
    assert not few._store.has_cells  # type: ignore[attr-defined]
    assert many._store.has_cells  # type: ignore[attr-defined]


def test_nothing_makes_no_index() -> None:
    assert VectorIndex.of_parts(iter(()), 10) is None
