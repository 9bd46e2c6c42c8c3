"""Figures that stay out of the totals until somebody decides on their unit of measure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from consolidate.model.data_values import DataValue, FigureKey, ValueStatus
from consolidate.model.datasets import DataSet
from consolidate.model.reasons import Reason, because
from consolidate.model.units import OrganisationUnit
from consolidate.rollup.totals import DataSetTable


@dataclass(frozen=True, slots=True)
class Undecided:
    """A number of a unit that is held out of the totals. ``told`` says it, with what to do."""

    data_set: DataSet
    unit: OrganisationUnit
    value: DataValue

    @property
    def figure(self) -> FigureKey:
        """The figure of the province that lacks it."""
        return self.value.key[:3]

    @property
    def told(self) -> Reason:
        """Whose number is held out, and who decides how."""
        element = self.data_set.by_code[self.value.key.element]
        return because(
            "undecided.told",
            unit=self.unit.name,
            code=self.unit.code,
            caption=self.data_set.caption(element, self.value.key.column),
            raw=self.value.raw.strip(),
            measure=element.unit.lower(),
        )


def undecided(tables: Iterable[DataSetTable]) -> tuple[Undecided, ...]:
    """List every number that a total lacks for that reason, in the order of forms and units."""
    return tuple(
        Undecided(table.data_set, item.unit, value)
        for table in tables
        for item in table.summed
        for value in item.content.values
        if value.status is ValueStatus.HELD
    )
