"""The demo storefront at /shop: a made-up shop's own pages, with the widget on them.

In: a shop and the key that signs its shoppers in. Out: routes for the page, its files, its customers and their sign-in.
Anybody may sign in as any customer here, so it is there for the bundled demo shops, and for others only by a setting.
Products come from the API.
"""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Final
from zlib import crc32

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel

from assistant.config import DEMO_SHOP, Settings
from knowledge_base.importing.records import read_orders
from knowledge_base.shop import Shop
from ui.auth import ShopTokens
from ui.shell import asset_url

SOURCES: Final = Path(__file__).parent / "storefront"
_BUNDLED: Final = (DEMO_SHOP, DEMO_SHOP.with_name("demo_shop_zh"))
_TYPES: Final = {".css": "text/css", ".js": "text/javascript"}
_CUSTOMERS: Final = 8
_TOKEN_S: Final = 300
_SKIP: Final = {"zh": "跳到正文"}
# As strict as a shop's page can be: what the widget needs of it is what it is given here.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{images}; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)


class SignIn(BaseModel):
    """Which customer to be."""

    customer: str


def has_storefront(shop: Shop, settings: Settings) -> bool:
    """Whether this shop has the demo storefront: a bundled one, or one whose owner says so."""
    return settings.demo_storefront or shop.folder.resolve() in _BUNDLED


def shop_routes(shop: Shop, settings: Settings, tokens: ShopTokens) -> APIRouter:
    """The routes of the demo storefront; `has_storefront` says whether a shop has them."""
    router = APIRouter(prefix="/shop", include_in_schema=False)
    policy = _POLICY.format(images=" https: http:" if settings.remote_pictures else "")

    @router.get("")
    @router.get("/cart")
    @router.get("/p/{product_id}")
    async def page() -> Response:
        headers = {"content-security-policy": policy, "cache-control": "no-cache"}
        return HTMLResponse(_page(shop, tokens.shop_id), headers=headers)

    @router.get("/assets/{name}")
    async def asset(name: str) -> Response:
        path = SOURCES / name
        if path.suffix not in _TYPES or path.parent != SOURCES or not path.is_file():
            return PlainTextResponse("Not found", 404)
        return FileResponse(path, media_type=_TYPES[path.suffix], headers={"cache-control": "no-cache"})

    @cache
    def customers() -> dict[str, int]:
        """Those with orders, the latest first, and how many each has."""
        found: dict[str, int] = {}
        for order in sorted(read_orders(shop)[0], key=lambda one: one.placed_at or "", reverse=True):
            found[order.customer_id] = found.get(order.customer_id, 0) + 1
        return dict(list(found.items())[:_CUSTOMERS])

    @router.get("/customers")
    def customer_list() -> Response:
        return JSONResponse({"customers": [{"id": name, "orders": n} for name, n in customers().items()]})

    @router.post("/sign-in")
    def sign_in(body: SignIn) -> Response:
        """What a real shop's server does after it has asked for a password."""
        if body.customer not in customers():
            return JSONResponse({"detail": "There is no such customer."}, 404)
        return JSONResponse({"token": tokens.sign(body.customer, _TOKEN_S)}, headers={"cache-control": "no-store"})

    return router


def _page(shop: Shop, shop_id: str) -> str:
    info = shop.info
    values = {
        "language": info.language,
        "name": info.name,
        "shop": shop_id,
        "currency": info.currency or "",
        "icon": asset_url("favicon.svg"),
        "style": _asset("shop.css"),
        "script": _asset("shop.js"),
        "skip": _SKIP.get(info.language[:2], "Skip to the content"),
    }
    return _template().substitute({name: escape(value) for name, value in values.items()})


@cache
def _template() -> Template:
    return Template((SOURCES / "shop.html").read_text("utf-8"))


def _asset(name: str) -> str:
    return f"/shop/assets/{name}?v={crc32((SOURCES / name).read_bytes()):08x}"
