"""The result of a merge: what every report, the command line and the ribbon are rendered from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from consolidate.model.corrections import Adjustment, Reviews
from consolidate.model.data_values import Baseline
from consolidate.model.datasets import Aggregation, Library
from consolidate.model.deadlines import Secrecy
from consolidate.model.period import Period
from consolidate.model.reasons import Finding, Reason, Severity, because
from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.model.units import Level, Roster, levels_on
from consolidate.rollup.comparison import Comparison
from consolidate.rollup.completeness import Completeness, Undecided, undecided
from consolidate.rollup.contradictions import Contradiction, each_once
from consolidate.rollup.periods_that_add_up import Tile
from consolidate.rollup.province_faults import OwnFault, own_faults
from consolidate.rollup.totals import DataSetTable
from consolidate.rollup.units_in_totals import named_units


@dataclass(frozen=True, slots=True)
class MergeResult:
    """One merge of an inbox, free of files and of the clock.

    ``library`` shows the forms of the round. ``records`` stand in the order of file names;
    ``ignored`` counts lock and system files that were passed over; ``tables`` and
    ``completeness`` stand in the order of the definitions. ``placed`` are the same files as they
    were read and placed, before anything remembered was said
    of them; empty without a memory. ``comparisons`` put the fixed tables beside those of earlier
    periods, also where nothing is on record of these, and ``bases`` are all runs that were asked
    about earlier periods; both are empty without a memory. ``contradictions`` are totals that break
    rules of their forms: findings of the province, never told to a unit. ``adjustments`` are those
    of figures that were in force. ``secrecy`` is the mark that every page made of it bears. ``day``
    is the one that the merge is of (``--as-of``), ``None`` without a memory. ``reviews`` are the
    points that assessors gave.
    """

    period: Period
    records: tuple[ReturnRecord, ...]
    tables: tuple[DataSetTable, ...]
    completeness: tuple[Completeness, ...]
    roster: Roster | None = None
    library: Library = field(kw_only=True, repr=False)
    ignored: int = 0
    placed: tuple[ReturnRecord, ...] = field(default=(), repr=False)
    comparisons: tuple[Comparison, ...] = field(default=(), repr=False)
    bases: tuple[Baseline, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    adjustments: tuple[Adjustment, ...] = field(default=(), repr=False)
    secrecy: Secrecy = Secrecy.NONE
    day: date | None = None
    reviews: Reviews = field(default_factory=dict, repr=False)

    def comparisons_of(self, data_set: str) -> tuple[Comparison, ...]:
        """What a data set can be compared with: the period before, then last year."""
        return tuple(
            item for item in self.comparisons if item.known and item.table.data_set.code == data_set
        )

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels that a summary shows: those of the units that are asked or have answered.

        Without any they are those that there are on the last day of the period.
        """
        seen = {unit.level for unit in self.roster.units} if self.roster is not None else set()
        seen |= {
            record.level
            for record in self.records
            if record.outcome.counted or record.level is not Level.UNKNOWN
        }
        shown = tuple(level for level in Level if level in seen)
        return shown or levels_on(self.period.last_day)

    @property
    def province(self) -> str:
        """Name of the province as the roster gives it, ``""`` when it does not."""
        return self.roster.province if self.roster is not None else ""

    @property
    def heading(self) -> str:
        """The periods of the forms that anybody had to return or returned, as a title says them.

        A round goes by one of its periods; forms returned for another one keep theirs
        (``9 tháng đầu năm 2018 · Quý III/2018``).
        """
        parts = (item for item in self.completeness if item.expected or item.received or item.held)
        codes = {part.template.code for part in parts}
        found = {item.period for item in self.tables if item.data_set.template in codes}
        first = sorted(found, key=lambda period: (period != self.period, period.code))
        return " · ".join(period.label for period in first) or self.period.label

    @property
    def untiled(self) -> tuple[tuple[Comparison, Tile], ...]:
        """Totals of the province that are not the earlier one and that of the quarter together.

        Those that units explain are among them: see :attr:`Tile.wrong`.
        """
        return tuple((item, tile) for item in self.comparisons for tile in item.tiles if tile.gap)

    def findings(self) -> tuple[tuple[ReturnRecord, Finding], ...]:
        """Every finding with the file it is about, in file order and then severity."""
        return tuple((record, finding) for record in self.records for finding in record.findings)

    def severities(self) -> Mapping[Severity, int]:
        """Number of findings by severity."""
        return Counter(finding.severity for _, finding in self.findings())

    def outcomes(self) -> Mapping[Outcome, int]:
        """Number of files by outcome."""
        return Counter(record.outcome for record in self.records)

    @property
    def own_faults(self) -> tuple[OwnFault, ...]:
        """What the province has to settle and no unit is told of, each once."""
        return own_faults(self.records)

    @property
    def late(self) -> tuple[str, ...]:
        """Codes of the units of which a return that counts came after its due date."""
        codes = (
            record.unit.code
            for record in self.records
            if record.outcome.counted and record.unit is not None and record.days_late
        )
        return tuple(sorted(set(codes)))

    @property
    def unnamed(self) -> tuple[Reason, ...]:
        """Forms without a total because several units answer for the province and none is named."""
        return tuple(reason for table in self.tables for reason in several(table))

    @property
    def contradicted(self) -> tuple[Contradiction, ...]:
        """Rules that totals break, each once (:func:`each_once`)."""
        return each_once(self.contradictions)

    @property
    def undecided(self) -> tuple[Undecided, ...]:
        """Numbers that totals lack until their units of measure are decided on."""
        return undecided(self.tables)

    @property
    def clean(self) -> bool:
        """Whether nothing needs a person: all accepted, none missing, no error and no warning."""
        severities = self.severities()
        return (
            all(record.outcome is Outcome.ACCEPTED for record in self.records)
            and not any(part.missing or part.held for part in self.completeness)
            and not severities.get(Severity.ERROR)
            and not severities.get(Severity.WARNING)
            and not any(tile.wrong for _, tile in self.untiled)
            and not self.unnamed
            and not any(item.open for item in self.contradictions)
        )


_SHOWN = 5
"""Names of units in a reason before the rest is counted."""


def several(table: DataSetTable) -> tuple[Reason, ...]:
    """Say which units answer for the province, where several do and the roster names none."""
    lost = {
        (figure.element.code, figure.column)
        for figure in table.figures
        if figure.aggregation is Aggregation.SINGLE and not figure.given_by and figure.units
    }
    units = [
        item.unit
        for item in table.summed
        if any(
            value is not None and value.number is not None
            for value in (item.value(*key) for key in lost)
        )
    ]
    if len(units) < 2:
        return ()
    code = table.data_set.form or table.data_set.code
    names, more = named_units(units, _SHOWN)
    values = {"count": len(units), "names": names, "more": more}
    return (because("single.several", form=table.data_set.short_title, code=code, **values),)
