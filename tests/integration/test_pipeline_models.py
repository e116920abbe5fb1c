"""Whole turns with real model code: a tiny `hf:` model in this process, `openai:` servers that behave and misbehave.

Whatever the model does, the shopper gets a correct answer, soon, and the reply says which wrote it.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.config import Settings
from assistant.generation import Drafter, make_drafter
from assistant.pipeline import Assistant
from assistant.types import Reply, Turn
from knowledge_base.index import Index
from tests.fakes import Answer, FakeDrafter, FakeServer
from tests.integration.test_local_model import save_model

QUESTION = "recommend a tent"
TRUE = ("The Fernway 2 Tent [2] ", "sleeps 2 persons and costs $189.00", ". ", "It weighs 1.9 kg [2]", ". ")
LIES = (
    "The Fernway 2 Tent [2] costs only $20.37. ",
    "Every order ships free worldwide. ",
    "The Zephyrix Quantum 9000 is our best seller. ",
    "There are 4817 left in stock [2]. ",
)
FORBIDDEN = ("20.37", "free", "Zephyrix", "4817")
PATIENCE: dict[str, Any] = {"first_token_timeout_s": 1.0, "next_token_timeout_s": 0.8, "reply_timeout_s": 5.0}


@pytest.fixture
async def served(index: Index) -> AsyncIterator[Callable[..., Assistant]]:
    made: list[Drafter] = []

    def make(server: FakeServer, **settings: Any) -> Assistant:
        drafter = make_drafter(f"openai:fake@{server.url}", Settings(**{**PATIENCE, **settings}))
        assert drafter is not None
        made.append(drafter)
        return Assistant(index, drafter)

    yield make
    for drafter in made:
        await drafter.close()


async def told(assistant: Assistant, text: str = QUESTION) -> tuple[list[str], Reply]:
    """The pieces of text in the order in which the page gets them, and the reply."""
    pieces: list[str] = []
    async for event in assistant.stream(Turn("c", text)):
        if event.kind == "text":
            pieces.append(event.data["delta"])
        elif event.kind == "done":
            return pieces, event.data["reply"]
    raise AssertionError("a stream ends with done")


async def composed(index: Index, text: str = QUESTION) -> str:
    """What the composer alone answers."""
    return (await Assistant(index).answer(Turn("c", text))).text


async def test_a_truthful_draft_reaches_the_page_sentence_by_sentence(served: Callable[..., Assistant]) -> None:
    with FakeServer(Answer(TRUE, delay_s=0.15)) as server:
        assistant = served(server)
        arrived: list[tuple[float, str]] = []
        async for event in assistant.stream(Turn("c", QUESTION)):
            if event.kind == "text":
                arrived.append((time.perf_counter(), event.data["delta"]))
            elif event.kind == "done":
                reply = event.data["reply"]
    assert [piece.strip() for _, piece in arrived] == [
        "The Fernway 2 Tent [2] sleeps 2 persons and costs $189.00.",
        "It weighs 1.9 kg [2].",
    ]
    assert arrived[1][0] - arrived[0][0] > 0.1
    assert (reply.model, reply.fallback, reply.findings) == (assistant.model, None, ())
    assert [citation.n for citation in reply.citations] == [2]


async def test_a_lying_draft_is_replaced_by_the_composers(served: Callable[..., Assistant], index: Index) -> None:
    with FakeServer(Answer(LIES)) as server:
        pieces, reply = await told(served(server))
    shown = "".join(pieces)
    assert not [word for word in FORBIDDEN if word in shown]
    assert (reply.model, bool(reply.fallback)) == ("composer", True)
    assert (await composed(index)) in reply.text
    assert len(reply.findings) >= len(LIES)


async def test_lies_among_truths_are_taken_out(served: Callable[..., Assistant]) -> None:
    with FakeServer(Answer((*TRUE[:3], LIES[2], *TRUE[3:]))) as server:
        assistant = served(server)
        _, reply = await told(assistant)
    assert reply.text == "The Fernway 2 Tent [2] sleeps 2 persons and costs $189.00. It weighs 1.9 kg [2]."
    assert reply.model == assistant.model


BROKEN = {
    "killed before the first word": Answer((), then="die"),
    "killed mid-sentence": Answer(TRUE[:2], delay_s=0.05, then="die"),
    "killed after a sentence": Answer(TRUE[:4], delay_s=0.05, then="die"),
    "closed without an end": Answer(TRUE[:2], then="close"),
    "says nothing for ever": Answer((), then="hang"),
    "stops writing": Answer(TRUE[:4], then="hang"),
    "too slow to begin": Answer(TRUE, first_s=3.0),
    "500": Answer(status=500, raw=b'{"error": {"message": "out of memory"}}', headers={"retry-after": "0"}),
    "an HTML page": Answer(
        raw=b"<html><body>Welcome to the router</body></html>", headers={"content-type": "text/html"}
    ),
    "an empty draft": Answer(()),
}


@pytest.mark.parametrize("how", BROKEN)
async def test_a_broken_server_still_gets_the_shopper_a_correct_answer_in_two_seconds(
    how: str, served: Callable[..., Assistant], index: Index
) -> None:
    with FakeServer(BROKEN[how]) as server:
        started = time.perf_counter()
        pieces, reply = await told(served(server))
        took = time.perf_counter() - started
    assert took < 2.0
    assert (reply.model, bool(reply.fallback)) == ("composer", True)
    assert "".join(pieces).strip() == reply.text
    assert reply.text.endswith(await composed(index))
    assert "<html" not in reply.text and "Traceback" not in reply.text
    assert "tent-2" in [card.id for card in reply.products]


async def test_a_server_killed_mid_stream_leaves_only_whole_checked_sentences_before_the_composers(
    served: Callable[..., Assistant], index: Index
) -> None:
    with FakeServer(Answer((*TRUE, "The Larch Solo Tent [3] costs "), delay_s=0.02, then="hang")) as server:
        async for event in served(server, next_token_timeout_s=20).stream(Turn("c", QUESTION)):
            if event.kind == "text" and "1.9 kg" in event.data["delta"]:
                await asyncio.to_thread(server.kill)
                killed = time.perf_counter()
    reply = event.data["reply"]
    assert time.perf_counter() - killed < 2.0
    before, gap, after = reply.text.partition("\n\n")
    assert before.strip() == "The Fernway 2 Tent [2] sleeps 2 persons and costs $189.00. It weighs 1.9 kg [2]."
    assert (gap, after) == ("\n\n", await composed(index))


async def test_closing_the_stream_cancels_the_model(served: Callable[..., Assistant]) -> None:
    with FakeServer(Answer(TRUE, delay_s=0.02, repeat=True)) as server:
        events = served(server).stream(Turn("c", QUESTION))
        async for event in events:
            if event.kind == "text":
                break
        await events.aclose()
        for _ in range(100):
            if server.aborted:
                break
            await asyncio.sleep(0.02)
        assert server.aborted == 1


async def test_two_shoppers_are_answered_at_once_each_with_their_own(served: Callable[..., Assistant]) -> None:
    with FakeServer(Answer(TRUE, delay_s=0.1)) as server:
        assistant = served(server)
        started = time.perf_counter()
        (_, one), (_, two) = await asyncio.gather(told(assistant), told(assistant, "recommend a jacket"))
        took = time.perf_counter() - started
    assert took < 1.6 * 0.1 * len(TRUE) + 1.0
    assert "Fernway" in one.text and one.fallback is None
    # What is true of tents is no answer about jackets: the checks hold it against that turn's evidence.
    assert "Fernway" not in two.text and two.model == "composer"


async def test_orders_and_people_never_wait_for_a_model(served: Callable[..., Assistant]) -> None:
    with FakeServer(Answer(TRUE)) as server:
        assistant = served(server)
        for text in ("where is my order", "I want to talk to a person", "hello"):
            _, reply = await told(assistant, text)
            assert (reply.model, reply.fallback) == ("composer", None)
        assert server.requests == []


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model"))


async def test_a_model_of_random_weights_says_nothing_and_the_composer_answers(tiny_model: Path, index: Index) -> None:
    drafter = make_drafter(f"hf:{tiny_model}", Settings(prompt_tokens=1200, max_new_tokens=40, temperature=0.0))
    assert drafter is not None
    try:
        assistant = Assistant(index, drafter, prompt_tokens=1200)
        (_, one), (_, two) = await asyncio.gather(told(assistant), told(assistant, "best rated jacket"))
    finally:
        await drafter.close()
    for reply, text in ((one, QUESTION), (two, "best rated jacket")):
        assert (reply.model, bool(reply.fallback)) == ("composer", True)
        assert reply.text == await composed(index, text)
        assert re.search(r"\$\d", reply.text) or "rated" in reply.text


async def test_a_shopper_who_waits_long_for_the_first_word_is_told_so_once(index: Index) -> None:
    drafter = FakeDrafter([0.3, *TRUE, 0.3])
    events = [event async for event in Assistant(index, drafter, notice_s=0.1).stream(Turn("c", QUESTION))]
    kinds = [event.data.get("stage", event.kind) for event in events]
    assert kinds.count("wait") == 1
    assert kinds.index("generate") < kinds.index("wait") < kinds.index("text")
    quick = Assistant(index, FakeDrafter("".join(TRUE)), notice_s=5.0)
    assert "wait" not in [event.data.get("stage") async for event in quick.stream(Turn("c", QUESTION))]


async def test_a_shopper_who_leaves_while_waiting_stops_the_model(index: Index) -> None:
    drafter = FakeDrafter([60.0, "late"])
    stream = Assistant(index, drafter, notice_s=0.05).stream(Turn("c", QUESTION))
    async for event in stream:
        if event.data.get("stage") == "wait":
            break
    await stream.aclose()
    assert (drafter.cancelled, drafter.running) == (1, 0)
