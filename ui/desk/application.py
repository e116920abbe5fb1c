"""The desk as one application, to be mounted at /desk.

In: what the shop's routes share, and the desk's Gradio page. Out: an ASGI application behind its gate. A handler of the
page learns who presses from `agent_of`, and from nothing that the page sends.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

import gradio as gr
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.store import Agent
from knowledge_base.shop import ShopInfo
from ui import shell
from ui.api.problems import answer_problems
from ui.api.service import Service
from ui.desk.chats import chat_routes
from ui.desk.downloads import download_routes
from ui.desk.gate import DeskGate, agent_of_scope
from ui.desk.live import Pulses
from ui.desk.login import ASSETS, LoginPage, desk_title, login_routes
from ui.desk.people import people_routes
from ui.desk.routes import Shared, answer_refusals, own_routes
from ui.desk.sessions import Sessions
from ui.desk.teaching import teaching_routes
from ui.protection import page_policy
from ui.shell import send_rewritten, with_head
from ui.wording import page_language

PREFIX: Final = "/desk"
_ASSET_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEAD: Final = (
    "desk.css",
    "writing.css",
    "leads.css",
    "insights.css",
    "narrow.css",
    "times.js",
    "writing.js",
    "live.js",
    "desk.js",
)  # what the page's head names, in order
_FOREVER: Final = {"cache-control": "private, max-age=31536000, immutable"}


@dataclass(frozen=True, slots=True)
class MountedDesk:
    """The desk: `app` is what is mounted, `inner` the same without its gate, `routers` have all routes but Gradio's."""

    app: ASGIApp
    inner: FastAPI
    routers: tuple[APIRouter, ...]
    pulses: Pulses
    gradio: FastAPI | None

    def mount(self, app: FastAPI) -> None:
        """Serve it at /desk."""

        @app.get(PREFIX)
        async def to_desk(request: Request) -> Response:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"{PREFIX}/{query}", 308)

        app.mount(PREFIX, self.app)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the server runs."""
        async with self.inner.router.lifespan_context(self.inner):
            yield

    async def close(self) -> None:
        """End what is open: streams, and Gradio's heartbeats."""
        await self.pulses.close()
        if self.gradio is not None:
            self.gradio.stop_event.set()  # type: ignore[attr-defined]


def create_desk(service: Service, page: gr.Blocks | None = None, sessions: Sessions | None = None) -> MountedDesk:
    """The desk of one shop, with its page where there is one."""
    sessions = sessions or Sessions(service.store)
    login = LoginPage(service.shop.info)
    pulses = Pulses(lambda opened: sessions.ask(service.store.pulse, opened))
    inner = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    answer_problems(inner)
    answer_refusals(inner)
    shared = Shared(service, sessions, pulses)
    routers = (
        login_routes(login, sessions),
        own_routes(shared),
        chat_routes(shared),
        teaching_routes(shared),
        people_routes(shared),
        download_routes(shared),
        _files(),
    )
    for router in routers:
        inner.include_router(router)
    served = None
    if page is not None:
        served = _mount_page(inner, page, service)
    headers = {"content-security-policy": page_policy(service.settings), "x-frame-options": "SAMEORIGIN"}
    gate = DeskGate(inner, sessions, login, headers)
    return MountedDesk(gate, inner, routers, pulses, served)


def agent_of(request: gr.Request) -> Agent:
    """Who presses, in a handler of the page.

    Raises:
        LookupError: the request did not come through the gate.
    """
    below: Any = request.request
    return agent_of_scope(below.scope if below is not None else {})


def _mount_page(inner: FastAPI, page: gr.Blocks, service: Service) -> FastAPI:
    async def who(request: Request) -> str:
        return agent_of_scope(request.scope).id

    gr.mount_gradio_app(
        inner,
        page,
        path="/",
        root_path=PREFIX,
        auth_dependency=who,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        show_error=False,
        allowed_paths=[],
        blocked_paths=[str(service.settings.data.resolve())],
        max_file_size=0,
        theme=gr.themes.Base(font=["system-ui"], font_mono=["ui-monospace"]),
    )
    mounted: Any = inner.routes[-1]
    gradio: FastAPI = mounted.app
    mounted.app = _Branded(gradio, service.shop.info)
    return gradio


class _Branded:
    """Gradio's application with its page under the shop's name."""

    def __init__(self, app: ASGIApp, info: ShopInfo) -> None:
        self._app = app
        self._info = info

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != f"{PREFIX}/":
            return await self._app(scope, receive, send)
        return await send_rewritten(self._app, self._rewritten, {}, scope, receive, send)

    def _rewritten(self, html: str) -> str:
        return with_head(html, _head(self._info), page_language(self._info.language, None))


def _head(info: ShopInfo) -> str:
    return (
        f"<title>{desk_title(info)}</title>"
        '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">'
        f'<link rel="icon" href="{shell.asset_url("favicon.svg")}" type="image/svg+xml">'
        f'<link rel="stylesheet" href="{shell.asset_url("chat.css")}">'
        + "".join(f'<link rel="stylesheet" href="{asset_url(name)}">' for name in _HEAD if name.endswith(".css"))
        + "".join(f'<script src="{asset_url(name)}"></script>' for name in _HEAD if name.endswith(".js"))
    )


def asset_url(name: str) -> str:
    """The URL of one of the desk's own assets."""
    return f"{PREFIX}/files/{name}?v={crc32((ASSETS / name).read_bytes()):08x}"


def _files() -> APIRouter:
    """The desk's own scripts and style sheets."""
    router = APIRouter()

    @router.get("/files/{name}")
    async def file(name: str) -> Response:
        path = ASSETS / name
        if path.suffix not in _ASSET_TYPES or path.parent != ASSETS or not path.is_file():
            return PlainTextResponse("Not found", 404)
        return FileResponse(path, media_type=_ASSET_TYPES[path.suffix], headers=_FOREVER)

    return router
