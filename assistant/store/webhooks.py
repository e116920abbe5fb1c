"""What the shop's own server is to be told: written down with what it tells of, kept until it has been delivered.

In: hand-offs and conversations that have ended. Out: each once to whoever delivers, again when it was not delivered. It
sends nothing, and what it tells holds ids and no word of a message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import sqlalchemy as sa

from assistant.store.database import insert_if_new
from assistant.store.tables import conversations, feedback, messages, webhooks
from assistant.store.transactions import Transactions
from assistant.store.values import StoredMessage

WebhookKind = Literal["handoff.requested", "conversation.ended"]
_ENDS_KNOWN: Final = timedelta(days=3)  # ends that are longer ago, as after a long pause of the server, are not told
_KEPT: Final = timedelta(days=14)  # after which what is over is forgotten; longer than `_ENDS_KNOWN`
_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Webhook:
    """One thing to tell. `tries` counts this one; `delivered_to` are the receivers that have it already."""

    id: str
    kind: WebhookKind
    data: dict[str, Any]
    at: datetime
    tries: int
    delivered_to: tuple[str, ...] = ()


class Webhooks(Transactions):
    """The part of the store that keeps what is to be told. Nothing is written down before `announces` is set."""

    def end_conversations(self, idle: timedelta) -> int:
        """Write down the end of conversations in which nothing was said for `idle`; how many were, a hundred at most.

        One that goes on and ends again is told of again.

        Raises:
            StoreError: they could not be written; none was.
        """
        now = self._now()
        told = sa.select(webhooks.c.id).where(
            webhooks.c.conversation_id == conversations.c.id,
            webhooks.c.kind == "conversation.ended",
            webhooks.c.at > conversations.c.last_at,
        )
        said = sa.select(messages.c.id).where(messages.c.conversation_id == conversations.c.id)
        over = (
            sa.select(conversations)
            .where(
                conversations.c.last_at < now - idle,
                conversations.c.last_at > now - idle - _ENDS_KNOWN,
                said.exists(),
                ~told.exists(),
            )
            .order_by(conversations.c.last_at)
            .limit(_AT_ONCE)
        )
        with self._database.reading("conversations that have ended could not be found") as connection:
            rows = [_row("conversation.ended", row.id, row.last_at, _end_of(connection, row), now)
                    for row in connection.execute(over).all()]  # fmt: skip
        if not rows:
            return 0
        with self._database.writing("the ends of conversations could not be stored") as connection:
            return insert_if_new(connection, webhooks, rows)

    def due_webhooks(self, lease: timedelta, limit: int = 20) -> tuple[Webhook, ...]:
        """Take what is due, the longest due first: for `lease` nobody else gets it, afterwards it is due again.

        Raises:
            StoreError: it could not be taken.
        """
        now = self._now()
        due = webhooks.c.due_at <= now
        with self._database.reading("webhooks could not be read") as connection:
            if connection.execute(sa.select(webhooks.c.id).where(due).limit(1)).first() is None:
                return ()
        found = sa.select(webhooks).where(due).order_by(webhooks.c.due_at).limit(limit)
        with self._database.writing("webhooks could not be taken") as connection:
            rows = connection.execute(self._database.for_update(found, skip=True)).all()
            taken = webhooks.update().where(webhooks.c.id.in_([row.id for row in rows]))
            connection.execute(taken.values(due_at=now + lease, tries=webhooks.c.tries + 1))
            return tuple(
                Webhook(row.id, row.kind, row.data, row.at, row.tries + 1, tuple(row.delivered_to)) for row in rows
            )

    def settle_webhook(
        self, webhook_id: str, delivered_to: Sequence[str], again_in: timedelta | None, problem: str = ""
    ) -> None:
        """Say what came of a delivery. `again_in` None: it is over, delivered to all or given up.

        Raises:
            StoreError: it could not be written; it will be due again.
        """
        due_at = None if again_in is None else self._now() + again_in
        values = {"delivered_to": list(delivered_to), "due_at": due_at, "problem": problem[:200]}
        with self._database.writing("a webhook's delivery could not be stored") as connection:
            connection.execute(webhooks.update().where(webhooks.c.id == webhook_id).values(values))

    def waiting_webhooks(self) -> int:
        """How many are not over.

        Raises:
            StoreError: they could not be counted.
        """
        found = sa.select(sa.func.count()).select_from(webhooks).where(webhooks.c.due_at.is_not(None))
        with self._database.reading("webhooks could not be counted") as connection:
            return int(connection.execute(found).scalar_one())

    def forget_webhooks(self) -> int:
        """Forget those that have been over for two weeks; how many were.

        Raises:
            StoreError: they could not be deleted.
        """
        old = webhooks.delete().where(webhooks.c.due_at.is_(None), webhooks.c.at < self._now() - _KEPT)
        with self._database.writing("old webhooks could not be deleted") as connection:
            return connection.execute(old).rowcount


def announce_handoff(connection: sa.Connection, message: StoredMessage) -> None:
    """Write a hand-off down in the transaction that stores the answer that asks for it; nothing where none does."""
    reply = message.reply or {}
    if message.role != "assistant" or not reply.get("handoff"):
        return
    language = (reply.get("query") or {}).get("language")
    announce_waiting(connection, message.conversation_id, message.id, reply["handoff"], language, message.at)


def announce_waiting(
    connection: sa.Connection, conversation_id: str, message_id: int, reason: str, language: str | None, at: datetime
) -> None:
    """Write down that a person is waited for; `message_id` is the message that says so, or that waits."""
    shopper = sa.select(conversations.c.shopper).where(conversations.c.id == conversation_id)
    data = {
        "conversation_id": conversation_id,
        "shopper": connection.execute(shopper).scalar_one_or_none(),
        "message_id": message_id,
        "reason": reason,
        "language": language,
    }
    row = _row("handoff.requested", conversation_id, message_id, data, at)
    insert_if_new(connection, webhooks, [row])


def _row(kind: WebhookKind, conversation_id: str, about: Any, data: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Its id follows from what it tells, so that nothing is told twice by two workers."""
    digest = hashlib.sha256(f"{kind}\n{conversation_id}\n{about}".encode()).hexdigest()
    row = {"id": f"evt_{digest[:40]}", "kind": kind, "conversation_id": conversation_id, "data": data}
    return {**row, "at": at, "due_at": at, "delivered_to": []}


def _end_of(connection: sa.Connection, row: sa.Row[Any]) -> dict[str, Any]:
    its = messages.c.conversation_id == row.id
    n_messages = connection.execute(sa.select(sa.func.count()).where(its)).scalar_one()
    votes = sa.select(feedback.c.vote, sa.func.count()).join(messages, messages.c.id == feedback.c.message_id)
    counted = {row.vote: row[1] for row in connection.execute(votes.where(its).group_by(feedback.c.vote))}
    return {
        "conversation_id": row.id,
        "shopper": row.shopper,
        "started_at": row.started_at.isoformat(timespec="milliseconds"),
        "last_at": row.last_at.isoformat(timespec="milliseconds"),
        "messages": n_messages,
        "votes": {"up": counted.get("up", 0), "down": counted.get("down", 0)},
    }
