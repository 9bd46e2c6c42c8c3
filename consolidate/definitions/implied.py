"""What a definition implies: rules of quarters and of trees, choices that are rows of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from consolidate.model.datasets import DataElement, DataSet, RuleSpec, Shape
from consolidate.model.findings import Severity
from consolidate.model.packs import QUARTER_SUFFIX

TILES = "Số lũy kế là số lũy kế kỳ trước cộng số của quý"
"""Source of the rules that :func:`_tile_rules` adds."""
TREE = "Số của một mục bằng tổng các mục con"
"""Source of the rules that :func:`_sum_rules` adds."""


def implied_rules(data_set: DataSet) -> DataSet:
    """Add to a form the rules that its tiles and its parents imply."""
    implied = (*_tile_rules(data_set), *_sum_rules(data_set))
    return replace(data_set, rules=(*data_set.rules, *implied))


def _tile_rules(data_set: DataSet) -> Iterator[RuleSpec]:
    """Make a rule for each flow: what was reported before and the quarter add up.

    A warning: two quarters may both hold a thing, and earlier quarters are restated. The pack says
    in which periods that holds (``[tiles]``).
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


def with_choices(data_set: DataSet, data_sets: Iterable[DataSet]) -> DataSet:
    """The list with the rows that its columns may name as their choices."""
    rows = {form.code: _leaves(form) for form in data_sets if form.shape is Shape.FIXED}
    body = tuple(
        replace(item, choices=rows[item.names])
        if isinstance(item, DataElement) and item.names in rows
        else item
        for item in data_set.body
    )
    return data_set if body == data_set.body else replace(data_set, body=body)


def _leaves(form: DataSet) -> tuple[str, ...]:
    """Official numbers of the rows without children."""
    return tuple(e.number for e in form.elements if e.number and e.code not in form.tree)
