"""Write workbooks of very many cells: parts compressed while they are made, rows and links as text.

XlsxWriter keeps an object for every cell and asks each of them again when it writes; a sheet that
says where every figure of every unit is from has more than a hundred thousand. It makes every part
as one text, or as a file that a killed program leaves behind. There is no public way past that
which leaves shared texts and links, so names of its own are used here and nowhere else;
``tests/xlsx/test_streamed_workbook.py`` holds it against what XlsxWriter makes of the same cells:
parts stand in the same order and with the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO, TextIOWrapper
from typing import IO, Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStringTable
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from consolidate.model.cells import CellRef, column_letters
from consolidate.xlsx.write.atomic_files import ZIP_EPOCH

Content = str | float | None
"""What a cell says; ``None`` is a blank."""


class CellFormula(NamedTuple):
    """A formula without its equals sign, and the text that it gives."""

    text: str
    shown: str


class Own(NamedTuple):
    """A text that stands in this cell alone, so that it is worth no shared one; letters, digits."""

    text: str


Line = tuple[int, str]
"""The number of a row, counted from 0; the row, or it and rows right below (:func:`row_at`)."""

ROW = "\0"
"""Stands for the number of the row in the text of a cell; no text may hold it."""
_AT_ONCE = 1 << 16
"""Letters of rows that are handed on together."""
_LINKS = 1_000
"""Links that are."""
_SIMPLE = ("String", "Number", "Blank")
_SHARED = ' t="s"'
_ESCAPED_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def cell_at(column: int, made: str) -> str:
    """Give a cell as :meth:`LinkedSheet.made` makes it its column; it may stand in any row."""
    return f'<c r="{column_letters(column)}{ROW}"{made}'


def row_at(row: int, made: str) -> str:
    """Give a row as :meth:`LinkedSheet.line` makes it its number, counted from 0."""
    return made.replace(ROW, str(row + 1))


class LinkedSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types.
    """A worksheet of XlsxWriter that takes tens of thousands of links.

    Its own way takes for a link as long as for ten cells, and a relation for each. Any cell may
    lead somewhere, a number and a formula too; what it says is written as ever.
    """

    fh: StreamedPart
    dim_rowmax: int | None
    outline_row_level: int

    def __init__(self) -> None:
        super().__init__()
        self._links: list[str] = []
        self._relations: dict[str, str] = {}
        self._escaped: dict[str, str] = {}
        self._locations: dict[str, str] = {}
        self._rests: dict[int, str] = {}
        self._lines: Iterator[Line] = iter(())
        self._next: Line | None = None
        self._last_line = 0
        self._begun = -1

    def made(self, content: Content | CellFormula | Own, look: Format) -> str:
        """Make the text of a cell, without its address, for as many cells as say the same.

        It has one letter for each byte of UTF-8: such texts are put together and written in half
        the time that others take.
        """
        start = f' s="{look._get_xf_index()}"'
        if content is None:
            return f"{start}/>"
        if isinstance(content, str):
            number = self.str_table._get_shared_string_index(content)
            self.str_table.count -= 1  # Counted once it stands in a cell.
            return f"{start}{_SHARED}><v>{number}</v></c>"
        if isinstance(content, Own):
            return f'{start} t="inlineStr"><is><t>{content.text}</t></is></c>'
        if isinstance(content, CellFormula):
            told = content.text.translate(_ESCAPED_TEXT), content.shown.translate(_ESCAPED_TEXT)
            made = f'{start} t="str"><f>{told[0]}</f><v>{told[1]}</v></c>'
            return made.encode().decode("latin-1")
        return f"{start}><v>{content:.16G}</v></c>"

    def write_rest(self, row: int, last: int, cells: str) -> None:
        """Write the rest of a row: cells behind all that are written one by one.

        Args:
            row: a row with cells that were written.
            last: the last column.
            cells: the cells, as :func:`cell_at` makes them; columns ascend.

        Raises:
            ValueError: no cell of the row was written before, or the rest was.
        """
        if not self.table.get(row) or row in self._rests:
            raise ValueError(f"row {row} has no beginning, or an end")
        self._check_dimensions(row, last)
        self._rests[row] = self._addressed(row, cells)

    def line(self, cells: str, level: int = 0, height: float | None = None) -> str:
        """Make a whole row of cells as :func:`cell_at` makes them (columns ascend).

        It may be used for as many rows as say the same (:func:`row_at`). ``level`` is how deep it
        folds, ``height`` is in points.
        """
        look = "" if height is None else self._height(height)
        fold = f'{look} outlineLevel="{level}"' if level else look
        return f'<row r="{ROW}"{fold}>{cells}</row>'

    def write_lines(
        self, first: int, count: int, width: int, lines: Iterable[Line], *, folds: int = 0
    ) -> None:
        """Write whole rows, one by one, when the workbook is closed, between and behind others.

        No row is kept. ``lines`` may lead cells of its rows somewhere while it makes them. Rows
        that no sheet has room for are not asked for; several that are given together must have it.

        Args:
            first: the first row.
            count: how many rows there are from the first to the last of them.
            width: how many columns they take.
            lines: the rows; their numbers ascend.
            folds: how deep they fold at most.
        """
        self._last_line = min(first + count, self.xls_rowmax) - 1
        self._lines = iter(lines)
        self.outline_row_level = max(self.outline_row_level, folds)
        self._check_dimensions(first, width - 1, ignore_row=self.dim_rowmin is not None)

    def lead(self, row: int, column: int, cell: CellRef) -> None:
        """Let a cell lead to another of this workbook."""
        self.lead_to(row, column, cell.sheet, cell.a1)

    def lead_to(self, row: int, column: int, sheet: str, address: str) -> None:
        """Let a cell lead to a sheet of this workbook, at an address without the sheet."""
        self.lead_by([(f"{column_letters(column)}{row + 1}", self.way_to(sheet, address))])

    def lead_by(self, ways: Iterable[tuple[str, str]]) -> None:
        """Let cells, by their addresses, lead where :meth:`way_to` or :meth:`way_out` say."""
        self._links += [f'<hyperlink ref="{at}"{way}/>' for at, way in ways]

    def way_to(self, sheet: str, address: str) -> str:
        """Make the part of a link that leads to an address of a sheet of this workbook."""
        quoted = self._escaped.get(sheet)
        if quoted is None:
            quoted = CellRef(sheet, 0, 0).quoted.removesuffix("A1").translate(_ESCAPED)
            self._escaped[sheet] = quoted
        return f' location="{quoted}{address}"'

    def way_out(self, target: str, place: str = "") -> str:
        """Make that of a link to a file, or to a ``place`` in it: ``external:<path>``, escaped."""
        relation = self._relations.get(target)
        if relation is None:
            self.rel_count += 1
            relation = self._relations[target] = f' r:id="rId{self.rel_count}"'
            path = target.removeprefix("external:").replace("/", "\\")
            self.external_hyper_links.append(["/hyperlink", path, "External"])
        if not place:
            return relation
        where = self._locations.get(place)
        if where is None:
            where = self._locations[place] = f' location="{place.translate(_ESCAPED)}"'
        return relation + where

    def follow(self, row: int, column: int, target: str) -> None:
        """Let a cell lead where ``internal:<cell>`` or ``external:<path>#<cell>`` says."""
        if target.startswith("internal:"):
            sheet, _, address = target.removeprefix("internal:").rpartition("!")
            self.lead_to(row, column, sheet[1:-1].replace("''", "'"), address)
        else:
            path, _, place = target.partition("#")
            self.lead_by([(f"{column_letters(column)}{row + 1}", self.way_out(path, place))])

    def _addressed(self, row: int, cells: str) -> str:
        self.str_table.count += cells.count(_SHARED)
        return cells.replace(ROW, str(row + 1))

    def _calculate_spans(self) -> None:
        """Tell how far rows go where XlsxWriter knows it; nobody has to be told."""
        self.row_spans: dict[int, str] = {}
        if not self._rests:
            super()._calculate_spans()

    def _write_row(self, row: int, *told: object, **more: object) -> None:
        self._write_lines_to(row)
        self._begun = row
        super()._write_row(row, *told, **more)

    def _xml_end_tag(self, tag: str) -> None:
        """End an element; a row has its rest before its end."""
        if tag == "row" and self._rests:
            self.fh.write_bytes(self._rests.pop(self._begun, "").encode("latin-1"))
        super()._xml_end_tag(tag)

    def _write_rows(self) -> None:
        """Write the rows that XlsxWriter knows, the whole lines between and behind them."""
        self._next = next(self._lines, None)
        super()._write_rows()
        self._write_lines_to(self._last_line + 1)

    def _write_lines_to(self, end: int) -> None:
        """Write the whole lines that stand before a row."""
        if self._next is None or self._next[0] >= end:
            return
        first, line = self._next
        made, size = [line], len(line)
        self._next = None
        for row, line in self._lines if first < self._last_line else ():
            if row >= end:
                self._next = row, line
                break
            made.append(line)
            size += len(line)
            if size > _AT_ONCE:
                self._write_made(made)
                size = 0
            if row >= self._last_line:
                break
        self._write_made(made)

    def _write_made(self, lines: list[str]) -> None:
        made = "".join(lines)
        self.str_table.count += made.count(_SHARED)
        self.fh.write_bytes(made.encode("latin-1"))
        lines.clear()

    def _height(self, points: float) -> str:
        """How XlsxWriter says that a row has a height: in whole pixels, unless it is the usual."""
        pixels = int(points * 4 / 3 + 0.5)
        usual = pixels == self.original_row_height
        return "" if usual else f' ht="{pixels * 0.75:.16g}" customHeight="1"'

    def _write_dimension(self) -> None:
        """Write how far the cells go, whole lines included."""
        known, self.dim_rowmax = self.dim_rowmax, max(self.dim_rowmax or 0, self._last_line)
        super()._write_dimension()
        self.dim_rowmax = known

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        """Write a cell; texts, numbers and blanks with a look are written in one go."""
        kind, look = type(cell).__name__, cell.format
        if not look or kind not in _SIMPLE:
            super()._write_cell(row, col, cell)
            return
        start = f'<c r="{column_letters(col)}{row + 1}" s="{look._get_xf_index()}"'
        if kind == "String":
            self.fh.write(f'{start} t="s"><v>{cell.string}</v></c>')
        elif kind == "Number":
            self.fh.write(f"{start}><v>{cell.number:.16G}</v></c>")
        else:
            self.fh.write(f"{start}/>")

    def _write_hyperlinks(self) -> None:
        """Write the links that are made in the usual way, and ours behind them."""
        file, usual_links = self.fh, StringIO()
        self.fh = usual_links  # type: ignore[assignment]  # XlsxWriter writes texts only.
        super()._write_hyperlinks()
        self.fh, usual = file, usual_links.getvalue()
        usual = usual.removeprefix("<hyperlinks>").removesuffix("</hyperlinks>")
        if usual or self._links:
            self.fh.write(f"<hyperlinks>{usual}")
            for first in range(0, len(self._links), _LINKS):
                self.fh.write("".join(self._links[first : first + _LINKS]))
            self.fh.write("</hyperlinks>")
            self._links.clear()


