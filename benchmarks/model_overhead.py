"""What the assistant adds to its model: the same drafts taken from the server directly, and through the whole pipeline.

    python -m benchmarks.model_overhead [--chats 1 8 32] [--rounds 5] [--at-once] [--json FILE]

The model is a real HTTP server of known pace in a process of its own (benchmarks/paced_model.py), the client the same
for both: `ChatDrafter` over connections that are kept. Directly its deltas are read as they come; through the
pipeline a turn is understood, the shop searched, the prompt built, and each sentence checked before it is released.

Chats begin spread over the length of an answer, so that all are under way at once in the middle; with `--at-once` all
in one instant.

first ms      until the first delta of the draft is there, p95 (directly: of the request; pipeline: of the turn)
sentence ms   until the first whole sentence is there; through the pipeline checked and released
tokens/s      deltas of all chats by the time from the first request to the last answer
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from assistant.config import DEMO_SHOP, Settings
from assistant.evidence import gather
from assistant.generation import Drafter, make_drafter
from assistant.pipeline import Assistant
from assistant.prompt import build_prompt
from assistant.sentences import SentenceSplitter
from assistant.types import Prompt, Turn
from assistant.understanding import understand
from benchmarks.paced_model import DRAFT
from knowledge_base.opening import open_index

QUESTIONS = (
    "recommend a tent",
    "which jacket is warm?",
    "a kettle for coffee",
    "something for a child",
    "a bike light",
)


FIRST: ContextVar[list[float] | None] = ContextVar(
    "FIRST", default=None
)  # of the chat that runs: when its first delta came


class Watched:
    """A drafter that writes down when a chat's first delta came, and counts deltas."""

    def __init__(self, drafter: Drafter) -> None:
        self.name = drafter.name
        self.n_deltas = 0
        self._drafter = drafter

    async def draft(self, prompt: Prompt) -> AsyncIterator[str]:
        async for delta in self._drafter.draft(prompt):
            if (firsts := FIRST.get()) is not None:
                firsts.append(time.perf_counter())
            self.n_deltas += 1
            yield delta

    def count_tokens(self, text: str) -> int:
        return self._drafter.count_tokens(text)

    async def close(self) -> None:
        await self._drafter.close()


@contextmanager
def model_server(first_s: float, pause_s: float, *more: str) -> Iterator[str]:
    """The base URL of a paced model."""
    command = [sys.executable, "-m", "benchmarks.paced_model", "--first", str(first_s), "--pause", str(pause_s), *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


Told = tuple[list[tuple[float, float]], int, float]
"""Of each chat: seconds to the first delta and to the first whole sentence; how many deltas in all, in how long."""


async def directly(drafter: Watched, prompts: list[Prompt], chats: int, spread_s: float) -> Told:
    async def one(number: int) -> tuple[float, float]:
        await asyncio.sleep(spread_s * number / chats)
        firsts: list[float] = []
        FIRST.set(firsts)
        began, splitter, sentence = time.perf_counter(), SentenceSplitter(), 0.0
        async for delta in drafter.draft(prompts[number % len(prompts)]):
            if splitter.feed(delta):
                sentence = sentence or time.perf_counter() - began
        return firsts[0] - began, sentence

    drafter.n_deltas = 0
    began = time.perf_counter()
    told = await asyncio.gather(*(one(n) for n in range(chats)))
    return told, drafter.n_deltas, time.perf_counter() - began


async def whole(assistant: Assistant, drafter: Watched, chats: int, spread_s: float) -> Told:
    async def one(number: int) -> tuple[float, float]:
        await asyncio.sleep(spread_s * number / chats)
        firsts: list[float] = []
        FIRST.set(firsts)
        began, sentence = time.perf_counter(), 0.0
        async for event in assistant.stream(Turn(f"c{number}", QUESTIONS[number % len(QUESTIONS)])):
            if event.kind == "text" and not sentence:
                sentence = time.perf_counter() - began
        return firsts[0] - began, sentence

    drafter.n_deltas = 0
    began = time.perf_counter()
    told = await asyncio.gather(*(one(n) for n in range(chats)))
    return told, drafter.n_deltas, time.perf_counter() - began


def figures(name: str, rounds: list[Told]) -> dict[str, Any]:
    chats = [chat for told, _, _ in rounds for chat in told]
    return {
        f"{name}_first_p50_ms": round(1000 * percentile([first for first, _ in chats], 0.5)),
        f"{name}_first_p95_ms": round(1000 * percentile([first for first, _ in chats], 0.95)),
        f"{name}_sentence_p95_ms": round(1000 * percentile([sentence for _, sentence in chats], 0.95)),
        f"{name}_tokens_s": round(sum(n for _, n, _ in rounds) / sum(took for _, _, took in rounds), 1),
    }


async def measure(url: str, sizes: list[int], rounds: int, spread_s: float) -> list[dict[str, Any]]:
    rows = []
    with tempfile.TemporaryDirectory() as data:
        index = open_index(DEMO_SHOP, Path(data), "none", progress=False)
        made = make_drafter(f"openai:paced@{url}", Settings(mask_remote=False))
        assert made is not None
        watched = Watched(made)
        assistant = Assistant(index, watched)
        prompts = []
        for question in QUESTIONS:
            turn = Turn("c", question)
            query = understand(turn, index)
            query, evidence = gather(query, index, assistant.visit(turn))
            prompts.append(build_prompt(turn, query, evidence, index.info, made.count_tokens, 3000))
            await assistant.answer(turn)  # what is made when first needed
        for chats in sizes:
            direct: list[Told] = []
            through: list[Told] = []
            for _ in range(rounds):  # taken by turns, so that a busy machine hinders both alike
                direct.append(await directly(watched, prompts, chats, spread_s))
                through.append(await whole(assistant, watched, chats, spread_s))
            rows.append({"chats": chats, "n": chats * rounds, **figures("direct", direct), **figures("whole", through)})
        await made.close()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chats", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--first", type=float, default=0.3)
    parser.add_argument("--pause", type=float, default=0.03)
    parser.add_argument("--at-once", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    with model_server(options.first, options.pause) as url:
        length_s = options.first + options.pause * len(DRAFT.split())
        rows = asyncio.run(measure(url, options.chats, options.rounds, 0.0 if options.at_once else length_s))
    print("chats  first ms  whole  sentence ms  whole  tokens/s   whole  ratio")
    for row in rows:
        print(
            f"{row['chats']:>5} {row['direct_first_p95_ms']:>9} {row['whole_first_p95_ms']:>6} "
            f"{row['direct_sentence_p95_ms']:>12} {row['whole_sentence_p95_ms']:>6} {row['direct_tokens_s']:>9} "
            f"{row['whole_tokens_s']:>7} {row['whole_tokens_s'] / row['direct_tokens_s']:>6.3f}"
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({"overhead": rows}))


if __name__ == "__main__":
    main()
