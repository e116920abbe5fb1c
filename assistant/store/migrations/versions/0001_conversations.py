"""Conversations, messages, feedback and browsers: what version 0.1 counted as schema version 2."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("started_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "messages",
        sa.Column("id", _id, primary_key=True, autoincrement=True),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("reply", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("replaces", _id, nullable=True),
    )
    op.create_index("ix_messages_conversation_id", "messages", ["conversation_id"])
    op.create_table(
        "browsers",
        sa.Column("browser", sa.String(64), primary_key=True),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.id"), nullable=False),
    )
    op.create_table(
        "feedback",
        sa.Column("message_id", _id, sa.ForeignKey("messages.id"), primary_key=True),
        sa.Column("vote", sa.String(8), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
