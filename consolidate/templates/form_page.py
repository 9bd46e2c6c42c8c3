"""Lay out a printable sheet: merged lines, row heights, A4 page, page breaks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from consolidate.definitions.catalogue import text
from consolidate.templates.columns import SheetColumns
from consolidate.templates.live_formulas import (
    CoverCells,
    LiveText,
    echo_line,
    place_line,
    signatory_title_line,
)
from consolidate.xlsx.write.form_styles import FONT, TABLE_SIZE, TEXT_SIZE, Styles, put_mark
from consolidate.xlsx.write.text_sizes import lines_needed, row_height

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_A4 = (595.3, 841.9)
_INCH = 72.0
_FILL = 0.96
"""Share of a page that is planned: other programs may set rows a little higher."""
_SHRINK = 1.35
"""A form that needs at most so many pages is shrunk to one (12 points become 9.2 or more)."""
_NEAR = 6
"""A page that ends fewer rows than this before the signatures ends where we say."""
_PAPER_A4 = 9
_LONG = 40
"""A table of more rows keeps its heading in sight; a shorter one needs the room itself."""
_WITH_BLOCK = 4
"""Rows of a finished table that stay on a page with its signatures."""
_SHRUNK = (0.95, 0.92, 0.89)
"""Sizes that a finished table may be printed at, of the one that fills the width of the page.

