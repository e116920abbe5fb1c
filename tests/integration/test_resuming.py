"""A page that is loaded again goes on where the browser was, and only that browser's page does."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.config import Settings
from assistant.pipeline import Assistant
from assistant.store import Store
from assistant.types import Turn
from tests.browser.fake_assistant import FakeAssistant
from tests.integration.page_session import PageSession
from tests.running_app import RunningApp, write_shop
from ui.gate import COOKIE
from ui.restoring import restore


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def app(tmp_path: Path, settings: Settings) -> Iterator[RunningApp]:
    with RunningApp(write_shop(tmp_path / "shop"), settings, FakeAssistant()) as running:
        yield running


def test_a_reload_shows_the_conversation_and_goes_on_with_it(app: RunningApp) -> None:
    with PageSession(app.url) as before:
        before.ask("A tent?")
        before.ask("And a second one?")
    with PageSession(app.url, before.client.cookies) as again:
        assert "A tent?" in again.opened and "And a second one?" in again.opened
        again.ask("A third?")

    first, *_, last = app.assistant.turns
    assert last.conversation_id == first.conversation_id
    assert [message.text for message in last.history[::2]] == ["A tent?", "And a second one?"]


def test_a_conversation_outlives_the_server_with_what_follow_ups_need(
    tmp_path: Path, app: RunningApp, settings: Settings
) -> None:
    with PageSession(app.url) as before:
        before.ask("A tent?")
        before.ask("again, with a spelling misteak")
        list(before.run("submit", [None, None], {"do": "edit", "position": 1, "text": "again, spelled well"}))
    told = app.assistant.turns[-1]
    with (
        RunningApp(write_shop(tmp_path / "shop"), settings, FakeAssistant()) as restarted,
        PageSession(restarted.url, before.client.cookies) as again,
    ):
        assert "spelled well" in again.opened
        assert "misteak" not in again.opened
        assert "Larkspur 2" in again.opened
        again.ask("Is it waterproof?")
        went_on = restarted.assistant.turns[-1]

    assert went_on.conversation_id == told.conversation_id
    assert went_on.history[:2] == told.history
    assert went_on.history[2].text == "again, spelled well"


def test_a_new_chat_stays_new_after_a_reload(app: RunningApp) -> None:
    with PageSession(app.url) as before:
        before.ask("My name is Ann")
        list(before.run_button("sk-new"))
    with PageSession(app.url, before.client.cookies) as again:
        assert "Ann" not in again.opened
        assert "sk-welcome" in again.opened
        again.ask("Who am I?")

    assert app.assistant.turns[-1].history == ()


@pytest.mark.parametrize("cookie", [None, "", "made up", "x" * 5000, "%00"])
def test_another_browser_sees_nothing_of_it(app: RunningApp, cookie: str | None) -> None:
    with PageSession(app.url) as ann:
        ann.ask("My name is Ann")
    cookies = httpx.Cookies() if cookie is None else httpx.Cookies({COOKIE: cookie})
    with PageSession(app.url, cookies) as eve:
        assert "Ann" not in eve.opened
        assert "sk-welcome" in eve.opened


def test_a_conversation_that_was_deleted_or_is_damaged_starts_anew_without_a_word(
    app: RunningApp, settings: Settings
) -> None:
    with PageSession(app.url) as before:
        before.ask("A tent?")
        list(before.run_button("sk-new"))  # nothing keeps the conversation but the database
        before.ask("A bag?")
    gone = app.assistant.turns[-1].conversation_id
    with sqlite3.connect(settings.data / "conversations.db") as database:
        database.execute("DELETE FROM messages WHERE conversation_id = ?", (gone,))
    database.close()
    restarted = RunningApp(app._shop.folder, settings, FakeAssistant())
    with restarted, PageSession(restarted.url, before.client.cookies) as again:
        assert "A bag?" not in again.opened
        assert "sk-welcome" in again.opened
        assert "Larkspur 2" in again.ask("A tent?")


def test_a_conversation_that_is_erased_while_its_page_is_open_begins_anew(app: RunningApp) -> None:
    with PageSession(app.url) as open_page:
        open_page.ask("A tent?")
        gone = app.assistant.turns[-1].conversation_id
        app.store.erase_conversation(gone)
        assert "Larkspur 2" in open_page.ask("A bag?")
        assert app.store.conversation(gone) is None
        assert app.assistant.turns[-1].history == ()
    with PageSession(app.url, open_page.client.cookies) as again:
        assert "A bag?" in again.opened and "A tent?" not in again.opened


def test_a_message_costs_no_more_in_a_long_conversation(app: RunningApp) -> None:
    app.assistant.pause_s = 0
    with PageSession(app.url) as session:
        sent = [len(session.ask("A tent?")) for _ in range(30)]
    gc.collect()
    assert max(sent[5:]) < 1.5 * min(sent[5:])


@pytest.mark.parametrize(
    "text",
    ["show me tents under $200", "how long can I return things, and what is your cheapest tent?", "compare your tents",
     "is the second one lighter?", "can you gift wrap it?", "let me talk to a person", "how many tents in red?"],
)  # fmt: skip
async def test_every_reply_comes_back_from_the_store_as_it_was(text: str, tmp_path: Path, assistant: Assistant) -> None:
    reply = await assistant.answer(Turn("c", text))
    store = Store.open(tmp_path)
    store.append_message("c", "shopper", text)
    store.append_message("c", "assistant", reply.text, reply)

    (exchange,) = restore(store.history("c"))

    assert (exchange.answer, exchange.products, exchange.citations) == (reply.text, reply.products, reply.citations)
    assert (exchange.suggestions, exchange.proposals) == (reply.suggestions, reply.proposals)
    assert (exchange.handoff, exchange.fallback) == (reply.handoff, reply.fallback)
    store.close()
