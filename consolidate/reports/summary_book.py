"""Hold the workbook being written: sheets, formats, links, and safe ways to fill cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from consolidate.definitions.catalogue import text
from consolidate.model.anchors import SUMMARY_SIGNATURE
from consolidate.model.cells import CellRef
from consolidate.model.corrections import ADJUSTED
from consolidate.model.data_values import DataValue, FigureKey, ValueStatus
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.reasons import Severity
from consolidate.model.returns import ReturnRecord
from consolidate.reports.summary_sheets import Plan
from consolidate.rollup.result import MergeResult
from consolidate.rollup.totals import Contribution
from consolidate.xlsx.write.form_styles import (
    FONT,
    HIGHEST,
    LIST_SIZE,
    SMALL_SIZE,
    TITLE_SIZE,
    Styles,
    number_trait,
    put_mark,
)
from consolidate.xlsx.write.safe_text import LINK_LIMIT, clean, file_link, has_cells, internal
from consolidate.xlsx.write.streamed_workbook import Content, LinkedSheet
from consolidate.xlsx.write.text_sizes import column_points, lines_needed, row_height

PRINTED_ROWS = 500
"""A longer list is for the screen: of it only the head goes on paper, with how to print a part."""


@dataclass(slots=True)
class Book:
    """A summary on its way to the file.

    ``places`` maps a cell of a file to the cell that shows it in this workbook, for cells that a
    finding speaks of; the by-unit sheets fill it and the list of findings reads it. ``on_screen``
    names the sheets that are too large for paper, each with what the overview says of it.
    ``figures`` are the cells of the official sheets by data set, element and column. ``signed`` are
    the looks of those. A workbook that is not ``live`` holds values where the other one has
    formulas on other sheets, and no links.
    """

    workbook: Workbook
    result: MergeResult
    library: Library
    plan: Plan
    inbox_link: str | None
    look: Styles
    signed: Styles
    sheets: Mapping[str, LinkedSheet]
    live: bool = True
    places: dict[tuple[str, CellRef], CellRef] = field(default_factory=dict)
    on_screen: dict[str, str] = field(default_factory=dict)
    figures: dict[FigureKey, CellRef] = field(default_factory=dict)
    _links: dict[str, int] = field(default_factory=dict)

    def put(self, sheet: Worksheet, row: int, column: int, value: str, look: Format) -> None:
        """Write text as text, never as a formula; an empty one leaves a formatted blank."""
        if value:
            sheet.write_string(row, column, clean(value), look)
        else:
            sheet.write_blank(row, column, None, look)

    def link(
        self, sheet: Worksheet, row: int, column: int, target: str | None, value: str, *traits: str
    ) -> None:
        """Write text with a link; as plain text when there is no target or no room for a link."""
        if target is None or not value or not self.room_for(sheet, 1):
            self.put(sheet, row, column, value, self.look.of(*traits))
            return
        sheet.write_url(row, column, target, self.look.of(*traits, "link"), clean(value))

    def lead(self, sheet: LinkedSheet, row: int, column: int, cell: CellRef) -> None:
        """Let a cell lead to another of this workbook, if there is room for one more link.

        A cell that says nothing leads nowhere: some programs would take the link for its text.
        """
        if self.room_for(sheet, 1):
            sheet.lead(row, column, cell)

    def room_for(self, sheet: Worksheet, links: int) -> int:
        """Ask how many of some more links a sheet takes, which are counted then."""
        before = self._links.get(sheet.name, 0)
        self._links[sheet.name] = before + links
        return max(0, min(links, LINK_LIMIT - before))

    def file_target(self, record: ReturnRecord, cell: CellRef | None = None) -> str | None:
        """Link to a file that was read as a report; other files of the inbox are not linked.

        A file in an archive or a mail cannot be linked to: the link opens what it lies in. Only
        workbooks have cells to go to.
        """
        if record.content is None:
            return None
        return file_link(self.inbox_link, record.path, cell if has_cells(record) else None)

    def heading(
        self,
        sheet: Worksheet,
        lines: Sequence[str],
        stamp: str,
        *,
        widths: Sequence[float],
        hint: str = "",
        left: bool = False,
    ) -> int:
        """Write title lines, the stamp, the way back and a hint; return the first free row.

        They take as many columns from the first on as there are ``widths`` (in characters). A
        sheet of several pages side by side gives those that are printed on each, and ``left``.
        """
        room = sum(column_points(width) for width in widths)
        side = "left" if left else "center"
        last = len(widths) - 1
        target = internal(CellRef(self.plan.overview, 0, 0))
        self.link(sheet, len(lines) + 1, 0, target, text("summary.back"), "small")
        self.sign(sheet, len(lines) + 1, last)
        said: list[tuple[int, str, tuple[str, ...], int]] = [
            (row, line, ("title", side), TITLE_SIZE) for row, line in enumerate(lines)
        ]
        said.append((len(lines), stamp, ("italic", "line", side), LIST_SIZE))
        if hint:
            said.append((len(lines) + 2, hint, ("italic", "small", "line", "left"), SMALL_SIZE))
        for row, line, traits, size in said:
            look = self.look.of(*traits)
            sheet.merge_range(row, 0, row, last, "", look)
            self.put(sheet, row, 0, line, look)
            count = lines_needed(clean(line), room, size, bold=size == TITLE_SIZE)
            sheet.set_row(row, min(HIGHEST, row_height(count, size)))
        return len(lines) + (3 if hint else 2)

    def subtitle(self, period: Period) -> str:
        """Word the line below the title of a sheet: whose figures of which period."""
        province = self.result.province or text("summary.total")
        return text("summary.province_period", province=province, period=period.label)

    def sign(self, sheet: Worksheet, row: int, column: int) -> None:
        """Mark a sheet with figures as ours, so that it is never read as a return of a unit."""
        self.put(sheet, row, column, SUMMARY_SIGNATURE, self.look.of("small", "unseen"))

    def paper(self, sheet: Worksheet, *, landscape: bool) -> None:
        """Set A4 with the margins of official documents and the page number in the footer."""
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.set_margins(left=0.6, right=0.4, top=0.6, bottom=0.6)
        sheet.set_footer(
            f'&L&"{FONT},Italic"&9&A&R&"{FONT},Italic"&9{text("summary.page")}', {"margin": 0.3}
        )
        put_mark(sheet, self.result.secrecy.label)
        sheet.hide_gridlines(2)

    def printed(self, name: str, hint: str, count: int = PRINTED_ROWS + 1) -> tuple[str, bool]:
        """Give the hint of a sheet, and ask whether its ``count`` rows are printed with the book.

        A hint of a sheet that does not says how a part of it is printed.
        """
        if count <= PRINTED_ROWS:
            return hint, True
        self.on_screen[name] = text("summary.on_screen.is_list")
        return " ".join(part for part in (hint, text("summary.on_screen.list")) if part), False


def sum_of(cells: str, crossed: int = 0) -> str:
    """Write a sum as a formula that stays blank without any number: blank is not zero.

    ``cells`` are one range or several with commas between. With ``crossed`` it is x where so many
    of the cells are x and none is a number.
    """
    nothing = '""'
    if crossed:
        x = text("summary.not_applicable")
        counted = "+".join(f'COUNTIF({part},"{x}")' for part in cells.split(","))
        nothing = f'IF({counted}={crossed},"{x}","")'
    return f"=IF(COUNT({cells})=0,{nothing},SUM({cells}))"


def cached(number: Decimal | None) -> float | str:
    """Give the value of a formula as we have computed it ourselves; a blank for no number."""
    return float(number) if number is not None else ""


def cells_told(items: Iterable[Contribution]) -> dict[str, set[CellRef]]:
    """List the cells that findings speak of, by the name of the file."""
    return {
        item.record.name: {cell for finding in item.record.findings for cell in finding.cells}
        for item in items
    }


def severity_marks(record: ReturnRecord) -> dict[CellRef, Severity]:
    """List cells of a file that an error or a warning is about, each with the worse."""
    marks: dict[CellRef, Severity] = {}
    for finding in record.findings:
        if finding.severity is Severity.INFO:
            continue
        for cell in finding.cells:
            if marks.get(cell) is not Severity.ERROR:
                marks[cell] = finding.severity
    return marks


class FigureCells:
    """Makes the cells of figures of units; what says the same is made once."""

    def __init__(self, book: Book, sheet: LinkedSheet) -> None:
        self._look = book.look
        self._sheet = sheet
        self._known: dict[Decimal | ValueStatus, str] = {}
        self._x = text("summary.not_applicable")

    def made(self, value: DataValue | None, mark: Severity | None) -> str:
        """Make the cell of a figure, without its address; ``None``: the form has no such cell."""
        if value is None or mark is not None or value.normalisation:
            return self._sheet.made(*self._shown(value, mark))
        number = value.number
        says = number if number is not None else value.status
        if says is ValueStatus.INVALID or says is ValueStatus.HELD:
            return self._sheet.made(*self._shown(value, mark))
        made = self._known.get(says)
        if made is None:
            made = self._known[says] = self._sheet.made(*self._shown(value, mark))
        return made

    def _shown(self, value: DataValue | None, mark: Severity | None) -> tuple[Content, Format]:
        """Choose what a cell says of a figure and its look."""
        look = self._look.of
        if value is None:
            return None, look("cell", "absent")
        used = value.used
        more = () if mark is None else (mark.value,)
        if ADJUSTED in value.normalisation:
            more = (*more, ADJUSTED)
        if isinstance(used, Decimal):
            return float(used), look("cell", "right", number_trait(used), *more)
        if value.status is ValueStatus.MISSING:
            return None, look("cell", "blank", *more)
        if value.status is ValueStatus.NOT_APPLICABLE:
            return self._x, look("cell", "center", *more)
        return clean(value.raw) or None, look("cell", "red", "small", "center", *more)
