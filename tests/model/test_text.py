"""Names, numbers, levels as people write them."""

from __future__ import annotations

import json
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.model.text import (
    decimal_of,
    file_key,
    format_number,
    json_number,
    name_key,
    plain,
    shortest,
    tidy,
)
from consolidate.model.units import Level

ANY = st.text(
    alphabet=st.one_of(st.sampled_from("aÂăđĐ ỦUBND.\u00a0\u200b\u0301"), st.characters())
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("UBND xã Vĩnh Lợi", "Ủy ban nhân dân xã Vĩnh Lợi"),
        ("UBND xã Vĩnh Lợi", "UỶ BAN NHÂN DÂN  XÃ VĨNH LỢI"),
        ("TP. Mỹ Tho", "Thành phố Mỹ Tho"),
        ("Sở TTTT", "Sở Thông tin và Truyền thông"),
        ("Sở TT&TT", "Sở Thông tin và Truyền thông"),
        ("UBND TT. Cái Bè", "Ủy ban nhân dân thị trấn Cái Bè"),
        ("thị xã Hòa Bình", "TX Hoà Bình"),
        ("Sở\u00a0Nội vụ", "So\u031b\u0309 No\u0323\u0302i vu\u0323"),
        ("Cấp xã:", "cấp xã"),
        ("Văn hoá", "văn hóa"),
        ("Thuý Khoẻ", "thúy khỏe"),
        ("TÒA ÁN", "toà án"),
        ("quý", "qúy"),
        ("Sở LĐ-TB&XH", "Sở Lao động - Thương binh và Xã hội"),
        ("Sở LĐTBXH", "Sở Lao động, Thương binh & Xã hội"),
        ("So LDTBXH", "So lao động thương binh và xã hội"),
        ("Sở NN&PTNT", "Sở Nông nghiệp và Phát triển nông thôn"),
        ("Sở TN-MT", "Sở Tài nguyên & Môi trường"),
        ("Phòng GD&ĐT", "Phòng Giáo dục và Đào tạo"),
        ("Sở KHĐT", "Sở Kế hoạch và Đầu tư"),
        ("Sở KH&CN", "Sở Khoa học và Công nghệ"),
        ("Sở VHTTDL", "Sở Văn hoá, Thể thao và Du lịch"),
        ("Sở GTVT", "Sở Giao thông vận tải"),
        ("BQL Khu KT-XH", "Ban Quản lý khu kinh tế - xã hội"),
        ("HDND xã", "HĐND xã"),
        ("TP.Mỹ Tho", "thành phố Mỹ Tho"),
    ],
)
def test_spellings_of_one_name_meet(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("xã Hoàng", "xã Hòang"),
        ("xã Hoà", "xã Hoa"),
        ("xã Vĩnh Lợi", "xã Vinh Lợi"),
        ("xã An Phú 1", "xã An Phú 2"),
        ("Sở Y tế", "Phòng Y tế"),
    ],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_text_without_diacritics() -> None:
    assert plain("Sở Nội vụ, Ủy ban; ĐỨC đức") == "So Noi vu, Uy ban; DUC duc"
    assert plain("So\u031b\u0309") == "So"


@given(ANY)
def test_keys_do_not_depend_on_the_unicode_form(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert tidy(composed) == tidy(decomposed)
    assert name_key(composed) == name_key(decomposed)
    assert file_key(composed) == file_key(decomposed)


@given(ANY)
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert name_key(name_key(text)) == name_key(text)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Cấp tỉnh", Level.PROVINCE),
        ("tỉnh", Level.PROVINCE),
        ("CẤP HUYỆN", Level.DISTRICT),
        ("ca\u0302\u0301p xa\u0303", Level.COMMUNE),
        ("commune", Level.COMMUNE),
        ("Sở", None),
        ("", None),
    ],
)
def test_levels(text: str, level: Level | None) -> None:
    assert Level.parse(text) is level


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("5", "5"),
        ("999", "999"),
        ("1000", "1.000"),
        ("1819", "1.819"),
        ("1234567.80", "1.234.567,8"),
        ("-1556.3", "-1.556,3"),
        ("0.001", "0,001"),
        ("1E+3", "1.000"),
    ],
)
def test_numbers_in_vietnamese(number: str, text: str) -> None:
    assert format_number(Decimal(number)) == text


@pytest.mark.parametrize(
    ("double", "decimal", "text"),
    [(969.4, "969.4", "969.4"), (3.0, "3", "3"), (0.1, "0.1", "0.1"), (-2.5, "-2.5", "-2.5")],
)
def test_a_double_is_the_decimal_it_was_typed_as(double: float, decimal: str, text: str) -> None:
    assert decimal_of(double) == Decimal(decimal)
    assert shortest(double) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_doubles_are_kept_exactly(number: float) -> None:
    assert float(decimal_of(number)) == number
    assert float(shortest(number)) == number


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (None, "null"),
        (Decimal("0"), "0"),
        (Decimal("-0.0"), "0"),
        (Decimal("1819"), "1819"),
        (Decimal("1E+3"), "1000"),
        (Decimal("26.00"), "26"),
        (Decimal("969.4"), "969.4"),
        (Decimal("-0.5"), "-0.5"),
    ],
)
def test_a_number_in_json_is_whole_when_it_is_whole(number: Decimal | None, shown: str) -> None:
    assert json.dumps(json_number(number)) == shown
