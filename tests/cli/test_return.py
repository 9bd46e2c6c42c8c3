"""``consolidate return``: what is written where, what is kept, what it says."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from consolidate.actions.return_files import (
    CopyKind,
    ReturnOrder,
    do_return,
    plan_return,
    told_to_unit,
)
from consolidate.cli.main import main
from consolidate.definitions.catalogue import sentence, text
from consolidate.merge.read_files import check_bytes
from consolidate.model.anchors import RETURN_SHEET
from consolidate.model.reasons import because
from consolidate.model.returns import Outcome, ReturnRecord
from tests.library_2018 import library_2018
from tests.merge.province import NINE, SIX, Province, filled
from tests.recipes.recipe import Recipe

ENDINGS = ("can-sua-pctn-9-thang-2018.xlsx", "de-nghi-sua-pctn-9-thang-2018.docx")
WRONG = {"pctn_01.c3": "nhiều"}


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    code = main(["return", *map(str, arguments), "--jobs", "0"])
    captured = capsys.readouterr()
    return code, " ".join((captured.out + captured.err).split())


def words(path: Path) -> str:
    document = Document(str(path))
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join([p.text for p in document.paragraphs] + cells)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_copies_and_letters_beside_an_inbox(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inbox, out = tmp_path / "inbox", tmp_path / "return" / "2018-9M"
    inbox.mkdir()
    other = {"cover.unit_name": "Sở Tài chính", "cover.unit_code": "S03"}
    macros = ({"do": "add_part", "part": "xl/vbaProject.bin", "content": "x"},)
    third = {"cover.unit_name": "Sở Y tế", "cover.unit_code": "S04"}
    (inbox / "a.xlsx").write_bytes(Recipe("a", values=WRONG).build())
    (inbox / "b.xlsx").write_bytes(Recipe("b", values=other).build())
    data = Recipe("c", values={**third, **WRONG}, steps=macros).build()
    with zipfile.ZipFile(inbox / "c.zip", "w") as archive:
        archive.writestr("c.xlsx", data)
    code, said = run(capsys, inbox, "--unit", "S02")
    assert code == 1
    first = [f"s02-so-noi-vu-{ending}" for ending in ENDINGS]
    assert names(out) == sorted(first)
    assert (
        "1 tệp đánh dấu chỗ sai, 0 danh sách chỗ sai (tệp không đánh dấu được), 1 công văn" in said
    )
    copy = (out / first[0]).read_bytes()
    assert (
        check_bytes(library_2018(), "x", copy).findings
        == check_bytes(library_2018(), "x", (inbox / "a.xlsx").read_bytes()).findings
    )
    letter = words(out / first[1])
    for part in (
        "Kính gửi: Sở Nội vụ",
        "Biểu 01, F14",
        "nhiều",
        "tô màu và ghi chú",
        "trước ngày ……",
    ):
        assert part in letter
    code, said = run(capsys, inbox)
    assert (
        "0 tệp đánh dấu chỗ sai, 1 danh sách chỗ sai (tệp không đánh dấu được), 1 công văn" in said
    )
    assert text("annotate.why.carries") in said
    assert "2 tệp đã có, đúng nội dung." in said
    assert names(out) == sorted(
        [*first, "s04-so-y-te-can-sua-pctn-9-thang-2018.xlsx",
         "s04-so-y-te-de-nghi-sua-pctn-9-thang-2018.docx"]
    )  # fmt: skip
    assert "Danh sách đầy đủ" in words(out / "s04-so-y-te-de-nghi-sua-pctn-9-thang-2018.docx")
    (out / first[1]).write_bytes(b"sua tay")
    code, said = run(capsys, inbox)
    assert (out / first[1]).read_bytes() == b"sua tay"
    assert f"--force): {first[1]}" in said
    run(capsys, inbox, "--force")
    assert words(out / first[1]) == letter
    assert names(inbox) == ["a.xlsx", "b.xlsx", "c.zip"]


def test_nothing_to_give_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.xlsx").write_bytes(Recipe("a").build())
    code, said = run(capsys, inbox)
    assert code == 0
    assert "9 tháng đầu năm 2018: không có báo cáo nào phải trả lại." in said
    assert not (tmp_path / "return").exists()
    assert run(capsys, inbox, "--unit", "S9")[0] == 2
    code, said = run(capsys, inbox, "--out", inbox / "x")
    assert code == 2
    assert "nằm trong hộp thư đến" in said


def test_in_a_workspace_the_calendar_sets_the_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    province = Province.make(tmp_path / "tinh")
    issued = province.issue(NINE)
    province.send(NINE, "s1.xlsx", filled(issued["S1"], c3="nhiều"))
    for name, number in (("mot.xlsx", 5), ("hai.xlsx", 6)):
        province.send(NINE, name, filled(issued["H1"], c3=number))
    capsys.readouterr()
    code, _ = run(capsys, province.inbox(NINE), "--period", "2018-9M", "--as-of", "2018-09-03")
    assert code == 1
    out = province.workspace.outbox / "return" / "2018-9M"
    letter = words(out / "s1-so-noi-vu-de-nghi-sua-pctn-9-thang-2018.docx")
    assert "chậm nhất ngày 05/09/2018" in letter
    assert "UBND TỈNH SÔNG TIỀN" in letter
    later, _ = run(capsys, province.inbox(NINE), "--period", "2018-9M", "--as-of", "2018-09-10",
                   "--force")  # fmt: skip
    assert "chậm nhất ngày 15/09/2018" in words(
        out / "s1-so-noi-vu-de-nghi-sua-pctn-9-thang-2018.docx"
    )
    (held,) = [path for path in out.iterdir() if path.name.startswith("h1-")]
    reasons = words(held)
    assert reasons.count("chưa được đưa vào tổng hợp") == 2
    assert "kèm theo" not in reasons
    assert later == 1


def test_a_file_of_another_round_makes_no_letter_beside_the_right_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    province = Province.make(tmp_path / "tinh")
    before, now = province.issue(SIX), province.issue(NINE)
    for unit in ("S1", "H1"):
        province.send(NINE, f"{unit} cu.xlsx", filled(before[unit], c3=4))
    province.send(NINE, "S1 moi.xlsx", filled(now["S1"], c3=6))
    capsys.readouterr()
    run(capsys, province.inbox(NINE), "--period", "2018-9M", "--as-of", "2018-09-03")
    out = province.workspace.outbox / "return" / "2018-9M"
    (name,) = names(out)
    assert name.startswith("h1-")
    letter = words(out / name)
    labels = {"found": "6 tháng đầu năm 2018", "expected": "9 tháng đầu năm 2018"}
    returns = province.merge(NINE, "2018-09-03").document["returns"]
    reasons = {item["reason"] for item in returns if item["file"].endswith("cu.xlsx")}
    assert reasons == {text("identity.other_issue", **labels)}
    assert text("correction.other_issue", **labels) in letter
    assert "chạy lại" not in letter
    # It is to come again in this round, until the day of this round.
    assert text("correction.until", day="05/09/2018") in letter


def test_a_letter_about_rivals_asks_the_unit_and_says_nothing_of_our_inbox(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    province = Province.make(tmp_path / "tinh")
    issued = province.issue(NINE)["S1"]
    province.send(NINE, "một.xlsx", filled(issued, c3=4))
    province.send(NINE, "hai.xlsx", filled(issued, c3=5))
    capsys.readouterr()
    run(capsys, province.inbox(NINE), "--period", "2018-9M", "--as-of", "2018-09-03")
    out = province.workspace.outbox / "return" / "2018-9M"
    (name,) = names(out)
    letter = words(out / name)
    assert letter.count(text("correction.rivals")) == 2
    for word in ("chạy lại", "hộp thư đến"):
        assert word not in letter


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("rivals", {"other": "a “b”.xlsx"}),
        ("other_period", {"found": "Quý I/2018", "expected": "Quý II/2018"}),
        ("other_issue", {"found": "Quý I/2018", "expected": "Quý II/2018"}),
        ("copy_undecided", {"other": "a.xlsx", "unit": "Sở Nội vụ"}),
        ("no_period", {}),
        ("headings_period", {"found": "Quý I/2018", "expected": "Quý II/2018"}),
    ],
)
def test_what_the_officer_is_told_to_do_is_told_to_a_unit_in_its_words(
    key: str, values: dict[str, str]
) -> None:
    reason = because(f"identity.{key}", **values)
    record = ReturnRecord("a.xlsx", "", 0, Outcome.HELD, reason)
    assert told_to_unit(record) == because(f"correction.{key}", **values)
    assert "chạy lại" not in sentence(told_to_unit(record))


def test_a_letter_tells_a_unit_nothing_of_what_the_province_may_waive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    province = Province.make(tmp_path / "tinh")
    province.send(NINE, "S1.xlsx", filled(province.issue(NINE)["S1"], c3=6))
    merged = province.merge(NINE, "2018-09-16")
    (reason,) = {item["reason"] for item in merged.document["returns"]}
    advice = text("memory.waive", rule="memory.too_late", unit="S1", period=NINE.code)
    assert reason.endswith(f". {advice}")
    assert "corrections.xlsx" in advice
    run(capsys, province.workspace.inbox, "--period", "2018-9M", "--as-of", "2018-09-16")
    out = province.workspace.outbox / "return" / "2018-9M"
    letter = words(out / "s1-so-noi-vu-de-nghi-sua-pctn-9-thang-2018.docx")
    assert reason.removesuffix(f" {advice}") in letter
    assert "“S1.xlsx”" in letter
    for word in ("memory.", "corrections", "adjust"):
        assert word not in letter


def changing(province: Province) -> dict[str, bytes]:
    """Three units send something to correct: a file, a file in an archive, one that goes away."""
    issued = province.issue(NINE)
    # Not all three in the same cell: what most units have alike is told to none of them.
    wrong = {"S1": "c3", "H1": "c3", "X2": "c4"}
    sent = {unit: filled(issued[unit], **{cell: "nhiều"}) for unit, cell in wrong.items()}
    province.send(NINE, "s1.xlsx", sent["S1"])
    province.send(NINE, "x2.xlsx", sent["X2"])
    zipped(province.inbox(NINE) / "h1.zip", sent["H1"])
    return {
        unit: filled(issued[unit], **{cell: "khác", "revision": 2}) for unit, cell in wrong.items()
    }


def zipped(path: Path, content: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("báo cáo.xlsx", content)


def test_findings_are_never_put_into_other_bytes_than_those_they_are_of(tmp_path: Path) -> None:
    """The inbox changes between the reading and the giving, as while a person is asked."""
    province = Province.make(tmp_path / "tinh")
    corrected = changing(province)
    inbox = province.inbox(NINE)
    order = ReturnOrder(library_2018(), inbox, date(2018, 9, 3), province.workspace, NINE, jobs=0)
    plan = plan_return(order)
    province.send(NINE, "s1.xlsx", corrected["S1"])
    zipped(inbox / "h1.zip", corrected["H1"])
    (inbox / "x2.xlsx").unlink()
    made = {(item.unit.code, item.kind): item for item in do_return(plan).written}
    assert {unit for unit, _ in made} == {"S1", "H1", "X2"}
    for unit in ("S1", "H1", "X2"):
        item = made[unit, CopyKind.LIST]
        assert item.why == text("annotate.why.changed")
        listed = load_workbook(io.BytesIO(item.data))[RETURN_SHEET]
        said = [cell.value for row in listed for cell in row if isinstance(cell.value, str)]
        assert any("nhiều" in part for part in said)
        assert not any(part == "khác" for part in said)
    # Asked again, the copies and what they say are of the files that lie there now.
    again = do_return(plan_return(order), force=True)
    copies = {item.unit.code: item for item in again.written if item.kind is CopyKind.COPY}
    assert set(copies) == {"S1", "H1"}
    for unit, item in copies.items():
        assert (
            check_bytes(library_2018(), "x", item.data).findings
            == check_bytes(library_2018(), "x", corrected[unit]).findings
        )


def test_the_same_member_in_another_archive_is_still_the_same_file(tmp_path: Path) -> None:
    province = Province.make(tmp_path / "tinh")
    changing(province)
    path = province.inbox(NINE) / "h1.zip"
    plan = plan_return(
        ReturnOrder(library_2018(), path.parent, date(2018, 9, 3), province.workspace, NINE, jobs=0)
    )
    with zipfile.ZipFile(path) as archive:
        content = archive.read("báo cáo.xlsx")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("thêm.txt", "x")
        archive.writestr("đổi tên.xlsx", content)
    (kind,) = {
        i.kind for i in do_return(plan).written if (i.unit.code, i.source != "") == ("H1", True)
    }
    assert kind is CopyKind.COPY


def test_files_that_the_merge_on_record_has_not_seen_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    province = Province.make(tmp_path / "tinh")
    corrected = changing(province)
    inbox = province.inbox(NINE)
    call = (inbox, "--period", "2018-9M", "--as-of", "2018-09-03")
    assert "đã khác lần tổng hợp" not in run(capsys, *call)[1]  # None is on record.
    province.merge(NINE, "2018-09-03")
    assert "đã khác lần tổng hợp" not in run(capsys, *call)[1]
    zipped(inbox / "h1.zip", corrected["H1"])
    (inbox / "x2.xlsx").unlink()
    province.send(NINE, "mới.txt", b"x")
    files = "h1.zip › báo cáo.xlsx, mới.txt, x2.xlsx"
    note = text("cli.return.since", run=1, count=3, files=files)
    assert note in run(capsys, *call, "--period", "2018-Q3")[1]
    for number in range(4):
        province.send(NINE, f"a{number}.txt", b"x")
    assert "ở 7 tệp (mới, đổi hoặc không còn): a0.txt, a1.txt" in run(capsys, *call)[1]
    province.merge(NINE, "2018-09-03")
    assert "đã khác lần tổng hợp" not in run(capsys, *call)[1]


def test_annotate_is_a_hidden_name_of_return(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["annotate", "--help"]) == 0
    assert text("cli.return.only_errors") in " ".join(capsys.readouterr().out.split())
    assert main(["--help"]) == 0
    assert "annotate" not in capsys.readouterr().out
