"""Comparisons of a made-up province with earlier periods, without any register."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from consolidate.model.data_values import FigureKey, PastFigures
from consolidate.model.datasets import Aggregation, Shape
from consolidate.model.period import Period
from consolidate.rollup.comparison import Against, Comparison, compare, previous_of
from consolidate.rollup.result import MergeResult
from consolidate.rollup.totals import DataSetTable
from tests.reports.make_result import LIBRARY


def compared(made: MergeResult, *, seed: int = 1, same: float = 0.9) -> MergeResult:
    """The result beside two earlier periods in which a share of the figures was the same."""
    chance = random.Random(seed)
    found = [
        _beside(table, against, then, chance, same)
        for table in made.tables
        if table.data_set.shape is Shape.FIXED
        for against, then in _neighbours(table)
    ]
    return replace(made, comparisons=tuple(found))


def _neighbours(table: DataSetTable) -> Iterator[tuple[Against, Period]]:
    before = previous_of(table.period, LIBRARY.pack_of[table.data_set.template].periods)
    assert before is not None
    yield Against.PREVIOUS, before
    yield Against.LAST_YEAR, table.period.last_year


def _beside(
    table: DataSetTable, against: Against, then: Period, chance: random.Random, same: float
) -> Comparison:
    units: dict[str, PastFigures] = {}
    province: dict[FigureKey, Decimal] = {}
    for item in table.contributions:
        values: dict[FigureKey, Decimal] = {}
        for value in item.content.values:
            element, column = value.key.element, value.key.column
            if value.number is not None:
                other = 0 if chance.random() < same else chance.randrange(-900, 901)
                values[table.data_set.code, element, column] = value.number + Decimal(other) / 8
        units[item.unit.code] = PastFigures(then, values, (item.unit.code,))
        for key, number in values.items():
            province[key] = province.get(key, Decimal(0)) + number
    for figure in table.figures:
        if figure.aggregation is Aggregation.RATIO:
            province.pop((figure.data_set, figure.element.code, figure.column), None)
    reported = {code: past.values for code, past in units.items()}
    return compare(table, then, province, units, units, against, 7, reported=reported)
