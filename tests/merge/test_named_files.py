"""Files in which nothing can be read, but whose names say whose they are."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest

from consolidate.cli.main import main
from consolidate.model.reasons import because
from consolidate.model.units import Roster
from tests.merge.province import NINE, UNITS, Merged, Province, filled

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
BROKEN = b"PK\x03\x04 no package"
HERE = tuple(unit for unit in UNITS if unit.code in ("S1", "H1", "X2", "X5", "X6"))


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Province:
    root = tmp_path_factory.mktemp("province") / "tỉnh"
    province = Province.make(root, roster=Roster.of(HERE, province="Tỉnh Sông Tiền"))
    issued = province.issue(NINE)
    province.send(NINE, "H1.xlsx", filled(issued["H1"], c3=7))
    province.send(NINE, "H1 UBND huyện An Đông - pctn lần 2.xlsx", BROKEN)
    province.send(NINE, "s1-so-noi-vu-pctn-9-thang-2018.xlsx", BROKEN)
    province.send(NINE, "UBND xã An Tây.pdf", PDF)
    province.send(NINE, "UBND xã Bình Minh - pctn 6 tháng 2018.xlsx", BROKEN)
    province.send(NINE, "bao cao.xlsx", BROKEN)
    return province


@pytest.fixture(scope="module")
def merged(province: Province) -> Merged:
    return province.merge(NINE, "2018-09-04")


def test_they_count_for_nothing_and_say_whose_they_are(province: Province, merged: Merged) -> None:
    found = {
        item["file"]: (item["unit"] and item["unit"]["code"], item["outcome"])
        for item in merged.document["returns"]
    }
    assert found == {
        "H1.xlsx": ("H1", "accepted_with_warnings"),
        "H1 UBND huyện An Đông - pctn lần 2.xlsx": ("H1", "unreadable"),
        "s1-so-noi-vu-pctn-9-thang-2018.xlsx": ("S1", "unreadable"),
        "UBND xã An Tây.pdf": ("X2", "not_a_report"),
        "UBND xã Bình Minh - pctn 6 tháng 2018.xlsx": (None, "unreadable"),
        "bao cao.xlsx": (None, "unreadable"),
    }
    assert merged.total("c3") == 7
    assert sorted(merged.document["units"]["missing"]) == ["S1", "X2", "X5", "X6"]
    (reason,) = province.reasons(NINE, "s1-so-noi-vu-pctn-9-thang-2018.xlsx")
    cut = because("intake.truncated")
    assert reason == because("identity.by_file_name", reason=cut, unit="Sở Nội vụ")


@pytest.mark.usefixtures("merged")
def test_the_status_asks_for_another_file(province: Province, tmp_path: Path) -> None:
    said = io.StringIO()
    call = ["status", NINE.code, "--workspace", str(province.workspace.root), "--json"]
    with contextlib.redirect_stdout(said):
        assert main([*call, "--as-of", "2018-09-06", "--letters", str(tmp_path)]) == 1
    document = json.loads(said.getvalue())
    assert {item["unit"]: item["state"] for item in document["returns"]} == {
        "S1": "unreadable",
        "H1": "on_time",
        "X2": "unreadable",
        "X5": "missing",
        "X6": "missing",
    }
    # The second file of H1 may be a later return of it: a person has to look.
    assert sorted(item["file"] for item in document["unplaced"]) == [
        "H1 UBND huyện An Đông - pctn lần 2.xlsx",
        "UBND xã Bình Minh - pctn 6 tháng 2018.xlsx",
        "bao cao.xlsx",
    ]
    assert len(list(tmp_path.iterdir())) == 4


def test_a_return_of_every_template_is_asked_for_when_no_name_says_which(tmp_path: Path) -> None:
    unit = type(UNITS[0])("S9", "Sở Y tế", UNITS[0].level)
    province = Province.make(tmp_path / "tỉnh", roster=Roster.of((unit,)))
    for name, states in (
        ("Sở Y tế - cchc.xlsx", {"pctn": "missing", "cchc": "unreadable"}),
        ("Sở Y tế.xlsx", {"pctn": "unreadable", "cchc": "unreadable"}),
    ):
        province.send(NINE, name, BROKEN)
        province.merge(NINE, "2018-09-04")
        said = io.StringIO()
        call = ["status", NINE.code, "--workspace", str(province.workspace.root), "--json"]
        with contextlib.redirect_stdout(said):
            main([*call, "--as-of", "2018-09-06"])
        returns = json.loads(said.getvalue())["returns"]
        assert {item["template"]: item["state"] for item in returns} == states
