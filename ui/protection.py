"""What stands in front of everything that is served: which hosts are answered to, whose pages may ask, how much is
read, and what every answer carries.

In: requests, and the settings. Out: the same passed on with their whole body read, or 400, 408 or 413 as problem JSON.
All of it is plain ASGI. It knows no route.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable
from typing import Any, Final

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from assistant.config import PREFIX, Settings
from assistant.errors import SettingsError
from ui.api.problems import problem_response

MAX_BODY_BYTES: Final = (
    64 * 1024
)  # a message of 4,000 characters, escaped as widely as JSON allows, and what is beside it
_BODY_S: Final = 20.0  # a body of that size takes no longer over any line that could hold a conversation
_BODIES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_ORIGIN: Final = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?", re.IGNORECASE)
_HOST: Final = re.compile(r"\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|[0-9a-f:]+", re.IGNORECASE)

# Gradio's page needs inline scripts and evaluates its templates; everything else comes from this server alone.
_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:{images}; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors {ancestors}"
)
API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "cross-origin-opener-policy": "same-origin",
}
# What a page on another site may send and read; it sends no cookies.
_SENT: Final = ("authorization", "content-type", "idempotency-key", "last-event-id")
_READ: Final = ("retry-after", "location")


def protect(app: FastAPI, settings: Settings) -> None:
    """Put everything of this module in front of an application, in the order in which a request meets it.

    Raises:
        SettingsError: a host, site or proxy in the settings is not written as one.
    """
    origins = sites(settings.allowed_origins, "allowed_origins")
    added: list[tuple[Any, dict[str, Any]]] = [
        (SecurityHeaders, {"settings": settings}),
        (ProxyHeadersMiddleware, {"trusted_hosts": proxies(settings)}),
        (KnownHosts, {"settings": settings}),
        (
            CORSMiddleware,
            {
                "allow_origins": origins,
                "allow_methods": ("GET", "POST", "PUT", "DELETE"),
                "allow_headers": _SENT,
                "expose_headers": _READ,
                "max_age": 600,
            },
        ),
        (BodyLimit, {}),
    ]
    for middleware, options in reversed(added):
        app.add_middleware(middleware, **options)


class SecurityHeaders:
    """Adds the security headers to every answer that does not bring its own policy."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        framing = sites(settings.frame_ancestors, "frame_ancestors")
        self._headers = {
            **_HEADERS,
            "content-security-policy": page_policy(settings, framing),
        }
        if not framing:  # the older header cannot name other sites
            self._headers["x-frame-options"] = "SAMEORIGIN"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class KnownHosts:
    """Answers only to the hosts this server is meant to have, so that no other site's name can be bound to it.

    These are the loopback names, the machine's own name, the address to listen on and those of the settings. A server
    that listens on every address also answers to any literal one: a page of another site can make a browser send its
    own name here, but no address that is not its own.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        given = _split(settings.allowed_hosts)
        for host in given:
            if not _HOST.fullmatch(host):
                raise SettingsError(f"{PREFIX}ALLOWED_HOSTS: {host!r} is no host name; write shop.example or *.example")
        self._any = "*" in given
        own = ("localhost", "127.0.0.1", "::1", settings.host, socket.gethostname())
        self._names = {host.lower().rstrip(".") for host in (*own, *given)}
        self._endings = tuple(host[1:].lower() for host in given if host.startswith("*."))
        self._addresses = settings.host in ("", "0.0.0.0", "::")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self.knows(Headers(scope=scope).get("host", "")):
            detail = f"This server does not answer to that host name. Its owner names it in {PREFIX}ALLOWED_HOSTS."
            await problem_response(400, "unknown-host", detail)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def knows(self, host: str) -> bool:
        """Whether a Host header, with or without a port, names this server."""
        if self._any:
            return True
        name = (host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]).lower().rstrip(".")
        if name in self._names or (self._endings and name.endswith(self._endings)):
            return True
        return self._addresses and _is_address(name)


class BodyLimit:
    """Reads a request's body before anything else does: at most `MAX_BODY_BYTES`, within `seconds`."""

    def __init__(self, app: ASGIApp, seconds: float = _BODY_S) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in _BODIES:
            return await self._app(scope, receive, send)
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared) > MAX_BODY_BYTES:
            return await _too_large(scope, receive, send)
        chunks: list[bytes] = []
        try:
            async with asyncio.timeout(self._seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    chunks.append(message.get("body", b""))
                    if sum(map(len, chunks)) > MAX_BODY_BYTES:
                        return await _too_large(scope, receive, send)
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            slow = problem_response(408, "", "The request's body took too long.", {"connection": "close"})
            return await slow(scope, receive, send)
        return await self._app(scope, replayed(b"".join(chunks), receive), send)


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    detail = f"The request's body is over {MAX_BODY_BYTES // 1024} KiB."
    await problem_response(413, "too-large", detail, {"connection": "close"})(scope, receive, send)


def replayed(body: bytes, receive: Receive) -> Receive:
    """What an application receives: the body in one piece, then whatever comes."""
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def sites(text: str, setting: str) -> list[str]:
    """The sites of a setting, as browsers name them: scheme, host and port.

    Raises:
        SettingsError: one is not written so, or stands for all.
    """
    found = [site.rstrip("/") for site in _split(text)]
    for site in found:
        if not _ORIGIN.fullmatch(site):
            raise SettingsError(
                f"{PREFIX}{setting.upper()}: {site!r} is no site; name each as https://shop.example (there is no *)"
            )
    return [site.lower() for site in found]


def proxies(settings: Settings) -> list[str]:
    """The proxies whose headers are believed.

    Raises:
        SettingsError: one is neither an address nor a network.
    """
    found = _split(settings.trusted_proxies)
    for proxy in found:
        try:
            ipaddress.ip_network(proxy)
        except ValueError as error:
            raise SettingsError(f"{PREFIX}TRUSTED_PROXIES: {proxy!r} is no IP address or network ({error})") from error
    return found


def page_policy(settings: Settings, framing: Iterable[str] = ()) -> str:
    """The content security policy of a page of ours that these other sites may show in a frame."""
    images = " https: http:" if settings.remote_pictures else ""
    return _POLICY.format(images=images, ancestors=" ".join(("'self'", *framing)))


def client_address(scope: Scope) -> str:
    """Whose requests are counted together: an IPv4 address, an IPv6 /64 (what one customer has), or "unknown"."""
    client: Iterable[Any] | None = scope.get("client")
    try:
        address = ipaddress.ip_address(next(iter(client or ("",))))
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
