"""A backup is written, put back beside what is there, and never over it."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from consolidate.cli import options
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.register.backup_file import DATABASE
from consolidate.register.blobs import digest_of
from consolidate.register.register import open_register
from tests.cli.made import File, LastOfSeptember, Province, record
from tests.databases import ON_BOTH

SO = File("S01", {"pctn_01.c40": 12})


@pytest.fixture
def merged(province: Province) -> Province:
    with province.register() as register:
        record(register, [SO])
    return province


def folder_of(root: Path) -> dict[str, bytes]:
    """Every file of a folder but the database, whose pages are those of another moment."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.name.startswith(DATABASE)
    }


def fill(root: Path) -> None:
    """What lies in a working folder beside its register."""
    for name in (
        "inbox/2018-9M/cấp xã/Sở Nội vụ.xlsx",
        "outbox/2018-9M/s01.xlsx",
        "forms/đọc.txt",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode() * 3)
    (root / "results" / "tong-hop-9-thang-2018.xlsx").write_bytes(b"PK\x00")
    (root / "ghi chú.txt").write_bytes(b"")


def test_there_and_back(merged: Province, tmp_path: Path) -> None:
    fill(merged.root)
    (merged.root / "passwords.txt").write_text("123", encoding="utf-8")
    (merged.root / "inbox" / "~$x.xlsx").write_bytes(b"lock")
    merged.run("backup", str(merged.root / "backup-2018-09-01.zip"))
    before = folder_of(merged.root)
    code, out = merged.run("backup", "sao lưu/a.zip")
    count = len(before) - 5  # Two secrets, a lock, an earlier backup, and the file that was kept.
    assert (code, out) == (
        0,
        f"Đã sao lưu thư mục làm việc vào sao lưu/a.zip: {count} tệp, sổ lưu và 1 tệp đã nhận mà\n"
        "sổ lưu giữ.\n"
        "Bản sao lưu không có tỉnh/register/issue.key, tỉnh/passwords.txt: cất riêng ở\n"
        "nơi an toàn khác.\n"
        "Tiếp theo: tổng hợp các tệp mới: consolidate merge tỉnh/inbox/2018-9M\n",
    )
    assert main(["restore", "sao lưu/a.zip", "mới"]) == 0
    out = merged.capsys.readouterr().out
    assert out == (
        "Đã khôi phục thư mục làm việc vào mới: sổ lưu có 1 tệp đã nhận, 1 lần tổng hợp.\n"
        "Chép lại các tệp cất riêng nếu có: mới/register/issue.key; mới/passwords.txt.\n"
        "Không chép lại khóa phát hành thì biểu đã phát hành trước đó sẽ không xác nhận\n"
        "được.\n"
        'Tiếp theo: kiểm tra, rồi dùng thư mục này thay thư mục cũ: cd "mới"\n'
    )
    folder = tmp_path / "mới"
    absent = {"register/issue.key", "passwords.txt", "inbox/~$x.xlsx", "backup-2018-09-01.zip"}
    assert folder_of(folder) == {name: data for name, data in before.items() if name not in absent}
    home = folder / "register"
    with open_register(home / DATABASE, home) as register, merged.register() as first:
        assert register.runs() == first.runs()
        assert register.read(digest_of(SO.content)) == SO.content
    assert main(["backup", "b.zip", "--workspace", "mới"]) == 0
    assert folder_of(tmp_path / "sao lưu") == {"a.zip": (tmp_path / "b.zip").read_bytes()}


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such names")
def test_what_no_backup_holds_is_named(merged: Province) -> None:
    inbox = merged.workspace.inbox
    (inbox / "a?.xlsx").write_bytes(b"1")
    (inbox / "A.xlsx").write_bytes(b"2")
    (inbox / "a.xlsx").write_bytes(b"3")
    (inbox / "liên kết").symlink_to(merged.root / "register" / "issue.key")
    code, out = merged.run("backup", "a.zip")
    assert code == 1
    left = ("inbox/a.xlsx", "inbox/a?.xlsx", "inbox/liên kết")
    assert text("register.backup_left_out", count=3, names="; ".join(left)) in " ".join(out.split())
    assert main(["restore", "a.zip", "mới"]) == 0
    assert [path.name for path in Path("mới/inbox").iterdir()] == ["A.xlsx"]


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/x",
        "inbox/../../x",
        "inbox\\x",
        "C:/x",
        "nul",
        "inbox/con.xlsx",
        "x.",
        "ROSTER.XLSX",
    ],
)
def test_a_backup_with_a_strange_name_puts_nothing_back(
    merged: Province, tmp_path: Path, name: str
) -> None:
    merged.run("backup", "a.zip")
    with zipfile.ZipFile("a.zip", "a") as archive:
        archive.writestr(name, b"x")
    assert main(["restore", "a.zip", "mới"]) == 2
    said = " ".join(merged.capsys.readouterr().err.split())
    assert said == text("register.not_a_backup", place="a.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "tỉnh"]


def test_a_backup_of_the_register_alone_is_no_working_folder(
    merged: Province, tmp_path: Path
) -> None:
    with merged.register() as register:
        register.backup(tmp_path / "a.zip")
    assert main(["restore", "a.zip", "mới"]) == 2
    assert not (tmp_path / "mới").exists()


def test_a_config_that_names_another_register_is_told(merged: Province) -> None:
    merged.run("backup", "a.zip")
    config = (merged.root / "consolidate.toml").read_text(encoding="utf-8")
    other = config.replace("sqlite:///register/", "sqlite:////srv/")
    with zipfile.ZipFile("a.zip") as source, zipfile.ZipFile("b.zip", "w") as target:
        for entry in source.infolist():
            data = source.read(entry)
            target.writestr(entry, other if entry.filename == "consolidate.toml" else data)
    assert main(["restore", "b.zip", "mới"]) == 0
    said = " ".join(merged.capsys.readouterr().out.split())
    place, default = "/srv/register.sqlite3", "sqlite:///register/register.sqlite3"
    assert text("backup.other_database", place=place, default=default) in said


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_database_of_a_server_is_backed_up_apart(merged: Province, tmp_path: Path) -> None:
    code, out = merged.run("backup", "a.zip")
    assert code == 1
    assert text("register.database_apart") in " ".join(out.split())
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        digest = digest_of(SO.content)
        kept = [name for name in archive.namelist() if name.startswith("register/")]
        assert kept == [f"register/files/{digest[:2]}/{digest}.bin"]
    assert main(["restore", "a.zip", "mới"]) == 0
    said = " ".join(merged.capsys.readouterr().out.split())
    assert text("register.database_apart") in said


def test_the_name_of_a_backup_has_the_day(
    merged: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(options, "date", LastOfSeptember)
    assert merged.run("backup")[0] == 0
    assert (merged.root / "backup-2018-09-30.zip").is_file()


@ON_BOTH
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


def test_what_is_no_backup(merged: Province, tmp_path: Path) -> None:
    assert main(["restore", "không.zip", "mới"]) == 2
    assert "Không có tệp “không.zip”." in merged.capsys.readouterr().err
    (tmp_path / "hỏng.zip").write_bytes(b"PK\x03\x04")
    assert main(["restore", "hỏng.zip", "mới"]) == 2
    said = text("register.backup_damaged", place="hỏng.zip")
    assert " ".join(merged.capsys.readouterr().err.split()) == said
    assert not (tmp_path / "mới").exists()


def test_a_workspace_has_to_be_there(
    province: Province, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "khác").mkdir()
    monkeypatch.chdir(tmp_path / "khác")
    assert main(["backup"]) == 2
    assert "Không thấy thư mục làm việc" in province.capsys.readouterr().err
    monkeypatch.chdir(province.root / "inbox")
    assert main(["runs"]) == 0
