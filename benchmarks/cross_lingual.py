"""Chinese questions over English catalogues and English ones over Chinese: is the first product what was asked for?

    python -m benchmarks.cross_lingual demo_shop=FOLDER [NAME=FOLDER ...] [--data DIR] [--embedder none] [--misses]

`data/cross_lingual.jsonl` has the questions by the name of a shop. What is right is read from the shop's records: `is`
must stand in title or category and `not` must not, `brand` must be the record's, all of `has` must stand somewhere in
it. Questions marked `held_out` were written after the dictionary, without looking at it. Searches as
`python -m knowledge_base search` does; prints a table and one JSON line.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

from assistant.evaluation import metrics
from assistant.evaluation.records import Record, read_records
from knowledge_base.opening import open_index
from knowledge_base.retrieval import search, understood

_QUESTIONS = Path(__file__).parent / "data" / "cross_lingual.jsonl"
_DEPTH = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shops", nargs="+", metavar="NAME=FOLDER")
    parser.add_argument("--data", type=Path, default=Path(".data"), help="where indexes are kept")
    parser.add_argument("--embedder", default="none")
    parser.add_argument("--misses", action="store_true", help="print the questions whose first product is wrong")
    options = parser.parse_args()
    questions = [json.loads(line) for line in _QUESTIONS.read_text(encoding="utf-8").splitlines()]
    sums = {}
    for name, _, folder in (shop.partition("=") for shop in options.shops):
        asked = [question for question in questions if question["shop"] == name]
        sums[name] = measure(Path(folder), asked, options.data, options.embedder, options.misses)
        first, found = sums[name]["p1"], sums[name]["hit10"]
        print(f"{name:16} n {sums[name]['n']:3}  first right {first:.3f}  one of ten right {found:.3f}")
    print(json.dumps({"evaluation": "cross_lingual", "embedder": options.embedder, **sums}))


def measure(folder: Path, asked: list[dict[str, Any]], data: Path, embedder: str, misses: bool) -> dict[str, Any]:
    """P@1, and how often one of ten is right. Questions that nothing in the shop meets are left out."""
    index = open_index(folder, data, embedder, progress=False)
    records = read_records(folder).records
    first, found = [], []
    for question in asked:
        right = {record.id for record in records if meets(record, question)}
        if not right:
            continue
        hits = search(index, question["text"], understood(index, question["text"]), _DEPTH)
        marks = [hit.entry.product_id in right for hit in hits]
        first.append(bool(marks and marks[0]))
        found.append(any(marks))
        if misses and not first[-1]:
            print(f"  {question['text']}: {[hit.entry.title for hit in hits[:3]]}")
    return {
        "n": len(first),
        "p1": metrics.mean(first),
        "p1_wilson95": metrics.wilson(sum(first), len(first)),
        "hit10": metrics.mean(found),
    }


def meets(record: Record, question: dict[str, Any]) -> bool:
    """Whether a record is what a question asks for."""
    called = " ".join((record.title, *record.category))
    if not re.search(question["is"], called, re.I) or (question["not"] and re.search(question["not"], called, re.I)):
        return False
    if question["brand"] and question["brand"].casefold() not in (record.brand or record.title).casefold():
        return False
    pairs = [*record.attributes.items(), *(pair for sku in record.skus for pair in sku.options.items())]
    text = "\n".join([record.title, record.description, *record.category, *(f"{k}: {v}" for k, v in pairs)])
    return all(re.search(part, text, re.I) for part in question["has"])


if __name__ == "__main__":
    main()
