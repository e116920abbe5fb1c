"""What a catalogue of ten thousand, a hundred thousand, a million products costs: time, memory, disk, and queries.

    pip install -r benchmarks/requirements.txt        (for the plot)
    python -m benchmarks.scale --public-data FOLDER [--sizes 10000 100000 1000000] [--vectors] [--out FOLDER]

For each size a shop is imagined (`imagined_catalogue`), imported by another process while the memory of that process
and its children is watched, loaded by a further process, and asked. Memory is the resident set (RSS), summed over the
processes: pages that two of them share count twice, and so do mapped files where they are in memory. Queries are those
of shoppers: words of titles, with and without filters of different selectivity; with `--vectors` every product and
query has a random unit vector, so that dense search takes its part and no model is needed. Prints a JSON line a
size and a Markdown table, and writes both with a plot into `--out`.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import re
import shutil
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.imagined_catalogue import DataMissing, write_shop
from knowledge_base.index import Index
from knowledge_base.lexical import Scores
from knowledge_base.opening import Place, import_shop, load_changed
from knowledge_base.retrieval import retrieve
from knowledge_base.shop import open_shop
from knowledge_base.types import Condition, Filters

_DIMENSION = 384
_QUERIES = 100
_SAMPLE_S = 0.1
_STAGE = re.compile(r"built: (.+?) ([\d.]+) s, ([\d.]+) s of")


class RandomVectors:
    """An embedder without a model: a random unit vector a text, the same for the same text."""

    name = "random-unit"
    dimension = _DIMENSION

    def encode_documents(self, texts: Sequence[str]) -> Scores:
        """One vector a text, (n, d)."""
        seed = zlib.crc32(texts[0].encode()) if texts else 0
        vectors = np.random.default_rng(seed).standard_normal((len(texts), self.dimension), dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def encode_query(self, text: str) -> Scores:
        """The vector of a query, (d,)."""
        found: Scores = self.encode_documents([text])[0]
        return found

    def known_share(self, text: str) -> float:
        """It knows every text."""
        return 1.0

    def warm_up(self) -> None:
        """Nothing to load."""


# -- in processes of their own -----------------------------------------------------------------------------------------


def build(shop_folder: Path, data: Path, vectors: bool) -> None:
    """Import a shop as `python -m knowledge_base build` does; stages are logged to standard error."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    embedder = RandomVectors() if vectors else None
    place = Place.of(shop_folder, data)
    with place.lock():
        import_shop(open_shop(shop_folder), place, embedder, confirmed=True)


def ask(shop_folder: Path, data: Path, vectors: bool) -> dict[str, Any]:
    """Load an index and ask it: seconds, resident memory, milliseconds a query by its filters."""
    embedder = RandomVectors() if vectors else None
    place = Place.of(shop_folder, data)
    before, started = _rss(), time.perf_counter()
    index, _ = load_changed(place, embedder)
    loaded_s = time.perf_counter() - started
    loaded_mb = _rss()
    chance = random.Random(11)
    texts = list(_query_texts(index, chance))
    retrieve(index, texts[0])
    found: dict[str, Any] = {
        "load_s": round(loaded_s, 2),
        "bare_mb": round(before),
        "loaded_mb": round(loaded_mb),
        "first_query_mb": round(_rss()),
    }
    for name, filters in _filters(index).items():
        took = []
        for text in texts:
            if embedder is not None:
                embedder.encode_query(text)
            started = time.perf_counter()
            retrieve(index, text, filters)
            took.append((time.perf_counter() - started) * 1000)
        p50, p95 = np.percentile(took, [50, 95])
        mask = index.facets.product_mask(filters)
        found[f"query_{name}"] = {
            "p50_ms": round(float(p50), 1),
            "p95_ms": round(float(p95), 1),
            "share": round(float(mask.mean()), 5),
            "n": len(took),
        }
    found["asked_mb"] = round(_rss())
    return found


def _query_texts(index: Index, chance: random.Random) -> Iterator[str]:
    """One to three neighbouring words of titles."""
    for _ in range(_QUERIES):
        words = re.findall(r"[A-Za-z]{3,}", index.catalogue.entries[chance.randrange(index.facets.n_products)].title)
        n = chance.randint(1, 3)
        start = chance.randrange(max(len(words) - n + 1, 1))
        yield " ".join(words[start : start + n]) or "laptop"


