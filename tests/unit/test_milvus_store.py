"""Milvus behind the same seam: it finds what FAISS finds, under any filter and after changes, or says why it cannot.

Against Milvus Lite: `milvus:FILE.db` starts it in this process, and what goes over the network goes to its server.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge_base import milvus_store
from knowledge_base.errors import VectorStoreAway, VectorStoreError
from knowledge_base.milvus_store import MilvusStore, drop_others
from knowledge_base.vectors import VectorIndex, VectorPlace
from tests.lite_server import LiteServer, needs_milvus_lite

pytestmark = needs_milvus_lite

N, D = 1500, 24


def unit(rows: int, seed: int) -> Any:
    vectors = np.random.default_rng(seed).normal(size=(rows, D))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float16).astype(np.float32)


VECTORS, QUERY = unit(N, 0), unit(1, 1)[0]
ROWS = np.arange(N) * 3 // 4  # every third row has two vectors, and the last rows have none


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorPlace]:
    from milvus_lite.server_manager import server_manager_instance

    path = tmp_path_factory.mktemp("milvus") / "lite.db"
    yield VectorPlace(f"milvus:{path}")
    server_manager_instance.release_server(str(path))


@pytest.fixture(scope="module")
def stored(place: VectorPlace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a snapshot holds of an index in Milvus."""
    folder = tmp_path_factory.mktemp("vectors")
    parts = iter([(ROWS[:900], VECTORS[:900]), (ROWS[900:], VECTORS[900:])])
    index = VectorIndex.of_parts(parts, N, at(place, folder, "shop"))
    assert index is not None
    index.save(folder)
    return folder


@pytest.fixture(scope="module")
def milvus(stored: Path, place: VectorPlace) -> VectorIndex:
    return VectorIndex.load(stored, N, place)


@pytest.fixture(scope="module")
def faiss() -> VectorIndex:
    return VectorIndex.build(VECTORS, ROWS, N)


def at(place: VectorPlace, folder: Path, name: str) -> VectorPlace:
    """A place whose collections belong to the shop `name`."""
    (folder / name).mkdir()
    return replace(place, home=folder / name, version="0123456789abcdef")


def same(one: VectorIndex, other: VectorIndex, mask: Any, k: int = 20) -> bool:
    rows, cosines = one.search(QUERY, k, mask)
    expected, expected_cosines = other.search(QUERY, k, mask)
    return rows.tolist() == expected.tolist() and np.allclose(cosines, expected_cosines, atol=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.002, 0.05, 0.5, 0.95, 1.0])
@pytest.mark.parametrize("listed", [10, 10_000], ids=["widening", "listing"])
def test_milvus_finds_what_faiss_finds_under_any_filter(
    milvus: VectorIndex, faiss: VectorIndex, share: float, listed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus_store, "_LISTED", listed)
    mask = np.random.default_rng(2).random(N) < share
    assert same(milvus, faiss, mask)
    assert same(milvus, faiss, None)


def test_what_a_filter_keeps_is_found_where_all_of_the_nearest_are_left_out(
    milvus: VectorIndex, faiss: VectorIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus_store, "_LISTED", 100)
    monkeypatch.setattr(milvus_store, "_MOST", 200)
    mask = np.ones(N, dtype=bool)
    mask[faiss.search(QUERY, 600)[0]] = False
    assert same(milvus, faiss, mask)


def test_looked_up_cosines_and_vectors_are_those_of_faiss(milvus: VectorIndex, faiss: VectorIndex) -> None:
    rows = np.array([5, 0, N - 1, 700, 5])
    assert milvus.cosines(QUERY, rows) == pytest.approx(faiss.cosines(QUERY, rows), abs=1e-5)
    assert milvus.first_cosines(QUERY) == pytest.approx(faiss.first_cosines(QUERY), abs=1e-5)
    assert milvus.of_row(0).tolist() == faiss.of_row(0).tolist() == VECTORS[:2].tolist()
    assert (milvus.dimension, len(milvus)) == (D, N)


def test_changes_are_found_at_once_and_removed_rows_no_more(milvus: VectorIndex, faiss: VectorIndex) -> None:
    alive = np.ones(N + 5, dtype=bool)
    alive[faiss.search(QUERY, 5)[0]] = False
    new, rows = unit(5, 7), np.arange(N, N + 5)
    new[0] = QUERY
    changed, expected = milvus.changed(alive, new, rows), faiss.changed(alive, new, rows)
    assert changed.search(QUERY, 1)[0].tolist() == [N]
    assert same(changed, expected, None)
    assert same(changed, expected, np.random.default_rng(3).random(N + 5) < 0.3)


