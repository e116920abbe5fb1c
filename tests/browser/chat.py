"""The chat page as a shopper meets it: what to press, and what is seen."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class Chat:
    """One open chat page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box = page.locator("#sk-box textarea")
        opened = page.locator("#sk-now .sk-welcome[data-opened], #sk-now .sk-turn")
        expect(opened).to_be_visible(timeout=15_000)

    def send(self, text: str) -> None:
        """Type a message and press Enter."""
        self.box.fill(text)
        self.box.press("Enter")

    def ask(self, text: str) -> Locator:
        """Send a message and wait for the complete answer."""
        before = self.turns.count()
        self.send(text)
        expect(self.turns).to_have_count(before + 1)
        return self.settled()

    def settled(self) -> Locator:
        """The last answer, once it is complete."""
        expect(self.page.locator("[data-running]")).to_have_count(0)
        return self.last

    def loaded_again(self) -> Chat:
        """The page loaded anew."""
        self.page.reload()
        return Chat(self.page)

    def other_window(self, deaf: bool = False) -> Chat:
        """The same page in another window of the same browser; `deaf`: what the server would tell it gets lost."""
        page = self.page.context.new_page()
        if deaf:
            page.add_init_script("window.EventSource = class { addEventListener() {} close() {} }")
        page.goto(self.page.url)
        return Chat(page)

    @property
    def turns(self) -> Locator:
        """All messages with their answers."""
        return self.page.locator(".sk-turn")

    @property
    def last(self) -> Locator:
        """The last message with its answer."""
        return self.page.locator("#sk-now .sk-turn")

    def button(self, name: str) -> Locator:
        """The button of that name in the last answer or around it."""
        return self.page.get_by_role("button", name=name, exact=True).last
