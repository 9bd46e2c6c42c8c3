"""Whose return it is, and every reason for which a file is held, set aside or questioned.

Reasons of whole inboxes stand in ``tests/recipes/inboxes.toml``. "identity.no_period",
"identity.other_period", "identity.no_data", "identity.not_expected", "identity.accepted" and
"identity.accepted_with" are asked in ``tests/merge/test_merge_inbox.py``; "identity.duplicate",
"identity.same_values", "identity.superseded" and "identity.rivals" in ``test_selection.py``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from consolidate.identity.placement import Placement, place
from consolidate.model.reasons import Finding, Reason, Severity, because
from consolidate.model.returns import Evidence
from consolidate.model.units import Level, OrganisationUnit, Roster
from tests.identity.returns import NINE_MONTHS, a_return, cover_cell

SNV = OrganisationUnit("S02", "Sở Nội vụ", Level.PROVINCE, ("SNV",))
STC = OrganisationUnit("S03", "Sở Tài chính", Level.PROVINCE)
ONE = OrganisationUnit("X01", "UBND xã Vĩnh Lợi", Level.COMMUNE)
OTHER = OrganisationUnit("X02", "UBND xã Vĩnh Lợi", Level.COMMUNE)
SCHOOL = OrganisationUnit("010", "Trường Chính trị", Level.PROVINCE)
ROSTER = Roster.of((SNV, STC, ONE, OTHER, SCHOOL))


@pytest.mark.parametrize(
    ("code", "name", "unit"),
    [
        ("S02", "Sở Nội vụ", SNV),
        ("s02", "SỞ NỘI VỤ", SNV),
        ("S02", "", SNV),
        ("", "Sở Nội vụ", SNV),
        ("", "SNV", SNV),
        ("", "So\u031b\u0309 No\u0323\u0302i vu\u0323", SNV),
        ("S02", "SNV", SNV),
        ("X02", "UBND xã Vĩnh Lợi", OTHER),
        ("X01", "Ủy ban nhân dân xã Vĩnh Lợi", ONE),
    ],
)
def test_code_and_name_agree(code: str, name: str, unit: OrganisationUnit) -> None:
    assert place(a_return(code=code, name=name), ROSTER) == Placement(unit, period=NINE_MONTHS)


@pytest.mark.parametrize(
    ("code", "name", "reason"),
    [
        ("", "", because("identity.nobody")),
        (
            "S02",
            "Sở Tài chính",
            because("identity.disagree", code="S02", by_code="Sở Nội vụ", name="Sở Tài chính"),
        ),
        (
            "S02",
            "UBND xã Vĩnh Lợi",
            because("identity.disagree", code="S02", by_code="Sở Nội vụ", name="UBND xã Vĩnh Lợi"),
        ),
        ("", "UBND xã Vĩnh Lợi", because("identity.several", name="UBND xã Vĩnh Lợi")),
        ("X99", "UBND xã Vĩnh Lợi", because("identity.several", name="UBND xã Vĩnh Lợi")),
        (
            "",
            "UBND xã Vinh Lợi",
            because(
                "identity.unknown_near",
                name="UBND xã Vinh Lợi",
                near=("UBND xã Vĩnh Lợi (X01)", "UBND xã Vĩnh Lợi (X02)"),
            ),
        ),
        ("", "Kho bạc Nhà nước", because("identity.unknown", name="Kho bạc Nhà nước")),
        ("X99", "", because("identity.unknown", name="X99")),
        ("10", "", because("identity.unknown_near", name="10", near=("Trường Chính trị (010)",))),
        (
            "0010",
            "",
            because("identity.unknown_near", name="0010", near=("Trường Chính trị (010)",)),
        ),
    ],
)
def test_a_person_has_to_say(code: str, name: str, reason: Reason) -> None:
    assert place(a_return(code=code, name=name), ROSTER) == Placement(None, reason)


OLD = OrganisationUnit("X11", "UBND xã Tân Phú", Level.COMMUNE, valid_to=date(2018, 6, 30))
ALONE = OrganisationUnit("X12", "Ban Dân tộc", Level.PROVINCE, valid_to=date(2018, 6, 30))
HEIR = OrganisationUnit("X13", "UBND xã Tân Phù", Level.COMMUNE, (), predecessors=("X11",))
COMING = OrganisationUnit(
    "X14", "UBND xã Hòa An", Level.COMMUNE, valid_from=date(2018, 10, 1), valid_to=date(2020, 1, 1)
)
LATER = Roster.of((SNV, OLD, ALONE, HEIR, COMING)).for_period(NINE_MONTHS)
_ENDED = because(
    "identity.ended",
    name="UBND xã Tân Phú (X11)",
    day=date(2018, 6, 30),
    successors=("UBND xã Tân Phù (X13)",),
)


@pytest.mark.parametrize(
    ("code", "name", "reason"),
    [
        ("X11", "UBND xã Tân Phú", _ENDED),
        ("", "UBND xã Tân Phú", _ENDED),  # A letter away from its heir: never taken for it.
        ("x11", "", _ENDED),
        (
            "X12",
            "",
            because(
                "identity.ended_alone",
                name="Ban Dân tộc (X12)",
                day=date(2018, 6, 30),
                successors=(),
            ),
        ),
        ("", "Hòa An", because("identity.unknown", name="Hòa An")),
        (
            "",
            "UBND xã Hòa An",
            because("identity.not_yet", name="UBND xã Hòa An (X14)", day=date(2018, 10, 1)),
        ),
    ],
)
def test_a_unit_of_another_time_is_told_from_an_unknown_one(
    code: str, name: str, reason: Reason
) -> None:
    assert place(a_return(code=code, name=name), LATER) == Placement(None, reason)


def test_the_stamp_of_a_unit_that_has_ended_says_so() -> None:
    stamped = replace(a_return(), evidence=Evidence(stamp_unit="X11"))
    assert place(stamped, LATER) == Placement(None, _ENDED)
    named = replace(a_return(name="Sở Nội vụ"), evidence=Evidence(stamp_unit="X11"))
    said = because("identity.stamp_unit", issued="UBND xã Tân Phú", unit="Sở Nội vụ")
    assert place(named, LATER) == Placement(None, said)


def test_the_heir_sends_under_its_own_name() -> None:
    assert place(a_return(code="X13", name="UBND xã Tân Phú"), LATER).unit == HEIR


def test_a_known_code_with_an_unknown_name_is_placed_and_questioned() -> None:
    placed = place(a_return(code="S02", name="Sở Nội vụ tỉnh"), ROSTER)
    message = because("identity.name_unknown", code="S02", name="Sở Nội vụ tỉnh", unit="Sở Nội vụ")
    doubt = Finding(
        "identity.name_unknown",
        Severity.WARNING,
        message,
        "cover",
        "unit_name",
        "Bìa",
        (cover_cell("unit_name"),),
        "Sở Nội vụ tỉnh",
        "Sở Nội vụ",
    )
    assert placed == Placement(SNV, findings=(doubt,), period=NINE_MONTHS)


def test_a_known_name_with_an_unknown_code_is_placed_and_questioned() -> None:
    placed = place(a_return(code="S99", name="Sở Nội vụ"), ROSTER)
    assert placed.unit is SNV
    assert [(doubt.rule, doubt.found, doubt.expected) for doubt in placed.findings] == [
        ("identity.code_unknown", "S99", "S02")
    ]


@pytest.mark.parametrize(
    ("code", "name", "level", "unit"),
    [
        ("x07", "UBND xã  Tân An", "Cấp xã", ("X07", "UBND xã Tân An", Level.COMMUNE)),
        (
            "",
            "UBND xã Tân An",
            "xã",
            ("ủy ban nhân dân xã tân an", "UBND xã Tân An", Level.COMMUNE),
        ),
        ("X07", "", "", ("X07", "X07", Level.UNKNOWN)),
        ("X07", "", "Phòng", ("X07", "X07", Level.UNKNOWN)),
    ],
)
def test_without_a_roster_the_cover_is_believed(
    code: str, name: str, level: str, unit: tuple[str, str, Level]
) -> None:
    placed = place(a_return(code=code, name=name, level=level), None)
    assert placed == Placement(OrganisationUnit(*unit), period=NINE_MONTHS)


SILENT = a_return()


@pytest.mark.parametrize(
    ("evidence", "path", "source", "found"),
    [
        (Evidence(stamp_unit="S02"), "Sở Nội vụ.xlsx", "identity.source.stamp", "S02"),
        (
            Evidence(headings=("SỞ NỘI VỤ",)),
            "Sở Nội vụ.xlsx",
            "identity.source.headings",
            "Sở Nội vụ",
        ),
        (Evidence(), "BC So Noi vu.xlsx", "identity.source.file_name", "BC So Noi vu"),
    ],
)
def test_the_strongest_source_speaks_for_a_silent_cover(
    evidence: Evidence, path: str, source: str, found: str
) -> None:
    placed = place(replace(SILENT, evidence=evidence), ROSTER, path)
    (note,) = placed.findings
    assert placed.unit is SNV
    assert (note.rule, note.severity, note.found) == ("identity.unit_from", Severity.WARNING, found)
    where = because(source)
    told = because("identity.unit_from", source=where, found=found, unit="Sở Nội vụ")
    assert note.message == told
    assert note.cells == (cover_cell("unit_name"), cover_cell("unit_code"))


def test_a_stamp_without_a_roster_is_the_code_of_the_unit() -> None:
    content = replace(a_return(name="Sở Nội vụ"), evidence=Evidence(stamp_unit="S02"))
    unit = place(content, None).unit
    assert unit is not None
    assert (unit.code, unit.name) == ("S02", "Sở Nội vụ")


@pytest.mark.parametrize(
    ("stamp", "held"),
    [("2018-9M", False), ("2018-Q3", False), ("2018-6M", True), ("2017-9M", True), ("?", False)],
)
def test_a_stamp_of_another_round_is_held(stamp: str, held: bool) -> None:
    content = replace(a_return(code="S02"), evidence=Evidence(stamp_period=stamp))
    placed = place(content, ROSTER)
    assert placed.unit is SNV
    assert bool(placed.reason) is held


def test_the_recipient_in_a_file_name_is_no_contradiction() -> None:
    content = a_return(code="S02")
    path = "Sở Tài chính.xlsx"
    assert place(content, ROSTER, path, recipient="Sở Tài chính").unit is SNV
    reason = because("identity.file_name", found="Sở Tài chính", unit="Sở Nội vụ")
    assert place(content, ROSTER, path) == Placement(None, reason)
    assert place(content, ROSTER, "a.zip", path) == Placement(None, reason)
    assert place(content, ROSTER, path, "Sở Nội vụ.xlsx").unit is SNV
