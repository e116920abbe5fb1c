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

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.protection import replayed

COOKIE: Final = "shopkeeper_browser"
_READ: Final = re.compile(
    r"/|/config/?|/theme\.css|/gradio_api/(?:theme\.css|app_id/?|startup-events|queue/data|heartbeat/[\w-]+)"
    r"|/(?:assets|static)/[\w./@+-]+"
)
_WRITE: Final = re.compile(r"/gradio_api/(?:queue/join|cancel|reset)/?")
_HEARTBEAT: Final = re.compile(r"/gradio_api/heartbeat/([\w-]+)")
_SESSIONS_KEPT: Final = 50_000


class Gate:
    """Lets through what the chat page needs. `rewrite` turns the HTML of "/" into the page that is sent."""

    def __init__(self, app: ASGIApp, rewrite: Callable[[str], str]) -> None:
        self._app = app
        self._rewrite = rewrite
        self._browser_of: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await _refuse(404, scope, receive, send) if scope["type"] == "websocket" else None
        path, writes = scope["path"], scope["method"] == "POST"
        if not (_WRITE if writes else _READ).fullmatch(path) or scope["method"] not in ("GET", "HEAD", "POST"):
            return await _refuse(404, scope, receive, send)
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            return await _refuse(403, scope, receive, send)
        browser = _browser(headers)
        if path == "/":
            return await self._page(scope, receive, send, new_browser=not browser)
        body = await _body(receive) if writes else b""
        if not all(self._belongs(session, browser) for session in _sessions(scope, body)):
            return await _refuse(403, scope, receive, send)
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
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        start: Message = {}
        chunks: list[bytes] = []

        async def collect(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            elif message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))

        await self._app({**scope, "headers": plain}, receive, collect)
        body = b"".join(chunks)
        headers = MutableHeaders(raw=list(start["headers"]))
        if headers.get("content-type", "").startswith("text/html") and scope["method"] == "GET":
            body = self._rewrite(body.decode("utf-8")).encode("utf-8")
            headers["content-length"] = str(len(body))
        headers["cache-control"] = "no-store"
        if new_browser:
            secure = "; Secure" if scope.get("scheme") == "https" else ""
            cookie = f"{COOKIE}={secrets.token_urlsafe(24)}; Path=/; HttpOnly; SameSite=Lax{secure}"
            headers.append("set-cookie", cookie)
        await send({**start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": body})


def _browser(headers: Headers) -> str:
    """The browser's token, or "" for one that keeps no cookies."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _sessions(scope: Scope, body: bytes) -> Iterable[str]:
    """The session hashes a request speaks for; "" where a body names none that can be read."""
    if match := _HEARTBEAT.fullmatch(scope["path"]):
        yield match[1]
    yield from parse_qs(scope.get("query_string", b"").decode("latin-1")).get("session_hash", [])
    if body:
        try:
            session = json.loads(body).get("session_hash")
        except (ValueError, AttributeError):
            return
        if isinstance(session, str):
            yield session


async def _body(receive: Receive) -> bytes:
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
