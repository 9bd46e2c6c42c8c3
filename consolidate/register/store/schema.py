"""Tables of the register. Migrations make them; a test holds the two against each other.

Figures, dates inside JSON and totals are exact texts, never binary floating point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

REVISION = "0004"
"""The newest migration: a database that says so needs none."""

PORTION = 500
"""Values that one question names at most; databases limit them (sqlite.org/limits.html)."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)


class Words(TypeDecorator[str]):
    """Text from outside. What a database refuses (NUL, lone surrogates) is kept as an escape."""

    impl = Text
    cache_ok = True

    @staticmethod
    def stored(text: str) -> str:
        """The text as it will come back."""
        if text.isascii() and "\0" not in text:
            return text
        return text.replace("\0", "\\x00").encode(errors="backslashreplace").decode()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.stored(value)


def _key() -> Column[int]:
    return Column("id", Integer, autoincrement=True, nullable=False)


def _number(name: str, *, nullable: bool = False) -> Column[int]:
    """A whole number that the program gives out itself."""
    return Column(name, Integer, autoincrement=False, nullable=nullable)


def _words(name: str) -> Column[str]:
    return Column(name, Words, nullable=False)


def _code(name: str) -> Column[str]:
    """A code or digest of this program's own making, ``""`` for none."""
    return Column(name, String(64), nullable=False)


def _day(name: str, *, nullable: bool = False) -> Column[date]:
    return Column(name, Date, nullable=nullable)


def _signed() -> tuple[Column[str] | Column[date], ...]:
    """Who answers for a row, since when, why, and on what paper."""
    return _words("author"), _day("day"), _words("reason"), _words("document")


# Bytes that were received; they stand in files/ beside the database.
files = Table(
    "files",
    metadata,
    _code("sha256"),
    Column("size", BigInteger, nullable=False),
    _words("name"),
    _day("seen"),
    PrimaryKeyConstraint("sha256"),
    CheckConstraint("length(sha256) = 64", name="digest"),
)

# One row per workbook, version of the program and unit: values and findings as JSON.
returns = Table(
    "returns",
    metadata,
    _key(),
    _code("sha256"),
    _words("reader"),
    _words("unit"),
    _words("template"),
    _words("version"),
    Column("period", String(16)),
    _number("revision"),
    _day("window_start", nullable=True),
    _day("window_end", nullable=True),
    Column("figures", Text, nullable=False),
    Column("findings", Text, nullable=False),
    PrimaryKeyConstraint("id"),
    ForeignKeyConstraint(["sha256"], ["files.sha256"]),
    UniqueConstraint("sha256", "reader", "unit"),
)

# One row per merge; year and round are those of its period.
runs = Table(
    "runs",
    metadata,
    _number("number"),
    Column("period", String(16), nullable=False),
    _number("year"),
    _number("round"),
    _day("as_of"),
    _words("program"),
    _code("roster"),
    _code("calendar"),
    _code("corrections"),
    _code("inputs"),
    _code("result"),
    PrimaryKeyConstraint("number"),
    CheckConstraint("number > 0", name="counted"),
    Index(None, "year", "round"),
)

outcomes = Table(
    "outcomes",
    metadata,
    _number("run"),
    _number("position"),
    _words("path"),
    _words("member"),
    _code("sha256"),
    _words("unit"),
    _words("template"),
    _code("outcome"),
    _words("reason"),
    _day("received", nullable=True),
    _number("return_id", nullable=True),
    PrimaryKeyConstraint("run", "position"),
    ForeignKeyConstraint(["run"], ["runs.number"]),
    ForeignKeyConstraint(["return_id"], ["returns.id"]),
    Index(None, "sha256"),
)

totals = Table(
    "totals",
    metadata,
    _number("run"),
    _number("position"),
    _code("data_set"),
    _code("element"),
    _code("column"),
    _code("level"),
    Column("total", Text),
    _number("units"),
    PrimaryKeyConstraint("run", "position"),
    ForeignKeyConstraint(["run"], ["runs.number"]),
    UniqueConstraint("run", "data_set", "element", "column", "level"),
)

# The earlier runs that a run was compared with, and the adjustments (ids as JSON) of their figures.
bases = Table(
    "bases",
    metadata,
    _number("run"),
    Column("period", String(16), nullable=False),
    _number("other"),
    Column("adjustments", Text, nullable=False),
    PrimaryKeyConstraint("run", "period"),
    ForeignKeyConstraint(["run"], ["runs.number"]),
    ForeignKeyConstraint(["other"], ["runs.number"]),
)

sightings = Table(
    "sightings",
    metadata,
    _key(),
    _code("sha256"),
    _words("path"),
    _words("member"),
    _day("received", nullable=True),
    _number("run", nullable=True),
    PrimaryKeyConstraint("id"),
    ForeignKeyConstraint(["sha256"], ["files.sha256"]),
    ForeignKeyConstraint(["run"], ["runs.number"]),
    Index(None, "sha256"),
)

# Approvals and locks of the reporting round of a period, and taking them back.
events = Table(
    "events",
    metadata,
    _number("number"),
    _code("kind"),
    Column("period", String(16), nullable=False),
    _number("year"),
    _number("round"),
    _words("author"),
    _day("day"),
    _words("document"),
    _number("run", nullable=True),
    PrimaryKeyConstraint("number"),
    ForeignKeyConstraint(["run"], ["runs.number"]),
    Index(None, "year", "round"),
)

adjustments = Table(
    "adjustments",
    metadata,
    _words("id"),
    Column("period", String(16), nullable=False),
    _words("unit"),
    _code("data_set"),
    _code("element"),
    _code("column"),
    _number("row"),
    _words("value"),
    *_signed(),
    _day("expires", nullable=True),
    PrimaryKeyConstraint("id"),
)

# Of a waiver that names a period only that period's round is let off.
waivers = Table(
    "waivers",
    metadata,
    _words("id"),
    _words("rule"),
    _words("unit"),
    _day("until", nullable=True),
    *_signed(),
    Column("period", String(16)),
    PrimaryKeyConstraint("id"),
)

revocations = Table(
    "revocations",
    metadata,
    _code("kind"),
    _words("id"),
    *_signed(),
    PrimaryKeyConstraint("kind", "id"),
)


def portions(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Values in lists that are short enough for one question."""
    for start in range(0, len(values), PORTION):
        yield values[start : start + PORTION]
