"""`openai:` against a real HTTP server that misbehaves in every way a model server does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from assistant.config import Settings
from assistant.errors import ModelTimeout, ModelUnavailable, SettingsError
from assistant.generation import Drafter, make_drafter
from assistant.generation.chat import ReasoningFilter, estimate_tokens
from assistant.types import Evidence, Prompt
from tests.fakes import Answer, FakeServer, sse

PROMPT = Prompt(
    (("system", "Rules."), ("user", "Hi"), ("assistant", "Hello."), ("user", "Is it waterproof?")), Evidence(), 0
)
PATIENCE: dict[str, Any] = {"first_token_timeout_s": 1.0, "next_token_timeout_s": 0.8, "max_new_tokens": 20}


@pytest.fixture
async def drafter_for() -> AsyncIterator[Callable[..., Drafter]]:
    made: list[Drafter] = []

    def make(server: FakeServer, **settings: Any) -> Drafter:
        drafter = make_drafter(f"openai:fake@{server.url}", Settings(**{**PATIENCE, **settings}))
        assert drafter is not None
        made.append(drafter)
        return drafter

    yield make
    for drafter in made:
        await drafter.close()


async def written(drafter: Drafter) -> str:
    return "".join([delta async for delta in drafter.draft(PROMPT)])


async def test_a_draft_is_streamed_and_the_request_says_everything(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer(Answer(("It ", "is ", "waterproof [1]."))) as server:
        drafter = drafter_for(server, api_key="secret-key", temperature=0.3, top_p=0.8)
        assert [delta async for delta in drafter.draft(PROMPT)] == ["It ", "is ", "waterproof [1]."]
        assert drafter.name == f"openai:fake@{server.url}"
    body = server.requests[0]
    assert body["messages"] == [{"role": role, "content": text} for role, text in PROMPT.messages]
    assert (body["model"], body["stream"]) == ("fake", True)
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0.3, 0.8, 20)
    assert server.authorizations == ["Bearer secret-key"]


GARBAGE = {
    "an HTML page": Answer(
        raw=b"<html><body>Welcome to the router</body></html>", headers={"content-type": "text/html"}
    ),
    "no JSON": Answer(raw=b"data: {oops\n\ndata: [DONE]\n\n"),
    "null choices": Answer(raw=b'data: {"choices": null}\n\ndata: [DONE]\n\n'),
    "choices of a wrong type": Answer(raw=b'data: {"choices": "x"}\n\ndata: [DONE]\n\n'),
    "a list": Answer(raw=b"data: [1, 2]\n\ndata: [DONE]\n\n"),
    "a number as content": Answer(raw=sse({"choices": [{"index": 0, "delta": {"content": 7}}]}) + b"data: [DONE]\n\n"),
    "bytes that are no text": Answer(raw=b"data: \xff\xfe\x00\n\n" * 3),
    "an empty body": Answer(raw=b""),
    "an error in the stream": Answer(raw=b'data: {"error": {"message": "CUDA out of memory"}}\n\n'),
    "nothing but white space": Answer((" ", "\n")),
    "nothing but reasoning": Answer(("<think>", "hm, a trap", "</think>")),
    "a whole completion": Answer(
        raw=b'{"choices": [{"message": {"role": "assistant", "content": "Hi"}}]}',
        headers={"content-type": "application/json"},
    ),
}


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_is_a_model_that_is_unavailable(answer: Answer, drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer(answer) as server:
        drafter = drafter_for(server)
        began = time.perf_counter()
        with pytest.raises(ModelUnavailable, match="openai:fake@"):
            await written(drafter)
        assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_a_refusal_is_not_tried_again(status: int, drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer(Answer(status=status, raw=b'{"error": {"message": "no"}}')) as server:
        with pytest.raises(ModelUnavailable):
            await written(drafter_for(server))
        assert len(server.requests) == 1


@pytest.mark.parametrize("failure", [
    Answer(status=500, raw=b"oops"),
    Answer(status=503, raw=b"loading the model"),
    Answer(status=429, raw=b"{}", headers={"retry-after": "0"}),
    Answer((), then="die"),
])  # fmt: skip
async def test_a_failure_before_the_first_word_is_tried_again(
    failure: Answer, drafter_for: Callable[..., Drafter]
) -> None:
    with FakeServer(failure, Answer(("Fine.",))) as server:
        assert await written(drafter_for(server)) == "Fine."
        assert len(server.requests) == 2


async def test_tries_end_after_three(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer(Answer(status=500, raw=b"oops")) as server:
        with pytest.raises(ModelUnavailable):
            await written(drafter_for(server))
        assert len(server.requests) == 3


async def test_a_server_that_asks_for_more_patience_than_there_is_is_given_up_at_once(
    drafter_for: Callable[..., Drafter],
) -> None:
    with FakeServer(Answer(status=429, raw=b"{}", headers={"retry-after": "30"})) as server:
        drafter = drafter_for(server)
        began = time.perf_counter()
        with pytest.raises(ModelUnavailable):
            await written(drafter)
        assert time.perf_counter() - began < 0.5
        assert len(server.requests) == 1


@pytest.mark.parametrize("then", ["die", "close"])
async def test_a_server_that_breaks_off_is_unavailable_and_not_asked_again(
    then: Any, drafter_for: Callable[..., Drafter]
) -> None:
    with FakeServer(Answer(("The price ", "is "), then=then)) as server:
        deltas: list[str] = []
        with pytest.raises(ModelUnavailable):
            async for delta in drafter_for(server).draft(PROMPT):
                deltas.append(delta)
        assert deltas == ["The price ", "is "]
        assert len(server.requests) == 1


async def test_a_server_killed_in_the_middle_is_noticed_at_once(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer(Answer(("word ",), repeat=True, delay_s=0.02)) as server:
        draft = drafter_for(server).draft(PROMPT)
        assert await anext(draft) == "word "
        await asyncio.to_thread(server.kill)
        began = time.perf_counter()
        with pytest.raises(ModelUnavailable):
            async for _ in draft:
                pass
        assert time.perf_counter() - began < 0.5


async def test_a_server_that_is_not_there_is_unavailable_within_a_second(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer() as server:
        drafter = drafter_for(server)
    began = time.perf_counter()
    with pytest.raises(ModelUnavailable, match="Connection error"):
        await written(drafter)
    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize(("answer", "what"), [
    (Answer(first_s=5.0), "first"),
    (Answer((), then="hang"), "first"),
    (Answer(("",), repeat=True, delay_s=0.02), "first"),
    (Answer(("A ", "b"), then="hang"), "next"),
    (Answer(("A ", "b"), delay_s=5.0), "next"),
])  # fmt: skip
async def test_a_server_slower_than_the_patience_times_out(
    answer: Answer, what: str, drafter_for: Callable[..., Drafter]
) -> None:
    with FakeServer(answer) as server:
        began = time.perf_counter()
        with pytest.raises(ModelTimeout, match=f"no {what} token within"):
            await written(drafter_for(server, first_token_timeout_s=0.5))
        assert time.perf_counter() - began < 2.5


async def test_a_reply_that_drips_for_ever_is_given_up(drafter_for: Callable[..., Drafter]) -> None:
    with (
        FakeServer(Answer(("a ",), repeat=True, delay_s=0.05)) as server,
        pytest.raises(ModelTimeout, match=r"no last token within 0\.5 s"),
    ):
        await written(drafter_for(server, reply_timeout_s=0.5))


async def test_a_server_that_ignores_the_limit_is_cut(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer(Answer(("word ",), repeat=True)) as server:
        text = await written(drafter_for(server, max_new_tokens=20))
        assert len(text) == 20 * 12


async def test_closing_a_draft_ends_the_request(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer(Answer(("word ",), repeat=True, delay_s=0.01)) as server:
        draft = drafter_for(server).draft(PROMPT)
        await anext(draft)
        await draft.aclose()  # type: ignore[attr-defined]
        began = time.perf_counter()
        while not server.aborted:
            await asyncio.sleep(0.01)
            assert time.perf_counter() - began < 1.0


async def test_cancelling_the_reader_ends_the_request(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer(Answer(("word ",), repeat=True, delay_s=0.01)) as server:
        task = asyncio.create_task(written(drafter_for(server, max_new_tokens=10_000)))
        await asyncio.sleep(0.5)
        assert server.requests
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.2)
        assert server.aborted == 1


async def test_twenty_drafts_run_side_by_side(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer(Answer(("a ", "b ", "c"), delay_s=0.1)) as server:
        drafter = drafter_for(server)
        began = time.perf_counter()
        texts = await asyncio.gather(*(written(drafter) for _ in range(20)))
        assert texts == ["a b c"] * 20
        assert time.perf_counter() - began < 2.0


async def test_a_model_that_keeps_failing_is_left_alone_for_a_while(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer(Answer(status=400, raw=b"{}")) as server:
        drafter = drafter_for(server)
        for _ in range(5):
            with pytest.raises(ModelUnavailable):
                await written(drafter)
        assert len(server.requests) == 3


async def test_a_closed_drafter_refuses(drafter_for: Callable[..., Drafter]) -> None:
    with FakeServer() as server:
        drafter = drafter_for(server)
        await drafter.close()
        with pytest.raises(ModelUnavailable, match="closed"):
            await written(drafter)


def test_one_drafter_serves_event_loops_one_after_another() -> None:
    with FakeServer() as server:
        drafter = make_drafter(f"openai:fake@{server.url}", Settings())
        assert drafter is not None
        for _ in range(3):
            assert asyncio.run(written(drafter)) == "Hello there."
        asyncio.run(drafter.close())


@pytest.mark.parametrize(("deltas", "shown"), [
    (("<think>", "secret", "</think>", "\n\nHello", " you"), "Hello you"),
    (("<thi", "nk>sec", "ret</thi", "nk>Hello"), "Hello"),
    (("\n<", "think>a</think>b"), "b"),
    (("<b>Hello</b>",), "<b>Hello</b>"),
    (("<th",), "<th"),
    (("<think>never ends",), ""),
    (("Hello <think>", "x</think>"), "Hello <think>x</think>"),
])  # fmt: skip
def test_reasoning_before_the_answer_is_not_passed_on(deltas: tuple[str, ...], shown: str) -> None:
    reasoning = ReasoningFilter()
    assert "".join(reasoning.feed(delta) for delta in deltas) + reasoning.flush() == shown


@pytest.mark.parametrize(("text", "least"), [("", 0), ("这款水壶多少钱", 7), ("How much is it?", 5)])
def test_an_estimate_of_tokens_is_rather_too_high(text: str, least: int) -> None:
    assert estimate_tokens(text) >= least


@pytest.mark.parametrize("spec", ["langchain:no_such_provider:m", "langchain:anthropic:claude-x"])
def test_a_provider_that_cannot_be_used_is_a_settings_error(spec: str) -> None:
    with pytest.raises(SettingsError, match=spec):
        make_drafter(spec, Settings())


async def test_a_langchain_provider_drafts_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeServer(Answer(("Fine.",))) as server:
        # The provider's own package reads where its server is from the environment; there is no other way in.
        monkeypatch.setenv("OPENAI_API_BASE", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "x" * 20)
        drafter = make_drafter("langchain:openai:fake", Settings(**PATIENCE))
        assert drafter is not None
        assert drafter.name == "langchain:openai:fake"
        assert await written(drafter) == "Fine."
        await drafter.close()
