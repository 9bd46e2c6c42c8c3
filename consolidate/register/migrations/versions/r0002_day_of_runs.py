"""The day on which a run was made; of runs recorded before this step nobody knows it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Add the column."""
    op.add_column("runs", sa.Column("made", sa.Date(), nullable=True))
