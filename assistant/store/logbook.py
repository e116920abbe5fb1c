"""A conversation's log: its row held while something is written, and events appended under the next numbers.

In: a transaction, conversations, events. Out: rows that nobody else numbers alike. What takes part in a conversation,
turns and the desk alike, holds the conversation first and appends last. It reads no event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assistant.errors import UnknownConversation
from assistant.store.database import Database
from assistant.store.tables import conversations, events
from assistant.store.values import StoredEvent, StoredMessage


def hold(database: Database, connection: sa.Connection, conversation_id: str) -> int:
    """Hold a conversation until the transaction ends; the number of its newest event.

    Raises:
        UnknownConversation: there is none of that id.
    """
    heads = hold_all(database, connection, {conversation_id})
    if conversation_id not in heads:
        raise UnknownConversation(f"there is no conversation {conversation_id!r}")
    return heads[conversation_id]


def hold_all(database: Database, connection: sa.Connection, conversation_ids: set[str]) -> dict[str, int]:
    """Hold conversations, always in the same order, so that two that want the same never wait for each other."""
    found = sa.select(conversations.c.id, conversations.c.last_seq).where(
        conversations.c.id.in_(sorted(conversation_ids))
    )
    rows = connection.execute(database.for_update(found.order_by(conversations.c.id)))
    return {row.id: row.last_seq for row in rows}


def insert_events(
    connection: sa.Connection, new: Mapping[str, Sequence[StoredEvent]], said_at: datetime | None
) -> None:
    """Write events to conversations that are held, and how far they have come; `said_at` where something was said."""
    rows = [
        {
            "conversation_id": conversation_id,
            "seq": event.seq,
            "turn_id": event.turn_id,
            "kind": event.kind,
            "data": event.data,
            "at": event.at,
        }
        for conversation_id, following in new.items()
        for event in following
    ]
    if not rows:
        return
    connection.execute(events.insert(), rows)
    changed: dict[str, Any] = {"last_seq": sa.bindparam("head")}
    if said_at is not None:
        changed["last_at"] = said_at
    heads = [{"of": name, "head": following[-1].seq} for name, following in new.items() if following]
    connection.execute(conversations.update().where(conversations.c.id == sa.bindparam("of")).values(changed), heads)


def told_message(message: StoredMessage) -> dict[str, Any]:
    """A message as its `message` event tells of it."""
    at = message.at.isoformat(timespec="milliseconds")
    told: dict[str, Any] = {"id": message.id, "role": message.role, "text": message.text, "at": at}
    if message.role == "agent":
        told["name"] = message.by or None
    if message.role == "agent" and message.reply is not None:
        told |= {"products": message.reply["products"], "citations": message.reply["citations"]}
    return told if message.replaces is None else told | {"replaces": message.replaces}
