"""Chats that change hands: who answers in a conversation, since when and why, and what a person said in it.

In: hand-offs asked for by answers, and what agents do with them. Out: the hand-off as it is then, and the events that
tell the shopper of it. Every method is one transaction that holds the conversation, so that of two agents who claim or
send at once one is first and the other is told so. It draws up no draft and reads no message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from assistant.errors import HandoffOver, NotYours, Taken
from assistant.store.agents import Agent
from assistant.store.audit import append_audit
from assistant.store.logbook import hold, insert_events
from assistant.store.tables import agents, conversations, handoffs, messages, open_handoff
from assistant.store.transactions import Transactions
from assistant.store.values import StoredEvent, Who

HandoffReason = Literal["asked", "upset", "unknown", "low_confidence", "copilot", "taken"]
Mood = Literal["calm", "upset"]
Outcome = Literal["handed_back", "closed"]


@dataclass(frozen=True, slots=True)
class NewHandoff:
    """A hand-off to open. `notice` is what the shopper is told where that opens it, "" where they are told already."""

    reason: HandoffReason
    intent: str | None = None
    language: str | None = None
    mood: Mood = "calm"
    order_id: str | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Handoff:
    """One time that a person is asked for, or took over, in a conversation; over when `ended_at` is set.

    `agent_id` is whose it is, None while it waits; `agent` their name. `seen_message_id` is the newest message that
    they have seen.
    """

    id: int
    conversation_id: str
    reason: HandoffReason
    at: datetime
    intent: str | None = None
    language: str | None = None
    mood: Mood | None = None
    order_id: str | None = None
    agent_id: str | None = None
    agent: str | None = None
    claimed_at: datetime | None = None
    first_reply_at: datetime | None = None
    seen_message_id: int | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A hand-off after something was done, and the events that tell the shopper of it."""

    handoff: Handoff
    events: tuple[StoredEvent, ...] = ()


class Handoffs(Transactions):
    """The part of the store that knows whose a conversation is."""

    def handoff(self, conversation_id: str) -> Handoff | None:
        """The open hand-off of a conversation; None where there is none.

        Raises:
            StoreError: it could not be read.
        """
        with self._database.reading("the hand-off could not be read") as connection:
            return open_one(connection, conversation_id)

    def claim_handoff(self, agent: Agent, conversation_id: str) -> Changed:
        """Make a waiting conversation an agent's; of all who try, one gets it. Done again it stays theirs.

        Raises:
            Taken: another agent has it.
            HandoffOver: nobody is waited for there.
            UnknownConversation, StoreError.
        """
        now = self._now()
        with self._database.writing("the conversation could not be claimed") as connection:
            head = hold(self._database, connection, conversation_id)
            found = open_one(connection, conversation_id)
            if found is None:
                raise HandoffOver("nobody is waited for in this conversation: take it over to answer in it")
            return self._give(connection, head, found, agent, now)

    def take_conversation(self, agent: Agent, conversation_id: str) -> Changed:
        """Make a conversation an agent's, also one where nobody is waited for.

        Raises:
            Taken: another agent has it.
            UnknownConversation, StoreError.
        """
        now = self._now()
        with self._database.writing("the conversation could not be taken") as connection:
            head = hold(self._database, connection, conversation_id)
            if open_one(connection, conversation_id) is None:
                insert_handoff(connection, conversation_id, NewHandoff("taken"), now)
            found = open_one(connection, conversation_id)
            assert found is not None
            return self._give(connection, head, found, agent, now)

    def release_handoff(self, agent: Agent, conversation_id: str) -> Changed:
        """Let a conversation wait for another agent. Leads may release anybody's.

        Raises:
            NotYours: another agent has it, or nobody.
            HandoffOver, UnknownConversation, StoreError.
        """
        now = self._now()
        with self._database.writing("the conversation could not be released") as connection:
            head = hold(self._database, connection, conversation_id)
            found = theirs(connection, conversation_id, agent, or_lead=True)
            self._set(connection, found, agent_id=None, claimed_at=None)
            told = tell_who(connection, conversation_id, head, "waiting", None, now)
            append_audit(connection, now, "handoff.released", conversation_id, agent.id)
            return Changed(replace(found, agent_id=None, agent=None, claimed_at=None), told)

    def reassign_handoff(self, lead: Agent, conversation_id: str, to: Agent) -> Changed:
        """Give an open hand-off to an agent, whoever has it.

        Raises:
            HandoffOver, UnknownConversation, StoreError.
        """
        now = self._now()
        with self._database.writing("the conversation could not be reassigned") as connection:
            head = hold(self._database, connection, conversation_id)
            found = open_one(connection, conversation_id)
            if found is None:
                raise HandoffOver("nobody is waited for in this conversation any more")
            self._set(connection, found, agent_id=to.id, claimed_at=now)
            told = tell_who(connection, conversation_id, head, "agent", to.name, now)
            data = {"from": found.agent_id, "to": to.id}
            append_audit(connection, now, "handoff.reassigned", conversation_id, lead.id, data)
            return Changed(replace(found, agent_id=to.id, agent=to.name, claimed_at=now), told)

    def end_handoff(self, agent: Agent, conversation_id: str, outcome: Outcome) -> Changed:
        """Give a conversation back to the assistant. Leads may do so with anybody's, and with one that waits.

        Raises:
            NotYours: another agent has it, or nobody.
            HandoffOver, UnknownConversation, StoreError.
        """
        now = self._now()
        with self._database.writing("the conversation could not be handed back") as connection:
            head = hold(self._database, connection, conversation_id)
            found = theirs(connection, conversation_id, agent, or_lead=True)
            self._set(connection, found, ended_at=now, outcome=outcome)
            told = tell_who(connection, conversation_id, head, "assistant", None, now)
            append_audit(connection, now, f"handoff.{outcome}", conversation_id, agent.id)
            return Changed(replace(found, ended_at=now, outcome=outcome), told)

    def see_messages(self, agent: Agent, conversation_id: str) -> bool:
        """Note that an agent has seen all that was said in a conversation of theirs. False: it is not theirs.

        Raises:
            StoreError: it could not be written.
        """
        newest = sa.select(sa.func.max(messages.c.id)).where(messages.c.conversation_id == conversation_id)
        seen = handoffs.update().where(
            handoffs.c.conversation_id == conversation_id, open_handoff(handoffs), handoffs.c.agent_id == agent.id
        )
        with self._database.writing("what was seen could not be stored") as connection:
            return connection.execute(seen.values(seen_message_id=newest.scalar_subquery())).rowcount == 1

    def _give(self, connection: sa.Connection, head: int, found: Handoff, agent: Agent, now: datetime) -> Changed:
        """Make a held hand-off an agent's, unless it is another's who can still answer."""
        if found.agent_id == agent.id:
            return Changed(found)
        if found.agent_id is not None:
            able = sa.select(agents.c.id).where(agents.c.id == found.agent_id, agents.c.disabled_at.is_(None))
            if connection.execute(able).first() is not None:
                raise Taken(f"{found.agent} has this conversation already")
        self._set(connection, found, agent_id=agent.id, claimed_at=now)
        told = tell_who(connection, found.conversation_id, head, "agent", agent.name, now)
        append_audit(connection, now, "handoff.claimed", found.conversation_id, agent.id, {"reason": found.reason})
        return Changed(replace(found, agent_id=agent.id, agent=agent.name, claimed_at=now), told)

    @staticmethod
    def _set(connection: sa.Connection, found: Handoff, **values: Any) -> None:
        connection.execute(handoffs.update().where(handoffs.c.id == found.id).values(values))


