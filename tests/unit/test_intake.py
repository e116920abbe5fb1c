"""A shop that is imported by several processes has the index that one process makes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge_base import intake
from knowledge_base.errors import ChangeRefused
from knowledge_base.journal import Journal
from knowledge_base.opening import Place, import_shop, load_changed, open_index
from knowledge_base.retrieval import retrieve, understood
from knowledge_base.shop import open_shop
from tests.shops import write_shop


def files_of(place: Place) -> dict[str, str]:
    """The files of a snapshot with their sha256, without those that tell when it was made."""
    return dict(json.loads((place.root / "manifest.json").read_text())["files"])


def test_an_import_by_several_processes_is_that_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_shop(tmp_path / "shop")
    with (folder / "products.jsonl").open("a") as file:
        file.write('{"id": "mug", "title": "a second mug"}\nno json\n')
    shop, alone, together = open_shop(folder), Place.of(folder, tmp_path / "a"), Place.of(folder, tmp_path / "b")
    with alone.lock():
        import_shop(shop, alone, None, progress=False)
    monkeypatch.setattr(intake, "_LARGE", 0)
    with together.lock():
        import_shop(shop, together, None, progress=False)
    assert files_of(together) == files_of(alone)
    index, _ = load_changed(together, None)
    assert understood(index, "tent under $200").filters.price_max == 200
    assert retrieve(index, "tent")


def test_changes_hold_beside_an_import_by_several_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, data = write_shop(tmp_path / "shop"), tmp_path / "data"
    place = Place.of(folder, data)
    open_index(folder, data, "none", progress=False)
    Journal(place.root).append({"product:mug": None})
    monkeypatch.setattr(intake, "_LARGE", 0)
    with (folder / "products.jsonl").open("a") as file:
        file.write('{"id": "new", "title": "New Stove"}\n')
    index = open_index(folder, data, "none", progress=False)
    assert "mug" not in index.products and "new" in index.products


def test_a_refused_import_by_several_processes_leaves_the_old_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, data = write_shop(tmp_path / "shop"), tmp_path / "data"
    place = Place.of(folder, data)
    open_index(folder, data, "none", progress=False)
    before = files_of(place)
    monkeypatch.setattr(intake, "_LARGE", 0)
    (folder / "products.jsonl").write_text('{"id": "new", "title": "New Stove"}\n')
    with place.lock(), pytest.raises(ChangeRefused):
        import_shop(open_shop(folder), place, None, progress=False)
    assert files_of(place) == before
    assert len([path for path in place.root.iterdir() if path.is_dir()]) == 1
