"""Rules that ask another template of the unit, or other units of the round.

They are asked once it is decided which files count. What has not come yet makes a rule neither
kept nor broken: that is said, with what is waited for. A form that the unit does not owe and did
not return is not waited for.

Figures of the province (``all_units.…``) are added up as its totals are: units that are not summed
are left out, but for a form that only such units return. A figure that one unit gives is that of
the unit that the roster names. Blanks add nothing; what cannot be read or is held makes the sum
unknown. Whether all units are in is known by the roster only. Such a difference is the province's
to settle, since nobody can tell which unit is wrong; one with the units below
(``units_below.…``) is told to their superior.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from consolidate.checks.rule_checks import NOWHERE, Asked, Row, asked_rows, finding_of, source_of
from consolidate.model.anchors import COVER
from consolidate.model.corrections import ADJUSTED
from consolidate.model.data_values import UNKNOWN, DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import Aggregation, DataSet, Library
from consolidate.model.period import Period
from consolidate.model.reasons import Finding, Ours, Reason, Severity, because, joined
from consolidate.model.returns import DataSetReturn, Return, ReturnRecord
from consolidate.model.rules import Expr, Ref, Rows, Shift, Total, home_of, leaves
from consolidate.model.text import format_number
from consolidate.model.units import OrganisationUnit, Roster
from consolidate.rollup.units_in_totals import Told, named_units, providers_of
from consolidate.rules.evaluation import ValueSource, Verdict, evaluate

WAITING_FORM = "across.waiting_form"
WAITING_UNITS = "across.waiting_units"
_NAMED = 4
"""Units, and rules that wait, that a sentence names."""


def across_findings(
    records: Sequence[ReturnRecord], library: Library, roster: Roster | None, period: Period
) -> tuple[Told, ...]:
    """Ask the rules across templates and units of every file that counts."""
    if not any(library.across.values()):
        return ()
    known = _Round(records, library, roster, period)
    return tuple(
        (at, finding, ours)
        for at, record in enumerate(records)
        if record.outcome.counted and record.unit is not None and record.content is not None
        for finding, ours in _Asking(known, record.content, record.unit).findings()
    )


class _Given(NamedTuple):
    """A table that a unit returned, with its file."""

    record: ReturnRecord
    part: DataSetReturn
    values: dict[tuple[str, str, str, int], DataValue]


class _Pool(NamedTuple):
    """Units whose figures of a form are added up; ``waiting`` are those that have not come.

    ``known`` tells whether anybody can say who else should come.
    """

    given: tuple[tuple[OrganisationUnit, _Given], ...]
    waiting: tuple[OrganisationUnit, ...]
    known: bool


class _Round:
    """What all units returned that counts, table by table."""

    def __init__(
        self,
        records: Sequence[ReturnRecord],
        library: Library,
        roster: Roster | None,
        period: Period,
    ) -> None:
        self.library, self.roster, self.period = library, roster, period
        self._given: dict[str, dict[str, _Given]] = {}
        self._units: dict[str, OrganisationUnit] = {}
        self._pools: dict[tuple[str, str], _Pool] = {}
        for record in records:
            if not record.outcome.counted or record.unit is None or record.content is None:
                continue
            self._units[record.unit.code] = record.unit
            tables = self._given.setdefault(record.unit.code, {})
            for part in record.content.data_sets:
                tables[part.code] = _Given(record, part, {v.key: v for v in part.values})

    def given(self, unit: OrganisationUnit) -> dict[str, _Given]:
        """The tables of a unit by code."""
        return self._given.get(unit.code, {})

    def owes(self, unit: OrganisationUnit, form: DataSet) -> bool:
        """Ask whether a table of a unit is still to come, if it has not."""
        owed = self.library.owed(unit.kind, self.period).by_code
        return form.code in owed and self.library.owes(form.template, unit, self.period)

    def pool(self, form: DataSet, unit: OrganisationUnit, shift: Shift) -> _Pool:
        """The units whose figures of a form are added up for a unit."""
        superior = unit.code if shift is Shift.UNITS_BELOW else ""
        key = (form.code, superior)
        if key not in self._pools:
            self._pools[key] = self._pool(form, superior)
        return self._pools[key]

    def _pool(self, form: DataSet, superior: str) -> _Pool:
        roster = self.roster
        units = roster.units if roster is not None else tuple(self._units.values())
        if superior:
            units = tuple(unit for unit in units if self._below(unit, superior))
        else:
            owing = [unit for unit in units if self.owes(unit, form)] or list(units)
            added = [unit for unit in owing if self.library.summed(form.template, unit)]
            if added:
                units = tuple(u for u in units if self.library.summed(form.template, u))
        given = ((unit, self.given(unit).get(form.code)) for unit in units)
        come = tuple((unit, table) for unit, table in given if table is not None)
        codes = {unit.code for unit, _ in come}
        left = (u for u in units if u.code not in codes and self.owes(u, form))
        return _Pool(come, tuple(left), known=roster is not None)

    def _below(self, unit: OrganisationUnit, superior: str) -> bool:
        if not unit.parent or self.roster is None:
            return False
        return [found.code for found in self.roster.find(unit.parent)] == [superior]

    def single(self, form: DataSet, ref: Ref) -> tuple[OrganisationUnit, ...] | None:
        """The unit that gives a figure of the whole province; ``None`` for figures that add up."""
        codes = (ref.element,) if ref.element else ()
        kinds = {form.aggregation_of(form.by_code[code], ref.column) for code in codes}
        if Aggregation.SINGLE not in kinds or ref.shift is not Shift.ALL_UNITS:
            return None
        return providers_of(form, self.roster)


@dataclass(frozen=True, slots=True)
class _Source:
    """The values of a unit and of others as a rule sees them from one row.

    ``own`` are those of the unit; only those of its own file (``tables``) have a cell here.
    """

    known: _Round
    unit: OrganisationUnit
    own: ValueSource
    tables: frozenset[str]
    row: Row

    def value(self, ref: Ref) -> DataValue | None:
        if ref.shift.adds_units:
            return self._sum(ref)
        value = self.own.value(ref)
        if value is None or ref.data_set in self.tables:
            return value
        return replace(value, cell=NOWHERE)

    def series(self, ref: Ref) -> tuple[DataValue, ...] | None:
        if not ref.shift.adds_units:
            found = self.own.series(ref)
            if found is None or ref.data_set in self.tables:
                return found
        elif (pool := self._pool(ref)) is not None:
            values = (value for _, table in pool.given for value in table.part.values)
            found = tuple(value for value in values if value.key.element == ref.element)
        else:
            return None
        return tuple(replace(value, cell=NOWHERE) for value in found)

    def rows(self, rows: Rows) -> int | None:
        if not rows.shift.adds_units:
            return self.own.rows(rows)
        pool = self._pool(rows)
        return None if pool is None else sum(table.part.rows for _, table in pool.given)

    def each(self, data_set: str, shift: Shift) -> Sequence[ValueSource] | None:
        if not shift.adds_units:
            return self.own.each(data_set, shift)
        pool = self._pool(Rows(data_set, shift))
        if pool is None:
            return None
        form = self.known.library.data_set(data_set)
        return tuple(
            source_of((table.part,), form, Row(number=number))
            for _, table in pool.given
            for number in range(1, table.part.rows + 1)
        )

    def official_number(self) -> str:
        return self.own.official_number()

    def _pool(self, asked: Ref | Rows) -> _Pool | None:
        """The units that are added up, where all of them are in."""
        form = self.known.library.data_set(asked.data_set)
        pool = self.known.pool(form, self.unit, asked.shift)
        return pool if pool.given and pool.known and not pool.waiting else None

    def _sum(self, ref: Ref) -> DataValue | None:
        key = ValueKey(ref.data_set, ref.element or self.row.element, ref.column)
        values = [value for _, value in self.parts(ref)]
        if not values or {value.status for value in values} & UNKNOWN:
            return None
        numbers = [value.number for value in values if value.number is not None]
        if not numbers:
            return DataValue(key, None, ValueStatus.MISSING, "", NOWHERE)
        total = sum(numbers, Decimal(0))
        return DataValue(key, total, ValueStatus.REPORTED, format_number(total), NOWHERE)

    def parts(self, ref: Ref) -> list[tuple[OrganisationUnit, DataValue]]:
        """What each unit has of a sum; nothing while some are waited for."""
        form = self.known.library.data_set(ref.data_set)
        element = ref.element or self.row.element
        giving = self.known.single(form, replace(ref, element=element))
        if giving is None:
            pool = self._pool(ref)
            tables = pool.given if pool is not None else ()
        else:
            found = ((unit, self.known.given(unit).get(form.code)) for unit in giving)
            tables = tuple((unit, table) for unit, table in found if table is not None)
        values = (
            (unit, table.values.get((ref.data_set, element, ref.column, 0)))
            for unit, table in tables
        )
        return [(unit, value) for unit, value in values if value is not None]


@dataclass(frozen=True, slots=True)
class _Asking:
    """The rules across templates and units that are asked of one file."""

    known: _Round
    content: Return
    unit: OrganisationUnit

    def findings(self) -> Iterator[tuple[Finding, Ours | None]]:
        content, library = self.content, self.known.library
        waits: dict[str, dict[str, Reason]] = {WAITING_FORM: {}, WAITING_UNITS: {}}
        for part in content.data_sets:
            for rule, expression in library.across.get(part.code, ()):
                form = library.data_set(part.code)
                for row in asked_rows(rule, form, part):
                    source = self._source(form, row)
                    asked = Asked(rule, expression, form, row, source, library)
                    result = evaluate(expression, rule, source)
                    if result.verdict is Verdict.BROKEN:
                        found = finding_of(asked, result, part.sheet)
                        yield self._placed(asked, source, found), _ours(expression, source)
                    elif result.verdict is Verdict.NOT_APPLICABLE:
                        for key, why in self._waiting(expression):
                            told = because("across.waits", sentence=asked.in_words(), why=why)
                            waits[key].setdefault(rule.id, told)
        for key, rules in waits.items():
            if rules:
                named = joined("rules.semicolon", tuple(rules.values())[:_NAMED])
                more = len(rules) - _NAMED
                if more > 0:
                    named = because("across.more_rules", told=named, count=more)
                message = because(key, rules=named)
                ours = Ours.ACROSS if key == WAITING_UNITS else None
                yield Finding(key, Severity.INFO, message), ours

    def _source(self, form: DataSet, row: Row) -> _Source:
        mine = {part.code: part for part in (self.content.cover, *self.content.data_sets)}
        others = {code: table.part for code, table in self.known.given(self.unit).items()}
        own = source_of((others | mine).values(), form, row)
        return _Source(self.known, self.unit, own, frozenset(mine), row)

    def _waiting(self, expression: Expr) -> Iterator[tuple[str, Reason]]:
        """What has not come of what a rule asks; nothing where it will not come."""
        for asked in dict.fromkeys(map(home_of, leaves(expression))):
            if asked.data_set == COVER:
                continue
            form = self.known.library.data_set(asked.data_set)
            name = f"{self.known.library.families[form.template].short_title}, {form.sheet}"
            if not asked.shift.adds_units:
                come = form.code in self.known.given(self.unit)
                if not come and self.known.owes(self.unit, form):
                    yield WAITING_FORM, because("across.no_form", form=name)
                continue
            pool = self.known.pool(form, self.unit, asked.shift)
            if not pool.known:
                yield WAITING_UNITS, because("across.no_roster")
            elif pool.waiting:
                units, more = named_units(pool.waiting, _NAMED)
                values = {"count": len(pool.waiting), "units": units, "more": more}
                yield WAITING_UNITS, because("across.no_units", form=name, **values)

    def _placed(self, asked: Asked, source: _Source, found: Finding) -> Finding:
        """The finding with the files and units that the other figures are from."""
        mine = {part.code for part in self.content.data_sets}
        own = asked.row.element
        places: list[Reason] = []
        for leaf in dict.fromkeys(leaves(asked.expression)):
            ref = home_of(leaf)
            if ref.shift.adds_units:
                if isinstance(leaf, Ref):
                    places.append(self._of_units(asked, source, leaf))
            elif ref.data_set not in mine:
                table = self.known.given(self.unit).get(ref.data_set)
                if table is not None:
                    places.append(self._at(asked, table, leaf))
            elif isinstance(leaf, Ref) and leaf.element:
                own = own or leaf.element
        message = found.message
        if places:
            where = joined("rules.semicolon", places)
            message = because("across.where", told=message, places=where)
        return replace(found, message=message, element=own)

    def _at(self, asked: Asked, table: _Given, leaf: Ref | Rows | Total) -> Reason:
        ref = home_of(leaf)
        value = None
        if isinstance(leaf, Ref):
            value = table.values.get((leaf.data_set, leaf.element, leaf.column, 0))
        cell = value.cell.a1 if value is not None else ""
        place = f"{table.part.sheet} {cell}".strip()
        return because("across.at", name=asked.name(ref), file=table.record.name, place=place)

    def _of_units(self, asked: Asked, source: _Source, ref: Ref) -> Reason:
        parts = [(unit, value) for unit, value in source.parts(ref) if value.number]
        names, more = named_units([unit for unit, _ in parts], _NAMED)
        numbers = (format_number(value.number or Decimal(0)) for _, value in parts)
        units = tuple(f"{name} {number}" for name, number in zip(names, numbers, strict=False))
        return because("across.units", name=asked.name(ref), units=units, more=more)


def _ours(expression: Expr, source: _Source) -> Ours | None:
    """Why a broken rule is not told to the unit: others are in it, or a figure was adjusted."""
    asked = leaves(expression)
    if any(home_of(leaf).shift is Shift.ALL_UNITS for leaf in asked):
        return Ours.ACROSS
    values = (source.value(leaf) for leaf in asked if isinstance(leaf, Ref))
    adjusted = any(value is not None and ADJUSTED in value.normalisation for value in values)
    return Ours.ADJUSTED if adjusted else None
