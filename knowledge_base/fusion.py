"""Two rankings of the same rows made one.

In: the rows each retriever found with their scores. Out: one score a row. It knows neither text nor vectors.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knowledge_base.lexical import Rows, Scores

RRF_K = 60


def reciprocal_rank(rankings: list[tuple[Rows, float]], n_rows: int, k: int = RRF_K) -> Scores:
    """Reciprocal rank fusion of (rows best first, weight): https://doi.org/10.1145/1571941.1572114. (n_rows,)"""
    fused = np.zeros(n_rows, dtype=np.float32)
    for rows, weight in rankings:
        fused[rows] += np.float32(weight) / (k + 1 + np.arange(len(rows), dtype=np.float32))
    return fused


def weighted(lexical: Scores, parts: list[tuple[Scores, float]]) -> Scores:
    """`lexical` (n,) divided by its best, plus each of `parts` (n,), on a fixed scale of 0..1, times its weight.

    Convex fusion, which beats reciprocal ranks where a little tuning data exists (https://arxiv.org/abs/2210.11934).
    BM25 has no scale of its own, so its best row is taken as 1; cosines and yes/no features have one and keep it.
    """
    best = float(lexical.max(initial=0.0))
    fused = lexical / np.float32(best) if best > 0 else np.zeros_like(lexical)
    for scores, weight in parts:
        fused = fused + scores * np.float32(weight)
    return fused


def in_turn(first: Rows, rankings: Sequence[Rows], k: int) -> Rows:
    """`first`, then the best row of each of `rankings` that is not there yet, in turn; at most `k` rows."""
    found = dict.fromkeys(first[:k].tolist())
    turns = [iter(rows.tolist()) for rows in rankings]
    while turns and len(found) < k:
        left = []
        for rows in turns:
            row = next((row for row in rows if row not in found), None)
            if row is not None and len(found) < k:
                found[row] = None
                left.append(rows)
        turns = left
    return np.array(list(found), dtype=np.int64)
