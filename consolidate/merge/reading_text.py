"""Write what a file of an inbox held as text, and read it back: data of these classes, no more."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.findings import Finding, Severity
from consolidate.model.period import DataWindow, Period, PeriodType
from consolidate.model.reasons import Reason
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

_CLASSES: tuple[type[Any], ...] = (
    *(Source, FileReading, Return, DataSetReturn, DataValue, ValueKey, CellRef),
    *(WindowLine, DataWindow, Period, Anomaly, Evidence, Finding, Reason),
)
_ENUMS: tuple[type[Enum], ...] = (Outcome, ValueStatus, PeriodType, Severity)
_FIELDS: dict[type[Any], tuple[str, ...]] = {
    kind: tuple(item.name for item in fields(kind)) if is_dataclass(kind) else kind._fields
    for kind in _CLASSES
}
_MAKERS: dict[str, Callable[..., object]] = {
    **{kind.__name__: kind for kind in (*_CLASSES, *_ENUMS)},
    "": lambda *parts: parts,
    "Decimal": Decimal,
    "date": date.fromisoformat,
}
_PLAIN = (str, int, bool, type(None))


def text_of(source: Source) -> str:
    """Write what one file held as a line of JSON.

    Raises:
        TypeError: it holds something of another class.
    """
    return json.dumps(_told(source), separators=(",", ":"))


def source_of(text: str) -> Source:
    """Read what :func:`text_of` wrote.

    Raises:
        ValueError: the text is none of its texts.
    """
    try:
        made = _DECODER.decode(text)
    except (LookupError, TypeError, ArithmeticError, RecursionError) as error:
        raise ValueError("no reading") from error
    if not isinstance(made, Source):
        raise ValueError("no reading")
    return made


def _told(value: object) -> object:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, tuple) and kind is tuple:
        return {"": [*map(_told, value)]}
    if kind in _FIELDS:
        return {kind.__name__: [_told(getattr(value, name)) for name in _FIELDS[kind]]}
    if isinstance(value, Enum) and kind in _ENUMS:
        return {kind.__name__: [value.value]}
    if kind is Decimal or kind is date:
        return {kind.__name__: [str(value)]}
    raise TypeError(f"no part of a reading: {kind.__name__}")


def _made(told: dict[str, list[Any]]) -> object:
    ((kind, parts),) = told.items()
    return _MAKERS[kind](*parts)


_DECODER = json.JSONDecoder(object_hook=_made)
"""Makes every object as soon as its text was read, the inner ones first."""
