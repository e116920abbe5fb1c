"""What the shop's own server is to be told, until it has been."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("due_at", sa.String(32), nullable=True),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("delivered_to", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("problem", sa.String(200), nullable=False, server_default=""),
    )
    op.create_index("ix_webhooks_conversation_id", "webhooks", ["conversation_id"])
    op.create_index("ix_webhooks_due_at", "webhooks", ["due_at"])
    op.create_index("ix_webhooks_at", "webhooks", ["at"])
