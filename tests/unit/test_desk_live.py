"""Every open desk is told that something is new, by one look for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from assistant.errors import StoreError
from assistant.store import NewMessage, Pulse, Store
from assistant.store.tables import drafts, handoffs, notes
from tests.desk_agents import add_agent
from ui.desk.live import Listener, Pulses, live_response

CALM = Pulse("q", 1, "s", {})
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


class Looks:
    """Looks at a store that is not there: how often, and for which conversations."""

    def __init__(self) -> None:
        self.pulse = CALM
        self.fails = 0  # the first so many looks
        self.opened: list[frozenset[str]] = []

    async def __call__(self, opened: frozenset[str]) -> Pulse:
        self.opened.append(opened)
        if len(self.opened) <= self.fails:
            raise StoreError("away")
        return self.pulse


async def told(listener: Listener) -> dict[str, object]:
    async with asyncio.timeout(5):
        return await listener.read()


async def test_a_desk_is_told_how_things_stand_and_then_of_changes() -> None:
    looks = Looks()
    pulses = Pulses(looks, every_s=0.001)
    listener = pulses.listen()
    assert await told(listener) == {"queue": {"version": "q", "waiting": 1}, "said": {"version": "s"}}
    looks.pulse = Pulse("q", 1, "s2", {})
    assert await told(listener) == {"said": {"version": "s2"}}
    looks.pulse = Pulse("q2", 2, "s2", {})
    assert await told(listener) == {"queue": {"version": "q2", "waiting": 2}}
    listener.close()
    await pulses.close()


async def test_what_stands_beside_a_conversation_is_told_to_those_who_have_it_open() -> None:
    looks = Looks()
    looks.pulse = Pulse("q", 0, "s", {"a": "1", "b": "1"})
    pulses = Pulses(looks, every_s=0.001)
    ann, bob = pulses.listen("a"), pulses.listen("b")
    assert (await told(ann))["beside"] == {"conversation": "a", "version": "1"}
    assert (await told(bob))["beside"] == {"conversation": "b", "version": "1"}
    looks.pulse = Pulse("q", 0, "s", {"a": "2", "b": "1"})
    assert await told(ann) == {"beside": {"conversation": "a", "version": "2"}}
    bob.close()
    ann.close()
    await pulses.close()
    assert {"a", "b"} in looks.opened


async def test_all_desks_share_one_look_and_nobody_looks_while_there_is_none() -> None:
    looks = Looks()
    pulses = Pulses(looks, every_s=0.02)
    listeners = [pulses.listen() for _ in range(50)]
    for listener in listeners:
        await told(listener)
    assert len(looks.opened) < 5
    for listener in listeners:
        listener.close()
    await asyncio.sleep(0.05)
    n_looks = len(looks.opened)
    await asyncio.sleep(0.05)
    assert len(looks.opened) == n_looks
    again = pulses.listen()
    assert await told(again)
    again.close()
    await pulses.close()


async def test_a_store_that_is_away_is_looked_at_again() -> None:
    looks = Looks()
    looks.fails = 3
    pulses = Pulses(looks, every_s=0.001)
    listener = pulses.listen()
    assert await told(listener)
    assert len(looks.opened) > looks.fails
    listener.close()
    await pulses.close()


async def test_a_stream_ends_when_the_server_goes_and_leaves_nobody_behind() -> None:
    pulses = Pulses(Looks(), every_s=0.001)
    stream: AsyncIterator[bytes] = live_response(pulses.listen(), None).body_iterator  # type: ignore[assignment]
    async with asyncio.timeout(5), aclosing(stream):  # type: ignore[type-var]
        lines = [await anext(stream) for _ in range(3)]
        await pulses.close()
        assert [line async for line in stream] == []
    assert lines[0] == b"retry: 1000\n\n"
    assert lines[1] == b'event: queue\ndata: {"version":"q","waiting":1}\n\n'


async def test_a_quiet_stream_shows_that_it_lives() -> None:
    pulses = Pulses(Looks(), every_s=0.001)
    stream: AsyncIterator[bytes] = live_response(pulses.listen(), None, heartbeat_s=0.01).body_iterator  # type: ignore[assignment]
    async with asyncio.timeout(5), aclosing(stream):  # type: ignore[type-var]
        async for line in stream:
            if line == b": still here\n\n":
                break
    await pulses.close()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store.at_url(database_url)
    yield opened
    opened.close()


def test_each_change_at_the_desk_changes_its_mark_and_no_other(store: Store) -> None:
    ann = add_agent(store, "ann")
    for conversation in ("a", "b"):
        store.create_conversation(conversation)
        store.append_messages([NewMessage(conversation, "shopper", "hello")])

    def change(statement: sa.sql.dml.UpdateBase) -> set[str]:
        before = store.pulse(("a", "b"))
        with store.database.writing() as connection:
            connection.execute(statement)
        after = store.pulse(("a", "b"))
        changed = {name for name in ("queue", "waiting", "said") if getattr(before, name) != getattr(after, name)}
        return changed | {one for one in ("a", "b") if before.beside[one] != after.beside[one]}

    handoff = {"conversation_id": "a", "reason": "asked", "at": NOW}
    assert change(handoffs.insert().values(handoff)) == {"queue", "waiting", "a"}
    assert change(handoffs.update().values(agent_id=ann.id, claimed_at=NOW)) == {"queue", "waiting", "a"}
    assert change(handoffs.update().values(seen_message_id=1)) == {"queue"}
    draft = {"id": "d", "conversation_id": "b", "based_on": 2, "at": NOW, "state": "fresh", "kind": "first"}
    assert change(drafts.insert().values({**draft, "text": "Hi", "model": "m", "reply": {}})) == {"b"}
    assert change(drafts.update().values(state="sent")) == {"b"}
    assert change(notes.insert().values(conversation_id="a", agent_id=ann.id, at=NOW, text="n")) == {"a"}
    assert change(handoffs.update().values(ended_at=NOW + timedelta(1), outcome="closed")) == {"queue", "a"}
    before = store.pulse()
    store.append_messages([NewMessage("b", "shopper", "still there?")])
    after = store.pulse()
    assert (before.queue, before.beside) == (after.queue, after.beside)
    assert store.pulse(("no such",)).beside.keys() == {"no such"}
