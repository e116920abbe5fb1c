"""How the HTTP API bears many streams, many workers, lost connections and clients that leave.

    python -m benchmarks.api_streams [streams] [workers] [reconnects] [disconnects] [--streams 1000] [--json FILE]

Loopback only; each server is the real application in a process of its own over an assistant of known pace (see
benchmarks/api_server.py), SQLite by default, PostgreSQL (from a wheel) for the workers.

streams      so many conversations; their messages arrive at random over `--arrivals` seconds, one each; an answer of
             `--sentences` lasts longer than that, so that in the end all streams are open at once. What is added: from
             sending the message to reading the first words, less what the assistant took for them.
workers      four servers on one database: each message of a conversation goes to the next server, is followed at
             another and read back at a third.
reconnects   of 100 conversations: the connection is given up after every event and taken up again with Last-Event-ID,
             while the answer runs and, at every event, once more afterwards.
disconnects  100 clients leave at some moment of their answer; a second later nothing may be running.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SEED = 11


@dataclass(frozen=True, slots=True)
class Told:
    """One event, and when it was read."""

    id: int
    kind: str
    data: dict[str, Any]
    at: float


@dataclass(slots=True)
class Request:
    """One HTTP request on a connection of its own, written and read by hand so that clients cost little."""

    url: str
    method: str
    path: str
    token: str = ""
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    writer: asyncio.StreamWriter | None = None
    sent_at: float = 0.0

    async def open(self) -> asyncio.StreamReader:
        place = urlsplit(self.url)
        reader, self.writer = await asyncio.open_connection(place.hostname, place.port)
        body = b"" if self.body is None else json.dumps(self.body).encode()
        headers = {"host": place.netloc, "content-length": str(len(body)), "content-type": "application/json"}
        headers |= {"authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= {"connection": "close"} | self.headers
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.sent_at = time.monotonic()
        self.writer.write(f"{self.method} {self.path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        await self.writer.drain()
        return reader

    async def json(self) -> Any:
        """The answer's body."""
        reader = await self.open()
        try:
            status = int((await reader.readline()).split()[1])
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length:")[2].split("\r\n")[0])
            body = await reader.readexactly(length)
            if status >= 400:
                raise RuntimeError(f"{status} {body[:200]!r}")
            return json.loads(body)
        finally:
            self.close()

    async def events(self) -> AsyncIterator[Told]:
        """The events of a stream, to its end."""
        reader = await self.open()
        try:
            status = await reader.readline()
            if b" 200 " not in status:
                raise RuntimeError(f"{status!r} {(await reader.read(500))!r}")
            await reader.readuntil(b"\r\n\r\n")
            kept = b""
            while (size := int((await reader.readline()).strip() or b"0", 16)) > 0:
                kept += await reader.readexactly(size)
                await reader.readexactly(2)
                now = time.monotonic()
                *whole, kept = kept.split(b"\n\n")
                for block in whole:
                    fields = dict(line.split(": ", 1) for line in block.decode().split("\n") if ": " in line)
                    if "data" in fields:
                        yield Told(int(fields["id"]), fields["event"], json.loads(fields["data"]), now)
        finally:
            self.close()

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


@dataclass(slots=True)
class Talk:
    """One guest's conversation."""

    id: str
    secret: str

    @classmethod
    async def begin(cls, url: str) -> Talk:
        begun = await Request(url, "POST", "/v1/conversations", body={}).json()
        return cls(begun["id"], begun["secret"])

    def request(self, url: str, method: str, path: str, body: Any = None, **headers: str) -> Request:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return Request(url, method, f"/v1/conversations/{self.id}{path}", self.secret, body, names)

    def say(self, url: str, text: str) -> Request:
        return self.request(url, "POST", "/messages", {"text": text}, accept="text/event-stream")

    def follow(self, url: str, after: int) -> Request:
        return self.request(url, "GET", "/events", last_event_id=str(after))


@contextmanager
def servers(n: int, *options: str) -> Iterator[list[str]]:
    """Addresses of so many servers on one data folder, or one database."""
    with tempfile.TemporaryDirectory() as folder:
        running = []
        try:
            for number in range(n):
                own = [sys.executable, "-m", "benchmarks.api_server", "--data", f"{folder}/{number}", *options]
                running.append(subprocess.Popen(own, stdout=subprocess.PIPE, text=True))
            urls = []
            for process in running:
                assert process.stdout is not None
                urls.append(process.stdout.readline().strip())
            for url in urls:
                asyncio.run(_until_up(url))
            yield urls
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(30)


