"""Turns: one at a time and in order, stored before shown, followed from any worker, ended when abandoned."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import IdempotencyConflict, StoreError
from assistant.places import Overloaded, Places
from assistant.store import NewEvent, Store, StoredEvent, StoredTurn
from assistant.turns import Busy, Following, Timing, Turns
from assistant.turns.writing import Writer
from assistant.types import Event, Query, Reply, Turn
from tests.browser.fake_assistant import FakeAssistant

QUICK = Timing(abandoned=0.2, elsewhere=0.5, tick=0.03, lease=0.4, renew=0.05, sweep=0.05, unclaimed=0.1)


class Scripted(FakeAssistant):
    """Says "a", "b", "c" and waits where the test says so; fails where the message asks for it."""

    def __init__(self) -> None:
        super().__init__()
        self.gates: dict[str, asyncio.Event] = {}

    def hold(self, text: str) -> asyncio.Event:
        """The answer to this message waits after "a" until the event is set."""
        self.gates[text] = asyncio.Event()
        return self.gates[text]

    async def stream(self, turn: Turn) -> AsyncIterator[Event]:
        self.turns.append(turn)
        finished = False
        try:
            yield Event("status", {"stage": "retrieve", "text": "Looking"})
            yield Event("text", {"delta": "a"})
            if (gate := self.gates.get(turn.text)) is not None:
                await gate.wait()
            if turn.text == "fail":
                raise RuntimeError("a secret")
            for said in ("b", "c"):
                await asyncio.sleep(0)
                yield Event("text", {"delta": said})
            yield Event("done", {"reply": Reply("abc", Query(turn.text, ("find",)), model="fake")})
            finished = True
        finally:
            self.cancelled += not finished


class Worker:
    """One worker on a store: its turns, its assistant, and what is said to it."""

    def __init__(self, store: Store, places: Places, timing: Timing = QUICK) -> None:
        self.store = store
        self.assistant = Scripted()
        opening: Future[Any] = Future()
        opening.set_result(self.assistant)
        self.turns = Turns(opening, store, places, timing)
        self.turns.start()

    def follow(self, conversation: str = "c", after: int | None = None) -> Following:
        stored = self.store.conversation(conversation)
        assert stored is not None
        return self.turns.follow(stored, stored.last_seq if after is None else after)

    async def post(self, text: str, conversation: str = "c", **options: Any) -> StoredTurn:
        stored = self.store.conversation(conversation)
        assert stored is not None
        return await self.turns.post(stored, text, **options)

    async def say(self, text: str, conversation: str = "c", **options: Any) -> list[StoredEvent]:
        """The events of one message, to its end."""
        following = self.follow(conversation)
        turn = await self.post(text, conversation, **options)
        following.after = turn.first_seq - 1
        try:
            return await until_end(following, turn.id)
        finally:
            following.close()


async def until_end(following: Following, turn_id: str | None = None) -> list[StoredEvent]:
    """Events as they come, to the end of a turn."""
    seen: list[StoredEvent] = []
    async with asyncio.timeout(5):
        while True:
            seen += await following.read(1)
            if any(e.kind in ("done", "error") and turn_id in (None, e.turn_id) for e in seen):
                return [event for event in seen if turn_id in (None, event.turn_id)]


async def until(holds: Callable[[], bool]) -> None:
    """Return as soon as something holds."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what is looked at knows no event
            await asyncio.sleep(0.01)


@pytest.fixture
def store(tmp_path: Path) -> Any:
    opened = Store.open(tmp_path / "data")
    for name in "cd":
        opened.create_conversation(name, secret="s")
    yield opened
    opened.close()


@asynccontextmanager
async def working(store: Store, places: Places | None = None, timing: Timing = QUICK) -> AsyncIterator[Worker]:
    worker = Worker(store, places or Places(8, 8), timing)
    try:
        yield worker
    finally:
        await worker.turns.close()


def kinds(events: list[StoredEvent]) -> str:
    return " ".join(event.kind for event in events)


