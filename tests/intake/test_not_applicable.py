"""Rows for some kinds of unit: locked for others, never asked, never an answer."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from consolidate.checks.all_checks import check_return
from consolidate.intake.read_file import read_file
from consolidate.model.anchors import LIVE_SHEET
from consolidate.model.data_values import ValueStatus
from consolidate.model.returns import Return
from consolidate.templates.issued import TemplateCache
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from consolidate.xlsx.write.form_styles import LOCKED_FILL
from tests.small_library import COVER, KINDS, UNITS, merged, returned, small_library

LIBRARY = small_library(KINDS)
BANKS_ONLY = frozenset({"kinds.m38", "kinds.m39", "kinds.m40"})
X, GIVEN, BLANK = ValueStatus.NOT_APPLICABLE, ValueStatus.REPORTED, ValueStatus.MISSING


def read(data: bytes) -> Return:
    content = read_file("a.xlsx", data, LIBRARY).content
    assert content is not None
    return content


def answers(content: Return) -> dict[str, tuple[ValueStatus, object]]:
    values = content.data_sets[0].values
    return {v.key.element: (v.status, v.value) for v in values if v.key.column == "value"}


def test_cells_that_do_not_concern_the_unit_are_locked_and_not_asked() -> None:
    data = returned(LIBRARY, UNITS[0], values={"kinds.m36": 5}, not_applicable=BANKS_ONLY)
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    sheet = book["01-PCTN"]
    column = next(cell.column for cell in sheet[1] if cell.value == "value")
    cells = {str(row[0].value): row[column - 1] for row in sheet.iter_rows()}
    for code in ("m38", "m39", "m40"):
        cell = cells[code]
        assert (cell.value, cell.protection.locked) == ("x", True)
        assert cell.fill.fgColor.rgb.endswith(LOCKED_FILL.lstrip("#"))
    assert not cells["m36"].protection.locked
    checked = " ".join(str(rule.sqref) for rule in sheet.data_validations.dataValidation)
    assert checked == cells["m36"].coordinate
    assert book[LIVE_SHEET]["A4"].value == "ĐỦ ĐIỀU KIỆN GỬI"
    content = read(data)
    assert answers(content) == {
        "m36": (GIVEN, Decimal(5)),
        "m38": (X, None),
        "m39": (X, None),
        "m40": (X, None),
    }
    assert not any(value.normalisation for value in content.data_sets[0].values)
    assert check_return(content, LIBRARY) == ()


def test_the_units_that_they_concern_are_asked() -> None:
    content = read(returned(LIBRARY, UNITS[1], values={"kinds.m36": 5, "kinds.m38": 7}))
    assert answers(content) == {
        "m36": (GIVEN, Decimal(5)),
        "m38": (GIVEN, Decimal(7)),
        "m39": (BLANK, None),
        "m40": (BLANK, None),
    }
    assert [(f.rule, f.element) for f in check_return(content, LIBRARY)] == [
        ("kinds.r38_36", "m38"),
        ("value.required", "m39"),
        ("value.required", "m40"),
    ]


def test_blank_zero_and_not_applicable_stay_different_in_the_total(tmp_path: Path) -> None:
    given = {"kinds.m36": 5}
    result = merged(
        LIBRARY,
        tmp_path,
        {
            "S1": returned(LIBRARY, UNITS[0], values=given, not_applicable=BANKS_ONLY),
            "S2": returned(LIBRARY, UNITS[1], values=given | {"kinds.m38": 0}),
            "X1": returned(LIBRARY, UNITS[2], values=given),
        },
    )
    figure = result.tables[0].figure("m38", "value")
    assert figure is not None
    assert (figure.total, figure.counts) == (Decimal(0), {X: 1, GIVEN: 1, BLANK: 1})


@pytest.mark.parametrize(
    ("filled", "problem"),
    [
        ({"not_applicable": frozenset({"kinds.m36"})}, "unknown cell for some kinds of unit"),
        ({"not_applicable": frozenset({"kinds.m99"})}, "unknown cell for some kinds of unit"),
        (
            {"not_applicable": BANKS_ONLY, "values": {"kinds.m38": 1}},
            "unknown answer that is not applicable: kinds.m38",
        ),
    ],
)
def test_what_no_form_says_is_refused(filled: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        returned(LIBRARY, UNITS[0], **filled)


def test_cached_templates_tell_kinds_of_unit_apart() -> None:
    cache = TemplateCache(LIBRARY)
    for number in range(4):
        for crossed in (frozenset[str](), BANKS_ONLY):
            own = {"cover.unit_name": f"Chi nhánh {number}", "cover.unit_code": f"B{number}"}
            prefill = Prefill(
                values=COVER | own,
                unit=f"B{number}",
                serial=f"T{number}",
                seal=f"D{number}",
                not_applicable=crossed,
            )
            made = cache.workbook("thu", prefill)
            assert made == build_template(LIBRARY, "thu", prefill)
