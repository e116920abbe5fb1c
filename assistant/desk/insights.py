"""What the leads of a desk want to know of a stretch of time.

In: the store's counts. Out: one frozen `Insights`, by the shop's own days, and the same as rows of a table. It draws
nothing.
"""

from __future__ import annotations

import csv
import io
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from assistant.store import Store
from assistant.store.counting import AnswerCount, DecisionCount, MinuteCount, TimedHandoff

LONGEST: Final = timedelta(days=366)
_DRAFTED: Final = ("accept", "edit", "reject")


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day of the shop's."""

    day: date
    conversations: int = 0
    questions: int = 0
    answers: int = 0
    agent_messages: int = 0
    handoffs: int = 0


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took, in seconds: of `n`, half took at most `median`, nine of ten at most `p90`."""

    n: int
    median: float | None
    p90: float | None

    @classmethod
    def of(cls, seconds: Iterable[float | None]) -> Times:
        """Those that are known."""
        known = sorted(value for value in seconds if value is not None)
        if not known:
            return cls(0, None, None)
        return cls(len(known), statistics.median(known), known[max(0, -(-9 * len(known) // 10) - 1)])


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """What became of drafts of one `model` for one `intent`. `edit_distance` is the mean of those that were edited,
    in characters, `seconds` the mean time a decision took."""

    intent: str
    model: str
    accepted: int
    edited: int
    rejected: int
    edit_distance: float | None
    seconds: float | None

    @property
    def n(self) -> int:
        """Drafts decided about."""
        return self.accepted + self.edited + self.rejected


@dataclass(frozen=True, slots=True)
class Insights:
    """One stretch of time. `written` counts replies that agents wrote without a draft, `open_now` the hand-offs of
    that time that are not over. `alone` of `conversations` needed no person."""

    since: date
    until: date
    days: tuple[Day, ...]
    conversations: int
    alone: int
    first_response: Times
    resolution: Times
    reasons: tuple[tuple[str, int], ...]
    open_now: int
    drafts: tuple[DraftRecord, ...]
    written: int
    answers: tuple[AnswerCount, ...]

    @property
    def share_alone(self) -> float | None:
        """The share of conversations that needed no person; None where there was none."""
        return self.alone / self.conversations if self.conversations else None

    @property
    def n_up(self) -> int:
        """Thumbs up."""
        return sum(one.n_up for one in self.answers)

    @property
    def n_down(self) -> int:
        """Thumbs down."""
        return sum(one.n_down for one in self.answers)

    @property
    def n_unanswered(self) -> int:
        """Questions that the shop's data had no answer to."""
        return sum(one.n_unanswered for one in self.answers)

    @property
    def n_answers(self) -> int:
        """Answers of the assistant."""
        return sum(one.n for one in self.answers)


def gather_insights(store: Store, since: date, until: date, zone: tzinfo = UTC) -> Insights:
    """Everything about the days from `since` to `until`, both included, of the time zone.

    Raises:
        ValueError: `until` is before `since`, or more than a year after it.
        StoreError: the store could not be read.
    """
    if until < since or until - since > LONGEST:
        raise ValueError("choose a first day and a last day that is at most a year later")
    start = datetime.combine(since, time(), zone)
    end = datetime.combine(until + timedelta(days=1), time(), zone)
    conversations, alone = store.share_alone(start, end)
    handoffs = store.timed_handoffs(start, end)
    decided = store.decision_counts(start, end)
    return Insights(
        since,
        until,
        tuple(_days(store.minute_counts(start, end), since, until, zone)),
        conversations,
        alone,
        Times.of(handoff.first_reply_s for handoff in handoffs),
        Times.of(handoff.ended_s for handoff in handoffs),
        tuple(Counter(handoff.reason for handoff in handoffs).most_common()),
        sum(_is_open(handoff) for handoff in handoffs),
        tuple(_records(decided)),
        sum(one.n for one in decided if one.action == "write"),
        store.answer_counts(start, end),
    )


def insights_csv(insights: Insights) -> str:
    """The same as one table, RFC 4180: what is counted, for what, and the figure."""
    written = io.StringIO(newline="")
    table = csv.writer(written)
    table.writerow(["measure", "day", "intent", "model", "value"])
    for row in _rows(insights):
        table.writerow([_plain_cell(cell) for cell in row])
    return written.getvalue()


def _plain_cell(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _rows(insights: Insights) -> Iterator[Sequence[object]]:
    for day in insights.days:
        for measure in ("conversations", "questions", "answers", "agent_messages", "handoffs"):
            yield measure, day.day.isoformat(), "", "", getattr(day, measure)
    yield "conversations_without_a_person", "", "", "", insights.alone
    for measure, times in (("first_response", insights.first_response), ("resolution", insights.resolution)):
        yield f"{measure}_n", "", "", "", times.n
        yield f"{measure}_median_s", "", "", "", _rounded(times.median)
        yield f"{measure}_p90_s", "", "", "", _rounded(times.p90)
    for reason, n in insights.reasons:
        yield f"handoffs_{reason}", "", "", "", n
    yield "handoffs_open", "", "", "", insights.open_now
    for one in insights.drafts:
        for measure, value in (
            ("drafts_accepted", one.accepted),
            ("drafts_edited", one.edited),
            ("drafts_rejected", one.rejected),
            ("edit_distance_mean", _rounded(one.edit_distance)),
            ("decision_mean_s", _rounded(one.seconds)),
        ):
            yield measure, "", one.intent, one.model, value
    yield "replies_written", "", "", "", insights.written
    for answer in insights.answers:
        for measure in ("n", "n_unanswered", "n_up", "n_down"):
            yield f"answers{measure.removeprefix('n')}", "", answer.intent, answer.model, getattr(answer, measure)


def _rounded(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _is_open(handoff: TimedHandoff) -> bool:
    return handoff.ended_s is None


def _days(counts: Iterable[MinuteCount], since: date, until: date, zone: tzinfo) -> Iterator[Day]:
    """Every day once, those on which nothing happened too."""
    found: dict[date, Counter[str]] = defaultdict(Counter)
    for count in counts:
        found[count.at.astimezone(zone).date()][count.key] += count.n
    for after in range((until - since).days + 1):
        day = since + timedelta(days=after)
        yield Day(day, **found[day])


def _records(decided: Sequence[DecisionCount]) -> Iterator[DraftRecord]:
    """One record an intent and model, the most frequent first."""
    grouped: dict[tuple[str, str], dict[str, DecisionCount]] = defaultdict(dict)
    for one in decided:
        if one.action in _DRAFTED:
            grouped[one.intent, one.model][one.action] = one
    records = []
    for (intent, model), actions in grouped.items():
        n = {action: actions[action].n if action in actions else 0 for action in _DRAFTED}
        timed = [(one.n, one.seconds) for one in actions.values() if one.seconds is not None]
        edit = actions.get("edit")
        seconds = sum(m * s for m, s in timed) / sum(m for m, _ in timed) if timed else None
        distance = None if edit is None else edit.edit_distance
        records.append(DraftRecord(intent, model, n["accept"], n["edit"], n["reject"], distance, seconds))
    yield from sorted(records, key=lambda record: (-record.n, record.intent, record.model))
