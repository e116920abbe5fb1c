"""How often orders were asked for with a number and an address, counted for all workers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "order_attempts",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("ticket", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("ix_order_attempts_at", "order_attempts", ["at"])
    op.create_index("ix_order_attempts_ticket", "order_attempts", ["ticket"])
