"""A proxy that breaks what passes between the assistant and its model: each shopper gets a correct answer, and soon.

`python -m benchmarks.model_faults` does the same with every cut, the whole patience, and many shoppers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from assistant.config import Settings
from assistant.generation import Drafter, make_drafter
from assistant.pipeline import Assistant
from assistant.types import Reply, Turn
from knowledge_base.index import Index
from tests.fakes import Answer, FakeServer
from tests.fault_judging import wrongs
from tests.faulty_proxy import Fault, FaultyProxy

QUESTION = "recommend a tent"
TRUE = ("The Fernway 2 Tent [2] ", "sleeps 2 persons ", "and costs $189.00", ". ", "It weighs 1.9 kg [2]", ".")
SAID = "".join(TRUE)
PATIENCE: dict[str, Any] = {"first_token_timeout_s": 0.8, "next_token_timeout_s": 0.5, "reply_timeout_s": 3.0}


@dataclass(slots=True)
class Place:
    """An assistant whose model is behind a proxy."""

    assistant: Assistant
    proxy: FaultyProxy
    composed: str
    pieces: list[str] = field(default_factory=list)

    async def ask(self) -> Reply:
        self.pieces = []
        async for event in self.assistant.stream(Turn("c", QUESTION)):
            if event.kind == "text":
                self.pieces.append(event.data["delta"])
            elif event.kind == "done":
                return event.data["reply"]  # type: ignore[no-any-return]
        raise AssertionError("a stream ends with done")

    def wrongs(self, reply: Reply) -> list[str]:
        return wrongs(self.pieces, reply, SAID, self.composed, self.assistant.model)


@pytest.fixture
async def place(index: Index) -> AsyncIterator[Callable[..., Place]]:
    composed = (await Assistant(index).answer(Turn("c", QUESTION))).text
    made: list[tuple[FakeServer, FaultyProxy, Drafter]] = []

    def make(fault: Fault | None = None, **settings: Any) -> Place:
        server = FakeServer(Answer(TRUE)).__enter__()
        proxy = FaultyProxy(server.url).__enter__()
        drafter = make_drafter(f"openai:fake@{proxy.url}", Settings(**{**PATIENCE, **settings}))
        assert drafter is not None
        made.append((server, proxy, drafter))
        proxy.fault = fault or Fault()
        return Place(Assistant(index, drafter), proxy, composed)

    yield make
    for server, proxy, drafter in made:
        await drafter.close()
        proxy.__exit__()
        server.kill()


# The last two of nine chunks are the finish reason with [DONE], and the end of the answer.
STREAMS = [Fault(kind, at) for kind in ("cut", "reset", "half") for at in (0, 1, 4, 6)]  # type: ignore[arg-type]
FAULTS = [
    *STREAMS,
    Fault("silence"),
    Fault("status", status=429),
    Fault("status", status=429, retry_after="7"),
    Fault("status", status=500),
    Fault("junk", 0),
    Fault("junk", 4, junk=b"data: \xff\x00\xfe\n\n"),
    Fault("drip", 2, pause_s=0.03),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f"{f.kind} {f.status if f.kind == 'status' else f.at}")
async def test_a_shopper_gets_a_correct_answer_soon_after_a_fault(fault: Fault, place: Callable[..., Place]) -> None:
    here = place(fault)
    reply = await here.ask()
    after_s = time.monotonic() - here.proxy.struck_at[0]
    assert here.wrongs(reply) == []
    assert reply.model == "composer"
    assert after_s < 2.0 + 0.8 + 0.5  # a silence or a drip is a fault only when the patience is over
    assert here.proxy.calls <= 3


@pytest.mark.parametrize("junk", [b": comment\n\n", b"\n\n", b":\n"])
async def test_frames_that_say_nothing_are_passed_over(junk: bytes, place: Callable[..., Place]) -> None:
    here = place(Fault("junk", 3, junk=junk))
    reply = await here.ask()
    assert here.wrongs(reply) == []
    assert reply.text == SAID


async def test_a_model_that_was_down_is_used_again_soon_after_it_is_back(place: Callable[..., Place]) -> None:
    here = place()
    assert (await here.ask()).model == here.assistant.model
    here.proxy.down()
    for _ in range(8):
        began = time.monotonic()
        assert here.wrongs(await here.ask()) == []
        assert time.monotonic() - began < 2.0
    assert here.proxy.calls == 1
    here.proxy.up()
    back = time.monotonic()
    while (reply := await here.ask()).model == "composer":
        assert here.wrongs(reply) == []
        assert time.monotonic() - back < 10.0
        await asyncio.sleep(0.1)
    assert here.wrongs(reply) == []


async def test_a_crowd_before_a_failing_server_calls_it_a_few_times_each_at_most(place: Callable[..., Place]) -> None:
    here = place(Fault("status", status=503))
    replies = await asyncio.gather(*(here.assistant.answer(Turn(f"c{n}", QUESTION)) for n in range(20)))
    assert {reply.model for reply in replies} == {"composer"}
    first = here.proxy.calls
    assert first <= 20  # those after the third failure do not try again
    await asyncio.gather(*(here.assistant.answer(Turn(f"c{n}", QUESTION)) for n in range(20)))
    assert here.proxy.calls - first <= 1
