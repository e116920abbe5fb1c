"""Who calls a surface that other programs use: one of the shop's own servers, a signed-in shopper, or nobody known.

In: an Authorization header. Out: a `Caller`, or None. A server is known by a key of the settings, a shopper by the
token of their session; nothing in a message says who anybody is.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from assistant.config import PREFIX
from assistant.errors import SettingsError

MIN_KEY_CHARS: Final = 32
_MIN_DIFFERENT: Final = 10  # characters of a key; a random one has far more
_REMEDY: Final = 'take one of: python -c "import secrets; print(secrets.token_urlsafe(48))"'


@dataclass(frozen=True, slots=True)
class Caller:
    """`name` is what limits are counted by and says nothing secret; `shopper` the verified customer id, or None."""

    name: str
    shopper: str | None = None


class Callers:
    """Tells callers apart. `shopper_of` looks a session's token up and may read a database."""

    def __init__(self, keys: str, shopper_of: Callable[[str], str | None]) -> None:
        """
        Raises:
            SettingsError: a key is short or can be guessed.
        """
        self._keys = [key.strip().encode() for key in keys.split(",") if key.strip()]
        self._shopper_of = shopper_of
        for number, key in enumerate(self._keys, 1):
            if len(key) < MIN_KEY_CHARS or len(set(key)) < _MIN_DIFFERENT:
                raise SettingsError(
                    f"{PREFIX}SERVER_KEYS: key {number} has {len(key)} characters and needs {MIN_KEY_CHARS} "
                    f"that cannot be guessed: {_REMEDY}"
                )

    async def identify(self, authorization: str) -> Caller | None:
        """Who sends this header; None for no, an unknown or an expired one."""
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            return None
        given = token.encode()
        matches = [secrets.compare_digest(given, key) for key in self._keys]  # all of them: no key answers faster
        if any(matches):
            return Caller(f"server:{hashlib.sha256(given).hexdigest()[:12]}")
        shopper = await asyncio.to_thread(self._shopper_of, token)
        return Caller(f"shopper:{shopper}", shopper) if shopper is not None else None
