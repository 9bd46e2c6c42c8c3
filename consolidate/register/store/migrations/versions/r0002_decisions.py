"""What people decide: approvals and locks of periods, adjustments, waivers, revocations."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Add tables; what is on record stays as it is."""
    op.create_table(
        "events",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("period", sa.String(16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer()),
        sa.PrimaryKeyConstraint("number", name="pk_events"),
        sa.ForeignKeyConstraint(["run"], ["runs.number"], name="fk_events_run_runs"),
    )
    op.create_index("ix_events_year_round", "events", ["year", "round"])
    op.create_table(
        "adjustments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("period", sa.String(16), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("data_set", sa.String(64), nullable=False),
        sa.Column("element", sa.String(64), nullable=False),
        sa.Column("column", sa.String(64), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        *_signed(),
        sa.Column("expires", sa.Date()),
        sa.PrimaryKeyConstraint("id", name="pk_adjustments"),
    )
    op.create_table(
        "waivers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("until", sa.Date()),
        *_signed(),
        sa.PrimaryKeyConstraint("id", name="pk_waivers"),
    )
    op.create_table(
        "revocations",
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        *_signed(),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_revocations"),
    )


def _signed() -> tuple[sa.Column[str] | sa.Column[date], ...]:
    return (
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
    )
