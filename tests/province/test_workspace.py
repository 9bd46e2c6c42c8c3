"""The workspace of a province: made once, found from below, never overwritten."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from consolidate.cli.main import main
from consolidate.definitions.calendars import example, examples
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.reasons import UserError, because
from consolidate.model.units import Level, UnitKind
from consolidate.province.places import CONFIG
from consolidate.province.roster import SINCE, communes_of
from consolidate.province.workspace import DATABASE, Workspace
from tests.library_2018 import library_2018

TEMPLATES = tuple(library_2018().template_by_code)
PARTS = (
    "roster.xlsx",
    "calendar.xlsx",
    "huong-dan.txt",
    "inbox/",
    "outbox/",
    "results/",
    "register/",
    "register/issue.key",
    CONFIG,
)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return " ".join((captured.out + captured.err).split())


def contents(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.fixture
def workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workspace:
    assert main(["init", str(tmp_path / "tỉnh"), "--province", "Quảng Ngãi"]) == 0
    capsys.readouterr()
    return Workspace.at(library_2018(), tmp_path / "tỉnh")


def test_everything_is_made_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "a" / "tỉnh"
    arguments = ["init", str(root), "--province", "tp huế", "--calendar", "tien-giang"]
    assert main(arguments) == 0
    out = said(capsys)
    for part in PARTS:
        assert text("workspace.init.made", path=part) in out
        assert (root / part).is_dir() == part.endswith("/")
        assert (root / part).exists()
    count = text("workspace.init.communes", count=40, province="Thành phố Huế")
    assert count in out
    assert text("workspace.init.example", example="Tiền Giang, 2018") in out
    key = (root / "register/issue.key").read_bytes()
    assert len(key) == 32
    assert key.hex() not in out
    others = [data for name, data in contents(root).items() if not name.endswith("issue.key")]
    assert not any(key in data or key.hex().encode() in data for data in others)
    loaded = Workspace.at(library_2018(), root).load()
    assert loaded.key == key
    assert loaded.roster is not None
    assert loaded.roster.province == "Thành phố Huế"
    assert [row.deadline for row in loaded.calendar.rows] == [
        row.deadline for row in example("tien-giang").rows
    ]
    if sys.platform != "win32":
        modes = [
            stat.S_IMODE((root / p).stat().st_mode) for p in ("register", "register/issue.key")
        ]
        assert modes == [0o700, 0o600]


def test_nothing_is_ever_overwritten(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(workspace.root)
    arguments = ["init", str(workspace.root), "--province", "Gia Lai", "--calendar", "quang-ngai"]
    assert main(arguments) == 0
    assert contents(workspace.root) == before
    out = said(capsys)
    for part in PARTS:
        assert text("workspace.init.kept", path=part) in out
    assert text("workspace.init.roster_kept", province="Tỉnh Gia Lai") in out
    assert text("workspace.init.calendar_kept", example=examples()["quang-ngai"]) in out


def test_what_is_lost_is_made_again_and_the_rest_kept(workspace: Workspace) -> None:
    before = contents(workspace.root)
    workspace.key_path.unlink()
    workspace.calendar_path.write_bytes(b"mine")
    assert main(["init", str(workspace.root)]) == 0
    after = contents(workspace.root)
    assert after.keys() == before.keys()
    assert after["register/issue.key"] != before["register/issue.key"]
    assert after["calendar.xlsx"] == b"mine"
    assert after["roster.xlsx"] == before["roster.xlsx"]


def test_an_empty_workspace_has_a_roster_to_fill_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path)]) == 0
    assert text("workspace.init.no_communes") in said(capsys)
    with pytest.raises(UserError) as caught:
        Workspace.at(library_2018(), tmp_path).load()
    assert caught.value.problems == (because("roster.empty", file="roster.xlsx"),)


def test_a_province_that_is_none_and_a_package_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "x"
    assert main(["init", str(root), "--province", "Sông Tiền"]) == 2
    out = said(capsys)
    assert "“Sông Tiền”" in out
    assert "Đắk Lắk" in out
    monkeypatch.setitem(sys.modules, "vietnam_provinces", None)
    assert main(["init", str(root), "--province", "Gia Lai"]) == 2
    assert " ".join(text("workspace.init.no_package").split()) in said(capsys)
    assert not root.exists()
    root.write_text("x", encoding="utf-8")
    assert main(["init", str(root)]) == 2
    assert text("workspace.init.not_a_folder", path=root) in said(capsys)


def test_communes_of_a_province() -> None:
    roster = communes_of("Quảng Ngãi")
    assert roster.province == "Tỉnh Quảng Ngãi"
    assert len(roster.units) == 96
    assert len({unit.code for unit in roster.units}) == 96
    (island,) = roster.find("Đặc khu Lý Sơn")
    assert island.name == "UBND đặc khu Lý Sơn"
    assert (island.level, island.kind) == (Level.COMMUNE, UnitKind.COMMUNE)
    assert island.valid_from == SINCE
    assert all(len(unit.code) == 5 and unit.code.isdigit() for unit in roster.units)
    for name in ("quang ngai", "Tỉnh Quảng Ngãi", "QUẢNG NGÃI"):
        assert communes_of(name).units == roster.units


def test_all_provinces_and_communes_of_the_country() -> None:
    with pytest.raises(UserError) as caught:
        communes_of("Hà Tây")
    known = str(caught.value.problems[0].value("known")).split(", ")
    assert len(known) == 34
    units = [unit for name in known for unit in communes_of(name).units]
    assert len({unit.code for unit in units}) == len(units) == 3321


def test_a_workspace_is_found_from_anywhere_in_it(workspace: Workspace) -> None:
    deep = workspace.inbox / "cấp xã" / "đợt 1"
    deep.mkdir(parents=True)
    for path in (deep, deep / "tệp.xlsx", workspace.inbox, workspace.root):
        assert Workspace.find(library_2018(), path) == workspace
    assert Workspace.find(library_2018(), workspace.root.parent) is None
    assert workspace.province == "Tỉnh Quảng Ngãi"
    with pytest.raises(UserError) as caught:
        Workspace.at(library_2018(), workspace.root.parent)
    assert caught.value.problems == (because("workspace.none", folder=str(workspace.root.parent)),)


@pytest.mark.parametrize(
    ("config", "key"),
    [
        (b"format = ", "bad_config"),
        (b"a = " + b"[" * 9_000, "bad_config"),
        (b"\xff\xfe", "bad_config"),
        (b"", "empty_config"),
        (b"\n# \n", "empty_config"),
        (b'province = "X"', "no_format"),
        (b"format = 1", "other_format"),
        (b'format = "consolidate/workspace/9"', "other_format"),
        (b'format = "consolidate/workspace/1"\nprovince = 3', "not_text"),
    ],
)
def test_a_configuration_that_cannot_be_used(workspace: Workspace, config: bytes, key: str) -> None:
    path = workspace.root / CONFIG
    path.write_bytes(config)
    with pytest.raises(UserError) as caught:
        Workspace.find(library_2018(), workspace.inbox)
    (problem,) = caught.value.problems
    assert (problem.key, problem.value("file")) == (f"workspace.{key}", str(path))
    assert str(path) in sentence(problem)


def test_a_configuration_saved_by_notepad_is_read(workspace: Workspace) -> None:
    path = workspace.root / CONFIG
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert Workspace.find(library_2018(), workspace.root) == workspace


def test_every_problem_of_every_file_is_said_at_once(workspace: Workspace) -> None:
    workspace.roster_path.write_bytes(b"x")
    workspace.calendar_path.write_bytes(b"x")
    workspace.key_path.write_bytes(b"short")
    with pytest.raises(UserError) as caught:
        workspace.load()
    assert caught.value.problems == (
        because("roster.unreadable", file="roster.xlsx"),
        because("calendar.unreadable", file="calendar.xlsx"),
        because("workspace.key_damaged", file=str(workspace.key_path)),
    )
    for path in (workspace.roster_path, workspace.calendar_path, workspace.key_path):
        path.unlink()
    loaded = workspace.load()
    assert (loaded.roster, loaded.calendar.rows, loaded.key) == (None, (), None)
    workspace.key_path.mkdir()
    with pytest.raises(UserError) as caught:
        workspace.load()
    assert caught.value.problems == (
        because("workspace.key_unreadable", file=str(workspace.key_path)),
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (DATABASE, "sqlite:///{root}/register/register.sqlite3"),
        ("sqlite:////srv/a.db", "sqlite:////srv/a.db"),
        ("sqlite:///C:/a.db", "sqlite:///C:/a.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgresql://may-chu/bao_cao", "postgresql://may-chu/bao_cao"),
    ],
)
def test_where_the_register_is(tmp_path: Path, url: str, shown: str) -> None:
    workspace = Workspace(library_2018(), tmp_path, database=url)
    assert workspace.database_url == shown.format(root=tmp_path.as_posix())
