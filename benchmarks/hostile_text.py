"""Hostile text as message, as product text and as what a model wrote, in a real browser: widget and chat page.

    python -m benchmarks.hostile_text [--data FOLDER] [--place widget] [--chromium PATH]

FOLDER holds `xss.txt` (a line each) and `naughty_strings.json` (a list); without it a small set of our own is taken.
The assistant that answers is a parrot: every text it may fill holds the very message, past every check. What counts as
live: a dialog or any other call of the text's, an element or attribute that no renderer of ours makes, a request to
another host, a page that goes elsewhere. The messages are also posted over HTTP and read back, byte by byte. Prints a
table and one JSON line last.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from assistant.config import Settings
from assistant.types import Citation, Event, ProductCard, Query, Reply, Turn
from knowledge_base.shop import ShopInfo
from tests.browser.fake_assistant import FakeIndex
from tests.running_app import RunningApp, write_shop

OWN: Final = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<a href=javascript:alert(1) autofocus onfocus=alert(1) tabindex=1>x</a>",
    "[x](javascript:alert(1)) [y](JaVaScRiPt&colon;alert(1)) [z](data:text/html,<script>alert(1)</script>)",
    '[x](https://a.example/"onmouseover="alert(1))',
    "| <b onclick=alert(1)>a | b |\n|---|---|\n| <img src=x onerror=alert(1)> | `<script>alert(1)</script>` |",
    "- <details open ontoggle=alert(1)>\n- **<style>@import 'http://a.example'</style>**",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)} <%= alert(1) %>",
    "</textarea><script>alert(1)</script>",
    "--><!-- ]]> \"'`><img src=x onerror=alert(1)>",
    "\u202egnp.exe\u202c zero\u200bwidth \ufeff \U000e0061\U000e0062",
    "[1][2][99] ![x](http://a.example/x.png) <http://a.example>",
    "ÅÍÎÏ˝ÓÔ\uf8ffÒÚÆ☃ 👩‍👩‍👧 ﷽ Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
    "'; DROP TABLE messages; -- %s %n ../../etc/passwd\t\x01\x7f",
)
# What our renderers make; anything else came from the text.
_TAGS: Final = (
    "a article b blockquote br button code del details div em form h2 h3 h4 h5 h6 hr i img label li ol option p path "
    "pre s section select small span strong summary sup svg table tbody td textarea th thead tr ul"
)
WATCH: Final = """
    window.live = [];
    for (const name of ["alert", "confirm", "prompt", "print", "open"]) {
      window[name] = (...said) => live.push([name, ...said].join(" "));
    }
"""
_AUDIT: Final = """
    (elements, tags) => elements.filter((one) => {
      const schemes = { href: ["http:", "https:", "mailto:", "tel:"], src: [location.protocol] };
      const odd = [...one.attributes].some(({ name, value }) =>
        name in schemes
          ? URL.canParse(value, location.href) && !schemes[name].includes(new URL(value, location.href).protocol)
          : /^(on|style$|srcdoc$|formaction$|xlink|action$)/.test(name));
      return odd || !tags.includes(one.localName);
    }).map((one) => one.outerHTML.slice(0, 200))
"""
_SAY_ALL: Final = """
    async (texts) => {
      const root = document.querySelector("shopkeeper-widget").shadowRoot;
      const box = root.querySelector("textarea");
      const answered = () => root.querySelectorAll(".assistant .tools button, .assistant .problem p").length;
      let sent = 0;
      for (const text of texts) {
        const before = answered();
        box.value = text;
        box.form.requestSubmit();
        if (box.value || !text.trim()) continue; // nothing to read in it
        sent += 1;
        const end = Date.now() + 20000;
        while (answered() === before && Date.now() < end) await new Promise((go) => setTimeout(go, 5));
        if (answered() === before) throw new Error(`no answer to ${JSON.stringify(text)}`);
      }
      return [sent, root.querySelectorAll(".problem p").length];
    }
