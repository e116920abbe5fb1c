"""The desk over real HTTP: nothing of it is anybody's who is not logged in, or has not the role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

from assistant.config import Settings
from assistant.pipeline import Assistant
from assistant.store import ROLES, Agent, Role, Store, secret_hash
from assistant.store.agents import SESSION_IDLE
from assistant.store.tables import agent_sessions
from tests.browser.fake_assistant import FakeAssistant
from tests.desk_agents import PASSWORD, add_agent, browser, logged_in
from tests.running_app import RunningApp, write_shop
from ui.desk.application import MountedDesk
from ui.desk.routes import Requires
from ui.desk.sessions import COOKIE

OPEN = {("GET", "/login"), ("POST", "/login"), ("GET", "/login.css")}
GRADIOS = (
    ("GET", "/"),
    ("GET", "/config"),
    ("GET", "/theme.css"),
    ("GET", "/gradio_api/startup-events"),
    ("GET", "/gradio_api/app_id"),
    ("GET", "/gradio_api/heartbeat/abc"),
    ("GET", "/gradio_api/queue/data"),
    ("POST", "/gradio_api/queue/join"),
    ("POST", "/gradio_api/cancel"),
    ("POST", "/gradio_api/reset"),
)
NEVER = (
    ("GET", "/gradio_api/info"),
    ("GET", "/gradio_api/token"),
    ("GET", "/gradio_api/openapi.json"),
    ("GET", "/gradio_api/file=/etc/passwd"),
    ("POST", "/gradio_api/upload"),
    ("POST", "/gradio_api/call/x"),
    ("POST", "/gradio_api/run/predict"),
    ("GET", "/monitoring"),
    ("GET", "/logout"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("PUT", "/config"),
    ("DELETE", "/"),
    ("OPTIONS", "/"),
    ("GET", "/files/..%2flogin.py"),
    ("GET", "/nothing"),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, assistant: Assistant) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("desk")
    shop = write_shop(folder / "shop", name="Müller & <b>Söhne</b>")
    settings = Settings(data=folder / "data", frame_ancestors="https://shop.example")
    with RunningApp(shop, settings, assistant) as running:
        for role in ROLES:
            add_agent(running.store, role, role)
        yield running


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[RunningApp]:
    """A shop in which nobody has an account."""
    with RunningApp(write_shop(tmp_path / "shop"), Settings(data=tmp_path / "data"), FakeAssistant()) as running:
        yield running


def agent(app: RunningApp, role: Role) -> Agent:
    found = app.store.agent_by_login(role)
    assert found is not None
    return found


def routes_of(app: RunningApp) -> list[tuple[str, str, Role | None]]:
    """Every route of the desk that is not Gradio's: method, path, and the role it says it is for."""
    assert app.app is not None
    desk: MountedDesk = app.app.state.desk
    found: list[tuple[str, str, Role | None]] = []
    for route in (route for router in desk.routers for route in router.routes):
        assert isinstance(route, APIRoute)
        roles = [one.call.role for one in route.dependant.dependencies if isinstance(one.call, Requires)]
        assert len(roles) <= 1
        found += [(method, route.path, roles[0] if roles else None) for method in route.methods]
    return found


def status(client: httpx.Client, method: str, path: str) -> tuple[int, str]:
    """The status of an answer, which may be an endless one, and of what type the problem is."""
    path = re.sub(r"{\w+(:\w+)?}", "none-of-this-name", path)
    with client.stream(method, "/desk" + path, json={} if method != "GET" else None) as answer:
        if answer.headers.get("content-type") != "application/problem+json":
            return answer.status_code, ""
        answer.read()
        return answer.status_code, str(answer.json()["type"]).rpartition(":")[2]


def test_every_route_is_refused_without_a_session_and_with_one_that_is_over(app: RunningApp) -> None:
    gone = add_agent(app.store, "gone")
    with logged_in(app.url, app.store, gone) as disabled:
        app.store.disable_agent(gone.id)
        with (
            browser(app.url) as nobody,
            browser(app.url, "A" * 43) as invented,
            logged_in(app.url, app.store, agent(app, "merchant")) as expired,
            logged_in(app.url, app.store, agent(app, "merchant")) as idle,
            logged_in(app.url, app.store, agent(app, "merchant")) as leaving,
            browser(app.url, leaving.cookies[COOKIE]) as logged_out,
        ):
            past = datetime.now(UTC) - timedelta(seconds=1)
            _age(app.store, expired, expires_at=past)
            _age(app.store, idle, seen_at=past - SESSION_IDLE)
            assert leaving.post("/desk/logout").status_code == 303
            tried = 0
            for method, path, _ in (*routes_of(app), *((*one, None) for one in (*GRADIOS, *NEVER))):
                if (method, path) in OPEN:
                    continue
                for client in (nobody, disabled, expired):
                    tried += 1
                    assert status(client, method, path)[0] in (401, 303), (method, path)
            for client in (invented, idle, logged_out):
                assert status(client, "GET", "/api/me") == (401, "unauthorized")
    assert tried > 150


def test_every_route_is_refused_with_a_role_below_the_one_it_is_for(app: RunningApp) -> None:
    for role in ROLES:
        with logged_in(app.url, app.store, agent(app, role)) as client:
            for method, path, needed in routes_of(app):
                if (method, path) in OPEN or path in ("/logout", "/files/{name}"):
                    continue
                assert needed is not None, f"{method} {path} does not say which role it is for"
                answer = status(client, method, path)
                if ROLES.index(role) < ROLES.index(needed):
                    assert answer == (403, "role"), (role, method, path)
                else:
                    assert answer[0] not in (401, 403, 500), (role, method, path, answer)


