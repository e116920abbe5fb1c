"""Messages as they are exchanged, the shoppers' votes on them, and which conversation a browser is in.

In: messages. Out: the same, in order, after any crash. It reads no message.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assistant.as_json import plain
from assistant.store.database import insert_if_new
from assistant.store.proposals import insert_proposals
from assistant.store.tables import agents, browsers, conversations, feedback, messages
from assistant.store.traces import insert_trace
from assistant.store.transactions import Transactions
from assistant.store.values import NewMessage, StoredMessage, Vote
from assistant.store.webhooks import announce_handoff
from assistant.types import Reply, Role

with_votes = (
    sa.select(messages, feedback.c.vote, agents.c.name.label("by"))
    .outerjoin(feedback, feedback.c.message_id == messages.c.id)
    .outerjoin(agents, agents.c.id == messages.c.agent_id)
)
"""Messages with what `stored_message` needs beside their own columns."""
_said = messages.c.withdrawn_at.is_(None)


class Messages(Transactions):
    """The part of the store that keeps messages."""

    def append_message(self, conversation_id: str, role: Role, text: str, reply: Reply | None = None) -> int:
        """Store one message and return its id; the conversation is created with its first message.

        Raises:
            StoreError: it could not be written; nothing was.
        """
        return self.append_messages([NewMessage(conversation_id, role, text, reply)])[0]

    def append_messages(self, new: Sequence[NewMessage]) -> list[int]:
        """Store messages in one transaction and return their ids, in order.

        Raises:
            StoreError: one could not be written; none was.
        """
        now = self._now()
        with self._database.writing() as connection:
            named = sorted({message.conversation_id for message in new})
            insert_if_new(
                connection, conversations, [{"id": name, "started_at": now, "last_at": now} for name in named]
            )
            held = sa.select(conversations.c.id).where(conversations.c.id.in_(named)).order_by(conversations.c.id)
            connection.execute(self._database.for_update(held))
            connection.execute(conversations.update().where(conversations.c.id.in_(named)).values(last_at=now))
            for message in new:
                if message.browser is not None:
                    put_browser_in(connection, message.browser, message.conversation_id)
            stored = [insert_message(connection, message, now) for message in new]
            for written in stored if self.announces else ():
                announce_handoff(connection, written)
            return [written.id for written in stored]

    def set_feedback(self, conversation_id: str, message_id: int, vote: Vote | None) -> bool:
        """Set or clear (None) the vote on an assistant's message. False: no such message in that conversation.

        Raises:
            StoreError: it could not be written.
        """
        with self._database.writing("the vote could not be stored") as connection:
            found = self._database.for_update(
                sa.select(messages.c.id).where(
                    messages.c.id == message_id,
                    messages.c.conversation_id == conversation_id,
                    messages.c.role != "shopper",
                )
            )
            if connection.execute(found).first() is None:
                return False
            connection.execute(feedback.delete().where(feedback.c.message_id == message_id))
            if vote is not None:
                connection.execute(feedback.insert().values(message_id=message_id, vote=vote, at=self._now()))
            return True

    def current_conversation(self, browser: str) -> str | None:
        """The conversation a browser is in; None where it is in none.

        Raises:
            StoreError: it could not be read.
        """
        found = sa.select(browsers.c.conversation_id).where(browsers.c.browser == browser)
        with self._database.reading() as connection:
            return connection.execute(found).scalar_one_or_none()

    def leave_conversation(self, browser: str) -> None:
        """From now on the browser is in no conversation; what was said stays.

        Raises:
            StoreError: it could not be written.
        """
        with self._database.writing() as connection:
            connection.execute(browsers.delete().where(browsers.c.browser == browser))

    def history(
        self, conversation_id: str, newest: int | None = None, *, withdrawn: bool = False
    ) -> tuple[StoredMessage, ...]:
        """The messages of a conversation, oldest first; empty where there is no such conversation.

        `newest` is how many at most, the last ones. Messages that were edited or repeated since are among them; those
        that an agent took back only with `withdrawn`.

        Raises:
            StoreError: it could not be read.
        """
        rows = (
            with_votes.where(messages.c.conversation_id == conversation_id, sa.true() if withdrawn else _said)
            .order_by(messages.c.id.desc())
            .limit(newest)
        )
        with self._database.reading() as connection:
            return tuple(stored_message(row) for row in reversed(connection.execute(rows).all()))

    def messages(self, conversation_id: str, after: int = 0, limit: int = 100) -> tuple[StoredMessage, ...]:
        """At most `limit` messages of a conversation that follow message `after`, oldest first; none taken back.

        Raises:
            StoreError: they could not be read.
        """
        rows = (
            with_votes.where(messages.c.conversation_id == conversation_id, messages.c.id > after, _said)
            .order_by(messages.c.id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return tuple(stored_message(row) for row in connection.execute(rows))

    def message(self, message_id: int) -> StoredMessage | None:
        """One message; None where there is none.

        Raises:
            StoreError: it could not be read.
        """
        with self._database.reading() as connection:
            row = connection.execute(with_votes.where(messages.c.id == message_id)).first()
            return None if row is None else stored_message(row)


def put_browser_in(connection: sa.Connection, browser: str, conversation_id: str) -> None:
    """Make a conversation the one that a browser is in."""
    connection.execute(browsers.delete().where(browsers.c.browser == browser))
    connection.execute(browsers.insert(), {"browser": browser, "conversation_id": conversation_id})


def insert_message(
    connection: sa.Connection, message: NewMessage, at: datetime, turn: str | None = None
) -> StoredMessage:
    """Write one message of a conversation that exists; it as it is stored."""
    row: dict[str, Any] = {
        "conversation_id": message.conversation_id,
        "at": at,
        "role": message.role,
        "text": message.text,
        "reply": None if message.reply is None else reply_json(message.reply),
        "replaces": message.replaces,
        "turn_id": turn,
        "agent_id": message.agent_id,
        "key": message.key,
    }
    message_id = int(connection.execute(messages.insert().returning(messages.c.id), row).scalar_one())
    if message.reply is not None:
        insert_proposals(connection, message.conversation_id, message_id, message.reply, at)
    if message.trace is not None:
        insert_trace(connection, message_id, turn, message.trace, at)
    return StoredMessage(
        message_id,
        message.conversation_id,
        at,
        message.role,
        message.text,
        row["reply"],
        None,
        message.replaces,
        turn,
        message.agent_id,
        message.by,
    )


def stored_message(row: sa.Row[Any]) -> StoredMessage:
    """A row of messages and votes as a value."""
    return StoredMessage(
        row.id,
        row.conversation_id,
        row.at,
        row.role,
        row.text,
        row.reply,
        row.vote,
        row.replaces,
        row.turn_id,
        row.agent_id,
        row.by or "",
        row.withdrawn_at,
    )


def reply_json(reply: Reply) -> dict[str, Any]:
    """A reply as JSON values: money as strings, so that no digit is lost."""
    values: dict[str, Any] = plain(reply)
    return values
