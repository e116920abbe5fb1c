"""A merchant's system behind HTTP: every request and every answer signed, small, in time, or not believed at all.

In: the address and key of `[storefront]` in shop.toml. Out: a `Storefront`. Whatever cannot be had for sure is a
StorefrontError: late, too long, redirected, unsigned, malformed, or about another shopper than was asked for. Only
reads are tried again; a request for a return goes out once, under a key that lets the shop recognise a second one. It
knows no conversation and words nothing. The endpoints are described in docs/storefront.md.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel

from assistant.errors import SettingsError, StorefrontError
from assistant.storefront import Ability, Offer, OrderAction, Receipt, folded, same_email
from assistant.storefronts.signing import SIGNATURE, holds, sign
from assistant.storefronts.wire import OffersAnswer, OrderAnswer, OrdersAnswer, OrderWire, ReceiptAnswer, parsed
from assistant.types import Order

log = logging.getLogger(__name__)

MIN_KEY_BYTES: Final = 32
MAX_ANSWER_BYTES: Final = 1_000_000
_OFFERS_S: Final = 0.3  # a reply is not kept waiting for figures: the record has some
_FAILURES, _REST_S = 5, 30.0  # failures in a row after which nothing is asked for so long
_SAMPLES = frozenset({"change-me", "changeme", "secret", "your-key-here"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the merchant's system is and what it does. `timeout_s` is for a whole answer, to its last byte.

    What is not found, and a look-up by number and address, takes at least `look_up_s`, so that the shop's own haste or
    care with a number that does not exist tells nobody anything.
    """

    url: str
    key: bytes
    abilities: frozenset[Ability] = frozenset()
    timeout_s: float = 2.0
    currency: str | None = None
    look_up_s: float = 0.3

    def __post_init__(self) -> None:
        """Refuse what would not be safe to call.

        Raises:
            SettingsError: no https, or a key that is too short or a sample.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
            raise SettingsError(f"[storefront] url {self.url!r} is no address: write https://shop.example/assistant")
        if parts.username or parts.password:
            raise SettingsError("[storefront] url holds a password: requests are signed with SHOPKEEPER_STOREFRONT_KEY")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise SettingsError(f"[storefront] url {self.url!r} would send orders unencrypted: use https")
        if len(self.key) < MIN_KEY_BYTES or self.key.decode("latin-1").strip().casefold() in _SAMPLES:
            raise SettingsError(
                f"SHOPKEEPER_STOREFRONT_KEY has {len(self.key)} bytes and needs {MIN_KEY_BYTES} or more that nobody "
                "can guess: make one with `openssl rand -hex 32`"
            )


class HttpStorefront:
    """Calls a merchant's endpoints. One connection pool on a loop of its own, so that a deadline always holds."""

    def __init__(self, endpoint: Endpoint, clock: Callable[[], float] = time.time) -> None:
        self._endpoint, self._clock = endpoint, clock
        self._base = endpoint.url.rstrip("/")
        self._path = urlsplit(self._base).path
        self._circuit = _Circuit()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="storefront", daemon=True)
        self._thread.start()
        self._client = asyncio.run_coroutine_threadsafe(_client(), self._loop).result()

    @property
    def abilities(self) -> frozenset[Ability]:
        """What shop.toml says that the shop's endpoints can do."""
        return self._endpoint.abilities

    def orders(self, shopper: str) -> tuple[Order, ...]:
        """The shopper's orders, newest first. An order of anybody else in the answer refuses all of it."""
        answer = self._read("/orders", {"shopper": shopper}, OrdersAnswer)
        found = [self._owned(order, shopper) for order in answer.orders]
        return tuple(sorted(found, key=lambda order: order.placed_at or "", reverse=True))

    def order(self, shopper: str, ref: str) -> Order | None:
        """The shopper's order of that number."""
        until = time.monotonic() + self._endpoint.look_up_s
        answer = self._read("/orders/find", {"shopper": shopper, "order": ref}, OrderAnswer)
        if answer.order is None:
            time.sleep(max(0.0, until - time.monotonic()))  # somebody else's is not found any later than none at all
            return None
        if folded(answer.order.id) != folded(ref):
            raise StorefrontError("the shop answered with another order than was asked for")
        return self._owned(answer.order, shopper)

    def look_up(self, ref: str, email: str) -> Order | None:
        """The order of that number and address; the shop's word is not enough, both are compared here again."""
        until = time.monotonic() + self._endpoint.look_up_s
        answer = self._read("/orders/look-up", {"order": ref, "email": email}, OrderAnswer)
        time.sleep(max(0.0, until - time.monotonic()))
        order = answer.order
        mine = same_email(order.email or "" if order else "", email) and order is not None
        if order is None or not mine or folded(order.id) != folded(ref):
            return None
        return order.order(self._endpoint.currency)

    def offers(self, product_ids: Sequence[str]) -> tuple[Offer, ...]:
        """What the shop says now, within 300 ms; offers of products that nobody asked for are left out."""
        wanted = frozenset(product_ids)
        if not wanted:
            return ()
        answer = self._read("/offers", {"products": list(product_ids)}, OffersAnswer, deadline_s=_OFFERS_S)
        return tuple(offer.offer() for offer in answer.offers if offer.product_id in wanted)

    def act(self, action: OrderAction) -> Receipt:
        """Ask once. After a StorefrontError nobody knows whether it arrived: the same key may be sent again."""
        path = "/returns" if action.kind == "return" else "/cancellations"
        asked = {"order": action.order_id, "items": list(action.items), "key": action.key}
        body = self._call(path, asked, self._endpoint.timeout_s, key=action.key)
        return parsed(ReceiptAnswer, body).receipt()

    def close(self) -> None:
        """Close the connections and end the loop."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._client.aclose(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _owned(self, order: OrderWire, shopper: str) -> Order:
        if order.customer_id != shopper:
            raise StorefrontError("the shop answered with somebody else's order: nothing of it is shown")
        return order.order(self._endpoint.currency)

    def _read(self, path: str, asked: object, kind: type[A], deadline_s: float | None = None) -> A:
        """A read: tried once more within its deadline where the connection broke."""
        until = time.monotonic() + (deadline_s or self._endpoint.timeout_s)
        try:
            body = self._call(path, asked, until - time.monotonic())
        except _Broken:
            body = self._call(path, asked, until - time.monotonic())
        return parsed(kind, body)

    def _call(self, path: str, asked: object, timeout_s: float, key: str = "") -> bytes:
        """One signed request, and the body of its signed answer.

        Raises:
            StorefrontError: anything else than that came of it; the log has no more than the path and why.
        """
        self._circuit.check()
        body = json.dumps(asked, ensure_ascii=False, sort_keys=True).encode()
        running = asyncio.run_coroutine_threadsafe(self._exchange(path, body, timeout_s, key), self._loop)
        try:
            answer = running.result()
        except StorefrontError as error:
            self._circuit.failed()
            log.warning("storefront %s: %s", path, error)
            raise
        self._circuit.worked()
        return answer

    async def _exchange(self, path: str, body: bytes, timeout_s: float, key: str) -> bytes:
        headers = sign(self._endpoint.key, f"POST {self._path}{path}", body, int(self._clock()))
        own = headers[SIGNATURE]
        headers |= {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        headers |= {"Idempotency-Key": key} if key else {}
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._client.stream("POST", self._base + path, content=body, headers=headers) as response,
            ):
                if response.status_code != 200:
                    kind = _Broken if response.status_code in (502, 503, 504) else StorefrontError
                    raise kind(f"the shop answered with status {response.status_code}")
                answer = await _limited(response)
        except TimeoutError as error:
            raise StorefrontError(f"the shop did not answer within {timeout_s:.1f} s") from error
        except httpx.HTTPError as error:
            raise _Broken(f"the shop cannot be reached ({type(error).__name__})") from error
        if not holds(self._endpoint.key, own, answer, response.headers, self._clock()):
            raise StorefrontError("the answer's signature does not hold: it is not from the shop, or was changed")
        return answer


class _Broken(StorefrontError):
    """The connection broke or the shop is overloaded, so that a read may be tried again."""


class _Circuit:
    """Spares a system that is down, and shoppers the wait for it: after some failures in a row it rests a while.

    Then one call is let through; the next failure rests it again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._rests_until = 0.0

    def check(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now < self._rests_until:
                raise StorefrontError(f"the shop failed {self._failures} times in a row: it is left alone for a while")
            if self._failures >= _FAILURES:
                self._rests_until = now + _REST_S  # for all but this one call, until it worked

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= _FAILURES:
                self._rests_until = time.monotonic() + _REST_S

    def worked(self) -> None:
        with self._lock:
            self._failures, self._rests_until = 0, 0.0


async def _client() -> httpx.AsyncClient:
    """Made on its own loop. No redirects: a signed question is for one address alone; no proxy from outside."""
    limits = httpx.Limits(max_connections=32, max_keepalive_connections=8)
    return httpx.AsyncClient(timeout=None, follow_redirects=False, trust_env=False, limits=limits)


async def _limited(response: httpx.Response) -> bytes:
    """The whole body as it was sent: packed answers are refused, since a small one may unpack to a huge one."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise StorefrontError("the shop's answer is packed: send it plain")
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise StorefrontError(f"the shop's answer has more than {MAX_ANSWER_BYTES:,} bytes")
    return bytes(body)
