"""Workbooks out of a cached template: the same bytes as a whole build for any unit and figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consolidate.model.datasets import Library, Shape
from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit
from consolidate.templates import issued
from consolidate.templates.issued import Issue, TemplateCache, issued_template
from consolidate.templates.live_formulas import Value
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.library_2018 import library_2018

KEY = bytes(range(32))
PERIODS = {"pctn": Period.parse_code("2018-9M"), "cchc": Period.parse_code("2018-Q3")}
LONG = "Ban Quản lý dự án đầu tư xây dựng các công trình giao thông và nông nghiệp phía Tây " * 2
NAMES = (
    "UBND xã Một",
    "UBND xã Hai",
    "UBND xã Ba",
    LONG.strip(),
    LONG.strip() + " 2",
    LONG.strip() + " 3",
    "Sở Nội vụ",
    # Names that no cached template takes: XML, blanks, a text of the workbook itself.
    "Công ty A & B <C>",
    " Sở  Y tế",
    "Cấp xã",
    "qzxcodexzq",
    "S1",
)


class Counted:
    """How many workbooks are built whole."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.built = 0
        monkeypatch.setattr(issued, "build_template", self._build)

    def _build(self, library: Library, template: str, prefill: Prefill) -> bytes:
        self.built += 1
        return build_template(library, template, prefill)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    return Counted(monkeypatch)


def figures(template: str, number: int) -> dict[str, Value]:
    names = [
        data_set.name_of(item.element.code, item.column)
        for data_set in library_2018().sets_of(template)
        if data_set.shape is Shape.FIXED
        for item in data_set.inputs
    ]
    given: tuple[Value, ...] = (
        number, Decimal("12.5"), "", 0, -3, 1e15 + number,
        f"{number}/26", "x", f"S{number}", "Cấp xã",
    )  # fmt: skip
    return {
        name: given[(index + number) % len(given)]
        for index, name in enumerate(names)
        if (index + number) % 7
    }


def issue(template: str, name: str, code: str, number: int | None = None) -> Issue:
    period, unit = PERIODS[template], OrganisationUnit(code, name, Level.COMMUNE)
    if number is None:
        return Issue(unit, template, period)
    before = (period, figures(template, number))
    return Issue(unit, template, period, None, before, before)


@pytest.mark.parametrize("template", sorted(PERIODS))
@pytest.mark.parametrize("history", [False, True])
def test_same_bytes_as_a_whole_build(template: str, history: bool) -> None:
    cache = TemplateCache(library_2018())
    for number, name in enumerate(NAMES):
        asked = issue(template, name, f"S{number}", number if history else None)
        made = issued_template(library_2018(), asked, KEY, cache)
        assert made == issued_template(library_2018(), asked, KEY), name


def test_most_units_need_no_whole_build(counted: Counted) -> None:
    cache = TemplateCache(library_2018())
    for number in range(12):
        issued_template(
            library_2018(), issue("pctn", f"UBND xã {number}", f"X{number:02}"), KEY, cache
        )
    # The first; the second beside its cached template; all others come out of it.
    assert counted.built == 3


@pytest.mark.parametrize("template", sorted(PERIODS))
def test_units_share_a_cached_template_whatever_they_answered(
    template: str, counted: Counted
) -> None:
    cache = TemplateCache(library_2018())
    for number in range(12):
        asked = issue(template, f"UBND xã {number}", f"X{number:02}", number)
        issued_template(library_2018(), asked, KEY, cache)
    assert counted.built == 3


def test_a_cached_template_that_gives_other_bytes_is_never_used(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issued, "ZIP_EPOCH", (1981, 1, 1, 0, 0, 0))
    cache = TemplateCache(library_2018())
    for number in range(9):
        asked = issue("pctn", f"UBND xã {number}", f"X{number}")
        assert issued_template(library_2018(), asked, KEY, cache) == issued_template(
            library_2018(), asked, KEY
        )
    assert counted.built == 9 + 6 + 9  # Six attempts, then no more; and those without a cache.


def test_days_and_texts_of_the_past_stay_what_they_are() -> None:
    cache = TemplateCache(library_2018())
    names = list(figures("pctn", 1))
    odd = (
        "không có", date(2018, 1, 2), "5", 5, "-3/5", "a & <b>", " x ", "qzx0xzq", "_x0041_",
        "<r>x</r>", "13/26", "1.819/1.820", "X2", "Cấp xã", "pctn",
    )  # fmt: skip
    period = PERIODS["pctn"]
    for values in ({names[0]: odd[0]}, {names[0]: odd[1]}, dict(zip(names, odd, strict=False))):
        for code in ("X1", "X2", "X3"):
            unit = OrganisationUnit(code, f"UBND xã {code}", Level.COMMUNE)
            asked = Issue(unit, "pctn", period, None, (period, values))
            made = issued_template(library_2018(), asked, KEY, cache)
            assert made == issued_template(library_2018(), asked, KEY)


def test_unknown_names_are_refused_as_in_a_whole_build() -> None:
    cache, period = TemplateCache(library_2018()), PERIODS["pctn"]
    for code in ("X1", "X2", "X3"):
        unit = OrganisationUnit(code, f"UBND xã {code}", Level.COMMUNE)
        asked = Issue(unit, "pctn", period, None, (period, {"pctn_01.nowhere": 1}))
        with pytest.raises(ValueError, match="unknown name"):
            issued_template(library_2018(), asked, KEY, cache)


MOULDS = TemplateCache(library_2018())
ANSWERS: st.SearchStrategy[Value] = st.one_of(
    st.sampled_from(["x", "13/26", "", "X1", "Cấp xã", "UBND xã 1", "UBND XÃ 1", "pctn_01", "1"]),
    st.integers(-(10**15), 10**15),
    st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=2),
)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(
    name=st.text(
        st.sampled_from("aăâđêôơưÁẾỘ XYZ0123456789 .-–,()&<'\"/\u0301\u00a0ß"),
        min_size=1,
        max_size=90,
    ),
    code=st.text(st.sampled_from("AX0129.-_ "), min_size=1, max_size=6),
)
def test_any_name_and_code(name: str, code: str) -> None:
    asked = issue("pctn", name, code)
    assert issued_template(library_2018(), asked, KEY, MOULDS) == issued_template(
        library_2018(), asked, KEY
    )


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(st.data(), st.sampled_from(sorted(PERIODS)), st.integers(1, 3))
def test_any_earlier_answers(data: st.DataObject, template: str, number: int) -> None:
    """Blanks, figures and texts, one like another, like the unit, like a text of the workbook."""
    names = st.sampled_from(sorted(figures(template, 1)))
    before, last_year = (
        data.draw(st.dictionaries(names, ANSWERS, min_size=1, max_size=9)) for _ in "ab"
    )
    unit = OrganisationUnit(f"X{number}", f"UBND xã {number}", Level.COMMUNE)
    period = PERIODS[template]
    asked = Issue(unit, template, period, None, (period, before), (period, last_year))
    assert issued_template(library_2018(), asked, KEY, MOULDS) == issued_template(
        library_2018(), asked, KEY
    )
