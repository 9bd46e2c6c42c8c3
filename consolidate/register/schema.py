"""Define the tables of the register. A test compares what the steps of migrations make with them.

A table holds facts of one kind: its columns are the fields of the dataclass (:mod:`.rows`) and what
the register adds. They give back what the facts hold: periods, days, exact numbers. No figure is
ever a binary floating point number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import partial
from operator import attrgetter
from types import NoneType
from typing import Any, get_args, get_origin

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from consolidate.model.corrections import Adjustment, Revocation, Waiver
from consolidate.model.data_values import Baseline
from consolidate.model.period import DataWindow, Period
from consolidate.model.reasons import Reason
from consolidate.model.runs import FormsIssued, PeriodEvent, Run, RunOutcome, RunTotal
from consolidate.register.facts import StoredFile, StoredReturn
from consolidate.register.rows import CHECKSUM, BadRow, fields_of, from_json, number, to_json

SCHEMA_REVISION = "0003"
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


class _Checked(TypeDecorator[Any]):
    """A column that only gives back what this program writes: values of ``kind``, or none.

    SQLite keeps anything in any column, and a damaged file may hold anything.
    """

    impl: type[TypeEngine[Any]] = Text
    cache_ok = True
    kind: type = object

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Make what reads a value of the database.

        Raises:
            BadRow: by what is returned, of a value that was never written.
        """
        inner = super().result_processor(dialect, coltype)
        kind = self.kind

        def read(value: Any) -> Any:
            if value is None:
                return None
            try:
                found = inner(value) if inner is not None else value
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                raise BadRow from error
            if kind is not object and type(found) is not kind:
                raise BadRow
            return found

        return read


class WholeNumber(_Checked):
    """A whole number."""

    impl = Integer
    cache_ok = True
    kind = int


class AsDay(_Checked):
    """A day."""

    impl = Date
    cache_ok = True
    kind = date


class Words(_Checked):
    """Text from outside. What a database refuses (NUL, lone surrogates) is kept as an escape."""

    cache_ok = True
    kind = str

    @staticmethod
    def stored(text: str) -> str:
        """Return the text as it will come back."""
        if text.isascii() and "\0" not in text:
            return text
        return text.replace("\0", "\\x00").encode(errors="backslashreplace").decode()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.stored(value)


class AsText(_Checked):
    """Values of this program as text: ``write`` makes the text, ``read`` the value again."""

    cache_ok = True

    def __init__(self, read: Callable[[str], Any], write: Callable[[Any], str]) -> None:
        super().__init__()
        self.read = read
        self.write = write

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self.write(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else self.read(value)


_KINDS: dict[object, TypeEngine[Any]] = {
    int: WholeNumber(),
    str: Words(),
    date: AsDay(),
    Decimal: AsText(number, str),
    Period: AsText(Period.parse_code, attrgetter("code")),
    DataWindow: AsText(
        lambda text: DataWindow(*map(date.fromisoformat, text.split("/"))),
        lambda window: f"{window.start.isoformat()}/{window.end.isoformat()}",
    ),
    Reason: AsText(partial(from_json, Reason), to_json),
}
"""How values of a type are kept in a column of their own."""


def _of(kind: type) -> Iterator[Column[Any]]:
    """The columns of a fact; those of a fact inside it stand among them."""
    for name, declared in fields_of(kind).items():
        options = set(get_args(declared) or [declared])
        (inner,) = {declared} if get_origin(declared) is tuple else options - {NoneType}
        if inner in _KINDS:
            how = _KINDS[inner]
        elif get_origin(inner) is tuple:
            how = AsText(partial(from_json, inner), to_json)
        elif issubclass(inner, Enum):
            how = AsText(inner, str)
        else:
            yield from _of(inner)
            continue
        yield Column(name, how, autoincrement=False, nullable=NoneType in options)


def _number(name: str, *, nullable: bool = False) -> Column[int]:
    """A whole number that the program gives out itself."""
    return Column(name, WholeNumber(), autoincrement=False, nullable=nullable)


# Bytes that were received; they stand in files/ beside the database.
files = Table(
    "files",
    metadata,
    *_of(StoredFile),
    PrimaryKeyConstraint("sha256"),
    CheckConstraint("length(sha256) = 64", name="digest"),
)

# One row per workbook, version of the program and unit.
returns = Table(
    "returns",
    metadata,
    Column("id", WholeNumber(), autoincrement=True, nullable=False),
    *_of(StoredReturn),
    PrimaryKeyConstraint("id"),
    ForeignKeyConstraint(["sha256"], ["files.sha256"]),
    UniqueConstraint("sha256", "reader", "unit"),
    Index(None, "period"),
)

# One row per merge.
runs = Table(
    "runs",
    metadata,
    *_of(Run),
    PrimaryKeyConstraint("number"),
    CheckConstraint("number > 0", name="counted"),
    Index(None, "period"),
)

outcomes = Table(
    "outcomes",
    metadata,
    _number("run"),
    _number("position"),
    *_of(RunOutcome),
    _number("return_id", nullable=True),
    PrimaryKeyConstraint("run", "position"),
    ForeignKeyConstraint(["run"], ["runs.number"]),
    ForeignKeyConstraint(["return_id"], ["returns.id"]),
)

totals = Table(
    "totals",
    metadata,
    _number("run"),
    _number("position"),
    *_of(RunTotal),
    PrimaryKeyConstraint("run", "position"),
    ForeignKeyConstraint(["run"], ["runs.number"]),
    UniqueConstraint("run", "data_set", "element", "column", "level"),
)

# The earlier runs that a run was compared with, and the ids of the adjustments of their figures.
baselines = Table(
    "baselines",
    metadata,
    _number("compared"),
    *_of(Baseline),
    PrimaryKeyConstraint("compared", "period"),
    ForeignKeyConstraint(["compared"], ["runs.number"]),
    ForeignKeyConstraint(["run"], ["runs.number"]),
)

# Approvals and locks of the reporting round of a period, and taking them back.
events = Table(
    "events",
    metadata,
    _number("number"),
    *_of(PeriodEvent),
    PrimaryKeyConstraint("number"),
    ForeignKeyConstraint(["run"], ["runs.number"]),
    Index(None, "period"),
)

adjustments = Table("adjustments", metadata, *_of(Adjustment), PrimaryKeyConstraint("id"))
waivers = Table("waivers", metadata, *_of(Waiver), PrimaryKeyConstraint("id"))
revocations = Table("revocations", metadata, *_of(Revocation), PrimaryKeyConstraint("kind", "id"))

# Forms that went out with seals, by round.
issues = Table("issues", metadata, *_of(FormsIssued), PrimaryKeyConstraint("period", "template"))

for _table in metadata.tables.values():
    _table.append_column(Column(CHECKSUM, Words()))


def portions(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Divide values into lists that are short enough for one question."""
    for start in range(0, len(values), PORTION):
        yield values[start : start + PORTION]
