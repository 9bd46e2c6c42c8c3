"""Map facts to rows of tables and to JSON, and back, for every dataclass of the register.

A fact is a dataclass or a named tuple. As a row, each field is the column of its name; a field
without a column of its name is a fact itself, whose fields are columns of the same row. As JSON, a
fact is the list of its fields. Numbers, days, periods and reasons carry their type in JSON, so that
``"5"`` and 5 stay apart, and numbers keep their digits (``1.50``).

Every row has a checksum of what stands in its columns: a bit that flips and leaves a value that
might be one (an approval, another digit) is found when the row is read. It proves no author: who
can write to the database can write a checksum, too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from sqlalchemy import ColumnElement, Connection, Dialect, RowMapping, Table, func, insert, select
from sqlalchemy import column as plain_column
from sqlalchemy import table as plain_table
from sqlalchemy.sql.expression import TableClause, type_coerce
from sqlalchemy.types import NULLTYPE, TypeEngine

from consolidate.model.period import Period
from consolidate.model.reasons import Reason

Fact = TypeVar("Fact")

CHECKSUM = "checksum"
"""The column of the checksum, the last one of every table."""


class BadRow(Exception):
    """A row holds what this program cannot have written: the database is damaged or was altered."""


def _text(said: object) -> str:
    if not isinstance(said, str):
        raise ValueError(said)
    return said


def _tupled(said: Any) -> Any:
    """Lists of JSON as the tuples of a reason."""
    return tuple(map(_tupled, said)) if isinstance(said, list) else said


def number(text: str) -> Decimal:
    """Read an exact number.

    Raises:
        ArithmeticError: it is none.
        ValueError: it is not finite.
    """
    found = Decimal(text)
    if not found.is_finite():
        raise ValueError(text)
    return found


_TYPED: dict[str, Callable[[Any], object]] = {
    "number": number,
    "day": date.fromisoformat,
    "period": Period.parse_code,
    "reason": lambda said: Reason(_text(said[0]), _tupled(said[1])),
}
"""How a value is read that JSON has no type for, by the name of its type in JSON."""
_LEAVES = {str, int, NoneType, Decimal, date, Period, Reason}
"""Types of values that are whole once the JSON is read."""


def row_of(fact: object, table: Table, **more: object) -> dict[str, object]:
    """Make the row of a fact; ``more`` are columns that are no field of it."""
    row = dict(more)
    for name in fields_of(type(fact)):
        value = getattr(fact, name)
        row |= {name: value} if name in table.c else row_of(value, table)
    return row


def fact_of(kind: type[Fact], row: Mapping[str, Any] | RowMapping) -> Fact:
    """Make the fact that a row holds.

    Raises:
        BadRow: no fact holds such values.
    """
    values = {
        name: row[name] if name in row else fact_of(inner, row)
        for name, inner in fields_of(kind).items()
    }
    try:
        return kind(**values)
    except ValueError as error:
        raise BadRow from error


def checksum_of(stored: Mapping[Any, Any]) -> str:
    """Work out the checksum of a row as its columns hold it: 16 hexadecimal digits.

    The same on every database. Columns that hold nothing are left out, so that a column that is
    added later changes no checksum.
    """
    held = {name: value for name, value in stored.items() if value is not None and name != CHECKSUM}
    said = json.dumps(held, sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def add_rows(connection: Connection, table: Table, rows: Iterable[dict[str, object]]) -> None:
    """Add rows to a table, if there are any; each with its checksum."""
    writers = {column.name: _writer(column.type, connection.dialect) for column in table.c}
    wanted = []
    for row in rows:
        stored = {name: writers[name](value) for name, value in row.items()}
        wanted.append({**stored, CHECKSUM: checksum_of(stored)})
    if wanted:
        connection.execute(insert(_untyped(table)), wanted)


def next_number(connection: Connection, column: ColumnElement[Any]) -> int:
    """Return the next free number of a column, without gaps from 1."""
    return (connection.execute(select(func.max(column))).scalar() or 0) + 1


def stored_rows(
    connection: Connection, table: Table, *conditions: ColumnElement[bool]
) -> Iterator[RowMapping]:
    """Read what the database holds in rows that meet conditions, in order of the key of the table.

    ``conditions`` are to be on columns of a key, which the database checks by itself: a row that
    they pass over is not asked for its checksum.

    Raises:
        BadRow: what a row holds is not what was written.
    """
    query = select(*(type_coerce(c, NULLTYPE).label(c.name) for c in table.c)).where(*conditions)
    for stored in connection.execute(query.order_by(*table.primary_key.columns)).mappings():
        if stored[CHECKSUM] != checksum_of(stored):
            raise BadRow
        yield stored


def read_rows(
    connection: Connection,
    table: Table,
    *conditions: ColumnElement[bool],
    only: Mapping[str, object] | None = None,
) -> Iterator[dict[str, Any]]:
    """Read the rows that :func:`stored_rows` finds; ``only`` those whose columns hold something.

    Raises:
        BadRow: what a row holds is not what was written, or nobody can have written it.
    """
    readers = {column.name: _reader(column.type, connection.dialect) for column in table.c}
    wanted = (only or {}).items()
    for stored in stored_rows(connection, table, *conditions):
        if all(stored[name] == value for name, value in wanted):
            yield {name: reader(stored[name]) for name, reader in readers.items()}


@cache
def _untyped(table: Table) -> TableClause:
    """A table to which values go as they are."""
    return plain_table(table.name, *(plain_column(column.name) for column in table.c))


def _writer(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any]:
    return kind.dialect_impl(dialect).bind_processor(dialect) or _same


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any]:
    return kind.dialect_impl(dialect).result_processor(dialect, None) or _same


def _same(value: Any) -> Any:
    return value


def to_json(value: object) -> str:
    """Write facts as one line of JSON that any database can keep."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)
    try:
        text.encode()
    except UnicodeEncodeError:  # A lone surrogate, which only an escape can carry.
        return json.dumps(value, separators=(",", ":"), default=_plain)
    return text


