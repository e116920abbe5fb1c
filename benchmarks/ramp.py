"""More shoppers than there is room for: a ramp to 1,000 chats, and a burst at ten times that pace.

    python -m benchmarks.ramp [--chats 1000] [--seconds 60] [--burst 250] [--soak 0] [--json FILE]

The real `python -m ui` in a process of its own, with the demo shop and a paced model behind it (16 answers at a time,
64 in line, as the settings come), over loopback. Each chat begins a conversation, sends one message and reads its
stream to the end. Whoever finds the line full has to be refused at once, with Retry-After. `--soak` seconds follow at
half of what can be served; the slope of memory is that of the server's resident set.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.api_streams import Talk
from benchmarks.model_overhead import QUESTIONS, model_server, percentile

HANGS_AFTER_S = 60.0


@dataclass(slots=True)
class Phase:
    """What became of the chats of a phase; seconds of those that were answered and of those that were refused."""

    name: str
    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    without_retry_after: int = 0
    hung: int = 0
    other: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        return {
            "phase": self.name,
            "answered": len(self.answered),
            "answered_p95_s": round(percentile(self.answered, 0.95), 2) if self.answered else None,
            "refused": len(self.refused),
            "refused_p95_s": round(percentile(self.refused, 0.95), 2) if self.refused else None,
            "without_retry_after": self.without_retry_after,
            "hung": self.hung,
            "other": len(self.other),
        }


@contextmanager
def page_server(model_url: str, data: str) -> Iterator[tuple[str, int]]:
    """The address of a running page, and its process."""
    limits = {f"SHOPKEEPER_RATE_{name}": "" for name in ("SHOPPER", "ADDRESS", "READS")}
    environment = {**os.environ, **limits, "SHOPKEEPER_EMBEDDER": "none"}
    command = [sys.executable, "-m", "ui", "--port", "0", "--data", data, "--model", f"openai:paced@{model_url}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Ready") and (at := line.find("http://")) >= 0:
                yield line[at:].split()[0].rstrip("/.,"), process.pid
                break
    finally:
        process.terminate()
        process.wait()


async def chat(url: str, number: int, phase: Phase) -> None:
    """One shopper's message, to its end."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(HANGS_AFTER_S):
            talk = await Talk.begin(url)
            began = time.monotonic()
            request = talk.say(url, QUESTIONS[number % len(QUESTIONS)])
            ended = ""
            async for told in request.events():
                ended = told.kind
        if ended == "done":
            phase.answered.append(time.monotonic() - began)
        else:
            phase.other.append(f"ended with {ended!r}")
    except TimeoutError:
        phase.hung += 1
    except (RuntimeError, OSError, asyncio.IncompleteReadError) as error:
        said = str(error)
        if " 503 " in said or " 429 " in said or said.startswith(("503", "429")):
            phase.refused.append(time.monotonic() - began)
            phase.without_retry_after += "retry-after" not in said.lower()
        else:
            phase.other.append(said[:120])


async def arrive(url: str, name: str, chats: int, seconds: float) -> Phase:
    """So many chats, spread evenly."""
    phase = Phase(name)
    began = time.monotonic()
    tasks = []
    for number in range(chats):
        await asyncio.sleep(max(0.0, began + seconds * number / chats - time.monotonic()))
        tasks.append(asyncio.create_task(chat(url, number, phase)))
    await asyncio.gather(*tasks)
    return phase


def resident_mb(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


async def run(options: argparse.Namespace) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory() as data,
        model_server(0.3, 0.03) as model,
        page_server(model, data) as (url, pid),
    ):
        await arrive(url, "warm-up", 5, 5.0)
        phases = [await arrive(url, "ramp", options.chats, options.seconds)]
        phases.append(await arrive(url, "burst", options.burst, options.burst * options.seconds / options.chats / 10))
        phases.append(await arrive(url, "after", 20, 10.0))
        told: dict[str, Any] = {"phases": [phase.plain() for phase in phases]}
        if options.soak:
            memory = [resident_mb(pid)]
            for _ in range(max(1, round(options.soak / 30))):
                phases.append(await arrive(url, "soak", 90, 30.0))
                memory.append(resident_mb(pid))
            told["soak"] = {"seconds": options.soak, "mb": [round(mb, 1) for mb in memory]}
        for phase in phases:
            for other in dict.fromkeys(phase.other):
                print(f"{phase.name}: {other}")
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chats", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--burst", type=int, default=250)
    parser.add_argument("--soak", type=float, default=0.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    told = asyncio.run(run(options))
    print("phase   answered  p95 s  refused  p95 s  no Retry-After  hung  other")
    for row in told["phases"]:
        print(
            f"{row['phase']:<8} {row['answered']:>7} {row['answered_p95_s'] or 0:>6} {row['refused']:>8} "
            f"{row['refused_p95_s'] or 0:>6} {row['without_retry_after']:>15} {row['hung']:>5} {row['other']:>6}"
        )
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told))


if __name__ == "__main__":
    main()
