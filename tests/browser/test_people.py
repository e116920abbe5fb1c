"""A person of the shop takes part: on the chat page and in the widget it is seen who speaks, and each word at once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from assistant.config import Settings
from tests.browser.accessibility import serious_findings
from tests.browser.chat import Chat
from tests.browser.fake_assistant import FakeAssistant
from tests.browser.host_pages import HostPages
from tests.browser.widget import Widget
from tests.running_app import RunningApp, write_shop

Open = Callable[..., Chat]
COPILOT = '[desk]\nmode = "copilot"\nwaiting = {en = "Maya reads this before five."}\n'
NAME = "Maya <b>L</b>"
A_MINUTE = timedelta(minutes=1)


class Desk:
    """A shop with somebody at the desk, whose words go into the store, as another worker's would."""

    def __init__(self, app: RunningApp, pages: HostPages) -> None:
        self.app, self.pages, self.store = app, pages, app.store
        self.agent = app.store.add_agent("maya", NAME, "agent", "x" * 60)

    def newest(self) -> str:
        """The conversation in which something was said last."""
        return self.store.queue("all", self.agent.id)[0].id

    def take(self, conversation: str) -> None:
        self.store.take_conversation(self.agent, conversation)

    def say(self, conversation: str, text: str) -> int:
        event = self.store.send_message(self.agent, conversation, text, secrets.token_hex(4))
        return int(event.data["message"]["id"])

    def withdraw(self, conversation: str, message: int) -> None:
        self.store.withdraw_message(self.agent, conversation, message, A_MINUTE)

    def hand_back(self, conversation: str) -> None:
        self.store.end_handoff(self.agent, conversation, "handed_back")


@contextmanager
def serving(folder: Path, more: str = "") -> Iterator[Desk]:
    shop = write_shop(folder / "shop")
    with (shop / "shop.toml").open("a", encoding="utf-8") as file:
        file.write(more)
    with HostPages() as pages:
        settings = Settings(data=folder / "data", allowed_origins=pages.url, rate_shopper="", rate_address="")
        with RunningApp(shop, settings, FakeAssistant()) as app:
            pages.assistant = app.url
            yield Desk(app, pages)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with serving(tmp_path_factory.mktemp("desk")) as served:
        yield served


@pytest.fixture
def open_widget(browser: Browser) -> Iterator[Callable[[Desk], Widget]]:
    with ExitStack() as stack:

        def open_one(desk: Desk) -> Widget:
            context = stack.enter_context(browser.new_context(locale="en-US"))
            page = context.new_page()
            page.on("pageerror", lambda error: pytest.fail(f"page error: {error}"))
            page.goto(desk.pages.url)
            widget = Widget(page)
            widget.open()
            return widget

        yield open_one


def test_on_the_page_a_person_is_named_and_each_of_their_words_comes_by_itself(open_chat: Open, desk: Desk) -> None:
    chat = open_chat(url=desk.app.url)
    who, remarks = chat.page.locator(".sk-who"), chat.page.locator(".sk-remark")
    chat.ask("A tent? And a person, please")
    conversation = desk.newest()
    expect(who).to_have_text("Waiting for a person")

    desk.take(conversation)
    expect(who).to_have_text(f"{NAME} is answering")
    first = desk.say(conversation, "**Two** are left. <script>window.hacked = 1</script>")
    expect(remarks).to_contain_text(["Two are left. <script>"])
    expect(remarks.locator("h2")).to_have_text(f"{NAME} Our team")
    expect(chat.page.locator("#sk-past .sk-turn")).to_have_count(1)  # what was answered stands above it
    desk.say(conversation, "Shall I keep one?")
    expect(remarks).to_have_count(2)

    chat.send("Yes please")
    expect(chat.last.locator(".sk-bubble")).to_have_text("Yes please")
    expect(chat.last).to_have_attribute("data-state", "left")
    expect(chat.last.locator(".sk-answer")).to_have_count(0)
    desk.withdraw(conversation, first)
    expect(remarks.first).to_contain_text("This message was taken back.")
    expect(remarks.first).not_to_contain_text("Two")
    assert serious_findings(chat.page) == []

    desk.hand_back(conversation)
    expect(who).to_have_text("Assistant")
    expect(chat.ask("Is it waterproof?").locator("h2.sk-speaker")).to_have_text("Assistant")
    shown = chat.page.locator(".sk-turn").all_inner_texts()
    assert chat.loaded_again().page.locator(".sk-turn").all_inner_texts() == shown
    assert chat.page.evaluate("window.hacked") is None
    said = [message.role for message in desk.store.history(conversation)]
    assert said == ["shopper", "assistant", "agent", "shopper", "shopper", "assistant"]


