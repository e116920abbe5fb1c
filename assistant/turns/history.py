"""What was said before a message, for the turn that answers it.

In: stored messages of a conversation, oldest first. Out: the history of a `Turn`. What was edited or asked again is
left out, and so is the message itself. It reads no store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from assistant.as_json import revive
from assistant.store import StoredMessage
from assistant.types import Message, Query

REMEMBERED: Final = 40  # messages; a prompt has room for far fewer


def history_of(messages: Iterable[StoredMessage], before: int, replaces: int | None = None) -> tuple[Message, ...]:
    """The messages before message `before`, as they stand.

    `replaces` is the first message that this one stands for: neither it nor what followed it is part of the history.
    """
    kept: list[StoredMessage] = []
    for message in messages:
        if message.id >= before:
            continue
        if message.replaces is not None:
            kept = [one for one in kept if one.id < message.replaces]
        kept.append(message)
    return tuple(_message(message) for message in kept if replaces is None or message.id < replaces)


def _message(message: StoredMessage) -> Message:
    if message.reply is None:
        return Message(message.role, message.text)
    reply = message.reply
    shown = tuple(card["id"] for card in reply.get("products", ())) or tuple(reply.get("mentioned", ()))
    return Message(message.role, message.text, shown, _query(reply), bool(reply.get("answered", True)))


def _query(reply: Mapping[str, Any]) -> Query | None:
    """What an answer was about; None where an older version wrote it otherwise."""
    try:
        query: Query = revive(Query, reply.get("query"))
    except ValueError:
        return None
    return query