"""


@dataclass
class Parrot:
    """An assistant that says what it was told, in every place where text may stand."""

    info: ShopInfo = field(default_factory=lambda: ShopInfo("Parrot"))
    index: FakeIndex = field(default_factory=FakeIndex)
    model: str = "parrot"

    def openers(self, language: str) -> tuple[str, ...]:
        """None."""
        return ()

    async def stream(self, turn: Turn) -> AsyncIterator[Event]:
        """The message as status, product, text, source, suggestion and reason to pass on."""
        text = turn.text
        card = ProductCard(text, text, text, {text: text}, url=text, image=text, category=(text,), reason=text)
        source = Citation(1, text, "faq", text, text, text)
        yield Event("status", {"stage": "retrieve", "text": text})
        yield Event("products", {"products": [card, card]})
        said = f"{text} [1]\n\n**{text}**\n\n- {text}\n\n[{text}]({text})"
        yield Event("text", {"delta": said})
        yield Event("sources", {"citations": [source]})
        yield Event("suggestions", {"suggestions": [text]})
        reply = Reply(
            said, Query(text or "-", ("find",)), (card, card), (source,), (text,), handoff=text, model="parrot"
        )
        yield Event("done", {"reply": reply})


@dataclass
class Seen:
    """What came of the texts in one place."""

    sent: int = 0
    refused: int = 0
    live: list[str] = field(default_factory=list)
    server_errors: list[str] = field(default_factory=list)


def read_texts(folder: Path | None) -> list[str]:
    """The texts of a folder, or our own."""
    if folder is None:
        return list(OWN)
    lines = (folder / "xss.txt").read_text("utf-8").split("\n")
    naughty = json.loads((folder / "naughty_strings.json").read_text("utf-8"))
    return [line for line in lines if line] + naughty


@contextmanager
def parrot_shop(folder: Path) -> Iterator[RunningApp]:
    """A shop that the parrot serves, with the demo storefront for a page of the widget's."""
    settings = Settings(data=folder / "data", demo_storefront=True, rate_shopper="", rate_address="", rate_reads="")
    with RunningApp(write_shop(folder / "shop"), settings, Parrot()) as running:
        yield running


def over_http(url: str, texts: list[str]) -> tuple[Seen, int]:
    """Every text posted as a message and read back: what came of it, and how many came back exactly as they were."""
    seen, exact = Seen(), 0
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        for start in range(0, len(texts), 100):
            begun = client.post("/v1/conversations", json={}).json()
            path, sent = f"/v1/conversations/{begun['id']}/messages", []
            whose = {"authorization": f"Bearer {begun['secret']}"}
            for text in texts[start : start + 100]:
                answer = client.post(path, json={"text": text}, headers=whose)
                if answer.status_code == 200:
                    sent.append(text)
                elif answer.status_code == 422:
                    seen.refused += 1  # nothing to read in it, or no database can hold it
                else:
                    seen.server_errors.append(f"{answer.status_code} for {text!r}")
            kept, more = [], True
            while more:
                after = {"after": kept[-1]["id"] if kept else 0, "limit": 200}
                page = client.get(path, params=after, headers=whose).json()
                kept += page["messages"]
                more = page["more"]
            asked = [message["text"] for message in kept if message["role"] == "shopper"]
            seen.sent += len(sent)
            exact += sum(one == other for one, other in zip(sent, asked, strict=True))
    return seen, exact


def in_the_widget(browser: Browser, url: str, texts: list[str]) -> Seen:
    """Every text sent by hand in the widget, answered by the parrot, and drawn again when the page is loaded."""
    seen = Seen()
    for start in range(0, len(texts), 60):
        with _context(browser) as context:
            context.route(url + "/host", lambda route: route.fulfill(body=_HOST, content_type="text/html"))
            page = _watched(context, url + "/host", url, seen)
            page.locator("button.launch").click()
            page.locator(".welcome h2").wait_for()
            sent, refused = page.evaluate(_SAY_ALL, texts[start : start + 60])
            seen.sent += sent - refused
            seen.refused += refused
            seen.live += live_in(page, "article, article *")
            page.reload()
            page.locator("article.assistant .tools").first.wait_for()
            page.wait_for_timeout(150)
            seen.live += live_in(page, "article, article *")
    return seen


