"""The order of work: the same inbox gives the same result, whoever reads it and in what order."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from consolidate.intake.inbox import scan
from consolidate.merge import merge_inbox as pipeline
from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.merge.read_files import workers
from consolidate.model.period import Period, PeriodType
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.returns import Outcome
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.rollup.result import MergeResult
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.library_2018 import library_2018
from tests.recipes.recipe import clean_values
from tests.saved import saved

PERIOD = Period(2018, PeriodType.NINE_MONTHS)
UNITS = (
    OrganisationUnit("S1", "Sở Nội vụ", Level.PROVINCE),
    OrganisationUnit("H1", "UBND huyện An Đông", Level.DISTRICT),
    OrganisationUnit("X1", "UBND xã An Đông", Level.COMMUNE, templates=frozenset({"pctn"})),
    OrganisationUnit("X2", "UBND xã An Tây", Level.COMMUNE, templates=frozenset({"pctn"})),
)
ROSTER = Roster.of(UNITS, province="Tỉnh Sông Tiền")


def filled(who: OrganisationUnit, template: str = "pctn", **answers: Any) -> bytes:
    """A return of a unit; answers by name with ``__`` for the dot."""
    named = {name.replace("__", "."): value for name, value in answers.items()}
    values = clean_values(template) | {
        "cover.unit_name": who.name,
        "cover.unit_code": who.code,
        "cover.level": who.level.label,
    }
    kept = {name: value for name, value in (values | named).items() if value != ""}
    return build_template(library_2018(), template, Prefill(values=kept))


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """An inbox with a file of every kind, by path."""
    first, district, one, two = UNITS
    correction = {"pctn_01__c3": 40, "cover__revision": 2}
    return {
        "S1.xlsx": filled(first, pctn_01__c3=100, pctn_01__c28="26/26"),
        "S1 cchc.xlsx": filled(first, "cchc"),
        "huyện/H1.xlsx": filled(district, pctn_01__c3="1.819", pctn_01__c28="13/26"),
        "huyện/H1 (1).xlsx": filled(district, pctn_01__c3="1.819", pctn_01__c28="13/26"),
        "xã/X1.xlsx": filled(one, pctn_01__c3=4, pctn_01__c28=""),
        "xã/X1 lần 2.xlsx": filled(one, pctn_01__c28="x", **correction),
        "xã/X2.xlsx": filled(two, pctn_01__c3="nhiều", pctn_01__c28=""),
        "xã/X2.pdf": b"%PDF-1.4\n",
        "~$S1.xlsx": b"lock",
        "Thumbs.db": b"system",
    }


def write(folder: Path, contents: Mapping[str, bytes]) -> Path:
    for name, data in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def inbox(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("inbox"), files)


@pytest.fixture(scope="module")
def result(inbox: Path) -> MergeResult:
    return merge(MergeRequest(library_2018(), inbox, PERIOD, ROSTER))


def total(result: MergeResult, element: str) -> Decimal | None:
    table = next(table for table in result.tables if table.data_set.code == "pctn_01")
    figure = table.figure(element, "value")
    assert figure is not None
    return figure.total


def totals(result: MergeResult) -> list[tuple[object, ...]]:
    return [
        (f.data_set, f.element.code, f.column, f.total, f.by_level, f.counts, f.low, f.high)
        for table in result.tables
        for f in table.figures
    ]


def test_every_file_has_its_outcome(result: MergeResult) -> None:
    assert {record.path: record.outcome for record in result.records} == {
        "S1 cchc.xlsx": Outcome.ACCEPTED,
        "S1.xlsx": Outcome.ACCEPTED,
        "huyện/H1 (1).xlsx": Outcome.DUPLICATE,
        "huyện/H1.xlsx": Outcome.ACCEPTED,
        "xã/X1 lần 2.xlsx": Outcome.ACCEPTED,
        "xã/X1.xlsx": Outcome.SUPERSEDED,
        "xã/X2.pdf": Outcome.NOT_A_REPORT,
        "xã/X2.xlsx": Outcome.ACCEPTED_WITH_WARNINGS,
    }
    reasons = {record.path: record.reason for record in result.records}
    assert reasons["S1.xlsx"] == because("identity.accepted")
    assert reasons["xã/X2.xlsx"] == because("identity.accepted_with", errors=2, warnings=0)
    assert result.ignored == 2
    assert not result.clean


def test_totals_and_completeness(result: MergeResult) -> None:
    assert total(result, "c3") == 100 + 1819 + 40
    assert total(result, "c28") == 75
    assert total(result, "c1") == 0
    pctn, cchc = (
        next(c for c in result.completeness if c.template.code == t) for t in ("pctn", "cchc")
    )
    assert [unit.code for unit in pctn.received] == ["S1", "H1", "X1", "X2"]
    assert [unit.code for unit in cchc.missing] == ["H1"]
    assert result.province == "Tỉnh Sông Tiền"


def test_names_and_folders_of_files_change_no_total(
    files: dict[str, bytes], result: MergeResult, tmp_path: Path
) -> None:
    names = [f"{index:02}/b\u0061o ca\u0301o {index}.xlsx" for index in range(len(files))]
    renamed = dict(zip(names, list(files.values())[::-1], strict=True))
    again = merge(MergeRequest(library_2018(), write(tmp_path, renamed), PERIOD, ROSTER))
    assert totals(again) == totals(result)
    assert again.completeness == result.completeness


def digests(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_nothing_is_written_into_the_inbox(inbox: Path, tmp_path: Path) -> None:
    before = digests(inbox)
    made = merge(MergeRequest(library_2018(), inbox, PERIOD, ROSTER))
    written = pipeline.write_results(made, tmp_path / "kết quả", inbox)
    assert digests(inbox) == before
    assert set(written) == {"workbook", "official", "overview", "json"}
    assert sorted(path.name for path in (tmp_path / "kết quả").iterdir()) == [
        "bao-cao-9-thang-2018.xlsx",
        "result.json",
        "tong-hop-9-thang-2018.xlsx",
        "tong-quan-9-thang-2018.html",
    ]


def test_threads_and_processes_read_the_same(inbox: Path, result: MergeResult) -> None:
    request = MergeRequest(library_2018(), inbox, PERIOD, ROSTER)
    with ThreadPoolExecutor(3) as threads:
        assert merge(request, threads) == result
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        assert merge(request, processes) == result
    for jobs in (1, 2):
        with workers(library_2018(), inbox, jobs) as pool:
            assert merge(request, pool) == result


def one(folder: Path, data: bytes, roster: Roster | None = ROSTER) -> tuple[Outcome, Reason | None]:
    made = merge(MergeRequest(library_2018(), write(folder, {"a.xlsx": data}), PERIOD, roster))
    (record,) = made.records
    return record.outcome, record.reason


def test_a_return_without_a_period_is_held(tmp_path: Path) -> None:
    data = filled(UNITS[0], cover__period_type="", cover__period_year="")
    assert one(tmp_path, data) == (Outcome.HELD, because("identity.no_period"))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("6 tháng đầu năm", Period(2018, PeriodType.SIX_MONTHS)),
        ("Quý III", Period(2018, PeriodType.Q3)),
    ],
)
def test_a_return_of_another_period_is_held(tmp_path: Path, typed: str, found: Period) -> None:
    data = filled(UNITS[0], cover__period_type=typed)
    reason = because("identity.other_period", found=found, expected=PERIOD)
    assert one(tmp_path, data) == (Outcome.HELD, reason)


def test_a_return_of_nobody_is_held(tmp_path: Path) -> None:
    data = filled(replace(UNITS[0], code="", name=""))
    assert one(tmp_path, data) == (Outcome.HELD, because("identity.nobody"))


def test_a_return_without_any_form_is_rejected(tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(filled(UNITS[0])))
    del book["Biểu 01"], book["Biểu 02"]
    assert one(tmp_path, saved(book)) == (Outcome.REJECTED, because("identity.no_data"))


def emptied(**answers: Any) -> bytes:
    """A return of which the cover is filled in and no other cell but these."""
    names = [name for name in clean_values("pctn") if not name.startswith("cover.")]
    return filled(UNITS[0], **{name.replace(".", "__"): "" for name in names} | answers)


def test_a_blank_form_is_not_received(tmp_path: Path) -> None:
    made = merge(
        MergeRequest(library_2018(), write(tmp_path, {"a.xlsx": emptied()}), PERIOD, ROSTER)
    )
    (record,) = made.records
    assert (record.outcome, record.reason) == (Outcome.REJECTED, because("identity.blank"))
    assert record.findings == ()
    (part,) = (part for part in made.completeness if part.template.code == "pctn")
    assert UNITS[0] in part.missing
    assert part.received == ()


def test_a_form_with_a_single_zero_is_received(tmp_path: Path) -> None:
    assert one(tmp_path, emptied(pctn_01__c3=0))[0] is Outcome.ACCEPTED_WITH_WARNINGS


def test_a_return_of_which_the_main_table_is_lost_is_not_received(tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(filled(UNITS[0])))
    del book["Biểu 01"]
    book["Biểu 02"].cell(14, 3).value = "Vụ A"
    lost = because("identity.no_main_table", form=library_2018().by_code["pctn_01"].short_title)
    assert one(tmp_path, saved(book)) == (Outcome.REJECTED, lost)
    assert one(tmp_path, emptied(pctn_01__c3="nhiều", pctn_01__c4="?")) == (Outcome.REJECTED, lost)


def test_a_return_that_nobody_asked_for_counts_and_is_noted(tmp_path: Path) -> None:
    made = merge(
        MergeRequest(
            library_2018(), write(tmp_path, {"a.xlsx": filled(UNITS[2], "cchc")}), PERIOD, ROSTER
        )
    )
    (record,) = made.records
    assert record.outcome is Outcome.ACCEPTED
    assert [finding.message for finding in record.findings] == [because("identity.not_expected")]


def test_a_doubtful_name_is_a_finding_of_the_file(tmp_path: Path) -> None:
    data = filled(replace(UNITS[0], name="Sở Nội vụ tỉnh"))
    made = merge(MergeRequest(library_2018(), write(tmp_path, {"a.xlsx": data}), PERIOD, ROSTER))
    (record,) = made.records
    assert record.outcome is Outcome.ACCEPTED_WITH_WARNINGS
    assert [finding.rule for finding in record.findings] == ["identity.name_unknown"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (["9 tháng đầu năm"], "2018-9M"),
        (["9 tháng đầu năm", "6 tháng đầu năm"], "2018-9M"),
        (["6 tháng đầu năm", "6 tháng đầu năm", "9 tháng đầu năm"], "2018-6M"),
        (["6 tháng đầu năm", "Quý I"], "2018-6M"),
    ],
)
def test_without_a_period_the_commonest_round_is_merged(
    tmp_path: Path, typed: list[str], code: str
) -> None:
    returns = {
        f"{index}.xlsx": filled(UNITS[index], cover__period_type=words)
        for index, words in enumerate(typed)
    }
    assert merge(MergeRequest(library_2018(), write(tmp_path, returns))).period.code == code


def test_a_round_counts_whole_whatever_its_templates_call_it(tmp_path: Path) -> None:
    returns = {
        "1.xlsx": filled(UNITS[0]),
        "2.xlsx": filled(UNITS[0], "cchc"),
        "3.xlsx": filled(UNITS[1], cover__period_type="Cả năm"),
    }
    made = merge(MergeRequest(library_2018(), write(tmp_path, returns)))
    assert (made.period.year, made.period.type.round) == (2018, 3)


@pytest.mark.parametrize(
    ("contents", "key"),
    [({}, "cli.merge.empty_inbox"), ({"a.pdf": b"%PDF"}, "cli.merge.no_period")],
)
def test_an_inbox_that_names_no_period(
    tmp_path: Path, contents: dict[str, bytes], key: str
) -> None:
    with pytest.raises(UserError) as caught:
        merge(MergeRequest(library_2018(), write(tmp_path, contents)))
    assert caught.value.problems == (because(key, path=str(tmp_path)),)


def test_an_empty_inbox_has_a_result_when_a_period_is_asked_for(tmp_path: Path) -> None:
    made = merge(MergeRequest(library_2018(), tmp_path, PERIOD, ROSTER))
    assert made.records == ()
    assert total(made, "c3") is None
    assert [unit.code for unit in made.completeness[0].missing] == ["S1", "H1", "X1", "X2"]


def test_a_missing_inbox_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        merge(MergeRequest(library_2018(), tmp_path / "không có"))


def test_a_file_name_in_no_known_encoding_is_reported(tmp_path: Path) -> None:
    name = os.fsdecode(b"b\xe1o c\xe1o.xlsx")
    inbox = tmp_path / "inbox"
    try:
        write(inbox, {name: filled(UNITS[0])})
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    made = merge(MergeRequest(library_2018(), inbox, PERIOD, ROSTER))
    assert [record.path for record in made.records] == ["b\\udce1o c\\udce1o.xlsx"]
    written = pipeline.write_results(made, tmp_path / "kq", inbox)
    assert "b\\\\udce1o" in written["json"].read_text(encoding="utf-8")


def test_order_of_the_inbox_is_that_of_names_not_of_the_system(tmp_path: Path) -> None:
    names = ["b.xlsx", "A.xlsx", "a\u0301.xlsx", "á2.xlsx", "thư mục/a.xlsx"]
    found = scan(write(tmp_path, dict.fromkeys(names, b"")))
    assert found.files == ("A.xlsx", "b.xlsx", "thư mục/a.xlsx", "a\u0301.xlsx", "á2.xlsx")


LEFT_BEHIND = (
    "~$S1.xlsx",
    ".~lock.S1.xlsx#",
    ".~S1.xlsx",
    "xã/._S1.xlsx",
    "__MACOSX/xã/S1.xlsx",
    "1A2B3C4D",
    "~WRL0001.tmp",
    "S1.xlsx.tmp",
    ".syncthing.S1.xlsx.tmp",
    ".stversions/S1.xlsx",
    "@eaDir/S1.xlsx/x",
    "Thumbs.db",
)
KEPT = (
    "S1 (1).xlsx",
    "00021025",
    "ABCDEFGH",
    "tmp.xlsx",
    "sync.xlsx",
    "._/S2.xlsx",
    "ABCD1234.xlsx",
)


def test_what_programs_leave_beside_a_return_is_nobodys(tmp_path: Path) -> None:
    data = filled(UNITS[0])
    inbox = write(tmp_path / "in", dict.fromkeys((*LEFT_BEHIND, "S1.xlsx"), data))
    made = merge(MergeRequest(library_2018(), inbox, PERIOD, ROSTER))
    (record,) = made.records
    assert (record.path, record.outcome) == ("S1.xlsx", Outcome.ACCEPTED)
    assert made.ignored == len(LEFT_BEHIND)


def test_files_of_people_are_listed_whatever_their_names(tmp_path: Path) -> None:
    found = scan(write(tmp_path, dict.fromkeys(KEPT, b"x")))
    assert sorted(found.files) == sorted(KEPT)
    assert found.ignored == ()
