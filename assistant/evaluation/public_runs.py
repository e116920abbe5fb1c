"""The public data sets run against the real search: each set's shop is indexed, and every query is asked.

In: a data set, where indexes are kept, an embedder's SPEC. Out: its figures, and rows of a table for people. Queries
are asked as `python -m knowledge_base search` asks them: limits, filters and orders are read from the text first. What
is not there counts as recognised where the assistant, asked the same, shows no product.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.bootstrap import bootstrap
from assistant.config import Settings
from assistant.evaluation import metrics
from assistant.evaluation.public_sets import ELECTRONICS, PublicSet, Ranked, figures, head_term_figures, read_head_terms
from assistant.types import Turn
from knowledge_base.index import Index
from knowledge_base.opening import open_index
from knowledge_base.retrieval import search, understood
from knowledge_base.types import Hit

_DEPTH = 1000
_HEAD_TERMS = Path(__file__).parent / "data" / "head_terms.en.tsv"


def measure(found: PublicSet, indexes: Path, embedder: str, seed: int = 1) -> dict[str, Any]:
    """The figures of one set, with the size of its catalogue and the CPU time a query takes (the first not counted)."""
    shop = found.write_shop(indexes / "public_sets")
    index = open_index(shop, indexes, embedder)
    _ask(index, found.queries[0].text)
    ranked, took_ms = [], []
    for query in found.queries:
        started = time.process_time()
        hits = _ask(index, query.text)
        took_ms.append((time.process_time() - started) * 1000)
        ranked.append(Ranked(query, [hit.entry.product_id or "" for hit in hits]))
    if any(query.group == "absent" for query in found.queries):
        ranked = _with_decisions(ranked, shop, indexes, embedder)
    sums = {"products": len(index.products), "embedder": index.manifest.embedder, **figures(found.name, ranked, seed)}
    if found.name == ELECTRONICS:
        terms = read_head_terms(_HEAD_TERMS)
        titles = {term.text: [hit.entry.title for hit in _ask(index, term.text)] for term in terms}
        sums["head_terms"] = head_term_figures(titles, terms)
    return sums | {"median_cpu_ms": statistics.median(took_ms), "p95_cpu_ms": metrics.percentile(took_ms, 0.95)}


def _with_decisions(ranked: Sequence[Ranked], shop: Path, indexes: Path, embedder: str) -> list[Ranked]:
    """The rankings with whether the assistant, asked the same, shows any product as an answer."""
    assistant = bootstrap(Settings(shop=shop, data=indexes, embedder=embedder, model="composer"), progress=False)

    async def shown() -> list[bool]:
        return [bool((await assistant.answer(Turn(one.query.id, one.query.text))).products) for one in ranked]

    return [replace(one, suitable=any_shown) for one, any_shown in zip(ranked, asyncio.run(shown()), strict=True)]


def _ask(index: Index, text: str) -> tuple[Hit, ...]:
    return search(index, text, understood(index, text), _DEPTH)


def table_rows(results: Mapping[str, Mapping[str, Any]]) -> list[tuple[object, ...]]:
    """(set, measure, value, interval, n) of every figure."""
    return [(name, *row) for name, sums in results.items() for row in _rows(sums)]


def _rows(sums: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    for name, value in sums.items():
        if name == "types":
            yield from ((f"recall10, {kind}", recall, "", n) for kind, (n, recall) in value.items())
        elif name == "head_terms":
            yield "head terms, all of the top 5", value["all"], "", value["n"]
            yield from ((f"  {term}", n / 5, "", 5) for term, n in value["right_of_5"].items())
        elif isinstance(value, float):
            yield name, value, _interval(sums, name), _count(sums, name)


def _interval(sums: Mapping[str, Any], name: str) -> str:
    beside = name.removesuffix("_of_reachable").removesuffix("_recognised").removesuffix("_kept")
    pair = sums.get(f"{beside}_bootstrap95") or sums.get(f"{beside}_wilson95")
    return f"{pair[0]:.3f}-{pair[1]:.3f}" if pair else ""


def _count(sums: Mapping[str, Any], name: str) -> int:
    return int(sums.get(f"{name.split('_')[0]}_n", sums["n"]))
