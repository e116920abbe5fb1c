"""What a test does with the widget on a page."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class Widget:
    """The widget of a page. Its shadow root is open: the locators look into it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.launcher = page.locator("button.launch")
        self.panel = page.locator("section.panel")
        self.box = page.get_by_role("textbox", name="Your message")

    @property
    def last(self) -> Locator:
        """The last answer."""
        return self.page.locator("article.assistant").last

    def open(self) -> None:
        """Open the panel and wait for the greeting or what was said before."""
        self.launcher.click()
        expect(self.panel.locator(".welcome h2, article").first).to_be_attached()

    def say(self, text: str) -> None:
        """Send a message."""
        self.box.fill(text)
        self.box.press("Enter")

    def ask(self, text: str) -> Locator:
        """Send a message and wait for the whole answer."""
        before = self.page.locator("article.assistant").count()
        self.say(text)
        expect(self.page.locator("article.assistant")).to_have_count(before + 1)
        expect(self.last.locator(".tools button, .problem p").first).to_be_attached()
        return self.last
