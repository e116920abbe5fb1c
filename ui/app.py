"""The web application: the chat page, pictures, assets, what other programs use and
the probes, behind one set of security headers.

In: an opened shop, settings, the store, and the assistant as soon as it is there. Out: an ASGI application. It starts
no server and loads no model.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import gradio as gr
from fastapi import FastAPI
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from assistant.config import Settings
from assistant.desk import Desk
from assistant.places import Places
from assistant.store import Store
from assistant.turns import Turns
from knowledge_base.shop import Shop
from ui.api.application import create_api
from ui.api.service import Service, shop_id
from ui.auth import ShopTokens
from ui.chat import ChatPage
from ui.desk.application import create_desk
from ui.desk.page import DeskPage
from ui.gate import Gate
from ui.limits import RateLimits
from ui.operations import add_operations, count_requests, delivering
from ui.pictures import DRAWN_PREFIX, MEDIA_TYPES, SHOP_PREFIX, Pictures, draw
from ui.protection import protect
from ui.shell import ASSET_PREFIX, ASSETS, brand
from ui.shop_page import has_storefront, shop_routes
from ui.surfaces import add_surfaces
from ui.widget_files import widget_routes

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

_ASSET_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_PICTURE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
_FOREVER: Final = "public, max-age=31536000, immutable"


def create_app(shop: Shop, opening: Future[Assistant], store: Store, settings: Settings) -> FastAPI:
    """The application. It answers at once; /readyz says 503 until `opening` holds an assistant.

    `app.state.close_streams` ends the answers and heartbeats that would otherwise hold up a shutdown.
    `app.state.places` are the places that every way to ask shares, `app.state.api` is what is mounted at /v1,
    `app.state.desk` what is at /desk.

    Raises:
        SettingsError: a setting that protects the server is not written as it must be.
    """
    places = Places(settings.concurrency, settings.queue_size)
    turns = Turns(opening, store, places, desk=shop.desk)
    at_desk = Desk(turns, opening, store, places, shop.desk)
    tokens = ShopTokens(settings, shop_id(settings, shop))
    service = Service(shop, opening, store, settings, tokens, RateLimits(settings), turns, at_desk)
    api = create_api(service)
    desk = create_desk(service, DeskPage(service).blocks())
    page = ChatPage(shop.folder, shop.info, opening, store, settings, turns)
    chat = gr.mount_gradio_app(
        FastAPI(openapi_url=None),
        page.blocks(),
        path="/",
        server_name=settings.host,
        server_port=settings.port,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        show_error=False,
        allowed_paths=[],
        blocked_paths=[str(settings.data.resolve())],
        max_file_size=0,
        theme=gr.themes.Base(font=["system-ui"], font_mono=["ui-monospace"]),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        turns.start()
        async with chat.router.lifespan_context(chat), desk.running(), delivering(app):
            yield

    app = FastAPI(openapi_url=None, lifespan=lifespan)

    served: Any = chat.routes[-1].app  # Gradio's own application
    _lighten(served)

    async def close_streams() -> None:
        await asyncio.gather(turns.close(), desk.close(), at_desk.close())
        await tools.close()
        served.stop_event.set()  # Gradio's heartbeats, one a page

    app.state.close_streams = close_streams
    app.state.places = places
    app.state.api = api
    app.state.desk = desk
    add_operations(app, service, places, lambda: turns.running)
    tools = add_surfaces(app, api, service, places)
    _add_files(app, shop, opening)
    app.mount("/v1", api)
    app.include_router(widget_routes())
    if has_storefront(shop, settings):
        app.include_router(shop_routes(shop, settings, tokens))
    desk.mount(app)
    app.mount("/", Gate(served, lambda html: brand(html, shop.info), page.live))
    protect(app, settings)
    count_requests(app)
    return app


def _lighten(served: FastAPI) -> None:
    """Take from Gradio's application what costs time with every message and serves nothing here."""

    async def nobody_logs_in() -> None:
        """In place of a synchronous check, for which every request changes threads."""

    for route in served.routes:
        for guard in getattr(route, "dependencies", ()):
            if getattr(guard.dependency, "__name__", "") == "login_check":
                served.dependency_overrides[guard.dependency] = nobody_logs_in
    if importlib.util.find_spec("matplotlib") is None:
        # Gradio tries to import it twice a drawing, and each time all folders are searched again.
        sys.modules.setdefault("matplotlib", None)  # type: ignore[arg-type]


def _add_files(app: FastAPI, shop: Shop, opening: Future[Assistant]) -> None:
    manifest = json.loads((ASSETS / "manifest.json").read_text("utf-8"))
    manifest |= {"name": shop.info.name, "short_name": shop.info.name, "lang": shop.info.language}
    known: list[tuple[object, Pictures]] = []  # the names of an index's pictures, and their files

    @app.get("/manifest.json")
    async def manifest_json() -> Response:
        return JSONResponse(manifest, media_type="application/manifest+json")

    @app.get("/favicon.ico")
    async def favicon() -> Response:
        return _file(ASSETS / "favicon.svg", "image/svg+xml")

    @app.get("/robots.txt")
    async def robots() -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /gradio_api/\n")

    @app.get(ASSET_PREFIX + "{name}")
    async def asset(name: str) -> Response:
        path = ASSETS / name
        if path.suffix not in _ASSET_TYPES or path.parent != ASSETS or not path.is_file():
            return PlainTextResponse("Not found", 404)
        return _file(path, _ASSET_TYPES[path.suffix])

    @app.get(DRAWN_PREFIX + "{name}")
    async def drawn(name: str) -> Response:
        svg = draw(name)
        if svg is None:
            return PlainTextResponse("Not found", 404)
        headers = {"content-security-policy": _PICTURE_POLICY, "cache-control": _FOREVER}
        return Response(svg, media_type="image/svg+xml", headers=headers)

    @app.get(SHOP_PREFIX + "{name:path}")
    def shop_image(name: str) -> Response:
        if not opening.done() or opening.exception() is not None:
            return PlainTextResponse("Not found", 404)
        named = opening.result().index.pictures
        if not known or known[-1][0] is not named:
            known[:] = [(named, Pictures(shop.folder, named))]
        path = known[-1][1].file(name)
        if path is None:
            return PlainTextResponse("Not found", 404)
        headers = {"content-security-policy": _PICTURE_POLICY, "cache-control": "public, max-age=3600"}
        return FileResponse(path, media_type=MEDIA_TYPES[path.suffix.lower()], headers=headers)


def _file(path: Path, media_type: str) -> Response:
    return FileResponse(path, media_type=media_type, headers={"cache-control": _FOREVER})
