"""Forms of other days: held with the reason that names them, never misread, never mixed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from consolidate.actions.return_files import told_to_unit, unit_files
from consolidate.definitions.loader import shipped_library
from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.model.datasets import Library
from consolidate.model.packs import Pack
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, because
from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.rollup.result import MergeResult
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.intake.retyped_2025 import LINE, bieu_01, workbook
from tests.intake.retyping import RECIPES, as_word, typed_forms
from tests.saved import saved

SO = OrganisationUnit("S02", "Sở Nội vụ", Level.PROVINCE)
ROSTER = Roster.of((SO,), province="Tỉnh Sông Tiền")
LIBRARY = shipped_library()
OLD, NEW = LIBRARY.packs.by_code["pctn-2014"], LIBRARY.packs.by_code["pctn-2025"]
HEAD = ("SỞ NỘI VỤ", "BÁO CÁO SỐ LIỆU PHÒNG, CHỐNG THAM NHŨNG")


def of_pack(pack: Pack, period: str, **values: object) -> bytes:
    """A return on the forms of a pack, whatever the period that its cover and stamp name."""
    asked = Period.parse_code(period)
    library: Library = LIBRARY.of_pack(pack.code, asked.type.round)
    cover = {
        "cover.unit_name": SO.name,
        "cover.unit_code": SO.code,
        "cover.period_type": asked.type.label,
        "cover.period_year": asked.year,
        "cover.window_from": date(asked.year - 1, 12, 15),
        "cover.window_to": date(asked.year, 9, 14),
    }
    named = {name.replace("__", "."): value for name, value in values.items()}
    prefill = Prefill(values={**cover, **named}, unit=SO.code, period=period)  # type: ignore[dict-item]  # Texts and days.
    return build_template(library, pack.family, prefill)


def merged(tmp_path: Path, period: str, files: Mapping[str, bytes]) -> MergeResult:
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    asked = Period.parse_code(period)
    return merge(MergeRequest(library=LIBRARY, inbox=tmp_path, period=asked, roster=ROSTER))


def one(tmp_path: Path, period: str, data: bytes, name: str = "S02.xlsx") -> ReturnRecord:
    (record,) = merged(tmp_path, period, {name: data}).records
    return record


def retyped_old() -> bytes:
    form = typed_forms(RECIPES["pctn"].build())[0]
    return workbook(("Biểu 01", (*HEAD, "9 tháng đầu năm 2026"), [*form.header, *form.body[:-5]]))


@pytest.mark.parametrize("retyped", [False, True])
def test_an_old_form_for_a_new_period_is_named_and_never_accused_of_missing_rows(
    tmp_path: Path, retyped: bool
) -> None:
    data = retyped_old() if retyped else of_pack(OLD, "2026-9M", pctn_01__c3=5)
    result = merged(tmp_path, "2026-9M", {"S02.xlsx": data})
    (record,) = result.records
    reason = because(
        "identity.old_pack",
        form=OLD.legal_basis,
        period=Period.parse_code("2026-9M"),
        ended=date(2021, 5, 9),
        begun=OLD.serves_from,
        expected=NEW.legal_basis,
    )
    assert (record.outcome, record.reason, record.unit) == (Outcome.HELD, reason, SO)
    assert [f.rule for f in record.findings if not f.rule.startswith("identity.")] == []
    assert told_to_unit(record) == reason
    given = list(unit_files(result, tmp_path))
    assert [item.kind.value for item in given] == ["letter"]


@pytest.mark.parametrize("name", ["S02.xlsx", "bao cao.xlsx"])
def test_an_old_form_that_says_no_period_is_not_asked_to_say_one_first(
    tmp_path: Path, name: str
) -> None:
    for pack, key in ((OLD, "old_pack"), (NEW, "no_period" if name == "S02.xlsx" else "nobody")):
        data = build_template(
            LIBRARY.of_pack(pack.code, Period.parse_code("2026-9M").type.round), pack.family
        )
        record = one(tmp_path, "2026-9M", data, name)
        assert key_of(record.reason) == f"identity.{key}"


@pytest.mark.parametrize("retyped", [False, True])
def test_a_new_form_for_an_old_period_is_named(tmp_path: Path, retyped: bool) -> None:
    lines = (*HEAD, "9 tháng đầu năm 2018")
    data = workbook(("1", lines, bieu_01(1))) if retyped else of_pack(NEW, "2018-9M")
    record = one(tmp_path, "2018-9M", data)
    assert (record.outcome, key_of(record.reason)) == (Outcome.HELD, "identity.new_pack")
    assert record.reason is not None
    assert record.reason.value("begun") == date(2025, 9, 30)
    assert record.reason.value("expected") == OLD.legal_basis


@pytest.mark.parametrize("pack", [OLD, NEW])
def test_a_family_without_a_form_for_the_period(tmp_path: Path, pack: Pack) -> None:
    record = one(tmp_path, "2022-9M", of_pack(pack, "2022-9M"))
    assert (record.outcome, key_of(record.reason)) == (Outcome.HELD, "identity.no_pack")
    assert key_of(told_to_unit(record)) == "correction.no_pack"
    assert [f for f in record.findings if f.rule.startswith("structure.")] == []


def test_a_template_of_a_pack_that_is_not_installed(tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(of_pack(NEW, "2026-9M")))
    for page in book:
        if page["A1"].value == "format":
            for row in page.iter_rows():
                said = {"template": "pctn-2031", "serial": "0123456789ABCDEF"}.get(row[0].value)
                row[1].value = said or row[1].value
    record = one(tmp_path, "2026-9M", saved(book))
    assert record.outcome is Outcome.HELD
    told = {record.reason, record.reason.value("reason") if record.reason else None}
    assert because("intake.unknown_pack", code="pctn-2031") in told


def test_sheets_of_two_packs_of_one_family_are_named_and_never_mixed(tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(of_pack(NEW, "2026-9M", pctn_01__m1=7)))
    old = load_workbook(io.BytesIO(of_pack(OLD, "2026-9M", pctn_01__c1=900)))
    copied(old[OLD.forms(3)[0].sheet], book.create_sheet("Biểu cũ"))
    record = one(tmp_path, "2026-9M", saved(book))
    assert record.reason == because(
        "identity.mixed_packs", sheets=("Biểu cũ",), form=NEW.legal_basis
    )
    assert record.outcome is Outcome.HELD
    assert record.content is not None
    found = {v.key.element: v.value for v in record.content.values() if v.value is not None}
    assert (found["m1"], "c1" in found) == (7, False)


@pytest.mark.parametrize("line", ["", "Quý III và 9 tháng đầu năm 2026"])
def test_tables_that_name_no_period_are_held_and_the_letter_says_what_to_write(
    tmp_path: Path, line: str
) -> None:
    lines = (*HEAD, line)
    record = one(tmp_path, "2026-9M", workbook(("Biểu 01", lines, bieu_01(1))))
    assert (record.outcome, record.reason) == (
        Outcome.HELD,
        because("identity.silent_table", sheets=("Biểu 01",)),
    )


def test_tables_of_quarter_and_nine_months_typed_by_hand_are_counted(tmp_path: Path) -> None:
    pages = [("A", (*HEAD, LINE["9M"]), bieu_01(500)), ("B", (*HEAD, LINE["Q3"]), bieu_01(100))]
    result = merged(tmp_path, "2026-9M", {"Sở Nội vụ.xlsx": workbook(*pages)})
    (record,) = result.records
    assert record.outcome is Outcome.ACCEPTED_WITH_WARNINGS, record.reason
    (note,) = (f for f in record.findings if f.rule == "identity.period_from")
    assert note.message.value("source") == because("identity.source.window")
    assert record.content is not None
    assert record.content.period == Period.parse_code("2026-9M")
    assert not [f for f in record.findings if f.rule.startswith("sheets.window")]
    found = {
        table.data_set.code: (table.period.code, total_of(result, table.data_set.code, "m1"))
        for table in result.tables
        if table.data_set.form == "pctn_01"
    }
    assert found == {"pctn_01_q": ("2026-Q3", 100), "pctn_01": ("2026-9M", 500)}
    only = one(
        tmp_path, "2026-9M", workbook(("B", (*HEAD, LINE["Q3"]), bieu_01(100))), "Sở Nội vụ.xlsx"
    )
    assert only.content is not None
    assert (only.content.period, only.outcome.counted) == (Period.parse_code("2026-9M"), True)


def test_a_stamped_file_with_renamed_and_reordered_sheets_is_read_as_before(
    tmp_path: Path,
) -> None:
    data = of_pack(NEW, "2026-9M", pctn_01__m1=7, pctn_01_q__m1=3)
    book = load_workbook(io.BytesIO(data))
    book["01-PCTN 9 tháng"].title = "x"
    book["01-PCTN quý III"].title = "01-PCTN 9 tháng"
    book.move_sheet("x", -3)
    record = one(tmp_path, "2026-9M", saved(book))
    assert record.content is not None
    found = {v.key.data_set: v.value for v in record.content.values() if v.key.element == "m1"}
    assert found == {"pctn_01_q": 3, "pctn_01": 7}


@pytest.mark.parametrize(("line", "quarter"), [("Q3", 100), ("9M", None)])
def test_a_sheet_typed_anew_in_an_issued_file_is_taken_for_its_own_period_only(
    tmp_path: Path, line: str, quarter: int | None
) -> None:
    book = load_workbook(io.BytesIO(of_pack(NEW, "2026-9M", pctn_01__m1=7)))
    del book["01-PCTN quý III"]
    typed = load_workbook(io.BytesIO(workbook(("Gõ lại", (*HEAD, LINE[line]), bieu_01(100)))))
    copied(typed["Gõ lại"], book.create_sheet("Gõ lại"))
    record = one(tmp_path, "2026-9M", saved(book))
    assert record.content is not None
    found = {v.key.data_set: v.value for v in record.content.values() if v.key.element == "m1"}
    assert found == {"pctn_01": 7} | ({"pctn_01_q": quarter} if quarter else {})
    missing = [f.found or f.expected for f in record.findings if f.rule.endswith("sheet_missing")]
    assert missing == ([] if quarter else ["01-PCTN quý III"])


def test_a_cover_that_names_the_quarter_is_of_the_round(tmp_path: Path) -> None:
    record = one(tmp_path, "2026-9M", of_pack(NEW, "2026-Q3", pctn_01_q__m1=3))
    assert (record.outcome.counted, record.reason and record.reason.key) == (
        True,
        "identity.accepted_with",
    )
    assert record.content is not None
    assert record.content.period == Period.parse_code("2026-9M")


def key_of(reason: Reason | None) -> str:
    return reason.key if reason is not None else ""


def total_of(result: MergeResult, data_set: str, element: str) -> object:
    (table,) = (table for table in result.tables if table.data_set.code == data_set)
    figure = table.figure(element, "value")
    return figure.total if figure is not None else None


def copied(source: Worksheet, target: Worksheet) -> None:
    for row in source.iter_rows():
        for cell in row:
            if cell.value is not None:
                target.cell(cell.row, cell.column, cell.value)


def test_a_blank_form_of_nobody_is_no_report_and_that_of_a_unit_is_not_received(
    tmp_path: Path,
) -> None:
    forms = typed_forms(build_template(LIBRARY.of_pack("pctn-2014"), "pctn"))
    annex, own = docx.Document(), docx.Document()
    annex.add_paragraph("Phụ lục (Ban hành kèm theo Thông tư số 03/2013/TT-TTCP)")
    own.add_paragraph("SỞ NỘI VỤ")
    own.add_paragraph("9 tháng đầu năm 2018")
    files = {
        "a.docx": as_word(forms, annex),
        "b.docx": as_word(forms, own),
        "c.docx": as_word(typed_forms(RECIPES["pctn"].build())),
    }
    records = merged(tmp_path, "2018-9M", files).records
    found = [(record.outcome, record.reason) for record in records]
    assert found == [
        (Outcome.NOT_A_REPORT, because("identity.blank_form")),
        (Outcome.REJECTED, because("identity.blank")),
        (Outcome.HELD, because("identity.no_period")),
    ]
    assert [finding.rule for record in records[:2] for finding in record.findings] == [
        "identity.unit_from",
        "identity.period_from",
    ]
