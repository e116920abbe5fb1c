"""A shop folder's index opened: its snapshot where that fits the files, else a new import, and the changes since.

In: a shop folder and where indexes are kept. Out: an `Index`. Whatever is built is built under one lock over all
processes and replaces the old snapshot in one step; whoever waited takes what the other built. An import that would
take away more than 30 % of the products is not taken unasked.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock

from knowledge_base.catalog import no_products
from knowledge_base.changes import with_changes
from knowledge_base.documents import read_documents
from knowledge_base.embedding import Embedder, make_embedder
from knowledge_base.entry_json import product_entry
from knowledge_base.errors import ChangeRefused, JournalDamaged, SnapshotError, SnapshotForeign, SnapshotMissing
from knowledge_base.imported import (
    Difference,
    Imported,
    ImportedBuilder,
    Reading,
    digest_of,
    read_imported,
    still_standing,
)
from knowledge_base.index import CatalogueBuilder, Index, assemble, fingerprint, load, save
from knowledge_base.intake import Intake
from knowledge_base.journal import Change, Journal
from knowledge_base.progress import stage
from knowledge_base.shop import Shop, ShopInfo, open_shop
from knowledge_base.snapshot import new_folder, read_manifest, rebuild_command
from knowledge_base.types import Entry
from knowledge_base.vectors import VectorPlace

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one shop's index is kept. `cache` keeps embeddings of all shops, `remedy` is the command to rebuild,
    `vectors` says where those of the products are."""

    root: Path
    cache: Path
    remedy: str
    vectors: VectorPlace = VectorPlace()

    @classmethod
    def of(cls, shop_folder: Path, data: Path, vectors: VectorPlace | None = None) -> Place:
        """The place of a shop folder under `data`."""
        root = snapshot_folder(shop_folder, data)
        vectors = replace(vectors or VectorPlace(), home=root)
        return cls(root, embedding_cache(data), rebuild_command(shop_folder), vectors)

    def lock(self, timeout_s: float = -1) -> FileLock:
        """The lock of whoever builds."""
        self.root.mkdir(parents=True, exist_ok=True)
        return FileLock(self.root / ".lock", timeout=timeout_s)


def open_index(
    shop_folder: Path,
    data: Path,
    embedder_spec: str = "auto",
    progress: bool = True,
    vectors: VectorPlace | None = None,
) -> Index:
    """The index of a shop folder as it is now, with all changes made to it.

    Raises what `open_shop`, `make_embedder`, `load` and `Journal` raise; a damaged snapshot is refused, not silently
    built again.
    """
    shop = open_shop(shop_folder)
    embedder = make_embedder(embedder_spec)
    if embedder is not None:
        embedder.warm_up()
    return open_base(shop, Place.of(shop_folder, data, vectors), embedder, progress)[0]


def open_base(shop: Shop, place: Place, embedder: Embedder | None, progress: bool = True) -> tuple[Index, int]:
    """The index of an opened shop, and the number of the last change in it."""
    wanted = fingerprint(shop, embedder, place.vectors)
    if not is_current(place.root, wanted):
        with place.lock():
            if not is_current(place.root, wanted):
                try:
                    import_shop(shop, place, embedder, progress)
                except ChangeRefused as error:
                    _log.warning("%s", error)  # what was there before is served until somebody says yes
    return load_changed(place, embedder)


def load_changed(place: Place, embedder: Embedder | None) -> tuple[Index, int]:
    """The snapshot with the changes since, and the number of the last one."""
    index, journal = load(place.root, embedder, place.remedy, place.vectors), Journal(place.root)
    seq = index.manifest.seq
    if journal.last_seq() < seq:
        raise JournalDamaged(
            f"the index in {place.root} holds {seq} changes, its journal only {journal.last_seq()}: restore the "
            f"journal from a backup, or run `{place.remedy} --discard-changes`"
        )
    return apply(index, journal.since(seq), place.cache, seq)


def apply(index: Index, changes: Sequence[Change], cache: Path, seq: int) -> tuple[Index, int]:
    """`index`, which holds all changes up to `seq`, with further ones; the number of the last."""
    if not changes:
        return index, seq
    return with_changes(index, {change.id: change.entry for change in changes}, cache), changes[-1].seq


