"""Agents at the desk while shoppers write in the widget, in real browsers: what is seen, pressed, sent, taken back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from assistant.config import Settings
from assistant.pipeline import Assistant
from assistant.storefront import FolderStorefront
from knowledge_base.live import LiveIndex
from knowledge_base.shop import open_shop
from tests import shops
from tests.browser.accessibility import serious_findings
from tests.browser.desk import DeskPage, log_in
from tests.browser.host_pages import HostPages
from tests.browser.widget import Widget
from tests.desk_agents import add_agent
from tests.running_app import RunningApp

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
OpenDesk = Callable[..., DeskPage]
OpenWidget = Callable[..., Widget]


@dataclass(frozen=True, slots=True)
class Story:
    """One agent and one shopper: what is asked, answered and asked again."""

    desk: DeskPage
    shopper: Widget
    matter: str
    question: str
    reply: str
    promised: str
    follow_up: str


@pytest.fixture(scope="module")
def pages() -> Iterator[HostPages]:
    with HostPages() as served:
        yield served


@pytest.fixture(scope="module")
def app(pages: HostPages, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The small shop, where an agent reviews every answer."""
    with served(pages, tmp_path_factory.mktemp("desk"), "copilot") as running:
        yield running


@contextmanager
def served(pages: HostPages, folder: Path, mode: str) -> Iterator[RunningApp]:
    """The small shop in a mode of the desk, with the widget on `pages`; Ann is an agent, Leo leads."""
    shop = shops.write_shop(folder / "shop", "en")
    with (shop / "shop.toml").open("a", encoding="utf-8") as settings_of_shop:
        settings_of_shop.write(f'\n[desk]\nmode = "{mode}"\nundo_seconds = 30\n')
    settings = Settings(data=folder / "data", allowed_origins=pages.url, rate_shopper="", rate_address="")
    live = LiveIndex.open(shop, settings.data, "none", progress=False)
    assistant = Assistant(live, storefront=FolderStorefront(open_shop(shop)))
    with RunningApp(shop, settings, assistant) as running:
        add_agent(running.store, "Ann")
        add_agent(running.store, "Leo", "lead")
        pages.assistant = running.url
        yield running
    live.close()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What pages complained of; nothing may be left of it."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def new_page(browser: Browser, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """A page in a browser of its own."""
    contexts: list[BrowserContext] = []

    def open_one(**options: object) -> Page:
        context = browser.new_context(**{"locale": "en-US", **options})  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        return page

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def open_desk(app: RunningApp, new_page: Callable[..., Page]) -> OpenDesk:
    def open_one(login: str = "ann", at: RunningApp = app, **options: object) -> DeskPage:
        page = new_page(**options)
        agent = at.store.agent_by_login(login)
        assert agent is not None
        log_in(page.context, at, agent)
        page.goto(at.url + "/desk/")
        return DeskPage(page)

    return open_one


@pytest.fixture
def open_widget(pages: HostPages, new_page: Callable[..., Page]) -> OpenWidget:
    def open_one(on: HostPages = pages) -> Widget:
        page = new_page()
        page.goto(on.url)
        widget = Widget(page)
        widget.open()
        return widget

    return open_one


def test_an_agent_answers_by_keyboard_and_the_shopper_sees_it(open_desk: OpenDesk, open_widget: OpenWidget) -> None:
    shopper, desk, other = open_widget(), open_desk(), open_desk("leo")
    shopper.say("What does the Fernway 2 Tent cost?")
    other.open("Fernway 2 Tent cost")
    expect(desk.rows.filter(has_text="Fernway 2 Tent cost")).to_be_visible()  # nobody loaded anything again
    expect(desk.page).to_have_title(re.compile(r"^\([1-9]\d*\) "))

    desk.page.locator("body").click(position={"x": 700, "y": 500})
    desk.press("j", "Enter")
    expect(desk.draft).to_contain_text("$189.00")
    mark = desk.draft.locator(".dk-mark", has_text="$189.00")
    mark.hover()
    expect(mark.locator(".dk-record")).to_contain_text("Fernway 2 Tent")
    expect(mark.locator(".dk-record")).to_be_visible()
    expect(shopper.panel).not_to_contain_text("$189.00")  # a draft is nothing that was said

    desk.press("t")
    expect(desk.head).to_contain_text("You answer")
    expect(other.head).to_contain_text("Ann answers")
    expect(other.draft).to_have_count(0)
    expect(other.page.locator("#dk-composer")).to_be_hidden()
    desk.press("e")
    expect(desk.box).to_be_focused()
    desk.box.press_sequentially(" Ann here!")
    desk.press("Control+Enter")
    expect(shopper.panel).to_contain_text("Ann here!")
    expect(desk.log).to_contain_text("Ann here!")
    expect(desk.box).to_have_value("")

    desk.button("Undo").click()
    expect(desk.log).to_contain_text("Taken back")
    expect(shopper.page.locator("article", has_text="Ann here!")).to_have_count(0)
    expect(desk.box).to_have_value(re.compile("Ann here!"))


def test_two_agents_and_two_shoppers_go_all_the_way_at_once(
    tmp_path: Path, open_desk: OpenDesk, open_widget: OpenWidget
) -> None:
    """Question, draft, edited, sent, seen; handed back, and asked on: answered in the light of what the person said."""
    with HostPages() as pages, served(pages, tmp_path, "autopilot") as app:
        stories = (
            Story(open_desk("ann", app), open_widget(pages), "return", "Can I return the Fernway 2 Tent after 40 days?",
                  "For you we make an exception: you can return it within 90 days.", "90 days",
                  "So until when can I return it?"),
            Story(open_desk("leo", app), open_widget(pages), "price", "How much is the Enamel Mug?",
                  "As you buy two, the Enamel Mug is $9.00 each for you.", "$9.00", "So how much is the Enamel Mug?"),
        )  # fmt: skip
        for story in stories:
            story.shopper.say(f"I want to talk to a person about a {story.matter}")
        for story in stories:
            story.desk.find(f"about a {story.matter}")
            story.desk.button("Take").click()
            expect(story.desk.head).to_contain_text("You answer")
        for story in stories:
            story.shopper.say(story.question)
        for story in stories:
            expect(story.desk.log).to_contain_text(story.question)
            expect(story.desk.draft).to_be_visible()
            draft = story.desk.draft.get_attribute("data-text")
            assert draft
            assert draft not in story.shopper.panel.inner_text()
            story.desk.press("e")
            expect(story.desk.box).to_have_value(draft)
            story.desk.box.fill(story.reply)
            story.desk.press("Control+Enter")
        for story in stories:
            expect(story.shopper.panel).to_contain_text(story.reply)
            expect(story.desk.log).to_contain_text(story.reply)
            story.desk.button("Hand back").click()
            expect(story.desk.head).to_contain_text("The assistant answers")
        for story, other in zip(stories, reversed(stories), strict=True):
            story.shopper.say(story.follow_up)
            expect(story.shopper.last).to_contain_text(story.promised)
            expect(story.shopper.last).not_to_contain_text(other.promised)
        for story in stories:
            story.desk.page.context.close()
            story.shopper.page.context.close()


def test_what_answers_an_older_message_is_not_sent_and_a_fresh_one_offered(
    app: RunningApp, open_desk: OpenDesk, open_widget: OpenWidget
) -> None:
    shopper, desk = open_widget(), open_desk()
    shopper.say("How much is the Cairn Wool Jacket?")
    desk.open("Cairn Wool Jacket")
    expect(desk.draft).to_contain_text("$149.00")
    desk.button("Take").click()
    expect(desk.head).to_contain_text("You answer")
    desk.press("e")
    desk.box.press_sequentially(" Shall I keep one?")
    desk.page.route("**/desk/api/live*", lambda route: route.abort())  # it does not hear of what comes
    shopper.say("Wait: the Larch Solo Tent, rather. What is its price?")
    expect(desk.log).to_contain_text("Larch Solo Tent, rather")
    desk.press("Control+Enter")

    expect(desk.toast).to_contain_text("Not sent: the shopper has written again")
    expect(desk.draft).to_contain_text("$99.00")
    expect(desk.page.locator(".dk-stale")).to_be_visible()
    expect(desk.box).to_have_value("")
    expect(shopper.panel).not_to_contain_text("Shall I keep one?")
    desk.button("Put my text back").click()
    expect(desk.box).to_have_value(re.compile("Shall I keep one"))


def test_products_canned_replies_and_notes_stand_by(
    app: RunningApp, open_desk: OpenDesk, open_widget: OpenWidget
) -> None:
    leo = app.store.agent_by_login("leo")
    assert leo is not None
    app.store.save_canned_reply(leo, "Greeting", "Thanks for writing to us!")
    shopper, desk = open_widget(), open_desk()
    shopper.say("Anything for the rain?")
    desk.open("Anything for the rain?")
    desk.button("Take").click()
    expect(desk.head).to_contain_text("You answer")

    desk.press("c")
    desk.page.get_by_role("button", name="Greeting").click()
    expect(desk.box).to_have_value("Thanks for writing to us!")
    desk.button("Product").click()
    desk.page.locator("#dk-panel-search").press_sequentially("rain jacket")
    desk.page.locator(".dk-choice", has_text="Mistral Rain Jacket").click()
    expect(desk.box).to_have_value(re.compile(r"Thanks.*\n\n\*\*Mistral Rain Jacket\*\* \(\$79\.50 – \$99\.00", re.S))
    desk.button("Compare").click()
    for title in ("Mistral Rain Jacket", "Cairn Wool Jacket"):
        if desk.page.locator(".dk-choice", has_text=title).count() == 0:
            desk.page.locator("#dk-panel-search").fill("jacket")
        desk.page.locator(".dk-choice", has_text=title).click()
        expect(desk.page.locator(".dk-choice[aria-pressed=true]", has_text=title)).to_be_visible()
    desk.button("Insert the table").click()
    expect(desk.box).to_have_value(re.compile(r"\| material \| nylon \| wool \|", re.I))

    desk.box.fill("")
    desk.button("Note").first.click()
    desk.box.fill("Wants it for a child")
    desk.button("Save note").click()
    expect(desk.page.locator(".dk-notes")).to_contain_text("Wants it for a child")
    expect(shopper.panel).not_to_contain_text("for a child")


def test_a_lead_reviews_what_an_agent_teaches(app: RunningApp, open_desk: OpenDesk, open_widget: OpenWidget) -> None:
    shopper, desk = open_widget(), open_desk("leo")
    shopper.say("Do you wrap presents?")
    desk.open("Do you wrap presents?")
    expect(desk.draft).to_be_visible()
    assert serious_findings(desk.page) == []
    desk.press("?")
    expect(desk.page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    assert serious_findings(desk.page) == []
    desk.press("Escape")
    desk.box.fill("Yes, we wrap presents for $3.00.")
    desk.button("Send").click()  # takes it, too
    expect(shopper.panel).to_contain_text("we wrap presents for $3.00")
    desk.button("Teach this answer").click()
    desk.button("Propose").click()
    expect(desk.toast).to_contain_text("Proposed")

    desk.button("Corrections").click()
    card = desk.page.locator(".dk-card-box", has_text="Do you wrap presents?")
    expect(card.locator("ins")).to_contain_text("for $3.00")
    card.get_by_role("button", name="Approve").click()
    expect(desk.toast).to_contain_text("Approved")
    expect(card).to_have_count(0)
    desk.button("Live").click()
    expect(card.get_by_role("button", name="Roll back")).to_be_visible()
    for name, told in (("Audit", "The chain holds."), ("Insights", "Conversations"), ("Knowledge gaps", "asked")):
        desk.button(name).click()
        expect(desk.page.locator("#dk-lead")).to_contain_text(told)


def test_an_agent_has_no_screens_of_leads_and_a_phone_one_pane_at_a_time(
    open_desk: OpenDesk, open_widget: OpenWidget
) -> None:
    shopper, desk = open_widget(), open_desk("ann", color_scheme="dark", **PHONE)
    shopper.say("How heavy is the Fernway 4 Tent?")
    expect(desk.page.locator(".dk-screens")).to_have_count(0)
    expect(desk.page.locator("#dk-log")).to_be_hidden()
    desk.open("How heavy is the Fernway 4 Tent?")
    expect(desk.rows.first).to_be_hidden()
    expect(desk.draft).to_be_visible()
    assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious_findings(desk.page) == []
    desk.page.get_by_role("button", name="Shopper and orders").click()
    expect(desk.page.locator("#dk-side")).to_contain_text("A guest")
    desk.page.locator("#dk-side [data-do=back]").click()
    desk.page.locator("#dk-head [data-do=back]").click()
    expect(desk.rows.first).to_be_visible()
