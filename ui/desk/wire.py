"""What the desk's routes take and give, as JSON.

In: values of the store and of the desk. Out: the same as JSON, times in ISO 8601, money as strings; and the bodies that
the routes accept. It decides nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from assistant.store import DraftKind, Role, StoredEvent
from ui.api.wire import MAX_SEQ, Body, ProductId, Text

_LEFT_OUT: Final = frozenset({"secret_hash", "trace"})  # a secret's; and what only replays a draft, large as it is
Long = Annotated[Text, Field(max_length=8000)]  # as the desk itself has it: `assistant.desk.desk.MESSAGE_CHARS`


class Reassigned(Body):
    """Whose a conversation is to be."""

    to: Annotated[str, Field(max_length=24)]


class Wanted(Body):
    """What kind of draft is wanted."""

    kind: DraftKind = "first"
    instruction: Annotated[Text, Field(max_length=1000)] | None = None
    language: Annotated[Text, Field(max_length=35)] | None = None


class IntoLanguage(Body):
    """The language that a message is wanted in."""

    language: Literal["en", "zh"]


class Sent(Body):
    """What an agent says, and the draft that it was made of."""

    text: Long
    draft: Annotated[Text, Field(max_length=64)] | None = None


class Rejected(Body):
    """Why a draft is not sent."""

    reason: Annotated[Text, Field(max_length=1000)] | None = None


class NewNote(Body):
    """A note for the other agents."""

    text: Long


class KeptReply(Body):
    """A reply to keep."""

    title: Annotated[Text, Field(max_length=200)]
    text: Long
    language: Annotated[Text, Field(max_length=16)] | None = None


class NewAgent(Body):
    """An account to make."""

    name: Annotated[Text, Field(max_length=200)]
    login: Annotated[Text, Field(max_length=200)] | None = None
    role: Role = "agent"
    password: Annotated[Text, Field(max_length=300)]


class NewRole(Body):
    """Another role."""

    role: Role


class NewPassword(Body):
    """Another password."""

    password: Annotated[Text, Field(max_length=300)]


class NewAnswer(Body):
    """An answer to propose. `message` is the one that prompted it: it gives what is left empty."""

    question: Annotated[Text, Field(max_length=1000)] = ""
    answer: Long = ""
    message: Annotated[int, Field(ge=1, le=MAX_SEQ)] | None = None
    product_id: ProductId | None = None
    replaces: Annotated[Text, Field(max_length=200)] | None = None
    wordings: Annotated[list[Annotated[Text, Field(max_length=1000)]], Field(max_length=20)] = Field(
        default_factory=list
    )


class ChangedCorrection(Body):
    """How a proposal is to be worded; what is null stays."""

    question: Annotated[Text, Field(max_length=1000)] | None = None
    answer: Long | None = None
    wordings: Annotated[list[Annotated[Text, Field(max_length=1000)]], Field(max_length=20)] | None = None


def as_json(value: Any) -> Any:
    """A value of the desk as JSON, without the hash of a conversation's secret and without what a draft was made of."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.name not in _LEFT_OUT]
        return {name: as_json(getattr(value, name)) for name in names}
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_json(item) for item in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def event_json(event: StoredEvent) -> dict[str, Any]:
    """An event of a conversation's log, with the turn it belongs to."""
    return {"seq": event.seq, "turn": event.turn_id, "at": as_json(event.at), **as_json(event.data)}
