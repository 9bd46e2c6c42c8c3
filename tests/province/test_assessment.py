"""An assessment from a province's criteria to the ranking: issue, evidence, reviews, ties, late."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import jsonschema
import openpyxl
import pytest

from consolidate.actions.merge import MergeOrder, do_merge
from consolidate.cli.main import main
from consolidate.definitions.loader import shipped_library
from consolidate.merge.read_files import check_bytes
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.period import DataWindow, Period
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.province.calendar import build_calendar
from consolidate.province.roster import build_roster
from consolidate.province.workspace import Workspace
from consolidate.reports.redaction import redacted
from consolidate.reports.result_json import result_document
from consolidate.rollup.assessment import ranking
from consolidate.rollup.result import MergeResult
from examples.criteria import NAME, ROWS, assessment, criteria_book

YEAR = Period.parse_code("2024-Y")
WINDOW = DataWindow(date(2023, 12, 16), date(2024, 12, 15))
SECTIONS = ("A", "A.1", "A.2")
MAXIMA = {number: points for number, _, points, _ in ROWS}
LEAVES = [number for number in MAXIMA if number not in SECTIONS]
FILES = [(number, f"{number}.pdf") for number in LEAVES]
NAMES = {
    "H1": "UBND huyện An",
    "H2": "UBND huyện Bình",
    "H3": "UBND huyện Chánh",
    "H4": "UBND huyện Đông",
    "H5": "UBND huyện Em",
}


PACK_FILE = Path("forms/danh-gia-huyen-2024/pack.toml")


def whole(**leaves: float) -> dict[str, float]:
    """Points of all criteria: the most of each but for some, sections added up."""
    points = MAXIMA | {key.replace("_", "."): value for key, value in leaves.items()}
    points["A.1"] = points["A.1.1"] + points["A.1.2"]
    points["A.2"] = sum(points[f"A.2.{number}"] for number in range(1, 6))
    return points | {"A": points["A.1"] + points["A.2"]}


def said(
    library_of: Workspace, unit: str, points: Mapping[str, float], files: list[tuple[str, str]]
) -> list[str]:
    data = assessment(library_of.library, NAMES[unit], points, files)
    reading = check_bytes(library_of.library, "x.xlsx", data)
    return [f"{f.severity.value} {f.rule} {f.address}" for f in reading.findings]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    assert main(["init", str(tmp_path / "tỉnh"), "--year", "2026"]) == 0
    monkeypatch.chdir(tmp_path / "tỉnh")
    Path(NAME).write_bytes(criteria_book())
    assert main(["form", "import", NAME]) == 0
    made = Workspace.at(shipped_library(), Path())
    units = [OrganisationUnit(code, name, Level.DISTRICT) for code, name in NAMES.items()]
    made.roster_path.write_bytes(build_roster(Roster.of(tuple(units), province="Tỉnh Sông Tiền")))
    # "trước ngày 31/8/2025": the day before is the last one (seed 003).
    due = CalendarRow(YEAR, Deadline(WINDOW, due=date(2025, 8, 30)), template="danh_gia_huyen")
    made.calendar_path.write_bytes(build_calendar(Calendar((due,)), made.library.families))
    return made


def test_faults_of_criteria_are_told_with_their_cells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for row, line, place in (
        (3, ("A.1.2", "Tổ chức", 3, ""), "'Bộ chỉ số'!C6"),
        (12, ("D", "Thu hồi", 9, ""), "'Bộ chỉ số'!C5"),
    ):
        rows = list(ROWS)
        rows[row] = line
        Path(NAME).write_bytes(criteria_book(tuple(rows)))
        assert main(["form", "import", NAME]) == 2
        assert place in capsys.readouterr().err
        assert not Path("forms").exists()
    rows = [*ROWS[:-1], ("D", "Thu hồi", 30, "")]
    Path(NAME).write_bytes(criteria_book(tuple(rows), ("BỘ CHỈ SỐ", "Tổng điểm: 120")))
    assert main(["form", "import", NAME]) == 0
    assert "whole_points = 120" in PACK_FILE.read_text(encoding="utf-8")


def test_a_return_gives_exactly_these_findings(workspace: Workspace) -> None:
    assert said(workspace, "H1", whole(), FILES) == []
    no_proof = [pair for pair in FILES if pair[0] != "C"]
    assert said(workspace, "H1", whole(), no_proof) == [
        "error danh_gia_huyen_dg.proof_t_c F20",
    ]
    assert said(workspace, "H1", whole(C=0), no_proof) == []
    assert said(workspace, "H1", whole() | {"A.1": 4}, FILES) == [
        "error danh_gia_huyen_dg.sum_t_a_value F9, F10, F13",
        "error danh_gia_huyen_dg.sum_t_a_1_value F10, F11, F12",
    ]
    assert said(workspace, "H1", whole(B=30.5), FILES) == ["error value.above_maximum F19"]
    other = [("A.1", FILES[0][1]), *FILES]
    assert said(workspace, "H1", whole(), other) == [
        "error value.no_such_row C9",
    ]
    twice = [*FILES, FILES[0]]
    assert said(workspace, "H1", whole(), twice) == [
        "info danh_gia_huyen_mc.file_twice C9, I9",
        f"info danh_gia_huyen_mc.file_twice C{8 + len(twice)}, I{8 + len(twice)}",
    ]


def test_units_are_sent_a_form_and_a_list_of_evidence(workspace: Workspace) -> None:
    assert main(["issue", "2024-Y"]) == 0
    files = sorted((workspace.outbox / "2024-Y").glob("*.xlsx"))
    assert len(files) == len(NAMES)
    sheets = openpyxl.load_workbook(files[0], read_only=True).sheetnames
    assert {"Tự đánh giá", "Minh chứng", "Kiểm tra"} <= set(sheets)


def fill(path: Path, points: Mapping[tuple[str, str], tuple[object, str]]) -> None:
    """Write into the book what assessors give, as they do in Excel."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows() if row[0].value == "Kỳ")[0].row
    for row in sheet.iter_rows(min_row=head + 1):
        unit, number, own = row[1].value, row[4].value, row[8].value
        given, reason = points.get((str(unit), str(number)), (own, ""))
        row[9].value, row[10].value = given, reason
    book.save(path)


