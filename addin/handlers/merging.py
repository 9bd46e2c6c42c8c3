"""The button "Hợp nhất hộp thư": a folder of returns to the summary workbook, opened."""

from __future__ import annotations

from pathlib import Path

import xlwings as xw

from addin.dialogs import folder_of
from addin.session import Refusal, Session
from consolidate.commands.merge import RESULTS_NAME, ROSTER_NAME
from consolidate.definitions.catalogue import text
from consolidate.definitions.load import library
from consolidate.model.findings import Severity
from consolidate.model.units import Roster
from consolidate.pipeline import MergeRequest, NoReturns, merge, workers, write_results
from consolidate.register.roster import RosterError, read_roster
from consolidate.rollup.result import MergeResult


def merge_inbox(session: Session) -> str | None:
    """Merge the chosen folder as ``consolidate merge`` does, then open the summary."""
    inbox = folder_of(session.argument)
    if inbox is None:
        return None
    inbox = inbox.resolve()
    if inbox.parent == inbox:
        raise Refusal(text("addin.merge.drive", folder=inbox))
    folder = inbox.parent / RESULTS_NAME
    if folder == inbox:
        raise Refusal(text("addin.merge.results", folder=inbox))
    roster = _roster(inbox.parent / ROSTER_NAME)

    def progress(done: int, total: int) -> None:
        session.status(text("addin.merge.reading", done=done, total=total))

    with workers(inbox) as executor:
        try:
            result = merge(MergeRequest(inbox, roster=roster), executor, progress)
        except NoReturns:
            raise Refusal(text("addin.merge.no_returns", folder=inbox)) from None
    summary = folder / f"tong-hop-{result.period.code}.xlsx"
    if not _closed(session, summary):
        return text("addin.merge.kept", file=summary)
    written = write_results(result, folder, inbox)["workbook"]
    session.app.books.open(str(written))
    session.say(_report(result, written, roster is not None))
    return None


def _roster(path: Path) -> Roster | None:
    if not path.is_file():
        return None
    try:
        return read_roster(path, library().template_by_code)
    except RosterError as error:
        raise Refusal("\n".join(error.problems)) from None


def _closed(session: Session, path: Path) -> bool:
    """Whether the summary is not open; an open one is closed only with the person's consent."""
    book = _open_book(session.app, path)
    if book is None:
        return True
    if not session.ask(text("addin.merge.open", file=path.name)):
        return False
    book.close()
    return True


def _open_book(app: xw.App, path: Path) -> xw.Book | None:
    for book in app.books:
        if book.name.casefold() == path.name.casefold():
            return book
    return None


def _report(result: MergeResult, written: Path, with_roster: bool) -> str:
    counted = sum(record.outcome.counted for record in result.records)
    severities = result.severities()
    lines = [
        text(
            "addin.merge.done",
            period=result.period.label,
            counted=counted,
            files=len(result.records),
            errors=severities.get(Severity.ERROR, 0),
            warnings=severities.get(Severity.WARNING, 0),
        )
    ]
    for part in result.completeness:
        if part.expected:
            lines.append(
                text(
                    "addin.merge.received",
                    template=part.template.short_title,
                    received=len(part.expected) - len(part.missing),
                    expected=len(part.expected),
                )
            )
    if not with_roster:
        lines.append(text("addin.merge.no_roster", file=ROSTER_NAME))
    return "\n".join((*lines, text("addin.merge.written", file=written)))
