"""The demo storefront with the widget on it: a whole purchase, in a real browser, answered by the composer."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from assistant.config import Settings
from assistant.pipeline import Assistant
from tests.browser.accessibility import serious_findings
from tests.browser.widget import Widget
from tests.running_app import RunningApp


def test_a_shopper_asks_compares_buys_signs_in_and_is_passed_on(
    browser: Browser, small_shop: Path, assistant: Assistant, tmp_path: Path
) -> None:
    complaints: list[str] = []
    settings = Settings(data=tmp_path / "data", demo_storefront=True)
    with RunningApp(small_shop, settings, assistant) as running, browser.new_context(locale="en-US") as context:
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.goto(running.url + "/shop")
        expect(page.locator("main .item")).to_have_count(7)
        assert serious_findings(page) == []
        widget = Widget(page)
        widget.open()

        answer = widget.ask("Which tents do you have under $400?")
        expect(answer.locator(".card")).not_to_have_count(0)
        answer.get_by_role("button", name="Compare these").click()
        expect(answer.locator(".products .table")).to_contain_text("Price")
        page.locator("main .item a").first.click()
        expect(page.locator("main .about h1")).to_be_visible()  # the page changed, the panel stayed
        answer.locator(".card button").first.click()
        if answer.locator(".card select").count():
            answer.locator(".card select").select_option(index=1)
        expect(answer.locator(".card button").first).to_have_text("In your cart")
        expect(page.get_by_role("link", name="Cart")).to_have_text("Cart1")
        widget.ask("How much is the Enamel Mug?")
        proposal = widget.ask("Add it to my basket please").locator(".proposal")
        proposal.get_by_role("button").click()
        expect(proposal).to_contain_text("In your cart")
        expect(page.get_by_role("link", name="Cart")).to_have_text("Cart2")
        assert serious_findings(page) == []

        page.get_by_role("banner").get_by_role("button", name="Sign in").click()
        page.get_by_role("dialog", name="Sign in").get_by_role("button", name="ada").click()
        expect(page.locator("article.shopper")).to_have_count(3)  # what the guest said is the customer's now
        expect(widget.ask("Where is my order?")).to_contain_text("TRK-777")
        expect(widget.ask("I want to talk to a person").locator(".handoff")).to_contain_text("A person can take over")
        page.reload()
        expect(page.locator("article.shopper")).to_have_count(5)
        page.get_by_role("button", name="Sign out ada").click()
        expect(page.locator("article")).to_have_count(0)
        expect(widget.ask("Where is my order?")).not_to_contain_text("TRK-777")
        page.goto("about:blank")
    assert complaints == []
