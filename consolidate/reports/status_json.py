"""Build the progress of a round for other programs: ``consolidate/status/1``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from consolidate.definitions.catalogue import sentence
from consolidate.model.period import Period
from consolidate.model.runs import RunOutcome
from consolidate.model.units import Roster
from consolidate.rollup.timeliness import (
    Branch,
    ReturnState,
    ReturnStatus,
    branches,
)
from consolidate.rollup.units_in_totals import parent_name

SCHEMA = "consolidate/status/1"


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
        "schema": SCHEMA,
        "period": period.code,
        "as_of": as_of.isoformat(),
        "run": run,
        "branches": [_branch(branch) for branch in branches(listed, roster)],
        "returns": [_return(status, roster) for status in listed],
        "unplaced": [
            {"file": file.name, "outcome": file.outcome.value, "reason": sentence(file.reason)}
            for file in unplaced
        ],
    }


def _branch(branch: Branch) -> dict[str, Any]:
    share = branch.share
    return {
        "axis": branch.axis.value,
        "name": branch.name,
        "expected": share.expected,
        "with_due_date": share.dated,
        "received": share.received,
        **{state.value: share.counts.get(state, 0) for state in _COUNTED},
        "received_undated": share.counts.get(ReturnState.RECEIVED, 0),
        "completeness": _shown(share.completeness),
        "timeliness": _shown(share.timeliness),
    }


_COUNTED = tuple(state for state in ReturnState if state is not ReturnState.RECEIVED)


def _shown(share: Decimal | None) -> str | None:
    return str(share) if share is not None else None


def _return(status: ReturnStatus, roster: Roster) -> dict[str, Any]:
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
