"""Collect what a head of office reads first: key figures, who has reported, what waits.

Built once, shown twice: by the sheet "Tổng quan" and by the page ``tong-quan-….html``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.corrections import ADJUSTED
from consolidate.model.data_values import FigureKey, ValueStatus
from consolidate.model.period import Period
from consolidate.model.reasons import Finding, Reason, Severity
from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.model.text import format_number
from consolidate.model.units import OrganisationUnit
from consolidate.reports.captions import caption, cell_note, forms_of, unit_caption
from consolidate.reports.summary_sheets import reach_overall
from consolidate.rollup.comparison import Against, Both, Change
from consolidate.rollup.completeness import Shown, answered
from consolidate.rollup.result import MergeResult
from consolidate.rollup.totals import Contribution, DataSetTable, Figure

_OUTLYING = "history.outlier_"
_LET_OFF = ("memory.waived", "memory.waived_period")
"""Keys of what is said of a finding that a waiver makes a note."""


@dataclass(frozen=True, slots=True)
class KeyBefore:
    """A figure of the province beside an earlier period; ``both`` is over the same units."""

    against: Against
    past: Period
    change: Change
    both: Both | None

    @property
    def said(self) -> str:
        """The change as people write it: ``+12``; why there is none, if that is known."""
        change = self.change
        if change.difference is None:
            known = change.obstacle and change.then is not None
            return text(f"summary.comparison.obstacle.{change.obstacle}") if known else ""
        points = f" {text('summary.comparison.points')}" if change.points else ""
        return f"{signed(change.difference)}{points}"

    @property
    def percent(self) -> str:
        """The change in percent of then: ``+8,3 %``; ``""`` where there is none."""
        percent = self.change.percent
        return "" if percent is None else text("summary.glance.percent", percent=signed(percent))

    @property
    def alike(self) -> str:
        """The change over the units that reported both times, where it is another one."""
        if self.both is None or self.both.now - self.both.then == self.change.difference:
            return ""
        change = signed(self.both.now - self.both.then)
        return text("summary.glance.alike", count=len(self.both.units), change=change)


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key figure under its short name, with what it was before: the last round, the last year."""

    name: str
    table: DataSetTable
    figure: Figure
    earlier: tuple[KeyBefore, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Codes of its element and column."""
        return self.figure.element.code, self.figure.column

    @property
    def label(self) -> str:
        """Short name with the unit of measure."""
        measure = self.figure.element.unit
        return text("summary.glance.label", name=self.name, unit=measure) if measure else self.name

    @property
    def shown(self) -> str:
        """The figure as people write it, or which kind of nothing it is."""
        return figure_shown(self.table, self.figure)

    def before(self, against: Against) -> KeyBefore | None:
        """Find the figure beside one of its two neighbours, if that is known."""
        return next((item for item in self.earlier if item.against is against), None)


class Open(StrEnum):
    """What a person has to decide on or look at again, in the order of its weight."""

    MISSING = "missing"
    HELD = "held"
    CONTRADICTED = "contradicted"
    OUTLYING = "outlying"
    LET_OFF = "let_off"


class OpenLine(NamedTuple):
    """One thing that waits: whom or what it is about, where, and what is said of it."""

    about: str
    place: str
    said: str


class Arrived(StrEnum):
    """Where a unit is with all that it owes for a round.

    ``RECEIVED`` is in, with nothing to tell whether in time; ``PART`` lacks one of its forms.
    """

    ON_TIME = "on_time"
    RECEIVED = "received"
    LATE = "late"
    PART = "part"
    HELD = "held"
    MISSING = "missing"


def signed(number: Decimal) -> str:
    """Write a change as people do: ``+1.819``, ``-5``, ``0``."""
    sign = "+" if number > 0 else "-" if number < 0 else ""
    return f"{sign}{format_number(abs(number))}"


def figure_shown(table: DataSetTable, figure: Figure) -> str:
    """Write a total as people do; a range where a ratio has none; else which nothing it is."""
    if figure.total is not None:
        return format_number(figure.total)
    if figure.low is not None and figure.high is not None:
        low, high = format_number(figure.low), format_number(figure.high)
        return text("summary.glance.range", low=low, high=high)
    return nothing_shown(answered(table, figure).shown)


_NOTHING: dict[Shown | ValueStatus | None, str] = {
    Shown.CROSSED: "summary.not_applicable",
    ValueStatus.NOT_APPLICABLE: "summary.not_applicable",
    Shown.HELD: "summary.province.held",
    ValueStatus.HELD: "summary.province.held",
    Shown.UNREADABLE: "summary.province.unreadable",
    ValueStatus.INVALID: "summary.province.unreadable",
}


def nothing_shown(kind: Shown | ValueStatus | None) -> str:
    """Write which kind of nothing stands in place of a number."""
    return text(_NOTHING.get(kind, "summary.missing_mark"))


def key_rows(result: MergeResult) -> tuple[KeyRow, ...]:
    """Collect the key figures of the packs of a round, in the order of packs and of their lists."""
    tables = {table.data_set.code: table for table in result.tables}
    earlier = {code: earlier_of(result, code) for code in tables}
    rows = []
    for template in result.library.templates:
        for item in result.library.pack_of[template.code].key_figures:
            data_set, element, column = item.key
            table = tables.get(data_set)
            figure = table.figure(element, column) if table is not None else None
            if table is not None and figure is not None and asked_or_sent(result, table):
                before = earlier[data_set][element, column]
                rows.append(KeyRow(item.name, table, figure, before))
    return tuple(rows)


def headline(result: MergeResult) -> str:
    """Say how many units are in: ``Đã nhận báo cáo của 12/14 đơn vị``."""
    overall = reach_overall(result)
    key = "headline_open" if overall.expected is None else "headline"
    return text(f"summary.received.{key}", received=overall.received, expected=overall.expected)


def asked_or_sent(result: MergeResult, table: DataSetTable) -> bool:
    """Ask whether anybody returned a table or was expected to."""
    template = table.data_set.template
    awaited = any(p.expected for p in result.completeness if p.template.code == template)
    return bool(table.contributions) or awaited


def earlier_of(
    result: MergeResult, data_set: str
) -> Mapping[tuple[str, str], tuple[KeyBefore, ...]]:
    """Find the figures of a data set in the periods that it is compared with.

    By element and column; nothing for what was never compared.
    """
    found: dict[tuple[str, str], tuple[KeyBefore, ...]] = defaultdict(tuple)
    for comparison in result.comparisons_of(data_set):
        for item in comparison.figures:
            made = KeyBefore(comparison.against, comparison.past, item.total, item.both)
            found[item.element.code, item.column] += (made,)
    return found


def arrivals_of(result: MergeResult) -> dict[str, Arrived]:
    """Find where every unit is that owes or sent something, by its code."""
    received, missing, held = (
        {unit.code for part in result.completeness for unit in getattr(part, name)}
        for name in ("received", "missing", "held")
    )
    untimed = {
        record.unit.code
        for record in result.records
        if record.outcome.counted and record.unit is not None and record.days_late is None
    }
    found, late = dict[str, Arrived](), frozenset(result.late)
    for code in received | missing | held:
        if code not in received:
            found[code] = Arrived.HELD if code in held else Arrived.MISSING
        elif code in missing:
            found[code] = Arrived.PART
        elif code in late:
            found[code] = Arrived.LATE
        else:
            found[code] = Arrived.RECEIVED if code in untimed else Arrived.ON_TIME
    return found


class ToDecide(NamedTuple):
    """What is told of a figure of the province that is to be decided on before it is signed."""

    told: Reason
    figure: FigureKey
    severity: Severity


def to_decide(result: MergeResult) -> list[ToDecide]:
    """List rules that totals break and nobody excused, then figures that are in no total yet."""
    wrong = [item for item in result.contradicted if item.open]
    broken = [ToDecide(item.told, item.figures[0], item.severity) for item in wrong]
    error = Severity.ERROR
    return broken + [ToDecide(item.told, item.figure, error) for item in result.undecided]


def waiting(result: MergeResult) -> dict[Open, list[OpenLine]]:
    """List the five things that wait for a decision, each with what is behind it."""
    found: dict[Open, list[OpenLine]] = {kind: [] for kind in Open}
    for unit, forms in missing_units(result):
        named = unit_caption(unit.name, unit.code)
        found[Open.MISSING].append(OpenLine(named, unit.level.label, forms))
    for record in held_files(result):
        line = OpenLine(_unit(record), record.name, sentence(record.reason))
        found[Open.HELD].append(line)
    for item in to_decide(result):
        found[Open.CONTRADICTED].append(OpenLine(place_of(item, result), "", sentence(item.told)))
    for record, finding in result.findings():
        outlying = finding.rule.startswith(_OUTLYING) and finding.severity is not Severity.INFO
        if outlying and record.outcome.counted:
            found[Open.OUTLYING].append(_told(record, finding, result))
        # Notes by a waiver, and figures that the province put in place of others.
        if finding.message.key in _LET_OFF or finding.rule == f"memory.{ADJUSTED}":
            found[Open.LET_OFF].append(_told(record, finding, result))
    return found


def missing_units(result: MergeResult) -> Iterator[tuple[OrganisationUnit, str]]:
    """List units that owe something yet, in the order of the roster, with the forms they owe."""
    owed: dict[str, list[str]] = {}
    units = {unit.code: unit for part in result.completeness for unit in part.missing}
    for part in result.completeness:
        for unit in part.missing:
            owed.setdefault(unit.code, []).append(part.template.short_title)
    roster = result.roster
    order = {unit.code: i for i, unit in enumerate(roster.units)} if roster else {}
    for code in sorted(units, key=lambda code: order.get(code, 0)):
        yield units[code], ", ".join(owed[code])


def held_files(result: MergeResult) -> list[ReturnRecord]:
    """List files that wait for a person."""
    return [record for record in result.records if record.outcome is Outcome.HELD]


def place_of(item: ToDecide, result: MergeResult) -> str:
    """Name the figure that is to be decided on: ``Biểu 01, MS 40``."""
    sheet = result.library.by_code[item.figure[0]].sheet
    return text("summary.decide.place", sheet=sheet, caption=caption(result.library, *item.figure))


def _told(record: ReturnRecord, finding: Finding, result: MergeResult) -> OpenLine:
    name = caption(forms_of(record, result.library), finding.data_set, finding.element)
    place = cell_note(finding.cells[0]) if finding.cells else finding.sheet
    said = sentence(finding.message)
    return OpenLine(_unit(record), " · ".join(filter(None, (name, place))), said)


def _unit(record: ReturnRecord) -> str:
    unit = record.unit
    return unit_caption(unit.name, unit.code) if unit is not None else text("summary.no_unit")


def answer_of(item: Contribution, figure: Figure) -> tuple[ValueStatus | None, Decimal | None]:
    """Tell how a unit answered a figure, and its number: of a list the sum of its rows.

    ``None`` where the return has no such cell; of a list, where it has no row.
    """
    element = figure.element.code
    if item.places:
        value = item.value(element, figure.column)
        return (value.status, value.number) if value is not None else (None, None)
    numbers = [
        value.number
        for value in item.content.values
        if value.key.element == element and value.number is not None
    ]
    return item.answer(element), sum(numbers, Decimal(0)) if numbers else None
