"""A served index follows what changes, keeps it over rebuilds, and asks before it lets most products go."""

from __future__ import annotations

import io
import json
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from knowledge_base import live as live_module
from knowledge_base import watching
from knowledge_base.__main__ import main
from knowledge_base.entry_json import product_entry
from knowledge_base.errors import ChangeRefused, JournalDamaged, SnapshotDamaged
from knowledge_base.journal import Journal
from knowledge_base.live import LiveIndex
from knowledge_base.opening import Place, compact, open_index
from knowledge_base.retrieval import retrieve
from knowledge_base.types import Entry, Product
from knowledge_base.watching import FolderWatch, Watcher
from tests.shops import ENGLISH, write_shop

ROOT = Path(__file__).resolve().parents[2]
CANOE = product_entry(Product("canoe", "Heron Canoe", price=Decimal("899.00"), currency="USD", in_stock=True))
ANSWER = Entry("faq:gift", "faq", "Do you wrap gifts?", "Yes, for $3.", "", "en")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_shop(tmp_path / "shop")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@contextmanager
def opened(shop: Path, data: Path) -> Iterator[LiveIndex]:
    live = LiveIndex.open(shop, data, "none", progress=False)
    yield live
    live.close()


def found(live: LiveIndex, text: str) -> list[str]:
    return [hit.entry.id for hit in retrieve(live.current, text, kinds=("product", "faq", "policy"))]


def until(happened: Callable[[], Any], seconds: float = 20) -> None:
    started = time.monotonic()
    while not happened():
        assert time.monotonic() - started < seconds, "it did not happen"
        time.sleep(0.02)


def ids(shop: Path, data: Path) -> set[str]:
    return {entry.id for entry in open_index(shop, data, "none", progress=False).entries}


def price(shop: Path, data: Path, name: str) -> Decimal | None:
    return open_index(shop, data, "none", progress=False).products[name].price


def changed_row(name: str, **values: Any) -> list[dict[str, Any]]:
    return [row | values if row["id"] == name else row for row in ENGLISH]


def test_a_change_is_visible_at_once_here_and_soon_elsewhere(shop: Path, data: Path) -> None:
    with opened(shop, data) as here, opened(shop, data) as elsewhere:
        before = here.current
        assert not elsewhere.current.products.keys() & {"canoe"}
        here.upsert([CANOE, ANSWER])
        started = time.monotonic()
        assert here.current.products["canoe"].price == Decimal("899.00")
        until(lambda: "canoe" in elsewhere.current.products, 2)
        assert time.monotonic() - started < 2
        assert found(elsewhere, "heron canoe")[0] == "product:canoe"
        assert found(elsewhere, "do you wrap gifts")[0] == "faq:gift"
        elsewhere.delete(["product:canoe", "faq:gift"])
        until(lambda: "canoe" not in here.current.products, 2)
        assert "product:canoe" not in found(here, "heron canoe") and "faq:gift" not in found(here, "do you wrap gifts")
        assert "canoe" not in before.products, "an index that a turn holds must not change under it"


def test_changes_are_there_after_a_restart_and_over_a_rebuild(shop: Path, data: Path) -> None:
    with opened(shop, data) as live:
        live.upsert([CANOE, product_entry(replace(live.current.products["mug"], price=Decimal(1)))])
        live.delete(["product:tent-2"])
    for build_anew in (False, True):
        if build_anew:
            assert main(["build", str(shop), "--data", str(data), "--embedder", "none", "--quiet"]) == 0
        assert "product:canoe" in ids(shop, data) and "product:tent-2" not in ids(shop, data)
        assert price(shop, data, "mug") == 1


