"""Whether anything at the desk is new, in one cheap look for everybody who has it open.

In: the conversations that are open at some desk. Out: short marks that change when there is something to look at again.
It tells that something changed, not what: whoever is told reads it where it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import sqlalchemy as sa

from assistant.store.tables import conversations, decisions, drafts, handoffs, notes
from assistant.store.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Pulse:
    """Marks of what the desk shows. `queue`: hand-offs that are open, and what was said in them; `waiting`: how many of
    them nobody has claimed; `said`: anything that was said anywhere; `beside`: of each open conversation what stands
    beside its events, as drafts, notes, and who has it.
    """

    queue: str
    waiting: int
    said: str
    beside: Mapping[str, str]


class Pulses(Transactions):
    """The part of the store that tells whether to look again."""

    def pulse(self, opened: Collection[str] = ()) -> Pulse:
        """The marks as they are now.

        Raises:
            StoreError: they could not be read.
        """
        h, c = handoffs.c, conversations.c
        waiting = (
            sa.select(h.id, h.agent_id, h.claimed_at, h.reason, h.mood, h.seen_message_id, c.who, c.last_at)
            .join(conversations)
            .where(h.ended_at.is_(None))
            .order_by(h.id)
        )
        with self._database.reading("the queue could not be read") as connection:
            rows = connection.execute(waiting).all()
            said = connection.execute(sa.select(sa.func.max(c.last_at))).scalar_one_or_none()
            beside: dict[str, list[Any]] = {one: [] for one in opened}
            for found in _beside(list(opened)) if opened else ():
                for row in connection.execute(found):
                    beside[row.conversation_id].append(tuple(row)[1:])
        return Pulse(
            _mark(rows),
            sum(row.agent_id is None for row in rows),
            _mark(said),
            {one: _mark(found) for one, found in beside.items()},
        )


def _beside(opened: list[str]) -> tuple[sa.Select[Any], ...]:
    h, d, n, s = handoffs.c, drafts.c, notes.c, decisions.c
    return (
        sa.select(h.conversation_id, h.id, h.agent_id, h.ended_at, h.first_reply_at)
        .where(h.conversation_id.in_(opened))
        .order_by(h.id),
        sa.select(d.conversation_id, d.id, d.state).where(d.conversation_id.in_(opened)).order_by(d.at, d.id),
        sa.select(n.conversation_id, n.id).where(n.conversation_id.in_(opened)).order_by(n.id),
        sa.select(s.conversation_id, s.id, s.undone_at).where(s.conversation_id.in_(opened)).order_by(s.id),
    )


def _mark(found: Any) -> str:
    return f"{crc32(repr(found).encode()):08x}"
