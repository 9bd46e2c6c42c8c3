"""Colour the forms by the sheet "Kiểm tra": red what is wrong, amber what is doubtful.

A helper cell per answer says its colour; a conditional format reads it through a defined name,
since Excel 2007 knows no conditional format that names another sheet. Required answers that are
still blank are coloured once half is filled in: a form that goes out blank would be all red.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from consolidate.model.reasons import Severity
from consolidate.templates.answer_cells import AnswerBlock, HelperCells, helper
from consolidate.templates.check_sheet.judging import CLASS
from consolidate.templates.check_sheet.problem_lines import BROKEN, ProblemLine
from consolidate.templates.inputs import address_of, ranges_of
from consolidate.xlsx.write.form_styles import DOUBT_COLOURS, ERROR_COLOURS

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

_COLOURS = {Severity.ERROR: 2, Severity.WARNING: 1}
_LOOKS = {Severity.ERROR: ERROR_COLOURS, Severity.WARNING: DOUBT_COLOURS}
_CLASSES = {Severity.ERROR: 2, Severity.WARNING: 3}
HALF_NAME = "_check.half"
"""Defined name of the helper cell that is 1 once at least half is filled in."""


def mark_forms(book: Workbook, blocks: Mapping[str, AnswerBlock]) -> None:
    """Add the conditional formats to the forms, and the names that they read."""
    formats = {
        severity: book.add_format({"font_color": ink, "bg_color": fill})
        for severity, (ink, fill) in _LOOKS.items()
    }
    forgotten = book.add_format({"bg_color": DOUBT_COLOURS[1]})
    for code, block in blocks.items():
        place = block.place
        book.define_name(f"_code.{code}", f"={block.codes()}")
        marks = block.span(block.marks, block.verdicts - 1)
        book.define_name(f"_mark.{code}", f"={marks}")
        row = f"ROW()-{place.first}"
        if place.open:
            row = f"ROW()-ROW(INDEX({place.frame},1,1))"
        at = f"{row},COLUMN()-{place.first_answer}"
        cells = [
            place.cell(element.code, column, row)
            for element, column, row in block.answers()
            if not place.open or place.first + row <= place.last
        ]
        ranges = ranges_of([(cell.row, cell.column) for cell in cells])
        blank = f"INT(INDEX(_code.{code},{at})/{CLASS})=1"
        looks = [(f"=AND({HALF_NAME}=1,{blank})", forgotten)]
        for severity, look in formats.items():
            kind = f"INT(INDEX(_code.{code},{at})/{CLASS})={_CLASSES[severity]}"
            mark = f"INDEX(_mark.{code},{at})={_COLOURS[severity]}"
            looks.append((f"=OR({kind},{mark})", look))
        for criteria, look in looks:
            options = {"type": "formula", "criteria": criteria, "format": look}
            if len(ranges) > 1:
                options["multi_range"] = address_of(ranges)
            place.sheet.conditional_format(*ranges[0], options)


def write_marks(
    cells: HelperCells, blocks: Mapping[str, AnswerBlock], lines: Sequence[tuple[str, ProblemLine]]
) -> None:
    """Write the colours that lines give; they come with the address of their sign."""
    sheets = {block.place.data_set.sheet: block for block in blocks.values()}
    found: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for sign, line in lines:
        colour = _COLOURS.get(line.severity, 0)
        if not colour:
            continue
        for cell in line.cells:
            now = colour if line.result.value == BROKEN else 0
            test = f'({sign}="{BROKEN}")*{colour}'
            found.setdefault(sheets[cell.sheet].mark_cell(cell), []).append((test, now))
        for column in line.marked:
            block = blocks[line.table]
            index = block.marks + block.place.answers.index(column)
            for at in range(block.count):
                now = colour if at in line.broken else 0
                test = f"({helper(block.top + at, line.verdicts)}=0)*{colour}"
                found.setdefault((block.top + at, index), []).append((test, now))
    for place, tests in found.items():
        formula = f"MAX({','.join(test for test, _ in tests)})"
        cells.write(*place, formula, max(now for _, now in tests))
