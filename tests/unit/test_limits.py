"""Who asks too often is told when to come back; who is counted together, and what a setting may say."""

from __future__ import annotations

import socket

import pytest

from assistant.config import Settings
from assistant.errors import SettingsError
from ui.api.problems import Problem
from ui.limits import RateLimits
from ui.protection import client_address


async def test_one_message_too_many_is_refused_with_the_seconds_to_wait() -> None:
    limits = RateLimits(Settings(rate_shopper="3/minute"))
    for _ in range(3):
        await limits.count_message("ann")

    with pytest.raises(Problem) as refused:
        await limits.count_message("ann")
    assert refused.value.status == 429
    assert 1 <= int(refused.value.headers["retry-after"]) <= 60
    await limits.count_message("ben")


async def test_the_limits_are_counted_apart() -> None:
    limits = RateLimits(Settings(rate_shopper="1/minute", rate_address="1/minute", rate_reads="1/minute"))

    await limits.count_message("x")
    await limits.count_write("x")
    await limits.count_read("x")
    for count in (limits.count_message, limits.count_write, limits.count_read):
        with pytest.raises(Problem):
            await count("x")


async def test_an_empty_rate_is_no_limit() -> None:
    limits = RateLimits(Settings(rate_shopper=""))
    for _ in range(200):
        await limits.count_message("ann")


@pytest.mark.parametrize(
    "wrong", [{"rate_shopper": "often"}, {"rate_address": "20"}, {"rate_storage": "memcached://x"}]
)
def test_a_setting_that_is_no_rate_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong)).upper()):
        RateLimits(Settings(**wrong))  # type: ignore[arg-type]


async def test_shoppers_are_answered_when_the_counter_is_away() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{closed.getsockname()[1]}"
        limits = RateLimits(Settings(rate_shopper="1/minute", rate_storage=url))
        for _ in range(3):
            await limits.count_message("ann")


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        (("203.0.113.7", 4711), "203.0.113.7"),
        (("::ffff:203.0.113.7", 4711), "203.0.113.7"),
        (("2001:db8:1:2:aaaa::1", 4711), "2001:db8:1:2::"),
        (("2001:db8:1:2:bbbb::1", 4711), "2001:db8:1:2::"),
        (("/run/shop.sock", 0), "unknown"),
        (None, "unknown"),
    ],
)
def test_one_customer_is_counted_as_one_address(client: tuple[str, int] | None, counted: str) -> None:
    assert client_address({"type": "http", "client": client}) == counted
