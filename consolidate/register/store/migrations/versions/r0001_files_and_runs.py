"""Files, what was read in them, runs with their outcomes and totals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Make the first tables."""
    _files_and_returns()
    _runs()
    op.create_table(
        "sightings",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("received", sa.Date()),
        sa.Column("run", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_sightings"),
        sa.ForeignKeyConstraint(["sha256"], ["files.sha256"], name="fk_sightings_sha256_files"),
        sa.ForeignKeyConstraint(["run"], ["runs.number"], name="fk_sightings_run_runs"),
    )
    op.create_index("ix_sightings_sha256", "sightings", ["sha256"])


def _files_and_returns() -> None:
    op.create_table(
        "files",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_files"),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_files_digest")),
    )
    op.create_table(
        "returns",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("period", sa.String(16)),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("window_start", sa.Date()),
        sa.Column("window_end", sa.Date()),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_returns"),
        sa.ForeignKeyConstraint(["sha256"], ["files.sha256"], name="fk_returns_sha256_files"),
        sa.UniqueConstraint("sha256", "reader", "unit", name="uq_returns_sha256_reader_unit"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("program", sa.Text(), nullable=False),
        sa.Column("roster", sa.String(64), nullable=False),
        sa.Column("calendar", sa.String(64), nullable=False),
        sa.Column("corrections", sa.String(64), nullable=False),
        sa.Column("inputs", sa.String(64), nullable=False),
        sa.Column("result", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_runs"),
        sa.CheckConstraint("number > 0", name=op.f("ck_runs_counted")),
    )
    op.create_index("ix_runs_year_round", "runs", ["year", "round"])
    op.create_table(
        "outcomes",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("received", sa.Date()),
        sa.Column("return_id", sa.Integer()),
        sa.PrimaryKeyConstraint("run", "position", name="pk_outcomes"),
        sa.ForeignKeyConstraint(["run"], ["runs.number"], name="fk_outcomes_run_runs"),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name="fk_outcomes_return_id_returns"
        ),
    )
    op.create_index("ix_outcomes_sha256", "outcomes", ["sha256"])
    op.create_table(
        "totals",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("data_set", sa.String(64), nullable=False),
        sa.Column("element", sa.String(64), nullable=False),
        sa.Column("column", sa.String(64), nullable=False),
        sa.Column("level", sa.String(64), nullable=False),
        sa.Column("total", sa.Text()),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run", "position", name="pk_totals"),
        sa.ForeignKeyConstraint(["run"], ["runs.number"], name="fk_totals_run_runs"),
        sa.UniqueConstraint(
            "run",
            "data_set",
            "element",
            "column",
            "level",
            name="uq_totals_run_data_set_element_column_level",
        ),
    )
