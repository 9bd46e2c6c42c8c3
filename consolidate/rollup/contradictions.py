"""Rules of the forms asked of totals: of the province, its levels, kinds of unit, superiors.

What holds of every return holds of their sum only where the rule adds up. Its form tells:

- it is one comparison (``==``, ``<=``, ``>=``) of two sides that only add up multiples of figures
  (:func:`~consolidate.model.rules.is_linear`), all of this period and all totalled by adding;
- asked of a fixed table, or of each row of one, it names fixed tables; asked of each row of an open
  table, it names columns of that table.

Never asked are conditions (``implies``, ``iff``, ``and``, ``filled`` …), bare numbers, ``abs``,
``min`` and ``max``, since a sum may break them though no return does; what looks back, which the
comparison asks (:mod:`consolidate.rollup.periods_that_add_up`); ratios, figures given once, texts
and what counts or adds up the rows of a list. Rules that only inform leave nothing to decide.

A blank, an ``x``, what could not be read and what waits for a decision add nothing to a total. So
what two totals differ by is what the returns differ by, taken that way: every unit has its part of
it, and the parts add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from consolidate.checks.rule_checks import NOWHERE, Asked, Row, both_sides
from consolidate.model.corrections import ADJUSTED
from consolidate.model.data_values import DataValue, FigureKey, ValueKey, ValueStatus
from consolidate.model.datasets import Aggregation, DataSet, Library, Shape
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, Severity, because, capital, joined
from consolidate.model.returns import ReturnRecord
from consolidate.model.rules import (
    Compare,
    Expr,
    Missing,
    Ref,
    RuleSpec,
    Scope,
    Shift,
    is_linear,
    leaves,
)
from consolidate.model.units import OrganisationUnit
from consolidate.rollup.totals import Contribution, DataSetTable
from consolidate.rollup.units_in_totals import Axis, Division, axis_of, within
from consolidate.rules.evaluation import RESOLUTION, ValueSource, Verdict, evaluate

Excused = Callable[[ReturnRecord, str], bool]
"""Whether a waiver in force lets a return off a rule (``pctn_01.r40``)."""
_SHOWN = 4
"""Units that a sentence names; :attr:`Contradiction.parts` has all of them."""


class Cause(StrEnum):
    """Why a figure of a unit makes totals differ. The first that holds of a figure is told."""

    ADJUSTED = "adjusted"
    INVALID = "invalid"
    HELD = "held"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    ABSENT = "absent"


_UNKNOWN = (Cause.INVALID, Cause.HELD, Cause.MISSING, Cause.ABSENT)
"""Causes that a waiver of the rule says nothing about: nobody knows the figure."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one unit has of a difference: its left side less its right one, blanks as nothing.

    ``causes`` are figures that are no numbers, or no longer those that the unit sent. ``breaks``
    says that the return breaks the rule itself, ``excused`` that a waiver lets it off.
    """

    unit: OrganisationUnit
    gap: Decimal
    causes: Mapping[FigureKey, Cause] = field(default_factory=dict)
    breaks: bool = False
    excused: bool = False


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Totals that contradict a rule of their form.

    ``row`` is the element of a rule that is asked of each row, else ``""``. ``division`` is
    ``None`` for the province. ``figures`` are those that the rule compares, in its order;
    ``parts`` are the units behind the difference, those with causes first. ``told`` says all of it.
    """

    data_set: DataSet
    period: Period
    rule: RuleSpec
    row: str
    division: Division | None
    left: Decimal
    right: Decimal
    figures: tuple[FigureKey, ...]
    parts: tuple[Part, ...]
    told: Reason

    @property
    def name(self) -> str:
        """The rule as findings name it: ``pctn_01.r40``."""
        return f"{self.data_set.code}.{self.rule.id}"

    @property
    def severity(self) -> Severity:
        """That of the rule; a note where waivers let off every unit behind the difference."""
        excused = bool(self.parts) and all(part.excused for part in self.parts)
        return Severity.INFO if excused else self.rule.severity

    @property
    def open(self) -> bool:
        """Whether somebody has to decide."""
        return self.severity is not Severity.INFO


def contradictions(
    tables: Sequence[DataSetTable],
    library: Library,
    excused: Excused | None = None,
) -> tuple[Contradiction, ...]:
    """List rules that totals break: the province's, then by axis, in the order of forms."""
    by_code = {table.data_set.code: table for table in tables}
    found: list[Contradiction] = []
    for table in tables:
        for rule, expression in library.rules[table.data_set.code]:
            for row in _rows(rule, table.data_set):
                refs = _added(rule, expression, row, by_code, table.data_set)
                if isinstance(expression, Compare) and refs:
                    one = _Question(by_code, table, rule, expression, row, refs, library, excused)
                    found += one.answers()
    axes = list(Axis)
    return tuple(sorted(found, key=lambda item: axes.index(axis_of(item.division))))


