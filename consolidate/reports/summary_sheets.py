"""Choose which sheets a summary has, their names, and the stamp of every sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from consolidate.definitions.catalogue import text
from consolidate.model.data_values import DataValue, ValueStatus
from consolidate.model.datasets import DataSet, Shape
from consolidate.model.period import Period
from consolidate.model.returns import ReturnRecord
from consolidate.model.text import format_day
from consolidate.model.units import Level
from consolidate.rollup.completeness import Reach, reach, reach_of_table, units_at
from consolidate.rollup.late_tasks import has_plan
from consolidate.rollup.result import MergeResult
from consolidate.rollup.totals import Contribution, DataSetTable
from consolidate.xlsx.write.safe_text import sheet_name


@dataclass(frozen=True, slots=True)
class SetSheets:
    """Names of the sheets of one data set; ``by_unit`` and ``trace`` are for tables of figures.

    ``notes`` is empty when no unit wrote anything into the text columns of a fixed table,
    ``comparison`` when no earlier period is on record; ``ranking`` and ``reviews`` are for forms by
    which units assess themselves.
    """

    table: DataSetTable
    province: str
    by_unit: str = ""
    trace: str = ""
    notes: str = ""
    comparison: str = ""
    ranking: str = ""
    reviews: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All sheets of a summary in their order, by name.

    ``changes`` lists the changes of single units; empty when nothing can be compared. ``tasks``
    lists those of plans; empty when nobody returned one.
    """

    overview: str
    sets: tuple[SetSheets, ...]
    findings: str
    files: str
    normalised: str
    changes: str = ""
    tasks: str = ""

    def names(self) -> Iterator[str]:
        """Give the names in the order of the sheets."""
        yield self.overview
        for part in self.sets:
            yield part.province
            for name in (part.ranking, part.reviews, part.by_unit, part.comparison, part.notes):
                if name:
                    yield name
        yield from filter(None, (self.tasks, self.changes))
        yield from (self.findings, self.files, self.normalised)
        for part in self.sets:
            if part.trace:
                yield part.trace


def shown_forms(result: MergeResult) -> tuple[DataSet, ...]:
    """List the forms that somebody returned or was expected to return.

    They stand in the order of the templates and of the sheets of each.
    """
    order = [code for template in result.library.templates for code in template.data_sets]
    awaited = {part.template.code for part in result.completeness if part.expected}
    forms = [
        t.data_set for t in result.tables if t.summed or t.beside or t.data_set.template in awaited
    ]
    return tuple(sorted(forms, key=lambda form: order.index(form.code)))


def plan(result: MergeResult) -> Plan:
    """Choose the sheets of the forms that are shown (:func:`shown_forms`)."""
    taken: list[str] = []

    def name(key: str, **values: str) -> str:
        made = sheet_name(text(f"summary.sheet.{key}", **values), taken)
        taken.append(made)
        return made

    overview, findings = name("overview"), name("findings")
    files, normalised = name("files"), name("normalised")
    tables = {table.data_set.code: table for table in result.tables}
    sets = []
    for data_set in shown_forms(result):
        table = tables[data_set.code]
        if data_set.shape is Shape.OPEN or data_set.narrative:
            sets.append(SetSheets(table, name("province", sheet=data_set.sheet)))
            continue
        noted = any(True for _ in noted_values(table))
        beside = result.comparisons_of(data_set.code)
        sets.append(
            SetSheets(
                table,
                province=name("province", sheet=data_set.sheet),
                by_unit=name("by_unit", sheet=data_set.sheet),
                trace=name("trace", sheet=data_set.sheet.split()[-1]),
                notes=name("notes", sheet=data_set.sheet) if noted else "",
                comparison=name("comparison", sheet=data_set.sheet) if beside else "",
                ranking=name("ranking", sheet=data_set.sheet) if data_set.tree else "",
                reviews=name("reviews", sheet=data_set.sheet) if data_set.tree else "",
            )
        )
    changes = name("changes") if any(part.comparison for part in sets) else ""
    tasks = name("tasks") if has_plan(result) else ""
    return Plan(overview, tuple(sets), findings, files, normalised, changes, tasks)


