"""What an answer rests on, kept once however many answers rest on it; and what has become of proposals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "records",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("used_at", sa.String(32), nullable=False),
    )
    op.create_index("ix_records_used_at", "records", ["used_at"])
    op.create_table(
        "trace_hits",
        sa.Column("message_id", _id, sa.ForeignKey("traces.message_id"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("is_product", sa.Boolean, nullable=False),
        sa.Column("entry_id", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("variant_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("digest", sa.String(64), sa.ForeignKey("records.digest"), nullable=False),
    )
    op.create_index("ix_trace_hits_digest", "trace_hits", ["digest"])
    op.create_table(
        "proposals",
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.id"), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("message_id", _id, sa.ForeignKey("messages.id"), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("changed_at", sa.String(32), nullable=False),
    )
    op.create_index("ix_proposals_message_id", "proposals", ["message_id"])
