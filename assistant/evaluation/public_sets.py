"""Search measured on public data sets, each where it is there: shops, queries and judgements read from their files.

In: a folder of data sets. Out: for each set a shop folder made of its products, and its queries with what is right.
Nothing of a set is kept in the project; a set that is missing is named, and the others are run. And: rankings of these
queries in, figures out. It ranks nothing itself.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.evaluation import metrics

ELECTRONICS, OFFERS, TITLES_ZH = "icecat_electronics", "webmall", "zh_retrieval"


@dataclass(frozen=True, slots=True)
class SetQuery:
    """One query. `relevance` is graded by product id; `group` is the task's type or the query's status.

    A query of the group "absent" asks for what the catalogue does not have: nothing is right.
    """

    id: str
    text: str
    relevance: Mapping[str, float]
    group: str


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A data set: the rows of a products file, and the queries. `name` is one of those above."""

    name: str
    language: str
    currency: str
    products: Sequence[Mapping[str, Any]]
    queries: Sequence[SetQuery]

    def write_shop(self, root: Path) -> Path:
        """The set as a shop folder below `root`; files that are right already stay, so that an index of them holds."""
        folder = root / self.name
        folder.mkdir(parents=True, exist_ok=True)
        settings = f'name = "{self.name}"\nlanguage = "{self.language}"\ncurrency = "{self.currency}"\n'
        rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in self.products)
        for path, text in ((folder / "shop.toml", settings), (folder / "products.jsonl", rows)):
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8", newline="\n")
        return folder


@dataclass(frozen=True, slots=True)
class HeadTerm:
    """A query for a kind of thing, and how a title shows that it is one: `thing` is in it and `accessory` is not."""

    text: str
    thing: re.Pattern[str]
    accessory: re.Pattern[str] | None

    def names(self, title: str) -> bool:
        """Whether what bears this title is the thing itself."""
        return bool(self.thing.search(title)) and not (self.accessory and self.accessory.search(title))