def test_an_entry_that_its_files_changed_since_is_theirs_again_and_all_others_stay(shop: Path, data: Path) -> None:
    with opened(shop, data) as live:
        live.upsert([product_entry(replace(live.current.products[i], price=Decimal(1))) for i in ("mug", "tent-4")])
        live.delete(["product:tent-2", "product:tent-solo"])
    rows = [row | {"price": "13.00"} if row["id"] == "mug" else row for row in changed_row("tent-2", price="188.00")]
    write_shop(shop, products=rows)
    assert price(shop, data, "mug") == 13, "the file changed after the change"
    assert price(shop, data, "tent-2") == 188
    assert price(shop, data, "tent-4") == 1
    assert "product:tent-solo" not in ids(shop, data)
    with opened(shop, data) as live:
        live.upsert([product_entry(replace(live.current.products["mug"], price=Decimal(2)))])
    write_shop(shop, products=[*rows, {"id": "new", "title": "New Mug"}])
    assert price(shop, data, "mug") == 2, "the file did not change it after the change"
    assert "product:new" in ids(shop, data)


def test_a_damaged_snapshot_costs_no_change(shop: Path, data: Path) -> None:
    with opened(shop, data) as live:
        live.upsert([CANOE])
    compact(Place.of(shop, data), None)
    records = next(Place.of(shop, data).root.rglob("catalogue/records.jsonl"))
    records.write_bytes(records.read_bytes()[:-3])
    with pytest.raises(SnapshotDamaged, match=r"python -m knowledge_base build"):
        open_index(shop, data, "none", progress=False)
    assert main(["build", str(shop), "--data", str(data), "--embedder", "none", "--quiet"]) == 0
    assert "product:canoe" in ids(shop, data)


