"""Collect what a file says about its unit, its period and when it was saved: cover and beside it.

Headings are collected only when the cover is silent, so that an ordinary return pays nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from consolidate.intake.locate_sheets import is_added
from consolidate.model.anchors import CODE_COLUMN, CODE_ROW, STAMP_SHEET
from consolidate.model.period import DataWindow, Period
from consolidate.model.returns import DataSetReturn
from consolidate.model.text import name_key
from consolidate.xlsx.read.grid import Grid

_DEEPEST = 25
"""Rows at the top of a sheet in which a heading is looked for."""
_MOST, _LONGEST = 60, 300
"""Headings of a workbook at most, and characters of one."""
_TABLE = frozenset({"stt", "tt", "ms", "số tt", "mã số", "chỉ tiêu", "nội dung", "thông tin"})
"""Texts of the first cell of the head of a table, as ``name_key`` gives them."""


def heading_lines(sheets: Sequence[Grid], codes: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """List the texts above the tables of all sheets in reading order, each once.

    A text that ends with a colon is joined with the next cell of its row. Codes of our own sheets
    (those whose A1 is one of ``codes``) and lists that the program added are left out.
    """
    found: dict[str, None] = {}
    for sheet in sheets:
        if sheet.name == STAMP_SHEET or len(found) >= _MOST or is_added(sheet):
            continue  # What we wrote about a file says nothing about whose it is.
        for line in _lines(sheet, ours=sheet.text(0, 0) in codes):
            found[line] = None
    return tuple(found)[:_MOST]


def _lines(sheet: Grid, *, ours: bool) -> Iterator[str]:
    first = (CODE_ROW + 1, CODE_COLUMN + 1) if ours else (0, 0)
    for row in sheet.rows[first[0] : _DEEPEST]:
        texts = [str(cell).strip() for cell in row[first[1] :] if cell != ""]
        if any(name_key(text) in _TABLE for text in texts[:3] if len(text) < 20):
            return
        waiting = ""
        for text in texts:
            line, waiting = f"{waiting} {text}".strip()[:_LONGEST], ""
            if text.endswith(":"):
                waiting = line
            elif any(letter.isalpha() for letter in line):
                yield line


def file_words(name: str) -> str:
    """Take the words of a file name without its folder and ending; they may name the period."""
    stem = name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
    return stem.replace("_", " ")


DATED = ("period_type", "period_year", "window_from", "window_to", "revision")
"""Fields of the cover on which :func:`period_of`, :func:`window_of`, :func:`revision_of` depend."""


def period_of(cover: DataSetReturn) -> Period | None:
    """Read the period chosen on the cover; ``None`` when its type or year is missing."""
    for value in cover.values:
        if value.key.element == "period_type" and isinstance(value.value, str):
            return Period.parse_text(value.value, _number(cover, "period_year"))
    return None


def window_of(cover: DataSetReturn) -> DataWindow | None:
    """Read the first and last day that the figures cover; ``None`` unless both are given."""
    days = {value.key.element: value.value for value in cover.values if value.value is not None}
    start, end = days.get("window_from"), days.get("window_to")
    if not isinstance(start, date) or not isinstance(end, date):
        return None
    return DataWindow(start, end)


def revision_of(cover: DataSetReturn) -> int:
    """Read which sending this is ("Lần gửi"), 1 when the cover does not say."""
    return _number(cover, "revision") or 1


def _number(cover: DataSetReturn, element: str) -> int | None:
    for value in cover.values:
        if value.key.element == element and value.number is not None:
            return int(value.number)
    return None
