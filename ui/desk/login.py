"""The login page of the desk: one form, no script.

In: a login and a password, typed. Out: a cookie that no script can read, or the page again with what to do. Before
there is an account it tells how to make one. What is right and wrong is `sessions`' to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import parse_qs, quote
from zlib import crc32

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from assistant.store.agents import LOGIN_WINDOW, SESSION_LONGEST
from assistant.types import Language
from knowledge_base.shop import ShopInfo
from ui.api.problems import BUSY_S
from ui.desk.sessions import COOKIE, LoginRefused, LoginsBusy, Sessions, TooManyLogins
from ui.protection import client_address
from ui.shell import asset_url
from ui.wording import page_language

ASSETS: Final = Path(__file__).parent / "assets"
FIRST_STEP: Final = "python -m ui agents add NAME"
_NEXT: Final = re.compile(r"/desk/(?:\?conversation=[\w-]{1,64})?")
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {"cache-control": "no-store", "content-security-policy": _POLICY, "x-frame-options": "DENY"}
_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "title": "Desk",
        "lead": "Log in to answer your shoppers.",
        "login": "Login",
        "password": "Password",
        "enter": "Log in",
        "refused": "Login and password do not belong together. Please try again.",
        "limited": "Too many tries in a short time. Please try again in {minutes} minutes.",
        "busy": "Many are logging in just now. Please try again in a moment.",
        "over": "You are logged out.",
        "forgotten": "Password forgotten? Whoever runs the server sets a new one.",
        "closed_lead": "The desk is closed: nobody has an account yet.",
        "closed": "Whoever runs the server makes the first one there:",
    },
    "zh": {
        "title": "客服台",
        "lead": "登录后即可回复顾客。",
        "login": "账号",
        "password": "密码",
        "enter": "登录",
        "refused": "账号与密码不匹配，请重试。",
        "limited": "短时间内尝试次数过多，请在 {minutes} 分钟后再试。",
        "busy": "当前登录人数较多，请稍后再试。",
        "over": "您已退出登录。",
        "forgotten": "忘记密码？请联系服务器管理员重新设置。",
        "closed_lead": "客服台尚未开放：还没有任何账号。",
        "closed": "请服务器管理员在服务器上创建第一个账号：",
    },
}


class LoginPage:
    """The pages of one shop that nobody need be logged in for."""

    def __init__(self, info: ShopInfo) -> None:
        self._info = info
        self._language = page_language(info.language, None)
        self._words = _WORDS[self._language]

    def form(
        self, status: int = 200, *, told: str = "", is_bad: bool = True, login: str = "", next_: str = ""
    ) -> Response:
        """The form; `told` names what to say above it, `next_` where to go afterwards."""
        words = self._words
        minutes = int(LOGIN_WINDOW.total_seconds() // 60)
        notice = words[told].format(minutes=minutes) if told else ""
        kind, role = ("bad", "alert") if is_bad else ("good", "status")
        body = (
            f'<p class="lead">{words["lead"]}</p>'
            + (f'<p class="notice {kind}" role="{role}">{notice}</p>' if notice else "")
            + '<form method="post" action="/desk/login">'
            + (f'<input type="hidden" name="next" value="{escape(next_)}">' if next_ else "")
            + f'<label for="login">{words["login"]}</label>'
            + f'<input id="login" name="login" value="{escape(login)}" autocomplete="username" autocapitalize="none" '
            + f'spellcheck="false" maxlength="64" required{"" if login else " autofocus"}>'
            + f'<label for="password">{words["password"]}</label>'
            + '<input id="password" name="password" type="password" autocomplete="current-password" maxlength="256" '
            + f"required{' autofocus' if login else ''}>"
            + f'<button type="submit">{words["enter"]}</button></form><p class="small">{words["forgotten"]}</p>'
        )
        retry_after_s = {429: minutes * 60, 503: BUSY_S}.get(status)
        headers = {} if retry_after_s is None else {"retry-after": str(retry_after_s)}
        return HTMLResponse(self._page(body), status, {**_HEADERS, **headers})

    def closed(self) -> Response:
        """What everybody is told before there is an account."""
        words = self._words
        body = f'<p class="lead">{words["closed_lead"]}</p><p>{words["closed"]}</p><pre>{FIRST_STEP}</pre>'
        return HTMLResponse(self._page(body), 403, _HEADERS)

    def _page(self, body: str) -> str:
        name, title = escape(self._info.name), self._words["title"]
        sheet = f"/desk/login.css?v={crc32((ASSETS / 'login.css').read_bytes()):08x}"
        return (
            f'<!doctype html><html lang="{self._language}"><head><meta charset="utf-8">'
            f"<title>{desk_title(self._info)}</title>"
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">'
            f'<link rel="icon" href="{asset_url("favicon.svg")}" type="image/svg+xml">'
            f'<link rel="stylesheet" href="{sheet}"></head><body><main>'
            f'<img src="{asset_url("favicon.svg")}" alt="" width="48" height="48">'
            f"<h1>{name}<span>{title}</span></h1>{body}</main></body></html>"
        )


def desk_title(info: ShopInfo) -> str:
    """What the browser's tab says, as HTML."""
    return f"{_WORDS[page_language(info.language, None)]['title']} · {escape(info.name)}"


