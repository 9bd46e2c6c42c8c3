"""Offered packs on the figures of real reports: exactly their findings, and those of other answers.

What a province does with a pack: it takes it, issues it, merges what comes back.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from consolidate.cli.group import main
from consolidate.definitions.loader import offered_packs, shipped_library
from consolidate.merge.read_files import check_bytes
from consolidate.model.findings import Finding
from consolidate.province.workspace import Workspace
from examples.forms import examples, form_return, library_of, pack_of, told

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


def test_every_offered_pack_has_an_example() -> None:
    assert {told(name)["pack"] for name in examples()} == set(offered_packs())
    assert set(AS_TOLD) == set(examples())


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
