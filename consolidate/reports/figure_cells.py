"""Figures of units in cells: each of the four answers looks like itself, wherever it stands."""

from __future__ import annotations

from decimal import Decimal

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from consolidate.definitions.catalogue import text
from consolidate.model.corrections import ADJUSTED
from consolidate.model.data_values import DataValue, ValueStatus
from consolidate.model.findings import Severity
from consolidate.reports.summary_book import Book
from consolidate.xlsx.write.form_styles import number_trait


class FigureCells:
    """Writes figures of units into one sheet; formats are looked up by what they show."""

    def __init__(self, book: Book, sheet: Worksheet) -> None:
        self._book = book
        self._sheet = sheet
        self._number = sheet.write_number
        self._x = text("summary.not_applicable")
        self._formats: dict[tuple[str, tuple[str, ...]], Format] = {}

    def _format(self, kind: str, more: tuple[str, ...]) -> Format:
        made = self._formats.get((kind, more))
        if made is None:
            traits = {
                "blank": ("cell", "blank"),
                "absent": ("cell", "absent"),
                "x": ("cell", "center"),
                "invalid": ("cell", "red", "small", "center"),
            }.get(kind, ("cell", "right", kind))
            made = self._formats[kind, more] = self._book.look.of(*traits, *more)
        return made

    def write(self, row: int, column: int, value: DataValue | None, mark: Severity | None) -> None:
        """Write one figure; ``None`` means that the unit's form has no such cell."""
        if value is None:
            self._sheet.write_blank(row, column, None, self._format("absent", ()))
            return
        used = value.used
        more = () if mark is None else (mark.value,)
        if ADJUSTED in value.normalisation:
            more = (*more, ADJUSTED)
        if isinstance(used, Decimal):
            self._number(row, column, float(used), self._format(number_trait(used), more))
        elif value.status is ValueStatus.MISSING:
            self._sheet.write_blank(row, column, None, self._format("blank", more))
        elif value.status is ValueStatus.NOT_APPLICABLE:
            self._sheet.write_string(row, column, self._x, self._format("x", more))
        else:
            self._book.put(self._sheet, row, column, value.raw, self._format("invalid", more))
