"""A request that was acknowledged is kept once, whoever reads or dies."""

from __future__ import annotations

import json
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.errors import StorefrontError
from assistant.storefront import FolderStorefront, OrderAction
from assistant.storefronts.requests import Asked, RequestLog
from knowledge_base.shop import open_shop


def test_what_was_asked_is_there_for_any_process(tmp_path: Path) -> None:
    path = tmp_path / "new" / "requests.jsonl"
    RequestLog(path).append(Asked("k1", "return", "A1", (0,), ("Mug",)))
    (asked,) = RequestLog(path).of("A1")
    assert (asked.key, asked.kind, asked.items, asked.titles) == ("k1", "return", (0,), ("Mug",))
    assert RequestLog(path).of("A2") == ()


def test_a_key_is_kept_once_by_threads_and_processes(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    logs = [RequestLog(path) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        keys = [f"k{n % 10}" for n in range(80)]
        kept = list(pool.map(lambda n: logs[n % 4].append(Asked(keys[n], "cancel", "A1")), range(80)))
    assert [asked.key for asked in kept] == keys
    with multiprocessing.get_context("fork").Pool(1) as processes:
        processes.apply(_append, (path, "k3"))
    assert sorted(json.loads(line)["key"] for line in path.read_text().splitlines()) == sorted(set(keys))


def _append(path: Path, key: str) -> None:
    RequestLog(path).append(Asked(key, "cancel", "A1"))


@pytest.mark.parametrize("torn", [b'{"key": "k2", "ki', b"\x00\x00", b"\n", b'{"key": 1}'])
def test_a_line_that_a_crash_cut_short_costs_no_other(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "requests.jsonl"
    RequestLog(path).append(Asked("k1", "return", "A1"))
    with path.open("ab") as file:
        file.write(torn)
    log = RequestLog(path)
    log.append(Asked("k3", "return", "A1"))
    assert [asked.key for asked in RequestLog(path).of("A1")] == ["k1", "k3"]
    assert [asked.key for asked in log.of("A1")] == ["k1", "k3"]


def test_what_cannot_be_written_is_not_acknowledged(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StorefrontError, match="could not be written"):
        RequestLog(tmp_path / "taken" / "requests.jsonl").append(Asked("k1", "return", "A1"))


def test_a_folder_shows_what_was_asked_for_and_leaves_the_export_alone(small_shop: Path, tmp_path: Path) -> None:
    before = (small_shop / "orders.jsonl").read_bytes()
    storefront = FolderStorefront(open_shop(small_shop), tmp_path / "requests.jsonl")
    assert storefront.abilities == {"return", "cancel"}
    receipt = storefront.act(OrderAction("return", "A1001", "k1", (0,), ("Enamel Mug",)))
    assert receipt.accepted
    order = storefront.order("ada", "A1001")
    assert order is not None
    assert [(r.kind, r.items) for r in order.requests] == [("return", ("Enamel Mug",))]
    assert (small_shop / "orders.jsonl").read_bytes() == before
    assert FolderStorefront(open_shop(small_shop)).abilities == frozenset()
