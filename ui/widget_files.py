"""The widget's files as they are sent: a launcher, a panel for each language, and the panel's style sheet.

In: the plain files of `ui/widget/`. Out: routes. A file is sent without the comments and the indentation of its
source; the panel's modules go as one file, so that a slow network makes one journey for them. Whether a shop's page
may read them is the business of the CORS list. It knows no shop and no message.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from starlette.requests import Request

SOURCES: Final = Path(__file__).parent / "widget"
LANGUAGES: Final = ("en", "zh")
_MODULES: Final = ("link.js", "markdown.js", "conversation.js", "cards.js", "panel.js")  # each uses those before it
_BLOCK_COMMENT: Final = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n", re.DOTALL | re.MULTILINE)
_LINE_COMMENT: Final = re.compile(r"(?:^|(?<=[;{},)]) )//(?: [^\"'`]*)?$")  # in no string: none has such an end
_IMPORT: Final = re.compile(r"^import [^\n]*;\n", re.MULTILINE)
# Long enough for a visit, short enough for a new version: which file goes with which is never older than that.
_CACHE: Final = "public, max-age=300, stale-while-revalidate=3600"


@dataclass(frozen=True, slots=True)
class WidgetFile:
    """One file to send: its bytes as they are and compressed, and the tag that changes with them."""

    media_type: str
    plain: bytes
    gzipped: bytes
    etag: str

    @classmethod
    def of(cls, text: str, media_type: str) -> WidgetFile:
        """The file of a text."""
        plain = text.encode("utf-8")
        etag = f'"{hashlib.sha256(plain).hexdigest()[:20]}"'
        return cls(media_type, plain, gzip.compress(plain, 9, mtime=0), etag)


@cache
def widget_files() -> dict[str, WidgetFile]:
    """Every file of the widget by its path below the server's root."""
    files = {"widget.js": WidgetFile.of(lean(_source("widget.js")), "text/javascript")}
    for language in LANGUAGES:
        files[f"widget/panel.{language}.js"] = WidgetFile.of(_panel(language), "text/javascript")
    files["widget/panel.css"] = WidgetFile.of(_styles("panel.css"), "text/css")
    return files


def lean(source: str) -> str:
    """A source without its comments and indentation; what goes on within a block goes on in the same line."""
    lines: list[str] = []
    for line in _BLOCK_COMMENT.sub("", source).split("\n"):
        text = _LINE_COMMENT.sub("", line.strip())
        if text and line[0] == " " and lines and lines[-1].endswith((",", ";", "(", "{")):
            lines[-1] += text
        elif text:
            lines.append(text)
    return "\n".join(lines) + "\n"


def _styles(name: str) -> str:
    """A style sheet without the spaces that mean nothing: around marks, and after a property's colon."""
    tight = re.sub(r"\s*([{};,])\s*", r"\1", lean(_source(name)))
    return re.sub(r"([{;][\w-]+):\s+", r"\1:", tight)


def _panel(language: str) -> str:
    """The modules one after the other as one: what they take from each other stands above."""
    words = lean(_source(f"words-{language}.js")).replace("export default ", "const words = ", 1)
    modules = [_IMPORT.sub("", lean(_source(name))) for name in _MODULES]
    inner = [re.sub(r"^export ", "", module, flags=re.MULTILINE) for module in modules[:-1]]
    return "".join([words, *inner, modules[-1]])


def _source(name: str) -> str:
    return (SOURCES / name).read_text("utf-8")


def widget_routes() -> APIRouter:
    """The routes of the widget's files."""
    router = APIRouter(include_in_schema=False)

    def answer(request: Request) -> Response:
        file = widget_files().get(request.url.path.lstrip("/"))
        if file is None:
            return PlainTextResponse("Not found", 404)
        headers = {
            "etag": file.etag,
            "cache-control": _CACHE,
            "vary": "Accept-Encoding, Origin",
            "cross-origin-resource-policy": "cross-origin",
        }
        if file.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.gzipped, media_type=file.media_type, headers=headers | {"content-encoding": "gzip"})
        return Response(file.plain, media_type=file.media_type, headers=headers)

    router.add_api_route("/widget.js", answer, methods=["GET", "HEAD"])
    router.add_api_route("/widget/{name}", answer, methods=["GET", "HEAD"])
    return router
