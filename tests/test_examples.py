"""The example province end to end: the real returns of 2018 with their real mistakes."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from consolidate.definitions.catalogue import sentence
from consolidate.merge.merge_inbox import MergeRequest, merge, write_results
from consolidate.model.reasons import Severity
from consolidate.model.returns import Outcome
from consolidate.province.roster import read_roster
from consolidate.rollup.result import MergeResult
from docs.reference import PAGES
from examples.build import build_inbox, build_roster
from tests.library_2018 import library_2018

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
CCHC = "cap-tinh/Sở TTTT - CCHC quý III 2018.xlsx"
PCTN = "cap-tinh/Sở TTTT - PCTN 9 tháng 2018.xlsx"


@pytest.fixture(scope="module")
def result() -> MergeResult:
    roster = read_roster(EXAMPLES / "roster.xlsx", library_2018().template_by_code)
    return merge(MergeRequest(library_2018(), EXAMPLES / "inbox", roster=roster))


@pytest.fixture(scope="module")
def document(result: MergeResult, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("results")
    written = write_results(result, folder, EXAMPLES / "inbox")
    loaded: dict[str, Any] = json.loads(written["json"].read_text(encoding="utf-8"))
    return loaded


def parts(data: bytes, folder: Path) -> dict[str, bytes]:
    path = folder / "book.zip"
    path.write_bytes(data)
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}


def test_committed_examples_are_what_the_script_builds(tmp_path: Path) -> None:
    inbox = EXAMPLES / "inbox"
    built = build_inbox()
    kept = {path.relative_to(inbox).as_posix() for path in inbox.rglob("*") if path.is_file()}
    assert kept == set(built)
    for name, data in built.items():
        stored = (inbox / name).read_bytes()
        if data.startswith(b"PK"):
            assert parts(stored, tmp_path) == parts(data, tmp_path), name
        else:
            assert stored == data, name
    stored = (EXAMPLES / "roster.xlsx").read_bytes()
    assert parts(stored, tmp_path) == parts(build_roster(), tmp_path)


def findings_of(result: MergeResult, path: str) -> Iterator[tuple[str, str, str, str, str]]:
    for record, finding in result.findings():
        if record.path == path:
            place = (finding.sheet, finding.address)
            yield (finding.rule, *place, sentence(finding.found), sentence(finding.expected))


def test_the_real_mistakes_of_phu_luc_3_are_found_at_their_cells(result: MergeResult) -> None:
    assert list(findings_of(result, CCHC)) == [
        ("cchc_pl3_1.tasks", "PL3-I", "E11:H11", "22", "21"),
        ("cchc_pl3_2.levels", "PL3-II", "D16:G16", "1.819", "1.816"),
        ("cchc_pl3_2.levels", "PL3-II", "D17:G17", "1.819", "1.816"),
        ("cchc_pl3_2.levels", "PL3-II", "D18:G18", "1.819", "1.816"),
        ("cchc_pl3_2.agencies_1", "PL3-II", "D12, D16", "134", "≥ 241"),
        ("cchc_pl3_2.agencies_2", "PL3-II", "D13, D16", "134", "≥ 241"),
        ("value.note_differs", "PL3-I", "G11, I11", "16", "15"),
        (
            "cchc_pl3_2.districts",
            "PL3-II",
            "F12, F15",
            "STT 4, Cấp huyện đang ghi 9; STT 1, Cấp huyện đang ghi 116; "
            "STT 4, Cấp huyện đang ghi 9",
            "",
        ),
    ]


def test_the_stale_window_of_the_case_list_is_found(result: MergeResult) -> None:
    assert list(findings_of(result, PCTN)) == [
        (
            "sheets.window_stale",
            "Biểu 02",
            "B7",
            "06/11/2017 – 25/05/2018",
            "06/11/2017 – 28/08/2018",
        )
    ]


def test_figures_of_the_real_returns(result: MergeResult) -> None:
    records = {record.path: record for record in result.records}
    content = records[PCTN].content
    assert content is not None
    values = {value.key.element: value for value in content.data_sets[0].values if value.number}
    used = {code: (value.raw, value.number) for code, value in values.items()}
    assert used == {
        "c3": ("121", Decimal(121)),
        "c4": ("03", Decimal(3)),
        "c9": ("01", Decimal(1)),
        "c19": ("01", Decimal(1)),
        "c27": ("01", Decimal(1)),
        "c28": ("100%", Decimal(100)),
    }
    assert content.data_sets[1].rows == 0  # Rows of 0 and // are empty rows.


def test_one_answer_that_is_two_figures(result: MergeResult) -> None:
    record = next(record for record in result.records if record.path == CCHC)
    assert record.content is not None
    read = {
        (value.key.element, value.key.column): (value.raw, value.number, value.normalisation)
        for value in record.content.data_sets[1].values
    }
    assert read["r5", "total"] == ("1.819/134", Decimal(1819), ("pair",))
    assert read["r5", "agencies"] == ("1.819/134", Decimal(134), ("pair",))
    assert read["r5_1", "total"] == ("1.819", Decimal(1819), ("thousands",))
    assert read["r5", "province"] == ("1.457", Decimal(1457), ("thousands",))


def test_outcomes(result: MergeResult) -> None:
    assert result.outcomes() == {
        Outcome.ACCEPTED: 8,
        Outcome.ACCEPTED_WITH_WARNINGS: 10,
        Outcome.DUPLICATE: 1,
        Outcome.SUPERSEDED: 1,
        Outcome.NOT_A_REPORT: 1,
        Outcome.UNREADABLE: 1,
    }
    assert result.severities() == {Severity.ERROR: 5, Severity.WARNING: 10, Severity.INFO: 3}
    assert all(record.reason for record in result.records)
    missing = {
        part.template.code: [unit.code for unit in part.missing] for part in result.completeness
    }
    assert missing == {"pctn": ["X03"], "cchc": ["H03"]}


def test_totals_are_the_sums_of_what_the_units_typed(result: MergeResult) -> None:
    pctn = next(table for table in result.tables if table.data_set.code == "pctn_01")
    for figure in pctn.figures:
        answers = [item.value(figure.element.code, "value") for item in pctn.contributions]
        numbers = [answer.number for answer in answers if answer and answer.number is not None]
        if figure.element.code == "c28":
            assert figure.total is None  # One unit gave no numerator and denominator.
        elif numbers:
            assert figure.total == sum(numbers)
        assert figure.units == len(numbers)


def test_normalisations_are_in_the_document(document: dict[str, Any]) -> None:
    recorded = {
        (item["raw"], item["used"]) for item in document["normalisations"] if item["file"] == CCHC
    }
    assert {("1.819", 1819), ("1.819/134", 1819), ("1.819/134", 134), ("21 nhiệm vụ", 21)} <= (
        recorded
    )


def test_two_runs_write_the_same_bytes(result: MergeResult, tmp_path: Path) -> None:
    written = [
        write_results(result, tmp_path / name, EXAMPLES / "inbox") for name in ("first", "second")
    ]
    for kind in ("workbook", "json"):
        assert written[0][kind].read_bytes() == written[1][kind].read_bytes()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_generated_pages_are_up_to_date(name: str) -> None:
    committed = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert committed == PAGES[name](), "run: python -m docs.reference"
