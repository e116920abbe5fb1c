"""Product search on judged queries: nDCG@10 on an electronics catalogue, P@1 on Chinese titles.

    python -m benchmarks.retrieval_icecat [--shared ../shared] [--data .data]

Needs the public data sets under `--shared` and says so where they are missing. Unjudged products count as irrelevant
("unjudged = 0"); "judged only" leaves them out of the ranking. Queries whose pool missed the relevant products, or for
which the catalogue has none, are left out. Intervals are 95 % bootstrap percentiles over queries.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from knowledge_base.index import Index
from knowledge_base.opening import open_index
from knowledge_base.retrieval import retrieve

_K = 10
_SAMPLES, _SEED = 10_000, 0


def ndcg(ratings: Sequence[int], judged: Iterable[int], k: int = _K) -> float:
    """nDCG@k with linear gains: `ratings` of the ranking, best first; `judged` are all ratings of the query."""

    def dcg(values: Sequence[int]) -> float:
        return float(sum(value / np.log2(rank + 2) for rank, value in enumerate(values[:k])))

    ideal = dcg(sorted(judged, reverse=True))
    return dcg(ratings) / ideal if ideal else 0.0


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % bootstrap interval of the mean."""
    random = np.random.default_rng(_SEED)
    means = random.choice(np.asarray(values), size=(_SAMPLES, len(values))).mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def electronics(shared: Path, data: Path, embedder: str) -> dict[str, Any]:
    """nDCG@10 over the judged queries, and what a query takes."""
    source = shared / "data" / "icecat_electronics"
    rows = (
        {
            "id": p["id"], "title": p["title"], "brand": p["brand"], "description": p["short_description"] or None,
            "price": f"{p['price_cents'] / 100:.2f}",
            "attributes": {key.split("_", 1)[1].replace("_", " "): value for key, value in p["attributes"].items()},
        }
        for p in _lines(source / "products.jsonl.gz")
    )  # fmt: skip
    index, seconds = _open("electronics", "en", rows, data, embedder)
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for row in _table(source / "qrels.tsv"):
        judged[row["query_id"]][row["product_id"]] = int(row["rating"])
    queries = [(row["query_id"], row["query"]) for row in _table(source / "queries.tsv") if row["status"] == "judged"]
    retrieve(index, "warm up")
    scores, judged_only, times = [], [], []
    for query_id, text in queries:
        started = time.perf_counter()
        hits = retrieve(index, text, k=_K)
        times.append(1000 * (time.perf_counter() - started))
        ratings = judged[query_id]
        scores.append(ndcg([ratings.get(_id(hit), 0) for hit in hits], ratings.values()))
        deep = [ratings[_id(hit)] for hit in retrieve(index, text, k=1000) if _id(hit) in ratings]
        judged_only.append(ndcg(deep, ratings.values()))
    return {
        "set": "electronics", "n": len(queries), "products": len(index.products), "open_s": round(seconds, 1),
        "ndcg@10": _mean(scores), "interval": _rounded(interval(scores)), "judged_only": _mean(judged_only),
        "median_ms": round(statistics.median(times), 1), "p95_ms": round(float(np.percentile(times, 95)), 1),
        "embedder": index.manifest.embedder,
    }  # fmt: skip


def chinese_titles(shared: Path, data: Path, embedder: str) -> dict[str, Any]:
    """P@1 and MRR@10 of the one gold title of each query."""
    source = shared / "data" / "licence_unclear" / "ecominstruct"
    index, seconds = _open("titles_zh", "zh", _lines(source / "zh_retrieval_docs.jsonl.gz"), data, embedder)
    first, reciprocal, times = [], [], []
    for row in _lines(source / "zh_retrieval_queries.jsonl"):
        started = time.perf_counter()
        found = [_id(hit) for hit in retrieve(index, row["query"], k=_K)]
        times.append(1000 * (time.perf_counter() - started))
        ranks = [rank for rank, product_id in enumerate(found, 1) if product_id in row["gold"]]
        first.append(float(ranks[:1] == [1]))
        reciprocal.append(1 / ranks[0] if ranks else 0.0)
    return {
        "set": "titles_zh", "n": len(first), "products": len(index.products), "open_s": round(seconds, 1),
        "p@1": _mean(first), "interval": _rounded(interval(first)), "mrr@10": _mean(reciprocal),
        "median_ms": round(statistics.median(times), 1), "embedder": index.manifest.embedder,
    }  # fmt: skip


def _open(
    name: str, language: str, rows: Iterable[Mapping[str, Any]], data: Path, embedder: str
) -> tuple[Index, float]:
    with tempfile.TemporaryDirectory() as temporary:
        shop = Path(temporary) / name
        shop.mkdir()
        (shop / "shop.toml").write_text(f'name = "{name}"\nlanguage = "{language}"\ncurrency = "USD"\n')
        with (shop / "products.jsonl").open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        started = time.perf_counter()
        return open_index(shop, data, embedder), time.perf_counter() - started


def _id(hit: Any) -> str:
    return str(hit.entry.product_id)


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return (json.loads(line) for line in text.decode("utf-8").split("\n") if line)


def _table(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _mean(values: Sequence[float]) -> float:
    return round(statistics.fmean(values), 4)


def _rounded(pair: tuple[float, float]) -> list[float]:
    return [round(value, 4) for value in pair]


def main() -> int:
    """Run both sets; a table for people and one JSON line each, last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--data", type=Path, default=Path(".data"))
    parser.add_argument("--embedder", default="auto")
    args = parser.parse_args()
    if not (args.shared / "data" / "icecat_electronics").is_dir():
        print(f"the data sets are not in {args.shared}: give their folder with --shared")
        return 1
    results = [measure(args.shared, args.data, args.embedder) for measure in (electronics, chinese_titles)]
    for result in results:
        print("  ".join(f"{name} {value}" for name, value in result.items()))
    for result in results:
        print(json.dumps(result | {"seed": _SEED}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
