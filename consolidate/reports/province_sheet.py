"""Write the province's own table in the official layout, live from the by-unit sheet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from xlsxwriter.worksheet import Worksheet

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.datasets import Aggregation, DataElement
from consolidate.model.text import format_number
from consolidate.reports.at_a_glance import nothing_shown
from consolidate.reports.matrix import Matrix, trace_lines
from consolidate.reports.official_sheet import (
    finish,
    official_head,
    official_page,
    write_beside,
    write_notes_beside,
)
from consolidate.reports.summary_book import Book, cached, sum_of
from consolidate.reports.summary_sheets import SetSheets
from consolidate.rollup.completeness import Shown
from consolidate.rollup.completeness import shown as shown_of
from consolidate.rollup.result import several
from consolidate.rollup.totals import DataSetTable, Figure
from consolidate.templates.columns import SheetColumns, columns_of
from consolidate.templates.fixed_table import write_fixed_table
from consolidate.templates.form_page import Page
from consolidate.xlsx.write.form_styles import LIST_SIZE, NUMBER_FORMATS, TEXT_FORMAT, number_trait

_BESIDE_WIDTH = 12


def write_province(book: Book, part: SetSheets, layout: Matrix | None = None) -> None:
    """Fill the province's sheet of a fixed table. A ratio that cannot be rolled up says so.

    ``layout`` is that of the by-unit sheet, which a live table leads to.
    """
    table = part.table
    data_set = table.data_set
    page = official_page(book, part.province, SheetColumns(columns_of(data_set).columns, 0))
    top = official_head(book, page, table)
    figures = {(figure.element.code, figure.column): figure for figure in table.figures}
    shown = {key: shown_of(table, figure) for key, figure in figures.items()}
    source = part.by_unit if layout is not None else ""
    writer = _CellWriter(book, page, part, layout, figures, shown)
    body = write_fixed_table(page, data_set, top=top, write_cell=writer, codes=False)
    finish(book, page, body.last, table, (body.header_first, body.header_last), body.headings)
    rows = {at: [f for f in table.figures if f.element.code == c] for c, at in body.rows.items()}
    filled = {at: found for at, found in rows.items() if found}
    notes = tuple(_notes(table, source, shown.values()))
    at = page.columns.last + 2
    if table.beside:
        _write_beside(book, page, part, layout, body.rows, (body.header_last, at))
        at += 1
    write_notes_beside(book, page, table, at, body.header_last, notes)
    write_beside(book, page, table, filled, body.header_last, at)


def _write_beside(
    book: Book,
    page: Page,
    part: SetSheets,
    layout: Matrix | None,
    rows: Mapping[str, int],
    head: tuple[int, int],
) -> None:
    """Fill the column of the units that are not summed: their figures together.

    Of a table with several columns it is the first figure of each row. ``head`` is the cell of the
    title.
    """
    title, at = text("summary.province.beside"), head[1]
    book.put(page.sheet, *head, title, book.look.of("small", "italic", "line", "center"))
    page.sheet.set_column(at, at, _BESIDE_WIDTH)
    for element in part.table.data_set.elements:
        found = part.table.figure(element.code, element.columns[0])
        if found is None or found.aggregation is not Aggregation.SUM:
            continue
        numbers = [
            value.number
            for item in part.table.beside
            for value in [item.value(element.code, found.column)]
            if value is not None and value.number is not None
        ]
        total = sum(numbers, Decimal(0)) if numbers else None
        look = book.look.of("small", "italic", "right", number_trait(total))
        row = rows[element.code]
        if layout is not None:
            ends = (layout.seat(layout.first_beside), layout.seat(layout.last_column))
            at_row = layout.row_of[element.code, found.column].row
            formula = sum_of(layout.stretch(at_row, *ends, sheet=part.by_unit))
            page.sheet.write_formula(row, at, formula, look, cached(total))
        elif total is not None:
            page.sheet.write_number(row, at, float(total), look)


class _CellWriter:
    """Writes a value cell of the official table: a formula on the by-unit sheet, or its value."""

    def __init__(
        self,
        book: Book,
        page: Page,
        part: SetSheets,
        layout: Matrix | None,
        figures: dict[tuple[str, str], Figure],
        shown: Mapping[tuple[str, str], Shown],
    ) -> None:
        self._book = book
        self._sheet = book.sheets[part.province]
        self._page = page
        self._source = part.by_unit
        self._layout = layout
        self._lines = trace_lines(part.trace, layout) if layout is not None else None
        self._figures = figures
        self._shown = shown

    def __call__(
        self, sheet: Worksheet, row: int, column: int, element: DataElement, code: str
    ) -> str | None:
        styles = self._page.styles
        figure = self._figures.get((element.code, code))
        if figure is None:
            sheet.write_blank(row, column, None, styles.named("cell"))
            return None
        kind = self._shown[element.code, code]
        if self._lines is not None and kind not in (Shown.BLANK, Shown.NOT_ASKED):
            self._book.lead(self._sheet, row, column, self._lines.head((element.code, code)))
        if kind is not Shown.NUMBER:
            return self._nothing(sheet, row, column, element, figure)
        if figure.total is None and figure.aggregation is not Aggregation.SUM:
            said = text("summary.province.not_summed")
            sheet.write_string(row, column, said, self._words())
            return said
        if element.second and code == element.columns[0]:
            return self._pair(sheet, row, column, element, figure)
        style = styles.named("number", num_format=NUMBER_FORMATS[number_trait(figure.total)])
        if self._layout is None and figure.total is not None:
            sheet.write_number(row, column, float(figure.total), style)
            return None
        formula = f"={self._total(element.code, code)}"
        sheet.write_formula(row, column, formula, style, cached(figure.total))
        return None

    def _words(self) -> Any:
        return self._page.styles.named("center", italic=True, font_size=LIST_SIZE)

    def _nothing(
        self, sheet: Worksheet, row: int, column: int, element: DataElement, figure: Figure
    ) -> str:
        """A figure without any number: each kind of nothing looks different from the others."""
        kind, styles = self._shown[element.code, figure.column], self._page.styles
        if kind is Shown.NOT_ASKED:
            sheet.write_blank(row, column, None, styles.named("locked"))
            return ""
        said, style = "", styles.named("number")
        worded = kind in (Shown.UNREADABLE, Shown.HELD)
        if worded or kind is Shown.CROSSED:
            said = nothing_shown(kind)
            style = self._words() if worded else styles.named("center")
        if self._layout is not None and figure.aggregation is Aggregation.SUM:
            total = self._total(element.code, figure.column)
            formula = f'=IF({total}="","{said}",{total})' if worded else f"={total}"
            sheet.write_formula(row, column, formula, style, said)
        elif said:
            sheet.write_string(row, column, said, style)
        else:
            sheet.write_blank(row, column, None, style)
        return said

    def _total(self, element: str, code: str) -> str:
        assert self._layout is not None
        found = self._layout.row_of[element, code]
        return self._layout.total(self._source, found.row).quoted

    def _pair(
        self, sheet: Worksheet, row: int, column: int, element: DataElement, first: Figure
    ) -> str:
        """The two totals of an answer such as ``1.819/134``, in one cell as on the form."""
        second = self._figures.get((element.code, element.second))
        shown = _shown(first.total)
        if second is not None and second.total is not None:
            shown += f"/{_shown(second.total)}"
        style = self._page.styles.named("cell", align="right", num_format=TEXT_FORMAT)
        if self._layout is None:
            sheet.write_string(row, column, shown, style)
            return shown
        one = self._total(element.code, first.column)
        two = self._total(element.code, element.second)
        first_part = f'IF(ISNUMBER({one}),FIXED({one},0),"")'
        formula = f'={first_part}&IF(ISNUMBER({two}),"/"&FIXED({two},0),"")'
        sheet.write_formula(row, column, formula, style, shown)
        return shown


def _shown(number: Decimal | None) -> str:
    return "" if number is None else format_number(number)


_KINDS_OF_NOTHING = {
    Shown.BLANK: "blank",
    Shown.CROSSED: "crossed",
    Shown.UNREADABLE: "unread",
    Shown.HELD: "held_out",
    Shown.NOT_ASKED: "not_asked",
}


def _notes(table: DataSetTable, source: str, shown: Collection[Shown]) -> Iterator[str]:
    """Who gave figures of the province, ranges of ratios, what stands beside the totals.

    Then what the cells without a number mean, each kind that there is; where the figures are from.
    """
    single = [figure for figure in table.figures if figure.aggregation is Aggregation.SINGLE]
    giving = {figure.given_by for figure in single}
    names = [item.unit.name for item in table.contributions if item.unit.code in giving]
    if names:
        yield text("summary.province.given", unit=names[0])
    else:
        yield from map(sentence, several(table))
    for figure in table.figures:
        if figure.aggregation is Aggregation.RATIO:
            key = "ratio" if figure.units else "ratio_none"
            if figure.total is not None:
                key = "ratio_rolled"
            unit = figure.element.unit
            yield text(
                f"summary.province.{key}",
                caption=table.data_set.caption(figure.element, figure.column),
                units=figure.units,
                low=f"{_shown(figure.low)} {unit}".strip(),
                high=f"{_shown(figure.high)} {unit}".strip(),
            )
    if table.beside:
        units = ", ".join(item.unit.name for item in table.beside)
        column = text("summary.province.beside")
        yield text("summary.province.beside_note", column=column, units=units)
    for kind, key in _KINDS_OF_NOTHING.items():
        if kind in shown:
            yield text(f"summary.province.{key}")
    if source:
        yield text("summary.province.source", sheet=source)
