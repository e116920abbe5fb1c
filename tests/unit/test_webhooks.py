"""Webhooks reach the receivers of the settings, signed, until they have them, and nobody else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from assistant.config import Settings
from assistant.errors import SettingsError
from assistant.store import NewMessage, Store
from assistant.types import Query, Reply
from assistant.webhooks import Deliveries, Receivers, make_deliveries

SECRET = "whsec_" + base64.b64encode(bytes(range(40, 72))).decode()
NEW_SECRET = "whsec_" + base64.b64encode(bytes(range(90, 122))).decode()
ASKS = Reply("Our team will help.", Query("a person", ("handoff",)), handoff="有人需要帮助")
DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"


class Receiver:
    """A shop's server that answers with one status after the other, the last one again and again."""

    def __init__(self, *statuses: int, headers: dict[str, str] | None = None) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = statuses[min(len(receiver.got), len(statuses) - 1)]
                receiver.got.append(({name.lower(): text for name, text in self.headers.items()}, body))
                self.send_response(status)
                for name, text in (headers or {}).items():
                    self.send_header(name, text)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hooks"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Clock:
    """The store's clock: the real time, and what the test adds."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> Any:
        from assistant.store.transactions import utc_now

        return utc_now() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    opened = Store.open(tmp_path, now=clock)
    yield opened
    opened.close()


def deliveries(store: Store, *urls: str, secret: str = SECRET, told: list[Any] | None = None) -> Deliveries:
    tell = (lambda kind, outcome: told.append((kind, outcome))) if told is not None else (lambda *_: None)
    return Deliveries(store, Receivers(",".join(urls), secret), timedelta(minutes=30), tell)


async def deliver(delivering: Deliveries) -> int:
    async with delivering.client() as client:
        return await delivering.deliver_due(client)


def hand_off(store: Store) -> None:
    store.append_messages([NewMessage("c", "shopper", "a person"), NewMessage("c", "assistant", ASKS.text, ASKS)])


async def test_a_hand_off_is_delivered_once_and_signed_as_the_standard_says(store: Store) -> None:
    told: list[Any] = []
    with Receiver(204) as receiver:
        delivering = deliveries(store, receiver.url, told=told)
        hand_off(store)
        assert await deliver(delivering) == 1
        assert await deliver(delivering) == 0

    ((headers, body),) = receiver.got
    values = json.loads(body)
    assert values["type"] == "handoff.requested" and values["data"]["reason"] == "有人需要帮助"
    assert headers["content-type"] == "application/json"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(bytes(range(40, 72)), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 30
    assert told == [("handoff.requested", "delivered")]


async def test_the_receiver_of_the_documents_takes_what_is_sent_and_nothing_else(store: Store) -> None:
    (code,) = re.findall(r"```python\n(# A receiver.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    shown: dict[str, Any] = {}
    exec(code, shown)
    with Receiver(200) as receiver:
        delivering = deliveries(store, receiver.url, secret=f"{SECRET},{NEW_SECRET}")
        hand_off(store)
        await deliver(delivering)

    ((headers, body),) = receiver.got
    is_ours = shown["is_ours"]
    assert is_ours(SECRET, headers, body) and is_ours(NEW_SECRET, headers, body)
    assert not is_ours(SECRET, headers, body + b" ")
    assert not is_ours("whsec_" + base64.b64encode(b"x" * 32).decode(), headers, body)
    assert not is_ours(SECRET, {**headers, "webhook-id": "evt_other"}, body)
    assert not is_ours(SECRET, {**headers, "webhook-timestamp": str(int(time.time()) - 3600)}, body)


async def test_what_was_not_taken_is_sent_again_later_with_the_same_id(store: Store, clock: Clock) -> None:
    told: list[Any] = []
    with Receiver(500, 429, 200) as receiver:
        delivering = deliveries(store, receiver.url, told=told)
        hand_off(store)
        for _ in range(3):
            assert await deliver(delivering) == 1
            assert await deliver(delivering) == 0  # not before its time
            clock.ahead += timedelta(minutes=10)

    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert [outcome for _, outcome in told] == ["failed", "failed", "delivered"]
    assert store.waiting_webhooks() == 0


async def test_a_receiver_that_is_away_costs_the_other_no_second_delivery(store: Store, clock: Clock) -> None:
    with Receiver(200) as receiver, Receiver(503, 200) as slow:
        delivering = deliveries(store, receiver.url, slow.url)
        hand_off(store)
        await deliver(delivering)
        clock.ahead += timedelta(minutes=10)
        await deliver(delivering)

    assert (len(receiver.got), len(slow.got)) == (1, 2)


async def test_no_redirect_is_followed(store: Store) -> None:
    with Receiver(200) as inside, Receiver(307, headers={"location": inside.url}) as receiver:
        delivering = deliveries(store, receiver.url)
        hand_off(store)
        await deliver(delivering)

    assert inside.got == [] and store.waiting_webhooks() == 1


async def test_after_three_days_of_failures_it_is_given_up(store: Store, clock: Clock) -> None:
    told: list[Any] = []
    with Receiver(500) as receiver:
        delivering = deliveries(store, receiver.url, told=told)
        hand_off(store)
        while store.waiting_webhooks():
            await deliver(delivering)
            clock.ahead += timedelta(hours=30)

    assert [outcome for _, outcome in told] == [*["failed"] * 9, "given up"]


async def test_a_delivery_that_broke_off_is_made_again(store: Store, clock: Clock) -> None:
    hand_off_lost = deliveries(store, "http://127.0.0.1:9/hooks")
    hand_off(store)
    assert len(store.due_webhooks(timedelta(minutes=2))) == 1  # taken, and the process is gone
    assert await deliver(hand_off_lost) == 0
    clock.ahead += timedelta(minutes=3)
    with Receiver(200) as receiver:
        assert await deliver(deliveries(store, receiver.url)) == 1
        assert len(receiver.got) == 1


@pytest.mark.parametrize(
    ("urls", "secret", "words"),
    [
        ("https://shop.example/hooks", "", "WEBHOOK_SECRET"),
        ("https://shop.example/hooks", "whsec_c2hvcnQ=", "24 random bytes"),
        ("https://shop.example/hooks", "whsec_not base64!", "24 random bytes"),
        ("https://shop.example/hooks", "whsec_" + base64.b64encode(b"a" * 32).decode(), "24 random bytes"),
        ("ftp://shop.example", SECRET, "no receiver"),
        ("https://user:word@shop.example", SECRET, "no receiver"),
        ("https://", SECRET, "no receiver"),
        ("https://shop.example:99999/", SECRET, "no receiver"),
    ],
)
def test_receivers_that_cannot_be_used_are_refused(store: Store, urls: str, secret: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        make_deliveries(Settings(webhook_urls=urls, webhook_secret=secret), store, lambda *_: None)


def test_without_receivers_nothing_is_delivered_or_written_down(store: Store) -> None:
    assert make_deliveries(Settings(), store, lambda *_: None) is None
    assert not store.announces
    with pytest.raises(SettingsError, match="CONVERSATION_END_MIN"):
        make_deliveries(Settings(conversation_end_min=0), store, lambda *_: None)
