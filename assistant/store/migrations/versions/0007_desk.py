"""The desk: agents, hand-offs, drafts and what was decided about them, corrections, and who did what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("messages", sa.Column("agent_id", sa.String(24), nullable=True))
    op.add_column("messages", sa.Column("key", sa.String(128), nullable=True))
    op.add_column("messages", sa.Column("withdrawn_at", sa.String(32), nullable=True))
    op.create_index("uq_messages_key", "messages", ["conversation_id", "key"], unique=True)
    op.create_table(
        "agents",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("login", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("added_at", sa.String(32), nullable=False),
        sa.Column("disabled_at", sa.String(32), nullable=True),
    )
    op.create_table(
        "agent_sessions",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("agent_id", sa.String(24), sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("opened_at", sa.String(32), nullable=False),
        sa.Column("seen_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False),
    )
    op.create_index("ix_agent_sessions_agent_id", "agent_sessions", ["agent_id"])
    op.create_index("ix_agent_sessions_expires_at", "agent_sessions", ["expires_at"])
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("agent_id", sa.String(24), nullable=True),
        sa.Column("action", sa.String(48), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("ix_audit_agent_id", "audit", ["agent_id"])
    op.create_table(
        "handoffs",
        sa.Column("id", _id, primary_key=True, autoincrement=True),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("intent", sa.String(32), nullable=True),
        sa.Column("language", sa.String(16), nullable=True),
        sa.Column("mood", sa.String(16), nullable=True),
        sa.Column("order_id", sa.Text, nullable=True),
        sa.Column("agent_id", sa.String(24), sa.ForeignKey("agents.id"), nullable=True),
        sa.Column("claimed_at", sa.String(32), nullable=True),
        sa.Column("first_reply_at", sa.String(32), nullable=True),
        sa.Column("seen_message_id", _id, nullable=True),
        sa.Column("ended_at", sa.String(32), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
    )
    op.create_index("ix_handoffs_conversation_id", "handoffs", ["conversation_id"])
    op.create_index("ix_handoffs_at", "handoffs", ["at"])
    op.create_index("ix_handoffs_ended_at", "handoffs", ["ended_at"])
    op.create_index(
        "uq_handoffs_open",
        "handoffs",
        ["conversation_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("based_on", _id, sa.ForeignKey("messages.id"), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("instruction", sa.Text, nullable=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.String(16), nullable=True),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=True),
        sa.Column("reply", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("trace", sa.JSON(none_as_null=True), nullable=True),
    )
    op.create_index("ix_drafts_based_on", "drafts", ["based_on"])
    op.create_index("ix_drafts_conversation", "drafts", ["conversation_id", "at"])
    op.create_table(
        "decisions",
        sa.Column("id", _id, primary_key=True, autoincrement=True),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("draft_id", sa.String(64), sa.ForeignKey("drafts.id"), nullable=True),
        sa.Column("asked_id", _id, sa.ForeignKey("messages.id"), nullable=True),
        sa.Column("sent_id", _id, sa.ForeignKey("messages.id"), nullable=True),
        sa.Column("agent_id", sa.String(24), sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("edit_distance", sa.Integer, nullable=True),
        sa.Column("seconds", sa.Float, nullable=True),
        sa.Column("intent", sa.String(32), nullable=True),
        sa.Column("model", sa.Text, nullable=True),
        sa.Column("reason", sa.Text, nullable=True),
        sa.Column("undone_at", sa.String(32), nullable=True),
    )
    op.create_index("ix_decisions_conversation_id", "decisions", ["conversation_id"])
    op.create_index("ix_decisions_draft_id", "decisions", ["draft_id"])
    op.create_index("ix_decisions_asked_id", "decisions", ["asked_id"])
    op.create_index("ix_decisions_sent_id", "decisions", ["sent_id"])
    op.create_index("ix_decisions_at", "decisions", ["at"])
    op.create_table(
        "notes",
        sa.Column("id", _id, primary_key=True, autoincrement=True),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("agent_id", sa.String(24), sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_notes_conversation_id", "notes", ["conversation_id"])
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.String(16), nullable=True),
        sa.Column("agent_id", sa.String(24), sa.ForeignKey("agents.id"), nullable=True),
        sa.Column("changed_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("entry_id", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("language", sa.String(16), nullable=True),
        sa.Column("product_id", sa.Text, nullable=True),
        sa.Column("origin", sa.String(64), nullable=True),
        sa.Column("author_id", sa.String(24), sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("proposed_at", sa.String(32), nullable=False),
        sa.Column("reviewer_id", sa.String(24), sa.ForeignKey("agents.id"), nullable=True),
        sa.Column("reviewed_at", sa.String(32), nullable=True),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("ended_at", sa.String(32), nullable=True),
    )
    op.create_index("ix_corrections_state", "corrections", ["state"])
    op.create_index("ix_corrections_entry_id", "corrections", ["entry_id"])
