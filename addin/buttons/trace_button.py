"""The button "Truy nguồn ô này": from a figure of a summary to the cell of the unit's file.

A summary may have been sent by anybody: the names in it become a path only inside the folder of
returns, and a file is opened only when nothing in it can run.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath

import xlwings as xw

from addin.session import Session, line_at, lines_below, opened, saved_path
from addin.settings import own_workspace, read_settings
from addin.summaries import below, beside, inboxes_in_workspace, safe_parts, unit_sheets
from consolidate.actions.workspaces import kept_bytes
from consolidate.definitions.catalogue import text
from consolidate.intake.plain_files import read_plain
from consolidate.model.cells import column_letters, parse_a1
from consolidate.model.reasons import UserError, because, joined
from consolidate.model.returns import INSIDE
from consolidate.reports.captions import cell_noted
from consolidate.reports.matrix import TOTAL_COLUMN
from consolidate.xlsx.read.decrypt import is_locked
from consolidate.xlsx.read.file_kinds import looks_like_text
from consolidate.xlsx.read.package_gate import BROKEN, Limits, Refused

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
        raise UserError.of("addin.trace.no_folder", place=said)
    # Files of a summary may lie in any of these; the merged inbox of a workspace comes first.
    folders = *inboxes_in_workspace(book, summary.parent), *beside(summary.parent)
    source = _found(session, folders, place, said)
    if source is None:
        return None
    book = opened(session, source, read_only=True)
    try:
        sheet = book.sheets[place.sheet]
        sheet.activate()
        sheet.range(place.cell).select()
    except Exception:  # Excel's own errors, which xlwings passes on as they are
        raise UserError.of("addin.trace.no_cell", place=said) from None
    return said


def _found(session: Session, folders: Sequence[Path], place: Place, said: str) -> Path | None:
    """Choose the file to open: unchanged from the inbox, else from the register, if wanted.

    ``None`` when the person calls it off.

    Raises:
        UserError: there is neither, or something in it could run.
    """
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
        raise UserError.of(key, place=said, container=container, member=member)
    gone = [because("addin.trace.no_file", place=said, file=container)]
    with contextlib.suppress(UserError):  # Damaged settings are what other buttons speak of.
        if not read_settings().workspace:
            gone.append(because("addin.trace.no_workspace"))
    raise UserError((joined("", gone),))


def _harmless(path: Path, said: str) -> Path:
    kind = kind_of_file(path)
    if kind is not FileKind.SHEET:
        raise UserError.of(f"addin.trace.{kind.value}", place=said, path=str(path))
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
    raise UserError.of("addin.trace.elsewhere")


_LINE = ("shown", "file", "place", "raw", "note")
"""Columns of a trace sheet that are read."""


def _traced(book: xw.Book, trace: xw.Sheet, figure: xw.Range | None) -> Place:
    """Return the place that the trace sheet gives for a figure of the by-unit sheet."""
    if figure is None or figure.column <= TOTAL_COLUMN:
        raise UserError.of("addin.trace.elsewhere")
    titles = [text(f"summary.trace.{key}") for key in _LINE]
    lines = {shown: said for shown, *said in lines_below(trace, titles)}
    total = f"{column_letters(TOTAL_COLUMN)}{figure.row}"
    own = f"{column_letters(figure.column - 1)}{figure.row}"
    if own not in lines and total not in lines:
        raise UserError.of("addin.trace.elsewhere")
    # A line of the province names no file; where units are rows, subtotals have no line at all.
    file, where, raw, said = lines.get(own, lines.get(total, [""] * 4))
    if own not in lines or not file:
        raise UserError.of("addin.trace.sum", said=said)
    parsed = cell_noted(where)
    if parsed is None:
        raise UserError.of("addin.trace.blank")
    return Place(file, *parsed, _digest_of(book, file), raw)


def _listed(book: xw.Book, row: int) -> Place:
    """Return the place of a finding on a row of the list of findings."""
    sheet = book.sheets[text("summary.sheet.findings")]
    titles = [text(f"summary.findings.{key}") for key in ("file", "sheet", "cell")]
    file, where, address = line_at(sheet, titles, row) or ("", "", "")
    at = address.replace(":", ",").split(",")[0].strip()
    if not file:
        raise UserError.of("addin.trace.elsewhere")
    if not where or parse_a1(at) is None:
        raise UserError.of("addin.trace.whole_file", file=file)
    return Place(file, where, at, _digest_of(book, file))


def _digest_of(book: xw.Book, file: str) -> str:
    name = text("summary.sheet.files")
    if name not in {sheet.name for sheet in book.sheets}:
        return ""
    titles = [text(f"summary.files.{key}") for key in ("file", "sha256")]
    listed = lines_below(book.sheets[name], titles)
    return next((digest for other, digest in listed if other == file), "")


_TEMPORARY, _NAMELESS = "tonghop-", "bao-cao"
_TYPES, _MOST_TYPES = "[Content_Types].xml", 1_000_000
_LIMITS = Limits()
_RUNS = ("vbaproject", "macrosheets", "activex", "dialogsheets")
_SHEET, _WORD = b"spreadsheetml.sheet.main", b"wordprocessingml.document.main"


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of a file of the inbox: ``path`` as in reports, ``digest`` the head of its SHA-256."""

    path: str
    sheet: str
    cell: str
    digest: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class FigureSource:
    """A file that was found; ``same`` tells whether it is still as it was when it was merged."""

    path: Path
    same: bool


