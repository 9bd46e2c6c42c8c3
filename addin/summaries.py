"""Summary workbooks in Excel: their period, run and inbox, the cell that the person is on.

A summary may have been sent by anybody: what it says is only ever offered to the person.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlwings as xw

from addin.session import Session, cells, last_column, line_at, lines_below, saved_path
from addin.settings import forms_of
from consolidate.definitions.catalogue import text
from consolidate.definitions.loader import shipped_library
from consolidate.intake.plain_files import is_link
from consolidate.model.cells import parse_a1
from consolidate.model.datasets import DataSet, Shape
from consolidate.model.period import Period
from consolidate.model.reasons import UserError
from consolidate.model.returns import INSIDE
from consolidate.model.runs import Run
from consolidate.province.workspace import Workspace
from consolidate.register.register import Register
from consolidate.reports.matrix import CODE_ROW, FIRST_LEVEL_COLUMN
from consolidate.templates.file_names import SUMMARY, period_of_slug
from consolidate.xlsx.write.safe_text import sheet_name

_MOST_FOLDERS = 500
_PARTS = re.compile(r"[^/\\:*?\"<>|\x00-\x1f]+")
_MOST_NAMES = 30
"""Files of a summary that are looked for to find its inbox."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary workbook that is open, where it is saved, and its period."""

    book: xw.Book
    path: Path
    period: Period


@dataclass(frozen=True, slots=True)
class SummaryPlace:
    """Where a person stands in a summary; ``unit`` is the code over the column, ``""`` for none."""

    sheet: str
    row: int
    column: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class UnitSheets:
    """Names of the sheet of a fixed table with all its figures, and of that with their sources."""

    data_set: DataSet
    by_unit: str
    trace: str

    def figure_of(self, cell: xw.Range) -> xw.Range | None:
        """Return the figure that a cell is about: itself, or that of a line of the trace sheet.

        ``None`` for a cell of another sheet or above the lines.
        """
        sheet = cell.sheet
        if sheet.name == self.by_unit:
            return cell
        names = {other.name for other in sheet.book.sheets}
        if sheet.name != self.trace or self.by_unit not in names:
            return None
        line = line_at(sheet, [text("summary.trace.shown")], cell.row)
        at = parse_a1(line[0]) if line is not None else None
        if at is None:
            return None
        return sheet.book.sheets[self.by_unit].range((at[0] + 1, at[1] + 1))


def summary_in_front(session: Session) -> Summary | None:
    """Return the active workbook, if it is a summary that is saved on this machine."""
    if not len(session.app.books):
        return None
    book = session.app.books.active
    path = saved_path(book)
    if path is None or not path.name.startswith(SUMMARY):
        return None
    period = period_of_slug(path.stem.removeprefix(SUMMARY))
    if period is None:
        return None
    names = {sheet.name for sheet in book.sheets}
    ours = {text("summary.sheet.files"), text("summary.sheet.findings")}
    return Summary(book, path, period) if ours <= names else None


def inbox_of(summary: Summary) -> Path | None:
    """Return the folder that holds most of the files which a summary lists, near the summary."""
    inboxes = inboxes_in_workspace(summary.book, summary.path.parent)
    if inboxes:
        return inboxes[0]
    return root_with_most(beside(summary.path.parent), _listed(summary.book))


def inboxes_in_workspace(book: xw.Book, folder: Path) -> tuple[Path, ...]:
    """Return the inbox of the workspace whose results are in a folder, and the folders in it.

    The one with most of the files that a summary in ``folder`` lists comes first; none when the
    folder holds no results of a workspace.
    """
    workspace = None
    with contextlib.suppress(UserError):
        workspace = Workspace.find(shipped_library(), folder)
    if workspace is None or folder.resolve() != workspace.results or not workspace.inbox.is_dir():
        return ()
    inside = sorted(workspace.inbox.iterdir())
    roots = (workspace.inbox, *(one for one in inside if one.is_dir() and not is_link(one)))
    most = root_with_most(roots, _listed(book)) or workspace.inbox
    return tuple(dict.fromkeys((most, *roots)))


def unit_sheets(book: xw.Book) -> list[UnitSheets]:
    """List the by-unit and trace sheets of fixed tables, as a summary of any round names them.

    Raises:
        UserError: the settings, or the forms of the province, cannot be used.
    """
    forms = {
        data_set.sheet: data_set
        for pack in forms_of(saved_path(book)).packs.packs
        for number in range(1, 5)
        for data_set in pack.forms(number)
        if data_set.shape is not Shape.OPEN
    }
    return [
        UnitSheets(
            data_set,
            sheet_name(text("summary.sheet.by_unit", sheet=data_set.sheet)),
            sheet_name(text("summary.sheet.trace", sheet=data_set.sheet.split()[-1])),
        )
        for data_set in forms.values()
    ]


