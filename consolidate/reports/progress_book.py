"""Write the progress of a round as a workbook: shares by branch, whom to chase, late files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

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
_SHARES = {"completeness": 10, "timeliness": 10}
_COUNTS = {
    "expected": 9, "received": 9, "on_time": 9, "late": 9, "too_late": 9, "held": 9, "refused": 9,
    "missing": 9,
}  # fmt: skip
_LATE = {
    "code": 8, "unit": 30, "parent": 22, "report": 22, "due": 12, "received_on": 12, "state": 30,
}  # fmt: skip
_CHASE = {
    "number": 5, "code": 8, "unit": 23, "parent": 16, "report": 15, "due": 11.5, "final": 11.5,
    "overdue": 8, "state": 18, "email": 23, "note": 38,
}  # fmt: skip
_CHASE_FORMATS = {
    "number": COUNT_FORMAT, "due": DATE_FORMAT, "final": DATE_FORMAT, "overdue": COUNT_FORMAT,
}  # fmt: skip
_DAYS = ("due", "received_on")
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
    said_of = {"period": period.label, "day": format_day(as_of)}
    title = text("progress.title", **said_of)
    tables = (
        _shares(found, roster, title),
        chase_table(found, roster, period, as_of),
        _late(found, roster, text("progress.title_late", **said_of)),
        _unplaced(unplaced, text("progress.title_unplaced", **said_of)),
    )
    return write_kept_tables(*tables, title=title)


def _columns(
    titles: Mapping[str, str],
    widths: Mapping[str, float],
    *,
    formats: Mapping[str, str] | None = None,
    centred: Collection[str] = (),
) -> tuple[KeptColumn, ...]:
    """Make columns from their titles and widths, both by name."""
    return tuple(
        KeptColumn(
            titles[name],
            width,
            "",
            center=name in centred,
            format=(formats or {}).get(name, TEXT_FORMAT),
        )
        for name, width in widths.items()
    )


def _shares(found: Sequence[ReturnStatus], roster: Roster, title: str) -> KeptTable:
    widths = {"axis": 16, "branch": 36, **_COUNTS, **_SHARES}
    return KeptTable(
        sheet=text("progress.sheet.shares"),
        title=title,
        guidance=_guidance(found),
        columns=_columns(
            {"axis": text("progress.column.axis")}
            | {name: text(f"status.column.{name}") for name in widths if name != "axis"},
            widths,
            formats=dict.fromkeys(_COUNTS, COUNT_FORMAT),
            centred=(*_COUNTS, *_SHARES),
        ),
        rows=[_share(branch) for branch in branches(found, roster)],
        blanks=0,
        frozen=2,
    )


def _guidance(found: Iterable[ReturnStatus]) -> str:
    """Explain the shares, and name returns whose lateness is unknown, so that the counts add up."""
    undated = share_of(found).counts.get(ReturnState.RECEIVED, 0)
    more = [text("status.undated", count=undated)] if undated else []
    return " ".join((text("progress.guidance.shares"), *more))


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


def _late(found: Iterable[ReturnStatus], roster: Roster, title: str) -> KeptTable:
    some = [item for item in found if item.state in (ReturnState.LATE, ReturnState.TOO_LATE)]
    return KeptTable(
        sheet=text("progress.sheet.late"),
        title=title,
        guidance=text("progress.guidance.late", count=len(some)),
        columns=_columns(
            {"received_on": text("progress.column.received_on")}
            | {name: text(f"chase.column.{name}") for name in _LATE if name != "received_on"},
            _LATE,
            formats=dict.fromkeys(_DAYS, DATE_FORMAT),
            centred=("code", *_DAYS),
        ),
        rows=[
            (
                clean(item.unit.code),
                clean(item.unit.name),
                clean(parent_name(item.unit, roster)),
                f"{item.template.short_title} · {item.period.label}",
                item.due,
                item.received,
                status_text(item),
            )
            for item in some
        ],
        blanks=0,
        frozen=2,
    )


def _unplaced(files: Sequence[RunOutcome], title: str) -> KeptTable:
    widths = {"file": 50, "outcome": 26, "reason": 60}
    return KeptTable(
        sheet=text("progress.sheet.unplaced"),
        title=title,
        guidance=text(
            f"progress.guidance.{'unplaced' if files else 'all_placed'}", count=len(files)
        ),
        columns=_columns({name: text(f"progress.column.{name}") for name in widths}, widths),
        rows=[
            (
                clean(file.name),
                text(f"terms.outcome.{file.outcome.value}"),
                clean(sentence(file.reason)),
            )
            for file in files
        ],
        blanks=0,
    )


def to_chase(found: Iterable[ReturnStatus]) -> tuple[ReturnStatus, ...]:
    """List returns that need an action of a unit or an officer before they count."""
    return tuple(
        status for status in found if status.state.asked_of_unit or status.state is ReturnState.HELD
    )


def chase_table(
    found: Iterable[ReturnStatus], roster: Roster, period: Period, as_of: date
) -> KeptTable:
    """Write the chase list of a round as a table (A4 landscape).

    ``roster`` tells what parent units are called, ``as_of`` is the day that the states are of.
    """
    return KeptTable(
        sheet=text("chase.sheet"),
        title=text("chase.title", period=period.label, day=format_day(as_of)),
        guidance=text("chase.guidance"),
        columns=_columns(
            {name: text(f"chase.column.{name}") for name in _CHASE},
            _CHASE,
            formats=_CHASE_FORMATS,
            centred=("code", *_CHASE_FORMATS),
        ),
        rows=[
            _chase_row(number, status, roster) for number, status in enumerate(to_chase(found), 1)
        ],
        blanks=0,
        frozen=3,
    )


def _chase_row(number: int, status: ReturnStatus, roster: Roster) -> tuple[Content, ...]:
    unit, deadline = status.unit, status.deadline
    fields: dict[str, Content] = {
        "number": number,
        "code": clean(unit.code),
        "unit": clean(unit.name),
        "parent": clean(parent_name(unit, roster)),
        "report": f"{status.template.short_title} · {status.period.label}",
        "due": deadline.due if deadline is not None else None,
        "final": deadline.final if deadline is not None else None,
        "overdue": status.days if status.overdue else None,
        "state": status_text(status),
        "email": clean(unit.email),
        "note": clean(": ".join(part for part in (status.file, sentence(status.reason)) if part)),
    }
    return tuple(fields[name] for name in _CHASE)
