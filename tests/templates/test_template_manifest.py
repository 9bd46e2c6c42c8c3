"""The folder of templates: build, verify, the committed files, the commands."""

from __future__ import annotations

import io
import shutil
import tomllib
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from consolidate.cli.definition_commands import template as command
from consolidate.templates.template_build import (
    MANIFEST,
    build_all,
    built_templates,
    content_digest,
    manifest_text,
    verify_all,
)

COMMITTED = Path(__file__).parents[2] / "templates"


@pytest.fixture(scope="module")
def built(library, tmp_path_factory: pytest.TempPathFactory):
    """A folder as it is built, and what was built."""
    folder = tmp_path_factory.mktemp("templates")
    return folder, build_all(library, folder)


@pytest.fixture
def folder(built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Such a folder to be changed; comparing it builds nothing anew, which others here do."""
    whole, made = built
    monkeypatch.setattr("consolidate.templates.template_build.built_templates", lambda _: made)
    return Path(shutil.copytree(whole, tmp_path / "templates"))


def kinds(library, folder: Path) -> list[tuple[str, str]]:
    return [(difference.kind, difference.file) for difference in verify_all(library, folder)]


def test_committed_templates_are_what_the_definitions_make(library):
    assert kinds(library, COMMITTED) == [], "run: consolidate template build"
    for template in built_templates(library):
        committed = (COMMITTED / template.pack.template.file_name).read_bytes()
        assert content_digest(committed) == template.content


def test_manifest_reads_back(library, folder):
    manifest = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert [entry["file"] for entry in manifest["templates"]] == [
        "pctn-2014.xlsx",
        "pctn-2025.xlsx",
        "cchc-2018.xlsx",
    ]
    assert manifest["templates"][0]["periods"] == ["Q1", "6M", "9M", "Y"]
    assert manifest_text(built_templates(library)) == (folder / MANIFEST).read_text(
        encoding="utf-8"
    )


def test_build_leaves_nothing_else_behind(folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        MANIFEST,
        "cchc-2018.xlsx",
        "pctn-2014.xlsx",
        "pctn-2025.xlsx",
    ]


def repacked(data: bytes, change: tuple[bytes, bytes] = (b"", b"")) -> bytes:
    """The same package compressed otherwise and in another order, parts changed as told."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new,
    ):
        for name in reversed(old.namelist()):
            part = old.read(name)
            new.writestr(name, part.replace(*change) if change[0] else part)
    return target.getvalue()


def test_content_digest_ignores_how_the_package_was_compressed(folder):
    data = (folder / "pctn-2014.xlsx").read_bytes()
    assert content_digest(repacked(data)) == content_digest(data)
    changed = repacked(data, ("Số liệu".encode(), b"So lieu"))
    assert content_digest(changed) != content_digest(data)


def test_verify_finds_a_changed_template(library, folder):
    path = folder / "pctn-2014.xlsx"
    original = path.read_bytes()
    path.write_bytes(repacked(original, ("Luật PCTN".encode(), "Luật pctn".encode())))
    assert kinds(library, folder) == [("content", "pctn-2014.xlsx")]
    path.write_bytes(repacked(original))
    assert kinds(library, folder) == [("sha256", "pctn-2014.xlsx")]
    path.write_bytes(original[:1000])
    assert kinds(library, folder) == [("unreadable", "pctn-2014.xlsx")]
    path.unlink()
    assert kinds(library, folder) == [("missing", "pctn-2014.xlsx")]


def test_verify_finds_a_changed_manifest_and_foreign_files(library, folder):
    manifest = folder / MANIFEST
    original = manifest.read_text(encoding="utf-8")
    manifest.write_text(original.replace("2018.1", "2017.9"), encoding="utf-8")
    assert kinds(library, folder) == [("entry", "pctn-2014.xlsx"), ("entry", "cchc-2018.xlsx")]
    manifest.write_text(original.replace("cchc-2018.xlsx", "cchc2.xlsx"), encoding="utf-8")
    assert kinds(library, folder) == [("not_listed", "cchc-2018.xlsx"), ("unknown", "cchc2.xlsx")]
    manifest.write_text("templates = 3", encoding="utf-8")
    assert kinds(library, folder) == [("bad_manifest", MANIFEST)]
    manifest.unlink()
    assert kinds(library, folder) == [("no_manifest", MANIFEST)]
    manifest.write_text(original, encoding="utf-8")
    (folder / "other.xlsx").write_bytes(b"")
    assert kinds(library, folder) == [("unknown", "other.xlsx")]


def test_commands_build_and_verify(tmp_path: Path):
    runner = CliRunner()
    folder = tmp_path / "new" / "templates"
    assert runner.invoke(command, ["build", "--out", str(folder)]).exit_code == 0
    good = runner.invoke(command, ["verify", str(folder)], standalone_mode=False)
    assert good.return_value == 0
    assert "khớp" in good.output
    (folder / "cchc-2018.xlsx").write_bytes(b"PK")
    bad = runner.invoke(command, ["verify", str(folder)], standalone_mode=False)
    assert bad.return_value == 1
    assert "cchc-2018.xlsx" in bad.output


def test_build_into_a_file_says_why_it_cannot(tmp_path: Path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = CliRunner().invoke(command, ["build", "--out", str(tmp_path / "file" / "x")])
    assert result.exit_code == 1
    assert "Không ghi được" in result.output
