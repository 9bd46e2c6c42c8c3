"""What people and programs do to a returned workbook, one function per kind of step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openpyxl.cell.cell import MergedCell
from openpyxl.workbook import Workbook


def rename_sheet(book: Workbook, sheet: str, to: str) -> None:
    """Rename a sheet; Excel keeps the defined names pointing at it."""
    book[sheet].title = to
    for name in book.defined_names.values():
        name.attr_text = name.attr_text.replace(f"'{sheet}'!", f"'{to}'!")


def delete_sheet(book: Workbook, sheet: str) -> None:
    """Delete a sheet; Excel leaves its names behind with a broken reference."""
    del book[sheet]
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
    """Insert a row above ``row`` as Excel does: names below move with their cells."""
    book[sheet].insert_rows(row)
    _shift_names(book, sheet, row, 1)


def delete_row(book: Workbook, sheet: str, row: int) -> None:
    """Delete a row as Excel does: its names break, those below move up."""
    book[sheet].delete_rows(row)
    _shift_names(book, sheet, row, -1)


def delete_column_a(book: Workbook, sheet: str) -> None:
    """Blank the hidden code column."""
    for row in book[sheet].iter_rows(min_row=2, max_col=1):
        row[0].value = None


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


def set_cell(book: Workbook, sheet: str, cell: str, to: Any = None) -> None:
    """Write any cell; a text that begins with ``=`` is a formula without a cached value."""
    book[sheet][cell] = to


def set_format(book: Workbook, sheet: str, cell: str, to: str) -> None:
    """Give a cell another number format."""
    book[sheet][cell].number_format = to


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


def _shift_names(book: Workbook, sheet: str, row: int, by: int) -> None:
    for name in book.defined_names.values():
        place, _, address = name.attr_text.rpartition("!")
        if place.strip("'") != sheet:
            continue
        ends = []
        for end in address.split(":"):
            _, column, line = end.split("$")
            moved = int(line) + by if int(line) >= row else int(line)
            ends.append("#REF!" if by < 0 and int(line) == row else f"${column}${moved}")
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
        swap_rows,
        set_cell,
        set_format,
        delete_name,
        delete_names,
        point_name,
    )
}
