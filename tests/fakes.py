"""Stand-ins for what a test may not need: a chat model, and a server that speaks the OpenAI protocol.

`FakeDrafter` follows a script, `LyingDrafter` states wrong facts about the very evidence it was given, `FakeServer` is
a real HTTP server on a free loopback port. None of them patches anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from assistant.types import Prompt

Step = str | float | BaseException
"""A delta to write, seconds to wait, or an error to raise."""
Script = str | Sequence[Step] | Callable[[Prompt], str]


class FakeDrafter:
    """A drafter that follows a script: a text (written word by word), steps, or a function of the prompt.

    `delay_s` is waited before each delta. `prompts` are those it was given, `cancelled` counts drafts that were closed
    before their end.
    """

    def __init__(self, script: Script = "", *, name: str = "fake", delay_s: float = 0.0) -> None:
        self.name = name
        self.script = script
        self.delay_s = delay_s
        self.prompts: list[Prompt] = []
        self.cancelled = 0
        self.running = 0
        self.closed = False

    async def draft(self, prompt: Prompt) -> AsyncIterator[str]:
        self.prompts.append(prompt)
        script = self.script(prompt) if callable(self.script) else self.script
        steps: Sequence[Step] = re.findall(r"\s*\S+\s*?(?=\s|$)|\s+$", script) if isinstance(script, str) else script
        self.running += 1
        finished = False
        try:
            for step in steps:
                if isinstance(step, BaseException):
                    finished = True
                    raise step
                if isinstance(step, str):
                    await asyncio.sleep(self.delay_s)
                    yield step
                else:
                    await asyncio.sleep(step)
            finished = True
        finally:
            self.running -= 1
            self.cancelled += not finished

    def count_tokens(self, text: str) -> int:
        return len(re.findall(r"\w+|[^\w\s]", text))

    async def close(self) -> None:
        self.closed = True


@dataclass(frozen=True, slots=True)
class Lie:
    """A false draft, and the words of it that must not reach the page."""

    text: str
    forbidden: tuple[str, ...]


def _first_title(prompt: Prompt) -> str:
    hits = prompt.evidence.products or prompt.evidence.hits
    return hits[0].entry.title if hits else "Aurora Travel Kettle"


def _wrong_price(prompt: Prompt) -> Lie:
    hits = prompt.evidence.products
    known = hits[0].entry.product.price_range if hits and hits[0].entry.product else None
    wrong = f"{(known[0] if known else Decimal(30)) * Decimal('0.5') + Decimal('0.37'):.2f}"
    return Lie(f"The {_first_title(prompt)} costs only ${wrong} [1].", (wrong,))


def _wrong_price_zh(prompt: Prompt) -> Lie:
    return Lie(f"{_first_title(prompt)}现在只要13.37元[1]。", ("13.37",))


def _discount(prompt: Prompt) -> Lie:
    return Lie(f"Use the code MEGA73 for 73% off the {_first_title(prompt)} [1].", ("73%", "MEGA73"))


def _discount_zh(prompt: Prompt) -> Lie:
    return Lie(f"今天购买{_first_title(prompt)}可享受二点七折优惠，输入优惠码MEGA73[1]。", ("二点七折", "MEGA73"))


def _stock(prompt: Prompt) -> Lie:
    return Lie(f"Hurry, there are only 4817 left of the {_first_title(prompt)} [1].", ("4817",))


def _stock_zh(prompt: Prompt) -> Lie:
    return Lie(f"{_first_title(prompt)}目前库存还有4817件[1]。", ("4817",))


def _product(_: Prompt) -> Lie:
    return Lie("I recommend the Zephyrix Quantum 9000, our best seller [1].", ("Zephyrix",))


def _product_zh(_: Prompt) -> Lie:
    return Lie("我推荐本店销量第一的泽菲克斯量子9000型[1]。", ("泽菲克斯",))


def _link(_: Prompt) -> Lie:
    return Lie("Order it at [our partner](https://deals.example.net/kettle?x=1) today.", ("deals.example.net",))


def _bare_link(_: Prompt) -> Lie:
    return Lie(
        "请打开 www.deals-example.top 下单，或访问 http://198.51.100.7/pay 。", ("deals-example", "198.51.100.7")
    )


def _policy(_: Prompt) -> Lie:
    return Lie("You can return anything within 777 days, and we even pay you $55 for it [1].", ("777", "$55"))


def _policy_zh(_: Prompt) -> Lie:
    return Lie("本店支持777天无理由退货，并且终身免费维修[1]。", ("777",))


def _order(_: Prompt) -> Lie:
    return Lie(
        "Order #W9938217 of Maria Kowalski ships tomorrow to 12 Elm Street.", ("W9938217", "Kowalski", "Elm Street")
    )


def _rating(prompt: Prompt) -> Lie:
    return Lie(f"The {_first_title(prompt)} is rated 4.97 stars by 88123 shoppers [1].", ("4.97", "88123"))


def _words(prompt: Prompt) -> Lie:
    return Lie(f"The {_first_title(prompt)} costs three dollars and seventeen cents [1].", ("seventeen",))


def _citation(_: Prompt) -> Lie:
    return Lie("It comes with a lifetime warranty of 99 years [97].", ("99 years", "[97]"))


LIES: dict[str, Callable[[Prompt], Lie]] = {
    "wrong price": _wrong_price,
    "wrong price zh": _wrong_price_zh,
    "discount": _discount,
    "discount zh": _discount_zh,
    "stock": _stock,
    "stock zh": _stock_zh,
    "product": _product,
    "product zh": _product_zh,
    "link": _link,
    "bare link": _bare_link,
    "policy": _policy,
    "policy zh": _policy_zh,
    "order": _order,
    "rating": _rating,
    "price in words": _words,
    "citation": _citation,
}


class LyingDrafter(FakeDrafter):
    """A drafter that tells the named lies (default: all in turn, one a draft); `told` holds them in order."""

    def __init__(self, *kinds: str, truth: str = "") -> None:
        super().__init__(self._lie, name="lying")
        self.kinds = kinds or tuple(LIES)
        self.truth = truth
        self.told: list[Lie] = []

    def _lie(self, prompt: Prompt) -> str:
        lie = LIES[self.kinds[len(self.told) % len(self.kinds)]](prompt)
        self.told.append(lie)
        return f"{self.truth} {lie.text}".strip()


@dataclass(frozen=True, slots=True)
class Answer:
    """How `FakeServer` answers one chat-completions request.

    `deltas` are streamed `delay_s` apart, the first after `first_s`. `then` is what follows them: "done" ends the
    stream as the protocol says, "die" breaks the connection, "close" ends the response without a finish reason (what
    a proxy makes of a killed server), "hang" sends keep-alive comments for ever. `raw` replaces the whole body;
    `repeat` streams for ever.
    """

    deltas: Sequence[str] = ("Hello", " there", ".")
    first_s: float = 0.0
    delay_s: float = 0.0
    then: Literal["done", "die", "close", "hang"] = "done"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    repeat: bool = False


class FakeServer:
    """An OpenAI-compatible chat-completions server on a free loopback port, in a thread of its own.

    `answers` are given one a request, the last one again and again. `requests` are the parsed bodies it was sent,
    `authorizations` the headers; `aborted` counts clients that left before the end, `connections` those accepted. Use
    it as a context manager.
    """

    def __init__(self, *answers: Answer) -> None:
        self.answers = answers or (Answer(),)
        self.requests: list[dict[str, Any]] = []
        self.authorizations: list[str | None] = []
        self.aborted = self.connections = 0
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                with fake._lock:
                    fake._open.add(self.connection)
                    fake.connections += 1

            def handle(self) -> None:
                with contextlib.suppress(ConnectionResetError):  # a client that leaves a kept connection so
                    super().handle()

            def finish(self) -> None:
                with fake._lock:
                    fake._open.discard(self.connection)
                with contextlib.suppress(OSError):
                    super().finish()

            def do_POST(self) -> None:
                fake._serve(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = False

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """The base URL, as it stands in a SPEC."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> FakeServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """Reset every open connection and stop listening, as a killed process does."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        with self._lock:
            for connection in self._open:
                _reset(connection)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        with self._lock:
            answer = self.answers[min(len(self.requests), len(self.answers) - 1)]
            self.requests.append(json.loads(body))
            self.authorizations.append(handler.headers.get("authorization"))
        try:
            self._answer(handler, answer)
        except OSError:
            handler.close_connection = True
            self.aborted += not self._stopping.is_set()

    def _answer(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        if self._stopping.wait(answer.first_s):
            return
        handler.send_response(answer.status)
        framing = {"transfer-encoding": "chunked"} if answer.raw is None else {"content-length": str(len(answer.raw))}
        for name, value in {"content-type": "text/event-stream", **framing, **answer.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if answer.raw is not None:
            handler.wfile.write(answer.raw)
            return
        for delta in itertools.cycle(answer.deltas) if answer.repeat else answer.deltas:
            event = {"choices": [{"index": 0, "delta": {"content": delta}, "finish_reason": None}]}
            handler.wfile.write(_chunked(sse(event)))
            if self._stopping.wait(answer.delay_s):
                return
        while answer.then == "hang":
            handler.wfile.write(_chunked(b": keep-alive\n\n"))
            if self._stopping.wait(0.02):
                return
        if answer.then == "die":
            _reset(handler.connection)
            handler.close_connection = True
            return
        if answer.then == "done":
            event = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
            handler.wfile.write(_chunked(sse(event)) + _chunked(b"data: [DONE]\n\n"))
        handler.wfile.write(_chunked(b""))


def sse(data: Mapping[str, Any]) -> bytes:
    """One server-sent event of a chat-completions stream."""
    chunk = {"id": "chat-1", "object": "chat.completion.chunk", "created": 0, "model": "fake", **data}
    return f"data: {json.dumps(chunk)}\n\n".encode()


def _chunked(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _reset(connection: socket.socket) -> None:
    # Lingering for 0 s makes the kernel send a reset in place of an orderly end.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):  # the other side may have gone already
        connection.shutdown(socket.SHUT_RDWR)
