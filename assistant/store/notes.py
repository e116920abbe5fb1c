"""What agents write for each other: notes beside a conversation, and replies that are kept to be used again.

In: their words. Out: the same. A note goes with its conversation; a kept reply holds no shopper's words and stays.
Neither is ever shown to a shopper by itself.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from assistant.errors import UnknownMessage
from assistant.store.agents import Agent
from assistant.store.audit import append_audit
from assistant.store.logbook import hold
from assistant.store.tables import agents, canned_replies, notes
from assistant.store.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Note:
    """What an agent noted on a conversation; `by` is their name."""

    id: int
    conversation_id: str
    agent_id: str
    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class CannedReply:
    """A reply that is kept to be used again. `language` None: for any."""

    id: str
    title: str
    text: str
    language: str | None = None


class Notes(Transactions):
    """The part of the store that keeps what agents write for each other."""

    def add_note(self, agent: Agent, conversation_id: str, text: str) -> Note:
        """Note something on a conversation.

        Raises:
            UnknownConversation, StoreError: nothing was stored.
        """
        now = self._now()
        with self._database.writing("the note could not be stored") as connection:
            hold(self._database, connection, conversation_id)
            row = {"conversation_id": conversation_id, "agent_id": agent.id, "at": now, "text": text}
            number = int(connection.execute(notes.insert().returning(notes.c.id), row).scalar_one())
            append_audit(connection, now, "note.added", conversation_id, agent.id, {"note": number})
            return Note(number, conversation_id, agent.id, agent.name, now, text)

    def notes(self, conversation_id: str) -> tuple[Note, ...]:
        """The notes on a conversation, the oldest first.

        Raises:
            StoreError: they could not be read.
        """
        found = sa.select(notes, agents.c.name).join(agents).where(notes.c.conversation_id == conversation_id)
        with self._database.reading("the notes could not be read") as connection:
            rows = connection.execute(found.order_by(notes.c.id))
            return tuple(Note(row.id, row.conversation_id, row.agent_id, row.name, row.at, row.text) for row in rows)

    def save_canned_reply(
        self, agent: Agent, title: str, text: str, language: str | None = None, reply_id: str | None = None
    ) -> CannedReply:
        """Keep a reply, or with `reply_id` change the one of that id.

        Raises:
            UnknownMessage: there is none of that id.
            StoreError: it could not be written.
        """
        now = self._now()
        kept = CannedReply(reply_id or "can_" + secrets.token_hex(8), title, text, language)
        values = {"title": title, "text": text, "language": language, "agent_id": agent.id, "changed_at": now}
        with self._database.writing("the reply could not be kept") as connection:
            if reply_id is None:
                connection.execute(canned_replies.insert(), {"id": kept.id, **values})
            else:
                changed = canned_replies.update().where(canned_replies.c.id == reply_id).values(values)
                if connection.execute(changed).rowcount == 0:
                    raise UnknownMessage(f"there is no kept reply {reply_id!r}")
            append_audit(connection, now, "canned.saved", kept.id, agent.id)
            return kept

    def delete_canned_reply(self, agent: Agent, reply_id: str) -> bool:
        """Keep a reply no longer. False: there was none of that id.

        Raises:
            StoreError: it could not be written.
        """
        with self._database.writing("the reply could not be deleted") as connection:
            gone = canned_replies.delete().where(canned_replies.c.id == reply_id)
            if connection.execute(gone).rowcount == 0:
                return False
            append_audit(connection, self._now(), "canned.deleted", reply_id, agent.id)
            return True

    def canned_replies(self) -> tuple[CannedReply, ...]:
        """All kept replies, by title.

        Raises:
            StoreError: they could not be read.
        """
        found = sa.select(canned_replies).order_by(canned_replies.c.title, canned_replies.c.id)
        with self._database.reading("the kept replies could not be read") as connection:
            return tuple(CannedReply(row.id, row.title, row.text, row.language) for row in connection.execute(found))
