"""The server under the application: a socket that is bound before anything is loaded, and an orderly end.

In: an address, an application. Out: a uvicorn server that, told to end, first says it is not ready, refuses new
messages, lets answers that are under way come to their end, and only then closes. It knows no shop and no page.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import uvicorn
from fastapi import FastAPI
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.api.problems import BUSY_S, problem_response

_CLOSING_S: Final = 1  # for requests that are still open when no answer is under way any more
_LOOK_AGAIN_S: Final = 0.05
_LAST_WORDS_S: Final = 0.3  # for what has been answered to reach the page
# What begins an answer. Everything else goes on until the end: history, streams of events, stops, votes.
_NEW_WORK: Final = re.compile(
    r"/v1/chat/completions|/v1/conversations(?:/[^/]+/(?:messages|proposals/[^/]+))?|/mcp/?|/gradio_api/queue/join/?"
)


class CannotListen(Exception):
    """The address cannot be listened on; the message says why and what to do."""


class Drain:
    """Whether the server is about to end, and how many answers it still waits for: `limit_s` seconds at most."""

    def __init__(self, limit_s: float) -> None:
        self.draining = False
        self._limit_s = limit_s
        self._requests = 0
        self._counts: list[Callable[[], int]] = []

    @property
    def running(self) -> int:
        """Answers under way: those a request waits for, and those that `count_also` knows of."""
        return self._requests + sum(count() for count in self._counts)

    def count_also(self, count: Callable[[], int]) -> None:
        """Wait for what `count` counts, too: answers that no single request stays open for."""
        self._counts.append(count)

    def began(self) -> None:
        """A request whose answer is waited for came in."""
        self._requests += 1

    def ended(self) -> None:
        """It has been answered, or is gone."""
        self._requests -= 1

    async def finish(self, hurry: Callable[[], bool]) -> None:
        """Take nothing new; return when nothing runs any more, after the limit, or when `hurry` says so."""
        self.draining = True
        had_any = self.running > 0
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limit_s):
                while self.running and not hurry():  # noqa: ASYNC110 - counts of others, who know no event
                    await asyncio.sleep(_LOOK_AGAIN_S)
        if had_any:
            await asyncio.sleep(_LAST_WORDS_S)


class Draining:
    """Refuses new messages with 503 while the server is about to end, and counts those that are being answered."""

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self._app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not _NEW_WORK.fullmatch(scope["path"]):
            return await self._app(scope, receive, send)
        if self._drain.draining:
            return await _refusal(scope["path"])(scope, receive, send)
        self._drain.began()
        try:
            return await self._app(scope, receive, send)
        finally:
            self._drain.ended()


def _refusal(path: str) -> Response:
    detail = "The server is restarting and takes no new messages. Please send it again in a few seconds."
    headers = {"retry-after": str(BUSY_S), "connection": "close"}
    if path != "/v1/chat/completions":
        return problem_response(503, "restarting", detail, headers)
    error = {"message": detail, "type": "server_error", "param": None, "code": "restarting"}
    return JSONResponse({"error": error}, 503, headers)


class Server(uvicorn.Server):
    """A uvicorn server that ends in good order: see the module. Ctrl-C then makes it hurry."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        state = self.config.app.state  # type: ignore[union-attr]
        await state.drain.finish(lambda: self.force_exit)
        await state.close_streams()
        await super().shutdown(sockets)


def make_server(app: FastAPI) -> Server:
    """The server of an application, to be run on a socket of `listen`."""
    config = uvicorn.Config(
        app, log_level="warning", timeout_graceful_shutdown=_CLOSING_S, server_header=False, proxy_headers=False
    )
    return Server(config)


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to an address; port 0 takes any free one.

    Raises:
        CannotListen: the port is taken or not allowed, or there is no such host.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListen(
            f"cannot listen on {host}:{port} ({reason}): stop what uses it or give another --port"
        ) from error