def import_shop(
    shop: Shop,
    place: Place,
    embedder: Embedder | None,
    progress: bool = True,
    confirmed: bool = False,
    discard_changes: bool = False,
) -> Difference:
    """Read a shop's files, build an index and make it the snapshot; what it changes. The caller holds the lock.

    Changes made while serving hold where the files did not change the same entries since: none is ever lost, unless
    `discard_changes` sets the journal aside.

    Raises:
        ChangeRefused: more than 30 % of the products would go, and that is not `confirmed`.
    """
    journal = Journal(place.root)
    if discard_changes:
        journal.set_aside()
    up_to = journal.last_seq()
    # First: a file that changes while it is read makes the index stale.
    before, files = fingerprint(shop, embedder, place.vectors), _files_digest(shop)
    earlier = read_imported(place.root)
    changed = _Changed(journal.since(0), replace(earlier, seq=0) if earlier and discard_changes else earlier, up_to)
    intake = Intake(shop, progress)
    with new_folder(place.root) as folder, _builder(folder, intake.is_large) as builder:
        read = ImportedBuilder()
        with stage("products"):
            for product, line, digest in intake:
                entry = product_entry(product)
                read.add(entry.id, digest)
                became = changed.became(entry, digest, files)
                if became is not None:
                    builder.add(became, line if became is entry else None)
        reading = intake.reading
        documents, problems = read_documents(shop)
        for entry in documents:
            read.add(entry.id, digest_of(entry))
        refused = reading.problems.count("error") + sum(problem.severity == "error" for problem in problems)
        if refused:
            _log.warning("%d rows refused: see `python -m knowledge_base check %s`", refused, shop.folder)
        if not reading.n_products:
            raise no_products(shop, reading.problems)
        now = read.build(files)
        difference = now.since(earlier) if earlier is not None else Difference(added=now.ids.strings)
        if difference.takes_much and not confirmed:
            raise ChangeRefused(
                f"the files of {shop.folder} have {difference.n_gone:,} of {difference.n_products:,} products no more "
                f"({difference}); the old ones are kept: if this is right, run `{place.remedy} --yes`"
            )
        standing, outdated = changed.standing(now)
        new = _merged({entry.id: entry for entry in documents}, standing, now.ids)
        for entry in new:
            if entry.product is not None:
                builder.add(entry)
        _save(
            shop.info,
            builder,
            [entry for entry in new if entry.product is None],
            embedder,
            before,
            place,
            progress,
            replace(now, standing=frozenset(standing), seq=changed.last_seq),
            folder,
        )
    journal.forget(outdated)
    return difference


class _Changed:
    """The changes made while serving, beside an import that is going on."""

    def __init__(self, changes: Sequence[Change], earlier: Imported | None, up_to: int) -> None:
        self._changes, self._earlier, self._up_to = changes, earlier, up_to
        self._of: dict[str, list[Change]] = {}
        for change in changes:
            self._of.setdefault(change.id, []).append(change)
        self.last_seq = max((change.seq for change in changes), default=up_to)

    def became(self, entry: Entry, digest: bytes, files: str) -> Entry | None:
        """What holds of an entry that the files have: itself or what a change made of it, None where one deleted it."""
        changes = self._of.get(entry.id)
        if changes is None:
            return entry
        standing, _ = still_standing(changes, self._earlier, Reading(files, digest), self._up_to)
        return standing.get(entry.id, entry)

    def standing(self, now: Imported) -> tuple[dict[str, Entry | None], tuple[int, ...]]:
        """What holds of all changes when everything was read (see `still_standing`)."""
        return still_standing(self._changes, self._earlier, now, self._up_to)


