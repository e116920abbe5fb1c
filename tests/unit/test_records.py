"""Records left on disk are the entries that were added, found by their ids, and nothing else."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.entry_json import entry_to_line, product_entry
from knowledge_base.errors import SnapshotDamaged
from knowledge_base.packed import ArrayWriter, PackedStrings, Places
from knowledge_base.records import EntryRows, Pictures, PicturesBuilder, Products, Records, RecordsBuilder
from knowledge_base.types import Entry, Product, Variant


def entry(number: int, title: str = "Tent") -> Entry:
    variants = (Variant("v", {"size": "M"}, Decimal("1.50")),) if number % 2 else ()
    return product_entry(Product(f"p{number}", f"{title} {number} 帐篷", price=Decimal(number), variants=variants))


def built(folder: Path | None, n: int) -> tuple[Records, EntryRows]:
    builder = RecordsBuilder(folder)
    for number in range(n):
        builder.add(f"product:p{number}", entry_to_line(entry(number)))
    return builder.build()


@pytest.mark.parametrize("n", [0, 1, 9000])
def test_records_read_back_are_the_entries_that_were_added(tmp_path: Path, n: int) -> None:
    expected = [entry(number) for number in range(n)]
    records, rows = built(tmp_path, n)
    records.save(tmp_path)
    rows.save(tmp_path)
    for found, known in ((records, rows), (Records.load(tmp_path), EntryRows.load(tmp_path))):
        assert list(found) == expected
        assert [found[row] for row in range(n)] == expected and found[-1:] == tuple(expected[-1:])
        assert list(known) == [e.id for e in expected]
        assert all(known[e.id] == row for row, e in enumerate(expected))
        assert "product:p" not in known and "" not in known
    with pytest.raises(IndexError):
        records[n]


def test_changed_records_lie_over_those_on_disk_and_leave_them_as_they_are() -> None:
    records, rows = built(None, 4)
    changed = records.changed({1: entry(1, "Mug")}, [entry(9)])
    alive = np.array([True, True, False, True, True])
    known = rows.changed({"product:p9": 4}, alive)
    products = Products(changed, known, alive)
    assert [p.title[:3] for p in products.values()] == ["Ten", "Mug", "Ten", "Ten"]
    assert list(products) == ["p0", "p1", "p3", "p9"] and len(products) == 4
    assert products["p9"].id == "p9" and products.get("p2") is None and "p2" not in products
    assert list(records) == [entry(number) for number in range(4)]
    again = known.changed({"product:p2": 5}, np.append(alive, True))
    assert again["product:p2"] == 5 and list(again)[-1] == "product:p2"


def test_a_record_that_the_disk_altered_under_a_running_program_is_found(tmp_path: Path) -> None:
    records, _ = built(tmp_path, 3)
    content = (tmp_path / "records.jsonl").read_bytes()
    with (tmp_path / "records.jsonl").open("r+b") as file:
        file.seek(content.index(b"Tent 2"))
        file.write(b"Tend")
    assert records[0] == entry(0)
    with pytest.raises(SnapshotDamaged, match="record 3"):
        assert records[2]


def test_a_picture_is_named_as_long_as_a_product_that_counts_names_it() -> None:
    products = [
        Product("a", "Mug", image="images/a.png"),
        Product("b", "Mug", image="https://cdn.example/b.png"),
        Product("c", "Mug", variants=(Variant("c1", image="images/a.png"), Variant("c2", image="images/c.png"))),
    ]
    records, names = RecordsBuilder(), PicturesBuilder()
    for product in products:
        records.add(f"product:{product.id}", entry_to_line(product_entry(product)))
        names.add(product)
    built, _ = records.build()
    table = names.build()
    named = Pictures(table, built, None)
    assert "images/a.png" in named and "images/c.png" in named
    assert "https://cdn.example/b.png" not in named and "shop.toml" not in named
    without_c = Pictures(table, built, np.array([True, True, False]))
    assert "images/a.png" in without_c and "images/c.png" not in without_c
    changed = built.changed({0: product_entry(Product("a", "Mug", image="images/new.png"))})
    assert "images/new.png" in Pictures(table, changed, None)
    assert "images/a.png" not in Pictures(table, changed, np.array([True, True, False]))


def test_packed_strings_are_the_strings_whatever_they_hold() -> None:
    strings = ["", "a", "帐篷", "\ud800", "a" * 5000, ""]
    packed = PackedStrings.of(strings * 2000)
    assert list(packed) == strings * 2000
    assert packed[-2] == "a" * 5000 and packed[1:3] == ("a", "帐篷")


def test_strings_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge_base.packed._hash", lambda string: len(string))
    places = Places.of(PackedStrings.of(["ab", "cd", "e"]))
    assert [places.place_of(s) for s in ("ab", "cd", "e", "ef", "")] == [0, 1, 2, None, None]


def test_an_array_written_in_pieces_is_the_array(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        writer = ArrayWriter(np.int32, folder, "numbers")
        for start in range(0, 3000, 7):
            writer.add(np.arange(start, min(start + 7, 3000)))
        assert writer.close().tolist() == list(range(3000))
