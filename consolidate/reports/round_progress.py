"""Write the progress of a round: shares by branch, whom to chase, late files.

As a workbook for people, and for other programs as ``consolidate/status/1``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.period import Period
from consolidate.model.runs import RunOutcome
from consolidate.model.text import format_day
from consolidate.model.units import Roster
from consolidate.province.kept_table import KeptColumn, KeptTable, write_kept_tables
from consolidate.reports.captions import status_text
from consolidate.rollup.timeliness import (
    Branch,
    ReturnState,
    ReturnStatus,
    branches,
    share_of,
)
from consolidate.rollup.units_in_totals import Axis, parent_name
from consolidate.xlsx.write.form_styles import COUNT_FORMAT, DATE_FORMAT, TEXT_FORMAT
from consolidate.xlsx.write.safe_text import clean

Content = str | int | date | None
_Column = tuple[str, float] | tuple[str, float, str]
"""Key of the title, width in characters, and the format if it is not that of a text."""
_CODE = "center"
"""Stands for the format of a text that is centred."""
_SHARES: tuple[_Column, ...] = (
    ("progress.column.axis", 16),
    ("status.column.branch", 36),
    ("status.column.expected", 9, COUNT_FORMAT),
    ("status.column.received", 9, COUNT_FORMAT),
    ("status.column.on_time", 9, COUNT_FORMAT),
    ("status.column.late", 9, COUNT_FORMAT),
    ("status.column.too_late", 9, COUNT_FORMAT),
    ("status.column.held", 9, COUNT_FORMAT),
    ("status.column.refused", 9, COUNT_FORMAT),
    ("status.column.missing", 9, COUNT_FORMAT),
    ("status.column.completeness", 10, _CODE),
    ("status.column.timeliness", 10, _CODE),
)
_CHASE: tuple[_Column, ...] = (
    ("chase.column.number", 5, COUNT_FORMAT),
    ("chase.column.code", 8, _CODE),
    ("chase.column.unit", 23),
    ("chase.column.parent", 16),
    ("chase.column.report", 15),
    ("chase.column.due", 11.5, DATE_FORMAT),
    ("chase.column.final", 11.5, DATE_FORMAT),
    ("chase.column.overdue", 8, COUNT_FORMAT),
    ("chase.column.state", 18),
    ("chase.column.email", 23),
    ("chase.column.note", 38),
)
_LATE: tuple[_Column, ...] = (
    ("chase.column.code", 8, _CODE),
    ("chase.column.unit", 30),
    ("chase.column.parent", 22),
    ("chase.column.report", 22),
    ("chase.column.due", 12, DATE_FORMAT),
    ("progress.column.received_on", 12, DATE_FORMAT),
    ("chase.column.state", 30),
)
_UNPLACED: tuple[_Column, ...] = (
    ("progress.column.file", 50),
    ("progress.column.outcome", 26),
    ("progress.column.reason", 60),
)
_REFUSED = (ReturnState.REJECTED, ReturnState.UNREADABLE)


def progress_workbook(
    found: Sequence[ReturnStatus],
    unplaced: Sequence[RunOutcome],
    roster: Roster,
    period: Period,
    as_of: date,
) -> bytes:
    """Write the progress of a round on a day as an .xlsx file; the same gives equal bytes.

    Sheets: shares by level, kind and parent unit; the chase list; what came late; files of which
    nobody knows whose they are. ``roster`` tells what parent units are called.
    """
    said = {"period": period.label, "day": format_day(as_of)}
    title = text("progress.title", **said)
    # Returns whose lateness is unknown are named, so that the counts add up.
    undated = share_of(found).counts.get(ReturnState.RECEIVED, 0)
    more = [text("status.undated", count=undated)] if undated else []
    guidance = " ".join((text("progress.guidance.shares"), *more))
    rows: list[tuple[Content, ...]] = [_share(each) for each in branches(found, roster)]
    shares = _table(text("progress.sheet.shares"), title, guidance, _SHARES, rows, frozen=2)
    # What needs an action of a unit or an officer before it counts.
    asked = (s for s in found if s.state.asked_of_unit or s.state is ReturnState.HELD)
    rows = [_chase_row(number, status, roster) for number, status in enumerate(asked, 1)]
    guidance, titled = text("chase.guidance"), text("chase.title", **said)
    chase = _table(text("chase.sheet"), titled, guidance, _CHASE, rows, frozen=3)
    some = [item for item in found if item.state in (ReturnState.LATE, ReturnState.TOO_LATE)]
    rows = [(*_who(item, roster), item.due, item.received, status_text(item)) for item in some]
    guidance = text("progress.guidance.late", count=len(some))
    titled = text("progress.title_late", **said)
    late = _table(text("progress.sheet.late"), titled, guidance, _LATE, rows, frozen=2)
    rows = [
        (clean(f.name), text(f"terms.outcome.{f.outcome.value}"), clean(sentence(f.reason)))
        for f in unplaced
    ]
    key = f"progress.guidance.{'unplaced' if unplaced else 'all_placed'}"
    guidance, titled = text(key, count=len(unplaced)), text("progress.title_unplaced", **said)
    files = _table(text("progress.sheet.unplaced"), titled, guidance, _UNPLACED, rows)
    return write_kept_tables(shares, chase, late, files, title=title)


def _table(
    sheet: str,
    title: str,
    guidance: str,
    columns: Sequence[_Column],
    rows: Sequence[Sequence[Content]],
    frozen: int = 0,
) -> KeptTable:
    made = []
    for key, width, *formats in columns:
        centred = formats == [_CODE]
        kind = TEXT_FORMAT if centred or not formats else formats[0]
        made.append(KeptColumn(text(key), width, "", center=centred, format=kind))
    return KeptTable(sheet, title, guidance, tuple(made), rows, blanks=0, frozen=frozen)


def _share(branch: Branch) -> tuple[Content, ...]:
    share, counts = branch.share, branch.share.counts
    whole = "province" if branch.axis is Axis.PROVINCE else "unknown"
    return (
        text(f"progress.axis.{branch.axis.value}"),
        clean(branch.name) or text(f"progress.whole.{whole}"),
        share.expected,
        share.received,
        share.on_time,
        counts.get(ReturnState.LATE, 0),
        counts.get(ReturnState.TOO_LATE, 0),
        counts.get(ReturnState.HELD, 0),
        sum(counts.get(state, 0) for state in _REFUSED),
        counts.get(ReturnState.MISSING, 0),
        *(
            str(part).replace(".", ",") if part is not None else "–"
            for part in (share.completeness, share.timeliness)
        ),
    )


def _who(status: ReturnStatus, roster: Roster) -> tuple[str, str, str, str]:
    """Code, name and parent of the unit of a return, and what is to be returned."""
    unit, report = status.unit, f"{status.template.short_title} · {status.period.label}"
    return clean(unit.code), clean(unit.name), clean(parent_name(unit, roster)), report


def _chase_row(number: int, status: ReturnStatus, roster: Roster) -> tuple[Content, ...]:
    deadline = status.deadline
    return (
        number,
        *_who(status, roster),
        deadline.due if deadline is not None else None,
        deadline.final if deadline is not None else None,
        status.days if status.overdue else None,
        status_text(status),
        clean(status.unit.email),
        clean(": ".join(part for part in (status.file, sentence(status.reason)) if part)),
    )


def status_document(
    found: Iterable[ReturnStatus],
    unplaced: Iterable[RunOutcome],
    roster: Roster,
    *,
    period: Period,
    as_of: date,
    run: int,
) -> dict[str, Any]:
    """Build everything that the status says, as plain values.

    Days are ISO 8601, percentages texts with one decimal; ``days`` are days after the due date,
    negative when days are left, ``null`` when there is no date to count from.
    """
    listed = tuple(found)
    return {
        "schema": "consolidate/status/1",
        "period": period.code,
        "as_of": as_of.isoformat(),
        "run": run,
        "branches": [_branch_document(branch) for branch in branches(listed, roster)],
        "returns": [_return_document(status, roster) for status in listed],
        "unplaced": [
            {"file": file.name, "outcome": file.outcome.value, "reason": sentence(file.reason)}
            for file in unplaced
        ],
    }


def _branch_document(branch: Branch) -> dict[str, Any]:
    share = branch.share
    shown = {
        name: str(part) if part is not None else None
        for name, part in (("completeness", share.completeness), ("timeliness", share.timeliness))
    }
    return {
        "axis": branch.axis.value,
        "name": branch.name,
        "expected": share.expected,
        "with_due_date": share.dated,
        "received": share.received,
        **{s.value: share.counts.get(s, 0) for s in ReturnState if s is not ReturnState.RECEIVED},
        "received_undated": share.counts.get(ReturnState.RECEIVED, 0),
        **shown,
    }


def _return_document(status: ReturnStatus, roster: Roster) -> dict[str, Any]:
    unit, deadline = status.unit, status.deadline
    return {
        "unit": unit.code,
        "name": unit.name,
        "level": unit.level.value,
        "kind": unit.kind.value,
        "parent": parent_name(unit, roster),
        "email": unit.email,
        "template": status.template.code,
        "period": status.period.code,
        "due": _day(deadline.due) if deadline is not None else None,
        "final": _day(deadline.final) if deadline is not None else None,
        "state": status.state.value,
        "days": status.days,
        "received": _day(status.received),
        "received_by": status.redated or None,
        "file": status.file,
        "reason": sentence(status.reason),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
