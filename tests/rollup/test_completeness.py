"""Who was expected, who sent, who is missing."""

from __future__ import annotations

from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.rollup.complete import Reach, completeness, reach
from tests.library_2018 import library_2018
from tests.rollup.made import record, unit

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
