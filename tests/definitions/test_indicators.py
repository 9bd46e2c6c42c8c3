"""The official lists, written out: 61 indicators of PCTN and the rows of Phụ lục 3."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from consolidate.model.datasets import Aggregation, DataElement, Heading, Shape, ValueType
from consolidate.model.period import PeriodType
from consolidate.model.reasons import Severity
from tests.library_2018 import library_2018

OFFICIAL = Path(__file__).parent / "indicators.csv"
PCTN = library_2018().by_code["pctn_01"]
LIST = library_2018().by_code["pctn_02"]
PLANS = library_2018().by_code["cchc_pl3_1"]
CRITERIA = library_2018().by_code["cchc_pl3_2"]
MONEY = {"15", "16", "18", "49", "51", "53"}
AREA = {"50", "52", "54"}


def written(item: Heading | DataElement) -> tuple[str, str, str, str]:
    if isinstance(item, Heading):
        return ("subsection" if item.subsection else "section", "", item.label, "")
    kind = "indicator" if item.number else "breakdown"
    return (kind, item.number, item.label, item.unit)


def test_the_table_of_indicators_is_the_official_one() -> None:
    with OFFICIAL.open(encoding="utf-8", newline="") as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    assert [written(item) for item in PCTN.body] == rows


def test_indicators_are_numbered_1_to_61_and_three_rows_break_56_down() -> None:
    assert [e.number for e in PCTN.elements if e.number] == [str(n) for n in range(1, 62)]
    assert all(e.code == f"c{e.number}" for e in PCTN.elements if e.number)
    codes = [element.code for element in PCTN.elements]
    at = codes.index("c56")
    assert codes[at : at + 5] == ["c56", "c56a", "c56b", "c56c", "c57"]
    assert [e.code for e in PCTN.elements if not e.number] == ["c56a", "c56b", "c56c"]


@pytest.mark.parametrize("element", PCTN.elements, ids=lambda element: element.code)
def test_kinds_of_answers(element: DataElement) -> None:
    kind, unit = ValueType.COUNT, {*()}
    if element.number in MONEY:
        kind, unit = ValueType.MONEY, {"Triệu đồng"}
    elif element.number in AREA:
        kind, unit = ValueType.AREA, {"m²"}
    elif element.number == "28":
        kind, unit = ValueType.PERCENTAGE, {"%"}
    else:
        unit = {"Văn bản", "Lượt người", "Lớp", "Tài liệu", "CQ, TC, ĐV", "Cuộc", "Vụ"}
        unit |= {"Người", "Đơn"}
    assert element.type is kind
    assert element.unit in unit
    assert element.minimum == 0
    ratio = element.number == "28"
    assert element.aggregation is (Aggregation.RATIO if ratio else Aggregation.SUM)
    assert element.maximum == (Decimal(100) if ratio else None)
    assert element.cumulative is (element.number not in {"28", "47", "48"})
    assert element.required == (("value",) if element.number else ())


RULES = {
    "r40": ("c40 == c41 + c42 + c43 + c44", Severity.ERROR),
    "r7_6": ("c7 <= c6", Severity.ERROR),
    "r13_12": ("c13 <= c12", Severity.WARNING),
    "r14_12": ("c14 <= c12", Severity.WARNING),
    "r23_22": ("c23 <= c22", Severity.WARNING),
    "r25_24": ("c25 <= c24", Severity.WARNING),
    "r26_24": ("c26 <= c24", Severity.WARNING),
    "r58_57": ("c58 <= c57", Severity.WARNING),
    "r60_59": ("c60 <= c59", Severity.ERROR),
    "r61_60": ("c61 <= c60", Severity.WARNING),
    "r35_34": ("c35 <= c34", Severity.WARNING),
    "r16_15": ("c16 <= c15", Severity.WARNING),
    "r34_33": ("c34 <= c33", Severity.WARNING),
    "r51_53_49": ("c51 + c53 <= c49", Severity.WARNING),
    "r52_54_50": ("c52 + c54 <= c50", Severity.WARNING),
    "r20_19": ("implies(c20 > 0, c19 > 0)", Severity.WARNING),
    "r11_12": ("iff(c11 > 0, c12 > 0)", Severity.WARNING),
    "r11_10": ("implies(c11 > 0, c10 > 0)", Severity.WARNING),
    "r15_11": ("implies(c15 > 0, c11 > 0)", Severity.WARNING),
    "r29_30": ("iff(c29 > 0, c30 > 0)", Severity.WARNING),
    "r31_32": ("iff(c31 > 0, c32 > 0)", Severity.WARNING),
    "r35_36": ("iff(c35 > 0, c36 > 0)", Severity.WARNING),
    "r37_38": ("iff(c37 > 0, c38 > 0)", Severity.WARNING),
    "r39_40": ("iff(c39 > 0, c40 > 0)", Severity.WARNING),
    "r45_46": ("iff(c45 > 0, c46 > 0)", Severity.WARNING),
    "r47_48": ("iff(c47 > 0, c48 > 0)", Severity.WARNING),
    "r3_4": ("iff(c3 > 0, c4 > 0)", Severity.WARNING),
    "r17_18": ("iff(c17 > 0, c18 > 0)", Severity.WARNING),
    "r56": ("c56a + c56b + c56c == c56", Severity.WARNING),
    "r49_50_29": (
        "implies(c49 + c50 > 0, c29 + c31 + c35 + c37 > 0)",
        Severity.WARNING,
    ),
    "r_list": ("count(pctn_02) == c29 + c31 + c35 + c37", Severity.WARNING),
}
"""Every rule of arithmetic of the official labels."""


def test_rules_of_arithmetic() -> None:
    assert {rule.id: (rule.expression, rule.severity) for rule in PCTN.rules} == RULES


def test_the_case_list() -> None:
    assert LIST.shape is Shape.OPEN
    assert [element.label for element in LIST.elements] == [
        "Tên vụ",
        "Tên cơ quan, tổ chức, đơn vị xảy ra sự việc",
        "Cơ quan thụ lý, giải quyết vụ việc",
        "Tóm tắt nội dung vụ việc",
    ]
    assert LIST.layout.window


def test_the_rows_of_phu_luc_3() -> None:
    numbers = [element.number for element in CRITERIA.elements]
    assert numbers == ["1", "2", "3", "4", "5", "5.1", "5.2", "5.3", "5.4"]
    columns = ["Tổng số", "Cấp tỉnh", "Cấp huyện", "Cấp xã", "Ghi chú"]
    assert [column.label for column in CRITERIA.columns] == columns
    assert [e.code for e in CRITERIA.elements if e.second] == ["r5"]
    rules = {rule.expression: rule.severity for rule in CRITERIA.rules}
    assert rules == {
        "total == province + district + commune": Severity.ERROR,
        **{
            rule.replace("*", column): Severity.WARNING
            for rule in (
                "r5.* == r5_1.*",
                "r5_2.* <= r5_1.*",
                "r5_3.* <= r5_2.*",
                "r5_3.* + r5_4.* <= r5.*",
            )
            for column in ("total", "province", "district", "commune")
        },
        **{f"r5.agencies >= r{row}.total": Severity.WARNING for row in (1, 2, 3)},
        "implies(r4.district > 0, r1.district <= r4.district)": Severity.INFO,
    }


def test_the_columns_of_plans() -> None:
    assert [element.code for element in PLANS.elements] == [
        "plan",
        "issued",
        "planned",
        "done",
        "doing",
        "not_done",
        "note",
    ]
    assert [rule.expression for rule in PLANS.rules] == ["done + doing + not_done == planned"]


def test_periods() -> None:
    cumulative = (PeriodType.Q1, PeriodType.SIX_MONTHS, PeriodType.NINE_MONTHS, PeriodType.YEAR)
    quarters = (PeriodType.Q1, PeriodType.Q2, PeriodType.Q3, PeriodType.Q4)
    assert library_2018().pack_of["pctn"].periods == cumulative
    assert library_2018().pack_of["cchc"].periods == quarters


def test_defined_names_are_different_in_every_workbook() -> None:
    for template in library_2018().templates:
        names = [
            cell.anchor
            for data_set in (library_2018().cover, *library_2018().sets_of(template.code))
            if data_set.columns
            for cell in data_set.inputs
        ]
        assert len(names) == len(set(names))
