"""`python -m knowledge_base embed`: the texts of a large shop embedded by many processes, GPUs or machines at once.

In: a shop folder, and where a Ray cluster is (none: this machine). Out: vectors in the embedding cache that `build`
reads, so that it has little left to embed; killed at any moment, what is in the cache stays. It builds no index. Ray is
imported here and nowhere else; `deploy/requirements.txt` has it.
"""

from __future__ import annotations

import logging
import socket
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from knowledge_base.catalog import read_products
from knowledge_base.documents import read_documents
from knowledge_base.embedding import KNOWN_SHARE, Embedder, EmbeddingCache, make_embedder
from knowledge_base.errors import EmbedderError
from knowledge_base.index import passage_texts, product_text
from knowledge_base.opening import embedding_cache
from knowledge_base.progress import progress_bar
from knowledge_base.shop import Shop, open_shop

_PACKAGE = Path(__file__).resolve().parent
_LOOKED_UP = 50_000  # texts that are looked up in the cache at a time
_BATCH = 512  # texts a worker gets at a time


def run_embed(args: Namespace, output: TextIO | None = None) -> int:
    """Embed what `build` would and the cache does not have.

    Raises:
        EmbedderError: there is no embedder, or Ray is not installed or not reachable.
        ShopError: the shop folder cannot be used.
    """
    output = output or sys.stdout
    started = time.monotonic()
    embedder, shop = make_embedder(args.embedder), open_shop(args.shop)
    if embedder is None:
        raise EmbedderError("there is nothing to embed with the embedder `none`")
    cache = EmbeddingCache(embedding_cache(args.data))
    texts, missing, n = _texts(shop), [], 0
    while part := list(islice(texts, _LOOKED_UP)):
        n += len(part)
        missing += cache.missing(embedder, part)
    missing = list(dict.fromkeys(missing))
    n_done = 0
    if missing:
        done = embed_on_ray(missing, args.embedder, args.address, args.gpus, args.workers, args.batch_size)
        with progress_bar(None, "embedding", "text", len(missing)) as bar:
            for said, vectors, n_seen in done:
                cache.add(embedder, said, vectors)
                n_done += len(said)
                bar.update(n_seen)
    left = f", {len(missing) - n_done:,} in no language of the embedder" if n_done < len(missing) else ""
    seconds = time.monotonic() - started
    output.write(f"{shop.info.name}: {n:,} texts, {n_done:,} embedded now{left} in {seconds:.1f} s\n")
    return 0


def _texts(shop: Shop) -> Iterator[str]:
    """What `build` embeds of a shop's files."""
    yield from (text for product in read_products(shop)[0] if (text := product_text(product)).strip())
    yield from (text for entry in read_documents(shop)[0] for text in passage_texts(entry) if text.strip())


def embed_on_ray(
    texts: Sequence[str],
    spec: str,
    address: str | None = None,
    gpus: int = 0,
    workers: int | None = None,
    batch_size: int = _BATCH,
) -> Iterator[tuple[list[str], Any, int]]:
    """Texts that the embedder knows with their vectors, (n, d) float16, and how many texts were looked at, batch by
    batch as they are done. `gpus`: one worker each; `workers` None: one a GPU, else one a core of the cluster.

    Raises:
        EmbedderError: Ray is not installed, or there is no cluster at `address`.
    """
    try:
        import pyarrow
        import ray
    except ImportError as error:
        raise EmbedderError("`embed` needs Ray: `pip install -r deploy/requirements.txt`") from error
    _reach(address)
    code = {"py_modules": [str(_PACKAGE)]} if address else {}  # other machines get this program's code from here
    try:
        ray.init(address=address, runtime_env=code, include_dashboard=False, log_to_driver=False, logging_level="error")
    except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
        raise EmbedderError(f"there is no Ray cluster at {address} ({error}): `ray start --head` starts one") from error
    try:
        logging.getLogger("ray").setLevel(logging.ERROR)
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars, context.print_on_execution_start = False, False
        n_workers = workers or gpus or int(ray.cluster_resources().get("CPU", 1))
        n_workers = max(1, min(n_workers, -(-len(texts) // batch_size)))
        parts = [texts[at : at + batch_size] for at in range(0, len(texts), batch_size)]
        found = ray.data.from_arrow([pyarrow.table({"text": part}) for part in parts]).map_batches(
            _Worker,
            fn_constructor_args=(spec,),
            compute=ray.data.ActorPoolStrategy(size=n_workers),
            num_gpus=1 if gpus else None,
            num_cpus=None if gpus else 1,
            batch_size=batch_size,
            batch_format="numpy",
        )
        for batch in found.iter_batches(batch_size=None, batch_format="numpy"):
            known = batch["known"].astype(bool)
            yield batch["text"][known].tolist(), np.asarray(batch["vector"])[known], len(known)
    except ray.exceptions.RayError as error:
        raise EmbedderError(f"a worker failed: {str(error).strip().splitlines()[-1]}") from error
    finally:
        ray.shutdown()


def _reach(address: str | None) -> None:
    """Raise `EmbedderError` where nobody listens at `address`: Ray itself would try for minutes."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), timeout=5.0).close()
    except OSError as error:
        raise EmbedderError(f"there is no Ray cluster at {address} ({error}): `ray start --head` starts one") from error


class _Worker:
    """One process of the cluster with an embedder of its own."""

    def __init__(self, spec: str) -> None:
        embedder = make_embedder(spec)
        assert embedder is not None
        self._embedder: Embedder = embedder

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        texts = [str(text) for text in batch["text"]]
        known = np.array([self._embedder.known_share(text) >= KNOWN_SHARE for text in texts], dtype=bool)
        vectors = np.zeros((len(texts), self._embedder.dimension), dtype=np.float16)
        if known.any():
            encoded = self._embedder.encode_documents([text for text, kept in zip(texts, known, strict=True) if kept])
            vectors[known] = encoded
        return {"text": np.array(texts, dtype=object), "vector": vectors, "known": known}
