"""What a shop's files said when they were last imported, so that the next import knows what they changed.

In: the entries read from the files. Out: a digest of each, what two imports differ in, and which changes made since
then still hold: an entry that its files changed is theirs again, all others stay as they were changed. It reads no
files but the one it keeps in a snapshot.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge_base.entry_json import entry_to_json
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.journal import Change
from knowledge_base.packed import PackedBuilder, Places, open_array
from knowledge_base.snapshot import is_as_written, read_manifest
from knowledge_base.types import Entry

FOLDER = "imported"
_DIGEST_BYTES = 16
_MAX_GONE = 0.3  # share of the products that an import may take away unasked
_NAMED = 5  # ids of a kind that a difference is told with


@dataclass(frozen=True, slots=True)
class Difference:
    """The entry ids that an import adds, changes and takes away; `n_products` there were before."""

    added: Sequence[str] = ()
    changed: Sequence[str] = ()
    removed: Sequence[str] = ()
    n_products: int = 0

    def __bool__(self) -> bool:
        return any(map(len, (self.added, self.changed, self.removed)))

    @property
    def n_gone(self) -> int:
        """How many products are taken away."""
        return sum(entry_id.startswith("product:") for entry_id in self.removed)

    @property
    def takes_much(self) -> bool:
        """Whether more than 30 % of the products would go: more often a broken export than a closing sale."""
        return self.n_gone > _MAX_GONE * self.n_products

    def __str__(self) -> str:
        parts = ("added", self.added), ("changed", self.changed), ("removed", self.removed)
        return "; ".join(f"{len(ids):,} {word}{_some(ids)}" for word, ids in parts if ids) or "nothing changed"


def _some(ids: Sequence[str]) -> str:
    return f" ({', '.join(ids[:_NAMED])}{', …' if len(ids) > _NAMED else ''})"


@dataclass(frozen=True, slots=True)
class Imported:
    """The `digests` (n, 16) of all entries the files gave, in the order of `ids`; `files` stands for the files' bytes.

    `standing` are the ids whose entry in the snapshot is that of a later change, `seq` the last change it has seen.
    """

    ids: Places
    digests: NDArray[np.uint8]
    files: str
    standing: frozenset[str] = frozenset()
    seq: int = 0

    @classmethod
    def of(cls, entries: Iterable[Entry], files: str) -> Imported:
        """What these entries, read from files of that digest, are told apart by."""
        builder = ImportedBuilder()
        for entry in entries:
            builder.add(entry.id, digest_of(entry))
        return builder.build(files)

    def digest_of(self, entry_id: str) -> bytes | None:
        """What the entry of an id is told apart by; None where the files have none."""
        place = self.ids.place_of(entry_id)
        return None if place is None else self.digests[place].tobytes()

    def since(self, earlier: Imported) -> Difference:
        """What this import changed beside an earlier one. Ids are held against each other by their hashes."""
        before = earlier.ids.places_of(self.ids)
        old = np.flatnonzero(before >= 0)
        differs = (self.digests[old] != earlier.digests[before[old]]).any(axis=1)
        gone = np.flatnonzero(self.ids.places_of(earlier.ids) < 0)
        return Difference(
            self.ids.strings.take(np.flatnonzero(before < 0)),
            self.ids.strings.take(old[differs]),
            earlier.ids.strings.take(gone),
            sum(i.startswith("product:") for i in earlier.ids.strings),
        )

    def save(self, folder: Path) -> None:
        """Write into the `folder` of a snapshot."""
        (folder / FOLDER).mkdir()
        self.ids.save(folder / FOLDER, "ids")
        np.save(folder / FOLDER / "digests.npy", self.digests, allow_pickle=False)
        values = {"files": self.files, "standing": sorted(self.standing), "seq": self.seq}
        (folder / FOLDER / "files.json").write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")


class ImportedBuilder:
    """Takes the entries of files one after the other."""

    def __init__(self) -> None:
        self._ids, self._digests = PackedBuilder(), bytearray()

    def add(self, entry_id: str, digest: bytes) -> None:
        """Note an entry."""
        self._ids.add(entry_id)
        self._digests += digest

    def build(self, files: str) -> Imported:
        """What all these entries are told apart by."""
        digests = np.frombuffer(bytes(self._digests), np.uint8).reshape(-1, _DIGEST_BYTES)
        return Imported(Places.of(self._ids.build()), digests, files)


def read_imported(root: Path) -> Imported | None:
    """The last import of the index in `root`; None where there is none, or none that is as it was written."""
    try:
        manifest = read_manifest(root)
        folder = root / manifest.folder / FOLDER
        if not is_as_written(root, manifest, FOLDER):
            return None
        values = json.loads((folder / "files.json").read_text(encoding="utf-8"))
        ids, digests = Places.load(folder, "ids"), open_array(folder / "digests.npy")
    except (KnowledgeBaseError, OSError):
        return None
    return Imported(ids, digests, values["files"], frozenset(values["standing"]), values["seq"])


class Says(Protocol):
    """What an import says: of which `files`, and of an entry its digest, None for no such entry."""

    @property
    def files(self) -> str: ...
    def digest_of(self, entry_id: str) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """An import of which only one entry was read yet."""

    files: str
    digest: bytes

    def digest_of(self, entry_id: str) -> bytes | None:
        """That entry's digest, of whatever id."""
        return self.digest


def still_standing(
    changes: Sequence[Change], earlier: Imported | None, now: Says, up_to: int
) -> tuple[dict[str, Entry | None], tuple[int, ...]]:
    """Of `changes`, what entries became that hold beside the import `now`, and the numbers of those that do not.

    A change holds unless a later one concerns the same entry, or the files changed the entry after it: it is numbered
    `up_to` at most (made before they were read) and they say something else than at the `earlier` import. Without an
    earlier import nobody can tell, and all hold. Files whose bytes are the same changed nothing, whatever a new version
    of this program reads in them.
    """
    standing: dict[str, Change] = {}
    outdated: list[int] = []
    for change in changes:
        if change.id in standing:
            outdated.append(standing.pop(change.id).seq)
        if earlier is not None and (_lost_before(change, earlier) or _lost_now(change, earlier, now, up_to)):
            outdated.append(change.seq)
        else:
            standing[change.id] = change
    return {change.id: change.entry for change in standing.values()}, tuple(outdated)


def _lost_before(change: Change, earlier: Imported) -> bool:
    return change.seq <= earlier.seq and change.id not in earlier.standing


def _lost_now(change: Change, earlier: Imported, now: Says, up_to: int) -> bool:
    said, says = earlier.digest_of(change.id), now.digest_of(change.id)
    return change.seq <= up_to and earlier.files != now.files and said != says


_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def digest_of(entry: Entry) -> bytes:
    """What an entry is told apart by: equal for equal entries, whatever the order of their attributes."""
    text = _ENCODE(entry_to_json(entry))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()
