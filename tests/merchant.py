"""A merchant's order system for tests: a real HTTP server as docs/storefront.md has it, or one that misbehaves."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from assistant.storefront import folded
from assistant.storefronts.signing import SIGNATURE, TIMESTAMP, holds, sign

KEY = b"a key of the tests, longer than thirty-two bytes"
ORDERS: list[dict[str, Any]] = [
    {
        "id": "M-1001", "customer_id": "ann", "email": "Ann@Example.com", "status": "shipped",
        "placed_at": "2026-11-02T10:00:00", "currency": "EUR", "total": "9.00", "expected": "2026-12-03",
        "items": [{"product_id": "1", "variant_id": "1a", "title": "Cup", "options": {"color": "blue"},
                   "price": "4.50", "quantity": 2}],
        "shipments": [{"carrier": "DHL", "tracking": "T1", "events": [{"at": "2026-11-04T10:00:00", "text": "out"},
                                                                      {"at": "2026-11-03T10:00:00", "text": "in"}]}],
    },
    {"id": "M-1002", "customer_id": "ann", "email": "ann@example.com", "status": "new", "placed_at": "2026-11-20"},
    {"id": "M-2001", "customer_id": "bob", "email": "bob@example.com", "status": "new"},
]  # fmt: skip
OFFER = {"product_id": "1", "variant_id": "1a", "as_of": "2026-12-01T00:00:00Z", "price": "4.20", "stock": 3}


@dataclass
class Merchant:
    """What the server is to do. `answers` replaces the body of a path; `asked` are (path, body, headers) in order;
    `slow_look_ups` are the seconds it takes over an order's number."""

    url: str = ""
    orders: list[dict[str, Any]] = field(default_factory=lambda: list(ORDERS))
    offers: list[dict[str, Any]] = field(default_factory=lambda: [dict(OFFER)])
    answers: dict[str, bytes] = field(default_factory=dict)
    status: int = 200
    delay_s: float = 0.0
    drip_s: float = 0.0
    slow_look_ups: dict[str, float] = field(default_factory=dict)
    drops: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    key: bytes = KEY
    age_s: int = 0
    asked: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    n_refused: int = 0

    def answer(self, path: str, asked: dict[str, Any]) -> bytes:
        """The body of an honest answer."""
        if path in self.answers:
            return self.answers[path]
        mine = [o for o in self.orders if o["customer_id"] == asked.get("shopper")]
        if path == "/orders":
            return _json({"orders": mine})
        if path == "/orders/find":
            return _json({"order": next((o for o in mine if folded(o["id"]) == folded(asked["order"])), None)})
        if path == "/orders/look-up":
            fitting = (o for o in self.orders if folded(o["id"]) == folded(asked["order"]))
            fitting = (o for o in fitting if o["email"].casefold() == asked["email"].casefold())
            return _json({"order": next(fitting, None)})
        if path == "/offers":
            return _json({"offers": [o for o in self.offers if o["product_id"] in asked["products"]]})
        receipt = {"accepted": True, "reference": f"R-{len(self.receipts) + 1}"}
        return _json(self.receipts.setdefault(asked["key"], receipt))


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


@contextmanager
def merchant_server(merchant: Merchant) -> Iterator[Merchant]:
    """The merchant on a port of its own; `url` is set."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            path = self.path.removeprefix("/shop")
            if not holds(KEY, f"POST {self.path}", body, dict(self.headers), time.time()):
                merchant.n_refused += 1
                self.send_error(401)
                return
            merchant.asked.append((path, json.loads(body), dict(self.headers)))
            if merchant.drops:
                merchant.drops -= 1
                self.close_connection = True
                self.connection.close()
                return
            asked = json.loads(body)
            time.sleep(merchant.slow_look_ups.get(str(asked.get("order")), merchant.delay_s))
            answer = merchant.answer(path, asked)
            headers = sign(merchant.key, self.headers[SIGNATURE], answer, int(time.time()) - merchant.age_s)
            self.send_response(merchant.status)
            for name, value in {**headers, "Content-Length": str(len(answer)), **merchant.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            pieces = [answer] if not merchant.drip_s else [answer[i : i + 1] for i in range(len(answer))]
            try:
                for piece in pieces:
                    self.wfile.write(piece)
                    self.wfile.flush()
                    time.sleep(merchant.drip_s)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that gave up is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    merchant.url = f"http://127.0.0.1:{server.server_port}/shop"
    try:
        yield merchant
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


__all__ = ["KEY", "OFFER", "ORDERS", "SIGNATURE", "TIMESTAMP", "Merchant", "merchant_server"]
