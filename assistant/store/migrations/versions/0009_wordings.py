"""Other questions that a correction answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("corrections", sa.Column("wordings", sa.JSON(none_as_null=True), nullable=True))
