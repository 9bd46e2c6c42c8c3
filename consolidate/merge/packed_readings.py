"""What the files of an inbox held, as one line of JSON in which everything stands once.

Returns repeat each other: a blank or a 0 in the same cell. Each such part is written once and read
as one object, which the returns share as in :mod:`consolidate.merge.shared_parts`. To read a
province takes a third of the time that its returns take one by one.

The line is an object of three lists. ``plain`` are texts, numbers and the like; ``made`` says how
each other part is made: the number of its kind, then the numbers of its parts, counted from the
first plain one, all of which stand before it; ``files`` are name, digest and number of each file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.period import DataWindow, Period, PeriodType
from consolidate.model.reasons import Finding, Reason, Severity
from consolidate.model.returns import (
    Anomaly,
    DataSetReturn,
    Evidence,
    FileReading,
    Outcome,
    Return,
    Source,
    WindowLine,
)

Key = tuple[str, str]
"""Name of a file in its inbox, and the SHA-256 of its bytes."""

_CLASSES: tuple[type[Any], ...] = (
    *(Source, FileReading, Return, DataSetReturn, DataValue, ValueKey, CellRef),
    *(WindowLine, DataWindow, Period, Anomaly, Evidence, Finding, Reason),
)
_ENUMS: tuple[type[Enum], ...] = (Outcome, ValueStatus, PeriodType, Severity)
_FIELDS: dict[type[Any], tuple[str, ...]] = {
    kind: tuple(item.name for item in fields(kind)) if is_dataclass(kind) else kind._fields
    for kind in _CLASSES
}
_MAKERS: tuple[Callable[..., object], ...] = (
    *(lambda *parts: parts, Decimal, date.fromisoformat),
    *(*_CLASSES, *_ENUMS),
)
_KINDS: dict[type[Any], int] = {
    kind: at for at, kind in enumerate((tuple, Decimal, date, *_CLASSES, *_ENUMS))
}
_PLAIN = frozenset((str, int, bool, type(None)))


def packed(sources: Mapping[Key, Source]) -> str:
    """Write what files held as one line of ASCII; a file that holds anything else is left out."""
    line = _Line()
    files = []
    for (name, digest), source in sources.items():
        try:
            files.append((name, digest, line.part(source)))
        except TypeError:
            continue
    return line.told(files)


def unpacked(text: str) -> dict[Key, Source]:
    """Read what :func:`packed` wrote.

    Raises:
        ValueError: the text was not written by :func:`packed`.
    """
    try:
        told = json.loads(text)
        found: list[Any] = told["plain"]
        part, keep = found.__getitem__, found.append
        for kind, *parts in told["made"]:
            keep(_MAKERS[kind](*map(part, parts)))
        sources = {(name, digest): part(at) for name, digest, at in told["files"]}
    except (LookupError, TypeError, ArithmeticError, RecursionError) as error:
        raise ValueError("no readings") from error
    if not all(isinstance(source, Source) for source in sources.values()):
        raise ValueError("no readings")
    return sources


class _Line:
    """The parts of one line, each with its number: plain ones from 0 up, others from -1 down."""

    def __init__(self) -> None:
        self._plain: dict[tuple[type[Any], object], int] = {}
        self._made: dict[tuple[int, ...], int] = {}
        self._seen: dict[int, tuple[int, object]] = {}

    def part(self, value: object) -> int:
        """Number a value; what it consists of is numbered before it.

        Raises:
            TypeError: it is no part of a reading.
        """
        kind = type(value)
        if kind in _PLAIN:
            return self._plain.setdefault((kind, value), len(self._plain))
        seen = self._seen.get(id(value))
        if seen is not None:
            return seen[0]
        if kind not in _KINDS:
            raise TypeError(f"no part of a reading: {kind.__name__}")
        row = (_KINDS[kind], *map(self.part, _parts(value)))
        number = self._made.setdefault(row, -1 - len(self._made))
        self._seen[id(value)] = number, value  # Held, so that no other object gets its id.
        return number

    def told(self, files: Iterable[tuple[str, str, int]]) -> str:
        """Write the line; a number of ``files`` is that of a part."""
        count = len(self._plain)

        def at(number: int) -> int:
            return number if number >= 0 else count - 1 - number

        made = [[kind, *map(at, parts)] for kind, *parts in self._made]
        said = {
            "plain": [value for _, value in self._plain],
            "made": made,
            "files": [(name, digest, at(number)) for name, digest, number in files],
        }
        return json.dumps(said, separators=(",", ":"))


def _parts(value: Any) -> Iterable[object]:
    """What a value is made of."""
    kind = type(value)
    if kind is tuple:
        return value  # type: ignore[no-any-return]  # A tuple: its type was asked.
    if isinstance(value, Enum):
        return (value.value,)
    if kind in _FIELDS:
        return [getattr(value, name) for name in _FIELDS[kind]]
    return (str(value),)
