"""The tables, as the newest migration leaves them (`tests/unit/test_store_migrations.py` compares the two).

Times are ISO 8601 text in UTC with milliseconds: they sort as they are, and both databases keep them alike. This module
knows columns and no meaning.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as text in UTC."""

    impl = sa.String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat(timespec="milliseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class Words(TypeDecorator[str]):
    """Text byte for byte. PostgreSQL takes no NUL: there it is written as two other control characters."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or dialect.name != "postgresql" or ("\x00" not in value and "\x01" not in value):
            return value
        return value.replace("\x01", "\x01\x01").replace("\x00", "\x01\x02")

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or dialect.name != "postgresql" or "\x01" not in value:
            return value
        return re.sub("\x01([\x01\x02])", lambda pair: "\x01" if pair[1] == "\x01" else "\x00", value)


_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts up only what it calls INTEGER
_Json = sa.JSON(none_as_null=True)

metadata = sa.MetaData()
conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("last_at", Moment, nullable=False, server_default="", index=True),
    sa.Column("shopper", Words, nullable=True),
    sa.Column("secret_hash", sa.String(64), nullable=True),
    sa.Column("locale", Words, nullable=True),
    sa.Column("page_product_id", Words, nullable=True),
    sa.Column("who", sa.String(16), nullable=False, server_default="assistant"),
    sa.Column("last_seq", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_conversations_shopper", "shopper", "last_at"),
)
turns = sa.Table(
    "turns",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("key", sa.String(128), nullable=True),
    sa.Column("posted_at", Moment, nullable=False),
    sa.Column("page_product_id", Words, nullable=True),
    sa.Column("locale", Words, nullable=True),
    sa.Column("owner", sa.String(64), nullable=True),
    sa.Column("lease_until", Moment, nullable=True),
    sa.Column("stop_requested", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("first_seq", sa.Integer, nullable=False),
    sa.Column("last_seq", sa.Integer, nullable=True),
    sa.Column("finished_at", Moment, nullable=True),
    sa.Column("followed_until", Moment, nullable=True),
    sa.Column("is_pruned", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("conversation_id", "number", name="uq_turns_number"),
    sa.UniqueConstraint("conversation_id", "key", name="uq_turns_key"),
)


def unfinished(of: sa.FromClause) -> sa.ColumnElement[bool]:
    """Turns that wait or run. In letters, not as parameters: else SQLite would not use the index of just these."""
    return of.c.state.in_([sa.literal_column("'queued'"), sa.literal_column("'running'")])


sa.Index(
    "ix_turns_unfinished",
    turns.c.conversation_id,
    sqlite_where=unfinished(turns),
    postgresql_where=unfinished(turns),
)
sa.Index(
    "ix_turns_unpruned",
    turns.c.finished_at,
    sqlite_where=~turns.c.is_pruned,
    postgresql_where=~turns.c.is_pruned,
)
messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("reply", _Json, nullable=True),
    sa.Column("replaces", _Id, nullable=True),
    sa.Column("turn_id", sa.ForeignKey("turns.id"), nullable=True, index=True),
    sa.Column("agent_id", sa.String(24), nullable=True),
    sa.Column("key", sa.String(128), nullable=True),
    sa.Column("withdrawn_at", Moment, nullable=True),
    sa.Index("uq_messages_key", "conversation_id", "key", unique=True),
)
events = sa.Table(
    "events",
    metadata,
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("turn_id", sa.ForeignKey("turns.id"), nullable=True, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("data", _Json, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sqlite_with_rowid=False,
)
browsers = sa.Table(
    "browsers",
    metadata,
    sa.Column("browser", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False, index=True),
)
feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("message_id", sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("vote", sa.String(8), nullable=False),
    sa.Column("at", Moment, nullable=False),
)
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("shopper", Words, nullable=False, index=True),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False, index=True),
)
used_tokens = sa.Table(
    "used_tokens",
    metadata,
    sa.Column("jti_hash", sa.String(64), primary_key=True),
    sa.Column("expires_at", Moment, nullable=False, index=True),
)
traces = sa.Table(
    "traces",
    metadata,
    sa.Column("message_id", sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("turn_id", sa.ForeignKey("turns.id"), nullable=True, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("data", _Json, nullable=False),
)
records = sa.Table(
    "records",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("data", _Json, nullable=False),
    sa.Column("used_at", Moment, nullable=False, index=True),
)
trace_hits = sa.Table(
    "trace_hits",
    metadata,
    sa.Column("message_id", sa.ForeignKey("traces.message_id"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("is_product", sa.Boolean, nullable=False),
    sa.Column("entry_id", Words, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("variant_ids", _Json, nullable=False),
    sa.Column("digest", sa.ForeignKey("records.digest"), nullable=False, index=True),
)
proposals = sa.Table(
    "proposals",
    metadata,
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("message_id", sa.ForeignKey("messages.id"), nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("detail", Words, nullable=False),
    sa.Column("data", _Json, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
)
webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("data", _Json, nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("due_at", Moment, nullable=True, index=True),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("delivered_to", _Json, nullable=False),
    sa.Column("problem", sa.String(200), nullable=False, server_default=""),
)
order_attempts = sa.Table(
    "order_attempts",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("ticket", sa.BigInteger, primary_key=True, autoincrement=False, index=True),
    sa.Column("at", Moment, nullable=False, index=True),
)
agents = sa.Table(
    "agents",
    metadata,
    sa.Column("id", sa.String(24), primary_key=True),
    sa.Column("login", Words, nullable=False, unique=True),
    sa.Column("name", Words, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("password_hash", sa.String(255), nullable=False),
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("disabled_at", Moment, nullable=True),
)
agent_sessions = sa.Table(
    "agent_sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("agent_id", sa.ForeignKey("agents.id"), nullable=False, index=True),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False, index=True),
)
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("agent_id", sa.String(24), nullable=True, index=True),
    sa.Column("action", sa.String(48), nullable=False),
    sa.Column("subject", Words, nullable=False),
    sa.Column("data", _Json, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),  # there is one
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
login_attempts = sa.Table(
    "login_attempts",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("ticket", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False, index=True),
)
handoffs = sa.Table(
    "handoffs",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("reason", sa.String(16), nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("intent", sa.String(32), nullable=True),
    sa.Column("language", sa.String(16), nullable=True),
    sa.Column("mood", sa.String(16), nullable=True),
    sa.Column("order_id", Words, nullable=True),
    sa.Column("agent_id", sa.ForeignKey("agents.id"), nullable=True),
    sa.Column("claimed_at", Moment, nullable=True),
    sa.Column("first_reply_at", Moment, nullable=True),
    sa.Column("seen_message_id", _Id, nullable=True),
    sa.Column("ended_at", Moment, nullable=True, index=True),
    sa.Column("outcome", sa.String(16), nullable=True),
)


def open_handoff(of: sa.FromClause) -> sa.ColumnElement[bool]:
    """Hand-offs that are not over. Worded as the index of just these is."""
    return of.c.ended_at.is_(None)


sa.Index(
    "uq_handoffs_open",
    handoffs.c.conversation_id,
    unique=True,
    sqlite_where=open_handoff(handoffs),
    postgresql_where=open_handoff(handoffs),
)
drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("based_on", sa.ForeignKey("messages.id"), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("instruction", Words, nullable=True),
    sa.Column("text", Words, nullable=False),
    sa.Column("language", sa.String(16), nullable=True),
    sa.Column("model", Words, nullable=False),
    sa.Column("confidence", sa.Float, nullable=True),
    sa.Column("reply", _Json, nullable=False),
    sa.Column("trace", _Json, nullable=True),
    sa.Index("ix_drafts_conversation", "conversation_id", "at"),
)
decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("draft_id", sa.ForeignKey("drafts.id"), nullable=True, index=True),
    sa.Column("asked_id", sa.ForeignKey("messages.id"), nullable=True, index=True),
    sa.Column("sent_id", sa.ForeignKey("messages.id"), nullable=True, index=True),
    sa.Column("agent_id", sa.ForeignKey("agents.id"), nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("edit_distance", sa.Integer, nullable=True),
    sa.Column("seconds", sa.Float, nullable=True),
    sa.Column("intent", sa.String(32), nullable=True),
    sa.Column("model", Words, nullable=True),
    sa.Column("reason", Words, nullable=True),
    sa.Column("undone_at", Moment, nullable=True),
)
notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("agent_id", sa.ForeignKey("agents.id"), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("text", Words, nullable=False),
)
canned_replies = sa.Table(
    "canned_replies",
    metadata,
    sa.Column("id", sa.String(24), primary_key=True),
    sa.Column("title", Words, nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("language", sa.String(16), nullable=True),
    sa.Column("agent_id", sa.ForeignKey("agents.id"), nullable=True),
    sa.Column("changed_at", Moment, nullable=False),
)
corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("id", sa.String(24), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("entry_id", Words, nullable=False, index=True),
    sa.Column("question", Words, nullable=False),
    sa.Column("answer", Words, nullable=False),
    sa.Column("language", sa.String(16), nullable=True),
    sa.Column("product_id", Words, nullable=True),
    sa.Column("origin", sa.String(64), nullable=True),
    sa.Column("author_id", sa.ForeignKey("agents.id"), nullable=False),
    sa.Column("proposed_at", Moment, nullable=False),
    sa.Column("reviewer_id", sa.ForeignKey("agents.id"), nullable=True),
    sa.Column("reviewed_at", Moment, nullable=True),
    sa.Column("before", _Json, nullable=True),
    sa.Column("ended_at", Moment, nullable=True),
    sa.Column("wordings", _Json, nullable=True),
)
