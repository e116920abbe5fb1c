"""Figures of merit against values computed by hand."""

from __future__ import annotations

import math

import pytest

from assistant.evaluation import metrics


def test_dcg_with_linear_gain_is_the_sum_of_gains_over_log_ranks() -> None:
    assert metrics.linear_dcg([3, 2, 0, 1]) == pytest.approx(3 + 2 / math.log2(3) + 1 / math.log2(5))


def test_dcg_with_exponential_gain_weighs_high_grades_more() -> None:
    assert metrics.dcg([3, 1]) == pytest.approx(7 + 1 / math.log2(3))


def test_ndcg_of_the_ideal_order_is_one() -> None:
    assert metrics.ndcg(["a", "b", "c"], {"a": 3, "b": 2, "c": 1}) == pytest.approx(1.0)


def test_ndcg_counts_an_unjudged_document_as_zero() -> None:
    # ranking u, a; ideal a: 1/log2(3) over 1
    assert metrics.ndcg(["u", "a"], {"a": 1}) == pytest.approx(1 / math.log2(3))


def test_ndcg_judged_only_takes_unjudged_documents_out_before_the_cut() -> None:
    assert metrics.ndcg(["u", "v", "a"], {"a": 1}, k=1, judged_only=True) == pytest.approx(1.0)
    assert metrics.ndcg(["u", "v", "a"], {"a": 1}, k=1) == 0.0


def test_ndcg_is_zero_where_nothing_is_relevant() -> None:
    assert metrics.ndcg(["a"], {"a": 0.0}) == 0.0
    assert metrics.ndcg([], {}) == 0.0


def test_ndcg_cuts_the_ideal_at_k_too() -> None:
    assert metrics.ndcg(["a"], {"a": 1, "b": 1, "c": 1}, k=1) == pytest.approx(1.0)


def test_recall_is_the_share_of_the_relevant_among_the_first_k() -> None:
    assert metrics.recall(["a", "x", "b"], {"a", "b", "c", "d"}, 2) == 0.25
    assert metrics.recall(["a", "x", "b"], {"a", "b", "c", "d"}, 3) == 0.5
    assert metrics.recall(["a"], set(), 3) == 0.0


def test_reciprocal_rank_looks_at_the_first_relevant_document() -> None:
    assert metrics.reciprocal_rank(["x", "y", "a", "b"], {"a", "b"}) == pytest.approx(1 / 3)
    assert metrics.reciprocal_rank(["x", "y", "a"], {"a"}, k=2) == 0.0


def test_precision_at_one_of_an_empty_ranking_is_zero() -> None:
    assert metrics.precision_at_1([], {"a"}) == 0.0
    assert metrics.precision_at_1(["a"], {"a"}) == 1.0


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([1, 2, 3, 4], 0.5, 2.5), ([5], 0.95, 5), ([], 0.5, 0), ([4, 1, 3, 2], 1.0, 4), ([0, 10], 0.95, 9.5)],
)
def test_percentile_interpolates(values: list[float], share: float, expected: float) -> None:
    assert metrics.percentile(values, share) == pytest.approx(expected)


def test_wilson_interval_of_ninety_in_a_hundred() -> None:
    # centre (.9 + 1.9208/100) / (1 + 3.8416/100), half 1.96 sqrt(.09/100 + 3.8416/40000) / 1.038416
    low, high = metrics.wilson(90, 100)
    assert (low, high) == pytest.approx((0.8256, 0.9448), abs=1e-4)


def test_wilson_interval_stays_within_zero_and_one() -> None:
    assert metrics.wilson(0, 10)[0] == pytest.approx(0.0, abs=1e-12)
    assert metrics.wilson(10, 10)[1] == pytest.approx(1.0)
    assert metrics.wilson(0, 0) == (0.0, 1.0)


def test_bootstrap_holds_the_mean_and_repeats_with_the_seed() -> None:
    values = [0.0, 1.0, 1.0, 0.0, 1.0]
    low, high = metrics.bootstrap(values, seed=3)
    assert low <= 0.6 <= high
    assert metrics.bootstrap(values, seed=3) == (low, high)
    assert metrics.bootstrap([1.0, 1.0]) == (1.0, 1.0)
