"""Whose a conversation is: a guest's, who has its secret, or a signed-in shopper's, who has a session.

In: secrets and tokens. Out: who may see what. Both are random and kept as their sha256, so that whoever reads the
database is not let in. It checks no signature: that a shopper is who the shop says was settled before.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa

from assistant.store.database import insert_if_new
from assistant.store.tables import conversations, sessions, turns, unfinished, used_tokens
from assistant.store.transactions import Transactions
from assistant.store.values import StoredConversation, Who

_TOKEN_BYTES: Final = 32
_running = (
    sa.select(turns.c.id)
    .where(turns.c.conversation_id == conversations.c.id, unfinished(turns), turns.c.state == "running")
    .limit(1)
    .scalar_subquery()
)
_conversation = sa.select(conversations, _running.label("running_turn"))


def secret_hash(secret: str) -> str:
    """What is kept of a secret or token: 64 hexadecimal characters."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class Conversations(Transactions):
    """The part of the store that knows owners and sessions."""

    def create_conversation(
        self,
        conversation_id: str,
        *,
        shopper: str | None = None,
        secret: str | None = None,
        locale: str | None = None,
        page_product_id: str | None = None,
    ) -> None:
        """Begin a conversation of a signed-in `shopper`, or of the guest who has `secret`.

        Raises:
            StoreError: it could not be written, or there is one of that id.
        """
        now = self._now()
        row = {
            "id": conversation_id,
            "started_at": now,
            "last_at": now,
            "shopper": shopper,
            "secret_hash": None if secret is None else secret_hash(secret),
            "locale": locale,
            "page_product_id": page_product_id,
        }
        with self._database.writing("the conversation could not be begun") as connection:
            connection.execute(conversations.insert(), row)

    def conversation(self, conversation_id: str) -> StoredConversation | None:
        """A conversation; None where there is none of that id.

        Raises:
            StoreError: it could not be read.
        """
        with self._database.reading() as connection:
            row = connection.execute(_conversation.where(conversations.c.id == conversation_id)).first()
            return None if row is None else _stored(row)

    def conversations_of(self, shopper: str, limit: int = 50) -> tuple[StoredConversation, ...]:
        """A shopper's conversations, the one with the newest message first.

        Raises:
            StoreError: they could not be read.
        """
        found = _conversation.where(conversations.c.shopper == shopper).order_by(
            conversations.c.last_at.desc(), conversations.c.started_at.desc(), conversations.c.id
        )
        with self._database.reading("the conversations could not be read") as connection:
            return tuple(_stored(row) for row in connection.execute(found.limit(limit)))

    def claim_conversation(self, conversation_id: str, secret: str, shopper: str) -> bool:
        """Make a guest's conversation a shopper's; the secret opens it no longer. True also where it is theirs already.

        False: no such conversation, another secret, or another shopper's.

        Raises:
            StoreError: it could not be written.
        """
        with self._database.writing("the conversation could not be claimed") as connection:
            found = sa.select(conversations.c.shopper, conversations.c.secret_hash)
            found = self._database.for_update(found.where(conversations.c.id == conversation_id))
            row = connection.execute(found).first()
            if row is None or row.shopper is not None:
                return row is not None and row.shopper == shopper
            if row.secret_hash is None or not hmac.compare_digest(row.secret_hash, secret_hash(secret)):
                return False
            theirs = conversations.update().where(conversations.c.id == conversation_id)
            connection.execute(theirs.values(shopper=shopper, secret_hash=None))
            return True

    def set_who(self, conversation_id: str, who: Who) -> bool:
        """Say who answers from now on. False: no such conversation.

        Raises:
            StoreError: it could not be written.
        """
        with self._database.writing("who answers could not be stored") as connection:
            changed = conversations.update().where(conversations.c.id == conversation_id).values(who=who)
            return connection.execute(changed).rowcount == 1

    def heads(self, conversation_ids: Iterable[str]) -> dict[str, int]:
        """The number of the newest event of each conversation that exists, in one query.

        Raises:
            StoreError: they could not be read.
        """
        found = sa.select(conversations.c.id, conversations.c.last_seq)
        with self._database.reading() as connection:
            return {
                row.id: row.last_seq
                for row in connection.execute(found.where(conversations.c.id.in_(list(conversation_ids))))
            }

    def open_session(self, shopper: str, jti: str, jti_expires_at: datetime, expires_at: datetime) -> str | None:
        """A new session's token for a signed token that names `jti`; None where that was used before.

        `jti` is remembered until `jti_expires_at`, when the signed token has expired anyway.

        Raises:
            StoreError: it could not be written.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        now = self._now()
        with self._database.writing("the session could not be opened") as connection:
            connection.execute(used_tokens.delete().where(used_tokens.c.expires_at < now))
            used = {"jti_hash": secret_hash(jti), "expires_at": jti_expires_at}
            if insert_if_new(connection, used_tokens, [used]) == 0:
                return None
            row = {"token_hash": secret_hash(token), "shopper": shopper, "opened_at": now, "expires_at": expires_at}
            connection.execute(sessions.insert(), row)
            return token

    def session_shopper(self, token: str) -> str | None:
        """The shopper of an open session; None where there is none, or it is over.

        Raises:
            StoreError: it could not be read.
        """
        found = sa.select(sessions.c.shopper).where(
            sessions.c.token_hash == secret_hash(token), sessions.c.expires_at > self._now()
        )
        with self._database.reading("the session could not be read") as connection:
            return connection.execute(found).scalar_one_or_none()

    def close_session(self, token: str) -> bool:
        """End a session. False: there was none.

        Raises:
            StoreError: it could not be written.
        """
        with self._database.writing("the session could not be closed") as connection:
            gone = sessions.delete().where(sessions.c.token_hash == secret_hash(token))
            return connection.execute(gone).rowcount == 1


def _stored(row: sa.Row[Any]) -> StoredConversation:
    return StoredConversation(
        row.id,
        row.started_at,
        row.last_at,
        row.shopper,
        row.secret_hash,
        row.locale,
        row.page_product_id,
        row.who,
        row.last_seq,
        row.running_turn,
    )