def find_source(roots: Iterable[Path], place: Place) -> FigureSource | None:
    """Return the file of a place, in one of some folders.

    Of several files of that name the one with the same digest counts; else the first.
    """
    parts = safe_parts(place.path)
    if parts is None:
        return None
    first = None
    for root in roots:
        path = below(root, parts)
        if path is None:
            continue
        try:
            digest = hashlib.sha256(read_plain(path, _LIMITS.container_size)).hexdigest()
        except Refused:
            continue
        if place.digest and digest.startswith(place.digest):
            return FigureSource(path, same=True)
        first = first or FigureSource(path, same=False)
    return first


class FileKind(StrEnum):
    """Kind of a file: only a ``SHEET`` is opened, for the others the reason is shown."""

    SHEET = "sheet"
    LOCKED = "locked"
    WORD = "word"
    CSV = "csv"
    OTHER = "other"
    MAY_RUN = "may_run"


def kind_of_file(path: Path) -> FileKind:
    """Tell what a file is; a ``SHEET`` only under the name of one.

    What a program opens, Excel opens without asking about macros.
    """
    try:
        kind = kind_of_bytes(read_plain(path, _LIMITS.file_size))
    except Refused:
        return FileKind.MAY_RUN
    if kind is FileKind.SHEET and path.suffix.casefold() != ".xlsx":
        return FileKind.OTHER
    return kind


def kind_of_bytes(data: bytes) -> FileKind:
    """Tell what bytes are: a ``SHEET`` is the package of a workbook without macros and controls."""
    if is_locked(data):
        return FileKind.LOCKED
    if looks_like_text(data):
        return FileKind.CSV
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = [name.casefold() for name in package.namelist()]
            if package.getinfo(_TYPES).file_size > _MOST_TYPES:
                return FileKind.OTHER
            types = package.read(_TYPES).lower()
    except (*BROKEN, KeyError, RuntimeError):
        return FileKind.OTHER
    if b"macroenabled" in types or any(word in name for name in names for word in _RUNS):
        return FileKind.MAY_RUN
    if _WORD in types:
        return FileKind.WORD
    return FileKind.SHEET if _SHEET in types else FileKind.OTHER


def laid_out(data: bytes, place: Place) -> Path:
    """Write the bytes of a place to a read-only file of its name, in a new temporary folder.

    Raises:
        OSError: it cannot be written.
    """
    parts = safe_parts(place.path.rpartition(INSIDE)[2])
    name = f"{PurePosixPath(parts[-1]).stem if parts else _NAMELESS}.xlsx"
    path = Path(tempfile.mkdtemp(prefix=_TEMPORARY)) / name
    path.write_bytes(data)
    path.chmod(stat.S_IRUSR)
    return path
