"""Small returns made in memory, for tests of who sent what and which file counts."""

from __future__ import annotations

from decimal import Decimal

from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.period import Period, PeriodType
from consolidate.model.returns import DataSetReturn, Outcome, Return, ReturnRecord
from consolidate.model.units import Level, OrganisationUnit

NINE_MONTHS = Period(2018, PeriodType.NINE_MONTHS)
PLACES = {"unit_name": 10, "unit_code": 11, "level": 12}


def cover_cell(element: str) -> CellRef:
    """Where a field of the cover stands."""
    return CellRef("Bìa", PLACES[element], 2)


def unit(code: str, name: str = "", level: Level = Level.COMMUNE) -> OrganisationUnit:
    """A unit of a roster."""
    return OrganisationUnit(code, name or f"Đơn vị {code}", level)


def a_return(
    *,
    code: str = "",
    name: str = "",
    level: str = "",
    figure: int = 0,
    revision: int = 1,
    template: str = "pctn",
    raw: str = "",
) -> Return:
    """A return with three fields on its cover and one figure."""
    fields = {"unit_name": name, "unit_code": code, "level": level}
    cover = tuple(
        DataValue(
            ValueKey("cover", element, "value"),
            text or None,
            ValueStatus.REPORTED if text else ValueStatus.MISSING,
            text,
            cover_cell(element),
        )
        for element, text in fields.items()
    )
    value = DataValue(
        ValueKey("pctn_01", "c3", "value"),
        Decimal(figure),
        ValueStatus.REPORTED,
        raw or str(figure),
        CellRef("Biểu 01", 13, 5),
    )
    return Return(
        template=template,
        version="2018.1",
        cover=DataSetReturn("cover", "Bìa", cover),
        data_sets=(DataSetReturn("pctn_01", "Biểu 01", (value,)),),
        period=NINE_MONTHS,
        revision=revision,
        pack="pctn-2014" if template == "pctn" else "cchc-2018",
    )


def record(
    path: str, content: Return | None, *, digest: str = "", code: str = "X1"
) -> ReturnRecord:
    """An accepted file of a unit; its digest is its path unless one is given."""
    return ReturnRecord(
        path=path,
        sha256=digest or path,
        size=1,
        outcome=Outcome.ACCEPTED if content is not None else Outcome.UNREADABLE,
        reason=None,
        unit=unit(code) if content is not None else None,
        content=content,
    )
