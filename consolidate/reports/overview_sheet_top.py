"""Lay out the first page of the overview: rows and columns, key figures, charts of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter.worksheet import Worksheet

from consolidate.definitions.catalogue import text
from consolidate.model.units import Level
from consolidate.reports.at_a_glance import KeyRow, answer_of
from consolidate.reports.matrix import matrix
from consolidate.reports.summary_book import Book, cached
from consolidate.rollup.comparison import Against
from consolidate.xlsx.write.form_styles import (
    ACCENT,
    AMBER,
    FONT,
    GREEN,
    GREY,
    LIST_SIZE,
    SMALL_SIZE,
    number_trait,
)
from consolidate.xlsx.write.safe_text import clean
from consolidate.xlsx.write.text_sizes import column_points, lines_needed, row_height

Spans = Sequence[tuple[int, int]]
"""First and last columns of the cells of a row."""
WIDTHS = (6.0, 36.0, 11.0, 11.0, 11.0, 13.0, 11.0)
"""Widths of the columns in characters."""
LAST = len(WIDTHS) - 1
_SCALE, _SMALLEST = 90, 84
"""Per cent at which these columns fill the width of an A4 page, and at which they can be read."""
_ROW = 15.0
"""Height of a row by default, in points."""
_PAGE = 780.0
"""Points of rows on an A4 page at this scale, less what programs differ by."""
_LEAST = 17.25


class OverviewPage:
    """Writes block after block; ``row`` is the first free row."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.sheet: Worksheet = book.sheets[book.plan.overview]
        self.row = 0
        self._heights: dict[int, float] = {}
        self._blocks: list[int] = []
        for column, width in enumerate(WIDTHS):
            self.sheet.set_column(column, column, width)

    def high(self, row: int, points: float) -> None:
        """Give a row its height."""
        self._heights[row] = points
        self.sheet.set_row(row, points)

    def points(self, first: int, end: int) -> float:
        """Add up the heights of rows from one to the last before ``end``."""
        return sum(self._heights.get(row, _ROW) for row in range(first, end))

    def block(self) -> None:
        """Begin what is not divided between two pages if it fits on one."""
        self._blocks.append(self.row)

    def line(self, value: str, *traits: str, size: float = LIST_SIZE) -> None:
        """Write one line over all columns, as high as it needs."""
        self.stretch(self.row, 0, value, *traits)
        lines = lines_needed(value, room(0, LAST), size, bold="bold" in traits)
        self.high(self.row, row_height(lines, size))
        self.row += 1

    def chapter(self, title: str) -> None:
        """Write a title, below a blank row."""
        self.row += 1
        self.book.put(self.sheet, self.row, 0, title, self.book.look.of("chapter"))
        self.high(self.row, 20)
        self.row += 1

    def heads(self, titles: Sequence[str], wide: Sequence[tuple[str, int, int]]) -> None:
        """Write headings of the first columns, then those over several (title, first, last)."""
        lines = 1
        for column, title in enumerate(titles):
            self.book.put(self.sheet, self.row, column, title, self.book.look.of("head"))
            lines = max(lines, lines_needed(title, room(column, column), LIST_SIZE, bold=True))
        for title, first, last in wide:
            self.stretch(self.row, first, title, "head", last=last)
        self.high(self.row, row_height(lines, LIST_SIZE, padding=6))
        self.row += 1

    def stretch(self, row: int, first: int, value: str, *traits: str, last: int = LAST) -> None:
        """Write a text over one or several columns."""
        look = self.book.look.of(*traits)
        if first != last:
            self.sheet.merge_range(row, first, row, last, "", look)
        self.book.put(self.sheet, row, first, value, look)

    def fit(self, values: Sequence[str], spans: Spans) -> None:
        """Close a row that is as high as the longest of its texts needs."""
        cells = zip(values, spans, strict=True)
        lines = max(lines_needed(value, room(*span), LIST_SIZE) for value, span in cells)
        self.high(self.row, max(_LEAST, row_height(lines, LIST_SIZE)))
        self.row += 1

    def close(self) -> None:
        """Set up the paper: the first block on a page of its own, the others as they fit."""
        self.book.paper(self.sheet, landscape=False)
        breaks, filled, first_page = list[int](), 0.0, 0.0
        ends = [*self._blocks[1:], self.row]
        for number, (first, end) in enumerate(zip(self._blocks, ends, strict=True)):
            points = self.points(first, end)
            if not number:
                first_page = points
            elif number == 1 or filled + points > _PAGE:
                breaks.append(first)
                filled = 0.0
            filled = (filled + points) % _PAGE
        # Excel passes over page breaks when it fits a sheet to a width: the scale is given.
        self.sheet.set_print_scale(min(_SCALE, max(_SMALLEST, int(_SCALE * _PAGE / first_page))))
        self.sheet.set_h_pagebreaks(breaks)
        self.sheet.center_horizontally()
        self.sheet.print_area(0, 0, self.row, LAST)


