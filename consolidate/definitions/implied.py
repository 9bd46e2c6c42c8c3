"""What a definition implies: rules of quarters, trees and computed cells, choices from a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from consolidate.model.datasets import DataElement, DataSet, Heading, Shape
from consolidate.model.packs import QUARTER_SUFFIX
from consolidate.model.reasons import Severity
from consolidate.model.rules import Missing, RuleSpec, Scope

TILES = "Số lũy kế là số lũy kế kỳ trước cộng số của quý"
"""Source of the rules that :func:`_tile_rules` adds."""
WITHIN = "Số lũy kế gồm cả số của quý"
"""Source of the rules that :func:`_tile_rules` adds for the quarter alone."""
TREE = "Số của một mục bằng tổng các mục con"
"""Source of the rules that :func:`_sum_rules` adds."""
COMPUTED = "Ô tự tính của biểu"
"""Source of the rules that :func:`_computed_rules` adds."""
_ROUNDED = Decimal("0.05")
"""How far a ratio that was typed may be from the one that is worked out."""


def implied_rules(data_set: DataSet) -> tuple[RuleSpec, ...]:
    """Make the rules that the tiles, the parents and the computed cells of a form imply."""
    return (*_tile_rules(data_set), *_sum_rules(data_set), *_computed_rules(data_set))


def computed_id(code: str) -> str:
    """Name the rule of a computed column or element."""
    return f"computed_{code}"


def _computed_rules(data_set: DataSet) -> Iterator[RuleSpec]:
    """Make a rule for each computed column or element: what is there is what it gives.

    A sum is worked out of the parts that are there, anything else once all are. A ratio may be
    typed with one decimal.
    """
    columns = [(column.code, column.computed, column) for column in data_set.columns]
    elements = [(element.code, element.computed, None) for element in data_set.elements]
    for code, said, column in (*columns, *elements):
        if not said:
            continue
        by_row = column is not None or data_set.shape is Shape.OPEN
        adds = not set(said) & set("-*/(")
        yield RuleSpec(
            id=computed_id(code),
            expression=f"{code} == ({said})",
            severity=Severity.ERROR,
            source=COMPUTED,
            scope=Scope.ROW if by_row else Scope.SET,
            rows=tuple(e.code for e in data_set.elements if column and code in e.columns),
            missing_right=Missing.SKIP_IF_ALL if adds else Missing.SKIP_IF_ANY,
            tolerance=_ROUNDED if "/" in said else Decimal(0),
            computed=True,
        )


def _tile_rules(data_set: DataSet) -> Iterator[RuleSpec]:
    """Make two rules for each flow: the quarter is part of it, and with the earlier one makes it.

    The pack says in which periods that holds (``[tiles]``). That the parts make the whole is a
    warning: two quarters may both hold a thing, and earlier quarters are restated. A part that is
    larger than the whole is an error, also where nothing is known of the earlier period.
    """
    if data_set.shape is Shape.OPEN or not data_set.single:
        return
    quarter = data_set.code + QUARTER_SUFFIX
    for element in data_set.elements:
        if data_set.tiled(element, data_set.columns[0].code):
            yield RuleSpec(
                id=f"tile_{element.code}",
                expression=f"{element.code} == prev.{element.code} + {quarter}.{element.code}",
                severity=Severity.WARNING,
                source=TILES,
                periods=data_set.tiles,
            )
            yield RuleSpec(
                id=f"within_{element.code}",
                expression=f"{element.code} >= {quarter}.{element.code}",
                severity=Severity.ERROR,
                source=WITHIN,
                periods=data_set.tiles,
                first=True,
            )


def _sum_rules(data_set: DataSet) -> Iterator[RuleSpec]:
    """Make a rule for each figure of a row that has children."""
    for code, codes in data_set.tree.items():
        element = data_set.by_code[code]
        children = [data_set.by_code[child] for child in codes]
        for column in element.columns:
            parts = [f"{child.code}.{column}" for child in children if column in child.columns]
            if parts and data_set.type_of(element, column).numeric:
                yield RuleSpec(
                    id=f"sum_{element.code}_{column}",
                    expression=f"{element.code}.{column} == {' + '.join(parts)}",
                    severity=Severity.ERROR,
                    source=TREE,
                )


def with_choices(
    body: Iterable[DataElement | Heading], data_sets: Iterable[DataSet]
) -> tuple[DataElement | Heading, ...]:
    """Give columns that name rows of a fixed table the numbers of those without children."""
    rows = {
        form.code: tuple(e.number for e in form.elements if e.number and e.code not in form.tree)
        for form in data_sets
        if form.shape is Shape.FIXED
    }
    return tuple(
        replace(item, choices=rows[item.names])
        if isinstance(item, DataElement) and item.names in rows
        else item
        for item in body
    )