def each_once(found: Sequence[Contradiction]) -> tuple[Contradiction, ...]:
    """List each rule once: the province's, and of divisions those of units not yet told of."""
    told: dict[tuple[str, str], set[str]] = {}
    kept = []
    for item in found:
        known = told.setdefault((item.name, item.row), set())
        units = {part.unit.code for part in item.parts}
        if item.division is None or not units <= known:
            kept.append(item)
            known |= units
    return tuple(kept)


def _rows(rule: RuleSpec, data_set: DataSet) -> Iterator[str]:
    """Elements that a rule is asked of; ``""`` where it is asked once of all totals."""
    if rule.told_as is Severity.INFO:
        return
    if rule.scope is Scope.SET or data_set.shape is Shape.OPEN:
        yield ""
        return
    yield from (
        element.code for element in data_set.elements if not rule.rows or element.code in rule.rows
    )


def _added(
    rule: RuleSpec,
    expression: Expr,
    row: str,
    tables: Mapping[str, DataSetTable],
    home: DataSet,
) -> dict[Ref, FigureKey]:
    """The figures of a rule that adds up, by what names them; none of one that does not."""
    if not isinstance(expression, Compare) or expression.op not in _LESS:
        return {}
    if not (is_linear(expression.left) and is_linear(expression.right)):
        return {}
    listed = rule.scope is Scope.ROW and home.shape is Shape.OPEN
    found: dict[Ref, FigureKey] = {}
    for leaf in leaves(expression):
        if not isinstance(leaf, Ref) or leaf.shift is not Shift.CURRENT:
            return {}
        table = tables.get(leaf.data_set)
        if table is None or (
            table.data_set is not home if listed else table.data_set.shape is not Shape.FIXED
        ):
            return {}
        key = (leaf.data_set, leaf.element or row, leaf.column)
        figure = table.figure(*key[1:])
        if figure is not None and figure.aggregation is not Aggregation.SUM:
            return {}
        if figure is None and (
            leaf.element or leaf.column in table.data_set.by_code[key[1]].columns
        ):
            return {}  # No number, or a column that holds none; a cell that is not there is blank.
        found[leaf] = key
    return found


_LESS: Mapping[str, Callable[[Decimal], Decimal]] = {
    "==": abs,
    "<=": lambda gap: gap,
    ">=": lambda gap: -gap,
}
"""By how much a difference of the left side and the right one is against a comparison."""


@dataclass(frozen=True, slots=True)
class _Totals(ValueSource):
    """Totals as a source of values: those of the province, or of a division."""

    tables: Mapping[str, DataSetTable]
    row: str
    division: Division | None

    def value(self, ref: Ref) -> DataValue:
        key = ValueKey(ref.data_set, ref.element or self.row, ref.column)
        table = self.tables[ref.data_set]
        figure = table.figure(key.element, key.column)
        number, status = None, ValueStatus.MISSING
        if figure is not None:
            number = figure.total_of(self.division)
            if number is not None:
                status = ValueStatus.REPORTED
            elif table.crossed(figure, self.division):
                status = ValueStatus.NOT_APPLICABLE
        return DataValue(key, number, status, "", NOWHERE)


@dataclass(frozen=True, slots=True)
class _Answers(ValueSource):
    """Answers of one unit, in one row of a list or in its fixed tables.

    ``counted`` takes what is no number as a blank: that is how a total takes it.
    """

    values: Mapping[FigureKey, DataValue | None]
    row: str
    counted: bool = False

    def value(self, ref: Ref) -> DataValue | None:
        key = (ref.data_set, ref.element or self.row, ref.column)
        found = self.values.get(key)
        if self.counted and (found is None or found.number is None):
            return DataValue(ValueKey(*key), None, ValueStatus.MISSING, "", NOWHERE)
        return found


