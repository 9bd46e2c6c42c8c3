"""A recorded run put together again from what the register keeps: what totals break and lack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from consolidate.merge.adjusting import adjusted_values
from consolidate.model.corrections import Corrections
from consolidate.model.data_values import DataValue
from consolidate.model.datasets import Library
from consolidate.model.returns import DataSetReturn, Outcome, Return, ReturnRecord
from consolidate.model.runs import Run, RunOutcome
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.rollup.complete import Undecided, undecided
from consolidate.rollup.contradictions import Contradiction, contradictions
from consolidate.rollup.totals import roll_up
from consolidate.rollup.units_in_totals import counted_library, groups_of, providers_of

if TYPE_CHECKING:
    from consolidate.register.facts import CountedReturn


def recounted(
    returns: Iterable[CountedReturn],
    run: Run,
    outcomes: Iterable[RunOutcome],
    forms: Library,
    roster: Roster | None,
    in_force: Corrections,
) -> tuple[tuple[Contradiction, ...], tuple[Undecided, ...]]:
    """Ask the rules of the forms of the totals of a run; list the numbers that these lack.

    ``returns`` are those in its totals, ``outcomes`` are of all its files, ``forms`` those of its
    round; units are those of ``roster``, in any other place only their
    codes are known. ``in_force`` are the corrections of the day of the run.
    """
    library = counted_library(forms, roster)
    records = tuple(_records(returns, outcomes, library, roster, in_force))
    order = {unit.code: at for at, unit in enumerate(roster.units)} if roster is not None else {}
    groups = {form.code: groups_of(library, form.code, roster) for form in library.templates}
    tables = []
    for data_set in library.data_sets:
        table = roll_up(
            data_set,
            data_set.period_in(run.head.period),
            records,
            order=order,
            pack=library.pack_of[data_set.template],
            providers=providers_of(data_set, roster),
            groups=groups[data_set.template],
            rules=library.rules[data_set.code],
        )
        tables.append(table)

    def excused(record: ReturnRecord, rule: str) -> bool:
        period = record.content.period if record.content is not None else None
        unit, day = record.unit_code, record.received
        return any(
            item.rule == rule and item.covers(unit, period, day or run.head.as_of)
            for item in in_force.waivers
        )

    return contradictions(tables, library, excused), undecided(tables)


def _records(
    returns: Iterable[CountedReturn],
    outcomes: Iterable[RunOutcome],
    library: Library,
    roster: Roster | None,
    in_force: Corrections,
) -> Iterator[ReturnRecord]:
    """Find what counted in the run, with the figures that were used."""
    units = {unit.code: unit for unit in roster.units} if roster is not None else {}
    received = {(file.path, file.member): file.received for file in outcomes}
    for item in returns:
        stored = item.content
        own = [
            adjustment
            for adjustment in in_force.figures
            if (adjustment.unit, adjustment.period) == (stored.unit, stored.period)
        ]
        parts: dict[str, list[DataValue]] = {}
        for value in adjusted_values(stored.values, own, library).values:
            parts.setdefault(value.key.data_set, []).append(value)
        yield ReturnRecord(
            item.path,
            stored.sha256,
            0,
            Outcome.ACCEPTED,
            None,
            units.get(stored.unit) or OrganisationUnit(stored.unit, stored.unit, Level.UNKNOWN),
            Return(
                stored.template,
                stored.version,
                DataSetReturn(library.cover.code, "", ()),
                tuple(DataSetReturn(code, "", tuple(part)) for code, part in parts.items()),
                period=stored.period,
            ),
            member=item.member,
            received=received.get((item.path, item.member)),
        )
