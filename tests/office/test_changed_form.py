"""A template of which a sheet is gone says so in one line, above the cells that show errors.

One of which only the hidden codes are gone still checks what is typed.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidate.definitions.catalogue import text
from consolidate.model.anchors import LIVE_SHEET
from consolidate.templates.template_build import build_template
from tests.library_2018 import library_2018
from tests.office.bridge import OpenOffice
from tests.recipes.recipe import built

pytestmark = pytest.mark.office

CHANGED = {text("template.check.unknown"), text("template.check.status_unknown")}
CHECKED = {text("template.check.legend")}


@pytest.mark.parametrize("gone", ["", "Bìa", "Biểu 01", "Biểu 02"])
def test_a_form_that_is_gone_is_said_in_one_line(
    gone: str, bridge: OpenOffice, tmp_path: Path
) -> None:
    book = load_workbook(io.BytesIO(build_template(library_2018(), "pctn")))
    if gone:
        del book[gone]
    book.save(tmp_path / "a.xlsx")
    assert _said(tmp_path / "a.xlsx", bridge) == (CHANGED if gone else CHECKED)


@pytest.mark.parametrize(
    "recipe",
    [
        "one sheet lost all its marks",
        "code row deleted",
        "code column deleted",
        "code column of an open table deleted",
    ],
)
def test_a_form_without_its_codes_is_still_checked(
    recipe: str, bridge: OpenOffice, tmp_path: Path
) -> None:
    (tmp_path / "a.xlsx").write_bytes(built(recipe))
    assert _said(tmp_path / "a.xlsx", bridge) == CHECKED


def _said(book: Path, bridge: OpenOffice) -> set[str]:
    """Which of the words for a changed form and for a whole one stand at the top of the sheet."""
    rows = bridge.recalculated(book, (LIVE_SHEET,))[LIVE_SHEET]
    return {str(cell) for row in rows[:7] for cell in row} & (CHANGED | CHECKED)
