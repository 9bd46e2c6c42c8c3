"""Which earlier runs a run was compared with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Add a table; of runs on record nobody knows what they were compared with."""
    op.create_table(
        "bases",
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(16), nullable=False),
        sa.Column("other", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("adjustments", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", "period", name="pk_bases"),
        sa.ForeignKeyConstraint(["run"], ["runs.number"], name="fk_bases_run_runs"),
        sa.ForeignKeyConstraint(["other"], ["runs.number"], name="fk_bases_other_runs"),
    )
