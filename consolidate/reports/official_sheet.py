"""Lay out an official table as the circular prints it: head, title, signatures, paper.

The sheet of the summary and that of the workbook which is signed are painted here alike. What is
for the officer stands to the right of the page, out of the print area.
"""

from __future__ import annotations

from collections.abc import Collection

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.model.datasets import DataSet
from consolidate.reports.authority import Authority, authority_of
from consolidate.reports.captions import in_sentence
from consolidate.reports.summary_book import Book
from consolidate.reports.summary_sheets import stamp
from consolidate.rollup.complete import reach_of_table
from consolidate.rollup.totals import DataSetTable
from consolidate.templates.columns import SheetColumns
from consolidate.templates.form_page import Page, SignatureTexts, write_signatures, write_title
from consolidate.templates.live import attached_by_hand, quarter_line
from consolidate.xlsx.write.form_styles import TABLE_SIZE, TEXT_SIZE
from consolidate.xlsx.write.measure import lines_needed, row_height
from consolidate.xlsx.write.safe_text import clean, clean_whole
from consolidate.xlsx.write.source_links import internal

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
    for name, said, motto, size in (
        ("superior", authority.superior, "state", TABLE_SIZE),
        ("agency", authority.name.upper(), "motto", TEXT_SIZE),
    ):
        page.merge(row, first, middle - 1, said, styles.named(name))
        look = "motto_underlined" if motto == "motto" else "motto"
        valign = "bottom" if name == "superior" else "top"
        right = styles.named(look, valign=valign)
        page.merge(row, middle, last, text(f"template.heading.{motto}"), right)
        lines = lines_needed(said, room, TABLE_SIZE, bold=name == "agency")
        page.set_height(row, max(row_height(lines, TABLE_SIZE), row_height(1, size)))
        row += 1
    page.merge(row, first, middle - 1, text("summary.official.rule"), styles.named("rule"))
    page.set_height(row, _GAP)
    return row + 1


def warning_of(table: DataSetTable) -> str:
    """Say that units are missing from the totals of a table, ``""`` when none is."""
    counted = reach_of_table(table)
    if counted.expected is None or counted.received >= counted.expected:
        return ""
    missing = counted.expected - counted.received
    return text("summary.official.incomplete", count=missing, stamp=stamp(table))


def notes_of(table: DataSetTable) -> list[str]:
    """List what the officer has to know of a table before it is signed."""
    notes = [text("summary.official.not_printed"), stamp(table)]
    if table.data_set.layout.window and table.window is None:
        notes.append(text("summary.official.no_window"))
    return notes


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
