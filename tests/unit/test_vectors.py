"""Vector search is exact, filters inside the search, and survives the way to disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge_base.vectors import VectorIndex


def unit(rows: int, dimension: int = 16, seed: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    vectors = np.random.default_rng(seed).normal(size=(rows, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


VECTORS = unit(200)
QUERY = unit(1, seed=1)[0]


@pytest.fixture
def index() -> VectorIndex:
    return VectorIndex.build(VECTORS, np.arange(200), 200)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 1.0])
def test_equals_a_brute_force_search_under_any_filter(index: VectorIndex, share: float) -> None:
    mask = np.random.default_rng(2).random(200) < share
    rows, cosines = index.search(QUERY, 10, mask)
    expected = [row for row in np.argsort(-(VECTORS @ QUERY), kind="stable") if mask[row]][:10]
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


def test_an_index_read_back_finds_the_same(index: VectorIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    again = VectorIndex.load(tmp_path, 200)
    assert again.search(QUERY, 5)[0].tolist() == index.search(QUERY, 5)[0].tolist()
    assert again.dimension == 16
