"""Packs of a province's own: used where they are right, told with file and line where not."""

from __future__ import annotations

from pathlib import Path

import pytest

from addin import settings
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.definitions.loader import library_with, shipped_files, shipped_library
from consolidate.definitions.toml_lines import DefinitionError, Fault
from consolidate.model.reasons import because
from consolidate.province.workspace import Workspace

OWN = {
    name.removeprefix("cchc-2018/"): content
    for name, content in shipped_files().items()
    if name.startswith("cchc-2018/")
}
PERIOD = "2026-9M"


def put(root: Path, pack: str, **changes: tuple[str, str]) -> None:
    """The pack of Phụ lục 3 in a folder ``forms``; ``changes`` are made in its ``pack.toml``."""
    folder = root / "forms" / pack
    folder.mkdir(parents=True, exist_ok=True)
    for name, shipped in OWN.items():
        content = shipped
        for old, new in changes.values() if name == "pack.toml" else ():
            assert old in content
            content = content.replace(old, new, 1)
        (folder / name).write_text(content, encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "tỉnh"
    assert main(["init", str(root), "--year", "2026"]) == 0
    return root


def test_a_pack_of_the_province_is_there_beside_the_shipped_ones(root: Path) -> None:
    assert Workspace.at(shipped_library(), root).library is shipped_library()
    put(
        root,
        "cchc-2026",
        code=('code = "cchc-2018"', 'code = "cchc-2026"'),
        since=("serves_from = 2017-04-25", "serves_from = 2026-01-01"),
        until=("serves_to = 2023-12-31\n", ""),
    )
    library = Workspace.at(shipped_library(), root).library
    assert set(library.packs.by_code) == {*shipped_library().packs.by_code, "cchc-2026"}
    assert Workspace.at(shipped_library(), root).library is library  # Loaded once.


def test_a_pack_of_the_same_code_replaces_the_shipped_one(root: Path) -> None:
    put(root, "của tỉnh", until=("serves_to = 2023-12-31", "serves_to = 2030-12-31"))
    packs = Workspace.at(shipped_library(), root).library.packs
    assert set(packs.by_code) == set(shipped_library().packs.by_code)
    assert str(packs.by_code["cchc-2018"].serves_to) == "2030-12-31"
    assert str(shipped_library().packs.by_code["cchc-2018"].serves_to) == "2023-12-31"


@pytest.mark.parametrize(
    "call",
    [
        ["issue", PERIOD],
        ["status", PERIOD],
        ["merge", "inbox"],
        ["return", "inbox"],
        ["check", "inbox/x.xlsx"],
        ["adjust"],
        ["runs"],
        ["diff", "1", "2"],
        ["trace", "MS 1"],
        ["approve", PERIOD, "--yes", "--author", "A"],
        ["backup", "x.zip"],
        ["init", "."],
        ["form", "list"],
        ["rules", "list"],
        ["template", "build"],
    ],
    ids=lambda call: call[0],
)
def test_every_command_prints_the_faults_of_a_pack(
    root: Path,
    call: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    put(root, "hỏng", since=("serves_from = 2017-04-25", 'serves_from = "mai"\nserves_since = 1'))
    (root / "forms" / "hỏng" / "cchc_pl3_1.toml").write_text('code = "a\n', encoding="utf-8")
    (root / "inbox" / "x.xlsx").write_bytes(b"x")
    monkeypatch.chdir(root)
    capsys.readouterr()
    assert main(call) == 2
    said = capsys.readouterr().err
    assert "forms/hỏng/cchc_pl3_1.toml:1: " in said
    (root / "forms" / "hỏng" / "cchc_pl3_1.toml").write_text(
        OWN["cchc_pl3_1.toml"], encoding="utf-8"
    )
    assert main(call) == 2
    said = capsys.readouterr().err
    line = OWN["pack.toml"].split("serves_from")[0].count("\n") + 1
    for number, key in ((line, "serves_from"), (line + 1, "serves_since")):
        (found,) = [row for row in said.splitlines() if f"pack.toml:{number}:" in row]
        assert key in found


@pytest.mark.parametrize(
    ("own", "fault"),
    [
        ({"forms/a/x.toml": "x = 1"}, "forms/a/pack.toml:1 lint.no_file"),
        ({"forms/a.toml": "x = 1"}, "forms/pack.toml:1 lint.no_file"),
        (
            {f"forms/{folder}/{name}": text for folder in "ab" for name, text in OWN.items()},
            "forms/b/pack.toml:2 lint.code_of_other",
        ),
        (
            {f"forms/a/{name}": text for name, text in OWN.items()}
            | {"forms/a/z.toml": OWN["cchc_pl3_1.toml"]},
            "forms/a/z.toml:2 lint.code_of_other",
        ),
    ],
)
def test_one_code_once_and_every_pack_in_its_folder(own: dict[str, str], fault: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        library_with(own)
    assert fault in [f"{found.place} {found.reason.key}" for found in caught.value.faults]


def test_commands_about_forms_know_those_of_the_folder(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(
        root,
        "của tỉnh",
        code=('code = "cchc-2018"', 'code = "cchc-2026"'),
        since=("serves_from = 2017-04-25", "serves_from = 2026-01-01"),
        until=("serves_to = 2023-12-31", 'to_confirm = ["dòng 5"]'),
        file=('file_name = "cchc-2018.xlsx"', 'file_name = "cchc-2026.xlsx"'),
    )
    for place, there in ((root, True), (root.parent, False)):
        monkeypatch.chdir(place)
        capsys.readouterr()
        assert main(["form", "list"]) == 0
        listed = capsys.readouterr().out
        assert ("cchc-2026 · " in listed) is there
        assert ("    - dòng 5\n" in listed) is there
        assert main(["rules", "list"]) == 0
        assert ("cchc-2026 · cchc_pl3_2" in capsys.readouterr().out) is there
    assert "    - nhãn MS 67, 76, 84.4: bản đọc được là bản chép" in listed
    assert listed.count(text("cli.form.nothing")) == 1  # Phụ lục 3 of 2018.


def test_a_button_reads_by_the_forms_of_the_folder(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put(root, "của tỉnh", until=("serves_to = 2023-12-31", "serves_to = 2030-12-31"))
    monkeypatch.setattr(settings, "own_path", lambda: tmp_path / "settings.toml")
    own = Workspace.at(shipped_library(), root).library
    away = tmp_path / "mail" / "x.xlsx"
    away.parent.mkdir()
    assert settings.forms_of(root / "inbox" / "x.xlsx") is own
    assert settings.forms_of(away) is shipped_library()
    settings.save_settings(settings.Settings(workspace=str(root)))
    assert settings.forms_of(away) is own
    assert settings.forms_of(None) is own
    settings.save_settings(settings.Settings(workspace=str(root / "gone")))
    assert settings.forms_of(away) is shipped_library()


def test_a_file_that_is_no_text(root: Path) -> None:
    put(root, "a")
    (root / "forms" / "a" / "pack.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(DefinitionError) as caught:
        Workspace.at(shipped_library(), root)
    assert caught.value.faults == (Fault("forms/a/pack.toml:1", because("lint.not_text")),)


def test_what_units_send_is_never_a_pack(root: Path) -> None:
    sent = root / "inbox" / "2026-9M"
    sent.mkdir()
    put(sent, "gửi", since=("serves_from = 2017-04-25", "serves_from = 1"))
    (sent / "consolidate.toml").write_bytes((root / "consolidate.toml").read_bytes())
    found = Workspace.find(shipped_library(), sent)
    assert found is not None
    assert (found.root, found.library) == (root.resolve(), shipped_library())
    assert main(["merge", str(sent), "--period", PERIOD]) != 3
