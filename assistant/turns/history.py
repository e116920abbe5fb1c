"""What was said before a message, for the turn that answers it.

In: stored messages of a conversation, oldest first. Out: the history of a `Turn`. What was edited or asked again is
left out, and so is the message itself. It reads no store.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from assistant.as_json import revive
from assistant.store import StoredMessage
from assistant.types import Message, Reply

REMEMBERED: Final = 40  # messages; a prompt has room for far fewer


def history_of(messages: Iterable[StoredMessage], before: int, replaces: int | None = None) -> tuple[Message, ...]:
    """What was said before message `before`, as it stands, each answer after its question.

    Messages that were sent while an earlier one was being answered have lower numbers than its answer. `replaces` is
    the first message that this one stands for: neither it nor what followed it is part of the history.
    """
    asked: dict[str, int] = {}  # of each turn, the shopper's message
    kept: list[tuple[int, StoredMessage]] = []  # with the message that it is, or that it answers
    for message in messages:
        if message.role == "shopper":
            if message.id >= before:
                continue
            if message.turn is not None:
                asked[message.turn] = message.id
            if message.replaces is not None:
                kept = [one for one in kept if one[0] < message.replaces]
        place = asked.get(message.turn or "", message.id)
        kept.append((place, message))
    kept.sort(key=lambda one: one[0])
    return tuple(_message(message) for place, message in kept if replaces is None or place < replaces)


def _message(message: StoredMessage) -> Message:
    if message.role == "agent" and message.reply is not None:
        shown = tuple(card["id"] for card in message.reply.get("products", ()))
        return Message("agent", message.text, shown, by=message.by)
    if message.reply is None:
        return Message(message.role, message.text, by=message.by)
    try:
        reply: Reply = revive(Reply, message.reply)
    except ValueError:  # an older version wrote it otherwise
        return Message(message.role, message.text, tuple(card["id"] for card in message.reply.get("products", ())))
    return reply.as_message()
