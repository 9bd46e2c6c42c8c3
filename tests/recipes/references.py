"""References in formulas as Excel keeps them right when rows, columns, blocks or sheets move."""

from __future__ import annotations

import re
from collections.abc import Callable

from openpyxl.utils.cell import column_index_from_string, get_column_letter
from openpyxl.workbook import Workbook

LOST = "#REF!"
_REFERENCE = re.compile(
    r"(?<![\w.$#])(?P<sheet>'(?:[^']|'')+'!|[^\W\d][\w.]*!)?"
    r"(?P<first>\$?[A-Z]{1,3}\$?[1-9]\d*)(?P<rest>:\$?[A-Z]{1,3}\$?[1-9]\d*)?(?![\w(.])"
)
_TEXT = re.compile(r'("(?:[^"]|"")*")')
_CELL = re.compile(r"(\$?)([A-Z]+)(\$?)(\d+)")

Ends = tuple[tuple[int, int], tuple[int, int]]
"""Column and row of the first and the last cell of a reference."""
Move = Callable[[Ends], Ends | None]
"""Where a reference points after a change; ``None`` for nowhere."""


def shifted(at: int, by: int, *, columns: bool = False) -> Move:
    """The change that inserts or deletes rows or columns at ``at`` (from 1)."""
    axis = 0 if columns else 1

    def move(ends: Ends) -> Ends | None:
        first, last = ends[0][axis], ends[1][axis]
        if by > 0:
            places = [index + by if index >= at else index for index in (first, last)]
        else:
            gone = range(at, at - by)
            if first in gone and last in gone:
                return None
            places = [
                at if first in gone else first + by if first >= at else first,
                at - 1 if last in gone else last + by if last >= at else last,
            ]
        return _with(ends[0], axis, places[0]), _with(ends[1], axis, places[1])

    return move


def cut(area: tuple[int, int, int, int], columns: int, rows: int) -> Move:
    """The change that cuts a block (left, top, right, bottom) and pastes it elsewhere."""
    left, top, right, bottom = area

    def move(ends: Ends) -> Ends | None:
        if all(left <= column <= right and top <= row <= bottom for column, row in ends):
            first, last = ((column + columns, row + rows) for column, row in ends)
            return first, last
        return ends

    return move


def gone(_: Ends) -> Ends | None:
    """The change that deletes the sheet."""
    return None


def move_references(book: Workbook, sheet: str, move: Move) -> None:
    """Let every formula of a workbook follow a change on a sheet."""

    def followed(found: re.Match[str], home: str) -> str:
        prefix = found["sheet"] or ""
        named = prefix.removesuffix("!").strip("'").replace("''", "'") or home
        if named != sheet:
            return found[0]
        ends = [_CELL.fullmatch(end) for end in (found["first"], (found["rest"] or "")[1:]) if end]
        places = [(column_index_from_string(end[2]), int(end[4])) for end in ends if end]
        moved = move((places[0], places[-1]))
        if moved is None:
            return LOST
        written = (
            f"{end[1]}{get_column_letter(column)}{end[3]}{row}"
            for end, (column, row) in zip(ends, (moved[0], moved[-1]), strict=False)
            if end
        )
        return prefix + ":".join(written)

    _rewrite(book, lambda code, home: _REFERENCE.sub(lambda found: followed(found, home), code))


def rename_references(book: Workbook, sheet: str, to: str) -> None:
    """Let every formula of a workbook follow the new name of a sheet."""
    _rewrite(book, lambda code, _: code.replace(f"'{sheet}'!", f"'{to}'!"))


def _rewrite(book: Workbook, change: Callable[[str, str], str]) -> None:
    for page in book.worksheets:
        for row in page.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    pieces = _TEXT.split(cell.value)  # Texts at odd places stay as they are.
                    pieces[::2] = [change(piece, page.title) for piece in pieces[::2]]
                    cell.value = "".join(pieces)


def _with(place: tuple[int, int], axis: int, index: int) -> tuple[int, int]:
    return (index, place[1]) if axis == 0 else (place[0], index)