def on_the_chat_page(browser: Browser, url: str, texts: list[str]) -> Seen:
    """Every text sent by hand on the chat page, forty by each shopper."""
    seen = Seen()
    for start in range(0, len(texts), 40):
        with _context(browser) as context:
            page = _watched(context, url + "/", url, seen)
            for text in texts[start : start + 40]:
                page.locator("#sk-now .sk-welcome[data-opened], #sk-now .sk-turn").first.wait_for()
                box = page.locator("#sk-box textarea")
                box.fill(text)
                if not text.strip():
                    continue
                before = page.evaluate("document.querySelector('#sk-now .sk-turn')?.dataset.number ?? ''")
                box.press("Enter")
                page.wait_for_function(_ANSWERED, arg=before, timeout=60_000)
                if page.locator(".sk-notice").count():
                    seen.refused += 1
                    seen.live += live_in(page, ".sk-turn, .sk-turn *")
                    page.reload()
                else:
                    seen.sent += 1
            seen.live += live_in(page, ".sk-turn, .sk-turn *")
    return seen


_ANSWERED: Final = """
    (before) => {
      const now = document.querySelector("#sk-now .sk-turn");
      const over = now && now.dataset.number !== before && !document.querySelector("[data-running]");
      return Boolean(over || document.querySelector(".sk-notice"));
    }
"""
_HOST: Final = (
    '<!doctype html><html lang="en"><title>A shop</title><body><script src="/widget.js" async></script></body></html>'
)


@contextmanager
def _context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-US")
    context.add_init_script(WATCH)
    yield context
    context.close()


def _watched(context: BrowserContext, path: str, url: str, seen: Seen) -> Page:
    page = context.new_page()
    page.on("dialog", lambda dialog: (seen.live.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda one: None if one.url.startswith((url, "data:", "blob:")) else seen.live.append(one.url))
    page.on("framenavigated", lambda frame: None if frame.url.startswith(url) else seen.live.append(frame.url))
    page.on("response", lambda one: seen.server_errors.append(f"{one.status} {one.url}") if one.status >= 500 else None)
    page.goto(path)
    return page


def live_in(page: Page, selector: str) -> list[str]:
    """What came alive in the elements of a selector since the last look."""
    found: list[str] = page.locator(selector).evaluate_all(_AUDIT, _TAGS.split())
    called: list[str] = page.evaluate("window.live.splice(0)")
    return found + called


PLACES: Final = {"widget": in_the_widget, "chat": on_the_chat_page}


def run(browser: Browser, texts: list[str], places: Iterable[str] = PLACES) -> dict[str, Any]:
    """All of it; what came of the texts over HTTP and in each place."""
    with tempfile.TemporaryDirectory() as folder, parrot_shop(Path(folder)) as shop:
        stored, exact = over_http(shop.url, texts)
        seen = {"http": stored, **{place: PLACES[place](browser, shop.url, texts) for place in places}}
    return {"texts": len(texts), "stored_exactly": exact, "places": seen}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--place", choices=PLACES, action="append", help="widget or chat; both, if none is named")
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome"))
    options = parser.parse_args()
    if options.chromium is None:
        parser.error("no Chromium was found: name one with --chromium")
    if options.data is None:
        print(f"No --data: {len(OWN)} texts of our own.")
    started = time.monotonic()
    flags = ["--disable-gpu", "--disable-dev-shm-usage", *(["--no-sandbox"] if os.getuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=flags)
        found = run(browser, read_texts(options.data), options.place or PLACES)
        browser.close()
    print(f"{'place':>8} {'sent':>6} {'refused':>8} {'live':>6} {'server errors':>14}")
    for name, seen in found["places"].items():
        print(f"{name:>8} {seen.sent:>6} {seen.refused:>8} {len(seen.live):>6} {len(seen.server_errors):>14}")
        for line in [*seen.live, *seen.server_errors][:20]:
            print(f"         {line}")
    figures = {
        name: {"sent": s.sent, "refused": s.refused, "live": len(s.live), "server_errors": len(s.server_errors)}
        for name, s in found["places"].items()
    }
    seconds = round(time.monotonic() - started)
    print(json.dumps({"texts": found["texts"], "stored_exactly": found["stored_exactly"], **figures, "s": seconds}))


if __name__ == "__main__":
    main()
