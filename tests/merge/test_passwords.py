"""The passwords of a workspace open files for commands and buttons alike."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from consolidate.actions.return_files import ReturnOrder, do_return, plan_return
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.intake.read_file import ReadSettings
from consolidate.model.reasons import UserError
from consolidate.model.returns import Outcome
from consolidate.province.workspace import read_passwords, with_passwords
from tests.library_2018 import library_2018
from tests.merge.province import NINE, Province, filled
from tests.saved import locked


def test_every_order_of_work_uses_them(tmp_path: Path) -> None:
    province = Province.make(tmp_path / "tỉnh")
    issued = province.issue(NINE)
    province.send(NINE, "S1.xlsx", locked(filled(issued["S1"], c3=6), "một hai"))
    province.send(NINE, "H1.xlsx", locked(filled(issued["H1"], c3="nhiều"), "ba"))
    assert set(province.merge(NINE, "2018-09-03").outcomes().values()) == {Outcome.UNREADABLE}
    province.workspace.passwords_path.write_bytes("một hai\r\nba\r\n".encode("utf-8-sig"))
    opened = province.merge(NINE, "2018-09-03")
    assert opened.outcomes() == {
        "H1.xlsx": Outcome.ACCEPTED_WITH_WARNINGS,
        "S1.xlsx": Outcome.ACCEPTED,
    }
    order = ReturnOrder(
        library_2018(), province.inbox(NINE), date(2018, 9, 3), province.workspace, NINE, jobs=0
    )
    given = do_return(plan_return(order))
    assert {(item.unit.code, item.kind.value) for item in given.written} == {
        ("H1", "list"),
        ("H1", "letter"),
    }
    (listed,) = [item for item in given.written if item.kind.value == "list"]
    assert listed.why == text("annotate.why.locked")


def test_those_that_are_named_come_first(tmp_path: Path) -> None:
    workspace = Province.make(tmp_path).workspace
    settings = ReadSettings(passwords=("a", "b"))
    assert with_passwords(settings, workspace) == settings
    assert with_passwords(settings, None) == settings
    workspace.passwords_path.write_text("c\nb\n\n d \n", encoding="utf-8")
    assert with_passwords(settings, workspace).passwords == ("a", "b", "c", " d ")


def test_a_file_that_is_no_text_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    province = Province.make(tmp_path)
    path = province.workspace.passwords_path
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError):
        read_passwords(path)
    province.inbox(NINE).mkdir(parents=True, exist_ok=True)
    assert main(["merge", str(province.inbox(NINE))]) == 2
    assert text("cli.reading.no_password_file", path=path) in capsys.readouterr().err
