"""Write the sheet "Tổng quan": a page that is read in a minute, then what is behind it."""

from __future__ import annotations

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.reports.at_a_glance import key_rows, waiting
from consolidate.reports.overview_charts import write_charts
from consolidate.reports.overview_figures import write_key_figures
from consolidate.reports.overview_page import LAST, OverviewPage, room
from consolidate.reports.overview_received import (
    write_by_template,
    write_counts,
    write_received,
    write_title,
)
from consolidate.reports.overview_waiting import write_open, write_waiting
from consolidate.reports.plan_sheet import plan_stamp
from consolidate.reports.summary_book import Book
from consolidate.xlsx.write.form_styles import LIST_SIZE
from consolidate.xlsx.write.measure import lines_needed, row_height
from consolidate.xlsx.write.safe_text import internal


def write_overview(book: Book) -> None:
    """Fill the overview; the sheets it speaks of are already in the workbook."""
    page, rows, lines = OverviewPage(book), key_rows(book.result), waiting(book.result)
    page.block()
    write_title(page)
    write_key_figures(page, rows)
    write_received(page)
    opened = write_open(page, lines)
    write_charts(page, rows)
    page.block()
    _contents(page)
    _legend(page)
    page.block()
    write_by_template(page)
    write_counts(page)
    opened(write_waiting(page, lines))
    page.close()


def _contents(page: OverviewPage) -> None:
    book = page.book
    page.chapter(text("summary.contents.title"))
    page.heads([text(f"summary.contents.{key}") for key in ("number", "sheet", "about")])
    page.stretch(page.row - 1, 2, text("summary.contents.about"), "head")
    about = _about(book)
    for number, name in enumerate(list(book.plan.names())[1:], 1):
        page.sheet.write_number(page.row, 0, number, book.look.of("cell", "center"))
        target = internal(CellRef(name, 0, 0))
        book.link(page.sheet, page.row, 1, target, name, "cell")
        page.stretch(page.row, 2, about[name], "cell")
        lines = lines_needed(about[name], room(2, LAST), LIST_SIZE)
        page.high(page.row, max(17.25, row_height(lines, LIST_SIZE)))
        page.row += 1


def _legend(page: OverviewPage) -> None:
    page.chapter(text("summary.legend.title"))
    for key in ("flow", "trace", "counted", "beside", "ratio", "colours"):
        page.line(f"– {text(f'summary.legend.{key}')}", "line")


def _about(book: Book) -> dict[str, str]:
    """What each sheet is for, by its name."""
    about = {
        book.plan.findings: text("summary.contents.findings"),
        book.plan.files: text("summary.contents.files"),
        book.plan.normalised: text("summary.contents.normalised"),
    }
    if book.plan.changes:
        about[book.plan.changes] = text("summary.contents.changes")
    if book.plan.tasks:
        about[book.plan.tasks] = plan_stamp(book.result)
    for part in book.plan.sets:
        title = part.table.data_set.short_title
        kind = "province" if part.by_unit else "list"
        if part.table.data_set.narrative:
            kind = "narrative"
        about[part.province] = text(f"summary.contents.{kind}", title=title)
        for key, name in (
            ("by_unit", part.by_unit),
            ("comparison", part.comparison),
            ("trace", part.trace),
            ("notes", part.notes),
            ("ranking", part.ranking),
            ("reviews", part.reviews),
        ):
            if name:
                about[name] = text(f"summary.contents.{key}", title=title)
    for name, note in book.on_screen.items():
        about[name] = text("summary.on_screen.contents", about=about[name], note=note)
    return about
