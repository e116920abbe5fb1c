"""What outlives the process: conversations, their messages and events, who owns them, and what each answer rests on.

In: messages and events as they are exchanged. Out: the same, in order, after any crash: when a call returns, what it
wrote is on the disk. SQLite in the data folder by default, PostgreSQL by URL. It knows no screen and reads no message.

    values, tables            what is kept: as values, and as rows
    database, migrating       transactions; a database brought up to date
    messages, conversations, turns, following, proposals, attempts, traces, webhooks, agents, audit, corrections,
        unanswered, decided, pulse, exporting, erasing    each a part of `Store`: every method is one transaction
    upkeep                    what is dropped as time goes by
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from assistant.errors import StoreError
from assistant.store.agents import ROLES, Agent, Agents, Role
from assistant.store.attempts import OrderAttempts
from assistant.store.audit import Audit, AuditFault, AuditHead, AuditRow
from assistant.store.conversations import Conversations, secret_hash
from assistant.store.corrections import Correction, Corrections, CorrectionState, NewCorrection
from assistant.store.counting import Counting
from assistant.store.database import Database, cause
from assistant.store.decided import Decided, DecidedReply
from assistant.store.drafts import Draft, DraftKind, Drafts, DraftState, NewDraft
from assistant.store.erasing import Erased, Erasing
from assistant.store.exporting import Exporting
from assistant.store.following import Following
from assistant.store.handoffs import Changed, Handoff, HandoffReason, Handoffs, Mood, NewHandoff, Outcome
from assistant.store.messages import Messages, reply_json
from assistant.store.migrating import migrate
from assistant.store.notes import CannedReply, Note, Notes
from assistant.store.proposals import Proposals
from assistant.store.pulse import Pulse, Pulses
from assistant.store.queueing import QueueFilters, Queueing, QueueItem, QueueView
from assistant.store.sending import Decision, Sending
from assistant.store.traces import Traces
from assistant.store.transactions import utc_now
from assistant.store.turns import EventsOfEnd, Turns
from assistant.store.unanswered import Unanswered, UnansweredQuestion
from assistant.store.values import (
    FinishedTurn,
    NewEvent,
    NewMessage,
    StoredConversation,
    StoredEvent,
    StoredMessage,
    StoredTurn,
    TurnState,
    Vote,
    Who,
)
from assistant.store.webhooks import Webhook, Webhooks

__all__ = [
    "ROLES",
    "Agent",
    "AuditFault",
    "AuditHead",
    "AuditRow",
    "CannedReply",
    "Changed",
    "Correction",
    "CorrectionState",
    "DecidedReply",
    "Decision",
    "Draft",
    "DraftKind",
    "DraftState",
    "Erased",
    "EventsOfEnd",
    "FinishedTurn",
    "Handoff",
    "HandoffReason",
    "Mood",
    "NewCorrection",
    "NewDraft",
    "NewEvent",
    "NewHandoff",
    "NewMessage",
    "Note",
    "Outcome",
    "Pulse",
    "QueueFilters",
    "QueueItem",
    "QueueView",
    "Role",
    "Store",
    "StoredConversation",
    "StoredEvent",
    "StoredMessage",
    "StoredTurn",
    "TurnState",
    "UnansweredQuestion",
    "Vote",
    "Webhook",
    "Who",
    "reply_json",
    "secret_hash",
]


class Store(
    Messages,
    Conversations,
    Turns,
    Following,
    Proposals,
    OrderAttempts,
    Traces,
    Webhooks,
    Agents,
    Audit,
    Corrections,
    Unanswered,
    Decided,
    Counting,
    Pulses,
    Handoffs,
    Queueing,
    Drafts,
    Sending,
    Notes,
    Exporting,
    Erasing,
):
    """Everything that is kept, in one database. Safe to share between threads."""

    @classmethod
    def open(cls, data: Path, url: str = "", now: Callable[[], datetime] = utc_now) -> Store:
        """The store at a database URL, or in a data folder where that is empty; created or brought up to date.

        `now` is the clock.

        Raises:
            StoreError: it cannot be opened or written, or a newer version wrote it.
        """
        if url:
            return cls.at_url(url, now)
        try:
            data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the data folder {data} cannot be created ({error.strerror}): give another --data"
            ) from error
        return cls.at_url(f"sqlite:///{(data / 'conversations.db').resolve()}", now)

    @classmethod
    def at_url(cls, url: str, now: Callable[[], datetime] = utc_now) -> Store:
        """The store at a SQLAlchemy URL, created or brought up to date.

        Raises:
            StoreError: it cannot be opened, or a newer version wrote it.
        """
        database = Database(url)
        try:
            migrate(database)
        except StoreError as error:
            database.close()
            if isinstance(error.__cause__, SQLAlchemyError):
                raise StoreError(
                    f"conversations cannot be kept in {database.name}: {cause(error.__cause__)}"
                ) from error
            raise
        return cls(database, now)

    @property
    def database(self) -> Database:
        """The database below, for what is no part of a conversation: checks at start, copies."""
        return self._database

    def close(self) -> None:
        """Give the database back; the store is not used again."""
        self._database.close()
