"""A snapshot is the index that was built, or it is refused with the command to run."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge_base.catalog import read_products
from knowledge_base.documents import read_documents
from knowledge_base.embedding import Embedder
from knowledge_base.errors import SnapshotDamaged, SnapshotForeign, SnapshotMissing
from knowledge_base.index import Index, build_index, load, passage_texts, save
from knowledge_base.opening import open_index, snapshot_folder
from knowledge_base.retrieval import retrieve
from knowledge_base.shop import open_shop
from knowledge_base.snapshot import FORMAT_VERSION, write_snapshot
from knowledge_base.types import Entry
from tests.embedders import WordEmbedder
from tests.shops import write_shop


def build(folder: Path, embedder: Embedder | None) -> Index:
    shop = open_shop(folder)
    return build_index(shop, read_products(shop)[0], read_documents(shop)[0], embedder)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shop(tmp_path_factory.mktemp("shops") / "small")


@pytest.fixture(scope="module")
def built(shop: Path) -> Index:
    return build(shop, WordEmbedder())


@pytest.fixture
def snapshot(built: Index, tmp_path: Path) -> Path:
    save(built, tmp_path / "index")
    return tmp_path / "index"


def ids(index: Index, query: str) -> list[str]:
    return [hit.entry.id for hit in retrieve(index, query, kinds=("product", "faq", "policy"))]


def test_a_snapshot_read_back_is_the_index_that_was_built(built: Index, snapshot: Path) -> None:
    again = load(snapshot, WordEmbedder())
    assert tuple(again.entries) == tuple(built.entries)
    assert dict(again.products) == dict(built.products)
    assert again.info == built.info
    for query in ("tent for two", "rain jacket", "how long do I have to return something", "canada"):
        assert ids(again, query) == ids(built, query)


def test_the_manifest_names_every_file_with_its_sha256(snapshot: Path) -> None:
    manifest = json.loads((snapshot / "manifest.json").read_text())
    folder = snapshot / manifest["folder"]
    assert {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} == set(manifest["files"])
    assert all(len(sha256) == 64 for sha256 in manifest["files"].values())
    assert (manifest["embedder"], manifest["dimension"]) == ("words", 32)
    assert manifest["counts"]["products"] == 7
    assert manifest["counts"]["faq"] == 2


def test_nothing_in_a_snapshot_is_pickled(snapshot: Path) -> None:
    assert {p.suffix for p in snapshot.rglob("*") if p.is_file()} <= {".json", ".jsonl", ".npy", ".npz", ".faiss"}


def test_every_altered_byte_is_refused_before_it_is_parsed(snapshot: Path) -> None:
    folder = snapshot / json.loads((snapshot / "manifest.json").read_text())["folder"]
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
        with pytest.raises(SnapshotDamaged, match=r"python -m knowledge_base build"):
            load(snapshot, WordEmbedder())
        path.write_bytes(content)
    assert load(snapshot, WordEmbedder()).products


def test_a_missing_truncated_or_added_file_is_refused(snapshot: Path) -> None:
    folder = snapshot / json.loads((snapshot / "manifest.json").read_text())["folder"]
    records = folder / "catalogue" / "records.jsonl"
    content = records.read_bytes()
    records.write_bytes(content[:-10])
    with pytest.raises(SnapshotDamaged, match=r"records\.jsonl is damaged"):
        load(snapshot, WordEmbedder())
    records.unlink()
    with pytest.raises(SnapshotDamaged, match=r"records\.jsonl is missing"):
        load(snapshot, WordEmbedder())
    records.write_bytes(content)
    (folder / "extra.pkl").write_bytes(b"x")
    with pytest.raises(SnapshotDamaged, match="does not belong"):
        load(snapshot, WordEmbedder())


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", SnapshotDamaged),
        ("{", SnapshotDamaged),
        ("[]", SnapshotForeign),
        ('{"format": "something else"}', SnapshotForeign),
        ('{"format": "shopkeeper-index", "version": 0}', SnapshotForeign),
        (f'{{"format": "shopkeeper-index", "version": {FORMAT_VERSION}}}', SnapshotDamaged),
    ],
)
def test_a_manifest_that_is_not_ours_is_refused(snapshot: Path, text: str, error: type[Exception]) -> None:
    (snapshot / "manifest.json").write_text(text)
    with pytest.raises(error, match=r"python -m knowledge_base build"):
        load(snapshot, WordEmbedder())


@pytest.mark.parametrize("folder", ["../elsewhere", "/tmp", "a/b", ".."])
def test_a_manifest_that_points_outside_its_folder_is_refused(snapshot: Path, folder: str) -> None:
    path = snapshot / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"folder": folder}))
    with pytest.raises(SnapshotDamaged):
        load(snapshot, WordEmbedder())


def test_no_snapshot_and_another_embedder_say_what_to_run(snapshot: Path, tmp_path: Path) -> None:
    with pytest.raises(SnapshotMissing, match=r"python -m knowledge_base build"):
        load(tmp_path / "nowhere", None)
    with pytest.raises(SnapshotForeign, match=r"words \(32\).*settings name other"):
        load(snapshot, WordEmbedder("other"))
    with pytest.raises(SnapshotForeign, match="settings name none"):
        load(snapshot, None)


def test_a_snapshot_without_a_file_that_is_read_now_says_what_to_run(built: Index, snapshot: Path) -> None:
    whole = next(snapshot.glob("files-*"))  # before the new folder stands beside it

    def without_types(files: Path) -> None:
        shutil.copytree(whole, files, dirs_exist_ok=True)
        next((files / "types").iterdir()).unlink()

    write_snapshot(snapshot, built.manifest, without_types)
    with pytest.raises(SnapshotForeign, match=r"was written without .*python -m knowledge_base build"):
        load(snapshot, built.embedder)


def test_a_new_snapshot_replaces_the_old_one_and_removes_it(built: Index, snapshot: Path) -> None:
    save(replace(built, manifest=replace(built.manifest, fingerprint="new")), snapshot)
    assert load(snapshot, WordEmbedder()).manifest.fingerprint == "new"
    assert len([p for p in snapshot.iterdir() if p.is_dir()]) == 1


def test_opening_again_reuses_the_snapshot_until_a_source_changes(tmp_path: Path) -> None:
    shop, data = write_shop(tmp_path / "shop"), tmp_path / "data"
    first = open_index(shop, data, "none", progress=False)
    manifest = snapshot_folder(shop, data) / "manifest.json"
    written = manifest.stat().st_mtime_ns
    assert open_index(shop, data, "none", progress=False).manifest == first.manifest
    assert manifest.stat().st_mtime_ns == written
    with (shop / "products.jsonl").open("a") as file:
        file.write('{"id": "new", "title": "New Stove"}\n')
    assert "new" in open_index(shop, data, "none", progress=False).products


def test_a_failed_build_leaves_the_old_snapshot(tmp_path: Path) -> None:
    shop, data = write_shop(tmp_path / "shop"), tmp_path / "data"
    open_index(shop, data, "none", progress=False)
    kept = tmp_path / "kept.jsonl"
    shutil.move(shop / "products.jsonl", kept)
    with pytest.raises(Exception, match="products"):
        open_index(shop, data, "none", progress=False)
    shutil.move(kept, shop / "products.jsonl")
    assert len(open_index(shop, data, "none", progress=False).products) == 7


def test_a_damaged_snapshot_is_refused_when_it_is_opened(tmp_path: Path) -> None:
    shop, data = write_shop(tmp_path / "shop"), tmp_path / "data"
    open_index(shop, data, "none", progress=False)
    records = next(snapshot_folder(shop, data).rglob("catalogue/records.jsonl"))
    records.write_bytes(records.read_bytes().replace(b"Fernway", b"Fernwax", 1))
    with pytest.raises(SnapshotDamaged, match=f"build {shop}"):
        open_index(shop, data, "none", progress=False)


def test_texts_of_a_language_the_embedder_does_not_know_get_no_vectors(tmp_path: Path) -> None:
    index = build(write_shop(tmp_path / "zh", "zh"), WordEmbedder())
    assert index.catalogue.vectors is None
    assert index.manifest.dimension == 0


def test_a_passage_has_a_vector_for_its_heading_the_whole_and_every_sentence() -> None:
    entry = Entry("policy:p#1", "policy", "Returns > Refunds", "We refund in 5 days. Cards take longer.")
    assert passage_texts(entry) == [
        "Refunds",
        "Returns > Refunds. We refund in 5 days. Cards take longer.",
        "Refunds. We refund in 5 days.",
        "Refunds. Cards take longer.",
        "We refund in 5 days.",
        "Cards take longer.",
    ]