class StreamedWorkbook(Workbook):  # type: ignore[misc]  # XlsxWriter has no types.
    """A workbook of XlsxWriter that writes each part straight into the package."""

    def __init__(
        self,
        target: IO[bytes],
        options: dict[str, Any],
        *,
        locked: bool = False,
        level: int | None = None,
    ) -> None:
        """Make an empty workbook.

        Args:
            target: where the bytes go when it is closed; it must be seekable.
            options: those of XlsxWriter.
            locked: whether its structure is, without a password (XlsxWriter locks sheets only).
            level: how hard it is compressed, 1 to 9; ``None`` for as hard as XlsxWriter does it.
        """
        super().__init__(BytesIO(), {**options, "in_memory": True})
        self._target = target
        self._locked = locked
        self._level = level
        self.str_table = _Texts()

    def _write_workbook_pr(self) -> None:
        super()._write_workbook_pr()
        if self._locked:  # ECMA-376 part 1, 18.2.29.
            self._xml_empty_tag("workbookProtection", [("lockStructure", 1)])

    def _get_packager(self) -> Packager:
        return _Packager(self._target, self._level)


class _Texts(SharedStringTable):  # type: ignore[misc]  # XlsxWriter has no types.
    """Shared texts that may grow while sheets are written."""

    def _sort_string_data(self) -> None:
        """List the texts, which stand in the order of their numbers; more may come."""
        self.string_array = list(self.string_table)