def standing_in(session: Session, summary: Summary) -> SummaryPlace | None:
    """Return the sheet and cell that a person stands on; ``None`` when no cell is selected."""
    try:
        cell = session.cell()
        sheet = cell.sheet
        if sheet.book.name != summary.book.name:
            return None
    except UserError:
        return None
    for pair in unit_sheets(sheet.book):
        figure = pair.figure_of(cell)
        if figure is not None and figure.column > FIRST_LEVEL_COLUMN:
            unit = str(figure.sheet.range((CODE_ROW + 1, figure.column)).value or "")
            return SummaryPlace(figure.sheet.name, figure.row, figure.column, unit)
    return SummaryPlace(sheet.name, cell.row, cell.column)


def go_back(book: xw.Book, standing: SummaryPlace) -> None:
    """Select the same unit's column again; do nothing without the sheet."""
    with contextlib.suppress(Exception):  # Excel's own errors: the sheet is not there any more
        sheet = book.sheets[standing.sheet]
        column = standing.column
        if standing.unit:
            codes = cells(sheet, CODE_ROW + 1, 1, CODE_ROW + 1, last_column(sheet))[0]
            if standing.unit in codes:
                column = codes.index(standing.unit) + 1
        sheet.activate()
        sheet.range((standing.row, column)).select()


def _listed(book: xw.Book) -> Sequence[str]:
    """Return the files that a summary lists; for a file in an archive or a mail, the container."""
    name = text("summary.sheet.files")
    if name not in {sheet.name for sheet in book.sheets}:
        return ()
    titles = (text("summary.files.file"), text("summary.files.sha256"))
    said = [file for file, _ in lines_below(book.sheets[name], titles, _MOST_NAMES)]
    return tuple(dict.fromkeys(file.partition(INSIDE)[0] for file in said if file))


def round_in_front(session: Session, workspace: Workspace) -> Period | None:
    """Return the round of the summary in front when it is one of this workspace."""
    summary = summary_in_front(session)
    if summary is not None and summary.path.parent.resolve() == workspace.results.resolve():
        return summary.period
    return None


def standing_run(session: Session, workspace: Workspace, register: Register) -> Run:
    """Find the locked, approved or newest run of the round in front, else of the newest run's.

    Raises:
        UserError: no merge is on record.
    """
    period = round_in_front(session, workspace)
    runs = register.runs()
    if period is None and not runs:
        raise UserError.of("addin.status.nothing", folder=str(workspace.inbox))
    period = (period or runs[-1].head.period).round_name
    run = register.standing_run(period)
    if run is None:
        raise UserError.of("addin.status.no_run", period=period)
    return run


def safe_parts(path: str) -> tuple[str, ...] | None:
    """Split a path relative to the inbox into names; ``None`` if it could lead out of it."""
    parts = tuple(path.split("/"))
    for part in parts:
        if not _PARTS.fullmatch(part) or part.strip(" .") == "" or part != part.rstrip(" ."):
            return None
    return parts


def root_with_most(roots: Iterable[Path], names: Sequence[str]) -> Path | None:
    """Choose the folder that holds most of some files; ``None`` if no folder holds any."""
    best, most = None, 0
    listed = [parts for name in names if (parts := safe_parts(name)) is not None]
    for root in roots:
        count = sum(below(root, parts) is not None for parts in listed)
        if count > most:
            best, most = root, count
    return best


def beside(folder: Path) -> Iterator[Path]:
    """Folders beside a folder, then those in it; only so many."""
    parent = folder.parent
    count = 0
    for base in (parent, folder):
        for child in sorted(base.iterdir()):
            if child.is_dir() and not is_link(child):
                count += 1
                if count > _MOST_FOLDERS:
                    return
                yield child


def below(root: Path, parts: tuple[str, ...]) -> Path | None:
    """Return the file below a root; names are compared as Unicode means them (macOS decomposes)."""
    path = root
    for part in parts:
        exact = path / part
        if not exact.exists():
            wanted = unicodedata.normalize("NFC", part)
            if not path.is_dir():
                return None
            names = (child for child in path.iterdir())
            found = next(
                (one for one in names if unicodedata.normalize("NFC", one.name) == wanted), None
            )
            if found is None:
                return None
            exact = found
        if is_link(exact):
            return None
        path = exact
    inside = path.resolve().is_relative_to(root.resolve())
    return path if inside and path.is_file() else None