def test_the_snapshot_holds_neither_vectors_nor_the_server(stored: Path, place: VectorPlace) -> None:
    said = (stored / "milvus.json").read_text()
    assert place.uri not in said and not (stored / "vectors.faiss").exists()


def test_an_index_in_milvus_is_not_opened_without(stored: Path) -> None:
    with pytest.raises(VectorStoreError, match=r"are in Milvus \(collection shopkeeper_shop_0123456789ab_.*milvus:URI"):
        VectorIndex.load(stored, N)


def test_a_collection_that_is_gone_or_incomplete_is_refused(place: VectorPlace, tmp_path: Path) -> None:
    place = at(place, tmp_path, "gone")
    store = MilvusStore.build(iter([VECTORS[:50]]), D, place, graph=False)
    store.save(tmp_path)
    store._server.ask(lambda client: client.delete(store.collection, ids=[3]))
    with pytest.raises(VectorStoreError, match=r"has 49 vectors, the index 50: build the index anew"):
        MilvusStore.load(tmp_path, place)
    drop_others(place, ())
    with pytest.raises(VectorStoreError, match=r"has no collection shopkeeper_gone_.*: build the index anew"):
        MilvusStore.load(tmp_path, place)


def test_only_collections_that_nobody_serves_are_dropped(place: VectorPlace, tmp_path: Path) -> None:
    place = at(place, tmp_path, "many")
    stores = [MilvusStore.build(iter([VECTORS[:20]]), D, place, graph=False) for _ in range(3)]
    kept = [store.collection for store in stores[1:]]
    drop_others(place, kept)
    there = stores[0]._server.ask(lambda client: client.list_collections())
    assert [store.collection in there for store in stores] == [False, True, True]
    assert (tmp_path / "many" / "milvus-collections.txt").read_text().split() == kept


def test_vectors_go_to_a_graph_where_there_are_many(place: VectorPlace, faiss: VectorIndex) -> None:
    index = VectorIndex(MilvusStore.build(iter([VECTORS]), D, place, graph=True), ROWS, N)
    assert same(index, faiss, None, 10)
    assert same(index, faiss, np.random.default_rng(2).random(N) < 0.3, 10)
    asked = np.arange(0, N, 7)
    assert index.cosines(QUERY, asked) == pytest.approx(faiss.cosines(QUERY, asked), abs=1e-5)


@pytest.mark.parametrize("spec", ["chroma", "milvus", "milvus:", ""])
def test_an_unknown_place_is_refused(spec: str) -> None:
    with pytest.raises(VectorStoreError, match=r"`faiss` or `milvus:URI`"):
        VectorPlace(spec)


# -- a server that goes and comes --------------------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiteServer]:
    lite = LiteServer(tmp_path / "lite.db")
    lite.start()
    yield lite
    lite.stop()


def test_a_server_that_goes_is_said_once_and_used_again_when_it_comes(
    server: LiteServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = VectorPlace(f"milvus:http://127.0.0.1:{server.port}", "user:secret")
    index = VectorIndex.build(VECTORS, np.arange(N), N, place)
    (tmp_path / "vectors").mkdir()
    index.save(tmp_path / "vectors")
    nearest = index.search(QUERY, 5)[0].tolist()
    assert nearest == np.argsort(-(VECTORS @ QUERY), kind="stable")[:5].tolist()

    caplog.set_level(logging.WARNING)
    server.stop()
    monkeypatch.setattr(milvus_store, "_QUERY_S", 0.5)
    for _ in range(3):
        with pytest.raises(VectorStoreAway, match=r"does not answer.*start it, or keep the vectors in the snapshot"):
            index.search(QUERY, 5)
    assert len([record for record in caplog.records if record.name == milvus_store.__name__]) == 1
    assert "secret" not in caplog.text

    opened = VectorIndex.load(tmp_path / "vectors", N, place)  # a restart of the shop while the server is away
    with pytest.raises(VectorStoreAway):
        opened.search(QUERY, 5)

    server.start()
    monkeypatch.setattr(milvus_store, "_QUERY_S", 20.0)
    for each in (index, opened):
        each._store._server._asked_again_at = 0.0  # type: ignore[attr-defined]
        assert each.search(QUERY, 5)[0].tolist() == nearest
    assert "answers again" in caplog.text


def test_building_without_the_server_says_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        place = VectorPlace(f"milvus:http://127.0.0.1:{probe.getsockname()[1]}", "a:b")
    with pytest.raises(VectorStoreAway, match=r"127\.0\.0\.1:\d+ does not answer.*start it"):
        VectorIndex.build(VECTORS, np.arange(N), N, place)
