"""The gate in front of the desk: nothing passes without a session, and a Gradio session is only its opener's.

In: requests below /desk. Out: the same passed on with the agent in their state, or a refusal: the login page, 401, 403
or 404. Gradio serves far more than the page needs; only what it uses passes. A session that ends takes the streams that
are open in it along. It knows no route of the desk.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.errors import StoreError
from assistant.store import Agent
from ui.api.problems import BUSY_S, problem_response
from ui.desk.login import FIRST_STEP, LoginPage, session_token, to_login
from ui.desk.sessions import Sessions
from ui.gate import body_of, is_gradios, session_hashes
from ui.protection import replayed

_PREFIX: Final = "/desk"
_OPEN: Final = frozenset({("GET", "/login.css")})
_LOGIN: Final = frozenset({("GET", "/login"), ("HEAD", "/login"), ("POST", "/login")})
_PAGE: Final = "/"
_OURS: Final = re.compile(r"/(?:api/.*|files/[\w.-]+)")
_LEAVING: Final = ("POST", "/logout")  # read, it would be a route of Gradio's
_ENDLESS: Final = re.compile(r"/api/live|/gradio_api/(?:queue/data|heartbeat/[\w-]+)")
_READS: Final = frozenset({"GET", "HEAD"})
_HASHES_EACH: Final = 200  # Gradio sessions, one a page load, that are remembered of each session of an agent
_SESSIONS_KEPT: Final = 2_000
_LOOK_AGAIN_S: Final = 2.0
IDLE_HEADER: Final = "x-desk-idle"
"""Sent by the page with what it asks for by itself: it does not count as the agent's doing something."""


class DeskGate:
    """Lets those pass who are logged in."""

    def __init__(
        self,
        app: ASGIApp,
        sessions: Sessions,
        page: LoginPage,
        headers: Mapping[str, str] | None = None,
        look_again_s: float = _LOOK_AGAIN_S,
    ) -> None:
        """`headers` are added to every answer that does not bring its own."""
        self._app = app
        self._sessions = sessions
        self._page = page
        self._headers = {"cache-control": "no-store", **(headers or {})}
        self._look_again_s = look_again_s
        self._session_of: dict[str, str] = {}  # of Gradio's session hashes
        self._hashes_of: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()  # the same the other way round

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            return
        try:
            app, scope, receive = await self._way(scope, receive)
        except StoreError:
            detail = "The desk's database cannot be reached just now. Please try again in a moment."
            app = problem_response(503, "not-stored", detail, {"retry-after": str(BUSY_S)})
        await app(scope, receive, self._with_headers(send))

    async def _way(self, scope: Scope, receive: Receive) -> tuple[ASGIApp, Scope, Receive]:
        """Who answers a request, and the request as it is passed on."""
        path, method = scope["path"].removeprefix(_PREFIX), scope["method"]
        writes = method not in _READS
        request = Request(scope)
        if writes and not _from_here(request.headers):
            detail = "The request comes from another site, or does not say from where."
            return problem_response(403, "foreign", detail), scope, receive
        if (method, path) in _OPEN:
            return self._app, scope, receive
        token = session_token(request)
        endless = method == "GET" and _ENDLESS.fullmatch(path) is not None
        is_active = not endless and IDLE_HEADER not in request.headers
        agent = await self._sessions.agent(token, is_active=is_active)
        if agent is None and not await self._sessions.is_open():
            return self._closed(path), scope, receive
        if (method, path) in _LOGIN:
            return self._app, scope, receive
        if agent is None:
            return self._not_logged_in(request, path), scope, receive
        is_ours = _OURS.fullmatch(path) is not None or (method, path) == _LEAVING
        if not is_ours and not is_gradios(path, writes):
            return problem_response(404, "", "There is nothing here."), scope, receive
        body = await body_of(receive) if writes else b""
        if not all(self._belongs(session, token) for session in session_hashes(path, scope, body)):
            detail = "This page was opened by somebody else. Load it again."
            return problem_response(403, "foreign-session", detail), scope, receive
        scope = {**scope, "state": {**scope.get("state", {}), "agent": agent}}
        if endless:
            return partial(self._while_logged_in, token), scope, receive
        return self._app, scope, replayed(body, receive) if writes else receive

    def _with_headers(self, send: Send) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        return with_headers

    def _closed(self, path: str) -> Response:
        if path == _PAGE or path == "/login":
            return self._page.closed()
        return problem_response(403, "desk-closed", f"Nobody has an account yet. On the server, run: {FIRST_STEP}")

    def _not_logged_in(self, request: Request, path: str) -> Response:
        if path == "/logout":
            return to_login("", "")
        if path != _PAGE or request.method not in _READS:
            return problem_response(401, "unauthorized", "Log in at /desk/login.")
        if request.headers.get("sec-fetch-site") == "cross-site":
            # Behind a link on another site the browser sends no cookie; behind one of ours, as this is, it does.
            return HTMLResponse('<!doctype html><title>…</title><meta http-equiv="refresh" content="0">')
        return to_login(f"{_PREFIX}/", request.url.query)

    def _belongs(self, session: str, token: str) -> bool:
        """Whether a Gradio session was opened in this session of an agent; the first that uses one owns it."""
        if not secrets.compare_digest(self._session_of.setdefault(session, token).encode(), token.encode()):
            return False
        own = self._hashes_of.setdefault(token, OrderedDict())
        own[session] = None
        own.move_to_end(session)
        self._hashes_of.move_to_end(token)
        if len(own) > _HASHES_EACH:  # who opens many pages loses their own, and nobody else's
            del self._session_of[own.popitem(last=False)[0]]
        if len(self._hashes_of) > _SESSIONS_KEPT:
            for one in self._hashes_of.popitem(last=False)[1]:
                del self._session_of[one]
        return True

    async def _while_logged_in(self, token: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a stream that has no end of its own, until the session ends."""
        begun = ended = False

        async def noting(message: Message) -> None:
            nonlocal begun, ended
            begun = begun or message["type"] == "http.response.start"
            ended = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        async def passed() -> None:
            await self._app(scope, receive, noting)

        streaming = asyncio.create_task(passed())
        try:
            while not (await asyncio.wait([streaming], timeout=self._look_again_s))[0]:
                if not await self._still_open(token):
                    break
        finally:
            streaming.cancel()
            (outcome,) = await asyncio.gather(streaming, return_exceptions=True)
        if isinstance(outcome, Exception):
            raise outcome
        if begun and not ended:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _still_open(self, token: str) -> bool:
        try:
            return await self._sessions.agent(token, is_active=False) is not None
        except StoreError:
            return False  # the page connects again, and is told


def agent_of_scope(scope: Scope) -> Agent:
    """The agent of a request that has passed the gate.

    Raises:
        LookupError: it has not.
    """
    agent = scope.get("state", {}).get("agent")
    if not isinstance(agent, Agent):
        raise LookupError("this request did not come through the desk's gate")
    return agent


def _from_here(headers: Headers) -> bool:
    """Whether a page of this very server sends a request; browsers say so with everything that changes something."""
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host")
