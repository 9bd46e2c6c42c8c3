"""Workbooks that an officer keeps by hand: one table, guided, ready to print on A4 landscape."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef, column_letters
from consolidate.province.book_columns import BookTable, CellContent, ColumnContent
from consolidate.templates.columns import SheetColumn, SheetColumns
from consolidate.templates.form_page import Page
from consolidate.xlsx.write.form_styles import (
    DATE_FORMAT,
    TABLE_SIZE,
    TEXT_FORMAT,
    YEAR_FORMAT,
    Styles,
    open_workbook,
)
from consolidate.xlsx.write.text_sizes import lines_needed, row_height

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_CREATED = datetime(2018, 1, 1, tzinfo=UTC)
_HINT_SIZE = 10
_LAST_ROW = 4999
"""Zero-based last row that formats and drop-down lists reach: more units than any province has."""
_LIST_WIDTH = 40


@dataclass(frozen=True, slots=True)
class KeptColumn:
    """A column: heading, width in characters, hint above it, the only answers if it has a list."""

    label: str
    width: float
    hint: str
    choices: tuple[str, ...] = ()
    center: bool = False
    format: str = TEXT_FORMAT


_FORMATS = {
    ColumnContent.TEXT: TEXT_FORMAT,
    ColumnContent.DAY: DATE_FORMAT,
    ColumnContent.YEAR: YEAR_FORMAT,
}


@dataclass(frozen=True, slots=True)
class KeptTable:
    """What a workbook shows: title, guidance, labelled fields above, columns and rows.

    ``fields`` are labels and contents of cells above the table. ``blanks`` are
    ruled rows left to write on, ``frozen`` the columns that stay in sight.
    """

    sheet: str
    title: str
    guidance: str
    columns: tuple[KeptColumn, ...]
    rows: Sequence[Sequence[CellContent]]
    fields: tuple[tuple[str, str], ...] = ()
    blanks: int = 12
    frozen: int = 0


def book_table(
    book: BookTable,
    rows: Iterable[Mapping[str, CellContent]],
    *,
    choices: Mapping[str, tuple[str, ...]] | None = None,
    fields: tuple[tuple[str, str], ...] = (),
) -> KeptTable:
    """Lay out the table of a book; ``rows`` and ``choices`` go by the keys of columns."""
    columns = tuple(
        KeptColumn(
            column.heading,
            column.width,
            text(f"kept.{book.name}_hint.{column.key}"),
            choices=(choices or {}).get(column.key, column.choices),
            center=column.centred,
            format=_FORMATS[column.content],
        )
        for column in book.columns
    )
    return KeptTable(
        sheet=text(f"kept.{book.name}.sheet"),
        title=text(f"kept.{book.name}.title"),
        guidance=text(f"kept.{book.name}.guidance"),
        columns=columns,
        rows=[tuple(row[column.key] for column in book.columns) for row in rows],
        fields=fields,
        frozen=book.frozen,
    )


def write_kept_tables(*tables: KeptTable, title: str = "") -> bytes:
    """Write a workbook of tables, a sheet each; drop-down lists stand on a last sheet.

    The same tables give the same bytes. Nothing in it is locked. The title is that of the first.
    """
    target = io.BytesIO()
    workbook = open_workbook(target)
    workbook.set_properties({"title": title or tables[0].title, "created": _CREATED})
    styles = Styles(workbook)
    listed: list[_Listed] = []
    for table in tables:
        listed += _write_table(workbook, styles, table)
    _write_lists(workbook, styles, listed)
    workbook.close()
    return target.getvalue()


@dataclass(frozen=True, slots=True)
class _Listed:
    """A column with a drop-down list: the sheet, zero-based column and first row that take it."""

    sheet: Worksheet
    column: KeptColumn
    index: int
    top: int


def _write_table(workbook: Workbook, styles: Styles, table: KeptTable) -> Iterator[_Listed]:
    """Write the sheet of a table; gives its columns with drop-down lists."""
    sheet = workbook.add_worksheet(table.sheet)
    columns = SheetColumns(
        tuple(SheetColumn(str(n), c.label, c.width) for n, c in enumerate(table.columns)), first=0
    )
    page = Page(sheet, styles, columns)
    page.line(0, table.title, styles.named("title"), size=14, bold=True, least=27)
    page.line(1, table.guidance, styles.named("note"), size=TABLE_SIZE)
    row = 2
    for label, content in table.fields:
        sheet.write_string(row, 0, label, styles.get(bold=True, valign="vcenter", text_wrap=True))
        sheet.write_string(row, 1, content, styles.get(num_format=TEXT_FORMAT, valign="vcenter"))
        lines = lines_needed(label, columns.span(0, 0), TABLE_SIZE, bold=True)
        page.set_height(row, row_height(lines, TABLE_SIZE, padding=6))
        row += 1
    header = _write_head(page, table, row)
    _write_rows(page, table, header + 1)
    # A table with room to write on grows: an area would cut off the rows that a person adds.
    last = None if table.blanks else header + len(table.rows)
    for index, column in enumerate(table.columns):
        # The formats of rows that are added later.
        sheet.set_column(index, index, column.width, _style(styles, column, box=False))
        if column.choices:
            yield _Listed(sheet, column, index, header + 1)
    cells = f"A1:{column_letters(columns.last)}{_LAST_ROW + 1}"
    sheet.ignore_errors({"number_stored_as_text": cells})
    sheet.freeze_panes(header + 1, table.frozen)
    page.set_up(
        landscape=True,
        first_row=0,
        last_row=last,
        footer=text("template.page.footer"),
        repeat=(header, header),
        named=True,
    )
    sheet.set_selection(header + 1, 0, header + 1, 0)


def _write_head(page: Page, table: KeptTable, top: int) -> int:
    """Hints, then headings; returns the row of the headings."""
    hint = page.styles.get(
        italic=True, font_size=_HINT_SIZE, font_color="#595959", text_wrap=True,
        align="center", valign="bottom",
    )  # fmt: skip
    header = page.styles.named("header")
    high = low = 1
    for index, column in enumerate(table.columns):
        room = page.columns.span(index, index)
        page.sheet.write_string(top, index, column.hint, hint)
        page.sheet.write_string(top + 1, index, column.label, header)
        high = max(high, lines_needed(column.hint, room, _HINT_SIZE))
        low = max(low, lines_needed(column.label, room, TABLE_SIZE, bold=True))
    page.set_height(top, row_height(high, _HINT_SIZE, padding=6))
    page.set_height(top + 1, row_height(low, TABLE_SIZE, padding=6))
    return top + 1


def _write_rows(page: Page, table: KeptTable, top: int) -> None:
    styles = [_style(page.styles, column) for column in table.columns]
    blank: tuple[None, ...] = (None,) * len(table.columns)
    rows = [*table.rows, *([blank] * table.blanks)]
    for row, contents in enumerate(rows, top):
        lines = 1
        for index, content in enumerate(contents):
            if content is None or content == "":
                page.sheet.write_blank(row, index, None, styles[index])
            elif isinstance(content, str):
                page.sheet.write_string(row, index, content, styles[index])
                room = page.columns.span(index, index)
                lines = max(lines, lines_needed(content, room, TABLE_SIZE))
            elif isinstance(content, date):
                page.sheet.write_datetime(row, index, content, styles[index])
            else:
                page.sheet.write_number(row, index, content, styles[index])
        if row < top + len(table.rows):  # Rows to write on grow with what is typed.
            page.set_height(row, row_height(lines, TABLE_SIZE))


def _style(styles: Styles, column: KeptColumn, *, box: bool = True) -> Any:
    look: dict[str, Any] = {"valign": "vcenter", "text_wrap": True}
    look["num_format"] = column.format
    if column.center or column.format != TEXT_FORMAT:
        look["align"] = "center"
    return styles.get(**look, border=1) if box else styles.get(**look)


def _write_lists(workbook: Workbook, styles: Styles, listed: Sequence[_Listed]) -> None:
    """Drop-down lists, from a sheet of their own."""
    if not listed:
        return
    name = text("kept.lists")
    sheet = workbook.add_worksheet(name)
    widths = (SheetColumn(str(n), item.column.label, _LIST_WIDTH) for n, item in enumerate(listed))
    lists = Page(sheet, styles, SheetColumns(tuple(widths), first=0))
    prefix = CellRef(name, 0, 0).quoted.removesuffix("A1")
    for at, item in enumerate(listed):
        choices = item.column.choices
        sheet.write_string(0, at, item.column.label, styles.named("header"))
        for row, choice in enumerate(choices, 1):
            sheet.write_string(row, at, choice, styles.named("cell"))
            lists.set_height(row, row_height(1, TABLE_SIZE))
        letters = column_letters(at)
        item.sheet.data_validation(
            item.top,
            item.index,
            _LAST_ROW,
            item.index,
            {
                "validate": "list",
                "source": f"={prefix}${letters}$2:${letters}${len(choices) + 1}",
                "error_title": text("kept.error_title"),
                "error_message": text("kept.error"),
            },
        )
    last = max(len(item.column.choices) for item in listed)
    lists.set_up(
        landscape=True,
        first_row=0,
        last_row=last,
        footer=text("template.page.footer"),
        repeat=(0, 0),
        named=True,
    )
