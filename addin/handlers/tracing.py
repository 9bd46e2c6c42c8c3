"""The button "Truy nguồn ô này": from a figure of a summary to the cell of the unit's file."""

from __future__ import annotations

import xlwings as xw

from addin.books import opened
from addin.session import Refusal, Session, saved_path
from addin.sources import Place, find_source, parse_place, runs_nothing
from addin.summaries import unit_sheets
from addin.tables import find_header, last_row
from consolidate.definitions.catalogue import text
from consolidate.model.cells import parse_a1
from consolidate.model.returns import INSIDE
from consolidate.reports.matrix import CODE_ROW, FIRST_ROW, NAME_ROW, TOTAL_COLUMN


def trace_cell(session: Session) -> str | None:
    """Open the file that the selected figure came from, read-only, at its cell."""
    cell = session.cell()
    book = cell.sheet.book
    place = _place(book, cell)
    said = text("addin.trace.place", file=place.path, sheet=place.sheet, cell=place.cell)
    if place.raw:
        said = text("addin.trace.raw", place=said, raw=place.raw)
    summary = saved_path(book)
    if summary is None:
        raise Refusal(text("addin.trace.no_folder", place=said))
    source = find_source(summary.parent, place)
    if source is None and INSIDE in place.path:
        container, _, member = place.path.partition(INSIDE)
        raise Refusal(
            text("addin.trace.in_archive", place=said, container=container, member=member)
        )
    if source is None:
        raise Refusal(text("addin.trace.no_file", place=said))
    if not runs_nothing(source.path):
        raise Refusal(text("addin.trace.may_run", place=said, path=source.path))
    if not source.same and not session.ask(text("addin.trace.changed", place=said)):
        return None
    book = opened(session, source.path, read_only=True)
    try:
        sheet = book.sheets[place.sheet]
        sheet.activate()
        sheet.range(place.cell).select()
    except Exception:  # Excel's own errors, which xlwings passes on as they are
        raise Refusal(text("addin.trace.no_cell", place=said)) from None
    return said


def _place(book: xw.Book, cell: xw.Range) -> Place:
    names = {sheet.name for sheet in book.sheets}
    here = cell.sheet.name
    for pair in unit_sheets():
        if here in (pair.by_unit, pair.trace) and pair.trace in names:
            return _traced(book.sheets[pair.trace], cell.row, cell.column)
    if here == text("summary.sheet.findings"):
        return _listed(book, cell.row)
    raise Refusal(text("addin.trace.elsewhere"))


def _traced(trace: xw.Sheet, row: int, column: int) -> Place:
    """The place that the trace sheet gives at an address (one-based)."""
    said = trace.range((row, column)).value
    if row <= FIRST_ROW or column <= TOTAL_COLUMN:
        raise Refusal(text("addin.trace.elsewhere"))
    if said is None:
        raise Refusal(text("addin.trace.blank"))
    parsed = parse_place(str(said))
    if parsed is None:
        raise Refusal(text("addin.trace.sum", said=said))
    named = str(trace.range((NAME_ROW + 1, column)).value or "")
    digest = trace.range((CODE_ROW + 1, column)).value
    sheet, at, raw = parsed
    return Place(named.rpartition("\n")[2], sheet, at, str(digest or ""), raw)


def _listed(book: xw.Book, row: int) -> Place:
    """The place of a finding on a row of the list of findings."""
    sheet = book.sheets[text("summary.sheet.findings")]
    head, columns = _columns(sheet, ("file", "sheet", "cell"), "findings")
    if row <= head:
        raise Refusal(text("addin.trace.elsewhere"))
    file, where, cells = (str(sheet.range((row, column)).value or "") for column in columns)
    at = cells.replace(":", ",").split(",")[0].strip()
    if not file or not where or parse_a1(at) is None:
        raise Refusal(text("addin.trace.whole_file", file=file))
    return Place(file, where, at, _digest_of(book, file))


def _digest_of(book: xw.Book, file: str) -> str:
    name = text("summary.sheet.files")
    if name not in {sheet.name for sheet in book.sheets}:
        return ""
    sheet = book.sheets[name]
    head, (file_column, digest_column) = _columns(sheet, ("file", "sha256"), "files")
    for row in range(head + 1, last_row(sheet) + 1):
        if sheet.range((row, file_column)).value == file:
            return str(sheet.range((row, digest_column)).value or "")
    return ""


def _columns(sheet: xw.Sheet, keys: tuple[str, ...], part: str) -> tuple[int, list[int]]:
    """Row of the header of a list, and the columns of some of its titles (one-based)."""
    found = find_header(sheet, [text(f"summary.{part}.{key}") for key in keys])
    if found is None:
        raise Refusal(text("addin.trace.elsewhere"))
    return found
