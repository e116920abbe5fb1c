"""Who passes the desk's gate, whose a Gradio session is, and how the login page answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from fastapi import FastAPI
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from assistant.errors import StoreError
from assistant.store import Agent, Store
from assistant.store.agents import LOGIN_LIMIT
from knowledge_base.shop import ShopInfo
from tests.desk_agents import CHEAP, PASSWORD, add_agent
from tests.timing import cpu_seconds
from ui.desk.gate import IDLE_HEADER, DeskGate, agent_of_scope
from ui.desk.login import LoginPage, login_routes
from ui.desk.passwords import Passwords
from ui.desk.sessions import COOKIE, LoginRefused, Sessions

HASH = "abc123"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path)
    yield opened
    opened.close()


async def behind(scope: Scope, receive: Receive, send: Send) -> None:
    """What lies behind the gate: it tells who came through."""
    if scope["path"].endswith("/api/live"):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        await asyncio.sleep(60)
    agent: Agent = agent_of_scope(scope)
    body = (await receive()).get("body", b"") if scope["method"] == "POST" else b""
    await JSONResponse({"agent": agent.name, "body": body.decode()})(scope, receive, send)


def gate_of(store: Store, look_again_s: float = 2.0) -> DeskGate:
    return DeskGate(behind, Sessions(store, CHEAP), LoginPage(ShopInfo("Shop")), look_again_s=look_again_s)


@asynccontextmanager
async def browser(gate: Any, token: str = "", scheme: str = "http") -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(gate, raise_app_exceptions=True),
        base_url=f"{scheme}://desk.example",
        cookies={COOKIE: token} if token else None,
        headers={"origin": f"{scheme}://desk.example"},
    ) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/desk/gradio_api/queue/data?session_hash={HASH}", None),
        ("GET", f"/desk/gradio_api/queue/data?x=1&session_hash=other&session_hash={HASH}", None),
        ("GET", f"/desk/gradio_api/heartbeat/{HASH}", None),
        ("GET", f"/desk/config?session_hash={HASH}", None),
        ("POST", "/desk/gradio_api/queue/join", {"session_hash": HASH, "fn_index": 0, "data": []}),
        ("POST", "/desk/gradio_api/cancel", {"session_hash": HASH, "fn_index": 0, "event_id": "e"}),
        ("POST", "/desk/gradio_api/reset", {"session_hash": HASH, "event_id": "e"}),
        ("POST", f"/desk/gradio_api/queue/join?session_hash={HASH}", {"session_hash": "other"}),
    ],
)
async def test_another_agents_gradio_session_gives_nothing(
    store: Store, method: str, path: str, body: dict[str, Any] | None
) -> None:
    gate, ann, eve = gate_of(store), add_agent(store, "ann"), add_agent(store, "eve", "merchant")
    async with (
        browser(gate, store.open_agent_session(ann.id)) as hers,
        browser(gate, store.open_agent_session(ann.id)) as hers_elsewhere,
        browser(gate, store.open_agent_session(eve.id)) as thiefs,
    ):
        opened = await hers.post("/desk/gradio_api/queue/join", json={"session_hash": HASH, "fn_index": 0})
        assert opened.json()["agent"] == "ann"
        assert json.loads(opened.json()["body"])["session_hash"] == HASH
        for other in (thiefs, hers_elsewhere):
            stolen = await other.request(method, path, json=body)
            assert stolen.status_code == 403
            assert "ann" not in stolen.text
        assert (await hers.request(method, path.replace("other", HASH), json=body)).status_code == 200 or body


async def test_no_number_of_pages_makes_the_gate_forget_whose_anothers_is(store: Store) -> None:
    gate, ann, eve = gate_of(store), add_agent(store, "ann"), add_agent(store, "eve")
    async with (
        browser(gate, store.open_agent_session(ann.id)) as hers,
        browser(gate, store.open_agent_session(eve.id)) as thiefs,
    ):
        assert (await hers.get(f"/desk/gradio_api/heartbeat/{HASH}")).status_code == 200
        for n in range(300):
            await thiefs.get(f"/desk/gradio_api/heartbeat/x{n}")
        assert (await thiefs.get(f"/desk/gradio_api/heartbeat/{HASH}")).status_code == 403
        assert (await hers.get(f"/desk/gradio_api/heartbeat/{HASH}")).status_code == 200
    assert len(gate._session_of) == 201


async def test_what_a_page_asks_for_by_itself_keeps_no_session_open(store: Store) -> None:
    asked: list[bool] = []

    class Watched(Sessions):
        async def agent(self, token: str, *, is_active: bool = True) -> Agent | None:
            asked.append(is_active)
            return await super().agent(token, is_active=is_active)

    gate = DeskGate(behind, Watched(store, CHEAP), LoginPage(ShopInfo("Shop")))
    async with browser(gate, store.open_agent_session(add_agent(store, "ann").id)) as client:
        await client.get("/desk/api/me")
        await client.get("/desk/api/me", headers={IDLE_HEADER: "1"})
        await client.get(f"/desk/gradio_api/heartbeat/{HASH}")
        await client.get("/desk/gradio_api/queue/data")
    assert asked == [True, False, False, False]


async def test_a_stream_is_cut_when_the_session_ends(store: Store) -> None:
    gate = gate_of(store, look_again_s=0.02)
    token = store.open_agent_session(add_agent(store, "ann").id)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if message.get("body") == b"begun":
            store.close_agent_session(token)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/desk/api/live",
        "query_string": b"",
        "headers": [(b"host", b"desk.example"), (b"cookie", f"{COOKIE}={token}".encode())],
    }
    async with asyncio.timeout(5):
        await gate(scope, receive, send)
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


async def test_a_store_that_is_away_lets_nobody_in(store: Store) -> None:
    class Away(Sessions):
        async def agent(self, token: str, *, is_active: bool = True) -> Agent | None:
            raise StoreError("the database is away")

    gate = DeskGate(behind, Away(store, CHEAP), LoginPage(ShopInfo("Shop")))
    async with browser(gate, store.open_agent_session(add_agent(store, "ann").id)) as client:
        answer = await client.get("/desk/api/me")
    assert answer.status_code == 503
    assert "away" not in answer.text


async def test_a_web_socket_is_refused(store: Store) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await gate_of(store)({"type": "websocket", "path": "/desk/gradio_api/queue/join"}, lambda: None, send)  # type: ignore[arg-type,return-value]
    assert sent == [{"type": "websocket.close", "code": 1008}]


def login_app(store: Store, language: str = "en") -> FastAPI:
    app = FastAPI()
    page = LoginPage(ShopInfo("Shop <1>", language))
    app.include_router(login_routes(page, Sessions(store, CHEAP)), prefix="/desk")
    return app


async def test_wrong_unknown_and_disabled_are_answered_alike(store: Store) -> None:
    add_agent(store, "ann")
    store.disable_agent(add_agent(store, "gone").id)
    store.add_agent("nopassword", "No password yet")
    answers = []
    async with browser(login_app(store)) as client:
        for login, password in (
            ("ann", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD), ("nopassword", ""), ("", ""), ("'\"><b>", "x"),
        ):  # fmt: skip
            answer = await client.post("/desk/login", data={"login": login, "password": password})
            assert answer.status_code == 401
            assert COOKIE not in answer.cookies
            assert "<b>" not in answer.text
            answers.append(
                answer.text.replace(f'value="{login}"', 'value=""').replace("required autofocus", "required")
            )
    assert len(set(answers[:4])) == 1


async def test_the_tenth_wrong_password_is_the_last_that_is_looked_at(store: Store) -> None:
    add_agent(store, "ann")
    async with browser(login_app(store)) as client:
        wrong = {"login": "ann", "password": "wrong"}
        seen = [(await client.post("/desk/login", data=wrong)).status_code for _ in range(LOGIN_LIMIT + 1)]
        assert seen == [401] * LOGIN_LIMIT + [429]
        right = await client.post("/desk/login", data={"login": "Ann", "password": PASSWORD})
        assert right.status_code == 429
        assert right.headers["retry-after"] == "900"
        assert "15 minutes" in right.text
        assert COOKIE not in right.cookies


async def test_a_flood_of_log_ins_keeps_nobody_waiting_for_long(store: Store) -> None:
    add_agent(store, "ann")
    async with browser(login_app(store)) as client:
        tries = [client.post("/desk/login", data={"login": f"nobody{n}", "password": "x"}) for n in range(60)]
        statuses = [answer.status_code for answer in await asyncio.gather(*tries)]
        assert statuses.count(503) == 20
        assert set(statuses) == {401, 429, 503}
        assert (await client.get("/desk/login")).status_code == 200


async def test_the_cookie_is_for_https_alone_where_there_is_https(store: Store) -> None:
    add_agent(store, "ann")
    for scheme in ("http", "https"):
        async with browser(login_app(store), scheme=scheme) as client:
            entered = await client.post("/desk/login", data={"login": "ann", "password": PASSWORD})
            assert ("Secure" in entered.headers["set-cookie"]) == (scheme == "https")


@pytest.mark.parametrize(
    "to", ["//evil.example/", "https://evil.example/desk/", "/desk/../", "/desk/?x=1", "/", "/desk/?conversation=a\nb"]
)
async def test_nobody_is_sent_elsewhere_after_logging_in(store: Store, to: str) -> None:
    add_agent(store, "ann")
    async with browser(login_app(store)) as client:
        entered = await client.post("/desk/login", data={"login": "ann", "password": PASSWORD, "next": to})
        assert entered.headers["location"] == "/desk/"


async def test_the_login_page_speaks_the_shops_language_and_runs_no_script(store: Store) -> None:
    add_agent(store, "ann")
    async with browser(login_app(store, "zh")) as client:
        page = await client.get("/desk/login")
    assert "登录" in page.text
    assert '<html lang="zh">' in page.text
    assert "Shop &lt;1&gt;" in page.text
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_a_password_that_was_hashed_at_other_costs_is_hashed_anew(store: Store) -> None:
    agent = add_agent(store, "ann")
    dear = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    token = await Sessions(store, dear).log_in("ann", PASSWORD, "127.0.0.1")
    found = store.agent_and_password("ann")
    assert found is not None
    assert not dear.is_outdated(found[1])
    assert dear.fits(PASSWORD, found[1])
    assert store.agent_of_session(token) == agent


def test_an_unknown_login_takes_as_long_as_a_wrong_password() -> None:
    passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=8 * 1024, parallelism=1))
    kept = passwords.hashed(PASSWORD)
    wrong = cpu_seconds(lambda: passwords.fits("wrong", kept), enough=0.0)
    unknown = cpu_seconds(lambda: passwords.fits("wrong", None), enough=0.0)
    assert 0.5 < unknown / wrong < 2.0


def test_a_guess_costs_what_is_advised() -> None:
    kept = extract_parameters(Passwords().hashed(PASSWORD))
    assert (kept.type, kept.memory_cost, kept.time_cost) == (Type.ID, 64 * 1024, 3)  # RFC 9106, section 4


async def test_a_refusal_says_nothing_of_what_was_wrong(store: Store) -> None:
    add_agent(store, "ann")
    with pytest.raises(LoginRefused) as refused:
        await Sessions(store, CHEAP).log_in("ann", "wrong", "127.0.0.1")
    assert str(refused.value) == ""
