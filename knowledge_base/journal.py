"""The changes made to a shop's entries since its files were imported, durable and shared by processes.

In: new entries, and ids of entries to delete. Out: numbered `Change`s, which every process that serves the shop reads.
`append` returns once the change would survive a loss of power. One process writes at a time; readers never wait. It
knows no index: what a change means for one is `live`'s and `changes`' business.

The table is append-only, so a kill leaves whole transactions. SQLite notices neither a flipped bit in a text nor a log
that lost its end: every row has a digest, and a small file beside the database says how many rows there must be.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from knowledge_base.entry_json import entry_from_json, entry_to_json
from knowledge_base.errors import JournalBusy, JournalDamaged, JournalError
from knowledge_base.snapshot import sync_folder
from knowledge_base.types import Entry

WAIT_S = 30.0  # a writer waits for another one before it is refused
_DATABASE, _HEAD, _LOCK = "journal.sqlite3", "journal.head", "journal.lock"
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS change "
    "(seq INTEGER PRIMARY KEY, id TEXT NOT NULL, entry TEXT, at TEXT NOT NULL, digest BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS extent (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER, rows INTEGER)",
)


@dataclass(frozen=True, slots=True)
class Change:
    """The entry `id` became `entry`, or was deleted (None). `seq` grows with every change; `at` is ISO 8601 in UTC."""

    seq: int
    id: str
    entry: Entry | None
    at: str


@dataclass(frozen=True, slots=True)
class _Extent:
    """The last number given out, and how many rows are kept."""

    seq: int = 0
    rows: int = 0

    def reaches(self, other: _Extent) -> bool:
        return self.seq >= other.seq and self.rows >= other.rows


class Journal:
    """The journal in an index folder; the folder need not exist before the first change. Safe between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    @property
    def changed_at(self) -> float | None:
        """The Unix time of the last change or of its being forgotten; None where there never was one."""
        try:
            return (self._folder / _HEAD).stat().st_mtime
        except OSError:
            return None

    def append(self, changes: Mapping[str, Entry | None], wait_s: float = WAIT_S) -> int:
        """Keep these entries by their id (None: deleted), all or none of them; the number of the last change.

        Raises:
            JournalBusy: another process kept writing for `wait_s` seconds. Nothing was changed.
            JournalDamaged: the journal has lost or altered rows. Nothing was changed.
            JournalError: the disk refused; look again whether the change is there.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        texts = {
            entry_id: None if entry is None else json.dumps(entry_to_json(entry), ensure_ascii=False)
            for entry_id, entry in changes.items()
        }
        with self._writing(wait_s) as connection:
            before = self._checked(connection, alone=True)
            rows = [
                (seq, entry_id, text, at, _digest(seq, entry_id, text, at))
                for seq, (entry_id, text) in enumerate(texts.items(), before.seq + 1)
            ]
            connection.executemany("INSERT INTO change VALUES (?, ?, ?, ?, ?)", rows)
            after = _Extent(before.seq + len(rows), before.rows + len(rows))
            _keep(connection, after)
            connection.execute("COMMIT")
            self._write_head(after)
        return after.seq

    def last_seq(self) -> int:
        """The number of the last change ever made; 0 before the first.

        Raises:
            JournalDamaged: rows are missing.
        """
        with self._reading() as connection:
            return self._checked(connection).seq if connection is not None else 0

    def since(self, seq: int) -> tuple[Change, ...]:
        """The changes numbered above `seq`, oldest first.

        Raises:
            JournalDamaged: a row is not as it was written, or rows are missing.
        """
        with self._reading() as connection:
            if connection is None:
                return ()
            self._checked(connection)
            query = "SELECT seq, id, entry, at, digest FROM change WHERE seq > ? ORDER BY seq"
            return tuple(self._change(*row) for row in connection.execute(query, (seq,)))

    def version(self) -> int:
        """A number that differs from the last one seen here when another process has written; costs microseconds."""
        with self._reading() as connection:
            return -1 if connection is None else int(connection.execute("PRAGMA data_version").fetchone()[0])

    def forget(self, seqs: Iterable[int], wait_s: float = WAIT_S) -> None:
        """Drop changes that no longer count."""
        doomed = [(seq,) for seq in seqs]
        if not doomed:
            return
        with self._writing(wait_s) as connection:
            before = self._checked(connection, alone=True)
            removed = connection.executemany("DELETE FROM change WHERE seq = ?", doomed).rowcount
            after = _Extent(before.seq, before.rows - removed)
            _keep(connection, after)
            # The other way round than `append`: whoever is killed in between must leave more rows than it says.
            self._write_head(after)
            connection.execute("COMMIT")

    def set_aside(self) -> None:
        """Rename the journal's files, so that a new one begins; for one that is damaged."""
        with self._own, FileLock(self._folder / _LOCK, timeout=WAIT_S):
            self.close()
            stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
            for name in (_HEAD, _DATABASE, f"{_DATABASE}-wal", f"{_DATABASE}-shm"):
                path = self._folder / name
                if path.exists():
                    path.rename(path.with_name(f"{name}.damaged-{stamp}"))

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        with self._own:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # -- the database --------------------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection, or None where there is no journal yet."""
        with self._own, self._failures():
            if self._connection is None and not (self._folder / _DATABASE).exists():
                if self._read_head() != _Extent() and self._missing_for_good():
                    raise self._damaged("the database is missing")
                yield None
                return
            yield self._open(create=False)

    @contextmanager
    def _writing(self, wait_s: float) -> Iterator[sqlite3.Connection]:
        """A connection inside a transaction that the caller commits, alone among all processes."""
        with self._own, self._failures():
            self._folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self._folder / _LOCK, timeout=wait_s):
                if not (self._folder / _DATABASE).exists() and self._read_head() != _Extent():
                    raise self._damaged("the database is missing")
                connection = self._open(create=True)
                assert connection is not None
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                finally:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if "malformed" in str(error) or "no such" in str(error):
                raise self._damaged(str(error)) from error
            raise JournalError(f"{self._folder / _DATABASE}: {error}; check its permissions and the disk") from error
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise self._damaged(str(error)) from error
        except Timeout as error:
            raise JournalBusy(
                f"another process has been writing to {self._folder} for too long; nothing was changed: try again, or "
                "end that process"
            ) from error
        except OSError as error:
            raise JournalError(f"{error}; check its permissions and the disk") from error

    def _open(self, create: bool) -> sqlite3.Connection | None:
        """The connection; None where a writer has not made the tables yet, which only one that is alone may do."""
        if self._connection is not None:
            return self._connection
        path = self._folder / _DATABASE
        connection = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None, check_same_thread=False)
        with ExitStack() as unless_kept:
            unless_kept.callback(connection.close)
            if create:
                connection.execute("PRAGMA journal_mode = WAL")
                for statement in _SCHEMA:
                    connection.execute(statement)
            connection.execute("PRAGMA synchronous = FULL")
            if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'extent'").fetchone():
                return None
            counted, kept = connection.execute(
                "SELECT (SELECT count(*) FROM change), coalesce((SELECT rows FROM extent), 0)"
            ).fetchone()
            if counted != kept:
                raise self._damaged(f"{kept} changes were kept, {counted} are there")
            unless_kept.pop_all()
        self._connection = connection
        return connection

    def _change(self, seq: int, entry_id: str, text: str | None, at: str, digest: bytes) -> Change:
        if digest != _digest(seq, entry_id, text, at):
            raise self._damaged(f"change {seq} is not as it was written")
        return Change(seq, entry_id, None if text is None else entry_from_json(json.loads(text)), at)

    # -- is it all there -----------------------------------------------------------------------------------------------

    def _checked(self, connection: sqlite3.Connection, alone: bool = False) -> _Extent:
        """What the database holds, which is at least what was acknowledged. `alone`: the caller holds the lock."""
        found, said = _extent(connection), self._read_head()
        if not found.reaches(said):
            if alone:
                raise self._damaged(f"{said.rows} changes up to {said.seq} were made, {found.rows} are there")
            # Perhaps a writer was between its two steps; when none is, what is said and what is there agree.
            with FileLock(self._folder / _LOCK, timeout=WAIT_S):
                return self._checked(connection, alone=True)
        return found

    def _missing_for_good(self) -> bool:
        with FileLock(self._folder / _LOCK, timeout=WAIT_S):
            return self._read_head() != _Extent() and not (self._folder / _DATABASE).exists()

    def _read_head(self) -> _Extent:
        try:
            words = (self._folder / _HEAD).read_text(encoding="ascii").split()
        except FileNotFoundError:
            return _Extent()
        except (OSError, UnicodeDecodeError) as error:
            raise self._damaged(str(error)) from error
        if len(words) != 3 or words[2] != _sum(words[0], words[1]):
            raise self._damaged(f"{_HEAD} is not as it was written")
        return _Extent(int(words[0]), int(words[1]))

    def _write_head(self, extent: _Extent) -> None:
        """Replaced in place by a line of the same length: a kill cannot leave half of one."""
        seq, rows = f"{extent.seq:020d}", f"{extent.rows:020d}"
        path = self._folder / _HEAD
        new = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, f"{seq} {rows} {_sum(seq, rows)}\n".encode("ascii"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if new:
            sync_folder(self._folder)

    def _damaged(self, what: str) -> JournalDamaged:
        return JournalDamaged(
            f"the journal of changes {self._folder / _DATABASE} is damaged ({what}): restore {self._folder} from a "
            "backup, or run `python -m knowledge_base build SHOP --discard-changes` to go back to the shop's files"
        )


def _extent(connection: sqlite3.Connection) -> _Extent:
    found = connection.execute("SELECT seq, rows FROM extent").fetchone()
    return _Extent(*found) if found else _Extent()


def _keep(connection: sqlite3.Connection, extent: _Extent) -> None:
    connection.execute("INSERT OR REPLACE INTO extent VALUES (1, ?, ?)", (extent.seq, extent.rows))


def _digest(seq: int, entry_id: str, text: str | None, at: str) -> bytes:
    return hashlib.sha256(json.dumps([seq, entry_id, text, at]).encode()).digest()


def _sum(seq: str, rows: str) -> str:
    return hashlib.sha256(f"{seq} {rows}".encode()).hexdigest()[:16]
