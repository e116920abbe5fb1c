"""One database: connections, transactions, and errors in words.

In: a SQLAlchemy URL. Out: transactions in which other modules of this package read and write. When a writing block
has ended, what it wrote is on the disk: SQLite in WAL mode with synchronous=FULL and one writer at a time, PostgreSQL
as the server commits. It knows no table.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from assistant.errors import StoreError

_SOUND_SQLITE: Final = (3, 51, 3)
_BUSY_MS: Final = 10_000  # what a writer in another process is waited for


class Database:
    """Transactions on one database. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        """Connects when first used.

        Raises:
            StoreError: no such kind of database, or a malformed URL.
        """
        try:
            named = sa.make_url(_with_driver(url))
            is_sqlite = named.get_backend_name() == "sqlite"
            if not is_sqlite and named.get_backend_name() != "postgresql":
                raise StoreError(
                    f"{named.render_as_string()}: conversations are kept in sqlite:/// or postgresql:// databases only"
                )
            self.engine = sa.create_engine(
                named,
                pool_size=5,
                max_overflow=40,
                pool_pre_ping=not is_sqlite,
                hide_parameters=True,  # what is said must not stand in an error, nor in a log
                connect_args={} if is_sqlite else {"connect_timeout": 10, "keepalives_idle": 30},
            )
        except (ArgumentError, NoSuchModuleError, ValueError) as error:
            raise StoreError(f"the database URL cannot be used: {cause(error)}") from error
        self.is_sqlite = is_sqlite
        self.on_write: Callable[[float], None] = lambda seconds: None
        """Told how long each transaction took, its wait for others and for the disk included."""
        # One writer: SQLite takes no more, and its busy waits are unfair. PostgreSQL's writers meet at rows only.
        self._writing = threading.Lock() if is_sqlite else nullcontext()
        self._writer = self.engine.execution_options(writes=True)
        self._joined = threading.local()  # .connection: the transaction that this thread's blocks are part of
        if is_sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        else:
            sa.event.listen(self.engine, "connect", _prepare_postgresql)

    @property
    def name(self) -> str:
        """Where it is, without a password."""
        return self.engine.url.render_as_string()

    @contextmanager
    def writing(self, what: str = "the message could not be stored") -> Iterator[sa.Connection]:
        """One transaction, committed when the block ends and rolled back when it raises.

        Raises:
            StoreError: it could not be committed; `what` says so in words.
        """
        joined: sa.Connection | None = getattr(self._joined, "connection", None)
        if joined is not None:
            with _in_words(what), joined.begin_nested():
                yield joined
            return
        started = time.perf_counter()
        with self._writing, _in_words(what), self._writer.begin() as connection:
            yield connection
        self.on_write(time.perf_counter() - started)

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction of all writing blocks of this thread within: each undone alone where it raises, and all of
        them where the whole cannot be committed. A commit waits for the disk, which many can share.

        Raises:
            StoreError: it could not be committed.
        """
        started = time.perf_counter()
        with self._writing, _in_words("nothing could be stored"), self._writer.begin() as connection:
            self._joined.connection = connection
            try:
                yield
            finally:
                self._joined.connection = None
        self.on_write(time.perf_counter() - started)

    @contextmanager
    def reading(self, what: str = "the conversation could not be read") -> Iterator[sa.Connection]:
        """One consistent look.

        Raises:
            StoreError: it could not be read; `what` says so in words.
        """
        joined: sa.Connection | None = getattr(self._joined, "connection", None)
        if joined is not None:
            with _in_words(what):
                yield joined
            return
        with _in_words(what), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def alone(self, what: str) -> Iterator[sa.Connection]:
        """A connection outside any transaction, for what a database does on its own, while nobody else here writes.

        Raises:
            StoreError: it could not be done; `what` says so in words.
        """
        plain = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        with self._writing, _in_words(what), plain.connect() as connection:
            yield connection

    def for_update(self, statement: sa.Select[Any], skip: bool = False) -> sa.Select[Any]:
        """A select whose rows nobody else changes until the transaction ends; `skip` those that another holds."""
        if self.is_sqlite:
            return statement  # which has one writer anyway
        return statement.with_for_update(skip_locked=skip)

    @property
    def known_fault(self) -> str | None:
        """What is known to be wrong with the library below and what to do about it, in one line; None: nothing."""
        if not self.is_sqlite or sqlite3.sqlite_version_info >= _SOUND_SQLITE:
            return None
        return (
            f"SQLite {sqlite3.sqlite_version} can damage a database that several processes write at once (repaired in "
            f"{'.'.join(map(str, _SOUND_SQLITE))}): let one process serve this data folder, install a newer SQLite, or "
            "set DATABASE_URL to a PostgreSQL database"
        )

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def insert_if_new(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> int:
    """Insert rows but for those whose primary key is taken; how many were inserted."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(table).values(rows).on_conflict_do_nothing().returning(*table.primary_key)
    return len(connection.execute(new).all())  # PostgreSQL's driver counts no rows of an INSERT


def cause(error: Exception) -> str:
    """An error's own words, in one line."""
    return (str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__])[0]


@contextmanager
def _in_words(what: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(f"{what}: {cause(error)}") from error
    except UnicodeEncodeError as error:
        raise StoreError(f"{what}: it has half a character in it (a lone surrogate), which is no text") from error


def _with_driver(url: str) -> str:
    """PostgreSQL through psycopg 3, however the URL names it."""
    return re.sub(r"^postgres(?:ql)?://", "postgresql+psycopg://", url)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says, not where Python guesses
    # WAL lets readers go on while a message is written; FULL makes "committed" mean "on the disk"; what is erased is
    # overwritten.
    for pragma in (
        f"busy_timeout={_BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "mmap_size=0",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later fails where another process has written in between.
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    writes = options.get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgresql(connection: Any, _: Any) -> None:
    # A worker whose machine vanished must not hold a conversation's row for hours.
    connection.autocommit = True
    connection.execute("SET idle_in_transaction_session_timeout = '30s'; SET lock_timeout = '15s'")
    connection.autocommit = False
