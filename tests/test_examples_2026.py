"""The example province of 2026: what its files come to, and totals counted again by hand."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidate.definitions.catalogue import sentence
from consolidate.definitions.loader import shipped_library
from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.model.reasons import Reason, Severity
from consolidate.model.returns import Outcome
from consolidate.province.roster import read_roster
from consolidate.rollup.result import MergeResult
from examples.province_2026 import build_inbox, build_roster

EXAMPLES = Path(__file__).parent.parent / "examples" / "2026"
INBOX = EXAMPLES / "inbox"
NOT_COUNTED = ("CA ", "X02 ", "X03 UBND phường Long Hòa - PCTN 9 tháng 2026 (1)")
"""How the names of files begin that are in no total: police, the old form, the second copy."""


@pytest.fixture(scope="module")
def result() -> MergeResult:
    roster = read_roster(EXAMPLES / "roster.xlsx", shipped_library().families)
    return merge(MergeRequest(shipped_library(), INBOX, roster=roster), executor=None)


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}


def test_committed_files_are_what_the_script_builds(tmp_path: Path) -> None:
    built = build_inbox()
    kept = {path.relative_to(INBOX).as_posix() for path in INBOX.rglob("*") if path.is_file()}
    assert kept == set(built)
    made = tmp_path / "book.xlsx"
    for path, data in {EXAMPLES / "roster.xlsx": build_roster()}.items() | {
        (INBOX / name, data) for name, data in built.items()
    }:
        made.write_bytes(data)
        assert parts(path) == parts(made), path.name


def test_outcomes(result: MergeResult) -> None:
    assert result.period.code == "2026-9M"
    outcomes = {Path(record.path).name.split(" - ")[0]: record.outcome for record in result.records}
    assert outcomes == {
        "S01 Sở Nội vụ": Outcome.ACCEPTED,
        "S02 Sở Tài chính": Outcome.ACCEPTED,
        "S03 Sở Xây dựng": Outcome.ACCEPTED_WITH_WARNINGS,
        "CA Công an tỉnh Sông Tiền": Outcome.ACCEPTED,
        "X01 UBND xã Tân An Đông": Outcome.ACCEPTED_WITH_WARNINGS,
        "X02 UBND xã Bình Thạnh Tây": Outcome.HELD,
        "X03 UBND phường Long Hòa": Outcome.ACCEPTED,
    }
    (second,) = (record for record in result.records if record.path.endswith(" (1).xlsx"))
    assert second.outcome is Outcome.DUPLICATE
    (held,) = (record for record in result.records if record.outcome is Outcome.HELD)
    assert isinstance(held.reason, Reason)
    assert held.reason.key == "identity.old_pack"
    (part,) = result.completeness
    assert [unit.code for unit in part.received] == ["S01", "S02", "S03", "X01", "X03", "CA"]
    assert [unit.code for unit in part.missing] == ["X02", "X04"]


def test_errors_stand_at_their_cells(result: MergeResult) -> None:
    said = [
        (record.unit.code, finding.rule, finding.sheet, finding.address, sentence(finding.found))
        for record, finding in result.findings()
        if record.unit is not None and finding.severity is not Severity.INFO
    ]
    both = "Đã được khắc phục theo thẩm quyền đang ghi “x”; Chưa khắc phục xong đang ghi “x”"
    assert said == [
        ("S03", "pctn_01.r84", "01-PCTN 9 tháng", "F123, F124, F125, F126, F127", "3"),
        ("X01", "pctn_03.result", "03-PCTN 9 tháng", "F13:G13", both),
    ]


def typed(path: Path, sheet: str) -> dict[str, int]:
    """Figures of Biểu 01/PCTN by code: column A has the code, F the figure."""
    book = load_workbook(path, read_only=True)
    if sheet not in book.sheetnames:
        return {}
    rows = book[sheet].iter_rows(min_row=2, max_col=6, values_only=True)
    return {str(row[0]): row[5] for row in rows if row[0] and isinstance(row[5], int)}


@pytest.mark.parametrize(
    ("code", "sheet"), [("pctn_01_q", "01-PCTN quý III"), ("pctn_01", "01-PCTN 9 tháng")]
)
def test_totals_are_those_of_a_recount(result: MergeResult, code: str, sheet: str) -> None:
    totals: dict[str, int] = defaultdict(int)
    for path in INBOX.rglob("*.xlsx"):
        if not path.name.startswith(NOT_COUNTED):
            for element, figure in typed(path, sheet).items():
                totals[element] += figure
    (table,) = (table for table in result.tables if table.data_set.code == code)
    found = {
        figure.element.code: figure.total for figure in table.figures if figure.total is not None
    }
    assert found == totals
    assert len(found) == 121  # 123 rows, less MS 38 and 39, which concern a bank.


def test_police_are_shown_beside_the_total(result: MergeResult) -> None:
    (path,) = INBOX.rglob("CA *.xlsx")
    police = typed(path, "01-PCTN 9 tháng")
    assert police["m14"] > 0
    (table,) = (table for table in result.tables if table.data_set.code == "pctn_01")
    beside = {item.unit.code: item.value("m14", "value") for item in table.beside if item.unit}
    assert [(unit, value and value.number) for unit, value in beside.items()] == [
        ("CA", police["m14"])
    ]
