"""Locate a data set: its sheet, the codes of its rows and columns, the body of an open table.

Sheets that the program itself added (lists of findings, summaries) are recognised here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from consolidate.model.anchors import (
    CHECK_SHEET,
    CHECK_SIGNATURE,
    CODE_COLUMN,
    CODE_ROW,
    NUMBER_COLUMN,
    OPEN_END,
    OPEN_ROW,
    RETURN_SHEET,
    RETURN_SIGNATURE,
    STAMP_FORMAT,
    SUMMARY_SIGNATURE,
    WINDOW_ROW,
    rows_name,
    window_name,
)
from consolidate.model.cells import Cell, CellRef, raw_text, some_cells
from consolidate.model.datasets import DataElement, DataSet, Shape
from consolidate.model.returns import Anomaly, WindowLine
from consolidate.model.text import name_key, tidy
from consolidate.xlsx.read.defined_names import DefinedNames, NamedRange
from consolidate.xlsx.read.grid import Grid, Workbook


@dataclass(frozen=True, slots=True)
class LocatedSheet:
    """The sheet of a data set with its code row and code column read.

    ``rows`` and ``columns`` map codes to zero-based indexes; codes that stand twice are left out
    and listed in ``repeated``. A ``retyped`` table was found without any code, and its ``line``,
    that of its data window, above it.
    """

    grid: Grid
    data_set: DataSet
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    names: DefinedNames
    repeated: tuple[str, ...] = ()
    retyped: bool = False
    line: WindowLine | None = None

    def cell(self, row: int, column: int) -> CellRef:
        """Make an address on this sheet."""
        return CellRef(self.grid.name, row, column)

    def named(self, name: str) -> NamedRange | None:
        """Return the range of a casefolded defined name if it points at this sheet."""
        found = self.names.get(name)
        return found if found is not None and found.sheet == self.grid.name else None


def read_stamp(book: Workbook) -> dict[str, str]:
    """Keys and values of the stamp sheet; empty when the workbook carries none of ours."""
    for sheet in book.sheets:
        if sheet.text(0, 0) == "format" and sheet.text(0, 1) == STAMP_FORMAT:
            return {
                sheet.text(row, 0): sheet.text(row, 1)
                for row in range(len(sheet.rows))
                if sheet.text(row, 0)
            }
    return {}


def find_sheet(book: Workbook, data_set: DataSet) -> tuple[LocatedSheet | None, list[Anomaly]]:
    """Find the sheet that carries a data set's codes, whatever it is called now.

    Of several sheets with the same code (a sheet was copied) the one that the defined names point
    at, else the one with the official name, is read; the others are noted, never merged in.
    """
    carrying = [s for s in book.sheets if s.text(CODE_ROW, CODE_COLUMN) == data_set.code]
    pointed = _pointed(book.names, data_set)
    anomalies: list[Anomaly] = []
    if not carrying:
        carrying = [sheet for sheet in book.sheets if sheet.name in pointed]
        if not carrying:
            return None, []
        corner = CellRef(carrying[0].name, CODE_ROW, CODE_COLUMN).a1
        anomalies.append(Anomaly("codes_lost", data_set.code, found=corner, expected="1"))
    chosen = (
        [sheet for sheet in carrying if sheet.name in pointed]
        or [sheet for sheet in carrying if sheet.name == data_set.sheet]
        or carrying
    )
    if len(chosen) > 1:
        found = ", ".join(sheet.name for sheet in chosen)
        return None, [Anomaly("sheet_twice", data_set.code, found=found, expected=data_set.sheet)]
    anomalies += [
        Anomaly("sheet_copy", data_set.code, found=sheet.name, expected=chosen[0].name)
        for sheet in carrying
        if sheet is not chosen[0]
    ]
    grid = chosen[0]
    if grid.name != data_set.sheet:
        anomalies.append(
            Anomaly("sheet_renamed", data_set.code, found=grid.name, expected=data_set.sheet)
        )
    if not grid.visible:
        anomalies.append(Anomaly("sheet_hidden", data_set.code, found=grid.name))
    of_rows, of_columns = _known_codes(data_set)
    rows, repeated_rows = _codes(code_column(grid), of_rows)
    columns, repeated_columns = _codes(code_row(grid), of_columns)
    repeated = tuple(code for code in repeated_rows if code != OPEN_ROW) + repeated_columns
    return LocatedSheet(grid, data_set, rows, columns, book.names, repeated), anomalies


@lru_cache(maxsize=256)
def _pointed(names: DefinedNames, data_set: DataSet) -> frozenset[str]:
    """Sheets that the names of a data set point at; the same for all returns of a template."""
    anchors = [item.anchor for item in data_set.inputs] if data_set.columns else []
    targets = (names.get(name) for name in (*anchors, rows_name(data_set.code).casefold()))
    return frozenset(target.sheet for target in targets if target is not None and target.sheet)


def code_column(grid: Grid) -> tuple[Cell, ...]:
    """The cells from the top down in which the codes of rows stand."""
    return tuple([row[CODE_COLUMN] if row else "" for row in grid.rows])


def code_row(grid: Grid) -> tuple[Cell, ...]:
    """The cells in which the codes of columns stand."""
    return tuple(grid.rows[CODE_ROW]) if grid.rows else ()


def _texts(cells: Iterable[Cell]) -> Iterator[tuple[str, int]]:
    for index, cell in enumerate(cells):
        if isinstance(cell, str) and cell:
            yield cell.strip(), index


@cache
def _known_codes(data_set: DataSet) -> tuple[frozenset[str], frozenset[str]]:
    """Codes of the rows and of the columns of a form."""
    if data_set.shape is Shape.FIXED:
        return frozenset(data_set.by_code), frozenset(data_set.column_by_code)
    return frozenset({OPEN_ROW, OPEN_END}), frozenset(data_set.by_code)


@lru_cache(maxsize=256)
def _codes(
    cells: tuple[Cell, ...], known: frozenset[str]
) -> tuple[Mapping[str, int], tuple[str, ...]]:
    """Codes that stand once with their places, and those that stand twice; remembered.

    None of either where no known code stands: that row or column was deleted, and what moved into
    its place is no code.
    """
    places: dict[str, int] = {}
    repeated: dict[str, None] = {}
    for code, index in _texts(cells):
        if code in places:
            repeated[code] = None
        else:
            places[code] = index
    for code in repeated:
        if code != OPEN_ROW:
            del places[code]
    if known.isdisjoint(places) and known.isdisjoint(repeated):
        return {}, ()
    return places, tuple(repeated)


def open_body(sheet: LocatedSheet) -> tuple[range, list[Anomaly]]:
    """Zero-based rows of the body of an open table; empty when it cannot be found.

    Coded rows are the body, and what stands between them and above the end mark. Rows without a
    code above the first coded one belong to it when its defined name begins there and ends where
    the codes end; a name that ends elsewhere was left behind when rows moved. The printed row of
    totals ends the body where the end mark is lost.
    """
    code = sheet.data_set.code
    by_name = sheet.named(rows_name(code).casefold())
    first, end = sheet.rows.get(OPEN_ROW), sheet.rows.get(OPEN_END)
    if sheet.retyped and first is not None and end is not None:
        return range(first, end), []
    if first is None:
        # A name alone is believed where the header ends right above it.
        top = by_name.first[0] if by_name is not None else 0
        if by_name is None or not _is_header(sheet, top - 1) or _is_header(sheet, top):
            return range(0), [Anomaly("body_missing", code)]
        stop = _total_row(sheet, top) or max(by_name.last[0] + 1, end or 0)
        return range(top, next((r for r in range(top, stop) if _is_below(sheet, r)), stop)), []
    last = max(row for found, row in _texts(code_column(sheet.grid)) if found == OPEN_ROW)
    end = end or _total_row(sheet, last + 1)
    if end is None and by_name is None:
        return range(0), [Anomaly("body_missing", code)]
    stop = max(last + 1, end or 0)
    if by_name is None or by_name.first[0] >= first:
        return range(first, stop), []
    above = range(by_name.first[0], first)
    if by_name.last[0] + 1 == stop and not any(_is_header(sheet, row) for row in above):
        return range(by_name.first[0], stop), []
    return range(first, stop), list(_skipped(sheet, above))


_SIGNATURE = re.compile(
    r"(người )?lập (biểu|bảng|báo cáo)|người lập|nơi nhận.*|thủ trưởng( cơ quan| đơn vị)*"
    r"|.*ghi rõ họ( và)? tên|(tm|kt|tl|tuq|q) .*|(phó |quyền )?(giám đốc|chủ tịch|trưởng phòng)"
)
_DAY = re.compile(r"(.{0,40} )?ngày .{0,12}tháng .{0,12}năm.{0,12}")


def is_signature_line(row: Sequence[Cell]) -> bool:
    """Tell whether a row belongs to the place, day and signatures below a table."""
    filled = [cell for cell in row if cell != ""]
    keys = [name_key(cell) for cell in filled if isinstance(cell, str)]
    if len(filled) == 1 and keys and _DAY.fullmatch(keys[0]):
        return True
    return len(filled) <= 3 and any(_SIGNATURE.fullmatch(key) for key in keys)


def _is_below(sheet: LocatedSheet, row: int) -> bool:
    """Whether a row stands below the table: a name that was left behind takes such rows in."""
    if row >= len(sheet.grid.rows):
        return False
    number = sheet.columns.get(NUMBER_COLUMN)
    numbered = number is not None and sheet.grid.get(row, number) != ""
    return not numbered and is_signature_line(sheet.grid.rows[row])


def _is_header(sheet: LocatedSheet, row: int) -> bool:
    return numbers_columns(sheet, row) or any(
        sheet.grid.text(row, sheet.columns[element.code]) == element.label
        for element in sheet.data_set.elements
        if element.code in sheet.columns
    )


def numbers_columns(sheet: LocatedSheet, row: int) -> bool:
    """Whether a row is the printed one that numbers the columns of a list, wherever they stand."""
    data_set = sheet.data_set
    label = data_set.layout.column_numbers
    if not label or not 0 <= row < len(sheet.grid.rows):
        return False
    shown = {raw_text(cell).strip() for cell in sheet.grid.rows[row]} - {"", label}
    return len(shown) > 1 and shown <= {element.number for element in data_set.elements}


def _total_row(sheet: LocatedSheet, first: int) -> int | None:
    """The printed row of totals, in ``first`` or below it; ``None`` where the form has none."""
    label = sheet.data_set.layout.total_label
    for row in range(first, len(sheet.grid.rows)) if label else ():
        if any(isinstance(cell, str) and tidy(cell) == label for cell in sheet.grid.rows[row]):
            return row
    return None


def _skipped(sheet: LocatedSheet, rows: range) -> Iterator[Anomaly]:
    """Content of rows above the first coded one that are not taken for answers."""
    columns = [sheet.columns[e.code] for e in sheet.data_set.elements if e.code in sheet.columns]
    cells = [sheet.cell(row, column) for row in rows for column in columns]
    found = [cell for cell in cells if sheet.grid.get(cell.row, cell.column) != ""]
    if found:
        yield Anomaly("not_read", sheet.data_set.code, "", tuple(found), found=some_cells(found))


def some_of(kind: str, data_set: str, captions: list[str]) -> Anomaly:
    """Make one anomaly about several rows or columns of a form, which it names."""
    shown = ", ".join(captions[:5]) + (" …" if len(captions) > 5 else "")
    return Anomaly(kind, data_set, found=shown, expected=str(len(captions)))


def recover_columns(
    sheet: LocatedSheet, body: range, lost: Sequence[DataElement]
) -> tuple[LocatedSheet, list[Anomaly]]:
    """Find columns of an open table that lost their codes again, by name and heading.

    A column counts as found only if the name of the body takes it in and its heading stands above
    it once.
    """
    by_name = sheet.named(rows_name(sheet.data_set.code).casefold())
    if by_name is None:
        return sheet, []
    headings: dict[str, set[int]] = {}
    for column in range(by_name.first[1], by_name.last[1] + 1):
        for row in range(body.start):
            headings.setdefault(name_key(sheet.grid.text(row, column)), set()).add(column)
    columns = dict(sheet.columns)
    found: list[str] = []
    for element in lost:
        where = headings.get(name_key(element.label), set()) - set(sheet.columns.values())
        if len(where) == 1:
            columns[element.code] = where.pop()
            found.append(element.label)
    if not found:
        return sheet, []
    return replace(sheet, columns=columns), [some_of("codes_lost", sheet.data_set.code, found)]


def window_cell(sheet: LocatedSheet) -> CellRef | None:
    """The cell with the line of the data window, by name or by row code and first text of it."""
    by_name = sheet.named(window_name(sheet.data_set.code).casefold())
    if by_name is not None:
        return sheet.cell(*by_name.first)
    row = sheet.rows.get(WINDOW_ROW)
    if row is None or row >= len(sheet.grid.rows):
        return None
    for column in range(CODE_COLUMN + 1, len(sheet.grid.rows[row])):
        if sheet.grid.text(row, column):
            return sheet.cell(row, column)
    return None


_ROWS, _COLUMNS = 12, 80
"""Where a signature may stand, with some room for rows that a person inserted."""
_ADDED = {CHECK_SHEET: CHECK_SIGNATURE, RETURN_SHEET: RETURN_SIGNATURE}


def is_added(sheet: Grid) -> bool:
    """Tell whether a sheet calls itself one of ours and is signed as such.

    Anybody can type a signature, so it proves nothing; it only spares the sheet the note about
    sheets outside the form.
    """
    return any(
        sheet.name.startswith(name) and _is_signed(sheet, signature)
        for name, signature in _ADDED.items()
    )


def is_summary(sheet: Grid) -> bool:
    """Tell whether a sheet, whatever its name, is signed as one of the province's own summary."""
    return _is_signed(sheet, SUMMARY_SIGNATURE)


def _is_signed(sheet: Grid, signature: str) -> bool:
    return any(signature in row[:_COLUMNS] for row in sheet.rows[:_ROWS])
