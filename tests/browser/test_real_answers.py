"""The page with the real assistant behind it: a conversation over the small shops, answered by the composer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from assistant.config import Settings
from tests.browser.chat import Chat
from tests.running_app import RunningApp
from ui.rendering import format_money

Open = Callable[..., Chat]
Serve = Callable[..., RunningApp]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_opener_and_a_suggestion_are_answered_from_the_records(
    request: pytest.FixtureRequest, tmp_path: Path, open_chat: Open, serve: Serve, language: str
) -> None:
    end = "" if language == "en" else "_zh"
    assistant: Any = request.getfixturevalue(f"assistant{end}")
    folder: Path = request.getfixturevalue(f"small_shop{end}")
    app = serve(folder, Settings(data=tmp_path / "data"), assistant)
    chat = open_chat(url=app.url, locale="zh-CN" if language == "zh" else "en-US")
    product = next(iter(assistant.index.products.values()))

    answer = chat.ask(product.title + ("？" if language == "zh" else "?"))

    card = answer.locator(".sk-card").first
    expect(card).to_contain_text(product.title)
    low, high = product.price_range
    prices = {format_money(sku.price, product.currency) for sku in product.skus if sku.price is not None}
    assert any(price in card.inner_text() for price in prices), (low, high)
    expect(answer.locator("a.sk-cite").first).to_be_visible()

    for button in chat.page.locator("#sk-now .sk-suggestions button").all()[:1]:
        button.click()
        expect(chat.turns).to_have_count(2)
        expect(chat.settled()).to_have_attribute("data-state", "done")
