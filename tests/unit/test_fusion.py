"""Fusion against figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge_base.fusion import in_turn, reciprocal_rank, weighted


def test_reciprocal_ranks_add_up() -> None:
    fused = reciprocal_rank([(np.array([2, 0]), 1.0), (np.array([0]), 0.5)], 3)
    assert fused == pytest.approx([1 / 62 + 0.5 / 61, 0, 1 / 61])


def test_lexical_scores_are_scaled_by_their_best_and_the_others_keep_their_scale() -> None:
    lexical = np.array([4.0, 2.0, 0.0], dtype=np.float32)
    cosines = np.array([0.0, 0.5, 1.0], dtype=np.float32)
    assert weighted(lexical, [(cosines, 0.3)]) == pytest.approx([1.0, 0.65, 0.3])


def test_without_a_lexical_score_the_rest_decides() -> None:
    zeros = np.zeros(2, dtype=np.float32)
    assert weighted(zeros, [(np.array([0.1, 0.2], dtype=np.float32), 1.0)]) == pytest.approx([0.1, 0.2])


def test_rankings_take_turns_after_the_first_rows_and_a_row_that_is_there_costs_no_turn() -> None:
    rankings = [np.array([0, 5, 6]), np.array([1, 0, 7]), np.array([8])]
    assert in_turn(np.array([0, 1]), rankings, 10).tolist() == [0, 1, 5, 7, 8, 6]
    assert in_turn(np.array([0, 1]), rankings, 4).tolist() == [0, 1, 5, 7]
    assert in_turn(np.array([0, 1]), rankings, 1).tolist() == [0]
    assert in_turn(np.array([0]), [], 3).tolist() == [0]
