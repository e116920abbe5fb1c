"""A real Chromium, where one is found; every test here is skipped with that reason elsewhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from assistant.config import Settings
from tests.browser.chat import Chat
from tests.browser.fake_assistant import FakeAssistant
from tests.running_app import RunningApp, write_shop

expect.set_options(timeout=15_000)  # ms; how fast the page is, benchmarks say: a busy machine is no failure here

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--disable-gpu", "--disable-dev-shm-usage"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in this folder, and skip it where there is no Chromium."""
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="no chromium, chromium-browser or google-chrome is installed"))


@pytest.fixture(scope="module")  # no longer: while it lives, no other test can run an event loop
def browser() -> Iterator[Browser]:
    # Chromium refuses its sandbox to root, which is what a container usually runs as.
    flags = [*FLAGS, "--no-sandbox"] if os.getuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The application with the fake assistant; shared, since every test opens its own browser context."""
    folder = tmp_path_factory.mktemp("app")
    settings = Settings(data=folder / "data", message_chars=500)
    with RunningApp(write_shop(folder / "shop"), settings, FakeAssistant()) as running:
        yield running


@pytest.fixture
def serve() -> Iterator[Callable[..., RunningApp]]:
    """Serves a shop of the test's own, as `RunningApp` does, until every page on it is closed."""
    with ExitStack() as running:
        yield lambda *what: running.enter_context(RunningApp(*what))


@pytest.fixture
def open_chat(browser: Browser, app: RunningApp, serve: Callable[..., RunningApp]) -> Iterator[Callable[..., Chat]]:
    """Opens the chat in a browser of its own; afterwards no page may have logged an error or left this machine.

    It needs `serve` only to be closed before it: a page that outlives its server rightly logs an error.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on(
            "request",
            lambda request: complaints.append(f"left this machine: {request.url}") if _leaves(request.url) else None,
        )

    def open_one(url: str | None = None, path: str = "/", **options: object) -> Chat:
        context = browser.new_context(**{"locale": "en-US", **options})  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        watch(page)
        page.goto((url or app.url) + path)
        return Chat(page)

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def _leaves(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1"
