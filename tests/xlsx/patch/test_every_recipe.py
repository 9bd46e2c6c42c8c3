"""Every recipe with other findings goes back to its unit whole, and is read again as it was."""

from __future__ import annotations

import io
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest

from consolidate.definitions.catalogue import sentence
from consolidate.merge.read_files import check_bytes
from consolidate.model.anchors import RETURN_SHEET
from consolidate.model.cells import CellRef
from consolidate.model.reasons import Severity
from consolidate.xlsx.patch.annotate_copy import annotate
from consolidate.xlsx.patch.correction_lines import FILLS, ListHeading
from consolidate.xlsx.patch.xml_places import NotPatched
from tests.library_2018 import library_2018
from tests.recipes.recipe import Recipe, built, first_of_each, recipes
from tests.saved import parts_of
from tests.xlsx.packages import problems_of

HEADING = ListHeading("Sở Nội vụ (S02)", "PCTN 9 tháng đầu năm 2018")
READ = [recipe for recipe in recipes() if recipe.findings and not recipe.reason]
WITH_FINDINGS = [
    # Changed by hand, each a package of its own; of those only filled in, one for each finding.
    *(recipe for recipe in READ if recipe.steps),
    *first_of_each(recipe for recipe in READ if not recipe.steps),
]
CARRIES = {"addins", "connections", "controls", "dde", "hyperlinks", "links", "macros", "objects"}
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}sheet"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
ALWAYS = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}


@pytest.mark.parametrize("recipe", WITH_FINDINGS, ids=lambda recipe: recipe.name)
def test_a_copy_keeps_everything_and_says_more(recipe: Recipe) -> None:
    data = built(recipe.name)
    reading = check_bytes(library_2018(), "tệp.xlsx", data)
    assert reading.content is not None
    if any(finding.rule in {f"structure.has_{kind}" for kind in CARRIES}
           for finding in reading.findings):  # fmt: skip
        with pytest.raises(NotPatched) as problem:
            annotate(data, reading.findings, HEADING)
        assert problem.value.reason == "carries"
        return
    if any(finding.rule == "value.cell_twice" for finding in reading.findings):
        with pytest.raises(NotPatched) as problem:  # Which of the two should be marked?
            annotate(data, reading.findings, HEADING)
        assert problem.value.reason == "strange"
        return
    copy = annotate(data, reading.findings, HEADING)
    again = check_bytes(library_2018(), "tệp.xlsx", copy)
    assert again.content == reading.content
    assert again.findings == reading.findings
    assert problems_of(copy) == []
    assert annotate(copy, again.findings, HEADING) == copy
    _only_marks_changed(data, copy, {cell.sheet for f in reading.findings for cell in f.cells})
    # openpyxl takes long to open a book; and the part "comments" is none that it opens.
    if recipe in WITH_FINDINGS[::3] and "comments" not in recipe.name:
        _marked(data, copy, reading.findings)


def _only_marks_changed(data: bytes, copy: bytes, sheets: set[str]) -> None:
    old, new = parts_of(data), parts_of(copy)
    assert old.keys() <= new.keys()
    names = _sheet_parts(data)
    touched = {names[sheet] for sheet in sheets if sheet in names}
    relations = {f"xl/worksheets/_rels/{part.rpartition('/')[2]}.rels" for part in touched}
    selected = {part for part in names.values() if b"tabSelected" in old[part]}
    changed = {name for name in old if old[name] != new[name]}
    assert changed <= ALWAYS | touched | relations | selected


def _sheet_parts(data: bytes) -> dict[str, str]:
    """Parts of sheets by their names, as the workbook and its relations say."""
    parts = parts_of(data)
    relations = ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    found = {
        sheet.get("name", ""): "xl/" + targets[sheet.get(_RELATION)].removeprefix("/xl/")
        for sheet in ElementTree.fromstring(parts["xl/workbook.xml"]).iter(_SHEET)
    }
    assert set(found.values()) <= parts.keys()
    return found


def _marked(data: bytes, copy: bytes, findings: Any) -> None:
    book = openpyxl.load_workbook(io.BytesIO(copy))
    before = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == [RETURN_SHEET, *before.sheetnames]
    assert [book[name].sheet_state for name in before.sheetnames] == [
        sheet.sheet_state for sheet in before.worksheets
    ]
    wanted: dict[CellRef, Severity] = {}
    for finding in findings:
        for cell in finding.cells if finding.severity in FILLS else ():
            place = _shown(book, cell)
            wanted.setdefault(place, finding.severity)
    assert _noted(book) == set(wanted) | _noted(before)
    for place, severity in wanted.items():
        cell, old = book[place.sheet][place.a1], before[place.sheet][place.a1]
        assert cell.fill.fgColor.rgb == f"FF{FILLS[severity]}"
        for trait in ("number_format", "font", "border", "alignment", "protection"):
            assert repr(getattr(cell, trait)) == repr(getattr(old, trait)), trait
    listing = book.worksheets[0]
    listed = [row for row in listing.iter_rows(values_only=True) if isinstance(row[0], int)]
    assert [(row[6], row[4] or "") for row in listed] == [
        (sentence(f.message), sentence(f.found)) for f in findings
    ]


def _shown(book: Any, cell: CellRef) -> CellRef:
    for area in book[cell.sheet].merged_cells.ranges:
        if cell.a1 in area:
            return CellRef(cell.sheet, area.min_row - 1, area.min_col - 1)
    return cell


def _noted(book: Any) -> set[CellRef]:
    return {
        CellRef(sheet.title, row - 1, column - 1)
        for sheet in book.worksheets
        # Not by rows: a stray cell in the last corner of a sheet makes billions of them.
        for (row, column), cell in sheet._cells.items()  # type: ignore[attr-defined]
        if cell.comment is not None
    }
