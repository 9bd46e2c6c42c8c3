"""Write every value of a run as one flat table, for other programs: CSV, xlsx, Parquet, SDMX-CSV.

One row is one value of one unit. pandas makes the files; it is imported by who asks for one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from consolidate.model.data_values import ValueStatus
from consolidate.model.datasets import Library, Shape
from consolidate.model.period import Period, PeriodType
from consolidate.reports.redaction import without_words
from consolidate.rollup.figure_trace import CountedFile, TraceLine
from consolidate.xlsx.write.atomic_files import CREATED
from consolidate.xlsx.write.safe_text import clean, clean_whole

if TYPE_CHECKING:
    import pandas as pd


class TableFormat(StrEnum):
    """Formats of the table. ``SDMX`` is SDMX-CSV 2.0 (sdmx.org): numbers only."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    SDMX = "sdmx"

    @property
    def ending(self) -> str:
        """How the names of such files end."""
        return ".sdmx.csv" if self is TableFormat.SDMX else f".{self.value}"


class ValueRow(NamedTuple):
    """One value of one unit.

    ``value`` is the number that is used, ``text`` a day (ISO 8601) or an answer in words; ``raw``
    is what the unit typed. ``period`` is that of the table, ``row`` the row of an open one (1 and
    up). ``adjusted``: a decision put another value in the place of the unit's. ``added``: the unit
    is one whose figures are in the totals.
    """

    period: str
    pack: str
    data_set: str
    element: str
    number: str
    label: str
    column: str
    row: int
    unit: str
    unit_name: str
    level: str
    kind: str
    parent: str
    status: str
    value: Decimal | None
    text: str
    unit_of_measure: str
    raw: str
    adjusted: bool
    added: bool
    file: str
    sheet: str
    cell: str


def values_table(
    files: Iterable[CountedFile],
    library: Library,
    asked: Period,
    *,
    lists: bool = False,
    redact: bool = False,
) -> tuple[ValueRow, ...]:
    """List the values of a run, by form, figure, unit and file.

    Open tables hold names of persons and cases: they are left out without ``lists``. With
    ``redact`` words of units are covered (:mod:`consolidate.reports.redaction`). ``files`` are the
    returns that count, ``asked`` is the period of the round.
    """
    keys = ((form.code, element.code) for form in library.data_sets for element in form.elements)
    place = {key: at for at, key in enumerate(keys)}
    found = []
    for line in (line for file in files for line in file.lines()):
        key = line.value.key
        at, form = place.get(key[:2]), library.by_code.get(key.data_set)
        if at is None or form is None or not (lists or form.shape is Shape.FIXED):
            continue
        value, used = line.value, line.used
        if redact:
            value, used = without_words(value, form), without_words(used, form)
        row = _row(replace(line, value=value, used=used), library, asked)
        found.append(((at, line.unit.code, line.file, key.row), row))
    found.sort(key=lambda item: item[0])
    return tuple(row for _, row in found)


def _row(line: TraceLine, library: Library, asked: Period) -> ValueRow:
    key, used, unit = line.value.key, line.used, line.unit
    data_set = library.by_code[key.data_set]
    element = data_set.by_code[key.element]
    second = bool(element.second) and key.column == element.second
    said = used.used
    return ValueRow(
        period=data_set.period_in(asked).code,
        pack=library.pack_of[data_set.template].code,
        data_set=key.data_set,
        element=key.element,
        number=element.number,
        label=element.second_label if second else element.label,
        column=key.column,
        row=key.row,
        unit=unit.code,
        unit_name=unit.name,
        level=unit.level.value,
        kind=unit.kind.value,
        parent=unit.parent,
        status=used.status.value,
        value=used.number,
        text=said.isoformat() if isinstance(said, date) else said if isinstance(said, str) else "",
        unit_of_measure=element.second_unit if second else element.unit,
        raw=line.value.raw,
        adjusted=line.adjustment is not None,
        added=line.summed,
        file=line.file,
        sheet=line.value.cell.sheet,
        cell=line.value.cell.a1,
    )