def noted_values(table: DataSetTable) -> Iterator[tuple[Contribution, DataValue]]:
    """List texts in a fixed table, such as notes, each with the return that it is from."""
    texts = [
        (element.code, column)
        for element, column in table.data_set.figures()
        if not table.data_set.type_of(element, column).numeric
    ]
    for item in table.contributions if texts else ():
        for element, column in texts:
            value = item.value(element, column)
            if value is not None and value.status is not ValueStatus.MISSING and value.raw.strip():
                yield item, value


def reach_overall(result: MergeResult, level: Level | None = None) -> Reach:
    """Count units that are in, each once whatever number of templates it returns."""
    parts = result.completeness

    def codes(name: str) -> set[str]:
        return {u.code for part in parts for u in units_at(getattr(part, name) or (), level)}

    received, expected = codes("received"), codes("expected")
    if not parts or any(part.expected is None for part in parts):
        return Reach(len(received), None)
    extra, incomplete = len(received - expected), len(received & codes("missing"))
    return Reach(len(received & expected), len(expected), extra, incomplete)


def has_adjusted(table: DataSetTable) -> bool:
    """Ask whether some figure of a table is one that the province put in place of the unit's."""
    return any(_adjusted(item.record, table.data_set.code) for item in table.contributions)


def _adjusted(record: ReturnRecord, data_set: str = "") -> int:
    """Figures of a file that adjustments replaced, of one data set or of all."""
    return sum(
        finding.rule == "memory.adjusted" and data_set in ("", finding.data_set)
        for finding in record.findings
    )


def stamp(table: DataSetTable) -> str:
    """Word the stamp ``12/14 đơn vị, số liệu đến 28/08/2018`` of the sheets of one data set.

    The units are those whose figures are added; how many stand beside the totals is said behind.
    """
    ends = []
    for item in table.contributions:
        content, own = item.record.content, item.content.window
        window = content.window if content is not None else None
        if own is not None and own.window is not None:
            window = own.window
        ends.append(window.end if window is not None else None)
    line = _stamp(reach_of_table(table), ends, table.period)
    if table.beside:
        line = text("summary.stamp.beside", stamp=line, count=len(table.beside))
    adjusted = sum(_adjusted(item.record, table.data_set.code) for item in table.contributions)
    return _with_adjusted(line, adjusted)


def stamp_overall(result: MergeResult) -> str:
    """Word the stamp of sheets about the whole merge; one for each of several templates."""
    records = [record for record in result.records if record.outcome.counted]
    stamps: list[tuple[str, str]] = []
    for part in result.completeness:
        template, counted = part.template, reach(part)
        contents = [
            record.content
            for record in records
            if record.content is not None and record.content.template == template.code
        ]
        ends = [each.window.end if each.window is not None else None for each in contents]
        tables = (table for table in result.tables if table.data_set.template == template.code)
        period = next((table.period for table in tables), result.period)
        if counted.received or counted.expected:
            stamps.append((template.short_title, _stamp(counted, ends, period)))
    line = "; ".join(
        text("summary.stamp.named", template=name, stamp=said) for name, said in stamps
    )
    if len(stamps) == 1:
        line = stamps[0][1]
    if not stamps:
        line = _stamp(reach_overall(result), (), result.period)
    return _with_adjusted(line, sum(map(_adjusted, records)))


def _with_adjusted(line: str, count: int) -> str:
    return text("summary.stamp.adjusted", stamp=line, count=count) if count else line


def _stamp(counted: Reach, ends: Iterable[date | None], period: Period) -> str:
    """How many units are in, and until when: the day that most of them wrote."""
    days = Counter(end for end in ends if end is not None)
    until = text("summary.stamp.until_period", period=period.label)
    if days:
        usual = max(days, key=lambda end: (days[end], end))
        others = days.total() - days[usual]
        key = "until_mixed" if others else "until"
        until = text(f"summary.stamp.{key}", date=format_day(usual), others=others)
    key = "open" if counted.expected is None else "counted"
    line = text(
        f"summary.stamp.{key}", received=counted.received, expected=counted.expected, until=until
    )
    return text("summary.stamp.extra", stamp=line, extra=counted.extra) if counted.extra else line