async def test_a_turn_is_told_from_its_message_to_its_end(store: Store) -> None:
    async with working(store) as worker:
        events = await worker.say("A tent?")

    assert kinds(events) == "message status text text text done"
    assert [event.seq for event in events] == [1, 2, 3, 4, 5, 6]
    assert events[-1].data["message"]["text"] == "abc"
    assert store.events("c", 0) == tuple(event for event in store.events("c", 0) if event.turn_id == events[0].turn_id)
    assert [m.text for m in store.history("c")] == ["A tent?", "abc"]


async def test_every_event_is_in_the_store_before_anybody_sees_it(store: Store) -> None:
    async with working(store) as worker:
        following = worker.follow()
        await worker.post("A tent?")
        seen = 0
        while seen < 6:
            for event in await following.read(1):
                assert store.events("c", event.seq - 1, 1)[0].kind == event.kind
                seen += 1
        following.close()


async def test_a_conversations_turns_follow_one_another_and_others_do_not_wait(store: Store) -> None:
    async with working(store) as worker:
        first = worker.assistant.hold("first")
        following = worker.follow()
        await worker.post("first")
        second = await worker.post("second")
        await until(lambda: len(worker.assistant.turns) == 1)
        await worker.say("elsewhere", "d")
        assert [turn.text for turn in worker.assistant.turns] == ["first", "elsewhere"]

        first.set()
        await until_end(following, second.id)
        following.close()
    told = [(event.kind, event.turn_id == second.id) for event in store.events("c", 0)]
    assert told.index(("done", False)) < told.index(("status", True))


async def test_messages_sent_at_once_are_each_answered_knowing_the_answers_before(store: Store) -> None:
    async with working(store) as worker:
        following = worker.follow()
        posted = [await worker.post(f"number {n}") for n in range(3)]
        await until_end(following, posted[-1].id)
        following.close()
    said = [[message.text for message in turn.history] for turn in worker.assistant.turns]
    assert said == [[], ["number 0", "abc"], ["number 0", "abc", "number 1", "abc"]]


async def test_a_turn_that_nobody_follows_is_stopped_and_keeps_what_was_said(store: Store) -> None:
    async with working(store) as worker:
        worker.assistant.hold("A tent?")
        following = worker.follow()
        turn = await worker.post("A tent?")
        await following.read(1)
        await asyncio.sleep(0.05)
        following.close()
        await asyncio.sleep(0)
        assert worker.assistant.cancelled == 0
        await until(lambda: worker.turns.running == 0)
        assert worker.assistant.cancelled == 1
        stored = store.turn(turn.id)
    assert stored is not None and stored.state == "stopped"
    assert store.history("c")[-1].text == "a"
    assert store.events("c", 0)[-1].data["state"] == "stopped"


async def test_whoever_is_back_in_time_goes_on(store: Store) -> None:
    async with working(store) as worker:
        gate = worker.assistant.hold("A tent?")
        following = worker.follow()
        await worker.post("A tent?")
        following.close()
        await asyncio.sleep(0.1)
        again = worker.follow(after=0)
        await asyncio.sleep(0.3)
        gate.set()
        events = await until_end(again)
        again.close()
    assert events[-1].data["state"] == "done"
    assert worker.assistant.cancelled == 0


async def test_stop_ends_what_runs_and_says_whether_there_was_anything(store: Store) -> None:
    async with working(store) as worker:
        worker.assistant.hold("A tent?")
        following = worker.follow()
        await worker.post("A tent?")
        while not any(event.kind == "text" for event in await following.read(1)):
            pass
        assert await worker.turns.stop("c")
        assert (await until_end(following))[-1].data["state"] == "stopped"
        assert not await worker.turns.stop("c")
        following.close()


async def test_a_turn_that_fails_is_told_so_and_the_next_one_is_answered(store: Store) -> None:
    async with working(store) as worker:
        failed = await worker.say("fail")
        after = await worker.say("A tent?")

    assert failed[-1].kind == "error"
    assert "secret" not in str(failed[-1].data)
    assert after[-1].data["state"] == "done"