LibreOffice sets columns up to three per cent wider than Excel.
"""


_PORTRAIT, _LANDSCAPE = (0.98, 0.59, 0.71, 0.75), (0.79, 0.71, 0.63, 0.67)
"""Margins of a page in inches: left, right, top, bottom."""


@dataclass(frozen=True, slots=True)
class PagePlan:
    """Rows that start a new page, or one page that the sheet is shrunk to fit.

    ``scale`` is the share of its size that the sheet is printed at.
    """

    breaks: tuple[int, ...] = ()
    one_page: bool = False
    scale: float = 1.0


def take_formulas_as_they_are(sheet: Any) -> None:
    """Let XlsxWriter write formulas without looking for functions newer than Excel 2010.

    The search takes longer than all the rest of a template; a test says that we use none.
    """
    if hasattr(sheet, "_prepare_formula"):
        sheet._prepare_formula = lambda formula, *_: formula.removeprefix("=")


def let_rows_grow(sheet: Any, rows: Collection[int]) -> None:
    """Let rows whose height is set grow as people type.

    XlsxWriter marks every height as set by hand, which Excel then keeps whatever is typed.
    """
    if not hasattr(sheet, "_xml_start_tag_unencoded"):
        return
    start = sheet._xml_start_tag_unencoded

    def started(tag: str, attributes: list[tuple[str, Any]]) -> None:
        if tag == "row" and attributes[0][1] - 1 in rows:
            attributes = [pair for pair in attributes if pair[0] != "customHeight"]
        start(tag, attributes)

    sheet._xml_start_tag_unencoded = started


INDENT = 9.0
"""Width in points of one step of indentation."""


class Page:
    """A worksheet with its styles and columns; remembers row heights to plan page breaks.

    ``inset`` is how many steps of indentation texts of its cells keep off the border.
    """

    def __init__(
        self, sheet: Worksheet, styles: Styles, columns: SheetColumns, *, inset: int = 0
    ) -> None:
        take_formulas_as_they_are(sheet)
        self.sheet = sheet
        self.styles = styles
        self.columns = columns
        self.inset = inset
        self.heights: dict[int, float] = {}
        for index, column in enumerate(columns.columns, columns.first):
            sheet.set_column(index, index, column.width)

    def set_height(self, row: int, points: float) -> None:
        """Fix the height of a row, in points."""
        self.heights[row] = points
        self.sheet.set_row(row, points)

    def write(self, row: int, column: int, content: str | LiveText, style: Any) -> None:
        """Write a text, or a formula with its cached value, into one cell."""
        if isinstance(content, LiveText):
            self.sheet.write_formula(row, column, content.formula, style, content.value)
        else:
            self.sheet.write_string(row, column, content, style)

    def merge(
        self,
        row: int,
        first: int,
        last: int,
        content: str | LiveText,
        style: Any,
        *,
        last_row: int | None = None,
    ) -> None:
        """Write into the cells ``first`` to ``last`` of a row (to ``last_row``) merged into one."""
        end = row if last_row is None else last_row
        if first != last or row != end:
            self.sheet.merge_range(row, first, end, last, "", style)
        self.write(row, first, content, style)

    def line(
        self,
        row: int,
        content: str | LiveText,
        style: Any,
        *,
        size: float,
        bold: bool = False,
        least: float = 0.0,
    ) -> None:
        """Write one merged line over all columns, as high as its text needs or ``least`` points."""
        first, last = self.columns.first, self.columns.last
        self.merge(row, first, last, content, style)
        lines = self.lines(content, first, last, size=size, bold=bold)
        self.set_height(row, max(least, row_height(lines, size)))

    def lines(
        self,
        content: str | LiveText,
        first: int,
        last: int,
        *,
        size: float = TABLE_SIZE,
        bold: bool = False,
    ) -> int:
        """Count the lines that a text takes over some columns (indexes, both included)."""
        shown = content.value if isinstance(content, LiveText) else content
        return lines_needed(shown, self.columns.span(first, last), size, bold=bold)

    def set_up(
        self,
        *,
        landscape: bool,
        first_row: int,
        last_row: int | None,
        footer: str,
        repeat: tuple[int, int] | None = None,
        plan: PagePlan | None = None,
        named: bool = False,
        mark: str = "",
    ) -> None:
        """Set A4, one page wide, page number below; ``repeat`` rows (both included) on every page.

        They stay in sight on the screen where the table is long.

        Without a ``last_row`` all that is ever written on the sheet is printed. A ``named`` sheet
        has its name below; any other is a form that is printed by itself. ``mark`` stands above.
        """
        sheet = self.sheet
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(_PAPER_A4)
        sheet.set_margins(*(_LANDSCAPE if landscape else _PORTRAIT))
        name = f'&L&"{FONT},Italic"&9&A' if named else ""
        if name or footer:
            sheet.set_footer(f'{name}&C&"{FONT},Regular"&11{footer}', {"margin": 0.35})
        put_mark(sheet, mark)
        if not named:  # A form is numbered from 1, and paper bears no fills.
            sheet.set_start_page(1)
            sheet.print_black_and_white()
        sheet.fit_to_pages(1, 1 if plan is not None and plan.one_page else 0)
        sheet.center_horizontally()
        sheet.hide_gridlines(2)
        if last_row is not None:
            sheet.print_area(first_row, self.columns.first, last_row, self.columns.last)
        if repeat is not None:
            sheet.repeat_rows(*repeat)
            if last_row is not None and last_row - repeat[1] > _LONG:
                sheet.freeze_panes(repeat[1] + 1, 0)
        if plan is not None and plan.breaks:
            sheet.set_h_pagebreaks(list(plan.breaks))

    def set_up_signed(
        self,
        *,
        landscape: bool,
        last_row: int,
        repeat: tuple[int, int],
        keep: Collection[int],
        block: int,
        mark: str,
    ) -> None:
        """Set A4 for a finished table: its own page numbers, none where it is a single page.

        The arguments are those of :meth:`plan_breaks` and :meth:`set_up`. The number of pages is
        written out: when a whole workbook is printed, programs count the pages of all its sheets.
        The scale is too: Excel does not keep page breaks of a sheet that is fitted.
        """
        plans = [
            self.plan_breaks(
                landscape=landscape,
                first_row=0,
                last_row=last_row,
                repeat=repeat,
                keep=keep,
                block=block,
                least=_WITH_BLOCK,
                shrunk=shrunk,
            )
            for shrunk in _SHRUNK
        ]
        # A little smaller where that saves a page.
        plan = min(plans, key=lambda plan: len(plan.breaks))
        pages = len(plan.breaks) + 1
        shown = text("template.page.of", pages=pages) if pages > 1 else ""
        self.set_up(
            landscape=landscape,
            first_row=0,
            last_row=last_row,
            footer=shown,
            repeat=repeat,
            plan=plan,
            mark=mark,
        )
        if not plan.one_page:
            self.sheet.set_print_scale(int(100 * plan.scale))

    def plan_breaks(
        self,
        *,
        landscape: bool,
        first_row: int,
        last_row: int,
        repeat: tuple[int, int],
        keep: Collection[int],
        block: int,
        default: float = 15.0,
        growing: bool = False,
        least: int = 2,
        shrunk: float = 1.0,
    ) -> PagePlan:
        """Choose where new pages start, so that no page ends badly.

        Args:
            landscape: whether the page is A4 landscape.
            first_row: first printed row.
            last_row: last printed row.
            repeat: first and last row of the table heading, printed again on every page.
            keep: rows that must not be the last of a page (headings).
            block: first row of the signatures, which stay whole.
            default: height in points of rows without a height of their own.
            growing: rows grow as people type. Only a break just before the signatures is planned
                then (others would be in the way), and the form never shrinks to one page.
            least: rows that stay with the signatures, above them.
            shrunk: how much smaller than the width of the page asks for.
        """
        left, right, top, bottom = _LANDSCAPE if landscape else _PORTRAIT
        wide, high = (_A4[1], _A4[0]) if landscape else _A4
        wide -= (left + right) * _INCH
        high -= (top + bottom) * _INCH
        columns = self.columns
        scale = min(1.0, wide / columns.span(columns.first, columns.last)) * shrunk
        room = high / scale * _FILL
        heights = [self.heights.get(row, default) for row in range(last_row + 1)]
        if not growing and room < sum(heights[first_row:]) <= room * _SHRINK:
            return PagePlan((), one_page=True, scale=scale)
        heading = sum(heights[repeat[0] : repeat[1] + 1])
        bound = set(keep) | set(range(repeat[0], repeat[1] + 1))
        bound |= set(range(block - least, last_row))
        breaks: list[int] = []
        used = 0.0
        start = row = first_row
        while row <= last_row:
            if used + heights[row] <= room or row == start:
                used += heights[row]
                row += 1
                continue
            cut = row
            while cut - 1 > start and cut - 1 in bound:
                cut -= 1
            if cut - 1 <= start:
                cut = row
            if not growing or cut >= block - _NEAR:
                breaks.append(cut)
            start = row = cut
            used = heading
        return PagePlan(tuple(breaks), scale=scale)


_TITLE_SIZE = 14
_GAP = 9.0


def write_heading(page: Page, top: int, unit: str | LiveText, *, form_code: str = "") -> int:
    """Write the name of the unit (left) beside the national motto (right); return the next row.

    ``unit`` is shown as given. A form code stands above, at the right.
    """
    columns, styles, row = page.columns, page.styles, top
    middle = columns.middle
    if form_code:
        page.merge(row, middle, columns.last, form_code, styles.named("form_code"))
        page.set_height(row, row_height(1, TEXT_SIZE))
        row += 1
    lines = max(2, page.lines(unit, columns.first, middle - 1, bold=True))
    name = styles.named("unit_name")
    page.merge(row, columns.first, middle - 1, unit, name, last_row=row + 2)
    page.merge(row, middle, columns.last, text("template.heading.state"), styles.named("motto"))
    motto = text("template.heading.motto")
    page.merge(row + 1, middle, columns.last, motto, styles.named("motto_underlined"))
    first, second = row_height(1, TABLE_SIZE), row_height(1, TEXT_SIZE)
    page.set_height(row, first)
    page.set_height(row + 1, second)
    page.set_height(
        row + 2, max(row_height(1, TABLE_SIZE), row_height(lines, TABLE_SIZE) - first - second)
    )
    return row + 3


_ATTACHED = 600.0
"""Points that "(Kèm theo Báo cáo số …)" takes with a long name, typed after its height is set."""


def write_title(
    page: Page,
    top: int,
    lines: Sequence[str],
    note: str | LiveText | None = None,
    attached: LiveText | None = None,
) -> int:
    """Write the bold centred title lines and the line in italics below; return the next row.

    The note, if there is one, stands in the row before the gap, which is the row returned minus
    two. The line about the report that the form is ``attached`` to stands in the gap.
    """
    row = top
    title = page.styles.named("title")
    for line in lines:
        page.line(row, line, title, size=_TITLE_SIZE, bold=True)
        row += 1
    if note is not None:
        page.line(row, note, page.styles.named("subtitle"), size=TEXT_SIZE)
        row += 1
    page.set_height(row, _GAP)
    if attached is not None:
        kept = ceil(_ATTACHED / page.columns.span(page.columns.first, page.columns.last))
        style, least = page.styles.named("subtitle", valign="top"), row_height(kept, TEXT_SIZE)
        page.line(row, attached, style, size=TEXT_SIZE, least=least)
    return row + 1


_TITLE_LINES = 2
"""Lines kept for a title, which is typed after the height of its row is set: "KT. GIÁM ĐỐC …"."""
_ROOM = 57.0
"""Height in points left for signature and seal."""


@dataclass(frozen=True, slots=True)
class SignatureTexts:
    """Texts of the block: left one title and name, right place and date, title and name."""

    place: str | LiveText
    left_title: str | LiveText
    left_name: str | LiveText
    right_title: str | LiveText
    right_name: str | LiveText


def signatures_of(cover: CoverCells) -> SignatureTexts:
    """Fill the signature block from the cover, ready to sign by hand while that is blank."""
    return SignatureTexts(
        place=place_line(cover),
        left_title=text("template.sign.officer"),
        left_name=echo_line(cover, "officer"),
        right_title=signatory_title_line(cover),
        right_name=echo_line(cover, "signatory"),
    )


def write_signatures(page: Page, top: int, texts: SignatureTexts) -> int:
    """Write the block, five rows from ``top`` on; return its last row."""
    columns, styles = page.columns, page.styles
    first, middle, last = columns.first, columns.middle, columns.last
    bold, note = styles.named("signature"), styles.named("signature_note")
    page.merge(top, middle, last, texts.place, styles.named("place"))
    page.set_height(top, row_height(1, TEXT_SIZE))
    typed = any(isinstance(title, LiveText) for title in (texts.left_title, texts.right_title))
    lines = _TITLE_LINES if typed else 1
    halves = ((first, middle - 1), (middle, last))
    titles, names = (texts.left_title, texts.right_title), (texts.left_name, texts.right_name)
    for (start, end), title in zip(halves, titles, strict=True):
        page.merge(top + 1, start, end, title, bold)
        lines = max(lines, page.lines(title, start, end, size=TEXT_SIZE, bold=True))
        page.merge(top + 2, start, end, text("template.sign.instruction"), note)
    page.set_height(top + 1, row_height(lines, TEXT_SIZE))
    page.set_height(top + 2, row_height(1, TABLE_SIZE))
    page.set_height(top + 3, _ROOM)
    lines = 1
    for (start, end), name in zip(halves, names, strict=True):
        page.merge(top + 4, start, end, name, bold)
        lines = max(lines, page.lines(name, start, end, size=TEXT_SIZE, bold=True))
    page.set_height(top + 4, row_height(lines, TEXT_SIZE))
    return top + 4
