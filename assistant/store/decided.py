"""Replies that agents sent, each with the draft that they had before them: what a model may learn from.

In: from when on. Out: one value a decision, the oldest first, a few at a time. It knows no file format.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from assistant.store.tables import agents, decisions, drafts, messages
from assistant.store.transactions import Transactions
from assistant.types import Role

SENT: Final = ("accept", "edit", "write")
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class DecidedReply:
    """A reply that was sent and not taken back. `draft` and `trace` are None where it was written without a draft.

    `history` is who said what before the question, oldest first, without what was withdrawn.
    """

    id: int
    at: datetime
    action: str
    question: str
    history: tuple[tuple[Role, str], ...]
    draft: str | None
    trace: Mapping[str, Any] | None
    sent: str
    edit_distance: int | None
    intent: str | None
    language: str | None
    model: str | None
    agent: str


class Decided(Transactions):
    """The part of the store that hands out what was decided."""

    def decided_replies(self, since: datetime | None = None) -> Iterator[DecidedReply]:
        """Every reply that was accepted, edited or written, and sent; undone and withdrawn ones are left out.

        Raises:
            StoreError: they could not be read.
        """
        asked, sent = messages.alias("asked"), messages.alias("sent")
        found = (
            sa.select(
                decisions.c.id,
                decisions.c.at,
                decisions.c.action,
                decisions.c.conversation_id,
                decisions.c.asked_id,
                decisions.c.text.label("sent"),
                decisions.c.edit_distance,
                decisions.c.intent,
                decisions.c.model,
                asked.c.text.label("question"),
                drafts.c.text.label("draft"),
                drafts.c.trace,
                drafts.c.language,
                agents.c.name.label("agent"),
            )
            .join(asked, asked.c.id == decisions.c.asked_id)
            .join(sent, sent.c.id == decisions.c.sent_id)
            .join(agents, agents.c.id == decisions.c.agent_id)
            .outerjoin(drafts, drafts.c.id == decisions.c.draft_id)
            .where(decisions.c.action.in_(SENT), decisions.c.undone_at.is_(None), sent.c.withdrawn_at.is_(None))
            .order_by(decisions.c.id)
            .limit(_AT_ONCE)
        )
        if since is not None:
            found = found.where(decisions.c.at >= since)
        after = 0
        while True:
            with self._database.reading("what was decided could not be read") as connection:
                rows = connection.execute(found.where(decisions.c.id > after)).all()
                replies = [_reply(connection, row) for row in rows]
            yield from replies
            if len(rows) < _AT_ONCE:
                return
            after = rows[-1].id


def _reply(connection: sa.Connection, row: Any) -> DecidedReply:
    before = (
        sa.select(messages.c.id, messages.c.role, messages.c.text, messages.c.replaces)
        .where(
            messages.c.conversation_id == row.conversation_id,
            messages.c.id < row.asked_id,
            messages.c.withdrawn_at.is_(None),
        )
        .order_by(messages.c.id)
    )
    history: list[Any] = []
    for said in connection.execute(before):
        if said.replaces is not None:  # what was edited or asked again is no part of the conversation any more
            history = [earlier for earlier in history if earlier.id < said.replaces]
        history.append(said)
    values = dict(row._mapping)
    del values["conversation_id"], values["asked_id"]
    return DecidedReply(**values, history=tuple((said.role, said.text) for said in history))
