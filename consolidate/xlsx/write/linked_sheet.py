"""Sheets with a link in every cell: written at once, those to one file sharing one relation.

XlsxWriter keeps an object for every cell and asks each of them again when it writes; a sheet that
says where every figure of every unit is from has more than a hundred thousand. There is no public
way past that which leaves shared texts and links, so names of its own are used here and nowhere
else; ``tests/xlsx/test_linked_sheet.py`` holds it against what XlsxWriter makes of the same cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any, NamedTuple, TextIO

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from consolidate.model.cells import CellRef, column_letters

Content = str | float | None
"""What a cell says; ``None`` is a blank."""


class CellFormula(NamedTuple):
    """A formula without its equals sign, and the text that it gives."""

    text: str
    shown: str


class Own(NamedTuple):
    """A text that stands in this cell alone, so that it is worth no shared one; letters, digits."""

    text: str


_SIMPLE = ("String", "Number", "Blank")
_ESCAPED_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


class LinkedSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types.
    """A worksheet of XlsxWriter that takes tens of thousands of links.

    Its own way takes for a link as long as for ten cells, and a relation for each. Any cell may
    lead somewhere, a number and a formula too; what it says is written as ever.
    """

    fh: TextIO
    outline_row_level: int
    dim_rowmin: int | None
    dim_rowmax: int | None

    def __init__(self) -> None:
        super().__init__()
        self._ways: list[tuple[int, int, str, str]] = []
        self._lines: list[str] = []
        self._last_line = -1

    def write_line(
        self,
        row: int,
        cells: Iterable[tuple[int, Content | CellFormula | Own, Format]],
        level: int = 0,
    ) -> None:
        """Write a whole row of columns, contents and looks, behind all rows that were written.

        Columns ascend. Nothing is asked of a text or number, and no cell is kept as an object. A
        row that no sheet has room for is left out.

        Raises:
            ValueError: the row is not behind the one that was written so before.
        """
        if row <= self._last_line:
            raise ValueError(f"row {row} behind {self._last_line}")
        if row >= self.xls_rowmax:
            return
        self._last_line = row
        self.outline_row_level = max(self.outline_row_level, level)
        column = 0
        number, shared = row + 1, self.str_table._get_shared_string_index
        parts = [f'<row r="{number}" outlineLevel="{level}">' if level else f'<row r="{number}">']
        for column, content, look in cells:
            start = f'<c r="{column_letters(column)}{number}" s="{look._get_xf_index()}"'
            if content is None:
                parts.append(f"{start}/>")
            elif isinstance(content, Own):
                parts.append(f'{start} t="inlineStr"><is><t>{content.text}</t></is></c>')
            elif isinstance(content, str):
                parts.append(f'{start} t="s"><v>{shared(content)}</v></c>')
            elif isinstance(content, CellFormula):
                told = content.text.translate(_ESCAPED_TEXT), content.shown.translate(_ESCAPED_TEXT)
                parts.append(f'{start} t="str"><f>{told[0]}</f><v>{told[1]}</v></c>')
            else:
                parts.append(f"{start}><v>{content:.16G}</v></c>")
        self._check_dimensions(row, column, ignore_row=self.dim_rowmin is not None)
        parts.append("</row>")
        self._lines.append("".join(parts))

    def write_content(self, row: int, column: int, content: Content, look: Format) -> None:
        """Write a text, a number or a blank as it stands; nothing is asked of its arguments."""
        if content is None:
            self._write_blank(row, column, None, look)
        elif isinstance(content, str):
            self._write_string(row, column, content, look)
        else:
            self._write_number(row, column, content, look)

    def lead(self, row: int, column: int, cell: CellRef) -> None:
        """Let a cell lead to another of this workbook."""
        self._ways.append((row, column, "", cell.quoted))

    def lead_out(self, row: int, column: int, target: str) -> None:
        """Let a cell lead to a file, or to a cell of it: ``external:<path>#<cell>``, escaped."""
        path, _, place = target.removeprefix("external:").partition("#")
        self._ways.append((row, column, path.replace("/", "\\"), place))

    def _write_rows(self) -> None:
        """Write the rows that XlsxWriter knows, then the whole lines behind them."""
        super()._write_rows()
        self.fh.writelines(self._lines)
        self._lines.clear()

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
        file, self.fh = self.fh, StringIO()
        super()._write_hyperlinks()
        usual, self.fh = self.fh.getvalue(), file
        usual = usual.removeprefix("<hyperlinks>").removesuffix("</hyperlinks>")
        if usual or self._ways:
            self.fh.write(f"<hyperlinks>{usual}{''.join(self._written())}</hyperlinks>")

    def _written(self) -> Iterator[str]:
        relations: dict[str, int] = {}
        for row, column, path, place in self._ways:
            at = f'<hyperlink ref="{column_letters(column)}{row + 1}"'
            if path:
                if path not in relations:
                    self.rel_count += 1
                    relations[path] = self.rel_count
                    self.external_hyper_links.append(["/hyperlink", path, "External"])
                at += f' r:id="rId{relations[path]}"'
            where = f' location="{place.translate(_ESCAPED)}"' if place else ""
            yield f"{at}{where}/>"
