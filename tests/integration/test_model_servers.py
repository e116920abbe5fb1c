"""Several servers of one model: work is shared, a failed one is left for another, one that is back is used again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import openai
import pytest

from assistant.config import Settings
from assistant.errors import ModelError, ModelUnavailable
from assistant.generation import Drafter, make_drafter
from assistant.generation.remote import judge
from assistant.types import Evidence, Prompt
from tests.fakes import Answer, FakeServer

PROMPT = Prompt((("system", "Rules."), ("user", "Is it waterproof?")), Evidence(), 0)
DOWN = Answer(status=503, raw=b"starting")


@pytest.fixture
async def drafter_for() -> AsyncIterator[Callable[..., Drafter]]:
    made: list[Drafter] = []

    def make(*servers: FakeServer, **settings: Any) -> Drafter:
        patience = {"first_token_timeout_s": 1.0, "next_token_timeout_s": 0.8, "max_new_tokens": 20, **settings}
        drafter = make_drafter(f"openai:fake@{','.join(s.url for s in servers)}", Settings(**patience))
        assert drafter is not None
        made.append(drafter)
        return drafter

    yield make
    for drafter in made:
        await drafter.close()


async def written(drafter: Drafter) -> str:
    return "".join([delta async for delta in drafter.draft(PROMPT)])


async def fails(drafter: Drafter) -> None:
    with pytest.raises(ModelError):
        await written(drafter)


async def test_drafts_are_shared_among_servers_by_how_many_each_has(drafter_for: Callable[..., Drafter]) -> None:
    paced = Answer(("a ", "b"), delay_s=0.2)
    with FakeServer(paced) as one, FakeServer(paced) as two:
        drafter = drafter_for(one, two)
        assert await asyncio.gather(*(written(drafter) for _ in range(10))) == ["a b"] * 10
        assert (len(one.requests), len(two.requests)) == (5, 5)


@pytest.mark.parametrize("failure", [
    DOWN,
    Answer((), then="die"),
    Answer(status=401, raw=b'{"error": {"message": "another key"}}'),
    Answer(status=429, raw=b"{}", headers={"retry-after": "60"}),
    Answer(raw=b"data: {oops\n\ndata: [DONE]\n\n"),
])  # fmt: skip
async def test_what_one_server_cannot_do_another_does_at_once(
    failure: Answer, drafter_for: Callable[..., Drafter]
) -> None:
    with FakeServer(failure) as bad, FakeServer(Answer(("Fine.",))) as good:
        drafter = drafter_for(bad, good)
        assert [await written(drafter) for _ in range(8)] == ["Fine."] * 8
        assert len(good.requests) == 8
        assert len(bad.requests) <= 4  # three failures, then its circuit; a probe at most


async def test_of_a_dead_and_a_silent_server_neither_holds_up_the_shopper(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer(Answer(first_s=9)) as silent, FakeServer(Answer(("Fine.",))) as good:
        with FakeServer() as dead:
            drafter = drafter_for(dead, silent, good, first_token_timeout_s=4.0)
        began = time.perf_counter()
        assert await asyncio.gather(*(written(drafter) for _ in range(6))) == ["Fine."] * 6
        assert time.perf_counter() - began < 4.0  # half of the 4 s that a first word may take, and the machine's


async def test_a_request_that_is_wrong_itself_is_not_taken_elsewhere(drafter_for: Callable[..., Drafter]) -> None:
    wrong = Answer(status=400, raw=b'{"error": {"message": "the prompt is too long"}}')
    with FakeServer(wrong) as one, FakeServer(wrong) as two:
        await fails(drafter_for(one, two))
        assert len(one.requests) + len(two.requests) == 1


async def test_a_draft_makes_three_calls_at_most(drafter_for: Callable[..., Drafter]) -> None:
    servers = [FakeServer(DOWN) for _ in range(5)]
    for server in servers:
        server.__enter__()
    drafter = drafter_for(*servers)
    await fails(drafter)
    assert sum(len(server.requests) for server in servers) == 3
    for server in servers:
        server.kill()


async def test_a_server_that_asks_for_rest_is_not_called_by_anybody(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer(Answer(status=429, raw=b"{}", headers={"retry-after": "2"}), Answer(("Fine.",))) as server:
        drafter = drafter_for(server)
        for _ in range(5):
            await fails(drafter)
        assert len(server.requests) == 1
        await asyncio.sleep(2.05)
        assert await written(drafter) == "Fine."


async def test_a_short_rest_is_waited_for(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer(Answer(status=503, raw=b"{}", headers={"retry-after": "1"}), Answer(("Fine.",))) as server:
        began = time.perf_counter()
        assert await written(drafter_for(server, first_token_timeout_s=5)) == "Fine."
        assert time.perf_counter() - began >= 1.0


async def test_a_probe_and_no_shopper_finds_out_that_a_server_is_back(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer(*[DOWN] * 7, Answer(("Fine.",))) as server:
        drafter = drafter_for(server)
        for _ in range(5):
            await fails(drafter)
        assert len(server.requests) == 7  # two drafts of three calls, and the third failure opens the circuit
        with pytest.raises(ModelUnavailable, match=r"failed 3 times in a row; next try in \d s"):
            await written(drafter)
        for _ in range(200):
            if len(server.requests) == 8:
                break
            await asyncio.sleep(0.05)
        assert server.requests[7]["max_tokens"] == 4
        assert server.requests[7]["messages"] == [{"role": "user", "content": "Say: yes"}]
        await asyncio.sleep(0.1)
        assert await written(drafter) == "Fine."


async def test_connections_are_kept_for_the_next_drafts(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer() as server:
        drafter = drafter_for(server)
        for _ in range(5):
            await written(drafter)
        assert server.connections == 1


async def test_adapter_and_further_fields_are_asked_for(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer() as server:
        await written(drafter_for(server, adapter="my-shop-lora", model_fields='{"cache_salt": "shop-7", "top_k": 20}'))
    body = server.requests[0]
    assert (body["model"], body["cache_salt"], body["top_k"]) == ("my-shop-lora", "shop-7", 20)


@pytest.mark.parametrize(("value", "least", "most"), [
    ("7", 7, 7),
    ("soon", 0, 0),
    ("-3", 0, 0),
    ("", 0, 0),
    pytest.param(format_datetime(datetime.now(UTC) + timedelta(hours=1)), 2400, 3600, id="in an hour"),
    ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
])  # fmt: skip
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str, least: float, most: float) -> None:
    response = httpx.Response(503, headers={"retry-after": value}, request=httpx.Request("POST", "http://h"))
    failure = judge(openai.InternalServerError("later", response=response, body=None))  # type: ignore[arg-type]
    assert failure.again
    assert least <= failure.rest_s <= most
