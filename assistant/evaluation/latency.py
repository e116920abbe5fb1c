"""How long shoppers wait for the first words when several ask at once.

In: anything that streams events, questions, how many shoppers. Out: milliseconds to the first text of every reply.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.evaluation.metrics import mean, percentile
from assistant.types import Event, Turn


class Streams(Protocol):
    """What is timed: anything that streams a reply."""

    def stream(self, turn: Turn) -> AsyncIterator[Event]:
        """The events of one reply."""
        ...


@dataclass(frozen=True, slots=True)
class Waited:
    """One reply's times, from the moment of asking. `first_text_ms` None: no text ever came."""

    first_text_ms: float | None
    total_ms: float


async def time_shoppers(assistant: Streams, texts: Sequence[str], shoppers: int) -> list[Waited]:
    """Every shopper asks his share of the texts one after the other, all shoppers at once."""

    async def shopper(number: int) -> list[Waited]:
        waits = []
        for place in range(number, len(texts), shoppers):
            waits.append(await _ask(assistant, Turn(f"latency-{number}-{place}", texts[place])))
        return waits

    found = await asyncio.gather(*(shopper(number) for number in range(shoppers)))
    return [wait for waits in found for wait in waits]


async def _ask(assistant: Streams, turn: Turn) -> Waited:
    started = time.perf_counter()
    first: float | None = None
    async for event in assistant.stream(turn):
        if event.kind == "text" and first is None:
            first = (time.perf_counter() - started) * 1000
    return Waited(first, (time.perf_counter() - started) * 1000)


def summary(waits: Sequence[Waited], shoppers: int) -> dict[str, Any]:
    """Medians and 95th percentiles; replies without any text are counted apart."""
    first = [wait.first_text_ms for wait in waits if wait.first_text_ms is not None]
    total = [wait.total_ms for wait in waits]
    return {
        "n": len(waits),
        "shoppers": shoppers,
        "first_text_p50_ms": percentile(first, 0.5),
        "first_text_p95_ms": percentile(first, 0.95),
        "first_text_max_ms": max(first, default=0.0),
        "total_p50_ms": percentile(total, 0.5),
        "total_p95_ms": percentile(total, 0.95),
        "total_mean_ms": mean(total),
        "without_text": len(waits) - len(first),
    }
