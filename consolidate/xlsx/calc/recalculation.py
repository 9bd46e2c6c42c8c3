"""Recalculate the formulas that a unit typed into answers: exact, bounded, nothing executed.

A file saved by a library has formulas without values; one that was pasted together may have values
that its formulas do not give. Known are signs, brackets, comparisons, cells, ranges, names and
the functions of :data:`~consolidate.xlsx.calc.formula_values.FUNCTIONS`; any other formula is
left as it is. Only .xlsx and .xlsm tell their formulas: of .xls, .xlsb and .ods the values are used
as they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

from consolidate.model.anchors import CODE_COLUMN, OPEN_END
from consolidate.model.cells import Cell
from consolidate.model.text import decimal_of, shortest
from consolidate.xlsx.calc.formula_texts import NotSupported, shifted
from consolidate.xlsx.read.grid import CellOrigin, Grid, Workbook

_SAME = Decimal("1e-9")
"""Part of a number by which a double may differ from the exact figure."""


def recalculate(book: Workbook, codes: frozenset[str]) -> Workbook:
    """Recalculate the formulas of the tables of a workbook; the same object if it has none.

    ``codes`` are those of the data sets. A formula without a value gets one; a formula with another
    value than it gives gets the one it gives, and is a problem of its cell. A formula whose cells
    are all blank is blank. One over sources that are gone, outside, changing or circular is noted.
    """
    waiting = {
        sheet.name: cells
        for sheet in book.sheets
        if _ours(book, sheet, codes) and (cells := list(_formulas(sheet)))
    }
    if not waiting:
        return book
    # Imported where formulas are: an inbox without any never loads the library.
    from consolidate.xlsx.calc.formula_values import Calculation

    result = Calculation(book).result
    sheets = tuple(
        _worked_out(sheet, waiting[sheet.name], result) if sheet.name in waiting else sheet
        for sheet in book.sheets
    )
    return replace(book, sheets=sheets)


def _ours(book: Workbook, sheet: Grid, codes: frozenset[str]) -> bool:
    if not sheet.facts.formulas:
        return False
    return sheet.text(0, 0) in codes or sheet.name in book.names.answered


def _formulas(sheet: Grid) -> Iterator[tuple[int, int]]:
    """Formulas in the rows of the table that have a number, or no value at all."""
    last = len(sheet.rows) - 1
    while last > 0 and not (sheet.rows[last] and sheet.rows[last][CODE_COLUMN]):
        last -= 1
    if last > 0 and sheet.rows[last][CODE_COLUMN] == OPEN_END:
        last -= 1  # The printed row of totals holds no answer.
    for cell, formula in sheet.facts.formulas.items():
        if last > 0 and cell[0] > last:
            continue
        known = cell in sheet.facts.no_value or type(sheet.get(*cell)) is float
        if known or formula.unsound:
            yield cell


def _worked_out(
    sheet: Grid,
    cells: list[tuple[int, int]],
    result_of: Callable[[str, int, int], Decimal | NotSupported | None],
) -> Grid:
    rows = [list(row) for row in sheet.rows]
    origins = dict(sheet.origins)
    done: set[tuple[int, int]] = set()
    unsound: dict[tuple[int, int], str] = {}
    for row, column in sorted(cells):
        result = result_of(sheet.name, row, column)
        if isinstance(result, NotSupported):
            if result.kind:
                unsound[row, column] = result.kind
            continue
        cached = sheet.get(row, column)
        if (row, column) in sheet.facts.no_value:
            done.add((row, column))
            problem = "" if result is None else "recalculated"
            raw = f"={shifted(sheet.facts.formulas[row, column], (row, column)) or ''}"
            origins[row, column] = CellOrigin(raw, "recalculated", problem)
            _put(rows, row, column, "" if result is None else float(result))
        elif isinstance(cached, float) and not _same(cached, result or Decimal(0)):
            origins[row, column] = CellOrigin(shortest(cached), "recalculated", "formula_differs")
            _put(rows, row, column, float(result or 0))
    no_value = sheet.facts.no_value - done
    facts = replace(sheet.facts, no_value=no_value, unsound=unsound)
    return replace(sheet, rows=rows, origins=origins, facts=facts)


def _same(cached: float, result: Decimal) -> bool:
    exact = decimal_of(cached)
    return abs(exact - result) <= _SAME * max(Decimal(1), abs(result))


def _put(rows: list[list[Cell]], row: int, column: int, value: Cell) -> None:
    while len(rows) <= row:
        rows.append([])
    rows[row].extend([""] * (column + 1 - len(rows[row])))
    rows[row][column] = value
