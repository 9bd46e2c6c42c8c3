"""Templates in a real office program: pages as planned, recalculated values as cached."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import to_excel

from consolidate.templates.inputs import Guidance
from consolidate.templates.template_build import build_template
from consolidate.xlsx.write.form_styles import open_workbook

pytestmark = pytest.mark.office

Convert = Callable[[dict[str, bytes], str], Path]


@pytest.fixture(scope="module")
def books(library, blank, filled) -> dict[str, bytes]:
    """Blank and filled-in templates by file stem."""
    made = {f"{code}_filled": build_template(library, code, filled[code]) for code in filled}
    return blank | made


@pytest.fixture(scope="module")
def printed(convert: Convert, books) -> Path:
    """Folder of the books as PDF."""
    return convert(books, "pdf")


def test_pages(printed: Path, books):
    if shutil.which("pdfinfo") is None:
        pytest.skip("poppler (pdfinfo) is not installed: page counts are NOT tested")
    pages = {}
    for stem in books:
        shown = subprocess.run(
            ["pdfinfo", "-f", "1", "-l", "99", str(printed / f"{stem}.pdf")],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        sizes = re.findall(r"Page +\d+ size: +([\d.]+) x ([\d.]+)", shown)
        assert {tuple(sorted(round(float(side)) for side in size)) for size in sizes} == {
            (595, 842)
        }
        pages[stem] = "".join("L" if float(w) > float(h) else "P" for w, h in sizes)
    # Cover, guidance, four pages of indicators, one of cases, four of checks; cover, guidance,
    # plans, statistics, four of checks.
    assert pages["pctn"] == pages["pctn_filled"] == "PPPPPPLLLLL"
    assert pages["cchc"] == pages["cchc_filled"] == "PPLLLLLL"


def test_signatures_are_not_alone_on_a_page(printed: Path, books):
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler (pdftotext) is not installed: signatures are NOT tested")
    for stem in books:
        text = subprocess.run(
            ["pdftotext", "-layout", str(printed / f"{stem}.pdf"), "-"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        signed = [page for page in text.split("\f") if "NGƯỜI LẬP BIỂU" in page]
        assert len(signed) == 2
        for page in signed:
            above, below = page.split("NGƯỜI LẬP BIỂU")
            assert "(Ký, ghi rõ họ tên)" in below
            assert re.search(r"ngày .* tháng .* năm", above)
            assert len(re.findall(r"^ *\d[\d.]*\b", above, re.MULTILINE)) >= 2


def test_recalculated_values_are_the_cached_ones(convert: Convert, books):
    again = convert({stem: without_cached_values(data) for stem, data in books.items()}, "xlsx")
    for stem, data in books.items():
        ours = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(data))
        theirs = openpyxl.load_workbook(again / f"{stem}.xlsx", data_only=True)
        count = 0
        for sheet in formulas:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type != "f":
                        continue
                    count += 1
                    mine, found = (
                        _number(book[sheet.title][cell.coordinate].value) for book in (ours, theirs)
                    )
                    assert found == mine
        assert count >= 300


def _number(value: object) -> object:
    """A day as the number that it is: one that is worked out anew is shown as a day."""
    return to_excel(value) if isinstance(value, datetime) else value or ""


def test_defined_names_survive_a_save_by_libreoffice(convert: Convert, blank):
    again = convert(blank, "xlsx")
    for stem, data in blank.items():
        ours = openpyxl.load_workbook(io.BytesIO(data)).defined_names
        theirs = openpyxl.load_workbook(again / f"{stem}.xlsx").defined_names
        assert set(ours) == set(theirs)


def test_checks_take_numbers_and_x_and_refuse_the_rest(convert: Convert):
    answers = [0, 5, 1.5, -1, "x", "X ", "abc", "", "1.819/134"]
    rules = [
        Guidance("count", "count", Decimal(0)),
        Guidance("number", "money", Decimal(0)),
    ]
    target = io.BytesIO()
    workbook = open_workbook(target)
    sheet = workbook.add_worksheet("Thử")
    for row, answer in enumerate(answers):
        for index, rule in enumerate(rules):
            at = 2 * index
            if isinstance(answer, str):
                sheet.write_string(row, at, answer)
            else:
                sheet.write_number(row, at, answer)
            sheet.write_formula(row, at + 1, rule.options(row, at)["value"], None, 0)
    workbook.close()
    folder = convert({"checks": without_cached_values(target.getvalue())}, "xlsx")
    made = openpyxl.load_workbook(folder / "checks.xlsx", data_only=True)["Thử"]
    taken = [
        [row for row in range(len(answers)) if made.cell(row + 1, column).value]
        for column in (2, 4)
    ]
    assert [[answers[row] for row in rows] for rows in taken] == [
        [0, 5, "x", "X "],
        [0, 5, 1.5, "x", "X "],
    ]


def without_cached_values(data: bytes) -> bytes:
    """The workbook with formulas only, so that the office program must compute them."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("xl/worksheets/"):
                part = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", part)
            new.writestr(name, part)
    return target.getvalue()
