"""Values and findings as JSON, and back without a difference.

A figure is one row: data set, element, column, row, status, kind, used value, raw, sheet, cell,
normalisation, problem, readings. The used value is a text in any case: the digits of the decimal,
the day as in ISO 8601, the words; ``kind`` says which. Of a reason its key and values are kept.
JSON writes NUL and, where it must, all letters outside ASCII as escapes, so that any text can be
kept in any database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from consolidate.model.cells import CellRef, parse_a1
from consolidate.model.findings import Finding, Severity
from consolidate.model.period import Period
from consolidate.model.reasons import Reason
from consolidate.model.values import DataValue, Scalar, ValueKey, ValueStatus

_NUMBER, _DAY, _TEXT, _NOTHING = "number", "date", "text", ""


def figures_to_json(values: Iterable[DataValue]) -> str:
    """Values as one line of JSON."""
    return _dump([_figure(value) for value in values])


def figures_from_json(text: str, data_set: str | None = None) -> tuple[DataValue, ...]:
    """The values again, all or those of one data set.

    Raises:
        ValueError: the text was not made by :func:`figures_to_json`.
    """
    return tuple(_value(*row) for row in json.loads(text) if data_set is None or row[0] == data_set)


def findings_to_json(findings: Iterable[Finding]) -> str:
    """Findings as one line of JSON."""
    return _dump(
        [
            [
                finding.rule,
                finding.severity.value,
                encoded(finding.message),
                finding.data_set,
                finding.element,
                finding.sheet,
                [[cell.sheet, cell.a1] for cell in finding.cells],
                encoded(finding.found),
                encoded(finding.expected),
            ]
            for finding in findings
        ]
    )


def findings_from_json(text: str) -> tuple[Finding, ...]:
    """The findings again.

    Raises:
        ValueError: the text was not made by :func:`findings_to_json`.
    """
    return tuple(
        Finding(
            rule,
            Severity(severity),
            decoded(message),
            data_set,
            element,
            sheet,
            tuple(_cell(*cell) for cell in cells),
            decoded(found),
            decoded(expected),
        )
        for rule, severity, message, data_set, element, sheet, cells, found, expected in json.loads(
            text
        )
    )


def encoded(value: object) -> Any:
    """A reason, or a value of one, as JSON that :func:`decoded` reads back."""
    match value:
        case Reason(key, values):
            return {"key": key, "values": {blank: encoded(held) for blank, held in values}}
        case Decimal():
            return {"number": str(value)}
        case date():
            return {"day": value.isoformat()}
        case Period():
            return {"period": value.code}
        case tuple():
            return [encoded(part) for part in value]
        case str() | int():
            return value
        case _:
            raise TypeError(f"no value of a reason: {value!r}")


def decoded(value: Any) -> Any:
    """The reason or value again.

    Raises:
        ValueError: it was not made by :func:`encoded`.
    """
    match value:
        case {"key": key, "values": values}:
            return Reason(key, tuple((blank, decoded(held)) for blank, held in values.items()))
        case {"number": digits}:
            return Decimal(digits)
        case {"day": day}:
            return date.fromisoformat(day)
        case {"period": code}:
            return Period.parse_code(code)
        case list():
            return tuple(decoded(part) for part in value)
        case str() | int():
            return value
        case _:
            raise ValueError(value)


def _dump(rows: list[list[Any]]) -> str:
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # A lone surrogate, which only an escape can carry.
        return json.dumps(rows, separators=(",", ":"))
    return text


def _figure(value: DataValue) -> list[Any]:
    kind, used = _scalar_to_text(value.value)
    return [
        *value.key,
        value.status.value,
        kind,
        used,
        value.raw,
        value.cell.sheet,
        value.cell.a1,
        "+".join(value.normalisation),
        value.problem,
        list(value.readings),
    ]


def _value(
    data_set: str,
    element: str,
    column: str,
    row: int,
    status: str,
    kind: str,
    used: str,
    raw: str,
    sheet: str,
    cell: str,
    normalisation: str,
    problem: str,
    readings: list[str],
) -> DataValue:
    return DataValue(
        ValueKey(data_set, element, column, row),
        _scalar_from_text(kind, used),
        ValueStatus(status),
        raw,
        _cell(sheet, cell),
        tuple(normalisation.split("+")) if normalisation else (),
        problem,
        tuple(readings),
    )


def _scalar_to_text(value: Scalar | None) -> tuple[str, str]:
    match value:
        case None:
            return _NOTHING, ""
        case Decimal():
            return _NUMBER, str(value)
        case date():
            return _DAY, value.isoformat()
        case str():
            return _TEXT, value


def _scalar_from_text(kind: str, used: str) -> Scalar | None:
    match kind:
        case "number":
            return Decimal(used)
        case "date":
            return date.fromisoformat(used)
        case "text":
            return used
        case "":
            return None
        case _:
            raise ValueError(kind)


@lru_cache(maxsize=4096)  # Returns of a form share their cells.
def _cell(sheet: str, address: str) -> CellRef:
    place = parse_a1(address)
    if place is None:
        raise ValueError(address)
    return CellRef(sheet, *place)