def room(first: int, last: int) -> float:
    """Measure some columns of the overview in points."""
    return sum(column_points(width) for width in WIDTHS[first : last + 1])


_FIRST = 3
"""First column behind the figure of now."""


def write_key_figures(page: OverviewPage, rows: Sequence[KeyRow]) -> None:
    """Write the key figures beside earlier periods, or by level where none is known."""
    if not rows:
        return
    page.chapter(text("summary.glance.title"))
    levels = page.book.result.levels[: LAST - _FIRST]
    earlier = any(row.earlier for row in rows)
    titles = [*(level.label for level in levels), text("summary.glance.units")]
    if earlier:
        titles = []
        for against in Against:  # Its name with the period, if it is one, and the change.
            named = (row.before(against) for row in rows)
            period = ", ".join(sorted({item.past.label for item in named if item is not None}))
            title = text(f"summary.comparison.against.{against.value}")
            if period:
                title = text("summary.glance.against", against=title, period=period)
            titles += [title, text("summary.comparison.change")]
    name = text("summary.glance.figure")
    page.heads(["", "", text("summary.comparison.now"), *titles], [(name, 0, 1)])
    for row in rows:
        page.stretch(page.row, 0, row.label, "cell", last=1)
        _now(page, row)
        high = row_height(lines_needed(row.label, room(0, 1), LIST_SIZE), LIST_SIZE)
        if earlier:
            high = max(high, _beside(page, row))
        else:
            _by_level(page, row, levels)
        page.high(page.row, high)
        page.row += 1
    if any(item.alike for row in rows for item in row.earlier):
        page.line(text("summary.glance.alike_note"), "italic", "small", "line", size=SMALL_SIZE)


def _now(page: OverviewPage, row: KeyRow) -> None:
    """Write the figure of now, live from the page to sign.

    That page shows an answer of two numbers as one text: there it is the by-unit sheet.
    """
    figure, book = row.figure, page.book
    there = None if figure.element.second else book.figures.get((figure.data_set, *row.key))
    if figure.element.second:
        for part in book.plan.sets:
            if part.table is row.table and part.by_unit:
                layout = matrix(part.table, book.result.levels)
                there = layout.total(part.by_unit, layout.row_of[row.key].row)
    if figure.total is None:
        book.put(page.sheet, page.row, 2, row.shown, book.look.of("cell", "center"))
        return
    look = book.look.of("cell", "bold", "right", number_trait(figure.total))
    if there is not None:
        page.sheet.write_formula(page.row, 2, f"={there.quoted}", look, cached(figure.total))
    else:
        page.sheet.write_number(page.row, 2, float(figure.total), look)


def _beside(page: OverviewPage, row: KeyRow) -> float:
    """Write a figure of the two earlier periods with its change; return the height it needs."""
    high, small = 0.0, page.book.look.of("cell", "small", "center")
    for column, against in zip((_FIRST, _FIRST + 2), Against, strict=True):
        item = row.before(against)
        if item is None or item.change.then is None:
            for at in (column, column + 1):
                page.sheet.write_string(page.row, at, text("summary.missing_mark"), small)
            continue
        look = page.book.look.of("cell", "right", number_trait(item.change.then))
        page.sheet.write_number(page.row, column, float(item.change.then), look)
        said = "\n".join(filter(None, (item.said, item.percent, item.alike)))
        page.book.put(page.sheet, page.row, column + 1, said, small)
        lines = lines_needed(said, room(column + 1, column + 1), SMALL_SIZE)
        high = max(high, row_height(lines, SMALL_SIZE))
    return high


def _by_level(page: OverviewPage, row: KeyRow, levels: Sequence[Level]) -> None:
    center = page.book.look.of("cell", "center")
    for column, level in enumerate(levels, _FIRST):
        number = row.figure.by_level.get(level)
        if number is None:
            page.sheet.write_string(page.row, column, text("summary.missing_mark"), center)
        else:
            look = page.book.look.of("cell", "right", number_trait(number))
            page.sheet.write_number(page.row, column, float(number), look)
    page.sheet.write_number(page.row, _FIRST + len(levels), row.figure.units, center)


_LEAST_ROWS, _MOST_ROWS = 9, 18
"""Rows that the charts take."""
_MOST_UNITS = 8
_DATA = LAST + 2
"""First of the columns that hold what the charts show; they are not printed."""
_FONT = {"name": FONT, "size": 8}
_PIXEL = 0.75
_GAP = 8
_COLOURS = (ACCENT, GREEN, AMBER, GREY)
_Bars = Sequence[tuple[str, Sequence[float | None]]]
_Chart = tuple[str, Sequence[str], _Bars, dict[str, Any]]
"""Title, names of the series, bars with a value for each series, and options of the chart."""


