"""Owners, turns, events, sessions and traces. `schema_version` becomes 3, so that version 0.1 refuses the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    for column in (
        sa.Column("last_at", sa.String(32), nullable=False, server_default=""),
        sa.Column("shopper", sa.Text, nullable=True),
        sa.Column("secret_hash", sa.String(64), nullable=True),
        sa.Column("locale", sa.Text, nullable=True),
        sa.Column("page_product_id", sa.Text, nullable=True),
        sa.Column("who", sa.String(16), nullable=False, server_default="assistant"),
        sa.Column("last_seq", sa.Integer, nullable=False, server_default="0"),
    ):
        op.add_column("conversations", column)
    op.execute(
        "UPDATE conversations SET last_at = coalesce("
        "(SELECT max(m.at) FROM messages m WHERE m.conversation_id = conversations.id), started_at)"
    )
    op.create_index("ix_conversations_last_at", "conversations", ["last_at"])
    op.create_index("ix_conversations_shopper", "conversations", ["shopper", "last_at"])
    op.create_index("ix_browsers_conversation_id", "browsers", ["conversation_id"])
    op.create_table(
        "turns",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("key", sa.String(128), nullable=True),
        sa.Column("posted_at", sa.String(32), nullable=False),
        sa.Column("page_product_id", sa.Text, nullable=True),
        sa.Column("locale", sa.Text, nullable=True),
        sa.Column("owner", sa.String(64), nullable=True),
        sa.Column("lease_until", sa.String(32), nullable=True),
        sa.Column("stop_requested", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("first_seq", sa.Integer, nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=True),
        sa.Column("finished_at", sa.String(32), nullable=True),
        sa.Column("followed_until", sa.String(32), nullable=True),
        sa.UniqueConstraint("conversation_id", "number", name="uq_turns_number"),
        sa.UniqueConstraint("conversation_id", "key", name="uq_turns_key"),
    )
    unfinished = sa.text("state IN ('queued', 'running')")
    op.create_index(
        "ix_turns_unfinished", "turns", ["conversation_id"], sqlite_where=unfinished, postgresql_where=unfinished
    )
    op.create_index("ix_turns_finished_at", "turns", ["finished_at"])
    op.add_column(
        "messages",
        sa.Column("turn_id", sa.String(64), sa.ForeignKey("turns.id"), nullable=True),
        inline_references=True,
    )
    op.create_index("ix_messages_turn_id", "messages", ["turn_id"])
    op.create_table(
        "events",
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("turn_id", sa.String(64), sa.ForeignKey("turns.id"), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_events_turn_id", "events", ["turn_id"])
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("shopper", sa.Text, nullable=False),
        sa.Column("opened_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False),
    )
    op.create_index("ix_sessions_shopper", "sessions", ["shopper"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "used_tokens",
        sa.Column("jti_hash", sa.String(64), primary_key=True),
        sa.Column("expires_at", sa.String(32), nullable=False),
    )
    op.create_index("ix_used_tokens_expires_at", "used_tokens", ["expires_at"])
    op.create_table(
        "traces",
        sa.Column("message_id", _id, sa.ForeignKey("messages.id"), primary_key=True),
        sa.Column("turn_id", sa.String(64), sa.ForeignKey("turns.id"), nullable=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
    )
    op.create_index("ix_traces_turn_id", "traces", ["turn_id"])
    op.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
    op.execute("DELETE FROM schema_version")
    op.execute("INSERT INTO schema_version VALUES (3)")
