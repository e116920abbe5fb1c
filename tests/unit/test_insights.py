"""What leads are told of their desk is what happened: counted by the shop's days, from nothing but the store."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from assistant.desk.insights import Insights, Times, gather_insights, insights_csv
from assistant.store import Store
from assistant.store.tables import agents, decisions, drafts, handoffs, messages
from assistant.types import Query, Reply
from tests.clock import Clock

START = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)  # 06:30 of 1 December in Shanghai
PRICE = Reply("It is $9.", Query("how much?", ("product_question",)), model="hf:tiny")
NOTHING = Reply("I do not know.", Query("why?", ("policy",)), answered=False)


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def store(database_url: str, clock: Clock) -> Iterator[Store]:
    opened = Store.at_url(database_url, clock)
    yield opened
    opened.close()


def filled(store: Store, clock: Clock) -> None:
    """Two conversations on one day of Shanghai's, one of them handed to Ann, and a third two days later."""
    for name in ("alone", "helped"):
        store.append_message(name, "shopper", "how much?")
        answer = store.append_message(name, "assistant", PRICE.text, PRICE)
        store.set_feedback(name, answer, "up")
    asked = store.append_message("helped", "shopper", "why?")
    store.set_feedback("helped", store.append_message("helped", "assistant", NOTHING.text, NOTHING), "down")
    sent = store.append_message("helped", "agent", "Because.")
    clock.now = START + timedelta(days=2)
    store.append_message("later", "shopper", "hello?")
    store.create_conversation("silent", secret="s")
    at = START + timedelta(minutes=1)
    with store.database.writing() as connection:
        ann = {"id": "agt_1", "login": "ann", "name": "=Ann", "role": "agent", "password_hash": "", "added_at": START}
        connection.execute(agents.insert(), ann)
        waits = {"conversation_id": "helped", "reason": "unknown", "at": at, "intent": "policy", "agent_id": "agt_1"}
        took = {"claimed_at": at, "first_reply_at": at + timedelta(seconds=90), "ended_at": at + timedelta(minutes=5)}
        connection.execute(handoffs.insert(), {**waits, **took, "outcome": "closed"})
        connection.execute(handoffs.insert(), {"conversation_id": "later", "reason": "asked", "at": clock.now})
        draft = {"conversation_id": "helped", "based_on": asked, "at": at, "kind": "first", "text": "As.", "reply": {}}
        for name in ("d1", "d2", "d3"):
            connection.execute(drafts.insert(), {**draft, "id": name, "state": "sent", "model": "composer"})
        decided = {"conversation_id": "helped", "agent_id": "agt_1", "at": at, "text": "", "intent": "policy"}
        decided |= {"model": "composer", "edit_distance": None, "seconds": None, "undone_at": None, "sent_id": sent}
        for row in (
            {"action": "edit", "draft_id": "d1", "edit_distance": 4, "seconds": 10.0},
            {"action": "edit", "draft_id": "d2", "edit_distance": 8, "seconds": 20.0},
            {"action": "accept", "draft_id": "d3", "seconds": 3.0},
            {"action": "accept", "draft_id": "d3", "seconds": 3.0, "undone_at": at},
            {"action": "write", "draft_id": None, "model": None},
        ):
            connection.execute(decisions.insert(), {**decided, **row})


def of_december(store: Store) -> Insights:
    return gather_insights(store, date(2026, 12, 1), date(2026, 12, 3), ZoneInfo("Asia/Shanghai"))


def test_days_are_the_shops_own_and_those_without_anything_are_there(store: Store, clock: Clock) -> None:
    filled(store, clock)
    first, empty, last = of_december(store).days
    assert (first.day, first.conversations, first.questions, first.answers) == (date(2026, 12, 1), 2, 3, 3)
    assert (first.agent_messages, first.handoffs) == (1, 1)
    assert (empty.conversations, empty.questions, empty.handoffs) == (0, 0, 0)
    assert (last.conversations, last.questions, last.handoffs) == (1, 1, 1)
    assert (
        gather_insights(store, date(2026, 12, 1), date(2026, 12, 1)).conversations == 0
    )  # in UTC it was the day before


def test_who_needed_a_person_and_how_long_they_waited(store: Store, clock: Clock) -> None:
    filled(store, clock)
    found = of_december(store)
    assert (found.conversations, found.alone, found.share_alone) == (3, 1, 1 / 3)
    assert found.first_response == Times(1, 90.0, 90.0)
    assert found.resolution == Times(1, 300.0, 300.0)
    assert dict(found.reasons) == {"unknown": 1, "asked": 1}
    assert found.open_now == 1


def test_decisions_by_intent_and_model_leave_out_what_was_undone(store: Store, clock: Clock) -> None:
    filled(store, clock)
    found = of_december(store)
    (record,) = found.drafts
    assert (record.intent, record.model, record.n) == ("policy", "composer", 3)
    assert (record.accepted, record.edited, record.rejected) == (1, 2, 0)
    assert (record.edit_distance, record.seconds) == (6.0, 11.0)
    assert found.written == 1


def test_answers_have_their_votes_and_those_without_a_source_are_counted(store: Store, clock: Clock) -> None:
    filled(store, clock)
    found = of_december(store)
    assert [(one.intent, one.model, one.n) for one in found.answers] == [
        ("policy", "composer", 1),
        ("product_question", "hf:tiny", 2),
    ]
    assert (found.n_answers, found.n_unanswered, found.n_up, found.n_down) == (3, 1, 2, 1)


def test_a_withdrawn_message_was_not_said(store: Store, clock: Clock) -> None:
    filled(store, clock)
    with store.database.writing() as connection:
        connection.execute(messages.update().where(messages.c.role == "agent").values(withdrawn_at=START))
        connection.execute(sa.delete(decisions))
        connection.execute(handoffs.delete())
    found = of_december(store)
    assert (sum(day.agent_messages for day in found.days), found.alone) == (0, 3)


def test_the_table_has_every_figure_and_no_formula(store: Store, clock: Clock) -> None:
    filled(store, clock)
    rows = list(csv.DictReader(io.StringIO(insights_csv(of_december(store)))))
    values = {(row["measure"], row["day"], row["intent"]): row["value"] for row in rows}
    assert values["questions", "2026-12-01", ""] == "3"
    assert values["first_response_median_s", "", ""] == "90.0"
    assert values["drafts_edited", "", "policy"] == "2"
    assert values["answers_unanswered", "", "policy"] == "1"
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_nothing_happened_is_no_error_and_has_no_share(store: Store) -> None:
    found = of_december(store)
    assert (found.share_alone, found.first_response.median, len(found.days)) == (None, None, 3)


@pytest.mark.parametrize("until", [date(2026, 11, 1), date(2028, 1, 1)])
def test_a_stretch_that_ends_before_it_begins_or_is_too_long_is_refused(store: Store, until: date) -> None:
    with pytest.raises(ValueError, match="at most a year"):
        gather_insights(store, date(2026, 12, 1), until)


def test_nine_of_ten_is_a_time_that_was_taken() -> None:
    assert Times.of([None, *map(float, range(1, 11))]) == Times(10, 5.5, 9.0)
