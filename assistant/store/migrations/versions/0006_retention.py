"""Which turns' streamed events have been dropped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("turns", sa.Column("is_pruned", sa.Boolean, nullable=False, server_default=sa.false()))
    op.drop_index("ix_turns_finished_at", "turns")
    op.create_index(
        "ix_turns_unpruned",
        "turns",
        ["finished_at"],
        sqlite_where=sa.text("is_pruned = 0"),  # worded as the queries are, or it would not be used
        postgresql_where=sa.text("NOT is_pruned"),
    )