class StreamedPart(StringIO):
    """A part that is written; XlsxWriter takes it for a text in memory."""

    def __init__(self, stream: TextIOWrapper) -> None:
        super().__init__()
        self._stream = stream
        self.write = stream.write  # type: ignore[method-assign]  # One call less for each piece.
        self.writelines = stream.writelines  # type: ignore[method-assign]  # As above.

    def write_bytes(self, made: bytes) -> None:
        """Write what is encoded already, behind all that was written."""
        self._stream.flush()
        self._stream.buffer.write(made)


class _Packager(Packager):  # type: ignore[misc]  # XlsxWriter has no types.
    """Writes one part after the other: each is begun when the one before it is done."""

    def __init__(self, target: IO[bytes], level: int | None) -> None:
        super().__init__()
        self._package = ZipFile(target, "w", ZIP_DEFLATED, compresslevel=level)
        self._stream: TextIOWrapper | None = None

    def _filename(self, xml_filename: str) -> StreamedPart:
        self._end_part()
        part = self._package.open(xml_filename, "w")  # Without a time: that of the epoch.
        self._stream = TextIOWrapper(part, "utf-8", newline="")
        return StreamedPart(self._stream)

    def _end_part(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def _write_shared_strings_file(self) -> None:
        self.workbook.str_table._sort_string_data()
        super()._write_shared_strings_file()

    def _create_package(self) -> list[Any]:
        """Write the package whole; nothing is left for XlsxWriter to put into one."""
        pictures = super()._create_package()
        self._end_part()
        for data, name, _ in pictures:
            self._package.writestr(ZipInfo(name, ZIP_EPOCH), data.getvalue(), ZIP_DEFLATED)
        self._package.close()
        return []