def test_units_are_ranked_by_what_assessors_give(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    inbox = workspace.inbox / "2024-Y"
    inbox.mkdir(parents=True)
    with zipfile.ZipFile(inbox / "H1.zip", "w") as archive:
        made = assessment(workspace.library, NAMES["H1"], whole(), FILES)
        archive.writestr("tu-danh-gia.xlsx", made)
        for _, file in FILES[1:]:
            archive.writestr(f"minh-chung/{file}", b"%PDF-1.4\n")
        archive.writestr("minh-chung/khac.pdf", b"%PDF-1.4\n")
    (inbox / "H2.xlsx").write_bytes(
        assessment(workspace.library, NAMES["H2"], whole(B=29.5), FILES)
    )
    no_proof = [pair for pair in FILES if pair[0] != "C"]
    (inbox / "H3.xlsx").write_bytes(assessment(workspace.library, NAMES["H3"], whole(), no_proof))
    merge = ["merge", str(inbox), "--period", "2024-Y", "--jobs", "1", "--as-of"]
    assert main([*merge, "2025-08-30"]) == 1
    found = json.loads((workspace.results / "result.json").read_text(encoding="utf-8"))
    assert [
        (finding["rule"], finding["cells"], finding["found"])
        for finding in found["findings"]
        if finding["unit"] == "H1"
    ] == [("proof.file_unlisted", "", "khac.pdf"), ("proof.file_absent", "I9", "A.1.1.pdf")]
    assert sum("danh mục minh chứng của" in file["reason"] for file in found["returns"]) == 9
    assert [row[:5] for row in sheet_rows(workspace, "Xếp hạng Tự đánh giá")] == [
        ("–", NAMES["H1"], "100", "–", "–"),
        ("–", NAMES["H2"], "99,5", "–", "–"),
        ("–", NAMES["H3"], "60", "–", "–"),
        ("–", NAMES["H4"], "0", "0", "0"),
        ("–", NAMES["H5"], "0", "0", "0"),
    ]
    (inbox / "H4.xlsx").write_bytes(assessment(workspace.library, NAMES["H4"], whole(), FILES))
    book = workspace.reviews_path
    fill(book, {("H1", "B"): ("29,5", "Thiếu báo cáo quý III"), ("H2", "A.1.1"): (2, "")})
    capsys.readouterr()
    assert main([*merge, "2025-09-01"]) == 2  # More than the maximum, and no reason.
    assert "A.1.1" in capsys.readouterr().err
    fill(book, {("H1", "B"): ("29,5", "Thiếu báo cáo quý III")})
    assert main([*merge, "2025-09-01"]) == 1
    found = json.loads((workspace.results / "result.json").read_text(encoding="utf-8"))
    schema = Path(__file__).parents[2] / "docs" / "result.schema.json"
    jsonschema.validate(found, json.loads(schema.read_text(encoding="utf-8")))
    assert [line["rank"] for line in found["rankings"]] == [1, 1, 3, 4, 4]
    ranked = [
        (1, NAMES["H1"], "100", "99,5", "-0,5"),
        (1, NAMES["H2"], "99,5", "99,5", "0"),
        (3, NAMES["H3"], "60", "60", "0"),
        (4, NAMES["H4"], "0", "0", "0"),
        (4, NAMES["H5"], "0", "0", "0"),
    ]
    rows = sheet_rows(workspace, "Xếp hạng Tự đánh giá")
    assert [row[:5] for row in rows] == ranked
    assert [row[5] for row in rows[3:]] == [
        "Nộp trễ, coi như không thực hiện",
        "Không có báo cáo được tính, coi như không thực hiện",
    ]
    reviewed = {(row[0], row[1]): row for row in sheet_rows(workspace, "Thẩm định Tự đánh giá")}
    assert reviewed[NAMES["H1"], "B"][6:9] == ("30", "29,5", "Thiếu báo cáo quý III")
    assert reviewed[NAMES["H3"], "C"][9] == "Không có minh chứng, tính 0"
    secret = json.dumps(result_document(redacted(merged_again(workspace))), ensure_ascii=False)
    assert "Thiếu báo cáo quý III" not in secret
    assert '"own": 99.5' in secret
    bytes_before = book.read_bytes(), (workspace.results / "tong-hop-ca-nam-2024.xlsx").read_bytes()
    assert main([*merge, "2025-09-01"]) == 1
    again = book.read_bytes(), (workspace.results / "tong-hop-ca-nam-2024.xlsx").read_bytes()
    assert again == bytes_before
    # A pack may take half of what comes late, and be told of smaller differences.
    pack = PACK_FILE.read_text(encoding="utf-8")
    changed = pack.replace("whole_points", "late_points = 0.5\nfar_points = 0.01\nwhole_points")
    PACK_FILE.write_text(changed, encoding="utf-8")
    half = merged_again(Workspace.at(shipped_library(), Path()))
    lines = {line.unit.code: line for line in ranking(half, half.tables[0])}
    assert (lines["H4"].own, lines["H4"].standing, lines["H4"].review) == (50, "waiting", None)
    assert [each.element.number for each in lines["H1"].judged if each.far] == ["B"]


def merged_again(workspace: Workspace) -> MergeResult:
    order = MergeOrder(
        workspace.library,
        workspace.inbox / "2024-Y",
        date(2025, 9, 1),
        workspace,
        YEAR,
        jobs=1,
        trial=True,
    )
    return do_merge(order).result


def sheet_rows(workspace: Workspace, name: str) -> list[tuple[object, ...]]:
    data = (workspace.results / "tong-hop-ca-nam-2024.xlsx").read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    rows = list(book[name].iter_rows(values_only=True))
    head = next(at for at, row in enumerate(rows) if row[1] in ("Đơn vị", "Tiêu chí"))
    return rows[head + 1 :]
