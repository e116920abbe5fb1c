"""Hostile text in the widget, from our own small set; `python -m benchmarks.hostile_text` takes larger ones."""

from __future__ import annotations

from playwright.sync_api import Browser

from benchmarks.hostile_text import OWN, WATCH, live_in, run


def test_nothing_a_message_a_product_or_a_model_writes_runs_in_the_widget(browser: Browser) -> None:
    found = run(browser, list(OWN), ["widget"])

    assert found["stored_exactly"] == len(OWN)
    widget = found["places"]["widget"]
    assert (widget.sent, widget.live, widget.server_errors) == (len(OWN), [], [])


def test_what_comes_alive_is_seen(browser: Browser) -> None:
    page = browser.new_page()
    page.add_init_script(WATCH)
    body = "<article><p>still</p><a href='javascript:alert(1)'>x</a></article>"
    page.route("http://shop.test/**", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto("http://shop.test/")
    page.evaluate("document.querySelector('p').innerHTML = '<img src=x onerror=alert(2)>'")
    page.wait_for_function("live.length")

    found = live_in(page, "article, article *")
    page.close()
    assert [line[:6] for line in found] == ["<img s", "<a hre", "alert "]
