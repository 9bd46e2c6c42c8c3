"""Draw the charts of the key figures on the overview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from consolidate.definitions.catalogue import text
from consolidate.model.units import Level
from consolidate.reports.at_a_glance import KeyRow, largest_units
from consolidate.reports.overview_page import LAST, ROW, OverviewPage, room
from consolidate.rollup.comparison import Against
from consolidate.xlsx.write.form_styles import ACCENT, AMBER, FONT, GREEN, GREY
from consolidate.xlsx.write.safe_text import clean

_LEAST, _MOST = 9, 18
"""Rows that the charts take."""
_DATA = LAST + 2
"""First of the columns that hold what the charts show; they are not printed."""
_FONT = {"name": FONT, "size": 8}
_PIXEL = 0.75
_GAP = 8
_COLOURS = (ACCENT, GREEN, AMBER, GREY)
_Table = tuple[tuple[str, tuple[float | None, ...]], ...]


def write_charts(page: OverviewPage, rows: Sequence[KeyRow]) -> None:
    """Draw two charts: change, or the units with most, and the share of each level."""
    left = _changes(rows) or _largest(page, rows)
    right = _levels(page, rows)
    charts = [chart for chart in (left, right) if chart is not None]
    free = page.free_rows()
    if not charts or free[1] <= _LEAST:
        return
    page.row += 1
    high = min(_MOST, max(_LEAST, free[0] - 1))
    width = round(room(0, LAST) / _PIXEL / len(charts)) - _GAP // 2
    column = _DATA
    for index, (title, names, table, options) in enumerate(charts):
        chart = _chart(page, column, names, table, options)
        chart.set_title(
            {
                "name": title,
                "name_font": {**_FONT, "size": 11, "bold": True},
                "overlay": False,
            }
        )
        chart.set_size({"width": width, "height": round(high * ROW / _PIXEL) - _GAP})
        offset = {"x_offset": index * (width + _GAP), "object_position": 2}
        page.sheet.insert_chart(page.row, 0, chart, {**offset, "description": title})
        column += len(names) + 2
    page.sheet.set_column(_DATA - 1, column - 1, None, None, {"hidden": True})
    for row in range(page.row, page.row + high):
        page.high(row, ROW)
    page.row += high


_Chart = tuple[str, tuple[str, ...], _Table, dict[str, Any]]
"""Title, names of the series, bars with a value for each series, and options of the chart."""


def _changes(rows: Sequence[KeyRow]) -> _Chart | None:
    """Change in percent against each of the two earlier periods."""
    told = [
        (row.name, tuple(_percent(row, against) for against in Against))
        for row in rows
        if any(_percent(row, against) is not None for against in Against)
    ]
    names = tuple(text(f"summary.comparison.against.{against.value}") for against in Against)
    if not told:
        return None
    return text("summary.glance.chart.changes"), names, tuple(told), {"type": "bar"}


def _percent(row: KeyRow, against: Against) -> float | None:
    item = row.before(against)
    percent = item.change.percent if item is not None else None
    return float(percent) if percent is not None else None


def _largest(page: OverviewPage, rows: Sequence[KeyRow]) -> _Chart | None:
    """The units that have most of the first key figure that is not nothing."""
    for row in rows:
        units = largest_units(row)
        if units:
            title = text("summary.glance.chart.largest", name=row.name)
            told = tuple((unit.name, (float(number),)) for unit, number in units)
            return title, (page.book.result.period.label,), told, {"type": "bar"}
    return None


def _levels(page: OverviewPage, rows: Sequence[KeyRow]) -> _Chart | None:
    """The part that each level has in the key figures."""
    levels: tuple[Level, ...] = page.book.result.levels
    told = tuple(
        (row.name, tuple(float(row.figure.by_level.get(level, 0)) for level in levels))
        for row in rows
        if any(row.figure.by_level.values())
    )
    if len(levels) < 2 or not told:
        return None
    names = tuple(level.label for level in levels)
    options = {"type": "bar", "subtype": "percent_stacked"}
    return text("summary.glance.chart.levels"), names, told, options


def _chart(
    page: OverviewPage, first: int, names: Sequence[str], table: _Table, options: dict[str, Any]
) -> Any:
    """A bar chart over columns that stand beside the page."""
    sheet, name, look = page.sheet, page.book.plan.overview, page.book.look.of("small")
    for at, title in enumerate(names, first + 1):
        sheet.write_string(0, at, title, look)
    for row, (label, numbers) in enumerate(table, 1):
        sheet.write_string(row, first, clean(label), look)
        for at, number in enumerate(numbers, first + 1):
            if number is not None:
                sheet.write_number(row, at, number, look)
    chart = page.book.workbook.add_chart(options)
    last = len(table)
    for at, title in enumerate(names):
        series: dict[str, Any] = {
            "name": title,
            "categories": [name, 1, first, last, first],
            "values": [name, 1, first + 1 + at, last, first + 1 + at],
            "fill": {"color": _COLOURS[at % len(_COLOURS)]},
            "gap": 50,
        }
        if "subtype" not in options:
            series["data_labels"] = {"value": True, "font": _FONT, "num_format": "#,##0.#"}
        chart.add_series(series)
    axis: dict[str, Any] = {
        "reverse": True,
        "num_font": _FONT,
        "line": {"color": GREY},
        "label_position": "low",
    }
    axis["interval_unit"] = 1
    chart.set_y_axis(axis)
    told = [number for _, numbers in table for number in numbers if number is not None]
    beginning = {"min": 0} if min(told) >= 0 else {"max": 0} if max(told) <= 0 else {}
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, **beginning})
    legend = {"position": "bottom", "font": _FONT}
    chart.set_legend(legend if len(names) > 1 else {"none": True})
    chart.set_chartarea({"border": {"color": "#BFBFBF"}})
    chart.show_hidden_data()
    return chart
