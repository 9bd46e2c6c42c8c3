"""Write reports in words of all units, item by item: "đơn vị: nội dung", equal texts once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from consolidate.definitions.catalogue import text
from consolidate.model.anchors import NUMBER_COLUMN
from consolidate.model.cells import CellRef
from consolidate.model.corrections import ADJUSTED
from consolidate.model.datasets import DataElement, Heading
from consolidate.reports.beside_figures import write_notes_beside
from consolidate.reports.official_sheet import (
    finish,
    notes_of,
    official_head,
    official_page,
    warning_of,
)
from consolidate.reports.summary_book import Book, cells_told
from consolidate.reports.summary_sheets import SetSheets
from consolidate.rollup.not_added_up import ItemTexts, Said, texts_by_item
from consolidate.rollup.totals import Contribution
from consolidate.templates.columns import SheetColumn, SheetColumns
from consolidate.templates.fixed_table import write_table_header
from consolidate.templates.form_page import Page
from consolidate.xlsx.write.form_styles import ADJUSTED_LOOK, TABLE_SIZE
from consolidate.xlsx.write.measure import lines_needed, row_height
from consolidate.xlsx.write.safe_text import clean, clean_whole

_UNIT, _TEXT = "_unit", "_text"
_MOST_LINES = 11
"""Lines of one row; a longer text goes on in the next, so that pages fill up (Excel allows 26)."""
_LEAST = 18.0


def write_narrative(book: Book, part: SetSheets) -> None:
    """Fill the sheet of a report in words, a row for every text that some unit gave."""
    data_set = part.table.data_set
    number = data_set.layout.number_header
    columns = SheetColumns(
        (
            SheetColumn(NUMBER_COLUMN, number, data_set.layout.number_width),
            SheetColumn(_UNIT, text("summary.list.unit"), 24),
            SheetColumn(_TEXT, text("summary.notes.text"), 66),
        ),
        0,
    )
    page = official_page(book, part.province, columns)
    top = official_head(book, page, part.table)
    header = write_table_header(page, top)
    writer = _Writer(book, part, page, header)
    items: dict[str, list[ItemTexts]] = {}
    for found in texts_by_item(part.table):
        items.setdefault(found.element.code, []).append(found)
    headings = []
    for item in data_set.body:
        if isinstance(item, Heading):
            style = page.styles.named("subsection" if item.subsection else "section")
            headings.append(writer.across("", item.label, style, bold=not item.subsection))
            continue
        headings.append(writer.item(item))
        for each in items[item.code]:
            writer.texts(each)
    repeat = (header, header)
    finish(book, page, writer.row, part.table, repeat, tuple(headings))
    at = columns.last + 2
    told = notes_of(part.table)
    write_notes_beside(book, page, at, warning_of(part.table), told, header)


class _Writer:
    """Writes rows from the top down; ``row`` is the last one."""

    def __init__(self, book: Book, part: SetSheets, page: Page, row: int) -> None:
        self._book = book
        self._part = part
        self._page = page
        self._room = page.columns.span(2, 2)
        self._told = cells_told(part.table.contributions)
        self.row = row

    def across(self, number: str, label: str, style: Any, *, bold: bool) -> int:
        """Write a line over the columns behind the number; returns its row."""
        self.row += 1
        page, columns = self._page, self._page.columns
        self._book.put(page.sheet, self.row, 0, number, page.styles.named("center", bold=bold))
        page.merge(self.row, 1, columns.last, label, style)
        lines = lines_needed(label, columns.span(1, columns.last), TABLE_SIZE, bold=bold)
        page.set_height(self.row, max(_LEAST, row_height(lines, TABLE_SIZE)))
        return self.row

    def item(self, element: DataElement) -> int:
        """Write what the texts below are asked; returns its row."""
        style = self._page.styles.named("cell", bold=True)
        return self.across(element.number, element.label, style, bold=True)

    def texts(self, found: ItemTexts) -> None:
        """Write the texts of an item, then who gave none."""
        for said in found.said:
            self._said(said)
        if found.element.required:
            self._none("blank", found.blank)
        self._none("unread", found.unread)
        if not found.said and not (found.blank and found.element.required) and not found.unread:
            self._rows("", (text("summary.narrative.nobody"),), {"italic": True})

    def _said(self, said: Said) -> None:
        first, record = said.values[0], said.items[0].record
        more = ADJUSTED_LOOK if any(ADJUSTED in v.normalisation for v in said.values) else {}
        place = CellRef(self._part.province, self.row + 1, 2)
        for item, value in zip(said.items, said.values, strict=True):
            if value.cell in self._told[item.record.name]:
                self._book.places.setdefault((item.record.name, value.cell), place)
        alone = len(said.items) == 1
        target = self._book.file_target(record, first.cell) if alone else None
        self._shared(said.items, said.text, more, target)

    def _none(self, key: str, items: Sequence[Contribution]) -> None:
        if items:
            self._shared(items, text(f"summary.narrative.{key}"), {"italic": True})

    def _shared(
        self,
        items: Sequence[Contribution],
        told: str,
        more: dict[str, Any],
        target: str | None = None,
    ) -> None:
        """Write what one unit or several say; of several it names all behind the text."""
        unit = items[0].unit.name
        if len(items) > 1:
            unit = text("summary.narrative.several", count=len(items))
            units = "; ".join(item.unit.name for item in items)
            told = text("summary.narrative.same", text=told, units=units)
        parts = tuple(pieces(clean_whole(told), self._room, _MOST_LINES))
        self._rows(unit, parts, more, target)

    def _rows(
        self, unit: str, parts: Sequence[str], more: dict[str, Any], target: str | None = None
    ) -> None:
        """Write one text, in several rows when it is long."""
        page, sheet = self._page, self._page.sheet
        top = {"valign": "top"}
        cell = page.styles.named("cell", **top, **more)
        for index, part in enumerate(parts):
            self.row += 1
            name = text("summary.narrative.goes_on", unit=unit) if index else unit
            sheet.write_blank(self.row, 0, None, page.styles.named("cell", **top))
            if target is not None and not index and self._book.has_room(sheet):
                link = page.styles.named("cell", **top, font_color="#0000FF", underline=1)
                sheet.write_url(self.row, 1, target, link, clean(name))
            else:
                self._book.put(sheet, self.row, 1, name, page.styles.named("cell", **top))
            self._book.put(sheet, self.row, 2, part, cell)
            lines = lines_needed(part, self._room, TABLE_SIZE)
            lines = max(lines, lines_needed(clean(name), page.columns.span(1, 1), TABLE_SIZE))
            page.set_height(self.row, max(_LEAST, row_height(lines, TABLE_SIZE)))


def pieces(told: str, room: float, most: int) -> Iterator[str]:
    """Cut a text where words end into parts that take at most so many lines of a column.

    ``room`` is the width of the column in points. The parts hold all words in their order.
    """
    now = ""
    for paragraph in told.split("\n"):
        for part in _cut(paragraph, room, most):
            longer = f"{now}\n{part}" if now else part
            if now and lines_needed(longer, room, TABLE_SIZE) > most:
                yield now
                longer = part
            now = longer
    yield now


def _cut(paragraph: str, room: float, most: int) -> Iterator[str]:
    words = paragraph.split(" ")
    start = 0
    while start < len(words):
        least, end = start + 1, len(words)
        while least < end:  # The most words that fit; one alone always stands.
            middle = (least + end + 1) // 2
            fits = lines_needed(" ".join(words[start:middle]), room, TABLE_SIZE) <= most
            least, end = (middle, end) if fits else (least, middle - 1)
        yield " ".join(words[start:least])
        start = least
