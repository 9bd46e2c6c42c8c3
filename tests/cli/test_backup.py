"""A backup is written, put back beside what is there, and never over it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from consolidate.cli import backup_command
from consolidate.cli.group import main
from consolidate.definitions.catalogue import text
from consolidate.register.backup_file import DATABASE
from consolidate.register.blobs import digest_of
from consolidate.register.register import open_register
from tests.cli.made import File, LastOfSeptember, Province, record
from tests.databases import ONE

SO = File("S01", {"pctn_01.c40": 12})


@pytest.fixture
def merged(province: Province) -> Province:
    with province.register() as register:
        record(register, [SO])
    return province


@ONE
def test_there_and_back(merged: Province, tmp_path: Path) -> None:
    assert merged.run("backup", "sao lưu/a.zip") == (
        0,
        "Đã sao lưu sổ lưu (1 tệp đã nhận) vào sao lưu/a.zip.\n"
        "Bản sao lưu không có khóa phát hành tỉnh/register/issue.key; cất riêng khóa ở\n"
        "nơi an toàn khác. Danh sách, lịch, hộp thư đến, kết quả cũng không nằm trong đó:\n"
        "chép kèm roster.xlsx, calendar.xlsx.\n",
    )
    merged.capsys.readouterr()
    assert main(["restore", "sao lưu/a.zip", "mới"]) == 0
    out = merged.capsys.readouterr().out
    assert out.startswith("Đã khôi phục vào mới: 1 tệp đã nhận, 1 lần tổng hợp.\n")
    assert "chép issue.key cũ vào mới" in " ".join(out.split())
    folder = tmp_path / "mới"
    with open_register(folder / DATABASE, folder) as register, merged.register() as first:
        assert register.runs() == first.runs()
        assert register.read(digest_of(SO.content)) == SO.content


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_database_of_a_server_is_backed_up_apart(merged: Province, tmp_path: Path) -> None:
    code, out = merged.run("backup", "a.zip")
    assert code == 1
    assert text("register.database_apart") in " ".join(out.split())
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        digest = digest_of(SO.content)
        assert archive.namelist() == [f"files/{digest[:2]}/{digest}.bin"]


@ONE
def test_the_name_of_a_backup_has_the_day(
    merged: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_command, "date", LastOfSeptember)
    assert merged.run("backup")[0] == 0
    assert (merged.root / "sao-luu-2018-09-30.zip").is_file()


def test_a_backup_says_what_it_lacks(merged: Province) -> None:
    digest = digest_of(SO.content)
    (merged.workspace.register / "files" / digest[:2] / f"{digest}.bin").unlink()
    code, out = merged.run("backup", "a.zip")
    told = text("register.backup_incomplete", count=1)
    assert (code, told in " ".join(out.split())) == (1, True)
    if "postgresql" not in merged.workspace.database_url:
        merged.capsys.readouterr()
        assert main(["restore", "a.zip", "mới"]) == 1
        assert told in " ".join(merged.capsys.readouterr().out.split())


def test_a_register_is_never_written_over(merged: Province, tmp_path: Path) -> None:
    merged.run("backup", "a.zip")
    before = {path: path.read_bytes() for path in merged.root.rglob("*") if path.is_file()}
    for folder in (merged.workspace.register, merged.root):
        assert main(["restore", "a.zip", str(folder)]) == 2
        out = " ".join(merged.capsys.readouterr().err.split())
        assert out == text("register.not_empty", place=folder)
    assert {path: path.read_bytes() for path in merged.root.rglob("*") if path.is_file()} == before
    (tmp_path / "tệp").write_bytes(b"")
    assert main(["restore", "a.zip", "tệp"]) == 2
    assert "“tệp” là một tệp, không phải thư mục." in merged.capsys.readouterr().err


@ONE
def test_what_is_no_backup(merged: Province, tmp_path: Path) -> None:
    assert main(["restore", "không.zip", "mới"]) == 2
    assert "Không có tệp “không.zip”." in merged.capsys.readouterr().err
    (tmp_path / "hỏng.zip").write_bytes(b"PK\x03\x04")
    assert main(["restore", "hỏng.zip", "mới"]) == 2
    said = text("register.backup_damaged", place="hỏng.zip")
    assert " ".join(merged.capsys.readouterr().err.split()) == said
    assert not (tmp_path / "mới").exists()


@ONE
def test_a_workspace_has_to_be_there(
    province: Province, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "khác").mkdir()
    monkeypatch.chdir(tmp_path / "khác")
    assert main(["backup"]) == 2
    assert "Không thấy thư mục làm việc" in province.capsys.readouterr().err
    monkeypatch.chdir(province.root / "inbox")
    assert main(["runs"]) == 0
