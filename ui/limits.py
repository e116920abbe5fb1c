"""How often a shopper and an address may ask.

In: who asks, and what for. Out: nothing, or a `Problem` 429 that says when to come back. Counted in this process, or in
Redis for several workers. It knows no message.
"""

from __future__ import annotations

import logging
import math
import time
from typing import Final

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import ConfigurationError, StorageError

from assistant.config import PREFIX, Settings
from assistant.errors import SettingsError
from ui.api.problems import Problem

_log = logging.getLogger(__name__)
_REDIS_TIMEOUT_S: Final = 1.0


class RateLimits:
    """The three limits of the settings, each of which may be off."""

    def __init__(self, settings: Settings) -> None:
        """
        Raises:
            SettingsError: a rate is not written as one, or the storage is neither memory nor Redis.
        """
        self._shopper = _rate(settings, "rate_shopper")
        self._address = _rate(settings, "rate_address")
        self._reads = _rate(settings, "rate_reads")
        self._limiter = SlidingWindowCounterRateLimiter(_storage(settings.rate_storage))

    async def count_message(self, shopper: str) -> None:
        """One message of a shopper, or of a guest's conversation.

        Raises:
            Problem: too many.
        """
        await self._count(self._shopper, "shopper", shopper, "You have sent many messages in a short time.")

    async def count_write(self, address: str) -> None:
        """One message, new conversation or sign-in of an address.

        Raises:
            Problem: too many.
        """
        await self._count(self._address, "address", address, "Many messages came from your address in a short time.")

    async def count_read(self, address: str) -> None:
        """One request of an address that stores nothing.

        Raises:
            Problem: too many.
        """
        await self._count(self._reads, "reads", address, "Many requests came from your address in a short time.")

    async def _count(self, rate: RateLimitItem | None, kind: str, who: str, detail: str) -> None:
        if rate is None:
            return
        try:
            if await self._limiter.hit(rate, kind, who):
                return
            reset = (await self._limiter.get_window_stats(rate, kind, who)).reset_time
        except StorageError as error:
            # An assistant that answers nobody because a counter is away would be the greater harm.
            _log.error("requests cannot be counted: %s", error)
            return
        wait_s = min(max(1, math.ceil(reset - time.time())), rate.get_expiry())
        detail = f"{detail} Please wait {wait_s} seconds."
        raise Problem(429, "too-many-requests", detail, headers={"retry-after": str(wait_s)})


def _rate(settings: Settings, name: str) -> RateLimitItem | None:
    text: str = getattr(settings, name).strip()
    if not text:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}{name.upper()}={text!r} is no rate: write 20/minute") from error


def _storage(text: str) -> MemoryStorage | RedisStorage:
    if text == "memory":
        return MemoryStorage()
    if not text.startswith(("redis://", "rediss://", "unix://")):
        raise SettingsError(f"{PREFIX}RATE_STORAGE={text!r}: write memory or redis://HOST:PORT")
    try:
        return RedisStorage(
            f"async+{text}",
            wrap_exceptions=True,
            implementation="redispy",
            socket_timeout=_REDIS_TIMEOUT_S,
            socket_connect_timeout=_REDIS_TIMEOUT_S,
        )
    except ConfigurationError as error:
        raise SettingsError(f"{PREFIX}RATE_STORAGE: {error}") from error
