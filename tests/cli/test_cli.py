"""The command line: exit codes, what goes where, and how quickly help can be had."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from consolidate.cli.main import COMMANDS, main
from consolidate.cli.options import today
from consolidate.definitions.catalogue import text
from consolidate.merge import merge_inbox as pipeline
from tests.recipes.recipe import Recipe

HEAVY = ("pandas", "openpyxl", "xlsxwriter", "xlwings", "numpy", "python_calamine", "rich")
WORKING = ("multiprocessing", "sqlalchemy", "rapidfuzz", "email.parser", "consolidate.reports")
"""What some commands need and others should not wait for."""


@pytest.fixture(scope="module")
def clean() -> bytes:
    return Recipe("clean").build()


@pytest.fixture
def inbox(tmp_path: Path, clean: bytes) -> Path:
    folder = tmp_path / "hộp thư đến"
    folder.mkdir()
    (folder / "Sở Nội vụ.xlsx").write_bytes(clean)
    return folder


def wrong(folder: Path) -> Path:
    path = folder / "sai.xlsx"
    path.write_bytes(Recipe("wrong", values={"pctn_01.c3": "nhiều"}).build())
    return path


def said(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_a_clean_merge_exits_0_and_writes_beside_the_inbox(
    inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["merge", str(inbox)]) == 0
    out, err = said(capsys)
    results = inbox.parent / "results"
    assert sorted(path.name for path in results.iterdir()) == [
        "bao-cao-9-thang-2018.xlsx",
        "result.json",
        "tong-hop-9-thang-2018.xlsx",
        "tong-quan-9-thang-2018.html",
    ]
    assert text("cli.summary.clean") in out
    assert text("cli.merge.read", total=1) in err


def test_findings_exit_1(inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong(inbox)
    assert main(["merge", str(inbox), "--out", str(tmp_path / "kq"), "--period", "2018-9M"]) == 1
    out, _ = said(capsys)
    assert text("identity.rivals", other="sai.xlsx").split()[0] in out
    assert (tmp_path / "kq" / "tong-hop-9-thang-2018.xlsx").is_file()


def test_findings_of_files_that_do_not_count_are_told_apart(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong(inbox).replace(inbox / "Sở Nội vụ.xlsx")
    for name, figure in (("a.xlsx", 1), ("b.xlsx", 2)):
        values = {"cover.unit_code": "S03", "cover.unit_name": "Sở Tài chính"}
        typed = {"pctn_01.c40": 3, "pctn_01.c39": 1, "pctn_01.c3": figure}
        (inbox / name).write_bytes(Recipe("rival", values=values | typed).build())
    assert main(["merge", str(inbox), "--out", str(tmp_path / "out")]) == 1
    out = " ".join(said(capsys)[0].split())
    assert text("cli.summary.findings", errors=3, warnings=0) in out
    assert text("cli.summary.aside_findings", count=2) in out
    assert out.count("✗ Lỗi") == 1


def test_files_inside_archives_are_counted_apart(
    inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(inbox / "thư.zip", "w") as archive:
        for name in ("a.pdf", "b.pdf"):
            archive.writestr(name, b"%PDF-1.4 " + name.encode())
    assert main(["merge", str(inbox), "--jobs", "0"]) == 1
    out, err = said(capsys)
    counts = {"containers": 1, "members": 2, "total": 3, "counted": 1}
    assert text("cli.summary.files_inside", disk=2, **counts) in " ".join(out.split())
    assert text("cli.merge.read", total=2) in err


def test_many_files_set_aside_for_one_reason_are_said_once(
    inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(9):
        (inbox / f"bản quét {number}.pdf").write_bytes(b"%PDF-1.4 " + bytes([48 + number]))
    assert main(["merge", str(inbox)]) == 1
    out, _ = said(capsys)
    assert [line.split(" · ")[0].strip() for line in out.splitlines() if ".pdf" in line] == [
        f"✗ bản quét {number}.pdf" for number in range(3)
    ]
    assert text("cli.summary.more_alike", count=6).split(" (")[0] in out
    assert out.count(text("intake.pdf").split(",")[0]) == 1


def test_json_goes_where_it_is_asked_to(inbox: Path, tmp_path: Path) -> None:
    path = tmp_path / "máy" / "kết quả.json"
    assert main(["merge", str(inbox), "--json", str(path), "--jobs", "0"]) == 0
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["schema"] == "consolidate/merge-result/1"
    assert not (inbox.parent / "results" / "result.json").exists()


def test_limits_are_read_from_a_file(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limits = tmp_path / "giới hạn.toml"
    limits.write_text("file_size = 1000\nseconds = 500\n", encoding="utf-8")
    call = ["merge", str(inbox), "--limits", str(limits), "--period", "2018-9M"]
    assert main(call) == 1
    assert text("intake.too_large", detail="0 MB").split(".")[0] in said(capsys)[0].replace(
        "\n    ", " "
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("file_sise = 1", "không có giới hạn tên “file_sise”"),
        ("file_size = 0", "“file_size” phải là số lớn hơn 0"),
        ("file_size = true", "“file_size” phải là số lớn hơn 0"),
        ('file_size = "1"', "“file_size” phải là số lớn hơn 0"),
        ("file_size =", "không đúng cú pháp TOML"),
        (None, "không mở được tệp"),
    ],
)
def test_limits_that_make_no_sense_are_a_wrong_call(
    inbox: Path,
    tmp_path: Path,
    content: str | None,
    problem: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    limits = tmp_path / "limits.toml"
    if content is not None:
        limits.write_text(content, encoding="utf-8")
    assert main(["merge", str(inbox), "--limits", str(limits)]) == 2
    assert problem in " ".join(said(capsys)[1].split())


def test_a_file_of_passwords_that_is_not_there_is_a_wrong_call(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "mật khẩu.txt"
    assert main(["check", str(inbox / "Sở Nội vụ.xlsx"), "--password-file", str(missing)]) == 2
    assert "Không đọc được tệp mật khẩu" in said(capsys)[1]


def test_two_runs_write_the_same_bytes(inbox: Path, tmp_path: Path) -> None:
    wrong(inbox)
    for name in ("một", "hai"):
        main(["merge", str(inbox), "--out", str(tmp_path / name)])
    for name in ("result.json", "tong-hop-9-thang-2018.xlsx"):
        assert (tmp_path / "một" / name).read_bytes() == (tmp_path / "hai" / name).read_bytes()


def usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 2
    out, err = said(capsys)
    assert out == ""
    assert "Traceback" not in err
    return err


def test_usage_errors_exit_2_in_vietnamese(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "không có"
    assert text("cli.merge.no_inbox", path=missing) in usage(["merge", str(missing)], capsys)
    assert text("cli.no_such_option", name="--xyz") in usage(["merge", "--xyz"], capsys)
    assert text("cli.no_such_command", name="gộp") in usage(["gộp"], capsys)
    assert text("cli.merge.none_given") in usage(["merge"], capsys)
    period = text("cli.period.none", value="lễ", year=today().year)
    assert period in usage(["merge", str(inbox), "--period", "lễ"], capsys)
    roster = text("cli.merge.no_roster", path=missing)
    assert roster in usage(["merge", str(inbox), "--roster", str(missing)], capsys)
    file = text("cli.check.no_file", path=missing)
    assert file in usage(["check", str(missing)], capsys)
    assert "--jobs" in usage(["merge", str(inbox), "--jobs", "x"], capsys)
    assert not (tmp_path / "results").exists()


def test_an_inbox_without_a_period_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trống").mkdir()
    err = usage(["merge", str(tmp_path / "trống")], capsys)
    assert text("cli.merge.empty_inbox", path=tmp_path / "trống") in err
    (tmp_path / "trống" / "ghi chú.txt").write_text("x", encoding="utf-8")
    err = usage(["merge", str(tmp_path / "trống")], capsys)
    assert text("cli.merge.no_period", path=tmp_path / "trống") in err


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("3/2018", "2018-Q3 nếu là Quý III/2018; 2018-Q1 nếu là Quý I/2018"),
        ("tháng 9/2018", "2018-9M nếu là 9 tháng đầu năm 2018"),
    ],
)
def test_a_period_that_may_mean_several_is_offered_and_not_taken(
    inbox: Path, tmp_path: Path, typed: str, offered: str, capsys: pytest.CaptureFixture[str]
) -> None:
    err = usage(["merge", str(inbox), "--period", typed], capsys)
    assert f"“{typed}” chưa rõ là kỳ nào. Ghi rõ: {offered}." in err
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("typed", ["9T/2018", "9M-2018", "quý III năm 2018", "9 thang 2018"])
def test_a_period_in_words_is_taken(
    inbox: Path, typed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["merge", str(inbox), "--period", typed, "--dry-run", "--jobs", "0"])
    assert "Tổng hợp 9 tháng đầu năm 2018" in said(capsys)[0]


def test_a_folder_is_no_file_to_check(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert text("cli.check.is_folder", path=inbox) in usage(["check", str(inbox)], capsys)


def test_the_folder_of_results_is_no_inbox(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results"
    results.mkdir()
    assert text("cli.merge.not_inbox", path=results) in usage(["merge", str(results)], capsys)


@pytest.mark.parametrize("option", ["--out", "--json"])
@pytest.mark.parametrize("inside", ["", "kq", "../hộp thư đến/kq/x"])
def test_results_never_go_into_the_inbox(
    inbox: Path, option: str, inside: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = inbox / inside
    err = usage(["merge", str(inbox), option, str(target)], capsys)
    assert text("cli.merge.out_in_inbox", path=target) in err
    assert [path.name for path in inbox.iterdir()] == ["Sở Nội vụ.xlsx"]


def test_an_inbox_that_is_named_after_a_round_is_of_that_round(
    inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = inbox.rename(inbox.parent / "2018-6M")
    refused = usage(["merge", str(named), "--period", "2018-9M"], capsys)
    said_so = text(
        "cli.merge.other_folder", path=named, label="6 tháng đầu năm 2018", code="2018-9M"
    )
    assert said_so in refused
    assert [path.name for path in inbox.parent.iterdir()] == ["2018-6M"]
    # Its one return is of nine months: held, and no reason to merge the nine months from here.
    assert main(["merge", str(named)]) == 1
    said(capsys)
    assert (inbox.parent / "results" / "tong-hop-6-thang-2018.xlsx").is_file()
    same_round = named.rename(inbox.parent / "2018-Q3")
    assert main(["merge", str(same_round), "--period", "2018-9M", "--dry-run"]) != 2


def test_a_period_that_is_an_argument_goes_by_its_name_in_the_help(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reason = text("cli.period.none", value="2018-Q5", year=today().year)
    assert text("cli.bad_value", name="[KỲ]", reason=reason) in usage(["issue", "2018-Q5"], capsys)


def test_a_bad_roster_says_every_row(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = inbox.parent / "roster.xlsx"
    path.write_bytes(b"%PDF")
    refused = usage(["merge", str(inbox)], capsys)
    assert text("roster.unreadable", file="roster.xlsx") in refused
    assert "--help" not in refused  # It is the workbook that is to be mended, not the call.


@pytest.mark.parametrize("option", ["--out", "--json"])
def test_a_place_that_cannot_be_written_is_no_internal_error(
    inbox: Path, tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "chỗ"
    if option == "--out":
        target.write_bytes(b"a file")
    else:
        target.mkdir()
    assert main(["merge", str(inbox), option, str(target)]) == 2
    _, err = said(capsys)
    assert text("cli.no_permission", file=target) in err


def test_a_workbook_that_is_open_in_excel_is_named(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def locked(made: Path, target: Path) -> None:
        raise PermissionError(13, "locked", str(made), None, str(target))

    monkeypatch.setattr(Path, "replace", locked)
    assert main(["merge", str(inbox)]) == 2
    _, err = said(capsys)
    results = inbox.resolve().parent / "results"
    assert text("cli.no_permission", file=results / "bao-cao-9-thang-2018.xlsx") in err
    assert not [path for path in results.iterdir() if path.suffix == ".xlsx"]


def test_an_internal_error_exits_3_and_shows_its_trace_only_when_asked(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("bí mật")

    monkeypatch.setattr(pipeline, "roll_up", broken)
    assert main(["merge", str(inbox)]) == 3
    _, err = said(capsys)
    assert text("cli.internal", error="ZeroDivisionError") in err
    assert "Traceback" not in err
    assert "bí mật" not in err
    assert main(["--debug", "merge", str(inbox)]) == 3
    _, err = said(capsys)
    assert "Traceback" in err
    assert text("cli.internal", error="ZeroDivisionError") in err


def test_check_prints_and_writes_nothing(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = inbox / "Sở Nội vụ.xlsx", wrong(inbox)
    before = sorted(inbox.parent.rglob("*"))
    assert main(["check", str(good)]) == 0
    assert text("cli.check.clean") in said(capsys)[0]
    assert main(["check", str(good), str(bad)]) == 1
    out, _ = said(capsys)
    assert "Biểu 01 › F14" in out
    assert "MS 3: “nhiều” không phải số." in out
    assert sorted(inbox.parent.rglob("*")) == before


def test_check_as_json(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scan = inbox / "a.pdf"
    scan.write_bytes(b"%PDF-1.4")
    assert main(["check", "--json", str(wrong(inbox)), str(scan)]) == 1
    document = json.loads(said(capsys)[0])
    assert document["schema"] == "consolidate/check-result/1"
    read, refused = document["files"]
    assert (read["file"], read["outcome"], read["template"]) == ("sai.xlsx", None, "pctn")
    (finding,) = read["findings"]
    assert finding["rule"] == "value.not_a_number"
    assert (refused["outcome"], refused["findings"]) == ("not_a_report", [])
    assert refused["reason"] == text("intake.pdf")


def test_an_xlsx_of_another_program_is_said_to_be_none_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("abc", encoding="utf-8")
    assert main(["check", str(path)]) == 1
    out, _ = said(capsys)
    assert text("terms.outcome.not_a_report") in out
    assert " ".join(text("intake.text").split()) in " ".join(out.split())


def test_rules_are_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "list"]) == 0
    assert "MS 40 phải bằng MS 41 + MS 42 + MS 43 + MS 44" in said(capsys)[0]
    assert main(["rules", "explain", "pctn_01_q.r43"]) == 0  # As summaries name it.
    assert "MS 43 phải bằng MS 43.1 + MS 43.2" in capsys.readouterr().out
    assert main(["rules", "explain", "pctn_01.r40"]) == 0
    assert "c40 == c41 + c42 + c43 + c44" in said(capsys)[0]
    assert text("cli.rules.unknown", id="r99") in usage(["rules", "explain", "r99"], capsys)


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_help_speaks_vietnamese(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--help"]) == 0
    out, _ = said(capsys)
    assert out.startswith(text("cli.usage"))
    assert text("cli.help_option") in out
    for english in ("Usage:", "Options", "Commands", "Show this message"):
        assert english not in out


def loaded(arguments: list[str], names: tuple[str, ...]) -> tuple[str, str]:
    """Which of some modules a command imports and its exit code; what it prints."""
    script = (
        f"import sys; from consolidate.cli.main import main; code = main({arguments!r}); "
        f"print([name for name in {names!r} if name in sys.modules], code, file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True
    )
    return ran.stderr.strip().splitlines()[-1], ran.stdout


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_imports_nothing_heavy(option: str) -> None:
    rooms = ("model.datasets", "definitions.loader", "intake", "merge", "reports", "register")
    heavy = (*HEAVY, *WORKING, *(f"consolidate.{room}" for room in rooms))
    told, printed = loaded([option], heavy)
    assert told == "[] 0"
    assert text("cli.merge.short") in printed or option == "--version"


def test_a_check_imports_only_what_it_uses(inbox: Path) -> None:
    """One file is read in a worker, from no roster, and nothing is issued or written."""
    (file,) = inbox.iterdir()
    heavy = (*(name for name in HEAVY if name != "python_calamine"), *WORKING)
    seldom = ("subprocess", "tarfile", "consolidate.templates.form", "consolidate.province.roster")
    told, _ = loaded(["check", str(file)], (*heavy, *seldom))
    assert told == ("[] 0" if sys.platform == "linux" else "['multiprocessing'] 0")


def test_a_status_imports_nothing_that_reads_in_workers_or_writes_workbooks(
    tmp_path: Path,
) -> None:
    told, _ = loaded(
        ["status", "--workspace", str(tmp_path)],
        (*HEAVY[:5], "multiprocessing", "email.policy", "sqlalchemy", "consolidate.templates.form"),
    )
    assert told.startswith("[] ")


def test_python_m_is_the_same_command() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "consolidate", "--version"], capture_output=True, check=True
    )
    assert ran.stdout.startswith(b"consolidate ")


def test_the_readme_names_every_command() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    table = readme[readme.index("## Commands") : readme.index("Exit codes:")]
    assert [name for name in COMMANDS if not re.search(rf"`(consolidate )?{name}\b", table)] == []
