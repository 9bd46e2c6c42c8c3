"""Render the pictures of ``docs/bieu-mau.md``: ``python -m docs.form_pictures``.

Needs LibreOffice (soffice) and poppler (pdftoppm, pdftotext).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.reports.summary import official_bytes
from consolidate.templates.template_build import build_template
from docs.pictures import render
from examples.circular_tables import circular_document
from examples.forms import form_return, library_of

PACK, FAMILY, PERIOD = "tcd-xld", "tcd_xld", "2026-Q1"
UNITS = (
    OrganisationUnit("S01", "Sở Tài chính", Level.PROVINCE, kind=UnitKind.DEPARTMENT),
    OrganisationUnit("S02", "Sở Y tế", Level.PROVINCE, kind=UnitKind.DEPARTMENT),
    OrganisationUnit("X01", "Xã An Bình", Level.COMMUNE, kind=UnitKind.COMMUNE),
)


def main() -> None:
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
    main()
