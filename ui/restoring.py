"""A conversation as it stood, from the messages that were stored of it.

In: stored messages, oldest first, and the turns that have no answer. Out: the entries a page shows. It knows no
database and no browser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from assistant.store import StoredMessage, StoredTurn, TurnState
from assistant.turns import reply_parts
from ui.conversation import Entry, Exchange, State, ended, remark, spoken_language

# Of a turn without an answer; whatever failed or was stopped may be asked again.
_WITHOUT_ANSWER: Final[Mapping[TurnState, State]] = {"queued": "waiting", "running": "waiting", "done": "left"}


def restore(messages: Sequence[StoredMessage], unanswered: Mapping[int, StoredTurn] | None = None) -> list[Entry]:
    """The entries of a conversation; a message without an answer counts as stopped, unless its turn says otherwise.

    What was edited or asked again is left out, as on the page. A reply that an older version wrote and that can no
    longer be read keeps its text.
    """
    entries: list[Entry] = []
    for message in messages:
        if message.role == "shopper":
            first = message.replaces
            kept = [entry for entry in entries if first is None or entry.number < first]
            turn = (unanswered or {}).get(message.id)
            state = _WITHOUT_ANSWER.get(turn.state, "stopped") if turn is not None else "stopped"
            language = spoken_language(message.text)
            entries = [*kept, Exchange(message.text, language, message.id, state, turn=message.turn)]
        elif message.role == "agent":
            entries.append(remark(_told(message)))
        else:
            _answer(entries, message)
    return entries


def _told(message: StoredMessage) -> dict[str, Any]:
    """A person's message as the log tells of it."""
    told = {"id": message.id, "text": message.text, "name": message.by or None}
    beside = {name: (message.reply or {}).get(name, []) for name in ("products", "citations")}
    return told | beside | {"withdrawn": message.withdrawn_at is not None}


def _answer(entries: list[Entry], message: StoredMessage) -> None:
    """Put an answer to what it answers; one whose question is not shown is left out."""
    for place in range(len(entries) - 1, -1, -1):
        asked = entries[place]
        if isinstance(asked, Exchange) and asked.message_id is None and message.turn in (None, asked.turn):
            entries[place] = _answered(asked, message)
            return


def _answered(exchange: Exchange, message: StoredMessage) -> Exchange:
    told = {"id": message.id, "text": message.text}
    if message.reply is None:
        return replace(ended(exchange, "stopped", told), vote=message.vote)
    return replace(ended(exchange, "done", told | reply_parts(message.reply)), vote=message.vote)
