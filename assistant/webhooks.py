"""Tells the shop's own server of hand-offs and ended conversations: signed, again until it has them, and nobody else.

In: what the store has written down. Out: POSTs to the addresses of the settings, signed as https://www.standardwebhooks.com
describes. No redirect is followed, nothing of an answer is read but its status, and no address comes from anywhere but
the settings. It is delivered at least once: a receiver knows it again by `webhook-id`.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import logging
import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, timedelta
from typing import Final
from urllib.parse import urlsplit

import httpx

from assistant.config import PREFIX, Settings
from assistant.errors import SettingsError
from assistant.store import Store, Webhook

_log = logging.getLogger(__name__)
MIN_KEY_BYTES: Final = 24
_CONNECT_S, _ANSWER_S, _WHOLE_S = 5.0, 10.0, 15.0
_LEASE: Final = timedelta(minutes=2)  # longer than one delivery to all receivers takes
_POLL_S: Final = 1.0
_SWEEP_S: Final = 30.0  # between two looks for conversations that have ended
_SECOND = timedelta(seconds=1)
# After the first, second ... failure; after the last nothing is tried any more: three days in all.
_AGAIN: Final = tuple(n * _SECOND for n in (5, 30, 120, 600, 3600, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600))
_JITTER: Final = 0.2
_REMEDY: Final = 'take one of: echo "whsec_$(openssl rand -base64 32)"'


class Receivers:
    """The addresses of the settings and the keys that what is sent there is signed with."""

    def __init__(self, urls: str, secrets: str) -> None:
        """
        Raises:
            SettingsError: an address is no http(s) URL, a secret is short or malformed, or there is none.
        """
        self.urls = tuple(_checked_url(url.strip()) for url in urls.split(",") if url.strip())
        self._keys = tuple(_key(secret.strip()) for secret in secrets.split(",") if secret.strip())
        if self.urls and not self._keys:
            raise SettingsError(f"{PREFIX}WEBHOOK_URLS needs {PREFIX}WEBHOOK_SECRET: {_REMEDY}")

    def headers(self, webhook_id: str, at_s: int, body: bytes) -> dict[str, str]:
        """The headers of one delivery: a signature by each key, so that a key can be changed without a gap."""
        signed = f"{webhook_id}.{at_s}.".encode() + body
        digests = [hmac.new(key, signed, hashlib.sha256).digest() for key in self._keys]
        return {
            "content-type": "application/json",
            "user-agent": "shopkeeper",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(at_s),
            "webhook-signature": " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests),
        }


class Deliveries:
    """Delivers what the store has written down, for as long as `run` runs.

    Several workers may do so side by side. `tell` is called with the kind and "delivered", "failed" or "given up".
    """

    def __init__(
        self, store: Store, receivers: Receivers, idle: timedelta, tell: Callable[[str, str], None] = lambda *_: None
    ) -> None:
        self._store, self._receivers, self._idle, self._tell = store, receivers, idle, tell
        store.announces = bool(receivers.urls)

    async def run(self) -> None:
        """Look for what is due every second, and for ended conversations every half minute; until cancelled."""
        loop = asyncio.get_running_loop()
        swept = -_SWEEP_S
        async with self.client() as client:
            while True:
                try:
                    if loop.time() - swept >= _SWEEP_S:
                        swept = loop.time()
                        await asyncio.to_thread(self._store.end_conversations, self._idle)
                        await asyncio.to_thread(self._store.forget_webhooks)
                    while await self.deliver_due(client):
                        pass
                except Exception:  # noqa: BLE001 - the edge of a task: what breaks one look must not end the next
                    _log.exception("webhooks wait for a second")
                await asyncio.sleep(_POLL_S)

    @staticmethod
    def client() -> httpx.AsyncClient:
        """What sends: no redirects, no proxy or credentials of the environment, and not for long."""
        timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
        return httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False)

    async def deliver_due(self, client: httpx.AsyncClient) -> int:
        """Deliver what is due now; how many were tried.

        Raises:
            StoreError: the store does not answer; what was not settled will be due again.
        """
        due = await asyncio.to_thread(self._store.due_webhooks, _LEASE)
        await asyncio.gather(*(self._deliver(client, webhook) for webhook in due))
        return len(due)

    async def _deliver(self, client: httpx.AsyncClient, webhook: Webhook) -> None:
        body = _body(webhook)
        delivered = list(webhook.delivered_to)
        problems: list[str] = []
        missing = [url for url in self._receivers.urls if _name(url) not in delivered]
        for url, problem in zip(
            missing, await asyncio.gather(*(self._post(client, url, webhook.id, body) for url in missing)), strict=True
        ):
            if problem:
                problems.append(f"{urlsplit(url).hostname}: {problem}")
            else:
                delivered.append(_name(url))
        again_in = None
        if problems and webhook.tries <= len(_AGAIN):
            again_in = _AGAIN[webhook.tries - 1] * (1 + random.random() * _JITTER)
        outcome = "delivered" if not problems else "failed" if again_in is not None else "given up"
        self._tell(webhook.kind, outcome)
        if problems:
            level = logging.WARNING if again_in is not None else logging.ERROR
            _log.log(level, "webhook %s (%s) %s: %s", webhook.id, webhook.kind, outcome, "; ".join(problems))
        await asyncio.to_thread(self._store.settle_webhook, webhook.id, delivered, again_in, "; ".join(problems))

    async def _post(self, client: httpx.AsyncClient, url: str, webhook_id: str, body: bytes) -> str:
        """Send it to one receiver; what went wrong, "" where it has it."""
        headers = self._receivers.headers(webhook_id, int(time.time()), body)
        try:
            async with asyncio.timeout(_WHOLE_S), client.stream("POST", url, content=body, headers=headers) as answer:
                return "" if answer.is_success else f"status {answer.status_code}"
        except TimeoutError:
            return "no answer in time"
        except httpx.HTTPError as error:
            return type(error).__name__


def make_deliveries(settings: Settings, store: Store, tell: Callable[[str, str], None]) -> Deliveries | None:
    """What delivers, as the settings say; None where they name no receiver.

    Raises:
        SettingsError: they cannot be used.
    """
    receivers = Receivers(settings.webhook_urls, settings.webhook_secret)
    if settings.conversation_end_min <= 0:
        raise SettingsError(f"{PREFIX}CONVERSATION_END_MIN={settings.conversation_end_min}: write minutes above 0")
    if not receivers.urls:
        return None
    return Deliveries(store, receivers, timedelta(minutes=settings.conversation_end_min), tell)


def _body(webhook: Webhook) -> bytes:
    at = webhook.at.astimezone(UTC).isoformat(timespec="milliseconds")
    values = {"type": webhook.kind, "timestamp": at, "data": webhook.data}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def _name(url: str) -> str:
    """What is kept of a receiver: addresses may hold what only the settings should."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    with suppress(ValueError):
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and "@" not in parts.netloc:
            return url
    raise SettingsError(f"{PREFIX}WEBHOOK_URLS: {url[:80]!r} is no receiver; write https://shop.example/hooks")


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < MIN_KEY_BYTES or len(set(key)) < MIN_KEY_BYTES // 3:
        raise SettingsError(
            f"{PREFIX}WEBHOOK_SECRET: a secret is base64 of {MIN_KEY_BYTES} random bytes or more: {_REMEDY}"
        )
    return key
