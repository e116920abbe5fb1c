"""What stands in front of everything: hosts, sites, bodies, proxies, framing."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.types import Message

from assistant.config import Settings
from assistant.errors import SettingsError
from ui.protection import MAX_BODY_BYTES, BodyLimit, KnownHosts, protect


def application(**settings: Any) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    @app.get("/client")
    async def client(request: Request) -> dict[str, Any]:
        return {"client": request.client.host if request.client else None, "scheme": request.url.scheme}

    protect(app, Settings(**settings))
    return app


async def ask(app: FastAPI, method: str, path: str, client: str = "127.0.0.1", **options: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app, client=(client, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened:
        return await opened.request(method, path, **options)


@pytest.mark.parametrize("size", [0, 1, MAX_BODY_BYTES])
async def test_a_body_that_is_small_enough_arrives_whole(size: int) -> None:
    answer = await ask(application(), "POST", "/length", content=b"x" * size)
    assert answer.json() == size


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_large_is_refused_as_a_problem(declared: bool) -> None:
    async def chunks() -> Any:
        for _ in range(5):
            yield b"x" * (MAX_BODY_BYTES // 4)

    content: Any = b"x" * (MAX_BODY_BYTES + 1) if declared else chunks()
    answer = await ask(application(), "POST", "/length", content=content)

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith(":too-large")


async def test_a_body_that_never_ends_is_given_up() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(0.015)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    async def never(*_: object) -> None:
        raise AssertionError("the application was asked")

    await BodyLimit(never, seconds=0.02)({"type": "http", "method": "POST", "headers": []}, receive, send)
    assert sent[0]["status"] == 408


def hosts(host: str, *allowed: str) -> KnownHosts:
    async def nothing(*_: object) -> None: ...

    return KnownHosts(nothing, Settings(host=host, allowed_hosts=",".join(allowed)))


@pytest.mark.parametrize(
    ("listens", "allowed", "asked", "known"),
    [
        ("127.0.0.1", "", "127.0.0.1:7860", True),
        ("127.0.0.1", "", "localhost", True),
        ("127.0.0.1", "", "LOCALHOST:80", True),
        ("127.0.0.1", "", "[::1]:7860", True),
        ("127.0.0.1", "", socket.gethostname(), True),
        ("127.0.0.1", "", "evil.example", False),
        ("127.0.0.1", "", "127.0.0.1.evil.example", False),
        ("127.0.0.1", "", "192.168.1.5", False),
        ("127.0.0.1", "", "", False),
        ("0.0.0.0", "", "192.168.1.5:7860", True),
        ("::", "", "[2001:db8::7]:7860", True),
        ("0.0.0.0", "", "evil.example", False),
        ("192.168.1.5", "", "192.168.1.5:7860", True),
        ("127.0.0.1", "chat.shop.example", "chat.shop.example", True),
        ("127.0.0.1", "chat.shop.example", "chat.shop.example.", True),
        ("127.0.0.1", "chat.shop.example", "shop.example", False),
        ("127.0.0.1", "*.shop.example", "chat.shop.example:443", True),
        ("127.0.0.1", "*.shop.example", "shop.example", False),
        ("127.0.0.1", "*.shop.example", "notshop.example", False),
        ("127.0.0.1", "*", "anything.example", True),
    ],
)
def test_only_hosts_that_are_meant_are_answered(listens: str, allowed: str, asked: str, known: bool) -> None:
    assert hosts(listens, *filter(None, [allowed])).knows(asked) is known


async def test_an_unknown_host_is_told_which_setting_names_it() -> None:
    answer = await ask(application(), "GET", "/client", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "SHOPKEEPER_ALLOWED_HOSTS" in answer.json()["detail"]


SHOP = "https://shop.example"


def preflight(origin: str) -> dict[str, str]:
    return {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,idempotency-key,last-event-id",
    }


async def test_pages_of_a_named_site_may_ask_without_cookies() -> None:
    app = application(allowed_origins=SHOP)
    for answer in (
        await ask(app, "OPTIONS", "/length", headers=preflight(SHOP)),
        await ask(app, "POST", "/length", headers={"origin": SHOP}),
    ):
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert "access-control-allow-credentials" not in answer.headers
        assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://shop.example.evil.example", "http://shop.example"]
)
@pytest.mark.parametrize("allowed", ["", SHOP])
async def test_pages_of_other_sites_may_not(origin: str, allowed: str) -> None:
    app = application(allowed_origins=allowed)
    refused = await ask(app, "OPTIONS", "/length", headers=preflight(origin))
    answered = await ask(app, "POST", "/length", headers={"origin": origin})

    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers
    assert "access-control-allow-origin" not in answered.headers


@pytest.mark.parametrize(
    "wrong",
    [
        {"allowed_origins": "*"},
        {"allowed_origins": "shop.example"},
        {"allowed_origins": "https://shop.example/path"},
        {"allowed_origins": "null"},
        {"frame_ancestors": "*"},
        {"frame_ancestors": "https://shop.example; script-src *"},
        {"allowed_hosts": "https://shop.example"},
        {"allowed_hosts": "shop.example:443"},
        {"trusted_proxies": "*"},
        {"trusted_proxies": "proxy.example"},
    ],
)
def test_a_setting_that_is_not_written_as_it_must_be_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong)).upper()):
        middlewares(protected(wrong))


def protected(settings: dict[str, Any]) -> FastAPI:
    app = FastAPI(openapi_url=None)
    protect(app, Settings(**settings))
    return app


def middlewares(app: FastAPI) -> Iterable[Any]:
    return [app.build_middleware_stack()]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client", "scheme"),
    [
        ("10.0.0.1", "203.0.113.7", "203.0.113.7", "https"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.7", "203.0.113.7", "https"),  # what a client claims comes first
        ("10.0.0.1", "203.0.113.7, 10.0.0.2", "203.0.113.7", "https"),
        ("192.0.2.1", "203.0.113.7", "192.0.2.1", "http"),
    ],
)
async def test_only_a_trusted_proxy_says_whose_request_it_is(
    peer: str, forwarded: str, client: str, scheme: str
) -> None:
    app = application(trusted_proxies="10.0.0.0/8")
    headers = {"x-forwarded-for": forwarded, "x-forwarded-proto": "https"}
    answer = await ask(app, "GET", "/client", client=peer, headers=headers)
    assert answer.json() == {"client": client, "scheme": scheme}


async def test_nobody_is_a_trusted_proxy_by_default() -> None:
    answer = await ask(application(), "GET", "/client", headers={"x-forwarded-for": "203.0.113.7"})
    assert json.loads(answer.text)["client"] == "127.0.0.1"


async def test_sites_that_may_frame_the_page_are_named_in_its_policy() -> None:
    plain = (await ask(application(), "GET", "/client")).headers
    assert "frame-ancestors 'self'" in plain["content-security-policy"]
    assert plain["x-frame-options"] == "SAMEORIGIN"

    framed = (await ask(application(frame_ancestors=SHOP), "GET", "/client")).headers
    assert framed["content-security-policy"].endswith(f"frame-ancestors 'self' {SHOP}")
    assert "x-frame-options" not in framed
