"""Who was expected, who sent, who is missing."""

from __future__ import annotations

from dataclasses import replace

from consolidate.definitions.loader import shipped_library
from consolidate.model.period import Period
from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.rollup.completeness import Answered, Reach, Shown, answered, completeness, reach
from consolidate.rollup.totals import roll_up
from tests.library_2018 import library_2018
from tests.rollup.made import PERIOD, record, unit

PCTN = library_2018().template_by_code["pctn"]
UNITS = tuple(
    OrganisationUnit(f"X{number}", f"Xã {number}", Level.COMMUNE, templates=frozenset(templates))
    for number, templates in enumerate([("pctn",), ("pctn", "cchc"), (), ("cchc",), ("pctn",)])
)
ROSTER = Roster.of(UNITS)


def test_received_missing_and_held() -> None:
    records = [
        record(UNITS[2], {}),
        record(UNITS[0], {}, Outcome.ACCEPTED_WITH_WARNINGS),
        record(UNITS[1], {}, Outcome.HELD),
        record(UNITS[4], {}, template="cchc"),
        ReturnRecord("a.pdf", "", 1, Outcome.NOT_A_REPORT, None),
    ]
    found = completeness(PCTN, records, ROSTER)
    assert found.expected == (UNITS[0], UNITS[1], UNITS[2], UNITS[4])
    assert found.received == (UNITS[0], UNITS[2])
    assert found.missing == (UNITS[1], UNITS[4])
    assert found.held == (UNITS[1],)
    assert reach(found, Level.COMMUNE) == Reach(2, 4)
    assert reach(found, Level.PROVINCE) == Reach(0, 0)


def test_a_unit_with_a_counted_file_is_not_held_for_its_other_files() -> None:
    records = [record(UNITS[0], {}, Outcome.SUPERSEDED), record(UNITS[0], {})]
    found = completeness(PCTN, records, ROSTER)
    assert (found.received, found.held) == ((UNITS[0],), ())


def test_who_sends_without_being_expected_is_received() -> None:
    found = completeness(PCTN, [record(UNITS[3], {})], ROSTER)
    assert found.received == (UNITS[3],)
    assert UNITS[3] not in (found.expected or ())
    assert reach(found) == Reach(0, 4, extra=1)  # Never more received than expected.


def test_without_a_roster_nobody_is_missing() -> None:
    records = [record(unit("X2"), {}), record(unit("X1"), {}), record(unit("X3"), {}, Outcome.HELD)]
    found = completeness(PCTN, records, None)
    assert (found.expected, found.missing) == (None, ())
    assert [who.code for who in found.received] == ["X1", "X2"]
    assert [who.code for who in found.held] == ["X3"]
    assert reach(found, Level.COMMUNE).expected is None


def counted(records: list[ReturnRecord], owing: tuple[OrganisationUnit, ...] | None) -> Answered:
    """How the units stand in MS 3."""
    data_set = library_2018().by_code["pctn_01"]
    table = roll_up(data_set, PERIOD, records, owing=owing)
    figure = table.figure("c3", "value")
    assert figure is not None
    return answered(table, figure)


def test_every_unit_that_owes_the_table_is_counted_once() -> None:
    who = [unit(f"X{number}") for number in range(8)]
    answers = [{"c3": 1}, {"c3": 2}, {"c3": ""}, {"c3": "x"}, {"c3": "khoảng 2"}, {"c4": 1}]
    records = [record(one, typed) for one, typed in zip(who, answers, strict=False)]
    records.append(record(unit("Y1"), {"c3": 1}))  # Nobody expected it.
    records.append(record(unit("Y2"), {"c3": "x"}))
    found = counted(records, tuple(who))
    assert found == Answered(Shown.NUMBER, 2, 8, 1, 1, 1, lacking=1, absent=2, extra=1)
    assert found.expected == 2 + 1 + 1 + 1 + found.lacking + found.absent
    alone = counted(records, None)
    assert (alone.reported, alone.expected, alone.extra) == (3, None, 0)


def test_kinds_of_nothing() -> None:
    two = (unit("X1"), unit("X2"))

    def shown(*typed: str) -> Shown:
        records = [record(one, {"c3": cell}) for one, cell in zip(two, typed, strict=False)]
        return counted(records, two).shown

    assert shown("", "") is shown("x", "") is shown() is Shown.BLANK
    assert shown("x", "x") is shown("x") is Shown.CROSSED
    assert shown("?", "x") is shown("", "?") is Shown.UNREADABLE
    assert shown("x", "0") is Shown.NUMBER


def test_what_no_unit_that_is_added_is_asked_is_neither_blank_nor_crossed() -> None:
    form = shipped_library().at(Period.parse_code("2026-9M")).by_code["pctn_01"]
    commune = replace(unit("X1"), kind=UnitKind.COMMUNE)
    bank = replace(unit("B1"), kind=UnitKind.BANK)
    only = next(element for element in form.elements if element.applies_to)

    def shown(*owing: OrganisationUnit) -> Shown:
        table = roll_up(form, PERIOD, (), owing=owing)
        figure = table.figure(only.code, "value")
        assert figure is not None
        return answered(table, figure).shown

    assert shown(commune) is Shown.NOT_ASKED
    assert shown(commune, bank) is Shown.BLANK
