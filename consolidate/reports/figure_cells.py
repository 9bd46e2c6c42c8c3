"""Write figures of units into cells; each of the four answers looks different."""

from __future__ import annotations

from decimal import Decimal

from xlsxwriter.format import Format

from consolidate.definitions.catalogue import text
from consolidate.model.corrections import ADJUSTED
from consolidate.model.data_values import DataValue, ValueStatus
from consolidate.model.reasons import Severity
from consolidate.reports.summary_book import Book
from consolidate.xlsx.write.form_styles import number_trait
from consolidate.xlsx.write.linked_sheet import Content, LinkedSheet
from consolidate.xlsx.write.safe_text import clean


class FigureCells:
    """Makes the cells of figures of units; what says the same is made once."""

    def __init__(self, book: Book, sheet: LinkedSheet) -> None:
        self._book = book
        self._sheet = sheet
        self._known: dict[Decimal | ValueStatus, str] = {}
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

    def made(self, value: DataValue | None, mark: Severity | None) -> str:
        """Make the cell of a figure, without its address; ``None``: the form has no such cell."""
        if value is None or mark is not None or value.normalisation:
            return self._sheet.made(*self._shown(value, mark))
        number = value.number
        says = number if number is not None else value.status
        if says is ValueStatus.INVALID or says is ValueStatus.HELD:
            return self._sheet.made(*self._shown(value, mark))
        made = self._known.get(says)
        if made is None:
            made = self._known[says] = self._sheet.made(*self._shown(value, mark))
        return made

    def _shown(self, value: DataValue | None, mark: Severity | None) -> tuple[Content, Format]:
        """Choose what a cell says of a figure and its look."""
        if value is None:
            return None, self._format("absent", ())
        used = value.used
        more = () if mark is None else (mark.value,)
        if ADJUSTED in value.normalisation:
            more = (*more, ADJUSTED)
        if isinstance(used, Decimal):
            return float(used), self._format(number_trait(used), more)
        if value.status is ValueStatus.MISSING:
            return None, self._format("blank", more)
        if value.status is ValueStatus.NOT_APPLICABLE:
            return self._x, self._format("x", more)
        return (clean(value.raw) if value.raw else None), self._format("invalid", more)
