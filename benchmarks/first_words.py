"""Time from a sent message to the first words on the page, with several shoppers asking at once.

    python -m benchmarks.first_words [--url http://127.0.0.1:7860] [--shoppers 10] [--rounds 5]

Needs a running `python -m ui`. Each shopper is a session of the real page's protocol (join, then server-sent events),
so the figure holds everything but drawing. Prints a table and one JSON line last.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import statistics
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from html import unescape

from tests.integration.page_session import PageSession


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:7860")
    parser.add_argument("--shoppers", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with ExitStack() as stack:
        sessions = [stack.enter_context(PageSession(options.url)) for _ in range(options.shoppers)]
        questions = _questions(sessions[0])
        sessions[0].first_words_s(questions[0])  # the first question of a process also loads what it needs
        with ThreadPoolExecutor(options.shoppers) as pool:
            rounds = [
                [
                    seconds * 1000
                    for seconds in pool.map(
                        lambda n, at=at: sessions[n].first_words_s(questions[(n + at) % len(questions)]),
                        range(options.shoppers),
                    )
                    if not math.isnan(seconds)
                ]
                for at in range(options.rounds)
            ]
    print(f"{'round':>6} {'median ms':>10} {'slowest ms':>11}")
    for number, times in enumerate(rounds, start=1):
        print(f"{number:>6} {statistics.median(times):>10.0f} {max(times):>11.0f}")
    every = sorted(time for times in rounds for time in times)
    print(
        json.dumps(
            {
                "shoppers": options.shoppers,
                "n": len(every),
                "median_ms": round(statistics.median(every)),
                "p95_ms": round(every[math.ceil(0.95 * len(every)) - 1]),
                "max_ms": round(every[-1]),
            }
        )
    )


def _questions(session: PageSession) -> list[str]:
    """Questions the shop itself suggests, so that any shop can be measured."""
    return [unescape(text) for text in re.findall(r'data-text=\\"(.*?)\\"', session.opened)] or ["What do you sell?"]


if __name__ == "__main__":
    main()
