"""What single cells of reports say, row by row and value by value."""

from __future__ import annotations

from decimal import Decimal

import pytest
from openpyxl import Workbook

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.reports.round_progress import _share
from consolidate.reports.trace_sheet import RAW, USED, _as_typed
from consolidate.rollup.timeliness import Axis, Branch, ReturnState, Share


def test_every_state_is_counted_in_its_own_column() -> None:
    states = (
        ReturnState.ON_TIME, ReturnState.LATE, ReturnState.TOO_LATE, ReturnState.HELD,
        ReturnState.REJECTED, ReturnState.UNREADABLE, ReturnState.MISSING,
    )  # fmt: skip
    counts = {state: 10**at for at, state in enumerate(states)}
    row = _share(Branch(Axis.PROVINCE, "", Share(counts, 1_111_111)))
    assert row[:2] == (text("progress.axis.province"), text("progress.whole.province"))
    assert row[2:10] == (1_111_111, 11, 1, 10, 100, 1_000, 110_000, 1_000_000)


@pytest.mark.parametrize(
    ("raw", "value", "status", "same"),
    [
        ("x", None, ValueStatus.NOT_APPLICABLE, True),
        ("không có", None, ValueStatus.NOT_APPLICABLE, False),
        ("1200", Decimal("1.2E+3"), ValueStatus.REPORTED, True),
        ("1.200", Decimal(1200), ValueStatus.REPORTED, False),
        ("?", None, ValueStatus.INVALID, False),
    ],
)
def test_what_was_typed_otherwise_than_used_is_told(
    raw: str, value: Decimal | None, status: ValueStatus, same: bool
) -> None:
    key, cell = ValueKey("pctn_01", "c3", "value"), CellRef("Biểu 01", 8, 5)
    assert _as_typed(DataValue(key, value, status, raw, cell)) is same


def test_nothing_is_told_of_what_was_typed_into_a_blank_cell(formulas: Workbook) -> None:
    told = [(row[USED].value, row[RAW].value) for row in formulas["Nguồn 01"].iter_rows(7)]
    assert any(raw for _, raw in told)
    assert not any(raw for used, raw in told if used is None)
