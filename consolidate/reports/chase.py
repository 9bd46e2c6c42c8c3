"""The chase list: a table of every return that is not in, with whom to write to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from consolidate.definitions.catalogue import sentence, text
from consolidate.forms.kept_table import KeptColumn, KeptTable
from consolidate.forms.styles import COUNT_FORMAT, DATE_FORMAT, TEXT_FORMAT
from consolidate.model.period import Period
from consolidate.model.units import Roster
from consolidate.reports.progress import said, shown_day
from consolidate.reports.safe import clean
from consolidate.rollup.timeliness import ReturnState, ReturnStatus, parent_name

_WIDTHS = {
    "number": 5, "code": 8, "unit": 23, "parent": 16, "report": 15, "due": 11.5, "final": 11.5,
    "overdue": 8, "state": 18, "email": 23, "note": 38,
}  # fmt: skip
_FORMATS = {
    "number": COUNT_FORMAT, "due": DATE_FORMAT, "final": DATE_FORMAT, "overdue": COUNT_FORMAT,
}  # fmt: skip


def to_chase(found: Iterable[ReturnStatus]) -> tuple[ReturnStatus, ...]:
    """Returns that somebody has to do something about before they count, in their order."""
    return tuple(
        status for status in found if status.state.asked_of_unit or status.state is ReturnState.HELD
    )


def chase_table(
    found: Iterable[ReturnStatus], roster: Roster, period: Period, as_of: date
) -> KeptTable:
    """The chase list of a round as a table (A4 landscape).

    ``roster`` tells what parent units are called, ``as_of`` is the day that the states are of.
    """
    return KeptTable(
        sheet=text("chase.sheet"),
        title=text("chase.title", period=period.label, day=shown_day(as_of)),
        guidance=text("chase.guidance"),
        columns=tuple(
            KeptColumn(
                text(f"chase.column.{name}"),
                width,
                "",
                center=name in ("code", *_FORMATS),
                format=_FORMATS.get(name, TEXT_FORMAT),
            )
            for name, width in _WIDTHS.items()
        ),
        rows=[_row(number, status, roster) for number, status in enumerate(to_chase(found), 1)],
        blanks=0,
        frozen=3,
    )


def _row(number: int, status: ReturnStatus, roster: Roster) -> tuple[str | int | date | None, ...]:
    unit, deadline = status.unit, status.deadline
    fields: dict[str, str | int | date | None] = {
        "number": number,
        "code": clean(unit.code),
        "unit": clean(unit.name),
        "parent": clean(parent_name(unit, roster)),
        "report": f"{status.template.short_title} · {status.period.label}",
        "due": deadline.due if deadline is not None else None,
        "final": deadline.final if deadline is not None else None,
        "overdue": status.days if status.overdue else None,
        "state": said(status),
        "email": clean(unit.email),
        "note": clean(": ".join(part for part in (status.file, sentence(status.reason)) if part)),
    }
    return tuple(fields[name] for name in _WIDTHS)
