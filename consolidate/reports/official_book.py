"""Write the workbook that is signed and goes up: every official table, values alone."""

from __future__ import annotations

from io import BytesIO

from consolidate.definitions.catalogue import text
from consolidate.model.datasets import Shape
from consolidate.reports.matrix import matrix
from consolidate.reports.open_lists import write_list
from consolidate.reports.province_sheet import write_province
from consolidate.reports.summary_book import Book
from consolidate.reports.summary_sheets import Plan, SetSheets, plan
from consolidate.rollup.result import MergeResult
from consolidate.xlsx.write.files import UNSEALED, sealed
from consolidate.xlsx.write.form_styles import Styles, open_workbook
from consolidate.xlsx.write.linked_sheet import LinkedSheet


def official_bytes(result: MergeResult) -> bytes | None:
    """Write the official tables of the province as an .xlsx file.

    Sheets are named as in the templates. Reports in words are not among them: they are no tables.
    ``None`` when nobody owes or returned a table. Equal results give equal bytes. It tells
    later whether a person changed it (:func:`consolidate.xlsx.write.files.write_unless_edited`).
    """
    tables = [part.table for part in plan(result).sets if not part.table.data_set.narrative]
    if not tables:
        return None
    sets = tuple(SetSheets(table, province=table.data_set.sheet) for table in tables)
    stream = BytesIO()
    workbook = open_workbook(
        stream,
        title=text("summary.official.title"),
        subject=text("summary.period", period=result.period.label),
        author=text("summary.author"),
    )
    workbook.set_custom_property("consolidate", f"consolidate:{UNSEALED}")
    book = Book(
        workbook=workbook,
        result=result,
        library=result.library,
        plan=Plan("", sets, "", "", ""),
        inbox_link=None,
        look=Styles(workbook),
        signed=Styles(workbook, signed=True),
        sheets={part.province: workbook.add_worksheet(part.province, LinkedSheet) for part in sets},
        live=False,
    )
    for part in sets:
        if part.table.data_set.shape is Shape.OPEN:
            write_list(book, part)
        else:
            write_province(book, part, matrix(part.table, result.levels))
    workbook.close()
    return sealed(stream.getvalue())
