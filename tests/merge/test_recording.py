"""What is recorded of totals: how many units are in each, on every level."""

from __future__ import annotations

from decimal import Decimal

from consolidate.merge import recording
from consolidate.model.units import Level
from tests.rollup.made import plans, table, unit


def test_a_unit_whose_rows_are_blank_is_in_no_total_of_an_open_table() -> None:
    made = table([plans(unit("X1"), [3, None]), plans(unit("X2"), [None])], "cchc_pl3_1")
    told = recording._totals(made)
    found = [(t.level, t.total, t.units) for t in told if t.element == "planned"]
    assert found == [("", Decimal(3), 1), (Level.COMMUNE.value, Decimal(3), 1)]
