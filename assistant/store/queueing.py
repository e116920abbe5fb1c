"""The queue of the desk: conversations with who has them, since when somebody waits, and what is unread.

In: whose view, words to search for, filters. Out: lines in the order in which they should be looked at. It changes
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa

from assistant.store.handoffs import HandoffReason, Mood, Outcome
from assistant.store.tables import agents, conversations, handoffs, messages, open_handoff
from assistant.store.transactions import Transactions
from assistant.store.values import Who
from assistant.types import Role

QueueView = Literal["waiting", "mine", "all", "ended"]
_FIRST_WORDS: Final = 120  # characters of the last message


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What a line of the queue must be; None: anything."""

    reason: HandoffReason | None = None
    language: str | None = None
    intent: str | None = None
    mood: Mood | None = None
    agent_id: str | None = None
    has_order: bool | None = None
    unread: bool = False


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One conversation in the queue; `id` is the conversation's. `handoff_id` and what it says are None where the
    assistant has it.

    `waiting_s` is for how long the shopper has waited for a person, 0 where a person spoke last; None where they wait
    for none. `agent` is the name of who has it. `preview` are the first words of what shopper or agent said last, and
    `preview_role` who it was. `unread` is how many of the shopper's messages nobody of the shop has seen. `is_known`:
    the shopper is signed in.
    """

    id: str
    who: Who
    last_at: datetime
    handoff_id: int | None = None
    reason: HandoffReason | None = None
    waiting_s: float | None = None
    language: str | None = None
    intent: str | None = None
    mood: Mood | None = None
    order_id: str | None = None
    agent_id: str | None = None
    agent: str | None = None
    preview: str = ""
    preview_role: Role | None = None
    unread: int = 0
    is_known: bool = False
    outcome: Outcome | None = None


class Queueing(Transactions):
    """The part of the store that lists what there is to do."""

    def queue(
        self,
        view: QueueView = "waiting",
        agent_id: str | None = None,
        search: str = "",
        filters: QueueFilters | None = None,
        limit: int = 200,
    ) -> tuple[QueueItem, ...]:
        """Conversations of a view: "waiting", nobody has claimed them, or who did is disabled, the longest first;
        "mine", `agent_id` has them, those with the longest waiting first; "all", whoever has them, the newest first;
        "ended", which were given back, the newest first.

        `search` is looked for in what was said, in the shopper's id, the order's and the conversation's.

        Raises:
            StoreError: they could not be read.
        """
        filters = filters or QueueFilters()
        found = _view(view, agent_id)
        if search.strip():
            found = found.where(_mentions(search.strip().lower()))
        for column, wanted in (
            (handoffs.c.reason, filters.reason),
            (handoffs.c.language, filters.language),
            (handoffs.c.intent, filters.intent),
            (handoffs.c.mood, filters.mood),
            (handoffs.c.agent_id, filters.agent_id),
        ):
            if wanted is not None:
                found = found.where(column == wanted)
        if filters.has_order is not None:
            found = found.where(handoffs.c.order_id.is_not(None) == filters.has_order)
        if filters.unread:
            found = found.where(_unread > 0)
        now = self._now()
        with self._database.reading("the queue could not be read") as connection:
            lines = [_line(row, now) for row in connection.execute(found.limit(limit))]
        if view == "mine":
            lines.sort(key=lambda line: -(line.waiting_s or 0.0))
        return tuple(lines)


_its = messages.c.conversation_id == conversations.c.id
_last_id = (  # of people: what the assistant said last tells nobody what the matter is
    sa.select(sa.func.max(messages.c.id))
    .where(_its, messages.c.withdrawn_at.is_(None), messages.c.role != "assistant")
    .correlate(conversations)
).scalar_subquery()
_of_shopper = (_its, messages.c.role == "shopper")
_unread = sa.case(
    (
        handoffs.c.id.is_not(None) & handoffs.c.ended_at.is_(None),
        sa.select(sa.func.count())
        .where(*_of_shopper, messages.c.id > sa.func.coalesce(handoffs.c.seen_message_id, 0))
        .correlate(conversations, handoffs)
        .scalar_subquery(),
    ),
    else_=0,
)
_other = messages.alias("other")
_last_of_person = (
    sa.select(sa.func.coalesce(sa.func.max(_other.c.id), 0))
    .where(_other.c.conversation_id == conversations.c.id, _other.c.role == "agent", _other.c.withdrawn_at.is_(None))
    .correlate(conversations)
    .scalar_subquery()
)
_waits_since = (
    sa.select(sa.func.min(messages.c.at))
    .where(*_of_shopper, messages.c.id > _last_of_person)
    .correlate(conversations)
    .scalar_subquery()
)
_last = messages.alias("last")
_columns = (
    conversations.c.id,
    conversations.c.who,
    conversations.c.last_at,
    conversations.c.shopper,
    *(handoffs.c[name] for name in ("reason", "language", "intent", "mood", "order_id", "agent_id", "outcome")),
    handoffs.c.id.label("handoff_id"),
    handoffs.c.at.label("asked_at"),
    handoffs.c.first_reply_at,
    handoffs.c.ended_at,
    agents.c.name.label("agent"),
    sa.func.substr(_last.c.text, 1, _FIRST_WORDS).label("preview"),
    _last.c.role.label("preview_role"),
    _unread.label("unread"),
    _waits_since.label("waits_since"),
)


def _view(view: QueueView, agent_id: str | None) -> sa.Select[Any]:
    is_outer = view == "all"
    on = handoffs.c.conversation_id == conversations.c.id
    joined = conversations.join(handoffs, on & open_handoff(handoffs) if is_outer else on, isouter=is_outer)
    joined = joined.outerjoin(agents, agents.c.id == handoffs.c.agent_id)
    joined = joined.join(_last, _last.c.id == _last_id, isouter=not is_outer)
    found = sa.select(*_columns).select_from(joined)
    match view:
        case "waiting":
            nobody = handoffs.c.agent_id.is_(None) | agents.c.disabled_at.is_not(None)
            waits = found.where(open_handoff(handoffs), nobody)
            return waits.order_by(handoffs.c.at, handoffs.c.id)
        case "mine":
            return found.where(open_handoff(handoffs), handoffs.c.agent_id == agent_id).order_by(handoffs.c.at)
        case "ended":
            return found.where(handoffs.c.ended_at.is_not(None)).order_by(handoffs.c.ended_at.desc())
        case "all":
            return found.order_by(conversations.c.last_at.desc(), conversations.c.id)


def _mentions(words: str) -> sa.ColumnElement[bool]:
    said = sa.select(messages.c.id).where(_its, sa.func.lower(messages.c.text).contains(words, autoescape=True))
    return sa.or_(
        sa.func.lower(conversations.c.shopper).contains(words, autoescape=True),
        sa.func.lower(conversations.c.id).contains(words, autoescape=True),
        sa.func.lower(handoffs.c.order_id).contains(words, autoescape=True),
        said.correlate(conversations).exists(),
    )


def _line(row: sa.Row[Any], now: datetime) -> QueueItem:
    waiting_s = None
    if row.handoff_id is not None and row.ended_at is None:
        since = row.waits_since
        if since is not None and row.first_reply_at is None:
            since = max(since, row.asked_at)
        waiting_s = 0.0 if since is None else max(0.0, (now - since).total_seconds())
    return QueueItem(
        row.id,
        row.who,
        row.last_at,
        row.handoff_id,
        row.reason,
        waiting_s,
        row.language,
        row.intent,
        row.mood,
        row.order_id,
        row.agent_id,
        row.agent,
        (row.preview or "").strip(),
        row.preview_role,
        int(row.unread),
        row.shopper is not None,
        row.outcome,
    )
