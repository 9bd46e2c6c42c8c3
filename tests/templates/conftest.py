"""What the tests of the templates share: the library, a filled-in example, LibreOffice."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl import Workbook

from consolidate.model.datasets import Library
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.library_2018 import library_2018 as load
from tests.office.office import Office

COVER = {
    "cover.unit_name": "Sở Thông tin và Truyền thông",
    "cover.unit_code": "S01",
    "cover.level": "Cấp tỉnh",
    "cover.period_year": 2018,
    "cover.window_from": date(2017, 11, 6),
    "cover.window_to": date(2018, 8, 28),
    "cover.revision": 1,
    "cover.officer": "Người lập biểu mẫu",
    "cover.place": "Tiền Giang",
    "cover.date": date(2018, 8, 31),
    "cover.signatory_title": "KT. Giám đốc",
    "cover.signatory_title_2": "Phó Giám đốc",
    "cover.signatory": "Người ký mẫu",
    "cover.report_number": "1183/BC-STTTT",
    "cover.report_date": date(2018, 9, 5),
}
"""A cover as a unit fills it in."""


@pytest.fixture(scope="session")
def library() -> Library:
    return load()


@pytest.fixture(scope="session")
def filled(library: Library) -> dict[str, Prefill]:
    """Both templates filled in as the returns of 2018 were, by template code."""
    pctn = {"cover.period_type": "9 tháng đầu năm"}
    pctn |= {f"pctn_01.{element.code}": 0 for element in library.by_code["pctn_01"].elements}
    pctn |= {"pctn_01.c3": 121, "pctn_01.c4": "03", "pctn_01.c9": "01", "pctn_01.c15": 1556.3}
    pctn |= {"pctn_01.c16": 969, "pctn_01.c28": "100%"}
    cchc = {"cover.period_type": "Quý III"}
    for row, figures in {
        "r1": (241, 19, 116, 106),
        "r3": (28, 19, 9),
        "r5": ("1.819/134", "1.457", "223", "136"),
        "r5_4": (203, 117, 86, 0),
    }.items():
        columns = ("total", "province", "district", "commune")
        cchc |= {f"cchc_pl3_2.{row}.{c}": f for c, f in zip(columns, figures, strict=False)}
    cases = [{"number": f"0{n}", "name": 0, "summary": "//"} for n in (1, 2, 3)]
    plan = {
        "plan": "Kế hoạch ứng dụng công nghệ thông tin trong hoạt động của cơ quan nhà nước",
        "issued": date(2017, 12, 28),
        "planned": "21 nhiệm vụ",
        "done": "- 05 đã thực hiện - 16 nhiệm vụ đang thực hiện - 01 chưa thực hiện",
    }
    return {
        "pctn": Prefill(
            values=COVER | pctn,
            rows={"pctn_02": cases},
            windows={"pctn_02": "(Số liệu tính từ ngày 06/11/2017 đến 25/5/2018)"},
        ),
        "cchc": Prefill(values=COVER | cchc, rows={"cchc_pl3_1": [plan]}),
    }


@pytest.fixture(scope="session")
def blank(library: Library) -> dict[str, bytes]:
    """Blank templates by code."""
    return {spec.code: build_template(library, spec.code) for spec in library.templates}


@pytest.fixture(scope="session")
def opened(blank: dict[str, bytes]) -> dict[str, Workbook]:
    """Blank templates as openpyxl sees them."""
    return {code: openpyxl.load_workbook(io.BytesIO(data)) for code, data in blank.items()}


@pytest.fixture(scope="session")
def convert(
    office: Office, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[dict[str, bytes], str], Path]:
    """Convert workbooks (by stem of an .xlsx) with LibreOffice; gives the folder of the results."""

    def run(books: dict[str, bytes], to: str) -> Path:
        folder = tmp_path_factory.mktemp("office")
        paths = [folder / f"{stem}.xlsx" for stem in books]
        for path, data in zip(paths, books.values(), strict=True):
            path.write_bytes(data)
        office.saved_as(paths, to, folder / "out")
        return folder / "out"

    return run
