"""The real application over an assistant of known pace, in a process of its own, for benchmarks/api_streams.py.

    python -m benchmarks.api_server --data DIR [--database-url URL] [--sentences 12] [--first 0.2] [--pause 2.0]

Prints its address. The assistant says when it began and when it said each sentence, so that a client can tell what was
added on the way. /bench tells how many answers run and how many were cancelled.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assistant.config import Settings
from assistant.store import Store
from assistant.types import Event, Query, Reply, Turn
from knowledge_base.shop import ShopInfo, open_shop
from tests.browser.fake_assistant import CARDS, SOURCES, FakeIndex
from ui.__main__ import QUIET
from ui.serving import listen, make_server


class PacedAssistant:
    """Answers in sentences, each at its time."""

    def __init__(self, sentences: int, first_s: float, pause_s: float) -> None:
        self.info, self.index, self.model = ShopInfo("Alder & Pine"), FakeIndex(), "paced"
        self._sentences, self._first_s, self._pause_s = sentences, first_s, pause_s
        self.running = self.cancelled = self.finished = 0

    def openers(self, language: str) -> tuple[str, ...]:
        return ()

    async def stream(self, turn: Turn) -> AsyncIterator[Event]:
        began, finished = time.monotonic(), False
        self.running += 1
        try:
            yield Event("status", {"stage": "retrieve", "text": f"{began:.6f} {time.monotonic():.6f}"})
            said = []
            for n in range(self._sentences):
                await asyncio.sleep(max(0.0, began + self._first_s + n * self._pause_s - time.monotonic()))
                if n == 0:
                    yield Event("products", {"products": list(CARDS)})
                said.append(f"{began:.6f} {time.monotonic():.6f} The {n}th sentence of an answer to {turn.text!r}. ")
                yield Event("text", {"delta": said[-1]})
            yield Event("sources", {"citations": list(SOURCES)})
            query = Query(turn.text, ("find",), "en")
            yield Event("done", {"reply": Reply("".join(said), query, CARDS, SOURCES, model=self.model)})
            finished = True
        finally:
            self.running -= 1
            self.finished += finished
            self.cancelled += not finished


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--database-url", default="")
    parser.add_argument("--sentences", type=int, default=12)
    parser.add_argument("--first", type=float, default=0.2)
    parser.add_argument("--pause", type=float, default=2.0)
    options = parser.parse_args()
    os.environ.update(QUIET)
    from ui.app import create_app

    assistant = PacedAssistant(options.sentences, options.first, options.pause)
    opening: Future[Any] = Future()
    opening.set_result(assistant)
    options.data.mkdir(parents=True, exist_ok=True)
    shop = options.data / "shop"
    shop.mkdir(exist_ok=True)
    (shop / "products.csv").write_text("id,title\nTN-102,Larkspur 2\n", encoding="utf-8")
    settings = Settings(
        data=options.data,
        database_url=options.database_url,
        concurrency=2000,
        queue_size=2000,
        rate_shopper="",
        rate_address="",
        rate_reads="",
    )
    store = Store.open(settings.data, settings.database_url)
    app = create_app(open_shop(shop), opening, store, settings)

    async def bench(_: Request) -> Response:
        counts = {name: getattr(assistant, name) for name in ("running", "cancelled", "finished")}
        return JSONResponse(counts | {"cpu_s": time.process_time()})

    app.router.routes.insert(0, Route("/bench", bench))
    gc.collect()
    gc.freeze()  # as `python -m ui` does
    listening = listen("127.0.0.1", 0)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    make_server(app).run(sockets=[listening])
    store.close()


if __name__ == "__main__":
    main()
