"""Logging in and out at the desk.

In: what was typed on the login page, and the address it came from. Out: a session's token, or a refusal that tells
nothing about which logins there are, neither in words nor by the time it takes. It knows no page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

from assistant.errors import UnknownAgent
from assistant.store import Agent, Store
from ui.desk.passwords import Passwords

COOKIE: Final = "shopkeeper_desk"
_CHECKS: Final = 2  # passwords checked at once: each takes 64 MiB and a core
_MOST_WAITING: Final = 40  # passwords in line for that, some two seconds' worth
_READERS: Final = 4
_MOST_CHARS: Final = 256
_P = ParamSpec("_P")
_T = TypeVar("_T")


class LoginRefused(Exception):
    """Login and password do not belong together; or there is no such login, or it is disabled."""


class TooManyLogins(Exception):
    """Too many tries for this login or from this address; this one was not looked at."""


class LoginsBusy(Exception):
    """So many log in at once that this one was not looked at; it was not counted."""


class Sessions:
    """Who is logged in, for one event loop."""

    def __init__(self, store: Store, passwords: Passwords | None = None) -> None:
        self._store = store
        self._passwords = passwords or Passwords()
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="desk")
        self._waiting = 0
        self._checking = ThreadPoolExecutor(_CHECKS, thread_name_prefix="passwords")

    async def is_open(self) -> bool:
        """Whether there is anybody who may log in."""
        return await self.ask(self._store.has_agents)

    async def agent(self, token: str, *, is_active: bool = True) -> Agent | None:
        """Who is logged in with a token; see `Store.agent_of_session`."""
        return await self.ask(self._store.agent_of_session, token, is_active=is_active) if token else None

    async def log_in(self, login: str, password: str, address: str) -> str:
        """The token of a new session.

        Raises:
            LoginRefused: login and password do not belong together.
            TooManyLogins: the login or the address was tried too often in a short time.
            LoginsBusy: many others are logging in.
            StoreError: the store cannot be used.
        """
        if self._waiting >= _MOST_WAITING:
            raise LoginsBusy
        self._waiting += 1
        try:
            return await self._log_in(login, password, address)
        finally:
            self._waiting -= 1

    async def _log_in(self, login: str, password: str, address: str) -> str:
        login, password = login[:_MOST_CHARS], password[:_MOST_CHARS]
        ticket = await self.ask(self._store.begin_login, [f"login {login.strip().casefold()}", f"address {address}"])
        if ticket is None:
            raise TooManyLogins
        found = await self.ask(self._store.agent_and_password, login)
        agent, kept = found if found is not None else (None, None)
        loop = asyncio.get_running_loop()
        fits = await loop.run_in_executor(self._checking, self._passwords.fits, password, kept)
        if agent is None or agent.disabled or not fits or kept is None:
            raise LoginRefused
        if self._passwords.is_outdated(kept):
            hashed = await self.hashed(password)
            kept = hashed if await self.ask(self._store.renew_password_hash, agent.id, kept, hashed) else kept
        try:
            token = await self.ask(self._store.open_agent_session, agent.id, kept)
        except UnknownAgent:  # disabled, or another password, since the look above
            raise LoginRefused from None
        await self.ask(self._store.forgive_login, ticket)
        return token

    async def hashed(self, password: str) -> str:
        """What is to be kept of a new password."""
        return await asyncio.get_running_loop().run_in_executor(self._checking, self._passwords.hashed, password)

    async def log_out(self, token: str) -> None:
        """End a session; nothing where it is over already."""
        await self.ask(self._store.close_agent_session, token)

    async def ask(self, function: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
        """Call the store in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: function(*arguments, **named))
