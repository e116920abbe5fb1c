"""Chat completions as OpenAI's clients ask for them, answered by the shop's assistant.

In: a list of messages, of which the last is the question and the others are what was said before. Out: one completion,
or its chunks as server-sent events; with it what the text rests on (cards, sources, a hand-over) in a field of our own.
It keeps nothing. What a caller writes as "system" or "developer" is passed over: the shop's rules are the shop's.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from assistant.as_json import plain
from assistant.places import Overloaded, Places
from assistant.recalling import recall
from assistant.types import Message, Reply, Turn
from ui.callers import Caller
from ui.leaving import while_connected
from ui.protection import client_address

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

_log = logging.getLogger(__name__)
MODEL: Final = "shopkeeper"  # the one name that /v1/models lists, whichever model drafts
_TAG: Final = "chat completions"
_MESSAGES: Final = 200
_RETRY_AFTER_S: Final = "5"
_LEFT: Final = 499  # nobody reads it; in logs and figures it is no failure of ours
_HEARTBEAT_S: Final = 15.0
_FAILED: Final = "The message could not be answered: send it again."
_FULL: Final = "Every place is taken: send it again in a few seconds."
_STREAM_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}
# Counted alike whatever drafts: words, Chinese characters and punctuation marks.
_TOKEN: Final = re.compile(r"[㐀-鿿豈-﫿]|[^\W㐀-鿿豈-﫿]+|[^\w\s]")

# For the OpenAPI document: what is read of a request, and what it is answered with.
_MESSAGE: Final = {
    "type": "object",
    "required": ["role"],
    "properties": {
        "role": {"enum": ["system", "developer", "user", "assistant", "tool", "function"]},
        "content": {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "object", "properties": {"type": {}, "text": {"type": "string"}}}},
                {"type": "null"},
            ]
        },
    },
}
_ASKED: Final = {
    "type": "object",
    "required": ["model", "messages"],
    "properties": {
        "model": {"const": MODEL},
        "messages": {"type": "array", "minItems": 1, "maxItems": _MESSAGES, "items": _MESSAGE},
        "stream": {"type": "boolean", "default": False},
        "stream_options": {"type": "object", "properties": {"include_usage": {"type": "boolean", "default": False}}},
    },
}
_ANSWERS: Final = {
    "description": "The completion, or its chunks.",
    "content": {
        "application/json": {"schema": {"type": "object", "required": ["id", "object", "choices", "usage"]}},
        "text/event-stream": {"schema": {"type": "string"}},
    },
}


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    error = {"type": "object", "required": ["error"], "properties": {"error": {"type": "object"}}}
    content = {"application/json": {"schema": error}}
    return {status: {"description": "Refused, as OpenAI's API does.", "content": content} for status in statuses}


class Refused(Exception):
    """A request that is not answered, as OpenAI's API would say so."""

    def __init__(
        self, status: int, message: str, code: str | None = None, param: str | None = None, retry_after: str = ""
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.param, self.retry_after = status, code, param, retry_after

    def response(self) -> JSONResponse:
        """The error as the clients read it."""
        headers = {"retry-after": self.retry_after} if self.retry_after else None
        return JSONResponse(self.body(), self.status, headers)

    def body(self) -> dict[str, Any]:
        """The error object alone, which a stream that broke off ends with."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        if self.status == 429:
            kind = "rate_limit_error"
        return {"error": {"message": str(self), "type": kind, "param": self.param, "code": self.code}}


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")
    type: str
    text: str | None = None


class _ChatMessage(BaseModel):
    model_config = ConfigDict(extra="ignore")
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[_Part] | None = None

    @property
    def text(self) -> str:
        """The words of the message; "" where it has none."""
        if isinstance(self.content, list):
            return "\n".join(part.text or "" for part in self.content)
        return self.content or ""


class _StreamOptions(BaseModel):
    model_config = ConfigDict(extra="ignore")
    include_usage: bool = False


class _ChatRequest(BaseModel):
    """What is read of a request. How a model samples is the shop's to set, so those fields are passed over."""

    model_config = ConfigDict(extra="ignore")
    model: str
    messages: list[_ChatMessage]
    stream: bool | None = False
    stream_options: _StreamOptions | None = None
    n: int | None = 1
    tool_choice: str | dict[str, Any] | None = None
    response_format: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """What one completion is called, and the texts its tokens are counted of."""

    id: str
    created: int
    asked: str

    @classmethod
    def begin(cls, turn: Turn) -> Completion:
        """A new one for a turn."""
        said = [*(message.text for message in turn.history), turn.text]
        return cls(f"chatcmpl-{secrets.token_hex(12)}", int(time.time()), "\n".join(said))

    def usage(self, text: str) -> dict[str, int]:
        """Tokens of the messages and of the answer, by one rule for every model; see docs/integrations.md."""
        asked, answered = (len(_TOKEN.findall(said)) for said in (self.asked, text))
        return {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}

    def whole(self, reply: Reply) -> dict[str, Any]:
        """The answer in one object."""
        message = {"role": "assistant", "content": reply.text, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {
            **self._head("chat.completion"),
            "choices": [choice],
            "usage": self.usage(reply.text),
            "shopkeeper": evidence_of(reply),
        }

    def chunk(self, delta: Mapping[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
        """One piece of a streamed answer."""
        choice = {"index": 0, "delta": dict(delta), "logprobs": None, "finish_reason": finish}
        return {**self._head("chat.completion.chunk"), "choices": [choice], **more}

    def last_usage(self, text: str) -> dict[str, Any]:
        """The chunk with the usage, for who asked for it."""
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": self.usage(text)}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": MODEL, "system_fingerprint": None}


def evidence_of(reply: Reply) -> dict[str, Any]:
    """What stands beside the text of a reply: figures as strings, exactly as the records have them."""
    return {
        "products": [plain(card) for card in reply.products],
        "citations": [plain(citation) for citation in reply.citations],
        "suggestions": list(reply.suggestions),
        "handoff": reply.handoff,
        "answered": reply.answered,
        "language": reply.query.language,
        "model": reply.model,
        "fallback": reply.fallback is not None,
    }


def parse(body: bytes, most_chars: int) -> tuple[_ChatRequest, Turn]:
    """A request and the turn it asks for, without a shopper.

    Raises:
        Refused: it is malformed, asks for something else than an answer, or its question is empty or too long.
    """
    try:
        request = _ChatRequest.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refused(400, f"{where or 'body'}: {first['msg']}", "invalid_value", where or None) from error
    if request.model != MODEL:
        raise Refused(
            404, f"the model {request.model[:80]!r} does not exist; use {MODEL!r}", "model_not_found", "model"
        )
    if request.n not in (None, 1):
        raise Refused(400, "n: one answer is given, leave it out", "unsupported_value", "n")
    if request.tool_choice not in (None, "none", "auto"):
        raise Refused(400, "tool_choice: no tools are called here; leave it out", "unsupported_value", "tool_choice")
    if request.response_format not in (None, {"type": "text"}):
        raise Refused(400, "response_format: answers are Markdown text", "unsupported_value", "response_format")
    return request, _turn(request.messages, most_chars)


def _turn(messages: Sequence[_ChatMessage], most_chars: int) -> Turn:
    if len(messages) > _MESSAGES:
        raise Refused(400, f"messages: {len(messages)}, of which {_MESSAGES} are read", "too_many_messages", "messages")
    for number, message in enumerate(messages):
        kinds = {part.type for part in message.content} if isinstance(message.content, list) else set()
        if kinds - {"text", "refusal"}:
            where = f"messages.{number}.content"
            raise Refused(400, f"{where}: only text is read, not {sorted(kinds)}", "unsupported_value", where)
    said = [message for message in messages if message.role in ("user", "assistant") and message.text.strip()]
    if not said or said[-1].role != "user":
        raise Refused(400, 'messages: the last one must have the role "user" and words', "invalid_value", "messages")
    if len(said[-1].text) > most_chars:
        long = f"the message has {len(said[-1].text)} characters; {most_chars} are read"
        raise Refused(400, long, "string_above_max_length", "messages")
    history = tuple(Message("shopper" if m.role == "user" else "assistant", m.text[:most_chars]) for m in said[:-1])
    return Turn(f"completion-{secrets.token_hex(8)}", said[-1].text, history)


class StreamedCompletion(Response):
    """The answer as server-sent events: chunks, the usage where wanted, "[DONE]".

    A place in the line is promised before anything is sent, so that "full" is still an honest 503. From then on
    comments are sent now and then, so that no proxy takes the wait for an end.
    """

    def __init__(self, turn: Turn, assistant: Assistant, places: Places, with_usage: bool) -> None:
        super().__init__(media_type="text/event-stream", headers=_STREAM_HEADERS)
        self._turn, self._assistant, self._places, self._with_usage = turn, assistant, places, with_usage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._places.admit()
        except Overloaded:
            await Refused(503, _FULL, "overloaded", retry_after=_RETRY_AFTER_S).response()(scope, receive, send)
            return
        async with AsyncExitStack() as held:
            held.callback(self._places.leave)
            await while_connected(receive, self._send(send, held))

    async def _send(self, send: Send, held: AsyncExitStack) -> None:
        head = [(name, value) for name, value in self.raw_headers if name != b"content-length"]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        beating = asyncio.create_task(_beat(send))
        try:
            held.pop_all()  # whoever takes the promised place gives it back
            async with self._places.promised(_without_word):
                async for data in self._chunks():
                    await send({"type": "http.response.body", "body": b"data: " + data + b"\n\n", "more_body": True})
        finally:
            beating.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _chunks(self) -> AsyncIterator[bytes]:
        completion = Completion.begin(self._turn)
        reply: Reply | None = None
        problem = ""
        yield _json(completion.chunk({"role": "assistant", "content": ""}))
        try:
            turn = await recall(self._turn, self._assistant)
            async with aclosing(self._assistant.stream(turn)) as events:
                async for event in events:
                    if event.kind == "text":
                        yield _json(completion.chunk({"content": event.data["delta"]}))
                    elif event.kind == "error":
                        problem = str(event.data.get("message", ""))
                    elif event.kind == "done":
                        reply = event.data["reply"]
        except Exception:  # noqa: BLE001 - the edge of a request: logged, told to the caller, and survived
            _log.exception("%s: the message could not be answered", self._turn.conversation_id)
        if reply is None:
            yield _json(Refused(500, problem or _FAILED, "answer_failed").body())
            return
        yield _json(completion.chunk({}, "stop", shopkeeper=evidence_of(reply)))
        if self._with_usage:
            yield _json(completion.last_usage(reply.text))
        yield b"[DONE]"


def add_openai_api(
    api: FastAPI,
    opening: Future[Assistant],
    places: Places,
    admit: Callable[[Request], Awaitable[Caller]],
    most_chars: int,
) -> None:
    """Add the two routes to what is mounted at /v1. `admit` says who calls, and raises `Refused` where nobody may."""

    @api.get("/models", summary="The model", tags=[_TAG], responses=_refusals(401, 429))
    async def models(request: Request) -> Response:
        """The one model there is."""
        try:
            await admit(request)
        except Refused as refused:
            return refused.response()
        model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "shop"}
        return JSONResponse({"object": "list", "data": [model]})

    @api.post(
        "/chat/completions",
        summary="Complete a chat",
        tags=[_TAG],
        responses={200: _ANSWERS, **_refusals(400, 401, 404, 429, 500, 503)},
        openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _ASKED}}}},
    )
    async def complete(request: Request) -> Response:
        """Answer a list of messages, as OpenAI's clients send it: see `docs/integrations.md`."""
        try:
            caller = await admit(request)
            wanted, turn = parse(await request.body(), most_chars)
            turn = replace(turn, shopper=caller.shopper, address=client_address(request.scope))
            assistant = _opened(opening)
            if wanted.stream:
                with_usage = wanted.stream_options is not None and wanted.stream_options.include_usage
                return StreamedCompletion(turn, assistant, places, with_usage)
            return await _whole(request.receive, turn, assistant, places)
        except Refused as refused:
            return refused.response()
        except Overloaded:
            return Refused(503, _FULL, "overloaded", retry_after=_RETRY_AFTER_S).response()


