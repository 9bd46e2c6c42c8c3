"""The way from figures of a summary to the cells of files and back, as LibreOffice goes it."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from benchmarks.inbox import make_inbox
from consolidate.definitions.loader import shipped_library
from consolidate.merge.merge_inbox import MergeRequest, merge, write_results
from tests.addin.engines.office import MacroOffice, load_uno

BY_UNIT, TRACE = "Biểu 01 theo đơn vị", "Nguồn 01"
NAMES = ("cấp xã/UBND xã Tân Hội.xlsx", "a'b #1 50% [x] %41.xlsx", "chấm. phẩy;&+= {2}.xlsx")


def place_of(location: str) -> tuple[str, str]:
    """Sheet and address of a link's place."""
    sheet, _, cell = location.rpartition("!")
    return sheet.strip("'"), cell


def clicked(office: MacroOffice, address: str) -> tuple[Any, str, str]:
    """Open what a link leads to: the document, its sheet in front and the selected cell."""
    document = office._desktop.loadComponentFromURL(
        address, "_blank", 0, office.properties({"Hidden": False, "ReadOnly": True})
    )
    name = document.CurrentSelection.AbsoluteName
    return (
        document,
        document.CurrentController.ActiveSheet.Name,
        name.rpartition("$")[0][-1] + (name.rpartition("$")[2]),
    )


def walked(office: MacroOffice, summary: Path, wanted: int) -> int:
    """Go from random figures to their files and back; the number of figures that led there."""
    book = openpyxl.load_workbook(summary)
    figures, trace = book[BY_UNIT], book[TRACE]
    leading = [
        cell
        for row in figures.iter_rows(min_row=9, min_col=5)
        for cell in row
        if cell.hyperlink is not None and isinstance(cell.value, int | float)
    ]
    document = office.load(summary, Hidden=False)
    shown = document.Sheets.getByName(TRACE)
    arrived = 0
    for figure in random.Random(5).sample(leading, wanted):
        sheet, at = place_of(figure.hyperlink.location)
        line = trace[trace[at].row]
        assert (sheet, line[2].value) == (TRACE, figure.value)
        cell = shown.getCellByPosition(5, line[0].row - 1)
        file, name, address = clicked(office, cell.getTextFields().getByIndex(0).URL)
        assert f"{name}!{address}" == line[5].value
        held = file.Sheets.getByName(name).getCellRangeByName(address)
        assert held.Value == figure.value or held.String == str(line[6].value)
        file.close(False)
        assert place_of(line[3].hyperlink.location) == (BY_UNIT, figure.coordinate)
        arrived += 1
    document.close(False)
    return arrived


@pytest.mark.office
def test_figures_lead_to_their_cells_and_back(tmp_path: Path) -> None:
    uno = load_uno()
    if shutil.which("soffice") is None or uno is None:
        pytest.skip("LibreOffice with its bridge is not installed: the links are NOT tried")
    inbox = tmp_path / "hộp thư đến #2"
    inbox.mkdir()
    make_inbox(inbox, len(NAMES))
    for path, name in zip(sorted(inbox.iterdir()), NAMES, strict=True):
        (inbox / name).parent.mkdir(exist_ok=True)
        path.rename(inbox / name)
    result = merge(MergeRequest(shipped_library(), inbox))
    summary = write_results(result, tmp_path / "kết quả", inbox)["workbook"]
    office = MacroOffice(uno, tmp_path)
    try:
        assert walked(office, summary, 12) == 12
    finally:
        office.close()
