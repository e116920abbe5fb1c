"""What a shopper gets when the model breaks: a proxy on the loopback between the assistant and a model server.

    python -m benchmarks.model_faults [--shoppers 20] [--json FILE]

The demo shop's assistant, the product's own settings (20 s to the first word, 10 s to the next), a real HTTP server
that speaks the OpenAI stream and drafts true sentences. Every fault meets several shoppers at once and is then healed.

after s     from the fault to the whole answer, the slowest shopper. A fault is the moment it strikes; of a silence and
            a drip the moment the patience is over
calls       to the model for each shopper, the most and on average
wrong       answers with anything raw, a torn sentence, a sentence of nobody, or no mark that the model broke off
back s      from the model's return to the first answer that it wrote
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.config import DEMO_SHOP, Settings
from assistant.generation import make_drafter
from assistant.pipeline import Assistant
from assistant.types import Reply, Turn
from knowledge_base.opening import open_index
from tests.fakes import Answer, FakeServer
from tests.fault_judging import wrongs
from tests.faulty_proxy import Fault, FaultyProxy

QUESTION = "recommend a tent"
BACK_WITHIN_S = 30.0


@dataclass(slots=True)
class Asked:
    """One shopper's answer: when it began and ended, and what is wrong with it."""

    seconds: float
    ended: float
    reply: Reply
    wrongs: list[str]


@dataclass(slots=True)
class Row:
    """One fault's line of the table."""

    name: str
    patience_s: float = 0.0
    after_s: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    most_calls: int = 0
    wrongs: list[str] = field(default_factory=list)
    back_s: list[float] = field(default_factory=list)
    partial: int = 0

    def line(self) -> str:
        back = f"{max(self.back_s):.1f}" if self.back_s else "-"
        calls = sum(self.calls) / len(self.calls)
        return (
            f"{self.name:<34} {len(self.after_s):>4} {max(self.after_s):>8.2f} {calls:>6.2f} "
            f"{self.most_calls:>5} {self.partial:>8} {len(self.wrongs):>6} {back:>7}"
        )

    def plain(self) -> dict[str, Any]:
        return {
            "fault": self.name,
            "n": len(self.after_s),
            "after_s_max": round(max(self.after_s), 2),
            "calls_mean": round(sum(self.calls) / len(self.calls), 2),
            "calls_max": self.most_calls,
            "partial_kept": self.partial,
            "wrong": len(self.wrongs),
            "back_s_max": round(max(self.back_s), 1) if self.back_s else None,
        }


def faults(n_chunks: int, settings: Settings) -> Iterator[tuple[str, list[Fault], float]]:
    """A name, its faults one after another, and how long the product waits before it counts as one."""
    first, following = settings.first_token_timeout_s, settings.next_token_timeout_s
    yield "cut at every chunk", [Fault("cut", at) for at in range(n_chunks)], 0.0
    yield "connection reset at every chunk", [Fault("reset", at) for at in range(n_chunks)], 0.0
    yield "half an event at every chunk", [Fault("half", at) for at in range(n_chunks - 1)], 0.0
    junk = (b"data: {oops\n\n", b"data: \xff\x00\xfe\n\n", b"data: [1, 2]\n\n", b'data: {"choices": "x"}\n\n')
    yield "junk frames", [Fault("junk", at, junk=each) for each in junk for at in (0, 4)], 0.0
    yield "429", [Fault("status", status=429)], 0.0
    yield "429 with Retry-After: 4", [Fault("status", status=429, retry_after="4")], 0.0
    yield "500, 502, 503, 504", [Fault("status", status=status) for status in (500, 502, 503, 504)], 0.0
    yield f"silence for {first:g} s", [Fault("silence")], first
    yield "slow drip: a byte in 0.1 s", [Fault("drip", 3, pause_s=0.1)], following


