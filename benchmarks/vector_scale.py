"""How vector search grows: recall@10 and time a query by the share that a filter keeps, at several sizes.

    python -m benchmarks.vector_scale [--sizes 10000,100000,1000000] [--titles FILE] [--real 20000] [--work .data]
                                      [--json FILE] [--plot FILE.png]

Real vectors cluster and are harder to find than random ones. So titles (a line each; none: those of the demo shop) are
recombined, the beginning of one with the end of another, and `--real` of these are encoded by the bundled embedder. Any
further vector lies between one of them and one of its ten nearest, with noise: what the tables call "between". Queries
are vectors of titles that are in no index. Filters keep rows at random, or the rows nearest to one of them ("apart": a
department, which for most queries is not the one they are about). Recall is against comparing all. Times are of the
thread's CPU, so that other work on the machine counts little. `--plot` needs matplotlib.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.bootstrap import DEMO_SHOP
from knowledge_base.catalog import read_products
from knowledge_base.embedding import make_embedder
from knowledge_base.faiss_store import FaissStore
from knowledge_base.lexical import Mask, Rows, Scores
from knowledge_base.progress import progress_bar
from knowledge_base.shop import open_shop
from knowledge_base.vectors import VectorIndex

_SHARES = (1.0, 0.9, 0.5, 0.2, 0.1, 0.05, 0.01, 0.001)
_K = 10
_NEIGHBOURS = 10
_NOISE = 0.25  # length of what is added at random to a vector of length 1
_PART = 50_000
_ADDED = 4096  # as many at a time as a build adds
_FILTERS = 5  # of each share


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--titles", type=Path)
    parser.add_argument("--real", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--depth", type=int, default=_K, help="hits asked for; the product asks for 200")
    parser.add_argument("--work", type=Path, default=Path(".data"))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    real = _real_vectors(options.titles, options.real + options.queries, options.work)
    queries, real = real[: options.queries].astype(np.float32), real[options.queries :]
    lines = [
        line for size in map(int, options.sizes.split(",")) for line in measure(real, size, queries, options.depth)
    ]
    if options.json:
        options.json.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    if options.plot:
        _plot(lines, options.plot)
    for line in lines:
        print(json.dumps(line))


def measure(real: Scores, size: int, queries: Scores, depth: int) -> Iterator[dict[str, Any]]:
    """Build an index of `size` vectors and search it under every filter; a line a share."""
    before, wall, cpu = _resident_mb(), time.perf_counter(), time.process_time()
    built = VectorIndex.of_parts(_parts(real, size), size, progress=True)
    assert built is not None
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    memory = _resident_mb() - before
    with tempfile.TemporaryDirectory() as folder:
        built.save(Path(folder))
        disk = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
        del built
        started = time.perf_counter()
        index = VectorIndex.load(Path(folder), size)
        load_ms = (time.perf_counter() - started) * 1000
        size_line = {
            "size": size,
            "real": min(size, len(real)),
            "build_s": round(seconds, 1),
            "build_cpu_s": round(cpu_seconds, 1),
            "memory_mb": round(memory),
            "disk_mb": round(disk),
            "load_ms": round(load_ms, 1),
        }
        print(" ".join(f"{name} {value}" for name, value in size_line.items()), flush=True)
        print(f"{'filter':>8} {'kept':>8} {'recall@10':>10} {'worst':>6} {'p50 ms':>8} {'p95 ms':>8} {'queries':>8}")
        for kind, share, masks in _filters(real, size):
            recalls, times = _search(index, masks, queries, depth)
            line = {
                **size_line,
                "filter": kind,
                "share": share,
                "recall_at_10": round(float(np.mean(recalls)), 4),
                "recall_worst": min(recalls),
                "p50_ms": round(float(np.percentile(times, 50)), 3),
                "p95_ms": round(float(np.percentile(times, 95)), 3),
                "queries": len(times),
            }
            kept, recall, worst = f"{share:.1%}", line["recall_at_10"], line["recall_worst"]
            print(
                f"{kind:>8} {kept:>8} {recall:>10.4f} {worst:>6.1f} {line['p50_ms']:>8.2f} {line['p95_ms']:>8.2f} "
                f"{len(times):>8}",
                flush=True,
            )
            yield line


def _search(
    index: VectorIndex, masks: Sequence[Mask | None], queries: Scores, depth: int
) -> tuple[list[float], list[float]]:
    """Recall and milliseconds of every query, each under one of `masks`."""
    recalls, times = [], []
    index.search(queries[0], depth, masks[0])  # pages in what the first search touches
    for at, mask in enumerate(masks):
        part = queries[at :: len(masks)]
        truth = _exact(index, part, mask)
        for query, expected in zip(part, truth, strict=True):
            started = time.thread_time()
            rows, _ = index.search(query, depth, mask)
            times.append((time.thread_time() - started) * 1000)
            recalls.append(len(set(rows[:_K].tolist()) & expected) / max(len(expected), 1))
    return recalls, times


def _exact(index: VectorIndex, queries: Scores, mask: Mask | None) -> list[set[int]]:
    """The rows of the best cosines under `mask`, by multiplying all vectors with all queries."""
    store = index._store
    assert isinstance(store, FaissStore)
    best = np.full((len(queries), _K), -2.0, dtype=np.float32)
    rows = np.full((len(queries), _K), -1, dtype=np.int64)
    allowed = np.arange(len(store)) if mask is None else np.flatnonzero(mask)
    for start in range(0, len(allowed), _PART):
        part = allowed[start : start + _PART]
        cosines = np.concatenate([best, queries @ store.vectors(part).T], axis=1)
        among = np.concatenate([rows, np.broadcast_to(part, (len(queries), len(part)))], axis=1)
        top = np.argpartition(-cosines, _K - 1, axis=1)[:, :_K]
        best, rows = np.take_along_axis(cosines, top, axis=1), np.take_along_axis(among, top, axis=1)
    return [set(found[found >= 0].tolist()) for found in rows]


def _filters(real: Scores, size: int) -> Iterator[tuple[str, float, list[Mask | None]]]:
    generator = np.random.default_rng(3)
    yield "none", 1.0, [None]
    chance = generator.random((_FILTERS, size), dtype=np.float32)
    for share in _SHARES[1:]:
        yield "random", share, [row < share for row in chance]
    nearness = np.empty((_FILTERS, size), dtype=np.float32)
    centres = real[generator.integers(len(real), size=_FILTERS)].astype(np.float32)
    at = 0
    for part in _vectors(real, size):
        nearness[:, at : at + len(part)] = centres @ part.T.astype(np.float32)
        at += len(part)
    for share in _SHARES[1:]:
        bars = np.quantile(nearness, 1 - share, axis=1)
        yield "apart", share, [row >= bar for row, bar in zip(nearness, bars, strict=True)]


# -- vectors -----------------------------------------------------------------------------------------------------------


def _vectors(real: Scores, size: int) -> Iterator[Scores]:
    """`size` vectors in parts: the real ones, then what lies between them; the same ones every time."""
    for start in range(0, min(size, len(real)), _PART):
        yield real[start : min(start + _PART, size)].astype(np.float32)
    if size <= len(real):
        return
    generator = np.random.default_rng(1)
    base = np.array(real[:20_000], dtype=np.float32)
    near = _nearest(base)
    for start in range(len(real), size, _PART):
        n = min(_PART, size - start)
        one = generator.integers(len(base), size=n)
        other = near[one, generator.integers(near.shape[1], size=n)]
        between = generator.random((n, 1), dtype=np.float32)
        noise = generator.standard_normal((n, base.shape[1]), dtype=np.float32)
        noise *= np.float32(_NOISE) / np.linalg.norm(noise, axis=1, keepdims=True)
        found = base[one] * (1 - between) + base[other] * between + noise
        yield found / np.linalg.norm(found, axis=1, keepdims=True)


def _parts(real: Scores, size: int) -> Iterator[tuple[Rows, Scores]]:
    """The vectors with their rows, with a progress bar."""
    with progress_bar(None, "building", "vector", size) as bar:
        at = 0
        for part in _vectors(real, size):
            for start in range(0, len(part), _ADDED):
                added = part[start : start + _ADDED]
                yield np.arange(at, at + len(added)), added
                at += len(added)
                bar.update(len(added))


def _nearest(base: Scores) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The places of the nearest others of every vector of `base`."""
    found = []
    for start in range(0, len(base), 1000):
        cosines = base[start : start + 1000] @ base.T
        found.append(np.argpartition(-cosines, _NEIGHBOURS, axis=1)[:, : _NEIGHBOURS + 1])
    return np.concatenate(found).astype(np.int64)


