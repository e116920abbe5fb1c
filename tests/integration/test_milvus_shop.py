"""A shop whose vectors are in Milvus is searched, changed and built anew like any other, and goes on without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge_base import milvus_store
from knowledge_base.changes import with_changes
from knowledge_base.entry_json import product_entry
from knowledge_base.errors import VectorStoreAway, VectorStoreError
from knowledge_base.index import Index, fingerprint
from knowledge_base.journal import Journal
from knowledge_base.opening import Place, compact, import_shop, is_current, load_changed, open_base
from knowledge_base.related import similar
from knowledge_base.retrieval import retrieve
from knowledge_base.shop import Shop, open_shop
from knowledge_base.snapshot import read_manifest
from knowledge_base.types import Entry, Product
from knowledge_base.vectors import VectorPlace
from tests.embedders import WordEmbedder
from tests.lite_server import LiteServer, needs_milvus_lite

pytestmark = needs_milvus_lite
TEXTS = ("tent", "a warm jacket", "light tent for two people", "boots", "sleeping bag")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiteServer]:
    lite = LiteServer(tmp_path_factory.mktemp("milvus") / "lite.db")
    lite.start()
    yield lite
    lite.stop()


@pytest.fixture
def shop(small_shop: Path) -> Shop:
    return open_shop(small_shop)


@pytest.fixture
def place(server: LiteServer, shop: Shop, tmp_path: Path) -> Place:
    return Place.of(shop.folder, tmp_path, VectorPlace(f"milvus:http://127.0.0.1:{server.port}"))


@pytest.fixture
def in_files(shop: Shop, tmp_path: Path) -> Index:
    return open_base(shop, Place.of(shop.folder, tmp_path / "files"), WordEmbedder(), False)[0]


def found(index: Index) -> list[list[tuple[str, float]]]:
    return [[(hit.entry.id, round(hit.score, 4)) for hit in retrieve(index, text, k=8)] for text in TEXTS]


def added(title: str) -> Entry:
    return product_entry(Product("new-1", title, description="Sleeps two, pitches in a minute."))


def collections(place: Place) -> list[str]:
    return (place.root / "milvus-collections.txt").read_text().split()


def test_a_shop_in_milvus_finds_what_one_in_files_finds(shop: Shop, place: Place, in_files: Index) -> None:
    index, _ = open_base(shop, place, WordEmbedder(), False)
    assert found(index) == found(in_files)
    assert collections(place) == [index.manifest.collection]
    assert index.manifest.fingerprint[:12] in index.manifest.collection
    assert not list(place.root.rglob("catalogue/**/vectors.faiss"))
    one = next(iter(index.products))
    assert [hit.entry.id for hit in similar(index, one)] == [hit.entry.id for hit in similar(in_files, one)]


def test_changes_are_found_at_once_and_built_into_a_collection_of_their_own(shop: Shop, place: Place) -> None:
    embedder = WordEmbedder()
    first, _ = open_base(shop, place, embedder, False)
    gone = retrieve(first, "tent", k=1)[0].entry.id
    Journal(place.root).append({"product:new-1": added("Two-person tent Brevik"), gone: None})
    changed, _ = load_changed(place, embedder)
    hits = [hit.entry.id for hit in retrieve(changed, "two-person tent", k=20)]
    assert hits[0] == "product:new-1" and gone not in hits

    assert compact(place, embedder) == 2
    built, _ = load_changed(place, embedder)
    assert retrieve(built, "two-person tent", k=1)[0].entry.id == "product:new-1"
    assert built.catalogue.vectors is not None and len(built.catalogue.vectors) == len(built.products)
    assert built.manifest.collection != first.manifest.collection
    assert retrieve(first, "tent", k=1)[0].entry.id == gone  # whoever still serves the old snapshot finds as before

    import_shop(shop, place, embedder, False)
    now = read_manifest(place.root).collection
    assert collections(place) == [built.manifest.collection, now]


def test_another_place_for_vectors_makes_the_index_stale(shop: Shop, place: Place) -> None:
    embedder = WordEmbedder()
    open_base(shop, place, embedder, False)
    assert is_current(place.root, fingerprint(shop, embedder, place.vectors))
    elsewhere = replace(place, vectors=VectorPlace())
    assert not is_current(place.root, fingerprint(shop, embedder, elsewhere.vectors))
    with pytest.raises(VectorStoreError, match=r"--vectors to milvus:URI"):
        load_changed(elsewhere, embedder)


def test_a_shop_goes_on_with_words_while_milvus_is_away(
    shop: Shop, place: Place, server: LiteServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = WordEmbedder()
    index, _ = open_base(shop, place, embedder, False)
    with_vectors = found(index)
    monkeypatch.setattr(milvus_store, "_QUERY_S", 0.5)
    server.stop()
    try:
        opened, _ = load_changed(place, embedder)
        for each in (index, opened):
            hits = retrieve(each, "tent", k=3)
            assert hits and {hit.stage for hit in hits} == {"bm25"}
            assert similar(each, next(iter(each.products)))
        more = with_changes(opened, {"product:new-1": added("Two-person tent Brevik")})
        assert retrieve(more, "Brevik", k=1)[0].entry.id == "product:new-1"
        with pytest.raises(VectorStoreAway, match=r"does not answer.*start it"):
            import_shop(shop, place, embedder, False)
        assert is_current(place.root, fingerprint(shop, embedder, place.vectors))
    finally:
        server.start()
    monkeypatch.setattr(milvus_store, "_QUERY_S", 20.0)
    assert index.catalogue.vectors is not None
    index.catalogue.vectors._store._server._asked_again_at = 0.0  # type: ignore[attr-defined]
    assert found(index) == with_vectors
    assert np.isfinite(index.catalogue.vectors.first_cosines(embedder.encode_query("tent"))).all()
