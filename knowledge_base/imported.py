"""What a shop's files said when they were last imported, so that the next import knows what they changed.

In: the entries read from the files. Out: a digest of each, what two imports differ in, and which changes made since
then still hold: an entry that its files changed is theirs again, all others stay as they were changed. It reads no
files but the one it keeps in a snapshot.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.entry_json import entry_to_json
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.journal import Change
from knowledge_base.snapshot import read_manifest
from knowledge_base.types import Entry

FILE = "imported.json"
_MAX_GONE = 0.3  # share of the products that an import may take away unasked
_NAMED = 5  # ids of a kind that a difference is told with


@dataclass(frozen=True, slots=True)
class Difference:
    """The entry ids that an import adds, changes and takes away; `n_products` there were before."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    n_products: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

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
    """`digests` of all entries the files gave by id; `files` stands for the files' bytes.

    `standing` are the ids whose entry in the snapshot is that of a later change, `seq` the last change it has seen.
    """

    digests: Mapping[str, str]
    files: str
    standing: frozenset[str] = frozenset()
    seq: int = 0

    @classmethod
    def of(cls, entries: Iterable[Entry], files: str) -> Imported:
        """What these entries, read from files of that digest, are told apart by."""
        return cls({entry.id: _digest(entry) for entry in entries}, files)

    def since(self, earlier: Imported) -> Difference:
        """What this import changed beside an earlier one."""
        old, new = earlier.digests, self.digests
        return Difference(
            tuple(i for i in new if i not in old),
            tuple(i for i in new if i in old and new[i] != old[i]),
            tuple(i for i in old if i not in new),
            sum(i.startswith("product:") for i in old),
        )

    def save(self, folder: Path) -> None:
        """Write into the `folder` of a snapshot."""
        values = {"digests": self.digests, "files": self.files, "standing": sorted(self.standing), "seq": self.seq}
        (folder / FILE).write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")


def read_imported(root: Path) -> Imported | None:
    """The last import of the index in `root`; None where there is none, or none that is as it was written."""
    try:
        manifest = read_manifest(root)
        content = (root / manifest.folder / FILE).read_bytes()
    except (KnowledgeBaseError, OSError):
        return None
    if hashlib.sha256(content).hexdigest() != (manifest.files or {}).get(FILE):
        return None
    values = json.loads(content)
    return Imported(values["digests"], values["files"], frozenset(values["standing"]), values["seq"])


def still_standing(
    changes: Sequence[Change], earlier: Imported | None, now: Imported, up_to: int
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


def _lost_now(change: Change, earlier: Imported, now: Imported, up_to: int) -> bool:
    said, says = earlier.digests.get(change.id), now.digests.get(change.id)
    return change.seq <= up_to and earlier.files != now.files and said != says


def _digest(entry: Entry) -> str:
    text = json.dumps(entry_to_json(entry), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