def write_charts(page: OverviewPage, rows: Sequence[KeyRow]) -> None:
    """Draw two charts: change, or the units with most, and the share of each level.

    They take what is left of the first page; none is drawn where that is too little at any scale.
    """
    left = _changes(rows) or _largest(page, rows)
    charts = [chart for chart in (left, _levels(page, rows)) if chart is not None]
    used = page.points(0, page.row)
    if not charts or int((_PAGE * _SCALE / _SMALLEST - used) / _ROW) <= _LEAST_ROWS:
        return
    page.row += 1
    high = min(_MOST_ROWS, max(_LEAST_ROWS, int((_PAGE - used) / _ROW) - 1))
    width = round(room(0, LAST) / _PIXEL / len(charts)) - _GAP // 2
    column = _DATA
    for index, (title, names, bars, options) in enumerate(charts):
        chart = _chart(page, column, names, bars, options)
        font = {**_FONT, "size": 11, "bold": True}
        chart.set_title({"name": title, "name_font": font, "overlay": False})
        chart.set_size({"width": width, "height": round(high * _ROW / _PIXEL) - _GAP})
        offset = {"x_offset": index * (width + _GAP), "object_position": 2}
        page.sheet.insert_chart(page.row, 0, chart, {**offset, "description": title})
        column += len(names) + 2
    page.sheet.set_column(_DATA - 1, column - 1, None, None, {"hidden": True})
    for row in range(page.row, page.row + high):
        page.high(row, _ROW)
    page.row += high


def _changes(rows: Sequence[KeyRow]) -> _Chart | None:
    """Change in percent against each of the two earlier periods."""
    told: list[tuple[str, list[float | None]]] = []
    for row in rows:
        found = [row.before(against) for against in Against]
        percents = [item.change.percent if item is not None else None for item in found]
        if any(percent is not None for percent in percents):
            told.append((row.name, [float(p) if p is not None else None for p in percents]))
    names = [text(f"summary.comparison.against.{against.value}") for against in Against]
    return (text("summary.glance.chart.changes"), names, told, {"type": "bar"}) if told else None


def _largest(page: OverviewPage, rows: Sequence[KeyRow]) -> _Chart | None:
    """The units that have most of the first key figure that is not nothing."""
    for row in rows:
        answers = ((item.unit, answer_of(item, row.figure)[1]) for item in row.table.summed)
        some = [(unit, number) for unit, number in answers if number]
        some.sort(key=lambda pair: (-pair[1], pair[0].code))
        if some:
            told = [(unit.name, [float(number)]) for unit, number in some[:_MOST_UNITS]]
            title = text("summary.glance.chart.largest", name=row.name)
            return title, [page.book.result.period.label], told, {"type": "bar"}
    return None


def _levels(page: OverviewPage, rows: Sequence[KeyRow]) -> _Chart | None:
    """The part that each level has in the key figures."""
    levels = page.book.result.levels
    told = [
        (row.name, [float(row.figure.by_level.get(level, 0)) for level in levels])
        for row in rows
        if any(row.figure.by_level.values())
    ]
    if len(levels) < 2 or not told:
        return None
    options = {"type": "bar", "subtype": "percent_stacked"}
    return text("summary.glance.chart.levels"), [each.label for each in levels], told, options


def _chart(
    page: OverviewPage, first: int, names: Sequence[str], bars: _Bars, options: dict[str, Any]
) -> Any:
    """A bar chart over columns that stand beside the page."""
    sheet, name, look = page.sheet, page.book.plan.overview, page.book.look.of("small")
    for at, title in enumerate(names, first + 1):
        sheet.write_string(0, at, title, look)
    for row, (label, numbers) in enumerate(bars, 1):
        sheet.write_string(row, first, clean(label), look)
        for at, number in enumerate(numbers, first + 1):
            if number is not None:
                sheet.write_number(row, at, number, look)
    chart = page.book.workbook.add_chart(options)
    last = len(bars)
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
    line: dict[str, Any] = {"line": {"color": GREY}, "label_position": "low"}
    chart.set_y_axis({"reverse": True, "num_font": _FONT, **line, "interval_unit": 1})
    told = [number for _, numbers in bars for number in numbers if number is not None]
    beginning = {"min": 0} if min(told) >= 0 else {"max": 0} if max(told) <= 0 else {}
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, **beginning})
    legend = {"position": "bottom", "font": _FONT}
    chart.set_legend(legend if len(names) > 1 else {"none": True})
    chart.set_chartarea({"border": {"color": "#BFBFBF"}})
    chart.show_hidden_data()
    return chart