def login_routes(page: LoginPage, sessions: Sessions) -> APIRouter:
    """The routes for logging in and out."""
    router = APIRouter()

    @router.get("/login")
    async def login_page(request: Request) -> Response:
        if await sessions.agent(session_token(request), is_active=False) is not None:
            return RedirectResponse(_next(request.query_params.get("next", "")), 303)
        told = "over" if "over" in request.query_params else ""
        return page.form(told=told, is_bad=False, next_=_asked_next(request.query_params.get("next", "")))

    @router.post("/login")
    async def log_in(request: Request, fields: Annotated[Mapping[str, str], Depends(_fields)]) -> Response:
        login, next_ = fields.get("login", ""), fields.get("next", "")
        try:
            token = await sessions.log_in(login, fields.get("password", ""), client_address(request.scope))
        except LoginRefused:
            return page.form(401, told="refused", login=login, next_=_asked_next(next_))
        except TooManyLogins:
            return page.form(429, told="limited", login=login, next_=_asked_next(next_))
        except LoginsBusy:
            return page.form(503, told="busy", login=login, next_=_asked_next(next_))
        answer = RedirectResponse(_next(next_), 303, {"cache-control": "no-store"})
        answer.set_cookie(
            COOKIE,
            token,
            max_age=int(SESSION_LONGEST.total_seconds()),
            path="/desk",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return answer

    @router.post("/logout")
    async def log_out(request: Request) -> Response:
        await sessions.log_out(session_token(request))
        answer = RedirectResponse("/desk/login?over", 303, {"cache-control": "no-store"})
        answer.delete_cookie(COOKIE, path="/desk", httponly=True, samesite="strict")
        return answer

    @router.get("/login.css")
    async def sheet() -> Response:
        headers = {"cache-control": "public, max-age=31536000, immutable"}
        return FileResponse(ASSETS / "login.css", media_type="text/css", headers=headers)

    return router


def session_token(request: Request) -> str:
    """The session's token of a request; "" where there is none."""
    return request.cookies.get(COOKIE, "")


def to_login(path: str, query: str) -> Response:
    """The way to the login page, and back to what was asked for where that is a page of the desk."""
    asked = _asked_next(f"{path}?{query}" if query else "")
    return RedirectResponse(
        "/desk/login" + (f"?next={quote(asked)}" if asked else ""), 303, {"cache-control": "no-store"}
    )


async def _fields(request: Request) -> Mapping[str, str]:
    """The fields of a form, each once."""
    return {name: found[0] for name, found in parse_qs((await request.body()).decode("utf-8", "replace")).items()}


def _asked_next(text: str) -> str:
    """A page of the desk, else "": nobody is sent elsewhere after logging in."""
    return text if _NEXT.fullmatch(text) else ""


def _next(text: str) -> str:
    return _asked_next(text) or "/desk/"
