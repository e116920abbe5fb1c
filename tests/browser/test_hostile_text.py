"""Hostile text in the widget, from our own small set; `python -m benchmarks.hostile_text` takes larger ones."""

from __future__ import annotations

from playwright.sync_api import Browser

from benchmarks.hostile_text import OWN, run


def test_nothing_a_message_a_product_or_a_model_writes_runs_in_the_widget(browser: Browser) -> None:
    found = run(browser, list(OWN), chat=False)

    assert found["stored_exactly"] == len(OWN)
    widget = found["places"]["widget"]
    assert (widget.sent, widget.live, widget.server_errors) == (len(OWN), [], [])
