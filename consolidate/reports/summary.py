"""Write the workbooks of a merge: the summary of all that it knows, the tables that are signed."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from consolidate.definitions.catalogue import text
from consolidate.model.datasets import Shape
from consolidate.reports.by_unit import write_by_unit
from consolidate.reports.comparison_sheet import write_comparison
from consolidate.reports.findings_sheet import write_files, write_findings, write_normalised
from consolidate.reports.matrix import matrix
from consolidate.reports.open_and_narrative_sheets import write_list, write_narrative, write_notes
from consolidate.reports.overview_sheet import write_overview
from consolidate.reports.plan_and_ranking_sheets import write_plan, write_ranking
from consolidate.reports.province_sheet import write_province
from consolidate.reports.summary_book import Book
from consolidate.reports.summary_sheets import Plan, SetSheets, plan, shown_forms
from consolidate.reports.trace_sheet import write_trace
from consolidate.reports.unit_changes_sheet import write_changes
from consolidate.rollup.result import MergeResult
from consolidate.xlsx.write.atomic_files import UNSEALED, sealed, write_atomically
from consolidate.xlsx.write.form_styles import ACCENT, GREEN, GREY, RED, Styles, open_workbook
from consolidate.xlsx.write.streamed_workbook import LinkedSheet


def write_summary(result: MergeResult, path: Path, *, inbox_link: str | None) -> None:
    """Write the summary workbook, whole or not at all.

    Args:
        result: the merge to report.
        path: the file to write; an existing one is replaced.
        inbox_link: path of the inbox from the folder of ``path``, with forward slashes, for links
            to the files of units; ``None`` for no such links.

    Raises:
        OSError: the file cannot be written, for example because it is open in Excel.
    """
    enabled = gc.isenabled()
    gc.disable()  # It would walk tens of thousands of live cells every time.
    try:
        write_atomically(path, lambda stream: _write(result, inbox_link, stream))
    finally:
        if enabled:
            gc.enable()


def summary_bytes(result: MergeResult, *, inbox_link: str | None) -> bytes:
    """Write the summary workbook; equal results give equal bytes."""
    stream = BytesIO()
    _write(result, inbox_link, stream)
    return stream.getvalue()


def _write(result: MergeResult, inbox_link: str | None, stream: BinaryIO) -> None:
    sheets = plan(result)
    title = text("summary.title")
    book = _open_book(stream, result, title, sheets, sheets.names(), inbox_link=inbox_link)
    book.sheets[sheets.overview].set_tab_color(GREEN)
    book.sheets[sheets.findings].set_tab_color(RED)
    for part in sheets.sets:
        book.sheets[part.province].set_tab_color(ACCENT)
        if part.table.data_set.narrative:
            write_narrative(book, part)
            continue
        if not part.by_unit:
            write_list(book, part)
            continue
        layout = matrix(part.table, result.levels)
        write_by_unit(book, part, layout)
        write_province(book, part, layout)
        write_trace(book, part, layout)
        book.sheets[part.trace].set_tab_color(GREY)
        if part.comparison:
            write_comparison(book, part, layout)
        if part.notes:
            write_notes(book, part)
        if part.ranking:
            write_ranking(book, part)
    if sheets.tasks:
        write_plan(book)
    if sheets.changes:
        write_changes(book)
    write_findings(book)
    write_files(book)
    write_normalised(book)
    write_overview(book)
    book.workbook.close()


def _open_book(
    stream: BinaryIO,
    result: MergeResult,
    title: str,
    sheets: Plan,
    names: Iterable[str],
    *,
    inbox_link: str | None = None,
    live: bool = True,
) -> Book:
    """Begin a workbook about a merge, with its sheets in their order, still empty."""
    workbook = open_workbook(
        stream,
        quick=live,
        title=title,
        subject=text("summary.period", period=result.period.label),
        author=text("summary.author"),
    )
    return Book(
        workbook=workbook,
        result=result,
        library=result.library,
        plan=sheets,
        inbox_link=inbox_link,
        look=Styles(workbook),
        signed=Styles(workbook, signed=True),
        sheets={name: workbook.add_worksheet(name, LinkedSheet) for name in names},
        live=live,
    )


def official_bytes(result: MergeResult) -> bytes | None:
    """Write the official tables of the province as an .xlsx file.

    Sheets are named as in the templates. Reports in words are not among them: they are no tables.
    ``None`` when nobody owes or returned a table. Equal results give equal bytes. It tells later
    whether a person changed it
    (:func:`~consolidate.xlsx.write.atomic_files.write_unless_edited`).
    """
    tables = {table.data_set.code: table for table in result.tables}
    forms = [form for form in shown_forms(result) if not form.narrative]
    if not forms:
        return None
    sets = tuple(SetSheets(tables[form.code], province=form.sheet) for form in forms)
    stream, title = BytesIO(), text("summary.official.title")
    names = [part.province for part in sets]
    book = _open_book(stream, result, title, Plan("", sets, "", "", ""), names, live=False)
    book.workbook.set_custom_property("consolidate", f"consolidate:{UNSEALED}")
    for part in sets:
        if part.table.data_set.shape is Shape.OPEN:
            write_list(book, part)
        else:
            write_province(book, part)
    book.workbook.close()
    return sealed(stream.getvalue())
