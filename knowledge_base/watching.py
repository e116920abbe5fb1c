"""A shop folder watched: which of its files changed, once nobody writes to them any more.

In: a shop folder, looked at every few seconds (a `stat` of each file the index is made of). Out: word that it is time
to import. It reads no file: what the files changed is for the import to say.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.live import LiveIndex
from knowledge_base.shop import indexed_files

_log = logging.getLogger(__name__)

LOOK_S = 1.0  # between two looks at the folder
_STEP_S = 0.5  # between two looks at everything else
SETTLE_S = 3.0  # for which files must be as they are before they are read: a half-written one is nobody's export
_ROOT = Path(__file__).resolve().parent.parent
_Signature = tuple[tuple[str, int, int], ...]


class FolderWatch:
    """Tells when the files of a shop folder have changed and settled."""

    def __init__(self, folder: Path, settle_s: float = SETTLE_S, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder, self._settle_s, self._clock = folder, settle_s, clock
        self._taken = self._last = signature(folder)
        self._since = clock()

    def settled(self) -> bool:
        """Whether the files differ from those last told of and have been as they are for a while; told of once."""
        now = signature(self.folder)
        if now != self._last:
            self._last, self._since = now, self._clock()
        if now == self._taken or self._clock() - self._since < self._settle_s:
            return False
        self._taken = now
        return True


def signature(folder: Path) -> _Signature:
    """Name, size and time of every file that the index is made of; empty where there are none to read."""
    found = []
    try:
        for path in indexed_files(folder):
            if path.is_file():
                stat = path.stat()
                found.append((str(path), stat.st_size, stat.st_mtime_ns))
    except (KnowledgeBaseError, OSError):
        return ()
    return tuple(found)


class Watcher(threading.Thread):
    """Keeps a served index up to date: takes in others' changes, and imports a watched folder in another process."""

    def __init__(
        self,
        live: LiveIndex,
        watch: FolderWatch | None,
        data: Path,
        embedder: str,
        vectors: str = "faiss",
        on_load: Callable[[], object] = lambda: None,
        tell: Callable[[str], object] = _log.info,
    ) -> None:
        """`watch` None: changes are followed, files are not. `on_load` is called after a new snapshot was loaded,
        `tell` with what an import changed; one that was not taken is logged as a warning."""
        super().__init__(name="watcher", daemon=True)
        self._live, self._watch, self._ended = live, watch, threading.Event()
        self._tell = tell
        self._on_load, self._loaded = on_load, live.current.manifest.folder
        folder = "" if watch is None else str(watch.folder.resolve())
        self._command = [sys.executable, "-m", "knowledge_base", "build", folder, "--if-changed", "--quiet"]
        self._command += ["--data", str(data.resolve()), "--embedder", embedder, "--vectors", vectors]

    def run(self) -> None:
        """Until `stop`."""
        looked = 0.0
        while not self._ended.wait(_STEP_S):
            self._follow()
            self._live.build_when_due()
            if self._watch is not None and time.monotonic() - looked >= LOOK_S:
                looked = time.monotonic()
                if self._watch.settled():
                    self._import()

    def _follow(self) -> None:
        folder = self._live.current.manifest.folder
        if folder != self._loaded:
            self._loaded = folder
            self._on_load()

    def stop(self) -> None:
        """End within half a second, an import that runs included: the old snapshot stays."""
        self._ended.set()

    def _import(self) -> None:
        """Build in another process, so that shoppers do not wait for it; the index follows by itself."""
        with tempfile.TemporaryFile() as said:
            running = subprocess.Popen(
                self._command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT
            )
            while running.poll() is None:
                if self._ended.wait(_STEP_S):
                    running.terminate()
                    running.wait()
                    return
                self._follow()
            said.seek(0)
            text = said.read().decode(errors="replace").strip()
        (_log.warning if running.returncode else self._tell)(f"the shop's files changed: {text}")
