"""The tables of the first version. Names of keys and indexes follow ``schema.NAMING``."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None

DAY, NUMBER, TEXT = sa.Date(), sa.Integer(), sa.Text()


def _all(kind: Any, *names: str, nullable: bool = False) -> tuple[sa.Column[Any], ...]:
    return tuple(sa.Column(name, kind, autoincrement=False, nullable=nullable) for name in names)


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "files",
        *_all(TEXT, "sha256"),
        *_all(NUMBER, "size"),
        *_all(TEXT, "name"),
        *_all(DAY, "seen"),
        sa.PrimaryKeyConstraint("sha256"),
        sa.CheckConstraint("length(sha256) = 64", name="digest"),
    )
    op.create_table(
        "returns",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *_all(TEXT, "sha256", "reader", "unit", "template", "version"),
        *_all(TEXT, "period", nullable=True),
        *_all(NUMBER, "revision"),
        *_all(TEXT, "window", nullable=True),
        *_all(TEXT, "values", "findings"),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["sha256"], ["files.sha256"]),
        sa.UniqueConstraint("sha256", "reader", "unit"),
    )
    _runs()
    _decisions()


def _runs() -> None:
    op.create_table(
        "runs",
        *_all(NUMBER, "number"),
        *_all(TEXT, "period"),
        *_all(DAY, "as_of"),
        *_all(TEXT, "program", "result", "roster", "calendar", "corrections", "inputs"),
        sa.PrimaryKeyConstraint("number"),
        sa.CheckConstraint("number > 0", name="counted"),
    )
    op.create_index(None, "runs", ["period"])
    op.create_table(
        "outcomes",
        *_all(NUMBER, "run", "position"),
        *_all(TEXT, "path", "member", "sha256", "unit", "template", "outcome"),
        *_all(TEXT, "reason", nullable=True),
        *_all(DAY, "received", nullable=True),
        *_all(NUMBER, "return_id", nullable=True),
        sa.PrimaryKeyConstraint("run", "position"),
        sa.ForeignKeyConstraint(["run"], ["runs.number"]),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"]),
    )
    op.create_table(
        "totals",
        *_all(NUMBER, "run", "position"),
        *_all(TEXT, "data_set", "element", "column", "level"),
        *_all(TEXT, "total", nullable=True),
        *_all(NUMBER, "units"),
        sa.PrimaryKeyConstraint("run", "position"),
        sa.ForeignKeyConstraint(["run"], ["runs.number"]),
        sa.UniqueConstraint("run", "data_set", "element", "column", "level"),
    )
    op.create_table(
        "baselines",
        *_all(NUMBER, "compared"),
        *_all(TEXT, "period"),
        *_all(NUMBER, "run"),
        *_all(TEXT, "adjustments"),
        sa.PrimaryKeyConstraint("compared", "period"),
        sa.ForeignKeyConstraint(["compared"], ["runs.number"]),
        sa.ForeignKeyConstraint(["run"], ["runs.number"]),
    )


def _decisions() -> None:
    op.create_table(
        "events",
        *_all(NUMBER, "number"),
        *_all(TEXT, "kind", "period", "author"),
        *_all(DAY, "on"),
        *_all(TEXT, "document"),
        *_all(NUMBER, "run", nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.ForeignKeyConstraint(["run"], ["runs.number"]),
    )
    op.create_index(None, "events", ["period"])
    op.create_table(
        "adjustments",
        *_all(TEXT, "id", "period", "unit", "data_set", "element", "column"),
        *_all(NUMBER, "row"),
        *_all(TEXT, "value", "author"),
        *_all(DAY, "on"),
        *_all(TEXT, "reason", "document"),
        *_all(DAY, "expires", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "waivers",
        *_all(TEXT, "id", "rule", "unit"),
        *_all(DAY, "until", nullable=True),
        *_all(TEXT, "author"),
        *_all(DAY, "on"),
        *_all(TEXT, "reason", "document"),
        *_all(TEXT, "period", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "revocations",
        *_all(TEXT, "kind", "id", "author"),
        *_all(DAY, "on"),
        *_all(TEXT, "reason", "document"),
        sa.PrimaryKeyConstraint("kind", "id"),
    )
