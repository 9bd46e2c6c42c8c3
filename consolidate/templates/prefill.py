"""Say what a template is filled with before it goes out, and what its forms work out of that.

A computed cell holds a formula, and what it gives from the start. It shows nothing until its parts
are numbers. A part that is typed as text shows nothing either: what it says is read on return, and
then the program works the figure out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from consolidate.checks.rule_checks import formula_in_words
from consolidate.definitions.catalogue import sentence
from consolidate.model.anchors import LAST_YEAR, NUMBER_COLUMN, PREVIOUS
from consolidate.model.cells import CellRef
from consolidate.model.data_values import RATIO_PLACES, DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import DataSet, Library, Shape
from consolidate.model.rules import Arithmetic, Leaf, Missing, Ref, Shift, walk
from consolidate.rules.computing import Computation, formulas
from consolidate.rules.evaluation import ValueSource, number_of_day
from consolidate.rules.excel_formula import figure_formula
from consolidate.templates.live_formulas import LiveFigure, Value


@dataclass(frozen=True, slots=True)
class Earlier:
    """Answers of an earlier period, shown beside a form for comparison and never read back.

    ``label`` heads them ("Kỳ trước: 6 tháng đầu năm 2018"); ``values`` are by defined name, those
    of the cells of fixed tables.
    """

    label: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Prefill:
    """Values for the cells of one workbook.

    ``values`` by defined name (``cover.unit_name``, ``pctn_01.c3``, ``cchc_pl3_2.r5.total``);
    ``rows`` of open tables by data set, each row by element code (``number`` for its number);
    ``windows`` by data set: a text that stands where the form computes its data window. ``unit``,
    ``period``, ``serial`` and ``seal`` go into the stamp. ``notice`` is a line below the cover.
    ``not_applicable`` are defined names of cells that do not concern the unit: they are locked and
    say "x". ``previous`` and ``same_period_last_year`` stand in grey to the right of the fixed
    tables.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Mapping[str, Value]]] = field(default_factory=dict)
    windows: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    period: str = ""
    serial: str = ""
    seal: str = ""
    notice: str = ""
    not_applicable: frozenset[str] = frozenset()
    previous: Earlier | None = None
    same_period_last_year: Earlier | None = None

    @property
    def earlier(self) -> tuple[tuple[str, Earlier], ...]:
        """The answers of earlier periods in the order of their columns, by code of the period."""
        shown = ((PREVIOUS, self.previous), (LAST_YEAR, self.same_period_last_year))
        return tuple((code, answers) for code, answers in shown if answers is not None)

    def check(self, cover: DataSet, data_sets: Iterable[DataSet]) -> None:
        """Refuse what a template of a cover and these data sets has no cell for.

        Raises:
            ValueError: a name, data set or element is unknown, or a value is of a wrong type;
                a cell is not applicable and has a value, or concerns every kind of unit.
        """
        sets = {data_set.code: data_set for data_set in data_sets}
        inputs = {
            data_set.name_of(item.element.code, item.column): item
            for data_set in (cover, *sets.values())
            if data_set.shape is Shape.FIXED
            for item in data_set.inputs
        }
        figures = {name for name, item in inputs.items() if item.key.data_set != cover.code}
        _refuse("name", self.values.keys() - inputs)
        for _, answers in self.earlier:
            _refuse("name", set(answers.values) - figures)
            for name, value in answers.values.items():
                _check_value(name, value)
        _refuse(
            "open table",
            {code for code in self.rows if code not in sets or sets[code].shape is Shape.FIXED},
        )
        _refuse(
            "data window",
            {code for code in self.windows if code not in sets or not sets[code].layout.window},
        )
        only_some = {name for name, item in inputs.items() if item.element.applies_to}
        _refuse("cell for some kinds of unit", set(self.not_applicable - only_some))
        _refuse("answer that is not applicable", set(self.not_applicable & self.values.keys()))
        for name, value in self.values.items():
            _check_value(name, value)
        for code, rows in self.rows.items():
            elements = {*sets[code].by_code, NUMBER_COLUMN}
            for row in rows:
                _refuse(f"element of {code}", set(row) - elements)
                for name, value in row.items():
                    _check_value(f"{code}.{name}", value)


def _check_value(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal | date):
        raise ValueError(f"{name}: {type(value).__name__} is not a value of a cell")
    if isinstance(value, float | Decimal) and not Decimal(value).is_finite():
        raise ValueError(f"{name}: {value} is not a number of a cell")


def _refuse(what: str, names: set[str]) -> None:
    if names:
        raise ValueError(f"unknown {what}: {', '.join(sorted(names))}")


_SHIFTS = {PREVIOUS: Shift.PREVIOUS, LAST_YEAR: Shift.LAST_YEAR}


