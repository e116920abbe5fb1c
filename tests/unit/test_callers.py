"""A caller is known by a key or a session's token, and by nothing else."""

from __future__ import annotations

import pytest

from assistant.errors import SettingsError
from ui.callers import Caller, Callers

KEY = "kJ8-server-one-2f9c41b7a6e05d3388fa"
OTHER = "qR4-server-two-77ab09c2d1f6e8543ad1"


def sessions(token: str) -> str | None:
    return {"a-token": "cust-1"}.get(token)


async def test_each_key_of_the_settings_is_a_server_that_is_no_shopper() -> None:
    callers = Callers(f"{KEY}, {OTHER}", sessions)
    one, other = await callers.identify(f"Bearer {KEY}"), await callers.identify(f"bearer  {OTHER} ")

    assert one is not None and other is not None
    assert one.shopper is None and other.shopper is None
    assert one.name != other.name
    assert KEY not in one.name


async def test_a_sessions_token_is_its_shopper() -> None:
    assert await Callers("", sessions).identify("Bearer a-token") == Caller("shopper:cust-1", "cust-1")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        KEY,
        f"Basic {KEY}",
        f"Bearer {KEY}x",
        f"Bearer {KEY[:-1]}",
        "Bearer other",
        "Bearer ключ",
    ],
)
async def test_nobody_else_is_known(authorization: str) -> None:
    assert await Callers(KEY, sessions).identify(authorization) is None


@pytest.mark.parametrize("keys", ["short", f"{KEY},short", "a" * 40, "abc" * 20])
def test_a_key_that_can_be_guessed_is_refused(keys: str) -> None:
    with pytest.raises(SettingsError, match="SERVER_KEYS"):
        Callers(keys, sessions)
