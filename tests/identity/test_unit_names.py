"""Which unit a name means: what is near enough, and what never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.identity.unit_names import closest, mentions
from consolidate.model.text import plain
from consolidate.model.units import Level, OrganisationUnit, Roster

NAMES = {
    "S01": "Thanh tra tỉnh",
    "S02": "Sở Nội vụ",
    "S03": "Sở Thông tin và Truyền thông",
    "S04": "Sở Lao động - Thương binh và Xã hội",
    "S05": "Thanh tra Sở Nội vụ",
    "S06": "UBND tỉnh",
    "X01": "UBND xã Bình Đức",
    "X02": "UBND xã An Đông",
    "X03": "UBND thị trấn An Đông",
    "X04": "UBND phường 1",
    "X05": "UBND phường 11",
    "X06": "UBND xã Long Hòa I",
    "X07": "UBND xã Vĩnh Lợi",
    "28249": "UBND xã Tân Hòa",
}
ROSTER = Roster.of(
    (OrganisationUnit(code, name, Level.COMMUNE) for code, name in NAMES.items()),
    province="Tỉnh Sông Tiền",
)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("So Noi vu", "S02"),
        ("SO NOI VU", "S02"),
        ("Sở Nội vụ tỉnh", "S02"),
        ("Sở Nội vụ tỉnh Sông Tiền", "S02"),
        ("So Noi vu tinh Song Tien", "S02"),
        ("Sở Nộivụ", "S02"),
        ("Sở Nội vụj", "S02"),
        ("Sở Thông tin Truyền thông", "S03"),
        ("Sở Thôngg tin & Truyền thông", "S03"),
        ("So LD-TBXH", "S04"),
        ("xã Bình Đức", "X01"),
        ("UBND xa Binh Duc", "X01"),
        ("Uy ban nhan dan xa Binh Duc", "X01"),
        ("UBND xã Bình Đứcc", "X01"),
        ("xã An Đông", "X02"),
        ("phường 01", "X04"),
        ("UBND phuong 11", "X05"),
    ],
)
def test_names_that_can_mean_one_unit_only(typed: str, code: str) -> None:
    assert not ROSTER.find(typed)
    found = closest(typed, ROSTER).unit
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "typed",
    [
        "UBND xã Bình Dực",  # Another syllable, on the roster or not.
        "UBND xã Bình Đực",
        "UBND xã An Sông",
        "UBND An Đông",  # A commune or a town?
        "xã Vinh Lợi",
        "Sở Nôi vụ",
        "UBND phường 111",
        "UBND phường I",
        "phường 2",
        "UBND xã Long Hòa II",
        "UBND xã Long Hòa",
        "UBND xã Long Hòa 1",
        "UBND",
        "Sở",
        "Thanh tra",
        "Công an tỉnh",
        "28248",
        "X99",
        "S0",
    ],
)
def test_names_that_a_person_has_to_place(typed: str) -> None:
    assert closest(typed, ROSTER).unit is None


def test_the_nearest_units_are_named_best_first() -> None:
    near = closest("UBND xã Bình Dực", ROSTER).near
    assert near[0].code == "X01"
    assert len(near) <= 3
    assert closest("Kho bạc Nhà nước", ROSTER).near == ()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("So Noi vu - bao cao PCTN 9 thang 2018", ["S02"]),
        ("2018 Q3 UBND xã Bình Đức (lần 2)", ["X01"]),
        ("BC xã Bình Đức", ["X01"]),
        ("Thanh tra Sở Nội vụ", ["S05"]),
        ("Sở Nội vụ gửi Thanh tra tỉnh", ["S02", "S01"]),
        ("phường 11", ["X05"]),
        ("phường 1 và phường 11", ["X04", "X05"]),
        ("Báo cáo 28249 quý 3", ["28249"]),
        ("S02 PCTN", ["S02"]),
        ("Sở Nội vụ, SỞ NỘI VỤ", ["S02"]),
        ("phường 111", []),
        ("Bình Đức", []),
        ("X01 UBND xã Bình Đức", ["X01"]),
        ("UBND TỈNH SÔNG TIỀN SỞ NỘI VỤ", ["S06", "S02"]),
        ("xa Binh Duc Tay", []),
        ("xã Bình Đức Tây - PCTN", []),
        ("Công an xã Bình Đức", []),
        ("Phòng Y tế Sở Nội vụ", []),
        ("báo cáo", []),
        ("", []),
    ],
)
def test_whole_names_inside_a_text(text: str, codes: list[str]) -> None:
    assert [unit.code for unit in mentions(text, ROSTER)] == codes


def test_a_mention_without_diacritics_of_two_units_is_none() -> None:
    units = [
        OrganisationUnit("X1", "UBND xã Bình Đức", Level.COMMUNE),
        OrganisationUnit("X2", "UBND xã Bình Dực", Level.COMMUNE),
        OrganisationUnit("12", "Sở A", Level.PROVINCE, ("A1",)),
    ]
    roster = Roster.of(units)
    assert mentions("xa Binh Duc", roster) == ()
    assert mentions("xã Bình Dực", roster) == (units[1],)
    assert mentions("quý 12 A1", roster) == ()
    assert closest("xa Binh Duc", roster).near == (units[0], units[1])


SYLLABLES = st.sampled_from(["An", "Bình", "Đức", "Dực", "Đông", "Đồng", "Hòa", "Tân", "1", "11"])
PLACES = st.lists(SYLLABLES, min_size=1, max_size=3).map(" ".join)


@given(st.lists(PLACES, min_size=1, max_size=6, unique=True), PLACES)
def test_a_name_never_means_a_unit_of_other_words(places: list[str], typed: str) -> None:
    """Proper Vietnamese words are another name, however near; only plain typing may be read."""
    roster = Roster.of(
        OrganisationUnit(f"X{at:03}", f"UBND xã {place}", Level.COMMUNE)
        for at, place in enumerate(places)
    )
    found = closest(f"xã {typed}", roster).unit
    if typed in places:
        assert found is not None
        assert found.name == f"UBND xã {typed}"
    elif not f"xã {typed}".isascii():
        assert found is None
    bare = closest(plain(f"UBND xa {typed}"), roster).unit
    fitting = [place for place in places if plain(place) == plain(typed)]
    assert (bare.name if bare else None) == (f"UBND xã {fitting[0]}" if len(fitting) == 1 else None)
