"""Bulk embedding fills the cache that `build` reads, with what `build` would compute, on Ray's real workers."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.bulk_embedding import embed_on_ray
from knowledge_base.documents import read_documents
from knowledge_base.embedding import BUNDLED, EmbeddingCache, make_embedder
from knowledge_base.errors import EmbedderError
from knowledge_base.index import passage_texts
from knowledge_base.opening import embedding_cache, open_index
from knowledge_base.shop import open_shop
from tests.embedders import WordEmbedder
from tests.shops import write_shop

ROOT = Path(__file__).parents[2]
has_ray = importlib.util.find_spec("ray") is not None
needs_ray = pytest.mark.skipif(not has_ray, reason="Ray is not installed (deploy/requirements.txt)")


def embed(shop: Path, data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "knowledge_base", "embed", str(shop), "--data", str(data), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)


class Counting(WordEmbedder):
    """Has the bundled model's name and dimension: it may not be asked for what is in the cache."""

    def __init__(self) -> None:
        super().__init__(BUNDLED, 384)


@needs_ray
@pytest.mark.timeout(300)
def test_what_ray_embeds_is_what_a_build_would_and_need_not_any_more(tmp_path: Path) -> None:
    shop, data = write_shop(tmp_path / "shop", "en"), tmp_path / "data"
    done = embed(shop, data, "--workers", "2", "--batch-size", "8")
    assert done.returncode == 0, done.stderr
    assert " embedded now in " in done.stdout

    cache, asked = EmbeddingCache(embedding_cache(data)), Counting()
    texts = [text for entry in read_documents(open_shop(shop))[0] for text in passage_texts(entry)]
    found = cache.encode(asked, texts)
    assert asked.encoded == 0
    embedder = make_embedder("auto")
    assert embedder is not None
    assert (np.sum(found * embedder.encode_documents(texts), axis=1) > 0.999).all()

    before = embedding_cache(data).stat().st_size
    index = open_index(shop, data, progress=False)
    assert index.catalogue.vectors is not None
    assert embedding_cache(data).stat().st_size == before


@needs_ray
def test_a_cluster_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = embed(write_shop(tmp_path / "shop", "en"), tmp_path / "data", "--address", "127.0.0.1:1")
    assert done.returncode == 2
    assert "there is no Ray cluster at 127.0.0.1:1" in done.stderr and "ray start --head" in done.stderr


@pytest.mark.skipif(has_ray, reason="Ray is installed")
def test_without_ray_it_is_said_how_to_install_it() -> None:
    with pytest.raises(EmbedderError, match=r"pip install -r deploy/requirements\.txt"):
        next(embed_on_ray(["a"], "auto"))


def test_there_is_nothing_to_embed_without_an_embedder(tmp_path: Path) -> None:
    done = embed(write_shop(tmp_path / "shop", "en"), tmp_path / "data", "--embedder", "none")
    assert done.returncode == 2 and "nothing to embed" in done.stderr


def test_the_cache_says_what_it_lacks_and_takes_what_was_computed_elsewhere(tmp_path: Path) -> None:
    cache, embedder = EmbeddingCache(tmp_path / "cache.sqlite3"), WordEmbedder()
    cache.encode(embedder, ["red tent"])
    assert cache.missing(embedder, ["blue tent", "red tent", "blue tent"]) == ["blue tent"]
    cache.add(embedder, ["blue tent"], np.ones((1, embedder.dimension), dtype=np.float32))
    embedder.encoded = 0
    assert cache.encode(embedder, ["blue tent"]).tolist() == [[1.0] * embedder.dimension]
    assert embedder.encoded == 0 and cache.missing(embedder, ["blue tent"]) == []
