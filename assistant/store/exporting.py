"""Everything that is kept of a shopper, as lines that can be handed out.

In: a shopper or a conversation. Out: JSON objects, one after the other, each with its "kind". Events are left out:
they tell over again what messages and turns say. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assistant.store.tables import (
    conversations,
    decisions,
    drafts,
    feedback,
    handoffs,
    messages,
    notes,
    proposals,
    sessions,
    trace_hits,
    traces,
    turns,
)
from assistant.store.transactions import Transactions

_draft_columns = [column for column in drafts.c if column.name != "kind"]  # a line has a kind of its own
_of_the_desk: tuple[tuple[str, sa.Select[Any], sa.Column[Any]], ...] = (
    ("handoff", sa.select(handoffs), handoffs.c.id),
    ("draft", sa.select(*_draft_columns, drafts.c.kind.label("draft_kind")), drafts.c.at),
    ("decision", sa.select(decisions), decisions.c.id),
    ("note", sa.select(notes), notes.c.id),
)
_SECRET = frozenset({"secret_hash", "token_hash"})


class Exporting(Transactions):
    """The part of the store that hands out what it has of somebody."""

    def export_shopper(self, shopper: str) -> Iterator[dict[str, Any]]:
        """What is kept of a shopper: sessions, and each conversation as `export_conversation` has it.

        Raises:
            StoreError: it could not be read.
        """
        owned = sa.select(conversations.c.id).where(conversations.c.shopper == shopper)
        opened = sa.select(sessions).where(sessions.c.shopper == shopper).order_by(sessions.c.opened_at)
        with self._database.reading("the shopper could not be read") as connection:
            named = connection.execute(owned.order_by(conversations.c.started_at, conversations.c.id)).scalars().all()
            yield from (_line("session", row) for row in connection.execute(opened))
        for conversation_id in named:
            yield from self.export_conversation(conversation_id)

    def export_conversation(self, conversation_id: str) -> Iterator[dict[str, Any]]:
        """A conversation, its turns, messages with their votes, proposals, what each answer was made of, and what the
        desk has of it: hand-offs, drafts, decisions and notes.

        Raises:
            StoreError: it could not be read.
        """
        of = conversation_id
        said = sa.select(messages.c.id).where(messages.c.conversation_id == of)
        parts: list[tuple[str, sa.Select[Any]]] = [
            ("conversation", sa.select(conversations).where(conversations.c.id == of)),
            ("turn", sa.select(turns).where(turns.c.conversation_id == of).order_by(turns.c.number)),
            (
                "message",
                sa.select(messages, feedback.c.vote)
                .outerjoin(feedback)
                .where(messages.c.conversation_id == of)
                .order_by(messages.c.id),
            ),
            ("proposal", sa.select(proposals).where(proposals.c.conversation_id == of).order_by(proposals.c.id)),
            ("trace", sa.select(traces).where(traces.c.message_id.in_(said)).order_by(traces.c.message_id)),
            (
                "hit",
                sa.select(trace_hits)
                .where(trace_hits.c.message_id.in_(said))
                .order_by(trace_hits.c.message_id, trace_hits.c.place),
            ),
            *((kind, found.where(by.table.c.conversation_id == of).order_by(by)) for kind, found, by in _of_the_desk),
        ]
        with self._database.reading("the conversation could not be read") as connection:
            for kind, found in parts:
                yield from (_line(kind, row) for row in connection.execute(found))


def _line(kind: str, row: sa.Row[Any]) -> dict[str, Any]:
    """A row as JSON values, without what opens a conversation and without what is not there."""
    values = {
        name: value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value
        for name, value in row._mapping.items()
        if value is not None and name not in _SECRET
    }
    return {"kind": kind, **values}
