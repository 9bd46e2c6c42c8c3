"""Choose the rows of a list that are entries; find where it ends and what stands unread below.

A row that adds up the others would double every total of the province. It is known by its words
(``Tổng cộng``), by its formulas (``=SUM(…)`` alone) or, where it has no words, by its arithmetic.
One with a name of its own that happens to add up the others counts, and is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from consolidate.intake.locate_sheets import LocatedSheet, is_signature_line
from consolidate.intake.retyped.headers import numbers_columns
from consolidate.intake.typed_text.typed_numbers import read_number
from consolidate.model.anchors import NUMBER_COLUMN
from consolidate.model.cells import Cell, CellRef, raw_text, some_cells
from consolidate.model.datasets import DataElement, ValueType
from consolidate.model.returns import Anomaly
from consolidate.model.text import format_number, name_key, tidy

_SUM = re.compile(
    r"(tổng( cộng| số| chung)?|t cộng|cộng( dồn| trang| chung)?|lũy kế|luỹ kế|mang sang"
    r"|chuyển sang( trang sau)?|(grand )?total|sum|σ|tc|tong( cong| so)?)"
    r"( \d+| [ivx]+)*"
    r"( (chung|các|toàn|nhiệm vụ|kế hoạch|vụ|vụ việc|văn bản|dòng|mục|tất cả)\b.*)?"
)
_PART = re.compile(r"(trong đó|bao gồm|gồm)\b.*")
_NONE = re.compile(
    r"((trong )?(kỳ|quý|năm|tháng|\d+ tháng|thời gian)\b[\w /]{0,60}? |đơn vị )?"
    r"(không|chưa) (có|phát sinh|xảy ra|phát hiện)\b.*"
)
_IS_SUM = re.compile(
    r"=?\s*(?:(?i:SUM|SUBTOTAL)\s*\([^()]*\)"
    r"|\+?\$?[A-Z]{1,3}\$?\d+(?:\s*\+\s*\$?[A-Z]{1,3}\$?\d+)+)\s*"
)


@dataclass(frozen=True, slots=True)
class _List:
    """A list as its rows are told apart: ``columns`` are its elements where they stand."""

    sheet: LocatedSheet
    columns: Sequence[tuple[DataElement, int]]

    def get(self, row: int, column: int) -> Cell:
        return self.sheet.grid.get(row, column)

    def numbers_columns(self, row: int) -> bool:
        """Whether a row is the head's line of column numbers, copied in among the entries."""
        first = min(column for _, column in self.columns) - 1
        cells = [self.get(row, at) for at in (first, *(column for _, column in self.columns))]
        return "" not in cells and numbers_columns(cells)

    def words(self, row: int) -> str:
        """Find the first text of a row, as a key; the running number is skipped."""
        columns = sorted(column for _, column in self.columns)
        cells = [self.get(row, at) for at in (*range(1, columns[0]), *columns)]
        texts = (name_key(cell) for cell in cells if isinstance(cell, str))
        return next((words for words in texts if words and not words.isdigit()), "")

    def numbers(self, row: int) -> dict[str, Decimal]:
        """Read the figures of a row by element."""
        found = {}
        for element, column in self.columns:
            if element.type.numeric:
                read = read_number(self.get(row, column), element.type)
                if read.figures:
                    found[element.code] = read.figures[0]
        return found

    def total(self, rows: Sequence[int], asked: dict[str, Decimal]) -> dict[str, Decimal]:
        """Add up rows, of the elements that are ``asked``."""
        total = dict.fromkeys(asked, Decimal(0))
        for row in rows:
            for element, number in self.numbers(row).items():
                if element in total:
                    total[element] += number
        return total

    def equals(self, figures: dict[str, Decimal], others: Sequence[Sequence[int]]) -> bool:
        """Whether figures are the totals of several rows, one way or the other."""
        return any(len(rows) > 1 and figures == self.total(rows, figures) for rows in others)

    def adds_up(self, row: int, words: str, kept: Sequence[int], since: Sequence[int]) -> bool:
        """Whether a row adds up those above it, by its words, its formulas or its figures."""
        if not kept:
            return False
        if _SUM.fullmatch(words):
            return True
        figures = self.numbers(row)
        formulas = self.sheet.grid.facts.formulas
        places = [(row, at) for element, at in self.columns if element.code in figures]
        if places and all(at in formulas and _IS_SUM.fullmatch(formulas[at].text) for at in places):
            return not words or (len(places) > 1 and self.equals(figures, (kept, since)))
        if words:
            return False
        if self.sheet.data_set.layout.total_label:
            # Nothing but numbers where texts and marks are asked: printed totals.
            cells = [self.get(row, at) for _, at in self.columns]
            if all(isinstance(cell, float) for cell in cells if cell != ""):
                return True
        return any(figures.values()) and self.equals(figures, (kept, since))

    def is_alike(self, row: int, others: Sequence[Sequence[int]]) -> bool:
        """Whether a row with a name and no more words adds up others, as an entry hardly does."""
        figures = self.numbers(row)
        told = sum(_is_filled(self.get(row, at)) for e, at in self.columns if not e.type.numeric)
        several = sum(number != 0 for number in figures.values()) > 1
        return told == 1 and several and self.equals(figures, others)

    def says_none(self, row: int) -> bool:
        """Whether the only row of a list says that there is nothing to list."""
        cells = [(element, self.get(row, at)) for element, at in self.columns]
        filled = [(element, cell) for element, cell in cells if _is_filled(cell)]
        if len(filled) != 1 or filled[0][0].type is not ValueType.TEXT:
            return False
        words = tidy(raw_text(filled[0][1])).casefold().rstrip(".")
        return _NONE.fullmatch(words) is not None

    def noted(self, kind: str, row: int) -> Anomaly:
        """Note a row with its first text."""
        cells = [
            self.sheet.cell(row, at) for _, at in self.columns if _is_filled(self.get(row, at))
        ]
        first = raw_text(self.get(row, cells[0].column)) if cells else ""
        code = self.sheet.data_set.code
        return Anomaly(kind, code, "", tuple(cells), found=tidy(first)[:100])

    def sum_row(self, row: int, others: Sequence[Sequence[int]]) -> Anomaly:
        """Note what a row of sums says, held against the rows that it may add up."""
        said = self.numbers(row)
        totals = [self.total(rows, said) for rows in others]
        if said in totals:
            return self.noted("sum_row", row)
        wrong = {code: number for code, number in said.items() if number != totals[0][code]}
        cells = tuple(self.sheet.cell(row, at) for e, at in self.columns if e.code in wrong)
        found, expected = (
            "; ".join(format_number(numbers[code]) for code in wrong)
            for numbers in (said, totals[0])
        )
        return Anomaly("sum_row_differs", self.sheet.data_set.code, "", cells, found, expected)


