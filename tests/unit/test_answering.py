"""One message of the page: stored before it is shown, answered once, refused kindly, followed by every window."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import StoreError
from assistant.places import Places
from assistant.store import Store, StoredTurn
from assistant.turns import Following, Turns
from tests.browser.fake_assistant import FakeAssistant
from ui.answering import Answering, Said
from ui.conversation import Conversation, Exchange


class SlowStore(Store):
    """Posts only while it is `open`; refuses texts that say so."""

    open_now = threading.Event()

    def post_turn(self, conversation_id: str, text: str, **known: Any) -> StoredTurn:
        assert self.open_now.wait(10)
        if "refused" in text:
            raise StoreError("the disk is full")
        return super().post_turn(conversation_id, text, **known)


class Page:
    """What a page asks of a store, a fake assistant answering."""

    def __init__(self, store: Store, places: Places) -> None:
        self.store = store
        self.assistant = FakeAssistant(pause_s=0)
        self.opening: Future[Any] = Future()
        self.opening.set_result(self.assistant)
        self.turns = Turns(self.opening, store, places)
        self.answering = Answering(self.opening, store, self.turns)

    async def say(self, conversation: Conversation, text: str, replaces: int | None = None) -> list[Exchange | None]:
        async with asyncio.timeout(10):
            return [state async for state in self.answering.say(conversation, Said(text, replaces=replaces))]


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    store = SlowStore.open(tmp_path)
    SlowStore.open_now.set()
    page = Page(store, Places(1, 1))
    yield page
    await page.turns.close()
    store.close()


async def test_nothing_is_shown_before_the_message_is_stored(page: Page) -> None:
    conversation = Conversation("en", browser="ann")
    SlowStore.open_now.clear()
    states = page.answering.say(conversation, Said("A tent?"))
    first = asyncio.ensure_future(anext(states))
    done, _ = await asyncio.wait([first], timeout=0.3)
    assert not done
    assert conversation.entries == []

    SlowStore.open_now.set()
    shown = [await first] + [state async for state in states]
    assert shown[-1] is not None and shown[-1].state == "done"
    stored = page.store.history(conversation.id)
    assert [message.id for message in stored] == [shown[-1].number, shown[-1].message_id]
    assert page.store.current_conversation("ann") == conversation.id


async def test_a_message_that_could_not_be_stored_is_not_answered(page: Page) -> None:
    conversation = Conversation("en", browser="ann")

    (shown,) = await page.say(conversation, "refused")

    assert shown is not None and (shown.state, shown.answer) == ("failed", "")
    assert page.assistant.turns == []
    assert page.store.conversation(conversation.id) is None
    assert page.store.current_conversation("ann") is None
    await page.say(conversation, "A tent?")
    assert [entry.state for entry in conversation.entries] == ["failed", "done"]


class Overtaken(Answering):
    """Another that follows the conversation takes in the whole turn before the one who asked has read a word."""

    async def _posted(self, conversation: Conversation, said: Said) -> tuple[Following, StoredTurn]:
        following, turn = await super()._posted(conversation, said)
        with closing(await self.follow(conversation)) as other:
            while (exchange := conversation.of_turn(turn.id)) is None or exchange.running:
                conversation.take(await other.read(1))
        return following, turn


async def test_an_answer_that_somebody_else_has_read_already_is_drawn_all_the_same(page: Page) -> None:
    page.answering = Overtaken(page.opening, page.store, page.turns)
    conversation = Conversation("en")
    (shown,) = await page.say(conversation, "A tent?")
    assert shown is not None and shown.state == "done"
    assert [entry.number for entry in conversation.entries] == [shown.number]


async def test_whoever_finds_the_line_full_is_told_and_nothing_is_stored(page: Page) -> None:
    busy = Conversation("en")
    async with aclosing(page.answering.say(busy, Said("slow"))) as states:
        await anext(states)
        waiting = asyncio.create_task(page.say(Conversation("en"), "A tent?"))
        await asyncio.sleep(0.05)
        late = Conversation("zh")
        (refused,) = await page.say(late, "帐篷？", replaces=None)
    assert refused is not None and (refused.state, refused.number) == ("failed", -1)
    assert "咨询的人太多" in refused.problem
    assert page.store.conversation(late.id) is None
    last = (await waiting)[-1]
    assert last is not None and last.state == "done"


async def test_what_is_said_again_stands_for_itself_and_what_followed(page: Page) -> None:
    conversation = Conversation("en")
    for text in ("one", "two", "three"):
        await page.say(conversation, text)

    await page.say(conversation, "two, better", replaces=conversation.entries[1].number)

    assert [entry.text for entry in conversation.entries] == ["one", "two, better"]
    assert [message.text for message in page.assistant.turns[-1].history[::2]] == ["one"]


async def test_a_window_that_comes_later_sees_the_answer_to_its_end(page: Page) -> None:
    here = Conversation("en")
    there = Conversation("en", id=here.id, stored=True)
    async with aclosing(page.answering.say(here, Said("slow"))) as states:
        await anext(states)
        await page.answering.catch_up(there)
        assert there.running
        watching = asyncio.create_task(_watched(page, there))
        async for _ in states:
            pass
        await watching

    assert there.entries == here.entries
    assert there.entries[-1].state == "done"


async def _watched(page: Page, conversation: Conversation) -> None:
    async for _ in page.answering.watch(conversation):
        pass


async def test_closing_the_page_stops_the_answer_and_keeps_what_was_said(page: Page) -> None:
    conversation = Conversation("en")
    async with aclosing(page.answering.say(conversation, Said("slow"))) as states:
        async for state in states:
            if state is not None and state.answer:
                break
    async with asyncio.timeout(5):
        while page.turns.running:  # noqa: ASYNC110 - counted, not told
            await asyncio.sleep(0.02)

    await page.answering.catch_up(conversation)
    assert page.assistant.cancelled == 1
    assert conversation.entries[-1].state == "stopped"
    assert page.store.history(conversation.id)[-1].text == conversation.entries[-1].answer
