"""From an agent's Send to the shopper's screen: how long, with many conversations open, at one worker and across two.

    python -m benchmarks.desk_latency [--conversations 50] [--messages 200] [--pages 3] [--only one|two]

One worker keeps its conversations in SQLite; of two over PostgreSQL the agent speaks to one and all shoppers are at the
other. Most shoppers follow their conversation's events as the widget does; the last few have the chat page open in
Chromium, where the time is taken when the words are drawn. Prints a table and one JSON line last.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import os
import random
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Final

import httpx
from playwright.async_api import Page, async_playwright

from assistant.store import Store
from tests.databases import postgresql
from tests.desk_agents import add_agent
from ui.desk.sessions import COOKIE

CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WATCH: Final = """
    window.drawn = {};
    new MutationObserver(() => {
      const words = document.body.innerText.matchAll(/word of a person \\d+/g);
      for (const [said] of words) window.drawn[said] ??= Date.now();
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
"""


class Shopper:
    """One who follows a conversation; `heard` has when each text came, by the wall clock."""

    def __init__(self, conversation: str) -> None:
        self.conversation = conversation
        self.heard: dict[str, float] = {}

    async def when(self, text: str) -> float:
        """When a text came."""
        async with asyncio.timeout(10):
            while text not in self.heard:  # noqa: ASYNC110 - a second task writes it down
                await asyncio.sleep(0.005)
        return self.heard[text]


class OnThePage(Shopper):
    """The same in a browser."""

    def __init__(self, conversation: str, page: Page) -> None:
        super().__init__(conversation)
        self._page = page

    async def when(self, text: str) -> float:
        await self._page.wait_for_function("text => window.drawn[text]", arg=text, timeout=10_000)
        return float(await self._page.evaluate("text => window.drawn[text]", text)) / 1000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk_latency", description=__doc__.split("\n")[0])
    parser.add_argument("--conversations", type=int, default=50)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--pages", type=int, default=3)
    parser.add_argument("--only", choices=("one", "two"))
    options = parser.parse_args()
    figures: dict[str, object] = {"benchmark": "desk_latency", "conversations": options.conversations}
    print(f"{'workers':8} {'seen':8}", *(f"{name:>9}" for name in ("n", "median ms", "p95 ms", "max ms")))
    for workers in ("one", "two"):
        if options.only in (None, workers):
            with _database(workers) as url, _servers(url, 1 if workers == "one" else 2) as servers:
                seen = asyncio.run(_measure(url, servers, options))
            for where, times in seen.items():
                told = figures[f"{workers} {where}"] = _figures(times)
                print(f"{workers:8} {where:8}", *(f"{figure:>9}" for figure in told.values()))
    print(json.dumps(figures | {"load": round(os.getloadavg()[0], 1)}))


async def _measure(url: str, servers: Sequence[str], options: argparse.Namespace) -> dict[str, list[float]]:
    """Seconds until each message was on the shopper's stream, and until it was on their page."""
    store = Store.at_url(url)
    agent = add_agent(store, "Maya")
    headers = {"origin": servers[-1], "cookie": f"{COOKIE}={store.open_agent_session(agent.id)}"}
    seen: dict[str, list[float]] = {"stream": [], "page": []}
    async with contextlib.AsyncExitStack() as stack:
        desk = httpx.AsyncClient(base_url=servers[-1], headers=headers, trust_env=False, timeout=15)
        await stack.enter_async_context(desk)
        pages = options.pages if CHROMIUM else 0
        shoppers: list[Shopper] = [
            await stack.enter_async_context(_on_a_stream(servers[0])) for _ in range(options.conversations - pages)
        ]
        if pages:
            browser = await (await stack.enter_async_context(async_playwright())).chromium.launch(
                executable_path=CHROMIUM, args=["--disable-gpu", "--disable-dev-shm-usage", "--no-sandbox"]
            )
            stack.push_async_callback(browser.close)
            for _ in range(pages):
                page = await (await browser.new_context()).new_page()
                shoppers.append(await _on_a_page(servers[0], page, store))
        for shopper in shoppers:
            store.take_conversation(agent, shopper.conversation)
        await asyncio.sleep(1)
        for n in range(options.messages):
            shopper = shoppers[-1 - n // 2 % pages] if pages and n % 2 else shoppers[n // 2 % (len(shoppers) - pages)]
            text, sent = f"word of a person {n}", time.time()
            answer = await desk.post(
                f"/desk/api/conversations/{shopper.conversation}/messages",
                json={"text": text},
                headers={"idempotency-key": f"k{n}"},
            )
            answer.raise_for_status()
            seen["page" if isinstance(shopper, OnThePage) else "stream"].append(await shopper.when(text) - sent)
            await asyncio.sleep(random.uniform(0.02, 0.3))
    store.close()
    return {where: times for where, times in seen.items() if times}


@contextlib.asynccontextmanager
async def _on_a_stream(url: str) -> AsyncIterator[Shopper]:
    """A shopper who has asked something, and follows the events as the widget does."""
    client = httpx.AsyncClient(base_url=url + "/v1", trust_env=False, timeout=30)
    async with client:
        begun = (await client.post("/conversations", json={})).json()
        client.headers["authorization"] = f"Bearer {begun['secret']}"
        shopper, path = Shopper(begun["id"]), f"/conversations/{begun['id']}"
        (await client.post(path + "/messages", json={"text": "A tent?"})).raise_for_status()
        listening = asyncio.create_task(_listen(client, path, shopper))
        yield shopper
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _listen(client: httpx.AsyncClient, path: str, shopper: Shopper) -> None:
    async with client.stream("GET", path + "/events", timeout=None) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: ") and (message := json.loads(line[6:]).get("message")):
                shopper.heard.setdefault(message["text"], time.time())


async def _on_a_page(url: str, page: Page, store: Store) -> Shopper:
    """A shopper who has asked something on the chat page."""
    asked = secrets.token_hex(8)
    await page.goto(url)
    await page.evaluate(WATCH)
    await page.locator("#sk-now .sk-welcome[data-opened]").wait_for()
    await page.locator("#sk-box textarea").fill(asked)
    await page.locator("#sk-box textarea").press("Enter")
    await page.locator(".sk-turn[data-state=done]").wait_for()
    (found,) = store.queue("all", search=asked)
    return OnThePage(found.id, page)


@contextlib.contextmanager
def _database(workers: str) -> Iterator[str]:
    with contextlib.ExitStack() as stack:
        if workers == "one":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            yield f"sqlite:///{folder}/conversations.db"
        else:
            yield stack.enter_context(postgresql(durable=True)).new_database()


@contextlib.contextmanager
def _servers(url: str, n: int) -> Iterator[list[str]]:
    """The addresses of `n` workers on one database."""
    with contextlib.ExitStack() as stack:
        addresses = []
        for _ in range(n):
            folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            command = [sys.executable, "-m", "benchmarks.api_server", "--data", folder, "--database-url", url]
            command += ["--sentences", "1", "--first", "0", "--pause", "0"]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
            stack.callback(process.wait)
            stack.callback(process.terminate)
            assert process.stdout is not None
            addresses.append(process.stdout.readline().strip())
        yield addresses


def _figures(times: Sequence[float]) -> dict[str, int]:
    every = sorted(time_s * 1000 for time_s in times)
    p95 = every[math.ceil(0.95 * len(every)) - 1]
    figures = {"median_ms": statistics.median(every), "p95_ms": p95, "max_ms": every[-1]}
    return {"n": len(every)} | {name: round(figure) for name, figure in figures.items()}


if __name__ == "__main__":
    main()
