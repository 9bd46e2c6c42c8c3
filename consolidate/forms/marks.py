"""Colours on the forms: red what is wrong, amber what is doubtful, by the sheet "Kiểm tra".

A helper cell per answer says its colour; a conditional format reads it through a defined name,
since Excel 2007 knows no conditional format that names another sheet. Required answers that are
still blank are not coloured: a form that goes out blank would be all red.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from consolidate.forms.answer_cells import MARK, AnswerBlock
from consolidate.forms.codes import start_of
from consolidate.forms.inputs import address_of, ranges_of
from consolidate.forms.judging import CODE
from consolidate.forms.lines import BROKEN, Line
from consolidate.forms.places import FormPlace
from consolidate.forms.shared import Formulas
from consolidate.forms.styles import DOUBT_COLOURS, ERROR_COLOURS
from consolidate.model.anchors import LIVE_SHEET
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.findings import Severity

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

Cells = dict[tuple[int, int], list[tuple[int, Line]]]
"""Helper cells of colours with the lines that they depend on, and the rows of those lines."""
_COLOURS = {Severity.ERROR: 2, Severity.WARNING: 1}
_LOOKS = {Severity.ERROR: ERROR_COLOURS, Severity.WARNING: DOUBT_COLOURS}
_CLASSES = {Severity.ERROR: 2, Severity.WARNING: 3}
_RESULT = "D"


def mark_forms(book: Workbook, blocks: Mapping[str, AnswerBlock], lines: Iterable[Line]) -> None:
    """Add the conditional formats to the forms; ``lines`` say which cells lie in no table."""
    formats = {
        severity: book.add_format({"font_color": ink, "bg_color": fill})
        for severity, (ink, fill) in _LOOKS.items()
    }
    for block in blocks.values():
        place = block.place
        cells = _asked_cells(block)
        book.define_name(_name(block, CODE), f"={block.span(CODE)}")
        book.define_name(_name(block, MARK), f"={block.span(MARK)}")
        row = f"ROW()-{place.first}"
        if place.open:
            row = f"ROW()-ROW(INDEX({place.body},1,1))+1"
        at = f"{row},COLUMN()-{place.first_answer}"
        for severity, look in formats.items():
            kind = f"INT(INDEX({_name(block, CODE)},{at})/{start_of(1)})={_CLASSES[severity]}"
            mark = f"INDEX({_name(block, MARK)},{at})={_COLOURS[severity]}"
            _add(place, cells, f"=OR({kind},{mark})", look)
    sheets = {block.place.data_set.sheet: block for block in blocks.values()}
    for line in lines:
        for cell in line.cells:
            block = sheets[cell.sheet]
            if line.result_name and block.mark_cell(cell) is None:
                test = f'={line.result_name}="{BROKEN}"'
                _add(block.place, [(cell.row, cell.column)], test, formats[line.colour])


def write_marks(
    formulas: Formulas,
    blocks: Mapping[str, AnswerBlock],
    lines: Sequence[tuple[int, Line]],
) -> None:
    """Write the colours that lines give; they come with their row on the sheet "Kiểm tra"."""
    sheets = {block.place.data_set.sheet: block for block in blocks.values()}
    cells: Cells = {}
    for row, line in lines:
        if line.colour not in _COLOURS:
            continue
        for cell in line.cells:
            at = sheets[cell.sheet].mark_cell(cell)
            if at is not None:
                cells.setdefault(at, []).append((row, line))
    sheet = f"'{LIVE_SHEET}'!${_RESULT}$"
    for at, found in cells.items():
        tests = (
            f'({sheet}{row + 1}="{BROKEN}")*{_COLOURS[line.colour]}'
            + (f"*{line.about_cells.formula[1:]}" if line.about_cells else "")
            for row, line in found
        )
        broken = (
            _COLOURS[line.colour]
            for _, line in found
            if line.result.value == BROKEN and (not line.about_cells or line.about_cells.value)
        )
        formulas.write(*at, f"MAX({','.join(tests)})", None, max(broken, default=0))
    for block in blocks.values():
        _write_open(
            formulas, block, [line for _, line in lines if line.table == block.place.data_set.code]
        )


def _write_open(formulas: Formulas, block: AnswerBlock, lines: Sequence[Line]) -> None:
    """Colours row by row of an open table."""
    for index, column in enumerate(block.place.answers):
        marking = [line for line in lines if column in line.marked and line.colour in _COLOURS]
        if not marking:
            continue

        def formula(row: int, _: int, marking: Sequence[Line] = marking) -> str:
            tests = (
                f"(${column_letters(line.verdicts)}{row + 1}=0)*{_COLOURS[line.colour]}"
                for line in marking
            )
            return f"MAX({','.join(tests)})"

        def value(row: int, _: int, marking: Sequence[Line] = marking) -> int:
            broken = (_COLOURS[x.colour] for x in marking if row - block.top in x.broken)
            return max(broken, default=0)

        at = block.starts[MARK] + index
        formulas.fill([(row, at) for row in range(block.top, block.end)], formula, value)


def _add(place: FormPlace, cells: list[tuple[int, int]], test: str, look: object) -> None:
    ranges = ranges_of(cells)
    options = {"type": "formula", "criteria": test, "format": look}
    if len(ranges) > 1:
        options["multi_range"] = address_of(ranges)
    place.sheet.conditional_format(*ranges[0], options)


def _name(block: AnswerBlock, kind: str) -> str:
    return f"_{kind}.{block.place.data_set.code}"


def _asked_cells(block: AnswerBlock) -> list[tuple[int, int]]:
    place = block.place
    found: list[CellRef] = []
    for column in place.answers:
        for element in place.elements_of(column):
            if place.open and block.asked(element.code, column):
                found += [
                    place.cell(column, row=row) for row in range(place.last - place.first + 1)
                ]
            elif block.asked(element.code, column):
                found.append(place.cell(element.code, column))
    return [(cell.row, cell.column) for cell in found]
