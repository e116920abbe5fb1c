"""Rankings against relevance judgements.

In: a search function, queries, judgements (graded qrels, or one right document a query). Out: nDCG@10, recall, MRR,
P@1 and the time a query takes. It knows no index: whatever ranks ids for a text can be measured.
"""

from __future__ import annotations

import csv
import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.evaluation import metrics

Search = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class RankedQuery:
    """One query with its graded judgements by document id."""

    id: str
    text: str
    relevance: Mapping[str, float]


def read_queries(queries: Path, qrels: Path | None = None, statuses: Sequence[str] = ("judged",)) -> list[RankedQuery]:
    """Queries with their judgements.

    A TSV has `query_id`, `query` and maybe `status` (rows of another status than `statuses` are left out), with qrels
    `query_id`, `product_id`, `rating`. A JSONL has `id`, `query` and `gold` (the right ids) and needs no qrels.

    Raises:
        ValueError: a TSV came without qrels.
    """
    if queries.suffix == ".jsonl":
        rows = [json.loads(line) for line in queries.read_text(encoding="utf-8").split("\n") if line.strip()]
        return [RankedQuery(str(r["id"]), r["query"], {str(gold): 1.0 for gold in r["gold"]}) for r in rows]
    if qrels is None:
        raise ValueError(f"{queries} needs its judgements: --qrels FILE with query_id, product_id, rating")
    judged: dict[str, dict[str, float]] = defaultdict(dict)
    with qrels.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            judged[row["query_id"]][row["product_id"]] = float(row["rating"])
    with queries.open(encoding="utf-8", newline="") as file:
        return [
            RankedQuery(row["query_id"], row["query"], judged[row["query_id"]])
            for row in csv.DictReader(file, delimiter="\t")
            if row.get("status", statuses[0]) in statuses
        ]


def evaluate(search: Search, queries: Sequence[RankedQuery], seed: int = 1) -> dict[str, Any]:
    """Means over the queries, the bootstrap interval of nDCG@10 and P@1, and times; one warming search is not timed."""
    if queries:
        search(queries[0].text)
    columns: dict[str, list[float]] = defaultdict(list)
    took_ms = []
    for query in queries:
        started = time.perf_counter()
        ranking = list(search(query.text))
        took_ms.append((time.perf_counter() - started) * 1000)
        relevant = {doc for doc, grade in query.relevance.items() if grade > 0}
        columns["ndcg10"].append(metrics.ndcg(ranking, query.relevance))
        columns["ndcg10_judged_only"].append(metrics.ndcg(ranking, query.relevance, judged_only=True))
        columns["ndcg10_exponential"].append(metrics.ndcg(ranking, query.relevance, gain=metrics.dcg))
        columns["recall10"].append(metrics.recall(ranking, relevant, 10))
        columns["recall100"].append(metrics.recall(ranking, relevant, 100))
        columns["mrr"].append(metrics.reciprocal_rank(ranking, relevant))
        columns["p1"].append(metrics.precision_at_1(ranking, relevant))
    return {
        "n": len(queries),
        **{name: metrics.mean(values) for name, values in columns.items()},
        "ndcg10_bootstrap95": metrics.bootstrap(columns["ndcg10"], seed),
        "p1_bootstrap95": metrics.bootstrap(columns["p1"], seed),
        "median_ms": metrics.percentile(took_ms, 0.5),
        "p95_ms": metrics.percentile(took_ms, 0.95),
    }