def _filters(index: Index) -> dict[str, Filters]:
    """Filters that most products meet, that some do, and that few do."""
    prices = sorted(
        entry.product.price
        for row in range(0, index.facets.n_products, max(index.facets.n_products // 2000, 1))
        if (entry := index.catalogue.entries[row]).product is not None and entry.product.price is not None
    )
    brand = next(p.brand for p in index.products.values() if p.brand)
    return {
        "plain": Filters(),
        "in_stock": Filters(in_stock=True),
        "tenth": Filters(price_max=prices[len(prices) // 10]),
        "brand_rated": Filters(conditions=(Condition(("brand",), (brand,)),), rating_min=Decimal("4.5")),
    }


def _rss() -> float:
    """This process's resident memory in MB."""
    return _rss_of(Path("/proc/self").resolve().name)


def _rss_of(process: str) -> float:
    """The resident memory of a process and its children in MB; 0 for one that has ended."""
    folder = Path("/proc") / process
    try:
        match = re.search(r"VmRSS:\s+(\d+) kB", (folder / "status").read_text())
        children = [child for path in (folder / "task").glob("*/children") for child in path.read_text().split()]
    except OSError:
        return 0.0
    return (int(match[1]) / 1024 if match else 0.0) + sum(map(_rss_of, children))


# -- the measurement ---------------------------------------------------------------------------------------------------


def measured(size: int, arguments: argparse.Namespace, work: Path) -> dict[str, Any]:
    """All figures of one size."""
    shop, data = work / f"shop-{size}", work / f"data-{size}"
    if not (shop / "products.jsonl").exists():
        write_shop(shop, size, arguments.public_data)
    shutil.rmtree(data, ignore_errors=True)
    said: dict[str, Any] = {"products": size, "vectors": arguments.vectors, "export_mb": _size_mb(shop)}
    said |= _watched_build(shop, data, arguments.vectors)
    said["products_a_second"] = round(size / said["build_s"])
    said["disk_mb"] = _size_mb(data)
    command = [sys.executable, "-m", "benchmarks.scale", "--ask", str(shop), str(data)]
    answer = subprocess.run(command + ["--vectors"] * arguments.vectors, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SystemExit(f"asking failed:\n{answer.stderr}")
    said |= json.loads(answer.stdout.splitlines()[-1])
    if not arguments.keep:
        shutil.rmtree(data)
        shutil.rmtree(shop)
    return said


def _watched_build(shop: Path, data: Path, vectors: bool) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.scale", "--build", str(shop), str(data)] + ["--vectors"] * vectors
    started = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    peak = 0.0

    def watch() -> None:
        nonlocal peak
        while process.poll() is None:
            peak = max(peak, _rss_of(str(process.pid)))
            time.sleep(_SAMPLE_S)

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert process.stderr is not None
    log = process.stderr.read()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"building failed:\n{log}")
    found = [match for line in log.splitlines() if (match := _STAGE.search(line))]
    stages = {match[1]: float(match[2]) for match in found}
    used = {match[1]: float(match[3]) for match in found}
    took = round(time.perf_counter() - started, 1)
    return {"build_s": took, "stages_s": stages, "stages_cpu_s": used, "peak_mb": round(peak)}


def _size_mb(folder: Path) -> int:
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6)


# -- for people --------------------------------------------------------------------------------------------------------


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The figures as a Markdown table, a column a size."""
    lines = [("products", [f"{row['products']:,}" for row in rows])]
    for key, name in (
        ("export_mb", "export, MB"),
        ("build_s", "build, s"),
        ("products_a_second", "products a second"),
        ("peak_mb", "peak memory of the build, MB"),
        ("disk_mb", "index on disk, MB"),
        ("load_s", "load, s"),
        ("loaded_mb", "memory after load, MB"),
        ("asked_mb", "memory after the queries, MB"),
    ):
        lines.append((name, [f"{row[key]:,}" for row in rows]))
    for stage in dict.fromkeys(stage for row in rows for stage in row["stages_s"]):
        lines.append((f"of the build: {stage}, s", [str(row["stages_s"].get(stage, "")) for row in rows]))
    for name in (key for key in rows[0] if key.startswith("query_")):
        cells = [f"{row[name]['p50_ms']} / {row[name]['p95_ms']} ({row[name]['share']:.1%})" for row in rows]
        lines.append((f"{name.replace('_', ' ')}, p50 / p95 ms (share that may be found)", cells))
    head, *body = [f"| {name} | {' | '.join(cells)} |" for name, cells in lines]
    return "\n".join([head, "|---" * (len(rows) + 1) + "|", *body])


def plot(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Seconds, memory and query times over the number of products."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    sizes = [row["products"] for row in rows]
    figure, axes = pyplot.subplots(1, 3, figsize=(12, 3.6))
    axes[0].plot(sizes, [row["build_s"] for row in rows], "o-", label="build")
    axes[0].plot(sizes, [row["load_s"] for row in rows], "o-", label="load")
    axes[0].set_title("seconds")
    axes[0].set_yscale("log")
    axes[1].plot(sizes, [row["peak_mb"] for row in rows], "o-", label="building, peak")
    axes[1].plot(sizes, [row["asked_mb"] for row in rows], "o-", label="serving")
    axes[1].plot(sizes, [row["disk_mb"] for row in rows], "o-", label="on disk")
    axes[1].set_title("megabytes")
    for name in (key for key in rows[0] if key.startswith("query_")):
        axes[2].plot(sizes, [row[name]["p95_ms"] for row in rows], "o-", label=name.removeprefix("query_"))
    axes[2].set_title("milliseconds a query, p95")
    for axis in axes:
        axis.set_xscale("log")
        axis.set_xlabel("products")
        axis.grid(alpha=0.3)
        axis.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=130)


def main() -> int:
    """Measure the sizes named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--public-data", type=Path, default=Path("../shared/data"), metavar="DIR")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--vectors", action="store_true", help="give every product a random unit vector")
    parser.add_argument("--out", type=Path, default=Path(".data/scale"), metavar="DIR", help="where results go")
    parser.add_argument("--keep", action="store_true", help="keep shops and indexes")
    parser.add_argument("--build", type=Path, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--ask", type=Path, nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.build:
        build(*arguments.build, arguments.vectors)
        return 0
    if arguments.ask:
        print(json.dumps(ask(*arguments.ask, arguments.vectors)))
        return 0
    arguments.out.mkdir(parents=True, exist_ok=True)
    rows = []
    try:
        for size in arguments.sizes:
            rows.append(measured(size, arguments, arguments.out))
            print(json.dumps(rows[-1]), flush=True)
    except DataMissing as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    (arguments.out / "scale.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    (arguments.out / "scale.md").write_text(table(rows) + "\n", encoding="utf-8")
    print(table(rows))
    try:
        plot(rows, arguments.out / "scale.png")
    except ImportError:
        print("no plot: pip install -r benchmarks/requirements.txt", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
