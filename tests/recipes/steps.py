"""What people and programs do to a returned workbook, one function per kind of step."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils.cell import get_column_letter, range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName

from tests.recipes.references import cut, gone, move_references, rename_references, shifted


def rename_sheet(book: Workbook, sheet: str, to: str) -> None:
    """Rename a sheet; Excel keeps formulas and defined names pointing at it."""
    rename_references(book, sheet, to)
    book[sheet].title = to
    for name in book.defined_names.values():
        name.attr_text = name.attr_text.replace(f"'{sheet}'!", f"'{to}'!")


def delete_sheet(book: Workbook, sheet: str) -> None:
    """Delete a sheet; Excel leaves its names behind with a broken reference."""
    del book[sheet]
    move_references(book, sheet, gone)
    for name in book.defined_names.values():
        if name.attr_text.startswith((f"'{sheet}'!", f"{sheet}!")):
            name.attr_text = "#REF!"


def copy_sheet(book: Workbook, sheet: str, to: str) -> None:
    """Copy a sheet, hidden codes and all."""
    book.copy_worksheet(book[sheet]).title = to


def add_sheet(book: Workbook, sheet: str, text: str) -> None:
    """Add a sheet of one's own."""
    book.create_sheet(sheet)["A1"] = text


def hide_sheet(book: Workbook, sheet: str) -> None:
    """Hide a sheet."""
    book[sheet].sheet_state = "hidden"


def insert_row(book: Workbook, sheet: str, row: int) -> None:
    """Insert a row above ``row`` as Excel does: names and merged areas below move with it."""
    book[sheet].insert_rows(row)
    _shift(book, sheet, row, 1)


def delete_row(book: Workbook, sheet: str, row: int) -> None:
    """Delete a row as Excel does: its names break, those below move up."""
    book[sheet].delete_rows(row)
    _shift(book, sheet, row, -1)


def delete_column_a(book: Workbook, sheet: str) -> None:
    """Blank the hidden code column."""
    for row in book[sheet].iter_rows(min_row=2, max_col=1):
        row[0].value = None


def delete_marks(book: Workbook, sheet: str) -> None:
    """Delete the hidden code row and column, as one who copies only what is to be seen."""
    page = book[sheet]
    for merged in [str(area) for area in page.merged_cells.ranges]:
        page.unmerge_cells(merged)
    page.delete_rows(1)
    page.delete_cols(1)
    move_references(book, sheet, shifted(1, -1))
    move_references(book, sheet, shifted(1, -1, columns=True))


def swap_rows(book: Workbook, sheet: str, first: int, second: int, start: str, end: str) -> None:
    """Exchange the values of two rows from column ``start`` to ``end``: what sorting does."""
    page = book[sheet]
    for one, other in zip(
        page[f"{start}{first}:{end}{first}"][0],
        page[f"{start}{second}:{end}{second}"][0],
        strict=True,
    ):
        if not isinstance(one, MergedCell) and not isinstance(other, MergedCell):
            one.value, other.value = other.value, one.value


def fill_down(book: Workbook, sheet: str, row: int, count: int, column: str, text: str) -> None:
    """Insert rows above ``row`` and fill one column of them."""
    book[sheet].insert_rows(row, count)
    _shift(book, sheet, row, count)
    for number in range(row, row + count):
        book[sheet][f"{column}{number}"] = f"{text} {number}"


def set_cell(book: Workbook, sheet: str, cell: str, to: Any = None) -> None:
    """Write any cell; a text that begins with ``=`` is a formula without a cached value."""
    book[sheet][cell] = to


def merge_cells(book: Workbook, sheet: str, cells: str) -> None:
    """Merge cells; Excel keeps the first value only."""
    book[sheet].merge_cells(cells)


def merge_over(book: Workbook, sheet: str, cells: str) -> None:
    """Merge cells; some programs keep what lies under the first."""
    book[sheet].merged_cells.add(cells)