def _opened(opening: Future[Assistant]) -> Assistant:
    if not opening.done() or opening.exception() is not None:
        raise Refused(503, "The shop is being opened: send it again in a moment.", "starting", None, _RETRY_AFTER_S)
    return opening.result()


async def _whole(receive: Receive, turn: Turn, assistant: Assistant, places: Places) -> Response:
    async def answered() -> Reply:
        async with (
            places.take(_without_word),
            aclosing(assistant.stream(await recall(turn, assistant))) as events,
        ):
            async for event in events:
                if event.kind == "done":
                    reply: Reply = event.data["reply"]
                    return reply
        raise Refused(500, _FAILED, "answer_failed")

    completion = Completion.begin(turn)
    try:
        reply = await while_connected(receive, answered())
    except (Overloaded, Refused):
        raise
    except Exception as error:
        _log.exception("%s: the message could not be answered", turn.conversation_id)
        raise Refused(500, _FAILED, "answer_failed") from error
    return Response(status_code=_LEFT) if reply is None else JSONResponse(completion.whole(reply))


async def _beat(send: Send) -> None:
    while True:
        await asyncio.sleep(_HEARTBEAT_S)
        await send({"type": "http.response.body", "body": b": \n\n", "more_body": True})


def _without_word(ahead: int) -> None:
    """A caller in the line is told nothing before the answer begins."""


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
