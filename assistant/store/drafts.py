"""Drafts that wait for a person: what the assistant would say, kept beside the conversation and never in it.

In: drafts with what they rest on. Out: the same, and which of them still answer the shopper's newest message. No draft
becomes a message or an event: only what an agent sends does (`assistant.store.sending`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from assistant.as_json import plain, revive
from assistant.store.handoffs import open_one
from assistant.store.logbook import hold
from assistant.store.tables import drafts, handoffs, messages
from assistant.store.transactions import Transactions
from assistant.trace import Trace
from assistant.types import Reply
from knowledge_base.entry_json import entry_from_json, entry_to_json
from knowledge_base.types import Hit

DraftKind = Literal["first", "again", "shorter", "warmer", "language"]
DraftState = Literal["open", "sent", "rejected", "replaced"]


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A draft of an answer to the shopper's message `based_on`."""

    conversation_id: str
    based_on: int
    reply: Reply
    kind: DraftKind = "first"
    instruction: str | None = None
    trace: Trace | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it was stored. `reply.text` is what it says; `confidence` (0 to 1) that it is right, None: unknown.

    "open": it may be sent while its conversation's newest message of the shopper is `based_on`. "replaced": an
    agent answered otherwise.
    """

    id: str
    conversation_id: str
    based_on: int
    at: datetime
    state: DraftState
    kind: DraftKind
    text: str
    language: str | None
    model: str
    reply: Reply
    instruction: str | None = None
    confidence: float | None = None
    trace: Trace | None = None


class Drafts(Transactions):
    """The part of the store that keeps drafts."""

    def add_draft(self, new: NewDraft) -> Draft | None:
        """Store a draft; None, and nothing stored, where the shopper has said something newer.

        Of first drafts there is one a message: where there is one already, it is that.

        Raises:
            UnknownConversation: there is none of that id.
            StoreError: it could not be written.
        """
        now = self._now()
        query = new.reply.query
        with self._database.writing("the draft could not be stored") as connection:
            hold(self._database, connection, new.conversation_id)
            if newest_of_shopper(connection, new.conversation_id) != new.based_on:
                return None
            if new.kind == "first":
                first = sa.select(drafts).where(drafts.c.based_on == new.based_on, drafts.c.kind == "first")
                if (known := connection.execute(first.limit(1)).first()) is not None:
                    return stored_draft(known)
            row: dict[str, Any] = {
                "id": "drf_" + secrets.token_hex(12),
                "conversation_id": new.conversation_id,
                "based_on": new.based_on,
                "at": now,
                "state": "open",
                "kind": new.kind,
                "instruction": new.instruction,
                "text": new.reply.text,
                "language": query.language,
                "model": new.reply.model,
                "confidence": new.confidence,
                "reply": plain(new.reply),
                "trace": None if new.trace is None else _packed(new.trace),
            }
            connection.execute(drafts.insert(), row)
            if new.kind == "first":
                _note_on_handoff(connection, new)
            return Draft(
                **{name: row[name] for name in Draft.__dataclass_fields__ if name not in ("reply", "trace")},
                reply=new.reply,
                trace=new.trace,
            )

    def draft(self, draft_id: str) -> Draft | None:
        """One draft; None where there is none, or an older version wrote it so that it cannot be read.

        Raises:
            StoreError: it could not be read.
        """
        with self._database.reading("the draft could not be read") as connection:
            row = connection.execute(sa.select(drafts).where(drafts.c.id == draft_id)).first()
            return None if row is None else stored_draft(row)

    def first_draft(self, message_id: int) -> Draft | None:
        """The first draft that was made for a message, whatever has become of it; None where none was.

        Raises:
            StoreError: it could not be read.
        """
        first = sa.select(drafts).where(drafts.c.based_on == message_id, drafts.c.kind == "first")
        with self._database.reading("the draft could not be read") as connection:
            row = connection.execute(first.limit(1)).first()
            return None if row is None else stored_draft(row)

    def open_drafts(self, conversation_id: str) -> tuple[Draft, ...]:
        """The drafts that may be sent: open, and of the shopper's newest message. The newest first.

        Raises:
            StoreError: they could not be read.
        """
        with self._database.reading("the drafts could not be read") as connection:
            newest = newest_of_shopper(connection, conversation_id)
            found = sa.select(drafts).where(
                drafts.c.conversation_id == conversation_id, drafts.c.based_on == newest, drafts.c.state == "open"
            )
            rows = connection.execute(found.order_by(drafts.c.at.desc(), drafts.c.id)).all()
            return tuple(draft for row in rows if (draft := stored_draft(row)) is not None)


def newest_of_shopper(connection: sa.Connection, conversation_id: str) -> int | None:
    """The shopper's newest message in a conversation; None before there is any."""
    found = sa.select(sa.func.max(messages.c.id)).where(
        messages.c.conversation_id == conversation_id, messages.c.role == "shopper"
    )
    return connection.execute(found).scalar()


def stored_draft(row: sa.Row[Any]) -> Draft | None:
    """A row of drafts as a value; None where it cannot be read any more."""
    values = {name: getattr(row, name) for name in Draft.__dataclass_fields__ if name not in ("reply", "trace")}
    try:
        reply: Reply = revive(Reply, row.reply)
        return Draft(**values, reply=reply, trace=None if row.trace is None else _unpacked(row.trace))
    except (ValueError, KeyError):  # an older version wrote it otherwise
        return None


def _note_on_handoff(connection: sa.Connection, new: NewDraft) -> None:
    """What the draft understood of the message is what the queue shows of it."""
    found = open_one(connection, new.conversation_id)
    if found is None:
        return
    query = new.reply.query
    seen: dict[str, Any] = {"intent": query.intent, "language": query.language}
    if "complaint" in query.intents:
        seen["mood"] = "upset"
    if order := query.order_ref or next(iter(new.reply.orders), None):
        seen["order_id"] = order
    connection.execute(handoffs.update().where(handoffs.c.id == found.id).values(seen))


def _packed(trace: Trace) -> dict[str, Any]:
    """A trace as JSON values: entries of the catalogue as exports have them."""
    bare = tuple(replace(part, evidence=replace(part.evidence, products=(), passages=())) for part in trace.parts)
    hits = [
        {"products": _hits_json(part.evidence.products), "passages": _hits_json(part.evidence.passages)}
        for part in trace.parts
    ]
    return {"trace": plain(replace(trace, parts=bare)), "hits": hits}


def _unpacked(data: Any) -> Trace:
    trace: Trace = revive(Trace, data["trace"])
    parts = tuple(
        replace(
            part,
            evidence=replace(part.evidence, products=_hits(hits["products"]), passages=_hits(hits["passages"])),
        )
        for part, hits in zip(trace.parts, data["hits"], strict=True)
    )
    return replace(trace, parts=parts)


def _hits_json(hits: tuple[Hit, ...]) -> list[dict[str, Any]]:
    return [
        {
            "entry": entry_to_json(hit.entry),
            "score": float(hit.score),
            "rank": hit.rank,
            "stage": hit.stage,
            "variant_ids": list(hit.variant_ids),
        }
        for hit in hits
    ]


def _hits(values: list[dict[str, Any]]) -> tuple[Hit, ...]:
    return tuple(
        Hit(entry_from_json(one["entry"]), one["score"], one["rank"], one["stage"], tuple(one["variant_ids"]))
        for one in values
    )
