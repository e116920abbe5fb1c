"""What outlives the process: conversations, their messages and the shoppers' feedback.

In: messages as they are exchanged. Out: the same, in order, after any crash: when a call returns, what it wrote is on
the disk. SQLite in the data folder by default, any SQLAlchemy URL otherwise. It knows no screen and reads no message.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from assistant.as_json import plain
from assistant.errors import StoreError
from assistant.types import Reply, Role

Vote = Literal["up", "down"]

_metadata = sa.MetaData()
_conversations = sa.Table(
    "conversations",
    _metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("started_at", sa.String(32), nullable=False),
)
_messages = sa.Table(
    "messages",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("reply", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("replaces", sa.Integer, nullable=True),
)
_browsers = sa.Table(
    "browsers",
    _metadata,
    sa.Column("browser", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False),
)
_feedback = sa.Table(
    "feedback",
    _metadata,
    sa.Column("message_id", sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("vote", sa.String(8), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
)
_schema = sa.Table("schema_version", sa.MetaData(), sa.Column("version", sa.Integer, nullable=False))


def _create_tables(connection: sa.Connection) -> None:
    _metadata.create_all(connection)


def _know_browsers_and_edits(connection: sa.Connection) -> None:
    """For databases from before; in a new one the tables are already like this."""
    _browsers.create(connection, checkfirst=True)
    if "replaces" not in {column["name"] for column in sa.inspect(connection).get_columns("messages")}:
        connection.execute(sa.text("ALTER TABLE messages ADD COLUMN replaces INTEGER"))


# Applied once each, in this order, in one transaction each; a released migration is never changed, only followed.
MIGRATIONS: Final = (_create_tables, _know_browsers_and_edits)


@dataclass(frozen=True, slots=True)
class NewMessage:
    """One message to store. `reply` is there where the assistant wrote it.

    `replaces` is the id of the first message that an edited or repeated one stands for: that and all that followed
    are no part of the conversation any more. `browser` is whose current conversation this becomes.
    """

    conversation_id: str
    role: Role
    text: str
    reply: Reply | None = None
    replaces: int | None = None
    browser: str | None = None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message as it was stored. `reply` is the reply's JSON where the assistant wrote it."""

    id: int
    conversation_id: str
    at: datetime
    role: Role
    text: str
    reply: Mapping[str, Any] | None = None
    vote: Vote | None = None
    replaces: int | None = None


