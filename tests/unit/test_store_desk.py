"""Chats that change hands: one agent has one, a draft is sent once and never late, and what is kept goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from assistant.errors import (
    DraftOver,
    HandoffOver,
    IdempotencyConflict,
    NotYours,
    StaleDraft,
    Taken,
    TooLate,
    UnknownConversation,
    UnknownMessage,
)
from assistant.store import Agent, Draft, NewDraft, NewHandoff, QueueFilters, Store, StoredTurn
from assistant.types import Query, Reply
from tests.desk_races import claim_races, send_races, stale_races
from tests.unit.test_store_turns import Clock

REPLY = Reply("It costs $9.90.", Query("tent", ("find",)), model="composer")
UNDO = timedelta(seconds=5)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database_url: str, clock: Clock) -> Iterator[Store]:
    opened = Store.at_url(database_url, clock)
    opened.create_conversation("c", secret="s3cret")
    yield opened
    opened.close()


@pytest.fixture
def ann(store: Store) -> Agent:
    return store.add_agent("ann", "Ann")


@pytest.fixture
def ben(store: Store) -> Agent:
    return store.add_agent("ben", "Ben")


def asked(store: Store, text: str = "How much is the tent?", name: str = "c") -> StoredTurn:
    return store.post_turn(name, text)


def waiting(store: Store, text: str = "A person, please.", name: str = "c", **handoff: str) -> StoredTurn:
    """A message after whose answer a person is waited for."""
    turn = asked(store, text, name)
    assert store.claim_turn(turn.id, "w", 10)
    new = NewHandoff(**{"reason": "asked", **handoff})  # type: ignore[arg-type]
    store.finish_turn(
        turn.id, "done", "A colleague will come.", REPLY, lambda _: [("done", {})], owner="w", handoff=new
    )
    return turn


def drafted(store: Store, turn: StoredTurn) -> Draft:
    draft = store.add_draft(NewDraft(turn.conversation_id, turn.message_id, REPLY))
    assert draft is not None
    return draft


def who(store: Store, name: str = "c") -> list[tuple[str, str | None]]:
    """What the pages were told of who answers."""
    return [(event.data["who"], event.data["name"]) for event in store.events(name) if event.kind == "who"]


def test_a_hand_off_opens_with_the_answer_that_says_so_and_once(store: Store, ann: Agent) -> None:
    waiting(store, mood="upset", order_id="A-1", intent="complaint", language="en")
    assert [event.kind for event in store.events("c")] == ["message", "who", "done"]
    waiting(store, "Hello?")
    assert who(store) == [("waiting", None)]
    (line,) = store.queue()
    assert (line.id, line.who, line.reason, line.mood, line.order_id) == ("c", "waiting", "asked", "upset", "A-1")
    assert (line.unread, line.preview, line.preview_role, line.is_known) == (2, "Hello?", "shopper", False)


def test_without_an_agent_nothing_is_handed_over(store: Store) -> None:
    waiting(store)
    assert store.queue() == ()
    assert who(store) == []
    conversation = store.conversation("c")
    assert conversation is not None
    assert conversation.who == "assistant"


def test_a_conversation_is_one_agents_until_it_is_let_go(store: Store, ann: Agent, ben: Agent) -> None:
    waiting(store)
    assert store.claim_handoff(ann, "c").handoff.agent == "Ann"
    assert store.claim_handoff(ann, "c").events == ()
    with pytest.raises(Taken, match="Ann"):
        store.claim_handoff(ben, "c")
    with pytest.raises(Taken):
        store.take_conversation(ben, "c")
    with pytest.raises(NotYours, match="Ann"):
        store.release_handoff(ben, "c")
    store.release_handoff(ann, "c")
    store.claim_handoff(ben, "c")
    store.end_handoff(ben, "c", "handed_back")
    with pytest.raises(HandoffOver):
        store.claim_handoff(ann, "c")
    assert who(store) == [
        ("waiting", None), ("agent", "Ann"), ("waiting", None), ("agent", "Ben"), ("assistant", None)
    ]  # fmt: skip
    assert [line.outcome for line in store.queue("ended")] == ["handed_back"]
    assert store.verify_audit() is None


def test_an_agent_may_take_what_the_assistant_has_and_a_lead_gives_to_others(store: Store, ann: Agent) -> None:
    asked(store)
    lead, eve = store.add_agent("lea", "Lea", "lead"), store.add_agent("eve", "Eve")
    assert store.take_conversation(ann, "c").handoff.reason == "taken"
    assert store.reassign_handoff(lead, "c", eve).handoff.agent == "Eve"
    assert [line.id for line in store.queue("mine", eve.id)] == ["c"]
    with pytest.raises(NotYours):
        store.send_message(ann, "c", "Hello", "k")
    store.end_handoff(lead, "c", "closed")
    with pytest.raises(HandoffOver):
        store.reassign_handoff(lead, "c", eve)
    with pytest.raises(UnknownConversation):
        store.take_conversation(ann, "nobody's")


def test_what_a_disabled_agent_had_waits_again(store: Store, ann: Agent, ben: Agent) -> None:
    waiting(store)
    store.claim_handoff(ann, "c")
    assert store.queue() == ()
    store.disable_agent(ann.id)
    assert [line.id for line in store.queue()] == ["c"]
    assert store.claim_handoff(ben, "c").handoff.agent == "Ben"


def test_a_draft_is_sent_once_with_its_decision(store: Store, ann: Agent, clock: Clock) -> None:
    turn = waiting(store)
    draft, shorter = drafted(store, turn), store.add_draft(NewDraft("c", turn.message_id, REPLY, "shorter"))
    assert shorter is not None
    with pytest.raises(NotYours, match="nobody has claimed"):
        store.send_message(ann, "c", REPLY.text, "k", draft.id)
    store.claim_handoff(ann, "c")
    clock.pass_s(7)
    event = store.send_message(ann, "c", "It costs $9.90!", "k", draft.id)
    assert store.send_message(ann, "c", "It costs $9.90!", "k", draft.id) == event
    with pytest.raises(IdempotencyConflict):
        store.send_message(ann, "c", "Something else", "k")
    for other in (draft, shorter):
        with pytest.raises(DraftOver):
            store.send_message(ann, "c", REPLY.text, f"k-{other.id}", other.id)
    (decision,) = store.decisions("c")
    assert (decision.action, decision.edit_distance, decision.seconds) == ("edit", 1, 7.0)
    assert (decision.intent, decision.model, decision.asked_id) == ("find", "composer", turn.message_id)
    assert store.open_drafts("c") == ()
    handoff = store.handoff("c")
    assert handoff is not None
    assert handoff.first_reply_at == clock.now


def test_a_draft_that_the_shopper_has_written_past_is_not_sent(store: Store, ann: Agent) -> None:
    turn = waiting(store)
    draft = drafted(store, turn)
    store.claim_handoff(ann, "c")
    later = asked(store, "And in red?")
    with pytest.raises(StaleDraft):
        store.send_message(ann, "c", draft.text, "k", draft.id)
    assert store.add_draft(NewDraft("c", turn.message_id, REPLY)) is None
    assert drafted(store, later).id == drafted(store, later).id  # one first draft a message
    assert [message.role for message in store.history("c")] == ["shopper", "assistant", "shopper"]


def test_a_message_is_taken_back_for_a_few_seconds_and_its_words_are_gone(
    store: Store, ann: Agent, ben: Agent, clock: Clock
) -> None:
    draft = drafted(store, waiting(store))
    store.claim_handoff(ann, "c")
    sent = store.send_message(ann, "c", draft.text, "k", draft.id).data["message"]["id"]
    with pytest.raises(NotYours):
        store.withdraw_message(ben, "c", sent, UNDO)
    with pytest.raises(UnknownMessage):
        store.withdraw_message(ann, "c", 1, UNDO)
    clock.pass_s(4.9)
    event = store.withdraw_message(ann, "c", sent, UNDO)
    assert (event.kind, event.data) == ("withdrawn", {"message": sent})
    clock.pass_s(60)
    assert store.withdraw_message(ann, "c", sent, UNDO) == event
    assert sent not in [message.id for message in (*store.history("c"), *store.messages("c"))]
    assert sent in [message.id for message in store.history("c", withdrawn=True)]
    assert not any(draft.text in str(event.data) for event in store.events("c"))
    assert store.decisions("c")[0].undone_at is not None
    assert [again.id for again in store.open_drafts("c")] == [draft.id]

    again = store.send_message(ann, "c", draft.text, "k2", draft.id).data["message"]["id"]
    clock.pass_s(5.1)
    with pytest.raises(TooLate, match="5 seconds"):
        store.withdraw_message(ann, "c", again, UNDO)
    assert [decision.action for decision in store.decisions("c")] == ["accept", "accept"]
    assert store.verify_audit() is None


def test_a_rejected_draft_is_over_and_why_is_kept(store: Store, ann: Agent) -> None:
    draft = drafted(store, waiting(store))
    store.claim_handoff(ann, "c")
    decision = store.reject_draft(ann, draft.id, "wrong tent")
    assert (decision.action, decision.reason, decision.sent_id) == ("reject", "wrong tent", None)
    assert store.decisions("c") == (decision,)
    with pytest.raises(DraftOver, match="rejected"):
        store.send_message(ann, "c", draft.text, "k", draft.id)
    with pytest.raises(DraftOver):
        store.reject_draft(ann, "drf_unknown")
    store.send_message(ann, "c", "I wrote this myself.", "k")
    assert [one.action for one in store.decisions("c")] == ["reject", "write"]


def test_the_queue_is_searched_filtered_and_counts_what_nobody_has_seen(store: Store, ann: Agent, clock: Clock) -> None:
    store.create_conversation("known", shopper="maria")
    waiting(store, "我要找人工客服", language="zh", reason="unknown")
    clock.pass_s(30)
    waiting(store, "My order 100% BROKEN_", "known", mood="upset", order_id="A-7", intent="complaint")
    assert [line.id for line in store.queue()] == ["c", "known"]
    assert [line.waiting_s for line in store.queue()] == [30.0, 0.0]
    for words, found in (("人工", ["c"]), ("MARIA", ["known"]), ("a-7", ["known"]), ("100%", ["known"]), ("0%b", []),
                         ("broken_", ["known"]), ("nothing", []), ("  ", ["c", "known"])):  # fmt: skip
        assert [line.id for line in store.queue(search=words)] == found, words
    for filters, found in (
        (QueueFilters(language="zh"), ["c"]), (QueueFilters(mood="upset"), ["known"]),
        (QueueFilters(reason="unknown"), ["c"]), (QueueFilters(has_order=False), ["c"]),
        (QueueFilters(intent="complaint"), ["known"]), (QueueFilters(agent_id=ann.id), []),
        (QueueFilters(unread=True), ["c", "known"]),
    ):  # fmt: skip
        assert [line.id for line in store.queue(filters=filters)] == found, filters
    store.claim_handoff(ann, "c")
    assert store.see_messages(ann, "c")
    assert not store.see_messages(ann, "known")
    assert {line.id: line.unread for line in store.queue("all")} == {"known": 1, "c": 0}
    clock.pass_s(10)
    store.send_message(ann, "c", "您好", "k")
    assert store.queue("mine", ann.id)[0].waiting_s == 0
    clock.pass_s(10)
    asked(store, "在吗", "c")
    clock.pass_s(10)
    assert (store.queue("mine", ann.id)[0].waiting_s, store.queue("mine", ann.id)[0].unread) == (10, 1)


def test_notes_and_kept_replies_are_for_agents_alone(store: Store, ann: Agent) -> None:
    waiting(store)
    note = store.add_note(ann, "c", "Called her, no answer")
    assert store.notes("c") == (note,)
    assert (note.by, note.text) == ("Ann", "Called her, no answer")
    kept = store.save_canned_reply(ann, "Hours", "We are open 9 to 5.", "en")
    changed = store.save_canned_reply(ann, "Hours", "We are open 9 to 6.", "en", kept.id)
    assert store.canned_replies() == (changed,)
    assert store.delete_canned_reply(ann, kept.id)
    assert not store.delete_canned_reply(ann, kept.id)
    with pytest.raises(UnknownMessage):
        store.save_canned_reply(ann, "x", "y", None, kept.id)
    assert not any("Called" in str(event.data) for event in store.events("c"))


def test_all_of_it_is_handed_out_and_erased_with_the_conversation(store: Store, ann: Agent) -> None:
    draft = drafted(store, waiting(store))
    store.claim_handoff(ann, "c")
    store.send_message(ann, "c", draft.text, "k", draft.id)
    store.add_note(ann, "c", "a note")
    kinds = [line["kind"] for line in store.export_conversation("c")]
    assert kinds.count("message") == 3
    assert kinds[-4:] == ["handoff", "draft", "decision", "note"]
    assert store.erase_conversation("c").messages == 3
    assert store.draft(draft.id) is None
    assert list(store.export_conversation("c")) == []
    assert store.queue("all") == ()
    assert store.verify_audit() is None


def test_of_agents_who_claim_send_or_are_written_past_at_once_none_gets_what_another_has(database_url: str) -> None:
    claims = claim_races(database_url, 8, 3)
    assert claims.faults == []


def test_the_same_draft_sent_at_once_is_sent_once(database_url: str) -> None:
    sends = send_races(database_url, 8)
    assert sends.faults == []
    assert sends.ends["sent"] == 8


def test_what_is_sent_while_the_shopper_writes_is_sent_before_it_or_not_at_all(database_url: str) -> None:
    assert stale_races(database_url, 12).faults == []
