"""Turns and events: one shopper's message being answered, and what a conversation's pages are told of it.

In: messages posted, events of answers, ends. Out: the same, numbered without gaps. Every method is one transaction; in
each, the conversation's row is what others wait at, so that two workers never number the same event, answer the same
turn, or answer two turns of a conversation at once. It runs no turn and shows no event.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from assistant.errors import IdempotencyConflict, TurnOver, UnknownMessage, UnknownTurn
from assistant.store.database import insert_if_new
from assistant.store.handoffs import NewHandoff, begin_waiting
from assistant.store.logbook import hold, hold_all, insert_events, told_message
from assistant.store.messages import insert_message, put_browser_in, stored_message, with_votes
from assistant.store.tables import conversations, events, messages, turns, unfinished
from assistant.store.transactions import Transactions
from assistant.store.values import (
    FINAL_STATES,
    FinishedTurn,
    NewEvent,
    NewMessage,
    StoredEvent,
    StoredMessage,
    StoredTurn,
    TurnState,
)
from assistant.store.webhooks import announce_handoff, announce_waiting
from assistant.trace import Trace
from assistant.types import Reply

EventsOfEnd = Callable[[StoredMessage | None], Sequence[tuple[str, Mapping[str, Any]]]]
"""From the stored answer, None where nothing was said, the events (kind, data) that end a turn."""

_asked, _answer = messages.alias("asked"), messages.alias("answer")
_turn = (
    sa.select(
        turns,
        _asked.c.text,
        _asked.c.replaces,
        _asked.c.id.label("message_id"),
        _answer.c.id.label("answer_id"),
    )
    .join(_asked, (_asked.c.turn_id == turns.c.id) & (_asked.c.role == "shopper"))
    .outerjoin(_answer, (_answer.c.turn_id == turns.c.id) & (_answer.c.role != "shopper"))
)
_unfinished = unfinished(turns)


class Turns(Transactions):
    """The part of the store that keeps turns and events."""

    def post_turn(
        self,
        conversation_id: str,
        text: str,
        *,
        key: str | None = None,
        page_product_id: str | None = None,
        locale: str | None = None,
        replaces: int | None = None,
        begins: bool = False,
        browser: str | None = None,
    ) -> StoredTurn:
        """Store a shopper's message and the turn that will answer it, queued, with its `message` event.

        Posted again with the same `key` it is the turn of the first time, whatever has become of it. `begins`: the
        conversation begins with it, and is the one that `browser` is in from then on.

        Raises:
            UnknownConversation: there is none of that id.
            UnknownMessage: `replaces` is no message of the conversation.
            IdempotencyConflict: `key` was used for another message.
            StoreError: it could not be written; nothing was.
        """
        now = self._now()
        with self._database.writing() as connection:
            if begins:
                row = {"id": conversation_id, "started_at": now, "last_at": now, "locale": locale}
                insert_if_new(connection, conversations, [row | {"page_product_id": page_product_id}])
                if browser is not None:
                    put_browser_in(connection, browser, conversation_id)
            seq = hold(self._database, connection, conversation_id) + 1
            if key is not None and (known := _one(connection, conversation_id, key)) is not None:
                if (known.text, known.replaces) != (text, replaces):
                    raise IdempotencyConflict(f"the key {key!r} was used for another message: take a new one")
                return known
            if replaces is not None:
                of = sa.select(messages.c.conversation_id).where(messages.c.id == replaces)
                if connection.execute(of).scalar_one_or_none() != conversation_id:
                    raise UnknownMessage(f"message {replaces}, to be replaced, is not in this conversation")
            before = sa.select(sa.func.max(turns.c.number)).where(turns.c.conversation_id == conversation_id)
            turn: dict[str, Any] = {
                "id": secrets.token_hex(12),  # never begins with a dash, as a command line would take for an option
                "conversation_id": conversation_id,
                "number": (connection.execute(before).scalar() or 0) + 1,
                "state": "queued",
                "key": key,
                "posted_at": now,
                "page_product_id": page_product_id,
                "locale": locale,
                "first_seq": seq,
            }
            connection.execute(turns.insert(), turn)
            message = NewMessage(conversation_id, "shopper", text, replaces=replaces)
            stored = insert_message(connection, message, now, turn["id"])
            event = StoredEvent(seq, turn["id"], "message", {"message": told_message(stored), "turn": turn["id"]}, now)
            insert_events(connection, {conversation_id: [event]}, now)
            return StoredTurn(**turn, text=text, message_id=stored.id, replaces=replaces)

    def claim_turn(self, turn_id: str, owner: str, lease_s: float) -> bool:
        """Take a queued turn to answer it; `owner` has it for `lease_s` seconds, and longer with `renew_turns`.

        False: it is not queued, an earlier one of its conversation is not finished, or there is none of that id.

        Raises:
            StoreError: it could not be written.
        """
        with self._database.writing("the turn could not be taken") as connection:
            turn = self._lock_turn(connection, turn_id)
            if turn is None or turn.state != "queued":
                return False
            earlier = sa.select(turns.c.id).where(
                turns.c.conversation_id == turn.conversation_id, turns.c.number < turn.number, _unfinished
            )
            if connection.execute(earlier.limit(1)).first() is not None:
                return False
            _take(connection, turn_id, owner, self._now() + timedelta(seconds=lease_s))
            return True

    def take_turn_over(self, turn_id: str, owner: str, lease_s: float) -> StoredTurn | None:
        """Take a running turn whose lease is over from a worker that is gone. None: it is not running, or not over.

        Raises:
            StoreError: it could not be written.
        """
        now = self._now()
        with self._database.writing("the turn could not be taken") as connection:
            turn = self._lock_turn(connection, turn_id)
            if turn is None or turn.state != "running" or (turn.lease_until or now) > now:
                return None
            _take(connection, turn_id, owner, now + timedelta(seconds=lease_s))
            return _one(connection, turn_id)

    def renew_turns(self, owner: str, turn_ids: Iterable[str], lease_s: float) -> set[str]:
        """Keep turns for another `lease_s` seconds; those of them that are to be ended: stopped, or not the owner's.

        Raises:
            StoreError: it could not be written.
        """
        named = set(turn_ids)
        theirs = sa.and_(turns.c.id.in_(sorted(named)), turns.c.owner == owner, turns.c.state == "running")
        with self._database.writing("the turns could not be kept") as connection:
            until = self._now() + timedelta(seconds=lease_s)
            kept = turns.update().where(theirs).values(lease_until=until)
            rows = connection.execute(kept.returning(turns.c.id, turns.c.stop_requested)).all()
            return (named - {row.id for row in rows}) | {row.id for row in rows if row.stop_requested}

    def append_events(self, new: Sequence[NewEvent]) -> list[int | None]:
        """Append events of any number of conversations in one transaction; their numbers, in order.

        None stands for an event that was not taken: its turn is over, or is not its owner's any more, or there is no
        such conversation.

        Raises:
            StoreError: they could not be written; none was.
        """
        now = self._now()
        with self._database.writing("the events could not be stored") as connection:
            heads = hold_all(self._database, connection, {event.conversation_id for event in new})
            running = _running(connection, {event.turn_id for event in new if event.turn_id is not None})
            seqs: list[int | None] = []
            fresh: dict[str, list[StoredEvent]] = defaultdict(list)
            for event in new:
                taken = event.conversation_id in heads and _may_append(event, running)
                if taken:
                    heads[event.conversation_id] += 1
                    seq = heads[event.conversation_id]
                    fresh[event.conversation_id].append(StoredEvent(seq, event.turn_id, event.kind, event.data, now))
                seqs.append(heads[event.conversation_id] if taken else None)
            insert_events(connection, fresh, None)
            return seqs

    def finish_turn(
        self,
        turn_id: str,
        state: TurnState,
        text: str | None,
        reply: Reply | None,
        events_of_end: EventsOfEnd,
        *,
        owner: str | None = None,
        trace: Trace | None = None,
        handoff: NewHandoff | None = None,
    ) -> FinishedTurn:
        """End a turn: its answer, the events that tell of the end and its state, all or nothing.

        `text` None or "" stores no answer; `trace` is what the reply was made of. With `owner`, only while that worker
        owns the turn. `handoff` is opened unless one is open, or nobody works at the desk.

        Raises:
            TurnOver: it is finished already, or another's.
            UnknownTurn: there is none of that id.
            StoreError: it could not be written; nothing was.
        """
        if state not in FINAL_STATES:
            raise ValueError(f"a turn does not end as {state!r}; it ends as one of {', '.join(sorted(FINAL_STATES))}")
        now = self._now()
        with self._database.writing("the answer could not be stored") as connection:
            turn = self._lock_turn(connection, turn_id)
            if turn is None:
                raise UnknownTurn(f"there is no turn {turn_id!r}")
            if turn.state in FINAL_STATES or (owner is not None and turn.owner != owner):
                raise TurnOver(f"turn {turn_id!r} is {turn.state}, owned by {turn.owner or 'nobody'}, not by {owner}")
            conversation = turn.conversation_id
            message = None
            if text:
                written = NewMessage(conversation, "assistant", text, reply, trace=trace)
                message = insert_message(connection, written, now, turn_id)
                if self.announces:
                    announce_handoff(connection, message)
            ends = events_of_end(message)
            if handoff is not None and (new := begin_waiting(connection, conversation, handoff, now)):
                told_of = [(kind, data if kind == "who" else {**data, "turn": turn_id}) for kind, data in new]
                ends = [*told_of, *ends]
                if self.announces and handoff.notice:
                    asked = sa.select(messages.c.id).where(messages.c.turn_id == turn_id, messages.c.role == "shopper")
                    about = connection.execute(asked).scalar_one()
                    announce_waiting(connection, conversation, about, handoff.notice, handoff.language, now)
            told = tuple(
                StoredEvent(turn.head + place, None if kind == "who" else turn_id, kind, data, now)
                for place, (kind, data) in enumerate(ends, 1)
            )
            insert_events(connection, {conversation: told}, now if text else None)
            end = {"state": state, "last_seq": turn.head + len(told), "finished_at": now, "lease_until": None}
            connection.execute(turns.update().where(turns.c.id == turn_id).values(end))
            return FinishedTurn(message, told)

    def events(self, conversation_id: str, after: int = 0, limit: int = 500) -> tuple[StoredEvent, ...]:
        """At most `limit` events of a conversation that follow number `after`, in order.

        Of turns that ended long ago only what stays is there: messages, hand-offs and ends.

        Raises:
            StoreError: they could not be read.
        """
        found = sa.select(events).where(events.c.conversation_id == conversation_id, events.c.seq > after)
        with self._database.reading("the events could not be read") as connection:
            rows = connection.execute(found.order_by(events.c.seq).limit(limit))
            return tuple(StoredEvent(row.seq, row.turn_id, row.kind, row.data, row.at) for row in rows)

    def request_stop(self, conversation_id: str) -> bool:
        """Ask whoever answers to stop: the turn that runs, or the first that waits. False: none does either.

        Raises:
            StoreError: it could not be written.
        """
        first = sa.select(sa.func.min(turns.c.number)).where(turns.c.conversation_id == conversation_id, _unfinished)
        asked = turns.update().where(
            turns.c.conversation_id == conversation_id, turns.c.number == first.scalar_subquery(), _unfinished
        )
        with self._database.writing("the stop could not be stored") as connection:
            return connection.execute(asked.values(stop_requested=True)).rowcount == 1

    def orphaned_turns(self, now: datetime | None = None, queued_s: float = 5.0) -> tuple[StoredTurn, ...]:
        """Turns that nobody answers, the oldest first: running with a lease that is over, or next and not yet taken.

        A turn is next when all before it in its conversation are finished, and not yet taken when that, and its
        posting, were `queued_s` ago.

        Raises:
            StoreError: they could not be read.
        """
        now = now or self._now()
        waiting_since = now - timedelta(seconds=queued_s)
        other = turns.alias()
        same = other.c.conversation_id == turns.c.conversation_id
        earlier = sa.select(other.c.id).where(same, other.c.number < turns.c.number, unfinished(other))
        just_ended = sa.select(other.c.id).where(same, other.c.finished_at > waiting_since)
        left = sa.and_(turns.c.state == "running", turns.c.lease_until <= now)
        forgotten = sa.and_(
            turns.c.state == "queued",
            turns.c.posted_at <= waiting_since,
            ~sa.exists(earlier),
            ~sa.exists(just_ended),
        )
        orphaned = sa.select(turns.c.id).where(_unfinished, sa.or_(left, forgotten))
        found = _turn.where(turns.c.id.in_(orphaned)).order_by(turns.c.posted_at, turns.c.id)
        with self._database.reading("the turns could not be read") as connection:
            return tuple(_stored_turn(row) for row in connection.execute(found))

    def turn(self, turn_id: str) -> StoredTurn | None:
        """A turn; None where there is none of that id.

        Raises:
            StoreError: it could not be read.
        """
        with self._database.reading("the turn could not be read") as connection:
            return _one(connection, turn_id)

    def turn_by_key(self, conversation_id: str, key: str) -> StoredTurn | None:
        """The turn that was posted with an idempotency key; None where none was.

        Raises:
            StoreError: it could not be read.
        """
        with self._database.reading("the turn could not be read") as connection:
            return _one(connection, conversation_id, key)

    def unfinished_turns(self, conversation_id: str) -> tuple[StoredTurn, ...]:
        """A conversation's turns that run or wait, in order.

        Raises:
            StoreError: they could not be read.
        """
        found = _turn.where(turns.c.conversation_id == conversation_id, _unfinished).order_by(turns.c.number)
        with self._database.reading("the turns could not be read") as connection:
            return tuple(_stored_turn(row) for row in connection.execute(found))

    def unanswered(self, conversation_id: str) -> dict[int, StoredTurn]:
        """The turns of a conversation that have no answer (yet), by the ids of the messages that ask for one.

        One that is done was left to a person.

        Raises:
            StoreError: they could not be read.
        """
        found = _turn.where(turns.c.conversation_id == conversation_id, _answer.c.id.is_(None))
        with self._database.reading("the turns could not be read") as connection:
            read = [_stored_turn(row) for row in connection.execute(found.order_by(turns.c.number))]
            return {turn.message_id: turn for turn in read}

    def add_agent_message(self, conversation_id: str, text: str) -> StoredEvent:
        """Store what a person of the shop says to the shopper, with its `message` event, which is returned.

        Raises:
            UnknownConversation: there is none of that id.
            StoreError: it could not be written.
        """
        now = self._now()
        with self._database.writing() as connection:
            seq = hold(self._database, connection, conversation_id) + 1
            stored = insert_message(connection, NewMessage(conversation_id, "agent", text), now)
            event = StoredEvent(seq, None, "message", {"message": told_message(stored)}, now)
            insert_events(connection, {conversation_id: [event]}, now)
            return event

    def answer_of(self, turn_id: str) -> StoredMessage | None:
        """The stored answer of a turn; None where there is none (yet).

        Raises:
            StoreError: it could not be read.
        """
        found = with_votes.where(messages.c.turn_id == turn_id, messages.c.role != "shopper")
        with self._database.reading() as connection:
            row = connection.execute(found).first()
            return None if row is None else stored_message(row)

    def _lock_turn(self, connection: sa.Connection, turn_id: str) -> _Held | None:
        """Hold the conversation of a turn; the turn as it is then."""
        of = sa.select(turns.c.conversation_id).where(turns.c.id == turn_id)
        conversation_id = connection.execute(of).scalar_one_or_none()
        if conversation_id is None:
            return None
        head = hold_all(self._database, connection, {conversation_id}).get(conversation_id)
        row = connection.execute(sa.select(turns).where(turns.c.id == turn_id)).first()
        if head is None or row is None:
            return None
        return _Held(conversation_id, row.number, row.state, row.owner, row.lease_until, head)


@dataclass(frozen=True, slots=True)
class _Held:
    """What a turn is while its conversation is held. `head` is the number of the conversation's newest event."""

    conversation_id: str
    number: int
    state: TurnState
    owner: str | None
    lease_until: datetime | None
    head: int


