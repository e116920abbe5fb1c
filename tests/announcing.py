"""A process that asks for a person over and over, tells what was acknowledged, delivers beside it, and is killed.

In: a database and a receiver. Out: which messages were acknowledged. Whatever was must reach the receiver, from this
process or from the next. `benchmarks/webhook_kills.py` runs it at full size.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import subprocess
import sys
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from assistant.store import NewMessage, Store
from assistant.store.transactions import utc_now
from assistant.types import Query, Reply
from assistant.webhooks import Deliveries, Receivers

ROOT = Path(__file__).parents[1]
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
ASKS = Reply("Our team will help.", Query("a person", ("handoff",)), handoff="asked for a person")
NEVER = timedelta(days=1)


class Inbox:
    """A receiver on a loopback port. `messages` are the ids it was told of, with how often."""

    def __init__(self) -> None:
        self.messages: dict[int, int] = {}
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["content-length"])))
                message = told["data"]["message_id"]
                inbox.messages[message] = inbox.messages.get(message, 0) + 1
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hooks"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Inbox:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def killed_after(database: str, receiver: str, seconds: float) -> list[int]:
    """Run the process for that long from its first message on, kill it; the messages that were acknowledged."""
    command = [sys.executable, "-m", "tests.announcing", database, receiver]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(seconds)
    process.kill()
    rest, _ = process.communicate()
    whole = rest[: rest.rfind("\n") + 1]  # a line that broke off acknowledged nothing
    return [int(line) for line in (first + whole).split()]


def deliver_rest(database: str, receiver: str) -> None:
    """What the next process does: deliver all that is left, leases of the dead included."""
    ahead = timedelta(hours=1)
    late = Store.at_url(database, lambda: utc_now() + ahead)

    async def deliver() -> None:
        nonlocal ahead
        delivering = Deliveries(late, Receivers(receiver, SECRET), NEVER)
        async with delivering.client() as client:
            while late.waiting_webhooks():
                await delivering.deliver_due(client)
                ahead += timedelta(hours=1)

    asyncio.run(deliver())
    late.close()


def lost_and_repeated(database: str, kills: int, seed: int = 0) -> tuple[int, int, int]:
    """(messages acknowledged, of those never told, told more than once) over so many kills at random moments."""
    moments = random.Random(seed)
    acknowledged: list[int] = []
    with Inbox() as inbox:
        for _ in range(kills):
            acknowledged += killed_after(database, inbox.url, moments.uniform(0.02, 0.3))
        deliver_rest(database, inbox.url)
    lost = [message for message in acknowledged if message not in inbox.messages]
    return len(acknowledged), len(lost), sum(times > 1 for times in inbox.messages.values())


async def _announce(database: str, receiver: str) -> None:
    store = Store.at_url(database)
    delivering = asyncio.create_task(Deliveries(store, Receivers(receiver, SECRET), NEVER).run())
    while not delivering.done():
        asks = NewMessage("c", "assistant", ASKS.text, ASKS)
        (message,) = await asyncio.to_thread(store.append_messages, [asks])
        sys.stdout.write(f"{message}\n")
        sys.stdout.flush()
        await asyncio.sleep(0.005)


if __name__ == "__main__":
    asyncio.run(_announce(*sys.argv[1:]))
