"""Build totals in ``result.json``: how many units stand in each, which rules they break."""

from __future__ import annotations

from typing import Any

from consolidate.definitions.catalogue import sentence
from consolidate.model.data_values import FigureKey, ValueStatus
from consolidate.model.datasets import Aggregation, Shape
from consolidate.model.text import json_number
from consolidate.model.units import Level
from consolidate.reports.beside_figures import answered_line
from consolidate.rollup.complete import Undecided, answered
from consolidate.rollup.contradictions import Contradiction
from consolidate.rollup.totals import DataSetTable, Figure
from consolidate.rollup.units_in_totals import Axis, Group, axis_of

Document = dict[str, Any]
_COUNTS = (
    *("reported", "blank", "crossed", "unreadable", "held", "lacking", "absent", "extra"),
    "erring",
)
"""Numbers of units behind a total, by their names."""


def total_document(table: DataSetTable, figure: Figure) -> Document:
    """Build one total with those of its divisions and how the units answered."""
    element = figure.element
    second = bool(element.second) and figure.column == element.second
    return {
        "data_set": figure.data_set,
        "period": table.period.code,
        "element": element.code,
        "column": figure.column,
        "number": element.number,
        "label": element.second_label if second else element.label,
        "unit_of_measure": element.second_unit if second else element.unit,
        "aggregation": figure.aggregation.value,
        "total": json_number(figure.total),
        "by_level": {level.value: json_number(figure.by_level.get(level)) for level in Level},
        **_by_group(table, figure),
        "units": figure.units,
        **{
            status.value: figure.counts.get(status, 0)
            for status in ValueStatus
            if status is not ValueStatus.REPORTED
        },
        "questioned": figure.questioned,
        "answered": _answered(table, figure),
        "low": json_number(figure.low),
        "high": json_number(figure.high),
        **_not_added(table, figure),
    }


def _by_group(table: DataSetTable, figure: Figure) -> Document:
    """Totals of kinds of unit and of superiors."""
    return {
        f"by_{axis.value}": {
            group.name: json_number(figure.by_group.get(group))
            for group in table.groups
            if group.axis is axis
        }
        for axis in (Axis.KIND, Axis.PARENT)
    }


def _answered(table: DataSetTable, figure: Figure) -> Document:
    """How many of the units that owe the table stand in a figure, and why the others do not."""
    counted = answered(table, figure)
    counts = {name: getattr(counted, name) for name in _COUNTS}
    note = answered_line(table, figure)
    return {"shown": counted.shown.value, "expected": counted.expected, **counts, "note": note}


def contradiction_document(item: Contradiction) -> Document:
    """Build totals that break a rule; a note where waivers excuse every unit behind it."""
    return {
        "severity": item.severity.value,
        "rule": item.name,
        "data_set": item.data_set.code,
        "period": item.period.code,
        "row": item.row,
        "axis": axis_of(item.division).value,
        "level": item.division.value if isinstance(item.division, Level) else None,
        "group": item.division.name if isinstance(item.division, Group) else None,
        "left": json_number(item.left),
        "right": json_number(item.right),
        "figures": [_figure_key(key) for key in item.figures],
        "units": [
            {
                "unit": part.unit.code,
                "gap": json_number(part.gap),
                "causes": [
                    {**_figure_key(key), "cause": cause.value} for key, cause in part.causes.items()
                ],
                "breaks": part.breaks,
                "excused": part.excused,
            }
            for part in item.parts
        ],
        "message": sentence(item.told),
    }


def undecided_document(item: Undecided) -> Document:
    """Build a number that is in no total until its unit of measure is decided."""
    return {
        "unit": item.unit.code,
        **_figure_key(item.figure),
        "row": item.value.key.row or None,
        "raw": item.value.raw,
        "message": sentence(item.told),
    }


def _figure_key(key: FigureKey) -> Document:
    return dict(zip(("data_set", "element", "column"), key, strict=True))


def _not_added(table: DataSetTable, figure: Figure) -> Document:
    """Who gives a figure of the whole province, and figures that stand beside a total."""
    told: Document = {}
    if figure.aggregation is Aggregation.SINGLE:
        told["given_by"] = figure.given_by or None
    if table.beside and table.data_set.shape is Shape.FIXED:
        told["beside"] = [
            {"unit": item.unit.code, "value": json_number(value.number if value else None)}
            for item in table.beside
            for value in [item.value(figure.element.code, figure.column)]
        ]
    return told
