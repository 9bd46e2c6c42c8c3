"""Write the list "Cần sửa" as a workbook, for files that cannot be copied and marked."""

from __future__ import annotations

from collections.abc import Iterable

from consolidate.model.anchors import RETURN_SHEET
from consolidate.model.findings import Finding
from consolidate.province.kept_table import KeptColumn, KeptTable, write_kept_tables
from consolidate.xlsx.patch.correction_lines import (
    COLUMNS,
    WIDTHS,
    ListHeading,
    caption,
    head_texts,
    lines_of,
)
from consolidate.xlsx.write.form_styles import COUNT_FORMAT, TEXT_FORMAT

_CENTRED = ("number", "severity", "sheet", "cell")


def list_workbook(findings: Iterable[Finding], heading: ListHeading) -> bytes:
    """Write findings as an .xlsx file (A4 landscape); equal ones give equal bytes."""
    lines = lines_of(findings)
    title, *head = head_texts(heading, lines, copy=False, left_out=0)
    return write_kept_tables(
        KeptTable(
            sheet=RETURN_SHEET,
            title=title,
            guidance="\n".join(head),
            columns=tuple(
                KeptColumn(
                    caption(name),
                    round(width),
                    "",
                    center=name in _CENTRED,
                    format=COUNT_FORMAT if name == "number" else TEXT_FORMAT,
                )
                for name, width in zip(COLUMNS, WIDTHS, strict=True)
            ),
            rows=[(line.number, *line.texts) for line in lines],
            blanks=0,
            frozen=1,
        )
    )
