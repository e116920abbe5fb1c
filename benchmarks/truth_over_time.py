"""A catalogue that changes while it is served: how soon a change is seen, what it costs, and what a kill can lose.

    python -m benchmarks.truth_over_time SHOP [--data DIR] [--kills 200] [--damages 100] [--writers 6] [--changes 200]

Works on an index of its own under `--data`, of any shop folder. First, changes of four kinds from another process: the
time from acknowledged to seen by the next query here, and the processor time that took. Then queries before and after
`--changes` changed products. Then `tests.killing` at full size, and `--damages` flipped bits and cuts of its files, one
at a time. 0 leaves a part out. Prints a table and one JSON line.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from knowledge_base.changes import with_changes
from knowledge_base.entry_json import product_entry
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.index import Index
from knowledge_base.journal import Journal
from knowledge_base.live import LiveIndex
from knowledge_base.opening import Place, load_changed, open_index
from knowledge_base.retrieval import retrieve
from knowledge_base.types import Entry, Filters, Product
from tests.killing import damage, kill_at_random

_SEED = 7
_EACH = 25  # changes of a kind
_WRITER = """
import json, sys, time
from pathlib import Path
from knowledge_base.entry_json import entry_from_json
from knowledge_base.journal import Journal
journal = Journal(Path(sys.argv[1]))
print("ready", flush=True)
for line in sys.stdin:
    found = json.loads(line)
    entry = None if found["entry"] is None else entry_from_json(found["entry"])
    started = time.perf_counter()
    journal.append({found["id"]: entry})
    print(time.monotonic(), (time.perf_counter() - started) * 1000, flush=True)
"""


def figures(values: Sequence[float], digits: int = 1) -> dict[str, Any]:
    """Number, median and 95th percentile."""
    p50, p95 = np.percentile(values, [50, 95])
    return {"n": len(values), "p50": round(float(p50), digits), "p95": round(float(p95), digits)}


def a_change(kind: str, products: list[Product], chance: random.Random) -> tuple[str, Entry | None]:
    """What an API may send: a price, an attribute, a title, a new product, a deletion. Takes one of `products`."""
    product = products.pop(chance.randrange(len(products)))
    if kind == "price":
        product = replace(product, price=Decimal(chance.randrange(100, 90_000)) / 100)
    elif kind == "attribute":
        product = replace(product, attributes={**product.attributes, "Note": f"batch {chance.randrange(10**6)}"})
    elif kind == "title":
        product = replace(product, title=f"{product.title} Mark {chance.randrange(10**6)}")
    elif kind == "new product":
        product = replace(product, id=f"new-{chance.randrange(10**9)}", title=f"New {product.title}")
    elif kind == "deletion":
        return f"product:{product.id}", None
    return f"product:{product.id}", product_entry(product)


def seen(live: LiveIndex, chance: random.Random) -> dict[str, Any]:
    """From acknowledged in another process to seen by a query here, by kind of change; milliseconds."""
    from knowledge_base.entry_json import entry_to_json

    products = list(live.current.products.values())
    root = live._place.root
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdin is not None and writer.stdout is not None
    writer.stdout.readline()
    found: dict[str, Any] = {}
    for kind in ("price", "attribute", "title", "new product", "deletion"):
        kept_ms, seen_ms, cpu_ms = [], [], []
        for _ in range(_EACH):
            entry_id, entry = a_change(kind, products, chance)
            before = live.current
            row = {"id": entry_id, "entry": None if entry is None else entry_to_json(entry)}
            writer.stdin.write(json.dumps(row) + "\n")
            writer.stdin.flush()
            acknowledged, took = map(float, writer.stdout.readline().split())
            time.sleep(chance.uniform(0, 0.2))  # a query comes when it comes
            while live.current is before:
                time.sleep(0.002)
            seen_ms.append((time.monotonic() - acknowledged) * 1000)
            kept_ms.append(took)
            started = time.process_time()
            with_changes(before, {entry_id: entry}, live._place.cache)
            cpu_ms.append((time.process_time() - started) * 1000)
        found[kind] = {"kept_ms": figures(kept_ms), "seen_ms": figures(seen_ms), "cpu_ms": figures(cpu_ms)}
        print(f"{kind:<12} kept {found[kind]['kept_ms']}  seen {found[kind]['seen_ms']}  cpu {found[kind]['cpu_ms']}")
    writer.stdin.close()
    writer.wait()
    return found


def slowdown(index: Index, changed: Index, chance: random.Random) -> dict[str, Any]:
    """Processor milliseconds of a query before and after the changes, in turn."""
    products = list(index.products.values())
    texts = [" ".join(chance.choice(products).title.split()[:3]) for _ in range(60)]
    filters = Filters(price_max=Decimal(300))
    taken: dict[str, list[float]] = {"before": [], "after": []}

    def timed(name: str, run: Callable[[], object]) -> None:
        started = time.process_time()
        run()
        taken[name].append((time.process_time() - started) * 1000)

    for place, text in enumerate(texts):
        retrieve(changed, text, filters)  # embeds the query, which both then find remembered
        both = [("before", index), ("after", changed)]
        for name, one in both[:: 1 if place % 2 else -1]:
            timed(name, lambda one=one, text=text: retrieve(one, text, filters))  # type: ignore[misc]
    return {name: figures(values, 2) for name, values in taken.items()}


def memory_mb() -> float:
    """Resident memory of this process now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def damaged(place: Place, n: int, chance: random.Random) -> dict[str, int]:
    """Flip a bit or cut one file, look, mend it; how many were refused, of no consequence, and served wrong."""
    right = {entry.id: entry for entry in load_changed(place, None)[0].entries}
    said = {"refused": 0, "harmless": 0, "served": 0}
    for _ in range(n):
        journal = {path: path.read_bytes() for path in place.root.glob("journal*")}
        path, before = damage(place.root, chance)
        try:
            same = {entry.id: entry for entry in load_changed(place, None)[0].entries} == right
            said["harmless" if same else "served"] += 1
        except KnowledgeBaseError:
            said["refused"] += 1
        path.write_bytes(before)
        for stray in set(place.root.glob("journal*")) - journal.keys():
            stray.unlink()
        for kept, content in journal.items():  # to look is to recover: SQLite may have changed them
            kept.write_bytes(content)
    return said


