"""What goes to the terminal: bars, streams that are closed or full, a folder that is gone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from consolidate.cli.terminal import shown_progress
from consolidate.definitions.catalogue import text
from consolidate.templates.file_names import official_name, overview_name, summary_name
from tests.merge.province import NINE, UNITS, Province, blank_filled

pytestmark = [
    pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full"),
    pytest.mark.wording,
]
CODE = "import sys; from consolidate.cli.main import main; sys.exit(main())"


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Province:
    province = Province.make(tmp_path_factory.mktemp("streams") / "tỉnh")
    province.send(NINE, "S1.xlsx", blank_filled(UNITS[0], NINE, c3=5))
    return province


def called(streams: str, arguments: list[str], folder: Path) -> tuple[int, str]:
    """Exit code of a command under these redirections, and what could still be read of it."""
    call = ["sh", "-c", f'exec "$@" {streams}', "sh", sys.executable, "-c", CODE, *arguments]
    path = {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        call,
        check=False,
        timeout=120,
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | path,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize(
    ("streams", "jobs"),
    [("", 0), (">&-", 0), (">&- 2>&- <&-", 2), (">/dev/full", 0), (">/dev/full 2>/dev/full", 0)],
)
def test_a_merge_ends_as_ever_whatever_becomes_of_its_words(
    streams: str, jobs: int, sent: Province
) -> None:
    shutil.rmtree(sent.workspace.results)
    call = ["merge", str(sent.inbox(NINE)), "--as-of", "2018-09-05", "--jobs", str(jobs)]
    code, said = called(streams, call, sent.workspace.root)
    names = {path.name for path in sent.workspace.results.iterdir()}
    assert (code, names) == (
        1,
        {
            summary_name(NINE),
            official_name(NINE),
            overview_name(NINE),
            f"result-{NINE.code}.json",
            "result.json",
        },
    )
    assert "Traceback" not in said
    assert "Exception" not in said
    assert text("disk.full", file="") not in said
    assert "Ổ đĩa đã đầy" not in said
    if streams == ">/dev/full":
        assert said.endswith(text("cli.output_lost"))
    if not streams:
        assert text("cli.output_lost") not in said
        with sent.register() as register:
            assert len(register.runs()) == 1


def test_what_only_speaks_is_no_success_when_nobody_could_hear_it(tmp_path: Path) -> None:
    code, said = called(">/dev/full", ["rules", "list"], tmp_path)
    assert (code, said) == (1, text("cli.output_lost"))
    # Who wants no words, or closes a pipe, has what he wants.
    assert called(">&-", ["rules", "list"], tmp_path) == (0, "")
    assert called("| head -c 1 >/dev/null", ["rules", "list"], tmp_path) == (0, "")
    code, said = called(">/dev/full", ["rules", "list", "--nothing"], tmp_path)
    assert (code, "--nothing" in said) == (2, True)


def test_a_folder_that_is_gone_is_said(sent: Province, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    for call in (["runs"], ["merge", str(sent.inbox(NINE)), "--as-of", "2018-09-05"]):
        assert _removed(gone, call) == (2, text("cli.no_folder"))
    root = ["runs", "--workspace", str(sent.workspace.root)]
    assert called("", root, tmp_path)[0] == 0


def _removed(folder: Path, arguments: list[str]) -> tuple[int, str]:
    """The same in a folder that is removed before the command begins."""
    call = ["sh", "-c", 'rmdir "$0"; exec "$@"', str(folder), sys.executable, "-c", CODE]
    path = {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [*call, *arguments],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | path,
    )
    folder.mkdir()
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_without_a_terminal_the_end_is_said_once_if_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with shown_progress("Đang lập", lambda total: f"Đã lập {total}") as advance:
        for done in (1, 2):
            advance(done, 2)
    with shown_progress("Đang lập") as advance:
        advance(2, 2)
    assert capsys.readouterr() == ("", "Đã lập 2\n")


def test_on_a_terminal_a_bar_counts_on_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consolidate.cli.terminal.interactive", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    with shown_progress("Đang lập công văn", lambda total: f"Đã lập {total}") as advance:
        advance(3, 7)
    out, err = capsys.readouterr()
    assert out == ""
    assert "Đang lập công văn" in err
    assert "3/7" in err
    assert "Đã lập" not in err
