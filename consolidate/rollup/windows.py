"""From which day to which the figures of a table are, where that is one and the same for all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from consolidate.model.datasets import DataSet, Library
from consolidate.model.deadlines import Calendar, deadline_for
from consolidate.model.period import DataWindow, Period
from consolidate.model.units import OrganisationUnit
from consolidate.rollup.totals import Contribution


def window_of(
    data_set: DataSet,
    asked: Period,
    library: Library,
    calendar: Calendar,
    owing: Iterable[OrganisationUnit] | None,
    items: Sequence[Contribution],
) -> DataWindow | None:
    """Find the data window of a table: that of the calendar or by law, else that of all returns.

    ``None`` where it differs from unit to unit: the page leaves the days to be written by hand.

    Args:
        data_set: the table.
        asked: the round.
        library: the forms of the round.
        calendar: what letters of the province set.
        owing: the units that owe the table; ``None`` without a roster, then those that returned it.
        items: the returns that count.
    """
    period = data_set.period_in(asked)
    units = [item.unit for item in items] if owing is None else owing
    # Rows of a calendar are for levels and kinds, never for a single unit.
    classes = {(unit.level, unit.kind): unit for unit in units}
    deadlines = [
        deadline_for(library, calendar, unit, data_set.template, period)
        for unit in classes.values()
    ]
    asked_for = {item.window for item in deadlines if item is not None and item.window is not None}
    if not asked_for:
        lines = [item.content.window for item in items if item.content.window is not None]
        asked_for = {line.window for line in lines if line.window is not None}
        if len(lines) < len(items):
            return None
    return asked_for.pop() if len(asked_for) == 1 else None
