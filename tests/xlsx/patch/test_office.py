"""LibreOffice opens a copy; what it saves is still known as ours."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from consolidate.merge.read_files import check_bytes
from consolidate.xlsx.patch.annotate_copy import annotate
from tests.library_2018 import library_2018
from tests.office.office import Office
from tests.xlsx.packages import problems_of
from tests.xlsx.patch.test_copy import FORM, HEADING, RED, copied, wrong

pytestmark = pytest.mark.office


def test_a_round_trip_keeps_comments_and_adds_no_finding(office: Office, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(copied())
    (made,) = office.saved_as([tmp_path / "a.xlsx"], "xlsx", tmp_path / "out")
    sheet = openpyxl.load_workbook(made)[FORM]
    assert {a for a in ("F14", "F15") if sheet[a].comment is not None} == {"F14", "F15"}
    assert sheet["F14"].fill.fgColor.rgb == RED
    reading = check_bytes(library_2018(), "a.xlsx", made.read_bytes())
    rules = {finding.rule for finding in reading.findings}
    assert not rules & {"structure.extra_sheet", "structure.has_comments"}
    values = [f for f in reading.findings if f.rule.startswith("value.")]
    assert [(f.rule, f.cells) for f in values] == [
        (f.rule, f.cells) for f in check_bytes(library_2018(), "a.xlsx", wrong()).findings
    ]
    again = annotate(made.read_bytes(), values[:1], HEADING)
    assert problems_of(again) == []
    second = openpyxl.load_workbook(io.BytesIO(again))
    assert second[FORM]["F15"].comment is None
    assert second[FORM]["F15"].fill.fgColor.rgb != RED
