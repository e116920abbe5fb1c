"""Figures of merit as pure functions: ranked lists and judgements in, numbers out.

Every function here has a hand-computed case in the tests. Nothing in this module knows a shop, an index or a reply.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist


def dcg(gains: Sequence[float]) -> float:
    """Discounted cumulative gain with the exponential gain 2^g - 1 (Burges 2005, doi:10.1145/1102351.1102363)."""
    return sum((math.pow(2.0, gain) - 1.0) / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def linear_dcg(gains: Sequence[float]) -> float:
    """Discounted cumulative gain with the gain itself (Järvelin and Kekäläinen 2002, doi:10.1145/582415.582418)."""
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def ndcg(
    ranking: Sequence[str],
    relevance: Mapping[str, float],
    k: int = 10,
    judged_only: bool = False,
    gain: Callable[[Sequence[float]], float] = linear_dcg,
) -> float:
    """nDCG@k against graded `relevance`; 0.0 where nothing is relevant.

    An unjudged document counts as 0. With `judged_only`, unjudged documents are taken out of the ranking before it is
    cut at `k`.
    """
    ranked = [doc for doc in ranking if doc in relevance] if judged_only else list(ranking)
    ideal = gain(sorted(relevance.values(), reverse=True)[:k])
    if ideal <= 0:
        return 0.0
    return gain([relevance.get(doc, 0.0) for doc in ranked[:k]]) / ideal


def recall(ranking: Sequence[str], relevant: frozenset[str] | set[str], k: int) -> float:
    """The share of `relevant` among the first `k`; 0.0 where nothing is relevant."""
    if not relevant:
        return 0.0
    return len(relevant.intersection(ranking[:k])) / len(relevant)


def recall_of_reachable(ranking: Sequence[str], relevant: frozenset[str] | set[str], k: int) -> float:
    """`recall` divided by the most that `k` documents can hold; 0.0 where nothing is relevant."""
    reachable = min(k, len(relevant))
    return len(relevant.intersection(ranking[:k])) / reachable if reachable else 0.0


def reciprocal_rank(ranking: Sequence[str], relevant: frozenset[str] | set[str], k: int | None = None) -> float:
    """1 / rank of the first relevant document (within the first `k`), 0.0 where there is none."""
    for rank, doc in enumerate(ranking[:k], start=1):
        if doc in relevant:
            return 1.0 / rank
    return 0.0


def precision_at_1(ranking: Sequence[str], relevant: frozenset[str] | set[str]) -> float:
    """1.0 if the first document is relevant."""
    return float(bool(ranking) and ranking[0] in relevant)


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean; 0.0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0..1) of the values lie, interpolated linearly; 0.0 of nothing."""
    if not values:
        return 0.0
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    low = math.floor(position)
    high = math.ceil(position)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def wilson(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The Wilson score interval of a share (Wilson 1927, doi:10.1080/01621459.1927.10502953); (0, 1) of nothing."""
    if n == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def bootstrap(values: Sequence[float], seed: int = 1, rounds: int = 2000) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of the mean (Efron 1979, doi:10.1214/aos/1176344552)."""
    if not values:
        return 0.0, 0.0
    chance = random.Random(seed)
    means = [mean(chance.choices(values, k=len(values))) for _ in range(rounds)]
    return percentile(means, 0.025), percentile(means, 0.975)
