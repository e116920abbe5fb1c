"""The gate in front of Gradio: what may pass, and who may use a session.

In: requests. Out: the same passed on, or 403 / 404. Gradio serves far more than a chat needs (uploads, files, proxies,
code editing); only what the page uses passes. A Gradio session hash would let anyone read along, so a session belongs
to the browser that opened it. It knows no message and no component.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.protection import replayed
from ui.shell import send_rewritten

COOKIE: Final = "shopkeeper_browser"
_READ: Final = re.compile(
    r"/|/config/?|/theme\.css|/gradio_api/(?:theme\.css|app_id/?|startup-events|queue/data|heartbeat/[\w-]+)"
    r"|/(?:assets|static)/[\w./@+-]+"
)
_WRITE: Final = re.compile(r"/gradio_api/(?:queue/join|cancel|reset)/?")
_HEARTBEAT: Final = re.compile(r"/gradio_api/heartbeat/([\w-]+)")
_LIVE: Final = re.compile(r"/live/([\w-]+)")
_SESSIONS_KEPT: Final = 50_000


class Gate:
    """Lets through what the chat page needs. `rewrite` turns the HTML of "/" into the page that is sent; `live` tells
    the page of a session that there is news."""

    def __init__(self, app: ASGIApp, rewrite: Callable[[str], str], live: Callable[[str], ASGIApp]) -> None:
        self._app = app
        self._rewrite = rewrite
        self._live = live
        self._browser_of: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await _refuse(404, scope, receive, send) if scope["type"] == "websocket" else None
        path, writes = scope["path"], scope["method"] == "POST"
        live = _LIVE.fullmatch(path) if scope["method"] == "GET" else None
        if not (live or is_gradios(path, writes)) or scope["method"] not in ("GET", "HEAD", "POST"):
            return await _refuse(404, scope, receive, send)
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            return await _refuse(403, scope, receive, send)
        browser = _browser(headers)
        if path == "/":
            return await self._page(scope, receive, send, new_browser=not browser)
        body = await body_of(receive) if writes else b""
        named = [live[1]] if live else session_hashes(path, scope, body)
        if not all(self._belongs(session, browser) for session in named):
            return await _refuse(403, scope, receive, send)
        if live:
            return await self._live(live[1])(scope, receive, send)
        return await self._app(scope, replayed(body, receive) if writes else receive, send)

    def _belongs(self, session: str, browser: str) -> bool:
        """Whether a session is this browser's; the first browser that uses one owns it."""
        owner = self._browser_of.setdefault(session, browser)
        self._browser_of.move_to_end(session)
        if len(self._browser_of) > _SESSIONS_KEPT:
            self._browser_of.popitem(last=False)
        return secrets.compare_digest(owner.encode(), browser.encode())

    async def _page(self, scope: Scope, receive: Receive, send: Send, new_browser: bool) -> None:
        """Send Gradio's page rewritten, with the browser's cookie where it has none yet."""
        added = {}
        if new_browser:
            secure = "; Secure" if scope.get("scheme") == "https" else ""
            added["set-cookie"] = f"{COOKIE}={secrets.token_urlsafe(24)}; Path=/; HttpOnly; SameSite=Lax{secure}"
        await send_rewritten(self._app, self._rewrite, added, scope, receive, send)


def _browser(headers: Headers) -> str:
    """The browser's token, or "" for one that keeps no cookies."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def is_gradios(path: str, writes: bool) -> bool:
    """Whether a path, below where a page is mounted, is one that Gradio's page needs."""
    return (_WRITE if writes else _READ).fullmatch(path) is not None


def session_hashes(path: str, scope: Scope, body: bytes) -> Iterable[str]:
    """The session hashes that a request for such a path speaks for."""
    if match := _HEARTBEAT.fullmatch(path):
        yield match[1]
    yield from parse_qs(scope.get("query_string", b"").decode("latin-1")).get("session_hash", [])
    if body:
        try:
            session = json.loads(body).get("session_hash")
        except (ValueError, AttributeError):
            return
        if isinstance(session, str):
            yield session


async def body_of(receive: Receive) -> bytes:
    """A request's whole body."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


async def _refuse(status: int, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await PlainTextResponse({403: "Forbidden", 404: "Not found"}[status], status)(scope, receive, send)
