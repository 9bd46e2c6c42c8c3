"""Colours on the forms: red what is wrong, amber what is doubtful, by the sheet "Kiểm tra".

Conditional formats of Excel 2007 and before cannot name another sheet; a defined name they can.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from consolidate.forms.answer_cells import AnswerBlock
from consolidate.forms.codes import start_of
from consolidate.forms.inputs import address_of, ranges_of
from consolidate.forms.judging import CODE
from consolidate.forms.lines import BROKEN, Line
from consolidate.forms.places import FormPlace
from consolidate.forms.styles import DOUBT_COLOURS, ERROR_COLOURS
from consolidate.model.cells import CellRef
from consolidate.model.findings import Severity

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

RESULTS = "_check.results"
"""Defined name of the column of signs of the sheet "Kiểm tra"."""


class Marks:
    """Adds the colours to the forms of one workbook; what comes first wins."""

    def __init__(self, book: Workbook, blocks: Iterable[AnswerBlock]) -> None:
        self._blocks = {block.place.data_set.sheet: block for block in blocks}
        self._formats = {
            severity: _format(book, *colours)
            for severity, colours in (
                (Severity.ERROR, ERROR_COLOURS),
                (Severity.WARNING, DOUBT_COLOURS),
            )
        }
        for block in self._blocks.values():
            book.define_name(_codes_name(block), f"={block.span(CODE)}")

    def mark_answers(self, severity: Severity) -> None:
        """Colour the answers that could not be read, or those that are doubtful."""
        kind = 2 if severity is Severity.ERROR else 3
        for block in self._blocks.values():
            cells = _asked_cells(block)
            if not cells:
                continue
            row = _row_formula(block.place)
            column = f"COLUMN()-{block.place.first_answer}"
            code = f"INDEX({_codes_name(block)},{row},{column})"
            test = f"=INT({code}/{start_of(1)})={kind}"
            self._add(block.place, cells, test, severity)

    def mark_lines(self, lines: Iterable[tuple[int, Line]], severity: Severity) -> None:
        """Colour the cells of lines that are broken; lines come with their row in the results."""
        for row, line in lines:
            if line.colour is not severity:
                continue
            for sheet in dict.fromkeys(cell.sheet for cell in line.cells):
                block = self._blocks[sheet]
                cells = [(cell.row, cell.column) for cell in line.cells if cell.sheet == sheet]
                test = f'=INDEX({RESULTS},{row})="{BROKEN}"'
                if line.rows_name:
                    test = f"=INDEX({line.rows_name},{_row_formula(block.place)})=0"
                    last = block.place.last
                    cells = [(at, column) for top, column in cells for at in range(top, last + 1)]
                self._add(block.place, cells, test, severity)

    def _add(
        self, place: FormPlace, cells: list[tuple[int, int]], test: str, severity: Severity
    ) -> None:
        ranges = ranges_of(cells)
        options = {"type": "formula", "criteria": test, "format": self._formats[severity]}
        if len(ranges) > 1:
            options["multi_range"] = address_of(ranges)
        place.sheet.conditional_format(*ranges[0], options)


def _codes_name(block: AnswerBlock) -> str:
    return f"_check.{block.place.data_set.code}"


def _row_formula(place: FormPlace) -> str:
    if place.open:
        return f"ROW()-ROW(INDEX({place.body},1,1))+1"
    return f"ROW()-{place.first}"


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


def _format(book: Workbook, ink: str, fill: str) -> Format:
    return book.add_format({"font_color": ink, "bg_color": fill})
