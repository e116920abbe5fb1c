"""The desk as an agent meets it: what to press, and what is seen."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, expect

from assistant.store import Agent
from tests.running_app import RunningApp
from ui.desk.sessions import COOKIE


class DeskPage:
    """One open desk."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box = page.locator("#dk-box")
        self.rows = page.locator(".dk-row")
        self.log = page.locator(".dk-lines")
        self.draft = page.locator(".dk-draft[data-id]")
        self.toast = page.locator(".dk-toast:not(.dk-silent)")
        self.head = page.locator(".dk-head")
        expect(page.locator(".dk-views")).to_be_visible(timeout=15_000)

    def open(self, words: str) -> None:
        """Open the chat with these words."""
        self.rows.filter(has_text=words).first.click()
        expect(self.log).to_contain_text(words)

    def find(self, words: str) -> None:
        """Open the one chat in which these words were said."""
        self.page.locator("#dk-search").fill(words)
        expect(self.rows).to_have_count(1)
        self.rows.click()
        expect(self.log).to_contain_text(words)

    def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def button(self, name: str) -> Locator:
        """The button of that name."""
        return self.page.get_by_role("button", name=name, exact=True).locator("visible=true").last


def log_in(context: BrowserContext, app: RunningApp, agent: Agent) -> None:
    """Give a browser the session of an agent."""
    token = app.store.open_agent_session(agent.id)
    host = urlsplit(app.url).hostname
    assert host is not None
    context.add_cookies(
        [{"name": COOKIE, "value": token, "domain": host, "path": "/desk", "httpOnly": True, "sameSite": "Strict"}]
    )