def entries_of(
    sheet: LocatedSheet, columns: Sequence[tuple[DataElement, int]], rows: Sequence[int]
) -> tuple[list[int], list[Anomaly]]:
    """Leave out rows that are no entries, and tell what is to be said about them.

    ``rows`` are the filled ones from the top down.
    """
    table = _List(sheet, columns)
    kept: list[int] = []
    anomalies: list[Anomaly] = []
    since: list[int] = []
    on_top: list[int] = []
    for at, row in enumerate(rows):
        words = table.words(row)
        below = () if kept else rows[at + 1 :]
        if table.numbers_columns(row):
            continue
        if _PART.fullmatch(words) and kept:
            anomalies.append(table.noted("part_row", row))
        elif not kept and _SUM.fullmatch(words):
            on_top.append(row)
        elif table.adds_up(row, words, kept, since):
            anomalies.append(table.sum_row(row, (kept, since)))
            since = []
        else:
            if words and table.is_alike(row, (kept, since, below)):
                anomalies.append(table.noted("like_sum_row", row))
            kept.append(row)
            since.append(row)
    anomalies += [table.sum_row(row, (kept,)) for row in on_top]
    if len(kept) == 1 and table.says_none(kept[0]):
        anomalies.append(table.noted("says_none", kept[0]))
        kept = []
    return kept, anomalies


def _is_filled(cell: Cell) -> bool:
    return cell not in ("", 0) and raw_text(cell).strip() not in ("", "-", "–")


_TOTALS = frozenset({"tổng cộng", "cộng", "tổng", "tổng số", "tổng cộng chung"})
_SIGNATURE_ROWS = 5
"""Rows from the place and day down to the names of those who sign."""
_NUMBER = re.compile(r"\(?(\d{1,4})[.)]*")


def running_number(cell: Cell) -> int | None:
    """Return the running number of a row."""
    match = _NUMBER.fullmatch(raw_text(cell).strip())
    return int(match.group(1)) if match is not None else None


def ends_list(row: list[Cell], running: int | None) -> bool:
    """Tell whether a row is a total, or belongs to the signatures below the table."""
    keys = [name_key(cell) for cell in row if isinstance(cell, str) and cell]
    if running is not None or not keys:
        return False
    if any(key in _TOTALS for key in keys[:2]):
        return True
    return is_signature_line(row)


def unread_below(sheet: LocatedSheet, body: range) -> Iterator[Anomaly]:
    """Entries that a person typed below the body of a list, where none is read.

    Every text in a column of the list is one, above and below the signatures. Among them a row is
    one if it has a running number, or fills two columns with other words than signatures.
    """
    grid, asked = sheet.grid, sheet.data_set.elements
    columns = sorted({sheet.columns[e.code] for e in asked if e.code in sheet.columns})
    number = sheet.columns.get(NUMBER_COLUMN)
    label = name_key(sheet.data_set.layout.total_label)
    found: list[CellRef] = []
    signed: int | None = None
    for row in range(body.stop, len(grid.rows)) if columns else ():
        keys = [name_key(cell) for cell in grid.rows[row] if isinstance(cell, str)]
        cells = [sheet.cell(row, at) for at in columns]
        filled = [c for c in cells if raw_text(grid.get(c.row, c.column)).strip(" .-–_")]
        running = None if number is None else running_number(grid.get(row, number))
        if label and label in keys:  # What it counts is no entry, whatever was typed over it.
            filled = [c for c in filled if not _is_total(grid.get(c.row, c.column), label)]
            found += filled
        elif ends_list(grid.rows[row], running):
            if signed is None and not _TOTALS & set(keys):
                signed = row
        elif (
            signed is None
            or row >= signed + _SIGNATURE_ROWS
            or running is not None
            or len(filled) > 1
        ):
            found += filled
    if found:
        yield Anomaly("not_read", sheet.data_set.code, "", tuple(found), found=some_cells(found))


def _is_total(cell: Cell, label: str) -> bool:
    return not isinstance(cell, str) or name_key(cell) == label or cell.strip()[:1].isdigit()
