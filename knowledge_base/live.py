"""An index that follows the changes made to its shop, by this process or another.

In: a shop folder. Out: `current`, the `Index` as it is now: an immutable value that one turn uses from end to end.
Changes are in the journal before they are acknowledged, and are derived from the index in memory; when there are many,
another process builds a new snapshot, and when there is a new snapshot it is loaded beside the old one. What cannot be
read is logged and not served: the last good index stays.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from knowledge_base.embedding import Embedder, make_embedder
from knowledge_base.errors import ChangeRefused, KnowledgeBaseError
from knowledge_base.index import Index
from knowledge_base.journal import WAIT_S, Journal
from knowledge_base.opening import Place, apply, load_changed, open_base
from knowledge_base.reranking import Reranker
from knowledge_base.shop import open_shop
from knowledge_base.snapshot import MANIFEST, read_manifest
from knowledge_base.types import Entry
from knowledge_base.vectors import VectorPlace

_log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parent.parent
_CHECK_S = 0.2  # how old what was last seen of other processes' changes may be; looking costs some 20 µs
# When to build anew: rows that are dead or scored with old statistics, and changes that a start must apply.
_ROWS, _ROWS_SHARE = 200, 0.02
_CHANGES, _CHANGES_SHARE = 2000, 0.1
_RETRY_S = 600.0  # after a build that failed


class LiveIndex:
    """The index of one shop, changed and followed. Safe between threads. Use `open`."""

    def __init__(self, place: Place, embedder: Embedder | None, index: Index, seq: int, compact: Sequence[str]) -> None:
        """`index` holds the changes up to `seq`; `compact` is the command that builds a snapshot with all changes."""
        self._place, self._embedder, self._compact = place, embedder, compact
        self._journal = Journal(place.root)
        self._lock = threading.RLock()  # of everything below
        self._index, self._seq = index, seq
        self._n_built = self._n_rows_built(index)
        self._version, self._manifest = -2, (0, 0)
        self._looked_at = 0.0
        self._loading: threading.Thread | None = None
        self._building: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0

    @classmethod
    def open(
        cls,
        shop_folder: Path,
        data: Path,
        embedder_spec: str = "auto",
        progress: bool = True,
        reranker: Reranker | None = None,
        vectors: VectorPlace | None = None,
    ) -> LiveIndex:
        """The index of a shop folder, as `open_index` has it, to be followed; `reranker` orders what it finds anew."""
        shop, embedder = open_shop(shop_folder), make_embedder(embedder_spec)
        place = Place.of(shop_folder, data, vectors)
        if embedder is not None:
            embedder.warm_up()
        command = [sys.executable, "-m", "knowledge_base", "compact", str(shop_folder.resolve())]
        command += ["--data", str(data.resolve()), "--embedder", embedder_spec]
        command += ["--vectors", place.vectors.spec]
        index, seq = open_base(shop, place, embedder, progress)
        return cls(place, embedder, replace(index, reranker=reranker), seq, command)

    @property
    def changed_at(self) -> float | None:
        """The Unix time of the last change that any process made beside the shop's files; None where there was none."""
        return self._journal.changed_at

    @property
    def current(self) -> Index:
        """The index as it is now: with everything that any process changed up to a fraction of a second ago."""
        if time.monotonic() - self._looked_at >= _CHECK_S and self._lock.acquire(blocking=False):
            try:
                self._follow()
            except KnowledgeBaseError as error:
                _log.error("%s; the index of before is served", error)
            finally:
                self._looked_at = time.monotonic()
                self._lock.release()
        return self._index

    @property
    def folder(self) -> Path:
        """Where the index is kept, for what is kept beside it."""
        return self._place.root

    def refreshed(self) -> Index:
        """The index with everything that any process changed until now.

        Raises:
            JournalError: the changes cannot be read.
        """
        with self._lock:
            self._take_changes()
            return self._index

    def upsert(self, entries: Iterable[Entry], wait_s: float = WAIT_S) -> None:
        """Add products and answers, or replace those of the same id; kept for good when this returns, and visible.

        Raises:
            ChangeRefused: an entry is neither a product nor an answer.
            JournalError: it could not be kept; nothing was changed.
        """
        changes: dict[str, Entry | None] = {entry.id: entry for entry in entries}
        self._keep(changes, wait_s)

    def delete(self, ids: Iterable[str], wait_s: float = WAIT_S) -> None:
        """Delete the entries of these ids ("product:…", "faq:…"); gone for good when this returns.

        Raises:
            ChangeRefused: there is no such entry.
            JournalError: it could not be kept; nothing was changed.
        """
        ids = tuple(dict.fromkeys(ids))
        index = self.current
        places = index.catalogue.places, index.passages.places
        if missing := [entry_id for entry_id in ids if not any(entry_id in known for known in places)]:
            raise ChangeRefused(f"there is no {', '.join(missing)}: nothing was deleted")
        self._keep(dict.fromkeys(ids), wait_s)

    def _keep(self, changes: dict[str, Entry | None], wait_s: float) -> None:
        if strange := [i for i in changes if not i.startswith(("product:", "faq:"))]:
            raise ChangeRefused(f"{', '.join(strange)}: only products and questions can be changed, policies by file")
        if changes:
            self._journal.append(changes, wait_s)
            with self._lock:
                self._take_changes()

    def close(self) -> None:
        """Stop following; `current` stays what it is."""
        with self._lock:
            self._looked_at = float("inf")
            self._journal.close()
            if self._building is not None:
                self._building.terminate()
                self._building.wait()

    # -- following (with the lock held) --------------------------------------------------------------------------------

    def _follow(self) -> None:
        if (version := self._journal.version()) != self._version:
            self._take_changes()
            self._version = version
        if (stat := self._stat()) != self._manifest and self._loading is None:
            if read_manifest(self._place.root, self._place.remedy).folder == self._index.manifest.folder:
                self._manifest = stat
            else:
                self._loading = threading.Thread(target=self._load, name="loading", daemon=True)
                self._loading.start()

    def _take_changes(self) -> None:
        changes = self._journal.since(self._seq)
        self._index, self._seq = apply(self._index, changes, self._place.cache, self._seq)

    def _load(self) -> None:
        """In a thread of its own: what is served goes on while the new snapshot is read."""
        manifest = self._stat()
        try:
            index, seq = load_changed(self._place, self._embedder)
            with self._lock:
                self._index, self._seq = replace(index, reranker=self._index.reranker), seq
                self._n_built = self._n_rows_built(index)
                self._take_changes()
        except KnowledgeBaseError as error:
            _log.error("%s; the index of before is served", error)
        finally:
            with self._lock:
                self._manifest, self._loading = manifest, None

    def build_when_due(self) -> None:
        """Have another process build the snapshot anew where many changes were made since it was; returns at once."""
        with self._lock:
            if self._building is not None:
                if self._building.poll() is None:
                    return
                if self._building.returncode:
                    _log.error("building the index of %s anew failed", self._place.root)
                    self._not_before = time.monotonic() + _RETRY_S
                self._building = None
            if self._loading is not None or not self._is_due() or time.monotonic() < self._not_before:
                return
            _log.info("building the index of %s anew, beside serving", self._place.root)
            self._building = subprocess.Popen(
                self._compact, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )

    def _is_due(self) -> bool:
        corpus = self._index.catalogue
        n_dead = 0 if corpus.alive is None else len(corpus.alive) - int(corpus.alive.sum())
        rows = n_dead + len(corpus.entries) - self._n_built
        changes = self._seq - self._index.manifest.seq
        return rows > max(_ROWS, _ROWS_SHARE * self._n_built) or changes > max(_CHANGES, _CHANGES_SHARE * self._n_built)

    def _n_rows_built(self, index: Index) -> int:
        return int(index.manifest.counts.get("products", 0))

    def _stat(self) -> tuple[int, int]:
        """What changes when the manifest is replaced."""
        try:
            found = (self._place.root / MANIFEST).stat()
        except OSError:
            return self._manifest  # being replaced, or gone: what was loaded is served
        return found.st_mtime_ns, found.st_ino
