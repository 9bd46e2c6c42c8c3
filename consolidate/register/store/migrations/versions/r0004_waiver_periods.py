"""The only reporting round that a waiver is for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Add a column; waivers on record are for every round of their term, as before."""
    op.add_column("waivers", sa.Column("period", sa.String(16)))
