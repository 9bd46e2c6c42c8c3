"""The ribbon's "Kiểm tra sổ đang mở" says of every finding what ``consolidate check`` says.

What the check says of each single recipe is asked in ``tests/recipes``; here it is shown.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl.utils.cell import rows_from_range

from addin.buttons.check_button import read_listing
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.xlsx.write.safe_text import clean
from tests.addin.conftest import Excel
from tests.recipes.recipe import Recipe, built, first_of_each, recipes

Finding = dict[str, str]
"""A finding as the command prints it."""
COLOURS = {"error": (255, 199, 206), "warning": (255, 235, 156)}


SHOWN = first_of_each(recipes())
LIVE = 8
"""One in so many of them on a live spreadsheet, too, where opening a workbook takes a second."""
CASES = [
    *(pytest.param("file", one, id=f"file-{one.name}") for one in SHOWN),
    *(
        pytest.param("live", one, id=f"live-{one.name}", marks=pytest.mark.office)
        for one in SHOWN[::LIVE]
    ),
]


@pytest.mark.parametrize(("excel", "recipe"), CASES, indirect=["excel"])
def test_ribbon_and_command_line_agree(
    recipe: Recipe, excel: Excel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tệp.xlsx"
    path.write_bytes(built(recipe.name))
    main(["check", "--json", str(path)])
    (file,) = json.loads(capsys.readouterr().out)["files"]
    book = excel.open(path)
    before = {sheet.name for sheet in book.sheets}
    excel.press("check")
    if file["template"] is None:
        assert file["reason"] in excel.alerts[-1]
        assert {sheet.name for sheet in book.sheets} == before
        return
    (name,) = {sheet.name for sheet in book.sheets} - before
    rows = read_listing(book.sheets[name])
    assert [
        (row.severity, row.sheet, row.address, row.found, row.expected, row.message) for row in rows
    ] == [_as_listed(finding) for finding in file["findings"]]
    tinted = [(tint.cell.sheet, tint.cell.a1) for row in rows for tint in row.tints]
    coloured = {cell: book.sheets[cell[0]].range(cell[1]).color for cell in tinted}
    assert coloured == _colours(file["findings"])
    assert len(coloured) == len(tinted)


def _as_listed(finding: Finding) -> tuple[str, ...]:
    words = ("sheet", "cells", "found", "expected", "message")
    severity = text(f"terms.severity.{finding['severity']}")
    return (severity, *(clean(finding[word]) for word in words))


def _colours(findings: list[Finding]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Cells named by findings; one named by several has the colour of the worst."""
    found: dict[tuple[str, str], tuple[int, int, int]] = {}
    for severity in ("warning", "error"):
        for finding in findings:
            if finding["severity"] == severity:
                areas = finding["cells"].split(", ") if finding["cells"] else []
                cells = (cell for area in areas for row in rows_from_range(area) for cell in row)
                found |= {(finding["sheet"], cell): COLOURS[severity] for cell in cells}
    return found
