"""What is to be told is written down with what it tells of, once, and is due until it has been delivered."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from assistant.store import NewMessage, Store
from assistant.types import Query, Reply
from tests.clock import Clock

QUERY = Query("a person, please", ("handoff",))
ASKS = Reply("Our team will help.", QUERY, handoff="asked for a person")
PLAIN = Reply("It costs $9.90.", Query("tent", ("find",)))
MINUTES = timedelta(minutes=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database_url: str, clock: Clock) -> Iterator[Store]:
    opened = Store.at_url(database_url, clock)
    opened.announces = True
    opened.create_conversation("c", shopper="ann")
    yield opened
    opened.close()


def say(store: Store, reply: Reply = PLAIN, conversation: str = "c") -> int:
    asked = NewMessage(conversation, "shopper", "the secret words")
    return store.append_messages([asked, NewMessage(conversation, "assistant", reply.text, reply)])[1]


def test_a_hand_off_is_due_at_once_with_ids_and_no_word_of_a_message(store: Store, clock: Clock) -> None:
    say(store)
    message = say(store, ASKS)
    turn = store.post_turn("c", "again, the secret words")
    assert store.claim_turn(turn.id, "w", 10)
    finished = store.finish_turn(turn.id, "done", ASKS.text, ASKS, lambda message: [("done", {})], owner="w")

    first, second = sorted(store.due_webhooks(MINUTES), key=lambda webhook: webhook.data["message_id"])
    assert first.kind == second.kind == "handoff.requested"
    assert first.data == {
        "conversation_id": "c",
        "shopper": "ann",
        "message_id": message,
        "reason": "asked for a person",
        "language": "en",
    }
    assert finished.message is not None and second.data["message_id"] == finished.message.id
    assert (first.tries, first.at, first.delivered_to) == (1, clock.now, ())
    assert first.id != second.id and "secret" not in str((first, second))


def test_nothing_is_written_down_where_nobody_is_told(store: Store) -> None:
    store.announces = False
    say(store, ASKS)

    assert store.due_webhooks(MINUTES) == ()
    assert store.waiting_webhooks() == 0


def test_what_was_taken_is_due_again_only_when_the_lease_is_over(store: Store, clock: Clock) -> None:
    say(store, ASKS)
    assert len(store.due_webhooks(MINUTES)) == 1
    assert store.due_webhooks(MINUTES) == ()
    clock.now += 2 * MINUTES

    (again,) = store.due_webhooks(MINUTES)
    assert again.tries == 2


def test_what_failed_comes_back_and_what_is_over_does_not(store: Store, clock: Clock) -> None:
    say(store, ASKS)
    (webhook,) = store.due_webhooks(MINUTES)
    store.settle_webhook(webhook.id, ["one"], timedelta(seconds=30), "x" * 500)
    assert store.due_webhooks(MINUTES) == () and store.waiting_webhooks() == 1
    clock.now += MINUTES
    (again,) = store.due_webhooks(MINUTES)
    assert again.delivered_to == ("one",)

    store.settle_webhook(again.id, ["one", "two"], None)
    clock.now += 60 * MINUTES
    assert store.due_webhooks(MINUTES) == () and store.waiting_webhooks() == 0
    assert store.forget_webhooks() == 0
    clock.now += timedelta(days=15)
    assert store.forget_webhooks() == 1


def test_a_conversation_ends_when_nothing_was_said_for_a_while_and_again_when_it_went_on(
    store: Store, clock: Clock
) -> None:
    store.create_conversation("silent")
    store.set_feedback("c", say(store), "up")
    started = clock.now
    assert store.end_conversations(30 * MINUTES) == 0
    clock.now += 31 * MINUTES

    assert store.end_conversations(30 * MINUTES) == 1
    assert store.end_conversations(30 * MINUTES) == 0
    (webhook,) = store.due_webhooks(MINUTES)
    assert (webhook.kind, webhook.data) == (
        "conversation.ended",
        {
            "conversation_id": "c",
            "shopper": "ann",
            "started_at": started.isoformat(timespec="milliseconds"),
            "last_at": started.isoformat(timespec="milliseconds"),
            "messages": 2,
            "votes": {"up": 1, "down": 0},
        },
    )
    say(store)
    clock.now += 31 * MINUTES
    assert store.end_conversations(30 * MINUTES) == 1


def test_ends_of_long_ago_are_not_told(store: Store, clock: Clock) -> None:
    say(store)
    clock.now += timedelta(days=4)

    assert store.end_conversations(30 * MINUTES) == 0


def test_several_workers_never_take_the_same(store: Store) -> None:
    for _ in range(30):
        say(store, ASKS)
    with ThreadPoolExecutor(4) as workers:
        taken = [
            webhook.id for some in workers.map(lambda _: store.due_webhooks(MINUTES, 4), range(12)) for webhook in some
        ]

    assert len(taken) == len(set(taken)) >= 30 - 4


def test_workers_that_see_an_end_at_once_write_it_down_once(store: Store, clock: Clock) -> None:
    say(store)
    clock.now += 31 * MINUTES
    with ThreadPoolExecutor(4) as workers:
        ends = list(workers.map(lambda _: store.end_conversations(30 * MINUTES), range(4)))

    assert sum(ends) == 1


def test_what_is_to_be_told_of_an_erased_shopper_is_erased_with_them(store: Store) -> None:
    say(store, ASKS)
    (webhook,) = store.due_webhooks(MINUTES)
    store.erase_shopper("ann")
    store.settle_webhook(webhook.id, [], MINUTES, "away")

    assert store.waiting_webhooks() == 0
