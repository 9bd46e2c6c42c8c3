"""Lay out an official table as the circular prints it: head, title, signatures, paper.

The sheet of the summary and that of the workbook which is signed are painted here alike. What is
for the officer stands to the right of the page: how many of the units that owe the form stand in a
figure and why the others do not; which rule of the form the totals contradict, and whose figures
are behind that. None of it is in the print area, and nothing wraps: rows keep their heights.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.cells import CellRef
from consolidate.model.datasets import DataSet, Shape
from consolidate.model.reasons import Severity
from consolidate.reports.captions import caption, figure_caption, in_sentence
from consolidate.reports.letterhead import Authority, authority_of
from consolidate.reports.summary_book import Book
from consolidate.reports.summary_sheets import stamp
from consolidate.rollup.completeness import Shown, answered, reach_of_table
from consolidate.rollup.result import MergeResult
from consolidate.rollup.totals import DataSetTable, Figure
from consolidate.rollup.units_in_totals import Division
from consolidate.templates.columns import SheetColumns
from consolidate.templates.form_page import Page, SignatureTexts, write_signatures, write_title
from consolidate.templates.live_formulas import attached_by_hand, quarter_line
from consolidate.xlsx.write.form_styles import SMALL_SIZE, TABLE_SIZE, TEXT_SIZE
from consolidate.xlsx.write.safe_text import clean, clean_whole, internal
from consolidate.xlsx.write.text_sizes import lines_needed, row_height, text_width

_GAP = 9.0


def official_page(book: Book, name: str, columns: SheetColumns) -> Page:
    """Add the sheet of an official table, with the looks of what is signed."""
    return Page(book.sheets[name], book.signed, columns, inset=1)


def authority_for(book: Book, data_set: DataSet) -> Authority:
    """Find the authority that signs a table: the one that its pack sends returns to."""
    template = book.library.template_by_code[data_set.template]
    signatories = book.result.roster.signatories if book.result.roster is not None else ()
    return authority_of(clean(template.recipient), clean(book.result.province), signatories)


def official_head(book: Book, page: Page, table: DataSetTable) -> int:
    """Write heading and title lines of an official table of the province; return the next row.

    Number and day of the province's report are left to be written by hand.
    """
    data_set = table.data_set
    layout, authority = data_set.layout, authority_for(book, data_set)
    row = _authority(page, authority, "" if layout.appendix else layout.form_code)
    said = [quarter_line(table.window) if layout.window else table.period.label]
    titles = layout.title or (data_set.title,)
    if layout.appendix:
        of_period = f"{layout.appendix} {in_sentence(table.period)}"
        titles = (layout.form_code.upper(), of_period, *titles)
        said = said if layout.window else []
    return write_title(page, row, titles, "\n".join((*said, attached_by_hand(authority.name))))


def _authority(page: Page, authority: Authority, form_code: str) -> int:
    """Write the authority beside the national motto, under the code of the form."""
    columns, styles, row = page.columns, page.styles, 0
    first, middle, last = columns.first, columns.middle, columns.last
    if form_code:
        page.merge(row, middle, last, form_code, styles.named("form_code"))
        page.set_height(row, row_height(1, TEXT_SIZE))
        row += 1
    room = columns.span(first, middle - 1)
    for name, said, motto, look, valign, size in (
        ("superior", authority.superior, "state", "motto", "bottom", TABLE_SIZE),
        ("agency", authority.name.upper(), "motto", "motto_underlined", "top", TEXT_SIZE),
    ):
        page.merge(row, first, middle - 1, said, styles.named(name))
        right = styles.named(look, valign=valign)
        page.merge(row, middle, last, text(f"template.heading.{motto}"), right)
        lines = lines_needed(said, room, TABLE_SIZE, bold=name == "agency")
        page.set_height(row, max(row_height(lines, TABLE_SIZE), row_height(1, size)))
        row += 1
    page.merge(row, first, middle - 1, text("summary.official.rule"), styles.named("rule"))
    page.set_height(row, _GAP)
    return row + 1


def finish(
    book: Book,
    page: Page,
    last: int,
    table: DataSetTable,
    header: tuple[int, int],
    headings: Collection[int] = (),
) -> None:
    """Write the signatures below the table and set up the paper.

    Pages are counted for this table alone; ``last`` is the last row of it, ``header`` the first and
    last row of its heading. In the summary the way back to the overview stands below the page.
    """
    data_set = table.data_set
    authority = authority_for(book, data_set)
    page.set_height(last + 1, _GAP)
    end = write_signatures(
        page,
        last + 2,
        SignatureTexts(
            place=f"{authority.place}{text('template.sign.date_blank')}",
            left_title=text("template.sign.officer"),
            left_name=clean(authority.officer),
            right_title=clean_whole(authority.chief),
            right_name=clean(authority.signatory),
        ),
    )
    page.set_up_signed(
        landscape=data_set.layout.landscape,
        last_row=end,
        repeat=header,
        keep=headings,
        block=last + 1,
        mark=book.result.secrecy.label,
    )
    page.sheet.freeze_panes(header[1] + 1, 0)
    if book.live:
        target = internal(CellRef(book.plan.overview, 0, 0))
        book.link(page.sheet, end + 2, page.columns.first, target, text("summary.back"), "small")


_BETWEEN = " · "
_COUNTS = ("extra", "blank", "crossed", "unreadable", "lacking", "held", "absent", "erring")
"""Numbers of units that are told of a figure, in this order."""
_GAP_WIDTH, _TOLD_WIDTH = 2.0, 60.0
_POINTS = 5.0
"""Points of a character of the width of a column, a little less than there are."""


def answered_line(table: DataSetTable, figure: Figure) -> str:
    """Count the units of a figure: ``2/5 đơn vị · 1 trống · 1 x · 1 không đọc được``."""
    counted = answered(table, figure)
    if counted.shown is Shown.NOT_ASKED:
        return text("summary.answered.not_asked")
    key = "open" if counted.expected is None else "counted"
    numbers = {"reported": counted.reported, "expected": counted.expected}
    told = [text(f"summary.answered.{key}", **numbers)]
    if figure.given_by:
        names = [i.unit.name for i in table.contributions if i.unit.code == figure.given_by]
        told = [text("summary.answered.given", unit=names[0] if names else figure.given_by)]
    for name in _COUNTS:
        count = getattr(counted, name)
        if count:
            listed = name == "lacking" and table.data_set.shape is Shape.OPEN
            key = "no_row" if listed else name
            told.append(text(f"summary.answered.{key}", count=count))
    return _BETWEEN.join(told)


def marks_of(
    result: MergeResult, table: DataSetTable
) -> Mapping[tuple[str, str, Division | None], Severity]:
    """Find the worst that rules say of totals of a table, by element, column and division."""
    found: dict[tuple[str, str, Division | None], Severity] = {}
    for item in result.contradictions:
        for data_set, element, column in item.figures:
            key = (element, column, item.division)
            if data_set == table.data_set.code and item.open:
                worst = min(found.get(key, item.severity), item.severity, key=lambda s: s.rank)
                found[key] = worst
    return found


def write_beside(
    book: Book,
    page: Page,
    table: DataSetTable,
    rows: Mapping[int, Sequence[Figure]],
    head: int,
    at: int,
) -> None:
    """Write the notes on the figures of each row to the right of the page.

    ``head`` is the row of the headings, ``at`` the first free column.
    """
    counts = {row: _joined(table, figures) for row, figures in rows.items()}
    told = _told(book, table, rows)
    small = book.look.of("small", "italic")
    title = text("summary.answered.title")
    book.put(page.sheet, head, at, title, small)
    if told:
        book.put(page.sheet, head, at + 1, text("summary.contradiction.title"), small)
    for row, figures in rows.items():
        for figure in figures:
            place = page.columns.positions.get(figure.column or figure.element.code, at)
            key = (figure.data_set, figure.element.code, figure.column)
            book.figures[key] = CellRef(page.sheet.name, row, place)
    for row, line in counts.items():
        book.put(page.sheet, row, at, line, small)
    for row, (severity, lines) in told.items():
        book.put(page.sheet, row, at + 1, " ".join(lines), book.look.of("small", severity.value))
    widest = max(text_width(line, SMALL_SIZE) for line in (title, *counts.values()))
    page.sheet.set_column(at + 1, at + 1, _TOLD_WIDTH)
    page.sheet.set_column(at, at, min(250.0, widest / _POINTS + 3))


def write_notes_beside(
    book: Book, page: Page, table: DataSetTable, at: int, head: int, more: Sequence[str] = ()
) -> None:
    """Write what the officer has to know of a table to the right of its head, above row ``head``.

    That units are missing stands first. One note stands in each row, what there are no more rows
    for in the last. The table is marked there as ours, so that it is never read as a return of a
    unit.
    """
    gap = page.columns.last + 1
    page.sheet.set_column(gap, gap, _GAP_WIDTH)
    book.sign(page.sheet, 0, gap)
    lines = [text("summary.official.not_printed"), stamp(table)]
    if table.data_set.layout.window and table.window is None:
        lines.append(text("summary.official.no_window"))
    lines += filter(None, more)
    counted = reach_of_table(table)
    lacking = (counted.expected or 0) - counted.received
    if lacking > 0:
        warning = text("summary.official.incomplete", count=lacking, stamp=stamp(table))
        lines.insert(0, warning)
    room = max(1, head) - 1
    for row, line in enumerate([*lines[:room], " ".join(lines[room:])]):
        strong = ("red", "bold") if lacking > 0 and not row else ("italic",)
        book.put(page.sheet, row, at, line, book.look.of("small", *strong))


def _joined(table: DataSetTable, figures: Sequence[Figure]) -> str:
    """One line for the figures of a row; what only some of them have stands behind their names."""
    lines = [answered_line(table, figure) for figure in figures]
    if len(set(lines)) == 1:
        return lines[0]
    common = list({line.partition(_BETWEEN)[0] for line in lines})
    if len(common) == 1:
        lines = [line.partition(_BETWEEN)[2] for line in lines]
    else:
        common = []
    told = (
        text("summary.answered.of", name=_name(table, figure), line=line)
        for figure, line in zip(figures, lines, strict=True)
        if line
    )
    return "; ".join((*common, *told))


def _name(table: DataSetTable, figure: Figure) -> str:
    data_set, element = table.data_set, figure.element
    if element.second and figure.column == element.second:
        return element.second_label
    if figure.column in data_set.column_by_code:
        return data_set.column_by_code[figure.column].label
    return figure_caption(data_set, element, figure.column)


def _told(
    book: Book, table: DataSetTable, rows: Mapping[int, Sequence[Figure]]
) -> dict[int, tuple[Severity, list[str]]]:
    """What the totals of a row contradict: whole at its first figure, elsewhere where it is."""
    code = table.data_set.code
    row_of = {(figure.element.code, figure.column): row for row in rows for figure in rows[row]}
    found: dict[int, tuple[Severity, list[str]]] = {}
    for item in book.result.contradicted:
        placed = [row_of[key[1:]] for key in item.figures if key[0] == code and key[1:] in row_of]
        for row in dict.fromkeys(placed):
            line = sentence(item.told)
            if row != placed[0]:
                name = caption(book.library, *item.figures[0])
                line = text("summary.contradiction.see", caption=name)
            severity, lines = found.get(row, (item.severity, []))
            severity = min(severity, item.severity, key=lambda known: known.rank)
            if line not in lines:
                lines.append(line)
            found[row] = severity, lines
    return found