async def _until_up(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            await Request(url, "GET", "/bench").json()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)


async def _conversations(url: str, n: int) -> list[Talk]:
    """So many conversations, begun eight at a time."""
    gate = asyncio.Semaphore(8)

    async def begin() -> Talk:
        async with gate:
            return await Talk.begin(url)

    return list(await asyncio.gather(*(begin() for _ in range(n))))


def _figures(values: list[float]) -> dict[str, float]:
    """Milliseconds at the usual shares."""
    cut = statistics.quantiles(values, n=100)
    told = {"p50": cut[49], "p95": cut[94], "p99": cut[98], "max": max(values)}
    return {name: round(1000 * value, 1) for name, value in told.items()}


async def streams(url: str, n: int, arrivals_s: float, per_answer: int) -> dict[str, Any]:
    """Many streams at once."""
    talks, chance = await _conversations(url, n), random.Random(SEED)
    before = await Request(url, "GET", "/bench").json()
    began = time.monotonic()
    open_now = most_open = 0
    first_words: list[float] = []
    first_event: list[float] = []
    every_word: list[float] = []
    wrong: list[str] = []

    async def one(talk: Talk, at: float) -> None:
        nonlocal open_now, most_open
        await asyncio.sleep(at)
        open_now += 1
        most_open = max(most_open, open_now)
        request, seen = talk.say(url, "A tent for two in the rain?"), []
        try:
            async for told in request.events():
                seen.append(told)
                text = told.data["delta"] if told.kind == "text" else told.data["text"] if told.kind == "status" else ""
                if text:
                    model_began, said = (float(part) for part in text.split(" ", 2)[:2])
                    added = (told.at - request.sent_at) - (said - model_began)
                    if told.kind == "status":
                        first_event.append(added)
                    elif sum(event.kind == "text" for event in seen) == 1:
                        first_words.append(added)
                    else:
                        every_word.append(told.at - said)
        except (OSError, RuntimeError, asyncio.IncompleteReadError) as error:
            wrong.append(f"{type(error).__name__}: {error}")
        open_now -= 1
        if [told.id for told in seen] != list(range(1, len(seen) + 1)):
            wrong.append("a gap or a repeat")
        if not seen or seen[-1].kind != "done" or sum(told.kind == "text" for told in seen) != per_answer:
            wrong.append("not finished")

    await asyncio.gather(*(one(talk, chance.uniform(0, arrivals_s)) for talk in talks))
    after = await Request(url, "GET", "/bench").json()
    return {
        "n": n,
        "most_open": most_open,
        "seconds": round(time.monotonic() - began, 1),
        "server_cpu_s": round(after["cpu_s"] - before["cpu_s"], 1),
        "not_finished": len(wrong),
        "why": sorted(set(wrong))[:3],
        "added_to_first_event_ms": _figures(first_event),
        "added_to_first_words_ms": _figures(first_words),
        "later_words_ms": _figures(every_word),
    }


async def workers(urls: list[str], n: int) -> dict[str, Any]:
    """Each message at the next worker, followed at another, read back at a third."""
    talks, wrong, served = await _conversations(urls[0], n), [], [0] * len(urls)

    async def one(number: int, talk: Talk) -> None:
        await asyncio.sleep(number * 0.05)
        head = 0
        for turn in range(3):
            here, there, back = (urls[(number + turn + more) % len(urls)] for more in range(3))
            follow = talk.follow(there, head)
            following = asyncio.create_task(_to_the_end(follow))
            said = [told async for told in talk.say(here, f"message {turn}").events()]
            served[(number + turn) % len(urls)] += 1
            seen = await asyncio.wait_for(following, 20)
            again = await _to_the_end(talk.follow(back, head))
            ids = [told.id for told in said]
            if ids != list(range(head + 1, head + 1 + len(ids))) or said[-1].kind != "done":
                wrong.append("a gap, a repeat or no end")
            if [told.id for told in seen] != ids or [told.id for told in again] != ids:
                wrong.append("another worker told something else")
            if [t.data for t in again] != [t.data for t in said]:
                wrong.append("read back otherwise")
            head = ids[-1]

    await asyncio.gather(*(one(number, talk) for number, talk in enumerate(talks)))
    counts = [(await Request(url, "GET", "/bench").json())["finished"] for url in urls]
    return {"n": 3 * n, "workers": len(urls), "posted_at": served, "answered_at": counts, "wrong": sorted(set(wrong))}


