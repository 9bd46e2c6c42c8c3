"""Write input cells: unlocked, lightly filled, named, with a value if there is one.

What a cell takes and what Excel says about it is chosen here, too: input message, check, error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from consolidate.definitions.catalogue import text
from consolidate.intake.typed_text.dates_and_marks import MARK
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.data_values import CROSSED
from consolidate.model.datasets import DataElement, DataSet, ValueType
from consolidate.templates.live_formulas import LiveFigure, Value
from consolidate.xlsx.write.form_styles import (
    DATE_FORMAT,
    DECIMAL_FORMAT,
    INPUT_FILL,
    LINE_COLOUR,
    LOCKED_FILL,
    TEXT_FORMAT,
    YEAR_FORMAT,
    Styles,
    number_format,
)
from consolidate.xlsx.write.safe_text import cut_to

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

Cells = Sequence[tuple[int, int]]
"""Cells as zero-based (row, column)."""


def ranges_of(cells: Cells) -> list[tuple[int, int, int, int]]:
    """Group cells into rectangles one column wide (first row, column, last row, column)."""
    ranges: list[tuple[int, int, int, int]] = []
    for row, column in sorted(cells, key=lambda cell: (cell[1], cell[0])):
        if ranges and ranges[-1][1] == column and ranges[-1][2] == row - 1:
            ranges[-1] = (ranges[-1][0], column, row, column)
        else:
            ranges.append((row, column, row, column))
    return ranges


def address_of(ranges: Sequence[tuple[int, int, int, int]]) -> str:
    """Write rectangles as Excel lists them: ``E9:E12 E14``."""
    return " ".join(
        f"{column_letters(left)}{top + 1}"
        + ("" if (top, left) == (bottom, right) else f":{column_letters(right)}{bottom + 1}")
        for top, left, bottom, right in ranges
    )


def hide_trailing_point(sheet: Worksheet, styles: Styles, cells: Cells) -> None:
    """Show whole numbers in cells of format ``DECIMAL_FORMAT`` without their decimal point.

    A program that ignores the conditional format shows "5," and never a rounded figure.
    """
    if not cells:
        return
    ranges = ranges_of(cells)
    top, left = ranges[0][:2]
    cell = f"{column_letters(left)}{top + 1}"
    options = {
        "type": "formula",
        "criteria": f"=IF(ISNUMBER({cell}),{cell}=INT({cell}),FALSE)",
        "format": styles.whole_number,
    }
    if len(ranges) > 1:
        options["multi_range"] = address_of(ranges)
    sheet.conditional_format(*ranges[0], options)


def write_value(
    sheet: Worksheet,
    row: int,
    column: int,
    value: Value | LiveFigure | None,
    style: Any,
    date_style: Any,
) -> str:
    """Write a value as it was typed: text as text, number as number, day as day.

    Returns the text if it was one, else ``""``.
    """
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, LiveFigure):
        sheet.write_formula(row, column, value.formula, style, value.value)
    elif isinstance(value, str):
        shown = cut_to(value)  # What a unit gave earlier may be longer than a cell takes.
        sheet.write_string(row, column, shown, style)
        return shown
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, date_style)
    else:
        sheet.write_number(
            row, column, float(value) if isinstance(value, Decimal) else value, style
        )
    return ""


class Inputs:
    """Writes the input cells of one sheet; :meth:`finish` adds what Excel keeps per sheet."""

    def __init__(self, workbook: Workbook, sheet: Worksheet, styles: Styles, name: str) -> None:
        self._workbook = workbook
        self._sheet = sheet
        self._styles = styles
        self._name = name
        self._guided: dict[Guidance, list[tuple[int, int]]] = {}
        self._decimals: list[tuple[int, int]] = []
        self._texts: list[tuple[int, int]] = []

    def write(
        self,
        data_set: DataSet,
        element: DataElement,
        column: str,
        row: int,
        at: int,
        value: Value | LiveFigure | None,
        *,
        defined_name: str = "",
        choices: Sequence[str] = (),
        cover: bool = False,
        words: str = "",
    ) -> str:
        """Write the cell of an element and column of a data set at (``row``, ``at``).

        Returns the text written, ``""`` for a blank, number or date. ``defined_name`` names it;
        ``words`` are what a computed cell is worked out of.
        """
        guidance = guidance_of(data_set, element, column, choices=choices, cover=cover)
        computed = bool(words)
        if computed:
            guidance = Guidance("", "computed", words=words)
        self._guided.setdefault(guidance, []).append((row, at))
        answer = data_set.type_of(element, column)
        kind = ValueType.TEXT if element.pairs(column) else answer  # a/b is a text.
        shown = YEAR_FORMAT if cover and kind is ValueType.COUNT else number_format(kind)
        if shown == DECIMAL_FORMAT:
            self._decimals.append((row, at))
        look: dict[str, Any] = {"border": 1, "valign": "vcenter", "text_wrap": True}
        fill = LOCKED_FILL if computed else INPUT_FILL
        look |= {"bg_color": fill, "locked": computed, "num_format": shown}
        if data_set.narrative:
            look["valign"] = "top"
        if cover:
            look["align"] = "left"
        elif answer.numeric or answer in (ValueType.DATE, ValueType.MARK) or element.center:
            look["align"] = "center"
        style = self._styles.get(**look)
        dated = (
            self._styles.get(**{**look, "num_format": DATE_FORMAT})
            if isinstance(value, date)
            else style
        )
        if shown == TEXT_FORMAT or isinstance(value, str):
            self._texts.append((row, at))
        if defined_name:
            self.define(defined_name, (row, at), (row, at))
        return write_value(self._sheet, row, at, value, style, dated)

    def cross_out(self, row: int, at: int, defined_name: str) -> None:
        """Write the locked cell of a question that does not concern the unit."""
        style = self._styles.named("locked", align="center", font_color=LINE_COLOUR)
        self.define(defined_name, (row, at), (row, at))
        self._sheet.write_string(row, at, CROSSED, style)

    def define(self, name: str, first: tuple[int, int], last: tuple[int, int]) -> None:
        """Give the workbook-defined name to a rectangle of this sheet (corners included)."""
        sheet = CellRef(self._name, 0, 0).quoted.removesuffix("A1")
        ends = [f"${column_letters(column)}${row + 1}" for row, column in (first, last)]
        address = ends[0] if first == last else ":".join(ends)
        self._workbook.define_name(name, f"={sheet}{address}")

    def finish(self) -> None:
        """Add validations, number formats of whole numbers, and silence about numbers as text."""
        for guidance, cells in self._guided.items():
            ranges = ranges_of(cells)
            options = guidance.options(*ranges[0][:2])
            if len(ranges) > 1:
                options["other_cells"] = [list(rectangle) for rectangle in ranges[1:]]
            self._sheet.data_validation(*ranges[0], options)
        hide_trailing_point(self._sheet, self._styles, self._decimals)
        if self._texts:
            self._sheet.ignore_errors({"number_stored_as_text": address_of(ranges_of(self._texts))})


LONGEST_LIST = 255
"""Characters of a list of choices that Excel keeps, with the commas between them."""
_MESSAGE = 255
"""Characters of an input message that Excel keeps."""
FIRST_DAY = date(2000, 1, 1)
"""Earliest day that a date cell takes."""


@dataclass(frozen=True, slots=True)
class Guidance:
    """Check and message of a cell; cells with equal guidance share one validation.

    ``check`` is a key of ``template.error``, ``""`` for a cell that takes anything; ``hint`` is one
    of ``template.hint`` and ``template.hint_title``; ``words`` are what a cell is worked out of.
    """

    check: str
    hint: str
    least: Decimal | None = None
    most: Decimal | None = None
    choices: tuple[str, ...] = ()
    words: str = ""

    def options(self, row: int, column: int) -> dict[str, Any]:
        """Give XlsxWriter options of the validation; ``row`` and ``column`` are its first cell."""
        cell, hint = f"{column_letters(column)}{row + 1}", f"template.hint.{self.hint}"
        said = text(hint, words=self.words) if self.words else text(hint)
        options: dict[str, Any] = {
            "validate": "any",
            "input_title": text(f"template.hint_title.{self.hint}"),
            "input_message": cut_to(said, _MESSAGE),
        }
        if not self.check:
            return options
        bounds: dict[str, object] = {}
        match self.check:
            case "choice" | "mark":
                options |= {"validate": "list", "source": list(self.choices)}
            case "date":
                options |= {"validate": "date", "criteria": ">=", "value": FIRST_DAY}
            case "whole":
                least, most = int(self.least or 0), int(self.most or 0)
                options |= {"validate": "integer", "criteria": "between"}
                options |= {"minimum": least, "maximum": most}
                bounds = {"least": self.least, "most": self.most}
            case _:
                tests = [f"{cell}>={self.least}"] if self.least is not None else []
                tests += [f"{cell}=INT({cell})"] if self.check == "count" else []
                number = f"AND({','.join(tests)})" if tests else "TRUE"
                formula = f'=IF(ISNUMBER({cell}),{number},LOWER(TRIM({cell}))="x")'
                options |= {"validate": "custom", "value": formula}
        return options | {
            "error_title": text("template.error.title"),
            "error_type": "stop",
            "error_message": text(f"template.error.{self.check}", **bounds),
        }


def guidance_of(
    data_set: DataSet,
    element: DataElement,
    column: str,
    *,
    choices: Sequence[str] = (),
    cover: bool = False,
) -> Guidance:
    """Make the guidance of an input cell; ``choices`` replace those of the element.

    A number on the cover is a year or a counter: it takes no "x".
    """
    kind = data_set.type_of(element, column)
    own = kind is element.type and element.hint
    hint = element.hint if own else "narrative" if data_set.narrative else kind.value
    if data_set.narrative and element.shortest:
        return Guidance("", "narrative_least", words=str(element.shortest))
    if element.second and not element.pairs(column):
        hint = kind.value
    if element.pairs(column) or kind in (ValueType.PERCENTAGE, ValueType.TEXT):
        return Guidance("", hint)
    if kind is ValueType.CHOICE and len(",".join(element.choices)) > LONGEST_LIST:
        return Guidance("", "number_of_row")
    if kind is ValueType.CHOICE:
        return Guidance("choice", hint, choices=tuple(choices or element.choices))
    if kind is ValueType.MARK:
        return Guidance("mark", hint, choices=(MARK,))
    if kind is ValueType.DATE:
        return Guidance("date", hint)
    if cover:
        return Guidance("whole", hint, element.minimum, element.maximum)
    check = "count" if kind is ValueType.COUNT else "number"
    return Guidance(check, hint, element.minimum)