def test_a_damaged_journal_is_refused_until_its_changes_are_discarded(
    shop: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(shop, data) as live:
        live.upsert([CANOE])
        compact(Place.of(shop, data), None)
    build = ["build", str(shop), "--data", str(data), "--embedder", "none"]
    root = Place.of(shop, data).root
    for path in root.glob("journal.sqlite3*"):
        path.unlink()
    with pytest.raises(JournalDamaged, match="--discard-changes"):
        open_index(shop, data, "none", progress=False)
    assert main(build) == 2
    assert "--discard-changes" in capsys.readouterr().err
    (root / "journal.head").unlink()
    with pytest.raises(JournalDamaged, match=r"holds 1 changes, its journal only 0"):
        open_index(shop, data, "none", progress=False)
    assert main([*build, "--discard-changes"]) == 0
    assert "product:canoe" not in ids(shop, data)
    with opened(shop, data) as live:
        live.upsert([CANOE])
    assert "product:canoe" in ids(shop, data)


def test_many_changes_are_built_into_a_new_snapshot_beside_serving(
    shop: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "_ROWS", 5)
    with opened(shop, data) as live, opened(shop, data) as other:
        first = live.current.manifest
        for n in range(8):
            live.upsert([product_entry(Product(f"p{n}", f"Paddle {n}"))])
            live.build_when_due()
        until(lambda: live.current.manifest.folder != first.folder, 60)
        assert live.current.manifest.seq >= 6
        assert {f"p{n}" for n in range(8)} <= live.current.products.keys()
        assert live.current.manifest.fingerprint == first.fingerprint
        live.upsert([CANOE])
        until(lambda: "canoe" in other.current.products and other.current.manifest.seq >= 6)
        assert {f"product:p{n}" for n in range(8)} <= ids(shop, data)
    assert len(ENGLISH) + 9 == sum(i.startswith("product:") for i in ids(shop, data))


def test_what_cannot_be_read_is_logged_and_the_last_good_index_served(
    shop: Path, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(shop, data) as live, opened(shop, data) as other:
        live.upsert([CANOE])
        until(lambda: "canoe" in other.current.products)
        manifest = Place.of(shop, data).root / "manifest.json"
        manifest.write_text("{")
        with caplog.at_level(logging.ERROR):
            time.sleep(0.25)
            assert "canoe" in other.current.products
        assert "the index of before is served" in caplog.text


def test_only_products_and_questions_that_are_there_can_be_deleted(shop: Path, data: Path) -> None:
    with opened(shop, data) as live:
        with pytest.raises(ChangeRefused, match="there is no product:never: nothing was deleted"):
            live.delete(["product:mug", "product:never"])
        assert "mug" in live.current.products
        with pytest.raises(ChangeRefused, match="policies by file"):
            live.upsert([Entry("policy:a#1", "policy", "Returns", "No.")])
    assert Journal(Place.of(shop, data).root).last_seq() == 0


# -- commands ----------------------------------------------------------------------------------------------------------


def upsert(shop: Path, data: Path, *rows: Any) -> int:
    file = shop.parent / "changes.jsonl"
    file.write_text("".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows), "utf-8")
    return main(["upsert", str(shop), str(file), "--data", str(data)])


def test_the_commands_upsert_and_delete_change_what_is_served(
    shop: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(shop, data) as live:
        row = {
            "id": "canoe", "title": "Heron Canoe", "price": "899.00", "category": "Boats > Canoes", "stock": 2,
            "attributes": {"length": "4.5 m"},
            "variants": [{"id": "c-red", "options": {"color": "red"}, "price": "950.00", "in_stock": True}],
        }  # fmt: skip
        assert upsert(shop, data, row, {"id": "gift", "question": "Do you wrap gifts?", "answer": "Yes."}) == 0
        assert capsys.readouterr().out == "1 products, 1 questions kept (change 2)\n"
        until(lambda: "canoe" in live.current.products, 2)
        canoe = live.current.products["canoe"]
        assert (canoe.currency, canoe.category, canoe.attributes) == ("USD", ("Boats", "Canoes"), {"length": "4.5 m"})
        assert [(v.id, v.price, v.in_stock) for v in canoe.variants] == [("c-red", Decimal("950.00"), True)]
        assert main(["delete", str(shop), "canoe", "faq:gift", "--data", str(data)]) == 0
        until(lambda: "canoe" not in live.current.products, 2)
        assert "faq:gift" not in live.current.passages.places


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"title": "No Id"}, "refused: changes.jsonl, row 1, id: the row has no id; give the id"),
        ({"id": "a"}, "refused: changes.jsonl, row 1: the product has no title; give it a title"),
        ({"id": "a", "title": "A", "prise": "1"}, "row 1, prise: is no field of this form; did you mean price?"),
        ({"id": "a", "title": "A", "price": "cheap"}, "row 1, price: 'cheap' is no price"),
        ({"id": "a", "title": "A", "price": "-3"}, "row 1, price: '-3' is negative"),
        ({"id": "a", "title": "A", "stock": "many"}, "row 1, stock: 'many' is no number of pieces"),
        ({"id": "a", "title": "A", "attributes": "red"}, "row 1, attributes: 'red' has another form; write {"),
        ({"id": "a", "title": "A", "variants": [{"cost": 1}]}, "row 1, variants.cost: is no field of this form"),
        ({"id": "a", "question": "Why?"}, "row 1: the row has no answer; write the answer"),
        ("{broken\n", "refused: changes.jsonl"),
    ],
)
def test_a_bad_row_is_refused_with_its_place_and_what_to_do_and_the_others_are_kept(
    shop: Path, data: Path, row: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    open_index(shop, data, "none", progress=False)
    assert upsert(shop, data, row, {"id": "good", "title": "Good"}) == 1
    printed = capsys.readouterr()
    assert said in printed.err
    assert "1 products, 0 questions kept" in printed.out
    assert "product:good" in ids(shop, data) and "product:a" not in ids(shop, data)


def test_standard_input_is_read_and_an_unknown_id_is_refused(
    shop: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    open_index(shop, data, "none", progress=False)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"id": "a", "title": "A"}\n')))
    assert main(["upsert", str(shop), "-", "--data", str(data)]) == 0
    assert main(["delete", str(shop), "a", "b", "--data", str(data)]) == 2
    assert "there is no product and no question 'b': nothing was deleted" in capsys.readouterr().err
    assert "product:a" in ids(shop, data)


# -- files -------------------------------------------------------------------------------------------------------------


def test_an_import_that_takes_most_products_away_asks_first(
    shop: Path, data: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    before = ids(shop, data)
    write_shop(shop, products=ENGLISH[:4])
    build = ["build", str(shop), "--data", str(data), "--embedder", "none"]
    assert main(build) == 2
    printed = capsys.readouterr().err
    assert "3 of 7 products no more (3 removed (product:wool-jacket, product:mug, product:mystery))" in printed
    assert "build" in printed and "--yes" in printed
    assert ids(shop, data) == before, "a start serves what was there before"
    assert "the old ones are kept" in caplog.text
    assert main([*build, "--yes"]) == 0
    assert "3 removed" in capsys.readouterr().out
    assert len(ids(shop, data)) == len(before) - 3


def test_what_an_import_changed_is_told(shop: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build = ["build", str(shop), "--data", str(data), "--embedder", "none", "--quiet"]
    assert main(build) == 0
    write_shop(shop, products=[*changed_row("mug", price="13.00")[:-1], {"id": "canoe", "title": "Canoe"}])
    assert main(build) == 0
    assert main(build) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "1 added (product:canoe); 1 changed (product:mug); 1 removed (product:mystery)",
        "nothing changed",
    ]


def test_files_that_say_nothing_new_are_not_built_again(
    shop: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = open_index(shop, data, "none", progress=False).manifest.folder
    (shop / "products.jsonl").touch()
    build = ["build", str(shop), "--data", str(data), "--embedder", "none", "--if-changed", "--quiet"]
    assert main(build) == 0
    assert capsys.readouterr().out == "nothing changed\n"
    assert open_index(shop, data, "none", progress=False).manifest.folder == folder
    write_shop(shop, products=ENGLISH[:6])
    assert main(build) == 0
    assert "1 removed" in capsys.readouterr().out


def test_the_watch_command_tells_what_each_import_changed(shop: Path, data: Path) -> None:
    impatient = (
        "import functools, sys; from knowledge_base import __main__, updating; updating.LOOK_S = 0.05;"
        "updating.FolderWatch = functools.partial(updating.FolderWatch, settle_s=0.2); sys.exit(__main__.main())"
    )
    command = [sys.executable, "-c", impatient, "watch", str(shop), "--data", str(data), "--embedder", "none"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("watching")
        assert "added" in running.stdout.readline()  # there was no index yet
        write_shop(shop, products=[*ENGLISH, {"id": "canoe", "title": "Heron Canoe"}])
        assert "imported: 1 added (product:canoe)" in running.stdout.readline()
        write_shop(shop, products=ENGLISH[:3])
        assert "not imported" in (line := running.stdout.readline()) and "--yes" in line
        running.send_signal(signal.SIGINT)
        assert running.wait(20) == 0
    assert "product:canoe" in ids(shop, data)


def test_files_are_imported_when_they_have_settled(shop: Path) -> None:
    now = 0.0
    watch = FolderWatch(shop, settle_s=3, clock=lambda: now)
    file = shop / "products.jsonl"
    whole = file.read_text()
    now = 10.0
    assert not watch.settled()
    for n in range(4):
        now += 2
        file.write_text(whole[: 200 * (n + 1)])
        assert not watch.settled(), "it is still being written"
    now += 2.9
    assert not watch.settled()
    now += 0.2
    assert watch.settled()
    assert not watch.settled(), "told of once"
    now += 60
    (shop / "notes.png").write_bytes(b"not part of the index")
    assert not watch.settled()
    (shop / "faq-more.md").write_text("## New?\nYes.\n")
    assert not watch.settled()
    now += 4
    assert watch.settled()


def test_a_dropped_export_is_imported_beside_serving(
    shop: Path, data: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LOOK_S", 0.05)
    monkeypatch.setattr(watching, "_STEP_S", 0.02)
    loaded: list[int] = []
    with opened(shop, data) as live, caplog.at_level(logging.INFO):
        watcher = Watcher(live, FolderWatch(shop, settle_s=0.2), data, "none", on_load=lambda: loaded.append(1))
        watcher.start()
        write_shop(shop, products=[*ENGLISH, {"id": "canoe", "title": "Heron Canoe"}])
        until(lambda: "canoe" in live.current.products, 60)
        until(lambda: "1 added (product:canoe)" in caplog.text and loaded == [1])
        caplog.clear()
        write_shop(shop, products=ENGLISH[:3])
        until(lambda: "the old ones are kept" in caplog.text, 60)
        assert "canoe" in live.current.products
        caplog.clear()
        (shop / "products.jsonl").write_text('{"id": "half')
        until(lambda: "no product could be read" in caplog.text, 60)
        assert "canoe" in live.current.products
        watcher.stop()
        watcher.join(10)
        assert not watcher.is_alive()