def main() -> None:
    """All parts in turn."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth_over_time")
    parser.add_argument("shop", type=Path)
    parser.add_argument("--data", type=Path, default=Path(".data/truth_over_time"))
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--damages", type=int, default=100)
    parser.add_argument("--writers", type=int, default=6)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--embedder", default="auto")
    options = parser.parse_args()
    chance = random.Random(_SEED)
    said: dict[str, Any] = {"set": options.shop.name}
    if options.changes:
        live = LiveIndex.open(options.shop, options.data / "timed", options.embedder)
        retrieve(live.current, "warm up")
        said["products"] = len(live.current.products)
        said["seen"] = seen(live, chance)
        first, resident = live.current, memory_mb()
        changed, products = first, list(live.current.products.values())
        for n in range(options.changes):
            changes = dict(
                [a_change(("price", "attribute", "title", "new product", "deletion")[n % 5], products, chance)]
            )
            changed = with_changes(changed, changes, options.data / "timed" / "embeddings.sqlite3")
        said["memory_mb"] = {"before": round(resident), "after": round(memory_mb()), "changes": options.changes}
        said["query_cpu_ms"] = slowdown(first, changed, chance)
        print(f"memory {said['memory_mb']}\nqueries {said['query_cpu_ms']}")
        live.close()
    place = Place.of(options.shop, options.data / "killed")
    if options.kills or options.damages:
        open_index(options.shop, options.data / "killed", "none")
    if options.kills:
        with tempfile.TemporaryDirectory() as told:
            n_written = kill_at_random(place, Path(told), options.kills, options.writers, 2.0)
        said["kills"] = {"n": options.kills, "writers": options.writers, "acknowledged": n_written, "lost": 0}
        print(f"kills {said['kills']}")
    if options.damages:
        journal = Journal(place.root)
        journal.append({})  # settles what a killed writer had not acknowledged
        journal.close()
        said["damages"] = {"n": options.damages, **damaged(place, options.damages, chance)}
        print(f"damages {said['damages']}")
    print(json.dumps(said))


if __name__ == "__main__":
    main()
