"""A change is kept once it is acknowledged, and a journal that lost or altered one is refused."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from filelock import FileLock

from knowledge_base.entry_json import product_entry
from knowledge_base.errors import JournalBusy, JournalDamaged, JournalError
from knowledge_base.journal import Journal
from knowledge_base.types import Entry, Product, Variant

ROOT = Path(__file__).resolve().parents[2]
MUG = product_entry(
    Product("mug", "Enamel Mug", price=Decimal("12.50"), variants=(Variant("m1", {"color": "red"}, Decimal("9.90")),))
)
FAQ = Entry("faq:ship", "faq", "Do you ship to Peru?", "Yes.", "faq.jsonl", "en")


def test_changes_are_read_back_as_they_were_made_in_their_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "not there yet")
    assert journal.since(0) == () and journal.last_seq() == 0
    assert journal.append({MUG.id: MUG, FAQ.id: FAQ}) == 2
    assert journal.append({MUG.id: None}) == 3
    again = Journal(tmp_path / "not there yet")
    assert [(c.seq, c.id, c.entry) for c in again.since(0)] == [(1, MUG.id, MUG), (2, FAQ.id, FAQ), (3, MUG.id, None)]
    assert [c.seq for c in again.since(2)] == [3]
    assert again.last_seq() == 3


def test_another_process_sees_a_change_and_its_own_stay_unnoticed(tmp_path: Path) -> None:
    writer, reader = Journal(tmp_path), Journal(tmp_path)
    assert reader.version() == reader.version()
    writer.append({MUG.id: MUG})
    before = reader.version()
    assert reader.version() == before
    writer.append({MUG.id: None})
    assert reader.version() != before
    assert len(reader.since(0)) == 2


def test_forgotten_changes_leave_the_numbers_of_others_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for _ in range(4):
        journal.append({MUG.id: MUG})
    journal.forget([2, 4])
    assert [c.seq for c in Journal(tmp_path).since(0)] == [1, 3]
    assert journal.append({MUG.id: None}) == 5


def test_a_second_writer_waits_and_is_refused_with_what_to_do(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with FileLock(tmp_path / "journal.lock"), pytest.raises(JournalBusy, match=r"nothing was changed: try again"):
        journal.append({MUG.id: MUG}, wait_s=0.1)
    assert journal.append({MUG.id: MUG}) == 1


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite3").mkdir()
    with pytest.raises(JournalError, match=r"journal\.sqlite3.*check its permissions and the disk"):
        Journal(tmp_path).append({MUG.id: MUG})


def test_altered_lost_and_missing_rows_are_refused_with_the_command_to_run(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for _ in range(3):
        journal.append({MUG.id: MUG})
    journal.close()
    for statement in (
        "UPDATE change SET entry = replace(entry, '9.90', '1.90') WHERE seq = 2",
        "UPDATE change SET at = 'never' WHERE seq = 2",
        "DELETE FROM change WHERE seq = 3",
        "DELETE FROM change WHERE seq = 1",
        "UPDATE extent SET rows = 2, seq = 2",
    ):
        copy = tmp_path / "copy"
        shutil.copytree(tmp_path, copy, ignore=shutil.ignore_patterns("copy"))
        with sqlite3.connect(copy / "journal.sqlite3") as connection:
            connection.execute(statement)
        connection.close()
        with pytest.raises(JournalDamaged, match=r"build SHOP --discard-changes"):
            Journal(copy).since(0)
        shutil.rmtree(copy)
    (tmp_path / "journal.sqlite3").unlink()
    with pytest.raises(JournalDamaged, match="the database is missing"):
        Journal(tmp_path).last_seq()
    with pytest.raises(JournalDamaged, match="the database is missing"):
        Journal(tmp_path).append({MUG.id: MUG})
    Journal(tmp_path).set_aside()
    assert Journal(tmp_path).append({MUG.id: MUG}) == 1


@pytest.mark.parametrize("killed", [False, True])
def test_flipped_bits_and_cut_files_are_never_served_as_other_changes(tmp_path: Path, killed: bool) -> None:
    folder = tmp_path / "whole"
    journal = Journal(folder)
    for n in range(30):
        journal.append({f"product:p{n}": product_entry(Product(f"p{n}", f"Mug {n}", price=Decimal(n) + 1))})
    if not killed:
        journal.close()  # the last one to close moves the log into the database
    right = journal.since(0) if killed else Journal(folder).since(0)
    chance = random.Random(7)
    refused = 0
    for trial in range(40):
        copy = tmp_path / f"copy-{trial}"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*-shm", "*.lock"))
        path = chance.choice([p for p in sorted(copy.iterdir()) if p.stat().st_size])
        content = bytearray(path.read_bytes())
        place = chance.randrange(len(content))
        content[place] ^= 1 << chance.randrange(8)
        path.write_bytes(content[:place] if trial % 2 else content)
        try:
            assert Journal(copy).since(0) == right
        except JournalError:
            refused += 1
    assert refused >= 20


_WRITER = """
import sys
from pathlib import Path
from knowledge_base.entry_json import product_entry
from knowledge_base.journal import Journal
from knowledge_base.types import Product
journal = Journal(Path(sys.argv[1]))
for n in range(15):
    print(journal.append({f"product:{sys.argv[2]}": product_entry(Product(sys.argv[2], f"Mug {n}"))}), flush=True)
"""


def test_processes_that_write_at_once_take_turns(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path), name], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for name in "abc"
    ]
    numbers = [int(line) for writer in writers for line in writer.communicate()[0].split()]
    assert sorted(numbers) == list(range(1, 46))
    changes = Journal(tmp_path).since(0)
    for name in "abc":
        mine = [c.entry.title for c in changes if c.entry and c.id == f"product:{name}"]
        assert mine == [f"Mug {n}" for n in range(15)]