def _one(connection: sa.Connection, named: str, key: str | None = None) -> StoredTurn | None:
    """A turn by its id, or by its conversation and key."""
    which = turns.c.id == named if key is None else sa.and_(turns.c.conversation_id == named, turns.c.key == key)
    row = connection.execute(_turn.where(which)).first()
    return None if row is None else _stored_turn(row)


def _take(connection: sa.Connection, turn_id: str, owner: str, until: datetime) -> None:
    taken = turns.update().where(turns.c.id == turn_id)
    connection.execute(taken.values(state="running", owner=owner, lease_until=until))


def _running(connection: sa.Connection, turn_ids: set[str]) -> dict[str, tuple[str, str | None]]:
    """The conversation and owner of those turns that run."""
    found = sa.select(turns.c.id, turns.c.conversation_id, turns.c.owner)
    rows = connection.execute(found.where(turns.c.id.in_(sorted(turn_ids)), turns.c.state == "running"))
    return {row.id: (row.conversation_id, row.owner) for row in rows}


def _may_append(event: NewEvent, running: Mapping[str, tuple[str, str | None]]) -> bool:
    if event.turn_id is None:
        return True
    conversation_id, owner = running.get(event.turn_id, (None, None))
    return conversation_id == event.conversation_id and event.owner in (None, owner)


def _stored_turn(row: sa.Row[Any]) -> StoredTurn:
    return StoredTurn(
        row.id,
        row.conversation_id,
        row.number,
        row.state,
        row.text,
        row.posted_at,
        row.message_id,
        row.first_seq,
        row.key,
        row.page_product_id,
        row.locale,
        row.replaces,
        row.owner,
        row.lease_until,
        row.stop_requested,
        row.answer_id,
        row.last_seq,
        row.finished_at,
    )
