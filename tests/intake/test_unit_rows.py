"""A table with a row for each unit: each row is a return, read from its own cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from consolidate.definitions.loader import shipped_library
from consolidate.intake.read_file import ReadSettings
from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.model.datasets import ValueType
from consolidate.model.period import Period
from consolidate.model.reasons import Severity, because
from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.rollup.result import MergeResult
from consolidate.xlsx.read.package_gate import Limits
from tests.intake.archives import zipped
from tests.merge.province import Province
from tests.saved import saved

LIBRARY = shipped_library()
PERIOD = Period.parse_code("2026-9M")
UNITS = tuple(
    OrganisationUnit(code, name, Level.PROVINCE)
    for code, name in (("S01", "Sở Tài chính"), ("S02", "Sở Nội vụ"), ("S03", "Sở Y tế"))
)
ROSTER = Roster.of(UNITS, province="Tỉnh Sông Tiền")
FORM = next(form for form in LIBRARY.packs.by_code["pctn-2025"].forms(3) if form.code == "pctn_01")
ELEMENTS = FORM.elements


def book(*rows: Sequence[object], title: str = "Câu trả lời") -> bytes:
    made = Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(row)
    return saved(made)


def answers(first: object, **others: object) -> list[object]:
    """Answers to all elements: 0 but for the first, and those named by their codes."""
    return [others.get(e.code, first if e is ELEMENTS[0] else 0) for e in ELEMENTS]


def merged(folder: Path, **files: bytes) -> MergeResult:
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    return merge(MergeRequest(library=LIBRARY, inbox=folder, period=PERIOD, roster=ROSTER))


def by_unit(result: MergeResult) -> dict[str, ReturnRecord]:
    return {record.unit.code: record for record in result.records if record.unit is not None}


def value(record: ReturnRecord, element: str) -> tuple[object, str, str]:
    assert record.content is not None
    found = next(v for v in record.content.values() if v.key.element == element)
    return found.value, found.raw, f"{found.cell.sheet}!{found.cell.a1}"


NAMES: dict[str, Callable[[str, str], str]] = {
    "number": lambda number, _: number,
    "ms": lambda number, _: f"MS {number}",
    "form": lambda number, _: f"P01_{number.replace('.', '_')}",
    "code": lambda _, code: code,
    "whole": lambda _, code: f"pctn_01.{code}",
}


@pytest.mark.parametrize("naming", NAMES)
def test_each_row_is_a_return_with_its_unit_its_outcome_and_its_cells(
    tmp_path: Path, naming: str
) -> None:
    names = [NAMES[naming](e.number, e.code) for e in ELEMENTS]
    result = merged(
        tmp_path,
        web__xlsx=book(
            ["BÁO CÁO PCTN 9 THÁNG NĂM 2026"],
            ["STT", "Tên đơn vị", *names],
            [1, "Sở Tài chính", *answers(7)],
            [2, "Sở Nội vụ", *answers("năm", m33=3, m34=1, m35=1)],
            [],
            [3, "Sở Không Có", *answers(1)],
            ["", "Tổng cộng", *answers(9)],
        ),
    )
    assert [(r.member, r.outcome) for r in result.records] == [
        ("Câu trả lời!3", Outcome.ACCEPTED_WITH_WARNINGS),
        ("Câu trả lời!4", Outcome.ACCEPTED_WITH_WARNINGS),
        ("Câu trả lời!6", Outcome.HELD),
    ]
    units = by_unit(result)
    assert value(units["S01"], "m1") == (7, "7", "Câu trả lời!C3")
    assert told(units["S01"]) == set()
    assert told(units["S02"]) == {("value.not_a_number", "C4"), ("pctn_01.r33", "AI4")}
    unknown = next(r for r in result.records if r.unit is None)
    assert unknown.reason == because("identity.unknown", name="Sở Không Có")


def told(record: ReturnRecord) -> set[tuple[str, str]]:
    """Errors of a row apart from tables that it does not have, with their first cells."""
    return {
        (f.rule, f.cells[0].a1)
        for f in record.findings
        if f.severity is Severity.ERROR and not f.rule.startswith("structure.")
    }


def names() -> list[str]:
    return [f"MS {e.number}" if e.number else e.code for e in ELEMENTS]


def test_names_of_columns_in_two_rows_with_labels_and_codes_of_units(tmp_path: Path) -> None:
    labels = [f"{e.number}. {e.label}" if e.number else e.code for e in ELEMENTS]
    marked = [f"{name} ({e.unit})" for name, e in zip(names(), ELEMENTS, strict=True)]
    for number, header in enumerate(
        ([["Mã đơn vị", *labels]], [["Mã đơn vị", *["…"] * len(ELEMENTS)], ["", *marked]])
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        rows = [["9 tháng 2026"], *header, ["", *range(1, len(ELEMENTS) + 1)]]
        result = merged(folder, web__xlsx=book(*rows, ["S02", *answers(7)]))
        (record,) = result.records
        assert record.unit == UNITS[1]
        assert record.content is not None
        assert len({v.key.element for v in record.content.values()}) == len(ELEMENTS)
        assert value(record, "m1")[0] == 7


def test_text_is_read_as_one_file_and_a_row_sent_later_replaces(tmp_path: Path) -> None:
    first, again = answers("1.819"), answers("2.000", m33="3", m34="1", m35="2")
    money = next(e.code for e in ELEMENTS if e.type is ValueType.MONEY)
    first[[e.code for e in ELEMENTS].index(money)] = "1.556,5"
    rows = [
        ["Dấu thời gian", "Đơn vị báo cáo", "Kỳ báo cáo", "Năm", "Lần gửi", *names()],
        ["2026-09-15", "Sở Tài chính", "9 tháng", "2026", "1", *first],
        ["2026-09-15", "Sở Nội vụ", "9 tháng", "2026", "1", *answers("5")],
        ["2026-09-16", "Sở Tài chính", "9 tháng", "2026", "2", *again],
    ]
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    result = merged(tmp_path, bieu__csv=text.getvalue().encode())
    assert [(r.member, r.outcome) for r in result.records] == [
        ("CSV!2", Outcome.SUPERSEDED),
        ("CSV!3", Outcome.ACCEPTED_WITH_WARNINGS),
        ("CSV!4", Outcome.ACCEPTED_WITH_WARNINGS),
    ]
    assert value(result.records[0], "m1")[:2] == (1819, "1.819")
    assert value(by_unit(result)["S02"], "m1")[0] == 5
    assert value(result.records[2], "m1")[0] == 2000


def test_a_table_that_does_not_tell_its_period_is_held(tmp_path: Path) -> None:
    rows = (["Tên đơn vị", *names()], ["Sở Tài chính", *answers(1)])
    (record,) = merged(tmp_path, web__zip=zipped({"thu/so.xlsx": book(*rows)})).records
    assert (record.member, record.outcome) == ("thu/so.xlsx/Câu trả lời!2", Outcome.HELD)
    assert record.reason == because("identity.silent_table", sheets=("Câu trả lời",))
    rows = (["Quý III năm 2026"], *rows)
    (record,) = merged(tmp_path, web__zip=zipped({"so.xlsx": book(*rows)})).records
    assert record.content is not None
    assert [table.code for table in record.content.data_sets] == ["pctn_01_q"]


@pytest.mark.parametrize(
    "header",
    [
        ["Tên đơn vị", "1", "2", "3", "4"],
        ["Họ tên", *[f"MS {e.number}" for e in ELEMENTS]],
        ["Tên đơn vị", "MS 1", "MS 2", "Ghi chú"],
        ["Tên đơn vị", "Điện thoại 1", "Điện thoại 2", "Điện thoại 3"],
    ],
)
def test_other_tables_are_none_of_ours(tmp_path: Path, header: list[str]) -> None:
    row = ["Sở Tài chính", *[1] * (len(header) - 1)]
    (record,) = merged(tmp_path, ds__xlsx=book(["9 tháng 2026"], header, row)).records
    assert (record.outcome, record.member) == (Outcome.NOT_A_REPORT, "")


def test_more_rows_than_may_be_are_refused_whole(tmp_path: Path) -> None:
    rows = (["9 tháng 2026"], ["Tên đơn vị", *names()], *[["Sở Tài chính", 1]] * 4)
    (tmp_path / "web.xlsx").write_bytes(book(*rows))
    limits = ReadSettings(limits=Limits(members=3))
    request = MergeRequest(LIBRARY, tmp_path, PERIOD, roster=ROSTER, settings=limits)
    (record,) = merge(request).records
    assert record.outcome is Outcome.UNREADABLE
    assert record.reason == because("intake.too_many_units", most=3)


def test_rows_are_kept_in_the_register_and_counted(tmp_path: Path) -> None:
    province = Province.make(tmp_path / "tỉnh", ROSTER)
    rows = (
        ["9 tháng 2026"],
        ["Tên đơn vị", *names()],
        ["Sở Tài chính", *answers(7)],
        ["Sở Nội vụ", *answers("=1+1")],
    )
    province.send(PERIOD, "web.xlsx", book(*rows))
    first = province.merge(PERIOD, "2026-09-15")
    assert first.outcomes() == {
        "web.xlsx/Câu trả lời!3": "accepted_with_warnings",
        "web.xlsx/Câu trả lời!4": "accepted_with_warnings",
    }
    # A formula that no program has calculated is told, never taken for a blank.
    assert first.total("m1") == 7
    assert ("S02", "value.not_calculated") in {f[:2] for f in first.findings()}
    assert province.merge(PERIOD, "2026-09-15").files == first.files
    with province.register() as register:
        assert len(register.runs(PERIOD)) == 1
