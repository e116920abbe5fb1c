"""A conversation as it stood, from the messages that were stored of it.

In: stored messages, oldest first. Out: the exchanges a page shows. It knows no database and no browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.as_json import revive
from assistant.store import StoredMessage
from assistant.types import Language, Reply
from knowledge_base.text import language_of
from ui.conversation import Exchange, finished


def restore(messages: Sequence[StoredMessage]) -> list[Exchange]:
    """The exchanges of a conversation; a message without an answer counts as stopped.

    What was edited or asked again is left out, as on the page. A reply that an older version wrote and that can no
    longer be read keeps its text.
    """
    exchanges: list[Exchange] = []
    for message in messages:
        if message.role == "shopper":
            first = message.replaces
            kept = [e for e in exchanges if first is None or e.asked_id is None or e.asked_id < first]
            asked = Exchange(message.text, _language(message.text), len(kept) + 1, "stopped", asked_id=message.id)
            exchanges = [*kept, asked]
        elif exchanges and exchanges[-1].message_id is None:
            exchanges[-1] = _answered(exchanges[-1], message)
    return exchanges


def _answered(exchange: Exchange, message: StoredMessage) -> Exchange:
    known = replace(exchange, answer=message.text, message_id=message.id, vote=message.vote)
    if message.reply is None:
        return known
    try:
        return finished(known, revive(Reply, message.reply))
    except ValueError:
        return replace(known, state="done")


def _language(text: str) -> Language:
    return "zh" if language_of(text) == "zh" else "en"
