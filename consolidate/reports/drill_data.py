"""Collect every figure of every unit with its file and cell, small enough for a page.

What most units have alike (the sheet and the cell of a figure) is said once; what a unit has
otherwise, or typed otherwise than it is used, stands beside.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from consolidate.model.cells import CellRef
from consolidate.model.data_values import UNKNOWN, DataValue, ValueStatus
from consolidate.model.text import json_number, visible, visible_lines
from consolidate.reports.at_a_glance import answer_of, asked_or_sent
from consolidate.reports.captions import figure_caption, figure_label
from consolidate.rollup.result import MergeResult
from consolidate.rollup.totals import Contribution, DataSetTable, Figure, answers_to

Document = dict[str, Any]
Places = Mapping[tuple[str, str, str], tuple[int, int]]
"""Number of the table and of the figure in it, by data set, element and column."""
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
"""Characters that could end a script or a line of it; JSON takes their escapes as well."""
_ESCAPED = re.compile("[<>&\u2028\u2029]")
_MOST = 300
"""Letters of what a unit typed; the file has the whole."""
_STATES = {
    ValueStatus.MISSING: "",
    ValueStatus.NOT_APPLICABLE: "x",
    ValueStatus.INVALID: "?",
    ValueStatus.HELD: "!",
    None: None,
}
"""What stands for an answer without a number; ``None`` where the return has no such cell."""


def drill_places(result: MergeResult) -> Places:
    """Find where each figure stands in the data.

    Lists of cases and reports in words are not in it.
    """
    return {
        (figure.data_set, figure.element.code, figure.column): (at, number)
        for at, table in enumerate(_tables(result))
        for number, figure in enumerate(table.figures)
    }


def drill_parts(result: MergeResult, more: Document) -> Iterator[str]:
    """Write all figures of all units as JSON for a script, figure by figure, and what is ``more``.

    Nothing in it can end the script or begin a tag.
    """
    units: dict[str, int] = {}
    names: list[tuple[str, str, str]] = []
    files: dict[tuple[str, str], int] = {}
    for table in _tables(result):
        for item in table.contributions:
            if item.unit.code not in units:
                units[item.unit.code] = len(units)
                names.append((item.unit.code, visible(item.unit.name), item.unit.level.label))
            files.setdefault((item.record.path, item.record.member), len(files))
    shown = [(visible(path), visible(member)) for path, member in files]
    yield f'{{"units":{_json(names)},"files":{_json(shown)},"sets":['
    for number, table in enumerate(_tables(result)):
        items = table.contributions
        head = {
            "sheet": table.data_set.sheet,
            "period": table.period.label,
            "units": [units[item.unit.code] for item in items],
            "files": [files[item.record.path, item.record.member] for item in items],
            "beside": sum(not item.summed for item in items),
        }
        yield f'{"," if number else ""}{_json(head)[:-1]},"figures":['
        for at, figure in enumerate(table.figures):
            yield f"{',' if at else ''}{_json(_figure(table, figure))}"
        yield "]}"
    yield f"],{_json(more)[1:]}"


_encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def _json(value: object) -> str:
    made = _encoded(value)
    return made.translate(_ESCAPES) if _ESCAPED.search(made) else made


def _tables(result: MergeResult) -> list[DataSetTable]:
    return [
        table
        for table in result.tables
        if not table.data_set.narrative and asked_or_sent(result, table)
    ]


def _figure(table: DataSetTable, figure: Figure) -> Document:
    """Name, total, usual cell and answers of a figure, in the order of the contributions.

    Of an answer that many units share, one object, what stands for it is made once.
    """
    data_set, element, items = table.data_set, figure.element, table.contributions
    values = answers_to(items, element.code, figure.column)
    known = {id(value): value for value in values if value is not None}
    usual: Counter[CellRef] = Counter()
    for one, count in Counter(map(id, values)).items():
        if one in known:
            usual[known[one].cell] += count
    place = min(usual, key=lambda place: (-usual[place], place), default=None)
    said = {one: _answer(value) for one, value in known.items()}
    odd = {one: told for one, value in known.items() if (told := _otherwise(value, place))}
    others = {}
    for at, (item, value) in enumerate(zip(items, values, strict=True)):
        if value is not None and (item.questioned or odd):
            told = dict(odd.get(id(value), {}))
            if value.cell in item.questioned:
                told["error"] = 1
            if told:
                others[at] = told
    return {
        "name": figure_caption(data_set, element, figure.column),
        "label": figure_label(data_set, element, figure.column),
        "unit": element.unit,
        "total": json_number(figure.total),
        "cell": _said(place) if place is not None else "",
        "values": [
            said[id(value)] if value is not None else _of_list(item, figure)
            for item, value in zip(items, values, strict=True)
        ],
        **({"others": others} if others else {}),
    }


def _said(cell: CellRef) -> str:
    return f"{visible(cell.sheet)}!{cell.a1}"


def _answer(value: DataValue) -> float | str | None:
    number = value.number
    return json_number(number) if number is not None else _STATES.get(value.status, "")


def _of_list(item: Contribution, figure: Figure) -> float | str | None:
    """What a unit has of a figure that stands in no one cell."""
    status, number = answer_of(item, figure)
    return json_number(number) if number is not None else _STATES.get(status, "")


def _otherwise(value: DataValue, place: CellRef | None) -> Document:
    """What of an answer is not as usual: its cell, the text as typed."""
    told: Document = {}
    if value.cell != place:
        told["cell"] = _said(value.cell)
    if value.normalisation or value.status in UNKNOWN:
        told["raw"] = visible_lines(value.raw)[:_MOST]
    return told
