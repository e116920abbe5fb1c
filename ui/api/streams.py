"""Answers over server-sent events, and answers that wait for the whole reply.

In: a following of a conversation. Out: its events as they are stored, with their numbers, or the one that ends a turn.
A client that leaves ends the following. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from assistant.store import StoredEvent
from assistant.turns import Following
from ui.api.problems import BUSY_S, problem_response
from ui.api.wire import Pages

HEARTBEAT_S: Final = 15.0
_RETRY_MS: Final = 1000  # after which a browser's own EventSource connects again
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx passes on what comes
]


class FollowedResponse(Response):
    """An answer that lasts as long as a following. A client that leaves cancels it."""

    def __init__(self, following: Following) -> None:
        self.background = None
        self._following = following

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answering = asyncio.create_task(self._answer(scope, receive, send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._following.close()
            for task in (answering, leaving):
                task.cancel()
            outcome, _ = await asyncio.gather(answering, leaving, return_exceptions=True)
        if isinstance(outcome, Exception):
            raise outcome

    def _answer(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        raise NotImplementedError


class EventStream(FollowedResponse):
    """Events as they come; to the end of one turn, or without an end.

    `still` is asked now and then whether the client may go on reading.
    """

    def __init__(
        self,
        following: Following,
        pages: Pages,
        turn_id: str | None = None,
        still: Callable[[], Awaitable[bool]] | None = None,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        super().__init__(following)
        self._pages = pages
        self._turn_id = turn_id
        self._still = still
        self._heartbeat_s = heartbeat_s

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _send(send, f"retry: {_RETRY_MS}\n\n".encode())
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        while not self._following.closed:
            events = await self._following.read(self._heartbeat_s)
            mine = [event for event in events if self._turn_id in (None, event.turn_id)]
            if mine:
                await _send(send, b"".join(self._encoded(event) for event in mine))
                if self._turn_id is not None and mine[-1].kind in ("done", "error"):
                    break
            elif not events and not self._following.closed:
                await _send(send, b": still here\n\n")
            if self._still is not None and loop.time() - asked_at >= self._heartbeat_s:
                asked_at = loop.time()
                if not await self._still():
                    break
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _encoded(self, event: StoredEvent) -> bytes:
        data = json.dumps(self._pages.event(event.kind, event.data), ensure_ascii=False, separators=(",", ":"))
        return f"id: {event.seq}\nevent: {event.kind}\ndata: {data}\n\n".encode()


class WholeAnswer(FollowedResponse):
    """The answer of one turn, once it is there."""

    def __init__(self, following: Following, pages: Pages, turn_id: str) -> None:
        super().__init__(following)
        self._pages = pages
        self._turn_id = turn_id

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self._awaited())(scope, receive, send)

    async def _awaited(self) -> Response:
        while not self._following.closed:
            for event in await self._following.read(HEARTBEAT_S):
                if event.turn_id == self._turn_id and event.kind == "done":
                    return JSONResponse(self._pages.event("done", event.data))
                if event.turn_id == self._turn_id and event.kind == "error":
                    retry = {"retry-after": str(BUSY_S)} if event.data.get("retry") else {}
                    return problem_response(503, "not-answered", str(event.data["message"]), retry, turn=self._turn_id)
        detail = "The server is going away; the answer is kept. Ask again with the same Idempotency-Key."
        return problem_response(503, "going-away", detail, {"retry-after": str(BUSY_S)}, turn=self._turn_id)


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _left(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
