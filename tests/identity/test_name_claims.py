"""What headings and file names claim, with a roster and without one."""

from __future__ import annotations

import pytest

from consolidate.identity.unit_names import file_claim, heading_claim, lowest, words_of
from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit, Roster

HUYEN = OrganisationUnit("H01", "UBND huyện An Đông", Level.DISTRICT)
PHONG = OrganisationUnit("H02", "Phòng Tư pháp huyện An Đông", Level.DISTRICT, parent="H01")
XA = OrganisationUnit("X01", "UBND xã Bình Đức", Level.COMMUNE, parent="UBND huyện An Đông")
SO = OrganisationUnit("S02", "Sở Nội vụ", Level.PROVINCE)
ROSTER = Roster.of((HUYEN, PHONG, XA, SO), province="Tỉnh Sông Tiền")
Q3, NINE = Period.parse_code("2018-Q3"), Period.parse_code("2018-9M")


@pytest.mark.parametrize(
    ("path", "member", "words"),
    [
        ("xã/So Noi vu.xlsx", "", "So Noi vu"),
        ("2018_Q3_UBND xã.final.xlsx", "", "2018 Q3 UBND xã.final"),
        ("SoNoiVu.xls", "", "So Noi Vu"),
        ("s01-so-noi-vu-pctn-9-thang-2018.xlsx", "", "s01 so noi vu pctn 9 thang 2018"),
        ("Sở KH-CN.xlsx", "", "Sở KH-CN"),
        ("UBNDxã.xls", "", "UBNDxã"),
        ("thu.zip", "trong/thư/Sở A.xlsx", "Sở A"),
        ("thu.zip", "trong\\Sở A.xlsx", "Sở A"),
        ("So\u031b\u0309 A", "", "Sở A"),
    ],
)
def test_words_of_a_file_name(path: str, member: str, words: str) -> None:
    assert words_of(path, member) == words


@pytest.mark.parametrize(
    ("name", "units", "period"),
    [
        ("SoNoiVu_Q3_2018.xlsx", (SO,), Q3),
        ("so-noi-vu-cchc-quy-3-2018.xlsx", (SO,), Q3),
        ("Bao cao gui So Noi vu.xlsx", (), None),
        ("xã Bình Đức, huyện An Đông 9 tháng 2018.xlsx", (XA, HUYEN), NINE),
        ("2018.xlsx", (), None),
        ("a.xlsx", (), None),
    ],
)
def test_claims_of_a_file_name(
    name: str, units: tuple[OrganisationUnit, ...], period: Period | None
) -> None:
    claim = file_claim(name, "", ROSTER)
    assert (claim.units, claim.period) == (units, period)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("So Noi vu - bao cao PCTN 9 thang 2018.xlsx", "So Noi vu"),
        ("2018_Q3_UBND xã Bình Đức (lần 2).xlsx", "UBND xã Bình Đức"),
        ("Báo cáo PCTN - UBND TP Cao Lãnh quý 3 năm 2018.xlsx", "UBND TP Cao Lãnh"),
        ("xã Nam Đồng 9T 2018.xlsx", "xã Nam Đồng"),
        ("Số liệu PCTN.xlsx", ""),
        ("So lieu quy 3.xlsx", ""),
        ("Bản sao.xlsx", ""),
        ("bao cao.xlsx", ""),
        ("", ""),
    ],
)
def test_a_file_name_without_a_roster(name: str, text: str) -> None:
    claim = file_claim(name, "", None)
    assert claim.text == text
    assert len(claim.units) == bool(text)


@pytest.mark.parametrize(
    ("lines", "units", "period"),
    [
        (["UBND TỈNH SÔNG TIỀN\nSỞ NỘI VỤ"], (SO,), None),
        (["UBND HUYỆN AN ĐÔNG", "PHÒNG TƯ PHÁP HUYỆN AN ĐÔNG"], (PHONG,), None),
        (["UBND HUYỆN AN ĐÔNG", "UBND XÃ BÌNH ĐỨC"], (XA,), None),
        (["SỞ NỘI VỤ", "Đơn vị: UBND xã Bình Đức"], (XA,), None),
        (["Đơn vị tính: triệu đồng"], (), None),
        (["Tên đơn vị: Sở Lạ"], (), None),
        (["Kính gửi:", "- Sở Nội vụ", "UBND xã Bình Đức"], (XA,), None),
        (["Kính gửi: Sở Nội vụ"], (), None),
        (["BÁO CÁO 9 THÁNG ĐẦU NĂM 2018"], (), NINE),
        (["Kỳ báo cáo: quý III/2018", "so với 6 tháng đầu năm 2018"], (), Q3),
        (["9 tháng đầu năm 2018", "6 tháng đầu năm 2018"], (), None),
        (["(Kèm theo Báo cáo số 12/BC-SNV ngày 5/9/2018 của Sở Nội vụ)"], (SO,), None),
        ([], (), None),
    ],
)
def test_claims_of_headings(
    lines: list[str], units: tuple[OrganisationUnit, ...], period: Period | None
) -> None:
    claim = heading_claim(lines, ROSTER)
    assert (claim.units, claim.period) == (units, period)


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["UBND TỈNH X", "SỞ Y TẾ", "BÁO CÁO"], "SỞ Y TẾ"),
        (["SỞ Y TẾ"], "SỞ Y TẾ"),
        (["SỞ Y TẾ", "Cơ quan báo cáo: Chi cục A"], "Chi cục A"),
        (["Số liệu tính từ ngày", "SỐ LIỆU", "Ban hành kèm theo"], ""),
    ],
)
def test_headings_without_a_roster(lines: list[str], text: str) -> None:
    assert heading_claim(lines, None).text == text


def test_the_lower_of_several_units() -> None:
    assert lowest((HUYEN, PHONG)) == (PHONG,)
    assert lowest((SO, XA, HUYEN)) == (XA,)
    assert lowest((HUYEN, SO)) == (HUYEN,)
    assert lowest(()) == ()
