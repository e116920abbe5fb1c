"""What the store takes and gives: frozen values, every time an aware UTC datetime.

They know no database; what a table holds and how is `tables`' business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from assistant.trace import Trace
from assistant.types import Reply, Role

Vote = Literal["up", "down"]
Who = Literal["assistant", "waiting", "agent"]
"""Who answers in a conversation: the assistant, nobody while a person is waited for, or a person."""
TurnState = Literal["queued", "running", "done", "stopped", "failed"]
FINAL_STATES = frozenset({"done", "stopped", "failed"})


@dataclass(frozen=True, slots=True)
class NewMessage:
    """One message to store. `reply` is there where the assistant wrote it.

    `replaces` is the id of the first message that an edited or repeated one stands for: that and all that followed
    are no part of the conversation any more. `browser` is whose current conversation this becomes. `trace` is what the
    reply was made of. `agent_id` and `by` are who of the shop wrote an agent's message, `key` what it was sent with.
    """

    conversation_id: str
    role: Role
    text: str
    reply: Reply | None = None
    replaces: int | None = None
    browser: str | None = None
    trace: Trace | None = None
    agent_id: str | None = None
    by: str = ""
    key: str | None = None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message as it was stored. `reply` is the reply's JSON where the assistant wrote it.

    `turn` is the turn that it asked for or answers, None where it belongs to none. `agent_id` and `by`, their name, are
    who of the shop wrote an agent's message; `withdrawn_at` is when they took it back.
    """

    id: int
    conversation_id: str
    at: datetime
    role: Role
    text: str
    reply: Mapping[str, Any] | None = None
    vote: Vote | None = None
    replaces: int | None = None
    turn: str | None = None
    agent_id: str | None = None
    by: str = ""
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """One conversation. `shopper` is the verified owner, None for a guest's, which its secret opens (kept as a hash).

    `last_seq` is the newest event's number, 0 where there is none; `last_at` when something was last said.
    `running_turn` is the turn that is being answered, None where none is.
    """

    id: str
    started_at: datetime
    last_at: datetime
    shopper: str | None = None
    secret_hash: str | None = None
    locale: str | None = None
    page_product_id: str | None = None
    who: Who = "assistant"
    last_seq: int = 0
    running_turn: str | None = None


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One shopper's message being answered. `message_id` is that message, `answer_id` the answer's once there is one.

    `number` counts the turns of the conversation from 1. `first_seq` is the number of the turn's `message` event,
    `last_seq` that of its `done` or `error`, None before. `key` is the idempotency key it was posted with. `owner` is
    the worker that answers it until `lease_until`.
    """

    id: str
    conversation_id: str
    number: int
    state: TurnState
    text: str
    posted_at: datetime
    message_id: int
    first_seq: int
    key: str | None = None
    page_product_id: str | None = None
    locale: str | None = None
    replaces: int | None = None
    owner: str | None = None
    lease_until: datetime | None = None
    stop_requested: bool = False
    answer_id: int | None = None
    last_seq: int | None = None
    finished_at: datetime | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing follows."""
        return self.state in FINAL_STATES


@dataclass(frozen=True, slots=True)
class NewEvent:
    """One event to append to a conversation's log. `turn_id` is None where it belongs to no turn.

    With `owner` it is only taken while that worker owns the turn.
    """

    conversation_id: str
    turn_id: str | None
    kind: str
    data: Mapping[str, Any]
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event of a conversation's log; `seq` counts from 1 without gaps."""

    seq: int
    turn_id: str | None
    kind: str
    data: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class FinishedTurn:
    """How a turn ended: its answer, None where nothing was said, and the events that told of the end."""

    message: StoredMessage | None
    events: tuple[StoredEvent, ...]
