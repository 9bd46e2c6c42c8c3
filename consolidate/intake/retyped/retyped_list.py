"""The body of an open table that was typed anew: from under its header to what ends it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from consolidate.intake.retyped.headers import NUMBER, Header, numbers_columns, sections
from consolidate.model.anchors import OPEN_END, OPEN_ROW
from consolidate.model.datasets import DataSet
from consolidate.model.raw_cells import Cell, raw_text
from consolidate.model.text import name_key
from consolidate.xlsx.read.grid import Grid

_TOTALS = frozenset({"tổng cộng", "cộng", "tổng", "tổng số", "tổng cộng chung"})
_SIGNATURE = re.compile(
    r"(người )?lập (biểu|bảng|báo cáo)|người lập|nơi nhận.*|thủ trưởng( cơ quan| đơn vị)*"
    r"|.*ghi rõ họ( và)? tên|(tm|kt|tl|tuq|q) .*|(phó |quyền )?(giám đốc|chủ tịch|trưởng phòng)"
)
_DAY = re.compile(r"(.{0,40} )?ngày .{0,12}tháng .{0,12}năm.{0,12}")
_NUMBER = re.compile(r"\(?(\d{1,4})[.)]*")


@dataclass(frozen=True, slots=True)
class OpenPart:
    """One header of an open table and its body. ``places`` are the codes that locate it.

    ``first`` and ``last`` are the running numbers of its first and last row, ``None`` when it has
    none; ``filled`` says that a row holds anything; ``unread`` are filled cells below the body.
    """

    grid: Grid
    header: Header
    places: Mapping[str, int]
    first: int | None
    last: int | None
    filled: bool
    unread: tuple[tuple[int, int], ...]


def open_parts(grid: Grid, data_set: DataSet) -> list[OpenPart]:
    """Every table of a sheet under a header of the data set, from the top down."""
    return [_part(grid, header, end) for header, end in sections(grid, data_set)]


def _part(grid: Grid, header: Header, limit: int) -> OpenPart:
    columns = sorted(set(header.columns.values()))
    number = header.marks.get(NUMBER)
    start = header.bottom + 1
    if start < limit and numbers_columns(grid.rows[start]):
        start += 1
    end, gap = start, False
    for row in range(start, limit):
        cells = [grid.get(row, column) for column in columns]
        running = _running(grid.get(row, number)) if number is not None else None
        if all(cell == "" for cell in cells) and running is None:
            if _ends(grid.rows[row], None):
                break
            gap = True
            continue
        if _ends(grid.rows[row], running) or (gap and running is None):
            break
        end, gap = row + 1, False
    numbers = [
        found
        for row in range(start, end)
        if number is not None and (found := _running(grid.get(row, number))) is not None
        if any(grid.get(row, column) != "" for column in columns)
    ]
    filled = any(grid.get(row, at) != "" for row in range(start, end) for at in columns)
    unread = [
        (row, at)
        for row in range(end, limit)
        if sum(1 for column in columns if grid.get(row, column) != "") >= 2
        and not _ends(grid.rows[row], None)
        for at in columns
        if grid.get(row, at) != ""
    ]
    return OpenPart(
        grid,
        header,
        {OPEN_ROW: start, OPEN_END: end},
        numbers[0] if numbers else None,
        numbers[-1] if numbers else None,
        filled,
        tuple(unread),
    )


def _running(cell: Cell) -> int | None:
    """The running number of a row."""
    match = _NUMBER.fullmatch(raw_text(cell).strip())
    return int(match.group(1)) if match is not None else None


def _ends(row: list[Cell], running: int | None) -> bool:
    """Whether a row is a total, or belongs to the signatures below the table."""
    keys = [name_key(cell) for cell in row if isinstance(cell, str) and cell]
    if running is not None or not keys:
        return False
    if any(key in _TOTALS for key in keys[:2]):
        return True
    filled = sum(1 for cell in row if cell != "")
    if filled == 1 and _DAY.fullmatch(keys[0]):
        return True
    return filled <= 3 and any(_SIGNATURE.fullmatch(key) for key in keys)
