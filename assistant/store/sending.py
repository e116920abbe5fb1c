"""What agents say to shoppers, and what they decided about the drafts they were given.

In: a text an agent sends, with the draft it was made from. Out: the message with its event, and the decision, all or
nothing. A draft is sent once; none that answers an older message of the shopper is. It draws up no draft.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from rapidfuzz.distance import Levenshtein

from assistant.errors import DraftOver, IdempotencyConflict, NotYours, StaleDraft, TooLate, UnknownMessage
from assistant.store.agents import Agent
from assistant.store.audit import append_audit
from assistant.store.drafts import newest_of_shopper
from assistant.store.handoffs import Handoff, theirs
from assistant.store.logbook import hold, insert_events, told_message
from assistant.store.messages import insert_message
from assistant.store.tables import decisions, drafts, events, handoffs, messages
from assistant.store.transactions import Transactions
from assistant.store.values import NewMessage, StoredEvent
from assistant.types import Reply

DecisionAction = Literal["accept", "edit", "write", "reject"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What an agent decided about a draft, or that they wrote without one (`draft_id` None).

    `asked_id` is the shopper's message, `sent_id` what was sent, None where the draft was rejected. `edit_distance`
    counts the characters changed (Levenshtein), `seconds` run since the draft was made.
    """

    id: int
    conversation_id: str
    draft_id: str | None
    asked_id: int | None
    sent_id: int | None
    agent_id: str
    at: datetime
    action: DecisionAction
    text: str
    edit_distance: int | None = None
    seconds: float | None = None
    intent: str | None = None
    model: str | None = None
    reason: str | None = None
    undone_at: datetime | None = None


class Sending(Transactions):
    """The part of the store that keeps what agents say and decide."""

    def send_message(
        self,
        agent: Agent,
        conversation_id: str,
        text: str,
        key: str,
        draft_id: str | None = None,
        shown: Reply | None = None,
    ) -> StoredEvent:
        """Say something to the shopper; the `message` event. With the same `key` again it is that of the first time.

        `shown` is what stands beside the text: cards and sources.

        Raises:
            NotYours: the conversation is another agent's, or nobody's.
            HandoffOver: it is the assistant's.
            StaleDraft: the shopper has said something since the draft was made.
            DraftOver: the draft was sent, rejected or answered otherwise already, or is of another conversation.
            IdempotencyConflict: `key` was used for another text.
            UnknownConversation, StoreError: nothing was stored.
        """
        now = self._now()
        with self._database.writing() as connection:
            head = hold(self._database, connection, conversation_id)
            if (known := _sent_with(connection, conversation_id, key, text, agent)) is not None:
                return known
            handoff = theirs(connection, conversation_id, agent)
            asked_id = newest_of_shopper(connection, conversation_id)
            draft = None if draft_id is None else _sendable(connection, conversation_id, draft_id, asked_id)
            message = NewMessage(conversation_id, "agent", text, shown, agent_id=agent.id, by=agent.name, key=key)
            stored = insert_message(connection, message, now)
            event = StoredEvent(head + 1, None, "message", {"message": told_message(stored)}, now)
            insert_events(connection, {conversation_id: [event]}, now)
            decision = _decision(agent, handoff, draft, asked_id, text, now)
            action = decision["action"]
            connection.execute(decisions.insert(), decision | {"sent_id": stored.id})
            _settle_drafts(connection, conversation_id, draft_id)
            answered: dict[str, Any] = {"seen_message_id": stored.id}
            if handoff.first_reply_at is None:
                answered["first_reply_at"] = now
            connection.execute(handoffs.update().where(handoffs.c.id == handoff.id).values(answered))
            data = {"message": stored.id, "draft": draft_id, "action": action}
            append_audit(connection, now, "message.sent", conversation_id, agent.id, data)
            return event

    def withdraw_message(self, agent: Agent, conversation_id: str, message_id: int, within: timedelta) -> StoredEvent:
        """Take a message back that an agent sent a moment ago; the `withdrawn` event. Done again it is the same.

        Its words stay in the table, marked, and are taken out of the log.

        Raises:
            UnknownMessage: it is no agent's message of the conversation.
            NotYours: another agent sent it.
            TooLate: it was sent longer ago than `within`.
            StoreError: it could not be written.
        """
        now = self._now()
        its = sa.select(messages).where(messages.c.id == message_id, messages.c.conversation_id == conversation_id)
        with self._database.writing("the message could not be taken back") as connection:
            head = hold(self._database, connection, conversation_id)
            row = connection.execute(its.where(messages.c.role == "agent")).first()
            if row is None:
                raise UnknownMessage(f"message {message_id} is no agent's in this conversation")
            if row.agent_id != agent.id:
                raise NotYours("somebody else sent this message; only they can take it back")
            if row.withdrawn_at is not None:
                found = _event_of(connection, conversation_id, "withdrawn", message_id)
                if found is not None:
                    return found
            if now - row.at > within:
                seconds = within.total_seconds()
                raise TooLate(f"a message can be taken back for {seconds:g} seconds; send a correction instead")
            connection.execute(messages.update().where(messages.c.id == message_id).values(withdrawn_at=now))
            _scrub(connection, conversation_id, message_id)
            event = StoredEvent(head + 1, None, "withdrawn", {"message": message_id}, now)
            insert_events(connection, {conversation_id: [event]}, now)
            undone = decisions.update().where(decisions.c.sent_id == message_id).values(undone_at=now)
            asked_id = connection.execute(undone.returning(decisions.c.asked_id)).scalar()
            again = drafts.update().where(drafts.c.based_on == asked_id, drafts.c.state.in_(("sent", "replaced")))
            connection.execute(again.values(state="open"))
            no_reply = handoffs.update().where(
                handoffs.c.conversation_id == conversation_id, handoffs.c.first_reply_at == row.at
            )
            connection.execute(no_reply.values(first_reply_at=None))
            append_audit(connection, now, "message.withdrawn", conversation_id, agent.id, {"message": message_id})
            return event

    def reject_draft(self, agent: Agent, draft_id: str, reason: str | None = None) -> Decision:
        """Say that a draft is not to be sent.

        Raises:
            NotYours, HandoffOver: the conversation is not the agent's.
            DraftOver: there is no such draft, or it was sent or rejected already.
            StoreError: it could not be written.
        """
        now = self._now()
        of = sa.select(drafts.c.conversation_id).where(drafts.c.id == draft_id)
        with self._database.writing("the draft could not be rejected") as connection:
            conversation_id = connection.execute(of).scalar()
            if conversation_id is None:
                raise DraftOver("there is no such draft any more")
            hold(self._database, connection, conversation_id)
            handoff = theirs(connection, conversation_id, agent)
            draft = _open_draft(connection, conversation_id, draft_id)
            connection.execute(drafts.update().where(drafts.c.id == draft_id).values(state="rejected"))
            row = _decision(agent, handoff, draft, draft.based_on, "", now)
            row |= {"action": "reject", "edit_distance": None, "reason": reason or None}
            number = connection.execute(decisions.insert().returning(decisions.c.id), row).scalar_one()
            append_audit(connection, now, "draft.rejected", conversation_id, agent.id, {"draft": draft_id})
            return Decision(id=int(number), sent_id=None, **row)

    def decisions(self, conversation_id: str) -> tuple[Decision, ...]:
        """What was decided in a conversation, the oldest first.

        Raises:
            StoreError: it could not be read.
        """
        found = sa.select(decisions).where(decisions.c.conversation_id == conversation_id).order_by(decisions.c.id)
        with self._database.reading("the decisions could not be read") as connection:
            return tuple(Decision(*row) for row in connection.execute(found))