@dataclass(frozen=True)
class ComputedCells:
    """The computed cells of one form, filled in as ``prefill`` says."""

    library: Library
    data_set: DataSet
    prefill: Prefill

    @cached_property
    def formulas(self) -> tuple[Computation, ...]:
        """How the form works out its computed cells."""
        return formulas(self.library.rules.get(self.data_set.code, ()))

    def find(self, element: str, column: str) -> Computation | None:
        """Find the formula of a cell; ``None`` for one that people fill in."""
        column = "" if self.data_set.shape is Shape.OPEN else column
        return next((item for item in self.formulas if item.gives(element, column)), None)

    @property
    def shown(self) -> tuple[Shift, ...]:
        """The earlier periods whose figures the form shows in grey, in their order."""
        codes = [code for code, _ in self.prefill.earlier]
        return () if self.data_set.quarter else tuple(_SHIFTS[code] for code in codes)

    def said(self, item: Computation | None) -> str:
        """Word what a cell is worked out of, ``""`` for one that people fill in."""
        if item is None:
            return ""
        return sentence(formula_in_words(item.rule, self.data_set, self.library))

    def worked(
        self, item: Computation, element: str, row: int, address: Callable[[str, Ref], str]
    ) -> LiveFigure | None:
        """Make the cell of a formula; ``row`` counts those of an open table from 0.

        ``address`` gives the place of what the formula names on the sheet, by element. ``None``
        where an earlier figure is needed that the form does not show.
        """
        if not {part.shift for part in item.parts if part.shift} <= set(self.shown):
            return None
        number = item.number(_Typed(self.data_set, self.prefill, element, row))
        places: dict[Leaf, str] = {
            part: address(part.element or element, part) for part in item.parts
        }
        return LiveFigure(f"={_formula(item, places)}", "" if number is None else float(number))

    def filled(self, prefill: Prefill) -> Prefill:
        """Fill the cells of the form, beside those of a prefill, with what is worked out now."""
        values, rows = dict(prefill.values), dict(prefill.rows)
        form = self.data_set
        listed = [dict(row) for row in rows.get(form.code, ())]
        for item in self.formulas:
            for key in item.keys(form, range(len(listed))):
                number = item.number(_Typed(form, self.prefill, key.element, key.row))
                name = form.name_of(key.element, key.column)
                into = listed[key.row] if form.shape is Shape.OPEN else values
                at = key.element if form.shape is Shape.OPEN else name
                if number is not None and name not in self.prefill.not_applicable:
                    into.setdefault(at, number)
        if form.shape is Shape.OPEN and listed:
            rows[form.code] = listed
        return replace(prefill, values=values, rows=rows)


def _formula(item: Computation, places: Mapping[Leaf, str]) -> str:
    """The formula without its ``=``; it uses functions that intake can work out by itself."""
    cells = list(dict.fromkeys(places.values()))
    figure = figure_formula(item.figure, places.__getitem__)
    if item.divides:
        figure = f"ROUND({figure},{RATIO_PLACES})"
    for part in walk(item.figure):
        if isinstance(part, Arithmetic) and part.op == "/":
            divisor = figure_formula(part.right, places.__getitem__)
            figure = f'IF({divisor}=0,"",{figure})'
    count, every = f"COUNT({','.join(cells)})", str(len(cells))
    if item.rule.missing_right is not Missing.SKIP_IF_ALL:
        return f'IF({count}={every},{figure},"")'
    filled = "+".join(f'IF({cell}="",0,1)' for cell in cells)
    return f'IF({count}=0,"",IF({count}={filled},{figure},""))'


@dataclass(frozen=True, slots=True)
class _Typed(ValueSource):
    """What a workbook is filled with, seen from one row; to a spreadsheet a text is no number."""

    data_set: DataSet
    prefill: Prefill
    element: str
    row: int

    def value(self, ref: Ref) -> DataValue | None:
        element = ref.element or self.element
        key = ValueKey(ref.data_set, element, ref.column, self.row)
        typed: Value | None
        if self.data_set.shape is Shape.OPEN:
            rows = self.prefill.rows.get(ref.data_set, ())
            typed = rows[self.row].get(element) if self.row < len(rows) else None
        else:
            name = self.data_set.name_of(element, ref.column)
            crossed = name in self.prefill.not_applicable
            values = self.prefill.values
            if ref.shift:
                earlier = {_SHIFTS[code]: said for code, said in self.prefill.earlier}
                values = earlier[ref.shift].values if ref.shift in earlier else {}
            typed = "x" if crossed else values.get(name)
        status, number = ValueStatus.REPORTED, None
        if typed is None or typed == "":
            status = ValueStatus.MISSING
        elif isinstance(typed, str):
            status = ValueStatus.INVALID
        else:
            number = number_of_day(typed) if isinstance(typed, date) else Decimal(str(typed))
        return DataValue(key, number, status, "", CellRef("", 0, 0))
