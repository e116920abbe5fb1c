"""What axe finds on a page that stands still."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Half faded in, a text has half its contrast. What moves for ever (the dots of an answer on its way) is not waited for.
_STANDS_STILL = """() => document.getAnimations().every(
  (one) => one.playState !== "running" || one.effect.getComputedTiming().endTime === Infinity)"""


def serious_findings(page: Page) -> list[str]:
    """What axe calls serious or critical, with the elements it means."""
    page.wait_for_function(_STANDS_STILL)
    return [
        f"{found['id']}: {node['html'][:160]} {node['failureSummary']}"
        for found in Axe().run(page).response["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]
