"""Small facts for a register, made in memory."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.period import DataWindow, Period, PeriodType
from consolidate.model.reasons import Finding, Severity, because, capital, joined
from consolidate.model.returns import Outcome
from consolidate.model.runs import RunHead, RunOutcome, RunTotal
from consolidate.register.blobs import digest_of
from consolidate.register.facts import DamagedFile, NewFile, StoredReturn
from consolidate.register.register import Register
from consolidate.register.rows import fact_of
from consolidate.register.schema import returns

READER = "0.1.0"
NINE_MONTHS = Period(2018, PeriodType.NINE_MONTHS)
THIRD_QUARTER = Period(2018, PeriodType.Q3)
SIX_MONTHS = Period(2018, PeriodType.SIX_MONTHS)
FIRST_DAY = date(2018, 9, 5)
SECOND_DAY = date(2018, 9, 7)


def figure(element: str, number: str, data_set: str = "pctn_01") -> DataValue:
    """A reported number."""
    return DataValue(
        ValueKey(data_set, element, "value"),
        Decimal(number),
        ValueStatus.REPORTED,
        number,
        CellRef("Biểu 01", 13, 5),
    )


def a_return(
    content: bytes, unit: str = "X01", *values: DataValue, **other: object
) -> StoredReturn:
    """What a workbook of these bytes said."""
    fields: dict[str, object] = {
        "sha256": digest_of(content),
        "reader": READER,
        "unit": unit,
        "template": "pctn",
        "version": "2018.1",
        "period": NINE_MONTHS,
        "revision": 1,
        "window": DataWindow(date(2017, 11, 6), date(2018, 8, 28)),
        "values": values or (figure("c3", "5"),),
        "findings": (
            Finding(
                "pctn_01.r40",
                Severity.ERROR,
                because(
                    "rules.broken",
                    sentence=capital(joined("rules.semicolon", ("MS 40", Decimal("21.5"), 7))),
                    figures=because("memory.late", day=date(2018, 9, 1), due=NINE_MONTHS),
                ),
                "pctn_01",
                "c40",
                "Biểu 01",
                (CellRef("Biểu 01", 50, 5), CellRef("Biểu 01", 51, 5)),
                "22",
                "21",
            ),
        ),
    }
    return StoredReturn(**{**fields, **other})  # type: ignore[arg-type]


def an_outcome(
    content: bytes, unit: str = "X01", outcome: Outcome = Outcome.ACCEPTED, **other: object
) -> RunOutcome:
    """The outcome of a file of these bytes."""
    fields: dict[str, object] = {
        "path": f"{unit}.xlsx",
        "member": "",
        "sha256": digest_of(content),
        "unit": unit,
        "template": "pctn",
        "outcome": outcome,
        "reason": because("identity.accepted"),
        "received": FIRST_DAY,
    }
    return RunOutcome(**{**fields, **other})  # type: ignore[arg-type]


def a_head(result: str = "r1", **other: object) -> RunHead:
    """What a run was made of; the digest of its result is made from a short name."""
    fields: dict[str, object] = {
        "period": NINE_MONTHS,
        "as_of": SECOND_DAY,
        "program": READER,
        "result": digest_of(result.encode()),
        "roster": digest_of(b"roster"),
    }
    return RunHead(**{**fields, **other})  # type: ignore[arg-type]


def a_total(total: str | None, units: int = 1, level: str = "", element: str = "c3") -> RunTotal:
    """A total of a figure of the first data set."""
    number = Decimal(total) if total is not None else None
    return RunTotal("pctn_01", element, "value", level, number, units)


def keep(register: Register, *contents: bytes) -> None:
    """Register files of these bytes."""
    register.add_files(
        NewFile(f"tệp {number}.xlsx", content, FIRST_DAY)
        for number, content in enumerate(contents, 1)
    )


def damaged(register: Register) -> tuple[str, ...]:
    """Digests of kept files whose bytes are missing or have changed."""

    def whole(sha256: str) -> bool:
        try:
            register.read(sha256)
        except DamagedFile:
            return False
        return True

    return tuple(file.sha256 for file in register.files() if not whole(file.sha256))


def returns_of(register: Register, sha256: str) -> tuple[StoredReturn, ...]:
    """Everything that was ever read in a workbook, counted or not, the oldest reading first."""
    query = select(returns).where(returns.c.sha256 == sha256).order_by(returns.c.id)
    with register._database.read() as connection:
        rows = connection.execute(query).mappings()
        return tuple(fact_of(StoredReturn, row) for row in rows)
