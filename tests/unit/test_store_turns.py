"""Turns and events: numbered without gaps, answered one at a time, by one worker, never twice; on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from assistant.errors import IdempotencyConflict, TurnOver, UnknownConversation, UnknownMessage, UnknownTurn
from assistant.store import EventsOfEnd, NewEvent, Store, StoredMessage, StoredTurn
from assistant.types import Proposal, Query, Reply
from tests.clock import Clock

REPLY = Reply("It costs $9.90.", Query("tent", ("find",)))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database_url: str, clock: Clock) -> Iterator[Store]:
    opened = Store.at_url(database_url, clock)
    opened.create_conversation("c", secret="s3cret")
    yield opened
    opened.close()


def done(state: str = "done") -> EventsOfEnd:
    def events(message: StoredMessage | None) -> list[tuple[str, dict[str, Any]]]:
        return [("done", {"state": state, "message": message and message.id})]

    return events


def answered(store: Store, turn: StoredTurn, text: str = "Yes.") -> None:
    assert store.claim_turn(turn.id, "w1", 10)
    store.finish_turn(turn.id, "done", text, REPLY, done(), owner="w1")


def deltas(*texts: str, turn: StoredTurn, owner: str | None = None) -> list[NewEvent]:
    return [NewEvent(turn.conversation_id, turn.id, "text", {"delta": text}, owner) for text in texts]


def test_a_turn_from_its_message_to_its_end(store: Store, clock: Clock) -> None:
    posted = store.post_turn("c", "A tent?", key="k1", page_product_id="TN-1", locale="en-GB")
    assert store.turn(posted.id) == posted
    assert (posted.state, posted.number, posted.first_seq) == ("queued", 1, 1)

    assert store.claim_turn(posted.id, "w1", 10)
    assert store.append_events(deltas("It costs ", "$9.90.", turn=posted)) == [2, 3]
    clock.pass_s(1.5)
    end = store.finish_turn(posted.id, "done", REPLY.text, REPLY, done())

    assert end.message is not None and end.message.turn == posted.id
    assert [event.seq for event in end.events] == [4]
    assert store.answer_of(posted.id) == end.message
    assert [(event.seq, event.kind, event.turn_id) for event in store.events("c")] == [
        (1, "message", posted.id), (2, "text", posted.id), (3, "text", posted.id), (4, "done", posted.id),
    ]  # fmt: skip
    assert store.events("c", after=2, limit=1)[0].data == {"delta": "$9.90."}
    assert store.events("c")[0].data["message"] == {
        "id": posted.message_id, "role": "shopper", "text": "A tent?", "at": "2026-12-01T12:00:00.000+00:00",
    }  # fmt: skip
    assert store.heads(["c", "nobody"]) == {"c": 4}
    turn = store.turn(posted.id)
    assert turn is not None and turn.finished
    assert (turn.answer_id, turn.last_seq, turn.finished_at) == (end.message.id, 4, clock.now)
    shopper, assistant = store.history("c")
    assert (shopper.id, shopper.turn, assistant) == (posted.message_id, posted.id, end.message)
    conversation = store.conversation("c")
    assert conversation is not None
    assert (conversation.last_seq, conversation.running_turn, conversation.last_at) == (4, None, clock.now)


def test_a_message_posted_again_with_its_key_is_the_same_turn(store: Store) -> None:
    first = store.post_turn("c", "A tent?", key="k")
    assert store.post_turn("c", "A tent?", key="k") == first
    answered(store, first)

    again = store.post_turn("c", "A tent?", key="k")
    assert (again.id, again.state) == (first.id, "done")
    assert store.turn_by_key("c", "k") == again
    assert store.turn_by_key("c", "other") is None
    assert len(store.history("c")) == 2
    with pytest.raises(IdempotencyConflict, match="'k'"):
        store.post_turn("c", "Another tent?", key="k")
    store.create_conversation("d")
    assert store.post_turn("d", "Another tent?", key="k").number == 1


def test_the_same_message_posted_by_many_at_once_is_one_turn(store: Store) -> None:
    turns: list[str] = []
    threads = [
        threading.Thread(target=lambda: turns.append(store.post_turn("c", "A tent?", key="k").id)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(turns) == 8 and len(set(turns)) == 1
    assert [event.seq for event in store.events("c")] == [1]


def test_what_is_not_there_is_said(store: Store) -> None:
    with pytest.raises(UnknownConversation, match="'nobody'"):
        store.post_turn("nobody", "A tent?")
    store.create_conversation("d")
    elsewhere = store.post_turn("d", "hello")
    for replaces in (elsewhere.message_id, 4711):
        with pytest.raises(UnknownMessage, match=str(replaces)):
            store.post_turn("c", "A tent?", replaces=replaces)
    with pytest.raises(UnknownTurn):
        store.finish_turn("nothing", "done", "", None, done())
    with pytest.raises(ValueError, match="'running'"):
        store.finish_turn(elsewhere.id, "running", "", None, done())
    assert store.turn("nothing") is None
    assert store.conversation("nobody") is None
    assert not store.claim_turn("nothing", "w1", 10)
    assert store.append_events([NewEvent("nobody", None, "text", {})]) == [None]
    assert store.events("c") == () and store.history("c") == ()


def test_turns_of_a_conversation_are_answered_one_at_a_time_in_order(store: Store) -> None:
    first, second, third = (store.post_turn("c", text) for text in "abc")
    assert not store.claim_turn(second.id, "w1", 10)
    assert store.claim_turn(first.id, "w1", 10)
    assert not store.claim_turn(first.id, "w2", 10)
    assert not store.claim_turn(second.id, "w2", 10)
    conversation = store.conversation("c")
    assert conversation is not None and conversation.running_turn == first.id
    assert [turn.id for turn in store.unfinished_turns("c")] == [first.id, second.id, third.id]

    store.finish_turn(first.id, "failed", None, None, lambda _: [("error", {"retry": True})])
    assert not store.claim_turn(third.id, "w2", 10)
    assert store.claim_turn(second.id, "w2", 10)


def test_of_many_workers_one_gets_a_turn(store: Store) -> None:
    turn = store.post_turn("c", "A tent?")
    won: list[bool] = []
    threads = [
        threading.Thread(target=lambda name=f"w{n}": won.append(store.claim_turn(turn.id, name, 10))) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]


def test_a_turn_ends_once_and_nothing_follows(store: Store) -> None:
    turn = store.post_turn("c", "A tent?")
    answered(store, turn)
    with pytest.raises(TurnOver, match="done"):
        store.finish_turn(turn.id, "stopped", "Yes, but", None, done())
    assert store.append_events(deltas("late", turn=turn)) == [None]
    assert len(store.history("c")) == 2
    assert [event.seq for event in store.events("c")] == [1, 2]


def test_a_turn_that_waits_can_be_ended(store: Store) -> None:
    turn = store.post_turn("c", "A tent?")
    end = store.finish_turn(turn.id, "stopped", None, None, done("stopped"))
    assert end.message is None
    assert not store.claim_turn(turn.id, "w1", 10)


def test_what_is_missing_of_an_end_undoes_all_of_it(store: Store) -> None:
    turn = store.post_turn("c", "A tent?")
    assert store.claim_turn(turn.id, "w1", 10)

    def fails(_: StoredMessage | None) -> list[tuple[str, dict[str, Any]]]:
        raise RuntimeError("no card")

    with pytest.raises(RuntimeError):
        store.finish_turn(turn.id, "done", "Yes.", REPLY, fails)
    assert len(store.history("c")) == 1
    assert store.turn(turn.id) == store.unfinished_turns("c")[0]


def test_a_worker_that_lost_its_turn_adds_nothing_to_it(store: Store, clock: Clock) -> None:
    turn = store.post_turn("c", "A tent?")
    assert store.claim_turn(turn.id, "w1", 10)
    assert store.take_turn_over(turn.id, "w2", 10) is None
    assert store.append_events(deltas("by one", turn=turn, owner="w1")) == [2]
    clock.pass_s(10)
    taken = store.take_turn_over(turn.id, "w2", 10)

    assert taken is not None and taken.owner == "w2"
    assert store.take_turn_over(turn.id, "w3", 10) is None
    assert store.append_events(
        [*deltas("by the late one", turn=turn, owner="w1"), *deltas("by the next", turn=turn, owner="w2")]
    ) == [None, 3]
    with pytest.raises(TurnOver, match="w2"):
        store.finish_turn(turn.id, "done", "by the late one", None, done(), owner="w1")
    store.finish_turn(turn.id, "done", "by the next", None, done(), owner="w2")
    assert [message.text for message in store.history("c")] == ["A tent?", "by the next"]


def test_a_kept_turn_is_no_orphan_and_a_stopped_or_lost_one_is_named(store: Store, clock: Clock) -> None:
    for name in "de":
        store.create_conversation(name)
    kept, stopped, lost = (store.post_turn(name, "A tent?") for name in "cde")
    for turn in (kept, stopped, lost):
        assert store.claim_turn(turn.id, "w1", 5)
    clock.pass_s(5)
    assert {turn.id for turn in store.orphaned_turns()} == {kept.id, stopped.id, lost.id}
    assert store.take_turn_over(lost.id, "w2", 5) is not None
    assert store.request_stop("d")

    assert store.renew_turns("w1", [kept.id, stopped.id, lost.id], 5) == {stopped.id, lost.id}
    assert store.orphaned_turns() == ()
    assert store.renew_turns("w1", [], 5) == set()
    clock.pass_s(4)
    assert store.orphaned_turns() == ()


def test_a_turn_that_nobody_takes_is_an_orphan_when_it_is_next(store: Store, clock: Clock) -> None:
    first, second = store.post_turn("c", "a"), store.post_turn("c", "b")
    clock.pass_s(4)
    assert store.orphaned_turns(queued_s=5) == ()
    clock.pass_s(1)
    assert [turn.id for turn in store.orphaned_turns(queued_s=5)] == [first.id]
    answered(store, first)
    assert store.orphaned_turns(queued_s=5) == ()
    clock.pass_s(6)
    assert [turn.id for turn in store.orphaned_turns(queued_s=5)] == [second.id]


def test_stop_means_the_turn_that_runs_or_the_next(store: Store) -> None:
    assert not store.request_stop("c")
    first, second = store.post_turn("c", "a"), store.post_turn("c", "b")
    assert store.claim_turn(first.id, "w1", 10)
    assert store.request_stop("c")
    assert [turn.stop_requested for turn in store.unfinished_turns("c")] == [True, False]
    store.finish_turn(first.id, "stopped", "It co", None, done("stopped"))
    assert store.request_stop("c")
    assert [(turn.id, turn.stop_requested) for turn in store.unfinished_turns("c")] == [(second.id, True)]


def test_events_of_many_conversations_go_together_each_numbered_for_itself(store: Store) -> None:
    names = [f"c{n}" for n in range(50)]
    turns = []
    for name in names:
        store.create_conversation(name)
        turns.append(store.post_turn(name, "A tent?"))
        assert store.claim_turn(turns[-1].id, "w1", 10)
    batch = [event for text in ("a", "b", "c") for turn in turns for event in deltas(text, turn=turn)]

    assert store.append_events(batch) == [2] * 50 + [3] * 50 + [4] * 50
    for name in names:
        assert [event.data["delta"] for event in store.events(name, after=1)] == ["a", "b", "c"]
    assert store.append_events([]) == []


def test_many_writers_number_a_conversation_without_a_gap(store: Store) -> None:
    store.create_conversation("d")

    def write(names: str) -> None:
        for n in range(15):
            store.append_events([NewEvent(name, None, "text", {"n": n}) for name in names])

    threads = [threading.Thread(target=write, args=(names,)) for names in ("cd", "dc", "cd", "dc")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for name in "cd":
        assert [event.seq for event in store.events(name)] == list(range(1, 61))


def test_a_persons_message_is_in_history_and_log(store: Store) -> None:
    store.post_turn("c", "Is anybody there?")
    agent = store.add_agent("ann", "Ann")
    store.take_conversation(agent, "c")
    event = store.send_message(agent, "c", "Yes, Ann from the shop.", "k")
    assert (event.seq, event.kind, event.turn_id) == (3, "message", None)
    assert store.events("c", after=2) == (event,)
    assert (event.data["message"]["role"], event.data["message"]["name"]) == ("agent", "Ann")
    assert [message.role for message in store.history("c")] == ["shopper", "agent"]


def test_a_guests_conversation_is_claimed_with_its_secret_once(store: Store) -> None:
    assert not store.claim_conversation("c", "guess", "ann")
    assert not store.claim_conversation("nobody", "s3cret", "ann")
    assert store.claim_conversation("c", "s3cret", "ann")
    assert store.claim_conversation("c", "", "ann")
    assert not store.claim_conversation("c", "s3cret", "eve")
    known = store.conversation("c")
    assert known is not None
    assert (known.shopper, known.secret_hash) == ("ann", None)
    store.append_message("old", "shopper", "hello")  # as the page without the API begins one: nobody can claim it
    assert not store.claim_conversation("old", "", "eve")


def test_a_shoppers_conversations_are_theirs_the_latest_first(store: Store, clock: Clock) -> None:
    for name, shopper in (("a1", "ann"), ("a2", "ann"), ("b1", "ben")):
        clock.pass_s(1)
        store.create_conversation(name, shopper=shopper, locale="zh-CN", page_product_id="TN-1")
    clock.pass_s(1)
    store.post_turn("a1", "hello again")

    assert [found.id for found in store.conversations_of("ann")] == ["a1", "a2"]
    assert [found.id for found in store.conversations_of("ann", limit=1)] == ["a1"]
    assert store.conversations_of("nobody") == ()
    known = store.conversation("a2")
    assert known is not None
    assert (known.locale, known.page_product_id) == ("zh-CN", "TN-1")


def test_a_signed_token_opens_one_session(store: Store, clock: Clock) -> None:
    soon, later = clock.now + timedelta(minutes=5), clock.now + timedelta(hours=12)
    token = store.open_session("ann", "jti-1", soon, later)
    assert token is not None
    assert store.open_session("ann", "jti-1", soon, later) is None
    assert store.session_shopper(token) == "ann"
    assert store.session_shopper("guess") is None
    assert store.close_session(token)
    assert not store.close_session(token)
    assert store.session_shopper(token) is None

    other = store.open_session("ann", "jti-2", soon, later)
    assert other is not None
    clock.pass_s(12 * 3600)
    assert store.session_shopper(other) is None


def test_of_many_who_replay_a_signed_token_one_gets_a_session(store: Store, clock: Clock) -> None:
    soon = clock.now + timedelta(minutes=5)
    opened: list[str | None] = []
    open_one: Callable[[], None] = lambda: opened.append(store.open_session("ann", "jti", soon, soon))  # noqa: E731
    threads = [threading.Thread(target=open_one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(token is not None for token in opened) == 1


def test_who_answers_is_kept(store: Store) -> None:
    assert store.set_who("c", "waiting")
    known = store.conversation("c")
    assert known is not None and known.who == "waiting"
    assert not store.set_who("nobody", "agent")


def test_a_proposal_is_open_until_one_takes_it_and_stays_as_it_came_out(store: Store) -> None:
    proposed = (
        Proposal("p1", "return", "Return the tent", order_id="1001", item="Tent"),
        Proposal("p2", "cancel", "x"),
    )
    turn = store.post_turn("c", "I want to return the tent")
    store.finish_turn(turn.id, "done", "Press the button.", replace(REPLY, proposals=proposed), done())

    assert store.proposals("c") == {"p1": proposed[0], "p2": proposed[1]}
    taken: list[Proposal | None] = []
    threads = [threading.Thread(target=lambda: taken.append(store.accept_proposal("c", "p1"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one for one in taken if one] == [replace(proposed[0], state="accepted")]

    assert store.settle_proposal("c", "p2", "done") is None
    settled = store.settle_proposal("c", "p1", "refused", "The 30 days are over.")
    assert settled == replace(proposed[0], state="refused", detail="The 30 days are over.")
    assert store.proposal("c", "p1") == settled
    assert store.accept_proposal("c", "p1") is None
    store.create_conversation("d")
    assert store.proposal("d", "p1") is None and store.accept_proposal("d", "p1") is None
    assert store.proposals("d") == {}


def test_an_answer_that_is_made_again_proposes_again_what_is_not_under_way(store: Store) -> None:
    proposed = (Proposal("p1", "cancel", "Cancel"), Proposal("p2", "return", "Return"))
    for n in range(2):
        turn = store.post_turn("c", f"again {n}")
        assert store.claim_turn(turn.id, "w", 60)
        store.finish_turn(turn.id, "done", "Press the button.", replace(REPLY, proposals=proposed), done())
        if n == 0:
            assert store.accept_proposal("c", "p1") is not None
            assert store.settle_proposal("c", "p1", "done", "R-1") is not None
            assert store.accept_proposal("c", "p2") is not None
            assert store.settle_proposal("c", "p2", "refused", "too late") is not None
    assert [(p.state, p.detail) for p in store.proposals("c").values()] == [("done", "R-1"), ("open", "")]


def test_a_conversation_that_begins_with_its_first_message_is_its_browsers(store: Store) -> None:
    first = store.post_turn("p", "A tent?", locale="en", begins=True, browser="ann")
    store.post_turn("q", "A bag?", begins=True, browser="ann")
    with pytest.raises(IdempotencyConflict):
        store.post_turn("p", "one", key="k") and store.post_turn("p", "two", key="k")

    begun = store.conversation("p")
    assert begun is not None and (begun.locale, begun.shopper, begun.secret_hash) == ("en", None, None)
    assert store.current_conversation("ann") == "q"
    assert [event.data["message"]["text"] for event in store.events("p")] == ["A tent?", "one"]
    assert store.unanswered("p")[first.message_id] == first


def test_turns_without_an_answer_are_told_by_their_messages(store: Store) -> None:
    asked, left, waiting = (store.post_turn("c", text) for text in ("A tent?", "A person?", "Hello?"))
    answered(store, asked)
    assert store.claim_turn(left.id, "w1", 10)
    store.finish_turn(left.id, "done", None, None, done())

    unanswered = store.unanswered("c")

    assert {of: turn.state for of, turn in unanswered.items()} == {
        left.message_id: "done",
        waiting.message_id: "queued",
    }


def test_the_event_of_a_message_tells_what_it_replaces(store: Store) -> None:
    first = store.post_turn("c", "A tend?")
    store.post_turn("c", "A tent?", replaces=first.message_id)

    told = [event.data["message"].get("replaces") for event in store.events("c")]
    assert told == [None, first.message_id]
