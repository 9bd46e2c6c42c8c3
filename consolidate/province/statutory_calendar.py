"""The calendar of a year as the legal bases of the forms set it, for a province to go on from."""

from __future__ import annotations

from collections.abc import Iterator

from consolidate.definitions.catalogue import text
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline, statutory_deadline
from consolidate.model.packs import Pack, Packs
from consolidate.model.period import Period, PeriodType
from consolidate.model.text import format_day


def statutory_calendar(packs: Packs, year: int) -> Calendar:
    """A row for every family of forms and period of a year that some pack serves.

    A period of which the legal basis says nothing has a row too, its days blank: whoever has to
    fill it in is then told the cells.
    """
    return Calendar(tuple(row for pack in packs.packs for row in _rows(pack, year)))


def _rows(pack: Pack, year: int) -> Iterator[CalendarRow]:
    kinds = {kind for data_set in pack.data_sets for kind in data_set.periods}
    for kind in sorted(kinds, key=lambda kind: (kind.round, list(PeriodType).index(kind))):
        period = Period(year, kind)
        if not pack.serves(period):
            continue
        deadline = statutory_deadline(pack, period)
        notes = []
        if deadline is None or deadline.window is None or deadline.due is None:
            notes.append(text("calendar.to_fill"))
        own = pack.period_for(period)
        if own is not None and own != period:
            notes.append(text("calendar.same_round", period=own.type.label))
        if "province" in pack.due:
            last = format_day(pack.due["province"].of(period))
            notes.append(text("calendar.province_due", day=last))
        said = deadline or Deadline()
        yield CalendarRow(
            period,
            Deadline(said.window, said.due, letter=said.letter, note=" ".join(notes)),
            pack.family,
        )