async def test_the_same_key_is_the_same_turn(store: Store) -> None:
    async with working(store) as worker:
        first = await worker.say("A tent?", key="k")
        assert (await worker.post("A tent?", key="k")).id == first[0].turn_id
        with pytest.raises(IdempotencyConflict):
            await worker.post("A stove?", key="k")
        assert len(worker.assistant.turns) == 1
    assert worker.turns.running == 0


async def test_a_full_line_refuses_before_anything_is_stored(store: Store) -> None:
    places = Places(1, 1)
    async with working(store, places) as worker:
        gate = worker.assistant.hold("first")
        following, other = worker.follow(), worker.follow("d")
        await worker.post("first")
        second = await worker.post("second", "d")
        with pytest.raises(Overloaded):
            await worker.post("third")
        gate.set()
        waited = await until_end(other, second.id)
        following.close()
        other.close()
    assert kinds(waited).startswith("message status")  # it was told how many are ahead
    assert "third" not in [message.text for message in store.history("c")]
    assert not places.full


async def test_one_conversation_cannot_fill_the_line(store: Store) -> None:
    async with working(store) as worker:
        worker.assistant.hold("first")
        following = worker.follow()
        await worker.post("first")
        for n in range(3):
            await worker.post(f"more {n}")
        with pytest.raises(Busy):
            await worker.post("too many")
        following.close()


async def test_a_worker_that_ends_stops_what_runs_and_leaves_the_rest_to_others(store: Store) -> None:
    async with working(store) as worker:
        worker.assistant.hold("first")
        following = worker.follow()
        first, second = await worker.post("first"), await worker.post("second")
        while not any(event.kind == "text" for event in await following.read(1)):
            pass
        await worker.turns.close()
        assert following.closed
    states = [turn.state for turn in map(store.turn, (first.id, second.id)) if turn is not None]
    assert states == ["stopped", "queued"]

    async with working(store) as other:
        following = other.follow(after=0)
        assert (await until_end(following, second.id))[-1].data["state"] == "done"
        following.close()


async def test_any_worker_tells_what_another_answers(store: Store) -> None:
    async with working(store) as one, working(store) as two:
        gate = one.assistant.hold("A tent?")
        here, there = one.follow(), two.follow()
        await one.post("A tent?")
        here.close()
        await asyncio.sleep(0.5)  # well beyond what an abandoned turn has: it is followed at the other worker
        assert one.assistant.cancelled == 0
        gate.set()
        events = await until_end(there)
        there.close()
    assert [event.seq for event in events] == [1, 2, 3, 4, 5, 6]


async def test_a_turn_whose_follower_left_another_worker_is_stopped(store: Store) -> None:
    async with working(store) as one, working(store) as two:
        one.assistant.hold("A tent?")
        here, there = one.follow(), two.follow()
        await one.post("A tent?")
        here.close()
        await asyncio.sleep(0.3)
        there.close()
        await until(lambda: one.assistant.cancelled == 1)


async def test_a_turn_is_stopped_from_any_worker(store: Store) -> None:
    async with working(store) as one, working(store) as two:
        one.assistant.hold("A tent?")
        following = one.follow()
        await one.post("A tent?")
        await following.read(1)
        assert await two.turns.stop("c")
        assert (await until_end(following))[-1].data["state"] == "stopped"
        following.close()


async def test_two_workers_answer_a_conversation_in_order(store: Store) -> None:
    async with working(store) as one, working(store) as two:
        gate = one.assistant.hold("first")
        here, there = one.follow(), two.follow()
        await one.post("first")
        second = await two.post("second")
        await asyncio.sleep(0.15)
        assert two.assistant.turns == []
        gate.set()
        assert (await until_end(there, second.id))[-1].data["state"] == "done"
        assert [message.text for message in two.assistant.turns[0].history] == ["first", "abc"]
        here.close()
        there.close()


