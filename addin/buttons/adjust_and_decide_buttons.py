"""The buttons "Điều chỉnh", "Duyệt" and "Khóa": record decisions of the province.

"Điều chỉnh" makes a row for the selected figure, then takes the workbook into the register;
"Duyệt" and "Khóa" decide about a round, as ``approve`` and ``lock`` do.
"""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

import xlwings as xw

from addin.session import Session, cells, find_header, last_row, opened, saved_path, taken_copy
from addin.settings import Settings, name_typed, own_workspace, read_settings
from addin.summaries import UnitSheets, round_in_front, summary_in_front, unit_sheets
from consolidate.actions.adjust_and_decide import (
    RoundState,
    apply_corrections,
    create_corrections,
    decide,
    decided_lines,
    outcome_of,
    state_lines,
)
from consolidate.actions.status_and_next_step import open_round
from consolidate.actions.workspaces import loaded_with_roster
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.data_values import ValueKey
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.runs import EventKind
from consolidate.province.book_columns import ADJUSTMENTS
from consolidate.province.corrections_book import RowsRefused, place_words, plain_text
from consolidate.province.corrections_plan import CorrectionsPlan
from consolidate.province.kept_fields import absent, sheets_of
from consolidate.province.workspace import Workspace
from consolidate.reports.captions import ending_of, lines_of
from consolidate.reports.matrix import (
    CODE_ROW,
    FIRST_ROW,
    LABEL_COLUMN,
    LEVEL_ROW,
    NUMBER_COLUMN,
    figure_at,
)
from consolidate.xlsx.write.atomic_files import read_bytes

MOST_LINES = 12
"""Problems, or things to be recorded, that a message shows."""
_FIELDS = ("period", "unit", "data_set", "element", "column", "value", "author", "on")

Row = dict[str, str | datetime]


def adjust_figure(session: Session) -> str | None:
    """Open the workbook of corrections with a row for the selected figure, or apply it.

    With the workbook itself in front, what is saved of it goes into the register, after the person
    has seen what would be recorded. Nothing is ever saved for them.
    """
    copy = taken_copy(session)
    settings = read_settings()
    workspace = own_workspace(settings)
    path = workspace.corrections_path
    if len(session.app.books):
        front = saved_path(session.app.books.active)
        if front is not None and front.resolve() == path.resolve():
            return _applied(session, workspace, settings, path, copy)
    row = _row_of_selection(session, workspace, settings)
    if not path.is_file():
        create_corrections(workspace, path)
    book = opened(session, path)
    if row is None:
        session.say(text("addin.adjust.opened", file=path))
        return None
    _put(book, row)
    return text("addin.adjust.row")


def _applied(
    session: Session, workspace: Workspace, settings: Settings, path: Path, copy: bytes | None
) -> str | None:
    notes = [] if copy is not None else [text("addin.adjust.saved_only")]
    if copy is not None and not _same(copy, path):
        raise UserError.of("addin.adjust.save_first", file=path.name)

    agreed = False

    def confirm(plan: CorrectionsPlan) -> bool:
        nonlocal agreed
        lines = lines_of(workspace.library, plan)
        if not lines:
            return False
        if plan.removed and not settings.author:
            raise UserError.of("addin.adjust.who", count=len(plan.removed))
        agreed = session.ask("\n".join((*_short(lines), *notes, "", text("addin.adjust.ask"))))
        return agreed

    ending = ending_of(path, settings.author, session.today())
    try:
        plan = apply_corrections(workspace, path, ending, confirm)
    except RowsRefused as error:
        head = because("corrections.refused", count=len(error.problems))
        shown = error.problems[:MOST_LINES]
        raise UserError((head, *shown, *_more(len(error.problems)))) from None
    if lines_of(workspace.library, plan) and not agreed:
        return text("addin.adjust.nothing")
    history = _short([sentence(row) for row in plan.history])
    session.say("\n".join((sentence(outcome_of(plan)), *history)))
    return None


def _same(copy: bytes, path: Path) -> bool:
    """Tell whether a workbook equals its saved file."""
    unreadable = because("corrections.unreadable", file=path.name)
    here, there = (sheets_of(data, unreadable) for data in (copy, read_bytes(path)))
    return [(name, sheet.rows) for name, sheet in here.items()] == [
        (name, sheet.rows) for name, sheet in there.items()
    ]


def _short(lines: list[str]) -> list[str]:
    return [*lines[:MOST_LINES], *map(sentence, _more(len(lines)))]


def _more(count: int) -> list[Reason]:
    """Add how many more lines there are, if any."""
    left = count - MOST_LINES
    return [because("addin.adjust.more", count=left)] if left > 0 else []


