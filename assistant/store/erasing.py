"""What is forgotten: one shopper on request, what is older than the shop keeps it, and what nobody needs any more.

In: a shopper, a conversation or a time. Out: everything of it gone from the tables, and after `wipe` from the files. It
decides no period.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from assistant.errors import StoreError
from assistant.store.agents import LOGIN_WINDOW
from assistant.store.tables import (
    agent_sessions,
    conversations,
    events,
    login_attempts,
    messages,
    metadata,
    records,
    sessions,
    trace_hits,
    turns,
    used_tokens,
)
from assistant.store.transactions import Transactions

LASTING_KINDS: Final = ("message", "done", "error", "handoff")  # of events; the others only tell how an answer came
_AT_ONCE: Final = 100  # conversations or turns in one transaction: others must not wait long
_WIPE_S: Final = 30.0  # that readers in other processes are waited for
_UNUSED: Final = timedelta(days=2)  # since a record was last used, when nothing rests on it any more


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased."""

    conversations: int = 0
    messages: int = 0
    sessions: int = 0


class Erasing(Transactions):
    """The part of the store that forgets."""

    def conversation_ids(self, shopper: str) -> tuple[str, ...]:
        """All conversations of a shopper, the oldest first.

        Raises:
            StoreError: they could not be read.
        """
        found = sa.select(conversations.c.id).where(conversations.c.shopper == shopper)
        with self._database.reading("the conversations could not be read") as connection:
            return tuple(connection.execute(found.order_by(conversations.c.started_at, conversations.c.id)).scalars())

    def erase_shopper(self, shopper: str) -> Erased:
        """Erase a shopper: every conversation of theirs with all that belongs to it, and their sessions.

        Raises:
            StoreError: they could not be erased; none was.
        """
        with self._database.writing("the shopper could not be erased") as connection:
            held = sa.select(conversations.c.id).where(conversations.c.shopper == shopper).order_by(conversations.c.id)
            named = connection.execute(self._database.for_update(held)).scalars().all()
            n_sessions = connection.execute(sessions.delete().where(sessions.c.shopper == shopper)).rowcount
            return Erased(len(named), _delete_conversations(connection, named), n_sessions)

    def erase_conversation(self, conversation_id: str) -> Erased:
        """Erase one conversation with all that belongs to it.

        Raises:
            StoreError: it could not be erased.
        """
        with self._database.writing("the conversation could not be erased") as connection:
            held = sa.select(conversations.c.id).where(conversations.c.id == conversation_id)
            named = connection.execute(self._database.for_update(held)).scalars().all()
            return Erased(len(named), _delete_conversations(connection, named))

    def erase_before(self, when: datetime, most: int = _AT_ONCE) -> int:
        """Erase at most `most` conversations in which nothing was said since; how many there were to erase.

        Raises:
            StoreError: they could not be erased; none was.
        """
        old = sa.select(conversations.c.id).where(conversations.c.last_at < when).order_by(conversations.c.last_at)
        with self._database.writing("old conversations could not be erased") as connection:
            named = connection.execute(self._database.for_update(old.limit(most), skip=True)).scalars().all()
            _delete_conversations(connection, named)
            return len(named)

    def prune_events(self, when: datetime, most: int = _AT_ONCE) -> int:
        """Drop what only told how an answer came, of at most `most` turns that ended before; how many there were.

        Raises:
            StoreError: they could not be dropped; none was.
        """
        ended = (
            sa.select(turns.c.id).where(turns.c.finished_at < when, ~turns.c.is_pruned).order_by(turns.c.finished_at)
        )
        with self._database.writing("old events could not be dropped") as connection:
            named = connection.execute(self._database.for_update(ended.limit(most), skip=True)).scalars().all()
            fleeting = sa.and_(events.c.turn_id.in_(named), events.c.kind.not_in(LASTING_KINDS))
            connection.execute(events.delete().where(fleeting))
            connection.execute(turns.update().where(turns.c.id.in_(named)).values(is_pruned=True))
            return len(named)

    def drop_expired(self) -> None:
        """Drop sessions, tries to log in and used tokens that are over, and records that no answer rests on any more.

        Raises:
            StoreError: they could not be dropped.
        """
        now = self._now()
        rested_on = sa.exists().where(trace_hits.c.digest == records.c.digest)
        with self._database.writing("what has expired could not be dropped") as connection:
            connection.execute(sessions.delete().where(sessions.c.expires_at < now))
            connection.execute(used_tokens.delete().where(used_tokens.c.expires_at < now))
            connection.execute(agent_sessions.delete().where(agent_sessions.c.expires_at < now))
            connection.execute(login_attempts.delete().where(login_attempts.c.at <= now - LOGIN_WINDOW))
            connection.execute(records.delete().where(records.c.used_at < now - _UNUSED, ~rested_on))

    def wipe(self) -> None:
        """Take what was deleted out of the database's files as well; takes as long as copying them.

        SQLite's file is written anew and its log emptied. PostgreSQL is told to reclaim the rows at once; how long its
        log and its copies keep them is the server's affair.

        Raises:
            StoreError: another process read for so long that a log still holds it; trying again helps.
        """
        if not self._database.is_sqlite:
            with self._database.alone("deleted rows could not be reclaimed") as connection:
                connection.execute(sa.text("VACUUM"))
            return
        deadline = time.monotonic() + _WIPE_S
        with self._database.alone("deleted rows could not be wiped from the file") as connection:
            connection.execute(sa.text("VACUUM"))
            while connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]:
                if time.monotonic() > deadline:
                    raise StoreError(
                        "the rows are erased, but the database's log could not be emptied: another process reads; "
                        "erase once more, or stop it first"
                    )
                time.sleep(0.1)


def _delete_conversations(connection: sa.Connection, named: Sequence[str]) -> int:
    """Delete held conversations with everything that hangs on them; how many messages there were."""
    if not named:
        return 0
    said = sa.select(messages.c.id).where(messages.c.conversation_id.in_(named))
    n_messages = 0
    for table in reversed(metadata.sorted_tables):  # what refers comes before what it refers to
        if table is conversations:
            connection.execute(table.delete().where(table.c.id.in_(named)))
        elif "conversation_id" in table.c:
            gone = connection.execute(table.delete().where(table.c.conversation_id.in_(named)))
            n_messages += gone.rowcount if table is messages else 0
        elif "message_id" in table.c:
            connection.execute(table.delete().where(table.c.message_id.in_(said)))
    return n_messages
