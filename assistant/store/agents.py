"""Who works at the desk: accounts, the sessions of those who are logged in, and how often somebody tried.

In: logins, hashes of passwords, tokens. Out: who it is and what they may. It hashes no password (`ui.desk.passwords`)
and keeps tokens as their sha256, so that whoever reads the database is not let in.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final, Literal, get_args

import sqlalchemy as sa

from assistant.errors import AgentRefused, UnknownAgent
from assistant.store.audit import append_audit
from assistant.store.database import insert_if_new
from assistant.store.tables import agent_sessions, agents, login_attempts
from assistant.store.transactions import Transactions

Role = Literal["agent", "lead", "merchant"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""Each may what those before it may."""
SESSION_IDLE: Final = timedelta(minutes=30)
SESSION_LONGEST: Final = timedelta(hours=10)
LOGIN_LIMIT: Final = 10
LOGIN_WINDOW: Final = timedelta(minutes=15)
_SEEN_EVERY: Final = timedelta(seconds=30)  # a session in use is not written down more often
_MOST_CHARS: Final = 64
_TOKEN_BYTES: Final = 32
_BIG: Final = 2**63


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who works at the desk. Shoppers are shown the `name`; `login` is for the login page alone."""

    id: str
    login: str
    name: str
    role: Role
    disabled: bool = False

    def may(self, role: Role) -> bool:
        """Whether this agent may do what `role` is needed for."""
        return not self.disabled and ROLES.index(self.role) >= ROLES.index(role)


class Agents(Transactions):
    """The part of the store that knows who works at the desk."""

    def add_agent(
        self, login: str, name: str, role: Role = "agent", password_hash: str = "", *, by: str | None = None
    ) -> Agent:
        """A new account. No password fits an empty hash. `by` is the agent who adds it, None: at the machine itself.

        Raises:
            AgentRefused: the login is taken, or login, name or role cannot be used.
            StoreError: it could not be written.
        """
        agent = Agent("agt_" + secrets.token_hex(8), plain_login(login), _plain_name(name), _checked_role(role))
        row = {"id": agent.id, "login": agent.login, "name": agent.name, "role": role, "password_hash": password_hash}
        now = self._now()
        with self._database.writing("the agent could not be added") as connection:
            if insert_if_new(connection, agents, [{**row, "added_at": now}]) == 0:  # nor is a login taken twice
                raise AgentRefused(f"there is an agent with the login {agent.login!r} already: choose another")
            append_audit(connection, now, "agent.added", agent.id, by, {"role": role})
        return agent

    def agents(self) -> tuple[Agent, ...]:
        """All accounts, in the order in which they were added.

        Raises:
            StoreError: they could not be read.
        """
        with self._database.reading("the agents could not be read") as connection:
            found = sa.select(agents).order_by(agents.c.added_at, agents.c.id)
            return tuple(_agent(row) for row in connection.execute(found))

    def has_agents(self) -> bool:
        """Whether anybody may log in.

        Raises:
            StoreError: it could not be read.
        """
        with self._database.reading("the agents could not be read") as connection:
            found = sa.select(agents.c.id).where(agents.c.disabled_at.is_(None)).limit(1)
            return connection.execute(found).first() is not None

    def agent(self, agent_id: str) -> Agent | None:
        """An account by its id; None where there is none.

        Raises:
            StoreError: it could not be read.
        """
        with self._database.reading("the agent could not be read") as connection:
            row = connection.execute(sa.select(agents).where(agents.c.id == agent_id)).first()
            return None if row is None else _agent(row)

    def agent_by_login(self, login: str) -> Agent | None:
        """An account by what its owner types; None where there is none.

        Raises:
            StoreError: it could not be read.
        """
        found = self.agent_and_password(login)
        return None if found is None else found[0]

    def agent_and_password(self, login: str) -> tuple[Agent, str] | None:
        """An account with the hash of its password; None where there is none.

        Raises:
            StoreError: it could not be read.
        """
        with self._database.reading("the agent could not be read") as connection:
            row = connection.execute(sa.select(agents).where(agents.c.login == _folded(login))).first()
            return None if row is None else (_agent(row), row.password_hash)

    def set_password(self, agent_id: str, password_hash: str, *, by: str | None = None) -> None:
        """Another password; every session of the agent ends.

        Raises:
            UnknownAgent: there is none of that id.
            StoreError: it could not be written.
        """
        self._change_agent(agent_id, {"password_hash": password_hash}, "agent.password", by, ends_sessions=True)

    def renew_password_hash(self, agent_id: str, old: str, new: str) -> bool:
        """The same password hashed anew, with today's costs; nothing else changes. False: it is another by now.

        Raises:
            StoreError: it could not be written.
        """
        with self._database.writing("the password could not be stored") as connection:
            same = agents.update().where(agents.c.id == agent_id, agents.c.password_hash == old)
            return connection.execute(same.values(password_hash=new)).rowcount == 1

    def set_role(self, agent_id: str, role: Role, *, by: str | None = None) -> None:
        """Another role, which holds from the next request on.

        Raises:
            AgentRefused: there is no such role.
            UnknownAgent: there is none of that id.
            StoreError: it could not be written.
        """
        self._change_agent(agent_id, {"role": _checked_role(role)}, "agent.role", by, {"role": role})

    def disable_agent(self, agent_id: str, *, by: str | None = None) -> None:
        """Let an agent in no more; every session ends at once. What they did stays theirs.

        Raises:
            UnknownAgent: there is none of that id.
            StoreError: it could not be written.
        """
        self._change_agent(agent_id, {"disabled_at": self._now()}, "agent.disabled", by, ends_sessions=True)

    def enable_agent(self, agent_id: str, *, by: str | None = None) -> None:
        """Let an agent in again.

        Raises:
            UnknownAgent: there is none of that id.
            StoreError: it could not be written.
        """
        self._change_agent(agent_id, {"disabled_at": None}, "agent.enabled", by)

    def open_agent_session(self, agent_id: str, password_hash: str | None = None) -> str:
        """The token of a new session, for an agent whose password fitted `password_hash`; None: not to be looked at.

        Raises:
            UnknownAgent: there is none of that id, it is disabled, or has another password by now.
            StoreError: it could not be written.
        """
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._now()
        row = {"token_hash": _hash(token), "agent_id": agent_id, "opened_at": now, "seen_at": now}
        able = sa.select(agents.c.id).where(agents.c.id == agent_id, agents.c.disabled_at.is_(None))
        if password_hash is not None:
            able = able.where(agents.c.password_hash == password_hash)
        with self._database.writing("the session could not be opened") as connection:
            if connection.execute(able.with_for_update(read=True)).first() is None:  # shared: others may name the agent
                raise UnknownAgent(f"there is no agent {agent_id}, it is disabled, or its password was changed")
            connection.execute(agent_sessions.delete().where(agent_sessions.c.expires_at < now))
            connection.execute(agent_sessions.insert(), {**row, "expires_at": now + SESSION_LONGEST})
            append_audit(connection, now, "session.opened", agent_id, agent_id)
        return token

    def agent_of_session(self, token: str, *, is_active: bool = True) -> Agent | None:
        """Whose session it is; None where there is none, it is over, or its agent is disabled.

        `is_active` False: the agent did nothing, as when their page merely listens; the session still ends in time.

        Raises:
            StoreError: it could not be read.
        """
        now = self._now()
        found = (
            sa.select(agents, agent_sessions.c.seen_at)
            .join(agent_sessions)
            .where(
                agent_sessions.c.token_hash == _hash(token),
                agent_sessions.c.expires_at > now,
                agent_sessions.c.seen_at > now - SESSION_IDLE,
                agents.c.disabled_at.is_(None),
            )
        )
        with self._database.reading("the session could not be read") as connection:
            row = connection.execute(found).first()
        if row is None:
            return None
        if is_active and row.seen_at < now - _SEEN_EVERY:
            seen = agent_sessions.update().where(agent_sessions.c.token_hash == _hash(token)).values(seen_at=now)
            with self._database.writing("the session could not be stored") as connection:
                connection.execute(seen)
        return _agent(row)

    def close_agent_session(self, token: str) -> bool:
        """Log out. False: there was no such session.

        Raises:
            StoreError: it could not be written.
        """
        named = agent_sessions.c.token_hash == _hash(token)
        with self._database.writing("the session could not be closed") as connection:
            agent_id = connection.execute(sa.select(agent_sessions.c.agent_id).where(named)).scalar_one_or_none()
            if connection.execute(agent_sessions.delete().where(named)).rowcount == 0:
                return False
            append_audit(connection, self._now(), "session.closed", str(agent_id), agent_id)
        return True

    def begin_login(self, keys: Sequence[str]) -> int | None:
        """Count a try to log in under each of the keys and return its ticket; None, and nothing counted, where one of
        them has `LOGIN_LIMIT` tries within the last `LOGIN_WINDOW`. Counted first, so that tries side by side count.

        Raises:
            StoreError: it could not be counted; the try must not be made.
        """
        now, hashed = self._now(), sorted({_hash(key) for key in keys})
        with self._database.writing("the try could not be counted") as connection:
            if not self._database.is_sqlite:  # SQLite has one writer anyway
                for key in hashed:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(int(key[:16], 16) - _BIG)))
            connection.execute(login_attempts.delete().where(login_attempts.c.at <= now - LOGIN_WINDOW))
            counts = sa.select(sa.func.count()).where(login_attempts.c.key.in_(hashed)).group_by(login_attempts.c.key)
            if max(connection.execute(counts).scalars(), default=0) >= LOGIN_LIMIT:
                return None
            ticket = secrets.randbelow(_BIG)
            rows = [{"key": key, "ticket": ticket, "at": now} for key in hashed]
            connection.execute(login_attempts.insert(), rows)
            return ticket

    def forgive_login(self, ticket: int) -> None:
        """Take a try back: the password was right.

        Raises:
            StoreError: it stays counted.
        """
        with self._database.writing("the try could not be taken back") as connection:
            connection.execute(login_attempts.delete().where(login_attempts.c.ticket == ticket))

    def _change_agent(
        self,
        agent_id: str,
        values: dict[str, Any],
        action: str,
        by: str | None,
        data: dict[str, Any] | None = None,
        ends_sessions: bool = False,
    ) -> None:
        with self._database.writing("the agent could not be changed") as connection:
            if connection.execute(agents.update().where(agents.c.id == agent_id).values(values)).rowcount == 0:
                raise UnknownAgent(f"there is no agent {agent_id}")
            if ends_sessions:
                connection.execute(agent_sessions.delete().where(agent_sessions.c.agent_id == agent_id))
            append_audit(connection, self._now(), action, agent_id, by, data)


def plain_login(login: str) -> str:
    """A login as it is kept: case and the form of its letters make no difference.

    Raises:
        AgentRefused: it is empty, too long, or has spaces or invisible characters.
    """
    folded = _folded(login)
    if not 0 < len(folded) <= _MOST_CHARS or any(not c.isprintable() or c.isspace() for c in folded):
        raise AgentRefused(f"the login must be 1 to {_MOST_CHARS} visible characters without spaces")
    return folded


def _folded(login: str) -> str:
    return unicodedata.normalize("NFKC", login).strip().casefold()


def _plain_name(name: str) -> str:
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    if not 0 < len(plain) <= _MOST_CHARS or not plain.isprintable():
        raise AgentRefused(f"the name, which shoppers see, must be 1 to {_MOST_CHARS} visible characters")
    return plain


def _checked_role(role: Role) -> Role:
    if role not in ROLES:
        raise AgentRefused(f"there is no role {role!r}: take one of {', '.join(ROLES)}")
    return role


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _agent(row: sa.Row[Any]) -> Agent:
    return Agent(row.id, row.login, row.name, row.role, row.disabled_at is not None)