def _row_of_selection(session: Session, workspace: Workspace, settings: Settings) -> Row | None:
    """Return the beginning of a row for the figure that is selected in a summary.

    ``None`` when what is in front is no sheet of a summary that shows units.
    """
    summary = summary_in_front(session)
    if summary is None:
        return None
    cell = session.cell()
    sheet = cell.sheet
    pair = next(
        (item for item in unit_sheets(sheet.book) if sheet.name in (item.by_unit, item.trace)), None
    )
    if pair is None:
        return None
    figure = pair.figure_of(cell)
    if figure is None:
        raise UserError.of("addin.adjust.elsewhere")
    key = _figure(figure.sheet, pair, figure.row)
    unit = str(figure.sheet.range((CODE_ROW + 1, figure.column)).value or "")
    if not summary.path.resolve().is_relative_to(workspace.root):
        raise UserError.of("addin.adjust.foreign", folder=str(workspace.root))
    _, roster = loaded_with_roster(workspace)
    if key is None or not unit:
        raise UserError.of("addin.adjust.elsewhere")
    if unit not in {item.code for item in roster.units}:
        file = str(workspace.roster_path)
        raise UserError.of("addin.adjust.no_unit", unit=name_typed(unit), file=file)
    library = workspace.library.at(summary.period)
    period = pair.data_set.period_in(summary.period)
    form, element, column = place_words(key, library)
    return {
        "period": period.code,
        "unit": unit,
        "data_set": form,
        "element": element,
        "column": column,
        "value": _value(figure),
        "author": settings.author,
        "on": datetime.combine(session.today(), time()),
    }


def _figure(sheet: xw.Sheet, pair: UnitSheets, row: int) -> ValueKey | None:
    """Tell which figure a row of a by-unit sheet is about; ``None`` for others."""
    corner = sheet.range((LEVEL_ROW + 1, 1)).value
    if row <= FIRST_ROW or corner == text("summary.by_unit.rows.code"):
        return None  # Where units are rows, no row is about one figure.
    lines = cells(sheet, FIRST_ROW + 1, NUMBER_COLUMN + 1, row, LABEL_COLUMN + 1)
    said = [(str(number or ""), str(label or "")) for number, label in lines]
    found = figure_at(pair.data_set, said)
    if found is None or found[1] not in pair.data_set.by_code[found[0]].columns:
        return None
    return ValueKey(pair.data_set.code, *found)


def _value(figure: xw.Range) -> str:
    """Return the number that counts now, as it can be typed; ``""`` for none."""
    number = figure.value
    if isinstance(number, bool) or not isinstance(number, int | float):
        return ""
    return plain_text(number)


def _put(book: xw.Book, row: Row) -> None:
    """Write a row into the first free one and go to its new value; the book is not saved."""
    name = text("kept.adjustments.sheet")
    if name not in {sheet.name for sheet in book.sheets}:
        raise UserError((absent(book.name, ADJUSTMENTS),))
    sheet = book.sheets[name]
    titles = [ADJUSTMENTS.by_key[field].heading for field in _FIELDS]
    header = find_header(sheet, titles)
    if header is None:
        raise UserError((absent(book.name, ADJUSTMENTS),))
    top, columns = header
    free = _free_row(sheet, top, columns)
    for field, column in zip(_FIELDS, columns, strict=True):
        if row[field]:
            sheet.range((free, column)).value = row[field]
    sheet.activate()
    sheet.range((free, columns[_FIELDS.index("value")])).select()


def _free_row(sheet: xw.Sheet, top: int, columns: list[int]) -> int:
    """Find the first row below the header that is empty in every column of the table."""
    last = last_row(sheet)
    if last <= top:
        return top + 1
    lines = cells(sheet, top + 1, min(columns), last, max(columns))
    for number, line in enumerate(lines, top + 1):
        if all(value is None or value == "" for value in line):
            return number
    return last + 1


NO_DOCUMENT = "-"
"""What is typed for a decision without a document."""


def approve_round(session: Session) -> str | None:
    """Approve the round of the summary in front, else the newest open one."""
    return _decided(session, EventKind.APPROVED)


def lock_round(session: Session) -> str | None:
    """Lock the same round; the number of the document is what was typed."""
    typed = name_typed(session.argument)
    return _decided(session, EventKind.LOCKED, "" if typed == NO_DOCUMENT else typed)


def _decided(session: Session, kind: EventKind, document: str = "") -> str | None:
    """Ask about the round as it stands, always: a button is pressed more easily than typed."""
    settings = read_settings()
    workspace = own_workspace(settings)
    if not settings.author:
        raise UserError.of("addin.decide.who")
    day = session.today()
    period = round_in_front(session, workspace) or open_round(workspace, day)

    def agreed(state: RoundState) -> bool:
        key = f"runs.ask.{kind.value}" if state.open else f"addin.decide.{kind.value}"
        heading, *lines = map(sentence, state_lines(state))
        question = text(key, period=state.run.head.period.round_name.label)
        said = [f"– {line}" for line in lines]
        who = text("addin.decide.by", author=settings.author, document=document or NO_DOCUMENT)
        return session.ask("\n".join((heading, *said, "", who, question)))

    done = decide(
        workspace,
        kind,
        period,
        author=settings.author,
        on=day,
        document=document,
        confirm=agreed,
        always=True,
    )
    if done is None:
        return text("runs.ask.declined")
    session.say("\n".join(map(sentence, decided_lines(done))))
    return None
