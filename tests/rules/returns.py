"""Small returns for tests of rules: what a unit types against the names of a rule."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

from consolidate.intake.typed_text.typed_numbers import read_number
from consolidate.model.cells import Cell, CellRef
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import DataSet, Shape, ValueType
from consolidate.model.reasons import Reason
from consolidate.model.rules import Expr, Leaf, Ref, Rows, RuleSpec, Scope, Shift, Total
from consolidate.rules.evaluation import Verdict
from tests.library_2018 import library_2018

CASES = Path(__file__).with_name("cases.toml")
_AT = CellRef("", 0, 0)


def parts_of(told: object) -> Iterator[Reason]:
    """A reason and all reasons in it."""
    if isinstance(told, Reason):
        yield told
        told = tuple(value for _, value in told.values)
    if isinstance(told, tuple):
        for part in told:
            yield from parts_of(part)


def shipped() -> Iterator[tuple[DataSet, RuleSpec, Expr]]:
    """Every shipped rule with its data set and its bound expression."""
    for data_set in library_2018().data_sets:
        for rule, expression in library_2018().rules[data_set.code]:
            yield data_set, rule, expression


def answer(
    number: Decimal | int | float | str | None, status: ValueStatus = ValueStatus.REPORTED
) -> DataValue:
    """A value as a rule sees it; ``None`` for a blank."""
    if number is None:
        status = ValueStatus.MISSING if status is ValueStatus.REPORTED else status
        return DataValue(ValueKey("", ""), None, status, "", _AT)
    return DataValue(ValueKey("", ""), Decimal(str(number)), status, "", _AT)


def typed(cell: Cell, kind: ValueType = ValueType.COUNT) -> DataValue:
    """A value as Python reads a typed cell, without the bounds of any element."""
    read = read_number(cell, kind)
    figure = read.figures[0] if read.figures else None
    return DataValue(ValueKey("", ""), figure, read.status, str(cell), _AT)


@dataclass(frozen=True)
class Values:
    """A source of values for rules. References that are not listed are blank.

    ``absent`` names data sets that the return does not hold.
    """

    answers: Mapping[Ref, DataValue] = field(default_factory=dict)
    columns: Mapping[Ref, Sequence[DataValue]] = field(default_factory=dict)
    counts: Mapping[Rows, int] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()

    def value(self, ref: Ref) -> DataValue | None:
        if ref.shift or ref.data_set in self.absent:
            return self.answers.get(ref)
        return self.answers.get(ref, answer(None))

    def series(self, ref: Ref) -> tuple[DataValue, ...] | None:
        return tuple(self.columns[ref]) if ref in self.columns else None

    def each(self, data_set: str, shift: Shift) -> None:
        return None

    def official_number(self) -> str:
        return ""

    def rows(self, rows: Rows) -> int | None:
        return self.counts.get(rows)


def leaf_of(name: str, data_set: DataSet, rule: RuleSpec) -> Leaf:
    """What a name of the case file stands for in a rule of the data set."""
    if name.startswith("count("):
        return Rows(name[6:-1])
    if rule.scope is Scope.ROW and data_set.shape is Shape.FIXED:
        return Ref(data_set.code, "", name)
    if data_set.shape is Shape.OPEN:
        return Ref(data_set.code, name)
    element, _, column = name.partition(".")
    return Ref(data_set.code, element, column or data_set.columns[0].code)


def kind_of(leaf: Leaf) -> ValueType:
    """Value type of what a leaf asks for."""
    if isinstance(leaf, Rows | Total):
        return ValueType.COUNT
    data_set = library_2018().by_code[leaf.data_set]
    if not leaf.element:
        return ValueType.COUNT
    return data_set.type_of(data_set.by_code[leaf.element], leaf.column)


def values_of(leaves: Sequence[Leaf], cells: Sequence[Cell]) -> Values:
    """The source in which every leaf was answered by its cell."""
    answers: dict[Ref, DataValue] = {}
    counts: dict[Rows, int] = {}
    for leaf, cell in zip(leaves, cells, strict=True):
        if isinstance(leaf, Ref):
            answers[leaf] = typed(cell, kind_of(leaf))
        elif isinstance(leaf, Rows) and cell != "":
            counts[leaf] = int(str(cell))
    return Values(answers, counts=counts)


@cache
def cases() -> dict[str, list[tuple[Verdict, Values]]]:
    """The committed cases: per rule id with its data set, what each return must give."""
    rules = {f"{data_set.code}.{rule.id}": (data_set, rule) for data_set, rule, _ in shipped()}
    made: dict[str, list[tuple[Verdict, Values]]] = {}
    for name, case in tomllib.loads(CASES.read_text(encoding="utf-8")).items():
        data_set, rule = rules[name]
        leaves = [leaf_of(item, data_set, rule) for item in case["names"]]
        made[name] = [
            (verdict, values_of(leaves, cells))
            for verdict in Verdict
            for cells in case.get(verdict.value, ())
        ]
    return made