def _real_vectors(titles: Path | None, n: int, work: Path) -> Scores:
    """Vectors of `n` recombined titles, float16, kept in `work` from one run to the next."""
    kept = work / f"vectors-{titles.stem if titles else 'demo'}-{n}.npy"
    if kept.exists():
        found: Scores = np.load(kept, mmap_mode="r")
        return found
    if titles is not None:
        words = [line.split() for line in titles.read_text("utf-8").splitlines() if line.strip()]
    else:
        words = [product.title.split() for product in read_products(open_shop(DEMO_SHOP))[0]]
    generator = random.Random(7)
    texts: dict[str, None] = {}
    for _ in range(100 * n):
        if len(texts) >= n:
            break
        one, other = generator.choice(words), generator.choice(words)
        head = generator.randint(1, max(1, min(4, len(one) - 1)))
        texts[" ".join((one[:head] + other[generator.randint(1, max(1, len(other) - 2)) :])[:14])] = None
    embedder = make_embedder("auto")
    assert embedder is not None
    said = list(texts)
    order = sorted(range(len(said)), key=lambda i: len(said[i]))
    vectors = np.zeros((len(said), embedder.dimension), dtype=np.float16)
    for start in range(0, len(order), 1024):
        part = order[start : start + 1024]
        vectors[part] = embedder.encode_documents([said[i] for i in part])
    work.mkdir(parents=True, exist_ok=True)
    np.save(kept, vectors)
    return vectors


def _resident_mb() -> float:
    """Memory of this process that is in use now, in megabytes."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _plot(lines: Sequence[dict[str, Any]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.5), layout="constrained")
    recall, times = figure.subplots(1, 2)
    for size in dict.fromkeys(line["size"] for line in lines):
        for kind, style in (("random", "-"), ("apart", "--")):
            of_kind = [line for line in lines if line["size"] == size and line["filter"] in (kind, "none")]
            shares = [line["share"] for line in of_kind]
            label = f"{size:,}, {kind}"
            (drawn,) = recall.plot(shares, [line["recall_at_10"] for line in of_kind], style, marker=".", label=label)
            times.plot(shares, [line["p50_ms"] for line in of_kind], style, marker=".", color=drawn.get_color())
    recall.axhline(0.95, color="grey", linewidth=0.8)
    recall.set(
        title="recall@10 against comparing all", xlabel="share that the filter keeps", xscale="log", ylim=(0.8, 1.005)
    )
    times.set(title="median ms a query", xlabel="share that the filter keeps", xscale="log", yscale="log")
    recall.legend(fontsize=8)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