async def _to_the_end(request: Request) -> list[Told]:
    seen = []
    async for told in request.events():
        seen.append(told)
        if told.kind in ("done", "error"):
            break
    request.close()
    return seen


async def reconnects(url: str, n: int) -> dict[str, Any]:
    """A new connection for every event, live and afterwards."""
    talks, gaps, repeats, connections = await _conversations(url, n), 0, 0, 0

    async def one(talk: Talk) -> None:
        nonlocal gaps, repeats, connections
        # The message is sent without waiting for its answer: what follows it are the reconnecting clients.
        sending = talk.say(url, "A tent?")
        await sending.open()
        seen: list[Told] = []
        while not seen or seen[-1].kind != "done":
            request = talk.follow(url, seen[-1].id if seen else 0)
            async for told in request.events():
                seen.append(told)
                break
            request.close()
            sending.close()
            connections += 1
        ids = [told.id for told in seen]
        gaps += len(set(range(1, max(ids) + 1)) - set(ids))
        repeats += len(ids) - len(set(ids))
        for after in range(len(ids)):
            again = await _to_the_end(talk.follow(url, after))
            connections += 1
            gaps += len(set(ids[after:]) - {told.id for told in again})
            repeats += len(again) - len({told.id for told in again})
            if [told.data for told in again] != [told.data for told in seen[after:]]:
                gaps += 1

    await asyncio.gather(*(one(talk) for talk in talks))
    return {"n": n, "connections": connections, "gaps": gaps, "repeats": repeats}


async def disconnects(url: str, n: int) -> dict[str, Any]:
    """Clients that leave in the middle."""
    talks, chance = await _conversations(url, n), random.Random(SEED)
    left_at: list[float] = []

    async def one(talk: Talk) -> None:
        await asyncio.sleep(chance.uniform(0, 2))
        request, after_s = talk.say(url, "A tent?"), chance.uniform(0.02, 2.5)
        try:
            async with asyncio.timeout(after_s):
                async for _ in request.events():
                    pass
        except TimeoutError:
            pass
        request.close()
        left_at.append(time.monotonic())

    await asyncio.gather(*(one(talk) for talk in talks))
    await asyncio.sleep(max(0.0, max(left_at) + 1.0 - time.monotonic()))
    after = await Request(url, "GET", "/bench").json()
    states = []
    for talk in talks:
        messages = (await talk.request(url, "GET", "/messages").json())["messages"]
        states.append(messages[-1]["state"] if messages and messages[-1]["role"] == "assistant" else "nothing said")
    return {
        "n": n,
        "orphans_after_1_s": after["running"],
        "cancelled": after["cancelled"],
        "kept": {state: states.count(state) for state in sorted(set(states))},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("which", nargs="*", default=["streams", "workers", "reconnects", "disconnects"])
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--arrivals", type=float, default=20.0)
    parser.add_argument("--sentences", type=int, default=12)
    parser.add_argument("--pause", type=float, default=2.0)
    parser.add_argument("--conversations", type=int, default=100)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found: dict[str, Any] = {}
    if "streams" in options.which:
        with servers(1, "--sentences", str(options.sentences), "--pause", str(options.pause)) as (url,):
            found["streams"] = asyncio.run(streams(url, options.streams, options.arrivals, options.sentences))
    if "workers" in options.which:
        from tests.databases import postgresql

        paced = ("--sentences", "4", "--pause", "0.2")
        with postgresql() as database, servers(4, "--database-url", database.new_database(), *paced) as urls:
            found["workers"] = asyncio.run(workers(urls, options.conversations))
    if "reconnects" in options.which:
        with servers(1, "--sentences", "6", "--pause", "0.3") as (url,):
            found["reconnects"] = asyncio.run(reconnects(url, options.conversations))
    if "disconnects" in options.which:
        with servers(1, "--sentences", "20", "--pause", "0.3") as (url,):
            found["disconnects"] = asyncio.run(disconnects(url, options.conversations))
    for name, figures in found.items():
        print(name)
        for label, value in figures.items():
            print(f"  {label:<26} {value}")
    told = {"seed": SEED, "cores": len(os.sched_getaffinity(0)), "load_1min": round(os.getloadavg()[0], 1)}
    line = json.dumps({"benchmark": "api_streams", "python": platform.python_version(), **told, **found})
    print(line)
    if options.json:
        options.json.write_text(line + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