def compact(place: Place, embedder: Embedder | None) -> int:
    """Build the snapshot anew with the changes made since; how many there were. The caller holds the lock."""
    journal = Journal(place.root)
    index = load(place.root, embedder, place.remedy, place.vectors)
    imported = read_imported(place.root)
    changes = journal.since(0)
    fresh = [change for change in changes if change.seq > index.manifest.seq]
    if not fresh or imported is None:
        return 0
    became = {change.id: change.entry for change in fresh}
    standing = imported.standing | became.keys()
    kept = replace(imported, standing=standing, seq=fresh[-1].seq)
    with new_folder(place.root) as folder, _builder(folder) as builder:
        documents = {entry.id: entry for entry in index.passages.entries}
        for entry in index.catalogue.entries:
            if (now := became.get(entry.id, entry)) is not None:
                builder.add(now)
        new = _merged(documents, became, index.catalogue.places)
        for entry in new:
            if entry.product is not None:
                builder.add(entry)
        texts = [entry for entry in new if entry.product is None]
        _save(index.info, builder, texts, embedder, index.manifest.fingerprint, place, False, kept, folder)
    last = {change.id: change.seq for change in changes}
    journal.forget(c.seq for c in changes if c.seq < last[c.id] or (c.seq <= kept.seq and c.id not in standing))
    return len(fresh)


def known_ids(place: Place) -> Container[str]:
    """The ids of all entries there are, without opening the index.

    Raises:
        SnapshotMissing: nothing was imported yet.
    """
    imported = read_imported(place.root)
    if imported is None:
        raise SnapshotMissing(f"there is no index in {place.root}: run `{place.remedy}`")
    return _KnownIds(imported, {change.id: change.entry is not None for change in Journal(place.root).since(0)})


@dataclass(frozen=True, slots=True)
class _KnownIds(Container[str]):
    """The ids of an import; `changed` says of those that changed since whether there still is such an entry."""

    imported: Imported
    changed: Mapping[str, bool]

    def __contains__(self, entry_id: object) -> bool:
        known = self.changed.get(str(entry_id))
        return self.imported.digest_of(str(entry_id)) is not None if known is None else known


def _merged(documents: Mapping[str, Entry], became: Mapping[str, Entry | None], built: Container[str]) -> list[Entry]:
    """What is left to take when all products were taken: the questions and answers as they became, and new entries.

    A changed entry keeps its place; `built` has the ids of the products that were taken.
    """
    new = {entry_id: entry for entry_id, entry in became.items() if entry_id in documents or entry_id not in built}
    return [entry for entry in {**documents, **new}.values() if entry is not None]


def _builder(folder: Path, is_large: bool = False) -> CatalogueBuilder:
    (folder / "catalogue").mkdir()
    return CatalogueBuilder(folder / "catalogue", folder / "facets" if is_large else None)


def _save(
    info: ShopInfo,
    builder: CatalogueBuilder,
    documents: Sequence[Entry],
    embedder: Embedder | None,
    made_of: str,
    place: Place,
    progress: bool,
    imported: Imported,
    folder: Path,
) -> None:
    index = assemble(info, builder, documents, embedder, made_of, progress, place.cache, place.vectors)
    served = _collection(place.root)
    with stage("files"):
        save(replace(index, manifest=replace(index.manifest, seq=imported.seq)), place.root, imported, folder)
    if place.vectors.uri:
        from knowledge_base.milvus_store import drop_others

        drop_others(place.vectors, (served, index.manifest.collection))


def _collection(root: Path) -> str:
    """The collection of the snapshot there is; "" where it has none or cannot be read."""
    try:
        return read_manifest(root).collection
    except SnapshotError:
        return ""


def snapshot_folder(shop_folder: Path, data: Path) -> Path:
    """Where the snapshot of a shop folder is kept under `data`."""
    path = shop_folder.resolve()
    return data / "indexes" / f"{path.name}-{hashlib.sha256(str(path).encode()).hexdigest()[:10]}"


def embedding_cache(data: Path) -> Path:
    """Where embeddings of all shops are kept under `data`."""
    return data / "embeddings.sqlite3"


def is_current(root: Path, wanted: str) -> bool:
    """Whether there is a snapshot of this fingerprint; a damaged manifest raises."""
    try:
        return read_manifest(root).fingerprint == wanted
    except (SnapshotMissing, SnapshotForeign):
        return False


def _files_digest(shop: Shop) -> str:
    """The bytes of all source files, as one sha256."""
    digest = hashlib.sha256()
    for path in (shop.folder / "shop.toml", *shop.products, *shop.faq, *shop.policies):
        if path.is_file():
            with path.open("rb") as file:
                digest.update(f"{shop.name_of(path)}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\0".encode())
    return digest.hexdigest()
