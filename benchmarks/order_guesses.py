"""Whether somebody who guesses order numbers and e-mail addresses learns anything: from the words, or from the time.

    python -m benchmarks.order_guesses [--guesses 10000] [--seed 1]

Guests and a signed-in customer ask for orders of others, by right numbers with wrong addresses, by somebody else's
right address, and by numbers that do not exist, in random order and each from a conversation of its own. Out: how many
replies said anything of an order, in how many wordings they came, and how the times of the three kinds differ; then how
many tries the counter let through. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.config import DEMO_SHOP
from assistant.orders.attempts import LIMIT, MemoryAttempts
from assistant.pipeline import Assistant
from assistant.storefront import FolderStorefront
from assistant.types import Turn
from knowledge_base.importing.records import OrderRecord, read_orders
from knowledge_base.opening import open_index
from knowledge_base.shop import open_shop

KINDS = ("wrong", "foreign", "missing")
_TEXTS = ("where is my order {ref}, my mail is {email}", "我的订单{ref}到哪了？邮箱是{email}", "order {ref} {email}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`leaks` are replies with words of an order's record; `wordings` the different texts without their numbers."""

    n: int
    leaks: int
    wordings: int
    times_ms: dict[str, list[float]]

    def gap_ms(self) -> float:
        """The greatest difference between two kinds, of their means or of their medians."""
        means = [statistics.fmean(times) for times in self.times_ms.values()]
        medians = [statistics.median(times) for times in self.times_ms.values()]
        return max(max(means) - min(means), max(medians) - min(medians))


def guess(rng: random.Random, kind: str, records: Sequence[OrderRecord]) -> tuple[str, str]:
    """A number and an address of that kind."""
    one, other = rng.sample(records, 2)
    while other.email == one.email:
        other = rng.choice(records)
    if kind == "missing":
        return f"AP{rng.randrange(40000, 99999)}", one.email or ""
    return one.id, (other.email or "") if kind == "foreign" else f"c-{rng.randrange(10**6)}@example.com"


async def run(assistant: Assistant, records: Sequence[OrderRecord], n: int, seed: int) -> Outcome:
    """Ask `n` times. Each guess meets a counter of its own, so that none is turned away before it is looked up."""
    rng = random.Random(seed)
    secrets = {word for r in records for word in (*(i.title or "" for i in r.items), *_trackings(r)) if len(word) > 5}
    leaks, wordings = 0, set()
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(n):
        kind = rng.choice(KINDS)
        ref, email = guess(rng, kind, records)
        text = rng.choice(_TEXTS).format(ref=ref, email=email)
        turn = Turn(f"g{number}", text, shopper=rng.choice((None, "c-nobody")), address=f"10.0.0.{number % 250}")
        asked = replace(assistant, attempts=MemoryAttempts())
        began = time.perf_counter()
        reply = await asked.answer(turn)
        times[kind].append((time.perf_counter() - began) * 1000)
        wordings.add((reply.text.replace(ref, "N"), reply.query.language, reply.handoff, bool(reply.products)))
        leaks += bool(reply.orders or reply.proposals or any(word in reply.text for word in secrets))
    return Outcome(n, leaks, len(wordings), times)


async def tries_let_through(assistant: Assistant, records: Sequence[OrderRecord], n: int) -> int:
    """Of `n` wrong guesses in one conversation, how many were looked up."""
    asked = replace(assistant, attempts=MemoryAttempts())
    replies = [
        await asked.answer(Turn("one", f"order {record.id}, mail eve{k}@example.com"))
        for k, record in enumerate(random.Random(0).choices(records, k=n))
    ]
    return sum("too many tries" not in reply.text for reply in replies)


def _trackings(record: OrderRecord) -> list[str]:
    return [parcel.tracking for parcel in record.shipments if parcel.tracking]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description="Guess order numbers and addresses of a demo shop.")
    parser.add_argument("--guesses", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    shop = open_shop(DEMO_SHOP)
    records = read_orders(shop)[0]
    with tempfile.TemporaryDirectory() as data:
        index = open_index(DEMO_SHOP, Path(data), "none", progress=False)
        assistant = Assistant(index, storefront=FolderStorefront(shop))
        asyncio.run(run(assistant, records, 200, arguments.seed + 1))  # everything that is made when first needed
        outcome = asyncio.run(run(assistant, records, arguments.guesses, arguments.seed))
        through = asyncio.run(tries_let_through(assistant, records, 50))
    print(f"{'kind':8} {'n':>6} {'mean ms':>8} {'median':>8} {'p95':>8}")
    for kind, times in outcome.times_ms.items():
        p95 = sorted(times)[int(0.95 * len(times))]
        print(f"{kind:8} {len(times):6} {statistics.fmean(times):8.3f} {statistics.median(times):8.3f} {p95:8.3f}")
    figures = {
        "guesses": outcome.n,
        "leaks": outcome.leaks,
        "wordings": outcome.wordings,
        "gap_ms": round(outcome.gap_ms(), 3),
        "of_50_tries_let_through": through,
        "limit": LIMIT,
        "seed": arguments.seed,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