def test_what_the_page_does_not_need_is_there_for_nobody(app: RunningApp) -> None:
    with logged_in(app.url, app.store, agent(app, "merchant")) as client:
        for method, path in NEVER:
            assert status(client, method, path)[0] in (404, 405), (method, path)


def test_nothing_is_changed_for_a_page_of_another_site(app: RunningApp) -> None:
    with logged_in(app.url, app.store, agent(app, "merchant")) as client:
        for origin in ("https://evil.example", "null", ""):
            assert client.post("/desk/logout", headers={"origin": origin}).status_code == 403
        for origin in ("https://evil.example", None):
            headers = {"origin": origin} if origin is not None else {}
            if origin is None:
                del client.headers["origin"]
            for method, path, _ in routes_of(app):
                if method != "GET":
                    path = re.sub(r"{\w+}", "x", path)
                    answer = client.request(method, "/desk" + path, headers=headers, json={})
                    assert answer.status_code == 403, (method, path)
        assert client.get("/desk/api/me").status_code == 200


def test_before_there_is_an_agent_the_desk_says_how_to_add_one(empty: RunningApp) -> None:
    with browser(empty.url) as client:
        for path in ("/desk/", "/desk", "/desk/login"):
            page = client.get(path, follow_redirects=True)
            assert page.status_code == 403
            assert "python -m ui agents add NAME" in page.text
        for method, path, _ in (*routes_of(empty), *((*one, None) for one in (*GRADIOS, *NEVER))):
            if path != "/login.css":
                assert status(client, method, path)[0] == 403, (method, path)
        add_agent(empty.store, "ann")
        assert client.get("/desk/login").status_code == 200
        assert status(client, "GET", "/api/me")[0] == 401


def test_logging_in_and_out(app: RunningApp) -> None:
    add_agent(app.store, "Ann Lee".replace(" ", "."))
    with browser(app.url) as client:
        asked = client.get("/desk/?conversation=abc-1")
        assert asked.headers["location"] == "/desk/login?next=/desk/%3Fconversation%3Dabc-1"
        form = client.get(asked.headers["location"])
        assert 'name="next" value="/desk/?conversation=abc-1"' in form.text
        assert "Müller &amp; &lt;b&gt;Söhne&lt;/b&gt;" in form.text
        fields = {"login": "ANN.lee", "password": PASSWORD, "next": "/desk/?conversation=abc-1"}
        entered = client.post("/desk/login", data=fields)
        assert (entered.status_code, entered.headers["location"]) == (303, "/desk/?conversation=abc-1")
        cookie = entered.headers["set-cookie"]
        for part in ("HttpOnly", "Path=/desk", "SameSite=strict"):
            assert part in cookie
        assert client.get("/desk/api/me").json()["name"] == "Ann.Lee"
        assert client.get("/desk/login").headers["location"] == "/desk/"
        token = client.cookies[COOKIE]
        out = client.post("/desk/logout")
        assert out.headers["location"] == "/desk/login?over"
        assert COOKIE not in client.cookies
        with browser(app.url, token) as thief:
            assert thief.get("/desk/api/me").status_code == 401


def test_behind_a_link_of_another_site_the_page_asks_once_more_for_itself(app: RunningApp) -> None:
    with browser(app.url) as client:  # whose strict cookie is not sent along with such a request
        page = client.get("/desk/", headers={"sec-fetch-site": "cross-site"})
        assert page.status_code == 200
        assert 'http-equiv="refresh"' in page.text
        assert client.get("/desk/", headers={"sec-fetch-site": "same-origin"}).status_code == 303


def test_the_desk_is_shown_in_no_frame_of_another_site(app: RunningApp) -> None:
    with logged_in(app.url, app.store, agent(app, "agent")) as client:
        for path in ("/desk/", "/desk/login", "/desk/api/me", "/desk/nothing"):
            headers = client.get(path).headers
            assert "shop.example" not in headers["content-security-policy"]
            assert "frame-ancestors" in headers["content-security-policy"] or path == "/desk/login"
            assert headers["x-frame-options"] in ("DENY", "SAMEORIGIN")
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store"
        assert "shop.example" in client.get("/").headers["content-security-policy"]


def test_a_live_stream_ends_with_the_session(app: RunningApp) -> None:
    leaving = add_agent(app.store, "leaving")
    with (
        logged_in(app.url, app.store, leaving) as client,
        client.stream("GET", "/desk/api/live", timeout=10) as stream,
    ):
        lines = stream.iter_lines()
        assert any(line == "event: queue" for line in lines)
        app.store.disable_agent(leaving.id)
        for _ in lines:
            pass
        assert client.get("/desk/api/me").status_code == 401


def test_leads_read_the_audit(app: RunningApp) -> None:
    with logged_in(app.url, app.store, agent(app, "lead")) as client:
        rows = client.get("/desk/api/audit", params={"limit": 3}).json()["rows"]
        assert len(rows) == 3
        older = client.get("/desk/api/audit", params={"before": rows[-1]["number"], "limit": 1}).json()["rows"]
        assert older[0]["hash"] == rows[-1]["previous_hash"]
        assert client.get("/desk/api/audit/check").json() == {"holds": True, "fault": None}
        assert client.get("/desk/api/audit", params={"limit": 0}).status_code == 422


def _age(store: Store, client: httpx.Client, **values: datetime) -> None:
    """Let the newest session of a browser have begun or ended at another time."""
    named = agent_sessions.c.token_hash == secret_hash(client.cookies[COOKIE])
    with store.database.writing() as connection:
        assert connection.execute(agent_sessions.update().where(named).values(values)).rowcount == 1
