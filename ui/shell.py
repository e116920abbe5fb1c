"""Gradio's page made the shop's: title, language, description, style sheet and icon stand in the first bytes.

In: the HTML that Gradio serves. Out: the same without Gradio's own names and links to other hosts. It knows no
component; should Gradio's template change, what is not found stays as it is and the chat still works.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Final
from zlib import crc32

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from knowledge_base.shop import ShopInfo

ASSETS: Final = Path(__file__).parent / "assets"
ASSET_PREFIX: Final = "/ui/"
_FOREIGN: Final = re.compile(r'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*', re.DOTALL)


def brand(html: str, info: ShopInfo) -> str:
    """Gradio's page under the shop's name."""
    return with_head(html, head(info), info.language)


def with_head(html: str, ours: str, language: str) -> str:
    """Gradio's page with our own lines in its head."""
    html = _FOREIGN.sub("", html).replace('lang="en"', f'lang="{escape(language)}"', 1)
    return html.replace("</head>", ours + "</head>", 1)


async def send_rewritten(
    app: ASGIApp,
    rewrite: Callable[[str], str],
    added: Mapping[str, str],
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Send the page of an application, rewritten and with these headers; nobody is to keep it."""
    plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    start: Message = {}
    chunks: list[bytes] = []

    async def collect(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    await app({**scope, "headers": plain}, receive, collect)
    body = b"".join(chunks)
    headers = MutableHeaders(raw=list(start["headers"]))
    if headers.get("content-type", "").startswith("text/html") and scope["method"] == "GET":
        body = rewrite(body.decode("utf-8")).encode("utf-8")
        headers["content-length"] = str(len(body))
    headers["cache-control"] = "no-store"
    for name, value in added.items():
        headers.append(name, value)
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body})


def head(info: ShopInfo) -> str:
    """What the page's head holds of ours. Assets carry their checksum, so that a new version is fetched at once."""
    name = escape(info.name)
    return (
        f'<title>{name}</title><meta name="description" content="{name}">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="same-origin">'
        '<meta name="theme-color" media="(prefers-color-scheme: light)" content="#f7f5f1">'
        '<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#161513">'
        f'<link rel="icon" href="{asset_url("favicon.svg")}" type="image/svg+xml">'
        f'<link rel="stylesheet" href="{asset_url("chat.css")}"><script src="{asset_url("chat.js")}"></script>'
    )


def asset_url(name: str) -> str:
    """The URL of one of our own assets."""
    return f"{ASSET_PREFIX}{name}?v={crc32((ASSETS / name).read_bytes()):08x}"
