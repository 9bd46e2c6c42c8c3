"""Addresses of cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.model.cells import CellRef, column_letters, merge_cells, parse_a1

COLUMNS = st.integers(0, 16_383)
ROWS = st.integers(0, 1_048_575)


@pytest.mark.parametrize(
    ("column", "letters"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")],
)
def test_letters(column: int, letters: str) -> None:
    assert column_letters(column) == letters


def test_no_column_before_the_first() -> None:
    with pytest.raises(ValueError, match="column -1 is negative"):
        column_letters(-1)


@given(ROWS, COLUMNS)
def test_addresses_are_read_back(row: int, column: int) -> None:
    cell = CellRef("S", row, column)
    assert parse_a1(cell.a1) == (row, column)
    assert parse_a1(f"${column_letters(column)}${row + 1}") == (row, column)


@pytest.mark.parametrize(
    "text", ["", "A", "1", "a1", "A1:B2", "ABCD1", "A-1", "#REF!", "A1 ", "A0", "$B$00"]
)
def test_no_addresses(text: str) -> None:
    assert parse_a1(text) is None


@pytest.mark.parametrize(
    ("sheet", "quoted"), [("Biểu 01", "'Biểu 01'!C5"), ("Sở 'A'", "'Sở ''A'''!C5")]
)
def test_a_sheet_is_quoted_as_formulas_need_it(sheet: str, quoted: str) -> None:
    assert CellRef(sheet, 4, 2).quoted == quoted


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        ([], ""),
        ([(11, 3)], "D12"),
        ([(11, 4), (11, 3), (11, 5), (19, 3), (11, 3)], "D12:F12, D20"),
        ([(1, 0), (9, 0)], "A2, A10"),
        ([(0, 9), (0, 25), (0, 26)], "J1, Z1:AA1"),
        ([(4, 2), (5, 2)], "C5, C6"),
    ],
)
def test_cells_are_merged_in_reading_order(cells: list[tuple[int, int]], text: str) -> None:
    assert merge_cells(CellRef("S", row, column) for row, column in cells) == text
