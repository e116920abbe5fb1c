"""What each answer was made of: what was understood, retrieved, prompted, drafted and changed.

In: a `Trace` with the answer it belongs to. Out: the same value. Products and passages are kept once in each state in
which they were used, however many answers rest on them: they are the shop's. What is the shopper's stays with the
trace and goes with it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from assistant.as_json import plain, revive
from assistant.store.tables import messages, records, trace_hits, traces
from assistant.store.transactions import Transactions
from assistant.trace import Trace
from knowledge_base.entry_json import entry_from_json, entry_to_json
from knowledge_base.types import Hit


class Traces(Transactions):
    """The part of the store that keeps traces."""

    def trace(self, message_id: int) -> Trace | None:
        """What an answer was made of; None where that was not kept.

        Raises:
            ValueError: an older version wrote it, and it cannot be read any more.
            StoreError: it could not be read.
        """
        hits = sa.select(trace_hits, records.c.data).join(records).where(trace_hits.c.message_id == message_id)
        with self._database.reading("the trace could not be read") as connection:
            data = connection.execute(sa.select(traces.c.data).where(traces.c.message_id == message_id)).scalar()
            rows = connection.execute(hits.order_by(trace_hits.c.place)).all()
        if data is None:
            return None
        found: dict[tuple[int, bool], list[Hit]] = defaultdict(list)
        for row in rows:
            hit = Hit(entry_from_json(row.data), row.score, row.rank, row.stage, tuple(row.variant_ids))
            found[row.part, row.is_product].append(hit)
        trace: Trace = revive(Trace, data)
        parts = tuple(
            replace(
                part,
                evidence=replace(
                    part.evidence, products=tuple(found[number, True]), passages=tuple(found[number, False])
                ),
            )
            for number, part in enumerate(trace.parts)
        )
        return replace(trace, parts=parts)

    def answer_named(self, name: str) -> int | None:
        """The id of the answer that is meant: by its own id, by its message's, or by its turn's. None: there is none.

        Raises:
            StoreError: it could not be read.
        """
        with self._database.reading() as connection:
            if not name.isdecimal():
                of_turn = sa.select(messages.c.id).where(messages.c.turn_id == name, messages.c.role == "assistant")
                return connection.execute(of_turn).scalar()
            named = connection.execute(sa.select(messages).where(messages.c.id == int(name))).first()
            if named is None or named.role == "assistant":
                return None if named is None else int(name)
            following = sa.select(messages.c.id, messages.c.role, messages.c.turn_id).where(
                messages.c.conversation_id == named.conversation_id, messages.c.id > named.id
            )
            if named.turn_id is not None:
                following = following.where(messages.c.turn_id == named.turn_id)
            row = connection.execute(following.order_by(messages.c.id).limit(1)).first()
            return row.id if row is not None and row.role == "assistant" else None


def insert_trace(connection: sa.Connection, message_id: int, turn_id: str | None, trace: Trace, at: datetime) -> None:
    """Keep what a stored answer was made of."""
    bare = tuple(replace(part, evidence=replace(part.evidence, products=(), passages=())) for part in trace.parts)
    row = {"message_id": message_id, "turn_id": turn_id, "at": at, "data": plain(replace(trace, parts=bare))}
    connection.execute(traces.insert(), row)
    kept: dict[str, dict[str, Any]] = {}
    hits: list[dict[str, Any]] = []
    for number, part in enumerate(trace.parts):
        for is_product, hit in (
            *((True, hit) for hit in part.evidence.products),
            *((False, hit) for hit in part.evidence.passages),
        ):
            data = entry_to_json(hit.entry)
            digest = sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
            kept[digest] = {"digest": digest, "data": data, "used_at": at}
            hits.append(
                {
                    "message_id": message_id,
                    "place": len(hits),
                    "part": number,
                    "is_product": is_product,
                    "entry_id": hit.entry.id,
                    "score": float(hit.score),
                    "rank": hit.rank,
                    "stage": hit.stage,
                    "variant_ids": list(hit.variant_ids),
                    "digest": digest,
                }
            )
    if hits:
        _keep_records(connection, [kept[digest] for digest in sorted(kept)], at)
        connection.execute(trace_hits.insert(), hits)


def _keep_records(connection: sa.Connection, rows: list[dict[str, Any]], at: datetime) -> None:
    """Keep records that are new, and note once a day that one is still used: none of today's is ever swept away."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(records).values(rows)
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    connection.execute(
        new.on_conflict_do_update(
            index_elements=[records.c.digest],
            set_={"used_at": new.excluded.used_at},
            where=records.c.used_at < today,
        )
    )
