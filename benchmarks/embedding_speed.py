"""Texts a second that the bundled embedder encodes, and milliseconds a query, by number format and batch size.

    python -m benchmarks.embedding_speed [--texts 256] [--threads 1] [--formats float32,bfloat16] [--quality FOLDER]

Titles, and texts of a hundred words, of the demo shop, each batch sorted by length or not. Rates are of the process's
CPU time, a thread by default, so that other work on the machine counts little. `--quality` is a folder of public data
(docs/evaluation.md): nDCG@10 of the embedder alone on `icecat_electronics`, in each format. Prints a table and a JSON
line last.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.bootstrap import DEMO_SHOP
from assistant.evaluation import metrics
from assistant.evaluation.public_sets import ELECTRONICS, read_sets
from knowledge_base.catalog import read_products
from knowledge_base.embedding import make_embedder
from knowledge_base.index import product_text
from knowledge_base.shop import open_shop

_BATCHES = (16, 64, 256)
_QUERIES = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=256)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--formats", default="float32,bfloat16")
    parser.add_argument("--quality", type=Path)
    parser.add_argument("--products", type=int, default=0, help="judged products and this many others; 0: all")
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    titles, long = _texts(options.texts)
    lines = []
    print(f"{'format':>9} {'batch':>6} {'sorted':>7} {'titles/s':>9} {'long/s':>7} {'query ms':>9}")
    for name in options.formats.split(","):
        model = _model(getattr(torch, name))
        model.encode(titles[:64], batch_size=64)  # what the first call prepares
        query_ms = _query_ms(model, titles[:_QUERIES])
        for batch in _BATCHES:
            for by_length in (False, True):
                rates = [_rate(model, texts, batch, by_length) for texts in (titles, long)]
                line = {"format": name, "batch": batch, "sorted": by_length, "titles_s": rates[0], "long_s": rates[1]}
                lines.append({**line, "query_ms": round(query_ms, 2)})
                print(
                    f"{name:>9} {batch:>6} {by_length!s:>7} {rates[0]:>9.0f} {rates[1]:>7.0f} {query_ms:>9.2f}",
                    flush=True,
                )
        if options.quality:
            found = _quality(model, options.quality, options.products)
            lines.append({"format": name, **found})
            print(f"{name:>9} nDCG@10 {found['ndcg_at_10']:.4f} ({found['queries']} queries, {found['products']:,})")
    print(json.dumps({"threads": options.threads, "texts": options.texts, "lines": lines}))


def _model(dtype: Any) -> Any:
    """The bundled model in a number format, as the embedder loads it."""
    from sentence_transformers import SentenceTransformer

    source: str = make_embedder("auto")._source  # type: ignore[union-attr]
    model = SentenceTransformer(source, device="cpu", model_kwargs={"dtype": dtype})
    model.max_seq_length = 128
    return model


def _texts(n: int) -> tuple[list[str], list[str]]:
    """`n` titles, and `n` texts of a hundred words."""
    products = read_products(open_shop(DEMO_SHOP))[0]
    generator = random.Random(1)
    titles = [generator.choice(products).title for _ in range(n)]
    words = [word for product in products for word in product_text(product).split()]
    starts = [generator.randrange(len(words) - 100) for _ in range(n)]
    return titles, [" ".join(words[start : start + 100]) for start in starts]


def _rate(model: Any, texts: Sequence[str], batch: int, by_length: bool) -> float:
    """Texts a second of CPU; batches are made here, because `encode` sorts all it is given."""
    ordered = sorted(texts, key=len) if by_length else list(texts)
    batches = [ordered[at : at + batch] for at in range(0, len(ordered), batch)]
    return round(len(texts) / _cpu_s(lambda: [model.encode(part, batch_size=batch) for part in batches]), 1)


def _query_ms(model: Any, texts: Sequence[str]) -> float:
    return statistics.median(_cpu_s(lambda text=text: model.encode([text])) * 1000 for text in texts)


def _cpu_s(run: Any) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


def _quality(model: Any, data: Path, n_others: int) -> dict[str, Any]:
    """nDCG@10 of the cosines alone; `n_others` products beside the judged ones."""
    found = next(each for each in read_sets(data)[0] if each.name == ELECTRONICS)
    with tempfile.TemporaryDirectory() as folder:
        products = {p.id: p for p in read_products(open_shop(found.write_shop(Path(folder))))[0]}
    judged = {name for query in found.queries for name in query.relevance}
    others = [name for name in products if name not in judged]
    if n_others:
        others = random.Random(2).sample(others, min(n_others, len(others)))
    ids = [*sorted(judged & products.keys()), *others]
    vectors = _unit(model.encode([product_text(products[name]) for name in ids], batch_size=64))
    scores = []
    for query in found.queries:
        best = np.argsort(-(vectors @ _unit(model.encode([query.text]))[0]), kind="stable")[:100]
        scores.append(metrics.ndcg([ids[row] for row in best], query.relevance, 10))
    return {"ndcg_at_10": round(statistics.mean(scores), 4), "queries": len(scores), "products": len(ids)}


def _unit(vectors: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    found = np.asarray(vectors, dtype=np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


if __name__ == "__main__":
    main()
