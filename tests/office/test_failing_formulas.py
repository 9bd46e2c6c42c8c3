"""A formula that fails is never passed over: the status line says that nothing can be checked.

Programs fail in many ways: a function that they do not have, a name that is gone, a bug. Whatever
helper formula or line answers an error value, one of them or all, the sheet must not say "ready".
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from consolidate.definitions.catalogue import text
from consolidate.model.anchors import LIVE_SHEET
from consolidate.templates.hidden_sheets import HELPER_SHEET, LINES_SHEET
from consolidate.templates.live_formulas import Value
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.library_2018 import library_2018
from tests.office.bridge import OpenOffice

pytestmark = pytest.mark.office

SHEET = LIVE_SHEET
READY = text("template.check.status_good")
UNKNOWN = text("template.check.status_unknown")
TEMPLATES = ("pctn", "cchc")
_STATUS, _LEGEND, _FIRST_LINE = 3, 4, 7
FAILURES = ("1/0", "KHONGCO()")


@pytest.fixture(scope="module")
def ready() -> dict[str, bytes]:
    """Templates that are filled in without a mistake, one row in every open table."""
    made = {}
    for template in TEMPLATES:
        values: dict[str, Value] = {
            "cover.unit_name": "Sở Nội vụ",
            "cover.level": "Cấp tỉnh",
            "cover.period_type": "9 tháng đầu năm" if template == "pctn" else "Quý III",
            "cover.period_year": 2018,
            "cover.window_from": date(2017, 11, 6),
            "cover.window_to": date(2018, 8, 28),
        }
        rows: dict[str, list[dict[str, Value]]] = {}
        if template == "pctn":
            elements = library_2018().by_code["pctn_01"].elements
            values |= {f"pctn_01.{element.code}": 0 for element in elements}
        else:
            for item in library_2018().by_code["cchc_pl3_2"].inputs:
                if item.type.numeric:
                    values[f"cchc_pl3_2.{item.element.code}.{item.column}"] = 0
            row: dict[str, Value] = {"plan": "Kế hoạch", "planned": 2, "done": 1, "doing": 1}
            rows = {"cchc_pl3_1": [row | {"not_done": 0}]}
        made[template] = build_template(library_2018(), template, Prefill(values=values, rows=rows))
    return made


def formulas_of(data: bytes, sheet: str) -> list[str]:
    """Addresses of the formulas of a sheet."""
    cells = (cell for row in openpyxl.load_workbook(io.BytesIO(data))[sheet] for cell in row)
    return [cell.coordinate for cell in cells if cell.data_type == "f"]


def with_failing(data: bytes, failing: set[str] | None, failure: str) -> bytes:
    """The workbook with other formulas in cells of the helper sheet, all of them for ``None``."""
    part = _helper_part(data)

    def put(match: re.Match[str]) -> str:
        if failing is not None and match[2] not in failing:
            return match[0]
        return f"{match[1]}<f>{failure}</f>"

    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                cell = r'(<c r="([A-Z]+\d+)"[^>]*>)<f>[^<]*</f>'
                content = re.sub(cell, put, content.decode()).encode()
            new.writestr(name, content)
    return target.getvalue()


@cache
def _helper_part(data: bytes) -> str:
    number = openpyxl.load_workbook(io.BytesIO(data)).sheetnames.index(HELPER_SHEET) + 1
    return f"xl/worksheets/sheet{number}.xml"


def shown(bridge: OpenOffice, folder: Path, data: bytes) -> tuple[str, str]:
    """Status line and the line below it after a recalculation."""
    path = folder / "tệp.xlsx"
    path.write_bytes(data)
    rows = bridge.recalculated(path, (SHEET,))[SHEET]
    return str(rows[_STATUS][0]), str(rows[_LEGEND][0])


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_whole_workbook_is_ready(template, ready, bridge, tmp_path):
    assert shown(bridge, tmp_path, ready[template]) == (READY, text("template.check.legend"))


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_failing_helper_formulas_are_said_in_the_file(template, failure, ready, bridge, tmp_path):
    """All of them, and one alone; each alone fails in an open workbook below."""
    first, *_, last = formulas_of(ready[template], HELPER_SHEET)
    for failing in (None, {first}, {last}):
        data = with_failing(ready[template], failing, failure)
        assert shown(bridge, tmp_path, data) == (UNKNOWN, text("template.check.unknown"))


@pytest.mark.parametrize("sheet", [HELPER_SHEET, LINES_SHEET, SHEET])
@pytest.mark.parametrize("template", TEMPLATES)
def test_no_failing_formula_is_passed_over(template, sheet, ready, bridge, tmp_path):
    """Every helper formula and every formula of a line, one after another in an open workbook."""
    path = tmp_path / "tệp.xlsx"
    path.write_bytes(ready[template])
    document = bridge.load(path, Hidden=True, MacroExecutionMode=0)
    try:
        passed_over = list(_passed_over(document, sheet, formulas_of(ready[template], sheet)))
    finally:
        document.close(True)
    assert passed_over == []


def first_of_each_kind(addresses: list[str]) -> set[str]:
    """One of each column and of each of the first rows: every kind has its place."""
    chosen: dict[tuple[str, str], str] = {}
    for address in addresses:
        letters, row = re.match(r"([A-Z]+)(\d+)", address).groups()
        chosen.setdefault((letters, row if int(row) < 6 else ""), address)
    return set(chosen.values())


def _passed_over(document: Any, sheet: str, addresses: list[str]) -> Iterator[str]:
    """Addresses of formulas that fail, each kind in both ways, and leave the status as it was."""
    kinds = first_of_each_kind(addresses)
    place = document.Sheets.getByName(sheet)
    place.unprotect("")
    status = document.Sheets.getByName(SHEET).getCellByPosition(0, _STATUS)
    document.calculateAll()
    assert status.getString() == READY
    for address in addresses:
        if sheet == SHEET and int(re.sub("[A-Z]", "", address)) <= _FIRST_LINE:
            continue
        cell = place.getCellRangeByName(address)
        before = cell.getFormula()
        for failure in FAILURES if address in kinds else FAILURES[:1]:
            cell.setFormula(f"={failure}")
            document.calculate()
            if status.getString() != UNKNOWN:
                yield f"{address} {failure}: {status.getString()}"
        cell.setFormula(before)  # Worked out anew together with the next one that fails.
    document.calculate()
    assert status.getString() == READY