@pytest.mark.parametrize("shown", [False, True])
async def test_a_dead_workers_turn_is_answered_by_another_unless_something_was_shown(store: Store, shown: bool) -> None:
    turn = store.post_turn("c", "A tent?")
    assert store.claim_turn(turn.id, "dead", 0.05)
    kind, data = ("text", {"delta": "a"}) if shown else ("status", {"text": "Looking"})
    store.append_events([NewEvent("c", turn.id, kind, data, "dead")])

    async with working(store) as worker:
        following = worker.follow(after=0)
        events = await until_end(following)
        following.close()
    assert events[-1].kind == ("error" if shown else "done")
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert store.append_events([NewEvent("c", turn.id, "text", {"delta": "late"}, "dead")]) == [None]


async def test_a_worker_that_lost_a_turn_says_nothing_more(store: Store) -> None:
    slow = Timing(abandoned=5, tick=0.03, lease=0.1, renew=60, sweep=60)
    async with working(store, timing=slow) as one, working(store) as two:
        gate = one.assistant.hold("A tent?")
        here, there = one.follow(), two.follow()
        await one.post("A tent?")
        events = await until_end(there)
        gate.set()
        await asyncio.sleep(0.1)
        here.close()
        there.close()
        assert one.turns.running == 0
    assert events[-1].kind == "error"  # something was shown
    assert store.events("c", 0)[-1].seq == events[-1].seq


async def test_a_person_answers_where_one_has_taken_over(store: Store) -> None:
    store.set_who("c", "agent")
    async with working(store) as worker:
        events = await worker.say("A tent?")

    assert kinds(events) == "message done"
    assert events[-1].data["message"] is None
    assert worker.assistant.turns == []


async def test_reconnecting_at_every_event_leaves_no_gap_and_no_repeat(store: Store) -> None:
    async with working(store) as one, working(store) as two:
        for name in "cd":
            await asyncio.gather(one.say("A tent?", name), asyncio.sleep(0))
        for name, after in itertools.product("cd", range(6)):
            following = two.follow(name, after)
            assert [event.seq for event in await until_end(following)] == list(range(after + 1, 7))
            following.close()


async def test_a_follower_that_reads_slowly_misses_nothing(store: Store) -> None:
    async with working(store) as worker:
        slow = worker.follow()
        for n in range(60):  # far more events than are kept in memory
            await worker.say(f"number {n}")
        seen: list[int] = []
        while len(seen) < 360:
            seen += [event.seq for event in await slow.read(1)]
        slow.close()
    assert seen == list(range(1, 361))


class Failing(Store):
    """A store whose disk is full now and then."""

    full = False

    def append_events(self, new: Any) -> list[int | None]:
        if self.full:
            raise StoreError("the disk is full")
        return super().append_events(new)


async def test_a_store_that_fails_ends_the_turn_and_nothing_unstored_is_shown(tmp_path: Path) -> None:
    store = Failing.open(tmp_path / "data")
    assert isinstance(store, Failing)
    store.create_conversation("c", secret="s")
    async with working(store) as worker:
        gate = worker.assistant.hold("A tent?")
        following = worker.follow()
        await worker.post("A tent?")
        while not any(event.kind == "text" for event in await following.read(1)):
            pass
        store.full = True
        gate.set()
        rest = await until_end(following)
        store.full = False
        assert kinds(rest) == "done"  # with the whole answer, which is stored by then
        assert rest[-1].data["message"]["text"] == "abc"
        assert (await worker.say("A stove?"))[-1].kind == "done"
        following.close()
    store.close()


def test_a_lease_outlives_a_busy_moment() -> None:
    timing = Timing()
    assert timing.lease >= 5 * timing.renew
    assert timing.elsewhere >= 4 * timing.tick
    assert timing.abandoned < 1


async def test_calls_that_wait_share_a_transaction_and_fail_alone(store: Store) -> None:
    writer = Writer(store)
    commits: list[float] = []
    store.database.on_write = commits.append
    calls = [writer.do(store.post_turn, "c" if n % 2 else "nowhere", f"number {n}") for n in range(6)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    await writer.close()

    assert [isinstance(outcome, StoreError) for outcome in outcomes] == [True, False] * 3
    assert [message.text for message in store.history("c")] == ["number 1", "number 3", "number 5"]
    assert len(commits) <= 2