def write_table(rows: Sequence[ValueRow], kind: TableFormat) -> bytes:
    """Write the table in a format; the same rows give the same bytes.

    Raises:
        ImportError: Parquet needs pyarrow (``pip install consolidate[parquet]``).
    """
    match kind:
        case TableFormat.CSV:
            # Excel reads UTF-8 only with the mark in front.
            frame = _frame(rows, "{:f}".format, _harmless)
            return frame.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")
        case TableFormat.SDMX:
            return _sdmx_frame(rows).to_csv(index=False, lineterminator="\r\n").encode()
        case TableFormat.XLSX:
            return _xlsx(_frame(rows, float, clean))
        case _:
            buffer = io.BytesIO()
            _frame(rows, float, clean_whole).to_parquet(buffer, engine="pyarrow", index=False)
            return buffer.getvalue()


_ACTING = re.compile(r"[=+@\t-]")
_NUMBER = re.compile(r"[+-]?[0-9.,]+")


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula when it opens the file."""
    shown = clean(text)
    if _ACTING.match(shown) is not None and _NUMBER.fullmatch(shown) is None:
        return f"'{shown}"
    return shown


def _frame(
    rows: Sequence[ValueRow], number: Callable[[Decimal], str | float], words: Callable[[str], str]
) -> pd.DataFrame:
    """Make the table of the rows, numbers and texts as a format takes them."""
    import pandas as pd

    def told(item: object) -> object:
        if isinstance(item, str):
            return words(item)
        return number(item) if isinstance(item, Decimal) else item

    return pd.DataFrame([list(map(told, row)) for row in rows], columns=list(ValueRow._fields))


def _xlsx(frame: pd.DataFrame) -> bytes:
    import pandas as pd

    buffer = io.BytesIO()
    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs={"options": as_text}) as writer:
        writer.book.set_properties({"created": CREATED})
        frame.to_excel(writer, sheet_name="values", index=False, freeze_panes=(1, 0))
        sheet = writer.sheets["values"]
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
        sheet.autofit()
    return buffer.getvalue()


_NO_LETTER = re.compile(r"[^A-Za-z0-9_]")
"""What may not stand in an identifier of SDMX."""
_NONE = "_Z"
"""What SDMX writes for a dimension that does not apply."""
_STATUS = {
    ValueStatus.REPORTED.value: "A",
    ValueStatus.MISSING.value: "O",
    ValueStatus.NOT_APPLICABLE.value: "M",
    ValueStatus.INVALID.value: "L",
    ValueStatus.HELD.value: "Q",
}
"""Code list CL_OBS_STATUS of SDMX: normal, missing, cannot exist, not collected, suppressed."""


def _sdmx_frame(rows: Sequence[ValueRow]) -> pd.DataFrame:
    """Lay the numbers out as SDMX-CSV 2.0: one data flow a pack, a dimension for each key."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "STRUCTURE": "dataflow",
                "STRUCTURE_ID": f"CONSOLIDATE:{_NO_LETTER.sub('_', row.pack).upper()}(1.0)",
                "ACTION": "I",
                "ORG_UNIT": row.unit,
                "DATA_SET": row.data_set,
                "ELEMENT": row.element,
                "COLUMN": row.column or _NONE,
                "ROW": str(row.row) if row.row else _NONE,
                "TIME_PERIOD": _time(row.period),
                "OBS_VALUE": "" if row.value is None else f"{row.value:f}",
                "OBS_STATUS": _STATUS[row.status],
                "UNIT_MEASURE": _harmless(row.unit_of_measure),
                "ADDED": "true" if row.added else "false",
            }
            for row in rows
            if not row.text
        ]
    )


def _time(code: str) -> str:
    """A period as SDMX writes time: ``2026-Q3``, ``2026``, or a range from the first of January."""
    period = Period.parse_code(code)
    if period.type is PeriodType.YEAR:
        return str(period.year)
    until = f"01-01/P{period.type.round * 3}M" if period.cumulative else period.type.value
    return f"{period.year}-{until}"
