"""A conversation as it stood, from the messages that were stored of it.

In: stored messages, oldest first, and the turns that have no answer. Out: the exchanges a page shows. It knows no
database and no browser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from assistant.store import StoredMessage, StoredTurn, TurnState
from assistant.turns import reply_parts
from ui.conversation import Exchange, State, ended, spoken_language

# Of a turn without an answer; whatever failed or was stopped may be asked again.
_WITHOUT_ANSWER: Final[Mapping[TurnState, State]] = {"queued": "waiting", "running": "waiting", "done": "left"}


def restore(messages: Sequence[StoredMessage], unanswered: Mapping[int, StoredTurn] | None = None) -> list[Exchange]:
    """The exchanges of a conversation; a message without an answer counts as stopped, unless its turn says otherwise.

    What was edited or asked again is left out, as on the page. A reply that an older version wrote and that can no
    longer be read keeps its text.
    """
    exchanges: list[Exchange] = []
    for message in messages:
        if message.role == "shopper":
            first = message.replaces
            kept = [exchange for exchange in exchanges if first is None or exchange.number < first]
            turn = (unanswered or {}).get(message.id)
            state = _WITHOUT_ANSWER.get(turn.state, "stopped") if turn is not None else "stopped"
            language = spoken_language(message.text)
            exchanges = [*kept, Exchange(message.text, language, message.id, state, turn=message.turn)]
        elif message.role == "assistant":
            place = _asked(exchanges, message)
            if place is not None:
                exchanges[place] = _answered(exchanges[place], message)
    return exchanges


def _asked(exchanges: Sequence[Exchange], message: StoredMessage) -> int | None:
    """The place of what a message answers; None where that is not shown."""
    for place in range(len(exchanges) - 1, -1, -1):
        if exchanges[place].message_id is None and message.turn in (None, exchanges[place].turn):
            return place
    return None


def _answered(exchange: Exchange, message: StoredMessage) -> Exchange:
    told = {"id": message.id, "text": message.text}
    if message.reply is None:
        return replace(ended(exchange, "stopped", told), vote=message.vote)
    return replace(ended(exchange, "done", told | reply_parts(message.reply)), vote=message.vote)
