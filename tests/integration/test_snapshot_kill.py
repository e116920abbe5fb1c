"""Killed at any moment, a snapshot folder holds the old snapshot or the new one, whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from knowledge_base.opening import open_index, snapshot_folder
from tests.shops import write_shop

ROOT = Path(__file__).resolve().parents[2]
# Forks writers that save two different snapshots in turn, for ever, and kills each one after a random while.
NURSERY = """
import os, random, signal, sys, time
from dataclasses import replace
from pathlib import Path
from knowledge_base.catalog import read_products
from knowledge_base.documents import read_documents
from knowledge_base.index import build_index, load, save
from knowledge_base.shop import open_shop
from knowledge_base.snapshot import read_manifest

shop, root = open_shop(Path(sys.argv[1])), Path(sys.argv[2])
products, documents = read_products(shop)[0], read_documents(shop)[0]
versions = [build_index(shop, products[:n], documents, None) for n in (3, 7)]
versions = [replace(v, manifest=replace(v.manifest, fingerprint=str(len(v.products)))) for v in versions]
started = time.perf_counter()
save(versions[0], root)
took_s = time.perf_counter() - started  # on a busy machine a save takes long, and a kill must still meet every moment
moments = random.Random(5)
for _ in range(int(sys.argv[3])):
    writer = os.fork()
    while writer == 0:
        for version in versions:
            save(version, root)
    time.sleep(moments.uniform(0, 8 * took_s))
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    print(len(load(root, None).products), read_manifest(root).fingerprint)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_kill_at_any_moment_leaves_a_whole_snapshot(tmp_path: Path) -> None:
    shop, root = write_shop(tmp_path / "shop"), tmp_path / "index"
    command = [sys.executable, "-c", NURSERY, str(shop), str(root), "25"]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert finished.returncode == 0, finished.stderr
    found = [line.split() for line in finished.stdout.splitlines()]
    assert len(found) == 25
    assert all(n_products == fingerprint for n_products, fingerprint in found)
    assert {n_products for n_products, _ in found} == {"3", "7"}


def test_what_a_killed_build_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    shop, data = write_shop(tmp_path / "shop"), tmp_path / "data"
    root = snapshot_folder(shop, data)
    (root / "files-half").mkdir(parents=True)
    (root / "files-half" / "records.jsonl").write_text("{")
    (root / "manifest.json.files-half").write_text("{")
    open_index(shop, data, "none", progress=False)
    assert sorted(p.name.partition("-")[0] for p in root.iterdir()) == [".lock", "files", "manifest.json"]


def test_two_processes_that_open_a_new_shop_at_once_agree(tmp_path: Path) -> None:
    shop, data = write_shop(tmp_path / "shop"), tmp_path / "data"
    script = (
        "import sys; from pathlib import Path; from knowledge_base.opening import open_index;"
        "index = open_index(Path(sys.argv[1]), Path(sys.argv[2]), 'none', progress=False);"
        "print(index.manifest.folder, len(index.products))"
    )
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(shop), str(data)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    answers = {opener.communicate()[0].strip() for opener in openers}
    assert len(answers) == 1
    assert answers.pop().endswith(" 7")
