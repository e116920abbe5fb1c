"""A history of bare texts, as a caller sends it along, as the history that a conversation kept here would have.

In: earlier messages as texts. Out: the same as `Message`s; of the last few the products that were shown and what was
understood, found as they were found then, so that "the second one" and "cheaper" mean something. It drafts nothing and
takes no word of the texts for true.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from assistant.cards import citations
from assistant.evidence import gather
from assistant.pipeline import Assistant
from assistant.several import merged_evidence, merged_query, parts_of
from assistant.types import Message, Part, Turn
from assistant.understanding import understand

_RECALLED = 4  # exchanges; what is further back is pointed at no more


async def recall(turn: Turn, assistant: Assistant) -> Turn:
    """The turn with its history recalled. `turn.history` has texts only; it may begin and end with anybody's."""
    return await asyncio.to_thread(_recall, turn, assistant)


def _recall(turn: Turn, assistant: Assistant) -> Turn:
    messages = turn.history
    asked = [n for n, message in enumerate(messages) if message.role == "shopper"]
    first = asked[-_RECALLED] if len(asked) >= _RECALLED else 0
    known: list[Message] = list(messages[:first])
    question: Turn | None = None
    for message in messages[first:]:
        if message.role == "shopper":
            question = replace(turn, text=message.text, history=tuple(known), shopper=None)
        elif question is not None and not message.product_ids and message.query is None:
            message, question = _with_what_was_shown(message, question, assistant), None
        known.append(message)
    return replace(turn, history=tuple(known))


def _with_what_was_shown(message: Message, question: Turn, assistant: Assistant) -> Message:
    """An assistant's message with what its question was understood as, and the products found for it."""
    index = assistant.index
    parts = parts_of(question, index, None) or (Part(*gather(understand(question, index), index)),)
    evidence = merged_evidence(parts)
    shown = [hit for part in parts if not part.evidence.relaxed for hit in part.evidence.products]
    named = shown or [evidence.hits[source.n - 1] for source in citations(message.text, evidence)]
    ids = dict.fromkeys(hit.entry.product.id for hit in named if hit.entry.product is not None)
    return replace(message, query=merged_query(parts), product_ids=tuple(ids), answered=evidence.answerable)
