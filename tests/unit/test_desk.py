"""The desk: drafts that no shopper sees, messages that they see at once, answers that wait for a person."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from assistant.desk import Desk
from assistant.errors import NothingToAnswer, NothingToSay, NotYours, StaleDraft, UnknownAgent, UnknownConversation
from assistant.pipeline import Assistant
from assistant.places import Places
from assistant.store import Agent, Draft, Store, StoredConversation, StoredEvent
from assistant.turns import Following, Turns
from knowledge_base.desk_settings import DeskSettings
from tests.fakes import FakeDrafter

_PATIENCE_S = 30.0  # on a machine that others load
MONDAY_10 = datetime(2026, 11, 30, 10, tzinfo=UTC)


class Floor:
    """One worker with its desk, a shopper in conversation "c", and agents."""

    def __init__(self, store: Store, assistant: Assistant, settings: DeskSettings, places: Places) -> None:
        self.store, self.places = store, places
        opening: Future[Assistant] = Future()
        opening.set_result(assistant)
        self.turns = Turns(opening, store, places, desk=settings)
        self.desk = Desk(self.turns, opening, store, places, settings)
        self.turns.start()

    @property
    def conversation(self) -> StoredConversation:
        found = self.store.conversation("c")
        assert found is not None
        return found

    def follow(self) -> Following:
        return self.turns.follow(self.conversation, self.conversation.last_seq)

    async def say(self, text: str, **options: Any) -> list[StoredEvent]:
        """The events of a shopper's message, to its end; whatever came before and between among them."""
        following = self.follow()
        try:
            turn = await self.turns.post(self.conversation, text, **options)
            return await until_end(following, turn.id)
        finally:
            following.close()

    async def fresh(self) -> Draft:
        """The draft that is made in the background."""
        await until(lambda: bool(self.store.open_drafts("c")))
        return self.store.open_drafts("c")[0]


@pytest.fixture
def store(tmp_path: Path) -> Any:
    opened = Store.open(tmp_path / "data", now=lambda: datetime.now(UTC))
    opened.create_conversation("c", secret="s")
    yield opened
    opened.close()


@pytest.fixture
def ann(store: Store) -> Agent:
    return store.add_agent("ann", "Ann")


@asynccontextmanager
async def open_floor(
    store: Store, assistant: Assistant, settings: DeskSettings | None = None, places: Places | None = None
) -> AsyncIterator[Floor]:
    floor = Floor(store, assistant, settings or DeskSettings(), places or Places(8, 8))
    try:
        yield floor
    finally:
        await asyncio.gather(floor.turns.close(), floor.desk.close())


