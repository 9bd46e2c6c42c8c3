"""Computed cells of a form: the formula that a spreadsheet keeps, and what it gives from the start.

A cell shows nothing until its parts are numbers. A part that is typed as text shows nothing either:
what it says is read on return, and then the program works the figure out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from consolidate.checks.rule_checks import formula_in_words
from consolidate.definitions.catalogue import sentence
from consolidate.model.anchors import LAST_YEAR, PREVIOUS
from consolidate.model.cells import CellRef
from consolidate.model.data_values import RATIO_PLACES, DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import DataSet, Library, Shape
from consolidate.model.rules import Arithmetic, Leaf, Missing, Ref, Shift, walk
from consolidate.rules.computing import Computation, FiguresAlone, formulas
from consolidate.rules.evaluation import number_of_day
from consolidate.rules.excel_formula import figure_formula
from consolidate.templates.check_sheet.live import Value
from consolidate.templates.prefill import Prefill

_SHIFTS = {PREVIOUS: Shift.PREVIOUS, LAST_YEAR: Shift.LAST_YEAR}


@dataclass(frozen=True, slots=True)
class Worked:
    """A cell that the form works out: its formula, and what that gives now."""

    formula: str
    value: float | str


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
    ) -> Worked | None:
        """Make the cell of a formula; ``row`` counts those of an open table from 0.

        ``address`` gives the place of what the formula names on the sheet, by element. ``None``
        where an earlier figure is needed that the form does not show.
        """
        if not {part.shift for part in item.parts if part.shift} <= set(self.shown):
            return None
        number = item.number(_Typed(self.data_set, self.prefill, element, row))
        places = {part: address(part.element or element, part) for part in item.parts}
        return Worked(f"={_formula(item, places)}", "" if number is None else float(number))

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


def _formula(item: Computation, places: Mapping[Ref, str]) -> str:
    """The formula without its ``=``; it uses functions that intake can work out by itself."""
    cells = list(dict.fromkeys(places.values()))
    figure = figure_formula(item.figure, _Places(places))
    if item.divides:
        figure = f"ROUND({figure},{RATIO_PLACES})"
    for part in walk(item.figure):
        if isinstance(part, Arithmetic) and part.op == "/":
            divisor = figure_formula(part.right, _Places(places))
            figure = f'IF({divisor}=0,"",{figure})'
    count, every = f"COUNT({','.join(cells)})", str(len(cells))
    if item.rule.missing_right is not Missing.SKIP_IF_ALL:
        return f'IF({count}={every},{figure},"")'
    filled = "+".join(f'IF({cell}="",0,1)' for cell in cells)
    return f'IF({count}=0,"",IF({count}={filled},{figure},""))'


@dataclass(frozen=True, slots=True)
class _Places:
    """Addresses for the names of a formula."""

    places: Mapping[Ref, str]

    def value(self, leaf: Leaf) -> str:
        assert isinstance(leaf, Ref)
        return self.places[leaf]

    def words(self, leaf: Leaf) -> str:
        return self.value(leaf)

    def status(self, leaf: Leaf) -> str:
        return "1"


@dataclass(frozen=True, slots=True)
class _Typed(FiguresAlone):
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
