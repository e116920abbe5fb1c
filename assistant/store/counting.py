"""What happened in a stretch of time, counted: for the leads of the desk.

In: from when until when. Out: counts, and the times that hand-offs took. No word of a message, and nothing that
names a shopper. What is counted and what follows from it is `assistant.desk.insights`' business.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from assistant.store.tables import agents, conversations, decisions, feedback, handoffs, messages
from assistant.store.transactions import Transactions

_MINUTE_CHARS = len("2026-12-01T10:30")  # no time zone cuts a minute in two


@dataclass(frozen=True, slots=True)
class MinuteCount:
    """How often something happened in the minute that begins at `at` (UTC). `key` tells what."""

    at: datetime
    key: str
    n: int


@dataclass(frozen=True, slots=True)
class TimedHandoff:
    """One hand-off: why, whose, and the seconds until it was taken, first answered and over; None: not (yet)."""

    at: datetime
    reason: str
    intent: str | None
    language: str | None
    agent: str | None
    claimed_s: float | None
    first_reply_s: float | None
    ended_s: float | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class DecisionCount:
    """How often agents decided so about drafts of a `model` for an `intent`, with means where there are any."""

    intent: str
    model: str
    action: str
    n: int
    edit_distance: float | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """Answers of a `model` for an `intent`: how many, how many had nothing to answer from, and the votes on them."""

    intent: str
    model: str
    n: int
    n_unanswered: int
    n_up: int
    n_down: int


class Counting(Transactions):
    """The part of the store that counts."""

    def minute_counts(self, since: datetime, until: datetime) -> tuple[MinuteCount, ...]:
        """By the minute: "conversations" begun, "questions", "answers", "agent_messages", "handoffs".

        Conversations in which nothing was said are none.

        Raises:
            StoreError: they could not be read.
        """
        said = sa.exists().where(messages.c.conversation_id == conversations.c.id)
        role = sa.case(
            (messages.c.role == "shopper", "questions"),
            (messages.c.role == "assistant", "answers"),
            else_="agent_messages",
        )
        counted: list[tuple[sa.Column[Any], sa.ColumnElement[str], list[sa.ColumnElement[bool]]]] = [
            (conversations.c.started_at, sa.literal("conversations"), [said]),
            (messages.c.at, role, [messages.c.withdrawn_at.is_(None)]),
            (handoffs.c.at, sa.literal("handoffs"), []),
        ]
        found: list[MinuteCount] = []
        with self._database.reading("what happened could not be counted") as connection:
            for at, key, such in counted:
                minute = sa.func.substr(sa.type_coerce(at, sa.String), 1, _MINUTE_CHARS).label("minute")
                rows = sa.select(minute, key.label("what"), sa.func.count().label("n"))
                rows = rows.where(at >= since, at < until, *such).group_by("minute", "what").order_by("minute", "what")
                found += (MinuteCount(_moment(row.minute), row.what, row.n) for row in connection.execute(rows))
        return tuple(found)

    def share_alone(self, since: datetime, until: datetime) -> tuple[int, int]:
        """Conversations begun and spoken in, and how many of them needed no person: (all, without).

        Raises:
            StoreError: they could not be read.
        """
        said = sa.exists().where(messages.c.conversation_id == conversations.c.id)
        by_person = sa.exists().where(
            messages.c.conversation_id == conversations.c.id,
            messages.c.role == "agent",
            messages.c.withdrawn_at.is_(None),
        )
        handed = sa.exists().where(handoffs.c.conversation_id == conversations.c.id)
        alone = sa.func.sum(sa.case((sa.or_(handed, by_person), 0), else_=1))
        rows = sa.select(sa.func.count(), alone).where(
            conversations.c.started_at >= since, conversations.c.started_at < until, said
        )
        with self._database.reading("what happened could not be counted") as connection:
            n, n_alone = connection.execute(rows).one()
            return int(n), int(n_alone or 0)

    def timed_handoffs(self, since: datetime, until: datetime) -> tuple[TimedHandoff, ...]:
        """Every hand-off of that time, the earliest first.

        Raises:
            StoreError: they could not be read.
        """
        rows = (
            sa.select(handoffs, agents.c.name.label("agent"))
            .outerjoin(agents, agents.c.id == handoffs.c.agent_id)
            .where(handoffs.c.at >= since, handoffs.c.at < until)
            .order_by(handoffs.c.at, handoffs.c.id)
        )
        with self._database.reading("what happened could not be counted") as connection:
            return tuple(
                TimedHandoff(
                    row.at,
                    row.reason,
                    row.intent,
                    row.language,
                    row.agent,
                    _after(row.at, row.claimed_at),
                    _after(row.at, row.first_reply_at),
                    _after(row.at, row.ended_at),
                    row.outcome,
                )
                for row in connection.execute(rows)
            )

    def decision_counts(self, since: datetime, until: datetime) -> tuple[DecisionCount, ...]:
        """What was decided about drafts; what was undone was not decided.

        Raises:
            StoreError: they could not be read.
        """
        of = [sa.func.coalesce(column, "") for column in (decisions.c.intent, decisions.c.model)]
        rows = (
            sa.select(
                of[0].label("of_intent"),
                of[1].label("of_model"),
                decisions.c.action,
                sa.func.count().label("n"),
                sa.func.avg(decisions.c.edit_distance).label("edit_distance"),
                sa.func.avg(decisions.c.seconds).label("seconds"),
            )
            .where(decisions.c.at >= since, decisions.c.at < until, decisions.c.undone_at.is_(None))
            .group_by("of_intent", "of_model", decisions.c.action)
            .order_by("of_intent", "of_model", decisions.c.action)
        )
        with self._database.reading("what happened could not be counted") as connection:
            return tuple(
                DecisionCount(
                    row.of_intent, row.of_model, row.action, row.n, _float(row.edit_distance), _float(row.seconds)
                )
                for row in connection.execute(rows)
            )

    def answer_counts(self, since: datetime, until: datetime) -> tuple[AnswerCount, ...]:
        """The assistant's own answers by what was asked and who worded them, with what shoppers thought of them.

        Raises:
            StoreError: they could not be read.
        """
        reply = messages.c.reply
        intent = sa.func.coalesce(reply[("query", "intents", 0)].as_string(), "").label("of_intent")
        model = sa.func.coalesce(reply["model"].as_string(), "").label("of_model")

        def number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
            return sa.func.sum(sa.case((condition, 1), else_=0))

        rows = (
            sa.select(
                intent,
                model,
                sa.func.count().label("n"),
                number(reply["answered"].as_boolean().is_(False)).label("n_unanswered"),
                number(feedback.c.vote == "up").label("n_up"),
                number(feedback.c.vote == "down").label("n_down"),
            )
            .outerjoin(feedback, feedback.c.message_id == messages.c.id)
            .where(messages.c.at >= since, messages.c.at < until, messages.c.role == "assistant", reply.is_not(None))
            .group_by("of_intent", "of_model")
            .order_by("of_intent", "of_model")
        )
        with self._database.reading("what happened could not be counted") as connection:
            return tuple(
                AnswerCount(row.of_intent, row.of_model, row.n, int(row.n_unanswered), int(row.n_up), int(row.n_down))
                for row in connection.execute(rows)
            )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _after(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else (end - start).total_seconds()


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
