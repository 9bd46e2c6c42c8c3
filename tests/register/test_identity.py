"""Whose return it is, and every reason for which a file is held, set aside or questioned.

Reasons that need a whole inbox: "identity.no_period", "identity.other_period",
"identity.no_data", "identity.not_expected", "identity.accepted" and "identity.accepted_with" are
asked in ``tests/test_pipeline.py``; "identity.duplicate", "identity.same_values",
"identity.superseded" and "identity.rivals" in ``test_series.py``.
"""

from __future__ import annotations

import pytest

from consolidate.definitions.catalogue import text
from consolidate.model.findings import Finding, Severity
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.register.identity import Placement, place
from tests.register.returns import a_return, cover_cell

SNV = OrganisationUnit("S02", "Sở Nội vụ", Level.PROVINCE, ("SNV",))
STC = OrganisationUnit("S03", "Sở Tài chính", Level.PROVINCE)
ONE = OrganisationUnit("X01", "UBND xã Vĩnh Lợi", Level.COMMUNE)
OTHER = OrganisationUnit("X02", "UBND xã Vĩnh Lợi", Level.COMMUNE)
ROSTER = Roster.of((SNV, STC, ONE, OTHER))


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
    assert place(a_return(code=code, name=name), ROSTER) == Placement(unit)


@pytest.mark.parametrize(
    ("code", "name", "reason"),
    [
        ("", "", text("identity.nobody")),
        (
            "S02",
            "Sở Tài chính",
            text("identity.disagree", code="S02", by_code="Sở Nội vụ", name="Sở Tài chính"),
        ),
        (
            "S02",
            "UBND xã Vĩnh Lợi",
            text("identity.disagree", code="S02", by_code="Sở Nội vụ", name="UBND xã Vĩnh Lợi"),
        ),
        ("", "UBND xã Vĩnh Lợi", text("identity.several", name="UBND xã Vĩnh Lợi")),
        ("X99", "UBND xã Vĩnh Lợi", text("identity.several", name="UBND xã Vĩnh Lợi")),
        ("", "UBND xã Vinh Lợi", text("identity.unknown", name="UBND xã Vinh Lợi")),
        ("X99", "", text("identity.unknown", name="X99")),
    ],
)
def test_a_person_has_to_say(code: str, name: str, reason: str) -> None:
    assert place(a_return(code=code, name=name), ROSTER) == Placement(None, reason)


def test_a_known_code_with_an_unknown_name_is_placed_and_questioned() -> None:
    placed = place(a_return(code="S02", name="Sở Nội vụ tỉnh"), ROSTER)
    message = text("identity.name_unknown", code="S02", name="Sở Nội vụ tỉnh", unit="Sở Nội vụ")
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
    assert placed == Placement(SNV, findings=(doubt,))


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
    assert placed == Placement(OrganisationUnit(*unit))
