"""Tables that an officer keeps by hand in a workbook: header row, fields of a row, days.

Which columns a table has stands in :mod:`consolidate.province.book_columns`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path

from python_calamine import CalamineSheet, CalamineWorkbook

from consolidate.intake.plain_files import read_own
from consolidate.model.cells import Cell, raw_text
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.text import name_key, tidy
from consolidate.model.units import KIND_LEVELS, Level, UnitKind
from consolidate.province.book_columns import BookTable
from consolidate.xlsx.read.package_gate import Limits, Refused
from consolidate.xlsx.read.read_workbook import open_checked

_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_BEFORE = re.compile(r"trước(ngày)?")


@dataclass(slots=True)
class TableRow:
    """One row of a table: ``number`` as Excel counts it, its cells by the keys of the columns.

    Several columns may fill one field (``Tên khác``, ``Tên viết tắt``). What is found wrong with
    it goes to ``problems``; ``about`` stands in every reason beside its number.
    """

    number: int
    cells: Mapping[str, tuple[Cell, ...]]
    table: BookTable
    problems: list[Reason] = field(default_factory=list)
    about: dict[str, object] = field(default_factory=dict)

    @property
    def blank(self) -> bool:
        """Whether no field says anything."""
        return not any(self.text(field) for field in self.cells)

    def text(self, field: str) -> str:
        """Return the field as text, ``""`` for a blank and for a column that is not there."""
        return next(filter(None, self._texts(field)), "")

    def items(self, field: str) -> tuple[str, ...]:
        """Return the parts of a field that stand between any of the separators of its column."""
        divider = f"[{self.table.by_key[field].separators}]"
        parts = [re.split(divider, text) for text in self._texts(field)]
        return tuple(item.strip() for part in parts for item in part if item.strip())

    def cell(self, field: str) -> Cell:
        """Return the first cell of the field that says something, as the workbook holds it."""
        return next((cell for cell in self.cells.get(field, ()) if tidy(raw_text(cell))), "")

    def day(self, field: str) -> date | None:
        """Read the field as a day: a date cell or a text ``dd/mm/yyyy``; else ``None``."""
        content = self.cell(field)
        if isinstance(content, datetime):
            return content.date()
        if isinstance(content, date):
            return content
        return _typed_day(self.text(field))

    def points(self, field: str) -> Decimal | None:
        """Return the field as points, 0 or more; ``None`` for anything else."""
        try:
            points = Decimal(self.text(field).replace(",", "."))
        except InvalidOperation:
            return None
        return points if points.is_finite() and points >= 0 else None

    def day_before(self, field: str) -> date | None:
        """Read "trước dd/mm/yyyy" as the day before that one; ``None`` for anything else."""
        typed = self.text(field).casefold().replace(" ", "")
        said = _BEFORE.match(typed)
        day = _typed_day(typed[said.end() :]) if said is not None else None
        return day - timedelta(days=1) if day is not None else None

    def problem(self, key: str, **values: object) -> None:
        """Add what is wrong."""
        self.problems.append(because(key, row=self.number, **self.about, **values))

    def asked_day(self, field: str, wrong: str) -> date | None:
        """Read a day, ``None`` for a blank; ``wrong`` is the key for a text that is no day."""
        day, shown = self.day(field), self.text(field)
        if day is None and shown:
            self.problem(wrong, found=shown)
        return day

    def kind(self, level: Level | None, wrong: str, elsewhere: str) -> UnitKind | None:
        """Read the kind of a unit; ``elsewhere`` is the key for one that is of another level."""
        shown = self.text("kind")
        kind = UnitKind.parse(shown)
        if kind is None:
            known = ", ".join(f"“{item.label}”" for item in UnitKind if item.label)
            self.problem(wrong, kind=shown, known=known)
        elif level is not None and KIND_LEVELS.get(kind, level) is not level:
            self.problem(elsewhere, kind=kind.label, level=level.label)
        return kind

    def _texts(self, field: str) -> list[str]:
        return [tidy(raw_text(cell)) for cell in self.cells.get(field, ())]


def _typed_day(text: str) -> date | None:
    match = _DAY.fullmatch(text.replace(" ", ""))
    try:
        return date(*map(int, reversed(match.groups()))) if match is not None else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Table:
    """A table below its header row, blank rows left out, and what stands above it.

    ``columns`` gives the first zero-based column of each field; ``spans`` are first and last row,
    as Excel counts them, of cells that are merged across rows of it.
    """

    above: tuple[tuple[Cell, ...], ...]
    rows: tuple[TableRow, ...]
    sheet: str = ""
    columns: Mapping[str, int] = field(default_factory=dict)
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def head(self) -> int:
        """Number of its header row, as Excel counts it."""
        return len(self.above) + 1

    def labelled(self, label: str) -> str:
        """Return the text in the cell to the right of a label above the table, ``""`` for none."""
        for row in self.above:
            for cell, following in pairwise(row):
                if name_key(raw_text(cell)) == name_key(label):
                    return tidy(raw_text(following))
        return ""


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """The cells of a sheet; ``merged`` are first and last row of cells over several: from 0."""

    rows: list[list[Cell]]
    merged: tuple[tuple[int, int], ...] = ()
    name: str = ""


def sheets_of(source: Path | bytes, unreadable: Reason) -> dict[str, KeptSheet]:
    """Return the sheets of a workbook by name.

    Raises:
        UserError: it is no workbook that can be opened, for the reason that is given; or one that
            is refused as a return would be: larger, or inflating further, than any honest one.
    """
    limits = Limits()
    data = source if isinstance(source, bytes) else bytes_of(source, unreadable)
    with _refused(unreadable):
        return open_checked(data, limits, _sheets)


def bytes_of(path: Path, unreadable: Reason) -> bytes:
    """Read the bytes of a book.

    Raises:
        UserError: as :func:`sheets_of`.
    """
    with _refused(unreadable):
        return read_own(path, Limits().file_size)


@contextlib.contextmanager
def _refused(unreadable: Reason) -> Iterator[None]:
    """Say of a book that it cannot be opened, or must not be."""
    try:
        yield
    except (OSError, MemoryError):
        raise UserError((unreadable,)) from None
    except ValueError:
        raise UserError((_unsafe(unreadable),)) from None
    except Refused as refused:
        hostile = refused.reason.key.removeprefix("intake.") in _HOSTILE
        raise UserError((_unsafe(unreadable) if hostile else unreadable,)) from None


_HOSTILE = ("too_large", "too_many_parts", "bomb", "too_many_cells", "too_many_cells_binary")
"""Why the gate refuses a package that could take all the memory of the machine."""


def _unsafe(unreadable: Reason) -> Reason:
    return because("kept.unsafe", file=unreadable.value("file"))


def _sheets(book: CalamineWorkbook) -> dict[str, KeptSheet]:
    return {name: _sheet(book.get_sheet_by_name(name), name) for name in book.sheet_names}


def _sheet(sheet: CalamineSheet, name: str) -> KeptSheet:
    ranges = sheet.merged_cell_ranges or []  # None where the format cannot tell.
    merged = [(start[0], end[0]) for start, end in ranges if end[0] > start[0]]
    return KeptSheet(list(sheet.to_python(skip_empty_area=False)), tuple(merged), name)


def read_table(path: Path, kind: BookTable) -> Table:
    """Read the table of a book, from the first sheet of a workbook that has it.

    Raises:
        UserError: the workbook cannot be opened or has no such table; rows of it are merged.
    """
    sheets = sheets_of(path, because(kind.unreadable, file=path.name))
    return table_in(sheets.values(), path.name, kind)


def table_in(sheets: Iterable[KeptSheet], source: str, kind: BookTable) -> Table:
    """Find the table of a book in the first sheet that has it; ``source`` is their file.

    Raises:
        UserError: none has it; rows of it are merged.
    """
    table = find_table(sheets, kind)
    if table is None:
        raise UserError((absent(source, kind),))
    if kind.merged and table.spans:
        # Only the first of its rows has what is in it: every row after it would say less.
        raise UserError(tuple(because(kind.merged, first=a, last=b) for a, b in table.spans))
    return table


def absent(source: str, kind: BookTable) -> Reason:
    """Explain why a file is refused that has no table of a book."""
    return because(kind.absent, file=source, sheet=because(f"kept.{kind.name}.sheet"))


def find_table(sheets: Iterable[KeptSheet], kind: BookTable) -> Table | None:
    """Find the table of a book in the first of some sheets that has it; ``None`` without one."""
    return next(filter(None, (_table(sheet, kind) for sheet in sheets)), None)


def _table(sheet: KeptSheet, kind: BookTable) -> Table | None:
    """Return the table below the first row that heads every required column."""
    for index, row in enumerate(sheet.rows):
        places: dict[str, list[int]] = {}
        for column, cell in enumerate(row):
            field = kind.headings.get(name_key(raw_text(cell)))
            if field is not None:
                places.setdefault(field, []).append(column)
        if places.keys() >= kind.required:
            return Table(
                tuple(tuple(above) for above in sheet.rows[:index]),
                tuple(_rows(sheet.rows, index + 1, places, kind)),
                sheet.name,
                {field: found[0] for field, found in places.items()},
                tuple(sorted({(top + 1, end + 1) for top, end in sheet.merged if end > index})),
            )
    return None


def _rows(
    rows: list[list[Cell]], first: int, places: Mapping[str, list[int]], kind: BookTable
) -> Iterator[TableRow]:
    for number, row in enumerate(rows[first:], first + 1):
        cells = {
            field: tuple(row[column] for column in columns if column < len(row))
            for field, columns in places.items()
        }
        made = TableRow(number, cells, kind)
        if not made.blank:
            yield made
