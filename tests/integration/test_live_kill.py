"""Killed at any moment, with several writing at once, the index loads, is what the records say, and lost nothing."""

from __future__ import annotations

import random
import shutil
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from knowledge_base.entry_json import product_entry
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.journal import Journal
from knowledge_base.opening import Place, compact, load_changed, open_index
from knowledge_base.types import Product
from tests.killing import damage, kill_at_random
from tests.shops import write_shop

MUG = product_entry(Product("mug", "Enamel Mug", price=Decimal("12.50")))
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")


def test_no_acknowledged_change_is_lost_to_a_kill(tmp_path: Path) -> None:
    shop, data = write_shop(tmp_path / "shop"), tmp_path / "data"
    open_index(shop, data, "none", progress=False)
    n_written = kill_at_random(Place.of(shop, data), tmp_path / "told", n_kills=12, n_writers=4, most_s=0.15)
    assert n_written > 100


def test_a_damaged_file_is_never_served_as_another_index(tmp_path: Path) -> None:
    shop, data = write_shop(tmp_path / "shop"), tmp_path / "data"
    open_index(shop, data, "none", progress=False)
    place = Place.of(shop, data)
    kill_at_random(place, tmp_path / "told", n_kills=2, n_writers=2, most_s=0.2)
    compact(place, None)  # which also removes what killed builds left
    # A change whose writer was killed before it was acknowledged may still come or go: this one settles it.
    Journal(place.root).append({MUG.id: MUG})
    right = {entry.id: entry for entry in load_changed(place, None)[0].entries}
    whole = tmp_path / "whole"
    shutil.copytree(place.root, whole)
    chance, refused = random.Random(11), 0
    for _ in range(25):
        shutil.rmtree(place.root)
        shutil.copytree(whole, place.root, ignore=shutil.ignore_patterns("*-shm"))
        damage(place.root, chance)
        try:
            assert {entry.id: entry for entry in load_changed(place, None)[0].entries} == right
        except KnowledgeBaseError:
            refused += 1
    assert refused >= 10
