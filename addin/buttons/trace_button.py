"""The button "Truy nguồn ô này": from a figure of a summary to the cell of the unit's file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

import xlwings as xw

from addin.books import line_at, lines_below, opened
from addin.figure_sources import (
    FileKind,
    Place,
    beside,
    find_source,
    kind_of_bytes,
    kind_of_file,
    laid_out,
)
from addin.session import Session, saved_path
from addin.settings import own_workspace, read_settings
from addin.summaries import inboxes_in_workspace, unit_sheets
from consolidate.actions.workspaces import kept_bytes
from consolidate.definitions.catalogue import text
from consolidate.model.cells import column_letters, parse_a1
from consolidate.model.reasons import UserError, because, joined
from consolidate.model.returns import INSIDE
from consolidate.reports.captions import cell_noted
from consolidate.reports.matrix import TOTAL_COLUMN

_MAILS = (".eml", ".msg")


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
        raise UserError((because("addin.trace.no_folder", place=said),))
    source = _found(session, _roots(book, summary.parent), place, said)
    if source is None:
        return None
    book = opened(session, source, read_only=True)
    try:
        sheet = book.sheets[place.sheet]
        sheet.activate()
        sheet.range(place.cell).select()
    except Exception:  # Excel's own errors, which xlwings passes on as they are
        raise UserError((because("addin.trace.no_cell", place=said),)) from None
    return said


def _roots(book: xw.Book, folder: Path) -> Iterator[Path]:
    """List folders in which files of a summary may lie; a workspace's merged inbox comes first."""
    yield from inboxes_in_workspace(book, folder)
    yield from beside(folder)


def _found(session: Session, roots: Iterable[Path], place: Place, said: str) -> Path | None:
    """Choose the file to open: unchanged from the inbox, else from the register, if wanted.

    ``None`` when the person calls it off.

    Raises:
        UserError: there is neither, or something in it could run.
    """
    folders = tuple(roots)
    source = find_source(folders, place)
    if source is not None and source.same:
        return _harmless(source.path, said)
    kept = _kept(place)
    if kept is not None:
        key = "addin.trace.kept_gone" if source is None else "addin.trace.kept_changed"
        question = text(key, place=said)
        if source is None:
            return laid_out(kept, place) if session.ask(question) else None
        answer = session.choose(question)
        if answer is not False:
            return laid_out(kept, place) if answer else None
        return _harmless(source.path, said)
    if source is not None:
        _harmless(source.path, said)
        return source.path if session.ask(text("addin.trace.changed", place=said)) else None
    container, inside, member = place.path.partition(INSIDE)
    if inside and find_source(folders, replace(place, path=container)) is not None:
        mail = PurePosixPath(container).suffix.casefold() in _MAILS
        key = "addin.trace.in_mail" if mail else "addin.trace.in_archive"
        raise UserError((because(key, place=said, container=container, member=member),))
    gone = [because("addin.trace.no_file", place=said, file=container)]
    with contextlib.suppress(UserError):  # Damaged settings are what other buttons speak of.
        if not read_settings().workspace:
            gone.append(because("addin.trace.no_workspace"))
    raise UserError((joined("", gone),))


def _harmless(path: Path, said: str) -> Path:
    kind = kind_of_file(path)
    if kind is not FileKind.SHEET:
        raise UserError((because(f"addin.trace.{kind.value}", place=said, path=str(path)),))
    return path


def _kept(place: Place) -> bytes | None:
    """Take the file from the register of the person's workspace, if nothing in it can run."""
    try:
        settings = read_settings()
        data = kept_bytes(own_workspace(settings), place.digest) if settings.workspace else None
    except UserError:
        return None
    return data if data is not None and kind_of_bytes(data) is FileKind.SHEET else None


def _place(book: xw.Book, cell: xw.Range) -> Place:
    names = {sheet.name for sheet in book.sheets}
    here = cell.sheet.name
    for pair in unit_sheets(book):
        if here in (pair.by_unit, pair.trace) and pair.trace in names:
            return _traced(book, book.sheets[pair.trace], pair.figure_of(cell))
    if here == text("summary.sheet.findings"):
        return _listed(book, cell.row)
    raise UserError((because("addin.trace.elsewhere"),))


_LINE = ("shown", "file", "place", "raw", "note")
"""Columns of a trace sheet that are read."""


def _traced(book: xw.Book, trace: xw.Sheet, figure: xw.Range | None) -> Place:
    """Return the place that the trace sheet gives for a figure of the by-unit sheet."""
    if figure is None or figure.column <= TOTAL_COLUMN:
        raise UserError((because("addin.trace.elsewhere"),))
    titles = [text(f"summary.trace.{key}") for key in _LINE]
    lines = {shown: said for shown, *said in lines_below(trace, titles)}
    total = f"{column_letters(TOTAL_COLUMN)}{figure.row}"
    own = f"{column_letters(figure.column - 1)}{figure.row}"
    if own not in lines and total not in lines:
        raise UserError((because("addin.trace.elsewhere"),))
    # A line of the province names no file; where units are rows, subtotals have no line at all.
    file, where, raw, said = lines.get(own, lines.get(total, [""] * 4))
    if own not in lines or not file:
        raise UserError((because("addin.trace.sum", said=said),))
    parsed = cell_noted(where)
    if parsed is None:
        raise UserError((because("addin.trace.blank"),))
    return Place(file, *parsed, _digest_of(book, file), raw)


def _listed(book: xw.Book, row: int) -> Place:
    """Return the place of a finding on a row of the list of findings."""
    sheet = book.sheets[text("summary.sheet.findings")]
    titles = [text(f"summary.findings.{key}") for key in ("file", "sheet", "cell")]
    file, where, address = line_at(sheet, titles, row) or ("", "", "")
    at = address.replace(":", ",").split(",")[0].strip()
    if not file:
        raise UserError((because("addin.trace.elsewhere"),))
    if not where or parse_a1(at) is None:
        raise UserError((because("addin.trace.whole_file", file=file),))
    return Place(file, where, at, _digest_of(book, file))


def _digest_of(book: xw.Book, file: str) -> str:
    name = text("summary.sheet.files")
    if name not in {sheet.name for sheet in book.sheets}:
        return ""
    titles = [text(f"summary.files.{key}") for key in ("file", "sha256")]
    listed = lines_below(book.sheets[name], titles)
    return next((digest for other, digest in listed if other == file), "")
