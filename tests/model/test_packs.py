"""Which forms serve a round: by the last day of its figures, one pack of a family at most."""

from __future__ import annotations

from datetime import date

import pytest

from consolidate.definitions.loader import shipped_library
from consolidate.model.packs import StatutoryDue
from consolidate.model.period import Period
from consolidate.model.rules import Expr, Leaf, Ref, Rows, RuleSpec, leaves
from consolidate.model.units import UnitKind

LIBRARY = shipped_library()
Bound = tuple[tuple[RuleSpec, Expr], ...]
QUARTERLY = ("pctn_01_q", "pctn_02_q", "pctn_03_q", "pctn_01", "pctn_02", "pctn_03")


def period(code: str) -> Period:
    return Period.parse_code(code)


@pytest.mark.parametrize(
    ("code", "packs", "without"),
    [
        ("1990-6M", [], ["pctn", "cchc"]),
        ("2018-9M", ["pctn-2014", "cchc-2018"], []),
        ("2021-Q1", ["pctn-2014", "cchc-2018"], []),
        ("2021-6M", ["cchc-2018"], ["pctn"]),
        ("2022-9M", ["cchc-2018"], ["pctn"]),
        ("2025-9M", [], ["pctn", "cchc"]),  # Its figures end on 14/9/2025.
        ("2025-Q4", ["pctn-2025"], ["cchc"]),
        ("2025-Y", ["pctn-2025"], ["cchc"]),
        ("2026-Q1", ["pctn-2025"], ["cchc"]),
    ],
)
def test_packs_of_a_round(code: str, packs: list[str], without: list[str]) -> None:
    shown = LIBRARY.at(period(code))
    assert [pack.code for pack in shown.pack_of.values()] == packs
    assert [item.family for item in LIBRARY.packs.unserved(period(code))] == without


def test_a_calendar_may_move_the_last_day() -> None:
    moved = LIBRARY.at(period("2025-9M"), {"pctn": date(2025, 9, 30)})
    assert list(moved.pack_of) == ["pctn"]
    assert list(LIBRARY.at(period("2025-9M"), {"pctn": date(2025, 9, 29)}).pack_of) == []


@pytest.mark.parametrize(
    ("code", "kind", "forms"),
    [
        ("2026-Q1", UnitKind.COMMUNE, ("pctn_01", "pctn_02", "pctn_03", "pctn_tm")),
        ("2026-9M", UnitKind.COMMUNE, (*QUARTERLY, "pctn_tm")),
        ("2026-9M", UnitKind.UNKNOWN, (*QUARTERLY, "pctn_tm")),
        ("2026-9M", UnitKind.POLICE, ("pctn_01",)),
        ("2018-9M", UnitKind.POLICE, ("pctn_01", "pctn_02")),
        ("2026-9M", UnitKind.DISTRICT, ()),
    ],
)
def test_who_owes_what(code: str, kind: UnitKind, forms: tuple[str, ...]) -> None:
    owed = LIBRARY.at(period(code)).owed(kind, period(code))
    assert tuple(item.code for item in owed.data_sets if item.template == "pctn") == forms


def test_tables_of_a_round_have_their_own_sheet_and_period() -> None:
    third, first = LIBRARY.at(period("2026-Q3")), LIBRARY.at(period("2026-Q1"))
    assert third is LIBRARY.at(period("2026-9M"))
    told = {
        item.sheet: item.period_in(period("2026-9M")).code
        for item in third.data_sets
        if item.form == "pctn_01"
    }
    assert told == {"01-PCTN quý III": "2026-Q3", "01-PCTN 9 tháng": "2026-9M"}
    assert [item.sheet for item in first.data_sets] == ["01-PCTN", "02-PCTN", "03-PCTN", "Mẫu 03"]
    # Part II of the outline is not asked in a quarterly report.
    assert len(first.by_code["pctn_tm"].elements) < len(third.by_code["pctn_tm"].elements)


def test_a_rule_of_the_quarter_names_the_list_of_the_quarter() -> None:
    rules = LIBRARY.at(period("2026-9M")).rules
    named = {
        code: {leaf.data_set for leaf in _leaves_of_counts(rules[code])}
        for code in ("pctn_01", "pctn_01_q")
    }
    assert named == {"pctn_01": {"pctn_01", "pctn_02"}, "pctn_01_q": {"pctn_01_q", "pctn_02_q"}}


def _leaves_of_counts(rules: Bound) -> list[Leaf]:
    """What the rules that count the rows of a list ask for, but for their sums."""
    counting = [bound for _, bound in rules if any(isinstance(x, Rows) for x in leaves(bound))]
    return [x for bound in counting for x in leaves(bound) if isinstance(x, Ref | Rows)]


def test_days_that_are_included_and_days_before() -> None:
    assert StatutoryDue(17).of(period("2026-9M")) == date(2026, 9, 17)
    assert StatutoryDue(5, strictly_before=True).of(period("2026-Q1")) == date(2026, 3, 4)
