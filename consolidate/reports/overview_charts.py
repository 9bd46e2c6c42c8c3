"""The two charts of the overview, over the numbers of its tables."""

from __future__ import annotations

from consolidate.definitions.catalogue import text
from consolidate.reports.book import Book
from consolidate.reports.look import AMBER, GREEN, GREY, RED

CHART_HEIGHT = 13
"""Rows of 15 points that the charts take."""
RECEIVED, MISSING = 3, 4
"""Columns of what is in and of what is missing; the labels stand in the first column."""
LABELS, COUNTS = 4, 6
"""Columns of the severities and of how many findings each has."""
_FONT = {"name": "Times New Roman", "size": 10}
_PIXEL = 0.75
_GAP = 8


def write_charts(
    book: Book, row: int, width: float, levels: tuple[int, int], severities: tuple[int, int]
) -> None:
    """Two charts side by side from a row on.

    Args:
        row: zero-based row of their upper edge.
        width: points that both take together.
        levels: first and last row of the levels in the table of received returns.
        severities: first and last row of the severities.
    """
    workbook, name = book.workbook, book.plan.overview
    received = workbook.add_chart({"type": "bar", "subtype": "stacked"})
    for column, key, colour in ((RECEIVED, "received", GREEN), (MISSING, "missing", RED)):
        received.add_series(
            {
                "name": text(f"summary.received.{key}"),
                "categories": [name, levels[0], 0, levels[1], 0],
                "values": [name, levels[0], column, levels[1], column],
                "fill": {"color": colour},
                "data_labels": {
                    "value": True,
                    "font": {**_FONT, "color": "#FFFFFF"},
                    "num_format": "#,##0;;",
                },
                "gap": 60,
            }
        )
    found = workbook.add_chart({"type": "bar"})
    found.add_series(
        {
            "name": text("summary.findings.count"),
            "categories": [name, severities[0], LABELS, severities[1], LABELS],
            "values": [name, severities[0], COUNTS, severities[1], COUNTS],
            "points": [{"fill": {"color": colour}} for colour in (RED, AMBER, GREY)],
            "data_labels": {"value": True, "font": _FONT},
            "gap": 60,
        }
    )
    half = round(width / _PIXEL / 2) - _GAP // 2
    for index, (chart, key) in enumerate(((received, "received"), (found, "findings"))):
        chart.set_title(
            {
                "name": text(f"summary.chart.{key}"),
                "name_font": {**_FONT, "size": 11, "bold": True},
                "overlay": False,
            }
        )
        chart.set_y_axis({"reverse": True, "num_font": _FONT, "line": {"color": GREY}})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
        if index:
            chart.set_legend({"none": True})
        else:
            chart.set_legend({"position": "bottom", "font": _FONT})
        chart.set_chartarea({"border": {"color": "#BFBFBF"}})
        chart.set_size({"width": half, "height": CHART_HEIGHT * 20 - _GAP})
        offset = {"x_offset": index * (half + _GAP), "object_position": 2}
        book.sheets[name].insert_chart(row, 0, chart, offset)