def insert_handoff(connection: sa.Connection, conversation_id: str, new: NewHandoff, at: datetime) -> bool:
    """Open a hand-off in a conversation that is held. False: one is open already, which then takes on the mood."""
    found = open_one(connection, conversation_id)
    if found is not None:
        changed: dict[str, Any] = {"order_id": new.order_id} if found.order_id is None and new.order_id else {}
        changed |= {"mood": "upset"} if new.mood == "upset" else {}
        if changed:
            connection.execute(handoffs.update().where(handoffs.c.id == found.id).values(changed))
        return False
    newest_two = (
        sa.select(messages.c.id)
        .where(messages.c.conversation_id == conversation_id, messages.c.role == "shopper")
        .order_by(messages.c.id.desc())
        .limit(2)
    )
    asked = connection.execute(newest_two).scalars().all()
    row = {
        "conversation_id": conversation_id,
        "reason": new.reason,
        "at": at,
        "intent": new.intent,
        "language": new.language,
        "mood": new.mood,
        "order_id": new.order_id,
        "seen_message_id": asked[1] if len(asked) > 1 else 0,  # what led to it has not been seen
    }
    connection.execute(handoffs.insert(), row)
    return True


def begin_waiting(
    connection: sa.Connection, conversation_id: str, new: NewHandoff, at: datetime
) -> list[tuple[str, dict[str, Any]]]:
    """Open a hand-off in a held conversation; the events (kind, data) that tell of it, none where nothing changes: one
    is open already, or nobody works at the desk."""
    able = sa.select(agents.c.id).where(agents.c.disabled_at.is_(None)).limit(1)
    if connection.execute(able).first() is None or not insert_handoff(connection, conversation_id, new, at):
        return []
    connection.execute(conversations.update().where(conversations.c.id == conversation_id).values(who="waiting"))
    told: list[tuple[str, dict[str, Any]]] = [("who", {"who": "waiting", "name": None})]
    return [*told, ("handoff", {"reason": new.notice})] if new.notice else told


def open_one(connection: sa.Connection, conversation_id: str) -> Handoff | None:
    """The open hand-off of a conversation."""
    found = (
        sa.select(handoffs, agents.c.name.label("agent"))
        .outerjoin(agents, agents.c.id == handoffs.c.agent_id)
        .where(handoffs.c.conversation_id == conversation_id, open_handoff(handoffs))
    )
    row = connection.execute(found).first()
    return None if row is None else stored_handoff(row._mapping)


def theirs(connection: sa.Connection, conversation_id: str, agent: Agent, *, or_lead: bool = False) -> Handoff:
    """The open hand-off of a held conversation, which is the agent's; with `or_lead`, or any where the agent leads.

    Raises:
        HandoffOver: there is none.
        NotYours: it is another's, or nobody's.
    """
    found = open_one(connection, conversation_id)
    if found is None:
        raise HandoffOver("this conversation is with the assistant: take it over first")
    if found.agent_id != agent.id and not (or_lead and agent.may("lead")):
        whose = "nobody has claimed this conversation yet" if found.agent_id is None else f"{found.agent} has it"
        raise NotYours(f"{whose}: claim it, or ask a lead to give it to you")
    return found


def tell_who(
    connection: sa.Connection, conversation_id: str, head: int, who: Who, name: str | None, at: datetime
) -> tuple[StoredEvent, ...]:
    """Set who answers in a held conversation, with the event that tells; `head` is its newest event's number."""
    connection.execute(conversations.update().where(conversations.c.id == conversation_id).values(who=who))
    told = (StoredEvent(head + 1, None, "who", {"who": who, "name": name}, at),)
    insert_events(connection, {conversation_id: told}, None)
    return told


def stored_handoff(row: Mapping[Any, Any]) -> Handoff:
    """A row of hand-offs with its agent's name as a value."""
    return Handoff(**{name: row[name] for name in Handoff.__dataclass_fields__})
