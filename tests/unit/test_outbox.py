"""Messages reach the store together, none is lost, and nothing is shown of one that did not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import pytest

from assistant.errors import StoreError
from assistant.places import Places
from assistant.store import NewMessage
from tests.browser.fake_assistant import FakeAssistant
from ui.answering import Answering
from ui.conversation import Conversation, Exchange
from ui.outbox import Outbox


class FakeStore:
    """Keeps batches; waits for `open`; refuses texts that say so."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.open = threading.Event()
        self.open.set()
        self.arrived = threading.Event()

    def append_messages(self, messages: Sequence[NewMessage]) -> list[int]:
        self.arrived.set()
        assert self.open.wait(10)
        texts = [message.text for message in messages]
        if any("refused" in text for text in texts):
            raise StoreError("the disk is full")
        first = sum(map(len, self.batches))
        self.batches.append(texts)
        return list(range(first, first + len(texts)))


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


def message(text: str) -> NewMessage:
    return NewMessage("c", "shopper", text)


async def test_messages_that_wait_for_the_disk_share_the_next_transaction(store: FakeStore) -> None:
    outbox: Any = Outbox(store)  # type: ignore[arg-type]
    store.open.clear()
    first = asyncio.create_task(outbox.append(message("first")))
    await asyncio.to_thread(store.arrived.wait)
    rest = [asyncio.create_task(outbox.append(message(str(n)))) for n in range(9)]
    await asyncio.sleep(0)
    store.open.set()

    assert await asyncio.gather(first, *rest) == list(range(10))
    assert store.batches == [["first"], [str(n) for n in range(9)]]


async def test_a_message_that_cannot_be_written_takes_no_other_with_it(store: FakeStore) -> None:
    outbox: Any = Outbox(store)  # type: ignore[arg-type]
    texts = ("one", "refused", "two")

    outcomes = await asyncio.gather(*(outbox.append(message(text)) for text in texts), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [int, StoreError, int]
    assert store.batches == [["one"], ["two"]]
    assert await outbox.append(message("three")) == 2


async def test_nothing_is_shown_before_the_message_is_stored(store: FakeStore) -> None:
    opening: Future[Any] = Future()
    opening.set_result(FakeAssistant())
    answering = Answering(opening, store, Places(1, 1))  # type: ignore[arg-type]
    store.open.clear()
    states = answering.answer(Conversation("en"), Exchange("A tent?", "en"))
    first = asyncio.ensure_future(anext(states))
    done, _ = await asyncio.wait([first], timeout=0.5)
    assert not done

    store.open.set()
    shown = [await first] + [state async for state in states]
    assert shown[-1].state == "done"
    assert store.batches[0] == ["A tent?"]
    assert shown[-1].message_id is not None


async def test_a_message_that_could_not_be_stored_is_not_answered(store: FakeStore) -> None:
    opening: Future[Any] = Future()
    opening.set_result(FakeAssistant())
    answering = Answering(opening, store, Places(1, 1))  # type: ignore[arg-type]

    shown = [state async for state in answering.answer(Conversation("en"), Exchange("refused", "en"))]

    assert shown[-1].state == "failed"
    assert all(state.answer == "" for state in shown)
