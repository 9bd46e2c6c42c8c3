"""Superiors of a roster that look like a code and name no unit are said; free text is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from consolidate.definitions.catalogue import sentence
from consolidate.definitions.loader import shipped_library
from consolidate.model.period import Period
from consolidate.model.reasons import because
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.province.roster import notes_of, unknown_parents
from tests.library_2018 import library_2018

OLD = library_2018()
"""Forms that are the same for units of every kind."""


def roster(*parents: str, codes: tuple[str, ...] = ("S01", "S02", "H10")) -> Roster:
    """Units with codes of one kind, then one below each superior."""
    units = [OrganisationUnit(code, f"Đơn vị {code}", Level.PROVINCE) for code in codes]
    for number, parent in enumerate(parents, 1):
        code = f"X{number:02d}"
        units.append(OrganisationUnit(code, f"Xã {number}", Level.COMMUNE, parent=parent))
    return Roster.of(units)


@pytest.mark.parametrize("parent", ["H11", "h11", "H1", "HH10", "H1O"])
def test_what_looks_like_a_code_of_no_unit_is_said(parent: str) -> None:
    found = unknown_parents(roster(parent))
    assert found == (because("roster.parent", parent=parent, name="Xã 1", code="X01", more=""),)


@pytest.mark.parametrize(
    "parent",
    ["", "H10", "h10", "Đơn vị H10", "Cụm 2", "Cụm", "UBND huyện Ba Tơ", "Cum2", "2", "x", "H-10x"],
)
def test_codes_names_and_free_text_are_not(parent: str) -> None:
    assert unknown_parents(roster(parent)) == ()


def test_codes_of_letters_and_of_digits() -> None:
    assert unknown_parents(roster("SNW", "Cụm", "Cum", codes=("SNV", "STC")))
    assert unknown_parents(roster("Cum", "Huế", codes=("SNV", "STC"))) == ()
    assert unknown_parents(roster("21118", codes=("21115", "21117")))


def test_units_below_one_superior_are_counted_and_many_superiors_cut_short() -> None:
    (note,) = unknown_parents(roster("H11", "H10", "H11", "H11"))
    more = because("roster.parent_of_others", count=2)
    assert note == because("roster.parent", parent="H11", name="Xã 1", code="X01", more=more)
    many = unknown_parents(roster(*(f"K{number}" for number in range(20, 28))))
    assert len(many) == 6
    assert many[-1] == because("roster.more_parents", count=3)


def test_a_superior_that_is_gone_is_still_one() -> None:
    old = OrganisationUnit("H10", "Huyện cũ", Level.DISTRICT, valid_to=date(2017, 12, 31))
    commune = OrganisationUnit("X01", "Xã 1", Level.COMMUNE, parent="H10")
    assert unknown_parents(Roster.of((old, commune)).at(date(2018, 9, 30))) == ()


def test_districts_without_a_last_day_end_with_their_level_and_are_said() -> None:
    open_end = OrganisationUnit("H1", "UBND huyện An Đông", Level.DISTRICT)
    ended = OrganisationUnit("H2", "UBND huyện An Tây", Level.DISTRICT, valid_to=date(2024, 12, 31))
    kept = OrganisationUnit("H3", "Chi cục khu vực 1", Level.DISTRICT, valid_to=date(2027, 1, 1))
    commune = OrganisationUnit("X1", "UBND xã An Đông", Level.COMMUNE)
    roster = Roster.of((open_end, ended, kept, commune))
    before, after = (roster.for_period(Period.parse_code(code)) for code in ("2025-6M", "2025-9M"))
    assert before.units == (open_end, kept, commune)
    assert notes_of(before, OLD) == notes_of(roster, OLD) == ()
    assert after.units == (kept, commune)
    day = date(2025, 6, 30)
    names = ("UBND huyện An Đông (H1)",)
    said = because("roster.districts_ended", day=day, count=1, names=names, more="")
    assert notes_of(after, OLD) == (said,)
    assert after.absent("H1") == open_end


def test_units_without_a_kind_are_said_where_forms_go_by_kind() -> None:
    whole = (
        OrganisationUnit("S1", "Sở Nội vụ", Level.PROVINCE, kind=UnitKind.DEPARTMENT, row=6),
        OrganisationUnit("CA", "Công an tỉnh", Level.PROVINCE, row=7),
        OrganisationUnit("X1", "UBND xã An Đông", Level.COMMUNE, templates=frozenset({"cchc"})),
    )
    nine = shipped_library().at(Period.parse_code("2026-9M"))
    (said,) = notes_of(Roster.of(whole), nine)
    assert (said.key, said.value("count")) == ("roster.kind_unknown", 1)
    told = sentence(said)
    assert "hàng 7: Công an tỉnh (CA)." in told
    assert "Ghi vào cột Loại đơn vị một trong: " in told
    assert UnitKind.POLICE.label in told
    assert notes_of(Roster.of(whole), OLD) == ()
    known = (whole[0], replace(whole[1], kind=UnitKind.POLICE), whole[2])
    assert notes_of(Roster.of(known), nine) == ()