def from_json(kind: Any, text: str) -> Any:
    """Read facts of a type (``tuple[Finding, ...]``) that :func:`to_json` wrote.

    Raises:
        ValueError: the text was written otherwise.
    """
    make = _maker(kind)
    try:
        return make(json.loads(text, object_hook=_typed, parse_constant=_text_only))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError) as error:
        raise ValueError(text[:80]) from error


def _text_only(constant: str) -> object:
    """NaN and infinities, which are no JSON."""
    raise ValueError(constant)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return {"number": str(value)}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, Period):
        return {"period": value.code}
    if isinstance(value, Reason):
        return {"reason": [value.key, value.values]}
    return [getattr(value, name) for name in fields_of(type(value))]


def _typed(found: dict[str, Any]) -> object:
    ((name, said),) = found.items()
    if name not in _TYPED:
        raise ValueError(name)
    return _TYPED[name](said)


def fields_of(kind: type) -> dict[str, Any]:
    """List names and declared types of the fields of a fact, in their order."""
    hashed: Any = kind
    return _fields(hashed)


@cache
def _fields(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    if is_dataclass(kind):
        return {field.name: hints[field.name] for field in fields(kind)}
    if hasattr(kind, "_fields"):
        return hints
    raise TypeError(f"no fact of the register: {kind!r}")


def _leaf(said: object, kinds: frozenset[type]) -> object:
    if type(said) not in kinds:
        raise ValueError(said)
    return said


@cache
def _maker(kind: Any) -> Callable[[Any], Any]:
    """How a value of a type is made of what JSON says."""
    if get_origin(kind) is tuple:
        item = _maker(get_args(kind)[0])
        return lambda said: tuple(map(item, said))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    leaves = frozenset(get_args(kind) if isinstance(kind, UnionType) else [kind])
    if leaves <= _LEAVES:
        return lambda said: _leaf(said, leaves)
    makers = [_maker(inner) for inner in fields_of(kind).values()]
    return lambda said: kind(*[make(one) for make, one in zip(makers, said, strict=True)])
