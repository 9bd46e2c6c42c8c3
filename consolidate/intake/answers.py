"""One cell to its value: what was typed, how it was read, and what is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from consolidate.intake.typed_text.typed_dates import read_date
from consolidate.intake.typed_text.typed_numbers import read_number
from consolidate.model.cells import CellRef
from consolidate.model.data_values import (
    DENOMINATOR,
    NUMERATOR,
    DataValue,
    ValueKey,
    ValueStatus,
)
from consolidate.model.datasets import (
    DataElement,
    InputCell,
    ValueType,
)
from consolidate.model.number_words import format_number
from consolidate.model.raw_cells import Cell, raw_text
from consolidate.model.text import tidy
from consolidate.xlsx.read.grid import ERROR_TEXT, Grid, Origin


def read_answers(grid: Grid, content: Cell, cell: CellRef, item: InputCell) -> list[DataValue]:
    """The value of a cell, and the further figures of an ``a/b`` answer under their own keys."""
    key, element = item.key, item.element
    value, figures = read_answer(grid, content, cell, key, element, item.type, pair=item.pair)
    values = [value]
    if item.pair:
        second = figures[1] if len(figures) > 1 else None
        status = ValueStatus.MISSING if second is None else ValueStatus.REPORTED
        other = ValueKey(key.data_set, key.element, element.second)
        raw = value.raw if second is not None else ""
        how = ("pair",) if second is not None else ()
        values.append(DataValue(other, second, status, raw, cell, how))
    elif len(figures) == 3:
        for name, figure in ((NUMERATOR, figures[1]), (DENOMINATOR, figures[2])):
            other = ValueKey(key.data_set, key.element, name)
            values.append(
                DataValue(other, figure, ValueStatus.REPORTED, value.raw, cell, ("ratio",))
            )
    return values


def read_answer(
    grid: Grid,
    content: Cell,
    cell: CellRef,
    key: ValueKey,
    element: DataElement,
    kind: ValueType,
    *,
    pair: bool = False,
) -> tuple[DataValue, tuple[Decimal, ...]]:
    """The value of one cell, and all figures that stand in it (an ``a/b`` answer has several).

    Where intake changed the cell, the value keeps what the file holds there.
    """
    origin = grid.origins.get((cell.row, cell.column))
    if origin is not None:
        plain = replace(grid, origins={})
        read, figures = read_answer(plain, content, cell, key, element, kind, pair=pair)
        return traced(read, origin), figures
    raw = raw_text(content)
    if content == ERROR_TEXT and (cell.row, cell.column) in grid.facts.errors:
        return DataValue(key, None, ValueStatus.INVALID, "", cell, problem="error_value"), ()
    if content == "" and (cell.row, cell.column) in grid.facts.no_value:
        return DataValue(key, None, ValueStatus.INVALID, "", cell, problem="not_calculated"), ()
    if kind.numeric:
        number = read_number(content, kind, pair=pair, convention=grid.convention)
        used = number.figures[0] if number.figures else None
        status, problem = number.status, number.problem
        if used is not None and element.minimum is not None and used < element.minimum:
            used, status, problem = None, ValueStatus.INVALID, "below_minimum"
        if used is not None and element.maximum is not None and used > element.maximum:
            used, status, problem = None, ValueStatus.INVALID, "above_maximum"
        figures = number.figures if used is not None else ()
        readings = number.readings
        if used is not None and element.normal_maximum is not None and not problem:
            problem, readings = _unusual(used, element.normal_maximum)
        how = (number.step,) if number.step else ()
        return DataValue(key, used, status, raw, cell, how, problem, readings), figures
    if kind is ValueType.DATE:
        day = read_date(content)
        how, problem = (day.step,) if day.step else (), day.problem
        return DataValue(key, day.day, day.status, raw, cell, how, problem, day.readings), ()
    words = tidy(raw)
    status = ValueStatus.REPORTED if words else ValueStatus.MISSING
    return DataValue(key, words or None, status, raw, cell), ()


def traced(value: DataValue, origin: Origin) -> DataValue:
    """A value read from a cell that intake changed, with what the file holds there."""
    if value.status is ValueStatus.INVALID:
        return replace(value, raw=origin.raw)
    how = (origin.how, *value.normalisation) if origin.how else value.normalisation
    graver = origin.problem == "formula_differs" or not value.problem
    problem = origin.problem if graver else value.problem
    return replace(value, raw=origin.raw, normalisation=how, problem=problem)


def _unusual(used: Decimal, normal: Decimal) -> tuple[str, tuple[str, ...]]:
    """Whether an amount is beyond the normal, and what it is if typed in đồng or nghìn đồng."""
    if used <= normal:
        return "", ()
    smaller = (used / 1000, used / 1_000_000)
    return "above_normal", tuple(format_number(value) for value in smaller if value <= normal)