async def until(holds: Callable[[], bool]) -> None:
    """Return as soon as something holds."""
    async with asyncio.timeout(_PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - what is looked at knows no event
            await asyncio.sleep(0.01)


async def until_end(following: Following, turn_id: str) -> list[StoredEvent]:
    """Events as they come, to the end of a turn."""
    seen: list[StoredEvent] = []
    async with asyncio.timeout(_PATIENCE_S):
        while not any(event.kind in ("done", "error") and event.turn_id == turn_id for event in seen):
            seen += await following.read(1)
    return seen


def kinds(events: list[StoredEvent]) -> list[str]:
    return [event.kind for event in events]


async def test_a_question_goes_to_a_person_and_back_and_the_shopper_is_told_who_answers(
    store: Store, assistant: Assistant, ann: Agent
) -> None:
    async with open_floor(store, assistant) as floor:
        asked = await floor.say("I want to talk to a person")
        assert [event.data for event in asked if event.kind == "who"] == [{"who": "waiting", "name": None}]
        assert kinds(asked)[-2:] == ["who", "done"]
        assert [line.reason for line in await floor.desk.queue(ann)] == ["asked"]

        still = await floor.say("Is the Alpine tent waterproof?")  # meanwhile the assistant answers what it can
        assert still[-1].data["message"] is not None

        following = floor.follow()
        await floor.desk.claim(ann, "c")
        left = await floor.say("Hello?")
        assert kinds(left)[-1] == "done"
        assert left[-1].data["message"] is None
        draft = await floor.fresh()
        await floor.desk.send(ann, "c", draft.text, "k", draft.id)
        await floor.desk.hand_back(ann, "c")
        told: list[StoredEvent] = []
        while "assistant" not in [event.data.get("who") for event in told]:
            told += await following.read(1)
        following.close()
        assert [e.data["who"] for e in told if e.kind == "who"] == ["agent", "assistant"]
        said = [e.data["message"] for e in told if e.kind == "message" and e.data["message"]["role"] == "agent"]
        assert [(message["text"], message["name"]) for message in said] == [(draft.text, "Ann")]
        again = await floor.say("How much is the Alpine tent?")
        assert again[-1].data["message"]["role"] == "assistant"


async def test_where_answers_wait_for_agents_the_message_is_kept_told_once_and_drafted(
    store: Store, assistant: Assistant, ann: Agent
) -> None:
    settings = DeskSettings("copilot", waiting={"en": "Ann is on her way."})
    async with open_floor(store, assistant, settings) as floor:
        first = await floor.say("Do you have a tent?")
        assert kinds(first) == ["message", "who", "handoff", "done"]
        assert first[2].data["reason"] == "Ann is on her way."
        assert (await floor.fresh()).reply.products
        second = await floor.say("And a stove?")
        assert kinds(second) == ["message", "done"]
        (line,) = await floor.desk.queue(ann)
        assert (line.reason, line.unread, line.who) == ("copilot", 2, "waiting")


async def test_without_an_agent_nobody_is_left_waiting(store: Store, assistant: Assistant) -> None:
    async with open_floor(store, assistant, DeskSettings("copilot")) as floor:
        assert (await floor.say("Do you have a tent?"))[-1].data["message"] is not None
        assert floor.conversation.who == "assistant"


async def test_what_a_message_is_about_decides_where_the_shop_says_so(
    store: Store, assistant: Assistant, ann: Agent
) -> None:
    async with open_floor(store, assistant, DeskSettings(copilot=("complaint", "order_status"))) as floor:
        assert (await floor.say("Do you have a tent?"))[-1].data["message"] is not None
        angry = await floor.say("This is the second broken tent, I am furious!")
        assert kinds(angry) == ["message", "who", "handoff", "done"]
        (line,) = await floor.desk.queue(ann)
        assert (line.intent, line.mood, line.language) == ("complaint", "upset", "en")
    store.create_conversation("d", secret="s")
    async with open_floor(store, assistant, DeskSettings("copilot", autopilot=("find", "small_talk"))) as floor:
        await floor.desk.take(ann, "c")
        await floor.desk.hand_back(ann, "c")
        assert (await floor.say("Do you have a tent?"))[-1].data["message"] is not None
        assert (await floor.say("How long can I send it back?"))[-1].data["message"] is None


async def test_drafts_are_not_seen_before_they_are_sent(store: Store, assistant: Assistant, ann: Agent) -> None:
    async with open_floor(store, assistant, DeskSettings("copilot")) as floor:
        for n in range(12):
            await floor.say(f"Do you have a tent under ${n + 200}?")
            draft = await floor.fresh()
            told = [str(event.data) for event in store.events("c")]
            seen = "".join([*told, *(message.text for message in store.history("c"))])
            sentences = [sentence for sentence in draft.text.split(". ") if sentence]
            assert sentences
            assert not any(sentence in seen for sentence in sentences)


async def test_a_newer_message_makes_the_draft_stale_and_a_fresh_one_is_made(
    store: Store, assistant: Assistant, ann: Agent
) -> None:
    async with open_floor(store, assistant) as floor:
        await floor.desk.take(ann, "c")
        await floor.say("Do you have a tent?")
        old = await floor.fresh()
        await floor.say("How long can I send it back?")
        with pytest.raises(StaleDraft):
            await floor.desk.send(ann, "c", old.text, "k", old.id)
        new = await floor.desk.draft(ann, "c")
        assert (new.id, new.text) != (old.id, old.text)
        assert [line.state for line in (await floor.desk.open(ann, "c")).drafts] == ["open"]
        again = await floor.desk.draft(ann, "c", "again", "make it warmer")
        assert (again.kind, again.instruction, again.based_on) == ("again", "make it warmer", new.based_on)
        await floor.desk.reject(ann, new.id, "no")
        assert [one.id for one in (await floor.desk.open(ann, "c")).drafts] == [again.id]
        assert (await floor.desk.draft(ann, "c")).id == again.id


async def test_a_message_sent_has_cards_and_sources_of_what_it_names(
    store: Store, assistant: Assistant, ann: Agent
) -> None:
    async with open_floor(store, assistant) as floor:
        await floor.desk.take(ann, "c")
        await floor.say("Do you have a tent?")
        draft = await floor.fresh()
        card = draft.reply.products[0]
        sent = await floor.desk.send(ann, "c", f"Take the {card.title} [1]. Or not [99].", "k", draft.id)
        message = sent.data["message"]
        assert message["text"] == f"Take the {card.title} [1]. Or not."
        assert [one["id"] for one in message["products"]] == [card.id]
        assert [one["n"] for one in message["citations"]] == [1]
        assert draft.text not in json.dumps(sent.data)
        plain = await floor.desk.send(ann, "c", "Have a look:", "k2", product_ids=[card.id, "no such product"])
        assert [one["price"] for one in plain.data["message"]["products"]] == [str(card.price)]
        assert "products" not in (await floor.desk.send(ann, "c", "Goodbye", "k3")).data["message"]


async def test_what_was_taken_back_is_gone_for_who_comes_later_and_for_the_assistant(
    store: Store, assistant: Assistant, ann: Agent
) -> None:
    async with open_floor(store, assistant) as floor:
        await floor.desk.take(ann, "c")
        await floor.say("Do you have a tent?")
        following = floor.follow()
        sent = await floor.desk.send(ann, "c", "It is free today!", "k")
        taken = await floor.desk.withdraw(ann, "c", sent.data["message"]["id"])
        told = [*await following.read(1), *await following.read(0.05)]
        following.close()
        assert kinds(told)[-1] == "withdrawn"
        late = floor.turns.follow(floor.conversation, 0)
        everything = list(await late.read(1))
        late.close()
        assert (everything[-1].seq, everything[-1].data) == (taken.seq, taken.data)
        assert "free today" not in json.dumps([event.data for event in everything])
        assert (await floor.desk.open(ann, "c")).messages[-1].withdrawn_at is not None
    strict = DeskSettings(undo_seconds=0)
    async with open_floor(store, assistant, strict) as floor:
        sent = await floor.desk.send(ann, "c", "Yes", "k9")
        await asyncio.sleep(0.01)
        with pytest.raises(Exception, match="taken back for 0 seconds"):
            await floor.desk.withdraw(ann, "c", sent.data["message"]["id"])


async def test_opening_a_chat_shows_what_stands_beside_it_and_begins_a_draft(
    store: Store, assistant: Assistant, ann: Agent
) -> None:
    for name in ("m1", "m2"):
        store.create_conversation(name, shopper="maria")
        store.append_message(name, "shopper", "Do you have a tent?")
    async with open_floor(store, assistant) as floor:
        alone = await floor.desk.open(ann, "m1")
        assert (alone.shopper, alone.handoff, alone.draft, alone.is_drafting) == ("maria", None, None, False)
        await floor.desk.take(ann, "m1")
        await floor.desk.note(ann, "m1", "regular")
        opened = await floor.desk.open(ann, "m1")
        assert opened.is_drafting
        assert [note.text for note in opened.notes] == ["regular"]
        assert [one.id for one in opened.earlier] == ["m2"]
        await until(lambda: bool(store.open_drafts("m1")))
        again = await floor.desk.open(ann, "m1")
        assert again.draft is not None
        assert again.draft.trace is not None
        (part,) = again.draft.trace.parts
        shown = [f"product:{card.id}" for card in again.draft.reply.products]
        assert [hit.entry.id for hit in part.evidence.products] == shown
        with pytest.raises(UnknownConversation):
            await floor.desk.open(ann, "nobody's")
        store.create_conversation("empty")
        with pytest.raises(NothingToAnswer):
            await floor.desk.draft(ann, "empty")


async def test_what_only_leads_may_do_is_refused_to_others(store: Store, assistant: Assistant, ann: Agent) -> None:
    lea = store.add_agent("lea", "Lea", "lead")
    async with open_floor(store, assistant) as floor:
        await floor.desk.take(ann, "c")
        with pytest.raises(NotYours):
            await floor.desk.reassign(ann, "c", lea.id)
        with pytest.raises(NotYours):
            await floor.desk.save_canned_reply(ann, "Hours", "9 to 5")
        with pytest.raises(UnknownAgent):
            await floor.desk.reassign(lea, "c", "agt_nobody")
        assert (await floor.desk.reassign(lea, "c", lea.id)).agent == "Lea"
        kept = await floor.desk.save_canned_reply(lea, "Hours", "9 to 5")
        assert await floor.desk.canned_replies(ann) == (kept,)
        for text in ("", " \u200b ", "x" * 8001):
            with pytest.raises(NothingToSay):
                await floor.desk.send(lea, "c", text, "k")


async def test_whoever_is_behind_has_no_place_that_a_shopper_waits_for() -> None:
    places, order = Places(1, 8), list[str]()

    async def shopper(name: str) -> None:
        async with places.take(lambda ahead: None):
            order.append(name)
            await asyncio.sleep(0.01)

    async def draft() -> None:
        async with places.behind():
            order.append("draft")

    first = asyncio.create_task(shopper("first"))
    await asyncio.sleep(0)
    drafts = [asyncio.create_task(draft()) for _ in range(2)]
    gone = asyncio.create_task(draft())
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(first, shopper("second"), shopper("third"), *drafts)
    assert order == ["first", "second", "third", "draft", "draft"]
    assert places.admitted == 0


async def test_a_draft_gives_its_place_to_a_shopper_who_comes_and_is_made_after_all(
    store: Store, index: Any, ann: Agent
) -> None:
    drafter = FakeDrafter(["Hello. ", 0.3, "There."])
    store.create_conversation("d", secret="s")
    other = store.conversation("d")
    assert other is not None
    async with open_floor(store, Assistant(index, drafter), places=Places(1, 8)) as floor:
        await floor.desk.take(ann, "c")
        await floor.say("Do you have a tent?")
        await until(lambda: drafter.running == 1)
        following = floor.turns.follow(other, 0)
        turn = await floor.turns.post(other, "Do you have a stove?")
        events = await until_end(following, turn.id)
        following.close()
        assert kinds(events)[-1] == "done"
        assert not any("Waiting for a place" in str(event.data) for event in events)
        assert drafter.cancelled == 1
        assert (await floor.fresh()).text.startswith("Hello.")


async def test_of_a_worker_that_goes_no_half_a_draft_is_left_and_another_makes_it(
    store: Store, index: Any, ann: Agent
) -> None:
    slow = FakeDrafter(["Hello. ", 5.0, "There."])
    async with open_floor(store, Assistant(index, slow)) as floor:
        await floor.desk.take(ann, "c")
        await floor.say("Do you have a tent?")
        await until(lambda: slow.running == 1)
    assert slow.running == 0
    assert store.open_drafts("c") == ()
    async with open_floor(store, Assistant(index, FakeDrafter("Hello there."))) as floor:
        assert (await floor.desk.open(ann, "c")).is_drafting
        assert (await floor.fresh()).text.startswith("Hello there.")


async def test_a_question_goes_on_from_one_that_nobody_or_a_person_answered(
    store: Store, assistant: Assistant, ann: Agent
) -> None:
    async with open_floor(store, assistant) as floor:
        await floor.desk.take(ann, "c")
        await floor.say("Do you have a tent?")
        await floor.say("Under $150?")
        query = (await floor.fresh()).reply.query
        assert (query.subject, query.filters.price_max) == ("tent", 150)
        await floor.desk.send(ann, "c", "Let me see.", "k")
        await floor.desk.hand_back(ann, "c")
        answer = (await floor.say("And under $100?"))[-1].data["message"]
        assert {card["id"] for card in answer["products"]} == {"tent-solo"}


async def test_a_sent_draft_is_not_offered_again(store: Store, assistant: Assistant, ann: Agent) -> None:
    async with open_floor(store, assistant) as floor:
        await floor.desk.take(ann, "c")
        await floor.say("Do you have a tent?")
        draft = await floor.fresh()
        await floor.desk.send(ann, "c", draft.text, "k", draft.id)
        opened = await floor.desk.open(ann, "c")
        assert (opened.draft, opened.is_drafting) == (None, False)
        again = await floor.desk.draft(ann, "c")
        assert (again.kind, again.id == draft.id) == ("again", False)


async def test_a_message_is_drafted_once_however_many_look(store: Store, index: Any, ann: Agent) -> None:
    drafter = FakeDrafter(["Hello", 0.1, " there."])
    async with open_floor(store, Assistant(index, drafter)) as floor:
        await floor.desk.take(ann, "c")
        await floor.say("Do you have a tent?")
        drafts = await asyncio.gather(*(floor.desk.draft(ann, "c") for _ in range(5)))
        assert len({draft.id for draft in drafts}) == 1
        assert len(drafter.prompts) == 1


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-30T10:00", True),  # a Monday
        ("2026-11-30T08:59", False),
        ("2026-11-30T12:30", False),
        ("2026-11-30T17:59", True),
        ("2026-11-30T18:00", False),
        ("2026-12-04T23:30", True),  # Friday night
        ("2026-12-05T01:59", True),
        ("2026-12-05T02:00", False),
        ("2026-12-06T12:00", True),  # Sunday, all day
        ("2026-12-01T10:00", False),  # no hours on Tuesdays
    ],
)
def test_hours_are_those_of_the_shops_own_clock(at: str, is_open: bool) -> None:
    spans = {
        "mon": ((time(9), time(12)), (time(13), time(18))),
        "fri": ((time(22), time(2)),),
        "sun": ((time(0), time.max),),
    }
    settings = DeskSettings("copilot", hours=spans, timezone="Asia/Shanghai")
    moment = datetime.fromisoformat(at + "+08:00").astimezone(UTC)
    assert settings.is_open(moment) is is_open
    assert settings.mode_at(moment) == ("copilot" if is_open else "autopilot")
    assert replace(settings, outside_hours="same").mode_at(moment) == "copilot"


def test_one_intent_for_an_agent_is_enough_and_all_must_be_the_assistants() -> None:
    by_default = DeskSettings(copilot=("complaint",))
    assert by_default.mode_of(("policy", "complaint"), MONDAY_10) == "copilot"
    assert by_default.mode_of(("policy",), MONDAY_10) == "autopilot"
    held = DeskSettings("copilot", autopilot=("policy",))
    assert held.mode_of(("policy",), MONDAY_10) == "autopilot"
    assert held.mode_of(("policy", "find"), MONDAY_10) == "copilot"
    assert held.is_by_intent
    assert not DeskSettings("copilot", copilot=("policy",)).is_by_intent
    assert DeskSettings().notice("zh-CN") != DeskSettings().notice("de")


def test_intents_of_the_settings_are_those_of_the_assistant() -> None:
    from typing import get_args

    from assistant.types import Intent
    from knowledge_base.desk_settings import INTENTS

    assert get_args(Intent) == INTENTS
