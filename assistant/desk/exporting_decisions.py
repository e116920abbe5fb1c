"""Replies that agents sent, as examples for fine-tuning: JSON Lines, each reply with what it was drafted from.

In: the store. Out: lines with question, history, evidence, draft, approved reply, action and edit distance; only what
was accepted, edited or written, and not taken back. Personal data is replaced by placeholders, equal values of one
example by equal ones. It writes no file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from assistant.privacy.masking import Masker
from assistant.store import DecidedReply, Store


def decision_lines(store: Store, since: datetime | None = None) -> Iterator[str]:
    """One line an example, the oldest first, each ending with a line feed.

    Raises:
        StoreError: they could not be read.
    """
    for decided in store.decided_replies(since):
        yield json.dumps(example(decided), ensure_ascii=False) + "\n"


def example(decided: DecidedReply) -> dict[str, Any]:
    """One example. `draft` and `evidence` are null where the reply was written without a draft."""
    masker = Masker()
    masker.reserve((decided.question, decided.sent, *(text for _, text in decided.history)))
    return {
        "id": decided.id,
        "at": decided.at.isoformat(timespec="seconds"),
        "language": decided.language,
        "intent": decided.intent,
        "history": [{"role": role, "text": masker.mask(text)} for role, text in decided.history],
        "question": masker.mask(decided.question),
        "evidence": None if decided.trace is None else list(_evidence(decided.trace, masker)),
        "draft": None if decided.draft is None else masker.mask(decided.draft),
        "reply": masker.mask(decided.sent),
        "action": decided.action,
        "edit_distance": decided.edit_distance,
        "model": decided.model,
    }


def _evidence(trace: Mapping[str, Any], masker: Masker) -> Iterator[dict[str, Any]]:
    """What could be stated in the reply: entries as they were, and the shopper's orders without whose they are.

    `trace` is what the store keeps of a draft: what was found stands beside the trace itself.
    """
    for found in trace.get("hits") or ():
        for hit in (*(found.get("products") or ()), *(found.get("passages") or ())):
            yield dict(hit["entry"])
    for part in (trace.get("trace") or {}).get("parts") or ():
        for order in part["evidence"].get("orders") or ():
            yield {"kind": "order", "text": masker.mask(json.dumps(_order(order), ensure_ascii=False))}


def _order(order: Mapping[str, Any]) -> dict[str, Any]:
    return {name: order.get(name) for name in ("status", "placed_at", "items", "expected", "total", "currency")}
