"""The widget on a shop's own pages, in a real browser: on another origin, under a strict content security policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from assistant.config import Settings
from tests.browser.accessibility import serious_findings
from tests.browser.fake_assistant import FakeAssistant
from tests.browser.host_pages import HostPages
from tests.browser.widget import Widget
from tests.running_app import RunningApp, write_shop

Open = Callable[..., Widget]
OFFLINE = "The shop cannot be reached"


@pytest.fixture(scope="module")
def pages() -> Iterator[HostPages]:
    with HostPages() as served:
        yield served


def settings_for(pages: HostPages, data: Path) -> Settings:
    return Settings(data=data, allowed_origins=pages.url, rate_shopper="", rate_address="")


@pytest.fixture(scope="module")
def app(pages: HostPages, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("widget")
    shop = write_shop(folder / "shop", greeting="Hi! Where are you going?")
    with RunningApp(shop, settings_for(pages, folder / "data"), FakeAssistant()) as running:
        pages.assistant = running.url
        yield running


@pytest.fixture
def complaints() -> list[str]:
    """What pages complained of. A test that breaks something on purpose takes out what it expects."""
    return []


@pytest.fixture
def open_page(browser: Browser, pages: HostPages, app: RunningApp, complaints: list[str]) -> Iterator[Open]:
    """Opens a host page in a browser of its own; nothing may be complained of, and no other host asked."""
    contexts: list[BrowserContext] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
        page.on("console", lambda line: complains(line.text, line.location["url"]) if line.type == "error" else None)
        page.on("request", lambda request: leaves(request.url))

    def complains(text: str, url: str) -> None:
        complaints.append(f"{text} {url}")

    def leaves(url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:", "about:")):
            complaints.append(f"left this machine: {url}")

    def open_one(path: str = "/", script: str = "", **options: object) -> Widget:
        context = browser.new_context(**{"locale": "en-US", **options})  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        watch(page)
        page.goto(pages.url + path)
        return Widget(page)

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def test_a_question_is_answered_with_cards_and_sources_under_the_strictest_policy(open_page: Open) -> None:
    widget = open_page()
    widget.open()
    expect(widget.panel.locator("h2").first).to_have_text("Hi! Where are you going?")

    answer = widget.ask("A tent for the rain")
    expect(answer.locator("strong")).to_have_text("Larkspur 2")
    expect(answer.locator(".card")).to_have_count(3)
    expect(answer.locator(".card").first).to_contain_text("$249.00")
    expect(answer.locator(".card s").first).to_have_text("$299.00")
    expect(answer.locator(".card").last).to_contain_text("Out of stock")
    expect(answer.locator(".card").last.get_by_role("button")).to_have_count(0)
    expect(answer.locator(".card img").first).to_be_visible()

    answer.get_by_role("button", name="Sources 2").click()
    expect(answer.locator("details[open] blockquote")).to_contain_text("within 60 days")
    answer.get_by_role("button", name="Good answer").click()
    expect(answer.get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")
    answer.get_by_role("button", name="Compare the first two").click()
    expect(widget.last.locator("table th[scope=row]").first).to_have_text("Price")

    # What the shopper clicks, the page carries out.
    assert widget.page.evaluate("[window.cart, window.viewed]") == [[], None]
    card = answer.locator(".card").first
    card.get_by_role("button", name="Add to cart").click()
    expect(card.get_by_role("button")).to_have_text("In your cart")
    card.get_by_role("link").click()
    assert widget.page.evaluate("[window.cart, window.viewed]") == [[["TN-102", "TN-102-01", 1]], "TN-102"]


def test_the_product_of_the_page_goes_with_the_question_until_the_page_is_another(
    open_page: Open, app: RunningApp
) -> None:
    widget = open_page(path="/p/1?tag=" + quote('data-product-id="TN-102"'))
    widget.open()
    widget.ask("nothing one")
    widget.page.evaluate("history.pushState(null, '', '/p/2')")
    widget.ask("nothing two")
    widget.page.evaluate("Shopkeeper.setProduct('SB-7')")
    widget.ask("nothing three")

    asked = {turn.text: turn.page_product_id for turn in app.assistant.turns}
    assert (asked["nothing one"], asked["nothing two"], asked["nothing three"]) == ("TN-102", None, "SB-7")


def test_an_answer_can_be_stopped_and_what_was_said_stays(open_page: Open) -> None:
    widget = open_page()
    widget.open()
    widget.say("slow please")
    expect(widget.last.locator(".prose")).to_contain_text("number 0")
    widget.page.get_by_role("button", name="Stop").click()

    expect(widget.last).to_contain_text("Stopped.")
    expect(widget.last.locator(".prose")).not_to_contain_text("number 7")
    expect(widget.page.get_by_role("button", name="Send")).to_be_visible()

    # One that comes while the panel is closed is counted.
    widget.say("nothing")
    widget.page.keyboard.press("Escape")
    expect(widget.launcher).to_have_accessible_name("Chat with us, 1 new")
    widget.launcher.click()
    expect(widget.launcher.locator(".unread")).to_be_hidden()


def test_a_reload_goes_on_with_the_answer_and_another_page_with_the_conversation(open_page: Open) -> None:
    widget = open_page()
    widget.open()
    widget.say("slow please")
    expect(widget.last.locator(".prose")).to_contain_text("number 0")
    widget.page.reload()

    expect(widget.last.locator(".prose")).to_contain_text("Sentence number 0", timeout=20_000)
    expect(widget.last.locator(".tools button, .stopped:not(:empty)").first).to_be_attached()
    widget.page.goto(widget.page.url + "other")
    expect(widget.page.locator("article.shopper")).to_have_count(1)
    widget.page.go_back()
    expect(widget.page.locator("article.shopper")).to_have_count(1)
    widget.ask("nothing else")
    expect(widget.page.locator("article.shopper")).to_have_count(2)


def test_it_is_used_by_keyboard_alone_and_axe_finds_nothing_serious_findings(open_page: Open) -> None:
    widget = open_page()
    assert serious_findings(widget.page) == []
    widget.launcher.focus()
    widget.page.keyboard.press("Enter")
    expect(widget.box).to_be_focused()
    widget.page.keyboard.type("compare, and a person")
    widget.page.keyboard.press("Enter")
    expect(widget.last.locator(".tools button").first).to_be_attached()
    assert serious_findings(widget.page) == []

    inside = "document.querySelector('shopkeeper-widget').shadowRoot.activeElement?.closest('.panel') !== null"
    for _ in range(25):
        widget.page.keyboard.press("Tab")
        assert widget.page.evaluate(inside)
    widget.page.keyboard.press("Escape")
    expect(widget.panel).to_be_hidden()
    expect(widget.launcher).to_be_focused()


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/?lang=ar&dir=rtl&tag=" + quote('data-position="start"'), {"color_scheme": "dark"}),
        (
            "/?lang=zh-CN&tag=" + quote('data-theme="dark"'),
            {"viewport": {"width": 360, "height": 640}, "reduced_motion": "reduce"},
        ),
    ],
    ids=["rtl, dark, at the start", "Chinese, dark by attribute, calm, on a phone"],
)
def test_it_fits_every_page(open_page: Open, path: str, options: dict[str, object]) -> None:
    widget = open_page(path, **options)
    widget.launcher.click()
    if "zh" in path:
        expect(widget.panel.locator(".who")).to_have_text("智能导购")
        widget.box = widget.page.get_by_role("textbox", name="您的消息")
    widget.ask("compare, and a person " + "averyverylongwordwithoutaspace" * 6)

    assert serious_findings(widget.page) == []
    wide = "[...document.querySelector('shopkeeper-widget').shadowRoot.querySelectorAll('.log, .panel')]"
    assert widget.page.evaluate(f"{wide}.filter((one) => one.scrollWidth > one.clientWidth).length") == 0


def test_twice_on_a_page_is_once_and_destroyed_is_gone(open_page: Open, app: RunningApp) -> None:
    widget = open_page(path="/?times=2")
    expect(widget.launcher).to_have_count(1)
    widget.page.evaluate("Shopkeeper.destroy()")
    expect(widget.page.locator("shopkeeper-widget")).to_have_count(0)
    assert widget.page.evaluate("typeof window.Shopkeeper") == "undefined"

    # A page that replaces its whole body keeps the widget.
    again = open_page()
    again.open()
    again.page.evaluate("document.body.replaceWith(document.createElement('body'))")
    expect(again.panel).to_be_visible()


def test_a_browser_that_forbids_storage_can_chat(open_page: Open) -> None:
    forbid = "for (const kind of ['localStorage', 'sessionStorage']) Object.defineProperty(window, kind, "
    widget = open_page(script=forbid + "{ get() { throw new DOMException('no', 'SecurityError'); } });")
    widget.open()
    widget.ask("nothing one")

    expect(widget.page.locator("article.shopper")).to_have_count(1)


def test_no_sign_in_outlasts_the_sign_out_that_overtook_it(open_page: Open, app: RunningApp) -> None:
    assert app.app is not None
    token = app.app.state.api.state.service.tokens.sign("ada")
    widget = open_page()
    widget.open()
    signed_in = "Object.values(sessionStorage).some((kept) => JSON.parse(kept).token)"
    slow = "(token) => Shopkeeper.identify(() => new Promise((go) => (window.tell = () => go(token))))"

    widget.page.evaluate(slow, token)
    becomes_true(widget.page, "Boolean(window.tell)")
    widget.page.evaluate("Shopkeeper.logout(); tell();")
    widget.ask("nothing one")
    assert not widget.page.evaluate(signed_in)

    widget.page.evaluate("(token) => Shopkeeper.identify(token)", token)
    becomes_true(widget.page, signed_in)
    expect(widget.page.locator("article.shopper")).to_have_count(1)  # the guest's is the customer's now
    widget.page.evaluate("Shopkeeper.logout()")
    expect(widget.page.locator("article")).to_have_count(0)
    assert not widget.page.evaluate(signed_in)


def test_the_page_is_untouched_while_the_server_is_away_and_the_message_gets_through_once(
    open_page: Open, pages: HostPages, complaints: list[str], tmp_path: Path
) -> None:
    folder, before = write_shop(tmp_path / "shop"), pages.assistant
    settings, assistant = settings_for(pages, tmp_path / "data"), FakeAssistant()
    with RunningApp(folder, settings, assistant) as running:
        pages.assistant, port = running.url, int(running.url.rsplit(":", 1)[1])
        widget = open_page()
        widget.open()
        widget.ask("nothing first")
        late = open_page()
        expect(late.launcher).to_be_visible()
    widget.say("again while away")
    expect(widget.page.locator(".notice")).to_contain_text(OFFLINE)
    late.launcher.click()
    expect(late.page.get_by_role("alert")).to_contain_text("cannot be reached")
    late.page.get_by_role("button", name="Mine").click()
    with RunningApp(folder, settings, assistant, port):
        expect(widget.last.locator(".prose")).to_have_text("Asked 1 times.")
        expect(widget.page.locator("article.shopper")).to_have_count(2)
        expect(widget.page.locator(".notice")).to_be_hidden()
        late.page.get_by_role("button", name="Try again").click()
        expect(late.panel.locator("h2").first).to_be_visible()
        widget.page.close()
        late.page.close()
    pages.assistant = before
    complaints[:] = [line for line in complaints if "Failed to load resource" not in line and "ERR_" not in line]


def becomes_true(page: Page, script: str) -> None:
    """Wait for a script of ours; under the page's policy Playwright's own waiting may not run any."""
    for _ in range(200):
        if page.evaluate(script):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {script}")
