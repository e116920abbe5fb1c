"""The application over real HTTP: what it serves, what it refuses, and whose session is whose."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from assistant.config import Settings
from knowledge_base.types import Product
from tests.browser.fake_assistant import FakeAssistant, FakeIndex
from tests.integration.page_session import PageSession
from tests.running_app import RunningApp, write_shop
from ui.gate import COOKIE

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("app")
    shop = write_shop(folder / "shop", name="Müller & <b>Söhne</b>")
    (shop / "images").mkdir()
    (shop / "images" / "tent.svg").write_text(SVG, encoding="utf-8")
    (shop / "orders.jsonl").write_text('{"id": "1", "customer_id": "c"}\n', encoding="utf-8")
    (folder / "data").mkdir()
    products = {"t": Product("t", "Tent", image="images/tent.svg"), "o": Product("o", "Odd", image="orders.jsonl")}
    with RunningApp(shop, Settings(data=folder / "data"), FakeAssistant(index=FakeIndex(products))) as running:
        yield running


@pytest.fixture
def client(app: RunningApp) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=app.url, trust_env=False) as opened:
        yield opened


def test_the_probes_answer(client: httpx.Client) -> None:
    assert client.get("/healthz").text == "ok"
    assert client.get("/readyz").json() == {"ready": True, "model": "fake"}


def test_ready_is_refused_until_the_assistant_is_there_and_when_it_cannot_be(tmp_path: Path) -> None:
    with RunningApp(write_shop(tmp_path / "shop"), Settings(data=tmp_path / "data")) as early:
        assert httpx.get(early.url + "/healthz", trust_env=False).status_code == 200
        assert httpx.get(early.url + "/readyz", trust_env=False).status_code == 503
        early.opening.set_exception(RuntimeError("a secret"))
        answer = httpx.get(early.url + "/readyz", trust_env=False)
        assert answer.status_code == 503
        assert "secret" not in answer.text


def test_the_page_is_the_shops_from_the_first_bytes(client: httpx.Client) -> None:
    page = client.get("/").text

    assert "<title>Müller &amp; &lt;b&gt;Söhne&lt;/b&gt;</title>" in page
    assert "@Gradio" not in page
    assert "raw.githubusercontent.com" not in page
    assert "/ui/chat.css?v=" in page


@pytest.mark.parametrize("path", ["/", "/healthz", "/ui/chat.css", "/pictures/tent-blue.svg", "/nothing"])
def test_every_answer_carries_the_security_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert "default-src" in headers["content-security-policy"]
    assert "server" not in headers


def test_assets_icon_and_manifest_are_served_here(client: httpx.Client) -> None:
    for path, kind in (
        ("/ui/chat.css", "text/css"),
        ("/ui/chat.js", "text/javascript"),
        ("/ui/favicon.svg", "image/svg+xml"),
        ("/favicon.ico", "image/svg+xml"),
        ("/manifest.json", "application/manifest+json"),
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
    assert client.get("/manifest.json").json()["name"] == "Müller & <b>Söhne</b>"


def test_a_shops_picture_is_served_in_a_sandbox(client: httpx.Client) -> None:
    answer = client.get("/shop-images/images/tent.svg")

    assert answer.text == SVG
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/shop-images/orders.jsonl",
        "/shop-images/shop.toml",
        "/shop-images/../shop.toml",
        "/shop-images/images/..%2f..%2fdata%2fconversations.db",
        "/shop-images//etc/passwd",
        "/ui/..%2f__main__.py",
        "/ui/pictures.svg%00.css",
        "/pictures/..%2fchat.css",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/proxy=https://example.com",
        "/gradio_api/info",
        "/gradio_api/openapi.json",
        "/gradio_api/vibe-code",
        "/gradio_api/token",
        "/gradio_api/runs",
        "/gradio_api/call/say/1",
        "/gradio_api/deep_link?session_hash=x",
        "/monitoring",
        "/docs",
        "/openapi.json",
        "/login",
        "/assets/../../../../etc/passwd",
    ],
)
def test_nothing_else_can_be_read(app: RunningApp, path: str) -> None:
    answer = httpx.get(httpx.URL(app.url).copy_with(raw_path=path.encode()), trust_env=False)

    assert answer.status_code in (400, 403, 404)
    assert "root:" not in answer.text
    assert "customer_id" not in answer.text


@pytest.mark.parametrize(
    "path", ["upload", "run/say", "api/say", "call/say", "component_server", "vibe-edit", "stream/x"]
)
def test_nothing_else_can_be_written(client: httpx.Client, path: str) -> None:
    assert client.post(f"/gradio_api/{path}", json={"data": []}).status_code == 404


def test_a_body_that_is_too_large_is_refused(client: httpx.Client) -> None:
    answer = client.post("/gradio_api/queue/join", content=b"x" * 300_000, headers={"content-type": "application/json"})

    assert answer.status_code == 413


def test_another_site_cannot_speak_for_a_shopper(client: httpx.Client) -> None:
    client.get("/")
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        for answer in (
            client.post("/gradio_api/queue/join", json={}, headers={"origin": origin}),
            client.get("/config", headers={"origin": origin}),
        ):
            assert answer.status_code == 403
            assert "access-control-allow-origin" not in answer.headers


def test_a_conversation_works_over_plain_requests(app: RunningApp) -> None:
    with PageSession(app.url) as session:
        assert "Larkspur 2" in session.ask("A tent?")
        session.ask("And for three?")
    assert app.assistant.turns[-1].history[0].text == "A tent?"


def test_a_session_belongs_to_the_browser_that_opened_it(app: RunningApp) -> None:
    with PageSession(app.url) as ann, httpx.Client(base_url=app.url, trust_env=False) as eve:
        eve.get("/")
        assert eve.cookies[COOKIE] != ann.client.cookies[COOKIE]
        stolen = {"session_hash": ann.session_hash}
        body = {"data": ["x", None], "fn_index": 1, "event_data": None, **stolen}
        answers = [
            eve.get("/gradio_api/queue/data", params=stolen),
            eve.get(f"/gradio_api/heartbeat/{ann.session_hash}"),
            eve.post("/gradio_api/queue/join", json=body),
            eve.post("/gradio_api/cancel", json={**stolen, "fn_index": 1, "event_id": "e"}),
        ]
    assert [answer.status_code for answer in answers] == [403] * 4


def test_the_browsers_cookie_cannot_be_read_by_scripts(client: httpx.Client) -> None:
    cookie = client.get("/").headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "set-cookie" not in client.get("/").headers


@pytest.mark.parametrize(
    "event_data",
    [
        {"do": "edit", "position": 99, "text": "x"},
        {"do": "edit", "position": -1, "text": ["x"]},
        {"do": "retry", "position": "0"},
        {"do": "retry"},
        {"do": "say", "text": {"a": 1}},
        {"do": "vote", "position": True},
        {"do": "nothing"},
        [],
        "x",
    ],
)
def test_made_up_events_do_no_harm(app: RunningApp, event_data: object) -> None:
    with PageSession(app.url) as session:
        session.ask("A tent?")
        list(session.run("submit", [None, None], event_data))
        list(session.run("like", [None], event_data))
        assert "Larkspur 2" in session.ask("A tent?")


def test_more_shoppers_than_gradio_allows_by_default_are_answered_together(tmp_path: Path) -> None:
    assistant = FakeAssistant(pause_s=0.05)
    settings = Settings(data=tmp_path / "data", concurrency=8)
    with RunningApp(write_shop(tmp_path / "shop"), settings, assistant) as app, ExitStack() as stack:
        sessions = [stack.enter_context(PageSession(app.url)) for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            first = list(pool.map(lambda session: session.first_words_s("A tent?"), sessions))
    assert max(first) < 5
