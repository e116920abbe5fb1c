"""Gradio's page made the shop's: title, language, description, style sheet and icon stand in the first bytes.

In: the HTML that Gradio serves at "/". Out: the same without Gradio's own names and links to other hosts. It knows no
component; should Gradio's template change, what is not found stays as it is and the chat still works.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Final
from zlib import crc32

from knowledge_base.shop import ShopInfo

ASSETS: Final = Path(__file__).parent / "assets"
ASSET_PREFIX: Final = "/ui/"
_FOREIGN: Final = re.compile(r'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*', re.DOTALL)


def brand(html: str, info: ShopInfo) -> str:
    """Gradio's page under the shop's name."""
    html = _FOREIGN.sub("", html).replace('lang="en"', f'lang="{escape(info.language)}"', 1)
    return html.replace("</head>", head(info) + "</head>", 1)


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
