"""Processes that change a shop's index and are killed at any moment, and what must hold whenever one looks.

Each writer owns some products and writes ever higher versions of them, telling in a file what it tries and what was
acknowledged. Whatever is loaded must lie between the two for every product, and be what the records on disk say. POSIX
only. `benchmarks/truth_over_time.py` runs it at full size.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import time
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from knowledge_base.entry_json import entry_from_json, product_entry
from knowledge_base.errors import JournalBusy
from knowledge_base.index import Index
from knowledge_base.journal import Journal
from knowledge_base.opening import Place, compact, load_changed
from knowledge_base.retrieval import select
from knowledge_base.snapshot import read_manifest
from knowledge_base.types import Entry, Filters, Product

_OWNED = 12  # products a writer changes


@dataclass
class Herd:
    """Writers, and a process that builds the snapshot anew over and over."""

    place: Place
    n_writers: int
    told: Path
    compacting: bool = True
    running: dict[int, str] = field(default_factory=dict)  # process to name

    def start(self, name: str) -> None:
        """Fork the process of that name."""
        process = os.fork()
        if process:
            self.running[process] = name
            return
        try:
            if name == "compactor":
                while True:
                    with self.place.lock():
                        compact(self.place, None)
                    time.sleep(0.05)
            _write(self.place, name, self.told / name)
        finally:
            os._exit(1)

    def start_all(self) -> None:
        for n in range(self.n_writers):
            self.start(f"w{n}")
        if self.compacting:
            self.start("compactor")

    def kill(self, processes: list[int]) -> None:
        """Kill these without warning; start others in their place."""
        names = [self.running.pop(process) for process in processes]
        for process in processes:
            os.kill(process, signal.SIGKILL)
        for process in processes:
            os.waitpid(process, 0)
        for name in names:
            self.start(name)

    def end(self) -> None:
        for process in self.running:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        self.running.clear()


def version_of(product: Product | None) -> int:
    """The version a writer gave to a product, 0 for none."""
    return int(product.price) if product is not None and product.price is not None else 0


def _entry(name: str, version: int) -> Entry:
    words = ("tent", "mug", "lamp")[version % 3]
    return product_entry(Product(name, f"Number {version // 4} {words}", price=Decimal(version), in_stock=True))


def _write(place: Place, name: str, told: Path) -> None:
    """Versions of this writer's products, every seventh a deletion, for ever."""
    journal = Journal(place.root)
    chance = random.Random()
    version = max([0, *(v for _, v in _told(told, "try").items())])
    with told.open("a", buffering=1) as log:
        while True:
            version += 1
            owned = f"{name}-{chance.randrange(_OWNED)}"
            log.write(f"try {owned} {version}\n")
            try:
                journal.append({f"product:{owned}": None if version % 7 == 0 else _entry(owned, version)}, wait_s=60)
            except JournalBusy:
                continue
            log.write(f"ack {owned} {version}\n")


def _told(path: Path, word: str) -> dict[str, int]:
    """The highest version of every product in a writer's log."""
    found: dict[str, int] = {}
    if path.exists():
        for line in path.read_text().split("\n")[:-1]:
            said, _, rest = line.partition(" ")
            if said == word and rest.count(" ") == 1:
                found[rest.split(" ")[0]] = int(rest.split(" ")[1])
    return found


def told(folder: Path, word: str) -> dict[str, int]:
    """The same of all writers."""
    return {name: version for path in folder.iterdir() for name, version in _told(path, word).items()}


def records_on_disk(place: Place, seq: int) -> dict[str, Entry]:
    """What the snapshot's records and the journal's rows up to `seq` say, read without the program's own loading.

    The snapshot may be replaced meanwhile: then once more.
    """
    while True:
        manifest = read_manifest(place.root)
        folder = place.root / manifest.folder
        try:
            lines = [
                line
                for part in ("catalogue", "passages")
                for line in (folder / part / "records.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
            ]
        except FileNotFoundError:
            continue
        entries = {entry.id: entry for entry in (entry_from_json(json.loads(line)) for line in lines)}
        if manifest.seq > seq:
            return {}  # it has changes that whoever asks has not seen
        with sqlite3.connect(place.root / "journal.sqlite3", timeout=60) as connection:
            query = "SELECT id, entry FROM change WHERE seq > ? AND seq <= ? ORDER BY seq"
            rows = connection.execute(query, (manifest.seq, seq)).fetchall()
        connection.close()
        for entry_id, text in rows:
            entries.pop(entry_id, None)
            if text is not None:
                entries[entry_id] = entry_from_json(json.loads(text))
        if read_manifest(place.root).folder == manifest.folder:
            return entries


def look(place: Place, folder: Path) -> Index:
    """Load the index and hold it against what was acknowledged, what was tried, and the records on disk."""
    acknowledged = told(folder, "ack")
    index, seq = load_changed(place, None)
    tried = told(folder, "try")
    for name in tried:
        found, least = version_of(index.products.get(name)), acknowledged.get(name, 0)
        if found == 0:  # deleted by the last acknowledged version, or by a later one; or never written
            assert least == 0 or least % 7 == 0 or tried[name] > least, f"{name}: version {least} is lost"
        else:
            assert least <= found <= tried[name], f"{name}: {found} is not between {least} and {tried[name]}"
    expected = records_on_disk(place, seq)
    if expected:
        assert {entry.id: entry for entry in index.entries} == expected, "the index is not what the records say"
    found_ids = {hit.entry.id for hit in select(index, Filters()).hits}
    assert found_ids == {f"product:{product_id}" for product_id in index.products}
    dear = select(index, Filters(price_min=Decimal(50)))
    assert {hit.entry.id for hit in dear.hits} == {
        f"product:{p.id}" for p in index.products.values() if p.price_range and p.price_range[1] >= 50
    }
    return index


def kill_at_random(place: Place, folder: Path, n_kills: int, n_writers: int, most_s: float, seed: int = 5) -> int:
    """Kill one of the processes (each tenth time all) at random moments, looking after each; the versions written."""
    folder.mkdir(exist_ok=True)
    herd, chance = Herd(place, n_writers, folder), random.Random(seed)
    herd.start_all()
    try:
        for n in range(n_kills):
            time.sleep(chance.uniform(0, most_s))
            everyone = sorted(herd.running)
            herd.kill(everyone if n % 10 == 9 else [chance.choice(everyone)])
            look(place, folder)
    finally:
        herd.end()
    look(place, folder)
    return sum(path.read_text().count("ack ") for path in folder.iterdir())


def damage(root: Path, chance: random.Random) -> tuple[Path, bytes]:
    """Flip a bit of one of an index's files, or cut one short; which, and what it was."""
    files = [p for p in sorted(root.rglob("*")) if p.is_file() and p.stat().st_size and p.suffix != ".lock"]
    path = chance.choice([p for p in files if not p.name.endswith("-shm") and p.name != ".lock"])
    before = path.read_bytes()
    content = bytearray(before)
    place = chance.randrange(len(content))
    if chance.random() < 0.5:
        content[place] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
    else:
        path.write_bytes(content[:place])
    return path, before
