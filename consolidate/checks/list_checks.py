"""Does a list name one plan or case twice? Each row would count twice in the totals."""

from __future__ import annotations

from collections.abc import Iterator

from consolidate.model.data_values import DataValue
from consolidate.model.datasets import DataSet, Library, Shape, ValueType
from consolidate.model.findings import Finding, Severity
from consolidate.model.reasons import because
from consolidate.model.returns import DataSetReturn, Return
from consolidate.model.text import name_key

_Row = dict[str, DataValue]


def check_lists(content: Return, library: Library) -> list[Finding]:
    """A warning on each row of a list that is named as an earlier one (``key_elements``).

    Rows whose other texts differ are two: cases of one kind at two places.
    """
    findings: list[Finding] = []
    for part in content.data_sets:
        data_set = library.data_set(part.code)
        if data_set.shape is Shape.OPEN and data_set.key_elements:
            findings += _part(part, data_set)
    return findings


def _part(part: DataSetReturn, data_set: DataSet) -> Iterator[Finding]:
    rows: dict[int, _Row] = {}
    for value in part.values:
        rows.setdefault(value.key.row, {})[value.key.element] = value
    named: dict[tuple[str, ...], list[int]] = {}
    texts = [e.code for e in data_set.elements if e.type is ValueType.TEXT]
    for number, row in rows.items():
        name = tuple(_said(row, code) for code in data_set.key_elements)
        if not all(name):
            continue
        earlier = named.setdefault(name, [])
        first = next((n for n in earlier if _alike(rows[n], row, texts)), None)
        if first is None:
            earlier.append(number)
        else:
            yield _finding(data_set, first, number, rows[first], row)


def _said(row: _Row, code: str) -> str:
    value = row[code].value if code in row else None
    return name_key(value) if isinstance(value, str) else ""


def _alike(one: _Row, other: _Row, texts: list[str]) -> bool:
    pairs = ((_said(one, code), _said(other, code)) for code in texts)
    return all(first == second or not first or not second for first, second in pairs)


def _finding(data_set: DataSet, first: int, second: int, one: _Row, other: _Row) -> Finding:
    element = data_set.key_elements[0]
    value = other[element]
    return Finding(
        rule="value.row_twice",
        severity=Severity.WARNING,
        message=because(
            "value.row_twice",
            caption=data_set.caption(data_set.by_code[element]),
            raw=value.raw.strip(),
            first=because("rules.row", number=first),
            second=because("rules.row", number=second),
        ),
        data_set=data_set.code,
        element=element,
        sheet=value.cell.sheet,
        cells=(one[element].cell, value.cell),
        found=value.raw.strip(),
    )
