"""Collect every figure of every unit with its file and cell, small enough for a page.

What most units have alike (the sheet and the cell of a figure) is said once; what a unit has
otherwise, or typed otherwise than it is used, stands beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from consolidate.model.cells import CellRef
from consolidate.model.data_values import UNKNOWN, DataValue, ValueStatus
from consolidate.model.text import json_number, visible, visible_lines
from consolidate.reports.at_a_glance import answer_of, asked_or_sent
from consolidate.reports.captions import figure_caption, figure_label
from consolidate.rollup.result import MergeResult
from consolidate.rollup.totals import Contribution, DataSetTable, Figure

Document = dict[str, Any]
Places = Mapping[tuple[str, str, str], tuple[int, int]]
"""Number of the table and of the figure in it, by data set, element and column."""
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


def drill_document(result: MergeResult) -> tuple[Document, Places]:
    """Collect all figures of all units, and where each figure stands.

    Lists of cases and reports in words are not among them.
    """
    units: dict[str, int] = {}
    names: list[list[str]] = []
    files: dict[tuple[str, str], int] = {}
    sets: list[Document] = []
    places: dict[tuple[str, str, str], tuple[int, int]] = {}
    for table in result.tables:
        if table.data_set.narrative or not asked_or_sent(result, table):
            continue
        for item in table.contributions:
            if item.unit.code not in units:
                units[item.unit.code] = len(units)
                names.append([item.unit.code, visible(item.unit.name), item.unit.level.label])
            files.setdefault((item.record.path, item.record.member), len(files))
        figures: list[Document] = []
        for figure in table.figures:
            places[figure.data_set, figure.element.code, figure.column] = len(sets), len(figures)
            figures.append(_figure(table, figure))
        sets.append(
            {
                "sheet": table.data_set.sheet,
                "period": table.period.label,
                "units": [units[item.unit.code] for item in table.contributions],
                "files": [
                    files[item.record.path, item.record.member] for item in table.contributions
                ],
                "beside": sum(not item.summed for item in table.contributions),
                "figures": figures,
            }
        )
    shown = [[visible(path), visible(member)] for path, member in files]
    return {"units": names, "files": shown, "sets": sets}, places


def _figure(table: DataSetTable, figure: Figure) -> Document:
    """Name, total, usual cell and answers of a figure, in the order of the contributions."""
    data_set, element = table.data_set, figure.element
    values = [item.value(element.code, figure.column) for item in table.contributions]
    usual = Counter(value.cell for value in values if value is not None)
    place = min(usual, key=lambda place: (-usual[place], place), default=None)
    cell = _said(place) if place is not None else ""
    others = {}
    for at, (item, value) in enumerate(zip(table.contributions, values, strict=True)):
        if value is not None:
            told = _otherwise(item, value, place)
            if told:
                others[at] = told
    return {
        "name": figure_caption(data_set, element, figure.column),
        "label": figure_label(data_set, element, figure.column),
        "unit": element.unit,
        "total": json_number(figure.total),
        "cell": cell,
        "values": [_answer(item, figure) for item in table.contributions],
        **({"others": others} if others else {}),
    }


def _said(cell: CellRef) -> str:
    return f"{visible(cell.sheet)}!{cell.a1}"


def _answer(item: Contribution, figure: Figure) -> float | str | None:
    status, number = answer_of(item, figure)
    return json_number(number) if number is not None else _STATES.get(status, "")


def _otherwise(item: Contribution, value: DataValue, place: CellRef | None) -> Document:
    """What of an answer is not as usual: its cell, the text as typed, that it is in an error."""
    told: Document = {}
    if value.cell != place:
        told["cell"] = _said(value.cell)
    if value.normalisation or value.status in UNKNOWN:
        told["raw"] = visible_lines(value.raw)[:_MOST]
    if item.questioned and value.cell in item.questioned:
        told["error"] = 1
    return told
