"""Which figure a row of a by-unit sheet is about, told from what stands in its first columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.model.datasets import Shape
from consolidate.province.roster import read_roster
from consolidate.reports.matrix import Matrix, RowKind, figure_at, matrix
from tests.library_2018 import library_2018

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
FIXED = [item.code for item in library_2018().data_sets if item.shape is Shape.FIXED]


@pytest.fixture(scope="module")
def layouts() -> dict[str, Matrix]:
    """The by-unit sheets of the example province, with the parts of its ratios."""
    roster = read_roster(EXAMPLES / "roster.xlsx", library_2018().template_by_code)
    result = merge(MergeRequest(library_2018(), EXAMPLES / "inbox" / "cap-tinh", roster=roster))
    return {table.data_set.code: matrix(table, result.levels) for table in result.tables}


@pytest.mark.parametrize("code", FIXED)
def test_every_row_names_its_own_figure_and_no_other(layouts: dict[str, Matrix], code: str):
    layout = layouts[code]
    lines = [(row.number, row.label) for row in layout.rows]
    told = [figure_at(layout.table.data_set, lines[: at + 1]) for at in range(len(lines))]
    assert told == [
        (row.element, row.column) if row.kind is RowKind.FIGURE else None for row in layout.rows
    ]
    assert len({figure for figure in told if figure}) > 10


def test_parts_of_ratios_stand_in_the_examples(layouts: dict[str, Matrix]):
    assert any(row.kind is RowKind.PART for layout in layouts.values() for row in layout.rows)


def test_foreign_lines_name_nothing():
    data_set = library_2018().by_code["pctn_01"]
    assert figure_at(data_set, ()) is None
    assert figure_at(data_set, [("", "")]) is None
    assert figure_at(data_set, [("4", "một chỉ tiêu khác")]) is None
