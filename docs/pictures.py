"""Render the pictures of the documentation from real output: ``python -m docs.pictures``.

Needs LibreOffice (soffice) and poppler (pdftoppm, pdftotext).
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from consolidate.definitions.catalogue import text
from consolidate.definitions.loader import shipped_library
from consolidate.merge.merge_inbox import MergeRequest, merge, write_results
from consolidate.model.data_values import FigureKey, PastFigures
from consolidate.model.datasets import Aggregation
from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.province.roster import read_roster
from consolidate.reports.summary import official_bytes
from consolidate.rollup.comparison import Against, compare, previous_of
from consolidate.rollup.result import MergeResult
from consolidate.templates.template_build import build_template
from examples.circular_tables import circular_document
from examples.forms import form_return, library_of

PACK, FAMILY, PERIOD = "tcd-xld", "tcd_xld", "2026-Q1"
UNITS = (
    OrganisationUnit("S01", "Sở Tài chính", Level.PROVINCE, kind=UnitKind.DEPARTMENT),
    OrganisationUnit("S02", "Sở Y tế", Level.PROVINCE, kind=UnitKind.DEPARTMENT),
    OrganisationUnit("X01", "Xã An Bình", Level.COMMUNE, kind=UnitKind.COMMUNE),
)
HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "examples" / "2026"
DPI = 80
_PROVINCE = "TỔNG HỢP KẾT QUẢ VỀ CÔNG TÁC"
"""Words of the title of the first official table."""


def render(workbook: Path, names: Mapping[int | str, str], folder: Path) -> None:
    """Turn pages of a workbook into PNG files of ``docs/images``.

    A page is told by its number from 1, or by words: the first page on which they stand.

    Raises:
        subprocess.CalledProcessError: LibreOffice or poppler failed.
        ValueError: no page has such words.
    """
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*convert, str(workbook)], check=True, capture_output=True)
    pdf = folder / f"{workbook.stem}.pdf"
    for told, name in names.items():
        page = told if isinstance(told, int) else _page_of(pdf, told)
        target = HERE / "images" / name
        pages = ["-f", str(page), "-l", str(page), "-singlefile"]
        subprocess.run(
            ["pdftoppm", "-png", "-r", str(DPI), *pages, str(pdf), str(target)], check=True
        )


def _page_of(pdf: Path, words: str) -> int:
    said = subprocess.run(["pdftotext", str(pdf), "-"], check=True, capture_output=True).stdout
    for number, page in enumerate(said.decode().split("\f"), 1):
        if words in page:
            return number
    message = f"no page of {pdf.name} says: {words}"
    raise ValueError(message)


def beside_earlier_rounds(result: MergeResult) -> MergeResult:
    """The result beside made-up rounds: two thirds of each total before, half of it last year."""
    found = []
    for table in result.tables:
        before = previous_of(table.period, result.library.pack_of[table.data_set.template].periods)
        if before is None or table.data_set.code != "pctn_01":
            continue
        codes = [item.unit.code for item in table.contributions]
        for run, then, share, against in (
            (2, before, Fraction(2, 3), Against.PREVIOUS),
            (1, table.period.last_year, Fraction(1, 2), Against.LAST_YEAR),
        ):
            summed = [item for item in table.figures if item.aggregation is Aggregation.SUM]
            reported = {
                item.unit.code: {
                    (figure.data_set, figure.element.code, figure.column): Decimal(
                        round(Fraction(value.number) * share)
                    )
                    for figure in summed
                    for value in [item.value(figure.element.code, figure.column)]
                    if value is not None and value.number is not None
                }
                for item in table.contributions
            }
            province: dict[FigureKey, Decimal] = {}
            for told in reported.values():
                for key, number in told.items():
                    province[key] = province.get(key, Decimal(0)) + number
            units = {code: PastFigures(then, told, (code,)) for code, told in reported.items()}
            made = compare(table, then, province, units, codes, against, run, reported=reported)
            found.append(made)
    return replace(result, comparisons=tuple(found))


def summary_pictures() -> None:
    """Render the overview, the table of the province, a comparison, and the sheet Kiểm tra."""
    (HERE / "images").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = shipped_library()
        roster = read_roster(EXAMPLE / "roster.xlsx", library.families)
        result = merge(MergeRequest(library, EXAMPLE / "inbox", roster=roster))
        written = write_results(result, folder, EXAMPLE / "inbox")
        render(written["workbook"], {1: "tong-quan", _PROVINCE: "toan-tinh"}, folder)
        beside = beside_earlier_rounds(result)
        written = write_results(beside, folder / "beside", EXAMPLE / "inbox")
        render(written["workbook"], {text("summary.comparison.title"): "so-sanh"}, folder)
        (template,) = (item for item in result.library.templates if item.code == "pctn")
        path = folder / template.file_name
        path.write_bytes(build_template(result.library, template.code))
        render(path, {text("template.check.title"): "pctn-kiem-tra"}, folder)


def form_pictures() -> None:
    """Render tables of a circular in Word, the blank form of one, its page of the province."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        word = folder / "thong-tu.docx"
        word.write_bytes(circular_document())
        render(word, {"02/XLD": "bieu-mau-word"}, folder)
        library = library_of(PACK)
        blank = folder / "trang.xlsx"
        blank.write_bytes(build_template(library.of_pack(PACK, 1), FAMILY))
        render(blank, {"02/XLD": "bieu-mau-trang"}, folder)
        inbox = folder / "inbox"
        inbox.mkdir()
        for unit in UNITS:
            changes = {
                "cover.unit_name": unit.name,
                "cover.level": unit.level.label,
                "tcd_01.1.don_vi": unit.name,
                "xld_02.1.don_vi": unit.name,
            }
            (inbox / f"{unit.code}.xlsx").write_bytes(form_return(PACK, changes))
        roster = Roster.of(UNITS, province="Tỉnh Sông Tiền")
        result = merge(MergeRequest(library, inbox, Period.parse_code(PERIOD), roster))
        signed = folder / "toan-tinh.xlsx"
        made = official_bytes(result)
        assert made is not None
        signed.write_bytes(made)
        render(signed, {"02/XLD": "bieu-mau-toan-tinh"}, folder)


if __name__ == "__main__":
    summary_pictures()
    form_pictures()
