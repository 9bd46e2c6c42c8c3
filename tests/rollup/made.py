"""Units and their answers made in memory, for tests of totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from consolidate.intake.typed_text.typed_numbers import read_number
from consolidate.model.cells import CellRef
from consolidate.model.data_values import DENOMINATOR, NUMERATOR, DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import ValueType
from consolidate.model.period import Period, PeriodType
from consolidate.model.returns import DataSetReturn, Outcome, Return, ReturnRecord
from consolidate.model.units import Level, OrganisationUnit
from consolidate.rollup.totals import DataSetTable, roll_up
from tests.library_2018 import library_2018

PCTN = library_2018().by_code["pctn_01"]
PERIOD = Period(2018, PeriodType.NINE_MONTHS)
Typed = str | int | float


def unit(code: str, level: Level = Level.COMMUNE) -> OrganisationUnit:
    """A unit of a level."""
    return OrganisationUnit(code, f"Đơn vị {code}", level)


def answers(element: str, typed: Typed) -> list[DataValue]:
    """The values of one cell of pctn_01, read as a return is read."""
    kind = ValueType.PERCENTAGE if element == "c28" else ValueType.COUNT
    read = read_number(typed, kind)
    place = CellRef("Biểu 01", int(element[1:]), 5)
    columns = ("value", NUMERATOR, DENOMINATOR)
    figures: Sequence[Decimal | None] = read.figures or (None,)
    return [
        DataValue(ValueKey("pctn_01", element, column), figure, read.status, str(typed), place)
        for column, figure in zip(columns, figures, strict=False)
    ]


def record(
    who: OrganisationUnit,
    typed: Mapping[str, Typed],
    outcome: Outcome = Outcome.ACCEPTED,
    template: str = "pctn",
) -> ReturnRecord:
    """A file of a unit that answers some cells of pctn_01."""
    values = tuple(value for element, cell in typed.items() for value in answers(element, cell))
    content = Return(
        template,
        "2018.1",
        DataSetReturn("cover", "Bìa", ()),
        (DataSetReturn("pctn_01", "Biểu 01", values),),
        period=PERIOD,
        pack="cchc-2018" if template == "cchc" else "pctn-2014",
    )
    return ReturnRecord(f"{who.code}.xlsx", who.code, 1, outcome, None, who, content)


def plans(who: OrganisationUnit, planned: Sequence[int | None]) -> ReturnRecord:
    """A file of a unit with one row of cchc_pl3_1 per number of tasks; ``None`` is a blank."""
    values = tuple(
        DataValue(
            ValueKey("cchc_pl3_1", "planned", "", row),
            Decimal(number) if number is not None else None,
            ValueStatus.REPORTED if number is not None else ValueStatus.MISSING,
            str(number or ""),
            CellRef("PL3-I", 9 + row, 4),
        )
        for row, number in enumerate(planned, 1)
    )
    content = Return(
        "cchc",
        "2018.1",
        DataSetReturn("cover", "Bìa", ()),
        (DataSetReturn("cchc_pl3_1", "PL3-I", values, rows=len(planned)),),
        pack="cchc-2018",
    )
    return ReturnRecord(f"{who.code}.xlsx", who.code, 1, Outcome.ACCEPTED, None, who, content)


def table(records: Sequence[ReturnRecord], data_set: str = "pctn_01") -> DataSetTable:
    """The totals of a data set over these files."""
    spec = library_2018().by_code[data_set]
    return roll_up(spec, PERIOD, records)
