"""A template of which a sheet is gone says so in one line, above the cells that show errors."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidate.definitions.catalogue import text
from consolidate.definitions.load import library
from consolidate.forms.build import build_template
from tests.office.office import Office

pytestmark = pytest.mark.office


@pytest.mark.parametrize("gone", ["", "Biểu 01", "Biểu 02"])
def test_a_form_that_is_gone_is_said_in_one_line(gone: str, office: Office, tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(build_template(library(), "pctn")))
    if gone:
        del book[gone]
    book.save(tmp_path / "a.xlsx")
    (saved,) = office.saved_as([tmp_path / "a.xlsx"], "xlsx", tmp_path / "saved")
    sheet = load_workbook(saved, data_only=True)[text("template.check.sheet")]
    said = {cell.value for row in sheet.iter_rows(max_row=7) for cell in row}
    changed, unknown = text("template.check.changed"), text("template.check.status_unknown")
    assert (changed in said, unknown in said) == (bool(gone), bool(gone))
    assert (text("template.check.legend") in said) is not bool(gone)
