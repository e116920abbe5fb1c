"""Two rankings of the same rows made one.

In: the rows each retriever found with their scores. Out: one score a row. It knows neither text nor vectors.
"""

from __future__ import annotations

import numpy as np

from knowledge_base.lexical import Rows, Scores

RRF_K = 60


def reciprocal_rank(rankings: list[tuple[Rows, float]], n_rows: int, k: int = RRF_K) -> Scores:
    """Reciprocal rank fusion of (rows best first, weight): https://doi.org/10.1145/1571941.1572114. (n_rows,)"""
    fused = np.zeros(n_rows, dtype=np.float32)
    for rows, weight in rankings:
        fused[rows] += np.float32(weight) / (k + 1 + np.arange(len(rows), dtype=np.float32))
    return fused


def weighted(parts: list[tuple[Scores, float]]) -> Scores:
    """The weighted sum of scores (n,), each first divided by its own maximum; a part without a score counts nothing.

    Bruch et al. 2022, https://arxiv.org/abs/2210.11934: where a little tuning data exists, this beats RRF.
    """
    fused = np.zeros_like(parts[0][0])
    for scores, weight in parts:
        best = float(scores.max(initial=0.0))
        if best > 0:
            fused += scores * np.float32(weight / best)
    return fused
