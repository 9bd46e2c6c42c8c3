"""The forms that inboxes are made of: those of 2018, and those in force in 2026."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from consolidate.definitions.loader import shipped_library
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit, UnitKind
from consolidate.templates.live_formulas import Value
from consolidate.templates.prefill import Prefill
from examples import province_2026, sample

MAIN = "pctn_01"
"""The data set of the main form, whose figures are checked."""


@dataclass(frozen=True)
class Forms:
    """A workbook, who fills it and how: ``counts`` of 208 units by level and kind.

    ``sheets`` are the cover and the forms, ``main`` that of the main form. Of ``own`` every return
    has a figure of its own, the ``first`` one that and each next one 1 more.
    """

    code: str
    round: Period
    before: Period
    sheets: tuple[str, ...]
    main: str
    own: str
    first: int
    counts: Mapping[tuple[Level, UnitKind], int]
    library: Callable[[OrganisationUnit], Library]
    filled: Callable[[OrganisationUnit], Prefill]

    def units(self, count: int) -> list[OrganisationUnit]:
        """List so many units in the proportions of a province."""
        kinds = [kind for kind, share in self.counts.items() for _ in range(share)]
        return [
            unit_of(f"{index:05}", *kinds[index * len(kinds) // count]) for index in range(count)
        ]

    def typed(self, filled: Prefill) -> dict[str, Value]:
        """Take what is typed into the main form, by element."""
        names = ((name.partition("."), value) for name, value in filled.values.items())
        return {element: value for (of, _, element), value in names if of == MAIN}


def unit_of(number: str, level: Level, kind: UnitKind) -> OrganisationUnit:
    """Name a unit by a number of five digits: code and name are as long for all units."""
    return OrganisationUnit(f"U{number}", f"Đơn vị số {number}", level, kind=kind)


@cache
def _library_2018() -> Library:
    return shipped_library().at(sample.ROUND)


def _filled_2018(unit: OrganisationUnit) -> Prefill:
    return sample.pctn_return(sample.Unit(unit.code, unit.name, unit.level, ("pctn",)))


FORMS = {
    "2018": Forms(
        "2018",
        sample.ROUND,
        Period.parse_code("2018-6M"),
        ("Bìa", "Biểu 01", "Biểu 02"),
        "Biểu 01",
        "c3",
        40,
        {  # Tiền Giang.
            (Level.PROVINCE, UnitKind.UNKNOWN): 24,
            (Level.DISTRICT, UnitKind.UNKNOWN): 11,
            (Level.COMMUNE, UnitKind.UNKNOWN): 173,
        },
        lambda _: _library_2018(),
        _filled_2018,
    ),
    "2026": Forms(
        "2026",
        province_2026.ROUND,
        Period.parse_code("2026-6M"),
        (
            *("Bìa", "01-PCTN quý III", "02-PCTN quý III", "03-PCTN quý III"),
            *("01-PCTN 9 tháng", "02-PCTN 9 tháng", "03-PCTN 9 tháng", "Mẫu 03"),
        ),
        "01-PCTN 9 tháng",
        "m5",
        1000,  # More than the quarter has.
        {(Level.PROVINCE, UnitKind.DEPARTMENT): 24, (Level.COMMUNE, UnitKind.COMMUNE): 184},
        province_2026.owed_by,
        province_2026.pctn_filled,
    ),
}