def hide_rows(book: Workbook, sheet: str, rows: list[int]) -> None:
    """Hide rows."""
    for row in rows:
        book[sheet].row_dimensions[row].hidden = True


def hide_column(book: Workbook, sheet: str, column: str) -> None:
    """Hide a column."""
    book[sheet].column_dimensions[column].hidden = True


def set_width(book: Workbook, sheet: str, column: str, to: float) -> None:
    """Make a column as wide as so many figures."""
    book[sheet].column_dimensions[column].width = to


def set_height(book: Workbook, sheet: str, row: int, to: float) -> None:
    """Make a row as high as so many points."""
    book[sheet].row_dimensions[row].height = to


def filter_rows(book: Workbook, sheet: str, cells: str, keep: str, hidden: list[int]) -> None:
    """Filter a table by its first column, which hides rows."""
    book[sheet].auto_filter.ref = cells
    book[sheet].auto_filter.add_filter_column(0, [keep])
    hide_rows(book, sheet, hidden)


def set_format(book: Workbook, sheet: str, cell: str, to: str) -> None:
    """Give a cell another number format."""
    book[sheet][cell].number_format = to


def set_font(book: Workbook, sheet: str, cell: str, color: str = "", size: float = 0) -> None:
    """Give the text of a cell another colour (as ARGB) or size."""
    font = book[sheet][cell].font
    book[sheet][cell].font = Font(font.name, size or font.sz, color=color or font.color)


def delete_name(book: Workbook, name: str) -> None:
    """Delete a defined name."""
    del book.defined_names[name]


def delete_names(book: Workbook, prefix: str) -> None:
    """Delete all defined names that begin with ``prefix``."""
    for name in [name for name in book.defined_names if name.startswith(prefix)]:
        del book.defined_names[name]


def point_name(book: Workbook, name: str, to: str) -> None:
    """Let a defined name point elsewhere."""
    book.defined_names[name].attr_text = to


def insert_column(book: Workbook, sheet: str, column: int) -> None:
    """Insert a column left of ``column`` (from 1); names and merged areas move with their cells."""
    book[sheet].insert_cols(column)
    _shift(book, sheet, column, 1, columns=True)


def delete_column(book: Workbook, sheet: str, column: int) -> None:
    """Delete a column (from 1): its names break, those to the right move."""
    book[sheet].delete_cols(column)
    _shift(book, sheet, column, -1, columns=True)


def move_cells(book: Workbook, sheet: str, cells: str, rows: int = 0, columns: int = 0) -> None:
    """Cut a block and paste it elsewhere on its sheet: names move with their cells."""
    page = book[sheet]
    left, top, right, bottom = range_boundaries(cells)
    inside = [area for area in page.merged_cells.ranges if area.min_row >= top]
    for area in inside:
        if area.max_row <= bottom and left <= area.min_col and area.max_col <= right:
            area.shift(col_shift=columns, row_shift=rows)
    page.move_range(cells, rows=rows, cols=columns)
    move_references(book, sheet, cut((left, top, right, bottom), columns, rows))
    for name in book.defined_names.values():
        place, _, address = name.attr_text.rpartition("!")
        first, _, last = address.partition(":")
        if place.strip("'") != sheet or last:
            continue
        column, row, *_ = range_boundaries(first)
        if left <= column <= right and top <= row <= bottom:
            moved = f"${get_column_letter(column + columns)}${row + rows}"
            name.attr_text = f"{place}!{moved}"


def add_names(book: Workbook, count: int, to: str) -> None:
    """Add names that mean nothing to anyone."""
    for number in range(count):
        name = f"junk_{number}"
        book.defined_names[name] = DefinedName(name, attr_text=to)


def add_comment(book: Workbook, sheet: str, cell: str, text: str) -> None:
    """Comment on a cell."""
    book[sheet][cell].comment = Comment(text, "A")


