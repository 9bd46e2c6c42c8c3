"""Say what a template is filled with before it goes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from consolidate.model.anchors import LAST_YEAR, NUMBER_COLUMN, PREVIOUS
from consolidate.model.datasets import DataSet, Shape
from consolidate.templates.check_sheet.live import Value


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