class Store:
    """Conversations in a database. Safe to share between threads; writes follow one another."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._writing = threading.Lock()  # one writer: SQLite takes no more, and busy waits would be failures
        self._migrate()

    @classmethod
    def open(cls, data: Path) -> Store:
        """The store in a data folder, created or migrated if need be.

        Raises:
            StoreError: the folder cannot be written, or the file is no database of ours.
        """
        try:
            data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the data folder {data} cannot be created ({error.strerror}): give another --data"
            ) from error
        return cls.at_url(f"sqlite:///{(data / 'conversations.db').resolve()}")

    @classmethod
    def at_url(cls, url: str) -> Store:
        """The store at a SQLAlchemy URL.

        Raises:
            StoreError: it cannot be opened, or a newer version wrote it.
        """
        engine = sa.create_engine(url)
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _prepare_sqlite)
        try:
            return cls(engine)
        except SQLAlchemyError as error:
            engine.dispose()
            raise StoreError(
                f"conversations cannot be kept in {engine.url.render_as_string()}: {_cause(error)}"
            ) from error

    def append_message(self, conversation_id: str, role: Role, text: str, reply: Reply | None = None) -> int:
        """Store one message and return its id; the conversation is created with its first message.

        Raises:
            StoreError: it could not be written; nothing was.
        """
        return self.append_messages([NewMessage(conversation_id, role, text, reply)])[0]

    def append_messages(self, messages: Sequence[NewMessage]) -> list[int]:
        """Store messages in one transaction and return their ids, in order.

        Raises:
            StoreError: one could not be written; none was.
        """
        now = _now()
        with self._write() as connection:
            named = {message.conversation_id for message in messages}
            known = sa.select(_conversations.c.id).where(_conversations.c.id.in_(named))
            if new := named - set(connection.execute(known).scalars()):
                connection.execute(_conversations.insert(), [{"id": name, "started_at": now} for name in new])
            for message in messages:
                if message.browser is not None:
                    connection.execute(_browsers.delete().where(_browsers.c.browser == message.browser))
                    row = {"browser": message.browser, "conversation_id": message.conversation_id}
                    connection.execute(_browsers.insert(), row)
            return [
                int(
                    connection.execute(
                        _messages.insert().returning(_messages.c.id),
                        {
                            "conversation_id": message.conversation_id,
                            "at": now,
                            "role": message.role,
                            "text": message.text,
                            "reply": None if message.reply is None else reply_json(message.reply),
                            "replaces": message.replaces,
                        },
                    ).scalar_one()
                )
                for message in messages
            ]

    def set_feedback(self, conversation_id: str, message_id: int, vote: Vote | None) -> bool:
        """Set or clear (None) the vote on an assistant's message. False: no such message in that conversation.

        Raises:
            StoreError: it could not be written.
        """
        with self._write() as connection:
            found = sa.select(_messages.c.id).where(
                _messages.c.id == message_id,
                _messages.c.conversation_id == conversation_id,
                _messages.c.role != "shopper",
            )
            if connection.execute(found).first() is None:
                return False
            connection.execute(_feedback.delete().where(_feedback.c.message_id == message_id))
            if vote is not None:
                connection.execute(_feedback.insert().values(message_id=message_id, vote=vote, at=_now()))
            return True

    def current_conversation(self, browser: str) -> str | None:
        """The conversation a browser is in; None where it is in none.

        Raises:
            StoreError: it could not be read.
        """
        found = sa.select(_browsers.c.conversation_id).where(_browsers.c.browser == browser)
        try:
            with self._engine.connect() as connection:
                return connection.execute(found).scalar_one_or_none()
        except SQLAlchemyError as error:
            raise StoreError(f"the conversation could not be read: {_cause(error)}") from error

    def leave_conversation(self, browser: str) -> None:
        """From now on the browser is in no conversation; what was said stays.

        Raises:
            StoreError: it could not be written.
        """
        with self._write() as connection:
            connection.execute(_browsers.delete().where(_browsers.c.browser == browser))

    def history(self, conversation_id: str, newest: int | None = None) -> tuple[StoredMessage, ...]:
        """The messages of a conversation, oldest first; empty where there is no such conversation.

        `newest` is how many at most, the last ones. Messages that were edited or repeated since are among them.

        Raises:
            StoreError: it could not be read.
        """
        rows = (
            sa.select(_messages, _feedback.c.vote)
            .outerjoin(_feedback, _feedback.c.message_id == _messages.c.id)
            .where(_messages.c.conversation_id == conversation_id)
            .order_by(_messages.c.id.desc())
            .limit(newest)
        )
        try:
            with self._engine.connect() as connection:
                return tuple(
                    StoredMessage(
                        row.id,
                        row.conversation_id,
                        datetime.fromisoformat(row.at),
                        row.role,
                        row.text,
                        row.reply,
                        row.vote,
                        row.replaces,
                    )
                    for row in reversed(connection.execute(rows).all())
                )
        except SQLAlchemyError as error:
            raise StoreError(f"the conversation could not be read: {_cause(error)}") from error

    def close(self) -> None:
        """Give the database back; the store is not used again."""
        self._engine.dispose()

    def _migrate(self) -> None:
        with self._engine.begin() as connection:
            _schema.create(connection, checkfirst=True)
            version = connection.execute(sa.select(_schema.c.version)).scalar() or 0
        if version > len(MIGRATIONS):
            raise StoreError(
                f"the database has version {version}, this program knows {len(MIGRATIONS)}: use the newer program"
            )
        for number, migration in enumerate(MIGRATIONS[version:], start=version + 1):
            with self._engine.begin() as connection:
                migration(connection)
                connection.execute(_schema.delete())
                connection.execute(_schema.insert().values(version=number))

    def _write(self) -> _Write:
        return _Write(self._engine, self._writing)


class _Write:
    """One transaction under the writer's lock: committed when the block ends, a StoreError when it cannot be."""

    def __init__(self, engine: sa.Engine, lock: threading.Lock) -> None:
        self._engine, self._lock = engine, lock

    def __enter__(self) -> sa.Connection:
        self._lock.acquire()
        try:
            self._connection = self._engine.connect()
            return self._connection
        except SQLAlchemyError as error:
            self._lock.release()
            raise StoreError(f"the message could not be stored: {_cause(error)}") from error

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        try:
            if error is None:
                self._connection.commit()
            self._connection.close()  # rolls back what was not committed
        except SQLAlchemyError as failure:
            raise StoreError(f"the message could not be stored: {_cause(failure)}") from failure
        finally:
            self._lock.release()
        if isinstance(error, SQLAlchemyError):
            raise StoreError(f"the message could not be stored: {_cause(error)}") from error


def reply_json(reply: Reply) -> dict[str, Any]:
    """A reply as JSON values: money as strings, so that no digit is lost."""
    values: dict[str, Any] = plain(reply)
    return values


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # WAL lets readers go on while a message is written; FULL makes "committed" mean "on the disk".
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "mmap_size=0"):
        connection.execute(f"PRAGMA {pragma}")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _cause(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
