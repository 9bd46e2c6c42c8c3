"""The province's own table in the official layout, every figure live from the by-unit sheet."""

from __future__ import annotations

from decimal import Decimal

from xlsxwriter.worksheet import Worksheet

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.model.datasets import Aggregation, DataElement, DataSet
from consolidate.model.text import format_number
from consolidate.reports.matrix import TOTAL_COLUMN, Matrix, MatrixRow
from consolidate.reports.plan import SetSheets, stamp
from consolidate.reports.summary_book import Book, cached, internal
from consolidate.rollup.totals import Figure
from consolidate.templates.check_sheet.live import attached_by_hand
from consolidate.templates.columns import SheetColumns, columns_of
from consolidate.templates.fixed_table import write_fixed_table
from consolidate.templates.form_page import Page, write_heading, write_title
from consolidate.xlsx.write.form_styles import LIST_SIZE, NUMBER_FORMATS, number_trait
from consolidate.xlsx.write.safe_text import clean


def official_head(book: Book, page: Page, data_set: DataSet, note: str) -> int:
    """Heading and title lines of an official table of the province; returns the next row.

    Number, day and author of the province's report are left to be written by hand.
    """
    template = book.library.template_by_code[data_set.template]
    authority = template.recipient.upper()
    if book.result.province:
        authority = f"{clean(book.result.province).upper()}\n{authority}"
    row = write_heading(page, 0, authority, form_code=data_set.layout.form_code)
    note = f"{note}\n{attached_by_hand()}"
    body = write_title(page, row, data_set.layout.title, note)
    book.sign(page.sheet, body - 1, page.columns.first)  # In the gap below the title.
    return body


def write_province(book: Book, part: SetSheets, layout: Matrix) -> None:
    """Fill the province's sheet of a fixed table. A ratio that cannot be rolled up says so."""
    sheet, table = book.sheets[part.province], part.table
    data_set = table.data_set
    page = Page(sheet, book.look, SheetColumns(columns_of(data_set).columns, 0))
    note = f"{text('summary.period', period=table.period.label)}; {stamp(book.result, table)}"
    top = official_head(book, page, data_set, note)
    figures = {(figure.element.code, figure.column): figure for figure in table.figures}
    writer = _CellWriter(page, part.by_unit, layout.row_of(), figures)
    body = write_fixed_table(page, data_set, top=top, write_cell=writer, codes=False)
    row = body.last + 1
    page.set_height(row, 6)
    for line in (*_ratio_notes(table.figures, data_set), *_plain_notes(part)):
        row += 1
        page.line(row, line, page.styles.named("note", font_size=LIST_SIZE), size=LIST_SIZE)
    finish(book, page, row, data_set, (body.header_first, body.header_last), body.headings)


def finish(
    book: Book,
    page: Page,
    last: int,
    data_set: DataSet,
    header: tuple[int, int],
    headings: tuple[int, ...] = (),
) -> None:
    """Print set-up of an official sheet, and the way back to the overview below the page."""
    landscape = data_set.layout.landscape
    page.set_up(
        landscape=landscape,
        first_row=0,
        last_row=last,
        footer=text("summary.page"),
        repeat=header,
        named=True,
        plan=page.plan_breaks(
            landscape=landscape,
            first_row=0,
            last_row=last,
            repeat=header,
            keep=headings,
            block=last,
        ),
    )
    page.sheet.freeze_panes(header[1] + 1, 0)
    target = internal(CellRef(book.plan.overview, 0, 0))
    book.link(page.sheet, last + 2, page.columns.first, target, text("summary.back"), "small")


class _CellWriter:
    """Writes a value cell of the official table as a formula on the by-unit sheet."""

    def __init__(
        self,
        page: Page,
        source: str,
        rows: dict[tuple[str, str], MatrixRow],
        figures: dict[tuple[str, str], Figure],
    ) -> None:
        self._page = page
        self._source = source
        self._rows = rows
        self._figures = figures

    def __call__(
        self, sheet: Worksheet, row: int, column: int, element: DataElement, code: str
    ) -> str | None:
        styles = self._page.styles
        figure = self._figures.get((element.code, code))
        if figure is None:
            sheet.write_blank(row, column, None, styles.named("cell"))
            return None
        if figure.total is None and figure.aggregation is not Aggregation.SUM:
            shown = text("summary.province.not_summed") if figure.units else ""
            refused = styles.named("center", italic=True, font_size=LIST_SIZE)
            sheet.write_string(row, column, shown, refused)
            return shown
        if element.second and code == element.columns[0]:
            return self._pair(sheet, row, column, element, figure)
        style = styles.named("number", num_format=NUMBER_FORMATS[number_trait(figure.total)])
        formula = f"={self._total(element.code, code)}"
        sheet.write_formula(row, column, formula, style, cached(figure.total))
        return None

    def _total(self, element: str, code: str) -> str:
        found = self._rows[element, code]
        return CellRef(self._source, found.row, TOTAL_COLUMN).quoted

    def _pair(
        self, sheet: Worksheet, row: int, column: int, element: DataElement, first: Figure
    ) -> str:
        """The two totals of an answer such as ``1.819/134``, in one cell as on the form."""
        second = self._figures.get((element.code, element.second))
        one = self._total(element.code, first.column)
        two = self._total(element.code, element.second)
        formula = f'=IF({one}="","",FIXED({one},0))&IF({two}="","","/"&FIXED({two},0))'
        shown = _shown(first.total)
        if second is not None and second.total is not None:
            shown += f"/{_shown(second.total)}"
        style = self._page.styles.named("cell", align="right", indent=1)
        sheet.write_formula(row, column, formula, style, shown)
        return shown


def _shown(number: Decimal | None) -> str:
    return "" if number is None else format_number(number)


def _ratio_notes(figures: tuple[Figure, ...], data_set: DataSet) -> list[str]:
    notes = []
    for figure in figures:
        if figure.aggregation is not Aggregation.RATIO:
            continue
        key = "ratio_none" if not figure.units else "ratio"
        if figure.total is not None:
            key = "ratio_rolled"
        unit = figure.element.unit
        notes.append(
            text(
                f"summary.province.{key}",
                caption=data_set.caption(figure.element, figure.column),
                units=figure.units,
                low=f"{_shown(figure.low)} {unit}".strip(),
                high=f"{_shown(figure.high)} {unit}".strip(),
            )
        )
    return notes


def _plain_notes(part: SetSheets) -> list[str]:
    blank = any(figure.total is None and not figure.units for figure in part.table.figures)
    notes = [text("summary.province.blank")] if blank else []
    return [*notes, text("summary.province.source", sheet=part.by_unit)]
