"""The login page in a real browser: by keyboard, in any light, and behind a link on another site."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, expect

from assistant.config import Settings
from tests.browser.accessibility import serious_findings
from tests.browser.fake_assistant import FakeAssistant
from tests.desk_agents import PASSWORD, add_agent
from tests.running_app import RunningApp, write_shop


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("desk")
    with RunningApp(write_shop(folder / "shop"), Settings(data=folder / "data"), FakeAssistant()) as running:
        add_agent(running.store, "ann")
        yield running


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_an_agent_logs_in_by_keyboard(browser: Browser, desk: RunningApp, scheme: str, width: int) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(desk.url + "/desk?conversation=abc")
    expect(page.locator("#login")).to_be_focused()
    page.keyboard.type("ann")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    assert serious_findings(page) == []
    expect(page.locator("#password")).to_be_focused()  # the login is kept
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(desk.url + "/desk/?conversation=abc")
    assert page.evaluate("document.cookie") == ""
    context.close()


def test_a_link_on_another_site_leads_to_the_desk_of_whoever_is_logged_in(
    browser: Browser, desk: RunningApp, tmp_path: Path
) -> None:
    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(f'<a href="{desk.url}/desk/?conversation=abc">a chat waits</a>'.encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        context = browser.new_context()
        page = context.new_page()
        page.goto(desk.url + "/desk/login")
        page.fill("#login", "ann")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(desk.url + "/desk/")
        page.goto(f"http://localhost:{server.server_port}/")
        page.get_by_text("a chat waits").click()
        page.wait_for_url(desk.url + "/desk/?conversation=abc")
        page.wait_for_function("document.querySelector('meta[http-equiv=refresh]') === null")
        assert page.locator("#login").count() == 0
        context.close()
        server.shutdown()
