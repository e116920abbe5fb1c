"""Questions that the shop had no answer to.

In: from when on. Out: each with what came of it, the newest first. It reads no question and groups none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from assistant.store.tables import handoffs, messages
from assistant.store.transactions import Transactions

NOT_ANSWERED = ("policy", "product_question")
"""Of what intent a question must be for the shop to lack an answer: what it does not sell is no gap in what it says."""


@dataclass(frozen=True, slots=True)
class UnansweredQuestion:
    """One shopper's message. `answered_by_agent`: a person answered it later, in `agent_text`."""

    message_id: int
    conversation_id: str
    at: datetime
    text: str
    agent_text: str | None = None


class Unanswered(Transactions):
    """The part of the store that knows what was asked in vain."""

    def unanswered_questions(self, since: datetime, limit: int = 2000) -> tuple[UnansweredQuestion, ...]:
        """Questions from `since` on whose answer says that the shop's data has none, and those that were handed over
        because of that, the newest first.

        Raises:
            StoreError: they could not be read.
        """
        asked, answer, agent = messages.alias("asked"), messages.alias("answer"), messages.alias("agent")
        within = sa.select(sa.func.max(messages.c.id)).where(messages.c.role == "shopper")
        before_answer = (
            within.where(messages.c.conversation_id == answer.c.conversation_id, messages.c.id < answer.c.id)
            .correlate(answer)
            .scalar_subquery()
        )
        before_handoff = (
            within.where(messages.c.conversation_id == handoffs.c.conversation_id, messages.c.at <= handoffs.c.at)
            .correlate(handoffs)
            .scalar_subquery()
        )
        vain = sa.union(
            sa.select(before_answer.label("id")).where(
                answer.c.role == "assistant",
                answer.c.at >= since,
                answer.c.reply.is_not(None),
                answer.c.reply["answered"].as_boolean().is_(False),
                answer.c.reply[("query", "intents", 0)].as_string().in_(NOT_ANSWERED),
            ),
            sa.select(before_handoff.label("id")).where(handoffs.c.reason == "unknown", handoffs.c.at >= since),
        ).subquery()
        later = (
            sa.select(sa.func.min(messages.c.id))
            .where(
                messages.c.conversation_id == asked.c.conversation_id,
                messages.c.id > asked.c.id,
                messages.c.role == "agent",
                messages.c.withdrawn_at.is_(None),
            )
            .correlate(asked)
            .scalar_subquery()
        )
        found = (
            sa.select(asked.c.id, asked.c.conversation_id, asked.c.at, asked.c.text, agent.c.text.label("agent_text"))
            .join(vain, vain.c.id == asked.c.id)
            .outerjoin(agent, agent.c.id == later)
            .order_by(asked.c.id.desc())
            .limit(limit)
        )
        with self._database.reading("unanswered questions could not be read") as connection:
            return tuple(
                UnansweredQuestion(row.id, row.conversation_id, row.at, row.text, row.agent_text)
                for row in connection.execute(found)
            )