def read_head_terms(path: Path) -> tuple[HeadTerm, ...]:
    """Rows of a TSV: query, pattern of the thing, pattern of what is only made for it (may be empty)."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if row and not row[0].startswith("#")]
    return tuple(
        HeadTerm(text, re.compile(thing, re.IGNORECASE), re.compile(other, re.IGNORECASE) if other else None)
        for text, thing, other in rows
    )


def read_sets(data: Path) -> tuple[list[PublicSet], list[str]]:
    """The sets below `data`, and the names of those that are not there."""
    found, missing = [], []
    for name, folder, read in (
        (ELECTRONICS, data / "icecat_electronics", _electronics),
        (OFFERS, data / "webmall", _offers),
        (TITLES_ZH, data / "licence_unclear" / "ecominstruct", _titles_zh),
    ):
        try:
            found.append(read(folder))
        except FileNotFoundError as error:
            missing.append(f"{name} ({error.filename})")
    return found, missing


def _electronics(folder: Path) -> PublicSet:
    relevance: dict[str, dict[str, float]] = defaultdict(dict)
    for row in _table(folder / "qrels.tsv"):
        relevance[row["query_id"]][row["product_id"]] = float(row["rating"])
    queries = [
        SetQuery(row["query_id"], row["query"], relevance[row["query_id"]], row["status"])
        for row in _table(folder / "queries.tsv")
    ]
    products = [
        {
            "id": row["id"],
            "title": row["title"],
            "brand": row["brand"],
            "description": row["short_description"] or None,
            "price": f"{row['price_cents'] / 100:.2f}",
            "attributes": {name.split("_", 1)[1].replace("_", " "): v for name, v in row["attributes"].items()},
        }
        for row in _lines(folder / "products.jsonl.gz")
    ]
    return PublicSet(ELECTRONICS, "en", "USD", products, queries)


def _offers(folder: Path) -> PublicSet:
    products = [
        {
            "id": row["id"],
            "title": row["name"],
            "description": row["description"],
            "price": None if row["price_eur"] is None else f"{row['price_eur']:.2f}",
            "category": row["categories"],
            "in_stock": row["in_stock"] == "1",
        }
        for row in _lines(folder / "products.jsonl.gz")
    ]
    queries = [
        SetQuery(task["id"], task["task"], dict.fromkeys(task["gold_ids"], 1.0), task_type(task["set"]))
        for task in json.loads((folder / "tasks.json").read_text(encoding="utf-8"))
    ]
    return PublicSet(OFFERS, "en", "EUR", products, queries)


def task_type(task_set: str) -> str:
    """ "WEBMALL_FIND_COMPATIBLE_PRODUCTS_V1" as "compatible products"."""
    name = task_set.removeprefix("WEBMALL_").rpartition("_V")[0].lower().replace("_", " ")
    return name.removeprefix("find ").removeprefix("products ")


def _titles_zh(folder: Path) -> PublicSet:
    queries = [
        SetQuery(row["id"], row["query"], dict.fromkeys(row["gold"], 1.0), "judged")
        for row in _lines(folder / "zh_retrieval_queries.jsonl")
    ]
    return PublicSet(TITLES_ZH, "zh", "CNY", list(_lines(folder / "zh_retrieval_docs.jsonl.gz")), queries)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return (json.loads(line) for line in text.decode("utf-8").split("\n") if line.strip())


def _table(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


# -- figures -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ranked:
    """One query with the ids found for it, best first, and whether the search holds them for suitable."""

    query: SetQuery
    ranking: Sequence[str]
    suitable: bool = True


def figures(name: str, ranked: Sequence[Ranked], seed: int = 1) -> dict[str, Any]:
    """The figures of one set: graded judgements, recall a task type, or one right title, as the set has them."""
    if name == OFFERS:
        return offer_figures(ranked, seed)
    return graded_figures(ranked, seed) if name == ELECTRONICS else title_figures(ranked, seed)


def graded_figures(ranked: Sequence[Ranked], seed: int = 1) -> dict[str, Any]:
    """nDCG@10 (an unjudged product counts 0) and over judged products only, R@100 of what is reachable, and absence."""
    judged = [r for r in ranked if r.query.group == "judged"]
    ndcg = [metrics.ndcg(r.ranking, r.query.relevance) for r in judged]
    only = [metrics.ndcg(r.ranking, r.query.relevance, judged_only=True) for r in judged]
    recall = [metrics.recall_of_reachable(r.ranking, _relevant(r), 100) for r in judged]
    return {
        "n": len(judged),
        "ndcg10": metrics.mean(ndcg),
        "ndcg10_bootstrap95": metrics.bootstrap(ndcg, seed),
        "ndcg10_judged_only": metrics.mean(only),
        "ndcg10_judged_only_bootstrap95": metrics.bootstrap(only, seed),
        "recall100_of_reachable": metrics.mean(recall),
        "recall100_bootstrap95": metrics.bootstrap(recall, seed),
        **absence_figures(ranked),
    }


def absence_figures(ranked: Sequence[Ranked]) -> dict[str, Any]:
    """Of the queries for what is not there, how many are recognised; of the others, how many are kept."""
    absent = [not r.suitable for r in ranked if r.query.group == "absent"]
    kept = [r.suitable for r in ranked if r.query.group != "absent"]
    return {
        "absent_n": len(absent),
        "absent_recognised": metrics.mean(absent),
        "absent_wilson95": metrics.wilson(sum(absent), len(absent)),
        "answerable_n": len(kept),
        "answerable_kept": metrics.mean(kept),
        "answerable_wilson95": metrics.wilson(sum(kept), len(kept)),
    }


def offer_figures(ranked: Sequence[Ranked], seed: int = 1) -> dict[str, Any]:
    """recall@10 of what ten offers can hold, over all tasks and a task type: `types` maps it to (tasks, recall)."""
    recalls = [metrics.recall_of_reachable(r.ranking, _relevant(r), 10) for r in ranked]
    types: dict[str, list[float]] = defaultdict(list)
    for one, value in zip(ranked, recalls, strict=True):
        types[one.query.group].append(value)
    return {
        "n": len(recalls),
        "recall10": metrics.mean(recalls),
        "recall10_bootstrap95": metrics.bootstrap(recalls, seed),
        "types": {name: (len(values), metrics.mean(values)) for name, values in sorted(types.items())},
    }


def title_figures(ranked: Sequence[Ranked], seed: int = 1) -> dict[str, Any]:
    """P@1, R@10 and MRR of the one right title."""
    first = [metrics.precision_at_1(r.ranking, _relevant(r)) for r in ranked]
    tenth = [metrics.recall(r.ranking, _relevant(r), 10) for r in ranked]
    return {
        "n": len(first),
        "p1": metrics.mean(first),
        "p1_bootstrap95": metrics.bootstrap(first, seed),
        "recall10": metrics.mean(tenth),
        "recall10_bootstrap95": metrics.bootstrap(tenth, seed),
        "mrr": metrics.mean([metrics.reciprocal_rank(r.ranking, _relevant(r)) for r in ranked]),
    }


def head_term_figures(titles: Mapping[str, Sequence[str]], terms: Sequence[HeadTerm], k: int = 5) -> dict[str, Any]:
    """For every term how many of the first `k` titles are the thing itself; `all` is the share of terms with only such.

    A term for which fewer than `k` titles were found counts as failed.
    """
    right = {term.text: sum(map(term.names, titles[term.text][:k])) for term in terms}
    return {"n": len(right), "all": metrics.mean([n == k for n in right.values()]), "right_of_5": right}


def _relevant(ranked: Ranked) -> set[str]:
    return {doc for doc, grade in ranked.query.relevance.items() if grade > 0}