def keep_sheets(book: Workbook, sheets: list[str]) -> None:
    """Delete all sheets but some."""
    for sheet in book.sheetnames:
        if sheet not in sheets:
            delete_sheet(book, sheet)


def _shift(book: Workbook, sheet: str, at: int, by: int, *, columns: bool = False) -> None:
    """Let merged areas, names and formulas follow inserted (or deleted) rows or columns."""
    _shift_merged(book, sheet, at, by, columns=columns)
    _shift_names(book, sheet, at, by, columns=columns)
    move_references(book, sheet, shifted(at, by, columns=columns))


def _shift_merged(book: Workbook, sheet: str, at: int, by: int, *, columns: bool = False) -> None:
    areas = book[sheet].merged_cells
    for area in list(areas.ranges):
        first, last = (area.min_col, area.max_col) if columns else (area.min_row, area.max_row)
        if by < 0 and first == at == last:
            areas.remove(area)
        elif first >= at:
            area.shift(**{"col_shift" if columns else "row_shift": by})
        elif last >= at:
            area.expand(**{"right" if columns else "down": by})


def _shift_names(book: Workbook, sheet: str, at: int, by: int, *, columns: bool = False) -> None:
    for name in book.defined_names.values():
        place, _, address = name.attr_text.rpartition("!")
        if place.strip("'") != sheet:
            continue
        ends = []
        for end in address.split(":"):
            column, row, *_ = range_boundaries(end)
            index = column if columns else row
            if by < 0 and index == at:
                ends.append("#REF!")
                continue
            moved = index + by if index >= at else index
            column, row = (moved, row) if columns else (column, moved)
            ends.append(f"${get_column_letter(column)}${row}")
        name.attr_text = "#REF!" if "#REF!" in ends else f"{place}!{':'.join(ends)}"


STEPS: dict[str, Callable[..., None]] = {
    step.__name__: step
    for step in (
        rename_sheet,
        delete_sheet,
        copy_sheet,
        add_sheet,
        hide_sheet,
        insert_row,
        delete_row,
        delete_column_a,
        delete_marks,
        swap_rows,
        fill_down,
        set_cell,
        merge_cells,
        merge_over,
        hide_rows,
        hide_column,
        filter_rows,
        insert_column,
        delete_column,
        move_cells,
        add_names,
        add_comment,
        keep_sheets,
        set_font,
        set_format,
        set_width,
        set_height,
        delete_name,
        delete_names,
        point_name,
    )
}


_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def add_part(parts: dict[str, bytes], part: str, content: str = "") -> None:
    """Add a part that nothing points at, or replace one."""
    parts[part] = content.encode()


def relate(
    parts: dict[str, bytes], part: str, kind: str, target: str, external: bool = False
) -> None:
    """Let a part (``xl/worksheets/sheet2.xml``) point at another, or outside the package."""
    folder, _, name = part.rpartition("/")
    mode = ' TargetMode="External"' if external else ""
    line = f'<Relationship Id="x{len(parts)}" Type="{_TYPES}/{kind}" Target="{target}"{mode}/>'
    relations = f"{folder}/_rels/{name}.rels"
    head, end = "<Relationships>", "</Relationships>"
    before = parts.get(relations, (head + end).encode()).decode()
    parts[relations] = before.replace(end, line + end).encode()


def change_part(parts: dict[str, bytes], part: str, old: str, new: str) -> None:
    """Replace some text of a part, which must be there."""
    text = parts[part].decode()
    assert old in text, (part, old)
    parts[part] = text.replace(old, new).encode()


def repeat(parts: dict[str, bytes], part: str, pattern: str, to: str) -> None:
    """Put what a pattern finds once in a part there again, in this way."""
    text, count = re.subn(pattern, to, parts[part].decode(), flags=re.DOTALL)
    assert count == 1, (part, pattern, count)
    parts[part] = text.encode()


PACKAGE_STEPS: dict[str, Callable[..., None]] = {
    step.__name__: step for step in (add_part, relate, change_part, repeat)
}
