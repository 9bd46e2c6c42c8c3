"""A checksum for every row, and the rounds that were issued with seals.

What stands in the rows of an older register is taken for what was written: nobody can tell.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from consolidate.register.rows import checksum_of

revision = "0003"
down_revision: str | None = "0002"

KEYS = {
    "files": ("sha256",),
    "returns": ("id",),
    "runs": ("number",),
    "outcomes": ("run", "position"),
    "totals": ("run", "position"),
    "baselines": ("compared", "period"),
    "events": ("number",),
    "adjustments": ("id",),
    "waivers": ("id",),
    "revocations": ("kind", "id"),
}
"""The tables of then and their keys."""


def upgrade() -> None:
    """Add the columns, fill them in, and make the new table."""
    for table, key in KEYS.items():
        op.add_column(table, sa.Column("checksum", sa.Text(), nullable=True))
        _fill(op.get_bind(), table, key)
    op.create_index(None, "returns", ["period"])
    op.create_table(
        "issues",
        sa.Column("period", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("template", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("checksum", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("period", "template"),
    )


def _fill(connection: sa.Connection, table: str, key: tuple[str, ...]) -> None:
    rows = connection.execute(sa.select(sa.text("*")).select_from(sa.table(table))).mappings()
    sums = [{"now": checksum_of(row), **{f"old_{name}": row[name] for name in key}} for row in rows]
    if not sums:
        return
    told = sa.table(table, sa.column("checksum"), *map(sa.column, key))
    same = (told.c[name] == sa.bindparam(f"old_{name}") for name in key)
    connection.execute(told.update().where(*same).values(checksum=sa.bindparam("now")), sums)
