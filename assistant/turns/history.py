"""What was said before a message, for the turn that answers it.

In: stored messages of a conversation, oldest first. Out: the history of a `Turn`. What was edited or asked again is
left out, and so is the message itself. It reads no store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from assistant.as_json import revive
from assistant.store import StoredMessage
from assistant.types import Message, Query, Reply, Turn

REMEMBERED: Final = 40  # messages; a prompt has room for far fewer
_UNDERSTOOD: Final = 4  # earlier messages; what is further back is gone on from no more


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


def with_questions(turn: Turn, understand: Callable[[Turn], Query]) -> Turn:
    """The turn with what the shopper asked before understood where no answer of the assistant tells: a person answered
    it, or nobody did. "And under $200?" goes on from that. Of the last few messages alone."""
    known: list[Message] = []
    gaps = _asked_of_people(turn.history)
    for n, message in enumerate(turn.history):
        if n in gaps:
            earlier = replace(turn, text=message.text, history=tuple(known), shopper=None)
            message = replace(message, query=understand(earlier))
        known.append(message)
    return replace(turn, history=tuple(known)) if gaps else turn


def has_gaps(history: Sequence[Message]) -> bool:
    """Whether `with_questions` has something to do."""
    return bool(_asked_of_people(history))


def _asked_of_people(history: Sequence[Message]) -> set[int]:
    """The places of the shopper's last messages that no message of the assistant follows before their next one."""
    asked = [n for n, message in enumerate(history) if message.role == "shopper"]
    ends = [*asked, len(history)][1:]
    alone = [
        n
        for n, end in zip(asked, ends, strict=True)
        if history[n].query is None and not any(one.role == "assistant" for one in history[n + 1 : end])
    ]
    return set(alone[-_UNDERSTOOD:])


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
