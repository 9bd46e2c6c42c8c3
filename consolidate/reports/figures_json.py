"""Build what ``result.json`` says of figures: totals, contradictions, comparisons, rankings.

Numbers are exact: an integer when the figure is whole, else the shortest double of its decimal;
``null`` stands where there is no number, never 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import starmap
from typing import Any

from consolidate.definitions.catalogue import sentence
from consolidate.model.data_values import FigureKey, ValueStatus
from consolidate.model.datasets import Aggregation, Shape
from consolidate.model.mapping import Former
from consolidate.model.reasons import Severity
from consolidate.model.text import json_number
from consolidate.model.units import Level
from consolidate.reports.captions import figure_caption, figure_label, tile_note
from consolidate.reports.official_sheet import answered_line
from consolidate.rollup.assessment import is_assessment, ranking
from consolidate.rollup.comparison import Change, Compared, Comparison
from consolidate.rollup.completeness import Undecided, answered
from consolidate.rollup.contradictions import Contradiction
from consolidate.rollup.periods_that_add_up import Tile
from consolidate.rollup.result import MergeResult
from consolidate.rollup.totals import DataSetTable, Figure
from consolidate.rollup.units_in_totals import Axis, Group, axis_of

Document = dict[str, Any]
_COUNTS = (
    *("reported", "blank", "crossed", "unreadable", "held", "lacking", "absent", "extra"),
    "erring",
)
"""Numbers of units behind a total, by their names."""


def plain(value: Any) -> Any:
    """Make a value of JSON of a number, a day, a member of an enumeration, a tuple."""
    if isinstance(value, Decimal):
        return json_number(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def picked(holder: object, *names: str) -> Document:
    """Copy fields of an object under their own names, as values of JSON."""
    return {name: plain(getattr(holder, name)) for name in names}


def total_document(table: DataSetTable, figure: Figure) -> Document:
    """Build one total with those of its divisions and how the units answered.

    Who gives a figure of the whole province, and figures that stand beside a total, come last.
    """
    element, counted = figure.element, answered(table, figure)
    second = bool(element.second) and figure.column == element.second
    told: Document = {
        "data_set": figure.data_set,
        "period": table.period.code,
        "element": element.code,
        "column": figure.column,
        "number": element.number,
        "label": element.second_label if second else element.label,
        "unit_of_measure": element.second_unit if second else element.unit,
        **picked(figure, "aggregation", "total"),
        "by_level": {level.value: json_number(figure.by_level.get(level)) for level in Level},
        **{
            f"by_{axis.value}": {
                group.name: json_number(figure.by_group.get(group))
                for group in table.groups
                if group.axis is axis
            }
            for axis in (Axis.KIND, Axis.PARENT)
        },
        "units": figure.units,
        **{
            status.value: figure.counts.get(status, 0)
            for status in ValueStatus
            if status is not ValueStatus.REPORTED
        },
        "questioned": figure.questioned,
        "answered": {
            **picked(counted, "shown", "expected", *_COUNTS),
            "note": answered_line(table, figure),
        },
        **picked(figure, "low", "high"),
    }
    if figure.aggregation is Aggregation.SINGLE:
        told["given_by"] = figure.given_by or None
    if table.beside and table.data_set.shape is Shape.FIXED:
        told["beside"] = [
            {"unit": item.unit.code, "value": json_number(value.number if value else None)}
            for item in table.beside
            for value in [item.value(element.code, figure.column)]
        ]
    return told


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
        **picked(item, "left", "right"),
        "figures": [_figure_key(key) for key in item.figures],
        "units": [
            {
                "unit": part.unit.code,
                "gap": json_number(part.gap),
                "causes": [
                    {**_figure_key(key), "cause": cause.value} for key, cause in part.causes.items()
                ],
                **picked(part, "breaks", "excused"),
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


def rankings(result: MergeResult) -> Iterator[tuple[str, object]]:
    """Build the rankings of assessments; nothing where the round has none."""
    assessed = [table for table in result.tables if is_assessment(table.data_set)]
    if not assessed:
        return
    lines = [
        {
            "data_set": table.data_set.code,
            "unit": line.unit.code,
            **picked(line, "standing", "own", "review", "rank"),
            "criteria": [
                {
                    "number": each.element.number,
                    "own": json_number(each.own),
                    "review": json_number(each.counted),
                    "reason": each.review.reason if each.review is not None else "",
                    "proofs": each.proofs,
                }
                for each in line.judged
            ],
        }
        for table in assessed
        for line in ranking(result, table)
    ]
    yield "rankings", lines


def comparisons(compared: Sequence[Comparison]) -> Iterator[tuple[str, object]]:
    """Build what figures are compared with; long lists are iterators of their items."""
    yield "compared_with", map(_base, compared)
    tiles = ((each, tile) for each in compared for tile in each.tiles if tile.gap)
    yield "tiles", starmap(_tile, tiles)
    changes = ((each, item) for each in compared for item in each.figures)
    yield "comparison", starmap(_province_change, changes)
    told = (
        {"unit": unit.code, **_change(each, item, change, falls=each.falls(item, change))}
        for each in compared
        for unit, item, change in each.told()
    )
    yield "comparison_by_unit", told


def _beside(comparison: Comparison) -> Document:
    """What is compared with what."""
    return {
        "data_set": comparison.table.data_set.code,
        "period": comparison.table.period.code,
        "against": comparison.against.value,
        "past": comparison.past.code,
    }


def _base(comparison: Comparison) -> Document:
    past = sorted(comparison.units.items())
    told: Document = {
        **_beside(comparison),
        "run": comparison.run or None,
        "units": len(comparison.reporters),
        "from": {code: list(then.units) for code, then in past if then.units not in ((), (code,))},
        "not_compared": {code: then.obstacle for code, then in past if not then.comparable},
        **picked(comparison, "both", "absent", "gone", "restated"),
    }
    if comparison.pack is not None:  # Another one served then: its figures that are asked no more.
        ended = [
            {
                "figure": _former(former),
                "caption": figure_caption(former.data_set, former.element, former.column),
                "label": figure_label(former.data_set, former.element, former.column),
                "then": json_number(total),
            }
            for former, total in comparison.ended
        ]
        told |= {"pack": comparison.pack.code, "mapped": comparison.mapped, "ended": ended}
    if comparison.quarter is not None:
        # How many totals could be asked, and how many of them are not what they are made of.
        tiles = comparison.tiles
        told["tiles"] = {"asked": len(tiles), "wrong": sum(tile.wrong for tile in tiles)}
    return told


def _former(former: Former) -> str:
    """A figure of another pack by its defined name."""
    return former.data_set.name_of(former.element.code, former.column)


def _tile(comparison: Comparison, tile: Tile) -> Document:
    """A total that is not what it is made of: a warning, or a note where units explain it."""
    figure = tile.figure
    return {
        "severity": (Severity.WARNING if tile.wrong else Severity.INFO).value,
        **_beside(comparison),
        "element": figure.element.code,
        "column": figure.column,
        "caption": figure_caption(comparison.table.data_set, figure.element, figure.column),
        **picked(tile, "now", "then", "quarter", "gap", "units", "broken"),
        "explained": {why.value: list(codes) for why, codes in tile.explained.items()},
        "message": " ".join(tile_note(comparison, tile)),
    }


def _province_change(comparison: Comparison, item: Compared) -> Document:
    units, both = item.units.values(), item.both
    told = {
        **_change(comparison, item, item.total, falls=bool(comparison.fallen(item))),
        "units_compared": sum(change.difference is not None for change in units),
        "units_falling": sum(comparison.falls(item, change) for change in units),
        "both": None,
    }
    if both is not None:  # The total over the units that reported the figure both times.
        points = item.total.points
        change = Change(both.now, both.then, points=points) if both.units else Change(None, None)
        told["both"] = {
            "units": len(both.units),
            **picked(change, "now", "then", "difference", "percent"),
            "falling": list(comparison.fallen(item)),
            **picked(both, "only_now", "only_then"),
        }
    return told


def _change(comparison: Comparison, item: Compared, change: Change, *, falls: bool) -> Document:
    formers = comparison.formers(item.element.code, item.column)
    return {
        **_beside(comparison),
        "element": item.element.code,
        "column": item.column,
        **picked(change, "now", "then", "difference", "percent", "points", "obstacle"),
        "falls": falls,
        **({"formers": list(map(_former, formers))} if formers else {}),
    }
