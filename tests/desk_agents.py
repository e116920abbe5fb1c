"""Agents of tests, with a password that costs nothing to check, and browsers in which they are logged in."""

from __future__ import annotations

import httpx
from argon2 import PasswordHasher

from assistant.store import Agent, Role, Store
from ui.desk.passwords import Passwords
from ui.desk.sessions import COOKIE

PASSWORD = "seven green bicycles"
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def add_agent(store: Store, name: str, role: Role = "agent") -> Agent:
    """An agent whose login is their name in small letters."""
    return store.add_agent(name, name, role, CHEAP.hashed(PASSWORD))


def browser(url: str, token: str = "") -> httpx.Client:
    """A browser at the desk, logged in by a session's token; it says where its requests come from, as browsers do."""
    cookies = {COOKIE: token} if token else None
    return httpx.Client(base_url=url, trust_env=False, cookies=cookies, headers={"origin": url}, timeout=15)


def logged_in(url: str, store: Store, agent: Agent) -> httpx.Client:
    """A browser in which an agent is logged in."""
    return browser(url, store.open_agent_session(agent.id))