def _sent_with(
    connection: sa.Connection, conversation_id: str, key: str, text: str, agent: Agent
) -> StoredEvent | None:
    """The event of the message that was sent with a key; None where none was."""
    found = sa.select(messages).where(messages.c.conversation_id == conversation_id, messages.c.key == key)
    row = connection.execute(found).first()
    if row is None:
        return None
    if row.text != text or row.agent_id != agent.id:
        raise IdempotencyConflict(f"the key {key!r} was used for another message: take a new one")
    return _event_of(connection, conversation_id, "message", row.id)


def _event_of(connection: sa.Connection, conversation_id: str, kind: str, message_id: int) -> StoredEvent | None:
    """The event that told of an agent's message, or that it was taken back."""
    found = sa.select(events).where(
        events.c.conversation_id == conversation_id, events.c.kind == kind, events.c.turn_id.is_(None)
    )
    for row in connection.execute(found.order_by(events.c.seq.desc())):
        told = row.data.get("message")
        if (told.get("id") if isinstance(told, dict) else told) == message_id:
            return StoredEvent(row.seq, row.turn_id, row.kind, row.data, row.at)
    return None


def _scrub(connection: sa.Connection, conversation_id: str, message_id: int) -> None:
    """Take the words of a message out of the log: who reads it anew must not be shown them."""
    told = _event_of(connection, conversation_id, "message", message_id)
    if told is not None:
        kept = {name: told.data["message"][name] for name in ("id", "role", "at", "name")}
        data = {"message": {**kept, "text": "", "withdrawn": True}}
        its = events.update().where(events.c.conversation_id == conversation_id, events.c.seq == told.seq)
        connection.execute(its.values(data=data))


def _open_draft(connection: sa.Connection, conversation_id: str, draft_id: str) -> sa.Row[Any]:
    found = sa.select(drafts).where(drafts.c.id == draft_id, drafts.c.conversation_id == conversation_id)
    row = connection.execute(found).first()
    if row is None:
        raise DraftOver("there is no such draft in this conversation")
    if row.state != "open":
        raise DraftOver(f"this draft was {'answered otherwise' if row.state == 'replaced' else row.state} already")
    return row


def _sendable(connection: sa.Connection, conversation_id: str, draft_id: str, asked_id: int | None) -> sa.Row[Any]:
    """A draft that is open and answers the newest message."""
    draft = _open_draft(connection, conversation_id, draft_id)
    if draft.based_on != asked_id:
        raise StaleDraft("the shopper has written since this draft was made: look at the new draft")
    return draft


def _settle_drafts(connection: sa.Connection, conversation_id: str, sent: str | None) -> None:
    """The one that was sent, and those that are not needed any more."""
    open_ones = drafts.update().where(drafts.c.conversation_id == conversation_id, drafts.c.state == "open")
    if sent is not None:
        connection.execute(drafts.update().where(drafts.c.id == sent).values(state="sent"))
    connection.execute(open_ones.values(state="replaced"))


def _decision(
    agent: Agent, handoff: Handoff, draft: sa.Row[Any] | None, asked_id: int | None, text: str, now: datetime
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "conversation_id": handoff.conversation_id,
        "draft_id": None,
        "asked_id": asked_id,
        "agent_id": agent.id,
        "at": now,
        "action": "write",
        "text": text,
        "edit_distance": None,
        "seconds": None,
        "intent": handoff.intent,
        "model": None,
        "reason": None,
    }
    if draft is None:
        return row
    return row | {
        "draft_id": draft.id,
        "action": "accept" if text == draft.text else "edit",
        "edit_distance": Levenshtein.distance(draft.text, text),
        "seconds": round((now - draft.at).total_seconds(), 3),
        "intent": ((draft.reply.get("query") or {}).get("intents") or [handoff.intent])[0],
        "model": draft.model,
    }
