"""The settings of the buttons: kept for one person, set by nothing that is open in Excel."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from addin import settings as kept
from addin.settings import Settings, name_typed, read_settings, save_settings, settings_path
from consolidate.definitions.catalogue import text
from consolidate.province.workspace import Workspace
from tests.addin.conftest import Excel
from tests.addin.workspaces import made_workspace
from tests.library_2018 import library_2018


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("win32", {"APPDATA": "/hồ sơ"}, "/hồ sơ/consolidate/settings.toml"),
        ("win32", {}, "/nhà/AppData/Roaming/consolidate/settings.toml"),
        ("darwin", {"APPDATA": "/x"}, "/nhà/Library/Application Support/consolidate/settings.toml"),
        ("linux", {"XDG_CONFIG_HOME": "/cấu hình"}, "/cấu hình/consolidate/settings.toml"),
        ("linux", {}, "/nhà/.config/consolidate/settings.toml"),
    ],
)
def test_the_file_is_where_the_platform_keeps_such_files(
    platform: str, environment: dict[str, str], expected: str
):
    assert settings_path(platform, environment, Path("/nhà")) == Path(expected)


@pytest.mark.parametrize("excel", ["file"], indirect=True)
@pytest.mark.usefixtures("excel")
@profile(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(author=st.text(), folder=st.text(st.characters(codec="utf-8")))
def test_settings_come_back_as_they_were_kept(author: str, folder: str):
    wanted = Settings(folder, name_typed(author), name_typed(author[::-1]))
    save_settings(wanted)
    assert read_settings() == wanted


def test_the_first_press_asks_for_a_folder_and_later_ones_show_what_is_set(
    excel: Excel, tmp_path: Path
):
    excel.press("settings")
    assert (excel.status, excel.alerts) == (text("addin.choose_folder"), [])
    workspace = made_workspace(tmp_path / "tỉnh = A & ễ")
    excel.press("settings", str(workspace.root))
    assert read_settings() == Settings(str(workspace.root))
    assert "Tỉnh Sông Tiền" in excel.alerts[-1]
    assert "Danh sách có 12 đơn vị, lịch có 4 thời hạn" in excel.alerts[-1]
    excel.answers.append("no")
    excel.press("settings")
    assert str(workspace.root) in excel.alerts[-1]
    assert text("addin.settings.author", name="(chưa có)") in excel.alerts[-1]
    excel.answers.append("yes")
    excel.press("settings")
    assert excel.status == text("addin.choose_folder")
    assert not list(workspace.register.glob("*.sqlite3"))


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_folder_that_is_no_workspace_is_made_one_with_consent(
    excel: Excel, tmp_path: Path, answer: str
):
    folder = tmp_path / "trống"
    folder.mkdir()
    (folder / "thư.txt").write_text("của tôi")
    excel.answers.append(answer)
    excel.press("settings", str(folder))
    assert (read_settings().workspace == str(folder)) == (answer == "yes")
    assert ((folder / "consolidate.toml").is_file()) == (answer == "yes")
    assert (folder / "thư.txt").read_text() == "của tôi"
    if answer == "yes":
        assert Workspace.at(library_2018(), folder).key_path.is_file()


def test_a_folder_that_cannot_be_one_is_refused(excel: Excel, tmp_path: Path):
    workspace = made_workspace(tmp_path / "tỉnh")
    excel.press("settings", str(workspace.inbox))
    said = text("addin.settings.inside", folder=workspace.inbox, root=workspace.root)
    assert excel.alerts[-1] == said
    excel.press("settings", tmp_path.anchor)
    assert excel.alerts[-1] == text("addin.settings.drive", folder=tmp_path.anchor)
    excel.press("settings", str(tmp_path / "không có"))
    assert "không có" in excel.alerts[-1]
    (workspace.root / "consolidate.toml").write_text("format = 1")
    excel.press("settings", str(workspace.root))
    assert "consolidate.toml" in excel.alerts[-1]
    assert read_settings() == Settings()


def test_a_workspace_with_a_damaged_roster_is_chosen_and_its_problems_said(
    excel: Excel, tmp_path: Path
):
    workspace = made_workspace(tmp_path / "tỉnh")
    workspace.roster_path.write_bytes(b"x")
    excel.press("settings", str(workspace.root))
    assert "roster.xlsx" in excel.alerts[-1]
    assert read_settings() == Settings(str(workspace.root))
    excel.answers.append("no")
    excel.press("settings")
    assert "roster.xlsx" in excel.alerts[-1]


@pytest.mark.parametrize("field", ["author", "agency"])
def test_names_are_kept_shown_and_taken_away(excel: Excel, field: str):
    excel.press(field, " Nguyễn \n\t Văn = A ")
    assert getattr(read_settings(), field) == "Nguyễn Văn = A"
    assert excel.alerts[-1] == text(f"addin.settings.{field}", name="Nguyễn Văn = A")
    excel.press(field, "")
    assert getattr(read_settings(), field) == "Nguyễn Văn = A"
    excel.press(field, "-")
    assert getattr(read_settings(), field) == ""
    assert excel.alerts[-1] == text(f"addin.settings.{field}", name="(chưa có)")
    excel.press(field, "x" * 5000)
    assert len(getattr(read_settings(), field)) == kept.LONGEST


@pytest.mark.parametrize(
    "content", [b"\xff", b"workspace = 1", b"workspace = [", b"a = " + b"[" * 9_000]
)
def test_damaged_settings_are_said_and_begun_anew_with_consent(excel: Excel, content: bytes):
    path = kept.own_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    excel.press("status")
    assert excel.alerts[-1] == text("addin.settings.damaged", file=path)
    excel.answers.append("no")
    excel.press("author", "A")
    assert path.read_bytes() == content
    excel.answers.append("yes")
    excel.press("author", "A")
    assert read_settings() == Settings(author="A")


def test_a_file_that_cannot_be_written_is_said(excel: Excel, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise PermissionError(13, "no", "settings.toml")

    monkeypatch.setattr("addin.settings.write_atomically", refuse)
    excel.press("author", "A")
    assert "settings.toml" in excel.alerts[-1]
    assert "Lỗi của chương trình" not in excel.alerts[-1]


@pytest.mark.parametrize("key", ["status", "issue", "adjust", "return", "merge", "settings"])
def test_nothing_in_an_open_workbook_chooses_a_workspace(excel: Excel, tmp_path: Path, key: str):
    """A workbook that lies in a foreign workspace and claims settings for itself."""
    foreign = made_workspace(tmp_path / "tỉnh khác")
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Thiết lập")
    sheet.append(["workspace", str(foreign.root)])
    book.create_sheet("tonghop.conf").append(["workspace", str(foreign.root)])
    book.save(foreign.root / "corrections.xlsx")
    excel.open(foreign.root / "corrections.xlsx")
    excel.press(key, "2018-9M" if key == "issue" else "")
    assert read_settings() == Settings()
    assert not list(foreign.register.glob("*.sqlite3"))
    assert not list(foreign.outbox.iterdir())
    said = {"return": "addin.return.nowhere"}.get(key, "addin.settings.no_workspace")
    assert excel.alerts in ([text(said)], [])