@dataclass(frozen=True, slots=True)
class _Question:
    """One rule that adds up, asked of the totals and, where they break it, of every unit."""

    tables: Mapping[str, DataSetTable]
    table: DataSetTable
    rule: RuleSpec
    expression: Compare
    row: str
    refs: Mapping[Ref, FigureKey]
    library: Library
    excused: Excused | None

    def answers(self) -> Iterator[Contradiction]:
        """What the province's total and those of its divisions contradict."""
        for division in (None, *self.table.divisions):
            units = self.table.sizes[division]
            # A return may be off by the tolerance: as many of them by as many times.
            rule = replace(self.rule, tolerance=self.rule.tolerance * units)
            source = _Totals(self.tables, self.row, division)
            result = evaluate(self.expression, rule, source)
            if result.verdict is not Verdict.BROKEN or result.left is None or result.right is None:
                continue
            asked = Asked(
                self.rule, self.expression, self.table.data_set, Row(self.row), source, self.library
            )
            found = self._parts(division)
            # Units whose answers are no numbers, then the others, the greatest part first.
            parts = tuple(sorted(found, key=lambda part: (not part.causes, -abs(part.gap))))
            yield Contradiction(
                self.table.data_set,
                self.table.period,
                self.rule,
                self.row,
                division,
                result.left,
                result.right,
                tuple(dict.fromkeys(self.refs.values())),
                parts,
                self._told(asked, division, result.left, result.right, parts),
            )

    def _parts(self, division: Division | None) -> Iterator[Part]:
        found: dict[str, dict[str, Contribution]] = {}
        for code in dict.fromkeys(key[0] for key in self.refs.values()):
            for item in self.tables[code].summed:
                if within(item.unit, division):
                    found.setdefault(item.unit.code, {})[code] = item
        for items in found.values():
            part = self._part(items)
            if _LESS[self.expression.op](part.gap) >= RESOLUTION:
                yield part

    def _part(self, items: Mapping[str, Contribution]) -> Part:
        """What one unit has of the difference."""
        first = next(iter(items.values()))
        gap, causes, breaks = Decimal(0), dict[FigureKey, Cause](), False
        for values in self._lines(items):
            own = self._gap(values)
            gap += own
            if not own:
                continue
            for key in self.refs.values():
                cause = self._cause(key, values.get(key))
                if cause is not None:
                    causes.setdefault(key, cause)
            told = evaluate(self.expression, self.rule, _Answers(values, self.row))
            breaks = breaks or told.verdict is Verdict.BROKEN
        rule = f"{self.table.data_set.code}.{self.rule.id}"
        unknown = any(cause in _UNKNOWN for cause in causes.values())
        excused = not unknown and self.excused is not None and self.excused(first.record, rule)
        return Part(first.unit, gap, causes, breaks, excused)

    def _lines(
        self, items: Mapping[str, Contribution]
    ) -> Iterator[Mapping[FigureKey, DataValue | None]]:
        """The answers of a unit that stand together: one line, or one for each row of a list."""
        home = self.table.data_set
        if home.shape is Shape.OPEN:
            for row in items[home.code].rows():
                yield {key: row.get(key[1]) for key in self.refs.values()}
            return
        yield {
            key: item.value(*key[1:]) if item is not None else None
            for key in self.refs.values()
            for item in [items.get(key[0])]
        }

    def _gap(self, values: Mapping[FigureKey, DataValue | None]) -> Decimal:
        nothing = replace(self.rule, missing_left=Missing.ZERO, missing_right=Missing.ZERO)
        told = evaluate(self.expression, nothing, _Answers(values, self.row, counted=True))
        return (told.left or Decimal(0)) - (told.right or Decimal(0))

    def _cause(self, key: FigureKey, value: DataValue | None) -> Cause | None:
        if value is None:
            there = self.tables[key[0]].figure(*key[1:]) is not None
            return Cause.ABSENT if there else None
        if ADJUSTED in value.normalisation:
            return Cause.ADJUSTED
        return None if value.number is not None else Cause(value.status.value)

    def _told(
        self,
        asked: Asked,
        division: Division | None,
        left: Decimal,
        right: Decimal,
        parts: Sequence[Part],
    ) -> Reason:
        """The rule, the two sides, and the units behind their difference."""
        said = because(
            "contradiction.broken",
            sentence=capital(asked.in_words()),
            figures=both_sides(self.expression, left, right, asked),
        )
        if self.row:
            said = because("contradiction.in_row", place=asked.place(), told=said)
        if division is not None:
            key = "of_superior" if axis_of(division) is Axis.PARENT else "of_division"
            said = because(f"contradiction.{key}", name=division.label, told=said)
        why = [self._why(asked, part) for part in parts[:_SHOWN]]
        if len(parts) > _SHOWN:
            why.append(because("contradiction.more", count=len(parts) - _SHOWN))
        return because("contradiction.because", told=said, units=joined("rules.semicolon", why))

    def _why(self, asked: Asked, part: Part) -> Reason:
        """``UBND xã An Tây (X1) có MS 43 không đọc được, phần lệch 5``."""
        by_cause: dict[Cause, list[str | Reason]] = {}
        for ref, figure in self.refs.items():
            cause = part.causes.get(figure)
            if cause is not None:
                by_cause.setdefault(cause, []).append(asked.name(ref))
        reasons = [
            because(f"contradiction.cause.{cause.value}", figures=_some(names))
            for cause, names in by_cause.items()
        ]
        who = {"unit": part.unit.name, "code": part.unit.code, "gap": part.gap}
        if reasons:
            causes = joined("contradiction.and", reasons)
            said = because("contradiction.unit", causes=causes, **who)
        else:
            said = because("contradiction.broken_there", **who)
        return because("contradiction.excused", told=said) if part.excused else said


def _some(names: Sequence[str | Reason]) -> Reason:
    """The first of some figures, and how many there are besides."""
    more = len(names) - _SHOWN
    told = list(names[:_SHOWN])
    if more > 0:
        told.append(because("contradiction.more_figures", count=more))
    return joined("contradiction.and", told)