class Bench:
    """The assistant, its model and the proxy between them."""

    def __init__(self, assistant: Assistant, settings: Settings, said: Sequence[str], composed: str) -> None:
        self._bare = assistant
        self._settings = settings
        self._said = said
        self._composed = composed

    async def measure(self, name: str, each: Sequence[Fault], patience_s: float, shoppers: int) -> Row:
        row = Row(name, patience_s)
        for fault in each:
            with FakeServer(Answer(self._said, delay_s=0.02)) as server, FaultyProxy(server.url) as proxy:
                await self._one(row, fault, proxy, shoppers)
        return row

    async def down(self, shoppers: int) -> Row:
        row = Row("down: connections refused")
        with FakeServer(Answer(self._said, delay_s=0.02)) as server, FaultyProxy(server.url) as proxy:
            await self._one(row, None, proxy, shoppers)
        return row

    async def _one(self, row: Row, fault: Fault | None, proxy: FaultyProxy, shoppers: int) -> None:
        drafter = make_drafter(f"openai:fake@{proxy.url}", self._settings)
        assert drafter is not None
        assistant = Assistant(self._bare.index, drafter)
        whole = await self._ask(assistant)  # it works
        if whole.reply.model != assistant.model or whole.wrongs:
            raise SystemExit(f"the model does not work without a fault: {whole.reply.fallback} {whole.wrongs}")
        before = proxy.calls
        if fault is None:
            proxy.down()
        else:
            proxy.fault = fault
        began = time.monotonic()
        asked = await asyncio.gather(*(self._ask(assistant) for _ in range(shoppers)))
        calls = proxy.calls - before
        # A burst's first strike is the earliest moment anybody could have noticed; the slowest shopper counts from it.
        struck = min([at for at in proxy.struck_at if at >= began], default=began)
        row.after_s += [max(0.0, one.ended - struck - row.patience_s) for one in asked]
        row.calls.append(calls / shoppers)
        row.wrongs += [wrong for one in asked for wrong in one.wrongs]
        row.partial += sum(one.reply.text.startswith(self._said[0]) for one in asked)
        alone_before = proxy.calls
        alone = await self._ask(assistant)
        row.wrongs += alone.wrongs
        row.most_calls = max(row.most_calls, proxy.calls - alone_before, -(-calls // shoppers))
        if fault is None:
            proxy.up()
        proxy.fault = Fault()
        row.back_s.append(await self._back(row, assistant))
        await drafter.close()

    async def _back(self, row: Row, assistant: Assistant) -> float:
        healed = time.monotonic()
        while time.monotonic() - healed < BACK_WITHIN_S:
            one = await self._ask(assistant)
            row.wrongs += one.wrongs
            if one.reply.model == assistant.model:
                break
            await asyncio.sleep(0.2)
        return time.monotonic() - healed

    async def _ask(self, assistant: Assistant) -> Asked:
        pieces: list[str] = []
        began = time.monotonic()
        async for event in assistant.stream(Turn("c", QUESTION)):
            if event.kind == "text":
                pieces.append(event.data["delta"])
            elif event.kind == "done":
                reply = event.data["reply"]
        ended = time.monotonic()
        found = wrongs(pieces, reply, "".join(self._said), self._composed, assistant.model)
        return Asked(ended - began, ended, reply, found)


async def run(shoppers: int) -> list[Row]:
    settings = Settings()
    with tempfile.TemporaryDirectory() as data:
        index = open_index(DEMO_SHOP, Path(data), "none", progress=False)
        bare = Assistant(index)
        reply = await bare.answer(Turn("c", QUESTION))
        said = true_sentences(reply)
        bench = Bench(bare, settings, said, reply.text)
        print(
            f"{'fault':<34} {'n':>4} {'after s':>8} {'calls':>6} {'most':>5} {'partial':>8} {'wrong':>6} {'back s':>7}"
        )
        rows = []
        # Every chunk of the answer: the drafted pieces, the finish reason, [DONE], the end.
        for name, each, patience_s in faults(len(said) + 2, settings):
            at_once = 1 if len(each) > 4 else shoppers
            rows.append(await bench.measure(name, each, patience_s, at_once))
            print(rows[-1].line(), flush=True)
        rows.append(await bench.down(shoppers))
        print(rows[-1].line(), flush=True)
    return rows


def true_sentences(reply: Reply) -> list[str]:
    """A draft of true sentences about the first products that are shown, in the pieces in which a model writes."""
    pieces: list[str] = []
    for n, card in enumerate(reply.products[:3], 1):
        pieces += [f"The {card.title} ", f"[{n}] ", "costs ", f"${card.price}", ". "]
    return pieces


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shoppers", type=int, default=20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")  # junk that parses makes the client's own models complain
    rows = asyncio.run(run(options.shoppers))
    for row in rows:
        for wrong in row.wrongs[:5]:
            print(f"{row.name}: {wrong}")
    told = [row.plain() for row in rows]
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({"faults": told}))


if __name__ == "__main__":
    main()
