"""Sheets with a link in every cell: written at once, those to one file sharing one relation."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any, TextIO

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from consolidate.model.cells import CellRef, column_letters

_SIMPLE = ("String", "Number", "Blank")
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


class LinkedSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types.
    """A worksheet of XlsxWriter that takes tens of thousands of links.

    Its own way takes for a link as long as for ten cells, and a relation for each. Any cell may
    lead somewhere, a number and a formula too; what it says is written as ever.
    """

    fh: TextIO

    def __init__(self) -> None:
        super().__init__()
        self._ways: list[tuple[int, int, str, str]] = []

    def lead(self, row: int, column: int, cell: CellRef) -> None:
        """Let a cell lead to another of this workbook."""
        self._ways.append((row, column, "", cell.quoted))

    def lead_out(self, row: int, column: int, target: str) -> None:
        """Let a cell lead to a file, or to a cell of it: ``external:<path>#<cell>``, escaped."""
        path, _, place = target.removeprefix("external:").partition("#")
        self._ways.append((row, column, path.replace("/", "\\"), place))

    def write_text(self, row: int, column: int, text: str, look: Format) -> None:
        """Write a text as it stands; nothing is asked of its arguments."""
        self._write_string(row, column, text, look)

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
