"""Offered packs on the figures of real reports: exactly their findings, and those of other answers.

What a province does with a pack: it takes it, issues it, merges what comes back.
"""

from __future__ import annotations

import io
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from consolidate.checks.rule_checks import check_rules
from consolidate.cli.main import main
from consolidate.definitions.loader import (
    library_with,
    offered_files,
    offered_packs,
    shipped_library,
)
from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.merge.read_files import check_bytes
from consolidate.model.data_values import History, PastFigures
from consolidate.model.period import Period
from consolidate.model.reasons import Finding
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.province.workspace import Workspace
from consolidate.reports.summary import summary_bytes
from examples.forms import UNIT, examples, form_return, library_of, pack_of, told

CASES: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("offered.toml").read_text(encoding="utf-8")
)["cases"]
AS_TOLD = {case["example"]: case["findings"] for case in CASES if "changes" not in case}


def said(finding: Finding) -> str:
    place = f"{finding.data_set}.{finding.element}".strip(".")
    return f"{finding.severity.value} {finding.rule} {place} {finding.address}".strip()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["example"])
def test_a_return_gives_exactly_these_findings(case: dict[str, Any]) -> None:
    name = case["example"]
    changes = {
        key: None if value == "" else value for key, value in case.get("changes", {}).items()
    }
    library = library_of(told(name)["pack"])
    reading = check_bytes(library, "x.xlsx", form_return(name, changes))
    assert reading.content is not None
    assert reading.content.pack == pack_of(name).code
    wanted = sorted({*AS_TOLD[name], *case.get("adds", ())} - set(case.get("drops", ())))
    assert sorted(map(said, reading.findings)) == wanted


@pytest.mark.parametrize(("last_year", "broken"), [("723", []), ("700", ["cchc_so.change_m2"])])
def test_changes_are_compared_with_last_year(last_year: str, broken: list[str]) -> None:
    """Seed 000 (28 to 30/8/2018) tells the changes of six figures."""
    now = {"m2": 197, "m3": 1145, "m4": 616, "hst": "60,83", "hsd": "36", "hsq": "3,16"}
    told = {"m2": -526, "m3": 205, "m4": 380, "hst": -6.17, "hsd": 26.6, "hsq": -20.44}
    then = {"m2": last_year, "m3": "940", "m4": "236", "hst": "67", "hsd": "9.4", "hsq": "23.6"}
    changes = {f"cchc_so.{code}": value for code, value in now.items()}
    changes |= {f"cchc_so.{code}_ss": value for code, value in told.items()}
    library = library_of("cchc-2018-day-du")
    content = check_bytes(library, "x.xlsx", form_return("cchc-2018-day-du", changes)).content
    assert content is not None
    keys = {("cchc_so", code, "value"): Decimal(value) for code, value in then.items()}
    past = PastFigures(Period.parse_code("2017-Q3"), keys, ("S1",), "")
    asked = library.of_pack(content.pack, content.round)
    found = check_rules(content, asked, History(last_year=past))
    assert [finding.rule for finding in found] == broken


def test_every_offered_pack_has_an_example() -> None:
    assert {told(name)["pack"] for name in examples()} == set(offered_packs())
    assert set(AS_TOLD) == set(examples())


@pytest.mark.parametrize(
    ("name", "kind", "sheets"),
    [
        ("cchc-2024", UnitKind.DEPARTMENT, {"Nhiệm vụ toàn tỉnh", "Biên chế theo đơn vị"}),
        ("danh-gia", UnitKind.DEPARTMENT, {"Đánh giá theo đơn vị", "Minh chứng toàn tỉnh"}),
        ("pctn-2014-day-du", UnitKind.DEPARTMENT, {"Kê khai theo đơn vị", "Chuyển đổi toàn tỉnh"}),
        ("nganh-doc-ca", UnitKind.POLICE, {"Công an toàn tỉnh"}),
    ],
)
def test_a_return_reaches_the_summary(
    name: str, kind: UnitKind, sheets: set[str], tmp_path: Path
) -> None:
    (tmp_path / "S1.xlsx").write_bytes(form_return(name))
    unit = OrganisationUnit("S1", told(name).get("unit", UNIT), Level.PROVINCE, kind=kind)
    period = Period.parse_code(told(name)["period"])
    request = MergeRequest(library_of(told(name)["pack"]), tmp_path, period, Roster.of((unit,)))
    result = merge(request)
    assert [record.outcome.counted for record in result.records] == [True]
    book = load_workbook(io.BytesIO(summary_bytes(result, inbox_link=None)), read_only=True)
    assert sheets <= set(book.sheetnames)


def test_a_province_takes_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["init", str(tmp_path / "tỉnh"), "--year", "2026"]) == 0
    monkeypatch.chdir(tmp_path / "tỉnh")
    for name in offered_packs():
        assert main(["form", "use", name]) == 0
    library = Workspace.at(shipped_library(), Path()).library
    taken = {pack_of(name).code for name in examples()}
    assert set(library.packs.by_code) == {*shipped_library().packs.by_code, *taken}
    outline = Path("forms/pctn-2014/pctn_tm.toml")
    outline.write_text(
        outline.read_text(encoding="utf-8").replace("tham", "Tham"), encoding="utf-8"
    )
    assert main(["form", "use", "pctn-2014-day-du"]) == 1
    assert main(["form", "use", "pctn-2014-day-du", "--force"]) == 0
    assert main(["form", "use", "pctn-2014"]) == 2
    assert main(["form", "preview", "pctn-2014-day-du", "--out", "x.xlsx"]) == 0


ADDED = """
[[body]]
code = "a1_3"
number = "A.1.3"
label = "Tiêu chí thành phần A.1.3"
type = "number"
columns = ["self"]
required = ["self"]
added_later = {later}

[[body]]
code = "a2"
"""


@pytest.mark.parametrize(
    ("file", "was", "now", "told"),
    [
        ("pack", 'version = "2022.1"', 'version = "2022.2"', ["warning structure.other_version"]),
        (
            "pctn_dg",
            '\n[[body]]\ncode = "a2"\n',
            ADDED.format(later="true"),
            ["info structure.definition_changed"],
        ),
        (
            "pctn_dg",
            '\n[[body]]\ncode = "a2"\n',
            ADDED.format(later="false"),
            ["error structure.cell_missing pctn_dg.a1_3", "info structure.definition_changed"],
        ),
        (
            "pctn_dg",
            'label = "Tiêu chí thành phần A.1.1"',
            'label = "Tiêu chí khác"',
            [
                "warning structure.label_changed pctn_dg.a1_1 C12",
                "info structure.definition_changed",
            ],
        ),
    ],
    ids=["version", "row added later", "row", "label"],
)
def test_a_return_of_before_the_pack_was_changed_is_read(
    file: str, was: str, now: str, told: list[str]
) -> None:
    texts = {f"forms/danh-gia/{name}": text for name, text in offered_files("danh-gia").items()}
    changed = f"forms/danh-gia/{file}.toml"
    assert was in texts[changed]
    library = library_with({**texts, changed: texts[changed].replace(was, now, 1)})
    reading = check_bytes(library, "x.xlsx", form_return("danh-gia"))
    assert reading.content is not None
    assert sorted(map(said, reading.findings)) == sorted([*AS_TOLD["danh-gia"], *told])