def test_a_person_who_comes_unasked_while_an_answer_is_written_is_seen_below_it(open_chat: Open, desk: Desk) -> None:
    chat = open_chat(url=desk.app.url)
    chat.send("slow please")
    expect(chat.last.locator(".sk-prose")).to_contain_text("Sentence number 0")
    conversation = desk.newest()
    desk.take(conversation)
    desk.say(conversation, "Good morning!")

    expect(chat.last).to_contain_text("Good morning!")
    expect(chat.turns.first.locator(".sk-prose")).to_contain_text("Sentence number 7")
    expect(chat.turns).to_have_count(2)
    expect(chat.page.locator("[data-running]")).to_have_count(0)


def test_a_window_that_nobody_looks_at_says_in_its_title_that_a_person_has_written(open_chat: Open, desk: Desk) -> None:
    chat = open_chat(url=desk.app.url)
    chat.ask("A person, please")
    conversation, title = desk.newest(), chat.page.title()
    chat.page.evaluate(
        "Object.defineProperty(document, 'hidden', { get: () => window.away ?? true, configurable: true })"
    )
    chat.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    desk.take(conversation)
    desk.say(conversation, "Hello?")

    expect(chat.page).to_have_title(f"● {title}")
    chat.page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
    expect(chat.page).to_have_title(title)


def test_in_the_widget_a_person_is_named_and_each_of_their_words_comes_by_itself(
    open_widget: Callable[[Desk], Widget], desk: Desk
) -> None:
    widget = open_widget(desk)
    who, remarks = widget.panel.locator(".who"), widget.panel.locator("article.agent")
    widget.ask("A tent for two?")
    conversation = desk.newest()
    expect(who).to_have_text("Assistant")

    desk.take(conversation)  # nobody asked for one
    expect(who).to_have_text(f"{NAME} is answering")
    first = desk.say(conversation, "**Two** are left. <script>window.hacked = 1</script>")
    expect(remarks).to_contain_text([f"{NAME}Two are left. <script>"])
    widget.say("Keep one, please")
    expect(widget.panel.locator("article.shopper")).to_have_count(2)
    expect(widget.panel.locator("article.assistant")).to_have_count(1)
    desk.say(conversation, "Done.")
    expect(remarks).to_have_count(2)
    desk.withdraw(conversation, first)
    expect(remarks.first).to_have_text(f"{NAME} took a message back.")

    desk.hand_back(conversation)
    expect(who).to_have_text("Assistant")
    widget.ask("Is it waterproof?")
    expect(widget.panel.locator("article")).to_have_count(7)
    widget.page.reload()
    widget = Widget(widget.page)
    expect(widget.panel.locator("article.agent")).to_have_text(f"{NAME}Done.")
    expect(widget.panel.locator("article")).to_have_count(6)  # without what was taken back
    assert widget.page.evaluate("window.hacked") is None


def test_whoever_waits_for_an_agent_is_told_once_on_page_and_in_widget_alike(
    open_chat: Open, open_widget: Callable[[Desk], Widget], tmp_path: Path
) -> None:
    with serving(tmp_path, COPILOT) as desk:
        chat = open_chat(url=desk.app.url)
        chat.send("A tent?")
        expect(chat.last.get_by_role("status")).to_have_text("Maya reads this before five.")
        expect(chat.page.locator(".sk-who")).to_have_text("Waiting for a person")
        chat.send("For two")
        expect(chat.turns).to_have_count(2)
        expect(chat.page.get_by_text("Maya reads this")).to_have_count(1)
        conversation = desk.newest()

        widget = open_widget(desk)
        widget.say("A bag?")
        told = widget.panel.locator("article.assistant")
        expect(told).to_contain_text("Maya reads this before five.")
        expect(widget.panel.locator(".who")).to_have_text("Waiting for a person")
        widget.say("For one")
        expect(widget.panel.locator("article.shopper")).to_have_count(2)
        expect(told).to_have_count(1)

        desk.take(conversation)
        desk.say(conversation, "Hello!")
        expect(chat.last).to_contain_text("Hello!")
        assert [message.role for message in desk.store.history(conversation)] == ["shopper", "shopper", "agent"]
        widget.page.context.close()
        chat.page.context.close()
